import type { Message } from "./message.js";

/** What an entry of a queue takes beside the octets of its message: an estimate. */
const ENTRY_OCTETS = 128;

/** Counts what the broker stores. A message in many queues counts once, its entries each. */
export class Memory {
  #octets = 0;

  /** Octets that messages and their entries take. */
  get octets(): number {
    return this.#octets;
  }

  hold(message: Message): void {
    if (message.references++ === 0) this.#octets += message.storedOctets;
    this.#octets += ENTRY_OCTETS;
  }

  release(message: Message): void {
    if (--message.references === 0) this.#octets -= message.storedOctets;
    this.#octets -= ENTRY_OCTETS;
  }
}
