/** Frames and messages from a cursor to a writer, inside the core: no frame is decoded, and no JavaScript object is made. */
import {
  consumerWords,
  type ConsumerWords,
  highWord,
  lowWord,
  MOST_CONSUMERS,
  putShort,
  type Consumer,
  type GetOkValues,
  type ReturnValues,
} from "./consumers.js";
import type { CommandTape } from "./command-tape.js";
import type { Core } from "./core.js";
import { DeliverRun } from "./deliver-run.js";
import { EncodeError } from "./errors.js";
import { ForwardRun, PROTOCOL_HEADER, tooLarge, type Passing, type Writing } from "./forward-run.js";
import { contentMethods } from "./generated/commands.js";
import { FRAME_BODY, FRAME_HEADER_SIZE } from "./generated/constants.js";
import { BASIC_PUBLISH_IDS } from "./generated/method-arguments.js";
import * as State from "./generated/state.js";
import { putConsumers } from "./put-consumers.js";
import { ENVELOPE, optionInRange as inRange } from "./limits.js";
import type { Output } from "./output.js";

/** Contents from here on go past linear memory. */
const LARGE = 32768;
const PROTOCOL_HEADER_SIZE = 8;
/** More than a method frame with three short strings can have; what a copy may write over behind the last octet. */
const METHOD_ROOM = 1024;
const SLACK = 64;

/** The operations of one writer. */
export class Rewriter {
  readonly #writing: Writing;
  readonly #tape: CommandTape;
  readonly #output: Output;
  readonly #core: Core;
  readonly #consumers: ConsumerWords;
  readonly run: ForwardRun;
  readonly deliveries: DeliverRun;

  constructor(writing: Writing) {
    this.#writing = writing;
    this.#tape = writing.tape;
    this.#output = writing.output;
    this.#core = writing.tape.core;
    this.#consumers = consumerWords(this.#core);
    this.run = new ForwardRun(writing);
    this.deliveries = new DeliverRun(writing);
  }

  /** Room for so many octets behind all that was written; answers where that is in the output region. */
  #reserve(octets: number): number {
    return this.#tape.reserve(this.#output, octets) - this.#core.output;
  }

  /** Takes in what the core wrote from there on. */
  #wrote(start: number): void {
    this.#tape.wrote(this.#core.state(State.OUTPUT_END) - start);
  }

  // Each takes the writer's frame-max, envelope and all.

  forward(source: Passing, channel: number | undefined, frameMax: number): void {
    if (!this.run.join(source, channel, frameMax)) this.#forward(source, channel, frameMax);
  }

  #forward(source: Passing, channel: number | undefined, frameMax: number): void {
    this.#sameCore(source);
    // Behind its head may stand what is left of an older frame: that must not be taken for it.
    source.assertJoined();
    const to = channel === undefined ? source.channel : inRange("channel", channel, 0, 0xffff);
    if (this.run.begin(source, to, frameMax)) return;
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
      const start = this.#reserve(PROTOCOL_HEADER_SIZE);
      this.#core.octets.set(source.held.subarray(0, PROTOCOL_HEADER_SIZE), this.#core.output + start);
      this.#tape.wrote(PROTOCOL_HEADER_SIZE);
      return;
    }
    // The body of a message has more octets than a frame can tell of, perhaps.
    const { messageEnd } = source;
    const octets = messageEnd > 0 && at === source.bodyFrame ? messageEnd - at : view.getUint32(at + 3) + ENVELOPE;
    let room = octets + SLACK;
    if (type === FRAME_BODY) {
      if (octets > LARGE) {
        this.#reserve(0);
        this.#writing.body(source.held.subarray(at + FRAME_HEADER_SIZE, at + octets - 1), channel);
        return;
      }
      room += ENVELOPE * Math.floor(octets / (frameMax - ENVELOPE));
    } else if (octets > frameMax) {
      throw tooLarge(at === source.headerAt ? "ContentHeader" : source.name, octets, frameMax);
    }
    const start = this.#reserve(room);
    const position = source.window.load(source.held, at, at + octets);
    const { strict, maxDepth, maxFields } = source.settings;
    if (this.#core.exports.forward(start, position, channel, frameMax, strict ? 1 : 0, maxDepth, maxFields) === 0) {
      source.refuse(at);
    }
    this.#wrote(start);
  }

  #sameCore(source: Passing): void {
    if (source.core !== this.#core) throw new EncodeError("cursor and writer belong to different cores");
  }

  deliver(source: Passing, consumers: readonly Consumer[], frameMax: number): void {
    if (source.passed !== undefined && this.deliveries.add(source, consumers, frameMax)) return;
    if (!this.#deliversWhole(source, consumers, frameMax)) this.#deliver(source, consumers, frameMax);
  }

  /** What is done nearly always: a message in one piece, among frames that were checked. */
  #deliversWhole(source: Passing, consumers: readonly Consumer[], frameMax: number): boolean {
    const { window, at } = source;
    const core = this.#core;
    const count = consumers.length;
    if (source.ids !== BASIC_PUBLISH_IDS || count > MOST_CONSUMERS || source.core !== core) return false;
    if (core.inputOwner !== window || at >= window.checked || at < window.from) {
      this.#reserve(0);
      window.check(source.held, at, source.settings);
    }
    const tape = this.#tape;
    if (tape.opened !== this.#output.id || tape.at !== core.command || core.words.length === 0) this.#reserve(0);
    putConsumers(tape, window, consumers, 0, count);
    const start = tape.end;
    const end = core.exports.deliverWhole(start, at - window.from, count, frameMax, source.maxBodySize);
    if (end === 0) return false;
    this.#wrote(start);
    source.passed?.(end + window.from);
    return true;
  }

  #deliver(source: Passing, consumers: readonly Consumer[], frameMax: number): void {
    this.#begin(source);
    if (!source.whole()) {
      // The tape has run then: its texts stand where these are looked at. Copied, because the caller's are often used again for the next message.
      this.#reserve(0);
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
    if (consumers.length > many) {
      this.#reserve(0);
      for (const consumer of consumers) this.#consumers.check(consumer);
    }
    let first = 0;
    do {
      const count = Math.min(many, consumers.length - first);
      const start = this.#reserve(count * one);
      const position = source.window.load(source.held, source.at, end);
      putConsumers(this.#tape, source.window, consumers, first, count);
      const { strict, maxDepth, maxFields } = source.settings;
      const { exports } = core;
      if (exports.deliver(start, position, count, body, frameMax, strict ? 1 : 0, maxDepth, maxFields) === 0) {
        source.refuse(source.headerAt);
      }
      this.#wrote(start);
      if (body === 0 && count > 0) this.#writing.body(source.body!, consumers[first]!.channel);
      first += count;
    } while (first < consumers.length);
  }

  getOk(source: Passing, values: GetOkValues, frameMax: number): void {
    const { deliveryTag, redelivered, messageCount = 0 } = values;
    const channel = inRange("channel", values.channel, 1, 0xffff);
    const count = inRange("messageCount", messageCount, 0, 0xffffffff);
    const [high, low] = [highWord(deliveryTag), lowWord(deliveryTag)];
    const again = redelivered === true ? 1 : 0;
    this.#answer(source, channel, frameMax, (start, position, body, strict, maxDepth, maxFields) =>
      this.#core.exports.getOk(
        start,
        position,
        channel,
        high,
        low,
        again,
        count,
        body,
        frameMax,
        strict,
        maxDepth,
        maxFields,
      ),
    );
  }

  return(source: Passing, values: ReturnValues, frameMax: number): void {
    const channel = inRange("channel", values.channel ?? source.channel, 1, 0xffff);
    const code = inRange("replyCode", values.replyCode, 0, 0xffff);
    const { replyText } = values;
    this.#reserve(0); // What is wrong with it is said at once, not when the rest of a content arrives.
    putShort(this.#core, replyText, "replyText");
    this.#answer(source, channel, frameMax, (start, position, body, strict, maxDepth, maxFields) => {
      const octets = putShort(this.#core, replyText, "replyText");
      return this.#core.exports.giveBack(
        start,
        position,
        channel,
        code,
        octets,
        body,
        frameMax,
        strict,
        maxDepth,
        maxFields,
      );
    });
  }

  #answer(source: Passing, channel: number, frameMax: number, write: Write): void {
    this.#begin(source);
    if (!source.whole()) {
      source.defer!((message) => this.#answer(message, channel, frameMax, write));
      return;
    }
    try {
      const end = this.#coreEnd(source, frameMax);
      const body = end === source.messageEnd ? 1 : 0;
      const start = this.#reserve(METHOD_ROOM + this.#contentRoom(source, end, frameMax));
      const position = source.window.load(source.held, source.at, end);
      const { strict, maxDepth, maxFields } = source.settings;
      if (write(start, position, body, strict ? 1 : 0, maxDepth, maxFields) === 0) source.refuse(source.headerAt);
      this.#wrote(start);
      if (body === 0) this.#writing.body(source.body!, channel);
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

type Write = (
  start: number,
  position: number,
  body: number,
  strict: number,
  maxDepth: number,
  maxFields: number,
) => number;
