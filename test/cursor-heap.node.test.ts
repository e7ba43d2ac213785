/** What a cursor takes of the heap, measured in a process of its own: nothing for each frame. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

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
