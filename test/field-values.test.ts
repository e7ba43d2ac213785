/** Values of field tables, both ways: type octets, ranges, order, and what is refused. */
import { describe, expect, test } from "vitest";
import {
  Basic,
  ContentBody,
  ContentHeader,
  decodeAs,
  DecodeError,
  Decimal,
  encodeAs,
  EncodeError,
  Field,
  FieldTable,
  float32,
  FrameWriter,
  longString,
  marshal,
  Queue,
  Timestamp,
  type EncodeOptions,
  type FieldInput,
  type FieldValue,
  type TableInput,
} from "../src/index.js";
import { concat, hexOf, octetsOf } from "./support/octets.js";
import { ascii, decodeErrorOf, elementOf, encodeErrorOf, fieldOf, integer, longstr, tableOf } from "./support/wire.js";

const hex = (value: unknown, options?: EncodeOptions): string => hexOf(encodeAs("field", value as FieldInput, options));
const table = (value: unknown, options?: EncodeOptions): Uint8Array => encodeAs("table", value as TableInput, options);
const decoded = (octets: Uint8Array): FieldValue => decodeAs("field", octets)!.value;

function double(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return new Uint8Array(view.buffer);
}

function single(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return new Uint8Array(view.buffer);
}

const table0 = tableOf(fieldOf("k", "A", longstr(elementOf("S", longstr("text")))));
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;

/** Octets and the value that they are: all type octets, with the ends of their ranges. */
const wire: Array<[type: string, octets: Uint8Array, value: unknown]> = [
  ["t", integer(0, 1), false],
  ["t", integer(1, 1), true],
  ["t", integer(255, 1), true],
  ["b", integer(0x80, 1), -128],
  ["b", integer(0x7f, 1), 127],
  ["B", integer(0xff, 1), 255],
  ["B", integer(0x80, 1), 128],
  ["s", integer(0x8000, 2), -32768],
  ["s", integer(0x7fff, 2), 32767],
  ["u", integer(0xffff, 2), 65535],
  ["u", integer(0x8000, 2), 32768],
  ["I", integer(0x80000000, 4), -2147483648],
  ["I", integer(0x7fffffff, 4), 2147483647],
  ["i", integer(0xffffffff, 4), 4294967295],
  ["i", integer(0x80000000, 4), 2147483648],
  ...["l", "L"].flatMap((type): Array<[string, Uint8Array, unknown]> => [
    [type, integer(0, 8), 0],
    [type, integer(-1n, 8), -1],
    [type, integer(2n ** 53n - 1n, 8), Number.MAX_SAFE_INTEGER],
    [type, integer(2n ** 53n, 8), 2n ** 53n],
    [type, integer(-(2n ** 53n) + 1n, 8), Number.MIN_SAFE_INTEGER],
    [type, integer(-(2n ** 53n), 8), -(2n ** 53n)],
    [type, integer(-4294967296n, 8), -4294967296],
    [type, integer(-4294967297n, 8), -4294967297],
    [type, integer(INT64_MIN, 8), INT64_MIN],
    [type, integer(INT64_MAX, 8), INT64_MAX],
  ]),
  ["f", single(0.1), Math.fround(0.1)],
  ["f", single(-0), -0],
  ["f", single(Infinity), Infinity],
  ["f", single(NaN), NaN],
  ["d", double(0.1), 0.1],
  ["d", double(-0), -0],
  ["d", double(5e-324), 5e-324],
  ["d", double(-Infinity), -Infinity],
  ["d", double(NaN), NaN],
  ["D", octetsOf("0280000000"), new Decimal({ scale: 2, unscaled: -2147483648 })],
  ["D", octetsOf("ff7fffffff"), new Decimal({ scale: 255, unscaled: 2147483647 })],
  ["D", octetsOf("00ffffffff"), new Decimal({ scale: 0, unscaled: -1 })],
  ["T", integer(0, 8), new Timestamp(0)],
  ["T", integer(2n ** 53n, 8), new Timestamp(2n ** 53n)],
  ["T", integer(UINT64_MAX, 8), new Timestamp(UINT64_MAX)],
  ["V", new Uint8Array(0), null],
  ["S", longstr(""), ""],
  ["S", longstr("\ufeffhe\u0000llo \u{1f407}"), "\ufeffhe\u0000llo \u{1f407}"],
  ["S", longstr("y".repeat(70_000)), "y".repeat(70_000)],
  ["S", longstr(octetsOf("ff00")), octetsOf("ff00")],
  ["S", longstr(octetsOf("eda080")), octetsOf("eda080")],
  ["x", longstr(""), new Uint8Array(0)],
  ["x", longstr("text"), ascii("text")],
  ["A", longstr(""), []],
  ["A", longstr(concat([elementOf("V"), elementOf("A", longstr(elementOf("t", integer(1, 1))))])), [null, [true]]],
  ["F", tableOf(), {}],
  ["F", tableOf(fieldOf("a", "F", tableOf(fieldOf("", "V")))), { a: { "": null } }],
];

describe.each(wire)("%s of %o", (type, octets, value) => {
  test("is read", () => {
    const field = elementOf(type, octets);
    const { consumed, value: read } = decodeAs("field", concat([field, Uint8Array.of(1, 2, 3)]))!;
    expect(consumed).toBe(field.length);
    if (read !== null && typeof read === "object" && Object.getPrototypeOf(read) === null) {
      expect(JSON.parse(JSON.stringify(read))).toEqual(value);
    } else {
      expect(read).toStrictEqual(value);
    }
    // The same as an entry of a table, with neighbours.
    const entries = tableOf(fieldOf("before", "t", integer(1, 1)), fieldOf("k", type, octets), fieldOf("z", "V"));
    const all = decodeAs("table", entries)!.value as Record<string, FieldValue>;
    expect(Object.keys(all)).toEqual(["before", "k", "z"]);
    expect(all["k"]).toEqual(read);
  });

  test("goes out with its type octet given", () => {
    const field = elementOf(type, octets);
    const options = { allowNonFinite: true };
    const canonical = type === "t" && octets[0]! > 1 ? elementOf("t", integer(1, 1)) : field;
    expect(hex(new Field(type, value), options)).toBe(hexOf(canonical));
    expect(hexOf(table({ k: new Field(type, value) }, options))).toBe(
      hexOf(tableOf(concat([Uint8Array.of(1, 0x6b), canonical]))),
    );
  });

  test("is cut short at every octet", () => {
    const field = elementOf(type, octets);
    for (let length = 1; length < Math.min(field.length, 64); length++) {
      expect(decodeAs("field", field.subarray(0, length))).toBeUndefined();
      const error = decodeErrorOf(() =>
        decodeAs("table", longstr(concat([Uint8Array.of(1, 0x6b), field.subarray(0, length)]))),
      );
      expect(["field-cut", "field-length", "field-name"]).toContain(error.code);
    }
  });
});

describe("the type octet that the encoder chooses", () => {
  const chosen: Array<[unknown, smallest: string, wide?: string]> = [
    [0, "b", "I"],
    [127, "b", "I"],
    [-128, "b", "I"],
    [128, "s", "I"],
    [-129, "s", "I"],
    [32_767, "s", "I"],
    [-32_768, "s", "I"],
    [32_768, "u", "I"],
    [65_535, "u", "I"],
    [65_536, "I"],
    [-32_769, "I"],
    [2_147_483_647, "I"],
    [-2_147_483_648, "I"],
    [2_147_483_648, "i", "l"],
    [4_294_967_295, "i", "l"],
    [4_294_967_296, "l"],
    [-2_147_483_649, "l"],
    [Number.MAX_SAFE_INTEGER, "l"],
    [Number.MIN_SAFE_INTEGER, "l"],
    [2n ** 53n, "l"],
    [INT64_MAX, "l"],
    [INT64_MIN, "l"],
    [0n, "b", "I"],
    [-129n, "s", "I"],
    [65_536n, "I"],
    [4_294_967_295n, "i", "l"],
    [-0, "d"],
    [0.5, "d"],
    [1e300, "d"],
    [2 ** 53, "d"],
    [-(2 ** 63), "d"],
    [2 ** 63, "d"],
    [2 ** 63 - 1024, "d"],
    [float32(0.1), "f"],
    [true, "t"],
    ["", "S"],
    [Uint8Array.of(1), "x"],
    [longString(Uint8Array.of(255)), "S"],
    [new Timestamp(1), "T"],
    [new Date(1), "T"],
    [new Decimal({ unscaled: 1 }), "D"],
    [[], "A"],
    [{}, "F"],
    [new Map(), "F"],
    [FieldTable.from({}), "F"],
    [null, "V"],
  ];

  test.each(chosen)("%# of %o", (value, smallest, wide = smallest) => {
    for (const [integers, type] of [
      ["smallest", smallest],
      ["wide", wide],
    ] as const) {
      const octets = encodeAs("field", value as FieldInput, { integers });
      expect(String.fromCharCode(octets[0]!), integers).toBe(type);
      if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value) && type !== "d")) {
        const read = decoded(octets);
        expect(BigInt(read as number)).toBe(BigInt(value));
        expect(typeof read).toBe(Number.isSafeInteger(Number(value)) ? "number" : "bigint");
      } else if (typeof value === "number") {
        expect(decoded(octets)).toBe(value);
      }
    }
  });

  test("-0 keeps its sign", () => {
    expect(decoded(encodeAs("field", -0))).toBe(-0);
  });

  test("float32 rounds to what 32 bits hold", () => {
    for (const value of [0, -0, 1.1, 3.4028234663852886e38, 1e-45, -1e-50]) {
      expect(decoded(encodeAs("field", float32(value)))).toBe(Math.fround(value));
    }
  });
});

describe("not finite", () => {
  test.each([NaN, Infinity, -Infinity])("%d is refused, unless it is allowed", (value) => {
    for (const field of [value, float32(value), new Field("d", value)]) {
      expect(encodeErrorOf(() => encodeAs("field", field)).message).toContain("allowNonFinite");
      expect(decoded(encodeAs("field", field, { allowNonFinite: true }))).toBe(value);
      const error = encodeErrorOf(() => new Queue.Declare({ arguments: { a: [field] } }).marshal());
      expect([error.path, error.message.startsWith("arguments.a[0]: ")]).toEqual(["arguments.a[0]", true]);
    }
  });

  test("numbers beyond 32 bits do not become infinite", () => {
    for (const value of [3.5e38, -1e300]) {
      expect(encodeErrorOf(() => encodeAs("field", float32(value))).message).toMatch(/3\.4028234663852886e\+38/);
    }
  });
});

describe("Field refuses what its type octet cannot hold", () => {
  const refused: Array<[type: string, values: unknown[], message: RegExp]> = [
    ["t", [1, 0, null, "true"], /boolean required/],
    ["b", [-129, 128, 0.5, "1", 1n, null, NaN], /integer of -128 to 127 required/],
    ["B", [-1, 256, 0.5], /integer of 0 to 255 required/],
    ["s", [-32_769, 32_768], /integer of -32768 to 32767 required/],
    ["u", [-1, 65_536], /integer of 0 to 65535 required/],
    ["I", [-2_147_483_649, 2_147_483_648], /integer of -2147483648 to 2147483647 required/],
    ["i", [-1, 4_294_967_296], /integer of 0 to 4294967295 required/],
    ["l", [INT64_MIN - 1n, INT64_MAX + 1n, UINT64_MAX], /integer of -9223372036854775808 to 9223372036854775807/],
    ["l", [0.5, 2 ** 53, "1", null, NaN, undefined], /integer required/],
    ["L", [INT64_MAX + 1n], /integer of -9223372036854775808 to 9223372036854775807/],
    ["L", [0.5, "1"], /integer required/],
    ["f", ["1", 1n, null], /number required/],
    ["d", ["1", 1n, null], /number required/],
    ["D", [1, "1.5", { scale: 1, unscaled: 2 }], /Decimal required/],
    ["T", [1, "2020-01-01", null], /Timestamp or Date required/],
    ["S", [1, null, {}, []], /string required/],
    ["x", ["text", null, [1, 2]], /Uint8Array required/],
    ["A", [{}, "text", null], /array required/],
    ["F", [[], "text", null, 1, undefined], /table .* required/],
    ["U", [1], /unknown field type "U"/],
    ["", [1], /unknown field type ""/],
    ["\0", [null], /unknown field type/],
    ["tt", [true], /unknown field type "tt"/],
    [undefined as unknown as string, [1], /unknown field type/],
  ];
  test.each(refused)("%s: %o", (type, values, message) => {
    for (const value of values) {
      const error = encodeErrorOf(() => new Queue.Declare({ arguments: { k: new Field(type, value) } }).marshal());
      expect(error.message).toMatch(message);
      expect(error.path).toBe("arguments.k");
    }
  });
});

describe("strings that are not UTF-8", () => {
  test("of type S come as octets that go out as S again", () => {
    const octets = tableOf(fieldOf("s", "S", longstr(octetsOf("fffe"))), fieldOf("x", "x", longstr(octetsOf("fffe"))));
    const value = decodeAs("table", octets)!.value as Record<string, FieldValue>;
    expect([value["s"], value["x"]]).toEqual([octetsOf("fffe"), octetsOf("fffe")]);
    expect(hexOf(table(value))).toBe(hexOf(octets));
    expect(Object.getPrototypeOf(value["s"])).toBe(Uint8Array.prototype);
  });

  test("longString marks octets, and answers them", () => {
    const octets = Uint8Array.of(1, 2);
    expect(hex(octets)).toBe("78000000020102");
    expect(longString(octets)).toBe(octets);
    expect(hex(octets)).toBe("53000000020102");
    expect(hex(new Field("x", octets))).toBe("78000000020102");
  });
});

describe("keys", () => {
  test("go out in the order of their code points, which is that of their octets", () => {
    const keys = [
      "b",
      "a",
      "",
      "aa",
      "B",
      "\u{1f407}",
      "\ue000",
      "\uffff",
      "é",
      "\u{10000}",
      "z",
      "\ud7ff",
      "a\u{1f407}",
      "a\uffff",
    ];
    const input = Object.fromEntries(keys.map((key, i) => [key, i]));
    const octets = table(input);
    const sent = FieldTable.from(input)
      .entries()
      .map(([key]) => key);
    const byOctets = [...keys].sort((a, b) => (hexOf(ascii(a)) < hexOf(ascii(b)) ? -1 : 1));
    expect(sent).toEqual(byOctets);
    expect(hexOf(table(new Map(Object.entries(input).reverse())))).toBe(hexOf(octets));
    expect(sent.indexOf("\uffff")).toBeLessThan(sent.indexOf("\u{10000}"));
  });

  test("or in the order of the object", () => {
    const keys = ["b", "\u{1f407}", "a", "\ue000"];
    const order = (value: TableInput): string[] =>
      FieldTable.from(value, { keyOrder: "insertion" })
        .entries()
        .map(([key]) => key);
    expect(order(Object.fromEntries(keys.map((key) => [key, null])))).toEqual(keys);
    expect(
      order(
        new Map([
          ["2", 1],
          ["b", 1],
          ["1", 1],
        ]),
      ),
    ).toEqual(["2", "b", "1"]);
    expect(order({ 2: 1, b: 1, 1: 1 }), "integer-like keys come first in every object").toEqual(["1", "2", "b"]);
    const nested = new FieldTable(table({ o: { z: 1, a: 2 } }, { keyOrder: "insertion" }).subarray(4));
    expect(Object.keys(nested.get("o") as object)).toEqual(["z", "a"]);
  });

  test("take 255 octets, not characters, and are never cut", () => {
    for (const key of ["x".repeat(255), "é".repeat(127), "é".repeat(127) + "x", "\u{1f407}".repeat(63)]) {
      const value = decodeAs("table", table({ [key]: 1 }))!.value as object;
      expect(Object.keys(value)).toEqual([key]);
    }
    for (const key of ["x".repeat(256), "é".repeat(128), "\u{1f407}".repeat(64)]) {
      const error = encodeErrorOf(() => table({ a: { [key]: 1 } }));
      expect(error.message).toContain("string exceeds maximum length of 255 bytes");
      expect(error.path).toBe(`a.${key}`);
    }
  });

  test("that objects have of their own are just keys", () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "length", "__defineGetter__"];
    const octets = tableOf(
      ...names.map((name) => fieldOf(name, "F", tableOf(fieldOf("polluted", "t", integer(1, 1))))),
    );
    const value = decodeAs("table", octets)!.value as Record<string, FieldValue>;
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.keys(value)).toEqual(names);
    for (const name of names) expect(Object.entries(value[name] as object)).toEqual([["polluted", true]]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(hexOf(table(value, { keyOrder: "insertion" }))).toBe(hexOf(octets));
    const map = new Map(names.map((name) => [name, 1]));
    expect(FieldTable.from(map).size).toBe(names.length);
  });

  test("are strings", () => {
    for (const key of [1, null, Symbol("s"), undefined, {}]) {
      const error = encodeErrorOf(() => table({ a: new Map([[key, 1]]) }));
      expect(error.message).toContain("string as key required");
      expect(error.path).toBe("a");
    }
    expect(hexOf(table({ [Symbol("left out")]: 1 }))).toBe("00000000");
  });

  test("with a lone surrogate are refused", () => {
    for (const key of ["\ud800", "a\udc00b", "\udc00\ud800"]) {
      expect(encodeErrorOf(() => table({ [key]: 1 })).message).toContain("lone surrogate");
      expect(encodeErrorOf(() => table({ k: key })).path).toBe("k");
      expect(encodeErrorOf(() => table({ k: key.padEnd(100, "é") })).path).toBe("k");
    }
  });

  test("that are not UTF-8 are read as Latin-1, and the last of duplicates wins", () => {
    const octets = tableOf(
      fieldOf(Uint8Array.of(0xff, 0x61), "V"),
      fieldOf("k", "t", integer(0, 1)),
      fieldOf("k", "t", integer(1, 1)),
    );
    expect(Object.entries(decodeAs("table", octets)!.value)).toEqual([
      ["ÿa", null],
      ["k", true],
    ]);
  });
});

describe("containers", () => {
  test("leave entries out that are undefined", () => {
    expect(hexOf(table({ a: undefined, b: 1, c: undefined }))).toBe(hexOf(table({ b: 1 })));
    expect(hexOf(table(new Map([["a", undefined]])))).toBe("00000000");
    expect(hexOf(table({ a: [1, undefined, 2] }))).toBe(hexOf(table({ a: [1, 2] })));
    // eslint-disable-next-line no-sparse-arrays
    expect(hexOf(table({ a: [, 1, , { b: [undefined] }] }))).toBe(hexOf(table({ a: [1, { b: [] }] })));
  });

  test("of any depth come back", () => {
    for (const depth of [1, 31, 32]) {
      let value: FieldInput = "core";
      for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { k: value };
      const back = decodeAs("table", table({ k: value }))!.value;
      expect(JSON.stringify(back)).toBe(JSON.stringify({ k: value }));
    }
  });

  test("that hold themselves are refused, not followed for ever", () => {
    const object: Record<string, unknown> = {};
    object["self"] = object;
    const array: unknown[] = [];
    array.push({ array });
    const map = new Map<string, unknown>();
    map.set("map", [map]);
    const field: { k?: Field } = {};
    field.k = new Field("F", field);
    for (const value of [object, array, map, field]) {
      const error = encodeErrorOf(() => table({ value }));
      expect(error.message).toContain("nested deeper than 512 levels");
      expect(error.path.startsWith("value")).toBe(true);
    }
  });

  test("take what a caller may nest: Maps, FieldTables, frozen and foreign objects", () => {
    const inner = new FieldTable(concat([fieldOf("z", "B", integer(200, 1)), fieldOf("a", "V"), fieldOf("a", "V")]));
    const value = {
      list: [inner, new Map([["k", inner]])],
      frozen: Object.freeze({ n: null }),
      bare: Object.create(null) as object,
    };
    const octets = table(value);
    const back = new FieldTable(octets.subarray(4));
    expect(hexOf(octets).split(hexOf(inner.octets)).length - 1, "its octets, twice").toBe(2);
    expect(back.type("list")).toBe("A");
    expect(Object.keys(back.get("frozen") as object)).toEqual(["n"]);
    expect(Object.keys(back.get("bare") as object)).toEqual([]);
  });
});

describe("what has no field type", () => {
  class Money {
    amount = 1;
  }
  class Child extends Money {}
  const values: Array<[unknown, RegExp]> = [
    [new Money(), /received Money/],
    [new Child(), /received Child/],
    [new Set([1]), /received Set/],
    [/x/, /received RegExp/],
    [new Error("x"), /received Error/],
    [Promise.resolve(1), /received Promise/],
    [new ArrayBuffer(1), /received ArrayBuffer/],
    [new Uint16Array(1), /received Uint16Array/],
    [() => 1, /no field type for function/],
    [Symbol("s"), /no field type for symbol/],
    [new Number(1), /received Number/],
    [INT64_MAX + 1n, /9223372036854775807 required, received 9223372036854775808/],
    [INT64_MIN - 1n, /9223372036854775807 required, received -9223372036854775809/],
    [new Date(NaN), /valid date from 1970 on/],
    [new Date(-1000), /valid date from 1970 on/],
  ];
  test.each(values)("%# is refused, with its path", (value, message) => {
    const error = encodeErrorOf(() =>
      marshal(new ContentHeader({ properties: { headers: { a: [{ b: value as null }] } } })),
    );
    expect(error.message).toMatch(message);
    expect(error.path).toBe("headers.a[0].b");
    expect(error.message.startsWith("headers.a[0].b: ")).toBe(true);
  });

  test("and messages tell what came without touching it", () => {
    const nameless = Object.create(Object.create(Object.prototype) as object) as object;
    const odd = Object.create({ constructor: { name: 5 } }) as object;
    for (const [value, words] of [
      [nameless, /received Object/],
      [odd, /received object/],
    ] as const) {
      expect(encodeErrorOf(() => table({ k: { deep: value } })).message).toMatch(words);
    }
  });

  test("and no table is: arrays, dates, texts", () => {
    for (const value of [[], new Date(), "text", 5, true, new Money(), Uint8Array.of(1)]) {
      const error = encodeErrorOf(() => table(value));
      expect(error.message).toContain("table (an object, a Map or a FieldTable) required");
      const headers = new Basic.Properties();
      headers.headers = value as never;
      expect(encodeErrorOf(() => marshal(new ContentHeader({ properties: headers }))).path).toBe("headers");
    }
    for (const nothing of [null, undefined]) expect(hexOf(table(nothing))).toBe("00000000");
  });

  test("after a refusal, the same encoder works on", () => {
    const good = hexOf(table({ a: "x" }));
    expect(() => table({ a: "x", b: "y".repeat(60), c: new Money() })).toThrow(EncodeError);
    expect(hexOf(table({ a: "x" }))).toBe(good);
  });
});

describe("values that do something when they are looked at", () => {
  const declare = (value: unknown): Queue.Declare =>
    new Queue.Declare({ queue: "q", arguments: { a: "x", z: value as null } });

  test("getters are read once", () => {
    let count = 0;
    const counting = {
      get k(): number {
        return ++count;
      },
    };
    expect(hexOf(table(counting))).toBe(hexOf(table({ k: 1 })));
    expect(count).toBe(1);
    const fleeting = {
      get k(): string | undefined {
        return ++count % 2 === 1 ? undefined : "there";
      },
    };
    for (let i = 0; i < 4; i++) expect(["00000000", hexOf(table({ k: "there" }))]).toContain(hexOf(table(fleeting)));
  });

  test("what they throw comes through, and nothing was written", () => {
    const writer = new FrameWriter().write(declare(1), 1);
    const pending = writer.bytesPending;
    const failing = {
      get k(): never {
        throw new RangeError("of the caller's own");
      },
    };
    expect(() => writer.write(declare(failing), 1)).toThrow(new RangeError("of the caller's own"));
    expect(() => marshal(declare([failing]))).toThrow("of the caller's own");
    expect(writer.bytesPending).toBe(pending);
    expect(hexOf(writer.flush())).toBe(hexOf(marshal(declare(1), 1)));
  });

  test("who encodes meanwhile spoils nothing", () => {
    const plain = hexOf(marshal(declare({ k: "v" }), 1));
    const meanwhile: Array<[string, () => unknown]> = [
      ["marshal", () => marshal(declare({ other: "x".repeat(300) }))],
      ["a method's marshal", () => declare(7).marshal()],
      ["encodeAs", () => encodeAs("table", { other: [1, 2] })],
      ["FieldTable.from", () => FieldTable.from({ other: [1, 2] })],
      ["write", () => new FrameWriter().write(declare(7), 2).flush()],
      ["decoding", () => decodeAs("table", table0)!.value],
    ];
    for (const [what, call] of meanwhile) {
      const sneaky = {
        get k(): string {
          try {
            call();
          } catch (error) {
            expect(error, what).toBeInstanceOf(EncodeError);
          }
          return "v";
        },
      };
      expect(hexOf(marshal(declare(sneaky), 1)), what).toBe(plain);
      expect(hexOf(marshal(declare({ k: "v" }), 1)), what).toBe(plain);
      const writer = new FrameWriter();
      expect(hexOf(writer.write(declare(sneaky), 1).flush()), what).toBe(plain);
    }
  });
});

describe("octets whose buffer was transferred", () => {
  test("are refused, and nothing was written", () => {
    const gone = (): Uint8Array => {
      const octets = new Uint8Array(50);
      structuredClone(octets, { transfer: [octets.buffer] });
      return octets;
    };
    const writer = new FrameWriter();
    expect(() => writer.write(new ContentBody(gone()), 1)).toThrow(EncodeError);
    expect(writer.bytesPending).toBe(0);
    for (const value of [gone(), longString(gone())]) {
      // A detached array has no octets left; whoever takes it for an empty one must not send what is not there.
      try {
        writer.write(new Queue.Declare({ arguments: { value } }), 1);
        expect(hexOf(writer.flush())).toBe(
          hexOf(marshal(new Queue.Declare({ arguments: { value: new Uint8Array(0) } }), 1)),
        );
      } catch (error) {
        expect(error).toBeInstanceOf(EncodeError);
        expect(writer.bytesPending).toBe(0);
      }
    }
  });
});

describe("Date", () => {
  test.each([
    [0, 0],
    [999, 0],
    [1_700_000_000_999, 1_700_000_000],
    [8.64e15, 8_640_000_000_000],
    [-1, 0],
  ])("of %d ms goes out as second %d", (milliseconds, seconds) => {
    expect(decoded(encodeAs("field", new Date(milliseconds)))).toEqual(new Timestamp(seconds));
    expect(decoded(encodeAs("field", new Timestamp(seconds)))).toEqual(new Timestamp(seconds));
  });
});

describe("Timestamp", () => {
  test("keeps u64 seconds exactly", () => {
    for (const seconds of [0, 1, 4_294_967_296, Number.MAX_SAFE_INTEGER]) {
      expect(new Timestamp(seconds).seconds).toBe(seconds);
      expect(new Timestamp(BigInt(seconds)).seconds, "a number where it is safe").toBe(seconds);
    }
    expect(new Timestamp(UINT64_MAX).seconds).toBe(UINT64_MAX);
    for (const wrong of [-1, 0.5, NaN, 2 ** 53, -1n, UINT64_MAX + 1n, "1", null]) {
      expect(() => new Timestamp(wrong as number)).toThrow(EncodeError);
    }
  });

  test("becomes a Date, and comes from one", () => {
    const date = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 999));
    const timestamp = Timestamp.fromDate(date);
    expect(timestamp.toDate().toISOString()).toBe("2026-01-02T03:04:05.000Z");
    expect([Number(timestamp), String(timestamp), JSON.stringify(timestamp)]).toEqual([
      1767323045,
      "1767323045",
      "1767323045",
    ]);
    expect(new Timestamp(8_640_000_000_000).toDate().getTime()).toBe(8.64e15);
    for (const late of [8_640_000_000_001, UINT64_MAX]) expect(new Timestamp(late).toDate().getTime()).toBeNaN();
    expect(JSON.stringify(new Timestamp(UINT64_MAX))).toBe('"18446744073709551615"');
    expect(new Timestamp(2) > new Timestamp(1)).toBe(true);
    for (const wrong of [new Date(NaN), new Date(-1000)]) expect(() => Timestamp.fromDate(wrong)).toThrow(EncodeError);
  });
});

describe("Decimal", () => {
  const texts: Array<[number, number, string]> = [
    [0, 0, "0"],
    [0, -5, "-5"],
    [1, 5, "0.5"],
    [2, 310, "3.10"],
    [2, -5, "-0.05"],
    [3, 12345, "12.345"],
    [12, 1, "0.000000000001"],
    [9, -2147483648, "-2.147483648"],
  ];
  test.each(texts)("scale %d, unscaled %d is %s", (scale, unscaled, text) => {
    const decimal = new Decimal({ scale, unscaled });
    expect([String(decimal), decimal.toJSON(), decimal.valueOf()]).toEqual([text, text, Number(text)]);
    expect(decoded(encodeAs("field", decimal))).toEqual(decimal);
  });

  test("is refused out of its ranges", () => {
    for (const scale of [-1, 256, 0.5, NaN])
      expect(() => new Decimal({ scale, unscaled: 0 })).toThrow("Decimal scale range: 0 to 255");
    for (const unscaled of [-2147483649, 2147483648, 0.5, NaN, "1", undefined]) {
      expect(() => new Decimal({ unscaled: unscaled as number })).toThrow(
        "Decimal mantissa range: -2147483648 to 2147483647",
      );
    }
    expect(new Decimal({ unscaled: 7 }).scale).toBe(0);
    for (const parts of [null, undefined, 5, "1.5"])
      expect(() => new Decimal(parts as never)).toThrow("{ scale, unscaled } required");
    expect(() => new Decimal({ scale: 300, unscaled: 0 })).toThrow(EncodeError);
  });
});

describe("octets that are no field", () => {
  const limits = { maxDepth: 2, maxFields: 5 };
  const wrong: Array<[what: string, code: string, offset: number, path: string, octets: Uint8Array]> = [
    ["an unknown type octet", "field-type", 6, "k", tableOf(fieldOf("k", "U", integer(0, 2)))],
    ["a type octet of 0", "field-type", 6, "k", tableOf(fieldOf("k", "\0"))],
    ["a name beyond the table", "field-name", 4, "", longstr(Uint8Array.of(2, 0x6b))],
    ["no type octet", "field-cut", 6, "k", longstr(Uint8Array.of(1, 0x6b))],
    ["a cut integer", "field-cut", 7, "k", tableOf(fieldOf("k", "I", integer(0, 3)))],
    ["a string beyond its table", "field-length", 7, "k", tableOf(fieldOf("k", "S", integer(1, 4)))],
    ["a table beyond its table", "field-length", 7, "k", tableOf(fieldOf("k", "F", integer(1, 4)))],
    ["a cut length", "field-cut", 7, "k", tableOf(fieldOf("k", "A", integer(1, 3)))],
    [
      "an element that passes its array's end",
      "field-cut",
      12,
      "k[0]",
      tableOf(fieldOf("k", "A", longstr("I")), fieldOf("after", "I", integer(0, 4))),
    ],
    [
      "a wrong field deep inside",
      "field-type",
      23,
      "a[1].b",
      tableOf(
        fieldOf(
          "a",
          "A",
          longstr(
            concat([elementOf("b", integer(1, 1)), elementOf("F", tableOf(fieldOf("x", "V"), fieldOf("b", "!")))]),
          ),
        ),
      ),
    ],
    [
      "nesting over the limit",
      "field-depth",
      21,
      "a.b.c",
      tableOf(fieldOf("a", "F", tableOf(fieldOf("b", "F", tableOf(fieldOf("c", "F", tableOf(fieldOf("d", "V")))))))),
    ],
    ["more fields than the limit", "field-count", 15, "a", tableOf(fieldOf("a", "A", longstr("VVVVVVV")))],
  ];
  test.each(wrong)("%s", (_, code, offset, path, octets) => {
    const error = decodeErrorOf(() => decodeAs("table", octets, limits));
    expect(error).toBeInstanceOf(DecodeError);
    expect([error.code, error.offset, error.path]).toEqual([code, offset, path]);
    expect(error.message).toContain(`(at offset ${offset})`);
  });

  test("nesting and number of fields at the limit pass", () => {
    const nested = tableOf(fieldOf("a", "F", tableOf(fieldOf("b", "A", longstr(elementOf("V"))))));
    expect(decodeAs("table", nested, limits)).toBeDefined();
    expect(decodeErrorOf(() => decodeAs("table", nested, { maxDepth: 1 })).code).toBe("field-depth");
    expect(decodeErrorOf(() => decodeAs("table", nested, { maxFields: 2 })).code).toBe("field-count");
    expect(decodeAs("table", nested, { maxFields: 3 })).toBeDefined();
    expect(decodeAs("table", tableOf(), { maxFields: 0, maxDepth: 0 })).toBeDefined();
  });
});
