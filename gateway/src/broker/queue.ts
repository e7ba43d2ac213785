import type { FieldTable } from "amqp-wasm";
import type { Binding } from "./bindings.js";
import type { Clock, Timer } from "./clock.js";
import type { Consumer } from "./consumer.js";
import { ConsumerRotation } from "./consumer-rotation.js";
import type { DeathReason } from "./dead-letter.js";
import type { Entry } from "./entry.js";
import type { Memory } from "./memory.js";
import { PriorityMessages } from "./priority-messages.js";
import { queueArguments, type QueueArguments } from "./queue-arguments.js";
import { ReadyMessages } from "./ready-messages.js";
import type { Message } from "./message.js";

/** What a queue was declared with. */
export interface QueueSettings {
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly autoDelete: boolean;
  readonly arguments: FieldTable;
}

/** What a queue needs of the virtual host that it lives in. */
export interface QueueHost {
  readonly name: string;
  readonly clock: Clock;
  readonly memory: Memory;
  /** Publishes a message that died in this queue, where the queue has a dead letter exchange. */
  deadLetter(queue: Queue, message: Message, reason: DeathReason): void;
  /** Deletes a queue that nobody uses any more. */
  unused(queue: Queue): void;
}

/** Keeps messages in order and hands each to one consumer. */
export class Queue {
  readonly name: string;
  readonly settings: QueueSettings;
  readonly arguments: QueueArguments;
  /** The connection that it is exclusive to. */
  readonly owner: object | undefined;
  readonly incoming = new Set<Binding>();
  readonly consumers: ConsumerRotation;
  deleted = false;
  /** A consumer that wants no other beside it. */
  exclusiveConsumer: Consumer | undefined;
  readonly #host: QueueHost;
  readonly #ready: ReadyMessages | PriorityMessages;
  #readyOctets = 0;
  #sequence = 0;
  #hadConsumers = false;
  #expiry: Timer | undefined;
  #expiryAt = Infinity;
  /** Whether it ever held a message that expires. */
  #isTimed = false;
  #disuse: Timer | undefined;

  /** @throws Refusal where an argument cannot be. */
  constructor(name: string, settings: QueueSettings, owner: object | undefined, host: QueueHost) {
    this.name = name;
    this.settings = settings;
    this.arguments = queueArguments(settings.arguments, `queue '${name}' in vhost '${host.name}'`);
    this.owner = owner;
    this.#host = host;
    const { maxPriority, singleActiveConsumer } = this.arguments;
    this.#ready = maxPriority > 0 ? new PriorityMessages(maxPriority) : new ReadyMessages();
    this.consumers = new ConsumerRotation(singleActiveConsumer);
    this.used();
  }

  /** Messages that wait. */
  get length(): number {
    return this.#ready.length;
  }

  /** Takes a message in; false where the queue is full and rejects what comes. */
  publish(message: Message): boolean {
    const ready = this.#ready;
    // Whoever can take a message has taken it, so where messages wait nobody can.
    const consumer = ready.length === 0 ? this.consumers.next() : undefined;
    if (consumer === undefined && this.#isFull(message)) {
      if (this.arguments.overflow === "reject-publish-dlx") this.#host.deadLetter(this, message, "maxlen");
      if (this.arguments.overflow !== "drop-head") return false;
    }
    const ttl = Math.min(this.arguments.messageTtl, message.ttl);
    const expiresAt = ttl === Infinity ? Infinity : this.#host.clock.now() + ttl;
    const entry: Entry = { message, sequence: this.#sequence++, redelivered: false, expiresAt };
    this.#host.memory.hold(message);
    if (consumer !== undefined) {
      consumer.channel.deliver(consumer, entry);
      return true;
    }
    ready.push(entry);
    this.#readyOctets += message.size;
    this.#dropOverflow();
    if (expiresAt !== Infinity) {
      this.#isTimed = true;
      this.#expire();
    }
    return true;
  }

  /** Takes the next message out, for `Basic.Get`. */
  get(): Entry | undefined {
    this.used();
    const entry = this.#next();
    this.#expire();
    return entry;
  }

  /** Puts deliveries back in their old places, marked as redelivered. */
  giveBack(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (this.deleted) {
        this.#host.memory.release(entry.message);
        continue;
      }
      entry.redelivered = true;
      this.#ready.giveBack(entry);
      this.#readyOctets += entry.message.size;
    }
    if (this.deleted) return;
    this.#dropOverflow();
    this.drain();
  }

  /** Forgets a delivery: it was acknowledged, or needed no acknowledgement. */
  forget(entry: Entry): void {
    this.#host.memory.release(entry.message);
  }

  /** Forgets a delivery that was rejected for good. */
  reject(entry: Entry): void {
    this.#die(entry, "rejected");
  }

  /** Hands out what waits to those who can take it. */
  drain(): void {
    if (this.#ready.length === 0) return;
    while (this.#ready.length > 0) {
      const consumer = this.consumers.next();
      if (consumer === undefined) break;
      const entry = this.#next();
      if (entry !== undefined) consumer.channel.deliver(consumer, entry);
    }
    this.#expire();
  }

  addConsumer(consumer: Consumer): void {
    this.#hadConsumers = true;
    this.#disuse?.stop();
    if (consumer.settings.exclusive) this.exclusiveConsumer = consumer;
    this.consumers.add(consumer);
  }

  removeConsumer(consumer: Consumer): void {
    this.consumers.remove(consumer);
    if (this.exclusiveConsumer === consumer) this.exclusiveConsumer = undefined;
    if (this.deleted) return;
    if (this.consumers.all.size === 0) {
      if (this.settings.autoDelete && this.#hadConsumers) return this.#host.unused(this);
      this.used();
    } else if (this.arguments.singleActiveConsumer) {
      this.drain();
    }
  }

  /** Somebody used the queue: its time until `x-expires` begins anew. */
  used(): void {
    const { expires } = this.arguments;
    if (expires === undefined) return;
    this.#disuse?.stop();
    if (this.consumers.all.size > 0) return;
    this.#disuse = this.#host.clock.after(expires, () => this.#host.unused(this));
  }

  /** Drops what waits; answers how much that was. */
  purge(): number {
    const count = this.#ready.length;
    for (let entry = this.#shift(); entry !== undefined; entry = this.#shift()) this.forget(entry);
    return count;
  }

  /** Ends the queue: its messages are dropped and its consumers told. */
  close(): void {
    this.deleted = true;
    this.#expiry?.stop();
    this.#disuse?.stop();
    this.purge();
    for (const consumer of [...this.consumers.all]) consumer.channel.cancelled(consumer);
  }

  /** Takes the oldest out that has not expired. */
  #next(): Entry | undefined {
    for (let first = this.#ready.first; first !== undefined; first = this.#ready.first) {
      this.#shift();
      if (first.expiresAt === Infinity || first.expiresAt > this.#host.clock.now()) return first;
      this.#die(first, "expired");
    }
    return undefined;
  }

  #shift(): Entry | undefined {
    const entry = this.#ready.shift();
    if (entry !== undefined) this.#readyOctets -= entry.message.size;
    return entry;
  }

  #isFull(message: Message): boolean {
    const { maxLength, maxOctets } = this.arguments;
    return this.#ready.length + 1 > maxLength || this.#readyOctets + message.size > maxOctets;
  }

  #dropOverflow(): void {
    const { maxLength, maxOctets, overflow } = this.arguments;
    if (overflow !== "drop-head") return;
    while (this.#ready.length > maxLength || this.#readyOctets > maxOctets) this.#die(this.#shift()!, "maxlen");
  }

  /** Drops what stands at the head for too long: as in RabbitMQ, a message behind one that stays longer has to wait. */
  #expire(): void {
    if (!this.#isTimed) return;
    const ready = this.#ready;
    const heads = ready.heads();
    let next = Infinity;
    for (let entry = heads.pop(); entry !== undefined; entry = heads.pop()) {
      if (entry.expiresAt === Infinity) continue;
      const now = this.#host.clock.now();
      if (entry.expiresAt > now) {
        next = Math.min(next, entry.expiresAt);
        continue;
      }
      const behind = ready.shiftHead(entry);
      this.#readyOctets -= entry.message.size;
      this.#die(entry, "expired");
      if (behind !== undefined) heads.push(behind);
    }
    // A timer that fires early looks again; only one that would fire too late is set anew.
    if (next >= this.#expiryAt) return;
    this.#expiry?.stop();
    this.#expiryAt = next;
    this.#expiry = this.#host.clock.after(next - this.#host.clock.now(), () => {
      this.#expiryAt = Infinity;
      this.#expire();
    });
  }

  #die(entry: Entry, reason: DeathReason): void {
    this.#host.memory.release(entry.message);
    this.#host.deadLetter(this, entry.message, reason);
  }
}
