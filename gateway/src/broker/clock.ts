/** Time, as the broker sees it: so that tests can move it by hand. */

/** A timer that was started. */
export interface Timer {
  stop(): void;
}

/** What the broker asks for time. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, after so many milliseconds. */
  after(milliseconds: number, call: () => void): Timer;
}

/** Longest time that a timer of Node waits; a longer one would fire at once. */
const LONGEST_WAIT = 0x7fffffff;

/** The machine's own time. Its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, call) {
    const more = milliseconds - LONGEST_WAIT;
    const timer = setTimeout(
      more > 0 ? () => (next = systemClock.after(more, call)) : call,
      milliseconds - Math.max(0, more),
    );
    timer.unref();
    let next: Timer = { stop: () => clearTimeout(timer) };
    return { stop: () => next.stop() };
  },
};
