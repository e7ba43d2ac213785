/** Content headers from the tape: with their properties, or with what they are decoded from when somebody asks. */
import { ContentHeader } from "./content.js";
import { currentCore, type Core } from "./core.js";
import { headersFailure, decodeFailure, type FailureContext } from "./decode-failure.js";
import type { DecodeError } from "./errors.js";
import { FieldTable } from "./field-table.js";
import { readHeaderTable } from "./fields.js";
import { FRAME_HEADER_SIZE } from "./generated/constants.js";
import { Flag } from "./generated/flags.js";
import { Properties, type PropertiesFields } from "./generated/properties.js";
import { HEADER_EMPTIES, HEADER_FIELDS, HEADER_FLAGS, HEADER_TABLE, HEADERS_FLAG } from "./generated/records.js";
import { Status } from "./generated/status.js";
import { withTape } from "./input.js";
import { decodeSettings, type DecodeSettings } from "./limits.js";
import { unsignedLonglong } from "./longlong.js";
import { keepEmpty, providePropertyReader } from "./property-list.js";
import { propertyReader } from "./property-reader.js";
import { beginStrings } from "./strings.js";
import type { Longlong, Table } from "./types.js";

/** One of so many headers is watched; so many deliveries in a row are not. A power of two. */
export const UNWATCHED = 64;

/** Where the content headers of one call came from that were not decoded with their frames. */
export class HeaderSource {
  readonly core: Core;
  readonly settings: DecodeSettings;
  /** The octets that the headers stand in. */
  readonly octets: Uint8Array;
  /** How many stood before them where the headers' places are counted from. */
  readonly before: number;
  /** Offset in the stream of what those places are counted from. */
  readonly base: number;
  readonly usage: HeaderUsage;

  constructor(
    core: Core,
    settings: DecodeSettings,
    octets: Uint8Array,
    before: number,
    base: number,
    usage: HeaderUsage,
  ) {
    this.usage = usage;
    this.core = core;
    this.settings = settings;
    this.octets = octets;
    this.before = before;
    this.base = base;
  }

  /** So many octets of what a header stands in. */
  view(at: number, size: number): Uint8Array {
    const { octets, before } = this;
    return new Uint8Array(octets.buffer, octets.byteOffset - before + at, size);
  }
}

/**
 * What the content headers of one call were used for: whether the next call's properties are decoded with their frames depends on it. Headers know it, and not the other way round: a reader that is idle keeps no header alive.
 */
export class HeaderUsage {
  /** How many were left to be decoded when they are asked for, and how many of them were. */
  headers = 0;
  touched = 0;
  /** Whether one was asked for that was decoded with its frame, of those that tell: to know it of all would cost more than it gives. */
  asked = false;
  /** How many were decoded with their frames. */
  #decoded = 0;
  readonly #watching: boolean;

  constructor(watching: boolean) {
    this.#watching = watching;
  }

  /** Whether the next header that is decoded with its frame is one to be watched. */
  get watches(): boolean {
    return this.#watching && (this.#decoded++ & (UNWATCHED - 1)) === 0;
  }

  /** Whether properties were asked for: those of one that is watched, or of half of those that were not decoded. */
  get wanted(): boolean {
    return this.asked || (this.headers > 0 && 2 * this.touched >= this.headers);
  }
}

/**
 * A header whose properties are decoded when they are first asked for, or one that tells whether they were. Most headers are neither, and smaller for it. It stands for a `ContentHeader` by its prototype alone: a constructor that calls
 * `super` takes an engine as long as all the rest of it.
 */
class LazyHeader {
  channel: number;
  bodySize: Longlong;
  /** The properties once they are there; else what they are decoded from. */
  #properties: Properties | HeaderSource;
  /** Where in the source the payload begins; -1 where the properties are there. */
  #at: number;
  /** Octets of the payload; or what is told that the properties were asked for. */
  #size: number | HeaderUsage;

  constructor(
    channel: number,
    bodySize: Longlong,
    properties: Properties | HeaderSource,
    at: number,
    size: number | HeaderUsage,
  ) {
    this.channel = channel;
    this.bodySize = bodySize;
    this.#properties = properties;
    this.#at = at;
    this.#size = size;
  }

  get properties(): Properties {
    if (this.#size !== 0) LazyHeader.#touch(this);
    return this.#properties as Properties;
  }

  set properties(value: Properties | PropertiesFields) {
    this.#properties = value instanceof Properties ? value : new Properties(value);
    this.#size = 0;
  }

  // Static: of a private method each object would hold a word that says it has one.
  static #touch(header: LazyHeader): void {
    const size = header.#size;
    if (typeof size === "number") {
      const source = header.#properties as HeaderSource;
      source.usage.touched += 1;
      // The chunk need not live on for what is decoded.
      header.#properties = decodeProperties(source, header.#at, size, header.channel);
    } else size.asked = true;
    header.#size = 0;
  }
}
Object.setPrototypeOf(LazyHeader.prototype, ContentHeader.prototype);
Object.setPrototypeOf(LazyHeader, ContentHeader);
Object.defineProperty(LazyHeader, "name", { value: "ContentHeader" });
// Some programs tell frames apart by it.
Object.defineProperty(LazyHeader.prototype, "constructor", { value: ContentHeader });

/** A header with its properties still to be decoded from `source`, where its payload stands at `at`, so many octets of it; or with properties that are there, and the usage that is told when they are asked for. */
export const LazyContentHeader = LazyHeader as unknown as new (
  channel: number,
  bodySize: Longlong,
  properties: Properties | HeaderSource,
  at: number,
  size: number | HeaderUsage,
) => ContentHeader;

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
  const octets = source.view(at, size);
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

/** The content header whose record stands at this word of the tape, with its properties still to be decoded. */
export function readHeader(words: Int32Array, at: number, source: HeaderSource): ContentHeader {
  const start = words[at + 1]! + FRAME_HEADER_SIZE;
  const bodySize = unsignedLonglong(words[at + 3]!, words[at + 4]!);
  source.usage.headers += 1;
  return new LazyContentHeader(words[at]! >>> 16, bodySize, source, start, words[at + 2]!);
}

/** As `readHeader`, with properties that are there already. */
export function readFullHeader(words: Int32Array, at: number, properties: Properties): ContentHeader {
  const bodySize = unsignedLonglong(words[at + 3]!, words[at + 4]!);
  return new ContentHeader(undefined, properties, words[at]! >>> 16, bodySize);
}

/** As `readFullHeader`, of a header that tells whether its properties were asked for. */
export function watchedHeader(
  words: Int32Array,
  at: number,
  properties: Properties,
  usage: HeaderUsage,
): ContentHeader {
  const bodySize = unsignedLonglong(words[at + 3]!, words[at + 4]!);
  return new LazyContentHeader(words[at]! >>> 16, bodySize, properties, 0, usage);
}

/** Whether the header table of a record of properties could be read. One that could not is read again when it is touched: its error is thrown then. */
export function headersAreGood(words: Int32Array, at: number): boolean {
  return words[at + HEADER_TABLE + 3] === 0;
}

/** The properties whose record stands at this word of the tape; `start` is the payload's place in the source. */
export function propertiesAt(
  core: Core,
  words: Int32Array,
  at: number,
  source: HeaderSource | undefined,
  start: number,
  channel: number,
): Properties {
  let headers: Table | undefined;
  if ((words[at + HEADER_FLAGS]! & HEADERS_FLAG) !== 0) {
    const place = words[at + HEADER_TABLE + 2]!;
    if (place !== 0) headers = readHeaderTable(core, place, at + HEADER_FIELDS);
    else if (headersAreGood(words, at))
      headers = exactHeaders(source!, start + words[at + HEADER_TABLE]!, words[at + HEADER_TABLE + 1]!, channel);
  }
  const properties = propertyReader(words[at + HEADER_FLAGS]! & 0xffff)(core, words, at, headers);
  const empties = words[at + HEADER_EMPTIES]!;
  if (empties !== 0) keepEmpty(properties, empties);
  return properties;
}

function exactHeaders(source: HeaderSource, start: number, length: number, channel: number): FieldTable {
  const path = "headers";
  const { core, settings, base } = source;
  const origin = { core, settings, offset: base + start, path, header: true, channel, classId: 60, methodId: 0 };
  return new FieldTable(source.view(start, length).slice(), origin);
}

providePropertyReader((head, list) => {
  const octets = new Uint8Array(head.length + list.length);
  octets.set(head);
  octets.set(list, head.length);
  // Offsets of errors count from the list, which is what the caller has.
  const source = new HeaderSource(currentCore(), decodeSettings(), octets, 0, -head.length, new HeaderUsage(false));
  return decodeProperties(source, 0, octets.length, 0);
});
