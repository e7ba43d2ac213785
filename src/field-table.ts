import { currentCore, type Core } from "./core.js";
import { decodeFailure } from "./decode-failure.js";
import { FIELD_WORDS, readField, TABLE_HEAD } from "./fields.js";
import { Status } from "./generated/status.js";
import { asOctets, withTape } from "./input.js";
import { jsonFields } from "./json.js";
import { decodeSettings, type DecodeSettings } from "./limits.js";
import { beginStrings, latin1, string } from "./strings.js";
import type { DecodeLimits, EncodeOptions, FieldValue, TableInput } from "./types.js";

/** What a table that came out of a frame knows beside its octets. */
export interface FieldTableOrigin {
  readonly core: Core;
  readonly settings: DecodeSettings;
  /** Offset in the stream of the table's first field. */
  readonly offset: number;
  readonly path: string;
  readonly header: boolean;
  readonly channel: number;
  readonly classId: number;
  readonly methodId: number;
}

/** One field of a table, as it stands on the wire: key, value, type octet. */
export type FieldEntry = [key: string, value: FieldValue, type: string];

type Encode = (table: TableInput, options?: EncodeOptions) => Uint8Array;
let encodeFields: Encode | undefined;

/** The encoder stands above this room; it hands down how an object becomes octets. */
export function provideFieldEncoder(encode: Encode): void {
  encodeFields = encode;
}

/**
 * A field table as its octets (section 4.2.5.5): order, duplicates and type octets stay as they are, and it goes out as it came in. Fields are decoded when they are asked for; what is
 * wrong in the octets throws then, a `DecodeError` with the offset and the path.
 */
export class FieldTable {
  /** The fields, without the length before them. */
  readonly octets: Uint8Array;
  readonly #core: Core;
  readonly #settings: DecodeSettings;
  readonly #origin: FieldTableOrigin | undefined;
  #checked = false;

  /** @param octets the fields, without the length before them; they are not copied. */
  constructor(octets: Uint8Array, limits: DecodeLimits | FieldTableOrigin = {}) {
    this.octets = asOctets(octets);
    this.#origin = "settings" in limits ? limits : undefined;
    this.#core = this.#origin?.core ?? currentCore();
    this.#settings = this.#origin?.settings ?? decodeSettings(limits as DecodeLimits);
  }

  /** A table with the fields of an object or a Map. @throws EncodeError where a value cannot be encoded. */
  static from(table: TableInput, options?: EncodeOptions): FieldTable {
    return tableFrom(table, options);
  }

  /**
   * Checks the octets of a table that was not decoded but made from octets; once.
   *
   * @internal
   */
  check(): void {
    if (this.#origin !== undefined || this.#checked) return;
    this.#read();
    this.#checked = true;
  }

  /** Number of fields, duplicates counted. */
  get size(): number {
    const { words, tape } = this.#read();
    return words[tape + 2]!;
  }

  /** Value of the last field with this key, as an object would have it; `undefined` where there is none. Other fields' values are not made. */
  get(key: string): FieldValue | undefined {
    let found = -1;
    this.#scan((name, at) => {
      if (name === key) found = at;
    });
    return found < 0 ? undefined : readField(this.#core, found);
  }

  /** Values of all fields with this key, in their order. */
  getAll(key: string): FieldValue[] {
    const found: number[] = [];
    this.#scan((name, at) => {
      if (name === key) found.push(at);
    });
    return found.map((at) => readField(this.#core, at));
  }

  /** Type octet, as a letter, of the last field with this key. */
  type(key: string): string | undefined {
    let type: string | undefined;
    this.#scan((name, at) => {
      if (name === key) type = String.fromCharCode(this.#core.words[at + 1]! & 0xff);
    });
    return type;
  }

  /** Whether a field has this key. */
  has(key: string): boolean {
    return this.type(key) !== undefined;
  }

  /** All fields as they stand: key, value, type octet as a letter. Keys that are not UTF-8 are read as Latin-1. */
  entries(): FieldEntry[] {
    const entries: FieldEntry[] = [];
    this.#scan((name, at) => {
      const type = String.fromCharCode(this.#core.words[at + 1]! & 0xff);
      entries.push([name, readField(this.#core, at), type]);
    });
    return entries;
  }

  /** Keys and values, as a Map has them. */
  *[Symbol.iterator](): IterableIterator<[key: string, value: FieldValue]> {
    for (const [key, value] of this.entries()) yield [key, value];
  }

  /** The table as an object without prototype; of duplicates the last stays. */
  toObject(): { [key: string]: FieldValue } {
    const table = Object.create(null) as { [key: string]: FieldValue };
    for (const [key, value] of this.entries()) table[key] = value;
    return table;
  }

  /** As `toObject`; for `JSON.stringify`, which hands in a key, fit for JSON. */
  toJSON(key?: string): object {
    return key === undefined ? this.toObject() : jsonFields(this.toObject());
  }

  /** Whether the octets are the same. */
  equals(other: unknown): boolean {
    if (!isFieldTable(other) || other.octets.length !== this.octets.length) return false;
    return this.octets.every((octet, i) => octet === other.octets[i]);
  }

  [Symbol.for("nodejs.util.inspect.custom")](
    depth: number,
    options: object,
    inspect: (value: unknown, options: object) => string,
  ): string {
    if (depth < 0) return "[FieldTable]";
    try {
      return `FieldTable ${inspect(this.toObject(), options)}`;
    } catch (error) {
      // A log statement must not throw.
      return `FieldTable [${String(error)}]`;
    }
  }

  /** Runs the core over the octets: the tape's head stands at `core.tape` then. */
  #read(): Core {
    const core = this.#core;
    const { maxDepth, maxFields } = this.#settings;
    const status = withTape(core, this.octets, () =>
      core.exports.readFields(this.octets.length, 0, maxDepth, maxFields),
    );
    beginStrings(core);
    if (status !== Status.ERROR) return core;
    const { offset = 0, path = "", ...origin } = this.#origin ?? {};
    throw decodeFailure(core, { ...origin, base: offset, path, maxDepth, maxFields });
  }

  #scan(visit: (name: string, at: number) => void): void {
    const core = this.#read();
    const count = core.words[core.tape + 2]!;
    let at = core.tape + TABLE_HEAD;
    for (let i = 0; i < count; i++) {
      const name = string(core, core.words[at]!);
      visit(typeof name === "string" ? name : latin1(name), at);
      const type = core.words[at + 1]! & 0xff;
      at = type === 0x41 || type === 0x46 ? core.tape + core.words[at + 2]! : at + FIELD_WORDS;
    }
  }
}

// Outside of the class: a bundler renames a class that speaks of itself, and consoles would show it.
function tableFrom(table: TableInput, options: EncodeOptions | undefined): FieldTable {
  if (encodeFields === undefined) throw new Error("the encoder is not loaded");
  return new FieldTable(encodeFields(table, options));
}

function isFieldTable(value: unknown): value is FieldTable {
  return value instanceof FieldTable;
}
