import { ContentView } from "./content-view.js";
import { currentCore, withCore } from "./core.js";
import { CutFrame } from "./cut-frame.js";
import { EncodeError, type DecodeError } from "./errors.js";
import type { Frame } from "./frame.js";
import { judgeFrame } from "./frame-failure.js";
import { FrameReader } from "./frame-reader.js";
import { GatheredContent, unexpected } from "./gathered-content.js";
import { NO_OCTETS, NO_VIEW } from "./frame-view.js";
import {
  FRAME_BODY,
  FRAME_END,
  FRAME_HEADER,
  FRAME_HEADER_SIZE,
  FRAME_HEARTBEAT,
  FRAME_METHOD,
} from "./generated/constants.js";
import { contentMethods } from "./generated/commands.js";
import {
  BASIC_DELIVER,
  BASIC_DELIVER_IDS,
  BASIC_PUBLISH,
  BASIC_PUBLISH_IDS,
  FIXED_SIZES,
  METHOD_INDICES,
} from "./generated/method-arguments.js";
import * as State from "./generated/state.js";
import { asOctets } from "./input.js";
import { decodeSettings, DEFAULT_MAX_BODY_SIZE, ENVELOPE, frameMaxOption, optionInRange } from "./limits.js";
import { StoredMessage } from "./stored-message.js";
import type { DecodeOptions } from "./types.js";

/** How a cursor reads. The limits are those of `FrameReader`. */
export interface FrameCursorOptions extends DecodeOptions {
  /** Whether `next` stops once for each whole message, with its method, header and body at hand, instead of at each of its frames. Defaults to false. */
  messages?: boolean;
  /** Largest content in octets of a message, checked when its header arrives: 0 to 9007199254740991. Of consequence where messages are put together. Defaults to 536870912 (512 MiB). */
  maxBodySize?: number;
}

/** What `next` has to look after beside the next frame; 0 most of the time. */
const FAILED = 1;
/** The current frame does not stand in the chunk, or the chunk is a new one. */
const AWAY = 2;
/** A frame is cut. */
const CUT = 4;
/** Contents are being gathered, or may have to be. */
const CONTENT = 8;

const PROTOCOL_HEADER = 65;
const PROTOCOL_HEADER_SIZE = 8;
/** Class id and weight of a content header. */
const BASIC = 60 << 16;
const PROTOCOL_HEADER_VIEW = new DataView(
  Uint8Array.of(PROTOCOL_HEADER, 0, 0, 0, 0, 0, PROTOCOL_HEADER_SIZE, 0).buffer,
);
/** What is under a cursor that did not begin: a heartbeat. */
const NO_FRAME = Uint8Array.of(FRAME_HEARTBEAT, 0, 0, 0, 0, 0, 0, FRAME_END);

/**
 * Walks the frames of one direction of one connection and makes nothing of them but what is asked for:
 *
 *     cursor.push(chunk);
 *     while (cursor.next()) if (cursor.name === "Basic.Publish") route(cursor.exchange, cursor.routingKey);
 *
 * What is checked when: `next` checks the frame (type, size, frame-end), the class id, weight and flags of a content header, and all arguments of a method, as `FrameReader` does; `forward`, `deliver`, `getOk`, `return` and
 * `check` also check the property list of a content header, and with `strict: true` its table, so that nothing malformed is passed on; `property`, `header` and `frame` check what they read. All refuse with the
 * `DecodeError` that `FrameReader` has for the same octets, and the cursor ends there.
 *
 * The octets of a chunk are the caller's again once `next` has answered false. Views (`octets`, `body`) are good until the next call of `next`; strings, numbers and what `frame`, `property`, `header` and
 * `message` answer may be kept, except that a frame is a view of the chunk as `FrameReader`'s are.
 */
export class FrameCursor extends ContentView {
  #chunk = NO_OCTETS;
  #chunkView = NO_VIEW;
  /** Offset in the stream of the chunk's first octet. */
  #base = 0;
  #length = 0;
  /** Where the next frame begins in the chunk. */
  #position = 0;
  #limit: number;
  #state: number;
  readonly #cut = new CutFrame();
  readonly #messages: boolean;
  readonly #maxBodySize: number;
  readonly #contents = new Map<number, GatheredContent>();
  #gathered: StoredMessage | undefined;
  #error: DecodeError | undefined;
  #readers: { whole: FrameReader; cut: FrameReader } | undefined;

  /** @throws EncodeError where an option is out of range. */
  constructor(options: FrameCursorOptions = {}) {
    super(currentCore(), decodeSettings(options));
    this.#messages = options.messages ?? false;
    this.#maxBodySize = optionInRange(
      "maxBodySize",
      options.maxBodySize ?? DEFAULT_MAX_BODY_SIZE,
      0,
      Number.MAX_SAFE_INTEGER,
    );
    this.#limit = this.settings.frameMax;
    this.#state = 0;
    this.reset();
  }

  /** Largest payload of a frame in octets; to be set when the peers have agreed on it. 0 stands for no limit but 2147483647. */
  get frameMax(): number {
    return this.#limit;
  }

  set frameMax(value: number) {
    this.#limit = frameMaxOption(value);
    this.settings = { ...this.settings, frameMax: this.#limit };
    this.#readers = undefined;
  }

  /** The error that ended this stream, if one did. */
  get error(): DecodeError | undefined {
    return this.#error;
  }

  /** Octets of the stream that were taken in. */
  get octetsRead(): number {
    return this.#base + this.#length;
  }

  /** Octets that are there of a frame of which the rest is still to come. */
  get octetsPending(): number {
    return (this.#state & CUT) === 0 ? 0 : this.#cut.length;
  }

  /** The frame as it came; of a message its frames, one behind the other. A view. */
  get octets(): Uint8Array {
    const end = this.messageEnd > 0 ? this.messageEnd : this.#frameEnd();
    return new Uint8Array(this.held.buffer, this.held.byteOffset + this.at, end - this.at);
  }

  /** Makes the cursor new: for another stream, or for the same one after an error. */
  reset(): void {
    this.#chunk = this.held = NO_FRAME;
    this.#chunkView = this.view = new DataView(NO_FRAME.buffer);
    this.#base = this.#length = this.#position = this.at = 0;
    this.#state = AWAY | (this.#messages ? CONTENT : 0);
    this.#cut.begin(0);
    this.#contents.clear();
    this.#error = undefined;
    this.#bare();
  }

  /**
   * Takes the next octets of the stream; `next` walks them.
   *
   * @throws EncodeError where `next` has not yet answered false for the last ones; DecodeError where an error ended the stream.
   */
  push(chunk: Uint8Array): this {
    if (this.#error !== undefined) throw this.#error;
    if (this.#position < this.#length) {
      throw new EncodeError("the last chunk is not read to its end: next() has to answer false first");
    }
    const octets = asOctets(chunk);
    this.#base += this.#length;
    this.#chunk = octets;
    this.#chunkView = new DataView(octets.buffer, octets.byteOffset, octets.length);
    this.#length = octets.length;
    this.#position = 0;
    this.#state |= AWAY;
    return this;
  }

  /**
   * Goes on to the next frame, or message; answers whether there is one. False says that the chunk is used up: what is cut at its end goes on in the next one. Frames of a content that `deliver`, `getOk` or `return`
   * was called for are passed by.
   *
   * @throws DecodeError where the octets are wrong, and again at every later call; what a delivery throws that waited for the rest of its content.
   */
  next(): boolean {
    return this.#state === 0 ? this.#step() : this.#nextOther();
  }

  #step(): boolean {
    const { view } = this;
    const at = this.#position;
    const left = this.#length - at;
    if (left < ENVELOPE) return this.#edge();
    const size = view.getInt32(at + 3);
    if (size < 0 || size > left - ENVELOPE || size > this.#limit) return this.#edge();
    const end = at + FRAME_HEADER_SIZE + size;
    if (view.getUint8(end) !== FRAME_END) return this.#odd(at);
    this.at = at;
    this.#position = end + 1;
    return this.#enter(at, size, end);
  }

  /** A whole frame is under the cursor: looks at what is to be checked at once. */
  #enter(at: number, size: number, end: number): boolean {
    const { view } = this;
    const head = view.getInt32(at);
    const type = head >>> 24;
    this.listed = false;
    this.messageEnd = 0;
    this.headerAt = -1;
    if (type === FRAME_METHOD) {
      if (size < 4) return this.refuse(at);
      const ids = view.getInt32(at + FRAME_HEADER_SIZE);
      if (ids === BASIC_DELIVER_IDS) {
        // Shortest with three empty strings.
        if (size < 16) return this.refuse(at);
        const exchange = at + 21 + view.getUint8(at + 11);
        const key = exchange + 1 + (exchange < end ? view.getUint8(exchange) : 0);
        if (key >= end || key + 1 + view.getUint8(key) !== end) return this.refuse(at);
        this.dense = BASIC_DELIVER;
        this.routing = exchange;
        return true;
      }
      if (ids === BASIC_PUBLISH_IDS) {
        if (size < 9) return this.refuse(at);
        const exchange = at + 13;
        const key = exchange + 1 + view.getUint8(exchange);
        // Its bits come behind it.
        if (key >= end || key + 2 + view.getUint8(key) !== end) return this.refuse(at);
        this.dense = BASIC_PUBLISH;
        this.routing = exchange;
        return true;
      }
      return this.#method(ids, at, size);
    }
    this.dense = -1;
    this.routing = 0;
    if (type === FRAME_BODY) return true;
    if (type === FRAME_HEADER) {
      if (size < 14 || view.getInt32(at + 7) !== BASIC || (view.getUint8(at + 20) & 1) !== 0) return this.refuse(at);
      this.headerAt = at;
      return true;
    }
    if (type === FRAME_HEARTBEAT && (head & 0xffff00) === 0 && size === 0) return true;
    return this.#odd(at);
  }

  #method(ids: number, at: number, size: number): boolean {
    const dense = METHOD_INDICES.get(ids);
    if (dense === undefined) return this.refuse(at);
    const fixed = FIXED_SIZES[dense]!;
    if (fixed >= 0) {
      if (size !== fixed) return this.refuse(at);
    } else {
      const { maxDepth, maxFields } = this.settings;
      const position = this.loaded(at, at + ENVELOPE + size);
      if (this.core.exports.checkFrame(position, 0, maxDepth, maxFields) === 0) return this.refuse(at);
    }
    this.dense = dense;
    this.routing = 0;
    return true;
  }

  /** What may be wrong, or a protocol header whose octets look like a frame. */
  #odd(at: number): boolean {
    if (this.origin + at === 0 && this.view.getUint8(at) === PROTOCOL_HEADER && this.held === this.#chunk) {
      this.#position = at;
      return this.#edge();
    }
    return this.refuse(at);
  }

  /** The chunk ends before the frame does, or the frame's head is wrong, or it is a protocol header. */
  #edge(): boolean {
    const chunk = this.#chunk;
    const at = this.#position;
    const left = this.#length - at;
    if (left === 0) return false;
    const need = this.#need(chunk.subarray(at, at + Math.min(left, ENVELOPE)), this.#base + at);
    if (need <= left) return this.#protocolHeader(need);
    this.#cut.begin(need);
    this.#position = this.#cut.fill(chunk, at);
    this.#state |= CUT;
    return false;
  }

  /** It is no frame, but looks like one from outside: of the type that its first letter makes, on channel 0, of eight octets. */
  #protocolHeader(position: number): boolean {
    this.view = PROTOCOL_HEADER_VIEW;
    this.at = 0;
    this.#position = position;
    this.#state |= AWAY;
    this.#bare();
    return true;
  }

  #bare(): void {
    this.dense = this.headerAt = -1;
    this.routing = this.messageEnd = 0;
  }

  /** How many octets the frame has that begins with these, or how many say more. @throws DecodeError */
  #need(octets: Uint8Array, base: number): number {
    const type = octets[0]!;
    if (type >= FRAME_METHOD && type <= FRAME_BODY) {
      if (octets.length < FRAME_HEADER_SIZE) return FRAME_HEADER_SIZE;
      const size = (octets[3]! << 24) | (octets[4]! << 16) | (octets[5]! << 8) | octets[6]!;
      if (size >= 0 && size <= this.#limit) return size + ENVELOPE;
    }
    const error = judgeFrame(this.core, this.settings, octets, base);
    if (error !== undefined) this.fail(error);
    const need = this.core.state(State.NEED);
    return need === 0 ? PROTOCOL_HEADER_SIZE : need;
  }

  #nextOther(): boolean {
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      if ((this.#state & AWAY) !== 0) this.#return();
      if (!((this.#state & CUT) !== 0 ? this.#stepCut() : this.#step())) return false;
      if ((this.#state & CONTENT) === 0 || !this.#gathers()) return true;
    }
  }

  /** Goes back to the chunk. */
  #return(): void {
    if ((this.#state & CUT) === 0) this.#cut.begin(0);
    this.#state &= ~AWAY;
    this.#gathered = undefined;
    this.held = this.#chunk;
    this.view = this.#chunkView;
    this.origin = this.#base;
    this.headerShift = 0;
    this.unload();
  }

  #stepCut(): boolean {
    const cut = this.#cut;
    for (;;) {
      this.#position = cut.fill(this.#chunk, this.#position);
      if (!cut.complete) return false;
      const { octets, length } = cut;
      const base = this.#base + this.#position - length;
      const need = this.#need(octets.subarray(0, Math.min(length, ENVELOPE)), base);
      if (need > length) {
        cut.need = need;
        continue;
      }
      this.#state = (this.#state & ~CUT) | AWAY;
      this.held = octets;
      this.view = new DataView(octets.buffer, octets.byteOffset, octets.length);
      this.origin = base;
      this.at = 0;
      this.unload();
      if (octets[0] === PROTOCOL_HEADER) return this.#protocolHeader(this.#position);
      if (octets[length - 1] !== FRAME_END) return this.refuse(0);
      return this.#enter(0, length - ENVELOPE, length - 1);
    }
  }

  /** Whether the frame belongs to a content that is being gathered and is not to be shown. */
  #gathers(): boolean {
    const { channel } = this;
    const content = this.#contents.get(channel);
    try {
      if (content === undefined) return this.#messages && this.#beginsMessage();
      if (!content.take(this)) return true;
    } catch (error) {
      this.fail(error as DecodeError);
    }
    this.#contents.delete(channel);
    const message = content.message(this);
    if (this.#messages) {
      this.#show(message);
      return false;
    }
    if (this.#contents.size === 0) this.#state &= ~CONTENT;
    run(content.actions, message);
    return true;
  }

  /** In a stream of messages: whether what begins here is not whole. */
  #beginsMessage(): boolean {
    if (contentMethods.has(this.dense)) {
      if (this.whole()) {
        this.#position = this.messageEnd;
        return false;
      }
      this.#contents.set(this.channel, new GatheredContent(this, this.#maxBodySize));
      return true;
    }
    const { type } = this;
    if (type === FRAME_HEADER) throw unexpected(this, "no method that carries content came before it");
    if (type === FRAME_BODY) throw unexpected(this, "no content header came before it");
    return false;
  }

  #show(message: StoredMessage): void {
    this.#gathered = message;
    this.#state |= AWAY;
    const { held, view, origin, headerShift, dense, routing, headerAt, bodyFrame, messageEnd } = message;
    Object.assign(this, { held, view, origin, headerShift, dense, routing, headerAt, bodyFrame, messageEnd, at: 0 });
    this.listed = false;
    this.unload();
  }

  /**
   * The whole frame as an object, as `FrameReader` makes it; of a message its method. Bodies and lazy properties are views of the chunk, where it held the frame whole.
   *
   * @throws DecodeError
   */
  frame(): Frame {
    const readers = (this.#readers ??= this.#makeReaders());
    const { at, held } = this;
    const octets = held.subarray(at, this.#frameEnd());
    try {
      return (held === this.#chunk ? readers.whole : readers.cut).readOne(octets, this.offset)!.frame;
    } catch (error) {
      return this.fail(error as DecodeError);
    }
  }

  /**
   * The message as a copy that can be kept and delivered later.
   *
   * @throws EncodeError where no whole message is under the cursor: see the option `messages`; DecodeError where its header is wrong.
   */
  message(): StoredMessage {
    const { at, messageEnd, dense, routing, headerAt, bodyFrame, core, settings, origin, headerShift } = this;
    if (messageEnd === 0) {
      throw new EncodeError(`a whole message required (option messages), the cursor is at a ${this.name}`);
    }
    this.check();
    if (this.#gathered !== undefined) return new StoredMessage(core, settings, this.held, this.#gathered);
    return new StoredMessage(core, settings, this.held.slice(at, messageEnd), {
      origin: origin + at,
      headerShift,
      dense,
      routing: routing === 0 ? 0 : routing - at,
      headerAt: headerAt - at,
      bodyFrame: bodyFrame < 0 ? -1 : bodyFrame - at,
    });
  }

  /** @internal Ends the stream with an error. */
  override fail(error: DecodeError): never {
    this.#error = error;
    this.#state |= FAILED;
    this.#contents.clear();
    this.#cut.begin(0);
    throw error;
  }

  /** @internal */
  whole(): boolean {
    if (this.#messages && this.messageEnd > 0) return true;
    const { view, at, channel } = this;
    if (channel === 0) this.fail(unexpected(this, "content travels on channels from 1 on"));
    // What was cut is not in the chunk any more.
    if (this.held !== this.#chunk) return false;
    const header = at + ENVELOPE + view.getInt32(at + 3);
    let end = this.#framesEnd(header, (FRAME_HEADER << 16) | channel);
    if (end - header < ENVELOPE + 14 || view.getInt32(header + 7) !== BASIC) return false;
    const bodySize = view.getInt32(header + 15);
    if (view.getInt32(header + 11) !== 0 || bodySize < 0 || bodySize > this.#maxBodySize) return false;
    this.bodyFrame = -1;
    if (bodySize > 0) {
      const body = end;
      end = this.#framesEnd(body, (FRAME_BODY << 16) | channel);
      if (end - body !== bodySize + ENVELOPE) return false;
      this.bodyFrame = body;
    }
    this.headerAt = header;
    this.messageEnd = end;
    return true;
  }

  /** Where the frame at a place of the chunk ends that begins with this type and channel; 0 where it is another or not whole. */
  #framesEnd(at: number, head: number): number {
    const { view } = this;
    const left = this.#length - at;
    if (left < ENVELOPE || view.getInt32(at) >>> 8 !== head) return 0;
    const size = view.getInt32(at + 3);
    if (size < 0 || size > left - ENVELOPE || size > this.#limit) return 0;
    const end = at + FRAME_HEADER_SIZE + size;
    return view.getUint8(end) === FRAME_END ? end + 1 : 0;
  }

  /** @internal To be called when all was done with a whole content: its frames are passed by. */
  passed(): void {
    if (this.#messages) return;
    this.#position = this.messageEnd;
    this.messageEnd = 0;
    this.headerAt = -1;
  }

  /** @internal Has something done with the message once the rest of it is there. */
  defer(action: (message: StoredMessage) => void): void {
    const { channel } = this;
    let content = this.#contents.get(channel);
    if (content === undefined) {
      content = new GatheredContent(this, this.#maxBodySize);
      this.#contents.set(channel, content);
      this.#state |= CONTENT;
    }
    content.actions.push(action);
  }

  #frameEnd(): number {
    if (this.type === PROTOCOL_HEADER) return this.at + PROTOCOL_HEADER_SIZE;
    return this.at + ENVELOPE + this.size;
  }

  #makeReaders(): { whole: FrameReader; cut: FrameReader } {
    const { exact, ...settings } = this.settings;
    const options = { ...settings, tables: exact ? ("exact" as const) : ("objects" as const) };
    return withCore(this.core, () => ({
      whole: new FrameReader(options),
      cut: new FrameReader({ ...options, reuse: true }),
    }));
  }
}

/** Does all that waited for a message, then throws what the first threw that failed. */
function run(actions: readonly ((message: StoredMessage) => void)[], message: StoredMessage): void {
  let failed: unknown;
  for (const action of actions) {
    try {
      action(message);
    } catch (error) {
      failed ??= error;
    }
  }
  if (failed !== undefined) throw failed as Error;
}
