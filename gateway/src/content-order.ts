/** Whether method, content header and content bodies follow each other as they must, channel by channel, in one direction (section 4.2.6). */

import { Fault } from "./fault.js";

const carriesContent: ReadonlySet<string> = new Set(["Basic.Publish", "Basic.Deliver", "Basic.GetOk", "Basic.Return"]);

/** In place of a number of octets: the content header has not come yet. */
const HEADER_WANTED = -1;

export class ContentOrder {
  readonly #maxBodySize: number;
  /** By channel: octets of the content that are still to come, for as long as there are any. */
  readonly #wanted = new Map<number, number>();
  /** Channels that the receiver has closed and whose close-ok is still to come: what comes until then is discarded there, and may break off anywhere. */
  readonly #closing = new Set<number>();

  constructor(maxBodySize: number) {
    this.#maxBodySize = maxBodySize;
  }

  /** The receiver closes this channel. */
  close(channel: number): void {
    this.#closing.add(channel);
    this.#wanted.delete(channel);
  }

  /** A method on a channel other than 0. @throws Fault */
  method(name: string, channel: number): void {
    if (this.#closing.size > 0 && this.#closing.has(channel)) {
      if (name === "Channel.CloseOk") this.#closing.delete(channel);
      return;
    }
    if (this.#wanted.size > 0 && this.#wanted.has(channel)) {
      throw new Fault(505, `${name} on channel ${channel}, where content was expected`);
    }
    if (carriesContent.has(name)) this.#wanted.set(channel, HEADER_WANTED);
  }

  /** A content header. @throws Fault */
  header(channel: number, bodySize: number | bigint): void {
    if (this.#closing.size > 0 && this.#closing.has(channel)) return;
    if (this.#wanted.get(channel) !== HEADER_WANTED) {
      throw new Fault(505, `content header on channel ${channel}, without a method that carries content`);
    }
    if (bodySize > this.#maxBodySize) {
      throw new Fault(501, `content of ${bodySize} octets, where at most ${this.#maxBodySize} are allowed`);
    }
    if (Number(bodySize) === 0) this.#wanted.delete(channel);
    else this.#wanted.set(channel, Number(bodySize));
  }

  /** A content body of so many octets. Answers whether it is the last of its content. @throws Fault */
  body(channel: number, octets: number): boolean {
    if (this.#closing.size > 0 && this.#closing.has(channel)) return true;
    const wanted = this.#wanted.get(channel);
    if (wanted === undefined || wanted === HEADER_WANTED) {
      throw new Fault(505, `content body on channel ${channel}, without a content header`);
    }
    if (octets > wanted) {
      throw new Fault(
        501,
        `content body of ${octets} octets on channel ${channel}, where ${wanted} were still to come`,
      );
    }
    if (octets === wanted) this.#wanted.delete(channel);
    else this.#wanted.set(channel, wanted - octets);
    return octets === wanted;
  }
}
