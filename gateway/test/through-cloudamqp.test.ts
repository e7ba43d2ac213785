/** @cloudamqp/amqp-client through the gateway: over TCP, and over WebSocket from Node. */
import { AMQPClient, AMQPWebSocketClient, type AMQPMessage } from "@cloudamqp/amqp-client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { behindTheGateway } from "./support/behind.js";
import { Gathered } from "./support/deferred.js";

// The client looks for the browser's; Node 20 has none.
(globalThis as { WebSocket?: unknown }).WebSocket ??= WebSocket;

type Client = AMQPClient | AMQPWebSocketClient;
type Connection = Awaited<ReturnType<Client["connect"]>>;
type Channel = Awaited<ReturnType<Connection["channel"]>>;

behindTheGateway("@cloudamqp/amqp-client", (behind) => {
  describe.each<[string, () => Client]>([
    ["over TCP", () => new AMQPClient(behind.url)],
    ["over WebSocket", () => new AMQPWebSocketClient(behind.web, "/", "guest", "guest")],
  ])("%s", (_, make) => {
    let connection: Connection;
    let channel: Channel;
    let queue: string;

    beforeEach(async () => {
      connection = await make().connect();
      channel = await connection.channel();
      await channel.confirmSelect();
      queue = (await channel.queueDeclare("", { exclusive: true })).name;
    });

    afterEach(async () => {
      await connection.close().catch(() => {});
    });

    async function consumed(noAck = true): Promise<Gathered<AMQPMessage>> {
      const gathered = new Gathered<AMQPMessage>();
      await channel.basicConsume(queue, { noAck }, gathered.put);
      return gathered;
    }

    test("properties, headers and a body of 1 MiB", async () => {
      const gathered = await consumed();
      const body = new Uint8Array(1_048_576).map((__, i) => i % 251);
      const properties = {
        contentType: "application/octet-stream",
        contentEncoding: "none",
        headers: { text: "ü", number: 5, table: { a: [1, 2, "x"] }, yes: true, nothing: null },
        deliveryMode: 1,
        priority: 2,
        correlationId: "c",
        replyTo: "r",
        expiration: "60000",
        messageId: "m",
        timestamp: new Date(1_700_000_000_000),
        type: "t",
        userId: "guest",
        appId: "a",
      };
      await channel.basicPublish("", queue, body, properties);
      const [message] = await gathered.until(1);
      expect(message!.properties).toEqual(properties);
      expect(Buffer.from(message!.body!).equals(body)).toBe(true);
    });

    test("3,000 messages with confirms: none lost, in order", async () => {
      const gathered = await consumed();
      await Promise.all(Array.from({ length: 3000 }, (__, number) => channel.basicPublish("", queue, String(number))));
      const messages = await gathered.until(3000);
      expect(messages.map((message) => Number(message.bodyString()))).toEqual(
        Array.from({ length: 3000 }, (__, i) => i),
      );
    });

    test("ack, nack, reject, get", async () => {
      for (const text of ["a", "b", "c"]) await channel.basicPublish("", queue, text);
      const one = await channel.basicGet(queue, { noAck: false });
      const two = await channel.basicGet(queue, { noAck: false });
      const three = await channel.basicGet(queue, { noAck: false });
      await one!.ack();
      await two!.nack(true);
      await three!.reject(false);
      const again = await channel.basicGet(queue, { noAck: true });
      expect([again!.bodyString(), again!.redelivered]).toEqual(["b", true]);
      expect(await channel.basicGet(queue)).toBeNull();
    });

    test("returns", async () => {
      const returned = new Gathered<AMQPMessage>();
      channel.onReturn = returned.put;
      await channel.basicPublish("", "nobody takes this", "back", { messageId: "m" }, true);
      const [message] = await returned.until(1);
      expect([message!.replyCode, message!.bodyString(), message!.properties.messageId]).toEqual([312, "back", "m"]);
    });

    test("transactions", async () => {
      const other = await connection.channel();
      await other.txSelect();
      await other.basicPublish("", queue, "rolled back");
      await other.txRollback();
      await other.basicPublish("", queue, "committed");
      await other.txCommit();
      expect((await channel.basicGet(queue, { noAck: true }))!.bodyString()).toBe("committed");
      expect(await channel.basicGet(queue)).toBeNull();
    });

    test("an error of a channel closes that channel alone", async () => {
      const broken = await connection.channel();
      await expect(broken.queueDeclare("there is no such queue", { passive: true })).rejects.toThrow(/404|NOT_FOUND/);
      await channel.basicPublish("", queue, "still here");
      expect((await channel.queueDeclare(queue, { passive: true })).messageCount).toBe(1);
    });
  });

  test("a WebSocket client with frames of 8192 octets and a broker with frames of 131072", async () => {
    const client = new AMQPWebSocketClient({
      url: behind.web,
      vhost: "/",
      username: "guest",
      password: "guest",
      frameMax: 8192,
    });
    const connection = await client.connect();
    const channel = await connection.channel();
    const { name } = await channel.queueDeclare("", { exclusive: true });
    const gathered = new Gathered<AMQPMessage>();
    await channel.basicConsume(name, { noAck: true }, gathered.put);
    const body = new Uint8Array(500_000).map((_, i) => i % 253);
    await channel.basicPublish("", name, body);
    const [message] = await gathered.until(1);
    expect(Buffer.from(message!.body!).equals(body)).toBe(true);
    await connection.close();
  });
});
