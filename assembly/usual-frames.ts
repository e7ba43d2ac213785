/**
 * Frames as they nearly always are, in one straight loop: methods whose octets are known but for a tag, acks, content headers of the usual properties, bodies. A frame that is anything else, or that may be
 * wrong, is left to the general way, which looks at all of it again and knows the errors. What this loop lets pass is right in the same sense.
 */
import * as Flag from "./generated/flags";
import * as Kind from "./generated/kinds";
import * as Limit from "./generated/limits";
import { FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_METHOD } from "./generated/constants";
import { BASIC_ACK, BASIC_ACK_IDS, BASIC_DELIVER_IDS, BASIC_PUBLISH_IDS } from "./generated/signatures";
import { equalLong, Wide } from "./intern";
import { input } from "./memory";
import { Octets } from "./octets";
import { headerDiffers, readRepeated, repeated, repeatedTo } from "./repeated-deliveries";
import { hasTag, recall, repeat, tagAt } from "./repetition";
import { pooled, resetPool } from "./strings";
import { bottom, rewindTape, top } from "./tape";
import {
  BASIC,
  BODY_MAX,
  HEADER_MAX,
  PROPERTY_LIST,
  readUsualProperties,
  skipProperties,
  WRONG,
} from "./usual-properties";

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
/** The octet of them that counts, least significant first. */
const ACK_STEP: u64 = 1 << 40;
const ACK_OCTET: u64 = 0xff << 40;
const ACK_MORE_MAX: u32 = 0x7fffff;
/** Of a delivery's record. */
const METHOD_WORD: usize = 12;
const BODY_SIZE: usize = 12;
const EMPTIES: usize = 36;
const BODY_OCTETS: usize = 12;
const CONTENTS_MAX: u32 = 0xffffff;
/** The most of a content header that is compared with the one before. */
const SAME_MAX: u32 = 512;
const SAME_PASSING_MAX: u32 = 63;
const HEADERS: u32 = 0x2000;
const RECORD: usize = Limit.RECORD_WORDS * 4;

/** Frames that the last run wrote to the tape. */
export let usualFrames: u32 = 0;

/** Content headers to pass by before the next is compared: who has a new id in each would be compared for nothing. */
let passing: u32 = 0;
let passed: u32 = 0;

/** Where the tape goes on behind what `readContents` wrote. */
let contentsTo: usize = 0;

/** Frames that it wrote. */
let contentsFrames: u32 = 0;

/**
 * Writes records for contents of publishes and deliveries from `p` on, with content headers and bodies behind them, whose method frames, of a payload of `size`, are remembered as `entry`, until the next is to be compared with the one before:
 * what stands in one place in all of them is looked at with one comparison, and a processor need not know a frame to begin with the next. Answers where the first begins that is not so, or about which anything is not as it nearly always is, or that is not all there.
 */
function readContents(
  p: usize,
  end: usize,
  to: usize,
  size: u32,
  entry: usize,
  flags: u32,
  most: u32,
  maxDepth: u32,
  maxFields: u32,
): usize {
  const first = p;
  // Type and channel.
  const envelope = load<u32>(p, 0, 1);
  const channel = (<u32>bswap<u16>(<u16>(envelope >> 8))) << 16;
  const head = (envelope & 0xffff00) << 8;
  const headerHead = head | (FRAME_HEADER << 8) | FRAME_END;
  const bodyHead = head | (FRAME_BODY << 8) | FRAME_END;
  const headerMost = min(HEADER_MAX, most);
  const bodyMost = min(BODY_MAX, most);
  const whole = size + ENVELOPE;
  const least = whole + ENVELOPE + PROPERTY_LIST + ENVELOPE;
  // All but the low half of the tag.
  const tagged = hasTag(entry);
  const before: u32 = tagged ? <u32>tagAt(entry, FRAME_HEAD) + 4 : whole;
  const behind: u32 = tagged ? before + 4 : whole;
  let frames: u32 = 0;
  let count = tagged && (flags & Flag.RUNS) != 0 ? passing : CONTENTS_MAX;
  while (count != 0 && end - p >= least && bottom - to >= RECORD) {
    if (!equalLong(first, p, before)) break;
    if (!Wide.equal(first + behind, p + behind, whole - behind)) break;
    const header = p + whole;
    // With the frame-end before each.
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
    const last = stop + ENVELOPE + bodyOctets;
    if (Octets.octet(last) != FRAME_END) break;
    const list = Octets.short(payload + 12);
    if ((list & 1) != 0) break;
    store<u32>(to, Kind.METHOD | channel);
    store<u32>(to, <u32>(p - input), 4);
    store<u32>(to, size, 8);
    const record = to + 12 + repeat(entry, p + FRAME_HEAD, to + 12);
    store<u32>(record, Kind.PROPERTIES | channel);
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
    store<u32>(to, Kind.BODY | channel);
    store<u32>(to, <u32>(stop + 1 - input), 4);
    store<u32>(to, bodyOctets, 8);
    to += BODY_OCTETS;
    frames += 3;
    count -= 1;
    p = last + 1;
  }
  contentsTo = to;
  contentsFrames = frames;
  // Those that were not compared with the one before.
  if (count <= SAME_PASSING_MAX) passing = count;
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
            let last = load<u64>(p, ACK_LAST, 1);
            const most = min(ACK_MORE_MAX, <u32>(end - p) / <u32>ACK_FRAME - 1);
            while (more != most) {
              // The octet that counts, and those before it where it begins anew.
              if ((last & ACK_OCTET) != ACK_OCTET) last += ACK_STEP;
              else last = bswap(bswap(last) + ACK_NEXT);
              if (load<u64>(p, ACK_FRAME, 1) != envelope) break;
              if (load<u64>(p, ACK_FRAME + ACK_WITHIN, 1) != within) break;
              if (load<u64>(p, ACK_FRAME + ACK_LAST, 1) != last) break;
              more += 1;
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
        if (model != 0) {
          const behind = readRepeated(p, end, to, model, tagAt(entry, FRAME_HEAD), modelHeader, flags, frameMax);
          if (behind != p) {
            if (modelHeader != 0) passed = 0;
            p = behind;
            frames += repeated * 3;
            to = repeatedTo;
            continue;
          }
          // Behind others it is looked at twice: noted once.
          if (headerDiffers) {
            passed = min(passed + passed + 1, SAME_PASSING_MAX);
            passing = passed;
          }
        } else if (full && (flags & Flag.EXACT) == 0 && (passing != 0 || !runs || !hasTag(entry))) {
          const behind = readContents(p, end, to, size, entry, flags, frameMax, maxDepth, maxFields);
          if (behind != p) {
            p = behind;
            frames += contentsFrames;
            to = contentsTo;
            modelHeader = 0;
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
