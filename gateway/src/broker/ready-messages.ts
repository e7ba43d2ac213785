import { Deque } from "./deque.js";
import type { Entry } from "./entry.js";

/**
 * What waits in a queue, in the order in which it was published. New entries go to the end of a ring; those that come back (rejected, channel closed) go to a heap, and the
 * older of the two heads is next: so everything that comes back takes its old place, in O(log n) however many come back in whatever order.
 */
export class ReadyMessages {
  readonly #fresh = new Deque<Entry>();
  readonly #returned: Entry[] = [];

  get length(): number {
    return this.#fresh.length + this.#returned.length;
  }

  /** The oldest. */
  get first(): Entry | undefined {
    const fresh = this.#fresh.first;
    const returned = this.#returned[0];
    if (returned === undefined) return fresh;
    return fresh === undefined || returned.sequence < fresh.sequence ? returned : fresh;
  }

  push(entry: Entry): void {
    this.#fresh.push(entry);
  }

  shift(): Entry | undefined {
    const first = this.first;
    if (first === undefined) return undefined;
    if (first === this.#fresh.first) return this.#fresh.shift();
    this.#takeReturned();
    return first;
  }

  /** The one that is next, in a list. */
  heads(): Entry[] {
    const { first } = this;
    return first === undefined ? [] : [first];
  }

  /** Takes out the oldest; answers the one behind it. */
  shiftHead(): Entry | undefined {
    this.shift();
    return this.first;
  }

  /** Puts an entry back at the place that its sequence number gives it. */
  giveBack(entry: Entry): void {
    const heap = this.#returned;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.sequence <= entry.sequence) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  clear(): void {
    this.#fresh.clear();
    this.#returned.length = 0;
  }

  #takeReturned(): void {
    const heap = this.#returned;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.sequence < heap[child]!.sequence) child += 1;
      if (last.sequence <= heap[child]!.sequence) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
