/** A prepared publish must write what `publish` writes, octet by octet. */
import { describe, expect, test } from "vitest";
import {
  Basic,
  createCodec,
  EncodeError,
  FrameWriter,
  Timestamp,
  ValidationError,
  type PublishValues,
} from "../src/index.js";

const method = new Basic.Publish({ exchange: "events", routingKey: "orders.created.eu", mandatory: true });
const properties = {
  contentType: "application/json",
  deliveryMode: 2,
  priority: 3,
  replyTo: "amq.rabbitmq.reply-to",
  expiration: "60000",
  type: "order",
  appId: "shop",
  headers: { "x-region": "eu-west-1", attempt: 1, nested: { list: [1, "two", null] } },
};

function both(
  list: object,
  values: PublishValues,
  body: Uint8Array,
  frameMax = 131072,
  channel = 7,
): [Uint8Array, Uint8Array] {
  const one = new FrameWriter({ frameMax });
  one.prepare(method, list).publish(channel, body, values);
  const other = new FrameWriter({ frameMax }).publish(channel, method, { ...list, ...values }, body);
  return [one.flush(), other.flush()];
}

/** Where two arrays begin to differ, -1 where they do not: quicker than a matcher on so many octets. */
function firstDifference(one: Uint8Array, other: Uint8Array): number {
  for (let i = 0; i < Math.max(one.length, other.length); i++) if (one[i] !== other[i]) return i;
  return -1;
}

const uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
const values: Record<string, PublishValues> = {
  nothing: {},
  "a message id": { messageId: uuid },
  "a timestamp": { timestamp: new Timestamp(1_700_000_000) },
  "a timestamp beyond 32 bits": { timestamp: new Timestamp(2 ** 40 + 5) },
  "a timestamp beyond 53 bits": { timestamp: new Timestamp(2n ** 63n) },
  "a date": { timestamp: new Date(1_700_000_000_000) },
  "a correlation id": { correlationId: "17" },
  "all of them": { messageId: uuid, timestamp: new Timestamp(1), correlationId: "a correlation id" },
  "ids that are no ASCII": { messageId: "Größe-東京-😀", correlationId: "é" },
  "ids of octets": { messageId: Uint8Array.of(0xff, 0xfe), correlationId: Uint8Array.of(1) },
  "ids of 255 octets": { messageId: "m".repeat(255), correlationId: "c".repeat(255) },
  "empty ids": { messageId: "", correlationId: "" },
};

describe.each(Object.entries(values))("with %s", (_, given) => {
  test.each([0, 1, 128, 40_000, 300_000])("and a body of %i octets", (octets) => {
    const body = new Uint8Array(octets).fill(0x61);
    for (const list of [
      properties,
      { deliveryMode: 1 },
      {},
      { ...properties, messageId: "m", correlationId: "c", timestamp: new Timestamp(9) },
    ]) {
      const [one, other] = both(list, given, body);
      expect(firstDifference(one, other)).toBe(-1);
    }
  });
});

test("bodies are split at the frame-max of the writer as it is then", () => {
  const writer = new FrameWriter();
  const prepared = writer.prepare(method, properties);
  writer.frameMax = 4096;
  prepared.publish(1, new Uint8Array(10_000));
  const other = new FrameWriter({ frameMax: 4096 }).publish(1, method, properties, new Uint8Array(10_000));
  expect(writer.flush()).toEqual(other.flush());
});

test("many messages of many lengths, between other frames and another writer's", () => {
  const writer = new FrameWriter();
  const prepared = writer.prepare(method, properties);
  const other = new FrameWriter();
  const stranger = new FrameWriter();
  const body = new Uint8Array(5000).fill(1);
  for (let i = 0; i < 700; i++) {
    const given = { messageId: `m${"x".repeat(i % 100)}`, timestamp: new Timestamp(i) };
    prepared.publish(i, body, given);
    other.publish(i, method, { ...properties, ...given }, body);
    if (i % 50 === 0) {
      writer.write(new Basic.Ack({ deliveryTag: i }), 1);
      other.write(new Basic.Ack({ deliveryTag: i }), 1);
      stranger.write(new Basic.Ack({ deliveryTag: i }), 2);
    }
  }
  expect(writer.bytesPending).toBe(other.bytesPending);
  expect(firstDifference(writer.flush(), other.flush())).toBe(-1);
  expect(stranger.flush().length).toBe(14 * 21);
});

test("what happens to the method, the properties and their table afterwards is not seen", () => {
  const writer = new FrameWriter();
  const own = new Basic.Publish({ exchange: "a" });
  const list = new Basic.Properties({ headers: { k: 1 }, contentType: "text/plain" });
  const prepared = writer.prepare(own, list);
  const expected = new FrameWriter()
    .publish(1, own, { headers: { k: 1 }, contentType: "text/plain", messageId: "id" })
    .flush();
  own.exchange = "b";
  list.contentType = "other";
  (list.headers as Record<string, number>)["k"] = 2;
  expect(prepared.publish(1, undefined, { messageId: "id" }).flush()).toEqual(expected);
});

test("what is wrong is said, and nothing was written", () => {
  const writer = new FrameWriter();
  expect(() => writer.prepare(new Basic.Ack() as never)).toThrow(EncodeError);
  expect(() => writer.prepare(method, { deliveryMode: 3 })).toThrow(ValidationError);
  expect(() => writer.prepare(method, { headers: { k: Symbol() as never } })).toThrow(EncodeError);
  const prepared = writer.prepare(method, properties);
  for (const wrong of [
    () => prepared.publish(-1),
    () => prepared.publish(65_536),
    () => prepared.publish(1.5),
    () => prepared.publish(1, "text" as never),
    () => prepared.publish(1, undefined, { messageId: "m".repeat(256) }),
    () => prepared.publish(1, undefined, { messageId: "\ud800" }),
    () => prepared.publish(1, undefined, { messageId: 5 as never }),
    () => prepared.publish(1, undefined, { timestamp: 5 as never }),
  ]) {
    expect(wrong).toThrow(EncodeError);
    expect(writer.bytesPending).toBe(0);
  }
});

test("on a core of its own", () => {
  const codec = createCodec();
  const writer = new codec.FrameWriter();
  const octets = writer.prepare(method, properties).publish(1, Uint8Array.of(1), { messageId: uuid }).flush();
  expect(octets).toEqual(both(properties, { messageId: uuid }, Uint8Array.of(1), 131072, 1)[1]);
});
