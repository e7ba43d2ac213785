import { Deque } from "./deque.js";

/**
 * Everything that happens to the broker happens in a turn: a chunk that came, a timer that fired. What a turn leaves to be done (dead letters, octets to send) is done at
 * its end, once for all of it. Turns never run inside each other: a peer that answers while it is written to waits for its own.
 */
export class Turns {
  readonly #waiting = new Deque<() => void>();
  readonly #atEnd: () => void;
  #busy = false;

  /** @param atEnd finishes what a turn has left. */
  constructor(atEnd: () => void) {
    this.#atEnd = atEnd;
  }

  run(call: () => void): void {
    if (this.#busy) {
      this.#waiting.push(call);
      return;
    }
    this.#busy = true;
    try {
      for (let next: (() => void) | undefined = call; next !== undefined; next = this.#waiting.shift()) {
        next();
        this.#atEnd();
      }
    } finally {
      this.#busy = false;
    }
  }
}
