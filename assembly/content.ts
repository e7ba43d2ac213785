/**
 * Content headers (section 4.2.6.1): class id, weight, body size, property flags and the properties they announce.
 *
 *     0          2        4           12               14
 *     +----------+--------+-----------+----------------+------------------+
 *     | class id | weight | body size | property flags | property list... |
 *     +----------+--------+-----------+----------------+------------------+
 *        short     short    longlong       short
 */
import * as Failure from "./generated/decode-errors";
import * as Kind from "./generated/kinds";
import * as Type from "./generated/argument-types";
import { propertyTypes, PROPERTIES } from "./generated/properties";
import * as Record from "./generated/records";
import { errorAt, errorDepth, TAPE_FULL, walk, walkOrRewind } from "./fields";
import { Octets } from "./octets";
import { Strings, uniqueReference } from "./strings";
import { index, Tape, top } from "./tape";

/** Property that the last read could not take, and where it stands. */
export let errorProperty: i32 = -1;
export let propertyErrorAt: usize = 0;
/** Levels of the table stack that were open at the error; 0 where it is not in the header table. */
export let propertyErrorDepth: u32 = 0;
export let inHeaders: bool = false;

/** By property: the id of the string that it had last. */
export const guesses: usize = memory.data(PROPERTIES * 4, 4);

const BASIC: u32 = 60;
const PROPERTY_LIST: usize = 14;
const PLACE: usize = Record.LIST_PLACE << 2;
const END: usize = Record.LIST_END << 2;
const FIELDS: usize = Record.LIST_FIELDS << 2;
const EMPTIES: usize = Record.LIST_EMPTIES << 2;
const TABLE: usize = Record.LIST_TABLE << 2;
const TABLE_OCTETS: usize = Record.LIST_TABLE_OCTETS << 2;
const TABLE_ERROR: usize = Record.LIST_TABLE_ERROR << 2;
/** Of a table's place: its head and fields follow. */
export const FOLLOWS: u32 = 1;
/** Flags of strings, and of the timestamp. */
const TEXTS: u32 = 0xc7bc;
const TIMESTAMP: u32 = 0x0040;
/** The flags that stand for a property. */
const ANNOUNCED: u32 = ((1 << PROPERTIES) - 1) << (16 - PROPERTIES);

/** Words that the values of a list take on the tape. */
export function valueWords(flags: u32): u32 {
  return popcnt(flags & TEXTS) + ((flags & TIMESTAMP) >> 5);
}

function fail(code: u32, at: usize): u32 {
  propertyErrorAt = at;
  return code;
}

/**
 * Reads the content header's payload in [p, end) to the tape: `head` is the first word of its record, `offset` the frame's. With `full`
 * the properties follow; a wrong header table is an error only with `strict`. Answers 0, an error code, or TAPE_FULL.
 */
export function readContentHeader(
  channel: u32,
  offset: u32,
  p: usize,
  end: usize,
  full: bool,
  strict: bool,
  exact: bool,
  maxDepth: u32,
  maxFields: u32,
): u32 {
  const start = p;
  const size = <u32>(end - p);
  errorProperty = -1;
  inHeaders = false;
  if (size < 12) return fail(Failure.HEADER_CUT, p);
  if (Octets.short(p) != BASIC) return fail(Failure.HEADER_CLASS, p);
  if (Octets.short(p + 2) != 0) return fail(Failure.HEADER_WEIGHT, p + 2);
  if (size < 14) return fail(Failure.VALUE_CUT, p + 12);
  const flags = Octets.short(p + 12);
  if (flags & 1) return fail(Failure.PROPERTY_FLAGS, p + 12);

  const head = top;
  Tape.head(full ? Kind.PROPERTIES : Kind.HEADER, channel, offset, size);
  store<u32>(head, Octets.long(p + 4), 12);
  store<u32>(head, Octets.long(p + 8), 16);
  const list = head + (<usize>Record.HEADER_LIST << 2);
  let slot = list + (<usize>Record.LIST_VALUES << 2);
  if (full) {
    store<u32>(list, 0, PLACE);
    store<u32>(list, 0, EMPTIES);
    store<u32>(list, 0, TABLE_ERROR);
    Tape.advance(Record.HEADER_LIST + Record.LIST_VALUES + valueWords(flags));
  } else {
    Tape.advance(Record.HEADER_WORDS);
  }

  p += PROPERTY_LIST;
  let table: usize = 0;
  let tableEnd: usize = 0;
  let scalars = flags;
  for (let rest = flags & ANNOUNCED; rest != 0;) {
    const i = clz(rest) - 16;
    rest ^= 0x8000 >> i;
    errorProperty = <i32>i;
    const type: u32 = load<u8>(propertyTypes + i);
    const left = <u32>(end - p);
    if (type == Type.SHORTSTR) {
      if (left < 1) return fail(Failure.VALUE_CUT, p);
      const octets = Octets.octet(p);
      if (octets > left - 1) return fail(Failure.STRING_LENGTH, p);
      p += 1;
      if (full) {
        store<u32>(
          slot,
          isUnique(i) ? uniqueReference(p, octets) : Strings.guessed(guesses + ((<usize>i) << 2), p, octets),
        );
        slot += 4;
        if (octets == 0) store<u32>(list, load<u32>(list, EMPTIES) | (0x8000 >> i), EMPTIES);
      }
      p += octets;
    } else if (type == Type.OCTET) {
      if (left < 1) return fail(Failure.VALUE_CUT, p);
      scalars |= Octets.octet(p) << (i == 3 ? 16 : 24);
      p += 1;
    } else if (type == Type.TIMESTAMP) {
      if (left < 8) return fail(Failure.VALUE_CUT, p);
      if (full) {
        store<u32>(slot, Octets.long(p));
        store<u32>(slot, Octets.long(p + 4), 4);
        slot += 8;
      }
      p += 8;
    } else {
      if (left < 4) return fail(Failure.VALUE_CUT, p);
      const octets = Octets.long(p);
      if (octets > left - 4) return fail(Failure.TABLE_LENGTH, p);
      p += 4;
      table = p;
      tableEnd = p + octets;
      p = tableEnd;
    }
  }
  store<u32>(list, scalars);
  if (p != end) {
    errorProperty = -1;
    return fail(Failure.OCTETS_LEFT, p);
  }
  if (full) store<u32>(list, index(), END);
  if (table == 0) return 0;

  if (full) {
    store<u32>(list, <u32>(table - start), TABLE);
    store<u32>(list, <u32>(tableEnd - table), TABLE_OCTETS);
  }
  let code: u32 = 0;
  if (full && !exact) {
    code = walkOrRewind(table, tableEnd, false, maxDepth, maxFields);
    if (code == TAPE_FULL) return code;
    store<u32>(list, load<u32>(list, END), FIELDS);
    store<u32>(list, index(), END);
    store<u32>(list, code == 0 ? FOLLOWS : 0, PLACE);
  } else if (strict) {
    code = walk(table, tableEnd, false, maxDepth, maxFields, false);
  }
  if (code == 0) return 0;
  errorProperty = 2;
  inHeaders = true;
  propertyErrorDepth = errorDepth;
  if (!strict && full) {
    store<u32>(list, code, TABLE_ERROR);
    propertyErrorAt = errorAt;
    return 0;
  }
  return fail(code, errorAt);
}

/** The ids that were guessed are void once the intern table is cleared. */
export function clearPropertyGuesses(): void {
  memory.fill(guesses, 0, PROPERTIES * 4);
}

/** Correlation id, expiration and message id: interning what never comes again would only push out what does. */
export function isUnique(property: u32): bool {
  return property == 5 || property == 7 || property == 8;
}
