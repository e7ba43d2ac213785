/**
 * Deliveries and publishes that repeat but for their delivery tag: the octets of the last ones, and the words that the tape got for them. Wide comparisons then take the
 * place of a look-up for each string. What is remembered holds ids, and is void once the intern table is cleared.
 */
import { BASIC_DELIVER_IDS } from "./generated/signatures";
import { Wide } from "./intern";
import { Octets } from "./octets";
import { top } from "./tape";

const ENTRIES: u32 = 64;
const WORDS: u32 = 8;
const OCTETS: u32 = 176;
/** Size of the payload, octets before the tag, words, octets. */
const ENTRY: usize = 8 + WORDS * 4 + OCTETS + 8;
const ENTRY_WORDS: usize = 8;
const ENTRY_OCTETS: usize = 8 + WORDS * 4;
const TAG: u32 = 8;
/** Of a delivery's record behind method and consumer tag. */
const TAG_WORD: usize = 8;
const FACTOR: u64 = 0x9e3779b97f4a7c15;

const entries: usize = memory.data(<i32>ENTRY * ENTRIES, 16);

export function forgetRepetitions(): void {
  memory.fill(entries, 0, ENTRY * ENTRIES);
}

/** Octets before the delivery tag; all of them where there is none. */
function beforeTag(ids: u32, p: usize, size: u32): u32 {
  if (ids != BASIC_DELIVER_IDS) return size;
  const before: u32 = 5 + Octets.octet(p + 4);
  return before + TAG < size ? before : 0;
}

/** Where such a payload is remembered: by its first octets and its last, the tag left out. */
function entryOf(p: usize, size: u32, before: u32): usize {
  const behind = before == size ? size : size - before - TAG;
  let last = load<u64>(p + size - 8, 0, 1);
  if (behind < 8) last >>= <u64>((8 - behind) << 3);
  let first = load<u64>(p + 4, 0, 1);
  if (before < 12) first &= ((<u64>1) << ((before - 4) << 3)) - 1;
  const h = ((first * FACTOR) ^ last ^ size) * FACTOR;
  return entries + <usize>(h >> 58) * ENTRY;
}

/** Where to remember the payload that `recall` was asked for and did not know; 0 for one that is too long or too short. */
export let unknown: usize = 0;
let unknownBefore: u32 = 0;
/** The entry that was right the last time. */
let recent: usize = entries;

/** Whether the octets of a payload are those of an entry of the same sizes, but for the tag. */
// @ts-ignore: decorator
@inline function isAlike(entry: usize, p: usize, size: u32, before: u32): bool {
  const octets = entry + ENTRY_OCTETS;
  if (!Wide.equal(octets, p, before)) return false;
  const behind = before + TAG;
  return before == size || Wide.equal(octets + behind, p + behind, size - behind);
}

/** Whether a payload of this size is an entry's, but for its tag, before which so many octets stand. */
function isEntry(entry: usize, p: usize, size: u32, before: u32): bool {
  return load<u32>(entry) == size && load<u32>(entry, 4) == before && isAlike(entry, p, size, before);
}

/** The entry of a payload, 0 where it is not known. */
export function recall(ids: u32, p: usize, size: u32): usize {
  unknown = 0;
  if (size - 9 > OCTETS - 9) return 0;
  const before = beforeTag(ids, p, size);
  if (before == 0) return 0;
  if (isEntry(recent, p, size, before)) return recent;
  const entry = entryOf(p, size, before);
  if (!isEntry(entry, p, size, before)) {
    unknown = entry;
    unknownBefore = before;
    return 0;
  }
  recent = entry;
  return entry;
}

/** Whether an entry is that of a delivery, which has a tag. */
// @ts-ignore: decorator
@inline export function hasTag(entry: usize): bool {
  return load<u32>(entry, 4) != load<u32>(entry);
}

/** Where the tag stands of a payload with this entry. */
// @ts-ignore: decorator
@inline export function tagAt(entry: usize, p: usize): usize {
  return p + load<u32>(entry, 4);
}

/** Writes what stands behind the head of the record of a payload that is known; answers the octets that it takes. */
export function repeat(entry: usize, p: usize, to: usize): usize {
  const before = load<u32>(entry, 4);
  store<u64>(to, load<u64>(entry, ENTRY_WORDS));
  store<u64>(to, load<u64>(entry, ENTRY_WORDS + 8), 8);
  store<u64>(to, load<u64>(entry, ENTRY_WORDS + 16), 16);
  if (before == load<u32>(entry)) return 20;
  store<u32>(to, load<u32>(entry, ENTRY_WORDS + 24), 24);
  store<u32>(to, Octets.long(p + before), TAG_WORD);
  store<u32>(to, Octets.long(p + before + 4), TAG_WORD + 4);
  return 28;
}

/** Remembers what stands behind the record's head, where all its strings have ids. */
export function remember(p: usize, size: u32, head: usize): void {
  const words = (<u32>(top - head)) >> 2;
  const strings = unknownBefore == size ? head + 8 : head + 20;
  if (<i32>(load<u32>(strings) | load<u32>(strings, 4) | load<u32>(head, 4)) < 0) return;
  store<u32>(unknown, size);
  store<u32>(unknown, unknownBefore, 4);
  memory.copy(unknown + ENTRY_WORDS, head, words << 2);
  memory.copy(unknown + ENTRY_OCTETS, p, size);
}
