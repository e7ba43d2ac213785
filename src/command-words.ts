/** Values to command words: types and ranges are checked here, octets are written by the core (spec/abi.js says what the words are). */
import type { Core } from "./core.js";
import { Decimal } from "./decimal.js";
import { DecodeError, EncodeError } from "./errors.js";
import { Field, isLongString } from "./field.js";
import { FieldTable } from "./field-table.js";
import { KEPT_LENGTH, type Kept } from "./kept.js";
import { kind } from "./kind.js";
import { lengthOf } from "./length-of.js";
import { utf8Length, writeText } from "./strings.js";
import { FEW_KEYS, inOrder } from "./table-keys.js";
import { Timestamp } from "./timestamp.js";
import type { EncodeOptions } from "./types.js";
import { wrongType } from "./wrong-type.js";

/** How deep a value may be nested: far beyond what any peer reads, and what makes a value that holds itself an error. */
export const ENCODE_DEPTH = 512;

/** Thrown inside this room and its callers alone: the regions are too small for this command. */
export class CommandTooLarge extends Error {
  readonly words: number;
  readonly octets: number;

  constructor(words: number, octets: number) {
    super("the command regions are too small");
    this.words = words;
    this.octets = octets;
  }
}

const bits = new DataView(new ArrayBuffer(8));
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

export class CommandWords {
  readonly #core: Core;
  readonly #kept: Kept;
  #at = 0;
  #end = 0;
  #text = 0;
  #textEnd = 0;
  #octets = 0;
  /** By number of keys: the last table's, as they came and in order. */
  readonly #orders: Array<{ came: readonly string[]; sorted: readonly string[] } | undefined> = [];
  #options: EncodeOptions = {};

  constructor(core: Core, kept: Kept) {
    this.#core = core;
    this.#kept = kept;
  }

  /** Begins a record at an index of the words, with texts from an address to another. */
  begin(at: number, text: number, textEnd: number, options: EncodeOptions): void {
    const core = this.#core;
    this.#options = options;
    this.#at = at;
    this.#end = core.command + core.commandCapacity;
    this.#text = text;
    this.#textEnd = textEnd;
    this.#octets = 0;
  }

  /** Index behind the last word. */
  get at(): number {
    return this.#at;
  }

  /** Address behind the last text. */
  get text(): number {
    return this.#text;
  }

  /** Octets that the values take on the wire. */
  get octets(): number {
    return this.#octets;
  }

  #word(value: number): void {
    if (this.#at === this.#end) throw new CommandTooLarge(2 * this.#core.commandCapacity, 0);
    this.#core.words[this.#at++] = value;
  }

  #room(octets: number): void {
    if (octets > this.#textEnd - this.#text) throw new CommandTooLarge(0, this.#text - this.#core.strings + octets);
  }

  /** Octets as a long string. */
  #bytes(value: Uint8Array): void {
    const octets = lengthOf(value);
    this.#room(octets);
    this.#set(value, this.#text);
    this.#word(this.#text);
    this.#word(octets);
    this.#text += octets;
    this.#octets += 4 + octets;
  }

  /** Writes a text behind a place for its length octet; answers how many octets it takes. */
  #written(value: string, name: string, maxOctets: number): number {
    // One character takes an octet at least: what is too long in characters need not be written to know it.
    if (value.length > maxOctets) throw this.#tooLong(name, maxOctets);
    const most = 3 * value.length;
    this.#room(1 + (most > this.#textEnd - this.#text ? utf8Length(value) : most));
    const written = writeText(this.#core, value, this.#text + 1);
    if (written < 0) throw new EncodeError("text holds a lone surrogate, which UTF-8 has no octets for", name);
    if (written > maxOctets) throw this.#tooLong(name, maxOctets);
    return written;
  }

  #tooLong(name: string, maxOctets: number): EncodeError {
    return new EncodeError(`string exceeds maximum length of ${maxOctets} bytes`, name);
  }

  /** A number of an unsigned type with this maximum. */
  #unsigned(value: unknown, max: number, name: string): number {
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > max) {
      throw new EncodeError(`integer of 0 to ${max} required, received ${kind(value)}`, name);
    }
    return value;
  }

  octet(value: unknown, name: string): void {
    this.#word(this.#unsigned(value, 0xff, name));
    this.#octets += 1;
  }

  short(value: unknown, name: string): void {
    this.#word(this.#unsigned(value, 0xffff, name));
    this.#octets += 2;
  }

  long(value: unknown, name: string): void {
    this.#word(this.#unsigned(value, 0xffffffff, name));
    this.#octets += 4;
  }

  /** A run of bits that was put together by `bit`. */
  bits(value: number): void {
    this.#word(value);
    this.#octets += 1;
  }

  longlong(value: unknown, name: string): void {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) {
      this.#word((value / 0x100000000) | 0);
      this.#word(value | 0);
    } else if (typeof value === "bigint" && value >= 0n && value <= 0xffffffffffffffffn) {
      this.#word(Number(value >> 32n) | 0);
      this.#word(Number(value & 0xffffffffn) | 0);
    } else {
      throw new EncodeError(
        `integer of 0 to 18446744073709551615 required, received ${kind(value)}${typeof value === "number" && value > 0 ? " (a bigint beyond 2^53 - 1)" : ""}`,
        name,
      );
    }
    this.#octets += 8;
  }

  timestamp(value: unknown, name: string): void {
    if (value instanceof Timestamp) this.longlong(value.seconds, name);
    else if (value instanceof Date) this.longlong(dateSeconds(value, name), name);
    else throw wrongType("Timestamp or Date", value, name);
  }

  /** A short string that may well come again. */
  shortstr(value: unknown, name: string): void {
    if (typeof value !== "string" || value.length > KEPT_LENGTH) return this.uniqueShortstr(value, name);
    const kept = this.#kept.text(value);
    if (kept !== undefined) {
      this.#word(this.#core.kept + (kept >>> 8));
      this.#octets += 1 + (kept & 0xff);
      return;
    }
    const at = this.#text;
    this.uniqueShortstr(value, name);
    this.#kept.meet(value, at, this.#text - at - 1);
  }

  /** A short string that is not worth keeping. */
  uniqueShortstr(value: unknown, name: string): void {
    const at = this.#text;
    let octets;
    if (typeof value === "string") {
      octets = this.#written(value, name, 255);
    } else if (value instanceof Uint8Array) {
      octets = lengthOf(value);
      if (octets > 255) throw this.#tooLong(name, 255);
      this.#room(1 + octets);
      this.#set(value, at + 1);
    } else {
      throw wrongType("string", value, name);
    }
    this.#core.octets[at] = octets;
    this.#word(at);
    this.#text = at + 1 + octets;
    this.#octets += 1 + octets;
  }

  #set(value: Uint8Array, at: number): void {
    try {
      this.#core.octets.set(value, at);
    } catch {
      throw new EncodeError("the octets are gone: their buffer was transferred");
    }
  }

  longstr(value: unknown, name: string): void {
    if (value instanceof Uint8Array) return this.#bytes(value);
    // Its type alone: a secret may have been given as a number.
    if (typeof value !== "string")
      throw wrongType("string", typeof value === "number" || typeof value === "bigint" ? Object(value) : value, name);
    const kept = value.length <= KEPT_LENGTH ? this.#kept.text(value) : undefined;
    let at = this.#text;
    let octets;
    if (kept !== undefined) {
      at = this.#core.kept + (kept >>> 8);
      octets = kept & 0xff;
    } else {
      octets = this.#written(value, name, 0xffffffff);
      if (value.length <= KEPT_LENGTH) {
        this.#core.octets[at] = octets;
        this.#kept.meet(value, at, octets);
      }
      this.#text = at + 1 + octets;
    }
    // An address of 0 would mean the pool.
    this.#word(at + 1);
    this.#word(octets);
    this.#octets += 4 + octets;
  }

  table(value: unknown, name: string): void {
    // No shape: its fields are given with their keys.
    this.#word(0);
    if (value === undefined || value === null) {
      this.#word(0);
      this.#word(0);
      this.#octets += 4;
      return;
    }
    try {
      this.#table(value, 0);
    } catch (error) {
      throw error instanceof EncodeError ? error.within(name) : error;
    }
  }

  array(value: unknown, name: string): void {
    if (!Array.isArray(value)) throw wrongType("array", value, name);
    try {
      this.#array(value, 0);
    } catch (error) {
      throw error instanceof EncodeError ? error.within(name) : error;
    }
  }

  /** One tagged value, as an array of one. */
  field(value: unknown): void {
    if (value === undefined) throw wrongType("a value of a table", value, "");
    this.#word(0);
    this.#word(1);
    this.#word(0);
    this.#value(value, 0);
  }

  /** Property flags, addresses and the like: checked by the caller, and not counted. */
  word(value: number): void {
    this.#word(value);
  }

  /** A word whose value comes later; answers where it is. */
  hole(): number {
    this.#word(0);
    return this.#at - 1;
  }

  fill(hole: number, value: number): void {
    this.#core.words[hole] = value;
  }

  #table(value: unknown, depth: number): void {
    if (value instanceof FieldTable) {
      checked(value);
      // An address of 0 would mean fields that follow; an empty table says so in its count.
      if (value.octets.length === 0) {
        this.#word(0);
        this.#word(0);
        this.#octets += 4;
      } else {
        this.#bytes(value.octets);
      }
      return;
    }
    if (!isTable(value)) throw wrongType("table (an object, a Map or a FieldTable)", value, "");
    if (depth > ENCODE_DEPTH) throw new EncodeError(`nested deeper than ${ENCODE_DEPTH} levels`);
    const source = value instanceof Map ? (value as Map<unknown, unknown>) : undefined;
    const keys = this.#inOrder(source === undefined ? Object.keys(value) : (Array.from(source.keys()) as string[]));
    this.#word(0);
    const count = this.#at;
    this.#word(0);
    this.#octets += 4;
    let fields = 0;
    for (const key of keys) {
      try {
        // Read once: a getter may answer something else the next time.
        const field = source === undefined ? (value as Record<string, unknown>)[key] : source.get(key);
        if (field === undefined) continue;
        fields += 1;
        this.shortstr(key, "");
        this.#value(field, depth);
      } catch (error) {
        throw error instanceof EncodeError ? error.within(key) : error;
      }
    }
    this.#core.words[count] = fields;
  }

  /** The keys in the order that they go out in. */
  #inOrder(keys: readonly string[]): readonly string[] {
    const last = this.#orders[keys.length];
    // Tables of one kind come one after the other: what their keys are, and their order, was seen before.
    if (last !== undefined && keys.every((key, i) => key === last.came[i])) {
      return this.#options.keyOrder === "insertion" ? keys : last.sorted;
    }
    for (const key of keys) if (typeof key !== "string") throw wrongType("string as key", key, "");
    if (this.#options.keyOrder === "insertion") return keys;
    const sorted = inOrder(keys);
    if (keys.length <= FEW_KEYS) {
      while (this.#orders.length <= FEW_KEYS) this.#orders.push(undefined);
      this.#orders[keys.length] = { came: keys, sorted };
    }
    return sorted;
  }

  #array(value: readonly unknown[], depth: number): void {
    if (depth > ENCODE_DEPTH) throw new EncodeError(`nested deeper than ${ENCODE_DEPTH} levels`);
    this.#word(0);
    const count = this.#at;
    this.#word(0);
    this.#octets += 4;
    let elements = 0;
    for (let i = 0; i < value.length; i++) {
      const element = value[i];
      if (element === undefined) continue;
      elements += 1;
      this.#word(0);
      try {
        this.#value(element, depth);
      } catch (error) {
        throw error instanceof EncodeError ? error.within(`[${i}]`) : error;
      }
    }
    this.#core.words[count] = elements;
  }

  #type(octet: number): void {
    this.#word(octet);
    this.#octets += 1;
  }

  /** A value of so many octets. */
  #fixed(type: string, octets: number, first: number, second = 0): void {
    this.#type(type.charCodeAt(0));
    this.#word(first);
    this.#word(second);
    this.#octets += octets;
  }

  #value(value: unknown, depth: number): void {
    switch (typeof value) {
      case "string":
        this.#type(0x53);
        this.longstr(value, "");
        return;
      case "number":
        this.#number(value);
        return;
      case "boolean":
        this.#fixed("t", 1, value ? 1 : 0);
        return;
      case "bigint":
        this.#integer(value);
        return;
      case "object":
        this.#object(value, depth);
        return;
      default:
        throw new EncodeError(`no field type for ${kind(value)}`);
    }
  }

  #object(value: object | null, depth: number): void {
    if (value === null) {
      this.#fixed("V", 0, 0);
    } else if (value instanceof Timestamp) {
      this.#type(0x54);
      this.longlong(value.seconds, "");
    } else if (value instanceof Date) {
      this.#type(0x54);
      this.longlong(dateSeconds(value, ""), "");
    } else if (value instanceof Decimal) {
      const { scale, unscaled } = new Decimal(value);
      this.#fixed("D", 5, scale, unscaled);
    } else if (value instanceof Uint8Array) {
      this.#type(isLongString(value) ? 0x53 : 0x78);
      this.#bytes(value);
    } else if (value instanceof Field) {
      this.#field(value, depth);
    } else if (Array.isArray(value)) {
      this.#type(0x41);
      this.#array(value, depth + 1);
    } else {
      this.#type(0x46);
      this.#table(value, depth + 1);
    }
  }

  #number(value: number): void {
    // What is no safe integer, and a zero that has a sign, comes back as it was only as a double.
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.#integer(value);
    else this.#double(value);
  }

  #double(value: number): void {
    this.#finite(value);
    bits.setFloat64(0, value);
    this.#fixed("d", 8, bits.getInt32(0), bits.getInt32(4));
  }

  #finite(value: number): void {
    if (!Number.isFinite(value) && this.#options.allowNonFinite !== true) {
      throw new EncodeError(`${value} cannot be read by RabbitMQ; the option allowNonFinite lets it pass`);
    }
  }

  #integer(value: number | bigint): void {
    const wide = this.#options.integers === "wide";
    if (value >= -0x80000000 && value <= 0xffffffff) {
      const number = Number(value);
      if (!wide && number >= -0x80 && number <= 0x7f) return this.#fixed("b", 1, number);
      if (!wide && number >= -0x8000 && number <= 0x7fff) return this.#fixed("s", 2, number);
      if (!wide && number >= 0 && number <= 0xffff) return this.#fixed("u", 2, number);
      if (number <= 0x7fffffff) return this.#fixed("I", 4, number);
      if (!wide) return this.#fixed("i", 4, number);
    }
    this.#long64("l", value);
  }

  #long64(type: string, value: number | bigint): void {
    const big = BigInt(value);
    if (big < INT64_MIN || big > INT64_MAX) {
      throw new EncodeError(`integer of ${INT64_MIN} to ${INT64_MAX} required, received ${big}`);
    }
    this.#fixed(type, 8, Number(BigInt.asIntN(32, big >> 32n)), Number(BigInt.asIntN(32, big)));
  }

  /** A value with its type octet given. */
  #field({ type, value }: Field, depth: number): void {
    switch (type) {
      case "t":
        if (typeof value !== "boolean") throw wrongType("boolean", value, "");
        return this.#fixed(type, 1, value ? 1 : 0);
      case "b":
        return this.#ranged(type, 1, value, -0x80, 0x7f);
      case "B":
        return this.#ranged(type, 1, value, 0, 0xff);
      case "s":
        return this.#ranged(type, 2, value, -0x8000, 0x7fff);
      case "u":
        return this.#ranged(type, 2, value, 0, 0xffff);
      case "I":
        return this.#ranged(type, 4, value, -0x80000000, 0x7fffffff);
      case "i":
        return this.#ranged(type, 4, value, 0, 0xffffffff);
      case "l":
      case "L":
        if (typeof value !== "bigint" && !Number.isSafeInteger(value)) throw wrongType("integer", value, "");
        return this.#long64(type, value as number | bigint);
      case "f":
      case "d":
        if (typeof value !== "number") throw wrongType("number", value, "");
        if (type === "d") return this.#double(value);
        this.#finite(value);
        if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
          throw new EncodeError(
            `number of -3.4028234663852886e+38 to 3.4028234663852886e+38 required, received ${value}`,
          );
        }
        bits.setFloat32(0, value);
        return this.#fixed(type, 4, bits.getInt32(0));
      case "D":
        if (!(value instanceof Decimal)) throw wrongType("Decimal", value, "");
        return this.#object(value, depth);
      case "T":
        if (!(value instanceof Timestamp) && !(value instanceof Date)) throw wrongType("Timestamp or Date", value, "");
        return this.#object(value, depth);
      case "V":
        return this.#fixed(type, 0, 0);
      case "S":
        this.#type(0x53);
        return this.longstr(value, "");
      case "x":
        if (!(value instanceof Uint8Array)) throw wrongType("Uint8Array", value, "");
        this.#type(0x78);
        return this.#bytes(value);
      case "A":
        if (!Array.isArray(value)) throw wrongType("array", value, "");
        return this.#object(value, depth);
      case "F":
        this.#type(0x46);
        return this.#table(value, depth + 1);
      default:
        throw new EncodeError(`unknown field type ${typeof type === "string" ? JSON.stringify(type) : kind(type)}`);
    }
  }

  #ranged(type: string, octets: number, value: unknown, min: number, max: number): void {
    if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
      throw new EncodeError(`integer of ${min} to ${max} required, received ${kind(value)}`);
    }
    this.#fixed(type, octets, value);
  }
}

/** Octets that the caller put together must be fields; those of a decoded table were looked at when they came, or are forwarded as they are. */
function checked(table: FieldTable): void {
  try {
    table.check();
  } catch (error) {
    throw error instanceof DecodeError ? new EncodeError(`wrong octets in a FieldTable: ${error.message}`) : error;
  }
}

function dateSeconds(date: Date, name: string): number {
  const seconds = Math.trunc(date.getTime() / 1000);
  if (!(seconds >= 0)) throw new EncodeError("a valid date from 1970 on required", name);
  return seconds;
}

/** Whether a value may be taken as a table: not what has a meaning of its own, and no instance of some class that would lose what it is. */
function isTable(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  if (value instanceof Map) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  // An object of another realm has another Object.prototype, which is the last of its chain.
  return Object.getPrototypeOf(prototype) === null;
}
