/** Octets into the input region, and calls of the core that begin with them. */
import type { Core } from "./core.js";
import { EncodeError } from "./errors.js";
import { Status } from "./generated/status.js";
import { kind } from "./kind.js";

/** Any view of octets as a plain `Uint8Array`; `Buffer` is one. @throws EncodeError for everything else. */
export function asOctets(value: Uint8Array | ArrayBuffer): Uint8Array {
  if (value instanceof Uint8Array && value.constructor === Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  // A Buffer's slice is a view, where ours must be copies; octets of another realm (a frame, a worker's vm context) are no instance of ours.
  if (ArrayBuffer.isView(value)) {
    const view = value as ArrayBufferView;
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  }
  throw new EncodeError(`Uint8Array required, received ${kind(value)}`);
}

/** Whether a value is a view of octets. */
export function isOctets(value: unknown): value is Uint8Array {
  if (!ArrayBuffer.isView(value)) return false;
  // As in `lengthOf`: an engine then knows the class, and need not look for a prototype in a chain of them.
  void (value as Uint8Array)[0];
  return value instanceof Uint8Array || (value as Int8Array).BYTES_PER_ELEMENT === 1;
}

/** What is copied by a loop: a native copy begins with what a call costs. */
const FEW_OCTETS = 24;

/** Puts octets into the input region, from its place `at` on: what stands before it was put there by the caller, or is what `before` begins with, which has 4096 octets at most. */
export function load(core: Core, octets: Uint8Array, at = 0, before?: Uint8Array): void {
  core.fresh();
  if (core.inputOwner !== undefined) core.releaseInput();
  const length = octets.length;
  if (at + length > core.inputCapacity) core.growInput(at + length);
  const memory = core.octets;
  const to = core.input + at;
  // All of them, though there are more: a view would take longer, and the octets come over the rest.
  if (before !== undefined) memory.set(before, core.input);
  if (length > FEW_OCTETS) memory.set(octets, to);
  else for (let i = 0; i < length; i++) memory[to + i] = octets[i]!;
}

/** Runs a call that reads what `load` put there, with a larger tape where it asks for one. */
export function withTape(core: Core, octets: Uint8Array, call: () => number): number {
  load(core, octets);
  for (;;) {
    const status = call();
    if (status !== Status.GROW) return status;
    core.growTape();
  }
}
