import type { Entry } from "./entry.js";
import { ReadyMessages } from "./ready-messages.js";

/** What waits in a queue with `x-max-priority`: a list for each priority, the highest first. Has the methods of `ReadyMessages`. */
export class PriorityMessages {
  readonly #levels: ReadyMessages[];
  /** No level above this one has anything. */
  #top = 0;
  #length = 0;

  /** @param highest 1 to 255: messages of a higher priority count as this one. */
  constructor(highest: number) {
    this.#levels = Array.from({ length: highest + 1 }, () => new ReadyMessages());
  }

  get length(): number {
    return this.#length;
  }

  get first(): Entry | undefined {
    return this.#highest()?.first;
  }

  push(entry: Entry): void {
    this.#level(entry).push(entry);
  }

  shift(): Entry | undefined {
    const entry = this.#highest()?.shift();
    if (entry !== undefined) this.#length -= 1;
    return entry;
  }

  giveBack(entry: Entry): void {
    this.#level(entry).giveBack(entry);
  }

  /** The heads of all levels that have one. */
  heads(): Entry[] {
    return this.#levels.flatMap((level) => level.first ?? []);
  }

  /** Takes out an entry that is the head of its level; answers the one behind it. */
  shiftHead(entry: Entry): Entry | undefined {
    this.#length -= 1;
    return this.#levels[this.#priority(entry)]!.shiftHead();
  }

  clear(): void {
    for (const level of this.#levels) level.clear();
    this.#length = this.#top = 0;
  }

  #priority(entry: Entry): number {
    return Math.min(entry.message.priority, this.#levels.length - 1);
  }

  #level(entry: Entry): ReadyMessages {
    const priority = this.#priority(entry);
    if (priority > this.#top) this.#top = priority;
    this.#length += 1;
    return this.#levels[priority]!;
  }

  #highest(): ReadyMessages | undefined {
    if (this.#length === 0) return undefined;
    while (this.#levels[this.#top]!.length === 0) this.#top -= 1;
    return this.#levels[this.#top];
  }
}
