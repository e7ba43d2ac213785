/** Whole contents, which the core found one behind the other: made in straight loops, each in functions so small that an engine builds all constructors in. What is made here is what `TapeReader` makes of any frame. */
import { ContentBody, LazyContentBody, type Chunk } from "./content-body.js";
import { ContentHeader } from "./content.js";
import type { Core } from "./core.js";
import { readHeaderTable } from "./fields.js";
import type { Frame } from "./frame.js";
import { DELIVER, readDeliver, readPublish } from "./generated/commands.js";
import { FRAME_HEADER_SIZE } from "./generated/constants.js";
import { Kind } from "./generated/kinds.js";
import {
  CONTENT_BODY,
  CONTENT_HEADER,
  CONTENT_LIST,
  CONTENT_SIZE,
  CONTENT_WORDS,
  HEADERS_FLAG,
  LIST_EMPTIES,
  LIST_END,
  LIST_FIELDS,
  LIST_PLACE,
  LIST_VALUES,
} from "./generated/records.js";
import { LazyContentHeader, type HeaderSource } from "./lazy-content.js";
import type { ContentMethod } from "./message.js";
import { ENVELOPE } from "./limits.js";
import { propertyReader } from "./property-reader.js";
import type { Table } from "./types.js";

/** The method of the content whose record stands at this word. */
export function contentMethod(core: Core, words: Int32Array, at: number): ContentMethod {
  const deliver = ((words[at]! >>> 8) & 0xff) === DELIVER;
  return (deliver ? readDeliver(core, words, at) : readPublish(core, words, at)) as ContentMethod;
}

/** Where the payload of its content header begins in the input, and its octets. */
export function headerStart(words: Int32Array, at: number): number {
  return words[at + CONTENT_HEADER]! + FRAME_HEADER_SIZE;
}

export function headerSize(words: Int32Array, at: number): number {
  return words[at + CONTENT_BODY]! - words[at + CONTENT_HEADER]! - ENVELOPE;
}

/** Where the tape goes on behind the contents that were taken last. */
export let contentsEnd = 0;

/** Takes contents from the tape at `at` to the array's places from `index` to `end`, with properties and views of bodies; answers the first place that is free. */
export function takeContents(
  core: Core,
  at: number,
  frames: Frame[],
  index: number,
  end: number,
  chunk: Chunk,
): number {
  const words = core.words;
  for (; end - index >= 3; index += 3) {
    const head = words[at]!;
    if ((head & 0xff) !== Kind.CONTENT) break;
    const list = at + CONTENT_LIST;
    const scalars = words[list]!;
    if (words[list + LIST_EMPTIES] !== 0) break;
    let headers: Table | undefined;
    if ((scalars & HEADERS_FLAG) !== 0)
      headers = readHeaderTable(core, words[list + LIST_PLACE]!, core.tape + words[list + LIST_FIELDS]!);
    const properties = propertyReader(scalars & 0xffff)(core, words, list + LIST_VALUES, scalars, headers);
    const size = words[at + CONTENT_SIZE]!;
    const start = chunk.start + words[at + CONTENT_BODY]! + FRAME_HEADER_SIZE;
    frames[index] = contentMethod(core, words, at) as Frame;
    frames[index + 1] = new ContentHeader(undefined, properties, head >>> 16, size);
    frames[index + 2] = new ContentBody(new Uint8Array(chunk.buffer, start, size), head >>> 16);
    at = core.tape + words[list + LIST_END]!;
  }
  contentsEnd = at;
  return index;
}

/** As `takeContents`, with properties to be decoded and bodies to be viewed when they are asked for. */
export function takeLazyContents(
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
  for (; end - index >= 3; index += 3, at += CONTENT_WORDS) {
    const head = words[at]!;
    if ((head & 0xff) !== Kind.CONTENT) break;
    const channel = head >>> 16;
    const size = words[at + CONTENT_SIZE]!;
    frames[index] = contentMethod(core, words, at) as Frame;
    frames[index + 1] = new LazyContentHeader(
      undefined,
      channel,
      size,
      source,
      headerStart(words, at),
      headerSize(words, at),
    );
    frames[index + 2] = new LazyContentBody(chunk, channel, words[at + CONTENT_BODY]! + FRAME_HEADER_SIZE, size);
  }
  source.usage.headers += (index - from) / 3;
  contentsEnd = at;
  return index;
}
