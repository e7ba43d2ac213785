/** Tables as their octets. */
import { describe, expect, test } from "vitest";
import type { Exchange } from "../src/index.js";
import {
  decodeAs,
  Decimal,
  encodeAs,
  EncodeError,
  FieldTable,
  FrameReader,
  marshal,
  Queue,
  Timestamp,
  unmarshal,
  type Connection,
  type ContentHeader,
  type Frame,
} from "../src/index.js";
import { concat, hexOf } from "./support/octets.js";
import {
  bodyFrame,
  decodeErrorOf,
  encodeErrorOf,
  elementOf,
  fieldOf,
  headerFrame,
  integer,
  longstr,
  methodFrame,
  shortstr,
  tableOf,
} from "./support/wire.js";

/** One of each type, in an order that no sorting gives, with duplicates and keys that objects would move. */
const entries: Array<[key: string, type: string, octets: Uint8Array, value: unknown]> = [
  ["z", "t", integer(7, 1), true],
  ["2", "b", integer(-1n, 1), -1],
  ["1", "B", integer(200, 1), 200],
  ["s", "s", integer(3, 2), 3],
  ["u", "u", integer(3, 2), 3],
  ["I", "I", integer(3, 4), 3],
  ["i", "i", integer(3, 4), 3],
  ["l", "l", integer(3, 8), 3],
  ["L", "L", integer(2n ** 62n, 8), 2n ** 62n],
  ["dup", "S", longstr("first"), "first"],
  ["f", "f", integer(0x3fc00000, 4), 1.5],
  ["d", "d", integer(0x3ff8000000000000n, 8), 1.5],
  ["D", "D", integer(0x020000000an, 5), new Decimal({ scale: 2, unscaled: 10 })],
  ["T", "T", integer(5, 8), new Timestamp(5)],
  ["V", "V", new Uint8Array(0), null],
  ["x", "x", longstr("octets"), new TextEncoder().encode("octets")],
  ["A", "A", longstr(concat([elementOf("u", integer(9, 2)), elementOf("F", tableOf(fieldOf("q", "V")))])), null],
  ["dup", "F", tableOf(fieldOf("b", "t", integer(1, 1)), fieldOf("a", "t", integer(0, 1))), null],
  ["__proto__", "S", longstr("just a key"), "just a key"],
  ["dup", "i", integer(1, 4), 1],
];
const octets = concat(entries.map(([key, type, value]) => fieldOf(key, type, value)));
const table = new FieldTable(octets);

describe("a field table", () => {
  test("knows its fields in their order, duplicates and type octets too", () => {
    expect(table.size).toBe(entries.length);
    const read = table.entries();
    expect(read.map(([key, , type]) => [key, type])).toEqual(entries.map(([key, type]) => [key, type]));
    entries.forEach(([, type, , value], i) => {
      if (type !== "A" && type !== "F") expect(read[i]![1]).toStrictEqual(value);
    });
    expect(JSON.stringify(read[16]![1])).toBe('[9,{"q":null}]');
    expect(JSON.stringify(read[17]![1])).toBe('{"b":true,"a":false}');
    expect([...table].map(([key]) => key)).toEqual(entries.map(([key]) => key));
    expect([...table].every((pair) => pair.length === 2)).toBe(true);
    expect(new Map(table).get("dup")).toBe(1);
  });

  test("finds one key, the last of duplicates as an object would", () => {
    expect([table.get("z"), table.get("1"), table.get("dup"), table.get("__proto__")]).toEqual([
      true,
      200,
      1,
      "just a key",
    ]);
    expect(table.get("none")).toBeUndefined();
    expect(table.get("V"), "null is a value").toBeNull();
    expect(table.getAll("dup").map((value) => JSON.stringify(value))).toEqual(['"first"', '{"b":true,"a":false}', "1"]);
    expect(table.getAll("none")).toEqual([]);
    expect([table.type("dup"), table.type("L"), table.type("none")]).toEqual(["i", "L", undefined]);
    expect([table.has("V"), table.has("q"), table.has(""), table.has("toString")]).toEqual([true, false, false, false]);
  });

  test("becomes an object without prototype", () => {
    const object = table.toObject();
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(Object.keys(object)).toHaveLength(new Set(entries.map(([key]) => key)).size);
    expect(object["dup"]).toBe(1);
    expect(Object.hasOwn(object, "__proto__")).toBe(true);
    expect(JSON.parse(JSON.stringify(new FieldTable(fieldOf("a", "t", integer(1, 1)))))).toEqual({ a: true });
  });

  test("equals what has the same octets", () => {
    expect(table.equals(new FieldTable(octets.slice()))).toBe(true);
    expect(FieldTable.from({ a: 1 }).equals(FieldTable.from({ a: 1 }, { integers: "wide" }))).toBe(false);
    for (const other of [{}, null, octets, new FieldTable(octets.subarray(1)), new FieldTable(new Uint8Array(0))]) {
      expect(table.equals(other)).toBe(false);
    }
  });

  test("is a view of the octets that it was given", () => {
    const own = fieldOf("a", "b", integer(1, 1));
    const view = new FieldTable(own);
    expect(view.octets).toBe(own);
    own[own.length - 1] = 2;
    expect(view.get("a")).toBe(2);
    expect(new FieldTable(own.buffer as unknown as Uint8Array).get("a"), "an ArrayBuffer will do").toBe(2);
    for (const wrong of [null, undefined, "a", [1], {}]) {
      expect(() => new FieldTable(wrong as Uint8Array)).toThrow(EncodeError);
    }
  });

  test("without fields", () => {
    for (const empty of [new FieldTable(new Uint8Array(0)), FieldTable.from({}), FieldTable.from(null)]) {
      expect([empty.size, empty.entries(), [...empty], Object.keys(empty.toObject())]).toEqual([0, [], [], []]);
      expect(hexOf(encodeAs("table", empty))).toBe("00000000");
      expect(hexOf(encodeAs("field", empty))).toBe("4600000000");
      expect(hexOf(encodeAs("table", { e: empty, f: 1 }))).toBe("0000000b0165460000000001666201");
    }
  });

  test("of keys that are not UTF-8, or as long as they may be", () => {
    const keys = [
      Uint8Array.of(0xff, 0xfe),
      new Uint8Array(255).fill(0x6b),
      new Uint8Array(0),
      new Uint8Array(65).fill(0xc3),
    ];
    const odd = new FieldTable(concat(keys.map((key, i) => fieldOf(key, "b", integer(i, 1)))));
    expect(odd.entries().map(([key]) => key)).toEqual(["ÿþ", "k".repeat(255), "", "Ã".repeat(65)]);
    expect([odd.get("ÿþ"), odd.get("k".repeat(255)), odd.get("")]).toEqual([0, 1, 2]);
    const again = decodeAs("table", encodeAs("table", odd), { tables: "exact" })!.value as FieldTable;
    expect(again.equals(odd)).toBe(true);
  });
});

describe("from", () => {
  test("takes what an encoder takes, with its options", () => {
    expect(FieldTable.from({ b: 1, a: "x" }).entries()).toEqual([
      ["a", "x", "S"],
      ["b", 1, "b"],
    ]);
    expect(FieldTable.from({ b: 1, a: "x" }, { integers: "wide", keyOrder: "insertion" }).entries()).toEqual([
      ["b", 1, "I"],
      ["a", "x", "S"],
    ]);
    expect(FieldTable.from(new Map([["k", null]])).type("k")).toBe("V");
    expect(FieldTable.from(table).equals(table)).toBe(true);
    expect(() => FieldTable.from({ a: { b: NaN } })).toThrow(EncodeError);
    expect(() => FieldTable.from({ a: { b: NaN } })).toThrow("a.b: NaN");
    expect(FieldTable.from({ a: NaN }, { allowNonFinite: true }).get("a")).toBeNaN();
  });
});

describe("goes out with its own octets", () => {
  test("as an argument, in tables, in arrays", () => {
    const declare = new Queue.Declare({ queue: "q", arguments: table });
    const whole = marshal(declare, 1);
    expect(hexOf(whole)).toContain(hexOf(longstr(octets)));
    const back = unmarshal(whole, { tables: "exact" })!.frame as Queue.Declare;
    expect((back.arguments as FieldTable).equals(table)).toBe(true);
    expect(back.equals(declare)).toBe(true);
    const nested = encodeAs("table", { list: [table, 1, { deep: table }], table });
    expect(hexOf(nested).split(hexOf(longstr(octets))).length - 1).toBe(3);
    expect(hexOf(encodeAs("array", [table]))).toBe(hexOf(longstr(concat([elementOf("F", longstr(octets))]))));
  });

  test("through readers that keep tables exact: methods", () => {
    const start = methodFrame(0, 10, 10, integer(9, 2), longstr(octets), longstr("PLAIN"), longstr("en_US"));
    const declare = methodFrame(
      1,
      40,
      10,
      integer(0, 2),
      shortstr("e"),
      shortstr("topic"),
      integer(2, 1),
      longstr(octets),
    );
    const frames = new FrameReader({ tables: "exact" }).push(concat([start, declare, declare]));
    expect(frames.map((frame) => hexOf(marshal(frame)))).toEqual([hexOf(start), hexOf(declare), hexOf(declare)]);
    const [first, second] = frames as [Connection.Start, Exchange.Declare];
    expect(first.serverProperties).toBeInstanceOf(FieldTable);
    expect(first.mechanisms).toBe("PLAIN");
    expect((second.arguments as FieldTable).get("L")).toBe(2n ** 62n);
    // As objects, what cannot be kept is lost: order, types and duplicates.
    const [object] = new FrameReader().push(start);
    expect(hexOf(marshal(object!))).not.toBe(hexOf(start));
  });

  test("through readers that keep tables exact: headers, lazy, decoded at once, and strict", () => {
    const frame = concat([
      headerFrame(3, 4, 0xf000, shortstr("text/plain"), shortstr("gzip"), longstr(octets), integer(2, 1)),
      bodyFrame(3, new Uint8Array(4)),
    ]);
    const reader = new FrameReader({ tables: "exact" });
    const strict = new FrameReader({ tables: "exact", strict: true });
    for (let round = 0; round < 3; round++) {
      for (const one of [reader, strict]) {
        const [header, body] = one.push(frame) as [ContentHeader, Frame];
        expect(hexOf(concat([marshal(header), marshal(body)]))).toBe(hexOf(frame));
        const headers = header.properties.headers as FieldTable;
        expect(headers.equals(table)).toBe(true);
        expect(headers.getAll("dup")).toHaveLength(3);
      }
    }
  });

  test("and belongs to itself when the chunk is written over", () => {
    const frame = headerFrame(1, 0, 0x2000, longstr(octets));
    for (const reuse of [true, false]) {
      const reader = new FrameReader({ tables: "exact", reuse });
      const chunk = frame.slice();
      const [header] = reader.push(chunk) as [ContentHeader];
      if (!reuse) expect((header.properties.headers as FieldTable).size).toBe(entries.length);
      chunk.fill(0xee);
      expect((header.properties.headers as FieldTable).equals(table)).toBe(true);
    }
  });
});

describe("wrong octets", () => {
  const wrong: Array<[what: string, code: string, offset: number, path: string, octets: Uint8Array]> = [
    ["a name beyond the end", "field-name", 0, "", Uint8Array.of(5, 0x61)],
    ["no type octet", "field-cut", 2, "a", Uint8Array.of(1, 0x61)],
    ["an unknown type", "field-type", 5, "b", concat([fieldOf("a", "V"), fieldOf("b", "Z")])],
    ["a cut value", "field-cut", 3, "a", fieldOf("a", "d", integer(0, 7))],
    ["a lying length", "field-length", 3, "a", fieldOf("a", "S", integer(0xffffffff, 4))],
    [
      "one deep in an array",
      "field-type",
      15,
      "a[1].k",
      fieldOf("a", "A", longstr(concat([elementOf("V"), elementOf("F", tableOf(fieldOf("k", "Z")))]))),
    ],
  ];
  const calls: Array<[string, (table: FieldTable) => unknown]> = [
    ["get", (table) => table.get("a")],
    ["getAll", (table) => table.getAll("a")],
    ["has", (table) => table.has("a")],
    ["type", (table) => table.type("a")],
    ["size", (table) => table.size],
    ["entries", (table) => table.entries()],
    ["iteration", (table) => [...table]],
    ["toObject", (table) => table.toObject()],
    ["toJSON", (table) => JSON.stringify(table)],
  ];

  describe.each(wrong)("%s", (_what, code, offset, path, octets) => {
    test.each(calls)("throws where %s looks at it", (_, call) => {
      const error = decodeErrorOf(() => call(new FieldTable(octets)));
      expect([error.code, error.offset, error.path]).toEqual([code, offset, path]);
    });
    test("does not throw where nobody looks, and is refused where it would go out", () => {
      const table = new FieldTable(octets);
      expect(table.equals(new FieldTable(octets.slice()))).toBe(true);
      for (let i = 0; i < 2; i++) {
        const error = encodeErrorOf(() => marshal(new Queue.Declare({ arguments: { list: [table] } })));
        expect(error.path).toBe("arguments.list[0]");
        expect(error.message).toContain("wrong octets in a FieldTable");
      }
    });
  });

  test("has limits of its own", () => {
    const nested = concat([fieldOf("a", "A", longstr(elementOf("A", longstr(""))))]);
    expect(new FieldTable(nested, { maxDepth: 2 }).size).toBe(1);
    expect(decodeErrorOf(() => new FieldTable(nested, { maxDepth: 1 }).size)).toMatchObject({
      code: "field-depth",
      path: "a[0]",
    });
    expect(decodeErrorOf(() => new FieldTable(nested, { maxFields: 1 }).size)).toMatchObject({
      code: "field-count",
      path: "a",
    });
    for (const limits of [{ maxDepth: -1 }, { maxDepth: 1025 }, { maxFields: 0.5 }]) {
      expect(() => new FieldTable(nested, limits)).toThrow(EncodeError);
    }
  });

  test("a FieldTable out of a frame tells offsets of the stream", () => {
    const before = methodFrame(1, 60, 80, integer(1, 8), integer(0, 1));
    const reader = new FrameReader({ tables: "exact" });
    reader.push(before);
    const [header] = reader.push(
      headerFrame(5, 0, 0x2000, tableOf(fieldOf("a", "V"), fieldOf("b", "F", tableOf()))),
    ) as [ContentHeader];
    const headers = header.properties.headers as FieldTable;
    expect(headers.size).toBe(2);
    // Its octets are the caller's to spoil: the error is told as one of the frame that it came in.
    headers.octets[headers.octets.length - 5] = 0x5a;
    const error = decodeErrorOf(() => headers.size);
    expect(error).toMatchObject({ code: "field-type", channel: 5, classId: 60, methodId: 0, path: "headers.b" });
    expect(error.offset).toBe(before.length + 7 + 14 + 4 + 5);
  });
});

describe("the path of a field far within", () => {
  const key = "k".repeat(60);

  test("is whole in the error, and short in its message and reply text", () => {
    let table = tableOf(fieldOf("last", "?"));
    for (let i = 0; i < 20; i++) table = tableOf(fieldOf(key, "F", table));
    const { path, message, replyText } = decodeErrorOf(() =>
      unmarshal(methodFrame(1, 50, 10, integer(0, 2), shortstr("q"), integer(0, 1), table)),
    );
    expect(path).toBe(`arguments.${`${key}.`.repeat(20)}last`);
    expect(message).toMatch(/^arguments\.k+.*….*\.last .*63 \(\?\).* \(at offset \d+\)$/);
    expect(message.length).toBeLessThan(250);
    expect(replyText).toMatch(/last .*63/);
  });

  test("likewise where a program's value cannot be encoded", () => {
    let table: Record<string, unknown> = { last: Symbol("no") };
    for (let i = 0; i < 20; i++) table = { [`${"\u{1f600}".repeat(30)}${i}`]: table };
    const { path, message } = encodeErrorOf(() => marshal(new Queue.Declare({ arguments: table as never }), 1));
    expect(path.split(".")).toHaveLength(22);
    expect(message.isWellFormed()).toBe(true);
    expect(message).toMatch(/^arguments\..*….*\.last: /);
    expect(message.length).toBeLessThan(250);
  });
});
