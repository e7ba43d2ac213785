/** Frames that are forwarded one behind the other, one by one or in runs: they wait in the core's input, to be copied in one go. */
import type { ContentView } from "./content-view.js";
import type { CommandTape } from "./command-tape.js";
import type { Core } from "./core.js";
import { EncodeError } from "./errors.js";
import type { RunLimits } from "./frame-run.js";
import { FRAME_BODY } from "./generated/constants.js";
import { PASSING_WORDS } from "./generated/limits.js";
import type { InputWindow, Waiting } from "./input-window.js";
import { ENVELOPE } from "./limits.js";
import type { Output } from "./output.js";

/** A cursor, or a message that was kept. */
export interface Passing extends ContentView {
  /** @internal */
  passed?(end: number): void;
  /** @internal */
  defer?(action: (message: Passing) => void): void;
  /** @internal */
  separate?(): void;
}

/** A cursor, which finds publishes that stand one behind the other. */
export interface PublishSource extends Passing {
  readonly chunk: Uint8Array;
  /** What a run begins with whose first place is below 0: the octets up to place 0, and others behind them. */
  readonly before: Uint8Array;
  readonly position: number;
  stands(at: number, end: number): boolean;
  findPublishes(limits: RunLimits, frameMax: number, most: number): number;
  enter(at: number, header: number, body: number, end: number): void;
  leave(): void;
}

/** What operations on frames need of their writer. */
export interface Writing {
  readonly tape: CommandTape;
  readonly output: Output;
  /** Writes the frames of a body. */
  body(octets: Uint8Array, channel: number): void;
}

/** What a run comes from. */
export interface RunSource {
  readonly window: InputWindow;
}

/** The most that a frame, or message, may have to wait with others. */
const MOST_OCTETS = 16384;
/** Frames of a message. */
const MOST_FRAMES = 3;
export const PROTOCOL_HEADER = 65;

/** Says that what waits is to stay where it is, with the channels that it gets. */
const IN_PLACE = 0xffffffff;

// See `CommandTape`.
// eslint-disable-next-line @typescript-eslint/unbound-method -- that is the point
const { set } = Uint8Array.prototype;

/** The run of one writer. */
export class ForwardRun implements Waiting {
  readonly #tape: CommandTape;
  readonly #output: Output;
  readonly #core: Core;
  /** What the frames belong to, how many of them get a channel yet, where they begin and end (-1 where none waits), up to where frames were checked, and where the input begins. */
  #source: RunSource | undefined;
  #count = 0;
  #from = 0;
  #end = -1;
  #checked = 0;
  #base = 0;

  constructor({ tape, output }: Writing) {
    this.#tape = tape;
    this.#output = output;
    this.#core = tape.core;
  }

  /** Adds the frame, or the frames of the message, to the run that waits, if they go on with it. */
  join(source: Passing, channel: number | undefined, frameMax: number): boolean {
    const { at, view, messageEnd } = source;
    if (at !== this.#end || source !== this.#source) return false;
    const count = this.#count;
    const head = view.getInt32(at);
    const end = messageEnd > 0 ? messageEnd : at + ENVELOPE + view.getInt32(at + 3);
    if (end > this.#checked || end - at > frameMax || count > PASSING_WORDS - MOST_FRAMES) return false;
    const to = channel === undefined ? (head >>> 8) & 0xffff : channel;
    // Heartbeats go out on channel 0.
    if ((to & 0xffff) !== to || (to !== 0 && head >>> 24 > FRAME_BODY)) return false;
    const { words, passing } = this.#core;
    // The memory grew, and nobody has looked since.
    if (words.length === 0) return false;
    const base = this.#base;
    words[passing + count] = ((at - base) << 16) | to;
    this.#count = count + 1;
    this.#end = end;
    if (messageEnd > 0) {
      const { messageHeader, bodyFrame } = source;
      words[passing + count + 1] = ((messageHeader - base) << 16) | to;
      if (bodyFrame >= 0) words[passing + count + 2] = ((bodyFrame - base) << 16) | to;
      this.#count = count + (bodyFrame >= 0 ? 3 : 2);
    }
    return true;
  }

  /** Begins a run with what is under the cursor, if it is checked or can be. */
  begin(source: Passing, channel: number, frameMax: number): boolean {
    const { at, view, window, held, messageEnd } = source;
    if (view.getUint8(at) === PROTOCOL_HEADER) return false;
    const octets = messageEnd > 0 ? messageEnd - at : ENVELOPE + view.getInt32(at + 3);
    if (octets > frameMax || octets > MOST_OCTETS) return false;
    if (this.#goesOn(source, octets)) return this.join(source, channel, frameMax);
    this.#tape.reserve(this.#output, 0);
    window.checkOne(held, at, at + octets, source.settings);
    if (at + octets > window.checked) return false;
    this.#begin(source, at);
    this.#checked = window.checked;
    return this.join(source, channel, frameMax);
  }

  #begin(source: RunSource, at: number): void {
    const { window } = source;
    window.waiting?.settle();
    window.waiting = this;
    this.#tape.await(this);
    this.#source = source;
    this.#base = window.from;
    this.#from = at;
    this.#end = at;
  }

  /** Whether the frame goes on with what waits, once it is checked where it stands. */
  #goesOn(source: Passing, octets: number): boolean {
    const { at, window } = source;
    if (at !== this.#end || source !== this.#source || this.#count > PASSING_WORDS - MOST_FRAMES) return false;
    if (!window.holds(source.held, at, at + octets)) return false;
    window.checkOne(source.held, at, at + octets, source.settings);
    this.#checked = window.checked;
    return at + octets <= window.checked;
  }

  /** Adds frames of which all is checked, with the channels that they have in the core's input, from one offset there to another. */
  add(source: RunSource, from: number, to: number): void {
    const base = source.window.from;
    if (base + from !== this.#end || source !== this.#source) {
      this.#tape.reserve(this.#output, 0);
      this.#begin(source, base + from);
    }
    this.#end = base + to;
    this.#checked = source.window.checked;
  }

  /** Writes the frames that wait. To be called before anything else is done to the writer's output. */
  settle(): void {
    if (this.#end < 0) return;
    const count = this.#count;
    const from = this.#from - this.#base;
    const to = this.#end - this.#base;
    this.#tape.assertIdle();
    this.#done();
    if (from === to) return;
    const start = this.#tape.reserve(this.#output, to - from) - this.#core.output;
    this.#core.exports.forwardRun(start, from, to, count);
    this.#tape.wrote(to - from);
  }

  /** Octets that wait. */
  get octets(): number {
    return this.#end < 0 ? 0 : this.#end - this.#from;
  }

  #done(): void {
    this.#count = 0;
    this.#end = -1;
    this.#source = undefined;
  }

  /** As `settle`, where what is written, and what was before, is wanted in this array: past the output. Answers how many octets it got; 0 where it has not room for all: nothing was done then. */
  settleInto(target: Uint8Array): number {
    if (this.#end < 0) return 0;
    const tape = this.#tape;
    const core = this.#core.fresh();
    const before = tape.end;
    const from = this.#from - this.#base;
    const to = this.#end - this.#base;
    if (!(to - from <= target.length - before)) return 0;
    if (before > 0) tape.takenInto(target);
    core.exports.forwardRun(IN_PLACE, from, to, this.#count);
    this.#source!.window.rewritten = this.#end;
    set.call(target, new Uint8Array(core.octets.buffer, core.input + from, to - from), before);
    this.#done();
    return before + to - from;
  }
}

/** Of a method or header frame. */
export function tooLarge(name: string, octets: number, frameMax: number): EncodeError {
  return new EncodeError(
    `a ${name} frame of ${octets} octets does not fit into ${frameMax} octets (frame-max), and cannot be split`,
  );
}
