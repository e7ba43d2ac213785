/** Tables and arrays within header tables take a way of their own to the octets: these must be what the general way writes, value by value, and what it refuses must be refused. */
import { describe, expect, test } from "vitest";
import {
  Basic,
  ContentBody,
  ContentHeader,
  createCodec,
  Decimal,
  Field,
  FieldTable,
  FrameReader,
  Timestamp,
  type EncodeOptions,
  type FieldInput,
} from "../src/index.js";
import { concat, hexOf } from "./support/octets.js";
import { Random } from "./support/random.js";

type Fields = NonNullable<ConstructorParameters<typeof Basic.Properties>[0]>;
type Table = Record<string, FieldInput>;

const publish = new Basic.Publish({ exchange: "events", routingKey: "orders.created.eu" });
const body = Uint8Array.of(1, 2, 3);
const general = createCodec();

/** The general way: frame by frame, in a core that has nothing else to remember. */
function alone(properties: Fields, options: EncodeOptions = {}): Uint8Array {
  const writer = new general.FrameWriter({ ...options, frameMax: 0 });
  writer.write(publish, 1);
  writer.write(new ContentHeader({ bodySize: body.length, properties: new Basic.Properties(properties) }), 1);
  return writer.write(new ContentBody(body), 1).flush();
}

/** Where octets are not those that are expected, with what stands there: hundreds of kilobytes are nothing that anybody compares by eye. */
function difference(octets: Uint8Array, expected: Uint8Array): string | undefined {
  const at = octets.findIndex((octet, i) => octet !== expected[i]);
  if (at < 0 && octets.length === expected.length) return undefined;
  return `${at}: ${hexOf(octets.subarray(at, at + 40))} for ${hexOf(expected.subarray(at, at + 40))}`;
}

/** Octets, or the reason why there are none. */
function outcome(write: () => Uint8Array): string {
  try {
    return hexOf(write());
  } catch (error) {
    return String(error);
  }
}

const numbers = [0, -0, 1, -1, 127, 128, -128, -129, 32_767, 32_768, -32_768, -32_769, 65_535, 65_536, 2 ** 31 - 1];
numbers.push(2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32 - 1, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, 1 - 2 ** 53, 2 ** 53);
numbers.push(1e300, 5e-324, 0.1, -2.5, 1_700_000_000_123);
const texts = ["", "a", "orders", "orders.retry", "Größe", "東京", "x".repeat(48), "x".repeat(49), "é".repeat(85)];
texts.push("y".repeat(86), "z".repeat(300), "ü".repeat(2048), "\u{1f600}".repeat(40));
const keys = [
  "count",
  "queue",
  "reason",
  "routing-keys",
  "time",
  "Größe",
  "7",
  "10",
  "toString",
  "__proto__",
  "k".repeat(80),
];

function scalar(random: Random): FieldInput {
  switch (random.below(9)) {
    case 0:
      return random.chance(3) ? random.pick(numbers) : random.below(200) - 100;
    case 1:
    case 2:
      return random.pick(texts);
    case 3:
      return `${random.below(1e9)}-${random.word()}`;
    case 4:
      return random.chance(2);
    case 5:
      return null;
    case 6:
      return random.chance(4) ? new Date(random.below(2 ** 31) * 999) : new Timestamp(random.below(2 ** 31) * 5);
    case 7:
      return random.below(2 ** 31) / 64;
    default:
      return random.below(2 ** 31) * (random.chance(2) ? 1 : -8);
  }
}

function unusual(random: Random): unknown {
  const values: unknown[] = [
    "w".repeat(2049),
    { ["k".repeat(90)]: 1 },
    undefined,
    5n,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "\ud800",
    `${"x".repeat(100)}\udc00`,
    Uint8Array.of(1, 2),
    new Decimal({ scale: 2, unscaled: -5 }),
    new Field("B", 200),
    FieldTable.from({ a: 1 }),
    new Map([["b", 1]]),
    [1, undefined, 2],
    // eslint-disable-next-line no-sparse-arrays -- a hole is what is looked at
    [1, , 2],
    Array.from({ length: 65 }, (_, i) => i),
    Array.from({ length: 300 }, () => null),
    Symbol("none"),
    () => 1,
    new Date(Number.NaN),
    new (class Mine {
      a = 1;
    })(),
    Object.assign(Object.create({ inherited: 1 }) as object, { own: 1 }),
    Object.defineProperty({ a: 1 }, "hidden", { value: 2, enumerable: false }),
    { a: 1, [Symbol("no key")]: 2 },
    new Proxy({ a: 1, b: "two" }, {}),
    new Proxy([1, "two"], {}),
    ...[Number.NaN, "2", -1, 1.5, 2n, 70].map(
      (length) =>
        new Proxy([1, 2], {
          get: (target, key) => (key === "length" ? length : (Reflect.get(target, key) as unknown)),
        }),
    ),
    { constructor: 1 },
    { "\ud800": 1 },
    Object.assign([1, 2], { more: 3 }),
  ];
  return random.pick(values);
}

/** A value, usually of a form that is seen again and again: `form` says which. */
function value(random: Random, form: number, level: number): FieldInput {
  if (random.chance(900)) return unusual(random) as FieldInput;
  if (level > 0 && form % 3 === 0) return list(random, form, level);
  if (level > 0 && form % 3 === 1) return table(random, form, level);
  return scalar(random);
}

function list(random: Random, form: number, level: number): FieldInput[] {
  const length = random.chance(8) ? random.below(7) : form % 4;
  return Array.from({ length }, (_, i) =>
    value(random, random.chance(9) ? random.below(99) : (form + i) * 7 + 1, level - 1),
  );
}

function table(random: Random, form: number, level: number): Table {
  const made = Object.create(random.chance(2) ? null : Object.prototype) as Table;
  const forms = new Random(random.chance(12) ? random.below(999) : form);
  for (const key of keys) {
    if (!forms.chance(2)) continue;
    const given = value(random, forms.below(99), level - 1);
    Object.defineProperty(made, key, { value: given, enumerable: true, writable: true, configurable: true });
  }
  return made;
}

describe.each<[string, EncodeOptions]>([
  ["as it is", {}],
  ["with wide integers", { integers: "wide" }],
  ["with keys as they come", { keyOrder: "insertion" }],
  ["with what is not finite", { allowNonFinite: true }],
])("tables within tables, %s", (_, options) => {
  test.each([1, 2, 3])("are the octets that the general way writes (seed %d)", (seed) => {
    const random = new Random(seed);
    const writer = new (createCodec().FrameWriter)({ ...options, frameMax: seed % 2 === 0 ? 0 : 131_072 });
    const forms = Array.from({ length: 3 }, () => random.below(1000));
    let expected: Uint8Array[] = [];
    for (let i = 0; i < 250; i++) {
      const properties: Fields = {
        headers: table(random, random.pick(forms), 3),
        ...(random.chance(3) ? { messageId: `${random.word()}-${random.word()}${random.chance(9) ? "é" : ""}` } : {}),
      };
      const octets = outcome(() => {
        const frames = alone(properties, options);
        expected.push(frames);
        return frames;
      });
      const before = writer.bytesPending;
      const ours = outcome(() => {
        writer.publish(1, publish, properties, body);
        return expected.at(-1)!;
      });
      expect(ours === octets ? "the same" : ours.slice(0, 200)).toBe("the same");
      if (random.chance(5)) expect(writer.bytesPending).toBe(expected.reduce((sum, { length }) => sum + length, 0));
      else if (/Error/.test(octets)) expect(writer.bytesPending).toBe(before);
      if (random.chance(30)) {
        expect(difference(writer.flush(), concat(expected))).toBeUndefined();
        expected = [];
      }
    }
    expect(difference(writer.flush(), concat(expected))).toBeUndefined();
  });
});

/** Writes messages that a writer learns from, then one with these headers, and compares. */
function compare(usual: (i: number) => unknown, headers: unknown, options: EncodeOptions = {}): void {
  const writer = new (createCodec().FrameWriter)(options);
  const all = [...Array.from({ length: 90 }, (_, i) => usual(i)), headers, usual(1)] as Table[];
  for (const headers of all) writer.publish(1, publish, { headers }, body);
  expect(difference(writer.flush(), concat(all.map((headers) => alone({ headers }, options))))).toBeUndefined();
}

const death = (i: number, queue: string): Table => ({
  count: i,
  reason: i % 2 === 0 ? "expired" : "rejected",
  queue,
  time: new Timestamp(1_700_000_000 + i),
  exchange: "events",
  "routing-keys": ["orders.created.eu"],
});
const dead = (i: number): Table => ({ "x-death": [death(i, "orders.retry"), death(i + 1, "orders")], n: i });

describe("after many messages with a list of tables", () => {
  test.each<[string, Table]>([
    ["an empty list", { "x-death": [], n: 1 }],
    ["a list of one", { "x-death": [death(1, "a")], n: 1 }],
    ["a list of many", { "x-death": Array.from({ length: 40 }, (_, i) => death(i, `q${i}`)), n: 1 }],
    ["a list of more than are counted", { "x-death": Array.from({ length: 300 }, (_, i) => i), n: 1 }],
    ["a table", { "x-death": death(1, "a"), n: 1 }],
    ["an empty table", { "x-death": {}, n: 1 }],
    ["a text", { "x-death": "none", n: 1 }],
    ["tables with other keys", { "x-death": [{ ...death(1, "a"), more: 1 }, { count: 1 }, {}], n: [] }],
    [
      "tables whose keys come in another order",
      { "x-death": [Object.fromEntries(Object.entries(death(1, "a")).reverse())] },
    ],
    ["lists of lists", { "x-death": [[[[1, "a"], []], [[]]], [{ a: [{ b: {} }] }]], n: 1 }],
  ])("it may be %s", (_, headers) => {
    compare(dead, headers);
    compare(dead, headers, { keyOrder: "insertion" });
  });

  test("what was decoded goes out again", () => {
    const writer = new (createCodec().FrameWriter)();
    const expected = Array.from({ length: 200 }, (_, i) => alone({ headers: dead(i) }));
    const frames = new FrameReader().push(concat(expected));
    for (const frame of frames) if (frame.name === "ContentHeader") writer.publish(1, publish, frame.properties, body);
    expect(difference(writer.flush(), concat(expected))).toBeUndefined();
  });
});

test.each([-0, 0, 128, -129, 0.5, 2 ** 40, true, "text", null, [1], { x: 1 }])(
  "a number of a table within may be %j",
  (x) => {
    compare((i) => ({ t: { x: i % 100, y: "a" } }), { t: { x, y: "a" } });
    compare((i) => ({ t: { x: i % 100, y: "a" } }), { t: { x: 1, y: x } }, { integers: "wide" });
  },
);

test.each([1, 7, 8, 9, 100, 511])("tables are written %d levels deep", (levels) => {
  let headers: Table = { deepest: "text" };
  for (let i = 0; i < levels; i++) headers = i % 2 === 0 ? { a: i, b: headers } : { a: [i, headers, "after"], b: null };
  if (levels > 300) {
    const writer = new (createCodec().FrameWriter)();
    expect(outcome(() => writer.publish(1, publish, { headers }, body).flush())).toBe(
      outcome(() => alone({ headers })),
    );
  } else compare(() => headers, headers);
});

test.each([3, 90])("tables that begin with the same keys, with new texts that are not ASCII (%d before)", (before) => {
  const writer = new (createCodec().FrameWriter)();
  const note = (i: number): string => `東京 ${i}`.padEnd(60, ".");
  const all: Fields[] = Array.from({ length: before }, (_, i) => ({
    headers: { t: { note: `${i}`.padEnd(60), a: 1 } },
  }));
  for (const properties of all) writer.publish(1, publish, properties, body);
  writer.flush();
  // Once one of them was written the next are not put off.
  const other: Fields[] = [{ headers: { t: { note: note(1), z: 5 }, n: 1 } }, { headers: { t: { note: note(2) } } }];
  for (const properties of other) writer.publish(1, publish, properties, body);
  expect(writer.bytesPending).toBe(concat(other.map((properties) => alone(properties))).length);
  expect(difference(writer.flush(), concat(other.map((properties) => alone(properties))))).toBeUndefined();
});

test("a table that holds itself is refused, and nothing was written", () => {
  const writer = new (createCodec().FrameWriter)();
  const headers: Record<string, unknown> = { a: 1 };
  headers["self"] = [headers];
  for (let i = 0; i < 3; i++) {
    expect(() => writer.publish(1, publish, { headers: headers as Table }, body)).toThrow(
      "nested deeper than 512 levels",
    );
    expect(writer.bytesPending).toBe(0);
  }
});

test.each<[string, () => unknown]>([
  ["an object of a class, with the same keys", () => Object.assign(new (class Mine {})(), { a: 1, b: "text" })],
  ["an object that has a field from another", () => Object.assign(Object.create({ b: "text" }) as object, { a: 1 })],
  ["an object with fields beyond its own", () => Object.assign(Object.create({ c: 1 }) as object, { a: 1, b: "text" })],
  ["an object without a prototype", () => Object.assign(Object.create(null) as object, { a: 1, b: "text" })],
  ["a time", () => new Timestamp(5)],
  ["a time with the same keys", () => Object.assign(new Timestamp(5), { a: 1, b: "text" })],
  ["a date", () => new Date(5000)],
  ["a map", () => new Map<string, unknown>(Object.entries({ a: 1, b: "text" }))],
  ["a decimal", () => new Decimal({ scale: 1, unscaled: 5 })],
  ["octets", () => Uint8Array.of(1, 2)],
  ["a proxy", () => new Proxy({ a: 1, b: "text" }, {})],
  ["a hidden field", () => Object.defineProperty({ a: 1, b: "text" }, "b", { enumerable: false })],
])("in place of a table: %s", (_, make) => {
  const writer = new (createCodec().FrameWriter)();
  for (let i = 0; i < 90; i++) writer.publish(1, publish, { headers: { table: { a: i, b: "text" }, n: i } }, body);
  writer.flush();
  for (let times = 0; times < 3; times++) {
    const headers = { table: make(), n: 1 } as Table;
    const octets = outcome(() => writer.publish(1, publish, { headers }, body).flush());
    expect(octets).toBe(outcome(() => alone({ headers })));
  }
});

test("a list may lie about its length", () => {
  for (const length of [Number.NaN, "2", -1, 1.5, 1, 2]) {
    const list = new Proxy([1, 2], {
      get: (target, key) => (key === "length" ? length : (Reflect.get(target, key) as unknown)),
    });
    compare((i) => ({ list: [i, 2], n: i }), { list, n: 1 });
  }
});

test.each([
  ["that wait for one call", 85, "-"],
  ["that wait, and are short", 6, "é"],
  ["that are written at once, and may be kept", 48, "東"],
  ["that are long", 1500, "é"],
])("more texts than have room, in one message: %s", (_, length, fill) => {
  const random = new Random(3);
  const text = (): string => `${random.word().toString(36)}-${random.word()}`.slice(0, length - 1).padEnd(length, fill);
  const wide = (): Table =>
    Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`k${i}`, i % 2 === 0 ? text() : Array.from({ length: 60 }, text)]),
    );
  const writer = new (createCodec().FrameWriter)({ frameMax: 0 });
  for (let i = 0; i < 4; i++) {
    const one = { headers: { a: text(), b: [text(), text()], c: { d: text() } }, messageId: `${random.word()}-id-é` };
    const headers = wide();
    writer.publish(1, publish, one, body).publish(1, publish, { headers }, body).publish(1, publish, one, body);
    expect(difference(writer.flush(), concat([alone(one), alone({ headers }), alone(one)]))).toBeUndefined();
  }
});

describe("values that run code", () => {
  const usual = (i: number): Table => ({ list: [i, "a"], table: { x: i, y: "b" } });

  test.each<[string, () => unknown]>([
    [
      "makes its list longer",
      () => {
        const list: unknown[] = [1, 2];
        Object.defineProperty(list, 0, { get: () => ((list[2] = 3), 1), enumerable: true });
        return { list, table: { x: 1, y: "b" } };
      },
    ],
    [
      "makes its list shorter",
      () => {
        const list: unknown[] = [1, 2, 3];
        Object.defineProperty(list, 0, { get: () => ((list.length = 2), 1), enumerable: true });
        return { list, table: { x: 1, y: "b" } };
      },
    ],
    [
      "adds a field to its table",
      () => {
        const table: Record<string, unknown> = { y: "b" };
        Object.defineProperty(table, "x", { get: () => ((table["z"] = 1), 5), enumerable: true });
        return { list: [1, "a"], table };
      },
    ],
  ])("a getter that %s", (_, make) => {
    const [first, second] = [make(), make()] as [Table, Table];
    const writer = new (createCodec().FrameWriter)();
    for (let i = 0; i < 90; i++) writer.publish(1, publish, { headers: usual(i) }, body);
    writer.flush();
    const frames = writer.publish(1, publish, { headers: first }, body).flush();
    expect(hexOf(frames)).toBe(hexOf(alone({ headers: second })));
    const again = writer.publish(1, publish, { headers: first }, body).flush();
    expect(hexOf(again)).toBe(hexOf(alone({ headers: second })));
  });

  test("one that writes is refused, deep within a table, and nothing was written", () => {
    const codec = createCodec();
    const writer = new codec.FrameWriter();
    for (let i = 0; i < 90; i++) writer.publish(1, publish, { headers: usual(i) }, body);
    writer.flush();
    const headers = {
      list: [1, "a"],
      table: {
        x: 1,
        get y(): string {
          writer.ack(1, 1);
          return "b";
        },
      },
    };
    expect(() => writer.publish(1, publish, { headers }, body)).toThrow("must not encode another");
    expect(writer.bytesPending).toBe(0);
    expect(hexOf(writer.publish(1, publish, { headers: usual(1) }, body).flush())).toBe(
      hexOf(alone({ headers: usual(1) })),
    );
  });

  test("one that throws leaves nothing, and its error is passed on", () => {
    const writer = new (createCodec().FrameWriter)();
    for (let i = 0; i < 90; i++) writer.publish(1, publish, { headers: usual(i) }, body);
    writer.flush();
    const headers = {
      list: ["new one that has no place yet", "b"],
      table: {
        x: 1,
        get y(): string {
          throw new RangeError("mine");
        },
      },
    };
    expect(() => writer.publish(1, publish, { headers }, body)).toThrow("mine");
    expect(writer.bytesPending).toBe(0);
    expect(hexOf(writer.publish(1, publish, { headers: usual(1) }, body).flush())).toBe(
      hexOf(alone({ headers: usual(1) })),
    );
  });
});

test("a field without a value is not written, where others had texts that were new each time", () => {
  const writer = new (createCodec().FrameWriter)();
  const having = (count: string | undefined): Fields => ({ headers: { table: { queue: "q", count } as Table } });
  for (let i = 0; i < 200; i++) writer.publish(1, publish, having(`text ${i}`), body);
  writer.flush();
  expect(
    difference(writer.publish(1, publish, having(undefined), body).flush(), alone(having(undefined))),
  ).toBeUndefined();
});
