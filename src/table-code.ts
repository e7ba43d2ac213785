/** Code that writes the tables of one shape, made where code may be made (see `made-code`): a loop over fields of any kind asks of each what is nearly always the same. */
import { Codes } from "./made-code.js";
import type { Fields, WriteTable } from "./shape.js";
import type { TableShapes } from "./table-shapes.js";

const codes = new Codes(512);

/** The words of a field: first what its value is likely to be. */
function lineOf(key: string, at: number, value: unknown, i: number): string {
  const to = `at + ${at}`;
  const read = `v = table[${JSON.stringify(key)}]; f = places[${i}];`;
  const other = `if ((n = shapes.field(v, f, ${to}, wide, level)) < 0) return -1; else octets += n;`;
  if (typeof value === "string")
    return `${read} if (v === f.text) { words[${to}] = f.word; octets += f.size; } else ${other}`;
  if (typeof value === "number")
    return `${read} if (typeof v === "number" && v << 24 >> 24 === v && !wide && (v !== 0 || 1 / v > 0)) { words[${to}] = 0x6200 | (v & 0xff); octets += 1; } else ${other}`;
  return `${read} ${other}`;
}

/** What writes tables of this shape, of which one is given; `undefined` where no code may be made for them. */
export function tableWriterOf(
  { shape, places }: Fields,
  table: Readonly<Record<string, unknown>>,
  shapes: TableShapes,
): WriteTable | undefined {
  const last = shape.keys.at(-1);
  // Own fields come before those of a prototype: where the last one is its own all of them are. What every object has under a name cannot be told from that.
  if (last === undefined || last in Object.prototype) return undefined;
  // One more than there are fields: no key is equal to it.
  const keys = [...shape.keys, undefined];
  const lines = [
    "const { keys, places, shapes, objects, prototypeOf } = r;",
    "return function (table, words, at, wide, level) {",
    "let i = 0, octets = 0, n = 0, v, f;",
    "for (const key in table) if (key !== keys[i++]) return -2;",
    `if (i !== ${shape.keys.length}) return -2;`,
    `if (objects[${JSON.stringify(last)}] !== undefined) return -1;`,
    ...shape.keys.map((key, i) => lineOf(key, places[i]!.at, table[key], i)),
    // Behind the fields: an engine then knows what it asks.
    "const prototype = prototypeOf(table);",
    "return prototype === objects || prototype === null ? octets : -1;",
    "};",
  ];
  const { getPrototypeOf } = Object;
  return codes.make<WriteTable>(lines, {
    keys,
    places,
    shapes,
    objects: Object.prototype,
    prototypeOf: getPrototypeOf,
  });
}
