/**
 * Whole publishes that stand one behind the other: checked in one go, and found for `deliveries`. What is otherwise is left to the host, which goes message by message.
 *
 * A publish is most often like the one before it: where its frames begin as those did, their sizes are known before they are loaded, and the processor need not wait for one to find the next.
 */
import { hasLengths, HEADER_HEAD, passAlike, rememberLengths } from "./alike-publishes";
import * as Limit from "./generated/limits";
import * as State from "./generated/state";
import { FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_METHOD } from "./generated/constants";
import { BASIC_PUBLISH_IDS } from "./generated/signatures";
import { Arguments, BASIC, headerIsGood, SHORTEST_HEADER } from "./frame-check";
import { Wide } from "./intern";
import { input, passing, setState } from "./memory";
import { Octets } from "./octets";
import { skipProperties, WRONG } from "./usual-properties";

const FRAME_HEAD: u32 = 7;
const ENVELOPE: u32 = 8;
const PLACE: usize = Limit.PLACE_WORDS * 4;
/** In a Publish: ids and ticket stand before the exchange, the octet of the bits behind the routing key. */
const BEFORE_EXCHANGE: u32 = FRAME_HEAD + 6;
const BEHIND_ROUTING: u32 = 2;
/** Type, channel and size of a frame, as they are loaded with the octet behind them. */
const HEAD: u64 = 0x00ffffffffffffff;
/** No frame's. */
const NONE: u64 = 0xffffffffffffffff;

/** Headers whose lengths are remembered in one call, where they keep changing. */
const PATIENCE: u32 = 8;

/** Whether exchange and routing key of two method frames are the same. */
function sameRoute(a: usize, aEnd: usize, b: usize, bEnd: usize): bool {
  const octets = <u32>(aEnd - a);
  return (
    octets == <u32>(bEnd - b) &&
    Wide.equal(a + BEFORE_EXCHANGE, b + BEFORE_EXCHANGE, octets - BEFORE_EXCHANGE - BEHIND_ROUTING)
  );
}

/**
 * Passes by publishes on channels other than 0 that stand whole and good between `offset` and `length`, each body in one frame, no payload larger than `frameMax`, no body than `maxBodySize`: `most` at most. Answers how many. The region for
 * passing has the places of each: method frame, content header frame, body frame (the end where there is none), end; `base` is what they count from, less the input's begin. The first may stand below 0. RUN_CUT says whether what comes next is cut, RUN_FRAMES how many frames they are, RUN_SAME how many have exchange and routing key of the one before.
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
  // Of the publish before, where there is one: its method frame, the head of its content header and its body frame, and their octets.
  let before: usize = 0;
  let methodOctets: u32 = 0;
  let headerHead = NONE;
  let headerOctets: u32 = 0;
  let flagsBefore: u32 = 0;
  let lengthsEnd: usize = 0;
  let patience = PATIENCE;
  let bodyHead = NONE;
  let bodyOctets: u32 = 0;
  let begin: u32 = 0;
  let bodies: u32 = 0;
  let routes: u32 = 0;
  while (true) {
    // The method.
    let left = <u32>(stop - p);
    let header: usize;
    let same: u32 = Limit.SAME_ROUTE;
    let alike = true;
    if (methodOctets - 1 < left && Wide.equal(p, before, methodOctets)) {
      header = p + methodOctets;
    } else {
      if (left < ENVELOPE) {
        cut = 1;
        break;
      }
      const head = load<u64>(p, 0, 1);
      const number = bswap<u16>(<u16>(head >> 8));
      const size = bswap<u32>(<u32>(head >> 24));
      if (((<u32>head) & 0xff) != FRAME_METHOD || <u32>number - 1 >= channelMax || size > frameMax) break;
      if (size > left - ENVELOPE) {
        cut = 1;
        break;
      }
      header = p + size + ENVELOPE;
      if (Octets.long(p + FRAME_HEAD) != BASIC_PUBLISH_IDS || Octets.octet(header - 1) != FRAME_END) break;
      if (!Arguments.ofPublish(p + FRAME_HEAD, header - 1)) break;
      if (before == 0 || !sameRoute(p, header, before, before + methodOctets)) same = 0;
      alike = false;
      if (((<u32>head) & 0xffff00) != begin) {
        begin = (<u32>head) & 0xffff00;
        headerHead = bodyHead = NONE;
      }
      methodOctets = <u32>(header - p);
    }
    before = p;
    // The content header.
    left = <u32>(stop - header);
    if (left < ENVELOPE) {
      cut = 1;
      break;
    }
    let head = load<u64>(header, 0, 1) & HEAD;
    if (head != headerHead) {
      const size = bswap<u32>(<u32>(head >> 24));
      if (((<u32>head) & 0xffffff) != (begin | FRAME_HEADER) || size < SHORTEST_HEADER || size > frameMax) break;
      headerHead = head;
      lengthsEnd = 0;
      alike = false;
      headerOctets = size + ENVELOPE;
    }
    if (headerOctets > left) {
      cut = 1;
      break;
    }
    const body = header + headerOctets;
    if (Octets.octet(body - 1) != FRAME_END) break;
    if (strict != 0) {
      if (!headerIsGood(header, strict, maxDepth, maxFields)) break;
    } else {
      const flags = Octets.short(header + 19);
      if (load<u32>(header, 7, 1) != BASIC || (flags & 1) != 0) break;
      if (lengthsEnd == 0 || flags != flagsBefore || !hasLengths(header, lengthsEnd)) {
        if (skipProperties(header + HEADER_HEAD, body - 1, flags) == WRONG) break;
        alike = false;
        if (patience != 0) {
          patience -= 1;
          lengthsEnd = rememberLengths(header, flags);
          flagsBefore = flags;
        }
      }
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
      head = load<u64>(body, 0, 1) & HEAD;
      if (head != bodyHead) {
        const size = bswap<u32>(<u32>(head >> 24));
        if (((<u32>head) & 0xffffff) != (begin | FRAME_BODY) || size > frameMax) break;
        bodyHead = head;
        alike = false;
        bodyOctets = size + ENVELOPE;
      }
      if (bodyOctets - ENVELOPE != bodySize) break;
      if (bodyOctets > left) {
        cut = 1;
        break;
      }
      end = body + bodyOctets;
      if (Octets.octet(end - 1) != FRAME_END) break;
    }
    if (<u32>(end - p) > Limit.DELIVERY_OCTETS) break;
    // Looked at though no more are wanted: whether it is cut is to be known.
    if (place == last) break;
    store<u32>(place, (base + <u32>(p - input)) | same);
    routes += same >> 31;
    bodies += bodySize != 0 ? 1 : 0;
    store<u32>(place, base + <u32>(header - input), 4);
    store<u32>(place, base + <u32>(body - input), 8);
    store<u32>(place, base + <u32>(end - input), 12);
    place += PLACE;
    p = end;
    if (alike && bodySize != 0 && lengthsEnd != 0) {
      const behind = passAlike(before, p, stop, place, last, methodOctets, headerOctets, lengthsEnd);
      const more = <u32>(behind - place) / <u32>PLACE;
      place = behind;
      const octets = more * <u32>(p - before);
      before += octets;
      p += octets;
      routes += more;
      bodies += more;
    }
  }
  const found = <u32>(place - passing) / <u32>PLACE;
  setState(State.RUN_CUT, cut);
  setState(State.RUN_FRAMES, 2 * found + bodies);
  setState(State.RUN_SAME, routes);
  return found;
}
