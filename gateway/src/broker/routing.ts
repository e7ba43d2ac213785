import type { Destination } from "./bindings.js";
import { Exchange } from "./exchange.js";
import type { Queue } from "./queue.js";
import type { StoredMessage } from "./stored-message.js";

/** Finds what a message can reach. */
export interface Names {
  queue(name: string): Queue | undefined;
  exchange(name: string): Exchange | undefined;
}

/**
 * The queues that a message goes to, each once: through exchange bindings, in whatever circle they run, and through alternate exchanges where
 * nothing else wants it.
 */
export function route(message: StoredMessage, start: Exchange, names: Names): readonly Queue[] {
  // The common case: the default exchange, or one exchange whose bindings lead to one queue.
  const queues: Queue[] = [];
  const { moreKeys } = message;
  if (start.name === "" && moreKeys.length === 0) {
    const queue = names.queue(message.key);
    return queue === undefined ? NO_QUEUES : [queue];
  }
  const keys = [message.key, ...moreKeys];
  const seen = new Set<Destination>([start]);
  const open = [start];
  for (let exchange = open.pop(); exchange !== undefined; exchange = open.pop()) {
    let found = false;
    const visit = (destination: Destination): void => {
      found = true;
      if (seen.has(destination)) return;
      seen.add(destination);
      if (destination instanceof Exchange) open.push(destination);
      else queues.push(destination);
    };
    for (const key of keys) {
      if (exchange.name !== "") {
        exchange.bindings.match(key, message, visit);
        continue;
      }
      const queue = names.queue(key);
      if (queue !== undefined) visit(queue);
    }
    if (found || exchange.alternate === undefined) continue;
    const alternate = names.exchange(exchange.alternate);
    if (alternate !== undefined) visit(alternate);
  }
  return queues;
}

const NO_QUEUES: readonly Queue[] = [];
