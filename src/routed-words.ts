/** Consumers that get one message after another, with delivery tags that count up. */
import { type Consumer, type ConsumerWords, highWord, lowWord, REDELIVERED } from "./consumers.js";
import type { Core } from "./core.js";
import { EncodeError } from "./errors.js";
import { ROUTED_WORDS } from "./generated/limits.js";
import { kind } from "./kind.js";
import { assertPrepared, type PreparedConsumer } from "./prepared-consumer.js";
import type { Longlong } from "./types.js";

const MOST_TAG = (1n << 64n) - 1n;
const ALL = 0x7fffffff;

/** Delivery tags belong to a channel: consumers that share one take theirs in turn. */
interface Turns {
  /** The first tag, and the next one to be given. */
  readonly first: Longlong;
  next: Longlong;
  step: number;
}

/** Which channels were seen lately, by their lower octet: numbers below a list's own are of other lists. */
const seen = new Float64Array(256);
let numbers = 1;

/** Writes the words of consumers of a route. */
export class RoutedWords {
  readonly #core: Core;
  readonly #consumers: ConsumerWords;
  /** Publishes that those may get that were put last. */
  most = ALL;
  #turns: Map<number, Turns> | undefined;

  constructor(core: Core, consumers: ConsumerWords) {
    this.#core = core;
    this.#consumers = consumers;
  }

  /** Puts consumers to a place of the command region; answers the index behind their words, -1 where the core has yet to keep one's tag. @throws EncodeError */
  put(list: readonly Consumer[], count: number, begin: number): number {
    const { words } = this.#core;
    const { generation } = this.#consumers;
    const own = numbers;
    numbers += count;
    let most = ALL;
    let rare = false;
    let at = begin;
    for (let i = 0; i < count; i++) {
      const consumer = list[i] as PreparedConsumer | undefined;
      if (consumer?.generation !== generation) return -1;
      const { channel, address, deliveryTag, credit } = consumer;
      if (!(credit >= most) || typeof credit !== "number") most = creditOf(credit);
      words[at] = consumer.redelivered === true ? channel | REDELIVERED : channel;
      words[at + 1] = address;
      if (typeof deliveryTag === "number" && deliveryTag >>> 0 === deliveryTag) {
        words[at + 2] = deliveryTag;
        words[at + 3] = 0;
      } else {
        const high = highWord(deliveryTag);
        words[at + 2] = lowWord(deliveryTag);
        words[at + 3] = high;
        if (high === 0xffffffff) rare = true;
      }
      words[at + 4] = 1;
      const octet = channel & 0xff;
      if (seen[octet]! >= own) rare = true;
      seen[octet] = own + i;
      at += ROUTED_WORDS;
    }
    this.most = most;
    this.#turns = undefined;
    if (rare) this.#putTurns(list as readonly PreparedConsumer[], count, begin);
    return at;
  }

  /** Where channels may be shared, or tags come to their end. */
  #putTurns(list: readonly PreparedConsumer[], count: number, at: number): void {
    const { words } = this.#core;
    const turns = turnsOf(list);
    for (let i = 0; i < count; i++, at += ROUTED_WORDS) {
      const turn = turns.get(list[i]!.channel)!;
      const tag = taken(turn);
      words[at + 3] = highWord(tag);
      words[at + 2] = lowWord(tag);
      words[at + 4] = turn.step;
      const left = (MOST_TAG - BigInt(tag)) / BigInt(turn.step) + 1n;
      if (left < this.most) this.most = Number(left);
    }
    this.#turns = turns;
  }

  /** Has the core keep the tags that it does not have. @throws EncodeError */
  keep(list: readonly Consumer[], count: number): void {
    this.#consumers.keep(list, count);
  }

  /** Says that the consumers that were put last get so many publishes. Answers whether one may get no more. */
  count(list: readonly Consumer[], count: number, publishes: number): boolean {
    const turns = this.#turns;
    let used = false;
    for (let i = 0; i < count; i++) {
      const consumer = list[i] as PreparedConsumer;
      const turn = turns?.get(consumer.channel);
      consumer.deliveryTag =
        turn === undefined ? countedOn(consumer.deliveryTag, publishes) : countedOn(turn.first, publishes * turn.step);
      if ((consumer.credit -= publishes) === 0) used = true;
    }
    return used;
  }
}

/** Consumers of one message of a route, which is delivered the long way. */
export class OneMessage {
  readonly #list: readonly PreparedConsumer[];
  readonly #turns: Map<number, Turns>;
  readonly consumers: Consumer[];

  /** @throws EncodeError */
  constructor(list: readonly Consumer[]) {
    for (const consumer of list) assertPrepared(consumer);
    this.#list = list as readonly PreparedConsumer[];
    const turns = turnsOf(this.#list);
    this.#turns = turns;
    this.consumers = this.#list.map(({ channel, consumerTag, redelivered, credit }) => {
      creditOf(credit);
      return { channel, consumerTag, redelivered, deliveryTag: taken(turns.get(channel)!) };
    });
  }

  /** As `RoutedWords.count`. */
  count(): boolean {
    let used = false;
    for (const consumer of this.#list) {
      consumer.deliveryTag = this.#turns.get(consumer.channel)!.next;
      if ((consumer.credit -= 1) === 0) used = true;
    }
    return used;
  }
}

/** Of each channel of a list: where several consumers share it, their tags go on from the largest. @throws EncodeError */
function turnsOf(list: readonly PreparedConsumer[]): Map<number, Turns> {
  const turns = new Map<number, Turns>();
  if (new Set(list).size < list.length)
    throw new EncodeError("a consumer stands twice in the list of a route", "consumersOf");
  for (const { channel, deliveryTag } of list) {
    highWord(deliveryTag);
    const turn = turns.get(channel);
    const step = (turn?.step ?? 0) + 1;
    const first = turn === undefined || deliveryTag > turn.first ? deliveryTag : turn.first;
    turns.set(channel, { first, next: first, step });
  }
  return turns;
}

function taken(turn: Turns): Longlong {
  const tag = turn.next;
  turn.next = countedOn(tag, 1);
  return tag;
}

/** @throws EncodeError */
function creditOf(credit: number): number {
  if (credit === Infinity) return ALL;
  if (Number.isSafeInteger(credit) && credit >= 1) return Math.min(credit, ALL);
  throw new EncodeError(`integer from 1 on or Infinity required, received ${kind(credit)}`, "credit");
}

function countedOn(tag: Longlong, by: number): Longlong {
  if (typeof tag === "number" && tag + by <= Number.MAX_SAFE_INTEGER) return tag + by;
  const next = BigInt(tag) + BigInt(by);
  return next <= Number.MAX_SAFE_INTEGER ? Number(next) : next;
}
