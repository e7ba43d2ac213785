/** Nothing is allocated because a length was declared: what every reader and editor asks for, at each length field's most telling values. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Basic, createCodec, FrameReader, marshal } from "../src/index.js";
import { attempt, claims, touched, uses } from "./support/declared-lengths.js";
import { concat } from "./support/octets.js";
import { bodyFrame, counted, fieldOf, headerFrame, tableOf } from "./support/wire.js";

const MIB = 1024 * 1024;
const HEADERS = 0x2000;

describe("the largest piece of memory that is asked for", () => {
  const { Uint8Array: Octets, ArrayBuffer: Buffers, Array: List } = globalThis;
  let largest = 0;

  /** Notes how much `new` is asked for. */
  function watched<T extends new (...values: never[]) => object>(type: T): T {
    return new Proxy(type, {
      construct(target, values: unknown[], newTarget) {
        if (typeof values[0] === "number") largest = Math.max(largest, values[0]);
        return Reflect.construct(target, values, newTarget === proxyOf(target) ? target : newTarget) as object;
      },
    });
  }
  const proxies = new Map<unknown, unknown>();
  const proxyOf = (type: unknown): unknown => proxies.get(type);

  beforeEach(() => {
    // What is made once, and what grows with use, is there before anything is counted.
    for (const [, use] of uses) attempt(use, headerFrame(1, 9, HEADERS, tableOf(fieldOf("k", "V"))));
    largest = 0;
    for (const name of ["Uint8Array", "ArrayBuffer", "Array"] as const) {
      const proxy = watched(globalThis[name] as never);
      proxies.set(globalThis[name], proxy);
      Object.assign(globalThis, { [name]: proxy });
    }
  });
  afterEach(() => {
    Object.assign(globalThis, { Uint8Array: Octets, ArrayBuffer: Buffers, Array: List });
  });

  test("would be noticed", () => {
    void new Uint8Array(5 * MIB);
    expect(largest).toBe(5 * MIB);
    largest = 0;
    void new FrameReader({ frameMax: 0 }).buffer(2 * MIB);
    expect(largest).toBe(2 * MIB);
  });

  test.each(uses)("of %s is a small multiple of what came", (_, use) => {
    const before = process.memoryUsage();
    for (const { name, length, octets } of claims) {
      largest = 0;
      attempt(use, octets);
      expect(largest, `${name}, ${length}`).toBeLessThan(64 * 1024);
    }
    const after = process.memoryUsage();
    // Whatever was made on whichever way: some hundred calls leave less than a few MiB.
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(16 * MIB);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(64 * MIB);
  });
});

test.each([...new Set(claims.map(({ name }) => name))])("linear memory stays as it is, whatever %s claims", (name) => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const codec = createCodec({ memory });
  const own: Array<(octets: Uint8Array) => unknown> = [
    (octets) => touched(new codec.FrameReader({ frameMax: 0 }).push(octets)),
    (octets) => touched(new codec.MessageReader({ frameMax: 0, streamBodies: true }).push(octets)),
    (octets) => codec.patchHeaders(octets, { set: { k: 1 }, delete: ["x"] }),
    (octets) => codec.patchTable(octets, "arguments", { set: { k: 1 }, delete: ["x"] }),
    (octets) => codec.ambiguities(octets),
    (octets) => codec.judge(octets, "lavinmq", { frameMax: 0 }),
  ];
  const before = memory.buffer.byteLength;
  for (const claim of claims) {
    if (claim.name === name) for (const use of own) attempt(use, claim.octets);
  }
  expect(memory.buffer.byteLength).toBe(before);
});

interface Peaks {
  blind: number;
  uses: Array<{ use: string; claims: number; virtual: number; resident: number }>;
  linear: number[];
  control: { virtual: number; resident: number };
}

// What is freed at once shows in no difference of before and after: the kernel's high-water marks of a process do not forget.
test.skipIf(process.platform !== "linux")("the most that a process ever had (needs Linux)", async () => {
  const folder = mkdtempSync(join(tmpdir(), "amqp-wasm-"));
  try {
    const program = join(folder, "peak.mjs");
    const entry = join(import.meta.dirname, "support/peak-memory.ts");
    await build({ entryPoints: [entry], bundle: true, format: "esm", platform: "node", outfile: program });
    const flags = ["--max-old-space-size=64", "--max-semi-space-size=1"];
    const peaks = JSON.parse(execFileSync(process.execPath, [...flags, program], { encoding: "utf8" })) as Peaks;
    expect(peaks.uses.map(({ use }) => use)).toEqual(uses.map(([name]) => name));
    for (const { use, claims: count, virtual, resident } of peaks.uses) {
      expect(count, use).toBe(claims.length);
      // The smallest claim is of 2 GiB.
      expect(virtual, `${use}, octets of address space`).toBeLessThan(8 * MIB);
      expect(resident, `${use}, octets in use`).toBeLessThan(8 * MIB);
    }
    expect(peaks.linear[1]).toBe(peaks.linear[0]);
    // It would have been seen.
    expect(peaks.blind).toBeLessThan(MIB);
    expect(peaks.control.virtual).toBeGreaterThan(2 ** 31 - 16 * MIB);
    expect(peaks.control.resident).toBeGreaterThan(60 * MIB);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a body of 1 GiB is handed out as it comes, and memory stays flat", () => {
  const size = 1024 * MIB;
  const memory = new WebAssembly.Memory({ initial: 1 });
  const reader = new (createCodec({ memory }).MessageReader)({ streamBodies: true, maxBodySize: 2 * size });
  const part = 131072 - 8;
  const frame = bodyFrame(1, counted(part));
  // Chunks of half a frame and more, so that most frames are cut.
  const chunks = [frame.subarray(0, 70_000), frame.subarray(70_000)];
  const [start] = reader.push(concat([marshal(new Basic.Publish(), 1), headerFrame(1, size)]));
  expect(start).toMatchObject({ name: "MessageStart", bodySize: size });
  const linear = memory.buffer.byteLength;
  let received = 0;
  let peak = 0;
  const before = process.memoryUsage();
  while (received < size) {
    const last = size - received < part ? bodyFrame(1, counted(size - received)) : undefined;
    for (const chunk of last === undefined ? chunks : [last]) {
      for (const item of reader.push(chunk)) {
        if (item.name !== "BodyPart") expect.unreachable();
        expect(item.offset).toBe(received);
        received += item.octets.length;
        expect(item.last).toBe(received === size);
      }
    }
    if ((received / part) % 64 === 0) {
      const { arrayBuffers, heapUsed } = process.memoryUsage();
      peak = Math.max(peak, arrayBuffers - before.arrayBuffers + heapUsed - before.heapUsed);
    }
  }
  expect(received).toBe(size);
  expect(reader.unfinished).toEqual([]);
  // What was handed out and let go waits for the collector; it does not grow with the body.
  expect(peak).toBeLessThan(200 * MIB);
  expect(memory.buffer.byteLength).toBe(linear);
});
