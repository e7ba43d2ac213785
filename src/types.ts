import type { Decimal } from "./decimal.js";
import type { Field } from "./field.js";
import type { FieldTable } from "./field-table.js";
import type { Timestamp } from "./timestamp.js";

/** A 64-bit number, exact always: a `number` while it is a safe integer, a `bigint` beyond. Both are taken in. */
export type Longlong = number | bigint;

/** What a field of a table or array decodes to. */
export type FieldValue =
  | boolean
  | number
  | bigint
  | string
  | null
  | Uint8Array
  | Decimal
  | Timestamp
  | FieldValue[]
  | { [key: string]: FieldValue };

/** What a field of a table or array is encoded from. `undefined` entries of a table are left out. */
export type FieldInput =
  | FieldValue
  | Date
  | Field
  | FieldTable
  | undefined
  | readonly FieldInput[]
  | { readonly [key: string]: FieldInput }
  | ReadonlyMap<string, FieldInput>;

/** A decoded table: an object without prototype, or a `FieldTable` where the reader was told `tables: "exact"`. */
export type Table = { [key: string]: FieldValue } | FieldTable;

/** What a table argument is given as. */
export type TableInput = { readonly [key: string]: FieldInput } | ReadonlyMap<string, FieldInput> | FieldTable | null;

/** Limits on what a peer may send. All are active from the first octet. */
export interface DecodeLimits {
  /** Largest payload of a frame in octets, 9 to 2147483647; 0 for that maximum. Defaults to 131072. Like RabbitMQ we do not count a frame's own eight octets. */
  frameMax?: number;
  /** How deep tables and arrays may be nested in a table, 0 to 1024. Defaults to 32. */
  maxDepth?: number;
  /** How many fields a table may have in all its levels, 0 to 4294967295. Defaults to 16384. */
  maxFields?: number;
}

/** How octets are decoded. */
export interface DecodeOptions extends DecodeLimits {
  /** Whether a content header with a wrong header table is an error of the stream. Defaults to false: the table throws when it is touched. */
  strict?: boolean;
  /** Tables as objects, or as `FieldTable`, which keeps order, duplicates and type octets. Defaults to `"objects"`. */
  tables?: "objects" | "exact";
}

/** Which names constructors and `marshal` let pass: pamqp's rules, or all that RabbitMQ takes (UTF-8 of at most 255 octets). */
export type NameRules = "pamqp" | "rabbitmq";

/** How values are encoded. */
export interface EncodeOptions {
  /** Type octets of integers in tables: the smallest of `b s u I i l`, or only `I` and `l`, which every client reads. Defaults to `"smallest"`. */
  integers?: "smallest" | "wide";
  /** Order of a table's keys: by code point, or as the object has them. Defaults to `"sorted"`. */
  keyOrder?: "sorted" | "insertion";
  /** Whether NaN and infinities may go into tables; RabbitMQ cannot read them. Defaults to false. */
  allowNonFinite?: boolean;
  /** Defaults to `"pamqp"`. */
  names?: NameRules;
}
