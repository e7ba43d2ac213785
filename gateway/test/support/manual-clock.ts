import type { Clock, Timer } from "../../src/broker/index.js";

/** Time that stands still until it is moved. */
export class ManualClock implements Clock {
  #now = 1_790_000_000_000;
  readonly #timers = new Map<object, { at: number; call: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, call: () => void): Timer {
    const key = {};
    this.#timers.set(key, { at: this.#now + milliseconds, call });
    return { stop: () => this.#timers.delete(key) };
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets time pass: timers fire in order, those that they start too. */
  pass(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#timers]
        .filter(([, { at }]) => at <= end)
        .sort(([, one], [, other]) => one.at - other.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].call();
    }
    this.#now = end;
  }
}
