/** What the gateway changes in the handshake, and what it leaves as it came. */
import { Basic, Channel, Connection, ContentHeader, marshal, ProtocolHeader } from "amqp-wasm";
import { afterEach, describe, expect, test } from "vitest";
import { header, startOk, tcpPeer, webSocketPeer, type Peer } from "./support/peer.js";
import { startGateway, type Running } from "./support/running.js";
import {
  scriptedBroker,
  serverStart,
  throughChannel,
  type Script,
  type ScriptedBroker,
} from "./support/scripted-broker.js";

let broker: ScriptedBroker;
let running: Running;
const peers: Peer[] = [];

async function start(script: Script = {}, options: Parameters<typeof startGateway>[1] = {}): Promise<void> {
  broker = await scriptedBroker(script);
  running = await startGateway(broker.port, options);
}

async function client(): Promise<Peer> {
  const peer = await tcpPeer(running.port);
  peers.push(peer);
  return peer;
}

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.wire.destroy();
  await broker.close();
  await running.stop();
});

/** An open connection with channel 1, seen from both ends. */
async function both<P extends Peer>(
  peer: P,
  settings: Parameters<Peer["open"]>[0] = {},
): Promise<{ peer: P; upstream: Peer }> {
  peers.push(peer);
  await peer.open(settings);
  const upstream = broker.peers.at(-1)!;
  await throughChannel(peer, upstream, 1);
  return { peer, upstream };
}

const deliver = (deliveryTag: number): Basic.Deliver =>
  new Basic.Deliver({ consumerTag: "c", deliveryTag, routingKey: "q" });

const sharedPart = (octets: Uint8Array, part: Uint8Array): boolean => Buffer.from(octets).includes(Buffer.from(part));

describe("the handshake", () => {
  test("Start and StartOk go through octet by octet; no password is in any log line", async () => {
    await start();
    const peer = await client();
    const accepted = broker.accepted();
    await peer.open({ password: "very secret" });
    const upstream = await accepted;
    expect(Buffer.from(peer.octets()).subarray(0, marshal(serverStart, 0).length)).toEqual(
      Buffer.from(marshal(serverStart, 0)),
    );
    expect(sharedPart(upstream.octets(), marshal(startOk("very secret"), 0))).toBe(true);
    expect(JSON.stringify(running.lines)).not.toContain("secret");
    expect((await running.logged("open")).fields).toMatchObject({ user: "guest", virtualHost: "/", product: "test" });
  });

  test("a StartOk that begins behind the protocol header, before the broker is there, reaches the broker whole", async () => {
    await start({ silent: true });
    const octets = marshal(startOk(), 0);
    for (const at of [1, 7, 20, octets.length - 1]) {
      const one = await client();
      const accepted = broker.accepted();
      one.wire.write(Buffer.concat([header, octets.subarray(0, at)]));
      const upstream = await accepted;
      await upstream.expect("ProtocolHeader");
      upstream.send(serverStart);
      await one.expect("Connection.Start");
      one.wire.write(octets.subarray(at));
      await upstream.expect("Connection.StartOk");
      expect(Buffer.from(upstream.octets()).equals(Buffer.concat([header, octets]))).toBe(true);
    }
  });

  test("each side has its own frame-max, channel-max and heartbeat", async () => {
    await start(
      { frameMax: 16_384, channelMax: 100, heartbeat: 30 },
      { limits: { frameMax: 8192, maxChannels: 50, heartbeat: 7 } },
    );
    const peer = await client();
    const tune = await peer.open({ frameMax: 4096, channelMax: 10, heartbeat: 3 });
    expect(tune.toJSON()).toEqual({ frameMax: 8192, channelMax: 50, heartbeat: 7 });
    const tuneOk = broker.peers[0]!.frames.find((frame) => frame.name === "Connection.TuneOk")!;
    expect(tuneOk.toJSON()).toEqual({ frameMax: 16_384, channelMax: 10, heartbeat: 30 });
  });

  test("0 of a client takes what was offered", async () => {
    await start({ channelMax: 0, frameMax: 0 }, { limits: { frameMax: 9000, maxChannels: 50 } });
    const peer = await client();
    await peer.open({ frameMax: 0, channelMax: 0 });
    expect(running.gateway.tap.connections[0]!.frameMax).toEqual({ client: 9000, upstream: 131_072 });
    const tuneOk = broker.peers[0]!.frames.find((frame) => frame.name === "Connection.TuneOk")!;
    expect(tuneOk.toJSON()).toEqual({ frameMax: 131_072, channelMax: 50, heartbeat: 0 });
  });

  test.each([
    [{ frameMax: 131_073 }, "frame_max of 131073"],
    [{ frameMax: 4095 }, "frame_max of 4095"],
    [{ channelMax: 3000 }, "channel_max of 3000"],
  ])("more than was offered, or too little, is 530: %j", async (settings, text) => {
    await start();
    const peer = await client();
    peer.wire.write(header);
    await peer.expect("Connection.Start");
    peer.send(startOk());
    await peer.expect("Connection.Tune");
    peer.send(new Connection.TuneOk({ frameMax: 131_072, channelMax: 2047, heartbeat: 0, ...settings }));
    const close = await peer.expect("Connection.Close");
    expect([close.replyCode, close.replyText]).toEqual([530, expect.stringContaining(text)]);
  });

  test.each([
    ["Open before StartOk", [new Connection.Open({ virtualHost: "/" })], 503],
    ["a channel before Open", [startOk(), new Channel.Open()], 503],
    ["a second protocol header", [new ProtocolHeader({ major: 0, minor: 9, revision: 1 })], 501],
    ["StartOk twice", [startOk(), startOk()], 503],
  ])("%s is refused with its reply code", async (_, frames, code) => {
    await start();
    const peer = await client();
    peer.wire.write(header);
    await peer.expect("Connection.Start");
    for (const frame of frames) peer.send(frame, frame.name === "Channel.Open" ? 1 : 0);
    let close = await peer.next();
    if (close.name === "Connection.Tune") close = await peer.next();
    expect(close).toMatchObject({ name: "Connection.Close", replyCode: code });
    await running.logged("closed");
  });

  test("a broker's close in the handshake reaches the client with its code and text", async () => {
    await start({ silent: true });
    const accepted = broker.accepted();
    const peer = await client();
    peer.wire.write(header);
    const upstream = await accepted;
    await upstream.expect("ProtocolHeader");
    upstream.send(serverStart);
    await peer.expect("Connection.Start");
    peer.send(startOk());
    await upstream.expect("Connection.StartOk");
    upstream.send(new Connection.Close({ replyCode: 403, replyText: "ACCESS_REFUSED - no", classId: 0, methodId: 0 }));
    expect(await peer.expect("Connection.Close")).toMatchObject({ replyCode: 403, replyText: "ACCESS_REFUSED - no" });
    await upstream.expect("Connection.CloseOk");
    peer.send(new Connection.CloseOk());
    await peer.untilEnd();
  });
});

describe("bodies", () => {
  const body = (octets: number): Uint8Array => Uint8Array.from({ length: octets }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

  test.each([
    [4096, 131_072],
    [4096, 4096],
    [8192, 10_000],
  ])("are split again between a client's frame-max %i and a broker's %i", async (frameMax, brokers) => {
    await start({ frameMax: brokers });
    const { peer, upstream } = await both(await client(), { frameMax });
    const content = body(300_001);
    peer.writer.publish(1, new Basic.Publish({ routingKey: "q" }), { messageId: "1" }, content);
    peer.wire.write(peer.writer.flush());
    expect((await upstream.expect("Basic.Publish")).routingKey).toBe("q");
    const before = upstream.sizes.length;
    expect((await upstream.expect("ContentHeader")).bodySize).toBe(content.length);
    expect((await gathered(upstream, content.length)).equals(content)).toBe(true);
    expect(Math.max(...upstream.sizes.slice(before - 1))).toBeLessThanOrEqual(brokers);

    upstream.writer.frameMax = brokers;
    upstream.writer.publish(1, deliver(1), { messageId: "2" }, content);
    upstream.wire.write(upstream.writer.flush());
    await peer.expect("Basic.Deliver");
    await peer.expect("ContentHeader");
    expect((await gathered(peer, content.length)).equals(content)).toBe(true);
    // As few frames as there can be: each but the last is full.
    const frames = peer.frames.flatMap(({ name }, i) => (name === "ContentBody" ? [peer.sizes[i]!] : []));
    expect(frames.length).toBe(Math.ceil(content.length / (frameMax - 8)));
    expect(Math.max(...frames)).toBe(frameMax);
  });

  test("a content header that a client's frame-max cannot hold closes that connection with both sizes", async () => {
    await start();
    const { peer, upstream } = await both(await client(), { frameMax: 4096 });
    upstream.send(deliver(1), 1);
    upstream.send(new ContentHeader({ bodySize: 0, properties: { headers: { long: "x".repeat(5000) } } }), 1);
    await peer.expect("Basic.Deliver");
    const close = await peer.expect("Connection.Close");
    expect(close).toMatchObject({ replyCode: 501 });
    expect(close.replyText).toMatch(/50\d\d octets.*4096/);
    expect(await upstream.expect("Connection.Close")).toMatchObject({ replyCode: 501 });
  });

  test("a body over the limit is refused at its header, before an octet of it", async () => {
    await start({}, { limits: { maxBodySize: 1000 } });
    const { peer, upstream } = await both(await client());
    peer.send(new Basic.Publish(), 1);
    peer.send(new ContentHeader({ bodySize: 2n ** 63n }), 1);
    const close = await peer.expect("Connection.Close");
    expect([close.replyCode, close.replyText]).toEqual([501, expect.stringContaining("9223372036854775808")]);
    await upstream.expect("Basic.Publish");
    expect((await upstream.next()).name).toBe("Connection.Close");
  });

  test("a WebSocket message need not be one frame, in either direction", async () => {
    await start();
    const { peer, upstream } = await both(await webSocketPeer(running.url, ["amqp091"]));
    expect(peer.socket.protocol).toBe("amqp091");
    peer.writer.publish(1, new Basic.Publish({ routingKey: "a" }), {}, body(10));
    peer.writer.publish(1, new Basic.Publish({ routingKey: "b" }), {}, body(20));
    const octets = peer.writer.flush();
    for (let at = 0; at < octets.length; at += 3) peer.wire.write(octets.subarray(at, at + 3));
    const names = [];
    for (let i = 0; i < 6; i++) names.push((await upstream.next()).name);
    expect(names.join()).toBe("Basic.Publish,ContentHeader,ContentBody,Basic.Publish,ContentHeader,ContentBody");
    const before = peer.messages.length;
    upstream.writer.publish(1, deliver(1), {}, body(10));
    upstream.writer.publish(1, deliver(2), {}, body(10));
    upstream.wire.write(upstream.writer.flush());
    for (let i = 0; i < 6; i++) await peer.next();
    expect(peer.messages.length - before).toBe(1);
  });

  test("one frame a message, where that is asked for", async () => {
    await start({}, { oneFrameAMessage: true });
    const { peer, upstream } = await both(await webSocketPeer(running.url));
    const before = peer.messages.length;
    upstream.writer.publish(1, deliver(1), {}, body(10));
    upstream.wire.write(upstream.writer.flush());
    for (let i = 0; i < 3; i++) await peer.next();
    expect(peer.messages.slice(before)).toEqual(peer.sizes.slice(-3));
  });

  async function gathered(peer: Peer, octets: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for (let count = 0; count < octets;) {
      const part = await peer.expect("ContentBody");
      parts.push(part.value.slice());
      count += part.length;
    }
    return Buffer.concat(parts);
  }
});
