import {
  ContentBody,
  ContentHeader,
  headersAreGood,
  propertiesAt,
  type HeaderSource,
  type HeaderUsage,
} from "./content.js";
import { currentCore, type Core } from "./core.js";
import { CutFrame } from "./cut-frame.js";
import { decodeFailure } from "./decode-failure.js";
import type { DecodeError } from "./errors.js";
import { failingAfter } from "./failing-array.js";
import type { Frame } from "./frame.js";
import { commandClasses, readCommand } from "./generated/commands.js";
import { FRAME_HEADER_SIZE } from "./generated/constants.js";
import { Flag } from "./generated/flags.js";
import { Kind } from "./generated/kinds.js";
import { Properties } from "./generated/properties.js";
import { HEADER_END, HEADER_WORDS } from "./generated/records.js";
import * as State from "./generated/state.js";
import { Status } from "./generated/status.js";
import { Heartbeat } from "./heartbeat.js";
import { asOctets, withTape } from "./input.js";
import { decodeSettings, ENVELOPE, frameMaxOption, optionInRange, type DecodeSettings } from "./limits.js";
import { unsignedLonglong } from "./longlong.js";
import { setTableContext } from "./method-tables.js";
import { factsOf } from "./methods.js";
import { ProtocolHeader } from "./protocol-header.js";
import { beginStrings } from "./strings.js";
import type { DecodeOptions } from "./types.js";

/** How a reader decodes, and what of a chunk it may keep. */
export interface FrameReaderOptions extends DecodeOptions {
  /** Whether the caller writes into a chunk again after `push`. Bodies and lazy parts are copied then. Defaults to false: they are views of the chunk. */
  reuse?: boolean;
  /** Called for each frame with its offset in the stream and its length with envelope, both in octets, before `push` answers. What it throws, `push` throws, and the chunk's frames are lost. */
  onFrame?: (frame: Frame, offset: number, octets: number) => void;
}

/** Octets that are enough for most methods and headers: a caller may hand in far more than the one frame that it wants. */
const FIRST_LOOK = 1024;
const BODY_WORDS = 3;
const PROTOCOL_HEADER_WORDS = 4;

/**
 * Reads one direction of one connection: chunks in, frames out, however the chunks are cut. Between calls a reader holds no memory of the core but a cut frame of its own.
 *
 * A stream may begin in the middle of a connection; a protocol header is known only as the stream's first octets.
 */
export class FrameReader {
  readonly #core: Core;
  #settings: DecodeSettings;
  readonly #reuse: boolean;
  readonly #onFrame: FrameReaderOptions["onFrame"];
  /** A method or header frame, or the head of any frame, that is cut. */
  readonly #cut = new CutFrame();
  /** The payload of a cut body frame, which goes past the core. */
  readonly #body = new CutFrame();
  #inBody = false;
  #bodyChannel = 0;
  #told: Array<[frame: Frame, offset: number, octets: number]> = [];
  #buffer: Uint8Array | undefined;
  #offset = 0;
  #error: DecodeError | undefined;
  /** Of the last chunk that had content headers: whether their properties were asked for says whether the next will be. */
  #usage: HeaderUsage | undefined;

  /** @throws EncodeError where an option is out of range. */
  constructor(options: FrameReaderOptions = {}) {
    this.#settings = decodeSettings(options);
    this.#reuse = options.reuse ?? false;
    this.#onFrame = options.onFrame;
    this.#core = currentCore();
  }

  /** Largest payload of a frame in octets; to be set when the peers have agreed on it. 0 stands for no limit but 2147483647. */
  get frameMax(): number {
    return this.#settings.frameMax;
  }

  set frameMax(value: number) {
    this.#settings = { ...this.#settings, frameMax: frameMaxOption(value) };
  }

  /** The error that ended this stream, if one did. */
  get error(): DecodeError | undefined {
    return this.#error;
  }

  /** Octets of the stream that were taken in. */
  get octetsRead(): number {
    return this.#offset;
  }

  /** Octets that are there of a frame of which the rest is still to come. */
  get octetsPending(): number {
    return this.#inBody ? FRAME_HEADER_SIZE + this.#body.length : this.#cut.length;
  }

  /** Makes the reader new: for another stream, or for the same one after an error. */
  reset(): void {
    this.#drop();
    this.#offset = 0;
    this.#error = undefined;
  }

  /**
   * Takes the next octets of the stream and answers the frames that they complete. Where the octets turn wrong behind good frames, those are answered, and the error is
   * thrown when an iteration gets behind them; every later `push` throws it too.
   *
   * @throws DecodeError
   */
  push(chunk: Uint8Array): Frame[] {
    if (this.#error !== undefined) throw this.#error;
    const octets = asOctets(chunk);
    const frames: Frame[] = [];
    const error = this.#push(octets, frames);
    this.#offset += octets.length;
    if (error !== undefined) {
      this.#error = error;
      this.#drop();
    }
    // Told when all is done: whoever is told may use the core, and its tape and state with it.
    if (this.#told.length > 0) {
      for (const [frame, offset, length] of this.#told.splice(0)) this.#onFrame!(frame, offset, length);
    }
    if (error === undefined) return frames;
    if (frames.length === 0) throw error;
    return failingAfter(frames, error);
  }

  /**
   * The first frame of some octets, for `unmarshal`: answers how many it takes, 0 where it is not all there.
   *
   * @internal
   */
  readOne(octets: Uint8Array, frames: Frame[]): number {
    const core = this.#core;
    let length = Math.min(octets.length, FIRST_LOOK);
    for (;;) {
      const error = this.#read(view(octets, 0, length), Flag.FIRST | Flag.ONE, 0, frames, this.#reuse);
      if (error !== undefined) throw error;
      if (frames.length > 0) return core.state(State.CONSUMED);
      const need = core.state(State.NEED);
      if (need === 0 || need > octets.length) return 0;
      length = need;
    }
  }

  /**
   * A buffer for `net.connect({ onread: { buffer } })`, the same at each call: what is pushed from it is copied as far as it is kept, because the next read writes over it.
   *
   * @param octets its size, 1024 to 1073741824; only the first call's counts. Defaults to 65536.
   */
  buffer(octets = 65536): Uint8Array {
    return (this.#buffer ??= new Uint8Array(optionInRange("octets", octets, 1024, 0x40000000)));
  }

  #drop(): void {
    this.#cut.begin(0);
    this.#body.take();
    this.#inBody = false;
  }

  #push(chunk: Uint8Array, frames: Frame[]): DecodeError | undefined {
    const cut = this.#cut;
    let at = 0;
    while (at < chunk.length) {
      if (this.#inBody) {
        if (!this.#body.complete) at = this.#body.fill(chunk, at);
        if (at === chunk.length) return undefined;
      } else if (cut.need > 0) {
        at = cut.fill(chunk, at);
        if (!cut.complete) return undefined;
        const error = this.#readCut(this.#offset + at - cut.length, frames);
        if (error !== undefined) return error;
        continue;
      }
      const next = this.#readChunk(chunk, at, frames);
      if (typeof next !== "number") return next;
      at = next;
    }
    return undefined;
  }

  /** Has the core look at a cut frame now that what it wanted is there. */
  #readCut(base: number, frames: Frame[]): DecodeError | undefined {
    const core = this.#core;
    const cut = this.#cut;
    const octets = cut.octets.subarray(0, cut.length);
    const error = this.#read(octets, base === 0 ? Flag.FIRST : 0, base, frames, false);
    if (error !== undefined) return error;
    const need = core.state(State.NEED);
    if (need === 0) {
      cut.take();
    } else if (core.state(State.BODY_PENDING) === 0) {
      cut.need = need;
    } else {
      this.#beginBody(need - ENVELOPE);
      this.#body.fill(octets, FRAME_HEADER_SIZE);
      cut.begin(0);
    }
    return undefined;
  }

  /** Has the core look at the chunk from `at` on; answers how far it got. */
  #readChunk(chunk: Uint8Array, at: number, frames: Frame[]): number | DecodeError {
    const core = this.#core;
    const piece = view(chunk, at, Math.min(chunk.length - at, core.inputCapacity));
    const flags = this.#inBody ? Flag.BODY_END : this.#offset + at === 0 ? Flag.FIRST : 0;
    const copy = this.#reuse || (this.#buffer !== undefined && chunk.buffer === this.#buffer.buffer);
    const error = this.#read(piece, flags, this.#offset + at, frames, copy);
    if (error !== undefined) return error;
    const need = core.state(State.NEED);
    const next = at + core.state(State.CONSUMED);
    if (need === 0) return next;
    if (core.state(State.BODY_PENDING) !== 0) {
      this.#beginBody(need - ENVELOPE);
      return this.#body.fill(chunk, next + FRAME_HEADER_SIZE);
    }
    if (at + piece.length < chunk.length) {
      // The frame goes on behind the piece. It is whole in the next one, which begins with it, unless it is larger than the input region.
      if (next > at) return next;
      if (chunk.length - at >= need) {
        core.growInput(need);
        return at;
      }
    }
    this.#cut.begin(need);
    return this.#cut.fill(chunk, next);
  }

  #beginBody(need: number): void {
    this.#inBody = true;
    this.#bodyChannel = this.#core.state(State.ERROR_CHANNEL);
    this.#body.begin(need);
  }

  #read(piece: Uint8Array, flags: number, base: number, frames: Frame[], copy: boolean): DecodeError | undefined {
    const core = this.#core;
    const { frameMax, maxDepth, maxFields, strict, exact } = this.#settings;
    flags |= (strict ? Flag.STRICT : 0) | (exact ? Flag.EXACT : 0) | (this.#wantsProperties() ? Flag.PROPERTIES : 0);
    const status = withTape(core, piece, () => core.exports.read(piece.length, flags, frameMax, maxDepth, maxFields));
    beginStrings(core);
    this.#emit(piece, base, frames, copy);
    return status === Status.ERROR ? this.#failure(base) : undefined;
  }

  /** Makes objects of what stands on the tape. */
  #emit(piece: Uint8Array, base: number, frames: Frame[], copy: boolean): void {
    const core = this.#core;
    const words = core.words;
    const end = core.tape + core.state(State.TAPE_END);
    const settings = this.#settings;
    let source: HeaderSource | undefined;
    const told = this.#onFrame === undefined ? undefined : this.#told;
    setTableContext({ settings, base });
    for (let at = core.tape; at < end;) {
      const head = words[at]!;
      const offset = words[at + 1]!;
      const size = words[at + 2]!;
      let frame: Frame;
      switch (head & 0xff) {
        case Kind.METHOD: {
          const method = words[at + 3]!;
          frame = readCommand(core, method & 0xff, at);
          at += method >>> 8;
          break;
        }
        case Kind.HEADER:
        case Kind.PROPERTIES: {
          source ??= { core, settings, octets: copy ? piece.slice() : piece, base, usage: { headers: 0, touched: 0 } };
          source.usage.headers += 1;
          const start = offset + FRAME_HEADER_SIZE;
          const channel = head >>> 16;
          const fields = { bodySize: unsignedLonglong(words[at + 3]!, words[at + 4]!), channel };
          let properties: Properties | undefined;
          let next = at + HEADER_WORDS;
          if ((head & 0xff) === Kind.PROPERTIES) {
            next = core.tape + words[at + HEADER_END]!;
            // A table that cannot be read is read again when it is touched: its error is thrown then.
            if (headersAreGood(core, at)) properties = propertiesAt(core, at, source, start, channel);
          }
          frame = new ContentHeader(fields, source, start, size, properties);
          at = next;
          break;
        }
        case Kind.BODY: {
          const start = offset + FRAME_HEADER_SIZE;
          frame = new ContentBody(copy ? piece.slice(start, start + size) : view(piece, start, size), head >>> 16);
          at += BODY_WORDS;
          break;
        }
        case Kind.BODY_END: {
          frame = new ContentBody(this.#body.take(), this.#bodyChannel);
          this.#inBody = false;
          at += BODY_WORDS;
          told?.push([frame, base - frame.value.length - FRAME_HEADER_SIZE, frame.value.length + ENVELOPE]);
          frames.push(frame);
          continue;
        }
        case Kind.HEARTBEAT:
          frame = new Heartbeat();
          at += BODY_WORDS;
          break;
        default: {
          const octets = words[at + 3]!;
          frame = new ProtocolHeader({
            id: octets >>> 24,
            major: (octets >>> 16) & 0xff,
            minor: (octets >>> 8) & 0xff,
            revision: octets & 0xff,
          });
          at += PROTOCOL_HEADER_WORDS;
        }
      }
      told?.push([frame, base + offset, size + ENVELOPE]);
      frames.push(frame);
    }
    setTableContext(undefined);
    if (source !== undefined) this.#usage = source.usage;
  }

  /** Properties are decoded together with their frames where those of the last chunk were asked for: half of them or more. */
  #wantsProperties(): boolean {
    const usage = this.#usage;
    return usage !== undefined && 2 * usage.touched >= usage.headers;
  }

  #failure(base: number): DecodeError {
    const core = this.#core;
    const { frameMax, maxDepth, maxFields } = this.#settings;
    const method = core.state(State.ERROR_METHOD) | 0;
    const header = core.state(State.ERROR_CLASS_ID) === 60 && core.state(State.ERROR_METHOD_ID) === 0;
    const frame = core.state(State.CONSUMED);
    return decodeFailure(core, {
      base,
      names: header ? Properties.attributes : method < 0 ? [] : factsOf(commandClasses[method]!.prototype).slots,
      frameMax,
      maxDepth,
      maxFields,
      end: frame + FRAME_HEADER_SIZE + (core.exports.longAt(frame + 3) >>> 0),
      header,
      // The core was given the end of a cut body alone.
      ...(this.#inBody ? { channel: this.#bodyChannel } : {}),
    });
  }
}

/** A plain view, of a `Buffer` too: cheaper than `subarray`, and of the type that the surface promises. */
function view(octets: Uint8Array, start: number, length: number): Uint8Array {
  return new Uint8Array(octets.buffer, octets.byteOffset + start, length);
}
