/** 64-bit numbers out of two halves: a number while it is a safe integer, a bigint beyond. */

const HIGH = 0x100000000;
const SAFE_HIGH = 0x200000;

export function unsigned64(high, low) {
  if (high === 0) return low >>> 0;
  if (high >>> 0 < SAFE_HIGH) return high * HIGH + (low >>> 0);
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

export function signed64(high, low) {
  if (high < SAFE_HIGH && high > -SAFE_HIGH) return high * HIGH + (low >>> 0);
  // -2^53 itself is not safe.
  if (high === -SAFE_HIGH && low !== 0) return high * HIGH + (low >>> 0);
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}
