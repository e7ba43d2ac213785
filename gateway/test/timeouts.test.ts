/** Heartbeats, timeouts and deadlines, on a clock that goes on when the test says so. */
import { Basic, Channel, Connection, ContentBody, ContentHeader, Heartbeat, marshal } from "amqp-wasm";
import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { header, startOk, tcpPeer, webSocketPeer, type Peer } from "./support/peer.js";
import { startGateway, TestClock, type Running } from "./support/running.js";
import { scriptedBroker, throughChannel, type Script, type ScriptedBroker } from "./support/scripted-broker.js";
import type { Limits } from "../src/limits.js";

let broker: ScriptedBroker;
let running: Running;
let clock: TestClock;
const peers: Peer[] = [];

async function start(script: Script = {}, limits: Partial<Limits> = {}): Promise<void> {
  clock = new TestClock();
  broker = await scriptedBroker(script);
  running = await startGateway(broker.port, { clock, limits: { heartbeat: 0, upstreamHeartbeat: 60, ...limits } });
}

async function client(come = tcpPeer(running.port)): Promise<Peer> {
  const peer = await come;
  peers.push(peer);
  return peer;
}

async function opened(
  heartbeat: number,
  come = (): Promise<Peer> => tcpPeer(running.port),
): Promise<{ peer: Peer; upstream: Peer }> {
  const peer = await client(come());
  await peer.open({ heartbeat });
  const upstream = broker.peers.at(-1)!;
  await throughChannel(peer, upstream, 1);
  return { peer, upstream };
}

const beats = (peer: Peer): number => peer.frames.filter(({ name }) => name === "Heartbeat").length;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.wire.destroy();
  await broker.close();
  await running.stop();
});

test("each side gets heartbeats at half of its own interval, and none goes through", async () => {
  await start({ heartbeat: 20 });
  const { peer, upstream } = await opened(4);
  clock.pass(2000);
  await until(() => beats(peer) === 1);
  expect(beats(upstream)).toBe(0);
  peer.send(new Heartbeat());
  upstream.send(new Heartbeat());
  // Behind the heartbeats, so that they have arrived when it has.
  peer.send(new Channel.Flow({ active: true }), 1);
  await upstream.expect("Channel.Flow");
  upstream.send(new Channel.FlowOk({ active: true }), 1);
  await peer.expect("Channel.FlowOk");
  expect([beats(peer), beats(upstream)]).toEqual([1, 0]);
  for (let second = 0; second < 10; second++) {
    clock.pass(1000);
    peer.send(new Channel.Flow({ active: true }), 1);
    await upstream.expect("Channel.Flow");
    upstream.send(new Heartbeat());
    await until(() => running.gateway.counters.down.frames >= 7 + second);
  }
  // What goes to the broker anyway makes its heartbeats needless; the client got nothing else.
  expect(beats(upstream)).toBe(0);
  await until(() => beats(peer) === 6);
});

test("a client that sends nothing for twice its interval is gone; the broker is told", async () => {
  await start();
  const { peer, upstream } = await opened(5);
  clock.pass(9750);
  expect(running.lines.some(({ event }) => event === "client-silent")).toBe(false);
  clock.pass(250);
  await running.logged("client-silent");
  expect((await upstream.expect("Connection.Close")).replyText).toMatch(/the client sent nothing for 10 s/);
  await peer.untilClosed();
});

test("a broker that sends nothing for twice its interval is gone; the client is told", async () => {
  await start({ heartbeat: 5 });
  const { peer } = await opened(0);
  clock.pass(10_000);
  const close = await peer.expect("Connection.Close");
  expect([close.replyCode, close.replyText]).toEqual([320, expect.stringMatching(/the broker sent nothing for 10 s/)]);
});

test("heartbeats that are off on both sides: an idle connection stays", async () => {
  await start({ heartbeat: 0 });
  const { peer, upstream } = await opened(0);
  clock.pass(24 * 3600 * 1000);
  peer.send(new Channel.Flow({ active: true }), 1);
  await upstream.expect("Channel.Flow");
  expect([beats(peer), beats(upstream)]).toEqual([0, 0]);
});

test("a client that says nothing is dropped after the handshake time, whichever way it came", async () => {
  await start({}, { handshakeTime: 7 });
  const silent = await client();
  const seven = await client();
  seven.wire.write(header.subarray(0, 7));
  const web = await client(webSocketPeer(running.url));
  await until(() => running.gateway.counters.connections === 3 && running.gateway.counters.up.octets === 7);
  clock.pass(6750);
  expect(running.lines.some(({ event }) => event === "handshake-timeout")).toBe(false);
  clock.pass(250);
  for (const peer of [silent, seven, web]) await peer.untilClosed();
  expect(running.lines.filter(({ event }) => event === "handshake-timeout")).toHaveLength(3);
});

test("a handshake that stops half-way is closed with words for who did not go on", async () => {
  await start();
  const slow = await client();
  slow.wire.write(header);
  await slow.expect("Connection.Start");
  clock.pass(10_000);
  expect((await slow.expect("Connection.Close")).replyText).toMatch(/waited for the client/);
});

test("a broker that does not go on with the handshake is named in the client's close", async () => {
  await start({ silent: true });
  const peer = await client();
  const accepted = broker.accepted();
  peer.wire.write(header);
  await accepted;
  await broker.peers[0]!.expect("ProtocolHeader");
  clock.pass(10_000);
  expect((await peer.expect("Connection.Close")).replyText).toMatch(/waited for the upstream/);
});

test("a client that does not answer a close is dropped after the close time", async () => {
  await start({}, { closeTime: 3 });
  const { peer, upstream } = await opened(0);
  upstream.send(new Connection.Close({ replyCode: 320, replyText: "bye", classId: 0, methodId: 0 }));
  await peer.expect("Connection.Close");
  await until(() => upstream.closed || upstream.ended);
  clock.pass(2750);
  expect(peer.ended).toBe(false);
  clock.pass(250);
  await peer.untilClosed();
});

describe.each<[string, () => Promise<Peer>]>([
  ["TCP", () => tcpPeer(running.port)],
  ["WebSocket", () => webSocketPeer(running.url)],
])("a peer that takes nothing, over %s", (_, come) => {
  /** More than all buffers on the way take; answers when nothing moves any more. */
  async function flood(from: Peer, method: Basic.Deliver | Basic.Publish): Promise<void> {
    from.send(method, 1);
    from.send(new ContentHeader({ bodySize: 400 * 131_000 }), 1);
    for (let i = 0; i < 400; i++) from.wire.write(marshal(new ContentBody(new Uint8Array(131_000)), 1));
    for (let still = 0, last = -1; still < 300; last = running.gateway.buffered) {
      await setImmediate();
      still = last > 1000 && last === running.gateway.buffered ? still + 1 : 0;
    }
  }
  const deliver = new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "" });
  const said = (events: string[]): string[] =>
    running.lines.filter(({ event }) => events.includes(event)).map(({ text }) => text);

  async function goesOn({ peer, upstream }: { peer: Peer; upstream: Peer }): Promise<void> {
    peer.send(new Channel.Flow({ active: true }), 1);
    await upstream.expect("Channel.Flow");
  }

  test("a client is dropped after the stall time, the broker is told, and others go on", async () => {
    await start({}, { stallTime: 5, maxBuffered: 1000 });
    const other = await opened(0);
    const { peer, upstream } = await opened(0, come);
    peer.wire.pause();
    await flood(upstream, deliver);
    clock.pass(4750);
    expect(said(["client-silent", "closed"])).toEqual([]);
    clock.pass(250);
    const line = await running.logged("client-silent");
    expect(line.level).toBe("warning");
    expect(line.text).toMatch(/^the client took nothing for 5 s while \d+ octets were waiting for it$/);
    expect(await upstream.expect("Connection.Close")).toMatchObject({
      replyCode: 320,
      replyText: expect.stringContaining("took nothing for 5 s") as string,
    });
    upstream.send(new Connection.CloseOk());
    peer.wire.resume();
    await peer.untilClosed();
    expect((await running.logged("closed")).fields["reason"]).toBe(line.text);
    expect(running.gateway.counters.connections).toBe(1);
    expect(running.gateway.buffered).toBe(0);
    await goesOn(other);
  });

  test("a client may take as long as it likes without a stall time", async () => {
    await start({}, { stallTime: 0, maxBuffered: 1000 });
    const { peer, upstream } = await opened(0, come);
    peer.wire.pause();
    await flood(upstream, deliver);
    clock.pass(3_600_000);
    expect(said(["client-silent", "closed"])).toEqual([]);
    peer.wire.resume();
    await peer.expect("Basic.Deliver");
    await peer.expect("ContentHeader");
    for (let octets = 0; octets < 400 * 131_000;) octets += (await peer.expect("ContentBody")).length;
  });

  test("a broker is given up after the stall time, its client is told, and others go on", async () => {
    await start({}, { stallTime: 5, maxBuffered: 1000 });
    const other = await opened(0);
    const { peer, upstream } = await opened(0, come);
    upstream.wire.pause();
    await flood(peer, new Basic.Publish());
    clock.pass(5000);
    const line = await running.logged("upstream-gone");
    expect(line.text).toMatch(/^the broker took nothing for 5 s while \d+ octets were waiting for it$/);
    const { replyCode, replyText } = await peer.expect("Connection.Close");
    expect([replyCode, replyText]).toEqual([320, `CONNECTION_FORCED - ${line.text}`]);
    await goesOn(other);
  });
});

test("what the handshake of one leaves open does not hold up others", async () => {
  await start();
  const slow = await client();
  slow.wire.write(header);
  await slow.expect("Connection.Start");
  slow.send(startOk());
  const { peer, upstream } = await opened(0);
  peer.send(new Channel.Flow({ active: true }), 1);
  await upstream.expect("Channel.Flow");
});
