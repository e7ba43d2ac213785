/**
 * The intern table: strings that were seen before, by id, so that JavaScript makes each of them once. Open addressing
 * with at most eight probes. A string is admitted the second time it is seen: ids that never repeat would only push out those that do.
 * When the table is full it is cleared between two reads, never within one, so that the ids of a tape stay good.
 */
import * as Limit from "./generated/limits";
import * as State from "./generated/state";
import { setState } from "./memory";

const SLOTS: u32 = Limit.INTERNED_STRINGS * 2;
const DOOR: u32 = Limit.INTERNED_STRINGS;
const PROBES: u32 = 8;

const SLOTS_OCTETS: u32 = SLOTS * 8;
const ENTRIES_OCTETS: u32 = Limit.INTERNED_STRINGS * 8;
const DOOR_OCTETS: u32 = DOOR * 4;
const STORE_OCTETS: u32 = Limit.INTERNED_STRINGS * 32;
const FACTOR: u64 = 0x9e3779b97f4a7c15;

export const INTERN_OCTETS: u32 = SLOTS_OCTETS + ENTRIES_OCTETS + DOOR_OCTETS + STORE_OCTETS;

let slots: usize = 0; // hash, id
let entries: usize = 0; // address, octets
let door: usize = 0; // hashes seen once
let stored: usize = 0; // the octets
let storedEnd: usize = 0;
let count: u32 = 1; // id 0 is the empty string
let generation: u32 = 0;

export function placeIntern(at: usize): void {
  slots = at;
  entries = slots + SLOTS_OCTETS;
  door = entries + ENTRIES_OCTETS;
  stored = door + DOOR_OCTETS;
  storedEnd = stored;
}

/** Address of the (address, octets) pairs of all interned strings, by id. */
export function internedEntries(): usize {
  return entries;
}

export function internIsFull(): bool {
  return count >= Limit.INTERNED_STRINGS || storedEnd - stored > <usize>(STORE_OCTETS - Limit.INTERNED_OCTETS - 8);
}

export function clearIntern(): void {
  memory.fill(slots, 0, SLOTS_OCTETS);
  memory.fill(door, 0, DOOR_OCTETS);
  count = 1;
  storedEnd = stored;
  setState(State.GENERATION, ++generation);
}

/** High half of a multiplicative hash by words of eight octets, of which the last two may overlap; the low bits of such a product collide. */
export function hash(p: usize, octets: u32): u32 {
  let h: u64 = (<u64>octets + 1) * FACTOR;
  if (octets >= 8) {
    const last = p + octets - 8;
    while (p < last) {
      h = (h ^ load<u64>(p, 0, 1)) * FACTOR;
      h ^= h >> 32;
      p += 8;
    }
    h = (h ^ load<u64>(last, 0, 1)) * FACTOR;
  } else {
    // What lies behind the string is masked off: results never depend on it.
    h = (h ^ (load<u64>(p, 0, 1) & (((<u64>1) << (octets << 3)) - 1))) * FACTOR;
  }
  h ^= h >> 32;
  return <u32>((h * FACTOR) >> 32);
}

/** Whether octets are the same, of which there are sixteen or more. */
export function equalLong(a: usize, b: usize, octets: u32): bool {
  const last = a + octets - 8;
  const distance = b - a;
  if (ASC_FEATURE_SIMD) {
    // The last two words may be looked at twice.
    const lastTwo = last - 8;
    let bits = v128.xor(v128.load(lastTwo, 0, 1), v128.load(lastTwo + distance, 0, 1));
    while (a < lastTwo) {
      bits = v128.or(bits, v128.xor(v128.load(a, 0, 1), v128.load(a + distance, 0, 1)));
      a += 16;
    }
    return !v128.any_true(bits);
  }
  while (a < last) {
    if (load<u64>(a, 0, 1) != load<u64>(a + distance, 0, 1)) return false;
    a += 8;
  }
  return load<u64>(last, 0, 1) == load<u64>(last + distance, 0, 1);
}

/** Comparisons that stand in every loop: inlined even where the build favours size. */
export class Wide {

  @inline static equal(a: usize, b: usize, octets: u32): bool {
    if (octets > 16) return equalLong(a, b, octets);
    if (octets >= 8) {
      const last = <usize>octets - 8;
      return ((load<u64>(a, 0, 1) ^ load<u64>(b, 0, 1)) | (load<u64>(a + last, 0, 1) ^ load<u64>(b + last, 0, 1))) == 0;
    }
    return ((load<u64>(a, 0, 1) ^ load<u64>(b, 0, 1)) & (((<u64>1) << (octets << 3)) - 1)) == 0;
  }

  /** Whether these octets are the string of this id. */

  @inline static isInterned(id: u32, p: usize, octets: u32): bool {
    const entry = entries + ((<usize>id) << 3);
    return load<u32>(entry, 4) == octets && Wide.equal(<usize>load<u32>(entry), p, octets);
  }
}

/** As `Wide.equal`, for where it is not worth its size. */
export function equal(a: usize, b: usize, octets: u32): bool {
  return Wide.equal(a, b, octets);
}

/** The id of a string, or 0 where it is not interned. A known string's `hash` is passed on to `admit`. */
export function find(p: usize, octets: u32, h: u32): u32 {
  let slot = h & (SLOTS - 1);
  for (let probe: u32 = 0; probe < PROBES; probe++) {
    const at = slots + ((<usize>slot) << 3);
    const id = load<u32>(at, 4);
    if (id == 0) return 0;
    if (load<u32>(at) == h) {
      const entry = entries + ((<usize>id) << 3);
      if (load<u32>(entry, 4) == octets && equal(<usize>load<u32>(entry), p, octets)) return id;
    }
    slot = (slot + 1) & (SLOTS - 1);
  }
  return 0;
}

/** Whether the string was at the door before; if not, it is now. */
export function seenBefore(h: u32): bool {
  const at = door + ((<usize>((h >> 8) & (DOOR - 1))) << 2);
  if (load<u32>(at) == h) return true;
  store<u32>(at, h);
  return false;
}

/** Gives a string an id; 0 where there is no room for it. */
export function admit(p: usize, octets: u32, h: u32): u32 {
  if (internIsFull()) return 0;
  let slot = h & (SLOTS - 1);
  for (let probe: u32 = 0; probe < PROBES; probe++) {
    const at = slots + ((<usize>slot) << 3);
    if (load<u32>(at, 4) == 0) {
      const entry = entries + ((<usize>count) << 3);
      memory.copy(storedEnd, p, octets);
      store<u32>(entry, <u32>storedEnd);
      store<u32>(entry, octets, 4);
      // Eight octets of distance, so that a wide compare of the last word stays inside the store.
      storedEnd += (octets + 8 + 7) & ~7;
      store<u32>(at, h);
      store<u32>(at, count, 4);
      return count++;
    }
    slot = (slot + 1) & (SLOTS - 1);
  }
  return 0;
}
