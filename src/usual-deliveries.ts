/**
 * Deliveries and publishes as they nearly always are: method, content header and body one behind the other, none of them with anything wrong. What is made here is what `TapeReader` makes of any frame;
 * in functions so small the engine builds all constructors in.
 */
import { Chunk, chunkAt, chunkFor, PLACE_MAX, PlacedBody, placeIn, SIZE_MAX } from "./content-body.js";
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
import { unsignedLonglong } from "./longlong.js";
import { propertyReader } from "./property-reader.js";
import { text } from "./strings.js";
import type { Table } from "./types.js";
import { Deliver } from "./usual-repetitions.js";

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

function madeOf(core: Core, words: Int32Array, at: number, method: number): Frame {
  return ((method & 0xff) === DELIVER ? readDeliver : readPublish)(core, words, at) as Frame;
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
  within: Chunk,
): number {
  // All that goes into an object is known to be a number or a text before it is made: an engine would ask each time, and write each object twice to be ready for the answer.
  at |= 0;
  index |= 0;
  const last = (end | 0) - 3;
  const words = core.words;
  const tape = core.tape | 0;
  let from = within.from | 0;
  let chunk = new Chunk(within.buffer, within.start, from);
  // The texts of the last delivery, by what the tape has for them: 0 is the empty one.
  let tagId = 0;
  let exchangeId = 0;
  let keyId = 0;
  let consumerTag = "";
  let exchange = "";
  let routingKey = "";
  while (index <= last) {
    const method = words[(at + 3) | 0]!;
    if ((words[at]! & 0xff) !== Kind.METHOD || !isUsual(method & 0xff)) break;
    const header = (at + (method >>> 8)) | 0;
    if ((words[header]! & 0xff) !== Kind.PROPERTIES) break;
    const body = (tape + words[(header + HEADER_END) | 0]!) | 0;
    const size = words[(header + 4) | 0]!;
    const octets = words[(body + 2) | 0]!;
    if ((words[body]! & 0xff) !== Kind.BODY || words[(header + 3) | 0] !== 0 || size < 0 || octets > SIZE_MAX) break;
    if (words[(header + HEADER_EMPTIES) | 0] !== 0) break;
    const flags = words[(header + HEADER_FLAGS) | 0]!;
    const place = words[(header + PLACE) | 0]!;
    // A table that cannot be read.
    if ((flags & HEADERS_FLAG) !== 0 && place === 0) break;
    let known = false;
    if ((method & 0xff) === DELIVER) {
      const a = words[(at + 4) | 0]!;
      const b = words[(at + 8) | 0]!;
      const c = words[(at + 9) | 0]!;
      // What has an id is a text.
      known = (a | b | c) >= 0;
      if (known && (a !== tagId || b !== exchangeId || c !== keyId)) {
        consumerTag = text(core, (tagId = a));
        exchange = text(core, (exchangeId = b));
        routingKey = text(core, (keyId = c));
      }
    }
    let headers: Table | undefined;
    if ((flags & HEADERS_FLAG) !== 0) headers = readHeaderTable(core, place, (header + HEADER_FIELDS) | 0);
    const properties = propertyReader(flags & 0xffff)(core, words, header, headers);
    const start = (words[(body + 1) | 0]! + FRAME_HEADER_SIZE) | 0;
    if (((start - from) | 0) > PLACE_MAX) {
      chunk = chunkAt(chunk, start);
      from = start;
    }
    const channel = words[at]! >>> 16;
    frames[index] = known
      ? new Deliver(
          channel,
          consumerTag,
          unsignedLonglong(words[(at + 5) | 0]!, words[(at + 6) | 0]!),
          (words[(at + 7) | 0]! & 1) !== 0,
          exchange,
          routingKey,
        )
      : madeOf(core, words, at, method);
    frames[index + 1] = new ContentHeader(undefined, properties, words[header]! >>> 16, size);
    frames[index + 2] = new PlacedBody(chunk, words[body]! >>> 16, ((start - from) & 0xffff) | (octets << 16));
    index = (index + 3) | 0;
    at = (body + 3) | 0;
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
    frames[index] = madeOf(core, words, at, method);
    frames[index + 1] = new LazyContentHeader(words[header]! >>> 16, size, source, start, words[header + 2]!);
    frames[index + 2] = new PlacedBody(chunk, words[body]! >>> 16, placeIn(chunk, to, octets));
    at = body + 3;
  }
  source.usage.headers += (index - from) / 3;
  deliveriesEnd = at;
  return index;
}
