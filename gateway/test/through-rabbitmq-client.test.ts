/** rabbitmq-client through the gateway. */
import { Connection, type AsyncMessage, type ReturnedMessage } from "rabbitmq-client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { behindTheGateway } from "./support/behind.js";
import { Gathered } from "./support/deferred.js";

behindTheGateway("rabbitmq-client", (behind) => {
  let connection: Connection;
  let queue: string;
  let count = 0;

  beforeEach(async () => {
    connection = new Connection({ url: behind.url, retryLow: 100, noDelay: true });
    connection.on("error", () => {});
    await connection.onConnect(5000);
    queue = `amqp-wasm.gateway.${process.pid}.${(count += 1)}`;
    await connection.queueDeclare({ queue, autoDelete: true });
  });

  afterEach(async () => {
    await connection.queueDelete({ queue }).catch(() => {});
    await connection.close();
  });

  test("published with confirms, consumed and acknowledged: none lost, in order, properties as they were", async () => {
    const gathered = new Gathered<AsyncMessage>();
    const consumer = connection.createConsumer(
      { queue, queueOptions: { autoDelete: true }, qos: { prefetchCount: 50 }, concurrency: 1 },
      async (message) => {
        gathered.put(message);
        return Promise.resolve();
      },
    );
    const publisher = connection.createPublisher({ confirm: true });
    for (let number = 0; number < 500; number++) {
      await publisher.send(
        {
          routingKey: queue,
          messageId: `m${number}`,
          headers: { number, text: "ü" },
          contentType: "application/json",
          priority: 1,
        },
        { number },
      );
    }
    const messages = await gathered.until(500);
    expect(messages.map(({ body }) => (body as { number: number }).number)).toEqual(
      Array.from({ length: 500 }, (_, i) => i),
    );
    expect(messages[7]).toMatchObject({ messageId: "m7", headers: { number: 7, text: "ü" }, priority: 1 });
    await publisher.close();
    await consumer.close();
  });

  test("a body of 1 MiB", async () => {
    const body = Buffer.alloc(1_048_576, "octets ");
    const publisher = connection.createPublisher({ confirm: true });
    await publisher.send(queue, body);
    const message = await connection.basicGet({ queue, noAck: true });
    expect((message!.body as Buffer).equals(body)).toBe(true);
    await publisher.close();
  });

  test("returns, and errors of a channel", async () => {
    const returned = new Gathered<ReturnedMessage>();
    const publisher = connection.createPublisher({ confirm: true });
    publisher.on("basic.return", returned.put);
    await publisher.send({ routingKey: "nobody takes this", mandatory: true }, "back");
    const [message] = await returned.until(1);
    expect([message!.replyCode, message!.body]).toEqual([312, "back"]);
    await expect(connection.queueDeclare({ queue: "there is no such queue", passive: true })).rejects.toThrow(
      /NOT_FOUND/,
    );
    await publisher.close();
  });

  test("questions and answers", async () => {
    const server = connection.createConsumer({ queue, queueOptions: { autoDelete: true } }, async (message, reply) => {
      await reply(`you said ${String(message.body)}`);
    });
    const client = connection.createRPCClient({ confirm: true });
    expect((await client.send(queue, "hello")).body).toBe("you said hello");
    await client.close();
    await server.close();
  });

  test("it comes back by itself after the gateway has closed its connection", async () => {
    const lost = new Promise((resolve) => connection.once("error", resolve));
    const back = new Promise<void>((resolve) => connection.on("connection", resolve));
    for (const { id } of behind.running.gateway.tap.connections) behind.running.gateway.disconnect(id, "by the test");
    expect(String(await lost)).toMatch(/CONNECTION_FORCED|by the test/);
    await back;
    await connection.queueDeclare({ queue, autoDelete: true });
  });
});
