import type { Core } from "./core.js";
import type { DecodeError } from "./errors.js";
import { FRAME_HEADER, FRAME_HEADER_SIZE } from "./generated/constants.js";
import type { CommandName } from "./generated/commands.js";
import {
  BASIC_ACK,
  BASIC_ACK_IDS,
  BASIC_DELIVER,
  BASIC_DELIVER_IDS,
  BASIC_PUBLISH,
  BASIC_PUBLISH_IDS,
  METHOD_INDICES,
  METHOD_NAMES,
  MethodArguments,
  SLOTS,
} from "./generated/method-arguments.js";
import { judgeFrame } from "./frame-failure.js";
import { described, inspected, inspectSymbol } from "./inspection.js";
import { InputWindow } from "./input-window.js";
import { freshText, GuessedText } from "./interned-texts.js";
import { ENVELOPE, type DecodeSettings } from "./limits.js";
import { unsignedLonglong } from "./longlong.js";
import type { Longlong } from "./types.js";

/** What a frame may be. */
export type FrameName = CommandName | "ContentHeader" | "ContentBody" | "Heartbeat" | "ProtocolHeader";

/** Where a frame's arguments begin: behind its head, class id and method id. */
const ARGUMENTS = FRAME_HEADER_SIZE + 4;
/** In a Publish, behind the ticket; in a Deliver, but for the consumer tag's octets. */
const PUBLISH_EXCHANGE = ARGUMENTS + 2;
const DELIVER_EXCHANGE = ARGUMENTS + 10;
/** In a content header frame, behind class id and weight. */
const BODY_SIZE = FRAME_HEADER_SIZE + 4;
/** See `SLOTS`. */
const SHORT = 9;

export const NO_OCTETS: Uint8Array = new Uint8Array(0);
export const NO_VIEW: DataView = new DataView(NO_OCTETS.buffer);

const exchanges = new GuessedText();
const routingKeys = new GuessedText();
const others = new GuessedText();

/** One frame, or the frames of one message, as octets: what is asked for is read from them, and nothing else is made. */
export abstract class FrameView extends MethodArguments {
  /** @internal The octets that the frame stands in. */
  held: Uint8Array = NO_OCTETS;
  /** @internal The same. */
  view: DataView = NO_VIEW;
  /** @internal Where the frame begins in them. */
  at = 0;
  /** @internal Class id << 16 | method id; 0 where it is no method. */
  ids = 0;
  /** @internal Where the routing key of a Publish or Deliver stands; 0 where that is not known. Of other methods it says nothing. */
  keyAt = 0;
  /** @internal Where the content header frame of a whole message begins; -1 where it is none. */
  messageHeader = -1;
  /** @internal Where the body frame of a whole message begins; -1 where it has none. */
  bodyFrame = -1;
  /** @internal Where a whole message ends; 0 where it is not known to be whole. */
  messageEnd = 0;
  /** @internal Offset in the stream of the first octet of `held`. */
  origin = 0;
  /** @internal How much farther the header's octets stood in the stream, where frames of other channels came before it. */
  headerShift = 0;
  /** @internal */
  readonly core: Core;
  /** @internal */
  settings: DecodeSettings;
  /** @internal The content header frame whose properties' places are known; -1 for none. */
  listed = -1;
  /** @internal What of the octets is in the core's input. */
  readonly window: InputWindow;
  /** @internal Whether it is a body of which only the envelope is at hand. */
  partial = false;
  /** @internal Largest content that is put together. */
  maxBodySize = 0x7fffffff;

  /** @internal */
  constructor(core: Core, settings: DecodeSettings) {
    super();
    this.core = core;
    this.window = new InputWindow(core, this);
    this.settings = settings;
  }

  /** @internal Ends with the error of what is wrong in the frame that begins there. */
  refuse(at: number): never {
    const end = at + ENVELOPE + this.view.getUint32(at + 3);
    const error = judgeFrame(this.core, this.settings, this.held.subarray(at, end), this.origin + at);
    if (error === undefined) throw new Error("a frame was refused that is good");
    return this.fail(error);
  }

  /** @internal Called when the core has looked at frames. */
  scanned(): void {}

  /** @internal Has to be called before the octets of a frame are used. */
  assertJoined(): void {}

  /** @internal */
  fail(error: DecodeError): never {
    throw error;
  }

  /** @internal Dense index of the method; -1 where it is none. */
  get dense(): number {
    const { ids } = this;
    if (ids === BASIC_PUBLISH_IDS) return BASIC_PUBLISH;
    if (ids === BASIC_DELIVER_IDS) return BASIC_DELIVER;
    if (ids === BASIC_ACK_IDS) return BASIC_ACK;
    return ids === 0 ? -1 : METHOD_INDICES.get(ids)!;
  }

  /** @internal Where the content header frame begins; -1 where there is none. */
  get headerAt(): number {
    if (this.messageHeader >= 0) return this.messageHeader;
    return this.ids === 0 && this.view.getUint8(this.at) === FRAME_HEADER ? this.at : -1;
  }

  /** Where the exchange of a Publish or Deliver stands; 0 where it stands somewhere else, -1 where there is none. */
  get #routing(): number {
    const { ids, at } = this;
    if (ids === BASIC_DELIVER_IDS) return at + DELIVER_EXCHANGE + this.view.getUint8(at + ARGUMENTS);
    if (ids === BASIC_PUBLISH_IDS) return at + PUBLISH_EXCHANGE;
    return ids === 0 || ids === BASIC_ACK_IDS ? -1 : 0;
  }

  /** @internal Whether all frames of the message are at hand; where they are, their places are known. */
  abstract whole(): boolean;

  /** The standard's type of the frame: 1 method, 2 content header, 3 content body, 8 heartbeat; 65 for a protocol header. */
  get type(): number {
    return this.view.getUint8(this.at);
  }

  /** Channel: 0 to 65535. */
  get channel(): number {
    return this.view.getUint16(this.at + 1);
  }

  /** Octets of the payload. */
  get size(): number {
    return this.view.getUint32(this.at + 3);
  }

  /** Offset of the frame's first octet in the stream. */
  get offset(): number {
    return this.origin + this.at;
  }

  /** As in `Frame.name`: `"Basic.Publish"`, `"ContentHeader"`. */
  get name(): FrameName {
    if (this.ids !== 0) return METHOD_NAMES[this.dense] as FrameName;
    const type = this.view.getUint8(this.at);
    return type === 2 ? "ContentHeader" : type === 3 ? "ContentBody" : type === 8 ? "Heartbeat" : "ProtocolHeader";
  }

  /** Octets of the whole content, where a content header is at hand: 0 to 18446744073709551615. */
  get bodySize(): Longlong | undefined {
    const at = this.headerAt;
    if (at < 0) return undefined;
    return unsignedLonglong(this.view.getInt32(at + BODY_SIZE), this.view.getInt32(at + BODY_SIZE + 4));
  }

  /** What it is and where; never its octets, among which there may be secrets. */
  toJSON(): Record<string, unknown> {
    const { name, channel, size, offset } = this;
    return { name, channel, size, offset };
  }

  override toString(): string {
    return described("FrameView", this.toJSON());
  }

  [inspectSymbol](depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    return inspected("FrameView", this.toJSON(), depth, options, inspect);
  }

  override get exchange(): string | Uint8Array | undefined {
    const at = this.#routing;
    if (at <= 0) return at < 0 ? undefined : super.exchange;
    return exchanges.at(this.held, this.view, at + 1, this.view.getUint8(at));
  }

  override get routingKey(): string | Uint8Array | undefined {
    const { ids } = this;
    if (ids !== BASIC_DELIVER_IDS && ids !== BASIC_PUBLISH_IDS) return ids === 0 ? undefined : super.routingKey;
    let at = this.keyAt;
    if (at === 0) {
      at = this.#routing;
      at += 1 + this.view.getUint8(at);
    }
    return routingKeys.at(this.held, this.view, at + 1, this.view.getUint8(at));
  }

  /** @internal */
  bit(places: Int8Array): boolean | undefined {
    const place = this.#place(places);
    return place < 0 ? undefined : (this.view.getUint8(this.#slot(place >> 3)) & (1 << (place & 7))) !== 0;
  }

  /** @internal */
  octet(places: Int8Array): number | undefined {
    const place = this.#place(places);
    return place < 0 ? undefined : this.view.getUint8(this.#slot(place >> 3));
  }

  /** @internal */
  short(places: Int8Array): number | undefined {
    const place = this.#place(places);
    return place < 0 ? undefined : this.view.getUint16(this.#slot(place >> 3));
  }

  /** @internal */
  long(places: Int8Array): number | undefined {
    const place = this.#place(places);
    return place < 0 ? undefined : this.view.getUint32(this.#slot(place >> 3));
  }

  /** @internal */
  longlong(places: Int8Array): Longlong | undefined {
    const place = this.#place(places);
    if (place < 0) return undefined;
    const at = this.#slot(place >> 3);
    return unsignedLonglong(this.view.getInt32(at), this.view.getInt32(at + 4));
  }

  /** @internal */
  shortstr(places: Int8Array): string | Uint8Array | undefined {
    const place = this.#place(places);
    if (place < 0) return undefined;
    const at = this.#slot(place >> 3);
    return others.at(this.held, this.view, at + 1, this.view.getUint8(at));
  }

  /** @internal */
  longstr(places: Int8Array): string | Uint8Array | undefined {
    const place = this.#place(places);
    if (place < 0) return undefined;
    const at = this.#slot(place >> 3);
    return freshText(this.held, this.view, at + 4, this.view.getUint32(at));
  }

  #place(places: Int8Array): number {
    const { dense } = this;
    return dense < 0 ? -1 : places[dense]!;
  }

  /** @internal Where a short string among the arguments stands; -1 where the method has none of that name. */
  argumentAt(places: Int8Array): number {
    const place = this.#place(places);
    return place < 0 ? -1 : this.#slot(place >> 3);
  }

  /** Where a slot of the method's arguments stands. */
  #slot(slot: number): number {
    const { view } = this;
    const sizes = SLOTS[this.dense]!;
    let at = this.at + ARGUMENTS;
    for (let i = 0; i < slot; i++) {
      const size = sizes[i]!;
      at += size < SHORT ? size : size === SHORT ? 1 + view.getUint8(at) : 4 + view.getUint32(at);
    }
    return at;
  }
}
