/** What there is most of where frames are passed on: whole contents, and acknowledgements, one behind the other. They are checked in one go; what is otherwise is left to the host, which goes frame by frame. */
import * as State from "./generated/state";
import { FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_METHOD } from "./generated/constants";
import {
  BASIC_ACK_IDS,
  BASIC_DELIVER_IDS,
  BASIC_GET_OK_IDS,
  BASIC_PUBLISH_IDS,
  BASIC_RETURN_IDS,
} from "./generated/signatures";
import { Arguments, argumentsAreGood, headerIsGood, propertiesAreGood } from "./frame-check";
import { input, setState } from "./memory";
import { Octets } from "./octets";

const FRAME_HEAD: u32 = 7;
const ENVELOPE: u32 = 8;

/** Whether more octets might make the run longer. */
let cut: u32 = 0;

/** Behind the body frame that stands whole before `stop`, its payload `frameMax` octets at most; 0 where none does. */
function frameEnd(frame: usize, stop: usize, frameMax: u32): usize {
  const left = <u32>(stop - frame);
  if (left < ENVELOPE) {
    cut = 1;
    return 0;
  }
  if (Octets.octet(frame) != FRAME_BODY) return 0;
  const size = Octets.long(frame + 3);
  if (size > frameMax) return 0;
  if (size > left - ENVELOPE) {
    cut = 1;
    return 0;
  }
  const end = frame + FRAME_HEAD + size;
  return Octets.octet(end) == FRAME_END ? end + 1 : 0;
}

/** The channel as it stands in a frame, to be compared. */
function channelBits(frame: usize): u32 {
  return load<u16>(frame, 1, 1);
}

/** The body frames of the content that was read last. */
let bodies: u32 = 0;

/** Behind the body frames that make up a body of so many octets; 0 where they are not all there, or others stand between them. */
function bodyEnd(frame: usize, stop: usize, channel: u32, octets: u32, frameMax: u32): usize {
  bodies = 0;
  while (octets > 0) {
    const end = frameEnd(frame, stop, frameMax);
    if (end == 0 || channelBits(frame) != channel) return 0;
    const size = <u32>(end - frame) - ENVELOPE;
    // An empty one would be a frame of no end.
    if (size == 0 || size > octets) return 0;
    octets -= size;
    bodies += 1;
    frame = end;
  }
  return frame;
}

/**
 * Passes by contents and acknowledgements on channels 1 to `channelMax`, or on `only` if that is not 0, that stand whole and good between `offset` and `length`, no payload larger than `frameMax`, no body than `maxBodySize`. Answers the offset behind the last;
 * RUN_FRAMES and RUN_CONTENTS say how many there were, RUN_CUT whether what comes next is cut.
 * With `to` other than 0 all of them get that channel, there in the input; what stands behind them stays as it is.
 */
export function passRun(
  offset: u32,
  length: u32,
  frameMax: u32,
  channelMax: u32,
  only: u32,
  to: u32,
  maxBodySize: u32,
  strict: u32,
  maxDepth: u32,
  maxFields: u32,
): u32 {
  const stop = input + length;
  let p = input + offset;
  let frames: u32 = 0;
  let contents: u32 = 0;
  const bits: u32 = bswap<u16>(<u16>to);
  cut = 0;
  for (;;) {
    // The method.
    let left = <u32>(stop - p);
    if (left < ENVELOPE) {
      cut = 1;
      break;
    }
    let head = load<u64>(p, 0, 1);
    let size = bswap<u32>(<u32>(head >> 24));
    if (((<u32>head) & 0xff) != FRAME_METHOD || size > frameMax) break;
    if (size > left - ENVELOPE) {
      cut = 1;
      break;
    }
    const header = p + size + ENVELOPE;
    const number = <u32>bswap<u16>(<u16>(head >> 8));
    // Channel 0 becomes the largest of all.
    if (Octets.octet(header - 1) != FRAME_END || number - 1 >= channelMax || (only != 0 && number != only)) break;
    const payload = p + FRAME_HEAD;
    if (size < 4) break;
    const ids = Octets.long(payload);
    if (ids == BASIC_ACK_IDS) {
      if (!Arguments.ofAck(payload, header - 1)) break;
      if (to != 0) store<u16>(p, bits, 1, 1);
      frames += 1;
      p = header;
      continue;
    }
    if (ids == BASIC_DELIVER_IDS) {
      if (!Arguments.ofDeliver(payload, header - 1)) break;
    } else if (ids == BASIC_PUBLISH_IDS) {
      if (!Arguments.ofPublish(payload, header - 1)) break;
    } else if (
      (ids != BASIC_GET_OK_IDS && ids != BASIC_RETURN_IDS) ||
      !argumentsAreGood(payload, header - 1, maxDepth, maxFields)
    )
      break;
    // The content header, on the same channel.
    left = <u32>(stop - header);
    if (left < ENVELOPE) {
      cut = 1;
      break;
    }
    const channel = (<u32>(head >> 8)) & 0xffff;
    head = load<u64>(header, 0, 1);
    size = bswap<u32>(<u32>(head >> 24));
    if (((<u32>head) & 0xffffff) != ((channel << 8) | FRAME_HEADER) || size > frameMax) break;
    if (size > left - ENVELOPE) {
      cut = 1;
      break;
    }
    let end = header + size + ENVELOPE;
    if (Octets.octet(end - 1) != FRAME_END) break;
    if (
      strict != 0
        ? !headerIsGood(header, strict, maxDepth, maxFields)
        : !propertiesAreGood(header + FRAME_HEAD, end - 1)
    )
      break;
    const bodySize = Octets.long(header + 15);
    if (load<u32>(header, 11, 1) != 0 || bodySize > maxBodySize) break;
    const headerEnd = end;
    end = bodyEnd(headerEnd, stop, channel, bodySize, frameMax);
    if (end == 0) break;
    frames += 2 + bodies;
    contents += 1;
    // Only now: a content that is not whole has to stay as it came.
    if (to != 0) {
      store<u16>(p, bits, 1, 1);
      store<u16>(header, bits, 1, 1);
      for (let body = headerEnd; body != end; body += ENVELOPE + Octets.long(body + 3)) store<u16>(body, bits, 1, 1);
    }
    p = end;
  }
  setState(State.RUN_FRAMES, frames);
  setState(State.RUN_CONTENTS, contents);
  setState(State.RUN_CUT, cut);
  return <u32>(p - input);
}
