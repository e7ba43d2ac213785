/** Frames and messages from a cursor to a writer, inside the core: no frame is decoded, and no JavaScript object is made. */
import type { ContentView } from "./content-view.js";
import type { Core } from "./core.js";
import { EncodeError } from "./errors.js";
import { contentMethods } from "./generated/commands.js";
import { FRAME_BODY, FRAME_HEADER_SIZE } from "./generated/constants.js";
import { kind } from "./kind.js";
import { ENVELOPE, optionInRange } from "./limits.js";
import { writeText } from "./strings.js";
import type { StoredMessage } from "./stored-message.js";
import type { Longlong } from "./types.js";

/** Who gets a message, and how: the arguments of the Basic.Deliver that the message becomes. */
export interface Consumer {
  /** 1 to 65535. */
  channel: number;
  /** Up to 255 octets of UTF-8, or octets. */
  consumerTag: string | Uint8Array;
  /** 0 to 18446744073709551615. */
  deliveryTag: Longlong;
  /** Defaults to false. */
  redelivered?: boolean | undefined;
}

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

/** A cursor, or a message that was kept. */
export interface Passing extends ContentView {
  /** @internal */
  passed?(): void;
  /** @internal */
  defer?(action: (message: StoredMessage) => void): void;
}

/** What operations on frames need of their writer. */
export interface Output {
  readonly core: Core;
  /** Makes the output the writer's, with room for so many octets behind what stands there. */
  reserve(octets: number): void;
  /** Writes the frames of a body. */
  body(octets: Uint8Array, channel: number): void;
}

/** Contents from here on go past linear memory. */
const LARGE = 32768;
/** More than a method frame with three short strings can have. */
const METHOD_ROOM = 1024;
/** What a copy may write over behind the last octet. */
const SLACK = 64;
/** Consumers that one call of the core serves at most: their tags have to be kept at the same time, and their words to fit into the command region. */
const MOST_CONSUMERS = 128;
const PROTOCOL_HEADER = 65;
const UINT32 = 0x100000000;
const CONSUMER_WORDS = 4;

/** Consumer tags that a core keeps. */
class Tags {
  readonly #addresses = new Map<string, number>();
  /** What was asked for last in this place of a list: the same consumers come again and again. */
  readonly #lastTags: (string | undefined)[] = [];
  readonly #lastAddresses: number[] = [];

  constructor() {
    for (let i = 0; i < MOST_CONSUMERS; i++) {
      this.#lastTags.push(undefined);
      this.#lastAddresses.push(0);
    }
  }

  /** Address of a tag; 0 where there is no room for it. */
  address(core: Core, tag: string | Uint8Array, i: number): number {
    if (tag === this.#lastTags[i]) return this.#lastAddresses[i]!;
    if (typeof tag !== "string") return core.exports.keepTag(putShort(core, tag, "consumerTag"));
    let address = this.#addresses.get(tag);
    if (address === undefined) {
      address = core.exports.keepTag(putShort(core, tag, "consumerTag"));
      if (address === 0) return 0;
      this.#addresses.set(tag, address);
    }
    this.#lastTags[i] = tag;
    this.#lastAddresses[i] = address;
    return address;
  }

  forget(core: Core): void {
    core.exports.forgetTags();
    this.#addresses.clear();
    this.#lastTags.fill(undefined);
  }
}

const tagsOf = new WeakMap<Core, Tags>();

/** The operations of one writer. */
export class Rewriter {
  readonly #output: Output;
  readonly #core: Core;
  readonly #tags: Tags;

  constructor(output: Output) {
    this.#output = output;
    this.#core = output.core;
    let tags = tagsOf.get(output.core);
    if (tags === undefined) tagsOf.set(output.core, (tags = new Tags()));
    this.#tags = tags;
  }

  // Each takes the writer's frame-max, envelope and all.

  forward(source: Passing, channel: number | undefined, frameMax: number): void {
    this.#sameCore(source);
    const to = channel === undefined ? source.channel : inRange("channel", channel, 0, 0xffff);
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
    const position = source.loaded(at, at + octets);
    const { strict, maxDepth, maxFields } = source.settings;
    if (this.#core.exports.forward(position, channel, frameMax, strict ? 1 : 0, maxDepth, maxFields) === 0) {
      source.refuse(at);
    }
  }

  #sameCore(source: Passing): void {
    if (source.core !== this.#core) throw new EncodeError("cursor and writer belong to different cores");
  }

  deliver(source: Passing, consumers: readonly Consumer[], frameMax: number): void {
    this.#begin(source);
    if (!source.whole()) {
      // The caller's are often used again for the next message.
      const kept = consumers.map((consumer) => ({ ...this.#checked(consumer) }));
      source.defer!((message) => this.deliver(message, kept, frameMax));
      return;
    }
    const core = this.#core;
    const end = this.#coreEnd(source, frameMax);
    const body = end === source.messageEnd ? 1 : 0;
    const one = METHOD_ROOM + this.#contentRoom(source, end, frameMax);
    const many = Math.max(1, Math.min(body === 0 ? 1 : MOST_CONSUMERS, Math.floor(core.outputCapacity / one)));
    // All or nothing.
    if (consumers.length > many) for (const consumer of consumers) this.#checked(consumer);
    let first = 0;
    do {
      const count = Math.min(many, consumers.length - first);
      this.#output.reserve(count * one);
      const position = source.loaded(source.at, end);
      this.#putConsumers(consumers, first, count);
      const { strict, maxDepth, maxFields } = source.settings;
      const { exports } = core;
      if (exports.deliver(position, count, body, frameMax, strict ? 1 : 0, maxDepth, maxFields) === 0) {
        source.refuse(source.headerAt);
      }
      if (body === 0 && count > 0) this.#output.body(source.body!, consumers[first]!.channel);
      first += count;
    } while (first < consumers.length);
    source.passed?.();
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
    if (!source.whole()) {
      source.defer!((message) => this.#answer(message, channel, frameMax, write));
      return;
    }
    const end = this.#coreEnd(source, frameMax);
    const body = end === source.messageEnd ? 1 : 0;
    this.#output.reserve(METHOD_ROOM + this.#contentRoom(source, end, frameMax));
    const position = source.loaded(source.at, end);
    const { strict, maxDepth, maxFields } = source.settings;
    if (write(position, body, strict ? 1 : 0, maxDepth, maxFields) === 0) source.refuse(source.headerAt);
    if (body === 0) this.#output.body(source.body!, channel);
    source.passed?.();
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
      source.passed?.();
      throw tooLarge("ContentHeader", headEnd - headerAt, frameMax);
    }
    return messageEnd - at > LARGE ? headEnd : messageEnd;
  }

  #contentRoom({ at }: Passing, end: number, frameMax: number): number {
    const octets = end - at;
    return octets + ENVELOPE * (1 + Math.floor(octets / (frameMax - ENVELOPE))) + SLACK;
  }

  /** A consumer that can be used. */
  #checked(consumer: Consumer): Consumer {
    inRange("channel", consumer.channel, 1, 0xffff);
    highWord(consumer.deliveryTag);
    putShort(this.#core, consumer.consumerTag, "consumerTag");
    return consumer;
  }

  #putConsumers(consumers: readonly Consumer[], first: number, count: number): void {
    const core = this.#core;
    const tags = this.#tags;
    const { words } = core;
    for (let again = false; ; again = true) {
      let at = core.command;
      let i = 0;
      for (; i < count; i++) {
        const { channel, consumerTag, deliveryTag, redelivered } = consumers[first + i]!;
        if (channel >>> 0 !== channel || channel > 0xffff || channel === 0) inRange("channel", channel, 1, 0xffff);
        const address = tags.address(core, consumerTag, i);
        if (address === 0) break;
        words[at] = redelivered === true ? channel | 0x10000 : channel;
        words[at + 1] = address;
        if (typeof deliveryTag === "number" && deliveryTag >>> 0 === deliveryTag) {
          words[at + 2] = 0;
          words[at + 3] = deliveryTag;
        } else {
          words[at + 2] = highWord(deliveryTag);
          words[at + 3] = lowWord(deliveryTag);
        }
        at += CONSUMER_WORDS;
      }
      if (i === count) return;
      // So many fit always, once there is nothing else.
      if (again) throw new Error("the core's memory cannot grow");
      tags.forget(core);
    }
  }
}

type Write = (position: number, body: number, strict: number, maxDepth: number, maxFields: number) => number;

const inRange = optionInRange;

/** Puts a short string where the core takes it from; answers its octets. @throws EncodeError */
function putShort(core: Core, text: string | Uint8Array, name: string): number {
  if (text instanceof Uint8Array) {
    if (text.length > 255)
      throw new EncodeError(`a shortstr of up to 255 octets required, received ${text.length}`, name);
    core.octets.set(text, core.strings);
    return text.length;
  }
  if (typeof text !== "string") throw notShort(text, name);
  // A character takes an octet at least.
  const octets = text.length > 255 ? text.length : writeText(core, text, core.strings);
  if (octets < 0) throw new EncodeError("text holds a lone surrogate, which UTF-8 has no octets for", name);
  if (octets > 255) throw new EncodeError(`a shortstr of up to 255 octets required, received ${octets}`, name);
  return octets;
}

function tooLarge(name: string, octets: number, frameMax: number): EncodeError {
  return new EncodeError(
    `a ${name} frame of ${octets} octets does not fit into ${frameMax} octets (frame-max), and cannot be split`,
  );
}

function notShort(value: unknown, name: string): EncodeError {
  return new EncodeError(`string or Uint8Array required, received ${kind(value)}`, name);
}

function highWord(tag: Longlong): number {
  if (typeof tag === "number") {
    if (Number.isSafeInteger(tag) && tag >= 0) return Math.floor(tag / UINT32);
  } else if (typeof tag === "bigint") {
    if (tag >= 0n && tag < 1n << 64n) return Number(tag >> 32n);
  }
  throw new EncodeError(`integer of 0 to 18446744073709551615 required, received ${kind(tag)}`, "deliveryTag");
}

function lowWord(tag: Longlong): number {
  return typeof tag === "number" ? tag % UINT32 : Number(tag & 0xffffffffn);
}
