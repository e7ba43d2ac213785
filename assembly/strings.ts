/** Strings: UTF-8, and the one word by which the tape refers to them (section 4.2.5.3; string references in spec/abi.js). */
import * as Limit from "./generated/limits";
import { POOL_REFERENCE, DIRECT_REFERENCE, BINARY_REFERENCE } from "./generated/references";
import { admit, find, hash, seenBefore, Wide } from "./intern";
import { input, pool } from "./memory";
import { Node } from "./shapes";
import { pushDirect } from "./tape";

const HIGH_BITS: u64 = 0x8080808080808080;
const POOL_OFFSET_MAX: u32 = 1 << 22;

/** Octets used in the pool. */
export let pooled: u32 = 0;

export function resetPool(to: u32): void {
  pooled = to;
}

/** Strict UTF-8: no overlong form, no surrogate, nothing above U+10FFFF. */
export function isUtf8(p: usize, end: usize): bool {
  while (p < end) {
    if (end - p >= 8 && (load<u64>(p, 0, 1) & HIGH_BITS) == 0) {
      p += 8;
      continue;
    }
    const lead: u32 = load<u8>(p);
    if (lead < 0x80) {
      p += 1;
      continue;
    }
    const left = end - p;
    if (lead < 0xc2 || lead > 0xf4) return false;
    if (left < 2) return false;
    const second: u32 = load<u8>(p, 1);
    if ((second & 0xc0) != 0x80) return false;
    if (lead < 0xe0) {
      p += 2;
      continue;
    }
    if (left < 3 || (load<u8>(p, 2) & 0xc0) != 0x80) return false;
    if (lead < 0xf0) {
      if (lead == 0xe0 && second < 0xa0) return false;
      if (lead == 0xed && second > 0x9f) return false;
      p += 3;
      continue;
    }
    if (left < 4 || (load<u8>(p, 3) & 0xc0) != 0x80) return false;
    if (lead == 0xf0 && second < 0x90) return false;
    if (lead == 0xf4 && second > 0x8f) return false;
    p += 4;
  }
  return true;
}

/** References that are guessed before they are looked up: `guess` is where the id stands that a string in this place had last. */
export class Strings {

  @inline static guessed(guess: usize, p: usize, octets: u32): u32 {
    const id = load<u32>(guess);
    return Wide.isInterned(id, p, octets) ? id : lookedUp(guess, p, octets);
  }
}

/** Strings in a row that were new in a place before it is believed that all are; then only each sixteenth is looked up. */
const ALL_NEW: u32 = 12;

/** Reference to the value of a field whose node this is: a trace id, say, is another one each time, and looking up what is never found costs more than all the rest. */
export function valueReference(node: usize, p: usize, octets: u32): u32 {
  const guess = Node.value(node);
  const id = load<u32>(guess);
  if (Wide.isInterned(id, p, octets)) return id;
  const older = load<u32>(Node.older(node));
  if (Wide.isInterned(older, p, octets)) {
    store<u32>(Node.older(node), id);
    store<u32>(guess, older);
    return older;
  }
  const found = newReference(node, p, octets);
  if (<i32>found >= 0) {
    store<u32>(Node.older(node), id);
    store<u32>(guess, found);
  }
  return found;
}

/** The same for who knows that it is none of the last ones. */
export function newReference(node: usize, p: usize, octets: u32): u32 {
  const at = Node.newStrings(node);
  const before: u32 = load<u16>(at);
  if (before >= ALL_NEW && (before & 15) != 0) {
    store<u16>(at, before + 1 > 0xfffe ? ALL_NEW : before + 1);
    return uniqueReference(p, octets);
  }
  const found = reference(p, octets);
  store<u16>(at, <i32>found >= 0 ? 0 : before + 1 > 0xfffe ? ALL_NEW : before + 1);
  return found;
}

function lookedUp(guess: usize, p: usize, octets: u32): u32 {
  const found = reference(p, octets);
  if (<i32>found >= 0) store<u32>(guess, found);
  return found;
}

/** Reference to a string that may repeat: exchange, key, content type, value of a header. */
export function reference(p: usize, octets: u32): u32 {
  if (octets == 0) return 0;
  if (octets <= Limit.INTERNED_OCTETS) {
    const h = hash(p, octets);
    const known = find(p, octets, h);
    if (known != 0) return known;
    // Two strings of one hash may open the door for each other: that admits one early, nothing worse.
    if (seenBefore(h) && isUtf8(p, p + octets)) {
      const admitted = admit(p, octets, h);
      if (admitted != 0) return admitted;
    }
  }
  return uniqueReference(p, octets);
}

/** Reference to a string that is not worth remembering: message ids, correlation ids, long texts. */
export function uniqueReference(p: usize, octets: u32): u32 {
  if (octets == 0) return 0;
  if (octets <= 255 && pooled < POOL_OFFSET_MAX) {
    // Copied in words that may pass the end: the next string overwrites what is too much.
    const from = pool + pooled;
    let bits: u64 = 0;
    let i: u32 = 0;
    for (; i + 8 <= octets; i += 8) {
      const word = load<u64>(p + i, 0, 1);
      store<u64>(from + i, word, 0, 1);
      bits |= word;
    }
    const word = load<u64>(p + i, 0, 1);
    store<u64>(from + i, word, 0, 1);
    bits |= word & (((<u64>1) << ((octets & 7) << 3)) - 1);
    if ((bits & HIGH_BITS) == 0) {
      const at = pooled;
      pooled = at + octets;
      return POOL_REFERENCE | (at << 8) | octets;
    }
  }
  const direct = DIRECT_REFERENCE | pushDirect(<u32>(p - input), octets);
  return isUtf8(p, p + octets) ? direct : direct | BINARY_REFERENCE;
}
