/**
 * Frames that are passed on without being decoded: copied with another channel, or a message's method replaced by the one that the other side gets, header and body as they came. The host has walked the frames' heads and
 * checked methods; here content headers are checked before anything is written.
 */
import * as Limit from "./generated/limits";
import * as State from "./generated/state";
import { Copy } from "./copy";
import { FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_METHOD } from "./generated/constants";
import { BASIC_DELIVER_IDS, BASIC_GET_OK_IDS, BASIC_PUBLISH_IDS, BASIC_RETURN_IDS } from "./generated/signatures";
import { checked, headerIsGood } from "./frame-check";
import { command, getState, input, output, outputCapacity, passing, setState, tags } from "./memory";
import { Octets } from "./octets";

const FRAME_HEAD: u32 = 7;
const ENVELOPE: u32 = 8;
const CONSUMER: usize = Limit.CONSUMER_WORDS * 4;
/** More than a method frame with three short strings takes, and what a copy may write over behind it. */
const METHOD_ROOM: u32 = 1024;
/** What `memory.copy` begins with costs more than a loop does up to here. */
const LOOPED: u32 = 160;

/** Octets of the region of tags that are used. */
let tagsUsed: u32 = 0;
/** Where the exchange and the routing key of the message stand, and their octets with both lengths. */
let routing: usize = 0;
let routingOctets: u32 = 0;
/** The content header frame of the message, and what stands behind its last frame. */
let header: usize = 0;
let end: usize = 0;
/** Where the next octet of the output goes. */
let at: usize = 0;

/** Writes over what stands behind, as `Copy.past` does. */
function copy(to: usize, from: usize, octets: u32): void {
  if (octets > LOOPED) memory.copy(to, from, octets);
  else Copy.past(to, from, octets);
}

function begin(start: u32): void {
  at = output + start;
}

function finish(): u32 {
  setState(State.OUTPUT_END, <u32>(at - output));
  return 1;
}

/** Writes the frame at `offset` with this channel; a body in frames of at most `frameMax` octets. */
export function forward(
  start: u32,
  offset: u32,
  channel: u32,
  frameMax: u32,
  strict: u32,
  maxDepth: u32,
  maxFields: u32,
): u32 {
  const frame = input + offset;
  const type = Octets.octet(frame);
  if (type == FRAME_HEADER && !headerIsGood(frame, strict, maxDepth, maxFields)) return 0;
  begin(start);
  const octets = Octets.long(frame + 3) + ENVELOPE;
  if (type == FRAME_BODY && octets > frameMax) {
    putBody(frame + FRAME_HEAD, octets - ENVELOPE, channel, frameMax);
  } else {
    copy(at, frame, octets);
    Octets.putShort(at + 1, channel);
    at += octets;
  }
  return finish();
}

function putBody(from: usize, octets: u32, channel: u32, frameMax: u32): void {
  const most = frameMax - ENVELOPE;
  while (octets > 0) {
    const size = octets < most ? octets : most;
    Octets.putOctet(at, FRAME_BODY);
    Octets.putShort(at + 1, channel);
    Octets.putLong(at + 3, size);
    copy(at + FRAME_HEAD, from, size);
    at += FRAME_HEAD + size;
    Octets.putOctet(at, FRAME_END);
    at += 1;
    from += size;
    octets -= size;
  }
}

/** Finds the parts of the message at `offset` and checks its content header. */
function take(offset: u32, strict: u32, maxDepth: u32, maxFields: u32): bool {
  const method = input + offset;
  const methodEnd = method + FRAME_HEAD + Octets.long(method + 3);
  header = methodEnd + 1;
  if (!headerIsGood(header, strict, maxDepth, maxFields)) return false;
  end = header + ENVELOPE + Octets.long(header + 3);
  findRouting(method + FRAME_HEAD);
  return true;
}

/** Finds exchange and routing key in the payload of a method that carries content. */
function findRouting(payload: usize): void {
  const ids = Octets.long(payload);
  let p = payload + 4;
  if (ids == BASIC_PUBLISH_IDS) p += 2;
  else if (ids == BASIC_DELIVER_IDS) p += 10 + Octets.octet(p);
  else if (ids == BASIC_GET_OK_IDS) p += 9;
  else p += 3 + Octets.octet(p + 2); // Return
  routing = p;
  p += 1 + Octets.octet(p);
  p += 1 + Octets.octet(p);
  routingOctets = <u32>(p - routing);
}

/** A method frame of which the arguments before the exchange are written: its head is at `frame`. */
function putRouting(frame: usize, channel: u32): void {
  Octets.putOctet(frame, FRAME_METHOD);
  Octets.putShort(frame + 1, channel);
  copy(at, routing, routingOctets);
  at += routingOctets;
}

function finishMethod(frame: usize): void {
  Octets.putLong(frame + 3, <u32>(at - frame) - FRAME_HEAD);
  Octets.putOctet(at, FRAME_END);
  at += 1;
}

/** Header and body, as they came but for their channel. */
function putContent(channel: u32, body: u32, frameMax: u32): void {
  const headerOctets = <u32>(end - header);
  const low = Octets.long(header + 15);
  if (body == 0 || low == 0 || low > frameMax - ENVELOPE) {
    copy(at, header, headerOctets);
    Octets.putShort(at + 1, channel);
    at += headerOctets;
    if (body != 0) putBody(end + FRAME_HEAD, low, channel, frameMax);
    return;
  }
  const octets = headerOctets + low + ENVELOPE;
  copy(at, header, octets);
  Octets.putShort(at + 1, channel);
  Octets.putShort(at + headerOctets + 1, channel);
  at += octets;
}

/** The method frame for a consumer; answers its channel. */
function putDeliver(consumer: usize): u32 {
  const first = load<u32>(consumer);
  const channel = first & 0xffff;
  const tag: usize = load<u32>(consumer, 4);
  const tagOctets = Octets.octet(tag + 4) + 5;
  const frame = at;
  copy(frame + FRAME_HEAD, tag, tagOctets);
  let to = frame + FRAME_HEAD + tagOctets;
  Octets.putLong(to, load<u32>(consumer, 8));
  Octets.putLong(to + 4, load<u32>(consumer, 12));
  Octets.putOctet(to + 8, first >> 16);
  copy(to + 9, routing, routingOctets);
  to += 9 + routingOctets;
  Octets.putOctet(to, FRAME_END);
  Octets.putOctet(frame, FRAME_METHOD);
  Octets.putShort(frame + 1, channel);
  Octets.putLong(frame + 3, <u32>(to - frame) - FRAME_HEAD);
  at = to + 1;
  return channel;
}

/** Writes the message as Basic.Deliver to each of `count` consumers. */
export function deliver(
  start: u32,
  offset: u32,
  count: u32,
  body: u32,
  frameMax: u32,
  strict: u32,
  maxDepth: u32,
  maxFields: u32,
): u32 {
  if (!take(offset, strict, maxDepth, maxFields)) return 0;
  begin(start);
  const last = command + <usize>count * CONSUMER;
  for (let consumer = command; consumer != last; consumer += CONSUMER) {
    const channel = putDeliver(consumer);
    putContent(channel, body, frameMax);
  }
  return finish();
}

/**
 * As `deliver`, of a message that stands in one piece, its body in one frame, among the frames that `scan` found good. Answers where it ends; 0 where something is otherwise, or there is no room in the output: nothing
 * was written then.
 */
export function deliverWhole(start: u32, offset: u32, count: u32, frameMax: u32, maxBodySize: u32): u32 {
  const method = input + offset;
  const channel: u32 = load<u16>(method, 1, 1);
  const first = method + ENVELOPE + Octets.long(method + 3);
  if (channel == 0 || first >= checked || Octets.octet(first) != FRAME_HEADER) return 0;
  const headerOctets = ENVELOPE + Octets.long(first + 3);
  const bodySize = Octets.long(first + 15);
  if (
    load<u16>(first, 1, 1) != channel ||
    headerOctets > frameMax ||
    load<u32>(first, 11, 1) != 0 ||
    bodySize > maxBodySize ||
    bodySize > frameMax - ENVELOPE
  )
    return 0;
  let messageEnd = first + headerOctets;
  if (bodySize != 0) {
    if (
      messageEnd >= checked ||
      Octets.octet(messageEnd) != FRAME_BODY ||
      load<u16>(messageEnd, 1, 1) != channel ||
      Octets.long(messageEnd + 3) != bodySize
    )
      return 0;
    messageEnd += ENVELOPE + bodySize;
  }
  const octets = <u32>(messageEnd - first);
  begin(start);
  if (<u64>count * (METHOD_ROOM + octets) > <u64>(output + outputCapacity - at)) return 0;
  const last = command + <usize>count * CONSUMER;
  findRouting(method + FRAME_HEAD);
  for (let consumer = command; consumer != last; consumer += CONSUMER) {
    const channel = putDeliver(consumer);
    copy(at, first, octets);
    Octets.putShort(at + 1, channel);
    if (bodySize != 0) Octets.putShort(at + headerOctets + 1, channel);
    at += octets;
  }
  finish();
  return <u32>(messageEnd - input);
}

/**
 * Copies the octets from one offset to another, which are whole frames that were checked, and sets the channels of `count` of them: offset << 16 | channel, in the region for passing. Answers 1, 0 where there is no room. With -1 for
 * `start` they get them where they are.
 */
export function forwardRun(start: u32, from: u32, to: u32, count: u32): u32 {
  const inPlace = start == <u32>-1;
  begin(inPlace ? <u32>(input + from - output) : start);
  const octets = to - from;
  if (!inPlace) {
    if (octets > <u32>(output + outputCapacity - at)) return 0;
    memory.copy(at, input + from, octets);
  }
  const last = passing + ((<usize>count) << 2);
  for (let word = passing; word != last; word += 4) {
    const value = load<u32>(word);
    Octets.putShort(at + (value >> 16) - from + 1, value);
  }
  at += octets;
  return finish();
}

/** Writes the message as Basic.GetOk. */
export function getOk(
  start: u32,
  offset: u32,
  channel: u32,
  high: u32,
  low: u32,
  redelivered: u32,
  messageCount: u32,
  body: u32,
  frameMax: u32,
  strict: u32,
  maxDepth: u32,
  maxFields: u32,
): u32 {
  if (!take(offset, strict, maxDepth, maxFields)) return 0;
  begin(start);
  const frame = at;
  Octets.putLong(at + FRAME_HEAD, BASIC_GET_OK_IDS);
  Octets.putLong(at + FRAME_HEAD + 4, high);
  Octets.putLong(at + FRAME_HEAD + 8, low);
  Octets.putOctet(at + FRAME_HEAD + 12, redelivered);
  at += FRAME_HEAD + 13;
  putRouting(frame, channel);
  Octets.putLong(at, messageCount);
  at += 4;
  finishMethod(frame);
  putContent(channel, body, frameMax);
  return finish();
}

/** Writes the message as Basic.Return; the reply text, of so many octets, stands at STRINGS. */
export function giveBack(
  start: u32,
  offset: u32,
  channel: u32,
  replyCode: u32,
  textOctets: u32,
  body: u32,
  frameMax: u32,
  strict: u32,
  maxDepth: u32,
  maxFields: u32,
): u32 {
  if (!take(offset, strict, maxDepth, maxFields)) return 0;
  begin(start);
  const frame = at;
  Octets.putLong(at + FRAME_HEAD, BASIC_RETURN_IDS);
  Octets.putShort(at + FRAME_HEAD + 4, replyCode);
  Octets.putOctet(at + FRAME_HEAD + 6, textOctets);
  at += FRAME_HEAD + 7;
  copy(at, <usize>getState(State.STRINGS), textOctets);
  at += textOctets;
  putRouting(frame, channel);
  finishMethod(frame);
  putContent(channel, body, frameMax);
  return finish();
}

/** Keeps a consumer tag of so many octets, which stands at STRINGS, behind the ids of Basic.Deliver. Answers its address, 0 where there is no room. */
export function keepTag(octets: u32): u32 {
  if (octets > 255 || octets + 5 > Limit.TAGS_OCTETS - tagsUsed) return 0;
  const tag = tags + tagsUsed;
  Octets.putLong(tag, BASIC_DELIVER_IDS);
  Octets.putOctet(tag + 4, octets);
  copy(tag + 5, <usize>getState(State.STRINGS), octets);
  tagsUsed += octets + 5;
  return <u32>tag;
}

/** Makes room for tags; addresses that were answered are void. */
export function forgetTags(): void {
  tagsUsed = 0;
}
