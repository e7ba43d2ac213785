/**
 * Changes in the table of one frame that leave every other octet as it is. Only the table's outermost fields are looked at, and of them name, type octet and length: what
 * stands inside of a value is passed on, be it right or wrong.
 *
 * The input holds the frame and behind it the names to be deleted (short strings). The fields to be set (encoded, without a length) stand anywhere, mostly where the writer put them. The result goes to the
 * pool, which is as large as the input region: the host makes sure that the input has room for all three and eight octets more.
 */
import * as Failure from "./generated/decode-errors";
import * as State from "./generated/state";
import * as Type from "./generated/argument-types";
import { FRAME_END, FRAME_HEADER, FRAME_METHOD } from "./generated/constants";
import { layouts } from "./generated/field-types";
import { HEADERS_FLAG, propertyTypes } from "./generated/properties";
import { signatures, signatureStarts } from "./generated/signatures";
import { TAPE_FULL } from "./fields";
import { input, levels, pool, setState, tape, tapeCapacity } from "./memory";
import { methodIndex } from "./methods";
import { Octets } from "./octets";

const ENVELOPE: u32 = 8;
const PAYLOAD: usize = 7;
const BASIC: u32 = 60;
const LAYOUT_OCTETS: u32 = 9;
const LAYOUT_UNKNOWN: u32 = 255;
/** Words on the tape for a field that is set: where it begins, where it ends, whether it was put. */
const SET_WORDS: u32 = 3;

/** First octet that is not copied yet, and where it goes. */
let from: usize = 0;
let to: usize = 0;
/** Fields that are set, on the tape; names that are deleted, in the input. */
let sets: usize = 0;
let setsEnd: usize = 0;
let deletes: usize = 0;
let deletesEnd: usize = 0;
/** Whether the last splice took away a field. */
let removed: bool = false;

let channel: u32 = 0;
let method: i32 = -1;
let ids: u32 = 0;

/** Tells the host of an error; answers 0. */
function fail(code: u32, at: usize, index: i32, depth: u32): u32 {
  setState(State.ERROR, code);
  setState(State.ERROR_OFFSET, <u32>(at - input));
  setState(State.ERROR_INDEX, <u32>index);
  setState(State.ERROR_METHOD, <u32>method);
  setState(State.ERROR_CLASS_ID, ids >> 16);
  setState(State.ERROR_METHOD_ID, ids & 0xffff);
  setState(State.ERROR_CHANNEL, channel);
  setState(State.ERROR_DEPTH, depth);
  return 0;
}

/** Whether the input is one whole frame of this type: answers its size of payload and the envelope, 0 after an error. */
function checkFrame(octets: u32, type: u32): u32 {
  channel = 0;
  method = -1;
  ids = 0;
  setState(State.ERROR, 0);
  if (octets < ENVELOPE) return fail(Failure.FRAME_CUT, input, -1, 0);
  const there = Octets.octet(input);
  if (there != type) return fail(Failure.FRAME_KIND, input, -1, 0);
  channel = Octets.short(input + 1);
  const size = Octets.long(input + 3);
  if (size > octets - ENVELOPE) return fail(Failure.FRAME_CUT, input + 3, -1, 0);
  const end = input + PAYLOAD + size;
  if (Octets.octet(end) != FRAME_END) return fail(Failure.FRAME_END, end, -1, 0);
  if (size != octets - ENVELOPE) return fail(Failure.OCTETS_LEFT, end + 1, -1, 0);
  return octets;
}

/** Dense index of the method whose frame the input is; -1 after an error. */
export function frameMethod(octets: u32): i32 {
  if (checkFrame(octets, FRAME_METHOD) == 0) return -1;
  if (octets - ENVELOPE < 4) {
    fail(Failure.METHOD_CUT, input + PAYLOAD, -1, 0);
    return -1;
  }
  ids = Octets.long(input + PAYLOAD);
  method = methodIndex(ids);
  if (method < 0) fail(Failure.METHOD_UNKNOWN, input + PAYLOAD, -1, 0);
  return method;
}

/** Begins an edit: notes where each field that is set stands. Answers 0 or TAPE_FULL. */
function begin(octets: u32, set: usize, setOctets: u32, deleteOctets: u32): u32 {
  let p = set;
  const end = p + setOctets;
  sets = tape;
  setsEnd = tape;
  while (p != end) {
    if (<u32>(setsEnd - tape) > (tapeCapacity - SET_WORDS) << 2) return TAPE_FULL;
    store<u32>(setsEnd, <u32>p);
    p = fieldEnd(p, end);
    store<u32>(setsEnd, <u32>p, 4);
    store<u32>(setsEnd, 0, 8);
    setsEnd += SET_WORDS << 2;
  }
  deletes = input + octets;
  deletesEnd = deletes + deleteOctets;
  from = input;
  to = pool;
  removed = false;
  return 0;
}

/** Where a field ends that the encoder made. */
function fieldEnd(p: usize, end: usize): usize {
  p += 1 + Octets.octet(p);
  const layout: u32 = load<u8>(layouts + Octets.octet(p));
  p += 1;
  const size: u32 = layout < LAYOUT_OCTETS ? layout : Octets.long(p) + 4;
  p += size;
  return p > end ? end : p;
}

function copyUntil(p: usize): void {
  const octets = p - from;
  memory.copy(to, from, octets);
  to += octets;
  from = p;
}

/** Whether two short strings are the same. */
function isSame(a: usize, b: usize): bool {
  const octets = Octets.octet(a);
  if (octets != Octets.octet(b)) return false;
  for (let i: u32 = 1; i <= octets; i++) if (Octets.octet(a + i) != Octets.octet(b + i)) return false;
  return true;
}

function isSet(key: usize): bool {
  for (let at = sets; at != setsEnd; at += SET_WORDS << 2) if (isSame(key, load<u32>(at))) return true;
  return false;
}

/** Puts the fields that are set and not yet there: all of them where `key` is 0, else those of this name. */
function putSets(key: usize): void {
  for (let at = sets; at != setsEnd; at += SET_WORDS << 2) {
    const field: usize = load<u32>(at);
    if (load<u32>(at, 8) != 0 || (key != 0 && !isSame(key, field))) continue;
    store<u32>(at, 1, 8);
    const octets = <usize>load<u32>(at, 4) - field;
    memory.copy(to, field, octets);
    to += octets;
  }
}

function isDeleted(key: usize): bool {
  for (let at = deletes; at < deletesEnd; at += 1 + Octets.octet(at)) if (isSame(key, at)) return true;
  return false;
}

/** Copies the fields in [p, end) with the edits. Answers 1, or 0 after an error of the argument or property `index`. */
function splice(p: usize, end: usize, index: i32): u32 {
  // What an error's path is made from.
  store<u32>(levels + 4, 0);
  while (p != end) {
    const field = p;
    store<u32>(levels + 12, <u32>p);
    const octets = Octets.octet(p);
    if (octets > <u32>(end - p) - 1) return fail(Failure.FIELD_NAME, p, index, 1);
    p += 1 + octets;
    if (p == end) return fail(Failure.FIELD_CUT, p, index, 2);
    const layout: u32 = load<u8>(layouts + Octets.octet(p));
    if (layout == LAYOUT_UNKNOWN) return fail(Failure.FIELD_TYPE, p, index, 2);
    p += 1;
    const left = <u32>(end - p);
    let size = layout;
    if (layout >= LAYOUT_OCTETS) {
      if (left < 4) return fail(Failure.FIELD_CUT, p, index, 2);
      size = Octets.long(p);
      if (size > left - 4) return fail(Failure.FIELD_LENGTH, p, index, 2);
      size += 4;
    } else if (left < size) {
      return fail(Failure.FIELD_CUT, p, index, 2);
    }
    p += size;
    // Fields that stay are copied as a run, when it ends.
    if (!isSet(field) && !isDeleted(field)) continue;
    copyUntil(field);
    putSets(field);
    removed = true;
    from = p;
  }
  copyUntil(end);
  putSets(0);
  return 1;
}

/** Sets the payload's size and answers the octets of the result. */
function finish(end: usize): u32 {
  copyUntil(end);
  const octets = <u32>(to - pool);
  Octets.putLong(pool + 3, octets - ENVELOPE);
  return octets;
}

/**
 * The content header frame of `octets` in the input with fields of its headers set and deleted. A table that lost its last field goes away with its flag, unless `keep` is 1. Answers the octets of the
 * result in the pool, or 0 after an error; TAPE_FULL among the errors asks for a larger tape.
 */
export function patchHeaders(octets: u32, set: usize, setOctets: u32, deleteOctets: u32, keep: u32): u32 {
  if (checkFrame(octets, FRAME_HEADER) == 0) return 0;
  ids = BASIC << 16;
  const end = input + octets;
  const payloadEnd = end - 1;
  let p = input + PAYLOAD;
  if (octets - ENVELOPE < 12) return fail(Failure.HEADER_CUT, p, -1, 0);
  if (Octets.short(p) != BASIC) return fail(Failure.HEADER_CLASS, p, -1, 0);
  if (Octets.short(p + 2) != 0) return fail(Failure.HEADER_WEIGHT, p + 2, -1, 0);
  p += 12;
  if (<u32>(payloadEnd - p) < 2) return fail(Failure.VALUE_CUT, p, -1, 0);
  const flagsAt = p - input;
  const flags = Octets.short(p);
  if (flags & 1) return fail(Failure.PROPERTY_FLAGS, p, -1, 0);
  p += 2;
  let property: i32 = 0;
  for (let flag: u32 = 0x8000; flag != HEADERS_FLAG; flag >>= 1) {
    if (flags & flag) {
      const left = <u32>(payloadEnd - p);
      if (left < 1) return fail(Failure.VALUE_CUT, p, property, 0);
      let size: u32 = 1;
      // Before the headers are short strings alone; should the table of properties ever say else, octets.
      if (<u32>load<u8>(propertyTypes + property) == Type.SHORTSTR) size += Octets.octet(p);
      if (size > left) return fail(Failure.STRING_LENGTH, p, property, 0);
      p += size;
    }
    property += 1;
  }

  const wasThere = (flags & HEADERS_FLAG) != 0;
  let size: u32 = 0;
  if (wasThere) {
    const left = <u32>(payloadEnd - p);
    if (left < 4) return fail(Failure.VALUE_CUT, p, property, 0);
    size = Octets.long(p);
    if (size > left - 4) return fail(Failure.TABLE_LENGTH, p, property, 0);
  } else if (setOctets == 0) {
    from = input;
    to = pool;
    return finish(end);
  }
  const code = begin(octets, set, setOctets, deleteOctets);
  if (code != 0) return fail(code, input, -1, 0);
  copyUntil(p);
  const length = to;
  to += 4;
  if (wasThere) {
    from = p + 4;
    if (splice(from, from + size, property) == 0) return 0;
  } else {
    putSets(0);
  }
  const fields = <u32>(to - length) - 4;
  const result = pool + flagsAt;
  if (fields == 0 && removed && keep == 0) {
    to = length;
    Octets.putShort(result, flags & ~HEADERS_FLAG);
  } else {
    Octets.putLong(length, fields);
    Octets.putShort(result, flags | HEADERS_FLAG);
  }
  return finish(end);
}

/** The same for the method frame that `frameMethod` was asked about: fields of the table at this place of its signature. */
export function patchArgument(octets: u32, slot: u32, set: usize, setOctets: u32, deleteOctets: u32): u32 {
  const end = input + octets;
  const payloadEnd = end - 1;
  let signature = signatures + load<u16>(signatureStarts + ((<usize>method) << 1)) + 1;
  let p = input + PAYLOAD + 4;
  let index: i32 = 0;
  for (;;) {
    const type: u32 = load<u8>(signature);
    const left = <u32>(payloadEnd - p);
    let size: u32 = 1;
    if (type == Type.SHORT) size = 2;
    else if (type == Type.LONG || type == Type.LONGSTR || type == Type.TABLE) size = 4;
    else if (type == Type.LONGLONG || type == Type.TIMESTAMP) size = 8;
    if (left < size) return fail(Failure.VALUE_CUT, p, index, 0);
    let octetsOfValue: u32 = 0;
    if (type == Type.SHORTSTR) octetsOfValue = Octets.octet(p);
    else if (type == Type.LONGSTR || type == Type.TABLE) octetsOfValue = Octets.long(p);
    if (octetsOfValue > left - size) {
      return fail(type == Type.TABLE ? Failure.TABLE_LENGTH : Failure.STRING_LENGTH, p, index, 0);
    }
    if (<u32>index == slot) {
      const code = begin(octets, set, setOctets, deleteOctets);
      if (code != 0) return fail(code, input, -1, 0);
      copyUntil(p);
      const length = to;
      to += 4;
      from = p + 4;
      if (splice(from, from + octetsOfValue, index) == 0) return 0;
      Octets.putLong(length, <u32>(to - length) - 4);
      return finish(end);
    }
    p += size + octetsOfValue;
    signature += 1;
    index += 1;
  }
  // Never reached: the host asks for a place that the signature has.
  return 0;
}
