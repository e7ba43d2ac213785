import { ContentBody } from "./content-body.js";
import { ContentHeader } from "./content.js";
import { DecodeError } from "./errors.js";
import { failingAfter } from "./failing-array.js";
import type { Frame } from "./frame.js";
import { FrameReader, type FrameReaderOptions } from "./frame-reader.js";
import { GatheredBody } from "./gathered-body.js";
import { contentMethods } from "./generated/commands.js";
import { optionInRange } from "./limits.js";
import { Message, type ContentMethod } from "./message.js";
import { factsOf, Method } from "./methods.js";
import type { MessageSink } from "./tape.js";

/** How messages are put together. */
export interface MessageReaderOptions extends FrameReaderOptions {
  /** Largest content in octets, checked when its header arrives: 0 to 9007199254740991. Defaults to 536870912 (512 MiB), RabbitMQ's own limit. */
  maxBodySize?: number;
}

const DEFAULT_MAX_BODY_SIZE = 536_870_912;
const NOTHING: MessageOrFrame[] = [];

/** What a channel waits for: a header, or more of a body. */
interface Pending {
  readonly method: ContentMethod;
  header: ContentHeader | undefined;
  readonly body: GatheredBody;
}

/** Frames that carry no content, and whole messages. */
export type MessageOrFrame = Exclude<Frame, ContentMethod | ContentHeader | ContentBody> | Message;

/**
 * Reads one direction of one connection as messages: a method that carries content, its header and its bodies become one `Message`; every other frame is answered as it is. Channels may be
 * interleaved as they like. Nothing is made from a declared size: memory is bounded by what has arrived.
 */
export class MessageReader {
  readonly #reader: FrameReader;
  readonly #maxBodySize: number;
  readonly #pending = new Map<number, Pending>();
  #error: DecodeError | undefined;
  readonly #listening: boolean;
  #items = NOTHING;
  readonly #sink: MessageSink = {
    mayBegin: (channel, bodySize) =>
      channel !== 0 &&
      bodySize > 0 &&
      bodySize <= this.#maxBodySize &&
      (this.#pending.size === 0 || !this.#pending.has(channel)),
    message: (message) => {
      this.#items.push(message);
    },
    frame: (frame, offset) => this.#take(frame, offset),
  };

  /** @throws EncodeError where an option is out of range. */
  constructor({ maxBodySize = DEFAULT_MAX_BODY_SIZE, ...options }: MessageReaderOptions = {}) {
    this.#maxBodySize = optionInRange("maxBodySize", maxBodySize, 0, Number.MAX_SAFE_INTEGER);
    this.#reader = new FrameReader(options);
    this.#listening = options.onFrame !== undefined;
  }

  /** Largest payload of a frame in octets; see `FrameReader`. */
  get frameMax(): number {
    return this.#reader.frameMax;
  }

  set frameMax(value: number) {
    this.#reader.frameMax = value;
  }

  /** Octets of the stream that were taken in. */
  get octetsRead(): number {
    return this.#reader.octetsRead;
  }

  /** Octets that are there of a frame of which the rest is still to come. */
  get octetsPending(): number {
    return this.#reader.octetsPending;
  }

  /** A buffer for a socket to read into; see `FrameReader.buffer`. */
  buffer(octets?: number): Uint8Array {
    return this.#reader.buffer(octets);
  }

  /** The error that ended this stream, if one did. */
  get error(): DecodeError | undefined {
    return this.#error ?? this.#reader.error;
  }

  /** Makes the reader new. */
  reset(): void {
    this.#reader.reset();
    this.#pending.clear();
    this.#error = undefined;
  }

  /**
   * Takes the next octets and answers what they complete. Wrong octets, and frames that may not stand where they do, are errors as `FrameReader.push` has them.
   *
   * @throws DecodeError
   */
  push(chunk: Uint8Array): MessageOrFrame[] {
    if (this.#error !== undefined) throw this.#error;
    const items: MessageOrFrame[] = (this.#items = []);
    let error: DecodeError | undefined;
    try {
      if (this.#listening) this.#takeAll(chunk);
      else error = this.#reader.pushMessages(chunk, this.#sink);
    } catch (thrown) {
      if (!(thrown instanceof DecodeError)) throw thrown;
      error = thrown;
    }
    this.#items = NOTHING;
    if (error === undefined) return items;
    this.#error = error;
    this.#pending.clear();
    if (items.length === 0) throw error;
    return failingAfter(items, error);
  }

  /** Frame by frame, for somebody who wants to be told of each. */
  #takeAll(chunk: Uint8Array): void {
    const spans = this.#reader.spans();
    let i = 0;
    for (const frame of this.#reader.push(chunk)) this.#take(frame, spans[2 * i++]!);
  }

  #take(frame: Frame, offset: number): void {
    const channel = frame.channel;
    const pending = this.#pending.get(channel);
    const items = this.#items;
    if (frame instanceof ContentBody) {
      this.#takeBody(frame, pending, offset, items);
    } else if (frame instanceof ContentHeader) {
      this.#takeHeader(frame, pending, offset, items);
    } else if (pending !== undefined) {
      throw unexpected(frame, offset, `the content of ${pending.method.name} is not complete`);
    } else if (frame instanceof Method && contentMethods.has(factsOf(frame).dense)) {
      if (channel === 0) throw unexpected(frame, offset, "content travels on channels from 1 on");
      this.#pending.set(channel, { method: frame as ContentMethod, header: undefined, body: new GatheredBody() });
    } else {
      items.push(frame as MessageOrFrame);
    }
  }

  #takeHeader(header: ContentHeader, pending: Pending | undefined, offset: number, items: MessageOrFrame[]): void {
    if (pending === undefined) throw unexpected(header, offset, "no method that carries content came before it");
    if (pending.header !== undefined) throw unexpected(header, offset, "the content has a header already");
    if (header.bodySize > this.#maxBodySize) {
      const message = `content of ${header.bodySize} octets is over the limit of ${this.#maxBodySize}`;
      throw contentError("body-size", 501, message, header, offset);
    }
    if (header.bodySize === 0) {
      this.#pending.delete(header.channel);
      items.push(new Message(pending.method, header, new ContentBody()));
    } else {
      pending.header = header;
    }
  }

  #takeBody(body: ContentBody, pending: Pending | undefined, offset: number, items: MessageOrFrame[]): void {
    if (pending?.header === undefined) throw unexpected(body, offset, "no content header came before it");
    const { method, header, body: gathered } = pending;
    const left = Number(header.bodySize) - gathered.length;
    const size = body.length;
    if (size > left) {
      throw contentError("body-size", 501, `content body of ${size} octets where ${left} are left`, body, offset);
    }
    const whole = gathered.length === 0 && size === left;
    if (!whole) gathered.add(body.value);
    if (size < left) return;
    this.#pending.delete(body.channel);
    items.push(new Message(method, header, whole ? body : new ContentBody(gathered.join(), body.channel)));
  }
}

function unexpected(frame: Frame, offset: number, why: string): DecodeError {
  return contentError("unexpected-frame", 505, `unexpected ${frame.name}: ${why}`, frame, offset);
}

function contentError(code: string, replyCode: number, message: string, frame: Frame, offset: number): DecodeError {
  const ids = frame instanceof Method ? factsOf(frame).index : 60 << 16;
  return new DecodeError({
    code,
    message,
    replyCode,
    channel: frame.channel,
    classId: ids >>> 16,
    methodId: ids & 0xffff,
    offset,
  });
}
