/** amqplib through the gateway. */
import amqp, { type ChannelModel, type ConfirmChannel, type ConsumeMessage } from "amqplib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { behindTheGateway } from "./support/behind.js";
import { Gathered } from "./support/deferred.js";

behindTheGateway("amqplib", (behind) => {
  let connection: ChannelModel;
  let channel: ConfirmChannel;
  let queue: string;

  beforeEach(async () => {
    connection = await amqp.connect(behind.url);
    channel = await connection.createConfirmChannel();
    ({ queue } = await channel.assertQueue("", { exclusive: true }));
  });

  afterEach(async () => {
    await connection.close().catch(() => {});
  });

  async function consumed(noAck = true): Promise<Gathered<ConsumeMessage>> {
    const gathered = new Gathered<ConsumeMessage>();
    await channel.consume(queue, (message) => message && gathered.put(message), { noAck });
    return gathered;
  }

  test("every property and type of header arrives as it was sent", async () => {
    const gathered = await consumed();
    const headers = {
      string: "Grüße ✓",
      empty: "",
      true: true,
      false: false,
      null: null,
      octet: 7,
      short: 300,
      long: 70_000,
      negative: -5,
      longlong: 2 ** 40,
      double: 0.1,
      list: [1, "two", [3], { four: 4 }],
      table: { inner: { deeper: "x" } },
      octets: Buffer.from([0, 1, 255]),
      typed: { "!": "float", value: 1.5 },
      timestamp: { "!": "timestamp", value: 1_700_000_000 },
    };
    channel.sendToQueue(queue, Buffer.from("body"), {
      contentType: "text/plain",
      contentEncoding: "utf-8",
      headers,
      deliveryMode: 2,
      priority: 3,
      correlationId: "correlation",
      replyTo: "reply",
      expiration: "60000",
      messageId: "message",
      timestamp: 1_700_000_000,
      type: "type",
      userId: "guest",
      appId: "app",
    });
    await channel.waitForConfirms();
    const [message] = await gathered.until(1);
    expect(message!.properties).toMatchObject({
      contentType: "text/plain",
      contentEncoding: "utf-8",
      deliveryMode: 2,
      priority: 3,
      correlationId: "correlation",
      replyTo: "reply",
      expiration: "60000",
      messageId: "message",
      timestamp: 1_700_000_000,
      type: "type",
      userId: "guest",
      appId: "app",
    });
    const { typed, timestamp, ...plain } = message!.properties.headers!;
    const { typed: sentTyped, timestamp: sentTimestamp, ...sent } = headers;
    expect(plain).toEqual(sent);
    expect([Number(typed), timestamp]).toEqual([sentTyped.value, sentTimestamp]);
    expect(message!.content.toString()).toBe("body");
  });

  test("10,000 messages with confirms: none lost, in order", async () => {
    const gathered = await consumed();
    for (let number = 0; number < 10_000; number++) channel.sendToQueue(queue, Buffer.from(String(number)));
    await channel.waitForConfirms();
    const messages = await gathered.until(10_000);
    expect(messages.map(({ content }) => Number(content.toString()))).toEqual(
      Array.from({ length: 10_000 }, (_, i) => i),
    );
  });

  test("bodies of no octet, of one, of a frame more or less, and of 1 MiB", async () => {
    const gathered = await consumed();
    const sizes = [0, 1, 131_063, 131_064, 131_065, 262_128, 1_048_576];
    for (const size of sizes) channel.sendToQueue(queue, Buffer.alloc(size, size & 0xff));
    await channel.waitForConfirms();
    const messages = await gathered.until(sizes.length);
    for (const [i, { content }] of messages.entries())
      expect(content.equals(Buffer.alloc(sizes[i]!, sizes[i]! & 0xff))).toBe(true);
  });

  test("ack, nack and reject: what is given back comes again", async () => {
    const gathered = await consumed(false);
    for (const text of ["a", "b", "c"]) channel.sendToQueue(queue, Buffer.from(text));
    const [a, b, c] = await gathered.until(3);
    channel.ack(a!);
    channel.nack(b!, false, true);
    channel.reject(c!, true);
    const again = (await gathered.until(5)).slice(3);
    expect(again.map(({ content, fields }) => [content.toString(), fields.redelivered]).sort()).toEqual([
      ["b", true],
      ["c", true],
    ]);
    for (const message of again) channel.ack(message);
    const { messageCount } = await channel.checkQueue(queue);
    expect(messageCount).toBe(0);
  });

  test("get takes one, and says when there is none", async () => {
    channel.sendToQueue(queue, Buffer.from("one"));
    await channel.waitForConfirms();
    const message = await channel.get(queue, { noAck: true });
    expect(message !== false && message.content.toString()).toBe("one");
    expect(await channel.get(queue)).toBe(false);
  });

  test("a mandatory message that nobody takes comes back with its properties", async () => {
    const returned = new Gathered<amqp.Message>();
    channel.on("return", returned.put);
    channel.publish("", "nobody takes this", Buffer.from("back"), {
      mandatory: true,
      messageId: "m",
      headers: { x: 1 },
    });
    const [message] = await returned.until(1);
    expect(message).toMatchObject({
      fields: { replyCode: 312, replyText: "NO_ROUTE" },
      properties: { messageId: "m", headers: { x: 1 } },
    });
    expect(message!.content.toString()).toBe("back");
    await channel.waitForConfirms();
  });

  test("a dead letter has its x-death", async () => {
    const { queue: dead } = await channel.assertQueue("", { exclusive: true });
    const { queue: source } = await channel.assertQueue("", {
      exclusive: true,
      deadLetterExchange: "",
      deadLetterRoutingKey: dead,
    });
    channel.sendToQueue(source, Buffer.from("poor thing"), { headers: { kept: "yes" } });
    await channel.waitForConfirms();
    const message = await channel.get(source);
    if (message === false) throw new Error("nothing there");
    channel.nack(message, false, false);
    const gathered = new Gathered<ConsumeMessage>();
    await channel.consume(dead, (found) => found && gathered.put(found), { noAck: true });
    const [letter] = await gathered.until(1);
    expect(letter!.properties.headers).toMatchObject({
      kept: "yes",
      "x-first-death-queue": source,
      "x-first-death-reason": "rejected",
      "x-death": [{ count: 1, queue: source, reason: "rejected", exchange: "" }],
    });
  });

  test("exchanges of each type route, and bindings can be taken back", async () => {
    const gathered = await consumed();
    for (const type of ["direct", "fanout", "topic", "headers"]) {
      const name = `amqp-wasm.gateway.${type}`;
      await channel.assertExchange(name, type, { autoDelete: true, durable: false });
      const key = type === "topic" ? "a.*" : "a.b";
      await channel.bindQueue(queue, name, key, type === "headers" ? { "x-match": "all", h: 1 } : {});
      channel.publish(name, "a.b", Buffer.from(type), { headers: { h: 1 } });
      await channel.waitForConfirms();
      await channel.unbindQueue(queue, name, key, type === "headers" ? { "x-match": "all", h: 1 } : {});
    }
    expect((await gathered.until(4)).map(({ content }) => content.toString())).toEqual([
      "direct",
      "fanout",
      "topic",
      "headers",
    ]);
  });

  test("an error of a channel closes that channel; the connection and others go on", async () => {
    const broken = await connection.createChannel();
    const failed = new Promise<Error>((resolve) => broken.on("error", resolve));
    await expect(broken.checkQueue("there is no such queue")).rejects.toThrow(/404/);
    expect((await failed).message).toMatch(/NOT_FOUND/);
    channel.sendToQueue(queue, Buffer.from("still here"));
    await channel.waitForConfirms();
    expect((await channel.checkQueue(queue)).messageCount).toBe(1);
  });

  test("a wrong password is refused with the broker's words", async () => {
    await expect(amqp.connect(behind.url.replace("guest:guest", "guest:wrong"))).rejects.toThrow(/403|ACCESS_REFUSED/);
    expect(JSON.stringify(behind.running.lines)).not.toContain("wrong");
  });

  test("a virtual host that is not there is refused with the broker's words", async () => {
    const from = behind.running.lines.length;
    await expect(amqp.connect(`${behind.url}/nowhere`)).rejects.toThrow();
    expect(await behind.running.logged("closed-by-broker", from)).toMatchObject({ fields: { replyCode: 530 } });
  });

  test("the gateway's own close reaches the client as an error of its connection", async () => {
    const failed = new Promise<Error>((resolve) => connection.on("error", resolve));
    const closed = new Promise((resolve) => connection.on("close", resolve));
    // Not by amqplib's own means, which would refuse to send it.
    const { stream } = (connection as unknown as { connection: { stream: { write(octets: Uint8Array): void } } })
      .connection;
    stream.write(Buffer.from("0300010000000101ce", "hex"));
    expect((await failed).message).toMatch(/505|UNEXPECTED/);
    await closed;
  });
});
