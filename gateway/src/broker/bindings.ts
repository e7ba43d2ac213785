import type { FieldTable } from "amqp-wasm";
import type { Exchange } from "./exchange.js";
import type { Queue } from "./queue.js";
import type { Message } from "./message.js";

/** Where a binding leads. */
export type Destination = Queue | Exchange;

/** That a destination wants messages of a source. */
export interface Binding {
  readonly source: Exchange;
  readonly destination: Destination;
  readonly routingKey: string;
  readonly arguments: FieldTable;
}

/** Who is told of each destination that a message goes to; the same one may be told twice. */
export type Visit = (destination: Destination) => void;

/** How one kind of exchange finds the destinations of a message. */
export interface Bindings {
  add(binding: Binding): void;
  remove(binding: Binding): void;
  /** Tells the destinations for one routing key: the message's own, or one of its CC and BCC headers. */
  match(routingKey: string, message: Message, visit: Visit): void;
}
