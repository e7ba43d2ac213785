/** A promise that is fulfilled from outside, and a list that can be waited for. */
export class Gathered<T> {
  readonly items: T[] = [];
  readonly #waiting: { count: number; resolve: (items: T[]) => void }[] = [];

  readonly put = (item: T): void => {
    this.items.push(item);
    for (const { count, resolve } of [...this.#waiting]) if (this.items.length >= count) resolve(this.items);
  };

  /** When there are so many. */
  until(count: number): Promise<T[]> {
    if (this.items.length >= count) return Promise.resolve(this.items);
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }
}
