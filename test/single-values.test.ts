/** `encodeAs` and `decodeAs`: values outside of any frame. */
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  decodeAs,
  Decimal,
  encodeAs,
  FieldTable,
  Timestamp,
  type FieldValue,
  type Longlong,
  type TypeName,
} from "../src/index.js";
import { concat, hexOf, octetsOf } from "./support/octets.js";
import {
  ascii,
  decodeErrorOf,
  elementOf,
  encodeErrorOf,
  fieldOf,
  integer,
  longstr,
  shortstr,
  tableOf,
} from "./support/wire.js";

const UINT64_MAX = 2n ** 64n - 1n;

/** Type, value, its octets; what it decodes to where that is another thing. */
const values: Array<[type: TypeName, value: unknown, octets: Uint8Array, decoded?: unknown]> = [
  ["bit", true, integer(1, 1)],
  ["bit", false, integer(0, 1)],
  ["octet", 0, integer(0, 1)],
  ["octet", 255, integer(255, 1)],
  ["short", 65_535, integer(65_535, 2)],
  ["short", 258, integer(258, 2)],
  ["long", 4_294_967_295, integer(4_294_967_295, 4)],
  ["long", 16_909_060, integer(16_909_060, 4)],
  ["longlong", 0, integer(0, 8)],
  ["longlong", 2 ** 53 - 1, integer(2 ** 53 - 1, 8)],
  ["longlong", 2n ** 53n, integer(2n ** 53n, 8)],
  ["longlong", UINT64_MAX, integer(UINT64_MAX, 8)],
  ["longlong", 7n, integer(7, 8), 7],
  ["timestamp", new Timestamp(5), integer(5, 8)],
  ["timestamp", new Timestamp(UINT64_MAX), integer(UINT64_MAX, 8)],
  ["timestamp", new Date(5999), integer(5, 8), new Timestamp(5)],
  ["shortstr", "", integer(0, 1)],
  ["shortstr", "\ufeffé\u0000", shortstr("\ufeffé\u0000")],
  ["shortstr", "x".repeat(255), shortstr("x".repeat(255))],
  ["shortstr", Uint8Array.of(0xff), shortstr(Uint8Array.of(0xff))],
  ["shortstr", ascii("text"), shortstr("text"), "text"],
  ["longstr", "", longstr("")],
  ["longstr", "\u{1f407}".repeat(20_000), longstr("\u{1f407}".repeat(20_000))],
  ["longstr", Uint8Array.of(0xff), longstr(Uint8Array.of(0xff))],
  [
    "table",
    { b: 1, a: [true, null] },
    tableOf(
      fieldOf("a", "A", longstr(concat([elementOf("t", integer(1, 1)), elementOf("V")]))),
      fieldOf("b", "b", integer(1, 1)),
    ),
  ],
  ["table", {}, tableOf()],
  ["table", null, tableOf(), {}],
  ["table", new Map([["k", "v"]]), tableOf(fieldOf("k", "S", longstr("v"))), { k: "v" }],
  ["array", [], longstr("")],
  ["array", [1, [2], { k: 3 }], longstr(octetsOf("6201" + "4100000002" + "6202" + "4600000004" + "016b6203"))],
  ["field", null, ascii("V")],
  ["field", "x", elementOf("S", longstr("x"))],
  ["field", new Decimal({ scale: 1, unscaled: -5 }), octetsOf("4401fffffffb")],
  ["field", { k: 1 }, elementOf("F", tableOf(fieldOf("k", "b", integer(1, 1))))],
  ["field", [null, 0.5], elementOf("A", longstr(octetsOf("56643fe0000000000000")))],
];

const plain = (value: unknown): unknown =>
  value !== null &&
  typeof value === "object" &&
  !(value instanceof Uint8Array) &&
  !(value instanceof Timestamp) &&
  !(value instanceof Decimal)
    ? (JSON.parse(JSON.stringify(value)) as unknown)
    : value;

describe.each(values.map(([type, value, octets, decoded = value]) => ({ type, value, octets, decoded })))(
  "$type of $value",
  ({ type, value, octets, decoded }) => {
    test("is encoded", () => {
      expect(hexOf(encodeAs(type, value as never))).toBe(hexOf(octets));
    });

    test("is decoded, and what stands behind it is not looked at", () => {
      const { consumed, value: read } = decodeAs(type, octets)!;
      expect(consumed).toBe(octets.length);
      expect(plain(read)).toStrictEqual(plain(decoded));
      const more = concat([octets, Uint8Array.of(0xff, 0xff)]);
      expect(decodeAs(type, more)!.consumed).toBe(octets.length);
      expect(plain(decodeAs(type, more)!.value)).toStrictEqual(plain(decoded));
      const shifted = new Uint8Array(more.length + 3);
      shifted.set(more, 3);
      expect(plain(decodeAs(type, shifted.subarray(3))!.value)).toStrictEqual(plain(decoded));
    });

    test("is incomplete, not wrong, at every truncation", () => {
      const lengths = octets.length < 300 ? [...octets.keys()] : [0, 1, 2, 3, 4, 5, 100, 254, octets.length - 1];
      for (const length of lengths)
        expect(decodeAs(type, octets.subarray(0, length)), `${length} octets`).toBeUndefined();
    });
  },
);

describe("values out of range", () => {
  const refused: Array<[TypeName, unknown[]]> = [
    ["bit", [0, 1, null, undefined, "true"]],
    ["octet", [-1, 256, 0.5, "1", null, undefined, true, 1n]],
    ["short", [-1, 65_536, NaN]],
    ["long", [-1, 2 ** 32, Infinity]],
    ["longlong", [-1, -1n, 2 ** 53, UINT64_MAX + 1n, 0.5, "1", null]],
    ["timestamp", [5, "2020", null, new Date(NaN), new Date(-1000)]],
    ["shortstr", ["x".repeat(256), "é".repeat(128), new Uint8Array(256), 5, null, undefined, "\ud800"]],
    ["longstr", [5, null, undefined, [1], "\ud800"]],
    ["table", [[], 5, "x", true]],
    ["array", [{}, "x", null, undefined, 5, new Uint8Array(1), [NaN]]],
    ["field", [undefined, Symbol("s"), NaN, () => 1, "\ud800"]],
  ];
  test.each(refused)("%s", (type, list) => {
    for (const value of list) expect(encodeErrorOf(() => encodeAs(type, value as never)).message).not.toBe("");
  });
});

describe("octets that are no such value", () => {
  test("of tables, arrays and fields throw, with offsets of what was given", () => {
    const bad = fieldOf("k", "Z");
    expect(decodeErrorOf(() => decodeAs("table", longstr(bad)))).toMatchObject({
      code: "field-type",
      offset: 6,
      path: "k",
    });
    expect(decodeErrorOf(() => decodeAs("array", longstr(concat([elementOf("V"), elementOf("?")]))))).toMatchObject({
      code: "field-type",
      offset: 5,
      path: "[1]",
    });
    expect(decodeErrorOf(() => decodeAs("field", ascii("Z")))).toMatchObject({ code: "field-type", offset: 0 });
    expect(decodeErrorOf(() => decodeAs("field", elementOf("F", longstr(bad))))).toMatchObject({
      code: "field-type",
      offset: 7,
    });
    expect(decodeErrorOf(() => decodeAs("table", longstr(bad), { tables: "exact" }))).toMatchObject({
      code: "field-type",
      offset: 6,
      path: "k",
    });
  });

  test("a longer bit octet counts by its lowest bit", () => {
    expect([decodeAs("bit", Uint8Array.of(3))!.value, decodeAs("bit", Uint8Array.of(2))!.value]).toEqual([true, false]);
  });

  test("lengths beyond all bounds are incomplete", () => {
    for (const type of ["longstr", "table", "array"] as const) {
      for (const length of [0x7fffffff, 0x80000000, 0xfffffffb, 0xfffffffc, 0xffffffff]) {
        expect(
          decodeAs(type, concat([integer(length, 4), new Uint8Array(100)])),
          `${type} of ${length}`,
        ).toBeUndefined();
        const field = elementOf(
          type === "longstr" ? "S" : type === "table" ? "F" : "A",
          concat([integer(length, 4), new Uint8Array(100)]),
        );
        expect(decodeAs("field", field), `field ${type} of ${length}`).toBeUndefined();
      }
    }
  });
});

test("an unknown type is refused by its name", () => {
  for (const type of ["", "string", "toString", "__proto__", "BIT", "end", null, undefined]) {
    expect(encodeErrorOf(() => encodeAs(type as never, 1 as never)).message).toContain("unknown type");
    expect(encodeErrorOf(() => decodeAs(type as never, Uint8Array.of(1))).message).toContain(
      "the types are bit, octet",
    );
  }
});

test("options hold", () => {
  expect(hexOf(encodeAs("field", 1, { integers: "wide" }))).toBe("4900000001");
  expect(hexOf(encodeAs("table", { b: null, a: null }, { keyOrder: "insertion" }))).toBe("00000006016256016156");
  const { value } = decodeAs("table", encodeAs("table", { b: 1 }), { tables: "exact" })!;
  expect(value).toBeInstanceOf(FieldTable);
  expect((value as FieldTable).type("b")).toBe("b");
  expect(decodeErrorOf(() => decodeAs("array", encodeAs("array", [[]]), { maxDepth: 0 })).code).toBe("field-depth");
  expect(decodeErrorOf(() => decodeAs("table", encodeAs("table", { a: 1, b: 2 }), { maxFields: 1 })).code).toBe(
    "field-count",
  );
});

test("octets may be any view, and nothing else", () => {
  const octets = encodeAs("long", 16_909_060);
  expect(decodeAs("long", octets.buffer as never)!.value).toBe(16_909_060);
  expect(decodeAs("short", new DataView(octets.buffer, 2, 2) as never)!.value).toBe(772);
  for (const wrong of [null, "x", 5, [1]])
    expect(encodeErrorOf(() => decodeAs("octet", wrong as never)).message).toContain("Uint8Array required");
});

test("what was decoded stays when the octets change", () => {
  const octets = concat([longstr(Uint8Array.of(0xff, 1)), shortstr(Uint8Array.of(0xfe))]);
  const long = decodeAs("longstr", octets)!;
  const short = decodeAs("shortstr", octets.subarray(long.consumed))!;
  octets.fill(0);
  expect([long.value, short.value]).toEqual([Uint8Array.of(0xff, 1), Uint8Array.of(0xfe)]);
});

test("TypeScript knows what comes of which type", () => {
  expectTypeOf(decodeAs<"long">).returns.toEqualTypeOf<{ consumed: number; value: number } | undefined>();
  expectTypeOf(decodeAs("longlong", integer(1, 8))!.value).toEqualTypeOf<Longlong>();
  expectTypeOf(decodeAs("array", longstr(""))!.value).toEqualTypeOf<FieldValue[]>();
  // @ts-expect-error a long takes no text
  expect(() => encodeAs("long", "1")).toThrow("integer of 0 to 4294967295 required");
});
