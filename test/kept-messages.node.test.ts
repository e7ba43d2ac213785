/** A program that keeps its first messages, as a backlog, does not pay for it with each one that comes later: V8 makes what a place in the code makes among old objects, at several times the cost, once most of what it made was kept. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Basic, FrameWriter, type FieldValue } from "../src/index.js";

const program = `
import { readFileSync } from "node:fs";
import { FrameReader } from ${JSON.stringify(join(import.meta.dirname, "../dist/index.js"))};
const octets = new Uint8Array(readFileSync(0));
const kept = [];
const pair = (frame) => [frame];
const pairs = process.argv[1] === "pairs";
for (let round = 0; round < 24; round++) {
  const reader = new FrameReader({ lazy: false });
  for (let at = 0; at < octets.length; at += 65536)
    for (const frame of reader.push(octets.subarray(at, at + 65536))) kept.push(pairs ? pair(frame) : frame);
}
`;

/** Places that make old objects after 24 times 2000 messages with such headers were kept. */
function tenured(headersOf: (i: number) => Record<string, FieldValue>, what = ""): number {
  const writer = new FrameWriter();
  for (let i = 0; i < 2000; i++) {
    const deliver = new Basic.Deliver({ consumerTag: "c", deliveryTag: i, exchange: "e", routingKey: "k" });
    writer.publish(1, deliver, { headers: headersOf(i) }, Uint8Array.of(1));
  }
  // Only where young objects have all the room that they may get is anything decided.
  const flags = ["--min-semi-space-size=2", "--max-semi-space-size=2", "--trace-pretenuring-statistics"];
  const out = execFileSync(process.execPath, [...flags, "--input-type=module", "-e", program, what], {
    encoding: "utf8",
    input: writer.flush(),
    maxBuffer: 1 << 28,
  });
  const places = out.matchAll(/AllocationSite\((\w+)\).* => tenure/g);
  return new Set(Array.from(places, ([, place]) => place)).size;
}

const alike = (i: number) => ({
  a: 1,
  "x-death": [{ count: i % 9, "routing-keys": ["key", i % 5] }, { count: i % 7 }],
});
const unlike = (i: number) => ({ a: 1, list: Array.from({ length: 1 + (i % 7) }, (_, k) => [k, `text ${i % 3}`]) });

test("would be noticed", () => {
  expect(tenured(() => ({ a: 1 }), "pairs")).toBe(1);
});

test("with arrays in tables that are alike", () => {
  expect(tenured(alike)).toBe(0);
});

test("with arrays in tables that are not", () => {
  expect(tenured(unlike)).toBe(0);
});
