/** The proxy of docs/writing-a-gateway.md between real clients and a broker: RabbitMQ where AMQP_WASM_BROKER names one, and always the one that the gateway brings along. */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { AMQPClient, type AMQPMessage } from "@cloudamqp/amqp-client";
import amqp, { type ConsumeMessage } from "amqplib";
import {
  Basic,
  Channel,
  Connection,
  FrameReader,
  marshal,
  ProtocolHeader,
  type DecodeError,
  type Frame,
} from "amqp-wasm";
import { afterEach, describe, expect, test } from "vitest";
import { startBroker, type RunningBroker } from "../../gateway/src/broker/index.js";
import { loadVectors, vectorOctets } from "../support/vectors.js";
import { Proxy } from "./proxy.js";

const MESSAGES = 100_000;
const rabbit = process.env["AMQP_WASM_BROKER"]?.split(":")[1];
const brokers: [string, () => Promise<number>][] = [
  [
    "the gateway's own broker",
    async () => {
      embedded = await startBroker({ log: () => undefined });
      return embedded.port;
    },
  ],
];
let embedded: RunningBroker | undefined;
let proxy: Proxy | undefined;

afterEach(async () => {
  proxy?.server.close();
  proxy?.upstream.destroy();
  await embedded?.close();
  embedded = undefined;
});

/** Malformed input of which the first frame is refused, with the error. */
function malformed(): { name: string; octets: Uint8Array; error: DecodeError }[] {
  return loadVectors("errors").flatMap((vector) => {
    if (vector.kind !== "wire" || typeof vector.hex !== "string") return [];
    const octets = vectorOctets(vector);
    const reader = new FrameReader({ strict: true });
    reader.push(Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0xce));
    try {
      reader.push(octets);
      return [];
    } catch (error) {
      return [{ name: vector.name, octets, error: error as DecodeError }];
    }
  });
}

/** A client that says what it is told to, opens channel 1, sends the octets and answers with the reply code it is sent away with. */
function sentAway(port: number, octets: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const reader = new FrameReader();
    const send = (frame: Frame, channel = 0): void => void socket.write(marshal(frame, channel));
    let code = 0;
    socket.on("error", reject);
    socket.on("close", () => resolve(code));
    socket.on("data", (chunk) => {
      for (const frame of reader.push(chunk)) {
        if (frame.name === "Connection.Start") {
          send(new Connection.StartOk({ mechanism: "PLAIN", response: "\0guest\0guest", locale: "en_US" }));
        } else if (frame.name === "Connection.Tune") {
          send(new Connection.TuneOk({ channelMax: 10, frameMax: 131_072, heartbeat: 0 }));
          send(new Connection.Open({ virtualHost: "/" }));
        } else if (frame.name === "Connection.OpenOk") send(new Channel.Open(), 1);
        else if (frame.name === "Channel.OpenOk") socket.write(octets);
        else if (frame.name === "Connection.Close") {
          code = frame.replyCode;
          socket.end();
        }
      }
    });
    send(new ProtocolHeader({ major: 0, minor: 9, revision: 1 }));
  });
}

const propertiesOf = (number: number) => ({
  contentType: "application/json",
  contentEncoding: "utf-8",
  headers: { number, text: "ü", nested: { list: [1, "two", true] } },
  deliveryMode: 1,
  priority: number % 10,
  correlationId: `c${number}`,
  replyTo: "reply",
  expiration: "600000",
  messageId: `m${number}`,
  type: "test",
  userId: "guest",
  appId: "proxy",
});

if (rabbit !== undefined) brokers.push(["RabbitMQ", () => Promise.resolve(Number(rabbit))]);
else test.skip("the proxy in front of RabbitMQ (AMQP_WASM_BROKER names none: skipped)", () => {});

describe.each(brokers)("in front of %s", (_, start) => {
  test(`${MESSAGES} messages from amqplib to @cloudamqp/amqp-client over one connection, while each malformed input comes in beside them`, async () => {
    proxy = new Proxy(await start());
    const port = await proxy.start();
    const url = `amqp://guest:guest@127.0.0.1:${port}`;
    const from = await amqp.connect(url);
    const to = await new AMQPClient(url).connect();
    const publisher = await from.createConfirmChannel();
    const consumer = await to.channel();
    const queue = await consumer.queueDeclare("", { exclusive: false, autoDelete: true });
    let count = 0;
    let wrong = 0;
    let done: () => void;
    const all = new Promise<void>((resolve) => (done = resolve));
    await consumer.basicConsume(queue.name, { noAck: true }, (message: AMQPMessage) => {
      if (message.bodyString() !== String(count)) wrong += 1;
      if (!isDeepStrictEqual({ ...message.properties }, propertiesOf(count))) wrong += 1;
      if (++count === MESSAGES) done();
    });

    const inputs = malformed();
    const beside = (async () => {
      for (const { name, octets, error } of inputs) {
        // A content header has to stand behind a method that carries content, or that is what is wrong with it.
        const isHeader = octets[0] === 2;
        const before = isHeader
          ? marshal(new Basic.Publish({ routingKey: queue.name }), error.channel)
          : new Uint8Array(0);
        expect([name, await sentAway(port, Buffer.concat([before, octets]))]).toEqual([name, error.replyCode]);
      }
    })();
    for (let number = 0; number < MESSAGES; number++) {
      const more = publisher.sendToQueue(queue.name, Buffer.from(String(number)), propertiesOf(number));
      if (!more) await new Promise((resolve) => publisher.once("drain", resolve));
    }
    await publisher.waitForConfirms();
    await all;
    await beside;
    expect([count, wrong]).toEqual([MESSAGES, 0]);
    expect(proxy.refused).toHaveLength(inputs.length);
    expect(inputs.length).toBeGreaterThan(100);
    expect(proxy.upstream.destroyed).toBe(false);
    await from.close();
    await to.close();
  });

  test("bodies of many frames, acks, and errors of one client's channel; its number is free again when it has gone", async () => {
    proxy = new Proxy(await start());
    const port = await proxy.start();
    const connections = await Promise.all([1, 2].map(() => amqp.connect(`amqp://127.0.0.1:${port}`)));
    const [one, two] = await Promise.all(connections.map((connection) => connection.createConfirmChannel()));
    const { queue } = await one!.assertQueue("", { autoDelete: true });
    const gathered: ConsumeMessage[] = [];
    const body = Buffer.alloc(1_048_576, "large ");
    const arrived = new Promise<void>((resolve) => {
      void two!.consume(queue, (message) => {
        gathered.push(message!);
        two!.ack(message!);
        if (gathered.length === 3) resolve();
      });
    });
    for (let i = 0; i < 3; i++) one!.sendToQueue(queue, body);
    await one!.waitForConfirms();
    await arrived;
    expect(gathered.every(({ content }) => content.equals(body))).toBe(true);
    for (let round = 0; round < 5; round++) {
      const broken = await connections[0]!.createChannel();
      broken.on("error", () => {});
      await expect(broken.checkQueue("there is no such queue")).rejects.toThrow(/404/);
    }
    expect((await one!.checkQueue(queue)).messageCount).toBe(0);
    for (const connection of connections) await connection.close();
  });
});

test("the code in docs/writing-a-gateway.md is this proxy's", () => {
  const read = (file: string): string => readFileSync(join(import.meta.dirname, "../..", file), "utf8");
  const code = read("test/broker/proxy.ts").replace(/\s+/g, " ");
  const blocks = [...read("docs/writing-a-gateway.md").matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block!);
  expect(blocks.length).toBeGreaterThan(4);
  for (const block of blocks) expect(code).toContain(block.replace(/\s+/g, " ").trim());
  expect(read("test/broker/proxy.ts").split("\n").length).toBeLessThan(150);
});
