import type { FieldTable } from "amqp-wasm";
import type { Entry } from "./entry.js";
import type { Queue } from "./queue.js";

/** What a consumer needs of the channel that it lives on. */
export interface ConsumerChannel {
  /** Whether its flow is on and its peer takes octets. */
  readonly isFlowing: boolean;
  /** Whether its own window, which all of its consumers share, is open. */
  readonly hasCredit: boolean;
  /** Sends a delivery. */
  deliver(consumer: Consumer, entry: Entry): void;
  /** The queue is gone. */
  cancelled(consumer: Consumer): void;
  /** A consumer that could not take what there was; the channel wakes it when things change. */
  park(consumer: Consumer): void;
}

/** What a consumer was started with. */
export interface ConsumerSettings {
  readonly tag: string;
  readonly noAck: boolean;
  readonly exclusive: boolean;
  /** `x-priority`: higher ones are served first. */
  readonly priority: number;
  /** How many deliveries may be unacknowledged; Infinity for no limit. Without acknowledgements there is no limit. */
  readonly prefetch: number;
  readonly arguments: FieldTable;
}

/** A client's wish to get the messages of a queue. */
export class Consumer {
  readonly queue: Queue;
  readonly channel: ConsumerChannel;
  readonly settings: ConsumerSettings;
  /** Deliveries that were not acknowledged. */
  unacknowledged = 0;
  /** Whether the queue passes it over until it is woken. */
  parked = false;

  constructor(queue: Queue, channel: ConsumerChannel, settings: ConsumerSettings) {
    this.queue = queue;
    this.channel = channel;
    this.settings = settings;
  }

  get canTake(): boolean {
    const { channel, settings } = this;
    if (!channel.isFlowing) return false;
    return settings.noAck || (this.unacknowledged < settings.prefetch && channel.hasCredit);
  }
}
