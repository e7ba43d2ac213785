/** What the inspector serves, to whom, and what it tells its pages. */
import { request } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { decodeBatch, encodeBatch, type ShownFrame } from "../../src/inspector/batch.js";
import type { Hello, PageMessage } from "../../src/inspector/messages.js";
import { startInspected, type Inspected } from "./inspected.js";
import { text } from "./told.js";

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
