/** A method's arguments in wire order, by the signature table (section 4.2.4): octets to tape. */
import * as Failure from "./generated/decode-errors";
import * as Type from "./generated/argument-types";
import { methodIds, METHODS, methodsInOrder, signatures, signatureStarts } from "./generated/signatures";
import { errorAt, TAPE_FULL, walk } from "./fields";
import { input } from "./memory";
import { Octets } from "./octets";
import { isUtf8, reference } from "./strings";
import { bottom, hasRoomForRecord, rewindTape, Tape, top } from "./tape";

/** Place in the signature of the argument that the last read could not take. */
export let errorArgument: i32 = -1;
/** Where it stands. */
export let argumentErrorAt: usize = 0;
/** Where the last read stopped. */
export let argumentsEnd: usize = 0;
/** Whether the error is in a table's fields. */
export let inTable: bool = false;

/** Dense index of a method, -1 where there is none. */
export function methodIndex(ids: u32): i32 {
  let from: u32 = 0;
  let to: u32 = METHODS;
  while (from < to) {
    const middle = (from + to) >> 1;
    const method: u32 = load<u8>(methodsInOrder + middle);
    const there = load<u32>(methodIds + ((<usize>method) << 2));
    if (there == ids) return <i32>method;
    if (there < ids) from = middle + 1;
    else to = middle;
  }
  return -1;
}

/** Reads the arguments in [p, end) to the tape. Answers 0, an error code, or TAPE_FULL. */
export function readArguments(
  method: u32,
  p: usize,
  end: usize,
  maxDepth: u32,
  maxFields: u32,
  writeTables: bool,
): u32 {
  let at = signatures + load<u16>(signatureStarts + ((<usize>method) << 1));
  const carriesContent = load<u8>(at) != 0;
  at += 1;
  errorArgument = -1;
  inTable = false;
  let to = top;
  for (;;) {
    const type: u32 = load<u8>(at);
    if (type == Type.END) break;
    at += 1;
    let word: u32 = 0;
    errorArgument += 1;
    argumentErrorAt = p;
    const left = <u32>(end - p);
    if (type == Type.SHORTSTR) {
      if (left < 1) return Failure.VALUE_CUT;
      const octets = Octets.octet(p);
      if (octets > left - 1) return Failure.STRING_LENGTH;
      p += 1;
      if (!carriesContent && !isUtf8(p, p + octets)) return Failure.STRING_UTF8;
      word = reference(p, octets);
      p += octets;
    } else if (type == Type.OCTET || type == Type.BIT) {
      if (left < 1) return Failure.VALUE_CUT;
      word = Octets.octet(p);
      p += 1;
    } else if (type == Type.SHORT) {
      if (left < 2) return Failure.VALUE_CUT;
      word = Octets.short(p);
      p += 2;
    } else if (type == Type.LONG) {
      if (left < 4) return Failure.VALUE_CUT;
      word = Octets.long(p);
      p += 4;
    } else if (type == Type.LONGLONG) {
      if (left < 8) return Failure.VALUE_CUT;
      store<u32>(to, Octets.long(p));
      to += 4;
      word = Octets.long(p + 4);
      p += 8;
    } else {
      if (left < 4) return Failure.VALUE_CUT;
      const octets = Octets.long(p);
      if (octets > left - 4) return type == Type.TABLE ? Failure.TABLE_LENGTH : Failure.STRING_LENGTH;
      p += 4;
      if (type == Type.LONGSTR) {
        word = reference(p, octets);
      } else {
        rewindTape(to, bottom);
        const code = readTable(p, p + octets, maxDepth, maxFields, writeTables);
        if (code != 0) return code;
        // The fields may have left no room for the arguments behind them and the places of their strings.
        if (load<u8>(at) != Type.END && !hasRoomForRecord()) return TAPE_FULL;
        to = top;
        p += octets;
        continue;
      }
      p += octets;
    }
    store<u32>(to, word);
    to += 4;
  }
  rewindTape(to, bottom);
  argumentsEnd = p;
  return 0;
}

function readTable(p: usize, end: usize, maxDepth: u32, maxFields: u32, write: bool): u32 {
  const code = walk(p, end, false, maxDepth, maxFields, write);
  if (code != 0) {
    argumentErrorAt = errorAt;
    inTable = true;
    return code;
  }
  if (!write) {
    Tape.push(<u32>(p - input));
    Tape.push(<u32>(end - p));
    Tape.push(0);
    Tape.push(0);
  }
  return 0;
}
