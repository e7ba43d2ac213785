/**
 * The writer: command words in, octets out. The host checks types and ranges before it writes command words; here are lengths, bits, flags, sizes
 * and envelopes. Each `write…` begins at `output-end`, and leaves it where it was when it refuses, so that nothing of a refused frame goes out.
 *
 * Command words: octet, short, long, run of bits: one; longlong and timestamp: high, low; short and long string: address, octets. A table: 0 and the number of its fields,
 * which follow, or address and octets of fields that are encoded already. A field: address and octets of its key (0 in an array), type octet, two words of value as on the
 * tape, but strings and byte arrays as address and octets, and containers as a table.
 */
import * as Failure from "./generated/encode-errors";
import * as Limit from "./generated/limits";
import * as State from "./generated/state";
import * as Type from "./generated/argument-types";
import { FRAME_END, FRAME_HEADER, FRAME_HEARTBEAT, FRAME_METHOD } from "./generated/constants";
import { layouts } from "./generated/field-types";
import { PROPERTIES, propertyTypes } from "./generated/properties";
import { methodIds, signatures, signatureStarts } from "./generated/signatures";
import { command, levels, setState } from "./memory";
import {
  at,
  full,
  moveTo,
  position,
  publishEnd,
  putLong,
  putLongAt,
  putOctet,
  putOctets,
  putShort,
  reserve,
  skip,
} from "./output";
import { Octets } from "./octets";

const ENVELOPE: u32 = 8;
const LEVEL: usize = Limit.LEVEL_WORDS * 4;
const LEFT: usize = 0;
const START: usize = 4;
const IS_ARRAY: usize = 8;

let word: usize = 0;
let end: u32 = 0;

function next(): u32 {
  const value = load<u32>(word);
  word += 4;
  return value;
}

function begin(): void {
  moveTo(end);
  word = command;
}

/** Octets in the output so far, or takes back what stands behind them. */
export function rewindOutput(toPosition: u32): void {
  end = toPosition;
  setState(State.OUTPUT_END, toPosition);
}

/** Ends a write: answers its error code, 0 for none. */
function finish(code: u32): u32 {
  if (full) code = Failure.OUTPUT_FULL;
  if (code == 0) {
    end = position();
    publishEnd();
  }
  setState(State.ERROR, code);
  return code;
}

function beginFrame(type: u32, channel: u32): usize {
  begin();
  const frame = at;
  putOctet(type);
  putShort(channel);
  putLong(0);
  return frame;
}

function finishFrame(frame: usize, frameMax: u32): u32 {
  putOctet(FRAME_END);
  if (full) return finish(0);
  const size = <u32>(at - frame) - ENVELOPE;
  if (size > frameMax - ENVELOPE) return finish(Failure.FRAME_TOO_LARGE);
  putLongAt(frame + 3, size);
  return finish(0);
}

function putShortstr(): void {
  const from = next();
  const octets = next();
  putOctet(octets);
  putOctets(from, octets);
}

function putLongstr(): void {
  const from = next();
  const octets = next();
  putLong(octets);
  putOctets(from, octets);
}

function putLonglong(): void {
  putLong(next());
  putLong(next());
}

/** A table's or array's length and fields, by an explicit stack. */
function putContainer(array: bool): void {
  const from = next();
  let left = next();
  if (from != 0) {
    putLong(left);
    putOctets(from, left);
    return;
  }
  let level = levels;
  let isArray = array;
  let start = at;
  putLong(0);
  for (;;) {
    while (left == 0) {
      if (full) return;
      putLongAt(start, <u32>(at - start) - 4);
      if (level == levels) return;
      level -= LEVEL;
      left = load<u32>(level + LEFT);
      start = load<u32>(level + START);
      isArray = load<u32>(level + IS_ARRAY) != 0;
    }
    left -= 1;
    if (isArray) word += 8;
    else putShortstr();
    const type = next();
    putOctet(type);
    const layout: u32 = load<u8>(layouts + type);
    if (layout == 8) {
      putLonglong();
    } else if (layout == 9) {
      putLongstr();
    } else if (layout < 8) {
      const first = next();
      const second = next();
      if (layout == 4) putLong(first);
      else if (layout == 1) putOctet(first);
      else if (layout == 2) putShort(first);
      else if (layout == 5) {
        putOctet(first);
        putLong(second);
      }
    } else {
      const encoded = next();
      const count = next();
      if (encoded != 0) {
        putLong(count);
        putOctets(encoded, count);
        continue;
      }
      store<u32>(level + LEFT, left);
      store<u32>(level + START, <u32>start);
      store<u32>(level + IS_ARRAY, isArray ? 1 : 0);
      level += LEVEL;
      start = at;
      isArray = layout == 10;
      left = count;
      putLong(0);
    }
    if (full) return;
  }
}

function putValue(type: u32): void {
  if (type == Type.SHORTSTR) putShortstr();
  else if (type == Type.OCTET || type == Type.BIT) putOctet(next());
  else if (type == Type.SHORT) putShort(next());
  else if (type == Type.LONG) putLong(next());
  else if (type == Type.LONGLONG || type == Type.TIMESTAMP) putLonglong();
  else if (type == Type.LONGSTR) putLongstr();
  else putContainer(type == Type.ARRAY);
}

function putArguments(method: u32): void {
  let signature = signatures + load<u16>(signatureStarts + ((<usize>method) << 1)) + 1;
  for (;;) {
    const type: u32 = load<u8>(signature);
    if (type == Type.END) return;
    signature += 1;
    putValue(type);
  }
}

/** One method frame. */
export function writeMethod(method: u32, channel: u32, frameMax: u32): u32 {
  const frame = beginFrame(FRAME_METHOD, channel);
  putLong(load<u32>(methodIds + ((<usize>method) << 2)));
  putArguments(method);
  return finishFrame(frame, frameMax);
}

/** A method's arguments without ids and envelope. */
export function writeMethodArguments(method: u32): u32 {
  begin();
  putArguments(method);
  return finish(0);
}

/** One content header frame. Command words: body size (high, low), property flags, the values of the properties that they announce. */
export function writeContentHeader(channel: u32, frameMax: u32): u32 {
  const frame = beginFrame(FRAME_HEADER, channel);
  putLong(60 << 16);
  putLonglong();
  const flags = next();
  putShort(flags);
  for (let i: u32 = 0; i < PROPERTIES; i++) {
    if (flags & (0x8000 >> i)) putValue(load<u8>(propertyTypes + i));
  }
  return finishFrame(frame, frameMax);
}

/** The envelope of a frame whose payload of `size` octets the host puts into the gap: the last octets but one of the output then. */
export function writeEnvelope(type: u32, channel: u32, size: u32): u32 {
  beginFrame(type, channel);
  if (reserve(size) && size <= 0xffffffff - ENVELOPE) {
    putLongAt(at - 4, size);
    skip(size);
    putOctet(FRAME_END);
  }
  return finish(0);
}

/**
 * Takes in a method frame and a content header frame, of so many octets, that the host copied to `output-end`, where it made sure of room for them: sets their channel, the body size and,
 * where `timestamp` is not 0, the timestamp that stands so far behind the header frame's beginning.
 */
export function takePublish(
  methodOctets: u32,
  headerOctets: u32,
  channel: u32,
  bodySize: u32,
  timestamp: u32,
  high: u32,
  low: u32,
): void {
  begin();
  const header = at + methodOctets;
  Octets.putShort(at + 1, channel);
  Octets.putShort(header + 1, channel);
  putLongAt(header + 15, bodySize);
  if (timestamp != 0) {
    putLongAt(header + timestamp, high);
    putLongAt(header + timestamp + 4, low);
  }
  skip(methodOctets + headerOctets);
  finish(0);
}

/** The seven octets before a payload that goes out on its own. */
export function writeFrameHead(type: u32, channel: u32, size: u32): u32 {
  beginFrame(type, channel);
  if (!full) putLongAt(at - 4, size);
  return finish(0);
}

/** The octet after it. */
export function writeFrameEnd(): u32 {
  begin();
  putOctet(FRAME_END);
  return finish(0);
}

export function writeHeartbeat(): u32 {
  return writeEnvelope(FRAME_HEARTBEAT, 0, 0);
}

/** "AMQP" and its four octets, most significant first. */
export function writeProtocolHeader(octets: u32): u32 {
  begin();
  putLong(0x414d5150);
  putLong(octets);
  return finish(0);
}

/** One value alone. A `FIELD` is its type octet and payload, given as an array of one would be. */
export function writeValue(type: u32): u32 {
  begin();
  if (type == Type.FIELD) {
    const frame = at;
    putContainer(true);
    if (!full) {
      const octets = <u32>(at - frame) - 4;
      memory.copy(frame, frame + 4, octets);
      moveTo(end + octets);
    }
  } else {
    putValue(type);
  }
  return finish(0);
}
