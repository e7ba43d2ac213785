import type { FrameTap } from "../frame-tap.js";
import type { Count, Second, Totals } from "./messages.js";

/** How many seconds are remembered. */
const REMEMBERED = 120;

/** What the tap has counted, second by second. */
export class Traffic {
  readonly #tap: FrameTap;
  #seconds: Second[] = [];
  #before: Count = [0, 0, 0, 0];

  constructor(tap: FrameTap) {
    this.#tap = tap;
    this.#before = this.#sum();
  }

  get seconds(): readonly Second[] {
    return this.#seconds;
  }

  /** Ends a second: what was counted since the last call. */
  tick(now: number): Second {
    const sum = this.#sum();
    const [up, down, octetsUp, octetsDown] = sum.map((count, i) => count - this.#before[i]!) as unknown as Count;
    const second = { second: Math.floor(now / 1000), up, down, octetsUp, octetsDown };
    this.#before = sum;
    this.#seconds.push(second);
    if (this.#seconds.length > REMEMBERED) this.#seconds = this.#seconds.slice(-REMEMBERED);
    return second;
  }

  totals(): Totals {
    const counts = Object.fromEntries(
      [...this.#tap.counts].map(([name, { up, down, octetsUp, octetsDown }]) => [
        name,
        [up, down, octetsUp, octetsDown] as const,
      ]),
    );
    return { counts, frames: this.#tap.frames };
  }

  #sum(): Count {
    const sum: [number, number, number, number] = [0, 0, 0, 0];
    for (const { up, down, octetsUp, octetsDown } of this.#tap.counts.values()) {
      sum[0] += up;
      sum[1] += down;
      sum[2] += octetsUp;
      sum[3] += octetsDown;
    }
    return sum;
  }
}
