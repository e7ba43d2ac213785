/** Single values, outside of any frame: what `encodeAs` and `decodeAs` of the face stand on. */
import * as State from "./generated/state";
import * as Type from "./generated/argument-types";
import { layouts } from "./generated/field-types";
import { input, setState } from "./memory";
import { Octets } from "./octets";

/**
 * How many octets the value of `type` at the input's beginning takes, of `length` that are there. Less than that many being there is
 * no error: `need` says how many are wanted. Answers 0 where that is so, or where a field's type octet is unknown (then `need` is 0).
 */
export function measureValue(type: u32, length: u32): u32 {
  let at: u32 = 0;
  let fixed: u32 = 0;
  let prefix: u32 = 0;
  if (type == Type.FIELD) {
    if (length == 0) return wanted(1);
    const layout: u32 = load<u8>(layouts + Octets.octet(input));
    if (layout == 255) return wanted(0);
    at = 1;
    if (layout <= 8) fixed = layout;
    else prefix = 4;
  } else if (type == Type.SHORTSTR) prefix = 1;
  else if (type == Type.BIT || type == Type.OCTET) fixed = 1;
  else if (type == Type.SHORT) fixed = 2;
  else if (type == Type.LONG) fixed = 4;
  else if (type == Type.LONGLONG || type == Type.TIMESTAMP) fixed = 8;
  else prefix = 4;

  if (length - at < fixed + prefix) return wanted(at + fixed + prefix);
  if (prefix == 0) return at + fixed;
  const octets = prefix == 1 ? Octets.octet(input) : Octets.long(input + at);
  at += prefix;
  if (octets > length - at) return wanted(octets > 0xffffffff - at ? 0xffffffff : at + octets);
  return at + octets;
}

function wanted(octets: u32): u32 {
  setState(State.NEED, octets);
  return 0;
}

/** The long at an offset of the input: what a host needs of a number that stands alone. */
export function longAt(offset: u32): u32 {
  return Octets.long(input + offset);
}

/** The short at an offset of the input. */
export function shortAt(offset: u32): u32 {
  return Octets.short(input + offset);
}

/** The octet at an offset of the input. */
export function octetAt(offset: u32): u32 {
  return Octets.octet(input + offset);
}
