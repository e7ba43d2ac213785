import { Decimal, Timestamp } from "./frames.js";
import { signed64, unsigned64 } from "./numbers.js";
import { intern } from "./strings.js";
import { table } from "./tables.js";
import { wrong } from "./errors.js";

/** Where the last field ended. A typed array: the functions that are generated read it too. */
export const after = new Int32Array(1);

export const MAX_DEPTH = 32;

const letter = (text) => text.charCodeAt(0);
/** Sizes of the types whose size is fixed. */
const sizes = new Int8Array(256).fill(-1);
for (const [size, types] of ["V", "tbB", "su", "", "iIf", "D", "", "", "lLdT"].entries())
  for (const type of types) sizes[letter(type)] = size;
export { sizes };

/** A type octet and its value. */
export function field(octets, dv, at, end, depth) {
  if (at >= end) wrong("a field without a type");
  const type = dv.getUint8(at++);
  const fixed = sizes[type];
  if (fixed >= 0) {
    if (fixed > end - at) wrong("a field that is cut short");
    after[0] = at + fixed;
    return fixedField(dv, type, at);
  }
  if (type !== 83 && type !== 70 && type !== 65 && type !== 120) wrong("an unknown field type");
  if (end - at < 4) wrong("a field that is cut short");
  const n = dv.getInt32(at);
  at += 4;
  if (n < 0 || n > end - at) wrong("a field that is longer than its table");
  if (type === 83) {
    after[0] = at + n;
    return intern(octets, dv, at, n, 0);
  }
  let value;
  if (type === 70) value = table(octets, dv, at, at + n, depth + 1);
  else if (type === 65) value = array(octets, dv, at, at + n, depth + 1);
  else value = bytes(octets, at, n);
  after[0] = at + n;
  return value;
}

function fixedField(dv, type, at) {
  switch (type) {
    case 116: // t
      return dv.getUint8(at) !== 0;
    case 98: // b
      return dv.getInt8(at);
    case 66: // B
      return dv.getUint8(at);
    case 115: // s
      return dv.getInt16(at);
    case 117: // u
      return dv.getUint16(at);
    case 73: // I
      return dv.getInt32(at);
    case 105: // i
      return dv.getUint32(at);
    case 108: // l
    case 76: // L
      return signed64(dv.getInt32(at), dv.getInt32(at + 4));
    case 102: // f
      return dv.getFloat32(at);
    case 100: // d
      return dv.getFloat64(at);
    case 68: // D
      return new Decimal(dv.getUint8(at), dv.getInt32(at + 1));
    case 84: // T
      return new Timestamp(unsigned64(dv.getInt32(at), dv.getInt32(at + 4)));
    default: // V
      return null;
  }
}

/** Of an array that stands as a literal V8 counts where the first ones end, as of other literals; of a rest parameter's it does not. */
const listOf = (...values) => values;

export function array(octets, dv, at, end, depth) {
  if (depth > MAX_DEPTH) wrong("arrays and tables nested too deep");
  if (at === end) return [];
  const first = field(octets, dv, at, end, depth);
  at = after[0];
  // Such an array has just the places that it needs; one that grows begins with seventeen.
  if (at === end) return listOf(first);
  const second = field(octets, dv, at, end, depth);
  at = after[0];
  const values = listOf(first, second);
  while (at < end) {
    values.push(field(octets, dv, at, end, depth));
    at = after[0];
  }
  return values;
}

/** A view: the chunk is the caller's, who does not write into it again. */
export function bytes(octets, at, n) {
  return new Uint8Array(octets.buffer, octets.byteOffset + at, n);
}
