/** From the core's tape to frames and messages: spec/abi.js says what stands there. */
import { bodyIn, Chunk, chunkFor, ContentBody, placeIn, plainView } from "./content-body.js";
import type { ContentHeader } from "./content.js";
import type { Core } from "./core.js";
import type { CutBody } from "./cut-body.js";
import type { Frame } from "./frame.js";
import { readCommand } from "./generated/commands.js";
import { FRAME_HEADER_SIZE } from "./generated/constants.js";
import { Kind } from "./generated/kinds.js";
import { HEADER_END, HEADER_WORDS } from "./generated/records.js";
import type { Properties } from "./generated/properties.js";
import * as State from "./generated/state.js";
import { Habits } from "./habits.js";
import { Heartbeat } from "./heartbeat.js";
import {
  headersAreGood,
  HeaderSource,
  type HeaderUsage,
  propertiesAt,
  readFullHeader,
  readHeader,
  watchedHeader,
} from "./lazy-content.js";
import { ENVELOPE } from "./limits.js";
import { Message, type ContentMethod } from "./message.js";
import { setTableContext } from "./method-tables.js";
import type { MessageSink, Piece } from "./message-sink.js";
import { protocolHeaderOf } from "./protocol-header.js";
import { beginStrings } from "./strings.js";
import { acksEnd, areAcks, takeAcks } from "./usual-acks.js";
import { deliveriesEnd, endOfContent, isUsual, takeDeliveries, takeLazyDeliveries } from "./usual-deliveries.js";
import { againEnd, headerAgain, takeAgain, takeLazyAgain, takesRuns } from "./usual-repetitions.js";

const BODY_WORDS = 3;
const PROTOCOL_HEADER_WORDS = 4;

/** Walks the tape for one reader, and remembers what its program does with what it gets: that is made at once the next time. */
export class TapeReader {
  readonly #core: Core;
  readonly #habits: Habits;
  /** Of the piece that is being read. */
  #source: HeaderSource | undefined;

  constructor(core: Core, lazy: boolean | undefined) {
    this.#core = core;
    this.#habits = new Habits(lazy);
  }

  /** To be called before the first piece of a chunk. */
  begin(): void {
    this.#habits.begin();
  }

  /** To be called after the last piece of a chunk that was given to a sink, whatever the sink threw. */
  end(): void {
    setTableContext(undefined, 0);
    this.#source = undefined;
  }

  /** Properties are decoded together with their frames where those of the last call were asked for. */
  get wantsProperties(): boolean {
    return this.#habits.wantsProperties;
  }

  /**
   * Makes frames of what stands on the tape, behind what `made` holds; `spans` gets offset and length of each. `cutBody` has the body whose end was found.
   */
  frames(piece: Piece, made: Frame[], spans: number[] | undefined, cutBody: CutBody): Frame[] {
    const core = this.#core;
    const count = core.state(State.FRAMES);
    if (count === 0) return made;
    this.#habits.frames += count;
    beginStrings(core);
    const { octets, before, base, copy, settings } = piece;
    const words = core.words;
    // Room for all at once: an array that grows by and by costs more than some of the frames.
    let index = made.length;
    const frames = index === 0 ? new Array<Frame>(count) : made;
    if (index !== 0) frames.length = index + count;
    // To ask for a buffer takes a while: made where there is a body.
    let chunk: Chunk | undefined;
    setTableContext(settings, base);
    const end = index + count;
    const plain = takesRuns(spans, copy, settings);
    for (let at = core.tape; index < end;) {
      if (spans === undefined && areAcks(words, at)) {
        index = takeAcks(words, at, frames, index, end);
        at = acksEnd;
        if (index === end) break;
      }
      const again = (words[at]! & 0xff) === Kind.AGAIN;
      if (again || (plain && isUsual(words[at + 3]! & 0xff))) {
        chunk ??= this.#chunkOf(piece);
        // Some come the other way now and then: those that are watched.
        const most = Math.min(end, index + 3 * this.#habits.unwatched);
        const next = again
          ? this.#again(core, at, frames, index, most, chunk, piece)
          : this.#deliveries(core, at, frames, index, most, chunk, piece);
        if (next !== index) {
          at = again ? againEnd : deliveriesEnd;
          index = next;
          if (index === end) break;
          // It may stand for many, or for one that is never watched: those are taken above.
          if (areAcks(words, at) || (!this.wantsProperties && (words[at]! & 0xff) === Kind.AGAIN)) continue;
        }
      }
      const head = words[at]!;
      const kind = head & 0xff;
      let frame: Frame;
      if (spans !== undefined && kind !== Kind.BODY_END) spans.push(base + words[at + 1]!, words[at + 2]! + ENVELOPE);
      if (kind === Kind.METHOD) {
        const method = words[at + 3]!;
        frame = readCommand(core, words, method & 0xff, at);
        at += method >>> 8;
      } else if (kind === Kind.PROPERTIES) {
        frame = this.#header(words, at, piece);
        at = core.tape + words[at + HEADER_END]!;
      } else if (kind === Kind.BODY) {
        const start = words[at + 1]! + FRAME_HEADER_SIZE;
        const size = words[at + 2]!;
        chunk ??= this.#chunkOf(piece);
        if (copy) frame = new ContentBody(octets.slice(start - before, start - before + size), head >>> 16);
        else {
          const room = chunkFor(chunk, start, size);
          frame = bodyIn(room, chunk, head >>> 16, start, size);
          chunk = room ?? chunk;
        }
        at += BODY_WORDS;
      } else if (kind === Kind.HEADER) {
        frame = this.#lazyHeader(words, at, piece);
        at += HEADER_WORDS;
      } else if (kind === Kind.AGAIN) {
        // One that may be watched.
        const header = headerAgain(core, words, at);
        takeAgain(core, at, frames, index, index + 3, chunk!);
        at = againEnd;
        const usage = this.#habits.headersNow();
        const { properties } = frames[++index] as ContentHeader;
        if (usage.watches) frames[index] = watchedHeader(words, header, properties, usage);
        frame = frames[++index]!;
      } else if (kind === Kind.BODY_END) {
        frame = cutBody.end();
        at += BODY_WORDS;
        spans?.push(base - frame.length - FRAME_HEADER_SIZE, frame.length + ENVELOPE);
      } else {
        frame = kind === Kind.HEARTBEAT ? new Heartbeat() : protocolHeaderOf(words[at + 3]!);
        at += kind === Kind.HEARTBEAT ? BODY_WORDS : PROTOCOL_HEADER_WORDS;
      }
      frames[index++] = frame;
    }
    setTableContext(undefined, 0);
    this.#source = undefined;
    return frames;
  }

  #chunkOf({ octets, before }: Piece): Chunk {
    return new Chunk(octets.buffer, octets.byteOffset - before, 0);
  }

  #deliveries(core: Core, at: number, frames: Frame[], index: number, end: number, chunk: Chunk, piece: Piece): number {
    const { headers: usage, wantsProperties } = this.#habits;
    if (usage === undefined) return index;
    if (wantsProperties) return takeDeliveries(core, at, frames, index, end, chunk);
    return takeLazyDeliveries(core, at, frames, index, end, chunk, this.#sourceOf(usage, piece));
  }

  #again(core: Core, at: number, frames: Frame[], index: number, end: number, chunk: Chunk, piece: Piece): number {
    if (this.#habits.wantsProperties) return takeAgain(core, at, frames, index, end, chunk);
    const source = this.#sourceOf(this.#habits.headersNow(), piece);
    return takeLazyAgain(core, core.words, at, frames, index, chunk, source);
  }

  /** Gives what stands on the tape to a sink: method, header and body that stand together as a message, if it may begin, the rest frame by frame. */
  messages(piece: Piece, sink: MessageSink, cutBody: CutBody): void {
    const core = this.#core;
    const count = core.state(State.FRAMES);
    if (count === 0) return;
    this.#habits.frames += count;
    beginStrings(core);
    const { octets, before, base, copy, settings } = piece;
    const words = core.words;
    let chunk: Chunk | undefined;
    setTableContext(settings, base);
    for (let at = core.tape, i = 0; i < count; i++) {
      const head = words[at]!;
      const kind = head & 0xff;
      const offset = base + words[at + 1]!;
      if (kind === Kind.METHOD) {
        const method = words[at + 3]!;
        const command = readCommand(core, words, method & 0xff, at);
        at += method >>> 8;
        const end = i + 2 < count ? endOfContent(core, words, at, head, method & 0xff) : 0;
        if (end === 0 || !sink.mayBegin(head >>> 16, words[at + 4]!)) {
          sink.frame(command, offset);
          continue;
        }
        const properties = this.#properties(words, at, piece);
        const start = words[end + 1]! + FRAME_HEADER_SIZE;
        const size = words[end + 2]!;
        chunk ??= this.#chunkOf(piece);
        let body: Uint8Array | Chunk;
        let place = -1;
        if (copy) body = octets.slice(start - before, start - before + size);
        else {
          const room = chunkFor(chunk, start, size);
          if (room === undefined) body = plainView(chunk, start, size);
          else {
            body = chunk = room;
            place = placeIn(room, start, size);
          }
        }
        sink.message(new Message(command as ContentMethod, properties, body, place));
        at = end + BODY_WORDS;
        i += 2;
      } else if (kind === Kind.PROPERTIES) {
        const header = this.#header(words, at, piece);
        at = core.tape + words[at + HEADER_END]!;
        sink.frame(header, offset);
      } else if (kind === Kind.HEADER) {
        const header = this.#lazyHeader(words, at, piece);
        at += HEADER_WORDS;
        sink.frame(header, offset);
      } else if (kind === Kind.BODY) {
        const start = words[at + 1]! + FRAME_HEADER_SIZE;
        const size = words[at + 2]!;
        at += BODY_WORDS;
        chunk ??= this.#chunkOf(piece);
        if (copy) sink.frame(new ContentBody(octets.slice(start - before, start - before + size), head >>> 16), offset);
        else {
          const room = chunkFor(chunk, start, size);
          sink.frame(bodyIn(room, chunk, head >>> 16, start, size), offset);
          chunk = room ?? chunk;
        }
      } else if (kind === Kind.BODY_END) {
        const body = cutBody.end();
        at += BODY_WORDS;
        sink.frame(body, base - body.length - FRAME_HEADER_SIZE, cutBody.spare);
      } else {
        const frame = kind === Kind.HEARTBEAT ? new Heartbeat() : protocolHeaderOf(words[at + 3]!);
        at += kind === Kind.HEARTBEAT ? BODY_WORDS : PROTOCOL_HEADER_WORDS;
        sink.frame(frame, offset);
      }
    }
    this.#source = undefined;
  }

  /** The properties of a header's record, or the header where they are to be decoded later or watched. */
  #properties(words: Int32Array, at: number, piece: Piece): Properties | ContentHeader {
    if ((words[at]! & 0xff) === Kind.HEADER || !headersAreGood(words, at)) return this.#lazyHeader(words, at, piece);
    const usage = this.#habits.headersNow();
    const properties = this.#decoded(words, at, piece);
    return usage.watches ? watchedHeader(words, at, properties, usage) : properties;
  }

  /** The content header of a record with its properties. */
  #header(words: Int32Array, at: number, piece: Piece): ContentHeader {
    if (!headersAreGood(words, at)) return this.#lazyHeader(words, at, piece);
    const usage = this.#habits.headersNow();
    const properties = this.#decoded(words, at, piece);
    return usage.watches ? watchedHeader(words, at, properties, usage) : readFullHeader(words, at, properties);
  }

  #decoded(words: Int32Array, at: number, piece: Piece): Properties {
    const start = words[at + 1]! + FRAME_HEADER_SIZE;
    const source = piece.settings.exact ? this.#sourceFor(start, words[at + 2]!, piece) : undefined;
    return propertiesAt(this.#core, words, at, source, start, words[at]! >>> 16);
  }

  /** A content header that decodes its properties when they are asked for. */
  #lazyHeader(words: Int32Array, at: number, piece: Piece): ContentHeader {
    const source = this.#sourceFor(words[at + 1]! + FRAME_HEADER_SIZE, words[at + 2]!, piece);
    return readHeader(words, at, source);
  }

  #sourceOf(usage: HeaderUsage, { octets, before, base, copy, settings }: Piece): HeaderSource {
    return (this.#source ??= new HeaderSource(
      this.#core,
      settings,
      copy ? octets.slice() : octets,
      before,
      base,
      usage,
    ));
  }

  /** What the header is decoded from whose payload begins at `start`: the piece, or octets of its own where it began before that. */
  #sourceFor(start: number, size: number, piece: Piece): HeaderSource {
    const usage = this.#habits.headersNow();
    if (start >= piece.before) return this.#sourceOf(usage, piece);
    const core = this.#core;
    const octets = core.octets.slice(core.input + start, core.input + start + size);
    return new HeaderSource(core, piece.settings, octets, start, piece.base, usage);
  }
}
