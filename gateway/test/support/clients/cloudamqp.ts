import { AMQPClient, type AMQPMessage } from "@cloudamqp/amqp-client";
import { Inbox, octets, present, rejection, type ClientLibrary, type Received, type Sent } from "./session.js";

function received(message: AMQPMessage): Received {
  const { exchange, routingKey, redelivered, deliveryTag, properties } = message;
  const body = message.body;
  return {
    body: body ?? new Uint8Array(0),
    exchange,
    routingKey,
    redelivered,
    deliveryTag,
    properties: present({ ...properties }),
  };
}

export const cloudamqpLibrary: ClientLibrary = {
  name: "@cloudamqp/amqp-client",
  refusedLogin: (url) =>
    rejection(new AMQPClient(url.replace("amqp://", "amqp://guest:wrong@"), undefined, null).connect()),
  async open(url) {
    const connection = await new AMQPClient(url, undefined, null).connect();
    const channel = await connection.channel();
    await channel.confirmSelect();
    const returns = new Inbox<AMQPMessage>();
    channel.onReturn = (message) => returns.put(message);
    const publish = (on: typeof channel, { exchange = "", routingKey, body, mandatory = false, properties }: Sent) =>
      on.basicPublish(exchange, routingKey, octets(body), properties, mandatory);
    return {
      async declare(queue, { arguments: table, exclusive = true } = {}) {
        return (await channel.queueDeclare(queue, { exclusive, durable: false, autoDelete: false }, table)).name;
      },
      declareExchange: (exchange, type) => channel.exchangeDeclare(exchange, type, { durable: false }),
      deleteExchange: (exchange) => channel.exchangeDelete(exchange),
      bind: (queue, exchange, routingKey, table) => channel.queueBind(queue, exchange, routingKey, table),
      async publish(sent) {
        try {
          await publish(channel, sent);
          return "ack";
        } catch {
          return "nack";
        }
      },
      async returned() {
        const message = await returns.next();
        return { replyCode: message.replyCode!, replyText: message.replyText!, body: received(message).body };
      },
      async consume(queue, { prefetch = 0, noAck = false, tag } = {}) {
        const inbox = new Inbox<Received>();
        await channel.basicQos(prefetch);
        const consumer = await channel.basicConsume(
          queue,
          { noAck, ...(tag === undefined ? {} : { tag }) },
          (message) => inbox.put(received(message)),
        );
        return {
          next: () => inbox.next(),
          async cancel() {
            await consumer.cancel();
          },
        };
      },
      ack: (deliveryTag, multiple) => channel.basicAck(deliveryTag, multiple),
      nack: (deliveryTag, { requeue, multiple }) => channel.basicNack(deliveryTag, requeue, multiple),
      async get(queue) {
        const message = await channel.basicGet(queue, { noAck: false });
        return message === null ? undefined : received(message);
      },
      purge: async (queue) => (await channel.queuePurge(queue)).messageCount,
      async deleteQueue(queue) {
        await channel.queueDelete(queue);
      },
      async transaction() {
        const own = await connection.channel();
        await own.txSelect();
        return {
          async publish(sent) {
            await publish(own, sent);
          },
          commit: () => own.txCommit(),
          rollback: () => own.txRollback(),
        };
      },
      async refusal(of) {
        const own = await connection.channel();
        own.onerror = () => undefined;
        if (of === "missing queue") return rejection(own.queueDeclare("not there", { passive: true }));
        if (of === "missing exchange") return rejection(own.exchangeDeclare("not there", "direct", { passive: true }));
        return rejection(own.queueDeclare("amq.mine"));
      },
      close: () => connection.close(),
    };
  },
};
