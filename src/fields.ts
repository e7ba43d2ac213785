/** Field tables and arrays: from the tape to values (section 4.2.5.5 and RabbitMQ's errata). */
import type { Core } from "./core.js";
import { Decimal } from "./decimal.js";
import { longString } from "./field.js";
import { signedLonglong, unsignedLonglong } from "./longlong.js";
import { generationOf, latin1, string } from "./strings.js";
import { Timestamp } from "./timestamp.js";
import type { FieldValue } from "./types.js";

/** Words of the head of an outermost table: input offset, octets, number of fields, shape. */
export const TABLE_HEAD = 4;
/** Words of one field. */
export const FIELD_WORDS = 4;

const bits = new DataView(new ArrayBuffer(8));

/** Keys by shape, for one core and one generation of ids. */
interface Shapes {
  generation: number;
  keys: string[][];
}

const shapes = new WeakMap<Core, Shapes>();

/** Where the last outermost table that was read ends on the tape. */
let end = 0;

export function tableEnd(): number {
  return end;
}

/** Passes by a table whose fields were not written to the tape. */
export function skipTable(head: number): void {
  end = head + TABLE_HEAD;
}

/** The table whose head stands at this word. */
export function readTable(core: Core, head: number): { [key: string]: FieldValue } {
  end = head + TABLE_HEAD;
  return readFields(core, core.words[head + 2]!, core.words[head + 3]!);
}

/** The array whose head stands at this word. */
export function readArray(core: Core, head: number): FieldValue[] {
  end = head + TABLE_HEAD;
  return readElements(core, core.words[head + 2]!);
}

/** The value of the field at this word, with all that it contains. */
export function readField(core: Core, at: number): FieldValue {
  end = at;
  return readValue(core);
}

function readFields(core: Core, count: number, shape: number): { [key: string]: FieldValue } {
  const table = Object.create(null) as { [key: string]: FieldValue };
  if (shape !== 0) {
    for (const key of keysOf(core, shape, count)) table[key] = readValue(core);
    return table;
  }
  for (let i = 0; i < count; i++) {
    const key = string(core, core.words[end]!);
    table[typeof key === "string" ? key : latin1(key)] = readValue(core);
  }
  return table;
}

/** A shape's keys, learnt from the first table that has it. */
function keysOf(core: Core, shape: number, count: number): string[] {
  let known = shapes.get(core);
  const generation = generationOf(core);
  if (known === undefined || known.generation !== generation) shapes.set(core, (known = { generation, keys: [] }));
  let keys = known.keys[shape];
  if (keys === undefined) {
    keys = [];
    // Only interned strings are in a shape: they are texts.
    for (let i = 0; i < count; i++) keys.push(string(core, core.words[end + i * FIELD_WORDS]!) as string);
    known.keys[shape] = keys;
  }
  return keys;
}

function readElements(core: Core, count: number): FieldValue[] {
  const elements: FieldValue[] = [];
  for (let i = 0; i < count; i++) elements.push(readValue(core));
  return elements;
}

/** The value of the field at `end`, which moves behind it. */
function readValue(core: Core): FieldValue {
  const words = core.words;
  const at = end;
  const type = words[at + 1]!;
  const first = words[at + 2]!;
  const second = words[at + 3]!;
  end = at + FIELD_WORDS;
  switch (type & 0xff) {
    case 0x53: {
      const text = string(core, first);
      return typeof text === "string" ? text : longString(text);
    }
    case 0x74: // t
      return first !== 0;
    case 0x62: // b
    case 0x42: // B
    case 0x73: // s
    case 0x75: // u
    case 0x49: // I
      return first;
    case 0x69: // i
      return first >>> 0;
    case 0x6c: // l
    case 0x4c: // L
      return signedLonglong(first, second);
    case 0x54: // T
      return new Timestamp(unsignedLonglong(first, second));
    case 0x56: // V
      return null;
    case 0x64: // d
      bits.setInt32(0, first);
      bits.setInt32(4, second);
      return bits.getFloat64(0);
    case 0x66: // f
      bits.setInt32(0, first);
      return bits.getFloat32(0);
    case 0x44: // D
      return new Decimal({ scale: first, unscaled: second });
    case 0x78: // x
      return core.octets.slice(core.input + (first >>> 0), core.input + (first >>> 0) + (second >>> 0));
    case 0x41: // A
      return readElements(core, second);
    default: // F; the core lets no other type pass
      return readFields(core, second, type >>> 8);
  }
}
