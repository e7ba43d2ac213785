/** What a writer gathers and hands to the core in one go must be what the same frames are one by one. */
import { afterEach, describe, expect, test } from "vitest";
import {
  Basic,
  ContentBody,
  ContentHeader,
  createCodec,
  EncodeError,
  FieldTable,
  FrameWriter,
  marshal,
  Queue,
  Timestamp,
  unmarshal,
  ValidationError,
  type EncodeOptions,
  type FieldInput,
  type Frame,
} from "../src/index.js";
import { concat, sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";

type Fields = NonNullable<ConstructorParameters<typeof Basic.Properties>[0]>;

/** A message as frames that were marshalled alone: the general way, value by value. */
function alone(
  channel: number,
  method: Frame,
  properties: Fields,
  body: Uint8Array,
  options: EncodeOptions = {},
  frameMax = 131_072,
): Uint8Array {
  const header = new ContentHeader({ bodySize: body.length, properties: new Basic.Properties(properties) });
  const frames = [marshal(method, channel, options), marshal(header, channel, options)];
  for (let at = 0; at < body.length; at += frameMax - 8)
    frames.push(marshal(new ContentBody(body.subarray(at, at + frameMax - 8)), channel));
  return concat(frames);
}

const letters = ["a", "Z", "0", "-", "é", "ß", "東", "😀"];
const text = (random: Random, most: number, ascii = random.chance(2)): string =>
  Array.from({ length: random.below(most + 1) }, () => letters[random.below(ascii ? 4 : letters.length)]).join("");

const numbers = [0, -0, 1, -1, 127, 128, -128, -129, 32_767, 32_768, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, -(2 ** 31)];
const moreNumbers = [2 ** 32 - 1, 2 ** 32, -(2 ** 31) - 1, 2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 53, 0.5, -1.25, 1e300];

function value(random: Random, depth = 0): FieldInput {
  switch (random.below(depth > 1 ? 9 : 12)) {
    case 0:
    case 1:
      return text(random, 60);
    case 2:
      return random.below(200) - 100;
    case 3:
      return [...numbers, ...moreNumbers][random.below(numbers.length + moreNumbers.length)]!;
    case 4:
      return random.chance(2);
    case 5:
      return null;
    case 6:
      return new Timestamp(random.chance(9) ? 2n ** 60n : random.below(2 ** 31) * 4);
    case 7:
      return ["eu-west-1", "checkout"][random.below(2)];
    case 8:
      return random.chance(4) ? undefined : new Date(5000);
    case 9:
      return [value(random, depth + 1), 1];
    case 10:
      return { nested: value(random, depth + 1) };
    default:
      return random.octets(random.below(20));
  }
}

const keys = [
  "attempt",
  "x-source",
  "x-region",
  "Größe",
  "b",
  "a",
  "😀",
  "\uffee",
  "7",
  "__proto__",
  "constructor",
  "",
];

function headers(random: Random): Fields["headers"] {
  const table = Object.create(random.chance(2) ? null : Object.prototype) as Record<string, FieldInput>;
  for (let n = random.below(7); n > 0; n--) {
    const key = keys[random.below(keys.length)]!;
    Object.defineProperty(table, key, { value: value(random), enumerable: true, configurable: true, writable: true });
  }
  return random.chance(12) ? new Map(Object.entries(table)) : random.chance(20) ? FieldTable.from(table) : table;
}

function properties(random: Random): Fields {
  const fields: Fields = {};
  const types = ["application/json", "text/plain", text(random, 70), ""];
  if (random.chance(2)) fields.contentType = types[random.below(types.length)];
  if (random.chance(5)) fields.contentEncoding = random.chance(3) ? null : "gzip";
  if (random.chance(2)) fields.headers = headers(random);
  if (random.chance(2)) fields.deliveryMode = 1 + random.below(2);
  if (random.chance(5)) fields.priority = random.below(256);
  if (random.chance(4)) fields.correlationId = random.chance(8) ? random.octets(9) : text(random, 40);
  if (random.chance(5)) fields.replyTo = "amq.rabbitmq.reply-to";
  if (random.chance(5)) fields.expiration = `${random.below(100_000)}`;
  if (random.chance(2)) fields.messageId = random.chance(5) ? text(random, 60) : "0f8fad5b-d9cb-469f-a165-70867728950e";
  if (random.chance(3))
    fields.timestamp = random.chance(4) ? new Date(77_000) : new Timestamp(random.below(2 ** 31) * 9);
  if (random.chance(6)) fields.type = "order";
  if (random.chance(6)) fields.userId = random.chance(3) ? "é".repeat(100) : "guest";
  if (random.chance(6)) fields.appId = "shop";
  return fields;
}

function method(random: Random): Basic.Publish | Basic.Deliver | Basic.Return {
  const routingKey = random.chance(3) ? text(random, 60) : ["orders.created.eu", "заказы"][random.below(2)]!;
  const exchange = ["", "events", "logs"][random.below(3)]!;
  if (random.chance(6))
    return new Basic.Deliver({ consumerTag: "c", deliveryTag: random.below(99), exchange, routingKey });
  if (random.chance(12)) return new Basic.Return({ replyCode: 312, exchange, routingKey });
  return new Basic.Publish({ exchange, routingKey, mandatory: random.chance(3), immediate: random.chance(5) });
}

describe.each<[string, EncodeOptions]>([
  ["as it is", {}],
  ["with wide integers", { integers: "wide" }],
  ["with keys as they come", { keyOrder: "insertion" }],
])("frames of all kinds, %s", (_, options) => {
  test.each([1, 2, 3, 4])("are the octets that they are alone, and as many as was said (seed %d)", (seed) => {
    const random = new Random(seed);
    const frameMax = seed % 2 === 0 ? 4096 : 131_072;
    const writers = Array.from({ length: 3 }, () => new FrameWriter({ ...options, frameMax }));
    const constant: Fields = { contentType: "text/plain", headers: { b: 1, a: "é" }, replyTo: "r", appId: "x" };
    const publish = new Basic.Publish({ exchange: "events", routingKey: "k" });
    const prepared = writers.map((writer) => writer.prepare(publish, constant));
    const expected: Uint8Array[][] = writers.map(() => []);
    let messages = 0;
    for (let i = 0; i < 1500; i++) {
      const which = random.chance(3) ? random.below(3) : 0;
      const writer = writers[which]!;
      const channel = random.below(65_536);
      const body = random.octets(random.chance(60) ? 40_000 : random.below(300));
      let octets: Uint8Array;
      if (random.chance(3)) {
        const ack = new Basic.Ack({
          deliveryTag: random.chance(3) ? 2 ** 31 + random.below(9) : random.below(999),
          multiple: random.chance(2),
        });
        writer.write(ack, channel);
        octets = marshal(ack, channel);
      } else if (random.chance(4)) {
        const values = { messageId: text(random, 50), timestamp: new Timestamp(random.below(2 ** 31)) };
        prepared[which]!.publish(channel, body, values);
        octets = alone(channel, publish, { ...constant, ...values }, body, options, frameMax);
      } else if (random.chance(9)) {
        const declare = new Queue.Declare({ queue: `q${i}`, arguments: headers(random)! });
        writer.write(declare, channel);
        octets = marshal(declare, channel, options);
      } else {
        const [command, list] = [method(random), properties(random)];
        const given = random.chance(5) ? new Basic.Properties(list) : list;
        writer.publish(channel, command, given, body);
        octets = alone(channel, command, list, body, options, frameMax);
        messages += 1;
      }
      expected[which]!.push(octets);
      if (random.chance(10)) {
        const pending = expected[which]!.reduce((sum, { length }) => sum + length, 0);
        expect(writer.bytesPending).toBe(pending);
        if (random.chance(3)) {
          expect(sameOctets(writer.flush(), concat(expected[which]!)), `up to frame ${i}`).toBe(true);
          expected[which] = [];
        }
      }
    }
    expect(messages).toBeGreaterThan(500);
    writers.forEach((writer, i) => expect(sameOctets(writer.flush(), concat(expected[i]!))).toBe(true));
  });
});

const publish = new Basic.Publish({ exchange: "events", routingKey: "orders" });
const id = (i: number): string => `${i}`.padStart(36, "0");
const body = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

describe("texts that are written together", () => {
  test.each([0, 1, 250, 499])("one of them beyond ASCII, the %dth, and what stands around it", (odd) => {
    const writer = new FrameWriter();
    const expected: Uint8Array[] = [];
    for (let i = 0; i < 500; i++) {
      const fields = {
        messageId: i === odd ? `Größe-東京-😀-${i}` : id(i),
        correlationId: `c-${i}`,
        headers: { i, t: id(i) },
      };
      writer.publish(1, publish, fields, body);
      expected.push(alone(1, publish, fields, body));
      if (i % 7 === 0) {
        writer.write(new ContentBody(body), 2);
        expected.push(marshal(new ContentBody(body), 2));
      }
    }
    expect(writer.bytesPending).toBe(concat(expected).length);
    expect(sameOctets(writer.flush(), concat(expected))).toBe(true);
  });

  test("more of them, and longer ones, than find room, without a flush", () => {
    const writer = new FrameWriter();
    const expected: Uint8Array[] = [];
    for (let i = 0; i < 6000; i++) {
      const fields = { messageId: i % 1000 === 999 ? "東".repeat(85) : id(i).repeat(2), correlationId: id(i) };
      writer.publish(1, publish, fields, body);
      expected.push(alone(1, publish, fields, body));
    }
    expect(writer.bytesPending).toBe(concat(expected).length);
    expect(sameOctets(writer.flush(), concat(expected))).toBe(true);
  });

  test("lone surrogates are refused where they are written, between others that stay", () => {
    const writer = new FrameWriter();
    const good = [{ messageId: id(1) }, { messageId: "é".repeat(30) }, { headers: { a: id(2) } }];
    const expected = concat(good.map((fields) => alone(3, publish, fields, body)));
    good.forEach((fields) => writer.publish(3, publish, fields, body));
    for (const fields of [
      { messageId: "a\ud800".repeat(9) },
      { correlationId: id(1), messageId: "\udc00\ud800".repeat(9) },
      { messageId: id(9), headers: { a: `${"x".repeat(50)}\ud800` } },
      { messageId: id(9), headers: { "\ud800": 1 } },
      { correlationId: id(9), messageId: "é".repeat(128) },
    ]) {
      expect(() => writer.publish(3, publish, fields, body)).toThrow(EncodeError);
      expect(writer.bytesPending).toBe(expected.length);
    }
    expect(sameOctets(writer.flush(), expected)).toBe(true);
  });

  test("a text of nearly a frame goes out whole", () => {
    const declare = new Queue.Declare({ queue: "q", arguments: { text: "x".repeat(131_000) } });
    expect(sameOctets(new FrameWriter().write(declare, 1).flush(), marshal(declare, 1))).toBe(true);
  });
});

describe("records", () => {
  test("more of them than find room, without a flush", () => {
    const writer = new FrameWriter();
    for (let i = 0; i < 30_000; i++) writer.write(new Basic.Ack({ deliveryTag: i }), 1);
    expect(writer.bytesPending).toBe(30_000 * 21);
    const octets = writer.flush();
    for (const i of [0, 1, 8191, 8192, 12_483, 12_484, 29_999]) {
      const { frame } = unmarshal(octets.subarray(21 * i))!;
      expect((frame as Basic.Ack).deliveryTag).toBe(i);
    }
  });

  test("more routing keys, content types and sequences of header keys than are kept", () => {
    const writer = new FrameWriter();
    for (let round = 0; round < 3; round++) {
      const expected: Uint8Array[] = [];
      for (let i = 0; i < 1500; i++) {
        const own = new Basic.Publish({ exchange: "events", routingKey: `orders.of.a.rather.long.name.${i}` });
        const fields = {
          contentType: `type/${i}`,
          headers: { [`key-${i}-${"k".repeat(60)}`]: `value-${i}`, b: i, a: true },
        };
        writer.publish(1, own, fields, body);
        expected.push(alone(1, own, fields, body));
      }
      expect(sameOctets(writer.flush(), concat(expected)), `round ${round}`).toBe(true);
    }
  });

  test("a prepared publish outlives what is kept", () => {
    const writer = new FrameWriter();
    const fields = { contentType: "text/plain", headers: { a: 1 } };
    const prepared = writer.prepare(publish, fields);
    for (let i = 0; i < 4000; i++) {
      const own = { headers: { [`${i}-${"k".repeat(80)}`]: 1 } };
      writer.publish(1, publish, own, body).publish(1, publish, own, body);
      prepared.publish(1, body, { messageId: id(i) });
      const expected = [alone(1, publish, own, body), alone(1, publish, own, body)];
      expected.push(alone(1, publish, { ...fields, messageId: id(i) }, body));
      if (!sameOctets(writer.flush(), concat(expected))) expect.unreachable(`at message ${i}`);
    }
  });
});

describe("a method that was kept", () => {
  test("is looked at anew each time", () => {
    const writer = new FrameWriter();
    const own = new Basic.Publish({ exchange: "a", routingKey: "k" });
    const steps: Array<Partial<Basic.Publish>> = [
      {},
      {},
      {},
      { mandatory: true },
      { exchange: "b" },
      { routingKey: "é" },
    ];
    for (const step of [...steps, ...steps, { immediate: true }, { mandatory: false }]) {
      Object.assign(own, step);
      expect(sameOctets(writer.publish(1, own, null, body).flush(), alone(1, own, {}, body))).toBe(true);
    }
    for (const wrong of [{ exchange: "no$" }, { ticket: 1 }]) {
      const bad = Object.assign(new Basic.Publish({ exchange: "a", routingKey: "k" }), wrong);
      expect(() => writer.publish(1, bad)).toThrow(ValidationError);
    }
    for (const wrong of [{ mandatory: 1 }, { immediate: undefined }, { routingKey: 5 }]) {
      const bad = Object.assign(new Basic.Publish({ exchange: "b", routingKey: "é" }), wrong);
      expect(() => writer.publish(1, bad)).toThrow(EncodeError);
    }
    expect(writer.bytesPending).toBe(0);
  });
});

describe("headers that are no plain tables", () => {
  afterEach(() => {
    delete (Object.prototype as Record<string, unknown>)["polluted"];
  });

  test("have no fields of Object.prototype", () => {
    const writer = new FrameWriter();
    const fields = (): Fields => ({ headers: { a: 1, b: 2 } });
    const expected = alone(1, publish, fields(), body);
    for (let i = 0; i < 3; i++) writer.publish(1, publish, { headers: { a: 1, b: 2, polluted: 3 } }, body);
    for (let i = 0; i < 3; i++) writer.publish(1, publish, fields(), body);
    writer.flush();
    (Object.prototype as Record<string, unknown>)["polluted"] = 3;
    expect(sameOctets(writer.publish(1, publish, fields(), body).flush(), expected)).toBe(true);
  });

  test("are refused, whatever they call their constructor", () => {
    class Order {
      a = 1;
    }
    const writer = new FrameWriter();
    const disguised = Object.assign(new Order(), { constructor: Object });
    for (const wrong of [new Order(), disguised, [1], 5, "text", true, () => 1, new (class extends Order {})()]) {
      for (let i = 0; i < 3; i++) {
        expect(() => writer.publish(1, publish, { headers: wrong as never }, body)).toThrow(EncodeError);
      }
    }
    expect(writer.bytesPending).toBe(0);
  });
});

describe("getters among values", () => {
  test("of properties may write: their frames go first", () => {
    const writer = new FrameWriter();
    const ack = new Basic.Ack({ deliveryTag: 1 });
    const fields = {
      get messageId() {
        writer.write(ack, 2);
        return id(1);
      },
    };
    writer
      .publish(1, publish, { messageId: id(0) }, body)
      .publish(1, publish, { messageId: id(0) }, body)
      .flush();
    writer.publish(1, publish, fields, body);
    const expected = concat([marshal(ack, 2), alone(1, publish, { messageId: id(1) }, body)]);
    expect(sameOctets(writer.flush(), expected)).toBe(true);
  });

  test("of headers may not, and leave nothing of their message", () => {
    const writer = new FrameWriter();
    const other = new FrameWriter();
    const meddlers: Array<() => unknown> = [
      () => writer.write(new Basic.Ack({ deliveryTag: 1 }), 1),
      () => writer.publish(1, publish),
      () => other.write(new Basic.Ack({ deliveryTag: 1 }), 1),
      () => writer.flush(),
      () => marshal(publish, 1),
      () => {
        throw new EncodeError("mine");
      },
    ];
    for (let i = 0; i < 3; i++) writer.publish(1, publish, { messageId: id(i), headers: { a: 1, b: 2 } }, body);
    const pending = writer.bytesPending;
    for (const meddle of meddlers) {
      const table = {
        a: 1,
        get b() {
          meddle();
          return 2;
        },
      };
      expect(() => writer.publish(1, publish, { messageId: id(9), headers: table }, body)).toThrow(EncodeError);
      expect(writer.bytesPending).toBe(pending);
    }
    expect(other.bytesPending).toBe(0);
    expect(writer.publish(1, publish, { messageId: id(4) }, body).flush().length).toBeGreaterThan(pending);
  });

  test("that give the body away leave nothing", () => {
    const writer = new FrameWriter();
    for (let i = 0; i < 3; i++) writer.publish(1, publish, { headers: { a: 1 } }, body);
    const pending = writer.bytesPending;
    const given = new Uint8Array(100);
    const table = {
      get a() {
        if (given.length > 0) structuredClone(given.buffer, { transfer: [given.buffer] });
        return 1;
      },
    };
    const error: unknown = (() => {
      try {
        return writer.publish(1, publish, { headers: table }, given);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(EncodeError);
    expect(writer.bytesPending).toBe(pending);
  });
});

test("a memory that its owner grows between frames", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const codec = createCodec({ memory });
  const writer = new codec.FrameWriter();
  const prepared = writer.prepare(publish, { contentType: "text/plain" });
  const expected: Uint8Array[] = [];
  for (let i = 0; i < 40; i++) {
    const fields = { messageId: i % 9 === 0 ? `é${id(i)}` : id(i), headers: { i } };
    writer.publish(1, publish, fields, body);
    if (i % 2 === 0) memory.grow(1);
    prepared.publish(1, body, { messageId: id(i) });
    if (i % 3 === 0) memory.grow(1);
    writer.write(new Basic.Ack({ deliveryTag: i }), 1);
    expected.push(
      alone(1, publish, fields, body),
      alone(1, publish, { contentType: "text/plain", messageId: id(i) }, body),
    );
    expected.push(marshal(new Basic.Ack({ deliveryTag: i }), 1));
    if (i % 5 === 0) memory.grow(1);
  }
  expect(writer.bytesPending).toBe(concat(expected).length);
  memory.grow(1);
  expect(sameOctets(writer.flush(), concat(expected))).toBe(true);
});
