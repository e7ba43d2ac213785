/** Frames and messages from a cursor to a writer, inside the core: no frame is decoded, and no JavaScript object is made. */
import type { ConsumerWords } from "./consumers.js";
import { consumerWords, highWord, lowWord, MOST_CONSUMERS, putShort, type Consumer } from "./consumers.js";
import type { Core } from "./core.js";
import { EncodeError } from "./errors.js";
import { ForwardRun, PROTOCOL_HEADER, type Output, type Passing } from "./forward-run.js";
import { contentMethods } from "./generated/commands.js";
import { FRAME_BODY, FRAME_HEADER_SIZE } from "./generated/constants.js";
import { BASIC_PUBLISH_IDS } from "./generated/method-arguments.js";
import { commandWords } from "./methods.js";
import { ENVELOPE, optionInRange } from "./limits.js";
import type { Longlong } from "./types.js";

/** The arguments of the Basic.GetOk that a message becomes. */
export interface GetOkValues {
  /** 1 to 65535. */
  channel: number;
  /** 0 to 18446744073709551615. */
  deliveryTag: Longlong;
  /** Defaults to false. */
  redelivered?: boolean | undefined;
  /** Messages that are left in the queue: 0 to 4294967295. Defaults to 0. */
  messageCount?: number | undefined;
}

/** The arguments of the Basic.Return that a message becomes. */
export interface ReturnValues {
  /** 1 to 65535. Defaults to the channel that the message came on. */
  channel?: number | undefined;
  /** 0 to 65535, such as 312 (NO_ROUTE). */
  replyCode: number;
  /** Up to 255 octets of UTF-8. */
  replyText: string;
}

/** Contents from here on go past linear memory. */
const LARGE = 32768;
/** More than a method frame with three short strings can have. */
const METHOD_ROOM = 1024;
/** What a copy may write over behind the last octet. */
const SLACK = 64;

/** The operations of one writer. */
export class Rewriter {
  readonly #output: Output;
  readonly #core: Core;
  readonly #shared: Output["shared"];
  readonly #writer: object;
  readonly #commands: { readonly busy: boolean };
  readonly #consumers: ConsumerWords;
  readonly #run: ForwardRun;

  constructor(output: Output) {
    this.#output = output;
    this.#core = output.core;
    this.#shared = output.shared;
    this.#writer = output.writer;
    this.#commands = commandWords(output.core);
    this.#consumers = consumerWords(output.core);
    this.#run = new ForwardRun(output);
  }

  /** Writes what waits. To be called before anything else is done to the writer's output. */
  settle(): void {
    this.#run.settle();
  }

  // Each takes the writer's frame-max, envelope and all.

  forward(source: Passing, channel: number | undefined, frameMax: number): void {
    if (!this.#run.join(source, channel, frameMax)) this.#forward(source, channel, frameMax);
  }

  #forward(source: Passing, channel: number | undefined, frameMax: number): void {
    this.#sameCore(source);
    this.#run.settle();
    const to = channel === undefined ? source.channel : inRange("channel", channel, 0, 0xffff);
    if (this.#run.begin(source, to, frameMax)) return;
    if (source.messageEnd === 0) {
      this.#forwardFrame(source, source.at, to, frameMax);
      return;
    }
    // A message: its header is looked at before its method goes out.
    this.#coreEnd(source, frameMax);
    source.check();
    this.#forwardFrame(source, source.at, to, frameMax);
    this.#forwardFrame(source, source.headerAt, to, frameMax);
    if (source.bodyFrame >= 0) this.#forwardFrame(source, source.bodyFrame, to, frameMax);
  }

  #forwardFrame(source: Passing, at: number, channel: number, frameMax: number): void {
    const { view } = source;
    const type = view.getUint8(at);
    if (type > FRAME_BODY && channel !== 0) {
      throw new EncodeError(`a ${source.name} goes out on channel 0, not on ${channel}`, "channel");
    }
    if (type === PROTOCOL_HEADER) {
      this.#output.reserve(ENVELOPE);
      const [, , , , id, major, minor, revision] = source.held;
      this.#core.exports.writeProtocolHeader((id! << 24) | (major! << 16) | (minor! << 8) | revision!);
      return;
    }
    // The body of a message has more octets than a frame can tell of, perhaps.
    const octets = at === source.bodyFrame ? source.messageEnd - at : view.getUint32(at + 3) + ENVELOPE;
    let room = octets + SLACK;
    if (type === FRAME_BODY) {
      if (octets > LARGE) {
        this.#output.reserve(0);
        this.#output.body(source.held.subarray(at + FRAME_HEADER_SIZE, at + octets - 1), channel);
        return;
      }
      room += ENVELOPE * Math.floor(octets / (frameMax - ENVELOPE));
    } else if (octets > frameMax) {
      throw tooLarge(at === source.headerAt ? "ContentHeader" : source.name, octets, frameMax);
    }
    this.#output.reserve(room);
    const position = source.window.load(source.held, at, at + octets);
    const { strict, maxDepth, maxFields } = source.settings;
    if (this.#core.exports.forward(position, channel, frameMax, strict ? 1 : 0, maxDepth, maxFields) === 0) {
      source.refuse(at);
    }
  }

  #sameCore(source: Passing): void {
    if (source.core !== this.#core) throw new EncodeError("cursor and writer belong to different cores");
  }

  deliver(source: Passing, consumers: readonly Consumer[], frameMax: number): void {
    if (!this.#deliversWhole(source, consumers, frameMax)) this.#deliver(source, consumers, frameMax);
  }

  /** What is done nearly always: a message in one piece, among frames that were checked. */
  #deliversWhole(source: Passing, consumers: readonly Consumer[], frameMax: number): boolean {
    const { window, at } = source;
    const core = this.#core;
    const count = consumers.length;
    if (source.ids !== BASIC_PUBLISH_IDS || count > MOST_CONSUMERS || source.core !== core) return false;
    if (core.inputOwner !== window || at >= window.checked || at < window.from) {
      this.#output.reserve(0);
      window.check(source.held, at, source.settings);
    }
    if (this.#shared.owner !== this.#writer || this.#commands.busy || core.words.length === 0) this.#output.reserve(0);
    this.#run.settle();
    if (!this.#consumers.putUsual(consumers, count)) this.#consumers.put(consumers, 0, count);
    const end = core.exports.deliverWhole(at - window.from, count, frameMax, source.maxBodySize);
    if (end === 0) return false;
    source.passed?.(end + window.from);
    return true;
  }

  #deliver(source: Passing, consumers: readonly Consumer[], frameMax: number): void {
    this.#begin(source);
    this.#run.settle();
    if (!source.whole()) {
      // The caller's are often used again for the next message.
      const kept = consumers.map((consumer) => ({ ...this.#consumers.check(consumer) }));
      source.defer!((message) => this.#deliver(message, kept, frameMax));
      return;
    }
    try {
      this.#deliverAll(source, consumers, frameMax);
      source.passed?.(source.messageEnd);
    } finally {
      source.separate?.();
    }
  }

  #deliverAll(source: Passing, consumers: readonly Consumer[], frameMax: number): void {
    const core = this.#core;
    const end = this.#coreEnd(source, frameMax);
    const body = end === source.messageEnd ? 1 : 0;
    const one = METHOD_ROOM + this.#contentRoom(source, end, frameMax);
    const many = Math.max(1, Math.min(body === 0 ? 1 : MOST_CONSUMERS, Math.floor(core.outputCapacity / one)));
    // All or nothing.
    if (consumers.length > many) for (const consumer of consumers) this.#consumers.check(consumer);
    let first = 0;
    do {
      const count = Math.min(many, consumers.length - first);
      this.#output.reserve(count * one);
      const position = source.window.load(source.held, source.at, end);
      this.#consumers.put(consumers, first, count);
      const { strict, maxDepth, maxFields } = source.settings;
      const { exports } = core;
      if (exports.deliver(position, count, body, frameMax, strict ? 1 : 0, maxDepth, maxFields) === 0) {
        source.refuse(source.headerAt);
      }
      if (body === 0 && count > 0) this.#output.body(source.body!, consumers[first]!.channel);
      first += count;
    } while (first < consumers.length);
  }

  getOk(source: Passing, values: GetOkValues, frameMax: number): void {
    const { deliveryTag, redelivered, messageCount = 0 } = values;
    const channel = inRange("channel", values.channel, 1, 0xffff);
    const count = inRange("messageCount", messageCount, 0, 0xffffffff);
    const high = highWord(deliveryTag);
    const low = lowWord(deliveryTag);
    const again = redelivered === true ? 1 : 0;
    this.#answer(source, channel, frameMax, (position, body, strict, maxDepth, maxFields) =>
      this.#core.exports.getOk(position, channel, high, low, again, count, body, frameMax, strict, maxDepth, maxFields),
    );
  }

  return(source: Passing, values: ReturnValues, frameMax: number): void {
    const channel = inRange("channel", values.channel ?? source.channel, 1, 0xffff);
    const code = inRange("replyCode", values.replyCode, 0, 0xffff);
    const { replyText } = values;
    // What is wrong with it is said at once, not when the rest of a content arrives.
    putShort(this.#core, replyText, "replyText");
    this.#answer(source, channel, frameMax, (position, body, strict, maxDepth, maxFields) => {
      const octets = putShort(this.#core, replyText, "replyText");
      return this.#core.exports.giveBack(position, channel, code, octets, body, frameMax, strict, maxDepth, maxFields);
    });
  }

  #answer(source: Passing, channel: number, frameMax: number, write: Write): void {
    this.#begin(source);
    this.#run.settle();
    if (!source.whole()) {
      source.defer!((message) => this.#answer(message, channel, frameMax, write));
      return;
    }
    try {
      const end = this.#coreEnd(source, frameMax);
      const body = end === source.messageEnd ? 1 : 0;
      this.#output.reserve(METHOD_ROOM + this.#contentRoom(source, end, frameMax));
      const position = source.window.load(source.held, source.at, end);
      const { strict, maxDepth, maxFields } = source.settings;
      if (write(position, body, strict ? 1 : 0, maxDepth, maxFields) === 0) source.refuse(source.headerAt);
      if (body === 0) this.#output.body(source.body!, channel);
      source.passed?.(source.messageEnd);
    } finally {
      source.separate?.();
    }
  }

  /** @throws EncodeError where no message begins under the cursor. */
  #begin(source: Passing): void {
    this.#sameCore(source);
    if (!contentMethods.has(source.dense)) {
      throw new EncodeError(
        `Basic.Publish, Basic.Deliver, Basic.GetOk or Basic.Return required, the cursor is at ${source.name}`,
      );
    }
  }

  /** Where the part of the message ends that the core gets: all of it, or all but a large body. @throws EncodeError */
  #coreEnd(source: Passing, frameMax: number): number {
    const { at, headerAt, bodyFrame, messageEnd } = source;
    const headEnd = bodyFrame < 0 ? messageEnd : bodyFrame;
    if (headEnd - headerAt > frameMax) {
      // As where the content was waited for: what comes next is what stands behind it.
      source.passed?.(source.messageEnd);
      throw tooLarge("ContentHeader", headEnd - headerAt, frameMax);
    }
    return messageEnd - at > LARGE ? headEnd : messageEnd;
  }

  #contentRoom({ at }: Passing, end: number, frameMax: number): number {
    const octets = end - at;
    return octets + ENVELOPE * (1 + Math.floor(octets / (frameMax - ENVELOPE))) + SLACK;
  }
}

type Write = (position: number, body: number, strict: number, maxDepth: number, maxFields: number) => number;

const inRange = optionInRange;

function tooLarge(name: string, octets: number, frameMax: number): EncodeError {
  return new EncodeError(
    `a ${name} frame of ${octets} octets does not fit into ${frameMax} octets (frame-max), and cannot be split`,
  );
}
