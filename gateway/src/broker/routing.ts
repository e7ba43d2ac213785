import { Exchange } from "./exchange.js";
import type { Message } from "./message.js";

/** What takes messages in the end: a queue, mostly. */
export interface Target {
  /** False where the message is not taken. */
  publish(message: Message): boolean;
}

/** Finds what a message can reach. */
export interface Names {
  /** What the default exchange knows by this name. */
  target(name: string): Target | undefined;
  exchange(name: string): Exchange | undefined;
}

/**
 * The queues that a message goes to, each once: through exchange bindings, in whatever circle they run, and through alternate exchanges where
 * nothing else wants it.
 */
export function route(message: Message, start: Exchange, names: Names): readonly Target[] {
  // The common case: the default exchange, or one exchange whose bindings lead to one queue.
  const { moreKeys } = message;
  if (start.name === "" && moreKeys.length === 0) {
    const target = names.target(message.key);
    return target === undefined ? NO_TARGETS : [target];
  }
  const targets: Target[] = [];
  const keys = [message.key, ...moreKeys];
  const seen = new Set<Target | Exchange>([start]);
  const open = [start];
  for (let exchange = open.pop(); exchange !== undefined; exchange = open.pop()) {
    let found = false;
    const visit = (destination: Target | Exchange): void => {
      found = true;
      if (seen.has(destination)) return;
      seen.add(destination);
      if (destination instanceof Exchange) open.push(destination);
      else targets.push(destination);
    };
    for (const key of keys) {
      if (exchange.name !== "") {
        exchange.bindings.match(key, message, visit);
        continue;
      }
      const target = names.target(key);
      if (target !== undefined) visit(target);
    }
    if (found || exchange.alternate === undefined) continue;
    const alternate = names.exchange(exchange.alternate);
    if (alternate !== undefined) visit(alternate);
  }
  return targets;
}

const NO_TARGETS: readonly Target[] = [];
