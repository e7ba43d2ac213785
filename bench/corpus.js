/** Streams to measure with, the same at every run: W1 (small deliveries with headers), W2 (bare deliveries), W3 (publishes of 1 KiB), W4 (acks). */
import { Basic, FrameWriter, Timestamp } from "../dist/index.js";

const OCTETS = 1 << 20;

/** A seeded generator (mulberry32): the streams must not change from run to run. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

const hex = (next, digits) => (next() % 16 ** digits).toString(16).padStart(digits, "0");

/** A unique id of 36 characters. */
export function uniqueId(next) {
  return `${hex(next, 8)}-${hex(next, 4)}-4${hex(next, 3)}-a${hex(next, 3)}-${hex(next, 6)}${hex(next, 6)}`;
}

const deliver = (deliveryTag) =>
  new Basic.Deliver({ consumerTag: "ctag-1.Xy", deliveryTag, exchange: "events", routingKey: "orders.created.eu" });

/** Properties of a W1 message. */
export function richProperties(next, i) {
  return new Basic.Properties({
    contentType: "application/json",
    deliveryMode: 2,
    messageId: uniqueId(next),
    timestamp: new Timestamp(1700000000 + i),
    headers: { "x-source": "checkout", "x-region": "eu-west-1", attempt: i % 5, replayed: i % 2 === 0 },
  });
}

const body = (octets) => new Uint8Array(octets).fill(0x61);

const messages = {
  W1: (writer, next, i) => writer.publish(1, deliver(i + 1), richProperties(next, i), body(128)),
  W2: (writer, next, i) => writer.publish(1, deliver(i + 1), { deliveryMode: 2 }, body(12)),
  W3: (writer) =>
    writer.publish(
      1,
      new Basic.Publish({ exchange: "events", routingKey: "orders.created.eu" }),
      { contentType: "application/json", deliveryMode: 2 },
      body(1024),
    ),
  W4: (writer, next, i) => writer.write(new Basic.Ack({ deliveryTag: i + 1 }), 1),
};

/** About 1 MiB of a workload: the octets and the number of messages. */
export function stream(name, octets = OCTETS) {
  const writer = new FrameWriter();
  const next = random(0xa319);
  let count = 0;
  while (writer.bytesPending < octets) messages[name](writer, next, count++);
  return { octets: writer.flush(), count };
}

/** Cuts a stream into chunks of one size. */
export function chunks(octets, size) {
  const pieces = [];
  for (let at = 0; at < octets.length; at += size) pieces.push(octets.slice(at, at + size));
  return pieces;
}

/** Cuts a stream anywhere, 1 to 2919 octets a piece. */
export function ragged(octets) {
  const pieces = [];
  const next = random(7);
  for (let at = 0; at < octets.length;) {
    const size = 1 + (next() % 2919);
    pieces.push(octets.slice(at, at + size));
    at += size;
  }
  return pieces;
}
