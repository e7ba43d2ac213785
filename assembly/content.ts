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
/** The flags that stand for a property. */
const ANNOUNCED: u32 = ((1 << PROPERTIES) - 1) << (16 - PROPERTIES);

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
  const values = head + 24;
  // The delivery mode stands beside the flags; its slot tells which strings are there but empty.
  const empties = values + 12;
  // The priority's slot tells where the record ends.
  const recordEnd = values + 16;
  // Words behind the property slots: timestamp's low half, then the table's offset and octets, whether its fields follow, and the code of its error.
  const place = values + ((PROPERTIES + 1) << 2);
  if (full) {
    // Slots of properties that the flags do not announce keep what stood there: nobody reads them.
    Tape.advance(PROPERTIES + 11);
    store<u32>(empties, 0);
    store<u64>(place, 0, 8);
  } else {
    Tape.advance(6);
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
    const slot = values + ((<usize>i) << 2);
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
        if (octets == 0) store<u32>(empties, load<u32>(empties) | (0x8000 >> i));
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
        store<u32>(values + (PROPERTIES << 2), Octets.long(p + 4));
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
  store<u32>(head, scalars, 20);
  if (p != end) {
    errorProperty = -1;
    return fail(Failure.OCTETS_LEFT, p);
  }
  if (full) store<u32>(recordEnd, index());
  if (table == 0) return 0;

  if (full) {
    store<u32>(place, <u32>(table - start));
    store<u32>(place, <u32>(tableEnd - table), 4);
  }
  let code: u32 = 0;
  if (full && !exact) {
    code = walkOrRewind(table, tableEnd, false, maxDepth, maxFields);
    if (code == TAPE_FULL) return code;
    store<u32>(place, code == 0 ? 1 : 0, 8);
    store<u32>(recordEnd, index());
  } else if (strict) {
    code = walk(table, tableEnd, false, maxDepth, maxFields, false);
  }
  if (code == 0) return 0;
  errorProperty = 2;
  inHeaders = true;
  propertyErrorDepth = errorDepth;
  if (!strict && full) {
    store<u32>(place, code, 12);
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
