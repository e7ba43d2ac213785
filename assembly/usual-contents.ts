/** Whole contents: a method that is known, its content header and one body with all of it, one behind the other on one channel. They become one record. Anything else is left to who reads frame by frame. */
import * as Flag from "./generated/flags";
import * as Kind from "./generated/kinds";
import * as Record from "./generated/records";
import { FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_METHOD } from "./generated/constants";
import { input } from "./memory";
import { Octets } from "./octets";
import { writeArguments } from "./repetition";
import { pooled, resetPool } from "./strings";
import { bottom, rewindTape, top } from "./tape";
import { BASIC, HEADERS, PROPERTY_LIST, readUsualProperties, skipProperties, WRONG } from "./usual-properties";

const FRAME_HEAD: u32 = 7;
const ENVELOPE: u32 = 8;
/** Type and channel, as they stand at the beginning of a frame. */
const TYPE_AND_CHANNEL: u32 = 0xffffff;

/** Where the last content ends. */
export let contentEnd: usize = 0;

/**
 * Writes the record of the content whose method frame stands at `p` and is `entry`'s, and whose header frame should stand at `header`, to the tape at `to`. Answers where the tape goes on; 0 where this is no such content, or there is
 * something wrong or rare with it: what was written then is void.
 */
export function readContent(
  p: usize,
  entry: usize,
  header: usize,
  end: usize,
  to: usize,
  flags: u32,
  frameMax: u32,
  maxDepth: u32,
  maxFields: u32,
): usize {
  if (end - header < ENVELOPE) return 0;
  const method = load<u32>(p, 0, 1);
  const head = load<u64>(header, 0, 1);
  if (((method ^ <u32>head) & TYPE_AND_CHANNEL) != (FRAME_METHOD ^ FRAME_HEADER)) return 0;
  const size = bswap<u32>(<u32>(head >> 24));
  if (size < PROPERTY_LIST || size > <u32>(end - header) - ENVELOPE || size > frameMax) return 0;
  const payload = header + FRAME_HEAD;
  const stop = payload + size;
  if (Octets.octet(stop) != FRAME_END) return 0;
  // Class id 60, weight 0, and a size of 32 bits.
  if (load<u64>(payload, 0, 1) != BASIC) return 0;
  const body = stop + 1;
  if (end - body < ENVELOPE) return 0;
  const bodyHead = load<u64>(body, 0, 1);
  if (((method ^ <u32>bodyHead) & TYPE_AND_CHANNEL) != (FRAME_METHOD ^ FRAME_BODY)) return 0;
  const octets = Octets.long(payload + 8);
  if (bswap<u32>(<u32>(bodyHead >> 24)) != octets || octets - 1 >= 0x7fffffff) return 0;
  if (octets > <u32>(end - body) - ENVELOPE || octets > frameMax) return 0;
  const bodyEnd = body + FRAME_HEAD + octets;
  if (Octets.octet(bodyEnd) != FRAME_END) return 0;
  const list = Octets.short(payload + 12);
  if ((list & 1) != 0) return 0;

  store<u32>(to, Kind.CONTENT | (<u32>bswap<u16>(<u16>(method >> 8)) << 16));
  store<u32>(to, <u32>(p - input), 4);
  store<u32>(to, <u32>(header - input), <usize>Record.CONTENT_HEADER << 2);
  store<u32>(to, <u32>(body - input), <usize>Record.CONTENT_BODY << 2);
  writeArguments(entry, p + FRAME_HEAD, to);
  store<u32>(to, octets, <usize>Record.CONTENT_SIZE << 2);
  const at = to + (<usize>Record.CONTENT_LIST << 2);
  contentEnd = bodyEnd + 1;
  if ((flags & Flag.PROPERTIES) == 0) {
    if ((flags & Flag.STRICT) != 0 && (list & HEADERS) != 0) return 0;
    const scalars = skipProperties(payload + PROPERTY_LIST, stop, list);
    if (scalars == WRONG) return 0;
    store<u32>(at, scalars);
    return to + (<usize>Record.CONTENT_WORDS << 2);
  }
  if ((flags & Flag.EXACT) != 0) return 0;
  const toBottom = bottom;
  const toPooled = pooled;
  if (readUsualProperties(at, payload, stop, list, maxDepth, maxFields)) return top;
  rewindTape(to, toBottom);
  resetPool(toPooled);
  return 0;
}
