/** Whatever comes in on either port: a clear log line, the right close, nobody else notices, nothing falls over. */
import { connect } from "node:net";
import { setImmediate } from "node:timers/promises";
import {
  Basic,
  Connection,
  ContentBody,
  ContentHeader,
  Channel,
  Exchange,
  Heartbeat,
  marshal,
  type Frame,
} from "amqp-wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { malformedInputs, strangers } from "./support/malformed.js";
import { header, tcpPeer, webSocketPeer, type Peer } from "./support/peer.js";
import { startGateway, type LogLine, type Running } from "./support/running.js";
import { scriptedBroker, throughChannel, type ScriptedBroker } from "./support/scripted-broker.js";

let broker: ScriptedBroker;
let running: Running;
let other: { client: Peer; upstream: Peer };
let counter = 0;

const ways: [string, () => Promise<Peer>][] = [
  ["TCP", () => tcpPeer(running.port)],
  ["WebSocket", () => webSocketPeer(running.url)],
];

/** `id`: what the log calls the connection. */
async function opened(come: () => Promise<Peer>): Promise<{ client: Peer; upstream: Peer; id: unknown }> {
  const client = await come();
  await client.open();
  const upstream = broker.peers.at(-1)!;
  await throughChannel(client, upstream, 1);
  return { client, upstream, id: running.lines.filter(({ event }) => event === "open").at(-1)!.fields["connection"] };
}

/** Waits until the log says that this connection is over. */
async function closed(id: unknown): Promise<LogLine> {
  for (let from = 0; ;) {
    const line = await running.logged("closed", from);
    if (line.fields["connection"] === id) return line;
    from = running.lines.indexOf(line) + 1;
  }
}

/** The other connection is as it was: a message goes through it. */
async function othersAreWell(): Promise<void> {
  const routingKey = `marker ${(counter += 1)}`;
  other.client.writer.publish(1, new Basic.Publish({ routingKey }), {}, Buffer.from(routingKey));
  other.client.wire.write(other.client.writer.flush());
  expect((await other.upstream.expect("Basic.Publish")).routingKey).toBe(routingKey);
  await other.upstream.expect("ContentHeader");
  await other.upstream.expect("ContentBody");
}

beforeAll(async () => {
  broker = await scriptedBroker();
  running = await startGateway(broker.port);
  other = await opened(() => tcpPeer(running.port));
});

afterAll(async () => {
  // Of all that came the one is left that did nothing wrong.
  while (running.gateway.counters.connections !== 1) await setImmediate();
  expect(running.lines.filter(({ text }) => text.includes("gateway failed"))).toEqual([]);
  other.client.wire.destroy();
  await broker.close();
  await running.stop();
});

const inputs = malformedInputs();

test("the vectors hold malformed input of many kinds", () => {
  expect(inputs.length).toBeGreaterThan(100);
  expect(new Set(inputs.map(({ error }) => error.code)).size).toBeGreaterThan(10);
});

/** Random octets of which the first is no frame type. */
function* noise(count: number): Generator<Uint8Array> {
  let seed = 20260101;
  const random = (): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
  for (let round = 0; round < count; round++) {
    const octets = Uint8Array.from({ length: 1 + Math.floor(random() * 300) }, () => Math.floor(random() * 256));
    octets[0] = 9 + Math.floor(random() * 200);
    yield octets;
  }
}

describe.each(ways)("over %s", (_, come) => {
  test("each malformed input closes its own connection with the reply code of its error, and nothing of it reaches the broker", async () => {
    for (const { name, octets, error } of inputs) {
      const { client, upstream, id } = await opened(come);
      const from = running.lines.length;
      const refused = running.gateway.counters.refused.get(error.replyCode) ?? 0;
      const before = upstream.frames.length;
      client.wire.write(octets);
      const close = await client.expect("Connection.Close");
      expect([name, close.replyCode], name).toEqual([name, error.replyCode]);
      expect(close.replyText, name).toBe(error.replyText);
      await client.untilEnd();
      const line = await running.logged("refused", from);
      expect(line, name).toMatchObject({
        level: "warning",
        fields: { connection: id, replyCode: error.replyCode, code: error.code },
      });
      expect(line.text, name).toContain(error.message.replace(/ \(at offset .*/s, ""));
      const seen = (await upstream.expect("Connection.Close")).replyCode;
      expect([name, seen, upstream.frames.length - before], name).toEqual([name, 320, 1]);
      client.wire.destroy();
      upstream.wire.destroy();
      const { reason } = (await closed(id)).fields;
      expect(reason, name).toBe(`${error.replyCode} ${error.replyText}`);
      expect(running.gateway.counters.refused.get(error.replyCode)).toBe(refused + 1);
      await othersAreWell();
    }
  });

  test("cut into single octets they give the same", async () => {
    for (const { name, octets, error } of inputs.filter((_, i) => i % 7 === 0)) {
      const { client, upstream } = await opened(come);
      for (const octet of octets) client.wire.write(Uint8Array.of(octet));
      const close = await client.expect("Connection.Close");
      expect([name, close.replyCode], name).toEqual([name, error.replyCode]);
      client.wire.destroy();
      upstream.wire.destroy();
    }
    await othersAreWell();
  });

  test.each<[string, [Frame, number][], number]>([
    ["a body without a header", [[new ContentBody(new Uint8Array(1)), 1]], 505],
    ["a header without a method", [[new ContentHeader({ bodySize: 1 }), 1]], 505],
    [
      "a method within content",
      [
        [new Basic.Publish(), 1],
        [new Basic.Publish(), 1],
      ],
      505,
    ],
    [
      "a body that is longer than announced",
      [
        [new Basic.Publish(), 1],
        [new ContentHeader({ bodySize: 1 }), 1],
        [new ContentBody(new Uint8Array(2)), 1],
      ],
      501,
    ],
    [
      "an empty body behind empty content",
      [
        [new Basic.Publish(), 1],
        [new ContentHeader({ bodySize: 0 }), 1],
        [new ContentBody(new Uint8Array(0)), 1],
      ],
      505,
    ],
    ["a channel over channel-max", [[new Channel.Open(), 2048]], 530],
    ["a header on channel 0", [[new ContentHeader({ bodySize: 1 }), 0]], 505],
    ["a method of a channel on channel 0", [[new Exchange.Declare({ exchange: "x" }), 0]], 504],
    ["a protocol header in mid-stream", [], 501],
  ])("%s closes that connection alone", async (name, frames, code) => {
    const { client, upstream } = await opened(come);
    for (const [frame, channel] of frames) client.send(frame, channel);
    if (frames.length === 0) client.wire.write(header);
    const close = await client.expect("Connection.Close");
    expect([name, close.replyCode]).toEqual([name, code]);
    client.wire.destroy();
    upstream.wire.destroy();
    await othersAreWell();
  });

  test("what stands behind a wrong frame is passed by: it is refused once, and the answer to the close is seen", async () => {
    const { client, upstream, id } = await opened(come);
    const from = running.lines.length;
    const wrong = marshal(new ContentBody(new Uint8Array(1)), 1);
    const ack = marshal(new Basic.Ack({ deliveryTag: 1 }), 1);
    client.wire.write(Buffer.concat([wrong, ack, wrong, ack]));
    expect((await client.expect("Connection.Close")).replyCode).toBe(505);
    client.wire.write(Buffer.concat([ack, wrong, marshal(new Connection.CloseOk(), 0), ack]));
    await upstream.expect("Connection.Close");
    upstream.send(new Connection.CloseOk());
    await Promise.all([client.untilEnd(), upstream.untilEnd()]);
    client.wire.end();
    upstream.wire.end();
    await closed(id);
    const lines = running.lines.slice(from).filter(({ fields }) => fields["connection"] === id);
    expect(lines.map(({ event }) => event)).toEqual(["refused", "closed"]);
    expect(upstream.frames.map(({ name }) => name)).not.toContain("Basic.Ack");
    await othersAreWell();
  });

  test("content of several channels may come mixed, heartbeats between its frames", async () => {
    const { client, upstream } = await opened(come);
    await throughChannel(client, upstream, 2);
    const frames: [Frame, number][] = [
      [new Basic.Publish(), 1],
      [new Basic.Publish(), 2],
      [new ContentHeader({ bodySize: 2 }), 2],
      [new Heartbeat(), 0],
      [new ContentHeader({ bodySize: 1 }), 1],
      [new ContentBody(new Uint8Array(1)), 2],
      [new ContentBody(new Uint8Array(0)), 2],
      [new ContentBody(new Uint8Array(1)), 1],
      [new ContentBody(new Uint8Array(1)), 2],
    ];
    for (const [frame, channel] of frames) client.send(frame, channel);
    for (const [frame, channel] of frames.filter(([{ name }]) => name !== "Heartbeat")) {
      expect(await upstream.next()).toMatchObject({ name: frame.name, channel });
    }
    client.wire.destroy();
    upstream.wire.destroy();
  });

  test("content that breaks off because the broker closes its channel is no fault", async () => {
    const { client, upstream } = await opened(come);
    client.send(new Basic.Publish(), 1);
    client.send(new ContentHeader({ bodySize: 10 }), 1);
    await upstream.expect("Basic.Publish");
    await upstream.expect("ContentHeader");
    upstream.send(new Channel.Close({ replyCode: 404, replyText: "NOT_FOUND", classId: 60, methodId: 40 }), 1);
    await client.expect("Channel.Close");
    client.send(new Channel.CloseOk(), 1);
    await upstream.expect("Channel.CloseOk");
    await throughChannel(client, upstream, 1);
    client.wire.destroy();
    upstream.wire.destroy();
  });

  test.each(strangers)(
    "$name at the door is answered with our protocol header, and the line ends",
    async ({ octets, says }) => {
      const from = running.lines.length;
      const client = await come();
      client.wire.write(octets);
      await client.untilEnd();
      expect(Buffer.from(client.octets())).toEqual(Buffer.from(header));
      expect((await running.logged("stranger", from)).text).toMatch(says);
      client.wire.destroy();
      await othersAreWell();
    },
  );

  test("every malformed input at the door, too", async () => {
    for (const { name, octets } of inputs) {
      // A header that is cut may still be completed; behind a whole one it is a connection that goes wrong, which is another test's.
      const both = Math.min(octets.length, header.length);
      if (Buffer.from(header).subarray(0, both).equals(octets.subarray(0, both))) continue;
      const from = running.lines.length;
      const client = await come();
      client.wire.write(octets);
      await client.untilEnd();
      expect(Buffer.from(client.octets()).equals(header), name).toBe(true);
      const line = await running.logged("stranger", from);
      expect([line.level, line.text], name).toEqual(["warning", expect.stringMatching(/^refused: /)]);
      client.wire.destroy();
    }
    await othersAreWell();
  });

  test("what a broker sends that may not be is 541 for its client and touches nobody else", async () => {
    for (const { name, octets, error } of inputs) {
      // Wrong header tables are the business of whoever reads them: the broker has taken them before.
      if (error.code.startsWith("field-")) continue;
      const { client, upstream, id } = await opened(come);
      const from = running.lines.length;
      upstream.wire.write(octets);
      const close = await client.expect("Connection.Close");
      expect([name, close.replyCode], name).toEqual([name, 541]);
      expect((await upstream.expect("Connection.Close")).replyCode, name).toBe(error.replyCode);
      const line = await running.logged("bad-upstream", from);
      expect(line, name).toMatchObject({ level: "error", fields: { connection: id, code: error.code } });
      client.wire.destroy();
      upstream.wire.destroy();
    }
    await othersAreWell();
  });

  test("random octets, in the middle of a connection and at the door", async () => {
    for (const octets of noise(60)) {
      const { client, upstream, id } = await opened(come);
      const from = running.lines.length;
      client.wire.write(octets);
      expect((await client.expect("Connection.Close")).replyCode).toBe(501);
      expect((await running.logged("refused", from)).fields).toMatchObject({ connection: id, code: "frame-type" });
      client.wire.destroy();
      upstream.wire.destroy();
      const stranger = await come();
      stranger.wire.write(octets);
      await stranger.untilEnd();
      expect(Buffer.from(stranger.octets()).equals(header)).toBe(true);
      expect((await running.logged("stranger", from)).text).toMatch(/^refused: /);
      stranger.wire.destroy();
    }
    await othersAreWell();
  });

  test("octets of a frame that never ends are not held beyond frame-max", async () => {
    const { client, upstream } = await opened(come);
    const head = Buffer.from(marshal(new ContentBody(new Uint8Array(1)), 1)).subarray(0, 7);
    head.writeUInt32BE(0xffff_fff0, 3);
    client.wire.write(head);
    expect((await client.expect("Connection.Close")).replyCode).toBe(501);
    client.wire.destroy();
    upstream.wire.destroy();
  });
});

describe("on the HTTP port", () => {
  async function raw(octets: Uint8Array): Promise<string> {
    const socket = connect(running.web, "127.0.0.1");
    socket.on("error", () => {});
    socket.end(octets);
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    return text;
  }

  test.each([
    ["AMQP without a WebSocket", header, /AMQP without a WebSocket/],
    ["a TLS client hello", strangers[1]!.octets, /TLS handshake/],
    ["noise", Uint8Array.from({ length: 64 }, (_, i) => 255 - i), /no HTTP/],
    ["a request that breaks off", Buffer.from("GET / HTTP/1.1\r\nho"), /breaks off, on the HTTP port/],
  ])("%s is answered with 400 and a clear line", async (_, octets, says) => {
    const from = running.lines.length;
    expect(await raw(octets)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await running.logged("stranger", from)).text).toMatch(says);
    await othersAreWell();
  });

  test("each malformed input, and random octets, without a WebSocket: 400 and a clear line", async () => {
    const all = [...inputs, ...[...noise(60)].map((octets, i) => ({ name: `noise ${i}`, octets }))];
    for (const { name, octets } of all) {
      const from = running.lines.length;
      expect(await raw(octets), name).toMatch(/^HTTP\/1\.1 400 /);
      // A request without a host is the parser's own to answer.
      if (name === "wire/http") continue;
      expect((await running.logged("stranger", from)).text, name).toMatch(/^refused: .*(?:HTTP port|TLS handshake)/);
    }
    await othersAreWell();
  });

  test("text messages, and messages over the limit, end their WebSocket", async () => {
    const one = await webSocketPeer(running.url);
    const code = new Promise((resolve) => one.socket.on("close", resolve));
    one.socket.send("AMQP");
    expect(await code).toBe(1003);
    const two = await webSocketPeer(running.url);
    const tooLarge = new Promise((resolve) => two.socket.on("close", resolve));
    two.socket.send(new Uint8Array(running.gateway.limits.maxWebSocketMessage + 1));
    expect(await tooLarge).toBe(1009);
    await othersAreWell();
  });
});
