import { ContentView } from "./content-view.js";
import { currentCore, withCore } from "./core.js";
import { CountedBody } from "./counted-body.js";
import { CutFrame } from "./cut-frame.js";
import { CutMessage } from "./cut-message.js";
import { EncodeError, type DecodeError } from "./errors.js";
import type { Frame } from "./frame.js";
import { judgeFrame } from "./frame-failure.js";
import {
  frameRun,
  runLimits,
  type FrameRun,
  type FrameRunLimits,
  type Rewriting,
  type RunLimits,
} from "./frame-run.js";
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
  BASIC_ACK_IDS,
  BASIC_DELIVER_IDS,
  BASIC_GETOK_IDS,
  BASIC_PUBLISH_IDS,
  BASIC_RETURN_IDS,
  FIXED_SIZES,
  METHOD_INDICES,
} from "./generated/method-arguments.js";
import { PLACE_WORDS } from "./generated/limits.js";
import * as State from "./generated/state.js";
import { asOctets } from "./input.js";
import { longAt } from "./long-at.js";
import { decodeSettings, DEFAULT_MAX_BODY_SIZE, ENVELOPE, frameMaxOption, optionInRange } from "./limits.js";
import { findPublishes } from "./publish-run.js";
import { StoredMessage } from "./stored-message.js";
import type { DecodeOptions } from "./types.js";

/** How a cursor reads. The limits are those of `FrameReader`. */
export interface FrameCursorOptions extends DecodeOptions {
  /** Whether `next` stops once for each whole message, with its method, header and body at hand, instead of at each of its frames. Defaults to false. */
  messages?: boolean;
  /** Largest content in octets of a message, checked when its header arrives: 0 to 9007199254740991. Of consequence where messages are put together. Defaults to 536870912 (512 MiB). */
  maxBodySize?: number;
  /** See `FrameCursor.joinBodies`. Defaults to true. */
  joinBodies?: boolean;
}

/** What `next` has to look after beside the next frame; 0 most of the time. */
const FAILED = 1;
/** The current frame does not stand in the chunk, or the chunk is a new one. */
const AWAY = 2;
/** A frame is cut. */
const CUT = 4;
/** Contents are being gathered. */
const CONTENT = 8;
/** It is a stream of messages. */
const MESSAGES = 16;
/** A publish is cut, of which nothing was looked at but where it ends. */
const TAIL = 32;
/** The cursor is at, or behind, such a one that was put together: places are those in its octets. */
const JOINED = 64;
/** The core has looked at frames of the chunk, perhaps at the next. */
const CHECKED = 128;

/** Octets of an array that is kept for the next content. */
const MOST_SPARE = 4096;

/** Octets of a chunk: places in it, and a little behind it, are numbers of 32 bits. */
const MOST_CHUNK = 0x7ffff000;
const PROTOCOL_HEADER = 65;
const PROTOCOL_HEADER_SIZE = 8;
/** Class id and weight of a content header. */
const BASIC = 60 << 16;
const PROTOCOL_HEADER_VIEW = new DataView(
  Uint8Array.of(PROTOCOL_HEADER, 0, 0, 0, 0, 0, PROTOCOL_HEADER_SIZE, 0).buffer,
);
/** Head and frame-end of a body frame, without what stands between them. */
const BARE_BODY = ENVELOPE;
/** What is under a cursor that did not begin: a heartbeat. */
const NO_FRAME = Uint8Array.of(FRAME_HEARTBEAT, 0, 0, 0, 0, 0, 0, FRAME_END);
const NO_FRAME_VIEW = new DataView(NO_FRAME.buffer);

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
  /**
   * Whether a body frame that is cut by chunks is put together. With false its octets are counted and its frame-end is checked, and nothing is copied: for programs that send chunks on as they came. Such a frame has all of
   * its head; `body` is `undefined`, `octets`, `frame` and `writer.forward` throw `EncodeError`. It may be changed at any time, for the frames whose beginning comes afterwards. Bodies of messages and of contents that wait to
   * be delivered are put together all the same.
   */
  joinBodies: boolean;
  #chunk = NO_OCTETS;
  #chunkView = NO_VIEW;
  /** Offset in the stream of the chunk's first octet. */
  #base = 0;
  #length = 0;
  /** Where the next frame begins in the chunk. */
  #position = 0;
  #limit: number;
  #state: number;
  readonly #cut = new CutFrame(MOST_SPARE);
  readonly #counted = new CountedBody();
  readonly #tail = new CutMessage();
  readonly #messages: boolean;
  readonly #maxBodySize: number;
  readonly #contents = new Map<number, GatheredContent>();
  /** Where no whole publish stands in the chunk, which ends within it; -1 where that is not known. */
  #barren = -1;
  /** Offset in the stream of the last run. */
  #ranAt = -1;
  /** The message under the cursor, where it did not stand in one piece. */
  #gathered: GatheredContent | undefined;
  /** Room for the next content that is gathered, where the last one needs it no more. */
  #room: Uint8Array | undefined;
  /** What octets other than the chunk's are read with, made anew where they are others than the last two: a frame and a content take turns. */
  #awayView = NO_VIEW;
  #awayOctets = NO_OCTETS;
  #otherView = NO_VIEW;
  #otherOctets = NO_OCTETS;
  #error: DecodeError | undefined;
  #readers: { whole: FrameReader; cut: FrameReader } | undefined;

  /** @throws EncodeError where an option is out of range. */
  constructor(options: FrameCursorOptions = {}) {
    super(currentCore(), decodeSettings(options));
    this.#messages = options.messages ?? false;
    this.joinBodies = options.joinBodies ?? true;
    this.#maxBodySize = optionInRange(
      "maxBodySize",
      options.maxBodySize ?? DEFAULT_MAX_BODY_SIZE,
      0,
      Number.MAX_SAFE_INTEGER,
    );
    this.maxBodySize = Math.min(this.#maxBodySize, 0x7fffffff);
    this.#limit = this.settings.frameMax;
    this.#state = 0;
    this.reset();
  }

  /** Largest payload of a frame in octets; to be set when the peers have agreed on it. 0 stands for no limit but 2147483647. */
  get frameMax(): number {
    return this.#limit;
  }

  set frameMax(value: number) {
    const limit = frameMaxOption(value);
    // Its head was taken with the old one.
    if ((this.#state & TAIL) !== 0) this.#gatherTail();
    this.#limit = limit;
    this.settings = { ...this.settings, frameMax: this.#limit };
    // What was checked was checked with the old one.
    this.window.drop();
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
    if ((this.#state & TAIL) !== 0) return this.#tail.pending;
    return (this.#state & CUT) === 0 ? 0 : this.#cut.length + this.#counted.came;
  }

  /** The frame as it came; of a message its frames, one behind the other. A view. @throws EncodeError where it is a body that was not joined. */
  get octets(): Uint8Array {
    this.assertJoined();
    const end = this.messageEnd > 0 ? this.messageEnd : this.#frameEnd();
    return new Uint8Array(this.held.buffer, this.held.byteOffset + this.at, end - this.at);
  }

  /** Makes the cursor new: for another stream, or for the same one after an error. */
  reset(): void {
    this.window.drop();
    this.#chunk = this.held = NO_FRAME;
    this.#chunkView = this.view = NO_FRAME_VIEW;
    this.#base = this.#length = this.#position = this.at = 0;
    this.#barren = -1;
    this.#ranAt = -1;
    this.#state = AWAY | (this.#messages ? MESSAGES : 0);
    this.#cut.begin(0);
    this.#counted.begin(0);
    this.partial = false;
    this.#contents.clear();
    this.#error = undefined;
    this.#gathered = undefined;
    this.#bare();
  }

  /**
   * Takes the next octets of the stream; `next` walks them.
   *
   * @throws EncodeError where `next` has not yet answered false for the last ones, or there are more than 2147479552; DecodeError where an error ended the stream.
   */
  push(chunk: Uint8Array): this {
    if (this.#error !== undefined) throw this.#error;
    if (this.#inChunk < this.#length) {
      throw new EncodeError("the last chunk is not read to its end: next() has to answer false first");
    }
    const octets = asOctets(chunk);
    if (octets.length > MOST_CHUNK) {
      throw new EncodeError(`a chunk of at most ${MOST_CHUNK} octets required, received ${octets.length}`);
    }
    this.#base += this.#length;
    this.#chunk = octets;
    this.#chunkView = new DataView(octets.buffer, octets.byteOffset, octets.length);
    this.#length = octets.length;
    this.#position = 0;
    this.#barren = -1;
    this.#state = (this.#state | AWAY) & ~JOINED;
    return this;
  }

  /**
   * Goes on to the next frame, or message; answers whether there is one. False says that the chunk is used up: what is cut at its end goes on in the next one. Frames of a content that `deliver`, `getOk` or `return`
   * was called for are passed by.
   *
   * @throws DecodeError where the octets are wrong, and again at every later call; what a delivery throws that waited for the rest of its content.
   */
  next(): boolean {
    const state = this.#state;
    if (state === 0) return this.#step();
    if (state === CHECKED) return this.#stepChecked();
    return (state === MESSAGES && this.#stepMessage()) || this.#nextOther();
  }

  /** @internal */
  override scanned(): void {
    if (!this.#messages) this.#state |= CHECKED;
  }

  #stepChecked(): boolean {
    const at = this.#position;
    if (at >= this.window.checked) {
      this.#state ^= CHECKED;
      return this.#step();
    }
    const { view } = this;
    this.at = at;
    this.#position = at + ENVELOPE + view.getInt32(at + 3);
    this.ids = view.getUint8(at) === FRAME_METHOD ? view.getInt32(at + FRAME_HEADER_SIZE) : 0;
    this.keyAt = 0;
    return true;
  }

  /** Goes on to a message, or a frame that carries no content, among frames that the core has looked at. False says nothing: then the long way is to be gone. */
  #stepMessage(): boolean {
    const { view } = this;
    const at = this.#position;
    const { checked } = this.window;
    if (at >= checked) return false;
    const head = view.getInt32(at);
    // Others may end the chunk before the octets of ids.
    if (head >>> 24 !== FRAME_METHOD) return false;
    const ids = view.getInt32(at + FRAME_HEADER_SIZE);
    const header = at + ENVELOPE + view.getInt32(at + 3);
    if (ids !== BASIC_PUBLISH_IDS && ids !== BASIC_DELIVER_IDS) {
      if (ids === BASIC_GETOK_IDS || ids === BASIC_RETURN_IDS) return false;
      this.at = at;
      this.#position = header;
      this.ids = ids;
      this.keyAt = 0;
      this.messageEnd = 0;
      this.messageHeader = -1;
      return true;
    }
    const channel = (head >>> 8) & 0xffff;
    // Behind what was checked stands what is nothing like it, or nothing.
    if (channel === 0 || header >= checked || view.getInt32(header) >>> 8 !== ((FRAME_HEADER << 16) | channel)) {
      return false;
    }
    const bodySize = view.getInt32(header + 15);
    if (view.getInt32(header + 11) !== 0 || bodySize < 0 || bodySize > this.#maxBodySize) return false;
    const body = header + ENVELOPE + view.getInt32(header + 3);
    if (bodySize === 0) {
      this.bodyFrame = -1;
      this.messageEnd = body;
    } else {
      if (
        body >= checked ||
        view.getInt32(body) >>> 8 !== ((FRAME_BODY << 16) | channel) ||
        view.getInt32(body + 3) !== bodySize
      )
        return false;
      this.bodyFrame = body;
      this.messageEnd = body + ENVELOPE + bodySize;
    }
    this.at = at;
    this.ids = ids;
    this.keyAt = 0;
    this.messageHeader = header;
    this.#position = this.messageEnd;
    return true;
  }

  /**
   * Passes by what there is most of where frames are passed on, in one go: the whole contents (method, header, bodies) and the acknowledgements that stand next in the chunk, one behind the other. All that `next`, `check` and
   * the limits ask of them was checked, and that the frames of each content belong together. Answers them all as a view, to be sent on as they are; `undefined` where something else comes next, or a content that is
   * cut, larger than 64 KiB, out of the limits or wrong: then `next` goes on frame by frame. Frames that came before are not remembered: whether a content is still under way on one of the channels is for the program to know, as it is
   * with `next`.
   *
   * The cursor then is at the first method of the run, and `next` goes on behind the last frame, whatever is done with the first. Not for cursors with the option `messages`, and not while a delivery waits for the rest of a content: both get `undefined`.
   *
   * @throws EncodeError where a limit is out of range; DecodeError where an error ended the stream.
   */
  passRun(limits: FrameRunLimits = {}): FrameRun | undefined {
    return this.nextChannel < 0 ? undefined : this.takeRun(runLimits(limits));
  }

  /** @internal Offset in the stream of what comes next. */
  get nextOffset(): number {
    return this.#base + this.#position;
  }

  /** @internal Channel of the method that stands next in the chunk, if a run may begin with it; -1 where none may. */
  get nextChannel(): number {
    if (this.#error !== undefined) throw this.#error;
    const at = this.#position;
    if ((this.#state & (CUT | CONTENT | MESSAGES)) !== 0 || this.#length - at < ENVELOPE) return -1;
    return this.#chunk[at] === FRAME_METHOD ? this.#chunkView.getUint16(at + 1) : -1;
  }

  /** @internal As `passRun`; see `frameRun`. */
  takeRun(limits: RunLimits, rewriting?: Rewriting): FrameRun | undefined {
    // Whoever was asked for a limit or a channel may have moved the cursor.
    if (this.nextChannel < 0) return undefined;
    const at = this.#position;
    const away = (this.#state & AWAY) !== 0;
    const { window } = this;
    // What is in the core may be of other octets than the chunk's.
    if (away) window.drop();
    let run: FrameRun | undefined;
    try {
      run = frameRun(this.core.fresh(), this.settings, window, this.#chunk, at, limits, rewriting);
    } catch (error) {
      // What got other channels there, and went nowhere, must not be taken for what came.
      window.drop();
      throw error;
    }
    if (run === undefined) {
      // What is under the cursor stays there.
      if (away) window.drop();
      return undefined;
    }
    if (away) this.#back();
    if (rewriting?.goesOn !== true) {
      this.at = at;
      this.keyAt = 0;
      this.#ranAt = this.#base + at;
      this.ids = this.view.getInt32(at + FRAME_HEADER_SIZE);
      this.messageEnd = 0;
      this.messageHeader = -1;
    }
    this.#position = at + run.octets.length;
    return run;
  }

  /** @internal Finds the publishes that stand next in the chunk, whole and good; answers how many they are. Their places are in the core's region for passing. */
  findPublishes(limits: RunLimits, frameMax: number, most: number): number {
    if (this.#error !== undefined) throw this.#error;
    if ((this.#state & (TAIL | JOINED)) !== 0) {
      if ((this.#state & TAIL) !== 0) return this.#joinTail(limits, frameMax, most);
      this.#leaveJoined();
    }
    const at = this.#position;
    if ((this.#state & (CUT | CONTENT)) !== 0 || this.#length - at < ENVELOPE) return 0;
    if (at === this.#barren || this.#chunk[at] !== FRAME_METHOD) return 0;
    const { window } = this;
    const away = (this.#state & AWAY) !== 0;
    // What is in the core may be of other octets than the chunk's.
    if (away) window.drop();
    const own = Math.min(limits.maxBodySize, this.maxBodySize);
    const count = findPublishes(this.core.fresh(), this.settings, window, this.#chunk, at, limits, own, frameMax, most);
    if (count > 0) this.#findBarren(count);
    if (!away) return count;
    if (count === 0) window.drop();
    else this.#back();
    return count;
  }

  /** The last of so many that were found may be all that are whole. */
  #findBarren(count: number): void {
    const { core } = this;
    if (this.window.to !== this.#length || core.state(State.RUN_CUT) === 0) return;
    this.#barren = core.words[core.passing + (count - 1) * PLACE_WORDS + 3]!;
  }

  /** @internal Goes to a publish whose places in the chunk are known: its frames, and where it ends. The body's is the end where it has none. */
  enter(at: number, header: number, body: number, end: number): void {
    if (at < 0) {
      const { length } = this.#tail;
      at += length;
      header += length;
      body += length;
      end += length;
    } else if ((this.#state & JOINED) !== 0) {
      this.#state &= ~JOINED;
      this.#back();
    }
    this.at = at;
    this.ids = BASIC_PUBLISH_IDS;
    this.keyAt = 0;
    this.messageHeader = header;
    this.bodyFrame = body === end ? -1 : body;
    this.messageEnd = end;
    this.#position = end;
  }

  /** @internal */
  get chunk(): Uint8Array {
    return this.#chunk;
  }

  /** @internal What a publish that a chunk had cut begins with, and more behind it. */
  get before(): Uint8Array {
    return this.#tail.octets;
  }

  /** @internal Where it goes on in the chunk: below 0 where it begins with one that a chunk had cut. */
  get position(): number {
    return (this.#state & JOINED) === 0 ? this.#position : this.#position - this.#tail.length;
  }

  /** @internal Whether it stands where `enter` put it. */
  stands(at: number, end: number): boolean {
    const shift = (this.#state & JOINED) === 0 ? 0 : this.#tail.length;
    return this.at === at + shift && this.#position === end + shift;
  }

  /** @internal Goes back to before the publish under the cursor. */
  leave(): void {
    this.#position = this.at;
    // Somebody who was asked may have forwarded it.
    if (this.at < this.window.rewritten) this.window.drop();
    if ((this.#state & JOINED) !== 0) this.#state ^= JOINED | TAIL;
  }

  /** Where it goes on in the chunk. */
  get #inChunk(): number {
    return (this.#state & JOINED) === 0 ? this.#position : this.#tail.end - this.#tail.length;
  }

  #leaveJoined(): void {
    this.#position = this.#inChunk;
    this.#state &= ~JOINED;
  }

  /** As `findPublishes`, where the first is a publish that the last chunk cut. */
  #joinTail(limits: RunLimits, frameMax: number, most: number): number {
    // The next chunk is not there yet.
    if (this.#position === this.#length) return 0;
    const tail = this.#tail;
    const own = Math.min(limits.maxBodySize, this.maxBodySize);
    if (tail.complete(this.#chunk, this.#limit) > 0) {
      this.#leave(tail.octets);
      this.origin = tail.origin;
      this.headerShift = 0;
      const { core, settings, window } = this;
      const count = findPublishes(core.fresh(), settings, window, this.#chunk, 0, limits, own, frameMax, most, tail);
      if (count > 0) {
        this.#position = 0;
        this.#state ^= JOINED | TAIL;
        this.#findBarren(count);
        return count;
      }
    }
    this.#gatherTail();
    return 0;
  }

  /** Goes frame by frame through what a chunk cut, as if nobody had waited for more. */
  #gatherTail(): void {
    // It may refuse, and nothing must be lost then.
    this.window.drop();
    const { octets, length, origin } = this.#tail;
    const chunk = this.#chunk;
    const view = this.#chunkView;
    const base = this.#base;
    const there = this.#length;
    const position = this.#position;
    this.#state = (this.#state & ~TAIL) | AWAY;
    this.#chunk = octets.slice(0, length);
    this.#chunkView = new DataView(this.#chunk.buffer);
    this.#base = origin;
    this.#length = length;
    this.#position = 0;
    this.#barren = -1;
    try {
      this.#nextOther();
    } finally {
      this.#chunk = chunk;
      this.#chunkView = view;
      this.#base = base;
      this.#length = there;
      this.#position = position;
      this.#state |= AWAY;
    }
  }

  #step(): boolean {
    const { view } = this;
    const at = this.#position;
    const left = (this.#length - at - ENVELOPE) | 0;
    if (left < 0) return this.#edge();
    const size = view.getInt32(at + 3);
    // Below 0 it is larger than all that may be left.
    if (size >>> 0 > left || size > this.#limit) return this.#edge();
    const end = (at + FRAME_HEADER_SIZE + size) | 0;
    if (view.getUint8(end) !== FRAME_END) return this.#odd(at);
    this.at = at;
    this.#position = (end + 1) | 0;
    const type = view.getUint8(at);
    if (type === FRAME_BODY) {
      this.ids = 0;
      return true;
    }
    return type === FRAME_METHOD ? this.#method(at, size, end) : this.#other(at, size, type);
  }

  #other(at: number, size: number, type: number): boolean {
    const { view } = this;
    this.ids = 0;
    if (type === FRAME_HEADER) {
      if (size < 14 || view.getInt32(at + 7) !== BASIC || (view.getUint8(at + 20) & 1) !== 0) return this.refuse(at);
      return true;
    }
    if (type === FRAME_BODY) return true;
    if (type === FRAME_HEARTBEAT && view.getUint16(at + 1) === 0 && size === 0) return true;
    return this.#odd(at);
  }

  #method(at: number, size: number, end: number): boolean {
    const { view } = this;
    if (size < 9) return this.#shortMethod(at, size);
    const ids = view.getInt32(at + FRAME_HEADER_SIZE);
    this.ids = ids;
    if (ids !== BASIC_DELIVER_IDS) return this.#otherMethod(ids, at, size, end);
    const exchange = (at + 21 + view.getUint8(at + 11)) | 0;
    if (exchange < end) {
      const key = (exchange + 1 + view.getUint8(exchange)) | 0;
      if (key < end && ((key + 1 + view.getUint8(key)) | 0) === end) {
        this.keyAt = key;
        return true;
      }
    }
    return this.refuse(at);
  }

  #otherMethod(ids: number, at: number, size: number, end: number): boolean {
    if (ids === BASIC_ACK_IDS) return size === 13 || this.refuse(at);
    if (ids !== BASIC_PUBLISH_IDS) return this.#rareMethod(ids, at, size);
    const { view } = this;
    const key = (at + 14 + view.getUint8(at + 13)) | 0;
    // Its bits come behind it.
    if (key >= end || ((key + 2 + view.getUint8(key)) | 0) !== end) return this.refuse(at);
    this.keyAt = key;
    return true;
  }

  #shortMethod(at: number, size: number): boolean {
    if (size < 4) return this.refuse(at);
    const ids = this.view.getInt32(at + FRAME_HEADER_SIZE);
    this.ids = ids;
    return this.#rareMethod(ids, at, size);
  }

  #rareMethod(ids: number, at: number, size: number): boolean {
    const dense = METHOD_INDICES.get(ids);
    if (dense === undefined) return this.refuse(at);
    const fixed = FIXED_SIZES[dense]!;
    if (fixed >= 0) {
      if (size !== fixed) return this.refuse(at);
    } else {
      const { maxDepth, maxFields } = this.settings;
      const position = this.window.load(this.held, at, at + ENVELOPE + size);
      if (this.core.exports.checkFrame(position, 0, maxDepth, maxFields) === 0) return this.refuse(at);
    }
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
    const need = this.#need(chunk, at, Math.min(left, ENVELOPE), this.#base + at);
    if (need <= left) return this.#protocolHeader(need);
    this.#state |= CUT;
    if (left >= FRAME_HEADER_SIZE && this.#counts(chunk[at]!)) {
      this.#cut.begin(FRAME_HEADER_SIZE);
      this.#position = this.#cut.fill(chunk, at);
      this.#count(need);
    } else {
      this.#cut.begin(need);
      this.#position = this.#cut.fill(chunk, at);
    }
    return false;
  }

  /** Whether a cut frame of this type is counted and not put together. */
  #counts(type: number): boolean {
    return type === FRAME_BODY && !this.joinBodies && (this.#state & (CONTENT | MESSAGES)) === 0;
  }

  /** Of a frame of so many octets, the head of which was taken, the payload is passed by. */
  #count(octets: number): void {
    this.#cut.need = BARE_BODY;
    this.#counted.begin(octets - ENVELOPE);
    this.#position = this.#counted.pass(this.#position, this.#length);
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
    this.ids = this.keyAt = this.messageEnd = 0;
    this.messageHeader = -1;
  }

  /** How many octets the frame has that begins with these, up to eight, or how many say more. @throws DecodeError */
  #need(octets: Uint8Array, at: number, length: number, base: number): number {
    const type = octets[at]!;
    if (type >= FRAME_METHOD && type <= FRAME_BODY) {
      if (length < FRAME_HEADER_SIZE) return FRAME_HEADER_SIZE;
      const size = longAt(octets, at + 3);
      if (size >= 0 && size <= this.#limit) return size + ENVELOPE;
    }
    const error = judgeFrame(this.core, this.settings, octets.subarray(at, at + length), base);
    if (error !== undefined) this.fail(error);
    const need = this.core.state(State.NEED);
    return need === 0 ? PROTOCOL_HEADER_SIZE : need;
  }

  #nextOther(): boolean {
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      if ((this.#state & TAIL) !== 0) this.#gatherTail();
      if ((this.#state & JOINED) !== 0) this.#leaveJoined();
      if ((this.#state & AWAY) !== 0) this.#return();
      if (this.#state === MESSAGES && this.#position === this.#barren && this.#keepsTail()) return false;
      this.messageEnd = 0;
      this.messageHeader = -1;
      if (!((this.#state & CUT) !== 0 ? this.#stepCut() : this.#step())) return false;
      if ((this.#state & (CONTENT | MESSAGES)) === 0 || !this.#gathers()) return true;
    }
  }

  /** Whether what the chunk ends with is a publish that is cut, and good so far; it waits for the rest then. */
  #keepsTail(): boolean {
    const at = this.#position;
    if (at === this.#length || !this.#tail.begin(this.#chunk, at, this.#base + at, this.#limit)) return false;
    this.#position = this.#length;
    this.#state |= TAIL;
    return true;
  }

  /** Goes back to the chunk. */
  #return(): void {
    this.#back();
    this.window.drop();
  }

  #back(): void {
    if ((this.#state & CUT) === 0) this.#cut.begin(0);
    this.#state &= ~AWAY;
    this.partial = false;
    if (this.#gathered !== undefined) {
      const { octets } = this.#gathered;
      this.#gathered = undefined;
      // A large array would be held by a connection that is idle.
      if (octets.length <= MOST_SPARE) this.#room = octets;
    }
    this.held = this.#chunk;
    this.view = this.#chunkView;
    this.origin = this.#base;
    this.headerShift = 0;
    this.listed = -1;
  }

  /** The octets under the cursor are other ones than before. */
  #replaced(): void {
    this.listed = -1;
    this.window.drop();
  }

  #stepCut(): boolean {
    const cut = this.#cut;
    const counted = this.#counted;
    for (;;) {
      this.#position = counted.pass(this.#position, this.#length);
      if (counted.coming > 0) return false;
      this.#position = cut.fill(this.#chunk, this.#position);
      if (!cut.complete) return false;
      const { octets, length } = cut;
      const base = this.#base + this.#position - length - counted.came;
      if (counted.came > 0) return this.#barely(octets, base);
      const need = this.#need(octets, 0, Math.min(length, ENVELOPE), base);
      if (need > length) {
        if (length === FRAME_HEADER_SIZE && this.#counts(octets[0]!)) this.#count(need);
        else cut.need = need;
        continue;
      }
      this.#state &= ~CUT;
      this.#leave(octets);
      this.origin = base;
      if (octets[0] === PROTOCOL_HEADER) return this.#protocolHeader(this.#position);
      if (octets[length - 1] !== FRAME_END) return this.refuse(0);
      const type = octets[0]!;
      const size = length - ENVELOPE;
      return type === FRAME_METHOD ? this.#method(0, size, length - 1) : this.#other(0, size, type);
    }
  }

  /** A body frame of which envelope and size are known. */
  #barely(octets: Uint8Array, base: number): boolean {
    const payload = this.#counted.came;
    this.#counted.begin(0);
    this.#state &= ~CUT;
    this.#leave(octets);
    this.origin = base;
    this.ids = 0;
    this.partial = true;
    if (octets[FRAME_HEADER_SIZE] === FRAME_END) return true;
    // The core judges a frame whose end stands where this one's does.
    const bare = octets.slice(0, BARE_BODY).fill(0, 3, FRAME_HEADER_SIZE);
    return this.fail(judgeFrame(this.core, this.settings, bare, base + payload)!);
  }

  /** @internal @throws EncodeError */
  override assertJoined(): void {
    if (this.partial) throw new EncodeError("the octets of this body were not put together (option joinBodies)");
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
    if (this.#contents.size === 0) this.#state &= ~CONTENT;
    this.#show(content);
    if (this.#messages) return false;
    run(content.actions, this);
    return true;
  }

  #gather(): GatheredContent {
    const content = new GatheredContent(this, this.#maxBodySize, this.#room);
    this.#room = undefined;
    this.#contents.set(this.channel, content);
    this.#state |= CONTENT;
    return content;
  }

  /** In a stream of messages: whether what begins here is not whole. */
  #beginsMessage(): boolean {
    if (contentMethods.has(this.dense)) {
      if (this.whole()) {
        this.#position = this.messageEnd;
        return false;
      }
      this.#gather();
      return true;
    }
    const { type } = this;
    if (type === FRAME_HEADER) throw unexpected(this, "no method that carries content came before it");
    if (type === FRAME_BODY) throw unexpected(this, "no content header came before it");
    return false;
  }

  #show(content: GatheredContent): void {
    this.#gathered = content;
    this.#leave(content.octets);
    this.origin = content.origin;
    this.headerShift = content.headerShift;
    this.ids = content.ids;
    this.messageHeader = content.messageHeader;
    this.bodyFrame = content.bodyFrame;
    this.messageEnd = content.length;
  }

  /** Puts octets under the cursor that are not the chunk's. */
  #leave(octets: Uint8Array): void {
    this.#state |= AWAY;
    if (this.#awayOctets !== octets) {
      const view =
        this.#otherOctets === octets ? this.#otherView : new DataView(octets.buffer, octets.byteOffset, octets.length);
      const small = this.#awayOctets.length <= MOST_SPARE;
      this.#otherOctets = small ? this.#awayOctets : NO_OCTETS;
      this.#otherView = small ? this.#awayView : NO_VIEW;
      this.#awayOctets = octets;
      this.#awayView = view;
    }
    this.held = octets;
    this.view = this.#awayView;
    this.at = this.keyAt = 0;
    this.#replaced();
  }

  /**
   * The whole frame as an object, as `FrameReader` makes it; of a message its method. Bodies and lazy properties are views of the chunk, where it held the frame whole.
   *
   * @throws DecodeError; EncodeError where it is a body that was not joined.
   */
  frame(): Frame {
    this.assertJoined();
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
    const { at, messageEnd, ids, messageHeader, bodyFrame, core, settings, origin, headerShift } = this;
    if (messageEnd === 0) {
      throw new EncodeError(`a whole message required (option messages), the cursor is at a ${this.name}`);
    }
    this.check();
    // For long, perhaps: without the room that it did not need.
    if (this.#gathered !== undefined) {
      return new StoredMessage(core, settings, this.held.slice(0, messageEnd), this.#gathered);
    }
    return new StoredMessage(core, settings, this.held.slice(at, messageEnd), {
      origin: origin + at,
      headerShift,
      ids,
      messageHeader: messageHeader - at,
      bodyFrame: bodyFrame < 0 ? -1 : bodyFrame - at,
    });
  }

  /** @internal Ends the stream with an error. */
  override fail(error: DecodeError): never {
    this.#error = error;
    this.#state |= FAILED;
    this.#contents.clear();
    this.#cut.begin(0);
    this.#counted.begin(0);
    throw error;
  }

  /** @internal */
  whole(): boolean {
    if (this.messageEnd > 0) return true;
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
    this.messageHeader = header;
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

  /** @internal To be called when all was done with a whole content, which ends there: its frames are passed by. */
  passed(end: number): void {
    if (this.#messages || this.#gathered !== undefined) return;
    // Behind the content that a run begins with stands the rest of the run, which was passed by, too.
    if (end > this.#position) this.#position = end;
    this.separate();
  }

  /** @internal The frame under the cursor is one of its own again. */
  separate(): void {
    if (this.#messages || this.#gathered !== undefined) return;
    this.messageEnd = 0;
    this.messageHeader = -1;
  }

  /** @internal Has something done with the message once the rest of it is there. @throws EncodeError where it was passed by already. */
  defer(action: (message: ContentView) => void): void {
    if (this.offset === this.#ranAt) {
      throw new EncodeError(
        "a content of several body frames that was passed by in a run cannot be delivered any more",
      );
    }
    const { channel } = this;
    let content = this.#contents.get(channel);
    if (content === undefined) {
      content = this.#gather();
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
function run(actions: readonly ((message: ContentView) => void)[], message: ContentView): void {
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
