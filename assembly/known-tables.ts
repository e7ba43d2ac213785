/**
 * Whole header tables that come again and again: the octets of some, by a hash of all of them. A table that is known is one number on the tape, and the host copies what it made of it the first time. A program
 * whose tables are all new (trace ids) is found out, and asked only now and then.
 */
import * as Limit from "./generated/limits";
import { integers } from "./generated/field-types";
import { equal, Wide } from "./intern";

const OCTETS_MAX: u32 = 232;
/** Hash, octets, the octets and what a wide load may take behind them. */
const ENTRY: usize = 256;
const ENTRY_OCTETS: usize = 8;
const FACTOR: u64 = 0x9e3779b97f4a7c15;
const OTHER: u64 = 0xd6e8feb86659fd93;
const FIELD: usize = Limit.FIELD_WORDS * 4;
const SHIFT: u64 = 58; // 64 - log2 of the entries

// Aligned so that two neighbours differ in one bit of their address.
const entries: usize = memory.data(<i32>ENTRY * Limit.KNOWN_TABLES, 512);

/** Tables that were new in a row less those that were known, and tables to pass by before the next is looked up. */
let misses: i32 = 0;
let passing: u32 = 0;
const MISSES_MAX: i32 = 64;
const PASSING: u32 = 1024;

/** Where the table that `knownTable` did not know may be put; 0 for nowhere. */
let free: usize = 0;
let freeHash: u32 = 0;

export function clearKnownTables(): void {
  memory.fill(entries, 0, ENTRY * Limit.KNOWN_TABLES);
}

/** More than the fields of any table that is known: each takes two octets at least. */
const FIELDS_MAX: u32 = OCTETS_MAX / 2;

/** The number of a table whose fields are these, from 1 on; 0 for one that is not known, or that a reader with so low a limit on fields must look at. */
// @ts-ignore: decorator
@inline export function knownTable(p: usize, octets: u32, maxFields: u32): u32 {
  free = 0;
  if (octets - 8 > OCTETS_MAX - 8 || maxFields < FIELDS_MAX) return 0;
  if (passing != 0) {
    passing -= 1;
    return 0;
  }
  // Products that do not wait for each other: of two words each, the last of which are looked at twice.
  let a: u64 = octets;
  const end = p + octets - 8;
  const last = octets < 16 ? p : end - 8;
  for (let at = p; at < last; at += 16) {
    a = rotl(a, 7) + (load<u64>(at, 0, 1) ^ FACTOR) * (load<u64>(at, 8, 1) ^ OTHER);
  }
  a = rotl(a, 7) + (load<u64>(last, 0, 1) ^ FACTOR) * (load<u64>(end, 0, 1) ^ OTHER);
  a = (a ^ (a >> 32)) * FACTOR;
  const hash = (<u32>(a >> 24)) | 1;
  const first = entries + <usize>(a >> SHIFT) * ENTRY;
  const second = first ^ ENTRY;
  if (isAt(first, hash, p, octets)) return known(first);
  if (load<u32>(second) == hash && load<u32>(second, 4) == octets && equal(second + ENTRY_OCTETS, p, octets))
    return known(second);
  free = load<u32>(first) != hash && takesRather(second, first, hash) ? second : first;
  freeHash = hash;
  misses += 1;
  if (misses == MISSES_MAX) {
    misses = MISSES_MAX / 2;
    passing = PASSING;
  }
  return 0;
}

// @ts-ignore: decorator
@inline function isAt(entry: usize, hash: u32, p: usize, octets: u32): bool {
  return load<u32>(entry) == hash && load<u32>(entry, 4) == octets && Wide.equal(entry + ENTRY_OCTETS, p, octets);
}

/** Whether a table that neither knows is put into the second: because it was met there, or because more would be lost in the first. */
function takesRather(second: usize, first: usize, hash: u32): bool {
  const there = load<u32>(second);
  if (there == hash) return true;
  if (load<u32>(first) == 0) return false;
  return there == 0 || (load<u32>(first, 4) != 0 && load<u32>(second, 4) == 0);
}

function known(entry: usize): u32 {
  if (misses > 0) misses -= 1;
  return <u32>((entry - entries) / ENTRY) + 1;
}

/** Whether each field at `at` has a value that another table may share: no string that is another one in the next read, no object. */
function repeats(at: usize, fields: u32): bool {
  for (; fields > 0; fields--, at += FIELD) {
    const type: u32 = load<u8>(at, 4);
    if (<i32>load<u32>(at) < 0) return false;
    if (type == 0x53) {
      if (<i32>load<u32>(at, 8) < 0) return false;
    } else if (type != 0x74 && type != 0x56 && load<u8>(integers + type) == 0) return false;
  }
  return true;
}

/**
 * Gives the table that `knownTable` was asked for last a number, if it was met before and its fields, so many on the tape at `at`, are of the kind: answers it, or 0.
 */
export function learnTable(p: usize, octets: u32, at: usize, fields: u32): u32 {
  if (free == 0) return 0;
  if (load<u32>(free) != freeHash || load<u32>(free, 4) != 0) {
    // The first time its hash takes the place; who stood there is forgotten.
    store<u32>(free, freeHash);
    store<u32>(free, 0, 4);
    return 0;
  }
  if (!repeats(at, fields)) return 0;
  store<u32>(free, octets, 4);
  memory.copy(free + ENTRY_OCTETS, p, octets);
  return <u32>((free - entries) / ENTRY) + 1;
}
