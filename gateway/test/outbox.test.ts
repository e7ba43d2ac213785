/** What goes out to one side of the gateway, fed as a session feeds it. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Basic, ContentBody, FrameCursor, marshal } from "amqp-wasm";
import { expect, test } from "vitest";
import { Outbox } from "../src/outbox.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** An outbox of a side that takes such frames, and what hands it the frames of chunks. */
function fed(frameMax = 131_072): { push: (chunk: Uint8Array) => void; out: Outbox; sent: () => Buffer } {
  const out = new Outbox(frameMax, false);
  const cursor = new FrameCursor({ joinBodies: false });
  const pieces: Uint8Array[] = [];
  return {
    out,
    push(chunk) {
      out.begin(chunk, cursor.octetsRead);
      cursor.push(chunk);
      while (cursor.next()) {
        if (cursor.name === "ContentBody") out.body(cursor, true);
        else out.forward(cursor);
      }
      out.end(cursor.octetsPending);
      pieces.push(...out.take());
    },
    sent: () => Buffer.concat(pieces),
  };
}

const numbered = (octets: number): Uint8Array => Uint8Array.from({ length: octets }, (_, i) => i % 251);
const body = marshal(new ContentBody(numbered(100_000)), 1);
const method = marshal(new Basic.Publish({ routingKey: "k".repeat(200) }), 1);
const stream = Buffer.concat([method, body, method]);

test.each([1, 2, 7, 300, 5000, 99_999])("frames in pieces of %i octets go on as they came", (octets) => {
  const { push, sent } = fed();
  for (let at = 0; at < stream.length; at += octets) push(stream.subarray(at, at + octets));
  expect(sent().equals(stream)).toBe(true);
});

test("pieces of growing and shrinking sizes, empty ones among them", () => {
  const { push, sent } = fed();
  for (let at = 0, size = 1, step = 3; at < stream.length; at += size, size += step) {
    if (size > 4000) step = -3;
    if (size < 5) step = 3;
    push(stream.subarray(at, at + size));
    push(new Uint8Array(0));
  }
  expect(sent().equals(stream)).toBe(true);
});

test("a body in single octets that is split goes out in full frames", () => {
  const { push, sent } = fed(4096);
  for (const octet of body) push(Uint8Array.of(octet));
  const frames = new FrameCursor().push(sent());
  const octets: Uint8Array[] = [];
  while (frames.next()) octets.push(frames.body!.slice());
  expect(octets.slice(0, -1).every(({ length }) => length === 4088)).toBe(true);
  expect(Buffer.concat(octets).equals(numbered(100_000))).toBe(true);
});

test("a frame in very many parts takes no more than a few times its octets, and empty parts take nothing", () => {
  const { push, sent } = fed();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (const octet of body.subarray(0, -1)) push(Uint8Array.of(octet));
  for (let i = 0; i < 200_000; i++) push(new Uint8Array(0));
  collect();
  // Each part as an array of its own took some 200 octets of the heap.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000);
  push(body.subarray(-1));
  expect(sent().equals(body)).toBe(true);
});
