/**
 * Patterns: header tables that came often, as their octets with holes where values were seen to differ. A table of a pattern is compared, stretch by stretch, and only what stands in its holes goes to the tape. The host, who sees which
 * tables come often and what in them differs, writes a pattern's octets and steps; they are void once the shapes are cleared. What is no match in every octet is left to the general walk: it may be wrong.
 * Up to what may have another length a table is compared under a mask, and the holes in it are taken in one loop: without a branch that depends on where they are, which a processor cannot foretell where each table is of another pattern.
 */
import { integers, layouts } from "./generated/field-types";
import * as Limit from "./generated/limits";
import * as Step from "./generated/pattern-steps";
import { Fixed } from "./fixed-fields";
import { Wide } from "./intern";
import { inputCapacity } from "./memory";
import { Octets } from "./octets";
import { newReference, pooled, resetPool } from "./strings";
import { bottom, rewindTape, top } from "./tape";

/**
 * A step: its octets, how many of them there are, and as many as are compared; which kind of thing it is for. The octets are followed by a mask, which leaves out the holes of one size among them, and by the words that tell of these. The rest is as in a
 * shape's node, of which the guesses of a field's strings stand here, too.
 */
const STEP: u32 = Limit.PATTERN_STEP_WORDS * 4;
const BEFORE: usize = 4;
const COMPARED: usize = 8;
const KIND: usize = 16;
/** Where the container around the one that begins here ends. */
const AROUND: usize = 20;
/** Where the step stands that began what ends here. */
const BEGAN: usize = 24;
/** Octets of the holes' words, and of their values on the tape. */
const HOLES: usize = 28;
const VALUES: usize = 32;
/** Of a pattern's first step: how many fields and levels it has; the room that its values may take on the tape; the next pattern of its shape. */
const FIELDS: usize = 36;
const DEPTH: usize = 40;
const ROOM: usize = 44;
const NEXT: usize = 48;

/** Strings that the field had, by what they end with, as one of a few values comes in most messages: their first octets, octets and id. */
const RECENT: usize = 64;
const RECENT_SHIFT: u32 = 27;

const VALUE: usize = 8;
const GUESSES: u32 = 2048;
const GUESSES_SHIFT: u64 = 53;
const FACTOR: u64 = 0x9e3779b97f4a7c15;

const PATTERNS: u32 = Limit.PATTERNS + 1;
export const PATTERNS_OCTETS: u32 =
  PATTERNS * 4 + Limit.PATTERN_STEPS * STEP + GUESSES * 4 + Limit.PATTERN_OCTETS + Limit.SHAPES + 1;

let patterns: usize = 0; // the first step of each
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
  steps = patterns + PATTERNS * 4;
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

/** Room for a pattern of tables of this shape, of which the values take so many octets of the tape. Answers its number, from 1 on, or 0 where there is no room; `patternSteps` and `patternOctets` say where to write, before the next read. */
export function addPattern(shape: u32, stepCount: u32, octets: u32, fields: u32, depth: u32, room: u32): u32 {
  if (count == Limit.PATTERNS || stepCount > Limit.PATTERN_STEPS - stepsUsed) return 0;
  if (shape > Limit.SHAPES || octets > Limit.PATTERN_OCTETS - octetsUsed) return 0;
  count += 1;
  const pattern = steps + stepsUsed * STEP;
  memory.fill(pattern, 0, stepCount * STEP);
  store<u32>(patterns + (count << 2), <u32>pattern);
  store<u32>(pattern, fields, FIELDS);
  store<u32>(pattern, depth, DEPTH);
  store<u32>(pattern, room + Limit.RECORD_WORDS * 4, ROOM);
  store<u32>(pattern, load<u8>(ofShapes + shape), NEXT);
  store<u8>(ofShapes + shape, count);
  stepsUsed += stepCount;
  octetsUsed += octets;
  return count;
}

// @ts-ignore: decorator
@inline function firstStep(number: u32): usize {
  return load<u32>(patterns + (number << 2));
}

/** Where the steps of the last pattern that was added stand. */
export function patternSteps(): usize {
  return firstStep(count);
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
    number = load<u32>(firstStep(number), NEXT);
  }
  rewindTape(toTop, toBottom);
  resetPool(toPooled);
}

function isOf(number: u32, p: usize, octets: u32, maxDepth: u32, maxFields: u32): bool {
  const pattern = firstStep(number);
  if (load<u32>(pattern, FIELDS) > maxFields || load<u32>(pattern, DEPTH) > maxDepth) return false;
  if (bottom - top < <usize>load<u32>(pattern, ROOM)) return false;
  const toTop = top;
  const toBottom = bottom;
  const toPooled = pooled;
  if (takeValues(pattern, p, p + octets)) return true;
  rewindTape(toTop, toBottom);
  resetPool(toPooled);
  return false;
}

class Recent {
  /** Reference to a string, of which the last four octets of length and value tell where it is noted. */

  @inline static reference(step: usize, p: usize, octets: u32): u32 {
    const hash = ((load<u32>(p + octets - 4, 0, 1) ^ octets) * 0x9e3779b1) >> RECENT_SHIFT;
    const at = step + RECENT + ((<usize>hash) << 4);
    const id = load<u32>(at, 12);
    if (load<u32>(at, 8) == octets) {
      const differing = load<u64>(at) ^ load<u64>(p, 0, 1);
      if (octets <= 8 ? (differing & ((<u64>-1) >> ((64 - (octets << 3)) & 63))) == 0 : Wide.isInterned(id, p, octets))
        return id;
    }
    const found = newReference(step, p, octets);
    if (<i32>found >= 0) {
      store<u64>(at, load<u64>(p, 0, 1));
      store<u32>(at, octets, 8);
      store<u32>(at, found, 12);
    }
    return found;
  }
}

/** Whether all octets from `octets` to `last` are those at `others`, but for what the mask leaves out. */
// @ts-ignore: decorator
@inline function isMasked(octets: usize, last: usize, mask: usize, others: usize): bool {
  if (ASC_FEATURE_SIMD) {
    let bits = v128.splat<u64>(0);
    for (; octets != last; octets += 32, mask += 32, others += 32) {
      const first = v128.and(v128.xor(v128.load(octets, 0, 1), v128.load(others, 0, 1)), v128.load(mask, 0, 1));
      const second = v128.and(v128.xor(v128.load(octets, 16, 1), v128.load(others, 16, 1)), v128.load(mask, 16, 1));
      bits = v128.or(bits, v128.or(first, second));
    }
    return !v128.any_true(bits);
  }
  let bits: u64 = 0;
  for (; octets != last; octets += 16, mask += 16, others += 16) {
    bits |= (load<u64>(octets, 0, 1) ^ load<u64>(others, 0, 1)) & load<u64>(mask, 0, 1);
    bits |= (load<u64>(octets, 8, 1) ^ load<u64>(others, 8, 1)) & load<u64>(mask, 8, 1);
  }
  return bits == 0;
}

function takeValues(step: usize, p: usize, end: usize): bool {
  let to = top;
  let stop = end;
  for (; ; step += STEP) {
    const before = load<u32>(step, BEFORE);
    if (before > <u32>(stop - p)) return false;
    const octets = <usize>load<u32>(step);
    const compared = <usize>load<u32>(step, COMPARED);
    const last = octets + compared;
    if (!isMasked(octets, last, last, p)) return false;
    let hole = last + compared;
    const holes = hole + load<u32>(step, HOLES);
    // What is written too much is written over, and there is room for it.
    for (let at = to; hole != holes; at += VALUE, hole += 4) {
      // Its place, shifted by 8; bits to drop from a word of 64; whether that is signed, and whether its high half comes first.
      const what = load<u32>(hole, 0, 1);
      const unused = <u64>(what & 63);
      const word = bswap(load<u64>(p + (what >> 8), 0, 1));
      const value = select<u64>(<u64>((<i64>word) >> unused), word >> unused, (what & Step.SIGNED) != 0);
      store<u64>(at, rotl(value, <u64>((what & Step.HIGH_FIRST) >> 2)));
    }
    to += load<u32>(step, VALUES);
    p += before;
    const left = <u32>(stop - p);
    const kind = load<u32>(step, KIND);
    if (kind == Step.END) {
      if (left != 0) return false;
      break;
    }
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
    } else if (kind == Step.OPEN) {
      if (left < 4) return false;
      const octets = Octets.long(p);
      if (octets > left - 4) return false;
      store<u32>(step, <u32>stop, AROUND);
      p += 4;
      stop = p + octets;
    } else {
      if (left != 0) return false;
      stop = load<u32>(load<u32>(step, BEGAN), AROUND);
    }
  }
  rewindTape(to, bottom);
  return true;
}
