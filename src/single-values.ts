/** Single values, outside of any frame, as pamqp's encode and decode modules offer them. */
import { currentCore, type Core } from "./core.js";
import { octetsOf } from "./command-tape.js";
import type { CommandWords } from "./command-words.js";
import { bit } from "./bit.js";
import { decodeFailure } from "./decode-failure.js";
import { EncodeError } from "./errors.js";
import { FieldTable, provideFieldEncoder } from "./field-table.js";
import { readArray, readTable } from "./fields.js";
import { ArgumentType } from "./generated/argument-types.js";
import { CommandKind } from "./generated/command-kinds.js";
import * as State from "./generated/state.js";
import { Status } from "./generated/status.js";
import { asOctets, load, withTape } from "./input.js";
import { kind } from "./kind.js";
import { decodeSettings, type DecodeSettings } from "./limits.js";
import { unsignedLonglong } from "./longlong.js";
import { beginStrings } from "./strings.js";
import { Timestamp } from "./timestamp.js";
import type { DecodeOptions, EncodeOptions, FieldInput, FieldValue, Longlong, TableInput } from "./types.js";

/** What `encodeAs` takes, by name of the type. `"field"` is a value of a table with its type octet before it. */
export interface EncodableTypes {
  bit: boolean;
  octet: number;
  short: number;
  long: number;
  longlong: Longlong;
  shortstr: string | Uint8Array;
  longstr: string | Uint8Array;
  table: TableInput;
  array: readonly FieldInput[];
  timestamp: Timestamp | Date;
  field: FieldInput;
}

/** What `decodeAs` answers, by name of the type. */
export interface DecodableTypes {
  bit: boolean;
  octet: number;
  short: number;
  long: number;
  longlong: Longlong;
  shortstr: string | Uint8Array;
  longstr: string | Uint8Array;
  table: { [key: string]: FieldValue } | FieldTable;
  array: FieldValue[];
  timestamp: Timestamp;
  field: FieldValue;
}

/** Names of the types that values can be encoded as. */
export type TypeName = keyof EncodableTypes;

const packers: { [T in TypeName]: (words: CommandWords, value: unknown) => void } = {
  bit: (words, value) => words.bits(bit(value, "")),
  octet: (words, value) => words.octet(value, ""),
  short: (words, value) => words.short(value, ""),
  long: (words, value) => words.long(value, ""),
  longlong: (words, value) => words.longlong(value, ""),
  shortstr: (words, value) => words.uniqueShortstr(value, ""),
  longstr: (words, value) => words.longstr(value, ""),
  table: (words, value) => words.table(value, ""),
  array: (words, value) => words.array(value, ""),
  timestamp: (words, value) => words.timestamp(value, ""),
  field: (words, value) => words.field(value),
};

function typeCode(type: string): number {
  if (!Object.hasOwn(packers, type)) {
    throw new EncodeError(
      `unknown type ${typeof type === "string" ? JSON.stringify(type) : kind(type)}; the types are ${Object.keys(packers).join(", ")}`,
    );
  }
  return ArgumentType[type.toUpperCase() as keyof typeof ArgumentType];
}

/**
 * One value as octets. @throws EncodeError where the value is out of its type's range, or the type unknown.
 */
export function encodeAs<T extends TypeName>(
  type: T,
  value: EncodableTypes[T],
  options: EncodeOptions = {},
): Uint8Array {
  const head = CommandKind.VALUE | (typeCode(type) << 8);
  return octetsOf(currentCore(), head, 0, options, (words) => packers[type](words, value));
}

/** What `decodeAs` answers for a whole value. */
export interface Decoded<T> {
  /** Octets that the value takes. */
  consumed: number;
  value: T;
}

/**
 * The value of a type that some octets begin with; `undefined` where it is not all there, which is no error.
 *
 * @throws DecodeError for octets that are no such value; EncodeError for an unknown type.
 */
export function decodeAs<T extends TypeName>(
  type: T,
  octets: Uint8Array,
  options: DecodeOptions = {},
): Decoded<DecodableTypes[T]> | undefined {
  const core = currentCore();
  const input = asOctets(octets);
  const settings = decodeSettings(options);
  const code = typeCode(type);
  // Its first octets tell how long it is: a caller may hand in far more than the one value.
  load(core, input.subarray(0, LONGEST_HEAD));
  let consumed = core.exports.measureValue(code, Math.min(input.length, LONGEST_HEAD)) >>> 0;
  if (consumed === 0) {
    const need = core.state(State.NEED);
    if (need > input.length) return undefined;
    consumed = need;
  }
  if (consumed > LONGEST_HEAD) load(core, input.subarray(0, consumed));
  const value = valueOf(core, type, input.subarray(0, consumed === 0 ? 1 : consumed), settings);
  return { consumed, value: value as DecodableTypes[T] };
}

function valueOf(core: Core, type: TypeName, input: Uint8Array, settings: DecodeSettings): unknown {
  const { octetAt, shortAt, longAt } = core.exports;
  switch (type) {
    case "bit":
      return (octetAt(0) & 1) !== 0;
    case "octet":
      return octetAt(0);
    case "short":
      return shortAt(0);
    case "long":
      return longAt(0) >>> 0;
    case "longlong":
      return unsignedLonglong(longAt(0), longAt(4));
    case "timestamp":
      return new Timestamp(unsignedLonglong(longAt(0), longAt(4)));
    case "shortstr":
      return text(input.subarray(1));
    case "longstr":
      return text(input.subarray(4));
    case "table":
      return settings.exact
        ? exactTable(core, input, settings)
        : readTable(core, fields(core, input.subarray(4), 0, settings, 4));
    case "array":
      return readArray(core, fields(core, input.subarray(4), 1, settings, 4));
    case "field":
      return readArray(core, fields(core, input, 1, settings, 0, 1))[0];
  }
}

/** Octets of the longest fixed value, which is a field's: its type octet and eight more. */
const LONGEST_HEAD = 9;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function text(octets: Uint8Array): string | Uint8Array {
  try {
    return utf8.decode(octets);
  } catch {
    return octets.slice();
  }
}

/** Has the core walk fields; answers the word where their head stands. */
function fields(
  core: Core,
  octets: Uint8Array,
  array: number,
  settings: DecodeSettings,
  base: number,
  outerLevels = 0,
): number {
  const { maxDepth, maxFields } = settings;
  const status = withTape(core, octets, () => core.exports.readFields(octets.length, array, maxDepth, maxFields));
  beginStrings(core);
  if (status === Status.ERROR) throw decodeFailure(core, { base, maxDepth, maxFields, path: "", outerLevels });
  return core.tape;
}

function exactTable(core: Core, input: Uint8Array, settings: DecodeSettings): FieldTable {
  fields(core, input.subarray(4), 0, settings, 4);
  return new FieldTable(input.slice(4), { maxDepth: settings.maxDepth, maxFields: settings.maxFields });
}

provideFieldEncoder((table, options) => encodeAs("table", table, options).slice(4));
