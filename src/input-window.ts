import type { Core, InputOwner } from "./core.js";
import { load } from "./input.js";
import type { DecodeSettings } from "./limits.js";

/**
 * Octets that are copied to the core at once, where no frame needs more: few at first, and again where another cursor or reader took the input region meanwhile, so that taking turns never costs more than a few
 * frames do; more with each time that nobody did. An offset has 16 bits in the words of `forwardRun`.
 */
const FEW = 8192;
export const MOST_WINDOW = 65536;
/** Octets that are checked with a frame at first. */
const SOME = 1024;

/** What waits for its octets to be used, and must be done before they go. */
export interface Waiting {
  settle(): void;
}

/** The part of a chunk, or of a message, that stands in the core's input region. */
export class InputWindow implements InputOwner {
  readonly #core: Core;
  readonly #view: { scanned(): void };
  /** What they are octets of. */
  #octets: Uint8Array | undefined;
  /** First octet that is there, and the one behind the last, as places in the whole. */
  from = 0;
  to = 0;
  /** Frames up to here were checked in full, where somebody asked for it. */
  checked = 0;
  /** Frames up to here may have other channels there than they came on. */
  rewritten = 0;
  waiting: Waiting | undefined;
  #size = FEW;
  #some = SOME;
  #dropped = true;

  constructor(core: Core, view: { scanned(): void }) {
    this.#core = core;
    this.#view = view;
  }

  /** Has the core's input hold the octets from `from` to `to`, and what stands behind them; answers where they stand there. */
  load(octets: Uint8Array, from: number, to: number): number {
    const core = this.#core;
    if (core.inputOwner !== this || octets !== this.#octets || from < this.from || to > this.to) {
      this.#resize();
      const end = Math.min(octets.length, Math.max(to, from + this.#size));
      const { buffer, byteOffset, length } = octets;
      load(core, from === 0 && end === length ? octets : new Uint8Array(buffer, byteOffset + from, end - from));
      this.#holds(octets, from, end);
    }
    return from - this.from;
  }

  /** Has the core's input hold octets that a chunk begins with, behind the first so many of others, which are few: those have places below 0. */
  loadBehind(others: Uint8Array, count: number, octets: Uint8Array): void {
    const core = this.#core;
    this.#resize();
    const end = Math.min(octets.length, this.#size);
    load(core, end === octets.length ? octets : new Uint8Array(octets.buffer, octets.byteOffset, end), count, others);
    this.#holds(octets, -count, end);
  }

  #resize(): void {
    this.drop();
    this.#size = this.#dropped ? Math.min(MOST_WINDOW, 2 * this.#size) : FEW;
    this.#dropped = false;
  }

  #holds(octets: Uint8Array, from: number, to: number): void {
    this.#core.inputOwner = this;
    this.#octets = octets;
    this.from = from;
    this.to = to;
  }

  /** Loads what begins at `at` and has the core check all frames there. */
  check(octets: Uint8Array, at: number, settings: DecodeSettings): void {
    // From its beginning on: what is behind will be wanted, too.
    this.drop();
    this.load(octets, at, at);
    this.#scan(at, this.to, settings);
  }

  /** As `check`, for the frame from `at` to `end`, where it is not checked yet: with few of those behind it at first, which somebody else may look at, and with more each time that it goes on. */
  checkOne(octets: Uint8Array, at: number, end: number, settings: DecodeSettings): void {
    if (!this.holds(octets, at, end)) {
      this.drop();
      this.load(octets, at, at);
    } else if (end <= this.checked) return;
    this.#scan(at, Math.min(this.#near, Math.max(end, at + this.#some)), settings);
    this.#some *= 2;
  }

  /** Whether these octets are there, among those that an offset of 16 bits leads to. */
  holds(octets: Uint8Array, at: number, end: number): boolean {
    return this.#core.inputOwner === this && octets === this.#octets && at >= this.from && end <= this.#near;
  }

  get #near(): number {
    return Math.min(this.to, this.from + MOST_WINDOW);
  }

  #scan(at: number, end: number, { frameMax, strict, maxDepth, maxFields }: DecodeSettings): void {
    const { from } = this;
    const { scan } = this.#core.exports;
    this.#view.scanned();
    this.checked = from + scan(at - from, end - from, frameMax, strict ? 1 : 0, maxDepth, maxFields);
  }

  /** To be called where the octets are other ones than before. */
  drop(): void {
    if (this.#core.inputOwner !== this) return;
    this.#dropped = true;
    this.#core.releaseInput();
  }

  release(): void {
    // It refuses where its consumers are being read, and waits on then.
    this.waiting?.settle();
    this.waiting = undefined;
    this.#octets = undefined;
    this.checked = this.rewritten = 0;
    this.#some = SOME;
  }
}
