/** Messages that are like those before them take a way of their own to the octets: these must be what the general way writes, value by value. */
import { afterEach, describe, expect, test } from "vitest";
import {
  Basic,
  ContentBody,
  ContentHeader,
  createCodec,
  FrameWriter,
  Timestamp,
  type EncodeOptions,
  type FieldInput,
} from "../src/index.js";
import { concat, hexOf } from "./support/octets.js";
import { Random } from "./support/random.js";

type Fields = NonNullable<ConstructorParameters<typeof Basic.Properties>[0]>;
type Table = Record<string, FieldInput>;

/** More messages than it takes until code is made for a layout. */
const MANY = 90;
const general = createCodec();

/** The general way: frame by frame, in a core that has nothing else to remember. */
function alone(
  channel: number,
  publish: Basic.Publish,
  properties: Fields,
  body: Uint8Array,
  options: EncodeOptions = {},
): Uint8Array {
  const writer = new general.FrameWriter({ ...options, frameMax: 0 });
  writer.write(publish, channel);
  writer.write(new ContentHeader({ bodySize: body.length, properties: new Basic.Properties(properties) }), channel);
  if (body.length > 0) writer.write(new ContentBody(body), channel);
  return writer.flush();
}

const publish = new Basic.Publish({ exchange: "events", routingKey: "orders.created.eu" });
const body = Uint8Array.of(1, 2, 3);
const id = (random: Random): string => `${random.word()}-${random.word()}-é`.slice(0, random.chance(40) ? 99 : 20);

/** A kind of message: what is always the same in it, and what may differ. */
function kind(random: Random): (random: Random) => Fields {
  const keys = ["attempt", "b", "a", "x-region", "Größe", "7", "toString", "__proto__"].filter(() => random.chance(2));
  const sorts = keys.map(() => random.below(8));
  const has = Array.from({ length: 12 }, () => random.chance(3));
  const constant = ["eu-west-1", "Straße", "", "x".repeat(60)][random.below(4)]!;
  return (random) => {
    const table: Table = Object.create(random.chance(3) ? null : Object.prototype) as Table;
    keys.forEach((key, i) => {
      const values: FieldInput[] = [
        constant,
        random.below(100),
        random.chance(2),
        null,
        random.below(70_000) - 100,
        random.chance(2) ? "north" : "south",
        id(random),
        new Timestamp(random.below(2 ** 31) * 3),
      ];
      const odd: FieldInput[] = [-0, 0, 128, -129, 0.5, true, "other", null, [1], "東京", undefined, 2n];
      const value = random.chance(60) ? random.pick(odd) : values[sorts[i]!];
      Object.defineProperty(table, key, { value, enumerable: true, writable: true, configurable: true });
    });
    return {
      ...(has[0] ? {} : { headers: table }),
      ...(has[1] ? { contentType: random.chance(80) ? "text/plain" : "application/json" } : {}),
      ...(has[2] ? { contentEncoding: "gzip" } : {}),
      ...(has[3] ? {} : { deliveryMode: random.chance(80) ? 1 : 2 }),
      ...(has[4] ? { priority: 7 } : {}),
      ...(has[5] ? { correlationId: random.chance(60) ? "" : id(random) } : {}),
      ...(has[6] ? { replyTo: "amq.rabbitmq.reply-to" } : {}),
      ...(has[7] ? { expiration: `${random.below(99_999)}` } : {}),
      ...(has[8] ? {} : { messageId: random.chance(60) ? random.octets(5) : id(random) }),
      ...(has[9] ? {} : { timestamp: random.chance(60) ? new Date(9000) : new Timestamp(random.below(2 ** 31) * 5) }),
      ...(has[10] ? { type: "order", userId: "guest" } : {}),
      ...(has[11] ? { appId: random.chance(80) ? "" : "shop" } : {}),
    };
  };
}

describe.each<[string, EncodeOptions]>([
  ["as it is", {}],
  ["with wide integers", { integers: "wide" }],
  ["with keys as they come", { keyOrder: "insertion" }],
])("messages of a few kinds, %s", (_, options) => {
  test.each([1, 2, 3, 4, 5, 6])("are the octets that the general way writes (seed %d)", (seed) => {
    const random = new Random(seed);
    const codec = createCodec();
    const writer = new codec.FrameWriter(options);
    const kinds = Array.from({ length: 4 }, () => kind(random));
    const methods = [
      new Basic.Publish({ exchange: "events", routingKey: "orders" }),
      new Basic.Publish({ exchange: "logs", routingKey: "orders" }),
      new Basic.Publish({ exchange: "events", routingKey: "заказы", mandatory: true }),
    ];
    let expected: Uint8Array[] = [];
    for (let i = 0; i < 900; i++) {
      const properties = kinds[random.chance(30) ? random.below(4) : Math.floor(i / 225)]!(random);
      const method = methods[random.chance(9) ? random.below(3) : 0]!;
      const channel = random.below(65_536);
      const octets = random.octets(random.chance(9) ? 0 : random.below(60));
      writer.publish(channel, method, properties, octets);
      expected.push(alone(channel, method, properties, octets, options));
      if (random.chance(40)) {
        expect(writer.bytesPending).toBe(expected.reduce((sum, { length }) => sum + length, 0));
        expect(hexOf(writer.flush())).toBe(hexOf(concat(expected)));
        expected = [];
      }
    }
    expect(hexOf(writer.flush())).toBe(hexOf(concat(expected)));
  });
});

describe("after many messages of one kind", () => {
  const usual = (i: number): Table => ({ n: i % 100, yes: i % 2 === 0, region: "eu", nothing: null, note: `n${i}` });

  /** Writes many, then those that are given, and compares. */
  function compare(...given: Fields[]): void {
    const writer = new (createCodec().FrameWriter)();
    const all: Fields[] = Array.from({ length: MANY }, (_, i) => ({
      contentType: "text/plain",
      messageId: `${i}-abcdef`,
      headers: usual(i),
    }));
    all.push(...given);
    for (const properties of all) writer.publish(3, publish, properties, body);
    const expected = all.map((properties) => alone(3, publish, properties, body));
    expect(hexOf(writer.flush())).toBe(hexOf(concat(expected)));
  }
  const withHeaders = (headers: unknown): Fields => ({
    contentType: "text/plain",
    messageId: "abcdef",
    headers: headers as Table,
  });

  test.each<[string, FieldInput]>([
    ["a zero with a sign", -0],
    ["a larger number", 128],
    ["a smaller number", -129],
    ["a fraction", 1.5],
    ["a boolean", true],
    ["a text", "1"],
    ["nothing", null],
    ["no field", undefined],
    ["octets", Uint8Array.of(1)],
  ])("a number may be %s", (_, n) => compare(withHeaders({ ...usual(1), n }), withHeaders(usual(2))));

  test.each<[string, Table]>([
    ["another text of the same length", { region: "us" }],
    ["a text for a boolean", { yes: "true" }],
    ["a number for a boolean", { yes: 1 }],
    ["a number for a text", { region: 1 }],
    ["something for nothing", { nothing: 0 }],
    ["a table", { note: { a: 1 } }],
    ["a new text that is not ASCII", { note: "東京-東京" }],
    ["one field more", { z: 1 }],
  ])("another field: %s", (_, fields) => compare(withHeaders({ ...usual(1), ...fields }), withHeaders(usual(2))));

  test("keys may come in another order, or not all of them", () => {
    compare(withHeaders(Object.fromEntries(Object.entries(usual(4)).reverse())));
    compare(withHeaders(Object.fromEntries(Object.entries(usual(4)).slice(0, -1))));
    compare(withHeaders({}), withHeaders(null), withHeaders(undefined));
  });

  test("keys that go out as they come may come in another order", () => {
    const writer = new (createCodec().FrameWriter)({ keyOrder: "insertion" });
    const all = Array.from({ length: MANY }, (_, i) => ({ headers: usual(i) }));
    all.push({ headers: Object.fromEntries(Object.entries(usual(4)).reverse()) }, { headers: usual(5) });
    for (const properties of all) writer.publish(3, publish, properties, body);
    const expected = all.map((properties) => alone(3, publish, properties, body, { keyOrder: "insertion" }));
    expect(hexOf(writer.flush())).toBe(hexOf(concat(expected)));
  });

  test("a table may have no prototype, or be a map", () => {
    compare(withHeaders(Object.assign(Object.create(null) as object, usual(4))));
    compare(withHeaders(new Map(Object.entries(usual(4)))));
  });

  test("properties may come and go, and be others", () => {
    compare({ headers: usual(1) }, { messageId: "abcdef" }, {});
    compare({ ...withHeaders(usual(1)), contentType: "text/html" }, withHeaders(usual(2)));
    compare({ ...withHeaders(usual(1)), contentType: "" }, { ...withHeaders(usual(1)), messageId: "" });
    compare({ ...withHeaders(usual(1)), messageId: "é".repeat(100) }, withHeaders(usual(2)));
    compare({ ...withHeaders(usual(1)), deliveryMode: 2, timestamp: new Timestamp(2 ** 45) });
  });

  test("whatever is no value of its field is refused, and leaves nothing", () => {
    const writer = new FrameWriter();
    for (let i = 0; i < MANY; i++) writer.publish(3, publish, withHeaders(usual(i)), body);
    writer.flush();
    const wrong: unknown[] = [
      withHeaders({ ...usual(1), n: Number.NaN }),
      withHeaders({ ...usual(1), note: "\ud800" }),
      withHeaders(Object.assign(Object.create({ inherited: 1 }) as object, { constructor: 1 })),
      withHeaders(Object.assign(new (class Mine {})(), usual(1))),
      { ...withHeaders(usual(1)), messageId: "\ud800-abcdef" },
      { ...withHeaders(usual(1)), messageId: "x".repeat(256) },
      { ...withHeaders(usual(1)), clusterId: 1 },
      { ...withHeaders(usual(1)), timestamp: 5 },
    ];
    for (const properties of wrong) {
      expect(() => writer.publish(3, publish, properties as Fields, body)).toThrow(/./);
      expect(writer.bytesPending).toBe(0);
    }
    for (const channel of [-1, 65_536, 1.5])
      expect(() => writer.publish(channel, publish, withHeaders(usual(1)), body)).toThrow("channel");
    const unlike = {
      exchange: "events",
      routingKey: "orders.created.eu",
      mandatory: false,
      immediate: false,
      ticket: 0,
    };
    expect(() => writer.publish(3, unlike as never, withHeaders(usual(1)), body)).toThrow("Basic.Publish");
    expect(hexOf(writer.publish(3, publish, withHeaders(usual(1)), body).flush())).toBe(
      hexOf(alone(3, publish, withHeaders(usual(1)), body)),
    );
  });

  test("a header frame beyond frame-max is refused, and a body is split", () => {
    const writer = new FrameWriter({ frameMax: 4096 });
    const long = (length: number): Fields => withHeaders({ n: 1, note: "x".repeat(length) });
    for (let i = 0; i < MANY; i++) writer.publish(3, publish, long(40), body);
    writer.flush();
    expect(() => writer.publish(3, publish, long(5000), body)).toThrow("frame-max");
    const wide = (i: number, length: number): Fields =>
      withHeaders(Object.fromEntries(Array.from({ length: 32 }, (_, k) => [`${k}`.padEnd(60), `${i}`.padEnd(length)])));
    for (let i = 0; i < MANY; i++) writer.publish(3, publish, wide(i, 20), body);
    writer.flush();
    expect(() => writer.publish(3, publish, wide(0, 80), body)).toThrow("frame-max");
    writer.publish(3, publish, long(40), new Uint8Array(4089));
    expect(writer.flush().length).toBe(alone(3, publish, long(40), new Uint8Array(4089)).length + 8);
  });
});

describe("fields that every object has", () => {
  afterEach(() => {
    delete (Object.prototype as Table)["region"];
  });

  test("are not those of a table, whenever they came", () => {
    const writer = new FrameWriter();
    const table = (i: number): Table => ({ n: i % 100, region: "eu" });
    for (let i = 0; i < MANY; i++) writer.publish(1, publish, { headers: table(i) }, body);
    writer.flush();
    Object.defineProperty(Object.prototype, "region", { value: "eu", enumerable: true, configurable: true });
    const octets = writer.publish(1, publish, { headers: { n: 1 } }, body).flush();
    delete (Object.prototype as Table)["region"];
    expect(hexOf(octets)).toBe(hexOf(alone(1, publish, { headers: { n: 1 } }, body)));
  });
});

test("tables that begin with the same keys, with new texts, may stand beside a text that is not ASCII", () => {
  const writer = new (createCodec().FrameWriter)();
  const note = (i: number): string => `${i}`.padEnd(60, ".");
  const all: Fields[] = [
    { headers: { note: note(1), a: 1 } },
    { headers: { note: note(2), a: 2 } },
    { headers: { note: note(3), z: 5 }, messageId: "after-it" },
    { headers: { note: note(4), a: 4 }, messageId: "東京-東京" },
    { headers: { note: note(5) }, messageId: "the-last" },
  ];
  writer.publish(1, publish, {}, body).publish(1, publish, {}, body);
  writer.flush();
  for (const properties of all) writer.publish(1, publish, properties, body);
  const expected = all.map((properties) => alone(1, publish, properties, body));
  expect(writer.bytesPending).toBe(concat(expected).length);
  expect(hexOf(writer.flush())).toBe(hexOf(concat(expected)));
});

test("who has nothing in common from message to message is written all the same, and so is what comes then", () => {
  const writer = new (createCodec().FrameWriter)();
  const all: Fields[] = Array.from({ length: 400 }, (_, i) => ({ headers: { [`key${i}`]: i } }));
  for (let i = 0; i < 2000; i++) all.push({ type: `t${i % 7}`, headers: { n: i % 50 } });
  for (const properties of all) writer.publish(1, publish, properties, body);
  const expected = all.map((properties) => alone(1, publish, properties, body));
  expect(hexOf(writer.flush())).toBe(hexOf(concat(expected)));
});

test("layouts are forgotten with all else that is kept, when that is full", () => {
  const writer = new (createCodec().FrameWriter)();
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 200; i++) {
      const headers = Object.fromEntries(Array.from({ length: 30 }, (_, k) => [`${"k".repeat(60)}${i}-${k}`, "v"]));
      const expected = alone(1, publish, { headers }, body);
      for (let times = 0; times < 3; times++) writer.publish(1, publish, { headers }, body);
      expect(hexOf(writer.flush())).toBe(hexOf(concat([expected, expected, expected])));
    }
  }
});

test("a layout is not used for what is kept now where it was", () => {
  const codec = createCodec();
  const [writer, other] = [new codec.FrameWriter(), new codec.FrameWriter()];
  const usual = (i: number): Fields => ({ type: "order", headers: { n: i, region: "eu-west-1" } });
  for (let i = 0; i < MANY; i++) writer.publish(1, publish, usual(i), body);
  writer.flush();
  // Far more than all that can be kept, several times over.
  for (let i = 0; i < 300; i++) {
    const headers = Object.fromEntries(Array.from({ length: 30 }, (_, k) => [`${"k".repeat(60)}${i}-${k}`, i]));
    for (let times = 0; times < 2; times++) other.publish(1, publish, { headers }, body);
    if (i % 50 === 0) {
      const octets = writer.publish(1, publish, usual(i), body).publish(1, publish, usual(7), body).flush();
      const expected = [alone(1, publish, usual(i), body), alone(1, publish, usual(7), body)];
      expect(hexOf(octets)).toBe(hexOf(concat(expected)));
    }
  }
});

test("acks whose tags follow one another are the frames that they are alone", () => {
  const random = new Random(11);
  const writer = new FrameWriter();
  const expected: Uint8Array[] = [];
  let tag = 2 ** 31 - 2000;
  for (let i = 0; i < 4000; i++) {
    const channel = random.chance(50) ? 7 : 1;
    tag = random.chance(20) ? random.below(2 ** 31) : random.chance(400) ? 2 ** 31 - 3 : tag + 1;
    const ack = new Basic.Ack({ deliveryTag: tag, multiple: random.chance(30) });
    writer.write(ack, channel);
    expected.push(new general.FrameWriter().write(new Basic.Nack(ack), channel).flush());
    const octets = expected.at(-1)!;
    // A Nack has another method id and another bit octet.
    octets[10] = 80;
    octets[19] = ack.multiple ? 1 : 0;
    if (random.chance(50)) {
      expect(() => writer.publish(1, publish, { headers: { a: Number.NaN } }, body)).toThrow("NaN");
    }
    if (random.chance(90)) {
      expect(writer.bytesPending).toBe(21 * expected.length);
      expect(hexOf(writer.flush())).toBe(hexOf(concat(expected.splice(0))));
    }
  }
  expect(hexOf(writer.flush())).toBe(hexOf(concat(expected)));
});
