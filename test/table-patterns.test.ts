/** Header tables that come often are known to the core but for what differs in them. Whatever comes in their place, each must be what it is when it is read alone: by `unmarshal`, which knows no patterns. */
import { afterEach, expect, test, vi } from "vitest";
import type { DecodeError } from "../src/index.js";
import {
  Basic,
  ContentBody,
  ContentHeader,
  createCodec,
  float32,
  marshal,
  Timestamp,
  unmarshal,
  type FieldValue,
  type Frame,
} from "../src/index.js";
import { concat } from "./support/octets.js";
import { Random } from "./support/random.js";

type Headers = Record<string, FieldValue>;

/** More than it takes until a shape's tables get a pattern. */
const MANY = 1700;

const method = marshal(new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, exchange: "e", routingKey: "k" }), 1);
const body = marshal(new ContentBody(Uint8Array.of(7)), 1);

function header(headers: Headers): Uint8Array {
  const properties = { headers, deliveryMode: 2, messageId: "some-id" };
  return marshal(new ContentHeader({ bodySize: 1, properties }), 1);
}

const word = (random: Random) => "abcdefghijklmnop".slice(0, random.below(16));

/** Kinds of tables, each with values that vary and others that stay. */
const kinds: Record<string, (random: Random, i: number) => Headers> = {
  flat: (random, i) => ({
    attempt: i,
    "attempt-2": random.pick([1, 300, 70_000, -5, 2 ** 40, -(2 ** 45)]),
    fixed: "as ever",
    none: null,
    replayed: random.chance(2),
    zone: random.pick(["a", "bb", "ccc", "", "dddddddddddddddddddddddddddddd", "größe", "地域"]),
  }),
  unique: (random, i) => ({ a: 1, "trace-id": `${i}-${random.word()}-${word(random)}`, z: word(random) }),
  scalars: (random, i) => ({
    at: new Timestamp(1_700_000_000 + i),
    big: 2n ** 62n + BigInt(i),
    price: random.below(1000) / 8 + 0.0625,
    same: 0.25,
    since: new Timestamp(1_600_000_000),
    yes: true,
  }),
  death: (random, i) => ({
    first: "queue",
    "x-death": [
      { count: 1 + random.below(9), exchange: "events", queue: "retry", "routing-keys": ["key"], time: 70_000 + i },
      { count: 300 + random.below(9), exchange: "events", queue: "q", "routing-keys": ["key"], time: 70_000 + i },
    ],
    "x-first": "q",
  }),
  nested: (random, i) => ({
    a: { b: { c: word(random), d: "same" }, e: [word(random), random.pick([1, 1000]), true] },
    f: { g: [{ h: i }, { h: "text" }], empty: {}, none: [] },
  }),
  lists: (random) => ({
    list: [1, "two", null, [random.chance(2), new Timestamp(random.below(99))]],
    rest: word(random),
  }),
  same: () => ({ all: "as ever", and: [{ more: 1 }], when: new Timestamp(5) }),
  // Of one length: more than is compared in one turn, and more holes than are taken in one.
  masked: (random, i) => ({
    attempt: i % 5,
    replayed: random.chance(2),
    at: new Timestamp(1_700_000_000 + i),
    "x-source": "a text that is the same in all tables, so that they are compared in more than one step",
    price: i / 8 + 0.0625,
    big: 2n ** 62n + BigInt(i),
    within: { negative: -1000 - random.below(1000) },
  }),
  // Values of one size of each type between strings that are told apart by their first octets alone, or by how many there are.
  stretches: (random, i) => ({
    a: random.pick(["", "a", "1-0000", "2-0000", "12-0000", "größe"]),
    b: random.pick([-1 - random.below(100), -1000 - random.below(1000), -70_000 - i, -(2 ** 45) - i]),
    c: -1000 - random.below(1000),
    d: random.below(4) / 8 - 0.3,
    e: random.pick([
      "12345678",
      "92345678",
      "1234567890",
      "9234567890",
      "a text of more than sixteen octets",
      "A text of more than sixteen octets",
    ]),
    f: -70_000 - random.below(1000),
    g: new Timestamp(2n ** 63n + BigInt(i)),
    h: random.chance(2),
    i: { big: -(2 ** 45) - i, rate: -1 / (i + 3), text: word(random), yes: random.chance(2) },
    j: [1 + random.below(9), `${i}-${word(random)}`, 300 + i],
    k: 2 ** 40 + i,
    l: word(random),
    m: 40_000 + random.below(1000),
    n: "the same in all tables, behind all else, and more than is compared in one turn",
  }),
  odd: (random) => ({ bytes: Uint8Array.of(1, 2), f: float32(0.5) as never, then: word(random) }),
};
Object.defineProperty(kinds, "a key called __proto__", {
  enumerable: true,
  value: (random: Random, i: number): Headers =>
    Object.fromEntries([
      ["__proto__", i],
      ["a", word(random)],
      ["then", { ["__proto__"]: "p", q: i }],
    ]) as Headers,
});

// Classes of modules that were loaded anew are others.
const isTimestamp = (value: object): value is Timestamp => "seconds" in value;
const isDecodeError = (error: unknown): error is DecodeError => (error as Error).name === "DecodeError";

/** All that a header says of its table, in the order in which it says it; or the error that it throws. */
function told(frame: Frame): unknown {
  const { headers } = (frame as ContentHeader).properties;
  const shown = (value: FieldValue): unknown => {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(shown);
    if (isTimestamp(value)) return ["timestamp", value.seconds];
    if (value instanceof Uint8Array) return [...value];
    return [Object.getPrototypeOf(value), Object.entries(value as Headers).map(([key, item]) => [key, shown(item)])];
  };
  return shown(headers as FieldValue);
}

function outcome(read: () => Frame): unknown {
  try {
    return told(read());
  } catch (error) {
    if (!isDecodeError(error)) throw error;
    return [error.code, error.message.replace(/offset \d+/, "offset n"), error.path];
  }
}

const alone = (octets: Uint8Array) => outcome(() => unmarshal(octets)!.frame);

afterEach(() => {
  vi.unstubAllGlobals();
});

/** What makes codecs in a host where code may be made at run time, or in one where it may not. */
async function codecsOf(host: string): Promise<typeof createCodec> {
  if (host === "with code") return createCodec;
  vi.resetModules();
  vi.stubGlobal("Function", function () {
    throw new EvalError("no code is made here");
  });
  return (await import("../src/index.js")).createCodec;
}

/** A codec that has met many tables of a kind. */
function taught(make: (random: Random, i: number) => Headers, random: Random, create = createCodec) {
  const codec = create();
  const reader = new codec.FrameReader({ lazy: false });
  for (let i = 0; i < MANY; i++) reader.push(concat([method, header(make(random, i)), body]));
  return codec;
}

const kindsInHosts = Object.keys(kinds).flatMap((kind) =>
  ["with code", "without"].map((host) => [kind, host] as const),
);

test.each(kindsInHosts)("tables with values of their own: %s, in a host %s", async (kind, host) => {
  const random = new Random(3);
  const make = kinds[kind]!;
  const codec = taught(make, random, await codecsOf(host));
  const options = [{ lazy: false }, { lazy: false, reuse: true }, { lazy: true }, {}];
  for (const [n, option] of options.entries()) {
    const reader = new codec.FrameReader(option);
    const expected: unknown[] = [];
    const found: unknown[] = [];
    for (let i = 0; i < 300; i++) {
      const headers = header(make(random, n * 300 + i));
      expected.push(alone(headers));
      const octets = concat([method, headers, body]);
      const [, frame] = reader.push(octets);
      found.push(told(frame!));
    }
    expect(found).toEqual(expected);
  }
});

test("what one program does with a table does not show in another", () => {
  const random = new Random(4);
  const codec = taught(kinds["nested"]!, random);
  const reader = new codec.FrameReader({ lazy: false });
  const octets = header(kinds["nested"]!(random, 1));
  const expected = alone(octets);
  for (let times = 0; times < 3; times++) {
    const { headers } = (reader.push(octets)[0] as ContentHeader).properties;
    expect(outcome(() => reader.push(octets)[0]!)).toEqual(expected);
    const { a, f } = headers as unknown as { a: { e: unknown[] }; f: { g: unknown[]; empty: Record<string, unknown> } };
    a.e.length = 0;
    f.g.push(1);
    f.empty["x"] = 1;
    (headers as Record<string, unknown>)["other"] = 1;
  }
});

/** The table's place in a header frame: behind 7 octets of envelope, 14 of the header, 4 of its length. */
const TABLE = 25;

test.each(Object.keys(kinds))("octets that are wrong in one place, or right in another way: %s", (kind) => {
  const random = new Random(5);
  const make = kinds[kind]!;
  const codec = taught(make, random);
  const reader = new codec.FrameReader({ lazy: false });
  const differences: unknown[] = [];
  for (let i = 0; i < 4000; i++) {
    const octets = header(make(random, i));
    const length = new DataView(octets.buffer, octets.byteOffset).getUint32(21);
    for (let changes = 1 + random.below(2); changes > 0; changes--) {
      const at = TABLE + random.below(length);
      octets[at] = random.chance(2) ? octets[at]! + random.pick([-1, 1, 2]) : random.below(256);
    }
    const expected = alone(octets);
    const found = outcome(() => reader.push(concat([method, octets, body]))[1]!);
    if (JSON.stringify(found, json) !== JSON.stringify(expected, json)) differences.push([i, found, expected]);
  }
  expect(differences).toEqual([]);
});

const json = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}n` : value);

test.each(["masked", "nested"])("tables that go on behind what is one of a pattern, by any length: %s", (kind) => {
  const random = new Random(11);
  const make = kinds[kind]!;
  const codec = taught(make, random);
  const reader = new codec.FrameReader({ lazy: false });
  const differences: number[] = [];
  // Keys are written in order, so that it stands last. Guesses are by length and first octets: some of so many lengths share one with the pattern's own.
  for (let more = 0; more < 6000; more++) {
    const octets = header({ ...make(random, more), zz: "x".repeat(more) });
    reader.push(concat([method, header(make(random, more)), body]));
    const found = outcome(() => reader.push(concat([method, octets, body]))[1]!);
    if (JSON.stringify(found, json) !== JSON.stringify(alone(octets), json)) differences.push(more);
  }
  expect(differences).toEqual([]);
});

test("limits hold for tables that others know", () => {
  const random = new Random(6);
  const codec = taught(kinds["death"]!, random);
  const octets = header(kinds["death"]!(random, 1));
  // Three fields, two elements with five fields each, and an element in each of two lists.
  for (let maxFields = 0; maxFields < 20; maxFields++) {
    const reader = new codec.FrameReader({ lazy: false, maxFields });
    const found = outcome(() => reader.push(octets)[0]!) as unknown[];
    expect(found[0] === "field-count").toBe(maxFields < 17);
  }
  for (let maxDepth = 0; maxDepth < 5; maxDepth++) {
    const reader = new codec.FrameReader({ lazy: false, maxDepth });
    const found = outcome(() => reader.push(octets)[0]!) as unknown[];
    expect(found[0] === "field-depth").toBe(maxDepth < 3);
  }
});

test("tables of all kinds in turn, while strings and shapes are forgotten", () => {
  const random = new Random(7);
  const codec = createCodec();
  const reader = new codec.FrameReader({ lazy: false });
  const makers = Object.values(kinds);
  for (let i = 0; i < 2 * MANY * makers.length; i++) {
    const octets = header(makers[i % makers.length]!(random, i));
    // Seen twice, names fill the table of strings: shapes and patterns go with it.
    const name = `text ${i}`;
    const delivery = new Basic.Deliver({ consumerTag: "c", deliveryTag: i, exchange: name, routingKey: name });
    const frames = reader.push(
      concat([octets, marshal(i % 6 === 0 ? delivery : new Basic.Ack({ deliveryTag: i }), 1)]),
    );
    if (i % 29 === 0) expect(told(frames[0]!)).toEqual(alone(octets));
  }
});

test("more kinds of tables than there is room for", () => {
  const random = new Random(8);
  const codec = createCodec();
  const reader = new codec.FrameReader({ lazy: false });
  for (let kind = 0; kind < 140; kind++) {
    const made = (i: number) => header({ [`key-${kind}`]: i % 120, [word(random) + "!"]: 1, same: "same" });
    const own = (i: number) => header({ [`key-${kind}`]: i % 120, also: `value ${kind}`, same: "same" });
    for (let i = 0; i < 1600; i++) reader.push(own(i));
    for (let i = 0; i < 5; i++) {
      for (const octets of [own(i), made(i)]) expect(told(reader.push(octets)[0]!)).toEqual(alone(octets));
    }
  }
});

test("numbers that outgrow their types, one after the other", () => {
  const random = new Random(12);
  const codec = createCodec();
  const reader = new codec.FrameReader({ lazy: false });
  const most = [100, 30_000, 2 ** 31, 2 ** 53];
  const table = (a: number, b: number) => ({
    a: Math.floor(random.below(1000) * (a / 1000)),
    b: -Math.floor(random.below(1000) * (b / 1000)),
    c: { d: -1 - random.below(100) },
    e: word(random),
  });
  for (const a of most) {
    for (const b of most) for (let i = 0; i < MANY; i++) reader.push(header(table(a, b)));
    for (let i = 0; i < 200; i++) {
      const octets = header(table(random.pick(most), random.pick(most)));
      expect(told(reader.push(concat([method, octets, body]))[1]!)).toEqual(alone(octets));
    }
  }
});

test("tables of a pattern whose strings fill the chunk", () => {
  const texts = (i: number, size: number) => ({
    list: Array.from({ length: 240 }, (_, n) => `${i}-${n}`.padEnd(size, "x")),
  });
  const codec = taught((_, i) => texts(i, 9 + (i % 3)), new Random(10));
  const reader = new codec.FrameReader({ lazy: false });
  const frames = [method, header(texts(1, 254)), header(texts(2, 253)), body];
  const found = reader.push(concat(frames));
  expect(found.map(({ name }) => name)).toEqual(["Basic.Deliver", "ContentHeader", "ContentHeader", "ContentBody"]);
  for (const i of [1, 2]) expect(told(found[i]!)).toEqual(alone(frames[i]!));
});

test("values of any type where others stood", () => {
  const random = new Random(9);
  const values = (i: number) => [
    i % 100,
    word(random),
    i % 2 === 0,
    new Timestamp(i),
    i / 8 + 0.0625,
    [i % 100],
    { a: i % 100 },
  ];
  const keys = ["a", "b", "c", "d", "e", "f", "g"];
  const codec = taught((_, i) => Object.fromEntries(values(i).map((value, n) => [keys[n]!, value])), random);
  const reader = new codec.FrameReader({ lazy: false });
  for (let i = 0; i < 2000; i++) {
    const more = [null, true, 2 ** 33, "more", [], {}, Uint8Array.of(1), ...values(i)];
    const given = values(i).map((value) => (random.chance(5) ? random.pick(more) : value));
    const octets = header(Object.fromEntries(given.map((value, n) => [keys[n]!, value])));
    expect(told(reader.push(concat([method, octets, body]))[1]!)).toEqual(alone(octets));
  }
});
