import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  Basic,
  Channel,
  Confirm,
  Connection,
  Decimal,
  Exchange,
  FieldTable,
  Queue,
  Timestamp,
  Tx,
  float32,
} from "../../src/index.js";
import { everyFieldType, fieldTypeLetters } from "../support/every-field-type.js";
import { BrokerConnection } from "./connection.js";

const address = process.env["AMQP_WASM_BROKER"];
const suite = address
  ? "a session with RabbitMQ"
  : "a session with RabbitMQ (needs a RabbitMQ broker: set AMQP_WASM_BROKER)";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (octets: Uint8Array) => new TextDecoder().decode(octets);

describe.skipIf(!address)(suite, () => {
  const [host = "", port = ""] = (address ?? "").split(":");
  const target = { host, port: Number(port) };
  // One run never meets what another one left behind.
  const prefix = `amqp-wasm.${process.pid}`;
  const names = {
    exchange: `${prefix}.direct`,
    fanout: `${prefix}.fanout`,
    queue: `${prefix}.orders`,
    dead: `${prefix}.dead`,
    source: `${prefix}.source`,
  };
  let connection: BrokerConnection;

  const declareQueue = (channel: number, queue: string, args = {}) =>
    connection.call(new Queue.Declare({ queue, autoDelete: false, arguments: args }), channel, "Queue.DeclareOk");
  const get = (channel: number, queue: string, noAck = true) =>
    connection.call(new Basic.Get({ queue, noAck }), channel, "Basic.GetOk");
  const publish = (
    channel: number,
    routingKey: string,
    body: Uint8Array,
    properties: ConstructorParameters<typeof Basic.Properties>[0] = {},
    exchange = "",
  ) => connection.publish(channel, new Basic.Publish({ exchange, routingKey }), new Basic.Properties(properties), body);
  const confirmed = (...message: Parameters<typeof publish>) => {
    publish(...message);
    connection.flush();
    return connection.take(message[0], "Basic.Ack");
  };

  beforeAll(async () => {
    connection = await BrokerConnection.open(target);
    await connection.openChannel(1);
  });

  afterAll(async () => {
    await connection.openChannel(99);
    for (const queue of [names.queue, names.dead, names.source]) {
      await connection.call(new Queue.Delete({ queue }), 99, "Queue.DeleteOk");
    }
    for (const exchange of [names.exchange, names.fanout]) {
      await connection.call(new Exchange.Delete({ exchange }), 99, "Exchange.DeleteOk");
    }
    await connection.close();
  });

  test("says who it is and tunes", () => {
    expect(connection.serverProperties["product"]).toBe("RabbitMQ");
    expect(connection.serverProperties["capabilities"]).toMatchObject({ publisher_confirms: true, "basic.nack": true });
    expect(connection.frameMax).toBe(131072);
  });

  test("declares exchanges and queues, binds and unbinds them", async () => {
    await connection.call(
      new Exchange.Declare({ exchange: names.exchange, type: "direct", durable: true }),
      1,
      "Exchange.DeclareOk",
    );
    await connection.call(new Exchange.Declare({ exchange: names.fanout, type: "fanout" }), 1, "Exchange.DeclareOk");
    await connection.call(new Exchange.Declare({ exchange: names.exchange, passive: true }), 1, "Exchange.DeclareOk");
    const declared = await declareQueue(1, names.queue, { "x-max-priority": 10, "x-message-ttl": 3_600_000 });
    expect(declared.toJSON()).toMatchObject({ queue: names.queue, messageCount: 0, consumerCount: 0 });
    await declareQueue(1, names.dead);
    await declareQueue(1, names.source, { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": names.dead });
    const bind = { exchange: names.exchange, routingKey: "order" };
    await connection.call(new Queue.Bind({ queue: names.queue, ...bind }), 1, "Queue.BindOk");
    const both = { destination: names.exchange, source: names.fanout, routingKey: "order" };
    await connection.call(new Exchange.Bind({ ...both, arguments: { note: "é" } }), 1, "Exchange.BindOk");
    await connection.call(new Exchange.Unbind({ ...both, arguments: { note: "é" } }), 1, "Exchange.UnbindOk");
    await connection.call(new Queue.Unbind({ queue: names.queue, ...bind }), 1, "Queue.UnbindOk");
    await connection.call(new Queue.Bind({ queue: names.queue, ...bind, routingKey: "" }), 1, "Queue.BindOk");
  });

  test("publishes 1,000 messages with every property, all confirmed, and gets equal ones back", async () => {
    await connection.openChannel(2);
    await connection.call(new Confirm.Select(), 2, "Confirm.SelectOk");
    const properties = (n: number) => ({
      contentType: "application/json",
      contentEncoding: "identity",
      headers: { n, big: 2n ** 62n + BigInt(n), text: `grüße ${n}`, half: n + 0.5, nested: { list: [n, null, true] } },
      deliveryMode: 1 + (n % 2),
      priority: n % 256,
      correlationId: `correlation-${n}`,
      replyTo: "amq.rabbitmq.reply",
      expiration: "3600000",
      messageId: `message-${n}`,
      timestamp: new Timestamp(1_700_000_000 + n),
      type: "order",
      userId: "guest",
      appId: "amqp-wasm",
    });
    const count = 1000;
    for (let n = 0; n < count; n++) {
      publish(2, "", bytes(`{"order":${n}}`), properties(n), names.exchange);
      if (n % 100 === 99) connection.flush();
    }
    const open = new Set(Array.from({ length: count }, (_, index) => index + 1));
    while (open.size > 0) {
      const ack = await connection.take(2, "Basic.Ack", "Basic.Nack");
      expect(ack.name).toBe("Basic.Ack");
      const tag = Number(ack.deliveryTag);
      for (const one of ack.multiple ? [...open].filter((open) => open <= tag) : [tag]) open.delete(one);
    }

    await connection.call(new Basic.Qos({ prefetchCount: 200 }), 2, "Basic.QosOk");
    const consume = new Basic.Consume({ queue: names.queue, consumerTag: "reader", arguments: { "x-priority": 3 } });
    expect((await connection.call(consume, 2, "Basic.ConsumeOk")).consumerTag).toBe("reader");
    const seen = new Set<number>();
    for (let tag = 1; tag <= count; tag++) {
      const { method, properties: found, body } = await connection.take(2, "Basic.Deliver");
      expect(method.toJSON()).toMatchObject({
        consumerTag: "reader",
        deliveryTag: tag,
        redelivered: false,
        exchange: names.exchange,
        routingKey: "",
      });
      const n = (JSON.parse(text(body)) as { order: number }).order;
      seen.add(n);
      const wanted = properties(n);
      for (const key of Object.keys(wanted) as (keyof typeof wanted)[]) {
        expect({ [key]: found[key] }, `message ${n}`).toEqual({ [key]: wanted[key] });
      }
      if (tag % 100 === 0) connection.send(new Basic.Ack({ deliveryTag: tag, multiple: true }), 2);
    }
    expect(seen.size).toBe(count);
    await connection.call(new Basic.Cancel({ consumerTag: "reader" }), 2, "Basic.CancelOk");
    expect(
      (await declareQueue(2, names.queue, { "x-max-priority": 10, "x-message-ttl": 3_600_000 })).messageCount,
    ).toBe(0);
  });

  test("every field type comes back with equal values and types", async () => {
    const sent = {
      boolean: true,
      int8: -128,
      int16: -32768,
      int32: -2147483648,
      int64: -(2n ** 63n),
      safe: Number.MAX_SAFE_INTEGER,
      float: float32(1.5),
      double: Math.PI,
      decimal: new Decimal({ scale: 2, unscaled: -12345 }),
      string: "žluťoučký 🐎",
      bytes: new Uint8Array([0, 255, 128]),
      time: new Timestamp(2n ** 63n),
      nothing: null,
      array: [1, "two", { three: 3.25 }, [4n]],
      table: { "": "empty key", __proto__x: "plain" },
      constructor: "just a key",
    };
    await confirmed(2, names.queue, bytes(""), { headers: sent });
    const back = (await get(2, names.queue)).properties.headers as Record<string, unknown>;
    expect({ ...back }).toEqual({ ...sent, float: 1.5, array: [1, "two", { three: 3.25 }, [4]] });

    // What an encoder chooses leaves out B and L: here all eighteen types, as octets.
    await confirmed(2, names.queue, bytes("exact"), { headers: new FieldTable(everyFieldType()) });
    const exact = (await get(2, names.queue)).properties.headers as Record<string, unknown>;
    const table = new FieldTable(everyFieldType());
    expect([...table.entries()].map(([, , type]) => type)).toEqual(fieldTypeLetters);
    expect({ ...exact }).toEqual({ ...table.toObject() });
  });

  test("RabbitMQ takes every field type apart and puts it together again", async () => {
    // A dead letter gets headers added, so the broker decodes the table and encodes it anew.
    await confirmed(2, names.source, bytes("dead"), { headers: new FieldTable(everyFieldType()) });
    const { method } = await get(2, names.source, false);
    connection.send(new Basic.Reject({ deliveryTag: method.deliveryTag, requeue: false }), 2);
    const consume = new Basic.Consume({ queue: names.dead, consumerTag: "undertaker", noAck: true });
    await connection.call(consume, 2, "Basic.ConsumeOk");
    const dead = await connection.take(2, "Basic.Deliver");
    await connection.call(new Basic.Cancel({ consumerTag: "undertaker" }), 2, "Basic.CancelOk");
    const { "x-death": death, ...headers } = dead.properties.headers as Record<string, unknown>;
    expect(death).toMatchObject([{ queue: names.source, reason: "rejected", count: 1, exchange: "" }]);
    for (const key of ["x-first-death-exchange", "x-first-death-queue", "x-first-death-reason"]) delete headers[key];
    expect(headers).toEqual({ ...new FieldTable(everyFieldType()).toObject() });
    expect(text(dead.body)).toBe("dead");
  });

  test("bodies of no octet, of one frame exactly, one more, and of many frames", async () => {
    for (const length of [0, 1, 131072 - 8, 131072 - 7, 300_000]) {
      const body = Uint8Array.from({ length }, (_, index) => (index * 31) >>> 3);
      await confirmed(2, names.queue, body);
      const message = await get(2, names.queue);
      expect(message.body.length).toBe(length);
      expect(Buffer.compare(message.body, body)).toBe(0);
    }
  });

  test("splits at the frame-max that was agreed on", async () => {
    const small = await BrokerConnection.open({ ...target, frameMax: 4096 });
    expect(small.frameMax).toBe(4096);
    await small.openChannel(1);
    const body = Uint8Array.from({ length: 50_000 }, (_, index) => index % 251);
    small.publish(1, new Basic.Publish({ routingKey: names.queue }), new Basic.Properties(), body);
    small.flush();
    await small.call(new Basic.Qos({ prefetchCount: 1 }), 1, "Basic.QosOk");
    const message = await small.call(new Basic.Get({ queue: names.queue, noAck: true }), 1, "Basic.GetOk");
    expect(Buffer.compare(message.body, body)).toBe(0);
    await small.close();
  });

  test("gets, finds nothing, rejects, takes back and recovers", async () => {
    await connection.openChannel(3);
    const empty = new Basic.Get({ queue: names.queue });
    expect((await connection.call(empty, 3, "Basic.GetEmpty")).name).toBe("Basic.GetEmpty");
    for (const letter of ["a", "b", "c"]) await confirmed(2, names.queue, bytes(letter));

    const first = await get(3, names.queue, false);
    expect(first.method.toJSON()).toMatchObject({ redelivered: false, exchange: "", messageCount: 2 });
    connection.send(new Basic.Reject({ deliveryTag: first.method.deliveryTag, requeue: true }), 3);
    const again = await get(3, names.queue, false);
    expect([text(again.body), again.method.redelivered]).toEqual(["a", true]);
    const next = await get(3, names.queue, false);
    connection.send(new Basic.Nack({ deliveryTag: next.method.deliveryTag, multiple: true, requeue: true }), 3);
    const third = await get(3, names.queue, false);
    expect(text(third.body)).toBe("a");
    await connection.call(new Basic.Recover({ requeue: true }), 3, "Basic.RecoverOk");
    const purged = await connection.call(new Queue.Purge({ queue: names.queue }), 3, "Queue.PurgeOk");
    expect(purged.messageCount).toBe(3);
  });

  test("a mandatory message without a queue is returned", async () => {
    const method = new Basic.Publish({ exchange: names.exchange, routingKey: "nowhere", mandatory: true });
    connection.publish(
      2,
      method,
      new Basic.Properties({ messageId: "lost", headers: { why: "no route" } }),
      bytes("lost"),
    );
    connection.flush();
    const returned = await connection.take(2, "Basic.Return");
    expect(returned.method.toJSON()).toMatchObject({
      replyCode: 312,
      replyText: "NO_ROUTE",
      exchange: names.exchange,
      routingKey: "nowhere",
    });
    expect(returned.properties.messageId).toBe("lost");
    expect({ ...(returned.properties.headers as object) }).toEqual({ why: "no route" });
    expect(text(returned.body)).toBe("lost");
    await connection.take(2, "Basic.Ack");
  });

  test("transactions: what is rolled back is gone, what is committed is there", async () => {
    await connection.openChannel(4);
    await connection.call(new Tx.Select(), 4, "Tx.SelectOk");
    publish(4, names.queue, bytes("rolled back"));
    await connection.call(new Tx.Rollback(), 4, "Tx.RollbackOk");
    publish(4, names.queue, bytes("committed"));
    await connection.call(new Tx.Commit(), 4, "Tx.CommitOk");
    const message = await get(3, names.queue);
    expect([text(message.body), message.method.messageCount]).toEqual(["committed", 0]);
  });

  test("a channel that the broker closes for an error can be opened again", async () => {
    await connection.openChannel(5);
    const missing = new Queue.Declare({ queue: `${prefix}.missing`, passive: true });
    const close = await connection.call(missing, 5, "Channel.Close");
    expect(close.toJSON()).toMatchObject({ replyCode: 404, classId: 50, methodId: 10 });
    expect(close.replyText).toMatch(/^NOT_FOUND/);
    connection.send(new Channel.CloseOk(), 5);
    await connection.openChannel(5);
    const ours = new Channel.Close({ replyCode: 200, replyText: "done", classId: 0, methodId: 0 });
    await connection.call(ours, 5, "Channel.CloseOk");
  });

  test("heartbeats go both ways", async () => {
    const beating = await BrokerConnection.open({ ...target, heartbeat: 1 });
    for (let count = 0; count < 2; count++) {
      expect((await beating.take(0, "Heartbeat")).channel).toBe(0);
      beating.heartbeat();
    }
    await beating.close();
  });

  test("a wrong password is answered with a close that says so", async () => {
    await expect(BrokerConnection.open({ ...target, password: "wrong" })).rejects.toThrow(
      "Connection.Close: 403 ACCESS_REFUSED",
    );
  });

  test("a connection error names the method at fault", async () => {
    const other = await BrokerConnection.open(target);
    other.send(new Channel.Flow({ active: true }), 7);
    const close = await other.take(0, "Connection.Close");
    expect(close.toJSON()).toMatchObject({ replyCode: 504 });
    other.send(new Connection.CloseOk(), 0);
    await other.closed;
  });
});
