/** The output region: where the next octet goes, and the one place where room for it is checked. */
import * as Limit from "./generated/limits";
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

/** For who counts on his own: goes on at an address, which may lie up to the slack behind the region when it became full. */
export function goOn(address: usize): void {
  at = address;
  if (address > output + outputCapacity) full = true;
}

export function fail(): void {
  full = true;
}

export function position(): u32 {
  return <u32>(at - output);
}

/** Whether `octets` do not fit at an address that lies not further than the slack behind the region. */
export function lacks(address: usize, octets: u32): bool {
  const left = <u32>(output + outputCapacity + Limit.SLACK - address);
  return left < Limit.SLACK || octets > left - Limit.SLACK;
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

/** Octets from elsewhere in the memory. */
export function putOctets(from: usize, octets: u32): void {
  if (!reserve(octets)) return;
  Octets.copy(at, from, octets);
  at += octets;
}

export function publishEnd(): void {
  setState(State.OUTPUT_END, position());
}
