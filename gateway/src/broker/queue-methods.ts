import { randomBytes } from "node:crypto";
import { Queue as QueueClass, type FieldTable } from "amqp-wasm";
import type { Channel } from "./channel.js";
import { sameArgument, sameArguments } from "./equivalence.js";
import { exchangeNamed } from "./exchange-methods.js";
import type { Queue } from "./queue.js";
import { REPLY_TO } from "./reply-to.js";
import { accessRefused, notFound, preconditionFailed, resourceLocked } from "./refusal.js";
import type { VirtualHost } from "./virtual-host.js";

/** Arguments that must be the same when a queue is declared again. */
const COMPARED = [
  "x-expires",
  "x-message-ttl",
  "x-dead-letter-exchange",
  "x-dead-letter-routing-key",
  "x-max-length",
  "x-max-length-bytes",
  "x-overflow",
  "x-max-priority",
  "x-single-active-consumer",
  "x-queue-type",
];

const described = (name: string, host: VirtualHost): string => `queue '${name}' in vhost '${host.name}'`;

/** The name that a method means: an empty one is the queue that the channel declared last. @throws Refusal 530 */
function meant(channel: Channel, name: string): string {
  if (name !== "") return name;
  if (channel.lastQueue === undefined) throw notFound("no previously declared queue");
  return channel.lastQueue;
}

/** The queue of this name. @throws Refusal 404 where there is none, 405 where it belongs to another connection. */
export function queueNamed(channel: Channel, name: string): Queue {
  const { host } = channel.connection;
  const wanted = meant(channel, name);
  const queue = host.queue(wanted);
  if (queue === undefined) throw notFound(`no ${described(wanted, host)}`);
  checkOwner(channel, queue);
  return queue;
}

function checkOwner(channel: Channel, queue: Queue): void {
  if (queue.owner !== undefined && queue.owner !== channel.connection) throw locked(channel, queue);
}

function locked(channel: Channel, { name }: Queue): Error {
  const what = described(name, channel.connection.host);
  return resourceLocked(
    `cannot obtain exclusive access to locked ${what}. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.`,
  );
}

export function declareQueue(channel: Channel, method: QueueClass.Declare): void {
  if (isReplyTo(channel, method.queue)) {
    // It looks like a queue with a consumer to those who ask.
    if (!method.noWait) {
      channel.send(new QueueClass.DeclareOk({ queue: method.queue, messageCount: 0, consumerCount: 1 }));
    }
    return;
  }
  const queue = method.passive ? passive(channel, method.queue) : declared(channel, method);
  channel.lastQueue = queue.name;
  queue.used();
  if (method.noWait) return;
  const counts = { messageCount: queue.length, consumerCount: queue.consumers.all.size };
  channel.send(new QueueClass.DeclareOk({ queue: queue.name, ...counts }));
}

function isReplyTo({ connection }: Channel, name: string): boolean {
  return name === REPLY_TO || connection.host.replies.has(name);
}

function passive(channel: Channel, name: string): Queue {
  if (name === "") throw notFound(`no ${described(name, channel.connection.host)}`);
  return queueNamed(channel, name);
}

function declared(channel: Channel, method: QueueClass.Declare): Queue {
  const { connection } = channel;
  const { host, broker } = connection;
  const { durable, exclusive, autoDelete } = method;
  const table = method.arguments as FieldTable;
  const settings = { durable, exclusive, autoDelete, arguments: table };
  const name = method.queue === "" ? `amq.gen-${randomBytes(16).toString("base64url")}` : method.queue;
  // A queue that was given such a name can be declared again passively alone.
  if (method.queue.startsWith("amq.")) {
    throw accessRefused(`queue name '${name}' contains reserved prefix 'amq.*'`);
  }
  const found = host.queue(name);
  if (found === undefined) {
    if (host.queues.size >= broker.limits.maxQueues) {
      throw preconditionFailed(`cannot declare ${described(name, host)}: the limit of queues is reached`);
    }
    const queue = host.declareQueue(name, settings, exclusive ? connection : undefined);
    if (exclusive) connection.exclusiveQueues.add(queue);
    return queue;
  }
  checkOwner(channel, found);
  const what = described(name, host);
  sameArgument(what, "durable", durable, found.settings.durable);
  sameArgument(what, "auto_delete", autoDelete, found.settings.autoDelete);
  if (exclusive !== found.settings.exclusive) throw locked(channel, found);
  sameArguments(what, COMPARED, table, found.settings.arguments);
  return found;
}

export function bindQueue(channel: Channel, method: QueueClass.Bind): void {
  const { host } = channel.connection;
  if (method.exchange === "") throw accessRefused("operation not permitted on the default exchange");
  const name = meant(channel, method.queue);
  const exchange = exchangeNamed(method.exchange, host);
  const queue = queueNamed(channel, name);
  host.bind(exchange, queue, bindingKey(method, queue), method.arguments as FieldTable);
  if (!method.noWait) channel.send(new QueueClass.BindOk());
}

export function unbindQueue(channel: Channel, method: QueueClass.Unbind): void {
  const { host } = channel.connection;
  if (method.exchange === "") throw accessRefused("operation not permitted on the default exchange");
  // What is not there is not bound: no error, as in RabbitMQ.
  const queue = host.queue(meant(channel, method.queue));
  const exchange = host.exchange(method.exchange);
  const table = method.arguments as FieldTable;
  const binding = exchange && queue && host.binding(exchange, queue, bindingKey(method, queue), table);
  if (binding !== undefined) {
    checkOwner(channel, queue!);
    host.unbind(binding);
  }
  channel.send(new QueueClass.UnbindOk());
}

/** With neither queue nor routing key named, the queue's own name is the key (section 1.7.2.3). */
function bindingKey(method: QueueClass.Bind | QueueClass.Unbind, queue: Queue): string {
  return method.queue === "" && method.routingKey === "" ? queue.name : method.routingKey;
}

export function purgeQueue(channel: Channel, method: QueueClass.Purge): void {
  const messageCount = queueNamed(channel, method.queue).purge();
  if (!method.noWait) channel.send(new QueueClass.PurgeOk({ messageCount }));
}

export function deleteQueue(channel: Channel, method: QueueClass.Delete): void {
  const { host } = channel.connection;
  const name = meant(channel, method.queue);
  const queue = host.queue(name);
  if (queue !== undefined) {
    checkOwner(channel, queue);
    if (method.ifUnused && queue.consumers.all.size > 0) throw preconditionFailed(`${described(name, host)} in use`);
    if (method.ifEmpty && queue.length > 0) throw preconditionFailed(`${described(name, host)} not empty`);
  }
  // Before its consumers hear that it is gone.
  if (!method.noWait) channel.send(new QueueClass.DeleteOk({ messageCount: queue?.length ?? 0 }));
  if (queue !== undefined) host.deleteQueue(queue);
}
