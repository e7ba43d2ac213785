/** Frames that are forwarded one behind the other: they wait in the core's input, to be copied in one go. */
import type { ContentView } from "./content-view.js";
import type { CommandTape } from "./command-tape.js";
import type { Core } from "./core.js";
import { EncodeError } from "./errors.js";
import type { RunLimits } from "./frame-run.js";
import { FRAME_BODY } from "./generated/constants.js";
import { PASSING_WORDS } from "./generated/limits.js";
import type { Waiting } from "./input-window.js";
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
  readonly position: number;
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

/** The most that a frame, or message, may have to wait with others. */
const MOST_OCTETS = 16384;
/** Frames of a message. */
const MOST_FRAMES = 3;
export const PROTOCOL_HEADER = 65;

/** The run of one writer. */
export class ForwardRun implements Waiting {
  readonly #tape: CommandTape;
  readonly #output: Output;
  readonly #core: Core;
  /** What the frames belong to, how many they are, where they begin and end, up to where frames were checked, and where the input begins. */
  #source: Passing | undefined;
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
    this.#tape.reserve(this.#output, 0);
    if (this.#core.inputOwner !== window || at + octets > window.checked || at < window.from) {
      window.check(held, at, source.settings);
      if (at + octets > window.checked) return false;
    }
    window.waiting?.settle();
    window.waiting = this;
    this.#tape.await(this);
    this.#source = source;
    this.#base = window.from;
    this.#checked = window.checked;
    this.#from = at;
    this.#end = at;
    return this.join(source, channel, frameMax);
  }

  /** Writes the frames that wait. To be called before anything else is done to the writer's output. */
  settle(): void {
    const count = this.#count;
    if (count === 0) return;
    const from = this.#from - this.#base;
    const to = this.#end - this.#base;
    this.#tape.assertIdle();
    this.#count = 0;
    this.#end = -1;
    this.#source = undefined;
    const start = this.#tape.reserve(this.#output, to - from) - this.#core.output;
    this.#core.exports.forwardRun(start, from, to, count);
    this.#tape.wrote(to - from);
  }
}

/** Of a method or header frame. */
export function tooLarge(name: string, octets: number, frameMax: number): EncodeError {
  return new EncodeError(
    `a ${name} frame of ${octets} octets does not fit into ${frameMax} octets (frame-max), and cannot be split`,
  );
}
