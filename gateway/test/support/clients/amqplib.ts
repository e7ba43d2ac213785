import * as amqplib from "amqplib";
import {
  Inbox,
  octets,
  present,
  rejection,
  type ClientLibrary,
  type Received,
  type Sent,
  type Session,
} from "./session.js";

const PROPERTIES = [
  "contentType",
  "contentEncoding",
  "headers",
  "deliveryMode",
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

function received({ content, fields, properties }: amqplib.GetMessage | amqplib.ConsumeMessage): Received {
  const { exchange, routingKey, redelivered, deliveryTag } = fields;
  const found = present(Object.fromEntries(PROPERTIES.map((name) => [name, properties[name]])));
  // This library answers an empty table where there is none.
  if (Object.keys(properties.headers ?? {}).length === 0) delete found["headers"];
  return { body: content, exchange, routingKey, redelivered, deliveryTag, properties: found };
}

function published(channel: amqplib.Channel, sent: Sent, done?: (error: Error | null) => void): void {
  const { exchange = "", routingKey, body, mandatory = false, properties = {} } = sent;
  const options = { ...properties, mandatory } as amqplib.Options.Publish;
  const content = Buffer.from(octets(body));
  if (done === undefined) channel.publish(exchange, routingKey, content, options);
  else (channel as amqplib.ConfirmChannel).publish(exchange, routingKey, content, options, done);
}

export const amqplibLibrary: ClientLibrary = {
  name: "amqplib",
  refusedLogin: (url) => rejection(amqplib.connect(url.replace("amqp://", "amqp://guest:wrong@"))),
  async open(url) {
    const connection = await amqplib.connect(url);
    const channel = await connection.createConfirmChannel();
    const returns = new Inbox<amqplib.Message>();
    channel.on("return", (message) => returns.put(message));
    const session: Session = {
      async declare(queue, { arguments: table, exclusive = true } = {}) {
        return (await channel.assertQueue(queue, { exclusive, durable: false, arguments: table })).queue;
      },
      async declareExchange(exchange, type) {
        await channel.assertExchange(exchange, type, { durable: false });
      },
      async deleteExchange(exchange) {
        await channel.deleteExchange(exchange);
      },
      async bind(queue, exchange, routingKey, table) {
        await channel.bindQueue(queue, exchange, routingKey, table);
      },
      publish: (sent) =>
        new Promise((resolve) => published(channel, sent, (error) => resolve(error === null ? "ack" : "nack"))),
      async returned() {
        const { content, fields } = await returns.next();
        const { replyCode, replyText } = fields as unknown as { replyCode: number; replyText: string };
        return { replyCode, replyText, body: content };
      },
      async consume(queue, { prefetch = 0, noAck = false, tag } = {}) {
        const inbox = new Inbox<Received>();
        await channel.prefetch(prefetch);
        const { consumerTag } = await channel.consume(queue, (message) => message && inbox.put(received(message)), {
          noAck,
          ...(tag === undefined ? {} : { consumerTag: tag }),
        });
        return {
          next: () => inbox.next(),
          async cancel() {
            await channel.cancel(consumerTag);
          },
        };
      },
      ack(deliveryTag, multiple = false) {
        channel.ack({ fields: { deliveryTag } } as amqplib.Message, multiple);
        return Promise.resolve();
      },
      nack(deliveryTag, { requeue, multiple = false }) {
        channel.nack({ fields: { deliveryTag } } as amqplib.Message, multiple, requeue);
        return Promise.resolve();
      },
      async get(queue) {
        const message = await channel.get(queue);
        return message === false ? undefined : received(message);
      },
      purge: async (queue) => (await channel.purgeQueue(queue)).messageCount,
      async deleteQueue(queue) {
        await channel.deleteQueue(queue);
      },
      // The library has no transactions.
      transaction: () => Promise.reject(new Error("no transactions")),
      async refusal(of) {
        const own = await connection.createChannel();
        own.on("error", () => undefined);
        if (of === "missing queue") return rejection(own.checkQueue("not there"));
        if (of === "missing exchange") return rejection(own.checkExchange("not there"));
        return rejection(own.assertQueue("amq.mine"));
      },
      close: () => connection.close(),
    };
    return session;
  },
};
