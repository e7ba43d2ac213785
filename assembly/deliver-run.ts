/**
 * Whole publishes that stand one behind the other, and what they become: `publishes` checks them in one go and says where their parts stand, `deliveries` writes those that the host chose, to the consumers that it chose. What is
 * otherwise is left to the host, which goes message by message.
 */
import * as Limit from "./generated/limits";
import * as State from "./generated/state";
import { Copy } from "./copy";
import { FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_METHOD } from "./generated/constants";
import { BASIC_PUBLISH_IDS } from "./generated/signatures";
import { headerIsGood } from "./frame-check";
import { skipProperties, WRONG } from "./usual-properties";
import { input, output, outputCapacity, passing, setState } from "./memory";
import { Octets } from "./octets";

const FRAME_HEAD: u32 = 7;
const ENVELOPE: u32 = 8;
const PLACE: usize = Limit.PLACE_WORDS * 4;
const DELIVERED: usize = Limit.DELIVERED_WORDS * 4;
/** Of a consumer's first word: its delivery tag has an upper half, which stands behind the lower. */
const LARGE_TAG: u32 = 1 << 17;
/** In a Publish: ids and ticket stand before the exchange, the octet of the bits behind the routing key. */
const BEFORE_EXCHANGE: u32 = FRAME_HEAD + 6;
const SHORTEST_PUBLISH: u32 = 9;
/** Class id, weight, body size and flags. */
const SHORTEST_HEADER: u32 = 14;
/** More than a delivery of one takes beyond that: a consumer tag, a delivery tag. */
const MORE: u32 = 1024;
/** Class id and weight of a content header, as they are loaded. */
const BASIC: u32 = 0x00003c00;
/** What `memory.copy` begins with costs more than a loop does up to here. */
const LOOPED: u32 = 512;

/**
 * Passes by publishes on channels other than 0 that stand whole and good between `offset` and `length`, each body in one frame, no payload larger than `frameMax`, no body than `maxBodySize`: `most` at most. Answers how many. The region for
 * passing has the places of each: method frame, content header frame, body frame (-1 where there is none), end; `base` is what they count from, less the input's begin. RUN_CUT says whether what comes next is cut.
 */
export function publishes(
  offset: u32,
  length: u32,
  frameMax: u32,
  channelMax: u32,
  maxBodySize: u32,
  strict: u32,
  maxDepth: u32,
  maxFields: u32,
  base: u32,
  most: u32,
): u32 {
  const stop = input + length;
  const last = passing + <usize>most * PLACE;
  let place = passing;
  let p = input + offset;
  let cut: u32 = 0;
  while (place != last) {
    // The method.
    let left = <u32>(stop - p);
    if (left < ENVELOPE) {
      cut = 1;
      break;
    }
    let head = load<u64>(p, 0, 1);
    const number = bswap<u16>(<u16>(head >> 8));
    let size = bswap<u32>(<u32>(head >> 24));
    if (((<u32>head) & 0xff) != FRAME_METHOD || <u32>number - 1 >= channelMax || size > frameMax) break;
    if (size > left - ENVELOPE) {
      cut = 1;
      break;
    }
    const header = p + size + ENVELOPE;
    if (size < SHORTEST_PUBLISH || Octets.long(p + FRAME_HEAD) != BASIC_PUBLISH_IDS) break;
    const key = p + BEFORE_EXCHANGE + 1 + Octets.octet(p + BEFORE_EXCHANGE);
    // A key that begins behind the end has another end, too.
    if (key + 3 + Octets.octet(key) != header || Octets.octet(header - 1) != FRAME_END) break;
    // The content header.
    left = <u32>(stop - header);
    if (left < ENVELOPE) {
      cut = 1;
      break;
    }
    const begin = (<u32>head) & 0xffff00;
    head = load<u64>(header, 0, 1);
    size = bswap<u32>(<u32>(head >> 24));
    if (((<u32>head) & 0xffffff) != (begin | FRAME_HEADER) || size > frameMax) break;
    if (size > left - ENVELOPE) {
      cut = 1;
      break;
    }
    const body = header + size + ENVELOPE;
    if (size < SHORTEST_HEADER || Octets.octet(body - 1) != FRAME_END) break;
    if (strict != 0) {
      if (!headerIsGood(header, strict, maxDepth, maxFields)) break;
    } else {
      const flags = Octets.short(header + 19);
      if (load<u32>(header, 7, 1) != BASIC || (flags & 1) != 0) break;
      if (skipProperties(header + 21, body - 1, flags) == WRONG) break;
    }
    const bodySize = Octets.long(header + 15);
    if (load<u32>(header, 11, 1) != 0 || bodySize > maxBodySize) break;
    // The body.
    let end = body;
    if (bodySize != 0) {
      left = <u32>(stop - body);
      if (left < ENVELOPE) {
        cut = 1;
        break;
      }
      head = load<u64>(body, 0, 1);
      size = bswap<u32>(<u32>(head >> 24));
      if (((<u32>head) & 0xffffff) != (begin | FRAME_BODY) || size != bodySize || size > frameMax) break;
      if (size > left - ENVELOPE) {
        cut = 1;
        break;
      }
      end = body + size + ENVELOPE;
      if (Octets.octet(end - 1) != FRAME_END) break;
    }
    if (<u32>(end - p) > Limit.DELIVERY_OCTETS) break;
    store<u32>(place, base + <u32>(p - input));
    store<u32>(place, base + <u32>(header - input), 4);
    store<u32>(place, bodySize != 0 ? base + <u32>(body - input) : <u32>-1, 8);
    store<u32>(place, base + <u32>(end - input), 12);
    place += PLACE;
    p = end;
  }
  setState(State.RUN_CUT, cut);
  return <u32>(place - passing) / <u32>PLACE;
}

/**
 * Writes deliveries of publishes that `publishes` found, from `start` on in the output region. The command region has the number of consumers of each publish, then their words; what is to be written stands between the addresses `record` and
 * `stop`, the first of it is for the `index`th publish. Answers where the output ends. Where that is behind `limit` before all is written, or there is no room for more, RUN_RECORD and RUN_FRAMES say how it goes on: the same from that address on, with that publish; else RUN_RECORD is `stop`.
 */
export function deliveries(start: u32, limit: u32, base: u32, index: u32, record: usize, stop: usize): u32 {
  const bias = input - base;
  const full = output + <usize>min(limit, outputCapacity - Limit.DELIVERY_OCTETS - MORE);
  let to = output + start;
  let place = passing + <usize>index * PLACE;
  while (record < stop) {
    const routing = bias + load<u32>(place) + BEFORE_EXCHANGE;
    const header = bias + load<u32>(place, 4);
    const octets = load<u32>(place, 12) - load<u32>(place, 4);
    const body: usize = load<i32>(place, 8) < 0 ? 0 : load<u32>(place, 8) - load<u32>(place, 4);
    const routingOctets = <u32>(header - 2 - routing);
    let count = load<u32>(record);
    record += 4;
    for (; count != 0; count--) {
      if (to > full) {
        record -= 4;
        store<u32>(record, count);
        setState(State.RUN_RECORD, <u32>record);
        setState(State.RUN_FRAMES, <u32>(place - passing) / <u32>PLACE);
        return <u32>(to - output);
      }
      const first = load<u32>(record);
      const channel = bswap<u16>(<u16>first);
      const tag: usize = load<u32>(record, 4);
      // Behind the ids and the length.
      const tagOctets = Octets.octet(tag + 4);
      Copy.past(to + FRAME_HEAD, tag, tagOctets + 5);
      // The last octet that this writes is the first of the ids.
      const size = 14 + tagOctets + routingOctets;
      store<u64>(to, (<u64>FRAME_METHOD) | ((<u64>channel) << 8) | ((<u64>bswap<u32>(size)) << 24), 0, 1);
      to += FRAME_HEAD + 5 + tagOctets;
      store<u32>(to, 0, 0, 1);
      store<u32>(to, bswap<u32>(load<u32>(record, 8)), 4, 1);
      if ((first & LARGE_TAG) != 0) {
        store<u32>(to, bswap<u32>(load<u32>(record, 12)), 0, 1);
        record += 4;
      }
      record += DELIVERED;
      Octets.putOctet(to + 8, (first >> 16) & 1);
      Copy.past(to + 9, routing, routingOctets);
      to += 9 + routingOctets;
      Octets.putOctet(to, FRAME_END);
      to += 1;
      if (octets > LOOPED) memory.copy(to, header, octets);
      else Copy.past(to, header, octets);
      store<u16>(to, channel, 1, 1);
      if (body != 0) store<u16>(to + body, channel, 1, 1);
      to += octets;
    }
    place += PLACE;
  }
  setState(State.RUN_RECORD, <u32>stop);
  return <u32>(to - output);
}
