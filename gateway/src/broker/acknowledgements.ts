import type { Longlong } from "amqp-wasm";
import type { Consumer } from "./consumer.js";
import type { Entry } from "./entry.js";
import type { Queue } from "./queue.js";
import { preconditionFailed } from "./refusal.js";

/** A delivery that a client has to answer. */
export interface Delivery {
  readonly tag: number;
  readonly entry: Entry;
  readonly queue: Queue;
  /** Who got it; undefined for `Basic.Get`. */
  readonly consumer: Consumer | undefined;
}

/** The deliveries of one channel that were not acknowledged, in the order of their tags. */
export class Acknowledgements {
  #open = new Map<number, Delivery>();

  get size(): number {
    return this.#open.size;
  }

  add(delivery: Delivery): void {
    this.#open.set(delivery.tag, delivery);
  }

  /**
   * Takes out what a client answers: one delivery, or all up to it; tag 0 with `multiple` is all there are.
   *
   * @throws Refusal 406 where there is no such delivery.
   */
  take(tag: Longlong, multiple: boolean): Delivery[] {
    const open = this.#open;
    const found = typeof tag === "number" ? open.get(tag) : undefined;
    if (multiple && tag === 0) return this.takeAll();
    if (found === undefined) throw preconditionFailed(`unknown delivery tag ${tag}`);
    if (!multiple) {
      open.delete(found.tag);
      return [found];
    }
    const taken: Delivery[] = [];
    for (const delivery of open.values()) {
      if (delivery.tag > found.tag) break;
      taken.push(delivery);
      open.delete(delivery.tag);
    }
    return taken;
  }

  takeAll(): Delivery[] {
    const all = [...this.#open.values()];
    this.#open.clear();
    return all;
  }

  /** Puts back what was taken, for a transaction that is rolled back. */
  giveBack(deliveries: readonly Delivery[]): void {
    const all = [...this.#open.values(), ...deliveries].sort((one, other) => one.tag - other.tag);
    this.#open = new Map(all.map((delivery) => [delivery.tag, delivery]));
  }
}

/** Puts deliveries back into their queues, each queue's all at once so that they keep their order. */
export function giveBackToQueues(deliveries: readonly Delivery[]): void {
  const byQueue = new Map<Queue, Entry[]>();
  for (const { queue, entry } of deliveries) {
    const entries = byQueue.get(queue);
    if (entries === undefined) byQueue.set(queue, [entry]);
    else entries.push(entry);
  }
  for (const [queue, entries] of byQueue) queue.giveBack(entries);
}
