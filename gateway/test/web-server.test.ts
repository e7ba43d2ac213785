/** What the HTTP port serves, and whom it lets in. */
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { webSocketPeer } from "./support/peer.js";
import { startGateway, type Running } from "./support/running.js";
import { scriptedBroker, throughChannel, type ScriptedBroker } from "./support/scripted-broker.js";

let broker: ScriptedBroker;
let running: Running;

beforeAll(async () => {
  broker = await scriptedBroker();
  running = await startGateway(broker.port, { origins: ["https://allowed.example"] });
});
afterAll(async () => {
  await broker.close();
  await running.stop();
});

/** The status that an attempt to open a WebSocket is answered with. */
function status(headers: Record<string, string>, protocols: string[] = ["amqp"], path = "/"): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${running.web}${path}`, protocols, { headers });
    socket.on("open", () => {
      resolve(101);
      socket.terminate();
    });
    socket.on("unexpected-response", (_, response) => resolve(response.statusCode!));
    socket.on("error", () => {});
  });
}

describe("origins", () => {
  test.each([
    ["a program, which names none", {}, 101],
    ["our own page", { origin: "http://127.0.0.1:PORT" }, 101],
    ["an origin that is allowed", { origin: "https://allowed.example" }, 101],
    ["another page", { origin: "https://evil.example" }, 403],
    ["another port of this machine", { origin: "http://127.0.0.1:1" }, 403],
    ["a page of nowhere", { origin: "null" }, 403],
    [
      "a name of somebody else's that points here",
      { origin: "http://evil.example:PORT", host: "evil.example:PORT" },
      403,
    ],
    ["that name without an origin", { host: "evil.example:PORT" }, 403],
  ])("%s", async (_, headers, expected) => {
    const filled = Object.entries(headers).map(([name, value]) => [name, value.replace("PORT", String(running.web))]);
    expect(await status(Object.fromEntries(filled) as Record<string, string>)).toBe(expected);
  });
});

test("sub-protocols: amqp and amqp091, or none; no others, and no other path", async () => {
  expect(await status({}, ["amqp"])).toBe(101);
  expect(await status({}, ["other", "amqp091"])).toBe(101);
  expect(await status({}, [])).toBe(101);
  expect(await status({}, ["mqtt"])).toBe(400);
  expect(await status({}, ["amqp"], "/elsewhere")).toBe(404);
});

test("/healthz, /metrics, and nothing else without a page", async () => {
  const at = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${running.web}${path}`, init);
  expect(await (await at("/healthz")).text()).toBe("ok\n");
  expect((await at("/")).status).toBe(404);
  expect((await at("/metrics", { method: "POST" })).status).toBe(405);
  const peer = await webSocketPeer(running.url);
  await peer.open();
  await throughChannel(peer, broker.peers.at(-1)!, 1);
  const response = await at("/metrics");
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  const samples = new Map<string, number>();
  for (const line of text.trim().split("\n")) {
    if (line.startsWith("#")) {
      expect(line).toMatch(/^# (HELP \w+ .+|TYPE \w+ (counter|gauge))$/);
      continue;
    }
    const [, name, value] = /^(\w+(?:\{\w+="\w*"(?:,\w+="\w*")*\})?) (\d+(?:\.\d+)?)$/.exec(line) ?? [];
    expect(name, line).toBeDefined();
    samples.set(name!, Number(value));
  }
  expect(samples.get("amqp_gateway_connections")).toBe(1);
  expect(samples.get('amqp_gateway_connections_total{transport="websocket"}')).toBeGreaterThan(0);
  expect(samples.get('amqp_gateway_frames_total{direction="up"}')).toBeGreaterThanOrEqual(5);
  expect(samples.get("amqp_gateway_rejected_total")).toBeGreaterThan(0);
  peer.wire.destroy();
});

test.each(["//", "//[", "http://[/", "*", "/%zz", "?", "/healthz/../"])("a target that is none: %s", async (path) => {
  const code = await new Promise<number>((resolve, reject) => {
    const options = { port: running.web, host: "127.0.0.1", path };
    const sent = request(options, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    sent.on("error", reject).end();
  });
  expect([400, 404]).toContain(code);
  const upgrade = {
    connection: "upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
  };
  const refused = await new Promise<number>((resolve, reject) => {
    const sent = request({ port: running.web, host: "127.0.0.1", path, headers: upgrade }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    sent.on("error", reject).end();
  });
  expect([400, 404]).toContain(refused);
  expect(await (await fetch(`http://127.0.0.1:${running.web}/healthz`)).text()).toBe("ok\n");
});
