import { currentCore } from "./core.js";
import type { Frame } from "./frame.js";
import { FrameReader } from "./frame-reader.js";
import * as State from "./generated/state.js";
import { asOctets } from "./input.js";
import { takeOutput, UNLIMITED } from "./methods.js";
import { roomForOne, writeFrame } from "./write-frame.js";
import type { DecodeOptions, EncodeOptions } from "./types.js";

/** What `unmarshal` answers for a whole frame. */
export interface Unmarshalled {
  /** Octets of the frame, envelope and all. */
  consumed: number;
  channel: number;
  frame: Frame;
}

/**
 * A whole frame as octets, envelope and all. `channel` defaults to the frame's own.
 *
 * @throws ValidationError, EncodeError
 */
export function marshal(
  frame: Frame,
  channel: number = (frame as Frame | undefined)?.channel ?? 0,
  options: EncodeOptions = {},
): Uint8Array {
  const core = currentCore();
  const before = core.state(State.OUTPUT_END);
  writeFrame(core, frame, channel, UNLIMITED, options, roomForOne(core));
  return takeOutput(core, before);
}

/**
 * The first frame of some octets; `undefined` where it is not all there, which is no error. What stands behind it is not looked at. For a stream use a
 * `FrameReader`: it does not look at an octet twice.
 *
 * @throws DecodeError
 */
export function unmarshal(octets: Uint8Array, options: DecodeOptions = {}): Unmarshalled | undefined {
  const first = new FrameReader(options).readOne(asOctets(octets));
  return first && { consumed: first.consumed, channel: first.frame.channel, frame: first.frame };
}
