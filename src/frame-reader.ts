import { currentCore, isShared, type Core } from "./core.js";
import { CutBody, octetsForCore } from "./cut-body.js";
import { CutFrame } from "./cut-frame.js";
import type { DecodeError } from "./errors.js";
import { failingAfter } from "./failing-array.js";
import type { Frame } from "./frame.js";
import { frameFailure } from "./frame-failure.js";
import { FRAME_HEADER_SIZE } from "./generated/constants.js";
import { Flag } from "./generated/flags.js";
import * as State from "./generated/state.js";
import { Status } from "./generated/status.js";
import { asOctets, load } from "./input.js";
import { decodeSettings, ENVELOPE, frameMaxOption, optionInRange, type DecodeSettings } from "./limits.js";
import type { MessageSink } from "./message-sink.js";
import { TapeReader } from "./tape.js";
import { takesRuns } from "./usual-repetitions.js";
import type { DecodeOptions } from "./types.js";

/** How a reader decodes, and what of a chunk it may keep. */
export interface FrameReaderOptions extends DecodeOptions {
  /** Whether the caller writes into a chunk again, or gives it away (`transfer`), after `push`. Bodies and lazy parts are copied then. Defaults to false: they are views of the chunk. */
  reuse?: boolean;
  /**
   * Whether properties are decoded when a program first asks for them (true), or with their frames (false). Defaults to what the program did with the frames of earlier chunks: one of 64 tells
   * whether it was asked. Views of bodies are always made when they are first asked for.
   */
  lazy?: boolean;
  /** Called for each frame with its offset in the stream and its length with envelope, both in octets, before `push` answers. What it throws, `push` throws, and the chunk's frames are lost. */
  onFrame?: (frame: Frame, offset: number, octets: number) => void;
}

/** Octets that are enough for most methods and headers: a caller may hand in far more than the one frame that it wants. */
const FIRST_LOOK = 1024;
const NO_FRAMES: Frame[] = [];

/** A reader that nobody uses. With the last one an engine would forget what readers look like, and at its next great collection throw away all code that it made for them: a program whose connections come and go would begin anew each time. */
let idle: FrameReader | undefined;

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
  readonly #body = new CutBody();
  /** What the running call has so far; offset in the stream and length of each, where somebody wants to know. */
  #frames: Frame[] = NO_FRAMES;
  #spans: number[] | undefined;
  #buffer: Uint8Array | undefined;
  #offset = 0;
  #error: DecodeError | undefined;
  readonly #tape: TapeReader;
  /** Who gets whole messages, while somebody does. */
  #sink: MessageSink | undefined;

  /** @throws EncodeError where an option is out of range. */
  constructor(options: FrameReaderOptions = {}) {
    this.#settings = decodeSettings(options);
    this.#reuse = options.reuse ?? false;
    this.#onFrame = options.onFrame;
    if (options.onFrame !== undefined) this.#spans = [];
    this.#core = currentCore();
    this.#tape = new TapeReader(this.#core, options.lazy ?? undefined);
    // Only where it keeps no core alive that would die otherwise.
    if (idle === undefined && isShared(this.#core)) keepOne(this);
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
    return this.#body.open ? FRAME_HEADER_SIZE + this.#body.length : this.#cut.length;
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
    // A Buffer does as it is: what is kept are views of its memory, or copies.
    const octets = chunk instanceof Uint8Array ? chunk : asOctets(chunk);
    if (this.#body.open && this.#body.fillWith(octets)) {
      this.#offset += octets.length;
      return [];
    }
    this.#tape.begin();
    if (this.#spans !== undefined) this.#spans.length = 0;
    const error = this.#push(octets);
    this.#offset += octets.length;
    const frames = this.#takeFrames();
    if (error !== undefined) {
      this.#error = error;
      this.#drop();
    }
    // Told when all is done: whoever is told may use the core, and its tape and state with it.
    if (this.#onFrame !== undefined) this.#tell(frames, this.#onFrame);
    if (error === undefined) return frames;
    if (frames.length === 0) throw error;
    return failingAfter(frames, error);
  }

  /**
   * As `push`, for a sink of whole messages. What the sink throws leaves the reader as it is: it must not be used again before `reset`.
   *
   * @internal
   */
  pushMessages(chunk: Uint8Array, sink: MessageSink): DecodeError | undefined {
    if (this.#error !== undefined) throw this.#error;
    const octets = chunk instanceof Uint8Array ? chunk : asOctets(chunk);
    if (this.#body.open && this.#body.fillWith(octets)) {
      this.#offset += octets.length;
      return undefined;
    }
    this.#tape.begin();
    this.#sink = sink;
    let error: DecodeError | undefined;
    try {
      error = this.#push(octets);
    } catch (thrown) {
      // The rest of the tape is not read: what it says of tables that are known from now on is lost.
      this.#core.exports.clearKnownTables();
      throw thrown;
    } finally {
      this.#sink = undefined;
      this.#tape.end();
    }
    this.#offset += octets.length;
    if (error === undefined) return undefined;
    this.#error = error;
    this.#drop();
    return error;
  }

  /**
   * Offset in the stream and length in octets of each frame that the last `push` answered, one behind the other. Kept from the first call on.
   *
   * @internal
   */
  spans(): readonly number[] {
    return (this.#spans ??= []);
  }

  /**
   * The first frame of some octets, which stand at `base` in their stream, for `unmarshal` and cursors; `undefined` where it is not all there.
   *
   * @internal
   */
  readOne(octets: Uint8Array, base = 0): { frame: Frame; consumed: number } | undefined {
    const core = this.#core;
    let length = Math.min(octets.length, FIRST_LOOK);
    for (;;) {
      const flags = base === 0 ? Flag.FIRST | Flag.ONE : Flag.ONE;
      const status = this.#read(view(octets, 0, length), flags, base, this.#reuse);
      if (typeof status !== "number") throw status;
      const [frame] = this.#takeFrames();
      if (frame !== undefined) return { frame, consumed: core.state(State.CONSUMED) };
      const need = core.state(State.NEED);
      if (need === 0 || need > octets.length) return undefined;
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

  #takeFrames(): Frame[] {
    const frames = this.#frames;
    this.#frames = NO_FRAMES;
    return frames === NO_FRAMES ? [] : frames;
  }

  #tell(frames: readonly Frame[], onFrame: NonNullable<FrameReaderOptions["onFrame"]>): void {
    const spans = this.#spans!.slice();
    frames.forEach((frame, i) => onFrame(frame, spans[2 * i]!, spans[2 * i + 1]!));
  }

  #drop(): void {
    this.#cut.begin(0);
    this.#body.drop();
  }

  #push(chunk: Uint8Array): DecodeError | undefined {
    const cut = this.#cut;
    let at = 0;
    while (at < chunk.length) {
      if (this.#body.open) {
        if (!this.#body.complete) at = this.#body.fill(chunk, at);
        if (at === chunk.length) return undefined;
      } else if (cut.need > 0) {
        const length = cut.length + chunk.length;
        if (at === 0 && length >= cut.need && length <= this.#core.inputCapacity) {
          // The frame's octets are few, and stay where they are until the core has them.
          load(this.#core, view(cut.octets, 0, cut.length));
          const next = this.#readChunk(chunk, 0, cut.length);
          if (typeof next !== "number") return next;
          at = next;
          continue;
        }
        at = cut.fill(chunk, at);
        if (!cut.complete) return undefined;
        const error = this.#readCut(this.#offset + at - cut.length);
        if (error !== undefined) return error;
        continue;
      }
      const next = this.#readChunk(chunk, at);
      if (typeof next !== "number") return next;
      at = next;
    }
    return undefined;
  }

  /** Has the core look at a cut frame now that what it wanted is there. */
  #readCut(base: number): DecodeError | undefined {
    const core = this.#core;
    const cut = this.#cut;
    const octets = cut.octets.subarray(0, cut.length);
    const status = this.#read(octets, base === 0 ? Flag.FIRST : 0, base, false);
    if (typeof status !== "number") return status;
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

  /**
   * Has the core look at the chunk from `at` on; answers how far it got in the chunk. `before` octets of the cut frame that goes on with the chunk are in the input already: both are one input.
   */
  #readChunk(chunk: Uint8Array, at: number, before = 0): number | DecodeError {
    const core = this.#core;
    const length = Math.min(this.#body.open ? octetsForCore(chunk, at) : chunk.length - at, core.inputCapacity);
    const base = this.#offset + at - before;
    const flags = this.#body.open ? Flag.BODY_END : base === 0 ? Flag.FIRST : 0;
    const copy = this.#reuse || (this.#buffer !== undefined && chunk.buffer === this.#buffer.buffer);
    // Of a Buffer a slice is no copy.
    const piece = length === chunk.length && !copy ? chunk : view(chunk, at, length);
    const status = this.#read(piece, flags, base, copy, before);
    if (typeof status !== "number") return status;
    if (status === Status.DONE) {
      // All of it: nothing else need be asked for.
      if (before > 0) this.#cut.begin(0);
      return at + piece.length;
    }
    const need = core.state(State.NEED);
    const next = at + core.state(State.CONSUMED) - before;
    const pending = core.state(State.BODY_PENDING) !== 0;
    if (need === 0 || pending) {
      if (before > 0) this.#cut.begin(0);
      if (need === 0) return next;
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
    // The frame that was cut and is not whole yet, or one behind it.
    if (next < at) this.#cut.need = need;
    else this.#cut.begin(need);
    return this.#cut.fill(chunk, Math.max(next, at));
  }

  #beginBody(size: number): void {
    const channel = this.#core.state(State.ERROR_CHANNEL);
    // Of a whole message that is awaited, one room takes all bodies, as far as octets come.
    const beyond = this.#sink === undefined ? 0 : Math.max(0, this.#sink.lacks(channel) - size);
    this.#body.openBody(channel, size, beyond);
  }

  /** `before` octets, which stand in the input already, go before the piece; `base` is the first one's offset in the stream. */
  #read(piece: Uint8Array, flags: number, base: number, copy: boolean, before = 0): number | DecodeError {
    const core = this.#core;
    const settings = this.#settings;
    const { frameMax, maxDepth, maxFields, strict, exact } = settings;
    if (strict) flags |= Flag.STRICT;
    if (exact) flags |= Flag.EXACT;
    if (this.#tape.wantsProperties) flags |= Flag.PROPERTIES;
    if (this.#sink === undefined && takesRuns(this.#spans, copy, settings)) flags |= Flag.RUNS;
    // Not `withTape`: the closure that it takes is a tenth of what a small push costs.
    load(core, piece, before);
    const length = before + piece.length;
    let status: number;
    while ((status = core.exports.read(length, flags, frameMax, maxDepth, maxFields)) === Status.GROW) {
      core.growTape();
    }
    const read = { octets: piece, before, base, copy, settings };
    if (this.#sink !== undefined) this.#tape.messages(read, this.#sink, this.#body);
    else this.#frames = this.#tape.frames(read, this.#frames, this.#spans, this.#body);
    if (status !== Status.ERROR) return status;
    // The core may have been given the end of a cut body alone.
    return frameFailure(core, settings, base, length, this.#body.open ? this.#body.channel : undefined);
  }
}

/** A plain view, of a `Buffer` too: cheaper than `subarray`, and of the type that the surface promises. */
function view(octets: Uint8Array, start: number, length: number): Uint8Array {
  return new Uint8Array(octets.buffer, octets.byteOffset + start, length);
}

// Outside of the class: a bundler renames a class that speaks of itself.
function keepOne(first: FrameReader): void {
  idle = first;
  idle = new FrameReader();
}
