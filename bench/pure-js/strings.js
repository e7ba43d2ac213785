import { isUtf8 } from "node:buffer";
import { missed } from "./pool.js";

/**
 * Strings that come again are made once: a table keyed by the octets themselves. Up to 16 octets stand in a row as four words, so that a row that is equal is the string; longer
 * ones are compared with octets kept aside. A string is admitted when it is seen for the second time and takes the place of another where its set is full: nothing grows.
 */
const SETS = 4096;
const ROW = 8;
const LONG_SETS = 1024;
const LONGEST = 64;
const LONG_ROW = LONGEST / 4;

const rows = new Int32Array(SETS * 2 * ROW);
const strings = new Array(SETS * 2).fill("");
const longRows = new Int32Array(LONG_SETS * LONG_ROW);
const longSizes = new Int32Array(LONG_SETS);
const longStrings = new Array(LONG_SETS).fill("");
const door = new Int32Array(4096);

const HIGH_BITS = 0x80808080 | 0;

/** A string of its own. Octets that are no UTF-8 stay octets. */
export function string(octets, dv, at, n) {
  let bits = 0;
  let k = 0;
  for (; k + 4 <= n; k += 4) bits |= dv.getInt32(at + k);
  for (; k < n; k++) bits |= dv.getInt8(at + k);
  if ((bits & HIGH_BITS) === 0) return octets.latin1Slice(at, at + n);
  const own = octets.subarray(at, at + n);
  return isUtf8(own) ? own.utf8Slice(0, n) : Uint8Array.prototype.slice.call(own);
}

/** A string that may come again. `site` is the place in a header table that it stands in, 0 for any other place. */
export function intern(octets, dv, at, n, site) {
  if (n > 16) return n > LONGEST ? string(octets, dv, at, n) : internLong(octets, dv, at, n, site);
  let a;
  let b = 0;
  let c = 0;
  let d = 0;
  if (n >= 8) {
    a = dv.getInt32(at, true);
    b = dv.getInt32(at + 4, true);
    c = dv.getInt32(at + n - 8, true);
    d = dv.getInt32(at + n - 4, true);
  } else if (n >= 4) {
    a = dv.getInt32(at, true);
    b = dv.getInt32(at + n - 4, true);
  } else if (n > 0) {
    a = dv.getUint8(at) | (dv.getUint8(at + (n >> 1)) << 8) | (dv.getUint8(at + n - 1) << 16);
  } else return "";
  // Cut to 32 bits at each step: a sum of more than two is done in floating point.
  const hash =
    (((Math.imul(a, 0x9e3779b1) + Math.imul(b, 0x85ebca6b)) | 0) +
      ((Math.imul(c, 0xc2b2ae35) + Math.imul(d ^ n, 0x27d4eb2f)) | 0)) |
    0;
  const row = (hash >>> 20) << 4;
  if (rows[row] === a && rows[row + 1] === b && rows[row + 2] === c && rows[row + 3] === d && rows[row + 4] === n)
    return strings[row >>> 3];
  return internSecond(octets, dv, at, n, site, hash, a, b, c, d);
}

function internSecond(octets, dv, at, n, site, hash, a, b, c, d) {
  const row = ((hash >>> 20) << 4) + ROW;
  if (rows[row] === a && rows[row + 1] === b && rows[row + 2] === c && rows[row + 3] === d && rows[row + 4] === n)
    return strings[row >>> 3];
  const made = string(octets, dv, at, n);
  if (!admitted(hash)) missed(site);
  else if (typeof made === "string") {
    const first = row - ROW;
    if (rows[first + 4] !== 0) {
      rows.copyWithin(row, first, row);
      strings[row >>> 3] = strings[first >>> 3];
    }
    rows[first] = a;
    rows[first + 1] = b;
    rows[first + 2] = c;
    rows[first + 3] = d;
    rows[first + 4] = n;
    strings[first >>> 3] = made;
  }
  return made;
}

function internLong(octets, dv, at, n, site) {
  let even = n;
  let odd = 0;
  let k = 0;
  for (; k + 8 <= n; k += 8) {
    even = Math.imul(even ^ dv.getInt32(at + k, true), 0x9e3779b1);
    odd = Math.imul(odd ^ dv.getInt32(at + k + 4, true), 0x85ebca6b);
  }
  even = Math.imul(even ^ dv.getInt32(at + n - 8, true), 0xc2b2ae35);
  odd = Math.imul(odd ^ dv.getInt32(at + n - 4, true), 0x27d4eb2f);
  const hash = (even + odd) | 0;
  const set = hash >>> 22;
  const row = set * LONG_ROW;
  if (longSizes[set] === n) {
    let i = row;
    k = 0;
    while (k + 4 <= n && longRows[i] === dv.getInt32(at + k, true)) {
      k += 4;
      i++;
    }
    if (k + 4 > n && longRows[row + LONG_ROW - 1] === dv.getInt32(at + n - 4, true)) return longStrings[set];
  }
  const made = string(octets, dv, at, n);
  if (!admitted(hash)) missed(site);
  else if (typeof made === "string") {
    longSizes[set] = n;
    longStrings[set] = made;
    for (k = 0; k + 4 <= n; k += 4) longRows[row + (k >> 2)] = dv.getInt32(at + k, true);
    longRows[row + LONG_ROW - 1] = dv.getInt32(at + n - 4, true);
  }
  return made;
}

/** Whether something with this hash was there before. */
function admitted(hash) {
  const i = (hash ^ (hash >>> 15)) & 4095;
  if (door[i] === hash) return true;
  door[i] = hash;
  return false;
}
