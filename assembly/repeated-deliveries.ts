/** Deliveries one behind the other that differ from an earlier one in tag, content header and body alone: found in a loop that calls nothing, because an engine keeps in memory what a loop needs that calls. */
import * as Flag from "./generated/flags";
import * as Kind from "./generated/kinds";
import * as Limit from "./generated/limits";
import { FRAME_BODY, FRAME_END, FRAME_HEADER } from "./generated/constants";
import { DELIVERY_MODE, HEADERS, PRIORITY, TIMESTAMP } from "./generated/property-flags";
import { equal, equalLong, Wide } from "./intern";
import { input, tape } from "./memory";
import { Octets } from "./octets";
import { bottom } from "./tape";
import { BASIC, BODY_MAX, FIRST_TEXTS, HEADER_MAX, LAST_TEXTS, MIDDLE_TEXTS, PROPERTY_LIST } from "./usual-properties";

const FRAME_HEAD: usize = 7;
const ENVELOPE: u32 = 8;
const TAG: u32 = 8;
const TAG_HIGH: u32 = 4;
const RECORD: usize = Limit.RECORD_WORDS * 4;
/** Octets of what a run's record begins with, and of each of its deliveries. */
const RUN: u32 = 16;
const DELIVERY: u32 = 8;

/** Where the tape goes on, and deliveries in the run. */
export let repeatedTo: usize = 0;
export let repeated: u32 = 0;
/** Whether there are none because the first one's content header is another. */
export let headerDiffers: bool = false;

/**
 * Writes a run of deliveries from `p` on whose method frames are the one with a record at `model`, whose tag stands `tag` octets behind its beginning, but for the low half of their tags. Their content headers are the one with a record at `modelHeader`; where that is 0, they are only checked, and may be any.
 * Answers where the first delivery begins that is not so, or about which anything is not as it nearly always is, or that is not all there.
 */
export function readRepeated(
  p: usize,
  end: usize,
  to: usize,
  model: usize,
  tag: usize,
  modelHeader: usize,
  flags: u32,
  most: u32,
): usize {
  const from = p;
  const first = input + load<u32>(model, 4);
  const whole = load<u32>(model, 8) + ENVELOPE;
  const behind = tag + TAG;
  const least = whole + ENVELOPE + PROPERTY_LIST + ENVELOPE;
  const envelope = (load<u32>(first, 0, 1) & 0xffff00) << 8;
  const headerHead = envelope | (FRAME_HEADER << 8) | FRAME_END;
  const bodyHead = envelope | (FRAME_BODY << 8) | FRAME_END;
  const headerMost = min(HEADER_MAX, most);
  const bodyMost = min(BODY_MAX, most);
  // Flags of lists that are not simply passed by.
  const refused: u32 = 1 | ((flags & Flag.STRICT) != 0 ? HEADERS : 0);
  const last = bottom - RECORD;
  headerDiffers = false;
  let at = to + RUN;
  while (end - p >= least && at <= last) {
    // Sixteen octets at least.
    if (!equalLong(first, p, <u32>tag + TAG_HIGH)) break;
    if (!Wide.equal(first + behind, p + behind, whole - <u32>behind)) break;
    const header = p + whole;
    // With the octet before it, which was compared.
    const second = load<u64>(header - 1, 0, 1);
    if (<u32>second != headerHead) break;
    const octets = bswap<u32>(<u32>(second >> 32));
    if (octets < PROPERTY_LIST) break;
    if (octets > headerMost) break;
    if (octets > <u32>(end - header) - ENVELOPE * 2) break;
    const payload = header + FRAME_HEAD;
    const stop = payload + octets;
    const third = load<u64>(stop, 0, 1);
    if (<u32>third != bodyHead) break;
    // Class and weight, and a size below 2^32: that of all the content.
    if (load<u64>(payload, 0, 1) != BASIC) break;
    if (load<u32>(payload, 8, 1) != <u32>(third >> 32)) break;
    const bodyOctets = bswap<u32>(<u32>(third >> 32));
    if (bodyOctets > bodyMost) break;
    if (bodyOctets > <u32>(end - stop) - ENVELOPE - 1) break;
    const close = stop + ENVELOPE + bodyOctets;
    if (Octets.octet(close) != FRAME_END) break;
    if (modelHeader != 0) {
      if (
        octets != load<u32>(modelHeader, 8) ||
        !equal(input + load<u32>(modelHeader, 4) + FRAME_HEAD, payload, octets)
      ) {
        headerDiffers = p == from;
        break;
      }
    } else {
      const list = Octets.short(payload + 12);
      if ((list & refused) != 0) break;
      let q = payload + PROPERTY_LIST;
      // What stands behind the end is read, as far as eleven strings go, and not used: the list does not end where it should then.
      for (let texts = popcnt(list & FIRST_TEXTS); texts > 0; texts--) q += 1 + Octets.octet(q);
      if ((list & HEADERS) != 0) {
        const next = <u64>q + 4 + Octets.long(q);
        if (next > <u64>stop) break;
        q = <usize>next;
      }
      if ((list & DELIVERY_MODE) != 0) q += 1;
      if ((list & PRIORITY) != 0) q += 1;
      for (let texts = popcnt(list & MIDDLE_TEXTS); texts > 0; texts--) q += 1 + Octets.octet(q);
      if ((list & TIMESTAMP) != 0) q += 8;
      for (let texts = popcnt(list & LAST_TEXTS); texts > 0; texts--) q += 1 + Octets.octet(q);
      if (q != stop) break;
    }
    store<u64>(at, ((<u64>(octets | (bodyOctets << 16))) << 32) | Octets.long(p + tag + TAG_HIGH));
    at += DELIVERY;
    p = close + 1;
  }
  repeated = (<u32>(at - to) - RUN) / DELIVERY;
  repeatedTo = to;
  if (p == from) return p;
  repeatedTo = at;
  store<u32>(to, Kind.AGAIN | (load<u32>(model) & 0xffff0000));
  store<u32>(to, <u32>(from - input), 4);
  store<u32>(to, (<u32>(model - tape)) >> 2, 8);
  store<u32>(to, repeated, 12);
  return p;
}
