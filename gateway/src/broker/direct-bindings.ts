import type { Binding, Bindings, Visit } from "./bindings.js";
import type { Message } from "./message.js";

/** Direct exchange: the routing key is the binding key. */
export class DirectBindings implements Bindings {
  readonly #byKey = new Map<string, Set<Binding>>();

  add(binding: Binding): void {
    const found = this.#byKey.get(binding.routingKey);
    if (found === undefined) this.#byKey.set(binding.routingKey, new Set([binding]));
    else found.add(binding);
  }

  remove(binding: Binding): void {
    const found = this.#byKey.get(binding.routingKey);
    if (found?.delete(binding) && found.size === 0) this.#byKey.delete(binding.routingKey);
  }

  match(routingKey: string, _message: Message, visit: Visit): void {
    const found = this.#byKey.get(routingKey);
    if (found !== undefined) for (const { destination } of found) visit(destination);
  }
}
