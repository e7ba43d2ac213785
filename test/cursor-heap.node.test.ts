/** What a cursor takes of the heap, measured in a process of its own: nothing for each frame. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Basic, FrameCursor, marshal } from "../src/index.js";

const program = `
import { Basic, FrameCursor, FrameWriter } from ${JSON.stringify(join(import.meta.dirname, "../dist/index.js"))};
const writer = new FrameWriter();
const frames = 30000;
for (let i = 0; i < frames / 3; i++) {
  const deliver = new Basic.Deliver({ consumerTag: "ctag-1", deliveryTag: i, exchange: "events", routingKey: "orders.eu." + (i % 20) });
  writer.publish(1, deliver, { contentType: "text/plain", messageId: "m" + i }, new Uint8Array(40));
}
const octets = writer.flush();
let seen = 0;
function look(cursor) {
  while (cursor.next()) {
    if (cursor.is("routingKey", "orders.eu.7")) seen++;
    if (cursor.type === 1) seen += cursor.routingKey.length + cursor.exchange.length + cursor.consumerTag.length + (cursor.deliveryTag & 1) + (cursor.redelivered ? 1 : 0);
    else if (cursor.type === 2) seen += cursor.bodySize + cursor.property("contentType").length;
    else seen += cursor.size + cursor.channel;
  }
}
let least = Infinity;
for (let round = 0; round < 30; round++) {
  const cursor = new FrameCursor().push(octets);
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  look(cursor);
  least = Math.min(least, process.memoryUsage().heapUsed - before);
}
console.log(JSON.stringify({ each: least / frames, seen }));
`;

test("walking with scalars and strings that come again takes no octet of the heap for a frame", () => {
  const out = execFileSync(process.execPath, ["--expose-gc", "--input-type=module", "-e", program], {
    encoding: "utf8",
  });
  const { each, seen } = JSON.parse(out) as { each: number; seen: number };
  expect(seen).toBeGreaterThan(0);
  // What the process itself does meanwhile is some hundreds of octets in all.
  expect(each).toBeLessThan(0.5);
});

// Places beyond it would not be numbers of 32 bits. Memory that is only named takes none.
test("a chunk is of 2147479552 octets at most, and read to the last of them", () => {
  const most = 2147479552;
  const octets = new Uint8Array(most + 1);
  expect(() => new FrameCursor().push(octets)).toThrow(`at most ${most} octets required, received ${most + 1}`);
  const last = marshal(new Basic.Publish({ exchange: "ex", routingKey: "long.routing.key" }), 1);
  const body = most - last.length;
  octets.set([3, 0, 1]);
  new DataView(octets.buffer).setUint32(3, body - 8);
  octets[body - 1] = 206;
  octets.set(last, body);
  const cursor = new FrameCursor({ frameMax: 0 }).push(octets.subarray(0, most));
  expect([cursor.next(), cursor.size]).toEqual([true, body - 8]);
  for (let i = 0; i < 2; i++) {
    cursor.reset();
    cursor.push(octets.subarray(0, most));
    expect([cursor.next() && cursor.next(), cursor.exchange, cursor.routingKey]).toEqual([
      true,
      "ex",
      "long.routing.key",
    ]);
  }
  expect([cursor.next(), cursor.octetsRead]).toEqual([false, most]);
});
