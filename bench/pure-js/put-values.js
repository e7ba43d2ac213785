import { copyInto } from "./slab.js";
import { EncodeError } from "./errors.js";
import { Decimal, Timestamp } from "./frames.js";
import { putLong } from "./texts.js";
import { putTable } from "./put-tables.js";

/** Type octet and value of a field, or of an element of an array with its index. Answers where it ends. */
export function putValue(writer, value, at, element = -1) {
  switch (typeof value) {
    case "string":
      return putLong(writer, value, at, 0);
    case "number":
      at = writer.room(at, 9);
      return putNumber(writer.view, value, at);
    case "boolean":
      at = writer.room(at, 2);
      writer.view.setInt16(at, 0x7400 | (value ? 1 : 0));
      return at + 2;
    case "bigint":
      if (BigInt.asIntN(64, value) !== value) throw new EncodeError("an integer of more than 64 bits");
      at = writer.room(at, 9);
      writer.view.setUint8(at, 0x6c);
      writer.view.setBigInt64(at + 1, value);
      return at + 9;
    case "object":
      return putObject(writer, value, at, element);
    default:
      throw new EncodeError(`a field of type ${typeof value}`);
  }
}

/** Integers with the smallest type of `b s u I i l`, all else as a double. */
export function putNumber(view, value, at) {
  if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
    if (value >= -0x80 && value < 0x80) {
      view.setInt16(at, 0x6200 | (value & 0xff));
      return at + 2;
    }
    if (value >= -0x8000 && value < 0x10000) {
      view.setUint8(at, value < 0x8000 ? 0x73 : 0x75);
      view.setInt16(at + 1, value);
      return at + 3;
    }
    view.setUint8(at, 0x49);
    view.setInt32(at + 1, value);
    return at + 5;
  }
  if (value === value >>> 0 && value !== 0) {
    view.setUint8(at, 0x69);
    view.setUint32(at + 1, value);
    return at + 5;
  }
  if (Number.isSafeInteger(value) && value !== 0) {
    view.setUint8(at, 0x6c);
    view.setInt32(at + 1, Math.floor(value / 0x100000000));
    view.setInt32(at + 5, value % 0x100000000);
    return at + 9;
  }
  view.setUint8(at, 0x64);
  view.setFloat64(at + 1, value);
  return at + 9;
}

/** An unsigned 64-bit number: a number, a bigint, a Timestamp or a Date. */
export function putSeconds(view, value, at) {
  if (value instanceof Timestamp) value = value.seconds;
  else if (value instanceof Date) value = Math.floor(value.getTime() / 1000);
  if (typeof value === "bigint") {
    if (BigInt.asUintN(64, value) !== value) throw new EncodeError("a timestamp out of its range");
    view.setBigUint64(at, value);
  } else {
    if (!Number.isSafeInteger(value) || value < 0) throw new EncodeError("a timestamp out of its range");
    view.setInt32(at, Math.floor(value / 0x100000000));
    view.setInt32(at + 4, value % 0x100000000);
  }
}

function putObject(writer, value, at, element) {
  at = writer.room(at, 16);
  const { view } = writer;
  if (value === null) {
    view.setUint8(at, 0x56);
    return at + 1;
  }
  if (Array.isArray(value)) {
    view.setUint8(at, 0x41);
    // As an offset from the message's begin: the octets may move when they need more room.
    const start = at - writer.begun;
    at += 5;
    for (let i = 0; i < value.length; i++) at = putValue(writer, value[i], at, i);
    writer.view.setInt32(writer.begun + start + 1, at - (writer.begun + start) - 5);
    return at;
  }
  if (value instanceof Uint8Array) {
    at = writer.room(at, value.length + 5);
    writer.view.setUint8(at, 0x78);
    writer.view.setInt32(at + 1, value.length);
    copyInto(writer.octets, value, at + 5);
    return at + 5 + value.length;
  }
  if (value instanceof Timestamp || value instanceof Date) {
    view.setUint8(at, 0x54);
    putSeconds(view, value, at + 1);
    return at + 9;
  }
  if (value instanceof Decimal) {
    view.setInt16(at, 0x4400 | value.scale);
    view.setInt32(at + 2, value.unscaled);
    return at + 6;
  }
  view.setUint8(at, 0x46);
  return putTable(writer, value, at + 1, element);
}
