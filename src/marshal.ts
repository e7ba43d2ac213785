import { tapeOf, UNLIMITED } from "./command-tape.js";
import { currentCore } from "./core.js";
import type { Frame } from "./frame.js";
import { FrameReader } from "./frame-reader.js";
import { asOctets } from "./input.js";
import { writeFrame } from "./write-frame.js";
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
  const tape = tapeOf(currentCore());
  tape.open(undefined);
  const octets = writeFrame(tape, frame, channel, UNLIMITED, options);
  tape.run();
  return tape.taken(tape.end - octets);
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
