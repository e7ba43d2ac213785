import { EncodeError } from "./errors.js";
import { FieldTable, type FieldTableOrigin } from "./field-table.js";
import { judgeFrame } from "./frame-failure.js";
import { FrameView, NO_OCTETS } from "./frame-view.js";
import { FRAME_BODY, FRAME_HEADER_SIZE } from "./generated/constants.js";
import { FIELD_SIZES, PROPERTY_NAMES, PROPERTY_SLOTS, SHORT_STRINGS } from "./generated/method-arguments.js";
import { freshText, internedText, octetsOfText, sameText } from "./interned-texts.js";
import { kind } from "./kind.js";
import { ENVELOPE } from "./limits.js";
import { unsignedLonglong } from "./longlong.js";
import { decodedTimestamp, type Timestamp } from "./timestamp.js";
import { scalarAt } from "./scalar-at.js";
import type { FieldValue, Table } from "./types.js";

/** What each property is when it is read alone. */
export interface PropertyValues {
  contentType: string | Uint8Array;
  contentEncoding: string | Uint8Array;
  headers: Table;
  deliveryMode: number;
  priority: number;
  correlationId: string | Uint8Array;
  replyTo: string | Uint8Array;
  expiration: string | Uint8Array;
  messageId: string | Uint8Array;
  timestamp: Timestamp;
  type: string | Uint8Array;
  userId: string | Uint8Array;
  appId: string | Uint8Array;
  clusterId: string | Uint8Array;
}

/** A short string among the arguments of a method, or among the properties. */
export type ShortStringName =
  | keyof typeof SHORT_STRINGS
  | {
      [N in keyof PropertyValues]: PropertyValues[N] extends string | Uint8Array ? N : never;
    }[keyof PropertyValues];

/** In a content header frame. */
const CLASS_ID = FRAME_HEADER_SIZE;
const PROPERTY_FLAGS = FRAME_HEADER_SIZE + 12;
const PROPERTY_LIST = FRAME_HEADER_SIZE + 14;
/** Class id and weight. */
const BASIC = 60 << 16;
/** See `SLOTS` and `FIELD_SIZES`. */
const SHORT = 9;
const NO_TYPE = 255;
/** Type octets. */
const ARRAY = 0x41;
const TABLE = 0x46;
const PROPERTIES = PROPERTY_NAMES.length;
const PROPERTY_INDEX: ReadonlyMap<string, number> = new Map(PROPERTY_NAMES.map((name, i) => [name, i]));
const HEADERS = PROPERTY_INDEX.get("headers")!;
/** Ids that nobody sends twice: to remember them would push out what comes again. */
const UNIQUE: ReadonlySet<number | undefined> = new Set(
  ["correlationId", "expiration", "messageId"].map((name) => PROPERTY_INDEX.get(name)),
);

/** A frame or message with its properties and headers, read one by one. */
export abstract class ContentView extends FrameView {
  /** Where each property of the header stands, -1 where it is absent. */
  #places: Int32Array | undefined;

  /**
   * Whether a short string, of the arguments or of the properties, has exactly these octets; no string is made. False where it is absent.
   *
   * @param value a text, compared as UTF-8, or octets.
   * @throws EncodeError for a name that no method and no content has; DecodeError where the properties are wrong.
   */
  is(name: ShortStringName, value: string | Uint8Array): boolean {
    const wanted = typeof value === "string" ? octetsOfText(value) : value;
    const places = (SHORT_STRINGS as { [name: string]: Int8Array | undefined })[name];
    let at: number;
    if (places !== undefined) {
      at = this.argumentAt(places);
    } else {
      const index = propertyIndex(name);
      if (PROPERTY_SLOTS[index] !== SHORT) throw new EncodeError("a short string required", name);
      at = this.#property(index);
    }
    return at >= 0 && sameText(this.held, at + 1, this.view.getUint8(at), wanted);
  }

  /**
   * One property of the content header; `undefined` where it is absent or no content header is at hand. The first call for a header checks its property list; of a header table nothing is made unless
   * it is asked for.
   *
   * @throws EncodeError for a name that is no property's; DecodeError where the property list, or the header table that is asked for, is wrong.
   */
  property<N extends keyof PropertyValues>(name: N): PropertyValues[N] | undefined {
    return this.#propertyValue(propertyIndex(name)) as PropertyValues[N] | undefined;
  }

  #propertyValue(index: number): PropertyValues[keyof PropertyValues] | undefined {
    const at = this.#property(index);
    if (at < 0) return undefined;
    const { view } = this;
    switch (PROPERTY_SLOTS[index]) {
      case 1:
        return view.getUint8(at);
      case 8:
        return decodedTimestamp(unsignedLonglong(view.getInt32(at), view.getInt32(at + 4)));
      case SHORT: {
        const length = view.getUint8(at);
        return UNIQUE.has(index)
          ? freshText(this.held, view, at + 1, length)
          : internedText(this.held, view, at + 1, length);
      }
      default: {
        const table = this.#table(at + 4, view.getUint32(at));
        return this.settings.exact ? table : table.toObject();
      }
    }
  }

  /**
   * Value of the last header with this key, as an object would have it; `undefined` where there is none. Other headers are passed by, whatever they hold.
   *
   * @throws DecodeError where the property list is wrong, or the header table where it was looked at.
   */
  header(key: string): FieldValue | undefined {
    let found = -1;
    this.#fields(key, (at) => {
      found = at;
    });
    return found < 0 ? undefined : this.#field(found);
  }

  /** Values of all headers with this key, in their order: peers differ in which of several they take. @throws DecodeError as `header`. */
  headerAll(key: string): FieldValue[] {
    const found: number[] = [];
    this.#fields(key, (at) => found.push(at));
    return found.map((at) => this.#field(at));
  }

  /**
   * Checks what `next` has not: the property list of a content header, and with `strict: true` its table.
   *
   * @throws DecodeError
   */
  check(): void {
    if (this.headerAt < 0) return;
    if (this.listed !== this.headerAt) this.listProperties();
    if (this.settings.strict) {
      const end = this.headerAt + ENVELOPE + this.view.getUint32(this.headerAt + 3);
      const frame = this.held.subarray(this.headerAt, end);
      const error = judgeFrame(this.core, this.settings, frame, this.origin + this.headerShift + this.headerAt);
      if (error !== undefined) this.fail(error);
    }
  }

  /** The payload of a body frame; of a message that is all at hand its whole body. A view: where the cursor goes on, it may be written over. `undefined` elsewhere, and where the body was not joined. */
  get body(): Uint8Array | undefined {
    const { held, bodyFrame, messageEnd } = this;
    if (this.partial) return undefined;
    if (messageEnd > 0) {
      if (bodyFrame < 0) return NO_OCTETS;
      return held.subarray(bodyFrame + FRAME_HEADER_SIZE, messageEnd - 1);
    }
    if (this.type !== FRAME_BODY) return undefined;
    return held.subarray(this.at + FRAME_HEADER_SIZE, this.at + FRAME_HEADER_SIZE + this.size);
  }

  /** Where a property stands; -1 where it is absent. */
  #property(index: number): number {
    if (this.headerAt < 0) return -1;
    if (this.listed !== this.headerAt) this.listProperties();
    return this.#places![index]!;
  }

  /** @internal Finds the properties of the header, and checks their list. @throws DecodeError */
  listProperties(): void {
    const { view, headerAt } = this;
    const places = (this.#places ??= new Int32Array(PROPERTIES));
    const size = view.getUint32(headerAt + 3);
    const end = headerAt + FRAME_HEADER_SIZE + size;
    if (size < 14 || view.getInt32(headerAt + CLASS_ID) !== BASIC) this.refuse(headerAt);
    const flags = view.getUint16(headerAt + PROPERTY_FLAGS);
    if ((flags & 1) !== 0) this.refuse(headerAt);
    let at = headerAt + PROPERTY_LIST;
    for (let i = 0; i < PROPERTIES; i++) {
      if ((flags & (0x8000 >> i)) === 0) {
        places[i] = -1;
        continue;
      }
      places[i] = at;
      const slot = PROPERTY_SLOTS[i]!;
      const left = end - at;
      if (slot < SHORT) {
        if (left < slot) this.refuse(headerAt);
        at += slot;
      } else if (slot === SHORT) {
        if (left < 1) this.refuse(headerAt);
        const length = view.getUint8(at);
        if (length > left - 1) this.refuse(headerAt);
        at += 1 + length;
      } else {
        if (left < 4) this.refuse(headerAt);
        const length = view.getUint32(at);
        if (length > left - 4) this.refuse(headerAt);
        at += 4 + length;
      }
    }
    if (at !== end) this.refuse(headerAt);
    this.listed = headerAt;
  }

  /** A copy of fields of the header table, which knows where it comes from. */
  #table(at: number, length: number): FieldTable {
    const { core, settings, channel } = this;
    const origin: FieldTableOrigin = {
      core,
      settings,
      offset: this.origin + this.headerShift + at,
      path: "headers",
      header: true,
      channel,
      classId: 60,
      methodId: 0,
    };
    return new FieldTable(this.held.slice(at, at + length), origin);
  }

  /** Walks the outermost fields of the header table; `found` is told where those with the key begin. */
  #fields(key: string, found: (at: number) => void): void {
    const at = this.#property(HEADERS);
    if (at < 0) return;
    const { held, view } = this;
    const wanted = octetsOfText(key);
    const length = view.getUint32(at);
    const end = at + 4 + length;
    const { maxFields } = this.settings;
    let fields = 0;
    let p = at + 4;
    while (p < end) {
      const start = p;
      const name = view.getUint8(p);
      if (++fields > maxFields || name > end - p - 2) return this.#refuseTable(at + 4, length);
      p += 1 + name;
      const size = FIELD_SIZES[view.getUint8(p)]!;
      p += 1;
      const left = end - p;
      if (size < SHORT) {
        if (size > left) return this.#refuseTable(at + 4, length);
        p += size;
      } else {
        if (size === NO_TYPE || left < 4) return this.#refuseTable(at + 4, length);
        const octets = view.getUint32(p);
        if (octets > left - 4) return this.#refuseTable(at + 4, length);
        p += 4 + octets;
      }
      if (name === wanted.length && sameText(held, start + 1, name, wanted)) found(start);
    }
  }

  /** Has the core say what is wrong with the header table. */
  #refuseTable(at: number, length: number): never {
    // Throws.
    void this.#table(at, length).size;
    throw new Error("a header table was refused that is good");
  }

  /** Value of the field that begins there. */
  #field(at: number): FieldValue {
    const { held, view } = this;
    const start = at;
    at += 1 + view.getUint8(at);
    const type = view.getUint8(at);
    at += 1;
    if (type !== ARRAY && type !== TABLE) return scalarAt(held, view, type, at);
    // The core reads it, as a table of this one field.
    const table = this.#table(start, at + 4 + view.getUint32(at) - start);
    return table.entries()[0]![1];
  }
}

function propertyIndex(name: string): number {
  const index = PROPERTY_INDEX.get(name);
  if (index === undefined) throw new EncodeError(`a property's name required, received ${kind(name)}`, String(name));
  return index;
}
