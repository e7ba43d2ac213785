/** Deliveries that are like the one before but for tag and body, content header and all: what they share is taken from its record once. */
import { Chunk, chunkAt, chunkFor, PLACE_MAX, PlacedBody, placeIn } from "./content-body.js";
import { ContentHeader } from "./content.js";
import type { Core } from "./core.js";
import { readHeaderTable } from "./fields.js";
import type { Frame } from "./frame.js";
import { NewDeliver } from "./generated/commands.js";
import { FRAME_HEADER_SIZE } from "./generated/constants.js";
import { HEADER_FIELDS, HEADER_FLAGS, HEADER_TABLE, HEADERS_FLAG } from "./generated/records.js";
import { ENVELOPE, type DecodeSettings } from "./limits.js";
import { unsignedLonglong } from "./longlong.js";
import { LazyContentHeader, type HeaderSource } from "./lazy-content.js";
import { propertyReader } from "./property-reader.js";
import { text } from "./strings.js";
import type { Longlong, Table } from "./types.js";

/** Words that the record of a run begins with, and words of each of its deliveries. */
const RUN_WORDS = 4;
const DELIVERY_WORDS = 2;

export const Deliver = NewDeliver as new (
  channel: number,
  consumerTag: string | Uint8Array,
  deliveryTag: Longlong,
  redelivered: boolean,
  exchange: string | Uint8Array,
  routingKey: string | Uint8Array,
) => Frame;

/** Whether records that stand for several frames may be on the tape: where frames alone are wanted, as views of the chunk. */
export function takesRuns(spans: number[] | undefined, copy: boolean, settings: DecodeSettings): boolean {
  return spans === undefined && !copy && !settings.exact;
}

/** Where the record of the content header stands that the deliveries of the run at this word have. */
export function headerAgain(core: Core, words: Int32Array, at: number): number {
  const model = core.tape + words[at + 2]!;
  return model + (words[model + 3]! >>> 8);
}

/** Where the tape goes on behind the deliveries that were taken last. */
export let againEnd = 0;

/** Takes deliveries of the run on the tape at `at`, with content headers that are all the same, to the array's places from `index` to `end`; answers the first place that is free. */
export function takeAgain(core: Core, at: number, frames: Frame[], index: number, end: number, chunk: Chunk): number {
  const words = core.words;
  const model = (core.tape + words[at + 2]!) | 0;
  const header = headerAgain(core, words, at);
  const channel = words[model]! >>> 16;
  const consumerTag = text(core, words[model + 4]!);
  const high = words[model + 5]!;
  const redelivered = (words[model + 7]! & 1) !== 0;
  const exchange = text(core, words[model + 8]!);
  const routingKey = text(core, words[model + 9]!);
  const flags = words[header + HEADER_FLAGS]!;
  const table = (flags & HEADERS_FLAG) === 0 ? 0 : words[header + HEADER_TABLE + 2]!;
  const octets = words[header + 4]!;
  // How far behind the beginning of a delivery's first frame its body's octets stand.
  const distance = (words[model + 2]! + words[header + 2]! + 2 * ENVELOPE + FRAME_HEADER_SIZE) | 0;
  const count = Math.min(words[at + 3]!, ((end - index) / 3) | 0);
  let start = (words[at + 1]! + distance) | 0;
  index |= 0;
  for (let i = 0; i < count; i++) {
    // So small a body always has a place.
    chunk = chunkFor(chunk, start, octets) ?? chunk;
    let headers: Table | undefined;
    if (table !== 0) headers = readHeaderTable(core, table, header + HEADER_FIELDS);
    const properties = propertyReader(flags & 0xffff)(core, words, header, headers);
    const tag = unsignedLonglong(high, words[at + RUN_WORDS + DELIVERY_WORDS * i]!);
    frames[index] = new Deliver(channel, consumerTag, tag, redelivered, exchange, routingKey);
    frames[index + 1] = new ContentHeader(undefined, properties, channel, octets);
    frames[index + 2] = new PlacedBody(chunk, channel, placeIn(chunk, start, octets));
    index = (index + 3) | 0;
    start = (start + distance + octets + 1) | 0;
  }
  const left = words[at + 3]! - count;
  againEnd = at + DELIVERY_WORDS * count;
  if (left === 0) againEnd += RUN_WORDS;
  else {
    // What is left of a run is a run, whose record comes over what was taken.
    words.copyWithin(againEnd, at, at + RUN_WORDS);
    words[againEnd + 1] = start - distance;
    words[againEnd + 3] = left;
  }
  return index;
}

/** As `takeAgain`, of deliveries whose properties are left alone, and all of the run: their content headers may be any. */
export function takeLazyAgain(
  core: Core,
  words: Int32Array,
  at: number,
  frames: Frame[],
  index: number,
  within: Chunk,
  source: HeaderSource,
): number {
  // All that the loop needs is known to be a number or an object before it: an engine would ask each time, and write each object twice to be ready for the answer.
  index |= 0;
  const usage = source.usage;
  const model = (core.tape + words[at + 2]!) | 0;
  const channel = words[model]! >>> 16;
  const consumerTag = text(core, words[model + 4]!);
  const high = words[model + 5]!;
  const redelivered = (words[model + 7]! & 1) !== 0;
  const exchange = text(core, words[model + 8]!);
  const routingKey = text(core, words[model + 9]!);
  const distance = (words[model + 2]! + ENVELOPE + FRAME_HEADER_SIZE) | 0;
  const count = words[at + 3]!;
  let start = (words[at + 1]! + distance) | 0;
  let from = within.from | 0;
  let chunk = new Chunk(within.buffer, within.start, from);
  at = (at + RUN_WORDS) | 0;
  const end = (at + DELIVERY_WORDS * count) | 0;
  usage.headers += count;
  while (at < end) {
    const sizes = words[(at + 1) | 0]!;
    const size = sizes & 0xffff;
    const to = (start + size + ENVELOPE) | 0;
    if (((to - from) | 0) > PLACE_MAX) {
      chunk = chunkAt(chunk, to);
      from = to;
    }
    const octets = sizes >>> 16;
    const tag = unsignedLonglong(high, words[at]!);
    frames[index] = new Deliver(channel, consumerTag, tag, redelivered, exchange, routingKey);
    frames[index + 1] = new LazyContentHeader(channel, octets, source, start, size);
    frames[index + 2] = new PlacedBody(chunk, channel, ((to - from) & 0xffff) | (sizes & ~0xffff));
    start = (to + octets + 1 + distance) | 0;
    index = (index + 3) | 0;
    at = (at + DELIVERY_WORDS) | 0;
  }
  againEnd = at;
  return index;
}
