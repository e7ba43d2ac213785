/**
 * Field tables and field arrays (section 4.2.5.5), with RabbitMQ's letters. One walk serves checking and writing to the tape. No recursion: open containers stand on a stack in linear memory,
 * so that no nesting can exhaust the host's. Lengths are compared with what is left of their container and never added to a position first, because addresses wrap at 32 bits.
 */
import * as Failure from "./generated/decode-errors";
import { layouts } from "./generated/field-types";
import * as Limit from "./generated/limits";
import { input, levels } from "./memory";
import { Octets } from "./octets";
import { hashKey, shapeOf } from "./shapes";
import { reference } from "./strings";
import { bottom, hasRoomForField, index, Tape, rewindTape, top } from "./tape";

/** No error of the octets: the tape is full, and the frame must be read again with a larger one. */
export const TAPE_FULL: u32 = 255;

/** Where the last walk found its error. */
export let errorAt: usize = 0;
/** Levels that were open then. */
export let errorDepth: u32 = 0;

const LEVEL: usize = Limit.LEVEL_WORDS * 4;
const END: usize = 0;
const IS_ARRAY: usize = 4;
const INDEX: usize = 8;
const FIELD: usize = 12;
const HEAD: usize = 16;

const FIXED_MAX: u32 = 8;
const LAYOUT_OCTETS: u32 = 9;
const LAYOUT_ARRAY: u32 = 10;
const LAYOUT_UNKNOWN: u32 = 255;

function fail(code: u32, at: usize, depth: u32): u32 {
  errorAt = at;
  errorDepth = depth;
  return code;
}

/**
 * Walks the fields in [p, end). With `write` each field becomes four words on the tape behind a head of four: input offset, octets,
 * number of fields, shape. Answers 0, an error code, or TAPE_FULL.
 */
export function walk(p: usize, end: usize, array: bool, maxDepth: u32, maxFields: u32, write: bool): u32 {
  let depth: u32 = 0;
  let level = levels;
  let fields: u32 = 0;
  let count: u32 = 0; // of the current container
  let keys: u32 = 1; // hash of the current container's keys; 0 once no shape can fit
  let isArray = array;
  let stop = end;
  const head = top;
  if (write) {
    if (!hasRoomForField()) return TAPE_FULL;
    Tape.push(<u32>(p - input));
    Tape.push(<u32>(end - p));
    Tape.push(0);
    Tape.push(0);
  }
  store<u32>(level + IS_ARRAY, array ? 1 : 0);

  for (;;) {
    while (p == stop) {
      if (write)
        closeContainer(depth == 0 ? head : <usize>load<u32>(level + HEAD), depth == 0, count, isArray ? 0 : keys);
      if (depth == 0) return 0;
      depth -= 1;
      level -= LEVEL;
      isArray = load<u32>(level + IS_ARRAY) != 0;
      stop = <usize>load<u32>(level + END);
      count = load<u32>(level + INDEX) + 1;
      keys = 0; // a table with containers in it has no shape
    }
    store<u32>(level + INDEX, count);
    store<u32>(level + FIELD, <u32>p);
    if (fields == maxFields) return fail(Failure.FIELD_COUNT, p, depth);
    fields += 1;

    let key: u32 = 0;
    if (!isArray) {
      const octets = Octets.octet(p);
      if (octets > <u32>(stop - p) - 1) return fail(Failure.FIELD_NAME, p, depth);
      if (write) {
        if (!hasRoomForField()) return TAPE_FULL;
        key = reference(p + 1, octets);
        if (<i32>key <= 0) keys = 0;
        else if (keys != 0) keys = hashKey(keys, key);
      }
      p += 1 + octets;
      if (p == stop) return fail(Failure.FIELD_CUT, p, depth + 1);
    } else if (write && !hasRoomForField()) {
      return TAPE_FULL;
    }

    const type = Octets.octet(p);
    const layout: u32 = load<u8>(layouts + type);
    if (layout == LAYOUT_UNKNOWN) return fail(Failure.FIELD_TYPE, p, depth + 1);
    p += 1;
    const left = <u32>(stop - p);

    if (layout <= FIXED_MAX) {
      if (left < layout) return fail(Failure.FIELD_CUT, p, depth + 1);
      if (write) {
        Tape.push(key);
        Tape.push(type);
        pushFixed(type, p, layout);
      }
      p += layout;
      count += 1;
      continue;
    }

    if (left < 4) return fail(Failure.FIELD_CUT, p, depth + 1);
    const octets = Octets.long(p);
    if (octets > left - 4) return fail(Failure.FIELD_LENGTH, p, depth + 1);
    if (layout == LAYOUT_OCTETS) {
      p += 4;
      if (write) {
        Tape.push(key);
        Tape.push(type);
        if (type == 0x53) {
          Tape.push(reference(p, octets));
          Tape.push(0);
        } else {
          Tape.push(<u32>(p - input));
          Tape.push(octets);
        }
      }
      p += octets;
      count += 1;
      continue;
    }

    if (depth == maxDepth) return fail(Failure.FIELD_DEPTH, p, depth + 1);
    p += 4;
    store<u32>(level + END, <u32>stop);
    depth += 1;
    level += LEVEL;
    store<u32>(level + HEAD, <u32>top);
    isArray = layout == LAYOUT_ARRAY;
    store<u32>(level + IS_ARRAY, isArray ? 1 : 0);
    stop = p + octets;
    count = 0;
    keys = 1;
    if (write) {
      Tape.push(key);
      Tape.push(type);
      Tape.push(0);
      Tape.push(0);
    }
  }
  // Never reached; asc cannot see that the loop has no end.
  return 0;
}

/** Writes into a container's head what is known at its end. */
function closeContainer(head: usize, outermost: bool, count: u32, keys: u32): void {
  const shape = keys > 1 && count <= Limit.SHAPE_FIELDS ? shapeOf(keys, head + 16, count) : 0;
  if (outermost) {
    store<u32>(head, count, 8);
    store<u32>(head, shape, 12);
  } else {
    store<u32>(head, load<u32>(head, 4) | (shape << 8), 4);
    store<u32>(head, index(), 8);
    store<u32>(head, count, 12);
  }
}

function pushFixed(type: u32, p: usize, octets: u32): void {
  if (octets == 8) {
    Tape.push(Octets.long(p));
    Tape.push(Octets.long(p + 4));
    return;
  }
  let first: u32 = 0;
  let second: u32 = 0;
  if (octets == 4) {
    first = Octets.long(p);
  } else if (octets == 5) {
    first = Octets.octet(p);
    second = Octets.long(p + 1);
  } else if (octets == 2) {
    first = Octets.short(p);
    if (type == 0x73) first = <u32>(((<i32>first) << 16) >> 16);
  } else if (octets == 1) {
    first = Octets.octet(p);
    if (type == 0x62) first = <u32>(((<i32>first) << 24) >> 24);
    else if (type == 0x74) first = first != 0 ? 1 : 0;
  }
  Tape.push(first);
  Tape.push(second);
}

/** As `walk` with `write`, but what it wrote is taken back where it fails. */
export function walkOrRewind(p: usize, end: usize, array: bool, maxDepth: u32, maxFields: u32): u32 {
  const toTop = top;
  const toBottom = bottom;
  const code = walk(p, end, array, maxDepth, maxFields, true);
  if (code != 0) rewindTape(toTop, toBottom);
  return code;
}
