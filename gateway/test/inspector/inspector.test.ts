/** What the inspector tells its pages, and what it keeps to itself. */
import { request } from "node:http";
import {
  Basic,
  Channel,
  Connection,
  ContentBody,
  ContentHeader,
  DecodeError,
  marshal,
  unmarshal,
  type Frame,
} from "amqp-wasm";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { FrameTap, type TapConnection, type TapFrame } from "../../src/frame-tap.js";
import { decodeBatch, encodeBatch, type ShownFrame } from "../../src/inspector/batch.js";
import { shownFrame, withoutSecrets } from "../../src/inspector/hiding.js";
import { PAGE_PRODUCT, type Hello, type PageMessage } from "../../src/inspector/messages.js";
import { RecentFrames } from "../../src/inspector/recent-frames.js";
import { Traffic } from "../../src/inspector/traffic.js";
import { startInspected, type Inspected } from "./inspected.js";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const connection = (id: number, product?: string): TapConnection => ({
  id,
  transport: "tcp",
  peer: "127.0.0.1:9",
  openedAt: 0,
  ...(product === undefined ? {} : { product }),
});
const told = (octets: Uint8Array, more: Partial<TapFrame> = {}): TapFrame => ({
  number: 1,
  time: 1000.5,
  connection: connection(1),
  direction: "up",
  size: octets.length,
  octets,
  ...more,
});

describe("batches", () => {
  test("frames come out as they went in", () => {
    const frames: ShownFrame[] = [
      {
        number: 2 ** 40,
        time: 1_800_000_000_000.25,
        connection: 7,
        direction: "down",
        size: 131_080,
        octets: text("abc"),
        own: true,
        hidden: true,
      },
      {
        number: 1,
        time: 0,
        connection: 0,
        direction: "up",
        size: 0,
        octets: new Uint8Array(0),
        own: false,
        hidden: false,
      },
      {
        number: 3,
        time: 5,
        connection: 4_294_967_295,
        direction: "up",
        size: 9,
        octets: text("é"),
        own: false,
        hidden: false,
        error: { code: "frame-end", message: "ö", replyCode: 501 },
      },
    ];
    expect(decodeBatch(encodeBatch(frames))).toEqual(frames);
    expect(decodeBatch(encodeBatch([]))).toEqual([]);
    const shifted = new Uint8Array(encodeBatch(frames).length + 3);
    shifted.set(encodeBatch(frames), 3);
    expect(decodeBatch(shifted.subarray(3))).toEqual(frames);
  });
});

describe("hiding", () => {
  const startOk = (password: string, clientProperties: { [name: string]: string } = { product: "x" }): Uint8Array =>
    marshal(
      new Connection.StartOk({
        clientProperties,
        mechanism: "PLAIN",
        response: `\0user\0${password}`,
        locale: "en_US",
      }),
      0,
    );

  test.each([
    ["StartOk", startOk("pass-phrase"), "response"],
    ["Secure", marshal(new Connection.Secure({ challenge: "pass-phrase" }), 0), "challenge"],
    ["SecureOk", marshal(new Connection.SecureOk({ response: "pass-phrase" }), 0), "response"],
    [
      "UpdateSecret",
      marshal(new Connection.UpdateSecret({ newSecret: "pass-phrase", reason: "because" }), 0),
      "newSecret",
    ],
  ])("the secret of %s is taken out, its length too, and the frame is still one", (_, octets, name) => {
    const shown = withoutSecrets(octets);
    expect(Buffer.from(shown).includes("pass-phrase")).toBe(false);
    const frame = unmarshal(shown)!.frame as Frame & Record<string, unknown>;
    expect(frame[name]).toBe("[hidden]");
    const before = unmarshal(octets)!.frame as Frame & Record<string, unknown>;
    expect({ ...frame.toJSON(), [name]: "" }).toEqual({ ...before.toJSON(), [name]: "" });
  });

  test("passwords of all lengths look the same", () => {
    expect(withoutSecrets(startOk("a"))).toEqual(withoutSecrets(startOk("a".repeat(300))));
  });

  test("of a frame that cannot be read nothing but its name is left", () => {
    const octets = startOk("pass-phrase");
    for (let length = 11; length < octets.length; length++) {
      expect(Buffer.from(withoutSecrets(octets.subarray(0, length))).includes("pass-phrase")).toBe(false);
    }
  });

  test("the key of a page is taken out", () => {
    const key = "0123456789abcdef0123456789abcdef";
    const shown = withoutSecrets(startOk("x", { product: PAGE_PRODUCT, version: key }));
    expect(Buffer.from(shown).includes(key)).toBe(false);
    expect((unmarshal(shown)!.frame as Connection.StartOk).clientProperties).toEqual({
      product: PAGE_PRODUCT,
      version: "*".repeat(32),
    });
  });

  test("other frames are left as they are", () => {
    const octets = marshal(new Channel.Open(), 1);
    expect(withoutSecrets(octets)).toBe(octets);
  });

  test("bodies are shown to the page whose own they are, to others where --show-bodies says so", () => {
    const octets = marshal(new ContentBody(text("body")), 1);
    const frame = told(octets, { connection: connection(1, `${PAGE_PRODUCT} k1`) });
    expect(shownFrame(frame, "k2", false)).toMatchObject({ hidden: true, octets: octets.subarray(0, 7), size: 12 });
    expect(shownFrame(frame, "k1", false)).toMatchObject({ hidden: false, octets });
    expect(shownFrame(frame, "k2", true)).toMatchObject({ hidden: false, octets });
    // Nothing of it travels.
    expect(Buffer.from(encodeBatch([shownFrame(frame, "k2", false)])).includes("body")).toBe(false);
    const header = told(marshal(new ContentHeader({ bodySize: 4 }), 1));
    expect(shownFrame(header, "k2", false).hidden).toBe(false);
  });

  test("a refused frame has its error", () => {
    const error = new DecodeError({ code: "frame-end", message: "no frame-end", replyCode: 501, offset: 9 });
    expect(shownFrame(told(text("x"), { error }), "k", false).error).toEqual({
      code: "frame-end",
      message: error.message,
      replyCode: 501,
    });
  });
});

describe("what is remembered", () => {
  test("is bounded in number", () => {
    const recent = new RecentFrames(10, 1_000_000);
    for (let number = 1; number <= 1000; number++) recent.add(told(new Uint8Array(8), { number }));
    expect(recent.all().map(({ number }) => number)).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1000]);
  });

  test("is bounded in octets", () => {
    const recent = new RecentFrames(1000, 5000);
    for (let number = 1; number <= 100; number++) recent.add(told(new Uint8Array(999), { number }));
    expect(recent.all().map(({ number }) => number)).toEqual([96, 97, 98, 99, 100]);
  });

  test("seconds are counted apart, totals together", () => {
    const tap = new FrameTap();
    tap.watch({});
    const traffic = new Traffic(tap);
    const stream = tap.stream(connection(1), "down");
    const octets = marshal(new Basic.Ack({ deliveryTag: 1 }), 1);
    stream.frame("Basic.Ack", 1, octets);
    stream.frame("Basic.Ack", 1, octets);
    expect(traffic.tick(5_000)).toEqual({ second: 5, up: 0, down: 2, octetsUp: 0, octetsDown: 2 * octets.length });
    stream.frame("Basic.Ack", 1, octets);
    expect(traffic.tick(6_000)).toMatchObject({ down: 1 });
    expect(traffic.totals()).toEqual({ frames: 3, counts: { "Basic.Ack": [0, 3, 0, 3 * octets.length] } });
    for (let second = 7; second < 300; second++) traffic.tick(second * 1000);
    expect(traffic.seconds.map(({ second }) => second)).toEqual(Array.from({ length: 120 }, (_, i) => 180 + i));
  });
});

describe("the tap's share for a watcher", () => {
  const watched = (maxFramesPerSecond: number) => {
    let now = 1_000_000;
    const tap = new FrameTap(() => now);
    const frames: TapFrame[] = [];
    tap.watch({ maxFramesPerSecond, frame: (frame) => frames.push(frame) });
    const stream = tap.stream(connection(1), "up");
    const ack = marshal(new Basic.Ack({ deliveryTag: 1 }), 1);
    return {
      frames,
      tap,
      stream,
      acks: (count: number) => {
        for (let i = 0; i < count; i++) stream.frame("Basic.Ack", 1, ack);
      },
      wait: (milliseconds: number) => (now += milliseconds),
    };
  };

  test("is spread over the second, and kept for a burst", () => {
    const { frames, tap, acks, wait } = watched(100);
    acks(500);
    expect(frames).toHaveLength(100);
    for (let tenth = 1; tenth <= 10; tenth++) {
      wait(100);
      acks(500);
      expect(frames).toHaveLength(100 + 10 * tenth);
    }
    wait(300);
    acks(500);
    expect(frames).toHaveLength(230);
    expect(tap.frames).toBe(6000);
    expect(tap.counts.get("Basic.Ack")?.up).toBe(6000);
  });

  test("has room for what is rare when the daily load has used it up, and refused frames always come", () => {
    const { frames, acks, stream } = watched(100);
    acks(500);
    const close = marshal(new Channel.Close({ replyCode: 404, replyText: "no", classId: 0, methodId: 0 }), 1);
    stream.frame("Channel.Close", 1, close);
    expect(frames.at(-1)!.octets).toEqual(close);
    for (let i = 0; i < 500; i++) stream.frame("Channel.Close", 1, close);
    expect(frames.length).toBeLessThan(250);
    stream.refused(new DecodeError({ code: "frame-end", message: "no", replyCode: 501, offset: 0 }), text("x"), false);
    expect(frames.at(-1)!.error?.code).toBe("frame-end");
  });
});

describe("the page's socket", () => {
  let inspected: Inspected;
  afterEach(() => inspected.stop());

  function open(
    headers: { origin?: string; host?: string },
    message: (data: Buffer, binary: boolean) => void = () => undefined,
  ): Promise<WebSocket | number> {
    const socket = new WebSocket(`${inspected.url.replace("http", "ws")}inspector`, { headers });
    // From the first on: the greeting comes in one piece with the answer to the upgrade.
    socket.on("message", message);
    return new Promise((resolve) => {
      socket.on("open", () => resolve(socket));
      socket.on("unexpected-response", (_, { statusCode }) => resolve(statusCode!));
      socket.on("error", () => undefined);
    });
  }

  function get(
    path: string,
    headers: { [name: string]: string } = {},
  ): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
    return new Promise((resolve, reject) => {
      request({ host: "127.0.0.1", port: new URL(inspected.url).port, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }),
        );
      })
        .on("error", reject)
        .end();
    });
  }

  test("the page is served with a policy that lets nothing foreign in", async () => {
    inspected = await startInspected();
    const page = await get("/");
    expect(page.status).toBe(200);
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    const policy = String(page.headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
    expect(page.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    for (const name of ["main.js", "style.css", "icon.svg"]) expect((await get(`/${name}`)).status).toBe(200);
    for (const path of ["/../package.json", "/%2e%2e/package.json", "/./main.js", "/page/../../build.js", "/nothing"])
      expect((await get(path)).status).toBe(404);
  });

  test("it opens for the gateway's own page alone", async () => {
    inspected = await startInspected();
    const { host } = new URL(inspected.url);
    const own = await open({ origin: `http://${host}` });
    expect(own).toBeInstanceOf(WebSocket);
    (own as WebSocket).terminate();
    expect(await open({ origin: "http://example.com" })).toBe(403);
    expect(await open({ origin: "null" })).toBe(403);
    expect(await open({})).toBe(403);
    // A name that somebody else has pointed to this machine.
    expect(await open({ origin: "http://example.com", host: "example.com" })).toBe(403);
    expect((await get("/", { host: "example.com" })).status).not.toBe(200);
  });

  test("it says hello, then tells of frames and connections, and of a second's totals", async () => {
    inspected = await startInspected();
    const { host } = new URL(inspected.url);
    const messages: PageMessage[] = [];
    const frames: ShownFrame[] = [];
    const socket = (await open({ origin: `http://${host}` }, (data, binary) => {
      if (binary) frames.push(...decodeBatch(data));
      else messages.push(JSON.parse(data.toString()) as PageMessage);
    })) as WebSocket;
    const client = await inspected.connect({ clientProperties: { product: "shop" } });
    await client.close();
    await expect.poll(() => messages.some(({ kind }) => kind === "second"), { timeout: 5000 }).toBe(true);
    await expect.poll(() => frames.length).toBeGreaterThan(8);
    const hello = messages[0] as Hello;
    expect(hello).toMatchObject({
      kind: "hello",
      showBodies: false,
      path: "/",
      framesPerSecond: 2000,
      connections: [],
    });
    expect(hello.key).toMatch(/^[0-9a-f]{32}$/);
    const changes = messages.flatMap((message) => (message.kind === "connection" ? [message.connection] : []));
    expect(changes.at(-1)).toMatchObject({
      id: 1,
      user: "guest",
      product: "shop",
      mine: false,
      reason: "closed by the client",
    });
    expect(frames.map(({ number }) => number)).toEqual(frames.map((_, i) => i + 1));
    socket.terminate();
  });
});
