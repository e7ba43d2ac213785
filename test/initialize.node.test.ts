/** Loading the core, each time in modules that are new: Vitest can renew them in Node alone. */
import { describe, expect, test, vi } from "vitest";
import { coreBase64 } from "../src/core-binary.js";
import * as library from "../src/index.js";
import { concat, hexOf } from "./support/octets.js";
import { counted } from "./support/wire.js";

const { Basic, ContentHeader, createCodec, marshal, Queue, unmarshal } = library;

const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(coreBase64), (character) => character.charCodeAt(0));
const declare = new Queue.Declare({ queue: "orders", arguments: { "x-max-length": 5 } });
const octets = marshal(declare, 1);

describe("initialize", () => {
  type Library = typeof library;
  const fresh = async (): Promise<Library> => {
    vi.resetModules();
    return await import("../src/index.js");
  };
  const works = (amqp: Library): void => {
    expect(hexOf(amqp.marshal(new amqp.Queue.Declare({ queue: "orders" }), 1))).toBe(
      hexOf(marshal(new Queue.Declare({ queue: "orders" }), 1)),
    );
    expect(() => amqp.initialize()).toThrow("the core is in use already: call initialize() before anything else");
  };

  test("is not needed", async () => works(await fresh()));

  test("a method's own marshal is at home on a core that is new, and makes it grow", async () => {
    const amqp = await fresh();
    const writer = new amqp.FrameWriter().write(new amqp.Heartbeat());
    const big = new amqp.Queue.Declare({ queue: "q", arguments: { text: "x".repeat(1_000_000) } });
    const again = new amqp.Queue.Declare();
    again.unmarshal(big.marshal());
    expect(again.equals(big)).toBe(true);
    expect(hexOf(writer.flush())).toBe("08000000000000ce");
  });

  test("takes nothing, or a compiled module, and is done when it returns", async () => {
    for (const module of [undefined, new WebAssembly.Module(bytes())]) {
      const amqp = await fresh();
      expect(amqp.initialize(module)).toBeUndefined();
      works(amqp);
    }
  });

  test("takes bytes, a response, and promises of them, and is done when its promise is", async () => {
    const sources: Array<() => Parameters<Library["initialize"]>[0]> = [
      () => bytes(),
      () => bytes().buffer,
      () => new Response(bytes()),
      () => new Response(bytes(), { headers: { "content-type": "application/wasm" } }),
      () => Promise.resolve(new WebAssembly.Module(bytes())),
      () => Promise.resolve(bytes()),
      () => Promise.resolve(new Response(bytes())),
    ];
    for (const source of sources) {
      const amqp = await fresh();
      await (amqp.initialize as (from: unknown) => Promise<void>)(source());
      works(amqp);
    }
  });

  test("rejects what is no module", async () => {
    for (const source of [Uint8Array.of(1, 2), Promise.resolve(Uint8Array.of(0)), new Response("no")]) {
      const amqp = await fresh();
      await expect((amqp.initialize as (from: unknown) => Promise<void>)(source)).rejects.toThrow(
        WebAssembly.CompileError,
      );
      works(amqp);
    }
    const amqp = await fresh();
    const missing = new Response(bytes(), { status: 404, statusText: "Not Found" });
    await expect((amqp.initialize as (from: unknown) => Promise<void>)(missing)).rejects.toThrow(
      "the core could not be fetched: 404 Not Found",
    );
    await expect(
      (amqp.initialize as (from: unknown) => Promise<void>)(Promise.reject(new Error("offline"))),
    ).rejects.toThrow("offline");
  });

  test("puts the core on the caller's memory", async () => {
    const amqp = await fresh();
    const memory = new WebAssembly.Memory({ initial: 2 });
    new Uint8Array(memory.buffer, 65_536).fill(0x5a);
    amqp.initialize(undefined, { memory });
    expect(memory.buffer.byteLength).toBeGreaterThan(2 * 65_536);
    works(amqp);
    expect(new Uint8Array(memory.buffer, 65_536, 65_536).every((octet) => octet === 0x5a)).toBe(true);
    expect(() => createCodec({ memory: new WebAssembly.Memory({ initial: 1, maximum: 1 }) })).toThrow("cannot grow");
  });

  test("comes too late where the core is in use, and after a codec it does not", async () => {
    const amqp = await fresh();
    const codec = amqp.createCodec();
    new codec.FrameReader().push(octets);
    codec.marshal(new amqp.Queue.Declare(), 1);
    expect(codec.FieldTable.from({ a: 1 }).get("a")).toBe(1);
    new codec.FrameWriter().publish(1, new amqp.Basic.Publish(), { headers: { a: 1 } }, counted(3)).flush();
    new codec.MessageReader().push(octets);
    amqp.initialize();
    works(amqp);
    await expect((amqp.initialize as (from: unknown) => Promise<void>)(bytes())).rejects.toThrow("in use already");
  });

  test("nothing happens at import", async () => {
    const spy = vi.spyOn(WebAssembly, "Instance");
    const memory = vi.spyOn(WebAssembly, "Memory");
    try {
      const amqp = await fresh();
      expect(new amqp.Queue.Declare({ queue: "q" }).queue).toBe("q");
      expect([spy.mock.calls.length, memory.mock.calls.length]).toEqual([0, 0]);
    } finally {
      spy.mockRestore();
      memory.mockRestore();
    }
  });
});

describe("without Node's Buffer", () => {
  test("strings are the same", async () => {
    const global = globalThis as { Buffer?: unknown };
    const kept = global.Buffer;
    const texts = ["", "plain", "é".repeat(40), "\ufeffbom", "\u{1f407}", "x".repeat(200)];
    const frames = texts.map((text) => new Basic.Publish({ routingKey: text }));
    const stream = concat([...frames, ...frames].map((frame) => marshal(frame, 1)));
    try {
      delete global.Buffer;
      vi.resetModules();
      const amqp = await import("../src/index.js");
      const reader = new amqp.FrameReader();
      for (let round = 0; round < 3; round++) {
        expect(reader.push(stream).map((frame) => (frame as library.Basic.Publish).routingKey)).toEqual([
          ...texts,
          ...texts,
        ]);
      }
      const header = amqp.marshal(
        new amqp.ContentHeader({ properties: { headers: { é: "\u{1f407}", long: "y".repeat(500) } } }),
        1,
      );
      expect(
        (unmarshal(header)!.frame as library.ContentHeader).equals(
          new ContentHeader({ properties: { headers: { é: "\u{1f407}", long: "y".repeat(500) } } }),
        ),
      ).toBe(true);
      expect((amqp.unmarshal(header)!.frame as library.ContentHeader).properties.headers).toMatchObject({
        é: "\u{1f407}",
        long: "y".repeat(500),
      });
    } finally {
      if (kept !== undefined) global.Buffer = kept;
    }
  });
});
