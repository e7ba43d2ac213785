/** The output region: where the next octet goes, and the one place where room for it is checked. */
import { output, outputCapacity, setState } from "./memory";
import { Octets } from "./octets";
import * as State from "./generated/state";

export let at: usize = 0;
/** Set where something did not fit; what was written since is void. */
export let full: bool = false;

export function moveTo(position: u32): void {
  at = output + position;
  full = false;
}

export function position(): u32 {
  return <u32>(at - output);
}

export function reserve(octets: u32): bool {
  if (octets <= outputCapacity - position()) return true;
  full = true;
  return false;
}

export function skip(octets: u32): void {
  at += octets;
}

export function putOctet(value: u32): void {
  if (!reserve(1)) return;
  Octets.putOctet(at, value);
  at += 1;
}

export function putShort(value: u32): void {
  if (!reserve(2)) return;
  Octets.putShort(at, value);
  at += 2;
}

export function putLong(value: u32): void {
  if (!reserve(4)) return;
  Octets.putLong(at, value);
  at += 4;
}

/** Octets from elsewhere in the memory. Short ones are copied in words that may pass their end: the next value overwrites what is too much. */
export function putOctets(from: usize, octets: u32): void {
  if (!reserve(octets)) return;
  if (octets <= 32) {
    for (let i: u32 = 0; i < octets; i += 8) store<u64>(at + i, load<u64>(from + i, 0, 1), 0, 1);
  } else {
    memory.copy(at, from, octets);
  }
  at += octets;
}

export function putLongAt(where: usize, value: u32): void {
  Octets.putLong(where, value);
}

export function publishEnd(): void {
  setState(State.OUTPUT_END, position());
}
