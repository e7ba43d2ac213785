/** A list with two ends in a ring: O(1) at both, and no holes. */
export class Deque<T> {
  #slots: (T | undefined)[] = new Array<T | undefined>(8);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The first, which `shift` would take. */
  get first(): T | undefined {
    return this.#slots[this.#head];
  }

  /** The one at this place; 0 is the first. */
  at(index: number): T | undefined {
    return index < this.#length ? this.#slots[(this.#head + index) & (this.#slots.length - 1)] : undefined;
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#resize(this.#length * 2);
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = item;
    this.#length += 1;
  }

  unshift(item: T): void {
    if (this.#length === this.#slots.length) this.#resize(this.#length * 2);
    this.#head = (this.#head - 1) & (this.#slots.length - 1);
    this.#slots[this.#head] = item;
    this.#length += 1;
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#head];
    // Otherwise the ring would keep alive what was taken.
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length -= 1;
    if (this.#slots.length > 1024 && this.#length < this.#slots.length >> 2) this.#resize(this.#slots.length >> 1);
    return item;
  }

  /** Takes one out, wherever it is: O(n). */
  remove(item: T): boolean {
    const kept = [...this];
    const at = kept.indexOf(item);
    if (at < 0) return false;
    kept.splice(at, 1);
    this.clear();
    for (const one of kept) this.push(one);
    return true;
  }

  clear(): void {
    this.#slots = new Array<T | undefined>(8);
    this.#head = this.#length = 0;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.#length; i++) yield this.at(i) as T;
  }

  /** Sizes are powers of two: a place is found with a mask. */
  #resize(size: number): void {
    const slots = new Array<T | undefined>(size);
    for (let i = 0; i < this.#length; i++) slots[i] = this.at(i);
    this.#slots = slots;
    this.#head = 0;
  }
}
