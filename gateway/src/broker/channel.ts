import { Basic, Channel as ChannelClass, type Frame, type Longlong } from "amqp-wasm";
import { Acknowledgements, giveBackToQueues, type Delivery } from "./acknowledgements.js";
import type { Confirms } from "./confirms.js";
import type { Connection } from "./connection.js";
import type { Consumer, ConsumerChannel } from "./consumer.js";
import type { Entry } from "./entry.js";
import type { Publication } from "./publication.js";
import type { Queue } from "./queue.js";
import type { ReplyConsumer } from "./reply-to.js";
import type { Message } from "./message.js";
import { newTransaction, type Settlement, type Transaction } from "./transaction.js";

/** A channel of a connection: its consumers, what they were delivered, and what the client publishes. */
export class Channel implements ConsumerChannel {
  readonly connection: Connection;
  readonly number: number;
  /** That the broker has closed it: what still comes is discarded until the client knows. */
  closing = false;
  readonly consumers = new Map<string, Consumer>();
  readonly deliveries = new Acknowledgements();
  confirms: Confirms | undefined;
  replies: ReplyConsumer | undefined;
  transaction: Transaction | undefined;
  /** What an empty queue name stands for. */
  lastQueue: string | undefined;
  /** Prefetch of consumers still to come, and of all consumers together. */
  prefetch = Infinity;
  channelPrefetch = Infinity;
  /** Deliveries to consumers that were not acknowledged. */
  #outstanding = 0;
  #flow = true;
  #lastTag = 0;
  readonly #parked = new Set<Consumer>();

  constructor(connection: Connection, number: number) {
    this.connection = connection;
    this.number = number;
  }

  send(frame: Frame): void {
    this.connection.send(frame, this.number);
  }

  get isFlowing(): boolean {
    return this.#flow && !this.closing && this.connection.isWritable;
  }

  get hasCredit(): boolean {
    return this.#outstanding < this.channelPrefetch;
  }

  /** Whether the client wants deliveries. */
  set flow(active: boolean) {
    this.#flow = active;
    if (active) this.wakeAll();
  }

  deliver(consumer: Consumer, entry: Entry): void {
    const { tag: consumerTag, noAck } = consumer.settings;
    const deliveryTag = this.#track(consumer.queue, entry, noAck, consumer);
    const { message, redelivered } = entry;
    this.connection.sendMessage(message, {
      kind: "deliver",
      channel: this.number,
      consumerTag,
      deliveryTag,
      redelivered,
    });
  }

  /** Answers `Basic.Get` with a message. */
  sendGot(queue: Queue, entry: Entry, noAck: boolean): void {
    const deliveryTag = this.#track(queue, entry, noAck, undefined);
    const { message, redelivered } = entry;
    const messageCount = queue.length;
    this.connection.sendMessage(message, {
      kind: "get-ok",
      channel: this.number,
      deliveryTag,
      redelivered,
      messageCount,
    });
  }

  /** Sends an answer to a client that waits for answers without a queue; it is lost where the client does not keep up. */
  deliverReply(consumerTag: string, message: Message): void {
    if (this.closing || this.connection.isOverfull) return;
    const deliveryTag = ++this.#lastTag;
    this.connection.sendMessage(message, { kind: "deliver", channel: this.number, consumerTag, deliveryTag });
  }

  /** Ends the wait for answers. */
  forgetReplies(): void {
    if (this.replies === undefined) return;
    this.connection.host.replies.delete(this.replies.name);
    this.replies = undefined;
  }

  cancelled(consumer: Consumer): void {
    const { tag } = consumer.settings;
    this.forgetConsumer(consumer);
    if (this.connection.capabilities.has("consumer_cancel_notify")) {
      this.send(new Basic.Cancel({ consumerTag: tag, noWait: true }));
    }
  }

  park(consumer: Consumer): void {
    this.#parked.add(consumer);
  }

  /** Ends a consumer; its deliveries stay to be acknowledged. */
  forgetConsumer(consumer: Consumer): void {
    this.consumers.delete(consumer.settings.tag);
    this.#parked.delete(consumer);
    consumer.queue.removeConsumer(consumer);
  }

  /** Lets consumers that were passed over have what waits for them, where they can take it now. */
  wakeAll(): void {
    if (this.#parked.size > 0) this.#wake([...this.#parked]);
  }

  /** What an ack, nack or reject says. @throws Refusal where a delivery tag is not known. */
  settle(tag: Longlong, multiple: boolean, outcome: Settlement["outcome"]): void {
    const settlement = { deliveries: this.deliveries.take(tag, multiple), outcome };
    if (this.transaction === undefined) this.#settle(settlement);
    else this.transaction.settlements.push(settlement);
  }

  /** Puts everything that was not acknowledged back into its queue. */
  recover(): void {
    this.#settle({ deliveries: this.deliveries.takeAll(), outcome: "requeue" });
  }

  /** Sends a message on its way, or keeps it for the commit. */
  publish(publication: Publication): void {
    if (this.transaction === undefined) return this.#publish(publication);
    this.connection.broker.memory.hold(publication.message);
    this.transaction.publications.push(publication);
  }

  commit(): void {
    const { publications, settlements } = this.#takeTransaction();
    for (const publication of publications) this.#publish(publication);
    for (const settlement of settlements) this.#settle(settlement);
  }

  rollback(): void {
    const { settlements } = this.#takeTransaction();
    this.deliveries.giveBack(settlements.flatMap(({ deliveries }) => deliveries));
  }

  tellConfirms(): void {
    this.confirms?.tell((frame) => this.send(frame));
  }

  /** Ends what the channel holds: its consumers are gone, and what they did not acknowledge goes back. */
  release(): void {
    this.closing = true;
    this.forgetReplies();
    for (const consumer of [...this.consumers.values()]) this.forgetConsumer(consumer);
    if (this.transaction !== undefined) this.rollback();
    giveBackToQueues(this.deliveries.takeAll());
  }

  /** Closes the channel because of something the client did. */
  close(replyCode: number, replyText: string, classId: number, methodId: number): void {
    this.tellConfirms();
    this.release();
    this.send(new ChannelClass.Close({ replyCode, replyText, classId, methodId }));
  }

  #track(queue: Queue, entry: Entry, noAck: boolean, consumer: Consumer | undefined): number {
    const tag = ++this.#lastTag;
    if (noAck) {
      queue.forget(entry);
      return tag;
    }
    this.deliveries.add({ tag, entry, queue, consumer });
    if (consumer !== undefined) {
      consumer.unacknowledged += 1;
      this.#outstanding += 1;
    }
    return tag;
  }

  #takeTransaction(): Transaction {
    const transaction = this.transaction!;
    this.transaction = newTransaction();
    for (const { message } of transaction.publications) this.connection.broker.memory.release(message);
    return transaction;
  }

  #publish({ message, targets, mandatory }: Publication): void {
    let accepted = true;
    for (const target of targets) if (!target.publish(message)) accepted = false;
    if (mandatory && targets.length === 0) {
      const reason = { replyCode: 312, replyText: "NO_ROUTE" };
      this.connection.sendMessage(message, { kind: "return", channel: this.number, ...reason });
    }
    if (this.confirms === undefined) return;
    this.confirms.next(accepted, (frame) => this.send(frame));
    this.connection.hasConfirms(this);
  }

  #settle({ deliveries, outcome }: Settlement): void {
    const consumers = new Set<Consumer>();
    for (const { consumer } of deliveries) {
      if (consumer === undefined) continue;
      consumer.unacknowledged -= 1;
      this.#outstanding -= 1;
      consumers.add(consumer);
    }
    if (outcome === "requeue") {
      giveBackToQueues(deliveries);
    } else {
      for (const { queue, entry } of deliveries) {
        if (outcome === "ack") queue.forget(entry);
        else queue.reject(entry);
      }
    }
    if (this.#parked.size === 0) return;
    // A window of the whole channel may open for any of its consumers, a consumer's own for that one alone.
    this.#wake(this.channelPrefetch === Infinity ? consumers : [...this.#parked]);
  }

  #wake(consumers: Iterable<Consumer>): void {
    const queues = new Set<Queue>();
    for (const consumer of consumers) {
      if (!consumer.parked || !this.#parked.has(consumer) || !consumer.canTake) continue;
      this.#parked.delete(consumer);
      consumer.queue.consumers.wake(consumer);
      queues.add(consumer.queue);
    }
    for (const queue of queues) queue.drain();
  }
}

export type { Delivery };
