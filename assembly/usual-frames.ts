/**
 * Frames as they nearly always are, in one straight loop: methods whose octets are known but for a tag, acks, content headers of the usual properties, bodies. A frame that is anything else, or that may be
 * wrong, is left to the general way, which looks at all of it again and knows the errors. What this loop lets pass is right in the same sense.
 */
import * as Flag from "./generated/flags";
import * as Kind from "./generated/kinds";
import * as Limit from "./generated/limits";
import { FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_METHOD } from "./generated/constants";
import { BASIC_ACK, BASIC_ACK_IDS, BASIC_DELIVER_IDS, BASIC_PUBLISH_IDS } from "./generated/signatures";
import { Wide } from "./intern";
import { input, tape } from "./memory";
import { Octets } from "./octets";
import { hasTag, isRemembered, recall, repeat, tagAt } from "./repetition";
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
const ACK_WITHIN: usize = 5;
const ACK_LAST: usize = ACK_FRAME - 8;
/** What the last eight octets, most significant first, grow by from one tag to the next. */
const ACK_NEXT: u64 = 0x10000;
const ACK_MORE_MAX: u32 = 0x7fffff;
/** Of a delivery's record. */
const TAG_HIGH: usize = 20;
const METHOD_WORD: usize = 12;
const BODY_SIZE: usize = 12;
const EMPTIES: usize = 36;
const AGAIN_OCTETS: u32 = 20;
const BODY_OCTETS: usize = 12;
const CONTENTS_MAX: u32 = 0xffffff;
/** More octets of a body have no place in a word of the host's. */
const BODY_MAX: u32 = 0x7fff;
/** The most of a content header that is compared with the one before. */
const SAME_MAX: u32 = 512;
const SAME_PASSING_MAX: u32 = 63;
const PROPERTY_LIST: u32 = 14;
/** More octets of a content header have no place in the record of a delivery whose properties are left alone. */
const HEADER_MAX: u32 = 0xffff;
const HEADERS: u32 = 0x2000;
/** Class id 60 and weight 0, in the order of their octets. */
const BASIC: u32 = 0x00003c00;
const RECORD: usize = Limit.RECORD_WORDS * 4;

/** Frames that the last run wrote to the tape. */
export let usualFrames: u32 = 0;

/** Content headers to pass by before the next is compared: who has a new id in each would be compared for nothing. */
let passing: u32 = 0;
let passed: u32 = 0;

/** Where the tape goes on behind what `readAgain` wrote. */
let againTo: usize = 0;

/** Frames that those records stand for. */
let againFrames: u32 = 0;

/**
 * Writes records for deliveries from `p` on, with content headers and bodies behind them, whose method frames, of a payload of `size`, are those of the one with a record at `model`, remembered as `entry`, but for their tags. Their content headers
 * are the one with a record at `modelHeader`; where that is 0, they are only checked, and may be any. Where `model` is 0, contents of publishes and deliveries with that method are taken whole, properties and all, until the next is to be compared:
 * what stands in one place in all of them is looked at with one comparison, and a processor need not know a frame to begin with the next. Answers where the first delivery begins that is not so, or about which anything is not as it nearly always is, or that is not all there.
 */
function readAgain(
  p: usize,
  end: usize,
  to: usize,
  size: u32,
  entry: usize,
  model: usize,
  modelHeader: usize,
  flags: u32,
  most: u32,
  maxDepth: u32,
  maxFields: u32,
): usize {
  const from = p;
  const contents = model == 0;
  const tag = tagAt(entry, FRAME_HEAD);
  const high = contents ? 0 : bswap<u32>(load<u32>(model, TAG_HIGH));
  // Type, channel and size, and the first octet of the class.
  const envelope = load<u64>(p, 0, 1);
  const channel: u32 = bswap<u16>(<u16>(envelope >> 8));
  const place = (<u32>(model - tape)) >> 2;
  const whole: usize = size + ENVELOPE;
  const least: usize = whole + ENVELOPE + PROPERTY_LIST + ENVELOPE;
  let frames: u32 = 0;
  let count = hasTag(entry) && (flags & Flag.RUNS) != 0 ? passing : CONTENTS_MAX;
  if (contents || load<u32>(model) >> 16 == channel) {
    while (end - p >= least && bottom - to >= RECORD && load<u64>(p, 0, 1) == envelope) {
      const header = p + whole;
      if (Octets.octet(header - 1) != FRAME_END || (!contents && load<u32>(p + tag, 0, 1) != high)) break;
      if (!isRemembered(entry, p + FRAME_HEAD)) break;
      const second = load<u64>(header, 0, 1);
      const octets = bswap<u32>(<u32>(second >> 24));
      if (((<u32>second) & 0xffffff) != (((<u32>envelope) & 0xffff00) | FRAME_HEADER)) break;
      if (octets < PROPERTY_LIST || octets > min(HEADER_MAX, most)) break;
      if (octets > <u32>(end - header) - ENVELOPE * 2) break;
      const payload = header + FRAME_HEAD;
      const stop = payload + octets;
      const body = stop + 1;
      const third = load<u64>(body, 0, 1);
      const bodyOctets = bswap<u32>(<u32>(third >> 24));
      if (((<u32>third) & 0xffffff) != (((<u32>envelope) & 0xffff00) | FRAME_BODY)) break;
      if (bodyOctets > min(BODY_MAX, most) || bodyOctets > <u32>(end - body) - ENVELOPE) break;
      // Class and weight, and a size below 2^32: that of all the content.
      if (load<u64>(payload, 0, 1) != BASIC || Octets.long(payload + 8) != bodyOctets) break;
      const last = body + FRAME_HEAD + bodyOctets;
      if (Octets.octet(stop) != FRAME_END || Octets.octet(last) != FRAME_END) break;
      if (contents) {
        const list = Octets.short(payload + 12);
        if (count == 0 || (list & 1) != 0) break;
        store<u32>(to, Kind.METHOD | (channel << 16));
        store<u32>(to, <u32>(p - input), 4);
        store<u32>(to, size, 8);
        const record = to + 12 + repeat(entry, p + FRAME_HEAD, to + 12);
        store<u32>(record, Kind.PROPERTIES | (channel << 16));
        store<u32>(record, <u32>(header - input), 4);
        store<u32>(record, octets, 8);
        store<u64>(record, (<u64>bodyOctets) << 32, 12);
        const toBottom = bottom;
        const toPooled = pooled;
        if (!readUsualProperties(record, payload, stop, list, maxDepth, maxFields)) {
          rewindTape(to, toBottom);
          resetPool(toPooled);
          break;
        }
        to = top;
        store<u32>(to, Kind.BODY | (channel << 16));
        store<u32>(to, <u32>(body - input), 4);
        store<u32>(to, bodyOctets, 8);
        to += BODY_OCTETS;
        frames += 3;
        count -= 1;
        p = last + 1;
        continue;
      } else if (modelHeader != 0) {
        if (
          octets != load<u32>(modelHeader, 8) ||
          !Wide.equal(input + load<u32>(modelHeader, 4) + FRAME_HEAD, payload, octets)
        ) {
          // Behind others it is looked at twice: noted once.
          if (p == from) {
            passed = min(passed + passed + 1, SAME_PASSING_MAX);
            passing = passed;
          }
          break;
        }
        passed = 0;
      } else {
        const list = Octets.short(payload + 12);
        if ((list & 1) != 0 || ((flags & Flag.STRICT) != 0 && (list & HEADERS) != 0)) break;
        if (skipProperties(payload + PROPERTY_LIST, stop, list) == WRONG) break;
      }
      store<u32>(to, Kind.AGAIN | (channel << 16));
      store<u32>(to, <u32>(p - input), 4);
      store<u32>(to, place, 8);
      store<u32>(to, Octets.long(p + tag + 4), 12);
      store<u32>(to, octets | (bodyOctets << 16), 16);
      to += AGAIN_OCTETS;
      frames += 3;
      p = last + 1;
    }
  }
  againTo = to;
  againFrames = frames;
  // Those that were not compared with the one before.
  if (contents && count <= SAME_PASSING_MAX) passing = count;
  return p;
}

/** Reads frames from `p` on as long as they are usual; answers where the first begins that is not, or that is cut. */
export function readUsual(p: usize, end: usize, flags: u32, frameMax: u32, maxDepth: u32, maxFields: u32): usize {
  let frames: u32 = 0;
  let to = top;
  const runs = (flags & Flag.RUNS) != 0;
  const full = (flags & Flag.PROPERTIES) != 0;
  // Records that a delivery may be like: of the last one that was written whole, and of its content header, if that stands behind it; 0 for none.
  let model: usize = 0;
  let modelEntry: usize = 0;
  let modelHeader: usize = 0;
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
          const bits = Octets.octet(p + ACK_BITS);
          let more: u32 = 0;
          const tag = bswap<u64>(load<u64>(p, ACK_TAG, 1));
          if (runs && tag < 0x80000000) {
            // Two words that stay the same, and one of the tag's six lower octets, the bits and the frame-end.
            const within = load<u64>(p, ACK_WITHIN, 1);
            let last = bswap<u64>(load<u64>(p, ACK_LAST, 1));
            while (
              more != ACK_MORE_MAX &&
              end - p >= ACK_FRAME * 2 &&
              load<u64>(p, ACK_FRAME, 1) == envelope &&
              load<u64>(p, ACK_FRAME + ACK_WITHIN, 1) == within &&
              bswap<u64>(load<u64>(p, ACK_FRAME + ACK_LAST, 1)) == last + ACK_NEXT
            ) {
              more += 1;
              last += ACK_NEXT;
              p += ACK_FRAME;
            }
            frames += more;
          }
          store<u32>(to, bits | (more << 8), 24);
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
        if (entry != modelEntry || (modelHeader == 0 && full)) model = 0;
        if (model != 0 || (full && (flags & Flag.EXACT) == 0 && (passing != 0 || !runs || !hasTag(entry)))) {
          const behind = readAgain(p, end, to, size, entry, model, modelHeader, flags, frameMax, maxDepth, maxFields);
          if (behind != p) {
            p = behind;
            frames += againFrames;
            to = againTo;
            if (model == 0) modelHeader = 0;
            continue;
          }
        }
        modelHeader = 0;
        model = 0;
        if (runs) {
          if (full && passing != 0) passing -= 1;
          else if (hasTag(entry)) {
            model = to;
            modelEntry = entry;
          }
        }
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
      if (full) {
        if ((flags & Flag.EXACT) != 0) break;
        store<u32>(to, Kind.PROPERTIES | channel);
        const toBottom = bottom;
        const toPooled = pooled;
        if (!readUsualProperties(to, payload, stop, list, maxDepth, maxFields)) {
          rewindTape(to, toBottom);
          resetPool(toPooled);
          break;
        }
        if (size > SAME_MAX) passing = SAME_PASSING_MAX;
        // The next delivery may be like this one, if nothing stands between it and its method, and the host makes nothing of it but what it makes of all.
        if (
          model != 0 &&
          model + ((<usize>(load<u32>(model, METHOD_WORD) >> 8)) << 2) == to &&
          load<u32>(model) >> 16 == load<u32>(to) >> 16 &&
          load<u32>(to, EMPTIES) == 0 &&
          size <= SAME_MAX &&
          load<u32>(to, BODY_SIZE) == 0 &&
          load<u32>(to, BODY_SIZE + 4) <= min(BODY_MAX, frameMax)
        ) {
          modelHeader = to;
        }
        to = top;
      } else {
        if ((flags & Flag.STRICT) != 0 && (list & HEADERS) != 0) break;
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
