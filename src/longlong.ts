import type { Longlong } from "./types.js";

const HIGH = 0x100000000;
const SAFE_HIGH = 0x200000;

/** Two words of the tape as an unsigned number: exact, a `bigint` from 2^53 on. */
export function unsignedLonglong(high: number, low: number): Longlong {
  return high === 0 && low >= 0 ? low : largeLonglong(high, low);
}

function largeLonglong(high: number, low: number): Longlong {
  const h = high >>> 0;
  const l = low >>> 0;
  return h < SAFE_HIGH ? h * HIGH + l : (BigInt(h) << 32n) | BigInt(l);
}

/** Two words of the tape as a signed number: exact, a `bigint` beyond 2^53 - 1 either way. */
export function signedLonglong(high: number, low: number): Longlong {
  const l = low >>> 0;
  const number = high * HIGH + l;
  if (Number.isSafeInteger(number)) return number;
  return (BigInt(high) << 32n) | BigInt(l);
}
