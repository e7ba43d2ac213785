/** Property lists without a fault: what `readContentHeader` makes of them, in fewer steps. What is wrong or rare here is left to it. */
import { PROPERTIES } from "./generated/properties";
import { guesses, isUnique } from "./content";
import { walkOrRewind } from "./fields";
import {
  APP_ID,
  CLUSTER_ID,
  CONTENT_ENCODING,
  CONTENT_TYPE,
  CORRELATION_ID,
  DELIVERY_MODE,
  EXPIRATION,
  HEADERS,
  MESSAGE_ID,
  PRIORITY,
  REPLY_TO,
  TIMESTAMP,
  TYPE,
  USER_ID,
} from "./generated/property-flags";
import { knownTable, learnTable } from "./known-tables";
import { Octets } from "./octets";
import { Strings, uniqueReference } from "./strings";
import { matching, notePattern } from "./table-patterns";
import { bottom, index, rewindTape, top } from "./tape";

/** Flags of the short strings before the header table, between the two octets and the timestamp, and at the end. */
export const FIRST_TEXTS: u32 = CONTENT_TYPE | CONTENT_ENCODING;
export const MIDDLE_TEXTS: u32 = CORRELATION_ID | REPLY_TO | EXPIRATION | MESSAGE_ID;
const RARE_TEXTS: u32 = CORRELATION_ID | REPLY_TO | EXPIRATION;
export const LAST_TEXTS: u32 = TYPE | USER_ID | APP_ID | CLUSTER_ID;

/** Class id 60 and weight 0, in the order of their octets; and octets of a content header before the first property. */
export const BASIC: u32 = 0x00003c00;
export const PROPERTY_LIST: u32 = 14;
/** More octets of a content header, or of a body, have no place in a word of the host's. */
export const HEADER_MAX: u32 = 0xffff;
export const BODY_MAX: u32 = 0x7fff;

const VALUES: usize = 24;
const EMPTIES: usize = VALUES + 3 * 4;
const RECORD_END: usize = VALUES + 4 * 4;
const TIME: usize = VALUES + 9 * 4;
const TIME_LOW: usize = VALUES + PROPERTIES * 4;
const TABLE: usize = VALUES + (PROPERTIES + 1) * 4;
const RECORD: usize = TABLE + 16;

/** Words of a table's place: its fields follow, or it is a known one, or one of a pattern; its number, where it has one, stands above. */
const FOLLOWS: u32 = 1;
const KNOWN: u32 = 2;
const PATTERN: u32 = 3;
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

/** Reads a short string to its slot, which is one of those that come most; answers what is behind it, or something beyond `end`. */
// @ts-ignore: decorator
@inline function readText(p: usize, end: usize, flag: u32, record: usize): usize {
  const octets = Octets.octet(p);
  // Signed: what is beyond the end already stays there.
  if (<i32>octets >= <i32>(end - p)) return end + 1;
  p += 1;
  const slot = (clz(flag) - 16) << 2;
  store<u32>(
    record + VALUES + slot,
    isUnique(slot >> 2) ? uniqueReference(p, octets) : Strings.guessed(guesses + slot, p, octets),
  );
  if (octets == 0) store<u32>(record, load<u32>(record, EMPTIES) | flag, EMPTIES);
  return p + octets;
}

/** Reads short strings to their slots; answers what is behind them, or something beyond `end`. */
function readTexts(p: usize, end: usize, texts: u32, record: usize): usize {
  while (texts != 0) {
    const property = clz(texts) - 16;
    texts ^= 0x8000 >> property;
    if (p >= end) return end + 1;
    const octets = Octets.octet(p);
    if (octets > <u32>(end - p) - 1) return end + 1;
    p += 1;
    const slot = (<usize>property) << 2;
    store<u32>(
      record + VALUES + slot,
      isUnique(property) ? uniqueReference(p, octets) : Strings.guessed(guesses + slot, p, octets),
    );
    if (octets == 0) store<u32>(record, load<u32>(record, EMPTIES) | (0x8000 >> property), EMPTIES);
    p += octets;
  }
  return p;
}

/**
 * Writes the rest of the record of a content header whose payload fills [payload, end), with its properties and its table's fields, and moves the tape's top behind it. Answers false where the list is not
 * right; what was written then is void.
 */
export function readUsualProperties(
  record: usize,
  payload: usize,
  end: usize,
  flags: u32,
  maxDepth: u32,
  maxFields: u32,
): bool {
  let scalars = flags;
  store<u32>(record, 0, EMPTIES);
  store<u64>(record, 0, TABLE + 8);
  rewindTape(record + RECORD, bottom);
  let p = payload + 14;
  if ((flags & CONTENT_TYPE) != 0) p = readText(p, end, CONTENT_TYPE, record);
  if ((flags & CONTENT_ENCODING) != 0) p = readTexts(p, end, CONTENT_ENCODING, record);
  if (p > end) return false;
  let table: usize = 0;
  if ((flags & HEADERS) != 0) {
    const left = <u32>(end - p);
    if (left < 4) return false;
    const octets = Octets.long(p);
    if (octets > left - 4) return false;
    p += 4;
    const known = knownTable(p, octets, maxFields);
    if (known != 0) {
      store<u32>(record, KNOWN | (known << 8), TABLE + 8);
    } else {
      const pattern = matching(p, octets, maxDepth, maxFields);
      if (pattern != 0) {
        store<u32>(record, PATTERN | (pattern << 8), TABLE + 8);
      } else {
        if (walkOrRewind(p, p + octets, false, maxDepth, maxFields) != 0) return false;
        // The fields may have left no room for the places of the strings behind them.
        if (bottom - top < PLACES) return false;
        store<u32>(record, FOLLOWS, TABLE + 8);
        table = p;
        notePattern(load<u32>(record + RECORD, 12), p, octets, maxDepth, maxFields);
      }
    }
    store<u32>(record, <u32>(p - payload), TABLE);
    store<u32>(record, octets, TABLE + 4);
    p += octets;
  }
  if ((flags & DELIVERY_MODE) != 0) scalars |= Octets.octet(p++) << 16;
  if ((flags & PRIORITY) != 0) scalars |= Octets.octet(p++) << 24;
  if ((flags & RARE_TEXTS) != 0) p = readTexts(p, end, flags & RARE_TEXTS, record);
  if ((flags & MESSAGE_ID) != 0) p = readText(p, end, MESSAGE_ID, record);
  if ((flags & TIMESTAMP) != 0) {
    store<u32>(record, Octets.long(p), TIME);
    store<u32>(record, Octets.long(p + 4), TIME_LOW);
    p += 8;
  }
  if ((flags & LAST_TEXTS) != 0) p = readTexts(p, end, flags & LAST_TEXTS, record);
  if (p != end) return false;
  // A number goes only to a table whose record stays: the host learns it from there.
  if (table != 0) {
    const head = record + RECORD;
    const number = learnTable(table, load<u32>(record, TABLE + 4), head + HEAD, load<u32>(head, 8));
    store<u32>(record, FOLLOWS | (number << 8), TABLE + 8);
  }
  store<u32>(record, scalars, 20);
  store<u32>(record, index(), RECORD_END);
  return true;
}
