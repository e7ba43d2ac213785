/** Publishes that are like one that was found good: what the checks looked at is compared, and not looked at again. */
import { FRAME_END } from "./generated/constants";
import * as Limit from "./generated/limits";
import { CLUSTER_ID, DELIVERY_MODE, HEADERS, PRIORITY, TIMESTAMP } from "./generated/property-flags";
import { Octets } from "./octets";

const PLACE: usize = Limit.PLACE_WORDS * 4;
/** Where the lengths stand in a content header frame that was found good, of the frame's octets which, and what they are: another of the same size and flags, with the same lengths, is as good. */
const lengths: usize = memory.data(14 * 8, 16);
const LENGTH: usize = 8;
/** Of the table, where there is one: else of what is looked at anyway. */
let tableAt: u32 = 0;
let tableLength: u32 = 0;
/** Remembers the lengths of a content header frame with these flags; answers the end of what is remembered. */
export function rememberLengths(header: usize, flags: u32): usize {
  let p = header + 21;
  let to = lengths;
  tableAt = 0;
  for (let flag: u32 = 0x8000; flag >= CLUSTER_ID; flag >>= 1) {
    if ((flags & flag) == 0) continue;
    if ((flag & (DELIVERY_MODE | PRIORITY)) != 0) {
      p += 1;
      continue;
    }
    if (flag == TIMESTAMP) {
      p += 8;
      continue;
    }
    if (flag == HEADERS) {
      tableAt = <u32>(p - header);
      p += 4 + Octets.long(p);
      continue;
    }
    const octets = Octets.octet(p);
    store<u32>(to, <u32>(p - header));
    store<u32>(to, octets, 4);
    to += LENGTH;
    p += 1 + octets;
  }
  tableLength = load<u32>(header + tableAt, 0, 1);
  return to;
}

/** Whether a short string has another length than is remembered: any bit that is set says so. */
// @ts-ignore: decorator
@inline function other(header: usize, length: usize): u32 {
  return load<u8>(header + load<u32>(length)) ^ load<u32>(length, 4);
}

/** Whether a content header frame has the lengths that are remembered. */
// @ts-ignore: decorator
@inline export function hasLengths(header: usize, end: usize): bool {
  let differs = load<u32>(header + tableAt, 0, 1) ^ tableLength;
  if (end != lengths) {
    differs |= other(header, lengths);
    if (end != lengths + LENGTH) {
      differs |= other(header, lengths + LENGTH);
      for (let length = lengths + 2 * LENGTH; length != end; length += LENGTH) differs |= other(header, length);
    }
  }
  return differs == 0;
}

/** Octets of a content header frame up to its flags. */
export const HEADER_HEAD: u32 = 21;

/** Whether 16 octets differ: any bit that is set says so. */
// @ts-ignore: decorator
@inline function differing(a: usize, b: usize): v128 {
  return v128.xor(v128.load(a, 0, 1), v128.load(b, 0, 1));
}

/** Whether so many octets, 16 or more, are the same: looked at all at once, because they nearly always are. Not in a loop: an engine asks in each round of one whether it is to stop. */
// @ts-ignore: decorator
@inline function areSame(a: usize, b: usize, octets: u32): bool {
  const last = a + octets - 16;
  const distance = b - a;
  if (ASC_FEATURE_SIMD) {
    let differs = differing(last, last + distance);
    if (octets > 16) {
      differs = v128.or(differs, differing(a, b));
      if (octets > 32) {
        differs = v128.or(differs, differing(a + 16, b + 16));
        if (octets > 48) {
          differs = v128.or(differs, differing(a + 32, b + 32));
          if (octets > 64) {
            differs = v128.or(differs, differing(a + 48, b + 48));
            if (octets > 80) {
              differs = v128.or(differs, differing(a + 64, b + 64));
              for (a += 80; a < last; a += 16) differs = v128.or(differs, differing(a, a + distance));
            }
          }
        }
      }
    }
    return !v128.any_true(differs);
  }
  let differs =
    (load<u64>(last, 0, 1) ^ load<u64>(last + distance, 0, 1)) |
    (load<u64>(last, 8, 1) ^ load<u64>(last + distance, 8, 1));
  for (; a < last; a += 8) differs |= load<u64>(a, 0, 1) ^ load<u64>(a + distance, 0, 1);
  return differs == 0;
}

/** Whether a publish differs from another of so many octets, which was found good, in nothing that was checked: its method frame, the head of its content header with body size and flags, the lengths among its properties, the head of its body, and where frames end. */
// @ts-ignore: decorator
@inline function isAlike(
  p: usize,
  good: usize,
  octets: u32,
  methodOctets: u32,
  toEnd: u32,
  bodyHead: u64,
  lengthsEnd: usize,
): bool {
  return (
    areSame(p, good, methodOctets + HEADER_HEAD) &&
    hasLengths(p + methodOctets, lengthsEnd) &&
    load<u64>(p + toEnd, 0, 1) == bodyHead &&
    Octets.octet(p + octets - 1) == FRAME_END
  );
}

/** Passes by publishes from `p` on that are like the one before, which has a body. The first gets the place `place`, behind that of the one before. Answers the place of the one that is otherwise, or `last`. */
export function passAlike(
  before: usize,
  p: usize,
  stop: usize,
  place: usize,
  last: usize,
  methodOctets: u32,
  headerOctets: u32,
  lengthsEnd: usize,
): usize {
  const toEnd = methodOctets + headerOctets - 1;
  // Behind the header's frame-end.
  const bodyHead = load<u64>(before + toEnd, 0, 1);
  const octets = <u32>(p - before);
  // The one before is of the same route as that before it, which its place says, too.
  if (ASC_FEATURE_SIMD) {
    let words = v128.load(place - PLACE, 0, 4);
    const step = i32x4.splat(octets);
    while (place != last && <u32>(stop - p) >= octets) {
      if (!isAlike(p, before, octets, methodOctets, toEnd, bodyHead, lengthsEnd)) break;
      words = i32x4.add(words, step);
      v128.store(place, words, 0, 4);
      place += PLACE;
      p += octets;
    }
    return place;
  }
  while (place != last && <u32>(stop - p) >= octets) {
    if (!isAlike(p, before, octets, methodOctets, toEnd, bodyHead, lengthsEnd)) break;
    for (let word: usize = 0; word < PLACE; word += 4) {
      store<u32>(place + word, load<u32>(place + word - PLACE) + octets);
    }
    place += PLACE;
    p += octets;
  }
  return place;
}
