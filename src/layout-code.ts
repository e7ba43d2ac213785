/** Code for the fields of one layout, made where code may be made (see `made-code`): a loop over fields of any kind asks of each what is known here. */
import type { Field } from "./content-layout.js";
import { FieldKind } from "./field-kind.js";
import { makeCode } from "./made-code.js";
import type { Shape } from "./shape.js";
import type { TableShapes } from "./table-shapes.js";

/** Writes the words of a table's fields from an index on; answers the octets of those that may be anything, -1 where the table is not of the layout. */
export type WriteFields = (table: object, words: Int32Array, at: number, wide: boolean) => number;

/** Functions that are made in all: each takes memory for good. */
const MOST = 512;
let made = 0;

function linesOf({ key, kind, value, place }: Field, i: number): string {
  const read = `v = table[${JSON.stringify(key)}];`;
  const to = `at + ${place}`;
  if (kind === FieldKind.SAME) return `${read} if (v !== ${JSON.stringify(value)}) return -1;`;
  if (kind === FieldKind.SMALL)
    return `${read} if (typeof v !== "number" || v << 24 >> 24 !== v || (v === 0 && 1 / v < 0)) return -1; words[${to}] = v;`;
  if (kind === FieldKind.BOOLEAN)
    return `${read} if (v === true) words[${to}] = 1; else if (v === false) words[${to}] = 0; else return -1;`;
  return `${read} n = shapes.field(v, fields[${i}], ${to}, wide, 0); if (n < 0) return -1; octets += n;`;
}

/** What writes these fields; `undefined` where no code may be made for them. */
export function writerOf(fields: readonly Field[], shape: Shape, shapes: TableShapes): WriteFields | undefined {
  const last = fields.at(-1)?.key;
  // Own fields come before those of a prototype: where the last one is its own all of them are. What every object has under a name cannot be told from that.
  if (last === undefined || last in Object.prototype || made >= MOST) return undefined;
  // One more than there are fields: no key is equal to it.
  const keys = [...fields.map(({ key }) => key), undefined];
  const lines = [
    "const { keys, fields, shapes, prototype } = r;",
    "return function (table, words, at, wide) {",
    "let i = 0, octets = 0, n = 0, v;",
    "for (const key in table) if (key !== keys[i++]) return -1;",
    `if (i !== ${fields.length} || prototype[${JSON.stringify(last)}] !== undefined) return -1;`,
    ...fields.map(linesOf),
    "return octets;",
    "};",
  ];
  made += 1;
  return makeCode<WriteFields>(lines, { keys, fields: shape.fields.places, shapes, prototype: Object.prototype });
}
