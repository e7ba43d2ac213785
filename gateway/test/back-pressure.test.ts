/** A peer that does not read holds the other back; the gateway holds no more than it says. */
import { setImmediate } from "node:timers/promises";
import { Basic, ContentBody, ContentHeader, marshal } from "amqp-wasm";
import { afterEach, expect, test } from "vitest";
import { tcpPeer, webSocketPeer, type Peer } from "./support/peer.js";
import { startGateway, type Running } from "./support/running.js";
import { scriptedBroker, throughChannel, type ScriptedBroker } from "./support/scripted-broker.js";

let broker: ScriptedBroker;
let running: Running;
const peers: Peer[] = [];

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.wire.destroy();
  await broker.close();
  await running.stop();
});

const FRAME = 65_536;
const FRAMES = 800;
const BOUND = 500_000;
/** What a socket may hand over in one go, and the frame that was cut before it. */
const SLACK = 65_536 + 131_072;

async function start(come: () => Promise<Peer>, bound = BOUND): Promise<{ client: Peer; upstream: Peer }> {
  broker = await scriptedBroker();
  running = await startGateway(broker.port, { limits: { maxBuffered: bound } });
  const client = await come();
  peers.push(client);
  await client.open();
  const upstream = broker.peers.at(-1)!;
  await throughChannel(client, upstream, 1);
  return { client, upstream };
}

/** Content of many frames, numbered, as far as the other end takes it. */
function* content(method: Basic.Publish | Basic.Deliver): Generator<Uint8Array> {
  yield marshal(method, 1);
  yield marshal(new ContentHeader({ bodySize: FRAME * FRAMES }), 1);
  for (let number = 0; number < FRAMES; number++)
    yield marshal(new ContentBody(new Uint8Array(FRAME).fill(number & 0xff)), 1);
}

async function heldBack(): Promise<number> {
  let most = 0;
  let still = 0;
  let last = -1;
  while (still < 200) {
    await setImmediate();
    most = Math.max(most, running.gateway.buffered);
    const { up, down } = running.gateway.counters;
    still = last === up.octets + down.octets && running.gateway.counters.heldBack > 0 ? still + 1 : 0;
    last = up.octets + down.octets;
  }
  return most;
}

async function allArrives(reader: Peer, first: string): Promise<void> {
  await reader.expect(first as "Basic.Deliver");
  await reader.expect("ContentHeader");
  let octets = 0;
  while (octets < FRAME * FRAMES) {
    const { value } = await reader.expect("ContentBody");
    // Frames may have been split again; every octet tells which it belonged to.
    expect(value[0]).toBe(Math.floor(octets / FRAME) & 0xff);
    octets += value.length;
  }
}

const ways: [string, () => Promise<Peer>][] = [
  ["a TCP client", () => tcpPeer(running.port)],
  ["a WebSocket client", () => webSocketPeer(running.url)],
];

test.each(ways)("%s that does not read: the broker is held back, and all arrives later", async (_, come) => {
  const { client, upstream } = await start(come);
  client.wire.pause();
  for (const octets of content(new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "" })))
    upstream.wire.write(octets);
  const most = await heldBack();
  expect(running.gateway.counters.heldBack).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(BOUND + SLACK);
  // Most of it is still with the broker.
  expect(running.gateway.counters.down.octets).toBeLessThan((FRAME * FRAMES) / 2);
  client.wire.resume();
  await allArrives(client, "Basic.Deliver");
  expect(running.gateway.buffered).toBe(0);
});

test.each(ways)("a broker that does not read: %s is held back, and all arrives later", async (_, come) => {
  const { client, upstream } = await start(come);
  upstream.wire.pause();
  for (const octets of content(new Basic.Publish())) client.wire.write(octets);
  const most = await heldBack();
  expect(most).toBeLessThanOrEqual(BOUND + SLACK);
  expect(running.gateway.counters.up.octets).toBeLessThan((FRAME * FRAMES) / 2);
  upstream.wire.resume();
  await allArrives(upstream, "Basic.Publish");
});

test.each(ways)("while %s does not read, others go on", async (_, come) => {
  const { client, upstream } = await start(come);
  client.wire.pause();
  for (const octets of content(new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "" })))
    upstream.wire.write(octets);
  await heldBack();
  const other = await come();
  peers.push(other);
  await other.open();
  await throughChannel(other, broker.peers.at(-1)!, 1);
  broker.peers
    .at(-1)!
    .writer.publish(
      1,
      new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "" }),
      {},
      new Uint8Array(1_000_000),
    );
  broker.peers.at(-1)!.wire.write(broker.peers.at(-1)!.writer.flush());
  await other.expect("Basic.Deliver");
  await other.expect("ContentHeader");
  for (let octets = 0; octets < 1_000_000;) octets += (await other.expect("ContentBody")).length;
});

test("a bound of 0 holds back at every octet that is not taken at once, and loses nothing", async () => {
  const { client, upstream } = await start(() => tcpPeer(running.port), 0);
  for (const octets of content(new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "" })))
    upstream.wire.write(octets);
  await allArrives(client, "Basic.Deliver");
});
