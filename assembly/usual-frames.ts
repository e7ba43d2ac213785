/**
 * Frames as they nearly always are, in one straight loop: methods whose octets are known but for a tag, acks, content headers of the usual properties, bodies. A frame that is anything else, or that may be
 * wrong, is left to the general way, which looks at all of it again and knows the errors. What this loop lets pass is right in the same sense.
 */
import * as Flag from "./generated/flags";
import * as Kind from "./generated/kinds";
import * as Limit from "./generated/limits";
import { FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_METHOD } from "./generated/constants";
import { BASIC_ACK, BASIC_ACK_IDS, BASIC_DELIVER_IDS, BASIC_PUBLISH_IDS } from "./generated/signatures";
import { input } from "./memory";
import { Octets } from "./octets";
import { recall, repeat } from "./repetition";
import { pooled, resetPool } from "./strings";
import { bottom, rewindTape, top } from "./tape";
import { readUsualProperties, skipProperties, WRONG } from "./usual-properties";

const FRAME_HEAD: u32 = 7;
const ENVELOPE: u32 = 8;
const ACK_SIZE: u32 = 13;
const ACK_WORDS: u32 = 7;
const ACK_FRAME: usize = ACK_SIZE + ENVELOPE;
const ACK_TAG: usize = FRAME_HEAD + 4;
const ACK_BITS: usize = FRAME_HEAD + 12;
const PROPERTY_LIST: u32 = 14;
/** Class id 60 and weight 0, in the order of their octets. */
const BASIC: u32 = 0x00003c00;
const RECORD: usize = Limit.RECORD_WORDS * 4;

/** Frames that the last run wrote to the tape. */
export let usualFrames: u32 = 0;

/** Reads frames from `p` on as long as they are usual; answers where the first begins that is not, or that is cut. */
export function readUsual(p: usize, end: usize, flags: u32, frameMax: u32, maxDepth: u32, maxFields: u32): usize {
  let frames: u32 = 0;
  let to = top;
  while (end - p >= ENVELOPE && bottom - to >= RECORD) {
    const envelope = load<u64>(p, 0, 1);
    const size = bswap<u32>(<u32>(envelope >> 24));
    const left = <u32>(end - p) - ENVELOPE;
    if (size > left || size > frameMax) break;
    const payload = p + FRAME_HEAD;
    const stop = payload + size;
    if (Octets.octet(stop) != FRAME_END) break;
    const type = (<u32>envelope) & 0xff;
    const channel = (<u32>bswap<u16>(<u16>(envelope >> 8))) << 16;
    if (type == FRAME_METHOD) {
      const ids = Octets.long(payload);
      if (ids == BASIC_ACK_IDS) {
        if (size != ACK_SIZE) break;
        const head = Kind.METHOD | channel;
        // Acknowledgements come in runs: what follows differs in its tag and its bit alone.
        do {
          store<u32>(to, head);
          store<u32>(to, <u32>(p - input), 4);
          store<u64>(to, ((<u64>(BASIC_ACK | (ACK_WORDS << 8))) << 32) | ACK_SIZE, 8);
          store<u64>(to, rotl<u64>(bswap<u64>(load<u64>(p, ACK_TAG, 1)), 32), 16);
          store<u32>(to, Octets.octet(p + ACK_BITS), 24);
          to += ACK_WORDS << 2;
          frames += 1;
          p += ACK_FRAME;
        } while (
          end - p >= ACK_FRAME &&
          bottom - to >= RECORD &&
          load<u64>(p, 0, 1) == envelope &&
          Octets.long(p + FRAME_HEAD) == BASIC_ACK_IDS &&
          Octets.octet(p + ACK_FRAME - 1) == FRAME_END
        );
        continue;
      } else {
        if (ids != BASIC_DELIVER_IDS && ids != BASIC_PUBLISH_IDS) break;
        const entry = recall(ids, payload, size);
        if (entry == 0) break;
        store<u32>(to, Kind.METHOD | channel);
        store<u32>(to, <u32>(p - input), 4);
        store<u32>(to, size, 8);
        to += 12 + repeat(entry, payload, to + 12);
      }
    } else if (type == FRAME_BODY) {
      store<u32>(to, Kind.BODY | channel);
      store<u32>(to, <u32>(p - input), 4);
      store<u32>(to, size, 8);
      to += 12;
    } else {
      if (type != FRAME_HEADER || size < PROPERTY_LIST || load<u32>(payload, 0, 1) != BASIC) break;
      const list = Octets.short(payload + 12);
      if ((list & 1) != 0) break;
      store<u32>(to, <u32>(p - input), 4);
      store<u32>(to, size, 8);
      store<u32>(to, Octets.long(payload + 4), 12);
      store<u32>(to, Octets.long(payload + 8), 16);
      if ((flags & Flag.PROPERTIES) != 0) {
        if ((flags & Flag.EXACT) != 0) break;
        store<u32>(to, Kind.PROPERTIES | channel);
        const toBottom = bottom;
        const toPooled = pooled;
        if (!readUsualProperties(to, payload, stop, list, maxDepth, maxFields)) {
          rewindTape(to, toBottom);
          resetPool(toPooled);
          break;
        }
        to = top;
      } else {
        if ((flags & Flag.STRICT) != 0 && (list & 0x2000) != 0) break;
        const scalars = skipProperties(payload + PROPERTY_LIST, stop, list);
        if (scalars == WRONG) break;
        store<u32>(to, Kind.HEADER | channel);
        store<u32>(to, scalars, 20);
        to += 24;
      }
    }
    frames += 1;
    p = stop + 1;
  }
  usualFrames = frames;
  rewindTape(to, bottom);
  return p;
}
