/** What the contents of one kind have in common: which properties and which fields of the headers there are, and those that are always the same. All of it is kept as octets that go out as they are. */
import type { CommandTape } from "./command-tape.js";
import { FieldKind } from "./field-kind.js";
import type { PropertiesFields } from "./generated/properties.js";
import { Hole } from "./generated/holes.js";
import {
  APP_ID,
  CONTENT_ENCODING,
  CONTENT_TYPE,
  CORRELATION_ID,
  DELIVERY_MODE,
  EXPIRATION,
  HEADERS,
  MESSAGE_ID,
  PRIORITY,
  REPLY_TO,
  TIMESTAMP,
  TYPE,
  USER_ID,
} from "./generated/property-flags.js";
import { KEPT_LENGTH } from "./kept.js";
import { LayoutOctets, octetsOfText } from "./layout-octets.js";
import type { WriteMessage } from "./layout-code.js";
import { HEADER_OCTETS } from "./property-list.js";
import type { Shape } from "./shape.js";

/** Those that are new in each message. */
const NEW = CORRELATION_ID | EXPIRATION | MESSAGE_ID | TIMESTAMP;
const FRESH = { correlationId: CORRELATION_ID, expiration: EXPIRATION, messageId: MESSAGE_ID, timestamp: TIMESTAMP };

const STRING = 0x53;
const SMALL_INTEGER = 0x62;
const BOOLEAN = 0x74;
const NOTHING = 0x56;

/** The property flags of some properties; -1 for those that have no layout. */
export function flagsOf(properties: PropertiesFields): number {
  const { contentType, contentEncoding, headers, deliveryMode, priority, correlationId, replyTo } = properties;
  const { expiration, messageId, timestamp, type, userId, appId, clusterId } = properties;
  // An empty text counts as none.
  if (contentType === "" || contentEncoding === "" || replyTo === "" || type === "" || userId === "" || appId === "")
    return -1;
  if (clusterId !== undefined) return -1;
  return (
    (contentType === undefined ? 0 : CONTENT_TYPE) |
    (contentEncoding === undefined ? 0 : CONTENT_ENCODING) |
    (headers === undefined || headers === null ? 0 : HEADERS) |
    (deliveryMode === undefined ? 0 : DELIVERY_MODE) |
    (priority === undefined ? 0 : PRIORITY) |
    (correlationId === undefined ? 0 : CORRELATION_ID) |
    (replyTo === undefined ? 0 : REPLY_TO) |
    (expiration === undefined ? 0 : EXPIRATION) |
    (messageId === undefined ? 0 : MESSAGE_ID) |
    (timestamp === undefined ? 0 : TIMESTAMP) |
    (type === undefined ? 0 : TYPE) |
    (userId === undefined ? 0 : USER_ID) |
    (appId === undefined ? 0 : APP_ID)
  );
}

/** A copy of some properties, of which each is read once. */
export function copyOf(properties: PropertiesFields): PropertiesFields {
  const { contentType, contentEncoding, headers, deliveryMode, priority, correlationId, replyTo } = properties;
  const { expiration, messageId, timestamp, type, userId, appId, clusterId } = properties;
  const first = { contentType, contentEncoding, headers, deliveryMode, priority, correlationId, replyTo };
  return { ...first, expiration, messageId, timestamp, type, userId, appId, clusterId };
}

function mayStay(value: unknown): boolean {
  return typeof value === "string" && value !== "" && value.length <= KEPT_LENGTH && value.isWellFormed();
}

/** Whether a value can go out as a field of this kind. */
export function fits(value: unknown, fieldKind: number, same: unknown, wide: boolean): boolean {
  if (fieldKind === FieldKind.SAME) return value === same;
  if (fieldKind === FieldKind.SMALL)
    return typeof value === "number" && !wide && (value << 24) >> 24 === value && !Object.is(value, -0);
  return fieldKind === FieldKind.ANY || typeof value === "boolean";
}

function kindOf(value: unknown, wide: boolean): number {
  if (value === null || mayStay(value)) return FieldKind.SAME;
  if (typeof value === "boolean") return FieldKind.BOOLEAN;
  return fits(value, FieldKind.SMALL, undefined, wide) ? FieldKind.SMALL : FieldKind.ANY;
}

export interface Field {
  readonly key: string;
  readonly kind: number;
  /** Where that is always the same. */
  readonly value: unknown;
  /** Where its words stand behind those of the first. */
  place: number;
}

/** Whether what these properties have beside headers and what is new may stand in a layout. */
export function mayBeLaidOut(properties: PropertiesFields): boolean {
  const { contentType, contentEncoding, deliveryMode, priority, replyTo, type, userId, appId } = properties;
  return (
    [contentType, contentEncoding, replyTo, type, userId, appId].every((text) => text === undefined || mayStay(text)) &&
    (deliveryMode === undefined || deliveryMode === 1 || deliveryMode === 2) &&
    (priority === undefined || (typeof priority === "number" && (priority & 0xff) === priority))
  );
}

export class ContentLayout {
  declare readonly flags: number;
  /** Flags of those that are new in each message, and of the headers. */
  declare readonly fresh: number;
  readonly wide: boolean;
  /** Whether texts may be written for it. */
  readonly grows: boolean;
  // As they always are.
  readonly contentType: unknown;
  readonly contentEncoding: unknown;
  readonly deliveryMode: unknown;
  readonly priority: unknown;
  readonly replyTo: unknown;
  readonly type: unknown;
  readonly userId: unknown;
  readonly appId: unknown;
  /** Of the headers; with their fields in the order of its keys. */
  readonly shape: Shape | undefined;
  readonly fields: Field[] = [];
  /** Writes its messages, where code was made for that. */
  code: WriteMessage | undefined;
  /** Messages that were written without. */
  uses = 0;
  /** Words of all fields. */
  words = 0;
  /** Octets of the frame, without texts that are new and values of fields that may be anything. */
  octets = HEADER_OCTETS;
  /** Whether what should always be the same was not. */
  hopeless = false;
  /** Where it is kept, 0 where it is not, how many octets that are, and since when. */
  address = 0;
  size = 0;
  declare readonly generation: number;

  /** Of properties that may be laid out; of their fields those are the same that were so in the layout before, if there is one. */
  constructor(
    generation: number,
    properties: PropertiesFields,
    flags: number,
    shape: Shape | undefined,
    wide: boolean,
    before: ContentLayout | undefined,
  ) {
    this.flags = flags;
    this.fresh = flags & (NEW | HEADERS);
    this.shape = shape;
    this.wide = wide;
    this.contentType = properties.contentType;
    this.contentEncoding = properties.contentEncoding;
    this.deliveryMode = properties.deliveryMode;
    this.priority = properties.priority;
    this.replyTo = properties.replyTo;
    this.type = properties.type;
    this.userId = properties.userId;
    this.appId = properties.appId;
    shape?.keys.forEach((key, i) => {
      const value = (properties.headers as Record<string, unknown>)[key];
      const last = before?.fields[i];
      let fieldKind: number = FieldKind.ANY;
      if (last === undefined) fieldKind = kindOf(value, wide);
      else if (fits(value, last.kind, last.value, wide)) fieldKind = last.kind;
      this.fields.push({ key, kind: fieldKind, value: fieldKind === FieldKind.SAME ? value : undefined, place: 0 });
    });
    this.grows = (flags & NEW) !== 0 || this.fields.some(({ kind }) => kind === FieldKind.ANY);
    this.generation = generation;
  }

  /** Puts its octets among what is kept. Answers whether they found room. */
  keep(tape: CommandTape): boolean {
    const octets = this.#octets();
    this.size = octets.length;
    this.address = octets.keep(tape);
    return this.address > 0;
  }

  /** Whether there is a value of a property that is new in each message. */
  has(name: keyof typeof FRESH): boolean {
    return (this.flags & FRESH[name]) !== 0;
  }

  /** Whether it is the same as another of these flags and this shape. */
  equals({ fields }: ContentLayout): boolean {
    return fields.every((field, i) => field.kind === this.fields[i]!.kind);
  }

  /** Whether properties with its flags have what it has beside headers and what is new. */
  isOf(properties: PropertiesFields): boolean {
    return (
      properties.contentType === this.contentType &&
      properties.contentEncoding === this.contentEncoding &&
      properties.deliveryMode === this.deliveryMode &&
      properties.priority === this.priority &&
      properties.replyTo === this.replyTo &&
      properties.type === this.type &&
      properties.userId === this.userId &&
      properties.appId === this.appId
    );
  }

  #octets(): LayoutOctets {
    const to = new LayoutOctets(this.flags);
    this.#text(to, CONTENT_TYPE, this.contentType);
    this.#text(to, CONTENT_ENCODING, this.contentEncoding);
    if (this.shape !== undefined) this.#table(to, this.shape);
    this.#octet(to, DELIVERY_MODE, this.deliveryMode);
    this.#octet(to, PRIORITY, this.priority);
    this.#hole(to, CORRELATION_ID);
    this.#text(to, REPLY_TO, this.replyTo);
    this.#hole(to, EXPIRATION);
    this.#hole(to, MESSAGE_ID);
    if ((this.flags & TIMESTAMP) !== 0) {
      to.hole(Hole.LONGLONG);
      this.octets += 8;
    }
    this.#text(to, TYPE, this.type);
    this.#text(to, USER_ID, this.userId);
    this.#text(to, APP_ID, this.appId);
    to.hole(Hole.END);
    return to;
  }

  #hole(to: LayoutOctets, flag: number): void {
    if ((this.flags & flag) !== 0) to.hole(Hole.SHORTSTR);
  }

  #text(to: LayoutOctets, flag: number, value: unknown): void {
    if ((this.flags & flag) === 0) return;
    to.shortstr(value as string);
    this.octets += 1 + octetsOfText(value as string);
  }

  #octet(to: LayoutOctets, flag: number, value: unknown): void {
    if ((this.flags & flag) === 0) return;
    to.put(value as number);
    this.octets += 1;
  }

  #table(to: LayoutOctets, { keys, ordered }: Shape): void {
    const { fields } = this;
    let octets = 4;
    for (const { key, kind, value } of fields) {
      octets += 2 + octetsOfText(key);
      if (typeof value === "string") octets += 4 + octetsOfText(value);
      else if (kind === FieldKind.SMALL || kind === FieldKind.BOOLEAN) octets += 1;
    }
    this.octets += octets;
    const open = fields.some(({ kind }) => kind === FieldKind.ANY);
    if (open) to.hole(Hole.TABLE);
    else to.long(octets - 4);
    for (const key of ordered) {
      const field = fields[keys.indexOf(key)]!;
      const { kind, value } = field;
      to.shortstr(key);
      field.place = this.words;
      if (kind === FieldKind.ANY) {
        to.hole(Hole.FIELD);
        this.words += 2;
      } else if (kind !== FieldKind.SAME) {
        to.put(kind === FieldKind.SMALL ? SMALL_INTEGER : BOOLEAN);
        to.gap();
        this.words += 1;
      } else if (typeof value === "string") {
        // With the first three octets of its length, before that of a short string.
        to.long(STRING << 24);
        to.shortstr(value);
      } else to.put(NOTHING);
    }
    if (open) to.hole(Hole.TABLE_END);
  }
}
