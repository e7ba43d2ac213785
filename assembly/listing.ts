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
import { layouts } from "./generated/field-types";
import { input, levels, setState, tape, tapeCapacity } from "./memory";
import { Octets } from "./octets";

const LEVEL: usize = Limit.LEVEL_WORDS * 4;
const END: usize = 0;
const IS_ARRAY: usize = 4;
const INDEX: usize = 8;
const RECORD: usize = 24;
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
