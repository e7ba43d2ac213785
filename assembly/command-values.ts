/** Values of command words (spec/abi.js says how they stand there) to octets of the output. */
import * as Command from "./generated/commands";
import * as Limit from "./generated/limits";
import * as Type from "./generated/argument-types";
import { layouts } from "./generated/field-types";
import { levels } from "./memory";
import { Octets } from "./octets";
import { at, full, goOn, lacks, fail, putLong, putOctet, putOctets, putShort } from "./output";

const LEVEL: usize = Limit.LEVEL_WORDS * 4;
/** `S`, a long string. */
const STRING: u32 = 0x53;
const LEFT: usize = 0;
const START: usize = 4;
const IS_ARRAY: usize = 8;
const KEY: usize = 8;
const WORDS: usize = 12;
/** First words of fields that hold others. */
const TABLE_WITHIN: u32 = 0x4600;
const ARRAY_WITHIN: u32 = 0x4100;

/** The next command word. */
export let word: usize = 0;

export function readFrom(words: usize): void {
  word = words;
}

export function next(): u32 {
  const value = load<u32>(word);
  word += 4;
  return value;
}

function putShortstr(): void {
  const text = next();
  if (text <= Command.MOST_SHORT) {
    putOctet(text);
    putOctets(next(), text);
  } else {
    putOctets(text, load<u8>(text) + 1);
  }
}

function putLongstr(): void {
  const from = next();
  const octets = next();
  putLong(octets);
  putOctets(from, octets);
}

function putLonglong(): void {
  putLong(next());
  putLong(next());
}

/** A table's or array's length and fields, by an explicit stack. */
export function putContainer(array: bool): void {
  const from = next();
  let left = next();
  if (from != 0) {
    putLong(left);
    putOctets(from, left);
    return;
  }
  let level = levels;
  let isArray = array;
  let start = at;
  putLong(0);
  for (;;) {
    while (left == 0) {
      if (full) return;
      Octets.putLong(start, <u32>(at - start) - 4);
      if (level == levels) return;
      level -= LEVEL;
      left = load<u32>(level + LEFT);
      start = load<u32>(level + START);
      isArray = load<u32>(level + IS_ARRAY) != 0;
    }
    left -= 1;
    if (isArray) word += 4;
    else putShortstr();
    const type = next();
    putOctet(type);
    const layout: u32 = load<u8>(layouts + type);
    if (layout == 8) {
      putLonglong();
    } else if (layout == 9) {
      putLongstr();
    } else if (layout < 8) {
      const first = next();
      const second = next();
      if (layout == 4) putLong(first);
      else if (layout == 1) putOctet(first);
      else if (layout == 2) putShort(first);
      else if (layout == 5) {
        putOctet(first);
        putLong(second);
      }
    } else {
      const encoded = next();
      const count = next();
      if (encoded != 0) {
        putLong(count);
        putOctets(encoded, count);
        continue;
      }
      store<u32>(level + LEFT, left);
      store<u32>(level + START, <u32>start);
      store<u32>(level + IS_ARRAY, isArray ? 1 : 0);
      level += LEVEL;
      start = at;
      isArray = layout == 10;
      left = count;
      putLong(0);
    }
    if (full) return;
  }
}

/** Type octet and value of a shape's field. Answers where they end, 0 where they have no room. */
// @ts-ignore: decorator
@inline
export function putField(p: usize, first: u32, second: u32): usize {
  if (first > 0xffff) {
    // A text at its length octet.
    const length: u32 = load<u8>(first);
    Octets.putOctet(p, STRING);
    Octets.putLong(p + 1, length);
    if (lacks(p + 5, length)) return 0;
    Octets.copy(p + 5, first + 1, length);
    return p + 5 + length;
  }
  const type = first >>> 8;
  Octets.putOctet(p, type);
  const layout: u32 = load<u8>(layouts + type);
  if (layout == 1) {
    Octets.putOctet(p + 1, first);
  } else if (layout == 9) {
    let length = first & 0xff;
    if (length == 0) {
      length = load<u32>(second);
      second += 4;
    }
    Octets.putLong(p + 1, length);
    if (lacks(p + 5, length)) return 0;
    Octets.copy(p + 5, second, length);
    return p + 5 + length;
  } else if (layout == 2) {
    Octets.putShort(p + 1, second);
  } else if (layout == 4) {
    Octets.putLong(p + 1, second);
  } else if (layout == 8) {
    Octets.putLong(p + 1, load<u32>(second));
    Octets.putLong(p + 5, load<u32>(second, 4));
  }
  return p + layout + 1;
}

/** Whether the words of a field say that it is a table or an array, whose own words stand elsewhere. */
// @ts-ignore: decorator
@inline
export function isWithin(first: u32): bool {
  return first == TABLE_WITHIN || first == ARRAY_WITHIN;
}

/** A table whose keys are those of a shape, or an array, with all that is within it, by an explicit stack. Its words begin at `w`, and end at `word` then. Answers where its octets end, 0 where they have no room. */
export function putShaped(p: usize, w: usize): usize {
  let level = levels;
  let start: usize = 0;
  let key: usize = 0;
  let left: u32 = 0;
  let begins = true;
  while (true) {
    if (begins) {
      // The address of a shape, or the number of an array's elements.
      left = load<u32>(w);
      key = 0;
      if (left > Command.MOST_SHORT) {
        key = left + 4;
        left = load<u32>(left);
      }
      w += 4;
      start = p;
      p += 4;
      begins = false;
    }
    while (left == 0) {
      Octets.putLong(start, <u32>(p - start) - 4);
      if (level == levels) {
        word = w;
        return p;
      }
      level -= LEVEL;
      left = load<u32>(level + LEFT);
      start = load<u32>(level + START);
      key = load<u32>(level + KEY);
      w = load<u32>(level + WORDS);
    }
    left -= 1;
    const octets: u32 = key == 0 ? 0 : <u32>load<u8>(key) + 1;
    if (lacks(p, octets)) return 0;
    if (octets != 0) {
      Octets.copy(p, key, octets);
      key += octets;
      p += octets;
    }
    const first = load<u32>(w);
    const second = load<u32>(w, 4);
    w += 8;
    if (isWithin(first)) {
      Octets.putOctet(p, first >>> 8);
      p += 1;
      store<u32>(level + LEFT, left);
      store<u32>(level + START, <u32>start);
      store<u32>(level + KEY, <u32>key);
      store<u32>(level + WORDS, <u32>w);
      level += LEVEL;
      w = second;
      begins = true;
    } else {
      p = putField(p, first, second);
      if (p == 0) return 0;
    }
  }
}

export function putTable(): void {
  if (load<u32>(word) == 0) {
    word += 4;
    putContainer(false);
    return;
  }
  const p = putShaped(at, word);
  if (p == 0) fail();
  else goOn(p);
}

export function putValue(type: u32): void {
  if (type == Type.SHORTSTR) putShortstr();
  else if (type == Type.OCTET || type == Type.BIT) putOctet(next());
  else if (type == Type.SHORT) putShort(next());
  else if (type == Type.LONG) putLong(next());
  else if (type == Type.LONGLONG || type == Type.TIMESTAMP) putLonglong();
  else if (type == Type.LONGSTR) putLongstr();
  else if (type == Type.TABLE) putTable();
  else putContainer(true);
}
