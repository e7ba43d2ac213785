/** The client example, against every broker there is: the embedded one, the same behind the gateway, RabbitMQ, and in Chromium over WebSocket. */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  Channel,
  Confirm,
  Connection,
  FrameReader,
  Heartbeat,
  marshal,
  Queue,
  type Frame,
  type Message,
} from "amqp-wasm";
import { build } from "esbuild";
import { chromium } from "playwright";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { launchOptions } from "../../../bench/chromium-launch.js";
import { Client, type ConnectOptions } from "../../../examples/client.js";
import { session } from "../../../examples/session.js";
import { tcp } from "../../../examples/socket.js";
import type { Transport } from "../../../examples/transport.js";
import { startInspected, type Inspected } from "../inspector/inspected.js";

const examples = join(import.meta.dirname, "../../../examples");
const rabbit = process.env["AMQP_WASM_BROKER"];
let inspected: Inspected;
beforeAll(async () => {
  inspected = await startInspected();
});
afterAll(() => inspected.stop());

const lines = [
  /^declared amq\.gen-/,
  'the broker has "one"',
  'the broker has "two"',
  'the broker has "drei 🐇"',
  'received "one", text/plain',
  'received "two", text/plain',
  'received "drei 🐇", text/plain',
  "not delivered: NO_ROUTE",
  "refused: NOT_FOUND - no queue 'no such queue' in vhost '/'",
  "closed",
];
/** Confirms and deliveries come in an order of their own. */
function expectLines(printed: readonly string[]): void {
  expect(printed[0]).toMatch(lines[0]!);
  expect([...printed.slice(1)].sort()).toEqual(lines.slice(1).sort());
  expect(printed.slice(-3)).toEqual(lines.slice(-3));
}

test("the client is under 200 lines", () => {
  expect(readFileSync(join(examples, "client.ts"), "utf8").split("\n").length).toBeLessThan(200);
});

const brokers: [name: string, skip: boolean, port: () => number, host: string | undefined][] = [
  ["the embedded broker", false, () => inspected.brokerPort!, undefined],
  ["the gateway before the embedded broker", false, () => inspected.tcpPort, undefined],
  [
    "RabbitMQ (AMQP_WASM_BROKER)",
    rabbit === undefined,
    () => Number(rabbit!.split(":").at(-1)),
    rabbit?.replace(/:\d+$/, ""),
  ],
];

describe.each(brokers)("the client example against %s", (_, skip, port, host = "127.0.0.1") => {
  let client: Client;
  const connect = async (options?: ConnectOptions): Promise<Client> =>
    (client = await Client.connect(await tcp(port(), host), options));
  afterEach(() => client?.close());

  test.skipIf(skip)("declares, publishes, consumes, acknowledges, closes", async () => {
    const printed: string[] = [];
    await session(await connect(), (line) => printed.push(line));
    expectLines(printed);
  });

  test.skipIf(skip)("confirms a thousand messages that were sent at once, in their order", async () => {
    const channel = await (await connect()).openChannel();
    const queue = String((await channel.declare({ exclusive: true })).queue);
    const bodies = Array.from({ length: 1000 }, (__, i) => Uint8Array.of(i >> 8, i & 255));
    await Promise.all(bodies.map((body) => channel.publish({ routingKey: queue }, {}, body)));
    const received: number[] = [];
    await new Promise<void>((resolve, reject) => {
      const take = (message: Message): void => {
        received.push((message.body[0]! << 8) | message.body[1]!);
        channel.ack(message);
        if (received.length === bodies.length) resolve();
      };
      channel.consume(queue, take).catch(reject);
    });
    expect(received).toEqual(bodies.map((__, i) => i));
  });

  test.skipIf(skip)("carries a body of 1 MiB", async () => {
    const channel = await (await connect()).openChannel();
    const queue = String((await channel.declare({ exclusive: true })).queue);
    const body = Uint8Array.from({ length: 1 << 20 }, (__, i) => (i * 31) & 255);
    const arrived = new Promise<Message>((resolve, reject) => {
      channel.consume(queue, resolve).catch(reject);
    });
    await channel.publish({ routingKey: queue }, { messageId: "large" }, body);
    const message = await arrived;
    expect(message.properties.messageId).toBe("large");
    expect(Buffer.compare(message.body, body)).toBe(0);
  });

  test.skipIf(skip)("an error of the channel rejects what waits on it, and nothing else", async () => {
    await connect();
    const [wrong, other] = [await client.openChannel(), await client.openChannel()];
    const closed = new Promise<Error>((resolve) => (wrong.onClosed = resolve));
    const publishing = wrong.publish({ exchange: "no-such-exchange" }, {}, new Uint8Array(1));
    await expect(publishing).rejects.toMatchObject({ name: "NotFound", replyCode: 404 });
    expect(await closed).toMatchObject({ name: "NotFound" });
    await expect(wrong.declare()).rejects.toMatchObject({ name: "NotFound" });
    await other.declare({ exclusive: true });
    await (await client.openChannel()).close();
  });

  test.skipIf(skip)("a wrong password is refused with its reply code", async () => {
    await expect(connect({ password: "wrong" })).rejects.toMatchObject({ name: "AccessRefused", replyCode: 403 });
  });
});

describe("the client's timers and its end", () => {
  afterEach(() => vi.useRealTimers());

  /** The other side of a transport: frames in, frames out. */
  async function connected(heartbeat: number): Promise<{
    client: Client;
    sent: Frame[];
    receive: (frame: Frame) => void;
    transport: Transport;
    open: () => boolean;
  }> {
    const sent: Frame[] = [];
    const reader = new FrameReader();
    let open = true;
    const receive = (frame: Frame, channel = frame.channel): void => transport.received(marshal(frame, channel));
    const answers: { [name: string]: Frame } = {
      ProtocolHeader: new Connection.Start({ mechanisms: "PLAIN" }),
      "Connection.StartOk": new Connection.Tune({ heartbeat }),
      "Connection.Open": new Connection.OpenOk(),
    };
    const transport: Transport = {
      send: (octets) => {
        for (const frame of reader.push(octets)) {
          sent.push(frame);
          const answer = answers[frame.name];
          if (answer !== undefined) queueMicrotask(() => receive(answer));
        }
      },
      close: () => (open = false),
      received: () => undefined,
      closed: () => undefined,
    };
    const client = await Client.connect(transport, { heartbeat: 10 });
    return { client, sent, receive, transport, open: () => open };
  }

  test("heartbeats go out, and a peer that says nothing for two of them is gone", async () => {
    vi.useFakeTimers();
    const { client, sent, receive, open } = await connected(2);
    const ended: unknown[] = [];
    client.onClosed = (error) => ended.push(error);
    for (let i = 0; i < 10; i++) {
      await vi.advanceTimersByTimeAsync(2000);
      receive(new Heartbeat());
    }
    expect(sent.filter(({ name }) => name === "Heartbeat")).toHaveLength(10);
    expect(ended).toEqual([]);
    const waiting = client.openChannel();
    const rejected = expect(waiting).rejects.toThrow("no sign of life");
    await vi.advanceTimersByTimeAsync(6000);
    await rejected;
    expect(ended).toHaveLength(1);
    expect(open()).toBe(false);
  });

  test("the broker's close is answered and is the error of all that waits", async () => {
    const { client, sent, receive } = await connected(0);
    const ended = new Promise((resolve) => (client.onClosed = resolve));
    const waiting = client.openChannel();
    receive(new Connection.Close({ replyCode: 320, replyText: "CONNECTION_FORCED - bye", classId: 0, methodId: 0 }));
    await expect(waiting).rejects.toMatchObject({ name: "ConnectionForced", message: "CONNECTION_FORCED - bye" });
    expect(await ended).toMatchObject({ replyCode: 320 });
    expect(sent.at(-1)!.name).toBe("Connection.CloseOk");
    await client.close();
  });

  test("wrong octets, and a transport that ends, are errors too", async () => {
    const first = await connected(0);
    const wrong = new Promise((resolve) => (first.client.onClosed = resolve));
    first.transport.received(Uint8Array.of(9, 9, 9, 9, 9, 9, 9, 9));
    expect(await wrong).toMatchObject({ name: "DecodeError" });
    const second = await connected(0);
    const waiting = second.client.openChannel();
    second.transport.closed("the cable was pulled");
    await expect(waiting).rejects.toThrow("the cable was pulled");
  });

  test("answers to channels that are gone do no harm", async () => {
    const { client, sent, receive } = await connected(0);
    receive(Object.assign(new Channel.CloseOk(), { channel: 9 }));
    const waiting = client.openChannel();
    receive(Object.assign(new Queue.DeclareOk({ queue: "q", messageCount: 0, consumerCount: 0 }), { channel: 3 }));
    receive(Object.assign(new Channel.OpenOk(), { channel: 1 }));
    await expect.poll(() => sent.at(-1)!.name).toBe("Confirm.Select");
    receive(Object.assign(new Confirm.SelectOk(), { channel: 1 }));
    await waiting;
  });
});

test.skipIf(!existsSync(launchOptions.executablePath))(
  "the browser example in Chromium, over WebSocket through the gateway",
  async () => {
    const { outputFiles } = await build({
      entryPoints: [join(examples, "browser/main.ts")],
      bundle: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      write: false,
    });
    const files = new Map([
      ["/", ["text/html", readFileSync(join(examples, "browser/index.html"), "utf8")]],
      ["/main.js", ["text/javascript", outputFiles[0]!.text]],
    ]);
    const server = createServer((request, response) => {
      const [type = "text/plain", body = ""] = files.get(request.url!) ?? [];
      response.writeHead(files.has(request.url!) ? 200 : 404, { "content-type": `${type}; charset=utf-8` }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const gateway = await startInspected({ origins: [origin] });
    const browser = await chromium.launch({ ...launchOptions, headless: true });
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(origin);
      await page.fill("#url", gateway.url.replace("http", "ws"));
      await page.click("button");
      const output = page.locator("output");
      await expect.poll(() => output.textContent(), { timeout: 20_000 }).toMatch(/\nclosed\n$/);
      expectLines((await output.textContent())!.trimEnd().split("\n"));
      expect(complaints).toEqual([]);
      await page.fill("#password", "wrong");
      await page.click("button");
      await expect.poll(() => output.textContent()).toMatch(/^AccessRefused: ACCESS_REFUSED/);
    } finally {
      await browser.close();
      await gateway.stop();
      server.close();
    }
  },
);
