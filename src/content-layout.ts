/** What the contents of one kind have in common: which properties and which fields of the headers there are, and those that are always the same. All of it is kept as octets that go out as they are. */
import type { CommandTape } from "./command-tape.js";
import type { PropertiesFields } from "./generated/properties.js";
import { Hole } from "./generated/holes.js";
import { KEPT_LENGTH } from "./kept.js";
import { LayoutOctets, octetsOfText } from "./layout-octets.js";
import { HEADER_OCTETS } from "./property-list.js";
import type { Shape } from "./table-shapes.js";

/** How a field is written: not at all, because it is always the same; as a small integer or a boolean, whose types are known; as anything that a shape's field may be. */
export const FieldKind = { SAME: 0, SMALL: 1, BOOLEAN: 2, ANY: 3 } as const;

/** Stands for a property that is not always the same: no value is equal to it. */
export const DIFFERS = Symbol("differs");

/** Flags of the properties whose texts and numbers may be the same in all messages, and of those that never are. */
const CONTENT_TYPE = 0x8000;
const CONTENT_ENCODING = 0x4000;
export const HEADERS = 0x2000;
const DELIVERY_MODE = 0x1000;
const PRIORITY = 0x800;
const CORRELATION_ID = 0x400;
const REPLY_TO = 0x200;
const EXPIRATION = 0x100;
const MESSAGE_ID = 0x80;
const TIMESTAMP = 0x40;
const TYPE = 0x20;
const USER_ID = 0x10;
const APP_ID = 0x8;
/** Those that are new in each message. */
export const NEW = CORRELATION_ID | EXPIRATION | MESSAGE_ID | TIMESTAMP;

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

function mayStay(value: unknown): boolean {
  return typeof value === "string" && value !== "" && value.length <= KEPT_LENGTH && value.isWellFormed();
}

function mayBe(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** Whether a value can go out as a field of this kind. */
function fits(value: unknown, fieldKind: number, same: unknown, wide: boolean): boolean {
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

export class ContentLayout {
  readonly flags: number;
  /** Flags of those that are new in each message. */
  readonly fresh: number;
  /** Flags of those that are not always the same. */
  readonly differing: number;
  readonly wide: boolean;
  // As they always are; DIFFERS where that is not so.
  contentType: unknown;
  contentEncoding: unknown;
  deliveryMode: unknown;
  priority: unknown;
  replyTo: unknown;
  type: unknown;
  userId: unknown;
  appId: unknown;
  /** Of the headers; and by field, in the order of their keys: how it is written, its value where that is always the same, and its words behind those of the first. */
  readonly shape: Shape | undefined;
  readonly kinds: number[] = [];
  readonly values: unknown[] = [];
  readonly places: number[] = [];
  /** Words of all fields. */
  words = 0;
  /** Octets of the frame, without texts that differ and values of fields that may be anything. */
  octets = HEADER_OCTETS;
  /** Where it is kept, 0 where it found no room, and since when. */
  readonly address: number;
  readonly generation: number;

  /** What is the same in these properties and in those of a layout before, if there is one. */
  constructor(
    tape: CommandTape,
    properties: PropertiesFields,
    flags: number,
    shape: Shape | undefined,
    wide: boolean,
    before: ContentLayout | undefined,
  ) {
    this.flags = flags;
    this.fresh = flags & NEW;
    this.shape = shape;
    this.wide = wide;
    let differing = before?.differing ?? 0;
    const one = (flag: number, value: unknown, stays: boolean, last: unknown): unknown => {
      if ((flags & flag) === 0) return undefined;
      if (!stays || (before !== undefined && value !== last)) differing |= flag;
      return (differing & flag) === 0 ? value : DIFFERS;
    };
    const text = (flag: number, value: unknown, last: unknown): unknown => one(flag, value, mayStay(value), last);
    const { deliveryMode, priority } = properties;
    this.contentType = text(CONTENT_TYPE, properties.contentType, before?.contentType);
    this.contentEncoding = text(CONTENT_ENCODING, properties.contentEncoding, before?.contentEncoding);
    this.deliveryMode = one(DELIVERY_MODE, deliveryMode, mayBe(deliveryMode, 1, 2), before?.deliveryMode);
    this.priority = one(PRIORITY, priority, mayBe(priority, 0, 0xff), before?.priority);
    this.replyTo = text(REPLY_TO, properties.replyTo, before?.replyTo);
    this.type = text(TYPE, properties.type, before?.type);
    this.userId = text(USER_ID, properties.userId, before?.userId);
    this.appId = text(APP_ID, properties.appId, before?.appId);
    this.differing = differing;
    shape?.keys.forEach((key, i) => {
      const value = (properties.headers as Record<string, unknown>)[key];
      const last = before?.kinds[i];
      const fieldKind =
        last === undefined ? kindOf(value, wide) : fits(value, last, before!.values[i], wide) ? last : FieldKind.ANY;
      this.kinds.push(fieldKind);
      this.values.push(fieldKind === FieldKind.SAME ? value : DIFFERS);
      this.places.push(0);
    });
    this.generation = tape.kept.generation;
    this.address = this.#octets().keep(tape);
  }

  /** Whether it is the same as another of these flags and this shape. */
  equals({ differing, kinds }: ContentLayout): boolean {
    return differing === this.differing && kinds.every((fieldKind, i) => fieldKind === this.kinds[i]);
  }

  #octets(): LayoutOctets {
    const to = new LayoutOctets(this.flags);
    this.#text(to, CONTENT_TYPE, this.contentType);
    this.#text(to, CONTENT_ENCODING, this.contentEncoding);
    if (this.shape !== undefined) this.#table(to, this.shape);
    this.#octet(to, DELIVERY_MODE, this.deliveryMode);
    this.#octet(to, PRIORITY, this.priority);
    this.#text(to, CORRELATION_ID, DIFFERS);
    this.#text(to, REPLY_TO, this.replyTo);
    this.#text(to, EXPIRATION, DIFFERS);
    this.#text(to, MESSAGE_ID, DIFFERS);
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

  #text(to: LayoutOctets, flag: number, value: unknown): void {
    if ((this.flags & flag) === 0) return;
    if (value === DIFFERS) return to.hole(Hole.SHORTSTR);
    to.shortstr(value as string);
    this.octets += 1 + octetsOfText(value as string);
  }

  #octet(to: LayoutOctets, flag: number, value: unknown): void {
    if ((this.flags & flag) === 0) return;
    if (value === DIFFERS) to.hole(Hole.OCTET);
    else to.put(value as number);
    this.octets += 1;
  }

  #table(to: LayoutOctets, { keys, ordered }: Shape): void {
    const { kinds, values } = this;
    let octets = 4;
    for (const [i, key] of keys.entries()) {
      octets += 2 + octetsOfText(key);
      const value = values[i];
      if (typeof value === "string") octets += 4 + octetsOfText(value);
      else if (kinds[i] === FieldKind.SMALL || kinds[i] === FieldKind.BOOLEAN) octets += 1;
    }
    this.octets += octets;
    const open = kinds.includes(FieldKind.ANY);
    if (open) to.hole(Hole.TABLE);
    else to.long(octets - 4);
    for (const key of ordered) {
      const i = keys.indexOf(key);
      const value = values[i];
      to.shortstr(key);
      this.places[i] = this.words;
      if (kinds[i] === FieldKind.ANY) {
        to.hole(Hole.FIELD);
        this.words += 2;
      } else if (kinds[i] !== FieldKind.SAME) {
        to.put(kinds[i] === FieldKind.SMALL ? SMALL_INTEGER : BOOLEAN);
        to.hole(Hole.OCTET);
        this.words += 1;
      } else if (typeof value === "string") {
        to.put(STRING, 0, 0, 0);
        to.shortstr(value);
      } else to.put(NOTHING);
    }
    if (open) to.hole(Hole.TABLE_END);
  }
}
