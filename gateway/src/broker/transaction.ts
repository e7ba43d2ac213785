import type { Delivery } from "./acknowledgements.js";
import type { Publication } from "./publication.js";

/** What a client wants done with deliveries. */
export interface Settlement {
  readonly deliveries: readonly Delivery[];
  readonly outcome: "ack" | "requeue" | "reject";
}

/** What a transactional channel has said since the last commit or rollback. */
export interface Transaction {
  publications: Publication[];
  settlements: Settlement[];
}

export function newTransaction(): Transaction {
  return { publications: [], settlements: [] };
}
