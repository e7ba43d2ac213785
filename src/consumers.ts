/** Consumers of a delivery, as words for the core. */
import type { Core } from "./core.js";
import { EncodeError } from "./errors.js";
import { CONSUMER_WORDS, DELIVERED_WORDS } from "./generated/limits.js";
import { kind } from "./kind.js";
import { optionInRange } from "./limits.js";
import { assertPrepared, notShort, PreparedConsumer } from "./prepared-consumer.js";
import { writeText } from "./strings.js";
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

/** Consumers that one call of the core serves at most: their tags have to be kept at the same time, and their words to fit into the command region. */
export const MOST_CONSUMERS = 128;
/** In the word of the channel. */
export const REDELIVERED = 1 << 16;
const LARGE_TAG = 1 << 17;
const UINT32 = 0x100000000;

/** What addresses of kept tags belong to: those of another generation are void. */
let generations = 0;

/** Writes the words of consumers; the core keeps their tags. */
export class ConsumerWords {
  readonly #core: Core;
  readonly #addresses = new Map<string, number>();
  /** What was asked for last in this place of a list: the same consumers come again and again. */
  readonly #lastTags: (string | undefined)[] = [];
  readonly #lastAddresses: number[] = [];
  /** Addresses that a prepared consumer has of another one are void. */
  generation = ++generations;

  constructor(core: Core) {
    this.#core = core;
    for (let i = 0; i < MOST_CONSUMERS; i++) {
      this.#lastTags.push(undefined);
      this.#lastAddresses.push(0);
    }
  }

  /** Answers a consumer that can be used. @throws EncodeError */
  check(consumer: Consumer): Consumer {
    optionInRange("channel", consumer.channel, 1, 0xffff);
    highWord(consumer.deliveryTag);
    putShort(this.#core, consumer.consumerTag, "consumerTag");
    return consumer;
  }

  /** As below, for what comes nearly always: tags that stood in the same places of the last list, and small delivery tags. */
  putUsual(consumers: readonly Consumer[], count: number, at: number): boolean {
    const { words } = this.#core;
    const lastTags = this.#lastTags;
    const lastAddresses = this.#lastAddresses;
    for (let i = 0; i < count; i++, at += CONSUMER_WORDS) {
      const { channel, consumerTag, deliveryTag, redelivered } = consumers[i]!;
      if (
        consumerTag !== lastTags[i] ||
        (channel & 0xffff) !== channel ||
        channel === 0 ||
        typeof deliveryTag !== "number" ||
        deliveryTag >>> 0 !== deliveryTag
      )
        return false;
      words[at] = redelivered === true ? channel | REDELIVERED : channel;
      words[at + 1] = lastAddresses[i]!;
      words[at + 2] = 0;
      words[at + 3] = deliveryTag;
    }
    return true;
  }

  /** Puts consumers to a place of the command region as `deliveries` takes them, where they are as they nearly always are: prepared, or with tags that stood in the same places of the last list. Answers the index behind their words, -1 where they are not. */
  tape(consumers: readonly Consumer[], count: number, at: number): number {
    const { words } = this.#core;
    const lastTags = this.#lastTags;
    const generation = this.generation;
    for (let i = 0; i < count; i++) {
      const consumer = consumers[i]!;
      let { channel } = consumer;
      let address: number;
      if ((consumer as PreparedConsumer).generation === generation) {
        address = (consumer as PreparedConsumer).address;
      } else {
        if (consumer.consumerTag !== lastTags[i] || (channel & 0xffff) !== channel || channel === 0) return -1;
        address = this.#lastAddresses[i]!;
      }
      const { deliveryTag } = consumer;
      if (typeof deliveryTag !== "number" || deliveryTag >>> 0 !== deliveryTag) return -1;
      if (consumer.redelivered === true) channel |= REDELIVERED;
      words[at] = channel;
      words[at + 1] = address;
      words[at + 2] = deliveryTag;
      at += DELIVERED_WORDS;
    }
    return at;
  }

  /** Has the core keep the tags of consumers that have to be prepared ones. Addresses of tags that were put before may be void then. @throws EncodeError */
  keep(consumers: readonly Consumer[], count: number): void {
    for (let i = 0, again = false; i < count; i++) {
      const consumer = consumers[i];
      assertPrepared(consumer);
      const address = this.#address(consumer.consumerTag, i);
      if (address === 0) {
        // See below.
        if (again) throw new Error("the core's memory cannot grow");
        again = true;
        this.#forget();
        i = -1;
        continue;
      }
      consumer.address = address;
      consumer.generation = this.generation;
    }
  }

  /** As `tape`, whatever consumers there are. Addresses of tags that were put before may be void then. @throws EncodeError */
  tapeOthers(consumers: readonly Consumer[], count: number, begin: number): number {
    const { words } = this.#core;
    for (let again = false; ; again = true) {
      let at = begin;
      let i = 0;
      for (; i < count; i++) {
        const { channel, consumerTag, deliveryTag, redelivered } = consumers[i]!;
        if (channel >>> 0 !== channel || channel > 0xffff || channel === 0)
          optionInRange("channel", channel, 1, 0xffff);
        const address = this.#address(consumerTag, i);
        if (address === 0) break;
        const consumer = consumers[i]!;
        if (consumer instanceof PreparedConsumer) {
          consumer.address = address;
          consumer.generation = this.generation;
        }
        const high = highWord(deliveryTag);
        words[at] = channel | (redelivered === true ? REDELIVERED : 0) | (high === 0 ? 0 : LARGE_TAG);
        words[at + 1] = address;
        words[at + 2] = lowWord(deliveryTag);
        at += DELIVERED_WORDS;
        if (high !== 0) words[at++] = high;
      }
      if (i === count) return at;
      // So many fit always, once there is nothing else.
      if (again) throw new Error("the core's memory cannot grow");
      this.#forget();
    }
  }

  /** Puts `count` consumers into the command region, at this word or at its begin. Addresses of tags that were put before may be void then. @throws EncodeError */
  put(consumers: readonly Consumer[], first: number, count: number, begin: number = this.#core.command): void {
    const { words } = this.#core;
    for (let again = false; ; again = true) {
      let at = begin;
      let i = 0;
      for (; i < count; i++) {
        const { channel, consumerTag, deliveryTag, redelivered } = consumers[first + i]!;
        if (channel >>> 0 !== channel || channel > 0xffff || channel === 0)
          optionInRange("channel", channel, 1, 0xffff);
        const address = this.#address(consumerTag, i);
        if (address === 0) break;
        words[at] = redelivered === true ? channel | REDELIVERED : channel;
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
      this.#forget();
    }
  }

  /** Address of a tag; 0 where there is no room for it. */
  #address(tag: string | Uint8Array, i: number): number {
    if (tag === this.#lastTags[i]) return this.#lastAddresses[i]!;
    if (typeof tag !== "string") return this.#core.exports.keepTag(putShort(this.#core, tag, "consumerTag"));
    let address = this.#addresses.get(tag);
    if (address === undefined) {
      address = this.#core.exports.keepTag(putShort(this.#core, tag, "consumerTag"));
      if (address === 0) return 0;
      this.#addresses.set(tag, address);
    }
    this.#lastTags[i] = tag;
    this.#lastAddresses[i] = address;
    return address;
  }

  #forget(): void {
    this.#core.exports.forgetTags();
    this.#addresses.clear();
    this.#lastTags.fill(undefined);
    this.generation = ++generations;
  }
}

const wordsOf = new WeakMap<Core, ConsumerWords>();

/** Those of a core: whoever delivers with it uses the same. */
export function consumerWords(core: Core): ConsumerWords {
  let words = wordsOf.get(core);
  if (words === undefined) wordsOf.set(core, (words = new ConsumerWords(core)));
  return words;
}

/** Puts a short string where the core takes it from; answers its octets. @throws EncodeError */
export function putShort(core: Core, text: string | Uint8Array, name: string): number {
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

/** The upper half of a delivery tag. @throws EncodeError */
export function highWord(tag: Longlong): number {
  if (typeof tag === "number") {
    if (Number.isSafeInteger(tag) && tag >= 0) return Math.floor(tag / UINT32);
  } else if (typeof tag === "bigint") {
    if (tag >= 0n && tag < 1n << 64n) return Number(tag >> 32n);
  }
  throw new EncodeError(`integer of 0 to 18446744073709551615 required, received ${kind(tag)}`, "deliveryTag");
}

/** The lower half. */
export function lowWord(tag: Longlong): number {
  return typeof tag === "number" ? tag % UINT32 : Number(tag & 0xffffffffn);
}
