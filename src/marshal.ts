import { tapeOf, UNLIMITED } from "./command-tape.js";
import { ContentHeader } from "./content.js";
import { contentOf } from "./content-words.js";
import { currentCore, type Core } from "./core.js";
import { destination } from "./destination.js";
import type { Frame } from "./frame.js";
import { FrameReader } from "./frame-reader.js";
import { asOctets } from "./input.js";
import { isPlain } from "./property-list.js";
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
 * A whole frame as octets, envelope and all. `channel` defaults to the frame's own. Their buffer has nothing else in it. Who has many frames to write takes a `FrameWriter`, whose frames cost a
 * fraction of that.
 *
 * @throws ValidationError, EncodeError
 */
export function marshal(
  frame: Frame,
  channel: number = (frame as Frame | undefined)?.channel ?? 0,
  options: EncodeOptions = {},
): Uint8Array {
  const core = currentCore();
  const tape = tapeOf(core);
  tape.open(undefined);
  if (frame instanceof ContentHeader) {
    tape.run();
    const before = tape.end;
    if (usualHeader(core, frame, channel, options)) {
      tape.run();
      return tape.last(tape.end - before);
    }
  }
  const octets = writeFrame(tape, frame, channel, UNLIMITED, options);
  tape.run();
  return tape.last(octets);
}

/** A content header that is as they nearly always are. Answers whether it is on the tape. */
function usualHeader(
  core: Core,
  { properties, bodySize }: ContentHeader,
  channel: number,
  options: EncodeOptions,
): boolean {
  if (typeof bodySize !== "number" || (bodySize & 0x7fffffff) !== bodySize || !isPlain(properties)) return false;
  return contentOf(core).write(destination(undefined, options, UNLIMITED), undefined, channel, properties, bodySize);
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
