/** Whether whole frames are good, for those that are passed on without being decoded: the checks of `frame-reader`, without a tape. What is wrong is found by reading the frame. */
import { FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_HEARTBEAT, FRAME_METHOD } from "./generated/constants";
import { BASIC_ACK_IDS, BASIC_DELIVER_IDS, BASIC_PUBLISH_IDS } from "./generated/signatures";
import { readContentHeader } from "./content";
import { input } from "./memory";
import { argumentsEnd, methodIndex, readArguments } from "./methods";
import { Octets } from "./octets";
import { resetPool } from "./strings";
import { resetTape } from "./tape";
import { skipProperties, WRONG } from "./usual-properties";

const FRAME_HEAD: u32 = 7;
const ENVELOPE: u32 = 8;
/** Class id and weight of a content header, as they are loaded. */
export const BASIC: u32 = 0x00003c00;
/** Class id, weight, body size and flags. */
export const SHORTEST_HEADER: u32 = 14;

/** Behind the last frame that `scan` found good. */
export let checked: usize = 0;

/**
 * Checks whole frames from `offset` on, heads and payloads, up to the first that is cut by the end at `length` or is wrong. Answers where that is. What `frameMax` limits is the payload.
 */
export function scan(offset: u32, length: u32, frameMax: u32, strict: u32, maxDepth: u32, maxFields: u32): u32 {
  const stop = input + length;
  let p = input + offset;
  while (<u32>(stop - p) >= ENVELOPE) {
    const type = Octets.octet(p);
    const size = Octets.long(p + 3);
    if (size > frameMax || size > <u32>(stop - p) - ENVELOPE) break;
    const payloadEnd = p + FRAME_HEAD + size;
    if (Octets.octet(payloadEnd) != FRAME_END) break;
    if (type == FRAME_METHOD) {
      if (size < 4 || !argumentsAreGood(p + FRAME_HEAD, payloadEnd, maxDepth, maxFields)) break;
    } else if (type == FRAME_HEADER) {
      if (strict != 0 ? !headerIsGood(p, strict, maxDepth, maxFields) : !propertiesAreGood(p + FRAME_HEAD, payloadEnd))
        break;
    } else if (type != FRAME_BODY) {
      if (type != FRAME_HEARTBEAT || size != 0 || Octets.short(p + 1) != 0) break;
    }
    p = payloadEnd + 1;
  }
  checked = p;
  return <u32>(p - input);
}

/** Whether the payload of a method or content header frame is good. */
export function checkFrame(offset: u32, strict: u32, maxDepth: u32, maxFields: u32): u32 {
  const frame = input + offset;
  const type = Octets.octet(frame);
  if (type == FRAME_HEADER) return headerIsGood(frame, strict, maxDepth, maxFields) ? 1 : 0;
  if (type != FRAME_METHOD) return 1;
  const payload = frame + FRAME_HEAD;
  return argumentsAreGood(payload, payload + Octets.long(frame + 3), maxDepth, maxFields) ? 1 : 0;
}

/** Whether the payload of this content header frame is good. */
export function headerIsGood(frame: usize, strict: u32, maxDepth: u32, maxFields: u32): bool {
  // The record that is written is looked at by nobody.
  resetTape();
  const payload = frame + FRAME_HEAD;
  return (
    readContentHeader(
      0,
      0,
      payload,
      payload + Octets.long(frame + 3),
      false,
      strict != 0,
      false,
      maxDepth,
      maxFields,
    ) == 0
  );
}

/** As `readContentHeader`, without a record and without the table. */
// @ts-ignore: decorator
@inline
export function propertiesAreGood(p: usize, end: usize): bool {
  if (<u32>(end - p) < SHORTEST_HEADER || load<u32>(p, 0, 1) != BASIC) return false;
  const flags = Octets.short(p + 12);
  return (flags & 1) == 0 && skipProperties(p + SHORTEST_HEADER, end, flags) != WRONG;
}

/** Arguments of the methods that come most, in a payload [p, end): inlined, because they stand in the way of all that is passed on. */
export class Arguments {

  @inline static ofPublish(p: usize, end: usize): bool {
    if (<u32>(end - p) < 9) return false;
    const key = p + 7 + Octets.octet(p + 6);
    return key < end && key + 2 + Octets.octet(key) == end;
  }


  @inline static ofDeliver(p: usize, end: usize): bool {
    if (<u32>(end - p) < 16) return false;
    const exchange = p + 14 + Octets.octet(p + 4);
    if (exchange >= end) return false;
    const key = exchange + 1 + Octets.octet(exchange);
    return key < end && key + 1 + Octets.octet(key) == end;
  }


  @inline static ofAck(p: usize, end: usize): bool {
    return <u32>(end - p) == 13;
  }
}

export function argumentsAreGood(p: usize, end: usize, maxDepth: u32, maxFields: u32): bool {
  const ids = Octets.long(p);
  if (ids == BASIC_PUBLISH_IDS) return Arguments.ofPublish(p, end);
  if (ids == BASIC_DELIVER_IDS) return Arguments.ofDeliver(p, end);
  if (ids == BASIC_ACK_IDS) return Arguments.ofAck(p, end);
  const method = methodIndex(ids);
  if (method < 0) return false;
  resetTape();
  resetPool(0);
  return readArguments(<u32>method, p + 4, end, maxDepth, maxFields, false) == 0 && argumentsEnd == end;
}
