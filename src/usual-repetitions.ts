/** Deliveries that are like the one before but for tag and body, content header and all: what they share is taken from its record once. */
import { bodyIn, chunkFor, PlacedBody, placeIn, type Chunk, type ContentBody } from "./content-body.js";
import { ContentHeader } from "./content.js";
import type { Core } from "./core.js";
import { readHeaderTable } from "./fields.js";
import type { Frame } from "./frame.js";
import { NewDeliver } from "./generated/commands.js";
import { FRAME_HEADER_SIZE } from "./generated/constants.js";
import { Kind } from "./generated/kinds.js";
import { HEADER_FIELDS, HEADER_FLAGS, HEADER_TABLE, HEADERS_FLAG } from "./generated/records.js";
import { ENVELOPE, type DecodeSettings } from "./limits.js";
import { unsignedLonglong } from "./longlong.js";
import { LazyContentHeader, type HeaderSource } from "./lazy-content.js";
import { propertyReader } from "./property-reader.js";
import { string } from "./strings.js";
import type { Longlong, Table } from "./types.js";

/** Words of a record that stands for such a delivery. */
export const AGAIN_WORDS = 5;

const Deliver = NewDeliver as new (
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

/** Where the record of the content header stands that the delivery at this word has. */
export function headerAgain(core: Core, words: Int32Array, at: number): number {
  const model = core.tape + words[at + 2]!;
  return model + (words[model + 3]! >>> 8);
}

/** The method of the delivery at this word. */
export function methodAgain(core: Core, words: Int32Array, at: number): Frame {
  const model = core.tape + words[at + 2]!;
  return new Deliver(
    words[at]! >>> 16,
    string(core, words[model + 4]!),
    unsignedLonglong(words[model + 5]!, words[at + 3]!),
    (words[model + 7]! & 1) !== 0,
    string(core, words[model + 8]!),
    string(core, words[model + 9]!),
  );
}

/** Its body. */
export function bodyAgain(core: Core, words: Int32Array, at: number, chunk: Chunk): ContentBody {
  const model = core.tape + words[at + 2]!;
  const header = headerAgain(core, words, at);
  const start = words[at + 1]! + toBody(words, model, header);
  const octets = words[header + 4]!;
  return bodyIn(chunkFor(chunk, start, octets), chunk, words[at]! >>> 16, start, octets);
}

/** How far behind the beginning of a delivery's first frame its body's octets stand. */
function toBody(words: Int32Array, model: number, header: number): number {
  return words[model + 2]! + words[header + 2]! + 2 * ENVELOPE + FRAME_HEADER_SIZE;
}

/** Where the tape goes on behind the deliveries that were taken last. */
export let againEnd = 0;

/** Takes deliveries that are like the same one from the tape at `at` to the array's places from `index` to `end`; answers the first place that is free. */
export function takeAgain(core: Core, at: number, frames: Frame[], index: number, end: number, chunk: Chunk): number {
  const words = core.words;
  const place = words[at + 2]!;
  const model = core.tape + place;
  const header = headerAgain(core, words, at);
  const channel = words[model]! >>> 16;
  // Texts, all of them: what is no UTF-8 is remembered by nobody.
  const consumerTag = string(core, words[model + 4]!);
  const high = words[model + 5]!;
  const redelivered = (words[model + 7]! & 1) !== 0;
  const exchange = string(core, words[model + 8]!);
  const routingKey = string(core, words[model + 9]!);
  const flags = words[header + HEADER_FLAGS]!;
  const table = (flags & HEADERS_FLAG) === 0 ? 0 : words[header + HEADER_TABLE + 2]!;
  const octets = words[header + 4]!;
  const distance = toBody(words, model, header);
  for (; end - index >= 3 && (words[at]! & 0xff) === Kind.AGAIN && words[at + 2] === place; index += 3) {
    const start = words[at + 1]! + distance;
    // So small a body always has a place.
    chunk = chunkFor(chunk, start, octets) ?? chunk;
    let headers: Table | undefined;
    if (table !== 0) headers = readHeaderTable(core, table, header + HEADER_FIELDS);
    const properties = propertyReader(flags & 0xffff)(core, words, header, headers);
    const tag = unsignedLonglong(high, words[at + 3]!);
    frames[index] = new Deliver(channel, consumerTag, tag, redelivered, exchange, routingKey);
    frames[index + 1] = new ContentHeader(undefined, properties, channel, octets);
    frames[index + 2] = new PlacedBody(chunk, channel, placeIn(chunk, start, octets));
    at += AGAIN_WORDS;
  }
  againEnd = at;
  return index;
}

/** As `takeAgain`, of deliveries whose properties are left alone: their content headers may be any. */
export function takeLazyAgain(
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
  const place = words[at + 2]!;
  const model = core.tape + place;
  const channel = words[model]! >>> 16;
  const consumerTag = string(core, words[model + 4]!);
  const high = words[model + 5]!;
  const redelivered = (words[model + 7]! & 1) !== 0;
  const exchange = string(core, words[model + 8]!);
  const routingKey = string(core, words[model + 9]!);
  const distance = words[model + 2]! + ENVELOPE + FRAME_HEADER_SIZE;
  for (; end - index >= 3 && (words[at]! & 0xff) === Kind.AGAIN && words[at + 2] === place; index += 3) {
    const start = words[at + 1]! + distance;
    const sizes = words[at + 4]!;
    const size = sizes & 0xffff;
    const octets = sizes >>> 16;
    const to = start + size + ENVELOPE;
    // So small a body always has a place.
    chunk = chunkFor(chunk, to, octets) ?? chunk;
    const tag = unsignedLonglong(high, words[at + 3]!);
    frames[index] = new Deliver(channel, consumerTag, tag, redelivered, exchange, routingKey);
    frames[index + 1] = new LazyContentHeader(channel, octets, source, start, size);
    frames[index + 2] = new PlacedBody(chunk, channel, placeIn(chunk, to, octets));
    at += AGAIN_WORDS;
  }
  source.usage.headers += (index - from) / 3;
  againEnd = at;
  return index;
}
