/**
 * Field tables and field arrays (section 4.2.5.5), with RabbitMQ's letters. One walk serves checking and writing to the tape. No recursion: open containers stand on a stack in linear memory,
 * so that no nesting can exhaust the host's. Lengths are compared with what is left of their container and never added to a position first, because addresses wrap at 32 bits.
 */
import * as Failure from "./generated/decode-errors";
import { integers, layouts } from "./generated/field-types";
import * as Limit from "./generated/limits";
import { input, levels, tape } from "./memory";
import { Octets } from "./octets";
import { Fixed, FIXED_MAX } from "./fixed-fields";
import { NO_SHAPE, nextShape, Node, OUTERMOST, within } from "./shapes";
import { reference, valueReference } from "./strings";
import { bottom, Tape, rewindTape, top } from "./tape";
import { readUsualFields, usualAt, usualCount, usualShape, usualTo } from "./usual-fields";

/** No error of the octets: the tape is full, and the frame must be read again with a larger one. */
export const TAPE_FULL: u32 = 255;

/** Where the last walk found its error. */
export let errorAt: usize = 0;
/** Levels that were open then. */
export let errorDepth: u32 = 0;

const FIELD: usize = Limit.FIELD_WORDS * 4;
const LEVEL: usize = Limit.LEVEL_WORDS * 4;
const END: usize = 0;
const IS_ARRAY: usize = 4;
const INDEX: usize = 8;
const AT: usize = 12;
const HEAD: usize = 16;
const SHAPE: usize = 20;

const LONG_STRING: u32 = 0x53;
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
  let shape = OUTERMOST; // of the current container so far
  let isArray = array;
  let stop = end;
  const head = top;
  // The tape's top, kept here: each round through a global would wait for the one before.
  let to = head;
  if (write) {
    if (!Tape.hasRoomForField(to)) return TAPE_FULL;
    store<u32>(to, <u32>(p - input));
    store<u32>(to, <u32>(end - p), 4);
    store<u64>(to, 0, 8);
    to += FIELD;
  }
  store<u32>(level + IS_ARRAY, array ? 1 : 0);

  for (;;) {
    while (p == stop) {
      const container = depth == 0 ? head : <usize>load<u32>(level + HEAD);
      if (write) {
        if (isArray || count > Limit.SHAPE_FIELDS) shape = NO_SHAPE;
        closeContainer(container, to, depth == 0, count, shape);
      }
      if (depth == 0) {
        if (write) rewindTape(to, bottom);
        return 0;
      }
      depth -= 1;
      level -= LEVEL;
      isArray = load<u32>(level + IS_ARRAY) != 0;
      stop = <usize>load<u32>(level + END);
      count = load<u32>(level + INDEX) + 1;
      shape = load<u32>(level + SHAPE);
    }
    if (write && !isArray) {
      readUsualFields(p, stop, to, shape, maxFields - fields);
      p = usualAt;
      to = usualTo;
      shape = usualShape;
      count += usualCount;
      fields += usualCount;
    }
    if (p == stop) continue;
    store<u32>(level + INDEX, count);
    store<u32>(level + AT, <u32>p);
    if (fields == maxFields) return fail(Failure.FIELD_COUNT, p, depth);
    fields += 1;

    let key: u32 = 0;
    if (write && !Tape.hasRoomForField(to)) return TAPE_FULL;
    if (!isArray) {
      const octets = Octets.octet(p);
      if (octets > <u32>(stop - p) - 1) return fail(Failure.FIELD_NAME, p, depth);
      if (write) {
        key = reference(p + 1, octets);
        shape = count < Limit.SHAPE_FIELDS ? nextShape(shape, key, p) : NO_SHAPE;
      }
      p += 1 + octets;
      if (p == stop) return fail(Failure.FIELD_CUT, p, depth + 1);
    }

    const type = Octets.octet(p);
    const layout: u32 = load<u8>(layouts + type);
    if (layout == LAYOUT_UNKNOWN) return fail(Failure.FIELD_TYPE, p, depth + 1);
    p += 1;
    const left = <u32>(stop - p);

    if (layout <= FIXED_MAX) {
      if (left < layout) return fail(Failure.FIELD_CUT, p, depth + 1);
      if (write) {
        const integer: u32 = load<u8>(integers + type);
        store<u32>(to, key);
        store<u32>(to, integer != 0 ? type | Limit.INTEGER_FIELD : type, 4);
        store<u64>(to, integer != 0 ? Fixed.integer(p, layout, integer) : Fixed.other(p, layout), 8);
        to += FIELD;
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
        store<u32>(to, key);
        store<u32>(to, type, 4);
        if (type == LONG_STRING) {
          // An array's elements share one guess, that of its own field.
          store<u32>(to, valueReference(Node.of(shape), p, octets), 8);
          store<u32>(to, 0, 12);
        } else {
          store<u32>(to, <u32>(p - input), 8);
          store<u32>(to, octets, 12);
        }
        to += FIELD;
      }
      p += octets;
      count += 1;
      continue;
    }

    if (depth == maxDepth) return fail(Failure.FIELD_DEPTH, p, depth + 1);
    p += 4;
    store<u32>(level + END, <u32>stop);
    store<u32>(level + SHAPE, shape);
    depth += 1;
    level += LEVEL;
    store<u32>(level + HEAD, <u32>to);
    isArray = layout == LAYOUT_ARRAY;
    store<u32>(level + IS_ARRAY, isArray ? 1 : 0);
    stop = p + octets;
    count = 0;
    if (!isArray) shape = within(shape);
    if (write) {
      store<u32>(to, key);
      store<u32>(to, type, 4);
      to += FIELD;
    }
  }
  // Never reached; asc cannot see that the loop has no end.
  return 0;
}

/** Writes into a container's head what is known at its end. */
function closeContainer(head: usize, to: usize, outermost: bool, count: u32, shape: u32): void {
  if (outermost) {
    store<u32>(head, count, 8);
    store<u32>(head, shape, 12);
  } else {
    store<u32>(head, load<u32>(head, 4) | (shape << 8), 4);
    store<u32>(head, (<u32>(to - tape)) >> 2, 8);
    store<u32>(head, count, 12);
  }
}

/** As `walk` with `write`, but what it wrote is taken back where it fails. */
export function walkOrRewind(p: usize, end: usize, array: bool, maxDepth: u32, maxFields: u32): u32 {
  const toTop = top;
  const toBottom = bottom;
  const code = walk(p, end, array, maxDepth, maxFields, true);
  if (code != 0) rewindTape(toTop, toBottom);
  return code;
}
