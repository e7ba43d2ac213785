/**
 * Deliveries and publishes as they nearly always are: method, content header and body one behind the other, none of them with anything wrong. What is made here is what `TapeReader` makes of any frame;
 * in functions so small the engine builds all constructors in.
 */
import { chunkFor, PlacedBody, placeIn, type Chunk } from "./content-body.js";
import { ContentHeader } from "./content.js";
import type { Core } from "./core.js";
import { readHeaderTable } from "./fields.js";
import type { Frame } from "./frame.js";
import { contentMethods, DELIVER, PUBLISH, readDeliver, readPublish } from "./generated/commands.js";
import { FRAME_HEADER_SIZE } from "./generated/constants.js";
import { Kind } from "./generated/kinds.js";
import {
  HEADER_EMPTIES,
  HEADER_END,
  HEADER_FIELDS,
  HEADER_FLAGS,
  HEADER_TABLE,
  HEADER_WORDS,
  HEADERS_FLAG,
} from "./generated/records.js";
import { LazyContentHeader, type HeaderSource } from "./lazy-content.js";
import { propertyReader } from "./property-reader.js";
import type { Table } from "./types.js";

/** What a record says of the place of its table's fields; 0 for none. */
const PLACE = HEADER_TABLE + 2;

/** By dense index of the method. */
const carriesContent = new Uint8Array(256);
for (const method of contentMethods) carriesContent[method] = 1;

/** Where the record of a body stands that is all the content of a method, behind the header at `at`; 0 where there is none. */
export function endOfContent(core: Core, words: Int32Array, at: number, methodHead: number, method: number): number {
  const kind = words[at]! & 0xff;
  if ((kind !== Kind.PROPERTIES && kind !== Kind.HEADER) || (words[at]! ^ methodHead) >>> 16 !== 0) return 0;
  const end = kind === Kind.HEADER ? at + HEADER_WORDS : core.tape + words[at + HEADER_END]!;
  // Same channel, a body, and all that the header announced.
  if (words[end]! !== ((methodHead & ~0xff) | Kind.BODY) || words[end + 2] !== words[at + 4] || words[at + 3] !== 0)
    return 0;
  return carriesContent[method] === 1 ? end : 0;
}

/** Whether a method is one of the two that come again and again. */
export function isUsual(method: number): boolean {
  return method === DELIVER || method === PUBLISH;
}

/** Where the tape goes on behind the deliveries that were taken last. */
export let deliveriesEnd = 0;

/** Takes deliveries with properties from the tape at `at` to the array's places from `index` to `end`; answers the first place that is free. */
export function takeDeliveries(
  core: Core,
  at: number,
  frames: Frame[],
  index: number,
  end: number,
  chunk: Chunk,
): number {
  const words = core.words;
  for (; end - index >= 3; index += 3) {
    const method = words[at + 3]!;
    if ((words[at]! & 0xff) !== Kind.METHOD || !isUsual(method & 0xff)) break;
    const header = at + (method >>> 8);
    if ((words[header]! & 0xff) !== Kind.PROPERTIES) break;
    const body = core.tape + words[header + HEADER_END]!;
    const flags = words[header + HEADER_FLAGS]!;
    const place = words[header + PLACE]!;
    if ((words[body]! & 0xff) !== Kind.BODY || words[header + 3] !== 0 || words[header + 4]! < 0) break;
    if (words[header + HEADER_EMPTIES] !== 0) break;
    const start = words[body + 1]! + FRAME_HEADER_SIZE;
    const octets = words[body + 2]!;
    const room = chunkFor(chunk, start, octets);
    if (room === undefined) break;
    chunk = room;
    let headers: Table | undefined;
    if ((flags & HEADERS_FLAG) !== 0) {
      // A table that cannot be read.
      if (place === 0) break;
      headers = readHeaderTable(core, place, header + HEADER_FIELDS);
    }
    const properties = propertyReader(flags & 0xffff)(core, words, header, headers);
    frames[index] = ((method & 0xff) === DELIVER ? readDeliver : readPublish)(core, words, at) as Frame;
    frames[index + 1] = new ContentHeader(undefined, properties, words[header]! >>> 16, words[header + 4]);
    frames[index + 2] = new PlacedBody(chunk, words[body]! >>> 16, placeIn(chunk, start, octets));
    at = body + 3;
  }
  deliveriesEnd = at;
  return index;
}

/** As `takeDeliveries`, of deliveries whose properties nobody asked for the last time. */
export function takeLazyDeliveries(
  core: Core,
  at: number,
  frames: Frame[],
  index: number,
  end: number,
  chunk: Chunk,
  source: HeaderSource,
): number {
  const words = core.words;
  const from = index;
  for (; end - index >= 3; index += 3) {
    const method = words[at + 3]!;
    if ((words[at]! & 0xff) !== Kind.METHOD || !isUsual(method & 0xff)) break;
    const header = at + (method >>> 8);
    const body = header + HEADER_WORDS;
    if ((words[header]! & 0xff) !== Kind.HEADER || (words[body]! & 0xff) !== Kind.BODY) break;
    const size = words[header + 4]!;
    if (words[header + 3] !== 0 || size < 0) break;
    const start = words[header + 1]! + FRAME_HEADER_SIZE;
    const to = words[body + 1]! + FRAME_HEADER_SIZE;
    const octets = words[body + 2]!;
    const room = chunkFor(chunk, to, octets);
    if (room === undefined) break;
    chunk = room;
    frames[index] = ((method & 0xff) === DELIVER ? readDeliver : readPublish)(core, words, at) as Frame;
    frames[index + 1] = new LazyContentHeader(words[header]! >>> 16, size, source, start, words[header + 2]!);
    frames[index + 2] = new PlacedBody(chunk, words[body]! >>> 16, placeIn(chunk, to, octets));
    at = body + 3;
  }
  source.usage.headers += (index - from) / 3;
  deliveriesEnd = at;
  return index;
}
