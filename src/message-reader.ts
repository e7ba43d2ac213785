import { ContentBody } from "./content-body.js";
import { ContentHeader } from "./content.js";
import { DecodeError } from "./errors.js";
import { failingAfter } from "./failing-array.js";
import type { Frame } from "./frame.js";
import { FrameReader, type FrameReaderOptions } from "./frame-reader.js";
import type { ContentMethod } from "./frame-writer.js";
import { GatheredBody } from "./gathered-body.js";
import { contentMethods } from "./generated/commands.js";
import type { Properties } from "./generated/properties.js";
import { inspected, inspectSymbol } from "./inspection.js";
import { DEFAULT_MAX_BODY_SIZE, optionInRange } from "./limits.js";
import { factsOf, Method } from "./methods.js";

/** How messages are put together. */
export interface MessageReaderOptions extends FrameReaderOptions {
  /** Largest content in octets, checked when its header arrives: 0 to 9007199254740991. Defaults to 536870912 (512 MiB), RabbitMQ's own limit. */
  maxBodySize?: number;
}

/** A whole message: the method that carried it, its properties and its body. */
export class Message {
  declare readonly name: "Message";
  readonly method: ContentMethod;
  readonly #header: ContentHeader;
  readonly #body: ContentBody;

  constructor(method: ContentMethod, header: ContentHeader, body: ContentBody) {
    this.method = method;
    this.#header = header;
    this.#body = body;
  }

  get channel(): number {
    return this.method.channel;
  }

  /** All octets of the content. A view of the chunk where one frame held them, unless the reader was told `reuse: true`. */
  get body(): Uint8Array {
    return this.#body.value;
  }

  /** Decoded when they are first asked for; see `ContentHeader`. */
  get properties(): Properties {
    return this.#header.properties;
  }

  /** As a plain object; for `JSON.stringify` fit for JSON. */
  toJSON(key?: string): Record<string, unknown> {
    return {
      method: { name: this.method.name, ...this.method.toJSON(key) },
      channel: this.channel,
      properties: this.properties.toJSON(key),
      bodySize: this.body.length,
    };
  }

  toString(): string {
    return `${this.name} ${JSON.stringify(this)}`;
  }

  [inspectSymbol](depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    const { method, properties, body, channel } = this;
    return inspected(this.name, { method, properties, body, channel }, depth, options, inspect);
  }
}
Object.defineProperty(Message.prototype, "name", { value: "Message" });

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
  readonly #spans: readonly number[];

  /** @throws EncodeError where an option is out of range. */
  constructor({ maxBodySize = DEFAULT_MAX_BODY_SIZE, ...options }: MessageReaderOptions = {}) {
    this.#maxBodySize = optionInRange("maxBodySize", maxBodySize, 0, Number.MAX_SAFE_INTEGER);
    this.#reader = new FrameReader(options);
    this.#spans = this.#reader.spans();
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
    const items: MessageOrFrame[] = [];
    let error: DecodeError | undefined;
    let i = 0;
    try {
      for (const frame of this.#reader.push(chunk)) this.#take(frame, this.#spans[2 * i++]!, items);
    } catch (thrown) {
      if (!(thrown instanceof DecodeError)) throw thrown;
      error = thrown;
    }
    if (error === undefined) return items;
    this.#error = error;
    this.#pending.clear();
    if (items.length === 0) throw error;
    return failingAfter(items, error);
  }

  #take(frame: Frame, offset: number, items: MessageOrFrame[]): void {
    const channel = frame.channel;
    const pending = this.#pending.get(channel);
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
