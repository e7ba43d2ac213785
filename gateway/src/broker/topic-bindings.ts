import type { Binding, Bindings, Visit } from "./bindings.js";
import type { Message } from "./message.js";
import { TopicTrie } from "./topic-trie.js";

/** Topic exchange: binding keys are patterns of words. */
export class TopicBindings implements Bindings {
  readonly #trie = new TopicTrie<Binding>();

  add(binding: Binding): void {
    this.#trie.add(binding.routingKey, binding);
  }

  remove(binding: Binding): void {
    this.#trie.remove(binding.routingKey, binding);
  }

  match(routingKey: string, _message: Message, visit: Visit): void {
    this.#trie.match(routingKey, ({ destination }) => visit(destination));
  }
}
