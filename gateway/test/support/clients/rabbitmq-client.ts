import { Connection, type AsyncMessage, type ReturnedMessage, type SyncMessage } from "rabbitmq-client";
import { Inbox, octets, present, rejection, type ClientLibrary, type Received, type Sent } from "./session.js";

const PROPERTIES = [
  "contentType",
  "contentEncoding",
  "headers",
  "priority",
  "correlationId",
  "replyTo",
  "expiration",
  "messageId",
  "timestamp",
  "type",
  "userId",
  "appId",
] as const;

function bodyOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  // This library parses what says that it is text or JSON.
  return octets(typeof body === "string" ? body : JSON.stringify(body));
}

function received(message: AsyncMessage | SyncMessage): Received {
  const { exchange, routingKey, redelivered = false, deliveryTag } = message;
  const properties = present(Object.fromEntries(PROPERTIES.map((name) => [name, message[name]])));
  if (message.durable === true) properties["deliveryMode"] = 2;
  return { body: bodyOf(message.body), exchange, routingKey, redelivered, deliveryTag, properties };
}

function envelope({ exchange = "", routingKey, mandatory = false, properties = {} }: Sent) {
  const { deliveryMode, ...rest } = properties;
  return { ...rest, exchange, routingKey, mandatory, durable: deliveryMode === 2 };
}

export const rabbitmqClientLibrary: ClientLibrary = {
  name: "rabbitmq-client",
  async refusedLogin(url) {
    const connection = new Connection({ url: url.replace("amqp://", "amqp://guest:wrong@"), retryLow: 60_000 });
    return new Promise((resolve) =>
      connection.once("error", (error: Error) => {
        connection.unsafeDestroy();
        resolve(error.message);
      }),
    );
  },
  async open(url) {
    const connection = new Connection({ url: url.replace("amqp://", "amqp://guest:guest@"), retryLow: 60_000 });
    connection.on("error", () => undefined);
    await connection.onConnect();
    const channel = await connection.acquire();
    await channel.confirmSelect();
    const returns = new Inbox<ReturnedMessage>();
    channel.on("basic.return", (message) => returns.put(message));
    return {
      async declare(queue, { arguments: table, exclusive = true } = {}) {
        return (await channel.queueDeclare({ queue, exclusive, ...(table && { arguments: table }) })).queue;
      },
      declareExchange: (exchange, type) => channel.exchangeDeclare({ exchange, type }),
      deleteExchange: (exchange) => channel.exchangeDelete({ exchange }),
      bind: (queue, exchange, routingKey, table) =>
        channel.queueBind({ queue, exchange, routingKey, ...(table && { arguments: table }) }),
      async publish(sent) {
        try {
          await channel.basicPublish(envelope(sent), Buffer.from(octets(sent.body)));
          return "ack";
        } catch {
          return "nack";
        }
      },
      async returned() {
        const message = await returns.next();
        const { replyCode, replyText } = message;
        return { replyCode, replyText, body: bodyOf(message.body) };
      },
      async consume(queue, { prefetch = 0, noAck = false, tag } = {}) {
        const inbox = new Inbox<Received>();
        await channel.basicQos({ prefetchCount: prefetch });
        const { consumerTag } = await channel.basicConsume(
          { queue, noAck, ...(tag === undefined ? {} : { consumerTag: tag }) },
          (message) => inbox.put(received(message)),
        );
        return {
          next: () => inbox.next(),
          async cancel() {
            await channel.basicCancel(consumerTag);
          },
        };
      },
      ack(deliveryTag, multiple = false) {
        channel.basicAck({ deliveryTag, multiple });
        return Promise.resolve();
      },
      nack(deliveryTag, { requeue, multiple = false }) {
        channel.basicNack({ deliveryTag, requeue, multiple });
        return Promise.resolve();
      },
      async get(queue) {
        const message = await channel.basicGet({ queue, noAck: false });
        return message && received(message);
      },
      purge: async (queue) => (await channel.queuePurge({ queue })).messageCount,
      async deleteQueue(queue) {
        await channel.queueDelete({ queue });
      },
      async transaction() {
        const own = await connection.acquire();
        await own.txSelect();
        return {
          async publish(sent) {
            await own.basicPublish(envelope(sent), Buffer.from(octets(sent.body)));
          },
          commit: () => own.txCommit(),
          rollback: () => own.txRollback(),
        };
      },
      async refusal(of) {
        const own = await connection.acquire();
        own.on("error", () => undefined);
        if (of === "missing queue") return rejection(own.queueDeclare({ queue: "not there", passive: true }));
        if (of === "missing exchange") {
          return rejection(own.exchangeDeclare({ exchange: "not there", passive: true }));
        }
        return rejection(own.queueDeclare({ queue: "amq.mine" }));
      },
      async close() {
        await channel.close();
        connection.unsafeDestroy();
      },
    };
  },
};
