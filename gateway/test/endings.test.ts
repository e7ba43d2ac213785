/** How connections end: killed clients, a broker that is gone and comes back, and the gateway's own stop. */
import { spawn, type ChildProcess } from "node:child_process";
import { connect, createServer, type Server } from "node:net";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Basic, Connection, Queue, type Frame } from "amqp-wasm";
import { afterEach, describe, expect, test } from "vitest";
import { embedded } from "../src/broker-link.js";
import { Broker } from "../src/broker/index.js";
import { header, startOk, tcpPeer, webSocketPeer, type Peer } from "./support/peer.js";
import { startGateway, type Running } from "./support/running.js";
import { scriptedBroker, throughChannel, type Script, type ScriptedBroker } from "./support/scripted-broker.js";

let broker: ScriptedBroker;
let running: Running;
const peers: Peer[] = [];

async function start(script: Script = {}, options: Parameters<typeof startGateway>[1] = {}): Promise<void> {
  broker = await scriptedBroker(script);
  running = await startGateway(broker.port, options);
}

const ways: [string, () => Promise<Peer>][] = [
  ["TCP", () => tcpPeer(running.port)],
  ["WebSocket", () => webSocketPeer(running.url)],
];

async function opened(come = ways[0]![1]): Promise<{ client: Peer; upstream: Peer }> {
  const client = await come();
  peers.push(client);
  await client.open();
  const upstream = broker.peers.at(-1)!;
  await throughChannel(client, upstream, 1);
  return { client, upstream };
}

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.wire.destroy();
  await broker.close();
  await running.stop();
});

/** A publish of which only the method and the header go out. */
function halfAPublish(peer: Peer): void {
  peer.send(new Basic.Publish(), 1);
}

const close = (replyCode: number, replyText: string): Frame =>
  new Connection.Close({ replyCode, replyText, classId: 0, methodId: 0 });

describe.each(ways)("over %s", (_, come) => {
  test("a client's close is passed on, and answered when the broker has answered", async () => {
    await start();
    const { client, upstream } = await opened(come);
    client.send(close(200, "bye"));
    expect(await upstream.expect("Connection.Close")).toMatchObject({ replyCode: 200, replyText: "bye" });
    expect(client.ended).toBe(false);
    upstream.send(new Connection.CloseOk());
    await client.expect("Connection.CloseOk");
    await client.untilEnd();
    await upstream.untilEnd();
    expect((await running.logged("closed")).fields["reason"]).toBe("closed by the client");
  });

  test("a broker's close is passed on with all that came before it", async () => {
    await start();
    const { client, upstream } = await opened(come);
    upstream.writer.publish(
      1,
      new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "" }),
      {},
      new Uint8Array(10),
    );
    upstream.writer.write(close(320, "CONNECTION_FORCED - shut down"), 0);
    upstream.wire.write(upstream.writer.flush());
    for (const name of ["Basic.Deliver", "ContentHeader", "ContentBody"] as const) await client.expect(name);
    expect(await client.expect("Connection.Close")).toMatchObject({
      replyCode: 320,
      replyText: "CONNECTION_FORCED - shut down",
    });
    await upstream.expect("Connection.CloseOk");
    client.send(new Connection.CloseOk());
    await client.untilEnd();
  });

  test("both close at once: both are answered", async () => {
    await start();
    const { client, upstream } = await opened(come);
    client.send(close(200, "bye"));
    upstream.send(close(320, "bye, too"));
    await upstream.untilEnd();
    await client.untilEnd();
    expect(upstream.frames.map(({ name }) => name)).toContain("Connection.CloseOk");
    expect(client.frames.some(({ name }) => name === "Connection.CloseOk" || name === "Connection.Close")).toBe(true);
  });

  test.each(["destroy", "reset"] as const)(
    "a killed client (%s): the broker is told in an orderly way, even in the middle of content, and others go on",
    async (kill) => {
      await start();
      const { client, upstream } = await opened(come);
      const id = running.lines.at(-1)!.fields["connection"];
      const other = await opened(come);
      halfAPublish(client);
      await upstream.expect("Basic.Publish");
      client.wire[kill]();
      expect(await upstream.expect("Connection.Close")).toMatchObject({
        replyCode: 320,
        replyText: expect.stringMatching(/the client went away/) as string,
      });
      upstream.send(new Connection.CloseOk());
      await upstream.untilEnd();
      expect(await running.logged("closed")).toMatchObject({
        level: "info",
        fields: { connection: id, reason: expect.stringMatching(/^the client went away/) as string },
      });
      const { connections, refused, upstreamFailures } = running.gateway.counters;
      expect([connections, refused.size, upstreamFailures]).toEqual([1, 0, 0]);
      await throughChannel(other.client, other.upstream, 2);
      expect(other.upstream.frames.some(({ name }) => name === "Connection.Close")).toBe(false);
    },
  );

  test("a killed broker: clients get 320 with words for it, and new ones work when it is back", async () => {
    await start();
    const { port } = broker;
    const { client } = await opened(come);
    await broker.close();
    const forced = await client.expect("Connection.Close");
    expect([forced.replyCode, forced.replyText]).toEqual([320, "CONNECTION_FORCED - the broker went away"]);
    client.send(new Connection.CloseOk());
    await client.untilEnd();
    expect(await running.logged("upstream-gone")).toMatchObject({ level: "error", text: "the broker went away" });
    expect((await running.logged("closed")).fields["reason"]).toBe("the broker went away");
    expect(running.gateway.counters.connections).toBe(0);

    const early = await come();
    peers.push(early);
    early.wire.write(header);
    const refused = await early.expect("Connection.Close");
    expect([refused.replyCode, refused.replyText]).toEqual([320, "CONNECTION_FORCED - the broker cannot be reached"]);
    // Where it is that cannot be reached is for the log alone.
    expect(running.lines.some(({ event, text }) => event === "upstream-gone" && text.includes("ECONNREFUSED"))).toBe(
      true,
    );

    broker = await scriptedBroker({ port });
    const { client: again } = await opened(come);
    expect(again.frames.at(-1)!.name).toBe("Channel.OpenOk");
    expect(running.gateway.counters.upstreamFailures).toBe(2);
  });
});

describe.each(ways)("a broker that is a process of its own, over %s", (_, come) => {
  const module = pathToFileURL(fileURLToPath(new URL("../dist/broker.js", import.meta.url))).href;
  const script = `import { startBroker } from ${JSON.stringify(module)};
    const broker = await startBroker({ port: Number(process.argv[1]), log() {} });
    console.log(broker.port);`;
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });
  async function brokerProcess(at = 0): Promise<{ child: ChildProcess; port: number }> {
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, String(at)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const port = await new Promise<number>((resolve) => child.stdout.once("data", (text) => resolve(Number(text))));
    return { child, port };
  }
  async function ready(): Promise<Peer> {
    const client = await come();
    peers.push(client);
    await client.open();
    await client.openChannel(1);
    return client;
  }

  test("is killed and started again: every client is told 320, and the next ones work", async () => {
    broker = await scriptedBroker();
    const { child, port } = await brokerProcess();
    running = await startGateway(port);
    const clients: Peer[] = [];
    for (let i = 0; i < 20; i++) clients.push(await ready());
    halfAPublish(clients[0]!);
    child.kill("SIGKILL");
    for (const client of clients) {
      const { replyCode, replyText } = await client.expect("Connection.Close");
      expect([replyCode, replyText]).toEqual([320, "CONNECTION_FORCED - the broker went away"]);
      client.send(new Connection.CloseOk());
      await client.untilEnd();
    }
    while (running.gateway.counters.connections > 0) await setImmediate();
    const events = (event: string): number => running.lines.filter((line) => line.event === event).length;
    expect([events("upstream-gone"), events("closed")]).toEqual([20, 20]);
    expect(running.gateway.buffered).toBe(0);

    await brokerProcess(port);
    const again = await ready();
    again.send(new Queue.Declare({ exclusive: true }), 1);
    const { queue } = await again.expect("Queue.DeclareOk");
    again.send(new Basic.Consume({ queue: String(queue), noAck: true }), 1);
    await again.expect("Basic.ConsumeOk");
    again.writer.publish(1, new Basic.Publish({ routingKey: String(queue) }), {}, Buffer.from("again"));
    again.wire.write(again.writer.flush());
    await again.expect("Basic.Deliver");
    await again.expect("ContentHeader");
    expect(Buffer.from((await again.expect("ContentBody")).value).toString()).toBe("again");
  });
});

test("a broker that is reset in the middle of a frame: what was not whole is not passed on", async () => {
  await start();
  const { client, upstream } = await opened();
  upstream.writer.publish(
    1,
    new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "" }),
    {},
    new Uint8Array(1000),
  );
  upstream.wire.write(upstream.writer.flush().subarray(0, -1));
  await client.expect("Basic.Deliver");
  await client.expect("ContentHeader");
  upstream.wire.destroy();
  expect((await client.expect("Connection.Close")).replyCode).toBe(320);
});

test("a broker that closes the line in the handshake, as some do after a wrong password, is told apart", async () => {
  await start({ silent: true });
  const client = await tcpPeer(running.port);
  peers.push(client);
  const accepted = broker.accepted();
  client.wire.write(header);
  const upstream = await accepted;
  await upstream.expect("ProtocolHeader");
  upstream.wire.end();
  expect((await client.expect("Connection.Close")).replyText).toMatch(/the broker went away/);
});

test("what listens at the upstream's address but is no broker gives 541", async () => {
  broker = await scriptedBroker();
  const web: Server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  running = await startGateway((web.address() as { port: number }).port);
  const client = await tcpPeer(running.port);
  client.wire.write(header);
  expect((await client.expect("Connection.Close")).replyCode).toBe(541);
  client.wire.destroy();
  web.close();
});

describe("stop", () => {
  test("tells all clients 320, waits for their answers, tells the broker, and listens no more", async () => {
    await start({}, { limits: { closeTime: 20 } });
    const pairs = [await opened(), await opened(ways[1]![1])];
    const half = await tcpPeer(running.port);
    peers.push(half);
    half.wire.write(header);
    await half.expect("Connection.Start");
    half.send(startOk());
    let stopped = false;
    const stop = running.gateway.stop("maintenance").then(() => (stopped = true));
    for (const { client, upstream } of pairs) {
      const forced = await client.expect("Connection.Close");
      expect([forced.replyCode, forced.replyText]).toEqual([320, "CONNECTION_FORCED - maintenance"]);
      expect((await upstream.expect("Connection.Close")).replyCode).toBe(320);
      upstream.send(new Connection.CloseOk());
    }
    expect(stopped).toBe(false);
    for (const { client } of pairs) client.send(new Connection.CloseOk());
    half.wire.destroy();
    broker.peers.at(-1)!.wire.destroy();
    await stop;
    for (const { client } of pairs) await client.untilEnd();
    await expect(tcpPeer(running.port)).rejects.toThrow("ECONNREFUSED");
    await expect(webSocketPeer(running.url)).rejects.toThrow("ECONNREFUSED");
  });

  test("what a client had sent before it was told has gone to the broker", async () => {
    await start({}, { limits: { closeTime: 20 } });
    const { client, upstream } = await opened();
    client.writer.publish(1, new Basic.Publish({ routingKey: "last" }), {}, new Uint8Array(300_000));
    client.wire.write(client.writer.flush());
    await upstream.expect("Basic.Publish");
    await upstream.expect("ContentHeader");
    for (let octets = 0; octets < 300_000;) octets += (await upstream.expect("ContentBody")).length;
    const stop = running.gateway.stop();
    await client.expect("Connection.Close");
    client.send(new Connection.CloseOk());
    await upstream.expect("Connection.Close");
    upstream.send(new Connection.CloseOk());
    await stop;
  });

  test("a client that does not answer holds it up for the close time and no longer", async () => {
    await start({}, { limits: { closeTime: 1 } });
    const { client } = await opened();
    const before = performance.now();
    await running.gateway.stop();
    expect(performance.now() - before).toBeLessThan(5000);
    await client.untilClosed();
  });
});

describe("limits in all", () => {
  test("more clients than are allowed are turned away at once, over both ports, and say why", async () => {
    await start({}, { limits: { maxConnections: 2 } });
    const { client } = await opened();
    await opened(ways[1]![1]);
    const third = connect(running.port, "127.0.0.1");
    third.on("error", () => {});
    await new Promise((resolve) => third.once("close", resolve));
    await expect(webSocketPeer(running.url)).rejects.toThrow("503");
    expect(running.gateway.counters.rejected).toBe(2);
    expect(running.lines.filter(({ event }) => event === "rejected")).toHaveLength(2);
    client.wire.destroy();
    await running.logged("closed");
    const { client: again } = await opened();
    expect(again.ended).toBe(false);
  });

  test("1,000 connections at once, each of which gets its own messages", async () => {
    await start();
    const pairs: { client: Peer; upstream: Peer }[] = [];
    for (let i = 0; i < 1000; i++) pairs.push(await opened(ways[i % 2]![1]));
    expect(running.gateway.counters.connections).toBe(1000);
    for (const [i, { client, upstream }] of pairs.entries()) {
      client.writer.publish(1, new Basic.Publish({ routingKey: `up ${i}` }), {}, Buffer.from(`${i}`));
      client.wire.write(client.writer.flush());
      upstream.writer.publish(
        1,
        new Basic.Deliver({ consumerTag: "", deliveryTag: 1, routingKey: `down ${i}` }),
        {},
        Buffer.from(`${i}`),
      );
      upstream.wire.write(upstream.writer.flush());
    }
    for (const [i, { client, upstream }] of pairs.entries()) {
      expect((await upstream.expect("Basic.Publish")).routingKey).toBe(`up ${i}`);
      expect((await client.expect("Basic.Deliver")).routingKey).toBe(`down ${i}`);
    }
  });

  test("1,000 clients that come at the same moment are served, and leave nothing behind when all are killed", async () => {
    broker = await scriptedBroker();
    running = await startGateway(0, {
      upstream: embedded(new Broker({ log: () => undefined, handshakeTimeout: 60_000 })),
      limits: { handshakeTime: 60 },
    });
    const other = await tcpPeer(running.port);
    peers.push(other);
    await other.open();
    const clients = await Promise.all(
      Array.from({ length: 1000 }, async (_, i) => {
        const client = await ways[i % 2]![1]();
        peers.push(client);
        await client.open();
        await client.openChannel(1);
        client.send(new Queue.Declare({ queue: `own ${i}`, exclusive: true }), 1);
        await client.expect("Queue.DeclareOk");
        client.send(new Basic.Consume({ queue: `own ${i}`, noAck: true }), 1);
        await client.expect("Basic.ConsumeOk");
        return client;
      }),
    );
    const { counters } = running.gateway;
    expect([counters.connections, counters.tcp, counters.webSocket, counters.opened]).toEqual([1001, 501, 500, 1001]);
    // Each sends to its neighbour.
    for (const [i, client] of clients.entries()) {
      const routingKey = `own ${(i + 1) % 1000}`;
      client.writer.publish(1, new Basic.Publish({ routingKey }), {}, Buffer.from(`from ${i}`));
      client.wire.write(client.writer.flush());
    }
    for (const [i, client] of clients.entries()) {
      expect((await client.expect("Basic.Deliver")).routingKey).toBe(`own ${i}`);
      await client.expect("ContentHeader");
      expect(Buffer.from((await client.expect("ContentBody")).value).toString()).toBe(`from ${(i + 999) % 1000}`);
    }
    for (const client of clients) client.wire.destroy();
    while (counters.connections > 1) await setImmediate();
    const events = (event: string): number => running.lines.filter((line) => line.event === event).length;
    expect([events("open"), events("closed"), counters.refused.size, counters.rejected]).toEqual([1001, 1000, 0, 0]);
    expect(running.gateway.buffered).toBe(0);
    // Exclusive queues went with their connections.
    await other.openChannel(1);
    other.send(new Queue.Declare({ queue: "own 7", exclusive: true }), 1);
    expect(await other.expect("Queue.DeclareOk")).toMatchObject({ queue: "own 7", messageCount: 0 });
  });
});
