import { Field, FieldTable } from "amqp-wasm";
import type { Binding, Destination } from "./bindings.js";
import type { Clock } from "./clock.js";
import { deadLetter, goesRound, type DeathReason } from "./dead-letter.js";
import { Deque } from "./deque.js";
import { Exchange, type ExchangeKind, type ExchangeSettings } from "./exchange.js";
import { patternOf } from "./headers-bindings.js";
import type { Memory } from "./memory.js";
import { Queue, type QueueHost, type QueueSettings } from "./queue.js";
import type { ReplyConsumer } from "./reply-to.js";
import { route, type Names, type Target } from "./routing.js";
import type { Message } from "./message.js";

/** Every virtual host begins with these. */
const PREDECLARED: readonly (readonly [name: string, kind: ExchangeKind])[] = [
  ["", "direct"],
  ["amq.direct", "direct"],
  ["amq.fanout", "fanout"],
  ["amq.headers", "headers"],
  ["amq.match", "headers"],
  ["amq.topic", "topic"],
];

interface DeadLetter {
  readonly queue: Queue;
  readonly message: Message;
  readonly reason: DeathReason;
}

/** A world of its own: the exchanges, queues and bindings that go by one virtual host's name. */
export class VirtualHost implements QueueHost, Names {
  readonly name: string;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly exchanges = new Map<string, Exchange>();
  readonly queues = new Map<string, Queue>();
  /** Who waits for answers without a queue, by the names that they gave. */
  readonly replies = new Map<string, ReplyConsumer>();
  /** Filled while something else goes on, emptied behind it: a dead letter may come back to where it died. */
  readonly #deadLetters = new Deque<DeadLetter>();

  constructor(name: string, clock: Clock, memory: Memory) {
    this.name = name;
    this.clock = clock;
    this.memory = memory;
    for (const [exchange, kind] of PREDECLARED) {
      const settings = { kind, durable: true, autoDelete: false, internal: false };
      this.declareExchange(exchange, { ...settings, arguments: FieldTable.from({}) });
    }
  }

  queue(name: string): Queue | undefined {
    return this.queues.get(name);
  }

  target(name: string): Target | undefined {
    return this.queues.get(name) ?? (this.replies.size > 0 ? this.replies.get(name) : undefined);
  }

  exchange(name: string): Exchange | undefined {
    return this.exchanges.get(name);
  }

  declareExchange(name: string, settings: ExchangeSettings): Exchange {
    const exchange = new Exchange(name, settings);
    this.exchanges.set(name, exchange);
    return exchange;
  }

  /** @throws Refusal where an argument cannot be. */
  declareQueue(name: string, settings: QueueSettings, owner: object | undefined): Queue {
    const queue = new Queue(name, settings, owner, this);
    this.queues.set(name, queue);
    return queue;
  }

  /** Where a message published to this exchange goes. */
  route(message: Message, exchange: Exchange): readonly Target[] {
    return route(message, exchange, this);
  }

  /** @throws Refusal where the arguments are wrong for the exchange. */
  bind(source: Exchange, destination: Destination, routingKey: string, table: FieldTable): void {
    const key = bindingKey(destination, routingKey, table);
    if (source.outgoing.has(key)) return;
    if (source.settings.kind === "headers") patternOf(table);
    const binding = { source, destination, routingKey, arguments: table };
    source.outgoing.set(key, binding);
    source.bindings.add(binding);
    destination.incoming.add(binding);
  }

  binding(source: Exchange, destination: Destination, key: string, table: FieldTable): Binding | undefined {
    return source.outgoing.get(bindingKey(destination, key, table));
  }

  unbind(binding: Binding): void {
    const { source, destination, routingKey } = binding;
    source.outgoing.delete(bindingKey(destination, routingKey, binding.arguments));
    source.bindings.remove(binding);
    destination.incoming.delete(binding);
    if (source.settings.autoDelete && source.outgoing.size === 0) this.deleteExchange(source);
  }

  deleteExchange(exchange: Exchange): void {
    if (exchange.deleted) return;
    exchange.deleted = true;
    this.exchanges.delete(exchange.name);
    for (const binding of [...exchange.outgoing.values(), ...exchange.incoming]) this.unbind(binding);
  }

  deleteQueue(queue: Queue): void {
    if (queue.deleted) return;
    this.queues.delete(queue.name);
    queue.close();
    for (const binding of [...queue.incoming]) this.unbind(binding);
  }

  unused(queue: Queue): void {
    this.deleteQueue(queue);
  }

  deadLetter(queue: Queue, message: Message, reason: DeathReason): void {
    if (queue.arguments.deadLetterExchange !== undefined) this.#deadLetters.push({ queue, message, reason });
  }

  /** Publishes the messages that died meanwhile. */
  publishDeadLetters(): void {
    for (let dead = this.#deadLetters.shift(); dead !== undefined; dead = this.#deadLetters.shift()) {
      const { queue, message, reason } = dead;
      const exchange = this.exchange(queue.arguments.deadLetterExchange!);
      if (exchange === undefined) continue;
      const letter = deadLetter(message, queue, reason, this.clock.now());
      for (const target of this.route(letter, exchange)) {
        const drop = reason !== "rejected" && target instanceof Queue && goesRound(letter, target);
        if (!drop) target.publish(letter);
      }
    }
  }
}

/** What makes a binding the same as another. */
function bindingKey(destination: Destination, routingKey: string, table: FieldTable): string {
  const kind = destination instanceof Exchange ? "exchange" : "queue";
  const fields = new Map(table.entries().map(([key, value, type]) => [key, new Field(type, value)]));
  const octets = FieldTable.from(fields, { allowNonFinite: true }).octets;
  return JSON.stringify([kind, destination.name, routingKey, Buffer.from(octets).toString("base64")]);
}
