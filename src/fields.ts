/** Field tables and arrays: from the tape to values (section 4.2.5.5 and RabbitMQ's errata). */
import { cloneAny, type Cloner, type TableObject } from "./clone-table.js";
import type { Core } from "./core.js";
import { Decimal } from "./decimal.js";
import { longString } from "./field.js";
import { SHAPES } from "./generated/limits.js";
import { INTEGER_FIELD } from "./generated/records.js";
import { listOf } from "./list-of.js";
import { signedLonglong, unsignedLonglong } from "./longlong.js";
import { internedStrings, latin1, remembered as last, string } from "./strings.js";
import type { PatternReader } from "./pattern-reader.js";
import { PatternLearner } from "./table-patterns.js";
import { decodedTimestamp, type Timestamp } from "./timestamp.js";
import type { TableReader, ValueReaders } from "./table-reader.js";
import { fitTemplate, TableTemplate, VALUE_WORDS } from "./table-template.js";
import type { FieldValue } from "./types.js";

/** Words of the head of an outermost table: input offset, octets, number of fields, shape. */
export const TABLE_HEAD = 4;
/** Words of one field. */
export const FIELD_WORDS = 4;

/** What stands above the type octet of an integer's field: no table is of this shape. */
const INTEGER = INTEGER_FIELD >>> 8;

const halves = new Int32Array(2);
const double = new Float64Array(halves.buffer);
const float = new Float32Array(halves.buffer);
/** Where the low half of a double stands. */
const LOW = new Uint8Array(Int32Array.of(1).buffer)[0] === 1 ? 0 : 1;

function doubleOf(high: number, low: number): number {
  halves[LOW] = low;
  halves[1 - LOW] = high;
  return double[0]!;
}

function timestampOf(high: number, low: number): Timestamp {
  return decodedTimestamp(unsignedLonglong(high, low));
}

/** By shape: `SEEN` where it was seen once, then a template, then code for what comes often; `null` where neither can be. */
type Remembered = typeof SEEN | TableTemplate | TableReader | null | undefined;

const SEEN = "seen";

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
export function readTable(core: Core, head: number): TableObject {
  end = head + TABLE_HEAD;
  return readFields(core, core.words[head + 2]!, core.words[head + 3]!);
}

/** Of a header table's place: its fields follow. Else it is a known one. */
const FOLLOWS = 1;
/** It is one of a pattern, whose values follow. */
const PATTERN = 3;

/** A header table that the core knows as a whole, and where it is cloned. */
interface KnownTable {
  readonly table: TableObject;
  readonly clone: Cloner;
}

/** The header table of a content header's record; `place` is what the record says of its place. */
export function readHeaderTable(core: Core, place: number, head: number): TableObject {
  const number = place >>> 8;
  if ((place & 0xff) !== FOLLOWS) {
    if ((place & 0xff) === PATTERN) return (last.patterns[number] as PatternReader)(core, core.words, head);
    const known = last.knownTables[number] as KnownTable;
    return known.clone(known.table);
  }
  return newTable(core, number, head);
}

/** Of a table whose fields follow, with its number if the core knows it from now on. */
function newTable(core: Core, number: number, head: number): TableObject {
  const table = readTable(core, head);
  const remembered = rememberedOf(core.words[head + 3]!);
  const known = remembered === SEEN ? null : remembered;
  if (number !== 0) {
    const clone = known?.places.cloned ?? cloneAny;
    // A copy: what the program does with its own must not show in the next one.
    last.knownTables[number] = { table: clone(table), clone } satisfies KnownTable;
  } else if (known && (known.learner ??= new PatternLearner()).wants()) lookAt(known.learner, core, head, table);
  return table;
}

function lookAt(learner: PatternLearner, core: Core, head: number, table: TableObject): void {
  const pattern = learner.look(core, head, table, valueReaders, fitTemplate);
  if (pattern !== undefined) last.patterns[pattern.number] = pattern.reader;
}

/** What was remembered of a shape. To look behind an array's end is slow. */
function rememberedOf(shape: number): Remembered {
  const shapes = last.shapes as Remembered[];
  return shape < shapes.length ? shapes[shape]! : undefined;
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

function readFields(core: Core, count: number, shape: number): TableObject {
  if (shape !== 0) {
    const remembered = rememberedOf(shape);
    if (typeof remembered === "function") return remembered(core, core.words, end);
    const template = remembered instanceof TableTemplate ? remembered : learn(core, count, shape, remembered);
    if (template !== null && !template.busy) return readTemplate(core, template, count, shape);
  }
  const table = Object.create(null) as TableObject;
  for (let i = 0; i < count; i++) {
    const key = string(core, core.words[end]!);
    table[typeof key === "string" ? key : latin1(key)] = readValue(core);
  }
  return table;
}

function readTemplate(core: Core, template: TableTemplate, count: number, shape: number): TableObject {
  const words = core.words;
  const seen = template.seen;
  template.busy = true;
  for (let i = 0, was = 0; i < count; i++, was += VALUE_WORDS) {
    const at = end;
    const type = words[at + 1]!;
    const first = words[at + 2]!;
    const second = words[at + 3]!;
    if (type === seen[was] && first === seen[was + 1] && second === seen[was + 2]) end = at + FIELD_WORDS;
    else template.set(i, readValue(core), type, first, second);
  }
  template.busy = false;
  if (template.isDueForCode()) {
    const reader = template.reader(valueReaders);
    if (reader !== undefined) {
      reader.learner = template.learner;
      last.shapes[shape] = reader;
    }
  }
  return template.table();
}

/** A shape's template, made when it is seen the second time; `null` where there is none. */
function learn(core: Core, count: number, shape: number, remembered: Remembered): TableTemplate | null {
  const shapes = last.shapes as Remembered[];
  if (remembered === SEEN) return (shapes[shape] = makeTemplate(core, count));
  if (remembered === null) return null;
  // Twice as long each time: an array with holes, or with names for far indices, would be slow; one that is as long as it gets at once costs a program's first chunk more than all its tables.
  const known = shapes.length;
  if (shape >= known) {
    shapes.length = Math.min(SHAPES + 1, Math.max(64, 2 * shape));
    shapes.fill(undefined, known);
  }
  shapes[shape] = SEEN;
  return null;
}

/** A template for the table whose first field stands at `end`. */
function makeTemplate(core: Core, count: number): TableTemplate | null {
  const keys: string[] = [];
  let at = end;
  for (let i = 0; i < count; i++) {
    // Only interned strings are in a shape: they are texts.
    keys.push(string(core, core.words[at]!) as string);
    const type = core.words[at + 1]! & 0xff;
    at = type === 0x41 || type === 0x46 ? core.tape + core.words[at + 2]! : at + FIELD_WORDS;
  }
  return fitTemplate(keys) ? new TableTemplate(keys) : null;
}

const valueReaders: ValueReaders = {
  interned: internedStrings,
  string: text,
  integer: signedLonglong,
  double: doubleOf,
  timestamp: timestampOf,
  value: readField,
  end: tableEnd,
  endAt(at) {
    end = at;
  },
};

function readElements(core: Core, count: number): FieldValue[] {
  const elements = listOf<FieldValue>();
  for (let i = 0; i < count; i++) elements.push(readValue(core));
  return elements;
}

/** The value of a long string's field: text, or octets where they are none. */
function text(core: Core, reference: number): string | Uint8Array {
  const found = string(core, reference);
  return typeof found === "string" ? found : longString(found);
}

/** The value of the field at `end`, which moves behind it. */
function readValue(core: Core): FieldValue {
  const words = core.words;
  const at = end;
  const type = words[at + 1]!;
  const first = words[at + 2]!;
  const second = words[at + 3]!;
  end = at + FIELD_WORDS;
  if (type >>> 8 === INTEGER) return first === second >> 31 ? second : signedLonglong(first, second);
  switch (type & 0xff) {
    case 0x53: // S
      return text(core, first);
    case 0x74: // t
      return first !== 0;
    case 0x54: // T
      return timestampOf(first, second);
    case 0x56: // V
      return null;
    case 0x64: // d
      return doubleOf(first, second);
    case 0x66: // f
      halves[0] = first;
      return float[0]!;
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
