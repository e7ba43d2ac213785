/**
 * Publishes that share exchange and routing key, to the same consumers: their Deliver frames are the same but for the delivery tag, so they are put together once, and copied for each message. They stand in the pool meanwhile, which is
 * free between reads.
 */
import * as Limit from "./generated/limits";
import { Copy } from "./copy";
import { FRAME_END, FRAME_METHOD } from "./generated/constants";
import { pool } from "./memory";
import { Octets } from "./octets";

const FRAME_HEAD: u32 = 7;
const PLACE: usize = Limit.PLACE_WORDS * 4;
const ROUTE: usize = Limit.ROUTE_WORDS * 4;
const CONSUMER: usize = Limit.ROUTED_WORDS * 4;
const COUNT: u32 = 0xffff;
/** Of the word that tells which consumer is next: the frames were put together. */
const MADE: u32 = 0x10000;
/** Exchange and routing key in a Publish. */
const BEFORE_EXCHANGE: u32 = FRAME_HEAD + 6;
const BEHIND_ROUTING: u32 = 2;
/** A frame that was put together: its octets, where its delivery tag stands, itself. Three strings of 255 octets are in the longest. */
const FRAME: usize = 8;
const SLOT: usize = 880;

/** Where the record ends whose deliveries are all written, 0 where they are not; the place of the message that comes next. */
export let routeBehind: usize = 0;
export let placeBehind: usize = 0;

/** Where a publish begins. That may be below 0, and the word's highest bit says something else. */
// @ts-ignore: decorator
@inline export function beginOf(place: usize): u32 {
  return <u32>((load<i32>(place) << 1) >> 1);
}

/** Puts the Deliver frames of the consumers between two addresses together; exchange and routing key are those of a Publish. */
function makeFrames(consumer: usize, last: usize, publish: usize, publishEnd: usize): void {
  const routing = publish + BEFORE_EXCHANGE;
  const routingOctets = <u32>(publishEnd - BEHIND_ROUTING - routing);
  for (let slot = pool; consumer != last; consumer += CONSUMER, slot += SLOT) {
    const first = load<u32>(consumer);
    const tag: usize = load<u32>(consumer, 4);
    // Behind the ids and the length.
    const tagOctets = Octets.octet(tag + 4);
    const frame = slot + FRAME;
    Copy.past(frame + FRAME_HEAD, tag, tagOctets + 5);
    const deliveryTag = FRAME_HEAD + 5 + tagOctets;
    const to = frame + deliveryTag;
    Octets.putOctet(to + 8, (first >> 16) & 1);
    Copy.past(to + 9, routing, routingOctets);
    Octets.putOctet(to + 9 + routingOctets, FRAME_END);
    Octets.putOctet(frame, FRAME_METHOD);
    Octets.putShort(frame + 1, first);
    Octets.putLong(frame + 3, deliveryTag + 9 + routingOctets - FRAME_HEAD);
    store<u32>(slot, deliveryTag + 10 + routingOctets);
    store<u32>(slot, deliveryTag, 4);
  }
}

/** Writes the deliveries of a record to `to`, up to `full`; answers where they end. What is left is told by the record, and `routeBehind`. */
export function deliverRoute(to: usize, full: usize, bias: usize, place: usize, record: usize): usize {
  const consumers = record + ROUTE;
  const last = consumers + <usize>(load<u32>(record) & COUNT) * CONSUMER;
  let left = load<u32>(record, 4);
  const reached = load<u32>(record, 8);
  if (reached == 0) {
    makeFrames(consumers, last, bias + beginOf(place), bias + load<u32>(place, 4));
  }
  if (last == consumers + CONSUMER) {
    const frame = pool + FRAME;
    const channel = load<u16>(frame, 1, 1);
    const frameOctets = load<u32>(pool);
    const toTag = load<u32>(pool, 4);
    const step = <u64>load<u32>(consumers, 16);
    let tag = load<u64>(consumers, 8, 4);
    for (; left != 0 && to <= full; left--) {
      const at = load<u32>(place, 4);
      const header = bias + at;
      const octets = load<u32>(place, 12) - at;
      const body = load<u32>(place, 8) - at;
      place += PLACE;
      Copy.past(to, frame, frameOctets);
      store<u64>(to + toTag, bswap<u64>(tag), 0, 1);
      tag += step;
      to += frameOctets;
      Copy.content(to, header, octets);
      store<u16>(to, channel, 1, 1);
      // Where there is no body, that is behind the end.
      store<u16>(to + body, channel, 1, 1);
      to += octets;
    }
    store<u64>(consumers, tag, 8, 4);
    placeBehind = place;
    if (left == 0) {
      routeBehind = last;
    } else {
      store<u32>(record, left, 4);
      store<u32>(record, MADE, 8);
      routeBehind = 0;
    }
    return to;
  }
  let consumer = consumers + <usize>(reached & COUNT) * CONSUMER;
  let slot = pool + <usize>(reached & COUNT) * SLOT;
  for (; left != 0; left--) {
    const header = bias + load<u32>(place, 4);
    const octets = load<u32>(place, 12) - load<u32>(place, 4);
    const body = load<u32>(place, 8) - load<u32>(place, 4);
    for (; consumer != last; consumer += CONSUMER, slot += SLOT) {
      if (to > full) {
        store<u32>(record, left, 4);
        store<u32>(record, MADE | (<u32>(consumer - consumers) / <u32>CONSUMER), 8);
        routeBehind = 0;
        placeBehind = place;
        return to;
      }
      const channel = load<u16>(slot + FRAME, 1, 1);
      const tag = load<u64>(consumer, 8, 4);
      Copy.past(to, slot + FRAME, load<u32>(slot));
      store<u64>(to + load<u32>(slot, 4), bswap<u64>(tag), 0, 1);
      store<u64>(consumer, tag + load<u32>(consumer, 16), 8, 4);
      to += load<u32>(slot);
      Copy.content(to, header, octets);
      store<u16>(to, channel, 1, 1);
      store<u16>(to + body, channel, 1, 1);
      to += octets;
    }
    consumer = consumers;
    slot = pool;
    place += PLACE;
  }
  routeBehind = last;
  placeBehind = place;
  return to;
}
