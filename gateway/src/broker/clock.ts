/** Time, as the broker sees it: so that tests can move it by hand. */

/** A timer that was started. */
export interface Timer {
  stop(): void;
}

/** What the broker asks for time. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, after so many milliseconds; 0 to 2147483647, the most that a timer of Node can wait. */
  after(milliseconds: number, call: () => void): Timer;
}

/** Longest time that a timer of Node waits; a longer one would fire at once. */
export const LONGEST_WAIT = 0x7fffffff;

/** The machine's own time. Its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, call) {
    const timer = setTimeout(call, Math.min(milliseconds, LONGEST_WAIT));
    timer.unref();
    return { stop: () => clearTimeout(timer) };
  },
};
