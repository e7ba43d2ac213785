import { randomBytes } from "node:crypto";
import { Basic, type FieldTable } from "amqp-wasm";
import type { Channel } from "./channel.js";
import { Consumer } from "./consumer.js";
import { typeName } from "./field-types.js";
import { queueNamed } from "./queue-methods.js";
import { consumeReplies, REPLY_TO } from "./reply-to.js";
import { accessRefused, notAllowed, notImplemented, preconditionFailed } from "./refusal.js";

export function setPrefetch(channel: Channel, method: Basic.Qos): void {
  if (method.prefetchSize !== 0) throw notImplemented(`prefetch_size!=0 (${method.prefetchSize})`);
  const limit = method.prefetchCount === 0 ? Infinity : method.prefetchCount;
  if (method.global) channel.channelPrefetch = limit;
  else channel.prefetch = limit;
  channel.send(new Basic.QosOk());
  channel.wakeAll();
}

export function consume(channel: Channel, method: Basic.Consume): void {
  const { host } = channel.connection;
  const { noAck, exclusive } = method;
  const tag = method.consumerTag === "" ? `amq.ctag-${randomBytes(16).toString("base64url")}` : method.consumerTag;
  if (method.queue === REPLY_TO) {
    consumeReplies(channel, method, tag);
    if (!method.noWait) channel.send(new Basic.ConsumeOk({ consumerTag: tag }));
    return;
  }
  const queue = queueNamed(channel, method.queue);
  if (channel.consumers.has(tag) || channel.replies?.tag === tag) {
    throw notAllowed(`attempt to reuse consumer tag '${tag}'`);
  }
  if (queue.exclusiveConsumer !== undefined || (exclusive && queue.consumers.all.size > 0)) {
    throw accessRefused(`queue '${queue.name}' in vhost '${host.name}' in exclusive use`);
  }
  const table = method.arguments as FieldTable;
  const priority = table.get("x-priority") ?? 0;
  if (typeof priority !== "number" || !Number.isInteger(priority)) {
    const type = typeName(table, "x-priority");
    throw preconditionFailed(
      `invalid arg 'x-priority' for queue '${queue.name}' in vhost '${host.name}': "expected integer, got ${type}"`,
    );
  }
  const settings = { tag, noAck, exclusive, priority, prefetch: channel.prefetch, arguments: table };
  const consumer = new Consumer(queue, channel, settings);
  channel.consumers.set(tag, consumer);
  queue.addConsumer(consumer);
  if (!method.noWait) channel.send(new Basic.ConsumeOk({ consumerTag: tag }));
  queue.drain();
}

export function cancel(channel: Channel, method: Basic.Cancel): void {
  const consumer = channel.consumers.get(method.consumerTag);
  if (consumer !== undefined) channel.forgetConsumer(consumer);
  if (channel.replies?.tag === method.consumerTag) channel.forgetReplies();
  if (!method.noWait) channel.send(new Basic.CancelOk({ consumerTag: method.consumerTag }));
}

export function get(channel: Channel, method: Basic.Get): void {
  const queue = queueNamed(channel, method.queue);
  const entry = queue.get();
  if (entry === undefined) channel.send(new Basic.GetEmpty());
  else channel.sendGot(queue, entry, method.noAck);
}

export function recover(channel: Channel, method: Basic.Recover | Basic.RecoverAsync): void {
  if (!method.requeue) throw notImplemented("requeue=false");
  channel.recover();
  if (method.name === "Basic.Recover") channel.send(new Basic.RecoverOk());
}
