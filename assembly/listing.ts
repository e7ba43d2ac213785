/**
 * Every field of a table with its place, right or wrong: for what looks at a table as octets. A fault ends its container, and the list goes on behind that.
 *
 * Six words for each field: levels above it | type octet << 16 | fault << 24; where its name stands and how many octets it has (in an array 0xffffffff and the index); where its
 * value stands and how many octets that has, behind its length where there is one; 1 where the container of the field is an array.
 */
import * as Failure from "./generated/decode-errors";
import * as Limit from "./generated/limits";
import * as State from "./generated/state";
import * as Status from "./generated/status";
import * as Type from "./generated/argument-types";
import { FRAME_HEADER } from "./generated/constants";
import { PROPERTIES, propertyTypes } from "./generated/properties";
import { layouts } from "./generated/field-types";
import { input, levels, setState, tape, tapeCapacity } from "./memory";
import { Octets } from "./octets";
import { checkFrame, fail } from "./whole-frame";

const LEVEL: usize = Limit.LEVEL_WORDS * 4;
const END: usize = 0;
const IS_ARRAY: usize = 4;
const INDEX: usize = 8;
const RECORD: usize = 24;
const PROPERTY_RECORD: usize = 16;
const PAYLOAD: usize = 7;
const PROPERTY_FLAGS: usize = 12;
const IN_ARRAY: u32 = 0xffffffff;
const LAYOUT_OCTETS: u32 = 9;
const LAYOUT_ARRAY: u32 = 10;
const LAYOUT_UNKNOWN: u32 = 255;

let to: usize = 0;

function put(depth: u32, type: u32, fault: u32, key: u32, keyOctets: u32, at: usize, octets: u32, array: bool): void {
  store<u32>(to, depth | (type << 16) | (fault << 24));
  store<u32>(to, key, 4);
  store<u32>(to, keyOctets, 8);
  store<u32>(to, <u32>(at - input), 12);
  store<u32>(to, octets, 16);
  store<u32>(to, array ? 1 : 0, 20);
  to += RECORD;
}

/** Lists the fields of the table in [start, end) of the input; answers a status, and their number in `frames`. */
export function listFields(start: u32, end: u32): u32 {
  let p: usize = input + start;
  let stop: usize = input + end;
  let depth: u32 = 0;
  let level = levels;
  let isArray = false;
  let index: u32 = 0;
  to = tape;
  const full = tape + ((<usize>tapeCapacity) << 2) - RECORD;
  for (;;) {
    while (p == stop) {
      if (depth == 0) {
        setState(State.FRAMES, <u32>(to - tape) / <u32>RECORD);
        return Status.DONE;
      }
      depth -= 1;
      level -= LEVEL;
      stop = <usize>load<u32>(level + END);
      isArray = load<u32>(level + IS_ARRAY) != 0;
      index = load<u32>(level + INDEX);
    }
    if (to > full) return Status.GROW;
    const field = p;
    let key: u32 = IN_ARRAY;
    let keyOctets: u32 = index;
    index += 1;
    if (!isArray) {
      key = <u32>(p + 1 - input);
      keyOctets = Octets.octet(p);
      if (keyOctets > <u32>(stop - p) - 1) {
        put(depth, 0, Failure.FIELD_NAME, key, <u32>(stop - p) - 1, field, 0, false);
        p = stop;
        continue;
      }
      p += 1 + keyOctets;
      if (p == stop) {
        put(depth, 0, Failure.FIELD_CUT, key, keyOctets, p, 0, false);
        continue;
      }
    }
    const type = Octets.octet(p);
    const layout: u32 = load<u8>(layouts + type);
    if (layout == LAYOUT_UNKNOWN) {
      put(depth, type, Failure.FIELD_TYPE, key, keyOctets, p, 0, isArray);
      p = stop;
      continue;
    }
    p += 1;
    const left = <u32>(stop - p);
    if (layout < LAYOUT_OCTETS) {
      if (layout > left) {
        put(depth, type, Failure.FIELD_CUT, key, keyOctets, p, left, isArray);
        p = stop;
      } else {
        put(depth, type, 0, key, keyOctets, p, layout, isArray);
        p += layout;
      }
      continue;
    }
    const octets: u32 = left < 4 ? 0 : Octets.long(p);
    if (left < 4 || octets > left - 4) {
      put(depth, type, left < 4 ? Failure.FIELD_CUT : Failure.FIELD_LENGTH, key, keyOctets, p, octets, isArray);
      p = stop;
      continue;
    }
    p += 4;
    const tooDeep = layout >= LAYOUT_ARRAY && depth == Limit.MAX_DEPTH;
    put(depth, type, tooDeep ? Failure.FIELD_DEPTH : 0, key, keyOctets, p, octets, isArray);
    if (layout < LAYOUT_ARRAY || tooDeep) {
      p += octets;
      continue;
    }
    store<u32>(level + END, <u32>stop);
    store<u32>(level + IS_ARRAY, isArray ? 1 : 0);
    store<u32>(level + INDEX, index);
    depth += 1;
    level += LEVEL;
    stop = p + octets;
    isArray = layout == LAYOUT_ARRAY;
    index = 0;
  }
  // Never reached; asc cannot see that the loop has no end.
  return Status.DONE;
}

/**
 * Lists the properties that a content header frame announces, as far as they are there: four words for each, its index, where its value stands (behind its length), how many octets it has or claims, its
 * fault. Answers a status; `frames` is their number, `consumed` where the last one ends.
 */
export function listProperties(octets: u32): u32 {
  if (checkFrame(octets, FRAME_HEADER) == 0) return Status.ERROR;
  const payload = input + PAYLOAD;
  const end = input + octets - 1;
  if (<u32>(end - payload) < 12) {
    fail(Failure.HEADER_CUT, payload, -1, 0);
    return Status.ERROR;
  }
  if (<u32>(end - payload) < 14) {
    fail(Failure.VALUE_CUT, payload + PROPERTY_FLAGS, -1, 0);
    return Status.ERROR;
  }
  const flags = Octets.short(payload + PROPERTY_FLAGS);
  let p = payload + PROPERTY_FLAGS + 2;
  to = tape;
  for (let i: u32 = 0; i < PROPERTIES; i++) {
    if ((flags & (0x8000 >> i)) == 0) continue;
    const type: u32 = load<u8>(propertyTypes + i);
    const left = <u32>(end - p);
    let prefix: u32 = 0;
    let size: u32 = 0;
    if (type == Type.OCTET) size = 1;
    else if (type == Type.TIMESTAMP) size = 8;
    else if (type == Type.SHORTSTR) prefix = 1;
    else prefix = 4;
    let fault: u32 = 0;
    if (left < prefix || (prefix == 0 && left < size)) {
      fault = Failure.VALUE_CUT;
    } else if (prefix != 0) {
      size = prefix == 1 ? Octets.octet(p) : Octets.long(p);
      if (size > left - prefix) fault = prefix == 1 ? Failure.STRING_LENGTH : Failure.TABLE_LENGTH;
    }
    p += fault == Failure.VALUE_CUT ? 0 : prefix;
    store<u32>(to, i);
    store<u32>(to, <u32>(p - input), 4);
    store<u32>(to, size, 8);
    store<u32>(to, fault, 12);
    to += PROPERTY_RECORD;
    if (fault != 0) {
      p = end;
      break;
    }
    p += size;
  }
  setState(State.FRAMES, <u32>(to - tape) / <u32>PROPERTY_RECORD);
  setState(State.CONSUMED, <u32>(p - input));
  return Status.DONE;
}
