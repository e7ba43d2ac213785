/** What amqplib documents of its connections and channels, against each broker. */
import type { EventEmitter } from "node:events";
import * as amqplib from "amqplib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { forEachBroker } from "./support/brokers.js";

/** The next time that something emits this event: what it says. */
const once = (emitter: EventEmitter, event: string): Promise<unknown> =>
  new Promise((resolve) => emitter.once(event, resolve));
const text = (message: { content: Buffer } | null | false): string =>
  message === null || message === false ? "none" : message.content.toString();

forEachBroker("amqplib as documented", (target) => {
  let connection: amqplib.ChannelModel;
  let channel: amqplib.Channel;

  beforeEach(async () => {
    connection = await amqplib.connect(`${target.url}?frameMax=8192`);
    connection.on("error", () => undefined);
    channel = await connection.createChannel();
    channel.on("error", () => undefined);
  });
  afterEach(() => connection.close().catch(() => undefined));

  describe("connections", () => {
    test("connect with an object, with options in the address, and with other client properties", async () => {
      const { host: hostname, port } = target;
      const byObject = await amqplib.connect({ hostname, port, username: "guest", password: "guest", vhost: "/" });
      await byObject.close();
      const byQuery = await amqplib.connect(`${target.url}/%2F?frameMax=4096&heartbeat=5&channelMax=7`);
      for (let i = 0; i < 7; i++) await byQuery.createChannel();
      await expect(byQuery.createChannel()).rejects.toThrow("No channels left to allocate");
      await byQuery.close();
      const named = await amqplib.connect(target.url, {
        credentials: amqplib.credentials.amqplain("guest", "guest"),
        clientProperties: { connection_name: "a name" },
      });
      await named.close();
    });

    test("a virtual host that is not there", async () => {
      await expect(amqplib.connect(`${target.url}/nowhere`)).rejects.toThrow(
        "Expected ConnectionOpenOk; got <ConnectionClose channel:0>",
      );
    });

    test("close emits close, without an error, and once is enough", async () => {
      const closed = once(connection, "close");
      await connection.close();
      expect(await closed).toBeUndefined();
      await expect(connection.close()).rejects.toThrow("Connection closed");
    });

    test("server properties are there", () => {
      const { capabilities } = connection.connection.serverProperties as unknown as { capabilities: object };
      expect(capabilities).toMatchObject({
        publisher_confirms: true,
        "basic.nack": true,
        consumer_cancel_notify: true,
      });
    });

    test("a hard error closes the connection, and every channel with it", async () => {
      const error = once(connection, "error");
      const closed = once(connection, "close");
      await channel.consume((await channel.assertQueue("", { exclusive: true })).queue, () => undefined, {
        consumerTag: "t",
      });
      const { queue } = await channel.assertQueue("", { exclusive: true });
      channel.consume(queue, () => undefined, { consumerTag: "t" }).catch(() => undefined);
      expect(String(await error)).toMatch(/530 \(NOT-ALLOWED\).*attempt to reuse consumer tag 't'/);
      await closed;
    });

    test("a new secret is taken", async () => {
      const taken = once(connection, "update-secret-ok");
      await connection.updateSecret(Buffer.from("new"), "because");
      await taken;
    });
  });

  describe("channels", () => {
    test("check, assert, purge and delete of queues", async () => {
      const { queue } = await channel.assertQueue("", {
        exclusive: true,
        maxPriority: 3,
        messageTtl: 60_000,
        expires: 60_000,
      });
      channel.sendToQueue(queue, Buffer.from("one"), { priority: 1 });
      channel.sendToQueue(queue, Buffer.from("two"), { priority: 3 });
      expect(text(await channel.get(queue, { noAck: true }))).toBe("two");
      expect(await channel.checkQueue(queue)).toEqual({ queue, messageCount: 1, consumerCount: 0 });
      expect(await channel.purgeQueue(queue)).toEqual({ messageCount: 1 });
      expect(await channel.deleteQueue(queue, { ifEmpty: true, ifUnused: true })).toEqual({ messageCount: 0 });
    });

    test("exchanges, bindings between them and their removal", async () => {
      const names = ["amqplib-one", "amqplib-two"] as const;
      for (const name of names) await channel.assertExchange(name, "fanout", { durable: false, autoDelete: false });
      await channel.checkExchange(names[0]);
      const { queue } = await channel.assertQueue("", { exclusive: true });
      await channel.bindExchange(names[1], names[0], "", {});
      await channel.bindQueue(queue, names[1], "", {});
      channel.publish(names[0], "", Buffer.from("through both"));
      await channel.unbindExchange(names[1], names[0], "", {});
      channel.publish(names[0], "", Buffer.from("nowhere"));
      expect(text(await channel.get(queue, { noAck: true }))).toBe("through both");
      expect(await channel.get(queue)).toBe(false);
      await channel.unbindQueue(queue, names[1], "", {});
      await expect(channel.deleteExchange(names[0], { ifUnused: true })).resolves.toEqual({});
      await channel.deleteExchange(names[1]);
    });

    test("an error closes the channel: rejected, emitted, and nothing works after it", async () => {
      const error = once(channel, "error");
      const closed = once(channel, "close");
      await expect(channel.checkQueue("not there")).rejects.toThrow(/404 \(NOT-FOUND\)/);
      expect(await error).toMatchObject({ code: 404, classId: 50, methodId: 10 });
      await closed;
      expect(() => channel.sendToQueue("q", Buffer.from("x"))).toThrow("Channel closed");
      const other = await connection.createChannel();
      await other.close();
    });

    test("declaring anew with other options is an error, with the same it is none", async () => {
      const queue = "amqplib-anew";
      await channel.assertQueue(queue, { exclusive: true, autoDelete: false });
      await channel.assertQueue(queue, { exclusive: true, autoDelete: false });
      await expect(channel.assertQueue(queue, { exclusive: true, autoDelete: true })).rejects.toThrow(/406/);
    });

    test("cancel ends deliveries; a queue that goes gives null", async () => {
      const { queue } = await channel.assertQueue("", { exclusive: true });
      const got: string[] = [];
      let gone!: () => void;
      const isGone = new Promise<void>((resolve) => (gone = resolve));
      const first = await channel.consume(queue, (message) => got.push(text(message)), { noAck: true });
      await channel.cancel(first.consumerTag);
      await channel.consume(queue, (message) => (message === null ? gone() : got.push(text(message))));
      await channel.deleteQueue(queue);
      await isGone;
      expect(got).toEqual([]);
    });

    test("ackAll, nackAll, reject and recover", async () => {
      const { queue } = await channel.assertQueue("", { exclusive: true });
      for (const body of ["a", "b", "c"]) channel.sendToQueue(queue, Buffer.from(body));
      const take = async () => [await channel.get(queue), await channel.get(queue), await channel.get(queue)];
      expect((await take()).map(text)).toEqual(["a", "b", "c"]);
      channel.nackAll(true);
      const again = await take();
      expect(again.map(text)).toEqual(["a", "b", "c"]);
      expect(again.map((message) => message && message.fields.redelivered)).toEqual([true, true, true]);
      await channel.recover();
      const [a, b] = await take();
      channel.reject(a as amqplib.GetMessage, false);
      channel.ack(b as amqplib.GetMessage);
      channel.ackAll();
      expect((await channel.checkQueue(queue)).messageCount).toBe(0);
    });

    test("acknowledging twice closes the channel", async () => {
      const { queue } = await channel.assertQueue("", { exclusive: true });
      channel.sendToQueue(queue, Buffer.from("x"));
      const message = (await channel.get(queue)) as amqplib.GetMessage;
      const error = once(channel, "error");
      channel.ack(message);
      channel.ack(message);
      expect(await error).toMatchObject({ code: 406 });
    });

    test("prefetch, by consumer and by channel", async () => {
      const { queue } = await channel.assertQueue("", { exclusive: true });
      await channel.prefetch(1);
      await channel.prefetch(2, true);
      const got: amqplib.ConsumeMessage[] = [];
      await channel.consume(queue, (message) => message && got.push(message));
      await channel.consume(queue, (message) => message && got.push(message));
      for (const body of ["a", "b", "c"]) channel.sendToQueue(queue, Buffer.from(body));
      // Answered behind what was delivered.
      while (got.length < 2) await channel.checkQueue(queue);
      expect((await channel.checkQueue(queue)).messageCount).toBe(1);
      channel.ack(got[0]!);
      while (got.length < 3) await channel.checkQueue(queue);
      expect(got.map(text)).toEqual(["a", "b", "c"]);
    });

    test("confirms: callbacks, waitForConfirms, and nacks", async () => {
      const confirming = await connection.createConfirmChannel();
      const { queue } = await confirming.assertQueue("", {
        exclusive: true,
        maxLength: 1,
        arguments: { "x-overflow": "reject-publish" },
      });
      const outcomes = await Promise.all(
        [1, 2].map(
          () =>
            new Promise((resolve) =>
              confirming.sendToQueue(queue, Buffer.from("x"), {}, (error) => resolve(error === null)),
            ),
        ),
      );
      expect(outcomes).toEqual([true, false]);
      confirming.sendToQueue(queue, Buffer.from("x"));
      await expect(confirming.waitForConfirms()).rejects.toThrow();
      await confirming.deleteQueue(queue);
      confirming.publish("amq.fanout", "", Buffer.from("x"));
      await confirming.waitForConfirms();
    });

    test("mandatory messages come back with their properties", async () => {
      const returned = once(channel, "return") as Promise<amqplib.Message>;
      channel.publish("amq.direct", "nobody", Buffer.from("x"), { mandatory: true, headers: { a: 1 }, messageId: "m" });
      const { fields, properties } = await returned;
      expect(fields).toMatchObject({
        replyCode: 312,
        replyText: "NO_ROUTE",
        exchange: "amq.direct",
        routingKey: "nobody",
      });
      expect(properties).toMatchObject({ headers: { a: 1 }, messageId: "m" });
    });

    test("CC, BCC, expiration and user id", async () => {
      const queues = [];
      for (let i = 0; i < 3; i++) queues.push((await channel.assertQueue("", { exclusive: true })).queue);
      channel.sendToQueue(queues[0]!, Buffer.from("x"), {
        CC: queues[1]!,
        BCC: [queues[2]!],
        userId: "guest",
        expiration: 60_000,
      });
      for (const queue of queues) {
        const message = (await channel.get(queue, { noAck: true })) as amqplib.GetMessage;
        expect(message.properties.headers).toEqual({ CC: [queues[1]] });
        expect(message.properties.expiration).toBe("60000");
      }
      const error = once(channel, "error");
      channel.sendToQueue(queues[0]!, Buffer.from("x"), { userId: "somebody else" });
      expect(await error).toMatchObject({ code: 406 });
    });

    test("sending more than fits at once ends in a drain, and all of it arrives", async () => {
      const { queue } = await channel.assertQueue("", { exclusive: true });
      let left = 200;
      const arrived = new Promise<void>((resolve) => {
        void channel.consume(
          queue,
          (message) => {
            if (message?.content.length === 50_000 && --left === 0) resolve();
          },
          { noAck: true },
        );
      });
      const body = Buffer.alloc(50_000, 7);
      for (let i = 0; i < 200; i++) if (!channel.sendToQueue(queue, body)) await once(channel, "drain");
      await arrived;
    });
  });
});
