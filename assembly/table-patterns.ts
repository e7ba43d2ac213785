/**
 * Patterns: header tables that came often, as their octets with holes where values were seen to differ. A table of a pattern is compared, stretch by stretch, and only what stands in its holes goes to the tape. The host, who sees which
 * tables come often and what in them differs, writes a pattern's octets and steps; they are void once the shapes are cleared. What is no match in every octet is left to the general walk: it may be wrong.
 * Tables of which nothing has another length are compared whole, under a mask: without a branch that depends on where their holes are, which a processor cannot foretell where each table is of another pattern.
 */
import { integers, layouts } from "./generated/field-types";
import * as Limit from "./generated/limits";
import * as Step from "./generated/pattern-steps";
import { Fixed, FIXED_MAX } from "./fixed-fields";
import { Wide } from "./intern";
import { inputCapacity } from "./memory";
import { Octets } from "./octets";
import { pooled, resetPool, valueReference } from "./strings";
import { bottom, rewindTape, top } from "./tape";

/** A pattern: its first step, or its octets where it is a mask's; how many fields and levels it has; the room that its values may take on the tape; the next pattern of its shape; of a mask's, the octets of its tables and of their values on the tape. */
const PATTERN: u32 = 32;
const FIELDS: usize = 4;
const DEPTH: usize = 8;
const ROOM: usize = 12;
const NEXT: usize = 16;
const SIZE: usize = 20;
const VALUES: usize = 24;

/** A step: the octets that stand before what it is for, then which kind that is. The rest is as in a shape's node, of which the guesses of a field's strings stand here, too. */
const STEP: u32 = Limit.PATTERN_STEP_WORDS * 4;
const BEFORE: usize = 4;
const TYPE: usize = 8;
const KIND: usize = 16;
/** Where the container around the one that begins here ends. */
const AROUND: usize = 20;
/** Where the step stands that began what ends here. */
const BEGAN: usize = 24;

/** Ids of strings that the field had, by what they end with: one of a few values comes in most messages. */
const RECENT: usize = 64;
const RECENT_SHIFT: u32 = 27;

const VALUE: usize = 8;
/** Octets that are compared in one turn: a mask's octets are padded to it, and the input's slack is as long. */
const STRIDE: usize = Limit.PATTERN_STRIDE;
const GUESSES: u32 = 2048;
const GUESSES_SHIFT: u64 = 53;
const FACTOR: u64 = 0x9e3779b97f4a7c15;

const PATTERNS: u32 = Limit.PATTERNS + 1;
export const PATTERNS_OCTETS: u32 =
  PATTERNS * PATTERN + Limit.PATTERN_STEPS * STEP + GUESSES * 4 + Limit.PATTERN_OCTETS + Limit.SHAPES + 1;

let patterns: usize = 0;
let steps: usize = 0;
let guesses: usize = 0; // four numbers of patterns each
let octetsAt: usize = 0;
let ofShapes: usize = 0; // by shape: its first pattern

let count: u32 = 0;
let stepsUsed: u32 = 0;
let octetsUsed: u32 = 0;

/** Where the pattern of the table that `matching` did not know is to be noted; 0 for nowhere. */
let guess: usize = 0;

export function placePatterns(at: usize): void {
  patterns = at;
  steps = patterns + PATTERNS * PATTERN;
  guesses = steps + Limit.PATTERN_STEPS * STEP;
  octetsAt = guesses + GUESSES * 4;
  ofShapes = octetsAt + Limit.PATTERN_OCTETS;
}

export function clearPatterns(): void {
  count = 0;
  stepsUsed = 0;
  octetsUsed = 0;
  memory.fill(guesses, 0, GUESSES * 4);
  memory.fill(ofShapes, 0, Limit.SHAPES + 1);
}

/**
 * Room for a pattern of tables of this shape. Answers its number, from 1 on, or 0 where there is no room; `patternSteps` and `patternOctets` say where to write, before the next read. With `size` it is a mask's, whose tables have so many octets, and
 * so many values as it has steps.
 */
export function addPattern(shape: u32, stepCount: u32, octets: u32, fields: u32, depth: u32, size: u32): u32 {
  if (count == Limit.PATTERNS || stepCount > Limit.PATTERN_STEPS - stepsUsed) return 0;
  if (shape > Limit.SHAPES || octets > Limit.PATTERN_OCTETS - octetsUsed) return 0;
  count += 1;
  const pattern = patterns + count * PATTERN;
  const first = steps + stepsUsed * STEP;
  memory.fill(first, 0, stepCount * STEP);
  store<u32>(pattern, <u32>first);
  store<u32>(pattern, fields, FIELDS);
  store<u32>(pattern, depth, DEPTH);
  // Each value, and the place of its string at the far end.
  store<u32>(pattern, stepCount * 16 + Limit.RECORD_WORDS * 4, ROOM);
  store<u32>(pattern, load<u8>(ofShapes + shape), NEXT);
  store<u8>(ofShapes + shape, count);
  store<u32>(pattern, size, SIZE);
  store<u32>(pattern, stepCount << 3, VALUES);
  if (size != 0) store<u32>(pattern, <u32>(octetsAt + octetsUsed));
  else stepsUsed += stepCount;
  octetsUsed += octets;
  return count;
}

/** Where the steps of the last pattern that was added stand. */
export function patternSteps(): usize {
  return load<u32>(patterns + count * PATTERN);
}

/** Where its octets, so many, are to be put. */
export function patternOctets(octets: u32): usize {
  return octetsAt + octetsUsed - octets;
}

/** The number of a pattern that the table in [p, p + octets) is of, and that was guessed; its values are on the tape then. Else 0. */
// @ts-ignore: decorator
@inline export function matching(p: usize, octets: u32, maxDepth: u32, maxFields: u32): u32 {
  guess = 0;
  if (count == 0 || octets < 8) return 0;
  return guessed(p, octets, maxDepth, maxFields);
}

function guessed(p: usize, octets: u32, maxDepth: u32, maxFields: u32): u32 {
  const hash = ((load<u64>(p, 0, 1) ^ ((<u64>octets) << 40)) * FACTOR) >> GUESSES_SHIFT;
  guess = guesses + ((<usize>hash) << 2);
  for (let numbers = load<u32>(guess); numbers != 0; numbers >>= 8) {
    const number = numbers & 0xff;
    if (isOf(number, p, octets, maxDepth, maxFields)) return number;
  }
  return 0;
}

/** Notes the pattern of the table that `matching` did not know, which is right and of this shape, if it has one: such tables are guessed from now on. */
export function notePattern(shape: u32, p: usize, octets: u32, maxDepth: u32, maxFields: u32): void {
  // Its strings are in the pool already, which has room for each octet of the input once.
  if (guess == 0 || octets > inputCapacity - pooled) return;
  const toTop = top;
  const toBottom = bottom;
  const toPooled = pooled;
  let number: u32 = load<u8>(ofShapes + shape);
  while (number != 0) {
    if (isOf(number, p, octets, maxDepth, maxFields)) {
      store<u32>(guess, (load<u32>(guess) << 8) | number);
      break;
    }
    number = load<u32>(patterns + number * PATTERN, NEXT);
  }
  rewindTape(toTop, toBottom);
  resetPool(toPooled);
}

function isOf(number: u32, p: usize, octets: u32, maxDepth: u32, maxFields: u32): bool {
  const pattern = patterns + number * PATTERN;
  if (load<u32>(pattern, FIELDS) > maxFields || load<u32>(pattern, DEPTH) > maxDepth) return false;
  if (bottom - top < <usize>load<u32>(pattern, ROOM)) return false;
  const size = load<u32>(pattern, SIZE);
  if (size != 0) return size == octets && takeMasked(pattern, p, size);
  const toTop = top;
  const toBottom = bottom;
  const toPooled = pooled;
  if (takeValues(load<u32>(pattern), p, p + octets)) return true;
  rewindTape(toTop, toBottom);
  resetPool(toPooled);
  return false;
}

class Masked {
  /** Bits in which sixteen octets differ from those of a pattern, its mask so far behind them, and which the mask does not leave out. */

  @inline static differing(octets: usize, mask: usize, distance: usize): v128 {
    return v128.and(
      v128.xor(v128.load(octets, 0, 1), v128.load(octets + distance, 0, 1)),
      v128.load(octets + mask, 0, 1),
    );
  }


  @inline static bits(octets: usize, mask: usize, distance: usize): u64 {
    return (load<u64>(octets, 0, 1) ^ load<u64>(octets + distance, 0, 1)) & load<u64>(octets + mask, 0, 1);
  }
}

function takeMasked(pattern: usize, p: usize, size: u32): bool {
  let octets = <usize>load<u32>(pattern);
  const mask = (<usize>size + (STRIDE - 1)) & ~(STRIDE - 1);
  const distance = p - octets;
  const end = octets + mask;
  if (ASC_FEATURE_SIMD) {
    let bits = v128.splat<u64>(0);
    for (; octets != end; octets += 32) {
      bits = v128.or(
        bits,
        v128.or(Masked.differing(octets, mask, distance), Masked.differing(octets + 16, mask, distance)),
      );
    }
    if (v128.any_true(bits)) return false;
  } else {
    let bits: u64 = 0;
    for (; octets != end; octets += 16) {
      bits |= Masked.bits(octets, mask, distance) | Masked.bits(octets + 8, mask, distance);
    }
    if (bits != 0) return false;
  }
  // Four at least, as steps of the comparison are four or two: how often a loop turns that turns two, three or four times cannot be foretold either. What is written too much is written over, and there is room for it.
  const values = <usize>load<u32>(pattern, VALUES);
  const most = top + ((values + (4 * VALUE - 1)) & ~(4 * VALUE - 1));
  let hole = end + mask;
  for (let to = top; to < most; to += VALUE, hole += 4) {
    const what = load<u32>(hole, 0, 1);
    const type = what & 0xff;
    const integer: u32 = load<u8>(integers + type);
    const octets: u32 = load<u8>(layouts + type);
    const unused = <u64>(64 - (octets << 3));
    const word = bswap(load<u64>(p + (what >> 8), 0, 1));
    const value = select<u64>(<u64>((<i64>word) >> unused), word >> unused, integer == 2);
    // What is no integer and has one octet is a boolean, true by any but 0.
    store<u64>(to, rotl(value, select<u64>(32, 0, (integer | (octets & 8)) != 0)));
  }
  rewindTape(top + values, bottom);
  return true;
}

class Recent {
  /** Reference to a string, of which the last four octets of length and value tell where it is noted. */

  @inline static reference(step: usize, p: usize, octets: u32): u32 {
    const hash = ((load<u32>(p + octets - 4, 0, 1) ^ octets) * 0x9e3779b1) >> RECENT_SHIFT;
    const at = step + RECENT + ((<usize>hash) << 1);
    const id: u32 = load<u16>(at);
    if (Wide.isInterned(id, p, octets)) return id;
    const found = valueReference(step, p, octets);
    if (<i32>found >= 0) store<u16>(at, found);
    return found;
  }
}

function takeValues(step: usize, p: usize, end: usize): bool {
  let to = top;
  let stop = end;
  for (; ; step += STEP) {
    const before = load<u32>(step, BEFORE);
    if (before > <u32>(stop - p) || !Wide.equal(<usize>load<u32>(step), p, before)) return false;
    p += before;
    const left = <u32>(stop - p);
    const kind = load<u32>(step, KIND);
    if (kind == Step.STRING) {
      if (left < 4) return false;
      const octets = Octets.long(p);
      if (octets > left - 4) return false;
      store<u64>(to, Recent.reference(step, p + 4, octets));
      p += 4 + octets;
      to += VALUE;
    } else if (kind == Step.INTEGER) {
      if (left == 0) return false;
      const type = Octets.octet(p);
      const integer: u32 = load<u8>(integers + type);
      const octets: u32 = load<u8>(layouts + type);
      if (integer == 0 || octets > left - 1) return false;
      store<u64>(to, Fixed.integer(p + 1, octets, integer));
      p += 1 + octets;
      to += VALUE;
    } else if (kind == Step.FIXED) {
      const type: u32 = load<u8>(step, TYPE);
      const integer: u32 = load<u8>(integers + type);
      const octets: u32 = load<u8>(layouts + type);
      if (octets > FIXED_MAX || octets > left) return false;
      store<u64>(to, integer != 0 ? Fixed.integer(p, octets, integer) : Fixed.other(p, octets));
      p += octets;
      to += VALUE;
    } else if (kind == Step.OPEN) {
      if (left < 4) return false;
      const octets = Octets.long(p);
      if (octets > left - 4) return false;
      store<u32>(step, <u32>stop, AROUND);
      p += 4;
      stop = p + octets;
    } else {
      if (p != stop) return false;
      if (kind == Step.END) break;
      stop = load<u32>(load<u32>(step, BEGAN), AROUND);
    }
  }
  rewindTape(to, bottom);
  return true;
}
