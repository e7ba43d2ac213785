/** What publishes become that `publishes` found: `deliveries` writes those that the host chose, to the consumers that it chose. */
import * as Limit from "./generated/limits";
import * as State from "./generated/state";
import { Copy } from "./copy";
import { beginOf, deliverRoute, placeBehind, routeBehind } from "./deliver-route";
import { FRAME_END, FRAME_METHOD } from "./generated/constants";
import { input, output, outputCapacity, passing, setState } from "./memory";
import { Octets } from "./octets";

const FRAME_HEAD: u32 = 7;
const PLACE: usize = Limit.PLACE_WORDS * 4;
const DELIVERED: usize = Limit.DELIVERED_WORDS * 4;
/** Of a consumer's first word: its delivery tag has an upper half, which stands behind the lower. */
const LARGE_TAG: u32 = 1 << 17;
/** In a Publish: ids and ticket stand before the exchange, the octet of the bits behind the routing key. */
const BEFORE_EXCHANGE: u32 = FRAME_HEAD + 6;
/** More than a delivery of one takes beyond that: a consumer tag, a delivery tag. */
const MORE: u32 = 1024;

/**
 * Writes deliveries of publishes that `publishes` found, from `start` on in the output region. The command region has the number of consumers of each publish, then their words; what is to be written stands between the addresses `record` and
 * `stop`, the first of it is for the `index`th publish. Answers where the output ends. Where that is behind `limit` before all is written, or there is no room for more, RUN_RECORD and RUN_FRAMES say how it goes on: the same from that address on, with that publish; else RUN_RECORD is `stop`.
 */
export function deliveries(start: u32, taken: u32, limit: u32, base: u32, index: u32, record: usize, stop: usize): u32 {
  const bias = input - base;
  if (taken != 0) {
    start -= taken;
    Copy.past(output, output + taken, start);
  }
  const full = output + <usize>min(limit, outputCapacity - Limit.DELIVERY_OCTETS - MORE);
  let to = output + start;
  let place = passing + <usize>index * PLACE;
  while (record < stop) {
    let count = load<u32>(record);
    if ((count & Limit.ROUTED) != 0) {
      to = deliverRoute(to, full, bias, place, record);
      place = placeBehind;
      if (routeBehind == 0) {
        setState(State.RUN_RECORD, <u32>record);
        setState(State.RUN_FRAMES, <u32>(place - passing) / <u32>PLACE);
        return <u32>(to - output);
      }
      record = routeBehind;
      continue;
    }
    const routing = bias + beginOf(place) + BEFORE_EXCHANGE;
    const header = bias + load<u32>(place, 4);
    const octets = load<u32>(place, 12) - load<u32>(place, 4);
    const body = load<u32>(place, 8) - load<u32>(place, 4);
    const routingOctets = <u32>(header - 2 - routing);
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
      Copy.content(to, header, octets);
      store<u16>(to, channel, 1, 1);
      // Where there is no body, that is behind the end.
      store<u16>(to + body, channel, 1, 1);
      to += octets;
    }
    place += PLACE;
  }
  setState(State.RUN_RECORD, <u32>stop);
  return <u32>(to - output);
}
