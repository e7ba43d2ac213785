import type { TapFrame } from "../frame-tap.js";

/** The last frames, for a page that has just opened: bounded in number and in octets. */
export class RecentFrames {
  readonly #most: number;
  readonly #mostOctets: number;
  #frames: TapFrame[] = [];
  #first = 0;
  #octets = 0;

  constructor(most = 1000, mostOctets = 4 * 1024 * 1024) {
    this.#most = most;
    this.#mostOctets = mostOctets;
  }

  add(frame: TapFrame): void {
    this.#frames.push(frame);
    this.#octets += frame.octets.length;
    while (this.#frames.length - this.#first > this.#most || this.#octets > this.#mostOctets) {
      this.#octets -= this.#frames[this.#first]!.octets.length;
      this.#first += 1;
    }
    // Cut off now and then, not each time: what is dropped would be held until then, so not much may be.
    if (this.#first >= 64) {
      this.#frames = this.#frames.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Oldest first. */
  all(): TapFrame[] {
    return this.#frames.slice(this.#first);
  }
}
