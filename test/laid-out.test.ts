/** Writers of one core that take turns, whose messages follow those that are like them: each must get the octets that its frames are alone. */
import { describe, expect, test } from "vitest";
import {
  Basic,
  ContentBody,
  ContentHeader,
  createCodec,
  EncodeError,
  Heartbeat,
  marshal,
  Timestamp,
} from "../src/index.js";
import { concat } from "./support/octets.js";
import { Random } from "./support/random.js";

type Fields = NonNullable<ConstructorParameters<typeof Basic.Properties>[0]>;

const general = createCodec();

/** The general way: frame by frame, in a core that has nothing else to remember. */
function alone(channel: number, method: Basic.Publish, properties: Fields, body: Uint8Array): Uint8Array[] {
  const writer = new general.FrameWriter({ frameMax: 0 });
  writer.write(method, channel);
  writer.write(new ContentHeader({ bodySize: body.length, properties: new Basic.Properties(properties) }), channel);
  if (body.length > 0) writer.write(new ContentBody(body), channel);
  return [writer.flush()];
}

const methods = ["orders", "invoices", "заказы"].map((routingKey) => new Basic.Publish({ exchange: "e", routingKey }));
const id = (random: Random, ascii: boolean): string =>
  `${random.word()}-${random.word()}`.padEnd(5 + random.below(70), ascii || random.chance(3) ? "x" : "é").slice(0, 85);

/** Kinds of messages: as they come again and again, with what may differ. */
const kinds: ReadonlyArray<(random: Random, ascii: boolean) => Fields> = [
  () => ({ deliveryMode: 2 }),
  () => ({}),
  (random, ascii) => ({
    contentType: "text/plain",
    messageId: id(random, ascii),
    timestamp: new Timestamp(random.word()),
  }),
  (random, ascii) => ({
    deliveryMode: random.chance(30) ? 1 : 2,
    correlationId: id(random, ascii),
    expiration: `${10_000 + random.below(9)}`,
    messageId: id(random, ascii),
    headers: { b: random.chance(2), a: random.below(200) - 100, region: "eu-west-1", z: null },
  }),
  (random, ascii) => ({
    messageId: id(random, ascii),
    headers: { note: random.chance(4) ? id(random, ascii) : "known", n: random.below(100), f: random.chance(2) },
  }),
  (random) => ({ type: "order", headers: { n: random.below(100), m: random.below(100), o: random.below(100) } }),
  // Read anew each time, by a getter that may do what it likes.
  (random) => {
    const value = random.below(100);
    return {
      get deliveryMode() {
        return 2;
      },
      headers: {
        get n() {
          return value;
        },
        yes: true,
      },
    };
  },
];

/** Section 1.8.3.13 of the standard. */
function ackFrame(channel: number, tag: number, multiple: boolean): Uint8Array {
  const octets = new Uint8Array(21);
  const view = new DataView(octets.buffer);
  view.setUint8(0, 1);
  view.setUint16(1, channel);
  view.setUint32(3, 13);
  view.setUint32(7, 0x003c0050);
  view.setUint32(15, tag);
  view.setUint16(19, multiple ? 0x01ce : 0xce);
  return octets;
}

function largeContent(octets: number): Uint8Array {
  const properties = new Basic.Properties({ headers: { large: "x".repeat(octets) } });
  return new general.FrameWriter({ frameMax: 0 })
    .write(new Basic.Publish(), 1)
    .write(new ContentHeader({ bodySize: 0, properties }), 1)
    .flush();
}

/** All that a writer has, by one of its ways. */
function flushed(writer: { flush(): Uint8Array; flushInto(target: Uint8Array): number }, random: Random): Uint8Array {
  if (random.chance(2)) return writer.flush();
  const parts: Uint8Array[] = [];
  const target = new Uint8Array(random.pick([7, 1000, 100_000, 1_000_000]));
  for (let n = writer.flushInto(target); n > 0; n = writer.flushInto(target)) parts.push(target.slice(0, n));
  return concat(parts);
}

/** Where octets begin to differ; -1 where they do not. */
function firstDifference(found: Uint8Array, expected: Uint8Array): number {
  const at = found.findIndex((octet, i) => octet !== expected[i]);
  return at < 0 && found.length !== expected.length ? found.length : at;
}

describe.each([true, false])("writers in turn (ids are ASCII: %s)", (ascii) => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])("get the octets of their own frames (seed %d)", (seed) => {
    const random = new Random(seed * 2 + Number(ascii));
    const codec = createCodec();
    const reader = new codec.FrameReader({ frameMax: 0 });
    const all = Array.from({ length: 3 }, () => {
      const writer = new codec.FrameWriter({ frameMax: 65_536 });
      const list = { contentType: "text/plain", headers: { a: 1, b: "c" } };
      const prepared = writer.prepare(methods[0]!, list);
      return { writer, list, prepared, expected: [] as Uint8Array[], tag: 1 };
    });
    const bodies = [0, 1, 3, 4, 5, 12, 16, 17, 128, 2000];
    for (let turn = 0; turn < 160; turn++) {
      const one = random.pick(all);
      const { writer, expected } = one;
      const kind = random.pick(kinds);
      const usual = random.pick(methods);
      const channel = random.pick([0, 1, 7, 65_535]);
      const size = random.pick(bodies);
      for (let i = random.below(90); i >= 0; i--) {
        const body = random.octets(random.chance(9) ? random.pick(bodies) : size);
        const method = random.chance(20) ? random.pick(methods) : usual;
        const properties = random.chance(40) ? random.pick(kinds)(random, ascii) : kind(random, ascii);
        for (let acks = random.chance(30) ? random.below(9) : 0; acks > 0; acks--) {
          const multiple = random.chance(9);
          writer.ack(channel, one.tag, multiple);
          expected.push(ackFrame(channel, one.tag, multiple));
          one.tag += 1;
        }
        if (random.chance(30)) {
          const values = { messageId: id(random, ascii), timestamp: new Timestamp(random.word()) };
          one.prepared.publish(channel, body, values);
          expected.push(...alone(channel, methods[0]!, { ...one.list, ...values }, body));
        }
        if (random.chance(60)) {
          const wrong = { ...properties, headers: { n: Number.NaN } };
          expect(() => writer.publish(channel, method, wrong, body)).toThrow("NaN");
        }
        writer.publish(channel, method, properties, body);
        expected.push(...alone(channel, method, properties, body));
      }
      // The largest frame that came so far makes the memory grow.
      if (random.chance(60)) reader.push(largeContent(40_000 * turn));
      if (!random.chance(3)) continue;
      const wanted = concat(expected);
      expect(writer.bytesPending).toBe(wanted.length);
      expect([turn, firstDifference(flushed(writer, random), wanted)]).toEqual([turn, -1]);
      expected.length = 0;
    }
    for (const { writer, expected } of all) expect(firstDifference(flushed(writer, random), concat(expected))).toBe(-1);
  });
});

test("a message goes by the layout that its own records name, wherever those of another run ended", () => {
  const writer = new (createCodec().FrameWriter)();
  const body = Uint8Array.of(1);
  const message = alone(1, methods[0]!, { deliveryMode: 2 }, body);
  const publish = (): unknown => writer.publish(1, methods[0]!, { deliveryMode: 2 }, body);
  for (let i = 0; i < 100; i++) publish();
  writer.flush();
  publish();
  writer.flush();
  // Five words: as many as those of the message.
  writer.ack(1, 5).write(new Heartbeat());
  publish();
  const expected = concat([ackFrame(1, 5, false), marshal(new Heartbeat()), ...message]);
  expect(firstDifference(writer.flush(), expected)).toBe(-1);
});

test("the largest tag that is counted is followed by none", () => {
  const writer = new (createCodec().FrameWriter)();
  writer.ack(1, 2 ** 31 - 2).ack(1, 2 ** 31 - 1);
  expect(() => writer.ack(1, -(2 ** 31))).toThrow("deliveryTag");
  writer.ack(1, 2 ** 31);
  const expected = [2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31].map((tag) => ackFrame(1, tag, false));
  expect(firstDifference(writer.flush(), concat(expected))).toBe(-1);
});

describe.each([true, false])("messages that differ in their bodies alone (ids between them are ASCII: %s)", (ascii) => {
  test.each([1, 2])("are what they are alone, more of them than find room (seed %d)", (seed) => {
    const random = new Random(2 * seed + Number(ascii));
    const writer = new (createCodec().FrameWriter)();
    const [usual, other] = methods as [Basic.Publish, Basic.Publish, Basic.Publish];
    const bare = { deliveryMode: 2 };
    const same = { contentType: "text/plain", headers: { region: "eu-west-1" } };
    const prepared = writer.prepare(usual, same);
    const expected: Uint8Array[] = [];
    for (let run = 0; run < 260; run++) {
      const octets = random.pick([0, 1, 12, 12, 16, 17, 200]);
      const channel = random.pick([1, 1, 2]);
      const method = random.chance(4) ? other : usual;
      const way = random.below(run < 100 ? 2 : 4);
      for (let left = random.below(40); left > 0; left--) {
        const body = random.octets(octets);
        if (way === 2) prepared.publish(channel, body);
        else if (way < 2) writer.publish(channel, method, way === 0 ? bare : same, body);
        if (way < 2) expected.push(...alone(channel, method, way === 0 ? bare : same, body));
        else if (way === 2) expected.push(...alone(channel, usual, same, body));
        if (way === 3 || random.chance(50)) {
          const values = { contentType: "text/plain", messageId: id(random, ascii) };
          writer.publish(channel, method, values, body);
          expected.push(...alone(channel, method, values, body));
        }
        if (random.chance(50))
          expect(() => writer.publish(channel, method, { headers: { n: Number.NaN } }, body)).toThrow("NaN");
      }
      if (random.chance(20)) expect(writer.bytesPending).toBe(expected.reduce((sum, { length }) => sum + length, 0));
    }
    expect(firstDifference(flushed(writer, random), concat(expected))).toBe(-1);
  });
});

test("where a record of such messages ended before a flush means nothing afterwards", () => {
  const writer = new (createCodec().FrameWriter)();
  const [method] = methods as [Basic.Publish];
  const list = { deliveryMode: 2 };
  const body = Uint8Array.of(1, 2, 3);
  const content = new ContentBody(body);
  for (let i = 0; i < 20; i++) {
    const expected = alone(1, method, list, body);
    // As many words as a second message of this size takes.
    if (i % 2 === 1) {
      writer.write(content, 1);
      expected.unshift(marshal(content, 1));
    }
    writer.publish(1, method, list, body);
    expect(firstDifference(writer.flush(), concat(expected))).toBe(-1);
  }
});

test("a body of a class that answers a length of its own is refused where a getter gave it away", () => {
  class Octets extends Uint8Array {
    override get length(): number {
      return 3;
    }
  }
  const writer = new (createCodec().FrameWriter)();
  const [method] = methods as [Basic.Publish];
  for (let i = 0; i < 200; i++) {
    const body = new Octets([1, 2, 3]);
    const given = i % 10 === 9;
    const list = {
      get deliveryMode() {
        if (given) structuredClone(body.buffer, { transfer: [body.buffer] });
        return 2;
      },
    };
    const publish = () => writer.publish(1, method, list, body);
    if (given) expect(publish).toThrow(EncodeError);
    else publish();
    const expected = given ? [] : alone(1, method, { deliveryMode: 2 }, Uint8Array.of(1, 2, 3));
    expect(firstDifference(writer.flush(), concat(expected))).toBe(-1);
  }
});
