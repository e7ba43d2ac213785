/**
 * The reader: one call for a whole chunk (section 4.2.3).
 *
 *     0      1         3             7                  size+7 size+8
 *     +------+---------+-------------+  +------------+  +-----------+
 *     | type | channel |    size     |  |  payload   |  | frame-end |
 *     +------+---------+-------------+  +------------+  +-----------+
 *      octet   short        long        'size' octets       octet
 *
 * Frames that are all there go to the tape. What is cut stays where it is: `consumed` and `need` tell the host what to keep and how much more
 * to fetch before another call can get further, so that no octet is looked at twice for nothing.
 */
import * as Failure from "./generated/decode-errors";
import * as Flag from "./generated/flags";
import * as Kind from "./generated/kinds";
import * as State from "./generated/state";
import * as Status from "./generated/status";
import { FRAME_BODY, FRAME_END, FRAME_HEARTBEAT, FRAME_METHOD } from "./generated/constants";
import { BASIC_DELIVER_IDS, BASIC_PUBLISH_IDS } from "./generated/signatures";
import {
  clearPropertyGuesses,
  errorProperty,
  inHeaders,
  propertyErrorAt,
  propertyErrorDepth,
  readContentHeader,
} from "./content";
import { errorAt, errorDepth, TAPE_FULL, walkOrRewind } from "./fields";
import { clearIntern, internIsFull } from "./intern";
import { clearKnownTables } from "./known-tables";
import { input, setState } from "./memory";
import { argumentErrorAt, argumentsEnd, errorArgument, inTable, methodIndex, readArguments } from "./methods";
import { Octets } from "./octets";
import { forgetRepetitions, recall, remember, repeat, unknown } from "./repetition";
import { clearShapes, shapesAreFull } from "./shapes";
import { pooled, resetPool } from "./strings";
import { clearPatterns } from "./table-patterns";
import { readUsual, usualFrames } from "./usual-frames";
import { bottom, hasRoomForRecord, index, Tape, resetTape, rewindTape, top } from "./tape";

const FRAME_HEAD: u32 = 7;
const ENVELOPE: u32 = 8;
const PROTOCOL_HEADER: u32 = 8;
const LETTER_A: u32 = 65;

/** What a failing frame was, for the state block. */
let failedMethod: i32 = -1;
let failedIndex: i32 = -1;
let failedDepth: u32 = 0;
let failedClassId: u32 = 0;
let failedMethodId: u32 = 0;
let failedAt: usize = 0;

let frames: u32 = 0;

function begin(): void {
  if (internIsFull() || shapesAreFull()) {
    clearIntern();
    clearShapes();
    clearKnownTables();
    clearPatterns();
    clearPropertyGuesses();
    forgetRepetitions();
  }
  frames = 0;
  resetTape();
  resetPool(0);
  failedMethod = -1;
  failedIndex = -1;
  failedDepth = 0;
  failedClassId = 0;
  failedMethodId = 0;
}

function finish(status: u32, at: usize, need: u32, bodyPending: bool, error: u32, channel: u32): u32 {
  setState(State.ERROR_CHANNEL, channel);
  setState(State.POOL_LENGTH, pooled);
  setState(State.TAPE_END, index());
  setState(State.FRAMES, frames);
  setState(State.CONSUMED, <u32>(at - input));
  setState(State.NEED, need);
  setState(State.BODY_PENDING, bodyPending ? 1 : 0);
  setState(State.ERROR, error);
  if (status == Status.DONE && need != 0) return Status.PART;
  if (error != 0) {
    setState(State.ERROR_OFFSET, <u32>(failedAt - input));
    setState(State.ERROR_INDEX, <u32>failedIndex);
    setState(State.ERROR_METHOD, <u32>failedMethod);
    setState(State.ERROR_CLASS_ID, failedClassId);
    setState(State.ERROR_METHOD_ID, failedMethodId);
    setState(State.ERROR_DEPTH, failedDepth);
  }
  return status;
}

function fail(code: u32, at: usize, frame: usize, channel: u32): u32 {
  failedAt = at;
  return finish(Status.ERROR, frame, 0, false, code, channel);
}

/** Reads the frames of `length` octets of input. Answers a status. */
export function read(length: u32, flags: u32, frameMax: u32, maxDepth: u32, maxFields: u32): u32 {
  begin();
  const end = input + length;
  let p = input;

  if (flags & Flag.BODY_END) {
    if (length == 0) return finish(Status.DONE, p, 1, false, 0, 0);
    if (Octets.octet(p) != FRAME_END) return fail(Failure.FRAME_END, p, p, 0);
    frames += 1;
    Tape.push(Kind.BODY_END);
    Tape.push(0);
    Tape.push(0);
    p += 1;
  }
  if (flags & Flag.FIRST && length != 0 && Octets.octet(p) == LETTER_A) {
    for (let i: u32 = 0; i < 4 && i < length; i++) {
      // "AMQP" in the order of its octets.
      if (Octets.octet(p + i) != ((0x50514d41 >> (i << 3)) & 0xff)) return fail(Failure.PROTOCOL_HEADER, p + i, p, 0);
    }
    if (length < PROTOCOL_HEADER) return finish(Status.DONE, p, length < 4 ? length + 1 : PROTOCOL_HEADER, false, 0, 0);
    frames += 1;
    Tape.push(Kind.PROTOCOL_HEADER);
    Tape.push(<u32>(p - input));
    Tape.push(0);
    Tape.push(Octets.long(p + 4));
    p += PROTOCOL_HEADER;
    if (flags & Flag.ONE) return finish(Status.DONE, p, 0, false, 0, 0);
  }

  const first = p;
  while (p != end) {
    if ((flags & Flag.ONE) == 0) {
      p = readUsual(p, end, flags, frameMax, maxDepth, maxFields);
      frames += usualFrames;
      if (p == end) break;
    }
    const left = <u32>(end - p);
    const envelope = load<u64>(p, 0, 1);
    const type = (<u32>envelope) & 0xff;
    if (type - 1 > 2 && type != FRAME_HEARTBEAT) return fail(Failure.FRAME_TYPE, p, p, 0);
    if (left < FRAME_HEAD) return finish(Status.DONE, p, FRAME_HEAD, false, 0, 0);
    const channel: u32 = bswap<u16>(<u16>(envelope >> 8));
    const size = bswap<u32>(<u32>(envelope >> 24));
    if (type == FRAME_HEARTBEAT) {
      if (channel != 0) return fail(Failure.HEARTBEAT_CHANNEL, p + 1, p, channel);
      if (size != 0) return fail(Failure.HEARTBEAT_PAYLOAD, p + 3, p, channel);
    }
    if (size > frameMax) return fail(Failure.FRAME_SIZE, p + 3, p, channel);
    if (left < ENVELOPE || size > left - ENVELOPE) {
      return finish(Status.DONE, p, size + ENVELOPE, type == FRAME_BODY, 0, channel);
    }
    const payload = p + FRAME_HEAD;
    const frameEnd = payload + size;
    if (Octets.octet(frameEnd) != FRAME_END) return fail(Failure.FRAME_END, frameEnd, p, channel);
    if (!hasRoomForRecord()) return finish(Status.MORE, p, 0, false, 0, 0);

    const toTop = top;
    const toBottom = bottom;
    const toPooled = pooled;
    let code: u32 = 0;
    const offset = <u32>(p - input);
    if (type == FRAME_BODY || type == FRAME_HEARTBEAT) {
      Tape.head(type, channel, offset, size);
      Tape.advance(3);
    } else if (type == FRAME_METHOD) {
      code = readMethod(channel, offset, payload, frameEnd, (flags & Flag.EXACT) == 0, maxDepth, maxFields);
    } else {
      const full = (flags & Flag.PROPERTIES) != 0;
      const strict = (flags & Flag.STRICT) != 0;
      const exact = (flags & Flag.EXACT) != 0;
      code = readContentHeader(channel, offset, payload, frameEnd, full, strict, exact, maxDepth, maxFields);
      if (code != 0) noteHeaderFailure();
    }
    if (code != 0) {
      rewindTape(toTop, toBottom);
      resetPool(toPooled);
      if (code == TAPE_FULL) return finish(p == first ? Status.GROW : Status.MORE, p, 0, false, 0, 0);
      return fail(code, failedAt, p, channel);
    }
    frames += 1;
    p = frameEnd + 1;
    if (flags & Flag.ONE) break;
  }
  return finish(Status.DONE, p, 0, false, 0, 0);
}

function readMethod(channel: u32, offset: u32, p: usize, end: usize, write: bool, maxDepth: u32, maxFields: u32): u32 {
  const size = <u32>(end - p);
  failedAt = p;
  if (size < 4) return Failure.METHOD_CUT;
  const ids = Octets.long(p);
  Tape.head(Kind.METHOD, channel, offset, size);
  Tape.advance(3);
  const mayRepeat = ids == BASIC_DELIVER_IDS || ids == BASIC_PUBLISH_IDS;
  if (mayRepeat) {
    const entry = recall(ids, p, size);
    if (entry != 0) {
      rewindTape(top + repeat(entry, p, top), bottom);
      return 0;
    }
  }
  const method = methodIndex(ids);
  let code: u32 = Failure.METHOD_UNKNOWN;
  if (method >= 0) {
    const head = top;
    Tape.push(<u32>method);
    code = checkedArguments(<u32>method, p + 4, end, maxDepth, maxFields, write);
    // The record's length stands beside the method, for hosts that pass by it.
    if (code == 0) {
      store<u32>(head, (<u32>method) | ((<u32>((top - head + 12) >> 2)) << 8));
      if (mayRepeat && unknown != 0) remember(p, size, head);
      return 0;
    }
  }
  failedMethod = method;
  failedClassId = ids >> 16;
  failedMethodId = ids & 0xffff;
  return code;
}

/** Arguments that fill [p, end) to its last octet. */
function checkedArguments(method: u32, p: usize, end: usize, maxDepth: u32, maxFields: u32, write: bool): u32 {
  const code = readArguments(method, p, end, maxDepth, maxFields, write);
  if (code == TAPE_FULL) return code;
  if (code == 0) {
    if (argumentsEnd == end) return 0;
    failedAt = argumentsEnd;
    return Failure.OCTETS_LEFT;
  }
  failedAt = argumentErrorAt;
  failedIndex = errorArgument;
  failedDepth = inTable ? errorDepth + 1 : 0;
  return code;
}

function noteHeaderFailure(): void {
  failedAt = propertyErrorAt;
  failedIndex = errorProperty;
  failedDepth = inHeaders ? propertyErrorDepth + 1 : 0;
  failedClassId = 60;
}

/** Reads the payload of one content header, with its properties. Its table's error, if any, is on the tape and in the error words. */
export function readProperties(length: u32, flags: u32, maxDepth: u32, maxFields: u32): u32 {
  begin();
  const end = input + length;
  const exact = (flags & Flag.EXACT) != 0;
  const code = readContentHeader(0, 0, input, end, true, (flags & Flag.STRICT) != 0, exact, maxDepth, maxFields);
  if (code == TAPE_FULL) return Status.GROW;
  if (code != 0 || inHeaders) noteHeaderFailure();
  if (code != 0) return fail(code, failedAt, input, 0);
  finish(Status.DONE, end, 0, false, 0, 0);
  if (inHeaders) {
    setState(State.ERROR_OFFSET, <u32>(failedAt - input));
    setState(State.ERROR_DEPTH, failedDepth);
  }
  return Status.DONE;
}

/** Reads the fields of one table, or the values of one array, that fill the input. */
export function readFields(length: u32, array: u32, maxDepth: u32, maxFields: u32): u32 {
  begin();
  const code = walkOrRewind(input, input + length, array != 0, maxDepth, maxFields);
  if (code == TAPE_FULL) return Status.GROW;
  if (code != 0) {
    failedDepth = errorDepth + 1;
    return fail(code, errorAt, input, 0);
  }
  return finish(Status.DONE, input + length, 0, false, 0, 0);
}

/** Reads one method's arguments, without class and method ids, that fill the input. */
export function readMethodArguments(method: u32, length: u32, flags: u32, maxDepth: u32, maxFields: u32): u32 {
  begin();
  failedMethod = <i32>method;
  const end = input + length;
  const code = checkedArguments(method, input, end, maxDepth, maxFields, (flags & Flag.EXACT) == 0);
  if (code == TAPE_FULL) return Status.GROW;
  if (code != 0) return fail(code, failedAt, input, 0);
  return finish(Status.DONE, end, 0, false, 0, 0);
}
