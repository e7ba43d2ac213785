/** Fields read one behind the other from the octets of a frame, each with its place. */
import { decodeAs, type TypeName } from "amqp-wasm";

/** Octets `start` to `end` (not included) of a frame, and what they are. */
export interface AnnotatedField {
  readonly label: string;
  /** The standard's type, such as `shortstr`; `octets`, `bits` or `entry` where it has none. */
  readonly type: string;
  readonly start: number;
  readonly end: number;
  /** As the codec decodes it; `undefined` where it cannot be read. */
  readonly value?: unknown;
  /** What the value means, or what is wrong. */
  readonly note?: string;
  /** Octets at the beginning that tell the length of the value behind them. */
  readonly prefix?: number;
  /** Where a field is made of others they cover it whole. */
  readonly parts?: readonly AnnotatedField[];
  /** Whether these octets could not be read. */
  readonly wrong?: boolean;
}

/** Deeper tables are one field: the codec refuses them too, unless told otherwise. */
const MAX_DEPTH = 32;
const LONGEST_FIXED = 8;
const LENGTH_OCTETS = 4;
/** S, x, A, F: the types of a field whose value begins with its length in four octets. */
const withLength = new Set([0x53, 0x78, 0x41, 0x46]);
const ARRAY = 0x41;
const TABLE = 0x46;
const prefixes: Readonly<Record<string, number>> = { shortstr: 1, longstr: LENGTH_OCTETS };

type Note = (value: unknown) => string | undefined;

export class OctetFields {
  readonly octets: Uint8Array;
  /** Where the next field begins. */
  at: number;
  fields: AnnotatedField[] = [];

  constructor(octets: Uint8Array, at = 0) {
    this.octets = octets;
    this.at = at;
  }

  /** A value of the standard's types. Answers it; `undefined` where `end` comes before its last octet, and then nothing is read any more. @throws DecodeError */
  value(label: string, type: TypeName, end: number, note?: Note): unknown {
    if (this.at >= end) return undefined;
    if (type === "table" || type === "array") return this.#group(label, type, end, 0);
    const decoded = decodeAs(type, this.octets.subarray(this.at, this.#reach(type, end)));
    if (decoded === undefined) {
      this.rest(label, end, "cut short");
      return undefined;
    }
    this.#add(label, type, this.at + decoded.consumed, decoded.value, note?.(decoded.value), prefixes[type]);
    return decoded.value;
  }

  /** Up to eight bits that share an octet: their values by name. */
  bits(names: readonly string[], end: number): void {
    if (names.length === 0 || this.at >= end) return;
    const octet = this.octets[this.at]!;
    this.#add(
      names.join(", "),
      "bits",
      this.at + 1,
      Object.fromEntries(names.map((name, i) => [name, ((octet >> i) & 1) === 1])),
    );
  }

  /** Octets that are always the same text. */
  literal(label: string, length: number, text: string): void {
    const end = Math.min(this.at + length, this.octets.length);
    const found = String.fromCharCode(...this.octets.subarray(this.at, end));
    if (found === text) this.#add(label, "octets", end, text);
    else this.rest(label, end, `should be ${text}`);
  }

  /** Octets without any inner form. */
  octetsAs(label: string, end: number, note?: string): void {
    this.#add(label, "octets", end, this.octets.subarray(this.at, end), note);
  }

  /** What is left before `end`, if anything, as octets that could not be read. */
  rest(label: string, end: number, note?: string): void {
    if (this.at >= end) return;
    this.fields.push({
      label,
      type: "octets",
      start: this.at,
      end,
      wrong: true,
      ...(note === undefined ? {} : { note }),
    });
    this.at = end;
  }

  #add(label: string, type: string, end: number, value: unknown, note?: string, prefix?: number): void {
    const more = { ...(note === undefined ? {} : { note }), ...(prefix === undefined ? {} : { prefix }) };
    this.fields.push({ label, type, start: this.at, end, value, ...more });
    this.at = end;
  }

  /** A field's end as far as it need be known: decoding copies what it is handed, and tables have many fields. */
  #reach(type: TypeName, end: number): number {
    switch (type) {
      case "shortstr":
        return Math.min(end, this.at + 1 + this.octets[this.at]!);
      case "longstr":
        return Math.min(end, this.at + LENGTH_OCTETS + this.#long(this.at, end));
      case "field": {
        const head = this.at + 1;
        if (!withLength.has(this.octets[this.at]!)) return Math.min(end, head + LONGEST_FIXED);
        return Math.min(end, head + LENGTH_OCTETS + this.#long(head, end));
      }
      default:
        return Math.min(end, this.at + LONGEST_FIXED);
    }
  }

  #long(at: number, end: number): number {
    return Number(decodeAs("long", this.octets.subarray(at, Math.min(end, at + LENGTH_OCTETS)))?.value ?? 0);
  }

  /** A table or an array: its length, then its entries. `known`: its value, where that was decoded with the table around it. */
  #group(label: string, type: "table" | "array", end: number, depth: number, known?: unknown): unknown {
    const start = this.at;
    const last = start + LENGTH_OCTETS + this.#long(start, end);
    const outer = this.fields;
    const parts: AnnotatedField[] = [];
    this.fields = parts;
    let value = known;
    const stop = Math.min(last, end);
    try {
      value ??= decodeAs(type, this.octets.subarray(start, stop))?.value;
    } catch {
      // What is wrong shows at the entry that has it.
    }
    try {
      if (this.value("length", "long", end) !== undefined) this.#entries(type, stop, depth);
    } catch (error) {
      this.rest("not readable", stop, (error as Error).message);
    }
    this.rest("cut short", stop);
    this.fields = outer;
    this.fields.push({ label, type, start, end: this.at, value, parts });
    return value;
  }

  #entries(type: "table" | "array", end: number, depth: number): void {
    for (let i = 0; this.at < end; i++) {
      const entries = this.fields;
      const start = this.at;
      const parts: AnnotatedField[] = [];
      this.fields = parts;
      let value: unknown;
      let label = String(i);
      try {
        if (type === "table") label = nameOf(this.value("key", "shortstr", end));
        value = this.#field(end, depth);
      } catch (error) {
        this.rest("not readable", end, (error as Error).message);
      }
      this.fields = entries;
      this.fields.push({ label, type: "entry", start, end: this.at, value, parts });
    }
  }

  /** A value of a table with its type octet. */
  #field(end: number, depth: number): unknown {
    if (this.at >= end) return undefined;
    const type = this.octets[this.at]!;
    const letter = String.fromCharCode(type);
    const decoded = decodeAs("field", this.octets.subarray(this.at, this.#reach("field", end)));
    this.#add("type", "octet", this.at + 1, letter);
    if (decoded === undefined) {
      this.rest("value", end, "cut short");
      return undefined;
    }
    const stop = this.at + decoded.consumed - 1;
    if ((type === TABLE || type === ARRAY) && depth < MAX_DEPTH) {
      this.#group("value", type === TABLE ? "table" : "array", stop, depth + 1, decoded.value);
    } else if (stop > this.at) {
      this.#add("value", letter, stop, decoded.value, undefined, withLength.has(type) ? LENGTH_OCTETS : undefined);
    }
    return decoded.value;
  }
}

function nameOf(key: unknown): string {
  if (typeof key === "string") return key;
  return key instanceof Uint8Array ? String.fromCharCode(...key) : "";
}
