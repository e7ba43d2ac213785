/** What repeats in what is written, kept in linear memory, where it goes out by its address: short texts, and blocks that others make of octets. */
import type { Core } from "./core.js";

/** Longest text that is kept. */
export const KEPT_LENGTH = 48;

/** Texts that came once. */
const DOOR = 256;

export class Kept {
  readonly #core: Core;
  readonly #onFull: () => void;
  #at: number;
  readonly #end: number;
  #full = false;
  #texts = new Map<string, number>();
  readonly #door = new Array<string>(DOOR).fill("");
  readonly #clear: Array<() => void> = [];
  /** Counts how often all was forgotten: addresses of another generation are void. */
  generation = 0;

  /** @param onFull called when something found no room. */
  constructor(core: Core, onFull: () => void) {
    this.#core = core;
    this.#onFull = onFull;
    this.#at = core.kept;
    this.#end = core.kept + core.keptCapacity;
  }

  /** Whether something found no room of late. */
  get full(): boolean {
    return this.#full;
  }

  /** Says what is to be done when all is forgotten. */
  onClear(forget: () => void): void {
    this.#clear.push(forget);
  }

  /** Forgets all. Nothing that is still to be written may refer to it. */
  clear(): void {
    this.#full = false;
    this.#at = this.#core.kept;
    this.#texts.clear();
    this.generation += 1;
    for (const forget of this.#clear) forget();
  }

  /** Room for so many octets, at an address that a word may stand at; 0 where there is none now. */
  room(octets: number): number {
    const at = this.#at;
    if (octets > this.#end - at) {
      this.#full = true;
      this.#onFull();
      return 0;
    }
    this.#at = at + ((octets + 3) & ~3);
    return at;
  }

  /** Where the length octet of a text stands, counted from the region's begin, << 8, and the number of its octets; `undefined` where it is not kept. */
  text(value: string): number | undefined {
    return this.#texts.get(value);
  }

  /**
   * Keeps a text, whose length octet and octets stand at an address, where it comes the second time: what never repeats would push out what does. Answers whether it did.
   */
  meet(value: string, from: number, octets: number): boolean {
    const length = value.length;
    if (length === 0 || length > KEPT_LENGTH) return false;
    const place = (31 * length + value.charCodeAt(0) + 7 * value.charCodeAt(length - 1)) % DOOR;
    if (this.#door[place] !== value) {
      this.#door[place] = value;
      return false;
    }
    const at = this.room(1 + octets);
    if (at === 0) return false;
    this.#core.octets.copyWithin(at, from, from + 1 + octets);
    this.#texts.set(value, ((at - this.#core.kept) << 8) | octets);
    return true;
  }
}
