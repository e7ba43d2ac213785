/** Property lists without a fault: what `readContentHeader` makes of them, in fewer steps. What is wrong or rare here is left to it. */
import { PROPERTIES } from "./generated/properties";
import * as Record from "./generated/records";
import { FOLLOWS, guesses, isUnique, valueWords } from "./content";
import { walkOrRewind } from "./fields";
import { knownTable, learnTable } from "./known-tables";
import { Octets } from "./octets";
import { Strings, uniqueReference } from "./strings";
import { tape } from "./memory";
import { bottom, index, rewindTape, top } from "./tape";

/** Flags of the short strings before the header table, between the two octets and the timestamp, and at the end. */
const FIRST_TEXTS: u32 = 0xc000;
export const HEADERS: u32 = 0x2000;
const DELIVERY_MODE: u32 = 0x1000;
const PRIORITY: u32 = 0x0800;
const MIDDLE_TEXTS: u32 = 0x0780;
const TIMESTAMP: u32 = 0x0040;
const LAST_TEXTS: u32 = 0x003c;

/** Octets of a content header's payload before its properties. */
export const PROPERTY_LIST: u32 = 14;
/** Class id 60, weight 0 and the high half of a size of 32 bits, in the order of their octets. */
export const BASIC: u64 = 0x00003c00;

const PLACE: usize = Record.LIST_PLACE << 2;
const END: usize = Record.LIST_END << 2;
const FIELDS: usize = Record.LIST_FIELDS << 2;
const EMPTIES: usize = Record.LIST_EMPTIES << 2;
const TABLE: usize = Record.LIST_TABLE << 2;
const TABLE_OCTETS: usize = Record.LIST_TABLE_OCTETS << 2;
const TABLE_ERROR: usize = Record.LIST_TABLE_ERROR << 2;
const VALUES: usize = Record.LIST_VALUES << 2;

/** Of a table's place: it is a known one; its number, where it has one, stands above. */
const KNOWN: u32 = 2;
/** Octets of a table's head on the tape. */
const HEAD: usize = 16;

/** The most that the places of a list's strings take at the tape's far end. */
const PLACES: usize = PROPERTIES * 8;

/** What `skipProperties` answers for a list that is not right. */
export const WRONG: u32 = 0xffffffff;

/** Passes by so many short strings; answers what is behind them, or something beyond `end`. */
function skipTexts(p: usize, end: usize, texts: i32): usize {
  for (; texts > 0; texts--) {
    if (p >= end) return end + 1;
    p += 1 + Octets.octet(p);
  }
  return p;
}

/** Whether a property list fills [p, end): answers its flags with delivery mode and priority, as a record has them, or `WRONG`. */
export function skipProperties(p: usize, end: usize, flags: u32): u32 {
  let scalars = flags;
  p = skipTexts(p, end, popcnt(flags & FIRST_TEXTS));
  if (p > end) return WRONG;
  if ((flags & HEADERS) != 0) {
    const left = <u32>(end - p);
    if (left < 4) return WRONG;
    const octets = Octets.long(p);
    if (octets > left - 4) return WRONG;
    p += 4 + octets;
  }
  // What stands behind the end is read, as far as the slack, and not used: the list is wrong then.
  if ((flags & DELIVERY_MODE) != 0) scalars |= Octets.octet(p++) << 16;
  if ((flags & PRIORITY) != 0) scalars |= Octets.octet(p++) << 24;
  p = skipTexts(p, end, popcnt(flags & MIDDLE_TEXTS));
  if ((flags & TIMESTAMP) != 0) p += 8;
  p = skipTexts(p, end, popcnt(flags & LAST_TEXTS));
  return p == end ? scalars : WRONG;
}

/** Where the value of the next property goes. */
let slot: usize = 0;

/** Reads short strings to the tape; answers what is behind them, or something beyond `end`. */
function readTexts(p: usize, end: usize, texts: u32, list: usize): usize {
  let to = slot;
  while (texts != 0) {
    const property = clz(texts) - 16;
    texts ^= 0x8000 >> property;
    if (p >= end) return end + 1;
    const octets = Octets.octet(p);
    if (octets > <u32>(end - p) - 1) return end + 1;
    p += 1;
    store<u32>(
      to,
      isUnique(property)
        ? uniqueReference(p, octets)
        : Strings.guessed(guesses + ((<usize>property) << 2), p, octets),
    );
    if (octets == 0) store<u32>(list, load<u32>(list, EMPTIES) | (0x8000 >> property), EMPTIES);
    to += 4;
    p += octets;
  }
  slot = to;
  return p;
}

/**
 * Writes the list of properties of a content header whose payload fills [payload, end), with its table's fields, and moves the tape's top behind it. Answers false where the list is not
 * right; what was written then is void.
 */
export function readUsualProperties(
  list: usize,
  payload: usize,
  end: usize,
  flags: u32,
  maxDepth: u32,
  maxFields: u32,
): bool {
  let scalars = flags;
  store<u32>(list, 0, EMPTIES);
  store<u32>(list, 0, TABLE_ERROR);
  slot = list + VALUES;
  const behind = slot + ((<usize>valueWords(flags)) << 2);
  rewindTape(behind, bottom);
  let p = readTexts(payload + 14, end, flags & FIRST_TEXTS, list);
  if (p > end) return false;
  let place: u32 = 0;
  if ((flags & HEADERS) != 0) {
    const left = <u32>(end - p);
    if (left < 4) return false;
    const octets = Octets.long(p);
    if (octets > left - 4) return false;
    p += 4;
    const known = knownTable(p, octets);
    if (known != 0) {
      place = KNOWN | (known << 8);
    } else {
      if (walkOrRewind(p, p + octets, false, maxDepth, maxFields) != 0) return false;
      // The fields may have left no room for the places of the strings behind them.
      if (bottom - top < PLACES) return false;
      place = FOLLOWS | (learnTable(p, octets, behind + HEAD, load<u32>(behind, 8)) << 8);
    }
    store<u32>(list, <u32>(p - payload), TABLE);
    store<u32>(list, octets, TABLE_OCTETS);
    p += octets;
  }
  if ((flags & DELIVERY_MODE) != 0) scalars |= Octets.octet(p++) << 16;
  if ((flags & PRIORITY) != 0) scalars |= Octets.octet(p++) << 24;
  if ((flags & MIDDLE_TEXTS) != 0) p = readTexts(p, end, flags & MIDDLE_TEXTS, list);
  if ((flags & TIMESTAMP) != 0) {
    store<u32>(slot, Octets.long(p));
    store<u32>(slot, Octets.long(p + 4), 4);
    slot += 8;
    p += 8;
  }
  if ((flags & LAST_TEXTS) != 0) p = readTexts(p, end, flags & LAST_TEXTS, list);
  if (p != end) return false;
  store<u32>(list, scalars);
  store<u32>(list, place, PLACE);
  store<u32>(list, index(), END);
  store<u32>(list, (<u32>(behind - tape)) >> 2, FIELDS);
  return true;
}
