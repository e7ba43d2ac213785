import type { Binding, Bindings, Visit } from "./bindings.js";
import type { Message } from "./message.js";

/** Fanout exchange: every destination, whatever the routing key is. */
export class FanoutBindings implements Bindings {
  readonly #all = new Set<Binding>();

  add(binding: Binding): void {
    this.#all.add(binding);
  }

  remove(binding: Binding): void {
    this.#all.delete(binding);
  }

  match(_routingKey: string, _message: Message, visit: Visit): void {
    for (const { destination } of this.#all) visit(destination);
  }
}
