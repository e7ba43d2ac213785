/** Whether method, content header and content bodies follow each other as they must, channel by channel, in one direction (section 4.2.6). */

import { Fault } from "./fault.js";

const carriesContent: ReadonlySet<string> = new Set(["Basic.Publish", "Basic.Deliver", "Basic.GetOk", "Basic.Return"]);

/** In place of a number of octets: the content header has not come yet. */
const HEADER_WANTED = -1;

export class ContentOrder {
  readonly #maxBodySize: number;
  /** The channel whose content came last, and the octets of it that are still to come; 0 where it is done. What comes next is mostly of the same. */
  #channel = 0;
  #wanted = 0;
  /** By channel: the same of others whose content is not done. */
  readonly #others = new Map<number, number>();
  /** Channels that the receiver has closed and whose close-ok is still to come: what comes until then is discarded there, and may break off anywhere. */
  readonly #closing = new Set<number>();

  constructor(maxBodySize: number) {
    this.#maxBodySize = maxBodySize;
  }

  /** Whether no content is under way and no channel is being closed: then whatever is whole in itself may come. */
  get idle(): boolean {
    return this.#wanted === 0 && this.#others.size === 0 && this.#closing.size === 0;
  }

  /** The receiver closes this channel. */
  close(channel: number): void {
    this.#closing.add(channel);
    this.#turnTo(channel);
    this.#wanted = 0;
  }

  #turnTo(channel: number): void {
    if (channel === this.#channel) return;
    const others = this.#others;
    if (this.#wanted !== 0) others.set(this.#channel, this.#wanted);
    this.#channel = channel;
    this.#wanted = 0;
    if (others.size === 0) return;
    this.#wanted = others.get(channel) ?? 0;
    others.delete(channel);
  }

  #isClosing(channel: number): boolean {
    return this.#closing.size > 0 && this.#closing.has(channel);
  }

  /** A method on a channel other than 0. @throws Fault */
  method(name: string, channel: number): void {
    if (this.#isClosing(channel)) {
      if (name === "Channel.CloseOk") this.#closing.delete(channel);
      return;
    }
    this.#turnTo(channel);
    if (this.#wanted !== 0) throw new Fault(505, `${name} on channel ${channel}, where content was expected`);
    if (carriesContent.has(name)) this.#wanted = HEADER_WANTED;
  }

  /** A content header. @throws Fault */
  header(channel: number, bodySize: number | bigint): void {
    if (this.#isClosing(channel)) return;
    this.#turnTo(channel);
    if (this.#wanted !== HEADER_WANTED) {
      throw new Fault(505, `content header on channel ${channel}, without a method that carries content`);
    }
    if (bodySize > this.#maxBodySize) {
      throw new Fault(501, `content of ${bodySize} octets, where at most ${this.#maxBodySize} are allowed`);
    }
    this.#wanted = Number(bodySize);
  }

  /** A content body of so many octets. Answers whether it is the last of its content. @throws Fault */
  body(channel: number, octets: number): boolean {
    if (this.#isClosing(channel)) return true;
    this.#turnTo(channel);
    const wanted = this.#wanted;
    if (wanted <= 0) throw new Fault(505, `content body on channel ${channel}, without a content header`);
    if (octets > wanted) {
      throw new Fault(
        501,
        `content body of ${octets} octets on channel ${channel}, where ${wanted} were still to come`,
      );
    }
    this.#wanted = wanted - octets;
    return octets === wanted;
  }
}
