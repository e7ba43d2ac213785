/** Tables of a pattern: what the tape has of them are the values in the pattern's holes. In Node code is made for each pattern, bounded in number; elsewhere a loop does the same. */
import { cloneSource } from "./clone-source.js";
import { placesFor, type TableObject } from "./clone-table.js";
import type { Core } from "./core.js";
import { listOf } from "./list-of.js";
import { Codes } from "./made-code.js";
import type { ValueReaders } from "./table-reader.js";
import { decodedTimestamp } from "./timestamp.js";
import type { FieldValue, Longlong } from "./types.js";

/** Makes the table whose values begin at this word of the tape. */
export type PatternReader = (core: Core, words: Int32Array, at: number) => TableObject;

/** What a pattern has for a value: one that no program can change; that of a timestamp; a hole, its first word and its type; a table, or an array, which has no keys. */
export type PatternValue =
  | { readonly constant: FieldValue }
  | { readonly seconds: Longlong }
  | { readonly slot: number; readonly type: number }
  | PatternTable
  | { readonly elements: readonly PatternValue[] };

export interface PatternTable {
  readonly keys: readonly string[];
  readonly values: readonly PatternValue[];
}

const codes = new Codes(1024);

const S = 0x53;
const T = 0x74;
const TIME = 0x54;
const DOUBLE = 0x64;

/** Types whose values may stand in a hole, beside integers. */
export function fitsHole(type: number): boolean {
  return type === S || type === T || type === TIME || type === DOUBLE;
}

/** A table with a pattern's constants, and a zero where they are none, to be cloned. */
function keptOf({ keys, values }: PatternTable): TableObject {
  const table = cloneSource(keys);
  for (const [i, value] of values.entries()) if ("constant" in value) table[keys[i]!] = value.constant;
  return table;
}

export function makePatternReader(pattern: PatternTable, readers: ValueReaders): PatternReader {
  return code(pattern, readers) ?? loop(pattern, readers);
}

function code(pattern: PatternTable, readers: ValueReaders): PatternReader | undefined {
  const constants: unknown[] = [];
  const constant = (value: unknown) => `c[${constants.push(value) - 1}]`;
  const before: string[] = [];
  const lines: string[] = [];
  let tables = 0;
  let texts = false;
  const hole = (slot: number, type: number): string => {
    const first = `w[at + ${slot}]`;
    const second = `w[at + ${slot + 1}]`;
    if (type === S) {
      texts = true;
      return `(${first} >= 0 ? n[${first}] : undefined) ?? string(core, ${first})`;
    }
    if (type === T) return `${first} !== 0`;
    if (type === TIME) return `r.timestamp(${first}, ${second})`;
    if (type === DOUBLE) return `core.view.getFloat64(4 * (at + ${slot}), true)`;
    return `${first} === ${second} >> 31 ? ${second} : r.integer(${first}, ${second})`;
  };
  const expression = (value: PatternValue): string => {
    if ("constant" in value) return constant(value.constant);
    if ("seconds" in value) return `r.stamp(${constant(value.seconds)})`;
    if ("slot" in value) return hole(value.slot, value.type);
    if ("elements" in value) return `list(${value.elements.map(expression).join(", ")})`;
    const name = tables++;
    // With its keys: what is made of a text that came before has one place of cloning, which should not meet the tables of several patterns.
    before.push(`const k${name} = (${JSON.stringify(value.keys)}, ${constant(keptOf(value))});`);
    lines.push(`const t${name} = { ...k${name}, __proto__: null };`);
    // Keys come from the network: as JSON they are nothing but strings.
    for (const [i, key] of value.keys.entries())
      if (!("constant" in value.values[i]!))
        lines.push(`t${name}[${JSON.stringify(key)}] = ${expression(value.values[i]!)};`);
    return `t${name}`;
  };
  const result = expression(pattern);
  return codes.make<PatternReader>(
    [
      "const c = r.constants, string = r.string, list = r.list;",
      ...before,
      "return function (core, w, at) {",
      texts ? "const n = r.interned();" : "",
      ...lines,
      `return ${result};`,
      "};",
    ],
    { ...readers, constants, stamp: decodedTimestamp, list: listOf },
  );
}

/** What makes the value of a hole, a container or a timestamp. */
type Maker = (core: Core, words: Int32Array, at: number) => FieldValue;

function loop(pattern: PatternTable, readers: ValueReaders): PatternReader {
  const kept = keptOf(pattern);
  const { made } = placesFor(pattern.keys);
  const keys: string[] = [];
  const makers: Maker[] = [];
  for (const [i, value] of pattern.values.entries()) {
    if ("constant" in value) continue;
    keys.push(pattern.keys[i]!);
    makers.push(maker(value, readers));
  }
  return (core, words, at) => {
    const table = made(kept);
    for (let i = 0; i < keys.length; i++) table[keys[i]!] = makers[i]!(core, words, at);
    return table;
  };
}

function maker(value: PatternValue, readers: ValueReaders): Maker {
  if ("constant" in value) return () => value.constant;
  if ("seconds" in value) return () => decodedTimestamp(value.seconds);
  if ("keys" in value) return loop(value, readers);
  if ("elements" in value) {
    const makers = value.elements.map((element) => maker(element, readers));
    return (core, words, at) => makers.map((make) => make(core, words, at));
  }
  const { slot, type } = value;
  if (type === S) return (core, words, at) => readers.string(core, words[at + slot]!);
  if (type === T) return (_, words, at) => words[at + slot] !== 0;
  if (type === TIME) return (_, words, at) => readers.timestamp(words[at + slot]!, words[at + slot + 1]!);
  if (type === DOUBLE) return (core, _, at) => core.view.getFloat64(4 * (at + slot), true);
  return (_, words, at) => readers.integer(words[at + slot]!, words[at + slot + 1]!);
}
