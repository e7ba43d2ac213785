import { EncodeError } from "./errors.js";
import { kind } from "./kind.js";
import type { Longlong } from "./types.js";

const U64_MAX = 0xffffffffffffffffn;
const DATE_MAX_SECONDS = 8_640_000_000_000;

/**
 * A timestamp: seconds since 1970 as an unsigned 64-bit number (section 4.2.5.4), kept as it came. Some applications write milliseconds; nothing here guesses.
 */
export class Timestamp {
  /** 0 to 18446744073709551615; a `bigint` beyond 2^53 - 1. */
  readonly seconds: Longlong;

  /** @throws EncodeError where `seconds` is no integer in that range. */
  constructor(seconds: Longlong) {
    const whole =
      typeof seconds === "bigint" ? seconds >= 0n && seconds <= U64_MAX : Number.isSafeInteger(seconds) && seconds >= 0;
    if (!whole) throw new EncodeError(`Timestamp seconds range: 0 to 18446744073709551615, received ${kind(seconds)}`);
    this.seconds = typeof seconds === "bigint" && seconds <= Number.MAX_SAFE_INTEGER ? Number(seconds) : seconds;
  }

  /** The second in which a `Date` lies; fractions are cut. @throws EncodeError for an invalid date or one before 1970. */
  static fromDate(date: Date): Timestamp {
    return timestampOf(date);
  }

  /** As a `Date`; an invalid one where a `Date` cannot reach so far (years over 275760). Never throws. */
  toDate(): Date {
    return this.seconds <= DATE_MAX_SECONDS ? new Date(Number(this.seconds) * 1000) : new Date(NaN);
  }

  /** Seconds as a number, rounded beyond 2^53 - 1: for comparing and sorting. */
  valueOf(): number {
    return Number(this.seconds);
  }

  toString(): string {
    return String(this.seconds);
  }

  /** Seconds; as text beyond 2^53 - 1, which JSON's numbers cannot hold. */
  toJSON(): number | string {
    return typeof this.seconds === "bigint" ? String(this.seconds) : this.seconds;
  }
}

const BRAND = Symbol("timestamp");
Object.defineProperty(Timestamp.prototype, BRAND, { value: true });

/** Whether a value is a timestamp: quicker than `instanceof`, which walks a chain of prototypes where an engine does not know the value's kind. */
export function isTimestamp(value: unknown): value is Timestamp {
  return (value as { [BRAND]?: unknown })[BRAND] === true;
}

/** Seconds as a number; no number where the long way must tell what is wrong, or a `bigint` is needed. */
export function secondsOf(timestamp: unknown): number {
  if (timestamp === null) return NaN;
  let seconds: unknown;
  if (isTimestamp(timestamp)) ({ seconds } = timestamp);
  else if (timestamp instanceof Date) seconds = Math.trunc(timestamp.getTime() / 1000);
  if (typeof seconds === "number" && (seconds | 0) === seconds && seconds >= 0) return seconds | 0;
  // Who made one past the constructor may have given it anything.
  return Number.isSafeInteger(seconds) && (seconds as number) >= 0 ? (seconds as number) : NaN;
}

/** The high word of so many seconds. */
export function highOf(seconds: number): number {
  return (seconds | 0) === seconds ? 0 : (seconds / 0x100000000) | 0;
}

// Outside of the class: a bundler renames a class that speaks of itself, and consoles would show it.
function timestampOf(date: Date): Timestamp {
  return new Timestamp(Math.trunc(date.getTime() / 1000));
}

function Decoded(this: { seconds: Longlong }, seconds: Longlong): void {
  this.seconds = seconds;
}
Decoded.prototype = Timestamp.prototype;
const NewTimestamp = Decoded as unknown as new (seconds: Longlong) => Timestamp;

/** A timestamp of what 64 bits can hold, which is not checked again. */
export function decodedTimestamp(seconds: Longlong): Timestamp {
  return new NewTimestamp(seconds);
}
