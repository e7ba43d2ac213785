import { Deque } from "./deque.js";
import type { Consumer } from "./consumer.js";

/**
 * Whose turn it is: by turns, those of the highest priority first. Consumers that cannot take anything are passed over once and then not
 * looked at until they are woken, so that idle ones cost nothing.
 */
export class ConsumerRotation {
  /** In the order in which they came. */
  readonly all = new Set<Consumer>();
  readonly #single: boolean;
  /** The highest priority first. */
  readonly #levels: { readonly priority: number; readonly ring: Deque<Consumer> }[] = [];

  /** @param single whether one consumer gets everything until it leaves (`x-single-active-consumer`). */
  constructor(single: boolean) {
    this.#single = single;
  }

  add(consumer: Consumer): void {
    this.all.add(consumer);
    this.#ring(consumer).push(consumer);
  }

  remove(consumer: Consumer): void {
    this.all.delete(consumer);
    this.#ring(consumer).remove(consumer);
  }

  wake(consumer: Consumer): void {
    consumer.parked = false;
    this.#ring(consumer).push(consumer);
  }

  /** The one that gets the next message; `undefined` where nobody can take it. */
  next(): Consumer | undefined {
    if (this.#single) return this.#active();
    for (const { ring } of this.#levels) {
      for (let consumer = ring.shift(); consumer !== undefined; consumer = ring.shift()) {
        if (consumer.canTake) {
          ring.push(consumer);
          return consumer;
        }
        park(consumer);
      }
    }
    return undefined;
  }

  #active(): Consumer | undefined {
    const [first] = this.all;
    if (first === undefined || first.parked) return undefined;
    if (first.canTake) return first;
    this.#ring(first).remove(first);
    park(first);
    return undefined;
  }

  #ring(consumer: Consumer): Deque<Consumer> {
    const { priority } = consumer.settings;
    const found = this.#levels.find((level) => level.priority === priority);
    if (found !== undefined) return found.ring;
    const level = { priority, ring: new Deque<Consumer>() };
    this.#levels.push(level);
    this.#levels.sort((one, other) => other.priority - one.priority);
    return level.ring;
  }
}

function park(consumer: Consumer): void {
  consumer.parked = true;
  consumer.channel.park(consumer);
}
