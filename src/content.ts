/** Content headers (section 4.2.6.1). */
import { currentCore, type Core } from "./core.js";
import { headersFailure, decodeFailure, type FailureContext } from "./decode-failure.js";
import type { DecodeError } from "./errors.js";
import { FieldTable } from "./field-table.js";
import { readTable } from "./fields.js";
import { FRAME_HEADER_SIZE } from "./generated/constants.js";
import { Flag } from "./generated/flags.js";
import { Properties, readProperties, type PropertiesFields } from "./generated/properties.js";
import { HEADER_EMPTIES, HEADER_FIELDS, HEADER_FLAGS, HEADER_TABLE, HEADERS_FLAG } from "./generated/records.js";
import { Status } from "./generated/status.js";
import { withTape } from "./input.js";
import { jsonValue } from "./json.js";
import { described, inspected, inspectSymbol } from "./inspection.js";
import { unsignedLonglong } from "./longlong.js";
import { decodeSettings, type DecodeSettings } from "./limits.js";
import { keepEmpty, providePropertyReader, shownProperties } from "./property-list.js";
import { beginStrings } from "./strings.js";
import type { Longlong, Table } from "./types.js";

/** Where the content headers of one chunk came from, for as long as their properties were not asked for. */
export class HeaderSource {
  readonly core: Core;
  readonly settings: DecodeSettings;
  /** The octets that the headers stand in. */
  readonly octets: Uint8Array;
  /** Offset in the stream of the first of them. */
  readonly base: number;
  readonly usage: HeaderUsage;

  constructor(core: Core, settings: DecodeSettings, octets: Uint8Array, base: number, usage: HeaderUsage) {
    this.usage = usage;
    this.core = core;
    this.settings = settings;
    this.octets = octets;
    this.base = base;
  }
}

/** How many content headers a call answered, and how many of them were asked for their properties. */
export interface HeaderUsage {
  headers: number;
  touched: number;
}

const NO_FIELDS = {};

/** A content header frame: how large the content is, and its properties. */
export class ContentHeader {
  declare readonly name: "ContentHeader";
  /** Class of the content: 60, Basic, is the only one. */
  declare readonly classId: 60;
  /** Reserved by the standard: 0. */
  declare readonly weight: 0;
  /** Channel that it came on or goes out on: 0 to 65535. Defaults to 0. */
  channel: number;
  /** Octets of all bodies together: 0 to 18446744073709551615. Defaults to 0. */
  bodySize: Longlong;
  #properties: Properties | undefined;
  #source: HeaderSource | undefined;
  readonly #at: number;
  readonly #size: number;

  /** @throws ValidationError where a property breaks a rule. */
  constructor(
    fields: { bodySize?: Longlong; properties?: Properties | PropertiesFields | null; channel?: number } = NO_FIELDS,
    source?: HeaderSource,
    at = 0,
    size = 0,
    channel = 0,
    bodySize: Longlong = 0,
    properties?: Properties,
  ) {
    this.channel = channel;
    this.bodySize = bodySize;
    this.#properties = properties;
    this.#source = source;
    this.#at = at;
    this.#size = size;
    if (source === undefined) {
      this.channel = fields.channel ?? 0;
      this.bodySize = fields.bodySize ?? 0;
      this.properties = fields.properties ?? {};
    }
  }

  /**
   * The content's properties, decoded when they are first asked for. Where the header table is wrong, its `headers` throw when they are touched, and the other
   * properties are there.
   */
  get properties(): Properties {
    const source = this.#source;
    if (source !== undefined) {
      source.usage.touched += 1;
      // The chunk need not live on for what is decoded.
      this.#source = undefined;
      this.#properties ??= decodeProperties(source, this.#at, this.#size, this.channel);
    }
    return this.#properties!;
  }

  set properties(value: Properties | PropertiesFields) {
    this.#properties = value instanceof Properties ? value : new Properties(value);
    this.#source = undefined;
  }

  /** Whether the other has the same size and equal properties; channels are not compared. */
  equals(other: unknown): boolean {
    return (
      other instanceof ContentHeader &&
      BigInt(other.bodySize) === BigInt(this.bodySize) &&
      this.properties.equals(other.properties)
    );
  }

  /** As a plain object; for `JSON.stringify` fit for JSON. */
  toJSON(key?: string): Record<string, unknown> {
    const { classId, weight, bodySize } = this;
    const size = key === undefined ? bodySize : jsonValue(bodySize);
    return { classId, weight, bodySize: size, properties: this.properties.toJSON(key) };
  }

  toString(): string {
    return described(this.name, this.#shown());
  }

  [inspectSymbol](depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    return inspected(this.name, this.#shown(), depth, options, inspect);
  }

  #shown(): Record<string, unknown> {
    return { bodySize: this.bodySize, properties: shownProperties(this.properties) };
  }
}
Object.defineProperties(ContentHeader.prototype, {
  name: { value: "ContentHeader" },
  classId: { value: 60 },
  weight: { value: 0 },
});

/** What stands in place of a header table that cannot be read. */
function throwing(properties: Properties, error: DecodeError): void {
  Object.defineProperty(properties, "headers", {
    enumerable: true,
    configurable: true,
    get() {
      throw error;
    },
    set(value: Table | undefined) {
      Object.defineProperty(properties, "headers", { value, writable: true, enumerable: true, configurable: true });
    },
  });
}

function decodeProperties(source: HeaderSource, at: number, size: number, channel: number): Properties {
  const { core, settings } = source;
  const { maxDepth, maxFields } = settings;
  const octets = new Uint8Array(source.octets.buffer, source.octets.byteOffset + at, size);
  const flags = settings.exact ? Flag.EXACT : 0;
  const status = withTape(core, octets, () => core.exports.readProperties(size, flags, maxDepth, maxFields));
  beginStrings(core);
  // The reader has checked all but the header table: this is not reached for frames, only for octets that changed since.
  if (status === Status.ERROR) throw decodeFailure(core, failureContext(source, at, size, channel));
  const code = core.words[core.tape + HEADER_TABLE + 3]!;
  const properties = propertiesAt(core, core.words, core.tape, source, at, channel);
  if (code !== 0)
    throwing(properties, headersFailure(core, code, { ...failureContext(source, at, size, channel), path: "headers" }));
  return properties;
}

function failureContext(source: HeaderSource, at: number, end: number, channel: number): FailureContext {
  const { maxDepth, maxFields } = source.settings;
  const names = Properties.attributes;
  return { base: source.base + at, maxDepth, maxFields, header: true, channel, classId: 60, methodId: 0, names, end };
}

// Each makes one kind of object: an engine builds the constructor into so small a function, and not into the loop that calls them all.

/** The content header whose record stands at this word of the tape. */
export function readHeader(
  words: Int32Array,
  at: number,
  source: HeaderSource,
  properties: Properties | undefined,
): ContentHeader {
  const start = words[at + 1]! + FRAME_HEADER_SIZE;
  const bodySize = unsignedLonglong(words[at + 3]!, words[at + 4]!);
  return new ContentHeader(undefined, source, start, words[at + 2], words[at]! >>> 16, bodySize, properties);
}

/** As `readHeader`, of a record with the properties. */
export function readFullHeader(core: Core, words: Int32Array, at: number, source: HeaderSource): ContentHeader {
  // A table that cannot be read is read again when it is touched: its error is thrown then.
  if (!headersAreGood(words, at)) return readHeader(words, at, source, undefined);
  const start = words[at + 1]! + FRAME_HEADER_SIZE;
  return readHeader(words, at, source, propertiesAt(core, words, at, source, start, words[at]! >>> 16));
}

/** Whether the header table of a record of properties could be read. */
function headersAreGood(words: Int32Array, at: number): boolean {
  return words[at + HEADER_TABLE + 3] === 0;
}

/** The properties whose record stands at this word of the tape; `start` is the payload's place in the source. */
function propertiesAt(
  core: Core,
  words: Int32Array,
  at: number,
  source: HeaderSource,
  start: number,
  channel: number,
): Properties {
  let headers: Table | undefined;
  if ((words[at + HEADER_FLAGS]! & HEADERS_FLAG) !== 0) {
    if (words[at + HEADER_TABLE + 2] !== 0) headers = readTable(core, at + HEADER_FIELDS);
    else if (headersAreGood(words, at))
      headers = exactHeaders(source, start + words[at + HEADER_TABLE]!, words[at + HEADER_TABLE + 1]!, channel);
  }
  const properties = readProperties(core, words, at, headers);
  const empties = words[at + HEADER_EMPTIES]!;
  if (empties !== 0) keepEmpty(properties, empties);
  return properties;
}

function exactHeaders(
  { core, settings, octets, base }: HeaderSource,
  start: number,
  length: number,
  channel: number,
): FieldTable {
  const path = "headers";
  const origin = { core, settings, offset: base + start, path, header: true, channel, classId: 60, methodId: 0 };
  return new FieldTable(octets.slice(start, start + length), origin);
}

providePropertyReader((head, list) => {
  const octets = new Uint8Array(head.length + list.length);
  octets.set(head);
  octets.set(list, head.length);
  // Offsets of errors count from the list, which is what the caller has.
  const source = new HeaderSource(currentCore(), decodeSettings(), octets, -head.length, { headers: 0, touched: 0 });
  return decodeProperties(source, 0, octets.length, 0);
});
