/** What repeats takes short cuts: tables of one shape, deliveries that differ in their tag. Whatever came before, the values must be those of the octets. */
import { expect, test } from "vitest";
import {
  Basic,
  ContentHeader,
  Decimal,
  FieldTable,
  FrameReader,
  FrameWriter,
  Timestamp,
  type Frame,
} from "../src/index.js";

function roundTrip(frames: Frame[]): Frame[] {
  const writer = new FrameWriter({ keyOrder: "insertion" });
  for (const frame of frames) writer.write(frame, 1);
  return new FrameReader().push(writer.flush());
}

/** The tables as they come back, each time read with their frames: the first call only makes the reader expect that. */
function decoded(tables: object[]): Array<Record<string, unknown>> {
  const headers = () => tables.map((table) => new ContentHeader({ properties: { headers: table as never } }));
  for (const frame of roundTrip(headers())) void (frame as ContentHeader).properties;
  return roundTrip(headers()).map((frame) => (frame as ContentHeader).properties.headers as Record<string, unknown>);
}

test("tables of one shape keep their own values", () => {
  const tables = Array.from({ length: 40 }, (_, i) => ({
    a: "x",
    b: i % 3,
    c: i % 2 === 0,
    d: `unique ${i}`,
    e: null,
  }));
  expect(decoded(tables)).toEqual(tables);
});

/** Beyond this many of a kind, code is made for it. */
const MANY = 1024;

test("tables that come so often that code is made for them, whatever their fields become", () => {
  const values = [
    "text",
    "größer",
    "",
    7,
    -129,
    2 ** 40,
    2n ** 60n,
    1.5,
    true,
    false,
    null,
    new Timestamp(9),
    new Decimal({ scale: 2, unscaled: 5 }),
    Uint8Array.of(1, 255),
    [1, { k: "in a list" }],
    { inner: { k: 1 } },
  ];
  // Each field is of each kind in turn; those before code is made, those after it.
  const tables = Array.from({ length: MANY + 3 * values.length }, (_, i) =>
    Object.fromEntries(values.map((_, k) => [`key ${k}`, values[(i + k) % values.length]])),
  );
  expect(decoded(tables)).toEqual(tables);
  // Of one kind until code is made, of others from then on.
  const changing = Array.from({ length: MANY + 2 * values.length }, (_, i) =>
    i < MANY + 4 ? { a: `unique ${i}`, b: i } : { a: values[i % values.length], b: values[(i + 5) % values.length] },
  );
  expect(decoded(changing)).toEqual(changing);
});

test("properties that come so often in one combination that code is made for it", () => {
  const at = new Date(1_700_000_000_000);
  const all = (i: number) => ({
    contentType: `type ${i}`,
    contentEncoding: "identity",
    headers: { i },
    deliveryMode: 1 + (i % 2),
    priority: i % 10,
    correlationId: `correlation ${i}`,
    replyTo: "amq.rabbitmq.reply-to",
    expiration: `${i}`,
    messageId: `id-${i}`,
    timestamp: at,
    type: `größer ${i}`,
    userId: "guest",
    appId: `app ${i % 3}`,
  });
  const names = Object.keys(all(0));
  for (const chosen of [
    names,
    names.filter((_, k) => k % 2 === 0),
    names.filter((_, k) => k % 3 === 1),
    ["priority"],
  ]) {
    const given = Array.from({ length: MANY + 40 }, (_, i) =>
      Object.fromEntries(Object.entries(all(i)).filter(([name]) => chosen.includes(name))),
    );
    const headers = () =>
      given.map((properties) => new ContentHeader({ properties: new Basic.Properties(properties) }));
    const got = roundTrip(headers()).map((frame) => (frame as ContentHeader).properties);
    const expected = given.map((properties) => new Basic.Properties(properties));
    got.forEach((properties, i) => expect(properties.equals(expected[i]), `${String(chosen)}, ${i}`).toBe(true));
    for (const i of [0, MANY - 1, MANY + 39]) {
      expect(Object.keys(got[i]!.toJSON())).toEqual(chosen);
      expect(got[i]!.propertyFlags).toBe(expected[i]!.propertyFlags);
      expect(got[i]).toBeInstanceOf(Basic.Properties);
    }
  }
});

test("a table belongs to who got it: changing it changes no other", () => {
  const tables = Array.from({ length: 6 }, () => ({ list: [1], at: new Timestamp(1), inner: { k: 1 }, n: 1 }));
  const got = decoded(tables);
  got[3]!["n"] = 2;
  (got[3]!["list"] as number[]).push(2);
  (got[3]!["inner"] as Record<string, number>)["k"] = 2;
  got.splice(3, 1);
  for (const table of got) expect(table).toEqual(tables[0]);
  expect(new Set(got.map((table) => table["list"])).size).toBe(got.length);
  expect(new Set(got.map((table) => table["at"])).size).toBe(got.length);
});

test("tables within tables of the same shape", () => {
  const make = (i: number) => ({
    a: i,
    b: { a: i + 1, b: { a: i + 2, b: "end" } },
    c: [
      { a: i + 3, b: i },
      { a: 1, b: 2 },
    ],
  });
  const tables = Array.from({ length: 10 }, (_, i) => make(i));
  expect(decoded(tables)).toEqual(tables);
});

test("every way to have many shapes", () => {
  const keys = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
  const tables = Array.from({ length: 1536 }, (_, i) =>
    Object.fromEntries(keys.filter((_, bit) => (i & (1 << bit)) !== 0).map((key, k) => [key, i + k])),
  );
  expect(decoded(tables)).toEqual(tables);
});

test("tables have no prototype, and keys of Object's are keys", () => {
  const table = () => JSON.parse('{"__proto__":1,"constructor":"x","toString":true}') as object;
  for (const got of decoded([table(), table(), table(), table()])) {
    expect(Object.getPrototypeOf(got)).toBe(null);
    expect(Object.entries(got)).toEqual([
      ["__proto__", 1],
      ["constructor", "x"],
      ["toString", true],
    ]);
  }
});

test("keys that look like an index, and keys that come twice", () => {
  const twice = (a: number, b: number) => new FieldTable(Uint8Array.of(1, 0x6b, 0x62, a, 1, 0x6b, 0x62, b));
  const values = decoded([twice(1, 2), twice(3, 2), twice(4, 2), twice(5, 6)]).map((table) => table["k"]);
  expect(values).toEqual([2, 2, 2, 6]);
  const indexed = Array.from({ length: 5 }, (_, i) => ({ b: i, 1: "one", 0: i }));
  expect(decoded(indexed)).toEqual(indexed);
});

test("deliveries and publishes that are nearly the same", () => {
  const frames: Frame[] = [];
  for (const consumerTag of ["", "c", "ctag-1.Xy", "ctag-1.Xz", "a consumer tag of more than sixteen octets"]) {
    for (const exchange of ["", "events", "eventz"]) {
      for (const routingKey of ["", "k", "orders.created.eu", "orders.created.us"]) {
        for (const deliveryTag of [1, 255, 2 ** 40, 2n ** 63n]) {
          for (const redelivered of [false, true]) {
            frames.push(new Basic.Deliver({ consumerTag, deliveryTag, redelivered, exchange, routingKey }));
          }
          frames.push(new Basic.Publish({ exchange, routingKey, mandatory: deliveryTag === 1 }));
        }
      }
    }
  }
  // Three times: seen, admitted, repeated.
  for (let i = 0; i < 3; i++) {
    roundTrip(frames).forEach((frame, at) => expect(frame.equals(frames[at]), String(frames[at])).toBe(true));
  }
});

test("whether properties come with their frames is learnt from a whole call, cut frames and all", () => {
  const writer = new FrameWriter();
  for (let i = 0; i < 40; i++)
    writer.publish(1, new Basic.Publish({ exchange: "e" }), { headers: { i } }, new Uint8Array(40));
  const octets = writer.flush();
  const reader = new FrameReader();
  const numbers: unknown[] = [];
  for (let at = 0; at < octets.length; at += 333) {
    for (const frame of reader.push(octets.subarray(at, at + 333))) {
      if (frame.name === "ContentHeader") numbers.push((frame.properties.headers as Record<string, unknown>)["i"]);
    }
  }
  expect(numbers).toEqual(Array.from({ length: 40 }, (_, i) => i));
});

test("whole tables that come again are copies of their own, and others between them stay what they are", () => {
  const kinds = Array.from({ length: 100 }, (_, i) => ({
    kind: i,
    region: "eu-west-1",
    last: i % 3 === 0,
    none: null,
  }));
  const tables = Array.from({ length: 3000 }, (_, i) => {
    const table = kinds[(i * 7) % kinds.length]!;
    return i % 5 === 0 ? { ...table, trace: `trace-${i}` } : i % 11 === 0 ? { ...table, list: [i] } : table;
  });
  const got = decoded(tables);
  expect(got).toEqual(tables);
  expect(new Set(got).size).toBe(got.length);
  for (const table of got) {
    expect(Object.getPrototypeOf(table)).toBe(null);
    table["kind"] = "changed";
  }
  expect(decoded(tables)).toEqual(tables);
});

test("a whole table that comes again is a copy of its own even where no object has its keys in their order", () => {
  const tables = Array.from({ length: 12 }, () => ({ 7: "seven", attempt: 1, 0: "zero" }));
  const got = decoded(tables);
  for (const table of got) {
    expect(table).toEqual(tables[0]);
    expect(Object.getPrototypeOf(table)).toBe(null);
    table["attempt"] = "changed";
    table["more"] = true;
  }
  expect(decoded(tables)).toEqual(tables);
});

test("a table that differs from a known one in one octet, wherever it is", () => {
  const known = { aaaaaaaa: "0123456789abcdef", bbbbbbbb: 1, cccccccc: true, dddddddd: "fedcba9876543210" };
  const others = [
    { ...known, aaaaaaaa: "1123456789abcdef" },
    { ...known, aaaaaaaa: "0123456789abcdee" },
    { ...known, bbbbbbbb: 2 },
    { ...known, cccccccc: false },
    { ...known, dddddddd: "fedcba9876543211" },
    { ...known, dddddddd: "Xedcba9876543210" },
  ];
  const tables = Array.from({ length: 60 }, () => [known, ...others]).flat();
  expect(decoded(tables)).toEqual(tables);
});
