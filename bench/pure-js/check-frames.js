import { wrong } from "./errors.js";

/** Where a content header's properties are walked: the same checks as a decoder's, without values. */
function checkProperties(dv, at, end) {
  const flags = dv.getUint16(at);
  if ((flags & 3) !== 0) wrong("property flags that are not known");
  at += 2;
  if ((flags & 0x8000) !== 0) at = shortEnd(dv, at, end);
  if ((flags & 0x4000) !== 0) at = shortEnd(dv, at, end);
  if ((flags & 0x2000) !== 0) {
    if (end - at < 4) cutShort();
    const n = dv.getInt32(at);
    if (n < 0 || n > end - at - 4) cutShort();
    at += 4 + n;
  }
  if ((flags & 0x1000) !== 0) at += 1;
  if ((flags & 0x800) !== 0) at += 1;
  if ((flags & 0x400) !== 0) at = shortEnd(dv, at, end);
  if ((flags & 0x200) !== 0) at = shortEnd(dv, at, end);
  if ((flags & 0x100) !== 0) at = shortEnd(dv, at, end);
  if ((flags & 0x80) !== 0) at = shortEnd(dv, at, end);
  if ((flags & 0x40) !== 0) at += 8;
  if ((flags & 0x3c) !== 0) {
    if ((flags & 0x20) !== 0) at = shortEnd(dv, at, end);
    if ((flags & 0x10) !== 0) at = shortEnd(dv, at, end);
    if ((flags & 8) !== 0) at = shortEnd(dv, at, end);
    if ((flags & 4) !== 0) at = shortEnd(dv, at, end);
  }
  if (at !== end) wrong("octets behind the properties");
}

/** Behind it all is a frame-end at least, so that a length may be read at the end itself. */
function shortEnd(dv, at, end) {
  if (at >= end) cutShort();
  return at + 1 + dv.getUint8(at);
}

function cutShort() {
  wrong("properties that are cut short");
}

/** Arguments of the methods that are passed on. */
export function checkMethod(dv, at, end) {
  const size = end - at - 7;
  if (size < 4) wrong("a method that is cut short");
  const ids = dv.getInt32(at + 7);
  if (ids === 0x003c003c) {
    if (size < 16) wrong("a method that is cut short");
    const exchange = at + 21 + dv.getUint8(at + 11);
    if (exchange >= end) wrong("a method that is cut short");
    const key = exchange + 1 + dv.getUint8(exchange);
    if (key >= end || key + 1 + dv.getUint8(key) !== end) wrong("a method of another size than its arguments");
  } else if (ids === 0x003c0028) {
    if (size < 9) wrong("a method that is cut short");
    const key = at + 14 + dv.getUint8(at + 13);
    if (key >= end || key + 2 + dv.getUint8(key) !== end) wrong("a method of another size than its arguments");
  } else if (ids === 0x003c0050 && size !== 13) wrong("an ack of another size");
}

export function checkHeader(dv, at, end) {
  if (end - at < 21 || dv.getInt32(at + 7) !== 0x003c0000) wrong("a content header of another class");
  checkProperties(dv, at + 19, end);
}

/** Where `placeLengths` puts the table's. */
export const TABLE = 12;

/** Where the lengths stand in the properties of a content header frame that was found good, from `at` on; answers how many they are but for the table's, which is -1 where there is none. */
export function placeLengths(dv, header, at, places) {
  const flags = dv.getUint16(header + 19);
  let p = header + 21;
  let n = 0;
  places[TABLE] = -1;
  for (let flag = 0x8000; flag >= 4; flag >>= 1) {
    if ((flags & flag) === 0) continue;
    if (flag === 0x1000 || flag === 0x800) p += 1;
    else if (flag === 0x40) p += 8;
    else if (flag === 0x2000) {
      places[TABLE] = p - at;
      p += 4 + dv.getInt32(p);
    } else {
      places[n++] = p - at;
      p += 1 + dv.getUint8(p);
    }
  }
  return n;
}
