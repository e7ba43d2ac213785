import { ContentBody } from "./content-body.js";
import { ContentHeader } from "./content.js";
import { contentError } from "./content-error.js";
import { DecodeError } from "./errors.js";
import { failingAfter } from "./failing-array.js";
import type { Frame } from "./frame.js";
import { FrameReader } from "./frame-reader.js";
import { GatheredBody } from "./gathered-body.js";
import { contentMethods } from "./generated/commands.js";
import { Message, type ContentMethod } from "./message.js";
import {
  messageSettings,
  type MessageItem,
  type MessageReaderOptions,
  type MessageSettings,
} from "./message-options.js";
import { factsOf, Method } from "./methods.js";
import { BodyPart, MessageStart } from "./streamed-content.js";
import type { MessageSink } from "./message-sink.js";

const NOTHING: never[] = [];

/** What a channel waits for: a header, or more of a body. */
interface Pending {
  readonly method: ContentMethod;
  header: ContentHeader | undefined;
  readonly body: GatheredBody;
  /** Octets of the body that came. */
  received: number;
  /** Whether it is handed out as it comes. */
  streamed: boolean;
  /** Whether nobody wants it any more. */
  abandoned: boolean;
}

/**
 * Reads one direction of one connection as messages: a method that carries content, its header and its bodies become one `Message`; every other frame is answered as it is. Channels may be
 * interleaved as they like. Nothing is made from a declared size: memory is bounded by what has arrived.
 */
export class MessageReader<O extends MessageReaderOptions = MessageReaderOptions> {
  readonly #reader: FrameReader;
  readonly #settings: MessageSettings;
  /** Largest content that is a message at once where all of it is there. */
  readonly #mostWhole: number;
  readonly #pending = new Map<number, Pending>();
  /** Channels on which an error was found, until they are closed. */
  readonly #closing = new Set<number>();
  /** Errors of channels that the running call has found. */
  #channelErrors: DecodeError[] = [];
  #error: DecodeError | undefined;
  readonly #listening: boolean;
  #items: unknown[] = NOTHING;
  readonly #sink: MessageSink = {
    mayBegin: (channel, bodySize) =>
      channel !== 0 &&
      bodySize > 0 &&
      bodySize <= this.#mostWhole &&
      this.#pending.size + this.#closing.size < this.#settings.maxChannels &&
      (this.#pending.size === 0 || !this.#pending.has(channel)) &&
      (this.#closing.size === 0 || !this.#closing.has(channel)),
    message: (message) => {
      this.#items.push(message);
    },
    frame: (frame, offset, spare) => this.#take(frame, offset, spare),
    lacks: (channel) => {
      const pending = this.#pending.get(channel);
      // Room for more than one frame only where all of the body is to be held.
      if (pending?.header === undefined || pending.streamed || pending.abandoned) return 0;
      return Number(pending.header.bodySize) - pending.received;
    },
  };

  /** @throws EncodeError where an option is out of range. */
  constructor(given?: O) {
    const { options, ...settings } = messageSettings(given);
    this.#settings = settings;
    this.#mostWhole = Math.min(settings.maxBodySize, settings.streamed - 1);
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

  /** Channels with a message of which the rest is still to come. */
  get unfinished(): number[] {
    return [...this.#pending.keys()];
  }

  /** Makes the reader new. */
  reset(): void {
    this.#reader.reset();
    this.#pending.clear();
    this.#closing.clear();
    this.#error = undefined;
  }

  /**
   * Forgets the message on a channel of which the rest is still to come: what was held of it goes, and the rest is dropped as it comes. The next message on the channel is read as ever.
   *
   * @returns whether there was one
   */
  abandon(channel: number): boolean {
    const pending = this.#pending.get(channel);
    if (pending === undefined || pending.abandoned) return false;
    pending.abandoned = true;
    pending.body.clear();
    return true;
  }

  /**
   * Takes the next octets and answers what they complete. Wrong octets, and frames that may not stand where they do, are errors as `FrameReader.push` has them.
   *
   * @throws DecodeError
   */
  push(chunk: Uint8Array): MessageItem<O>[] {
    if (this.#error !== undefined) throw this.#error;
    const items: MessageItem<O>[] = [];
    this.#items = items;
    let error: DecodeError | undefined;
    try {
      if (this.#listening) this.#takeAll(chunk);
      else error = this.#reader.pushMessages(chunk, this.#sink);
    } catch (thrown) {
      if (!(thrown instanceof DecodeError)) throw thrown;
      error = thrown;
    }
    this.#items = NOTHING;
    if (error !== undefined) {
      this.#error = error;
      this.#pending.clear();
    }
    // Told when all is done: whoever is told may use the core, and this reader.
    if (this.#channelErrors.length > 0) this.#tell();
    if (error === undefined) return items;
    if (items.length === 0) throw error;
    return failingAfter(items, error);
  }

  #tell(): void {
    const errors = this.#channelErrors;
    this.#channelErrors = [];
    for (const error of errors) this.#settings.onChannelError!(error);
  }

  /** Frame by frame, for somebody who wants to be told of each. */
  #takeAll(chunk: Uint8Array): void {
    const spans = this.#reader.spans();
    let i = 0;
    for (const frame of this.#reader.push(chunk)) this.#take(frame, spans[2 * i++]!);
  }

  #take(frame: Frame, offset: number, spare = 0): void {
    const channel = frame.channel;
    if (this.#closing.size > 0 && this.#closing.has(channel)) {
      this.#takeClosing(frame);
      return;
    }
    const pending = this.#pending.get(channel);
    if (frame instanceof ContentBody) {
      this.#takeBody(frame, pending, offset, spare);
    } else if (frame instanceof ContentHeader) {
      this.#takeHeader(frame, pending, offset);
    } else if (pending !== undefined) {
      this.#unexpected(frame, offset, `the content of ${pending.method.name} is not complete`);
    } else if (frame instanceof Method && contentMethods.has(factsOf(frame).dense)) {
      this.#begin(frame as ContentMethod, offset);
    } else {
      this.#items.push(frame);
    }
  }

  #begin(method: ContentMethod, offset: number): void {
    if (method.channel === 0) {
      this.#unexpected(method, offset, "content travels on channels from 1 on");
    } else if (this.#pending.size + this.#closing.size >= this.#settings.maxChannels) {
      const message = `more than ${this.#settings.maxChannels} channels with a message that is not complete`;
      throw contentError("content-count", 506, true, message, method, offset);
    } else {
      const body = new GatheredBody();
      this.#pending.set(method.channel, {
        method,
        header: undefined,
        body,
        received: 0,
        streamed: false,
        abandoned: false,
      });
    }
  }

  /** Between an error and the close-ok a channel has nothing to say. */
  #takeClosing(frame: Frame): void {
    if (frame.name !== "Channel.CloseOk" && frame.name !== "Channel.Close") return;
    if (frame.name === "Channel.CloseOk") this.#closing.delete(frame.channel);
    this.#items.push(frame);
  }

  #takeHeader(header: ContentHeader, pending: Pending | undefined, offset: number): void {
    if (pending === undefined) return this.#unexpected(header, offset, "no method that carries content came before it");
    if (pending.header !== undefined) return this.#unexpected(header, offset, "the content has a header already");
    const { bodySize, channel } = header;
    if (bodySize > this.#settings.maxBodySize) {
      const message = `content of ${bodySize} octets is over the limit of ${this.#settings.maxBodySize}`;
      return this.#fail("body-size", this.#settings.profile.overLimit, message, header, offset);
    }
    pending.header = header;
    pending.streamed = bodySize >= this.#settings.streamed;
    if (bodySize === 0) this.#pending.delete(channel);
    if (pending.abandoned) return;
    if (pending.streamed) this.#items.push(new MessageStart(pending.method, header));
    else if (bodySize === 0) this.#items.push(new Message(pending.method, header, new ContentBody()));
  }

  #takeBody(body: ContentBody, pending: Pending | undefined, offset: number, spare: number): void {
    if (pending?.header === undefined) return this.#unexpected(body, offset, "no content header came before it");
    const { method, header, body: gathered, received, streamed, abandoned } = pending;
    const size = body.length;
    const left = Number(header.bodySize) - received;
    if (size > left) {
      const message = `content body of ${size} octets where ${left} are left`;
      return this.#fail("body-size", this.#settings.profile.overAnnounced, message, body, offset);
    }
    pending.received = received + size;
    const last = size === left;
    if (last) this.#pending.delete(body.channel);
    if (abandoned) return;
    if (streamed) {
      this.#items.push(new BodyPart(body, received, last));
      return;
    }
    const whole = received === 0 && last;
    if (!whole) gathered.add(body.value, spare);
    if (last) this.#items.push(new Message(method, header, whole ? body : gathered.join()));
  }

  #unexpected(frame: Frame, offset: number, why: string): void {
    this.#fail(
      "unexpected-frame",
      this.#settings.profile.unexpected,
      `unexpected ${frame.name}: ${why}`,
      frame,
      offset,
    );
  }

  /** Throws where the error costs the connection; else the channel is done for until it is closed. */
  #fail(
    code: string,
    { level, code: replyCode }: { readonly level: string; readonly code: number },
    message: string,
    frame: Frame,
    offset: number,
  ): void {
    const { channel } = frame;
    const hard = level === "connection" || channel === 0;
    const error = contentError(code, replyCode, hard, message, frame, offset);
    if (hard || this.#settings.onChannelError === undefined) throw error;
    this.#pending.delete(channel);
    this.#closing.add(channel);
    this.#channelErrors.push(error);
  }
}
