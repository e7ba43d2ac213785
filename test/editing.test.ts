/** Frames that are changed in one place: what was asked for is there, every other octet is as it was. */
import { describe, expect, test } from "vitest";
import {
  Basic,
  Connection,
  ContentHeader,
  createCodec,
  Decimal,
  FieldTable,
  float32,
  FrameCursor,
  FrameReader,
  FrameWriter,
  marshal,
  patchHeaders,
  patchTable,
  setChannel,
  Timestamp,
  unmarshal,
  type TablePatch,
} from "../src/index.js";
import {
  decodeStream,
  encodeFrame,
  encodeTable,
  type NeutralFrame,
  type NeutralHeader,
  type NeutralMethod,
  type NeutralTable,
} from "./reference.js";
import { captureNames, loadCapture } from "./support/captures.js";
import { everyFieldType } from "./support/every-field-type.js";
import { randomFrame } from "./support/generated-frames.js";
import { concat, hexOf, octetsOf } from "./support/octets.js";
import { Random } from "./support/random.js";
import { NO_LIMITS, vectorStreams } from "./support/vector-frames.js";
import {
  ascii,
  bodyFrame,
  counted,
  decodeErrorOf,
  encodeErrorOf,
  fieldOf,
  frameOf,
  headerFrame,
  heartbeatFrame,
  integer,
  longstr,
  methodFrame,
  shortstr,
  tableOf,
} from "./support/wire.js";

const HEADERS = 0x2000;
const number = (key: string | Uint8Array, value: number): Uint8Array => fieldOf(key, "b", integer(value, 1));
const withHeaders = (...fields: Uint8Array[]): Uint8Array => headerFrame(1, 9, HEADERS, tableOf(...fields));
const same = (actual: Uint8Array, expected: Uint8Array): void => expect(hexOf(actual)).toBe(hexOf(expected));
/** A key that nobody has. */
const PROBE = "x-amqp-wasm-probe";

describe("patchHeaders", () => {
  test("replaces a field in its place, and puts new ones behind the last", () => {
    const before = withHeaders(number("c", 1), number("b", 2), number("a", 3));
    const after = patchHeaders(before, { set: { z: 9, b: "two", n: null } });
    same(
      after,
      withHeaders(number("c", 1), fieldOf("b", "S", longstr("two")), number("a", 3), fieldOf("n", "V"), number("z", 9)),
    );
    same(
      patchHeaders(before, { set: { z: 9, m: 8 } }, { keyOrder: "insertion" }),
      withHeaders(number("c", 1), number("b", 2), number("a", 3), number("z", 9), number("m", 8)),
    );
    same(before, withHeaders(number("c", 1), number("b", 2), number("a", 3)));
  });

  test("deletes every field of a key, and of a key that is set all but the first place", () => {
    const before = withHeaders(number("k", 1), number("b", 2), number("k", 3), number("c", 4), number("k", 5));
    same(patchHeaders(before, { delete: ["k"] }), withHeaders(number("b", 2), number("c", 4)));
    same(patchHeaders(before, { set: { k: 7 } }), withHeaders(number("k", 7), number("b", 2), number("c", 4)));
    same(patchHeaders(before, { set: { k: 7 }, delete: ["k", "c"] }), withHeaders(number("k", 7), number("b", 2)));
    same(patchHeaders(before, { delete: ["nobody"] }), before);
    same(patchHeaders(before, {}), before);
    same(patchHeaders(before, { set: {}, delete: [] }), before);
  });

  test("adds the table and its flag where there was none, between the properties around it", () => {
    const before = headerFrame(
      3,
      7,
      0x8000 | 0x4000 | 0x1000 | 0x0080,
      shortstr("text/plain"),
      shortstr("gzip"),
      integer(2, 1),
      shortstr("id"),
    );
    const after = headerFrame(
      3,
      7,
      0x8000 | 0x4000 | HEADERS | 0x1000 | 0x0080,
      shortstr("text/plain"),
      shortstr("gzip"),
      tableOf(number("k", 1)),
      integer(2, 1),
      shortstr("id"),
    );
    same(patchHeaders(before, { set: { k: 1 } }), after);
    same(patchHeaders(after, { delete: ["k"] }), before);
    same(patchHeaders(before, { delete: ["k"] }), before);
    same(patchHeaders(headerFrame(3, 7), { set: { k: 1 } }), headerFrame(3, 7, HEADERS, tableOf(number("k", 1))));
  });

  test("an empty table that came stays while nothing is set; a table that lost its last field goes, or stays where that is wanted", () => {
    const empty = withHeaders();
    const none = headerFrame(1, 9, 0);
    const one = withHeaders(number("k", 1));
    same(patchHeaders(empty, { delete: ["k"] }), empty);
    same(patchHeaders(empty, { set: {} }), empty);
    same(patchHeaders(empty, { set: { k: 1 } }), one);
    same(patchHeaders(none, { set: { k: 1 } }), one);
    // Both came from `one`: nothing in it tells of which kind it was.
    same(patchHeaders(one, { delete: ["k"] }), none);
    same(patchHeaders(one, { delete: ["k"] }, { keepEmpty: true }), empty);
    same(patchHeaders(none, { set: {} }), none);
  });

  test("passes on what nobody can read: flags without meaning, broken values, keys and strings that are no UTF-8", () => {
    const inner = [
      fieldOf(Uint8Array.of(0xff, 0xfe), "S", longstr(Uint8Array.of(0x80))),
      fieldOf("deep", "F", longstr(concat([shortstr("k"), ascii("Z?")]))),
      fieldOf("list", "A", longstr(Uint8Array.of(0x7a, 0x7a))),
      fieldOf("flag", "t", integer(2, 1)),
      fieldOf("", "V"),
      fieldOf("same", "L", integer(1, 8)),
      fieldOf("same", "l", integer(2, 8)),
      fieldOf("d", "d", octetsOf("7ff8000000000001")),
    ];
    const before = headerFrame(1, 2n ** 64n - 1n, HEADERS | 2, tableOf(...inner, number("k", 1)), octetsOf("cecece"));
    same(
      patchHeaders(before, { delete: ["k"] }),
      headerFrame(1, 2n ** 64n - 1n, HEADERS | 2, tableOf(...inner), octetsOf("cecece")),
    );
    same(
      patchHeaders(before, { delete: [Uint8Array.of(0xff, 0xfe)] }),
      headerFrame(1, 2n ** 64n - 1n, HEADERS | 2, tableOf(...inner.slice(1), number("k", 1)), octetsOf("cecece")),
    );
    same(patchHeaders(patchHeaders(before, { set: { [PROBE]: 1 } }), { delete: [PROBE] }), before);
  });

  test("takes every kind of value that a table is encoded from", () => {
    const set = {
      boolean: true,
      integer: -70000,
      big: 2n ** 62n,
      half: 0.5,
      float: float32(1.5),
      decimal: new Decimal({ scale: 2, unscaled: -5 }),
      text: "é".repeat(200),
      octets: Uint8Array.of(0, 255),
      time: new Timestamp(2n ** 60n),
      date: new Date(5000),
      list: [1, [2, { three: null }]],
      table: new Map([["a", 1]]),
    };
    const [header] = new FrameReader().push(patchHeaders(headerFrame(1, 0), { set })) as [ContentHeader];
    const expected = unmarshal(marshal(new ContentHeader({ properties: { headers: set } })))!.frame as ContentHeader;
    expect(header.equals(expected)).toBe(true);
    const exact = new FieldTable(everyFieldType());
    same(patchHeaders(headerFrame(1, 9), { set: exact }), headerFrame(1, 9, HEADERS, longstr(everyFieldType())));
    // A table of octets may hold a key twice: both are put.
    const twice = new FieldTable(concat([number("k", 1), number("k", 2)]));
    same(
      patchHeaders(withHeaders(number("a", 0), number("k", 9)), { set: twice }),
      withHeaders(number("a", 0), number("k", 1), number("k", 2)),
    );
    same(patchHeaders(headerFrame(1, 9), { set: new Map([["k", 1]]) }), withHeaders(number("k", 1)));
    same(
      patchHeaders(headerFrame(1, 9), { set: { k: 1 } }, { integers: "wide" }),
      withHeaders(fieldOf("k", "I", integer(1, 4))),
    );
  });

  test("keys are compared as octets: __proto__, the empty one, and the longest", () => {
    const long = "k".repeat(255);
    const before = withHeaders(number("__proto__", 1), number("", 2), number(long, 3), number(`${long.slice(1)}x`, 4));
    same(
      patchHeaders(before, { set: new Map([[long, 5]]), delete: ["", "__proto__"] }),
      withHeaders(number(long, 5), number(`${long.slice(1)}x`, 4)),
    );
  });

  test("over frame-max is refused with both sizes, and what is not over is not", () => {
    const frame = withHeaders(fieldOf("t", "S", longstr("x".repeat(4096 - 22 - 4 - 2 - 5 - 20))));
    const error = encodeErrorOf(() => patchHeaders(frame, { set: { k: "x".repeat(20) } }, { frameMax: 4096 }));
    expect(error.message).toBe("ContentHeader of 4103 octets does not fit into a frame of 4096 octets (frame-max)");
    expect(patchHeaders(frame, { set: { k: "x".repeat(13) } }, { frameMax: 4096 })).toHaveLength(4096);
    expect(patchHeaders(frame, { set: { k: "x".repeat(20) } })).toHaveLength(4103);
    expect(patchHeaders(frame, { set: { k: "x".repeat(20) } }, { frameMax: 0 })).toHaveLength(4103);
    expect(encodeErrorOf(() => patchHeaders(frame, {}, { frameMax: 4095 })).path).toBe("frameMax");
  });

  test("frames far larger than the core's regions, and very many fields", () => {
    const large = withHeaders(number("a", 1), fieldOf("t", "S", longstr(counted(3_000_000))), number("k", 2));
    same(patchHeaders(large, { delete: ["k", "a"] }), withHeaders(fieldOf("t", "S", longstr(counted(3_000_000)))));
    const set = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`k${i}`, i]));
    const codec = createCodec();
    const many = codec.patchHeaders(headerFrame(1, 9), { set });
    const [header] = new FrameReader({ maxFields: 30_000, frameMax: 0 }).push(many) as [ContentHeader];
    expect({ ...(header.properties.headers as object) }).toEqual(set);
    same(codec.patchHeaders(many, { delete: Object.keys(set).slice(1) }), withHeaders(number("k0", 0)));
  }, 60_000);

  test.each<[what: string, octets: Uint8Array, code: string, offset: number, path: string]>([
    ["nothing", new Uint8Array(0), "frame-cut", 0, ""],
    ["a head alone", withHeaders().subarray(0, 7), "frame-cut", 0, ""],
    ["a frame that is cut", withHeaders(number("k", 1)).subarray(0, 29), "frame-cut", 3, ""],
    [
      "a frame of which the size is a lie",
      concat([integer(2, 1), integer(1, 2), integer(0xffffffff, 4), new Uint8Array(40)]),
      "frame-cut",
      3,
      "",
    ],
    ["a wrong frame-end", frameOf(2, 1, concat([integer(60, 2), new Uint8Array(12)]), 205), "frame-end", 21, ""],
    ["two frames", concat([withHeaders(), withHeaders()]), "octets-left", 26, ""],
    ["a method", marshal(new Basic.Ack(), 1), "frame-kind", 0, ""],
    ["a body", bodyFrame(1, counted(30)), "frame-kind", 0, ""],
    ["a frame of no type", frameOf(9, 1, counted(30)), "frame-kind", 0, ""],
    ["a header without a body size", frameOf(2, 1, concat([integer(60, 2), new Uint8Array(5)])), "header-cut", 7, ""],
    [
      "a header without flags",
      frameOf(2, 1, concat([integer(60, 2), new Uint8Array(11)])),
      "value-cut",
      19,
      "properties",
    ],
    ["a header of another class", frameOf(2, 1, concat([integer(61, 2), new Uint8Array(12)])), "header-class", 7, ""],
    [
      "a header of weight",
      frameOf(2, 1, concat([integer(60, 2), integer(1, 2), new Uint8Array(10)])),
      "header-weight",
      9,
      "",
    ],
    ["a second word of flags", headerFrame(1, 0, 1), "property-flags", 19, ""],
    ["a content type that is not there", headerFrame(1, 0, 0x8000), "value-cut", 21, "contentType"],
    [
      "a content encoding that is too long",
      headerFrame(1, 0, 0xc000, shortstr("a"), Uint8Array.of(9, 1)),
      "string-length",
      23,
      "contentEncoding",
    ],
    ["a table without a length", headerFrame(1, 0, HEADERS, integer(0, 3)), "value-cut", 21, "headers"],
    ["a table that is too long", headerFrame(1, 0, HEADERS, integer(0xffffffff, 4)), "table-length", 21, "headers"],
    ["a name that is too long", headerFrame(1, 0, HEADERS, longstr(Uint8Array.of(9, 1))), "field-name", 25, "headers"],
    ["a name without a value", withHeaders(number("k", 1), shortstr("x")), "field-cut", 31, "headers.x"],
    ["an unknown type", withHeaders(number("k", 1), fieldOf("x", "Z")), "field-type", 31, "headers.x"],
    ["a value that is cut", withHeaders(fieldOf("x", "I", integer(1, 3))), "field-cut", 28, "headers.x"],
    ["a length that is cut", withHeaders(fieldOf("x", "S", integer(1, 3))), "field-cut", 28, "headers.x"],
    ["a child past its table", withHeaders(fieldOf("x", "F", integer(1, 4))), "field-length", 28, "headers.x"],
    ["a child of 4 GiB", withHeaders(fieldOf("x", "A", integer(0xffffffff, 4))), "field-length", 28, "headers.x"],
  ])("refuses %s", (_, octets, code, offset, path) => {
    const error = decodeErrorOf(() => patchHeaders(octets, { set: { k: 1 } }));
    expect({ code: error.code, offset: error.offset, path: error.path }).toEqual({ code, offset, path });
    expect(error.message).not.toContain("undefined");
    expect(error.toClose().name).toBe("Connection.Close");
  });

  test("refuses what cannot be encoded, with its path, and leaves no trace", () => {
    const frame = withHeaders(number("k", 1));
    const wrong: Array<[patch: unknown, path: string, message: RegExp]> = [
      [{ set: { a: { b: () => 1 } } }, "set.a.b", /function/],
      [{ set: { ["k".repeat(256)]: 1 } }, "set", /255/],
      [{ set: 5 }, "set", /number/],
      [{ delete: ["k".repeat(256)] }, "delete", /255/],
      [{ delete: [5] }, "delete", /number/],
      [{ delete: "BCC" }, "delete", /array/],
      [null, "", /null/],
      [5, "", /number/],
    ];
    for (const [patch, path, message] of wrong) {
      const error = encodeErrorOf(() => patchHeaders(frame, patch as TablePatch));
      expect(error.path.startsWith(path), `${error.path} for ${path}`).toBe(true);
      expect(error.message).toMatch(message);
    }
    expect(encodeErrorOf(() => patchHeaders("frame" as never, {})).message).toContain("Uint8Array required");
    same(patchHeaders(frame, {}), frame);
  });

  test("gives octets of their own, of a Buffer's view and of a codec of its own too", () => {
    const frame = withHeaders(number("k", 1));
    const padded = concat([counted(13), frame, counted(9)]);
    const view = padded.subarray(13, 13 + frame.length);
    const after = patchHeaders(view, { set: { k: 2 } });
    same(after, withHeaders(number("k", 2)));
    expect(after.constructor).toBe(Uint8Array);
    expect(after.byteLength).toBe(after.buffer.byteLength);
    same(padded, concat([counted(13), frame, counted(9)]));
    same(createCodec().patchHeaders(frame, { delete: ["k"] }), headerFrame(1, 9));
    const gone = frame.slice();
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    expect(decodeErrorOf(() => patchHeaders(gone, { set: { k: 1 } })).code).toBe("frame-cut");
  });

  test("goes into an array of the caller's, as far as it has room", () => {
    const frame = withHeaders(number("k", 1));
    const after = withHeaders(number("k", 2));
    const room = concat([counted(3), new Uint8Array(frame.length), counted(4)]);
    const into = room.subarray(3, 3 + frame.length);
    const part = patchHeaders(frame, { set: { k: 2 } }, { into });
    same(part, after);
    expect([part.buffer, part.byteOffset, part.constructor]).toEqual([room.buffer, 3, Uint8Array]);
    same(room, concat([counted(3), after, counted(4)]));
    same(patchHeaders(frame, { set: { k: 2 } }, { into: new Uint8ClampedArray(room.buffer, 1) as never }), after);
    const more = { set: { k: 2, l: 1 } };
    const { path, message } = encodeErrorOf(() => patchHeaders(frame, more, { into }));
    expect([path, message]).toEqual([
      "into",
      expect.stringMatching(/^into: ContentHeader of \d+ octets does not fit into an array of \d+$/),
    ]);
    const table = methodFrame(1, 50, 10, integer(0, 2), shortstr("q"), integer(0, 1), tableOf(number("k", 1)));
    const changed = methodFrame(1, 50, 10, integer(0, 2), shortstr("q"), integer(0, 1), tableOf(number("k", 2)));
    same(patchTable(table, "arguments", { set: { k: 2 } }, { into: new Uint8Array(99) }), changed);
    expect(encodeErrorOf(() => patchHeaders(frame, {}, { into: [] as never })).path).toBe("into");
    const gone = new Uint8Array(999);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    expect(encodeErrorOf(() => patchHeaders(frame, {}, { into: gone })).message).toContain("an array of 0");
  });

  test("between what a cursor passes on leaves it alone", () => {
    const writer = new FrameWriter();
    for (let i = 0; i < 50; i++) {
      writer.publish(1, new Basic.Publish({ routingKey: `k${i}` }), { messageId: `m${i}` }, counted(100, i));
    }
    const stream = writer.flush();
    const frame = withHeaders(...Array.from({ length: 200 }, (_, i) => number(`k${i}`, i)));
    const cursor = new FrameCursor().push(stream);
    for (let i = 0; cursor.next(); i++) {
      writer.forward(cursor);
      if (i % 7 === 3) patchHeaders(frame, { delete: ["k1"] });
    }
    same(writer.flush(), stream);
  });

  test("does what the same edit does to the fields one by one", () => {
    const random = new Random(11);
    const keys = ["a", "b", "bb", "k", "", "ß", "x-death"];
    let changed = 0;
    for (let round = 0; round < 3000; round++) {
      const table: NeutralTable = Array.from({ length: random.below(8) }, () => [
        keys[random.below(keys.length)]!,
        random.chance(2) ? ["b", random.below(100)] : ["S", "v".repeat(random.below(40))],
      ]);
      const set = Object.fromEntries(
        keys.filter(() => random.chance(4)).map((key) => [key, random.chance(2) ? random.below(100) : "w"]),
      );
      const deleted = keys.filter(() => random.chance(4));
      const before = headerFrame(1, 5, HEADERS, longstr(encodeTable(table)));
      const after = patchHeaders(before, { set, delete: deleted });
      const expected = edited(table, set, deleted);
      const gone = expected.length === 0 && table.length > 0;
      same(after, gone ? headerFrame(1, 5) : headerFrame(1, 5, HEADERS, longstr(encodeTable(expected))));
      if (hexOf(after) !== hexOf(before)) changed += 1;
    }
    expect(changed).toBeGreaterThan(1500);
  });
});

/** The edit as it is described, on fields. */
function edited(table: NeutralTable, set: Record<string, number | string>, deleted: string[]): NeutralTable {
  const fieldOfSet = (key: string): NeutralTable[number] => {
    const value = set[key]!;
    return [key, typeof value === "number" ? ["b", value] : ["S", value]];
  };
  const put = new Set<string>();
  const result: NeutralTable = [];
  for (const field of table) {
    const key = field[0] as string;
    if (key in set) {
      if (!put.has(key)) result.push(fieldOfSet(key));
      put.add(key);
    } else if (!deleted.includes(key)) result.push(field);
  }
  const rest = Object.keys(set).filter((key) => !put.has(key));
  // By code point; none of the keys has any above U+FFFF.
  return [...result, ...rest.sort((a, b) => (a < b ? -1 : 1)).map(fieldOfSet)];
}

describe("patchTable", () => {
  const declare = (...fields: Uint8Array[]): Uint8Array =>
    methodFrame(1, 50, 10, integer(0, 2), shortstr("q"), integer(5, 1), tableOf(...fields));

  test("edits the table of a method", () => {
    const before = declare(number("b", 1), number("a", 2));
    same(
      patchTable(before, "arguments", { set: { "x-queue-type": "quorum" }, delete: ["b"] }),
      declare(number("a", 2), fieldOf("x-queue-type", "S", longstr("quorum"))),
    );
    same(patchTable(before, "arguments", { delete: ["a", "b"] }), declare());
    same(patchTable(declare(), "arguments", { set: { a: 1 } }), declare(number("a", 1)));
  });

  test("of every method that has one, and of no other", () => {
    const startOk = new Connection.StartOk({ response: "\0guest\0guest", clientProperties: { a: 1 }, locale: "en" });
    const frame = unmarshal(patchTable(marshal(startOk), "clientProperties", { set: { b: 2 } }))!
      .frame as Connection.StartOk;
    expect(
      frame.equals(
        new Connection.StartOk({ ...startOk, response: "\0guest\0guest", clientProperties: { a: 1, b: 2 } }),
      ),
    ).toBe(true);
    const start = unmarshal(
      patchTable(marshal(new Connection.Start({ serverProperties: { a: 1 } })), "serverProperties", { set: { a: 2 } }),
    )!.frame as Connection.Start;
    expect({ ...(start.serverProperties as object) }).toEqual({ a: 2 });
    const consume = unmarshal(
      patchTable(marshal(new Basic.Consume({ queue: "q", consumerTag: "t" }), 4), "arguments", {
        set: { "x-priority": 5 },
      }),
    )!.frame as Basic.Consume;
    expect([consume.queue, consume.consumerTag, consume.channel, { ...(consume.arguments as object) }]).toEqual([
      "q",
      "t",
      4,
      { "x-priority": 5 },
    ]);
    for (const name of ["clientProperties", "queue", "durable", "toString", ""]) {
      const error = encodeErrorOf(() => patchTable(declare(), name as never, {}));
      expect(error.message).toContain("Queue.Declare has no table of that name");
    }
    expect(encodeErrorOf(() => patchTable(marshal(new Basic.Ack(), 1), "arguments", {})).message).toContain(
      "Basic.Ack",
    );
  });

  test.each<[what: string, octets: Uint8Array, code: string, offset: number, path: string]>([
    ["a content header", headerFrame(1, 9), "frame-kind", 0, ""],
    ["a method without ids", frameOf(1, 1, integer(1, 3)), "method-cut", 7, ""],
    ["an unknown method", methodFrame(1, 50, 99), "method-unknown", 7, ""],
    ["arguments that are cut", methodFrame(1, 50, 10, integer(0, 1)), "value-cut", 11, "ticket"],
    [
      "a name that is too long",
      methodFrame(1, 50, 10, integer(0, 2), Uint8Array.of(200, 1)),
      "string-length",
      13,
      "queue",
    ],
    [
      "a table that is too long",
      methodFrame(1, 50, 10, integer(0, 2), shortstr(""), integer(0, 1), integer(0xfffffffc, 4)),
      "table-length",
      15,
      "arguments",
    ],
    ["an unknown type", declare(fieldOf("k", "Z")), "field-type", 22, "arguments.k"],
  ])("refuses %s", (_, octets, code, offset, path) => {
    const error = decodeErrorOf(() => patchTable(octets, "arguments", { set: { k: 1 } }));
    expect({ code: error.code, offset: error.offset, path: error.path }).toEqual({ code, offset, path });
  });

  test("refuses what passes frame-max, with both sizes", () => {
    const error = encodeErrorOf(() =>
      patchTable(declare(), "arguments", { set: { k: "x".repeat(5000) } }, { frameMax: 4096 }),
    );
    expect(error.message).toMatch(/^Queue\.Declare of 50\d\d octets does not fit into a frame of 4096 octets/);
  });
});

describe("setChannel", () => {
  test("changes two octets in place and answers the same array", () => {
    for (const frame of [methodFrame(1, 20, 10, shortstr("")), headerFrame(1, 5), bodyFrame(1, counted(300))]) {
      const before = frame.slice();
      expect(setChannel(frame, 0xfffe)).toBe(frame);
      expect([...frame.subarray(1, 3)]).toEqual([0xff, 0xfe]);
      expect(unmarshal(frame)!.channel).toBe(0xfffe);
      same(setChannel(frame, 1), before);
    }
    expect(setChannel(heartbeatFrame.slice(), 0)).toHaveLength(8);
  });

  test("refuses what is no frame or no channel, and changes nothing", () => {
    const frame = headerFrame(1, 5);
    const before = frame.slice();
    for (const channel of [-1, 65536, 1.5, NaN, "1"]) {
      expect(encodeErrorOf(() => setChannel(frame, channel as number)).path).toBe("channel");
    }
    expect(encodeErrorOf(() => setChannel(heartbeatFrame.slice(), 1)).path).toBe("channel");
    const codes: Array<[Uint8Array, string, number]> = [
      [frame.subarray(0, 7), "frame-cut", 0],
      [frame.subarray(0, 12), "frame-cut", 3],
      [concat([frame, frame]), "octets-left", 22],
      [frameOf(4, 1, counted(3)), "frame-type", 0],
      [frameOf(3, 1, counted(3), 7), "frame-end", 10],
    ];
    for (const [octets, code, offset] of codes) {
      const error = decodeErrorOf(() => setChannel(octets, 2));
      expect([error.code, error.offset, error.replyCode]).toEqual([code, offset, 501]);
    }
    same(frame, before);
  });
});

/** The frames of octets, each with its octets. */
function* framesIn(octets: Uint8Array): Generator<[NeutralFrame, Uint8Array]> {
  for (const frame of decodeStream(octets, NO_LIMITS).frames) {
    if (frame.type === "protocol-header") continue;
    yield [frame, octets.slice(frame.offset, frame.offset + frame.size + 8)];
  }
}

const tablesOf = (frame: NeutralMethod): string[] =>
  ["arguments", "clientProperties", "serverProperties"].filter((name) => name in frame.args);

/** Sets and deletes a header in each frame that may have one: the octets from before, and what another parser reads in between. */
function thereAndBack(octets: Uint8Array): number {
  let count = 0;
  for (const [frame, before] of framesIn(octets)) {
    same(
      setChannel(setChannel(before.slice(), frame.channel === 7 ? 8 : frame.type === 8 ? 0 : 7), frame.channel),
      before,
    );
    const set = { [PROBE]: "there" };
    const field: NeutralTable[number] = [PROBE, ["S", "there"]];
    if (frame.type === 2) {
      const headers = frame.properties["headers"] as NeutralTable | undefined;
      let between: Uint8Array;
      try {
        between = patchHeaders(before, { set });
      } catch (error) {
        // A table whose outermost fields cannot be told apart.
        expect(frame.headersError, String(error)).toBeDefined();
        continue;
      }
      if (frame.headersError === undefined) {
        const [again] = decodeStream(between, NO_LIMITS).frames as [NeutralHeader];
        expect(again.properties["headers"]).toEqual([...(headers ?? []), field]);
        expect({ ...again, size: 0, properties: { ...again.properties, headers: null } }).toEqual({
          ...frame,
          offset: 0,
          size: 0,
          properties: { ...frame.properties, headers: null },
        });
      }
      same(
        patchHeaders(
          between,
          { delete: [PROBE] },
          { keepEmpty: headers !== undefined || frame.headersError !== undefined },
        ),
        before,
      );
      count += 1;
    } else if (frame.type === 1) {
      for (const name of tablesOf(frame)) {
        const between = patchTable(before, name as "arguments", { set });
        const [again] = decodeStream(between, NO_LIMITS).frames as [NeutralMethod];
        expect(again.args[name]).toEqual([...(frame.args[name] as NeutralTable), field]);
        same(patchTable(between, name as "arguments", { delete: [PROBE] }), before);
        count += 1;
      }
    }
  }
  return count;
}

describe("set, then deleted, gives the octets from before", () => {
  test.each(captureNames)("in the capture %s", async (name) => {
    const capture = await loadCapture(name);
    thereAndBack(capture.c2s.octets);
    thereAndBack(capture.s2c.octets);
  });

  test("in every vector", () => {
    let count = 0;
    for (const { octets } of vectorStreams()) count += thereAndBack(octets);
    expect(count).toBe(1200);
  });

  test("in frames made at random", () => {
    const random = new Random(12);
    let count = 0;
    for (let i = 0; i < 4000; i++) count += thereAndBack(encodeFrame(randomFrame(random)));
    expect(count).toBeGreaterThan(500);
  });
});

test("whatever stands around the frame is never seen, and no input traps the core", () => {
  const codec = createCodec();
  const told = (octets: Uint8Array): string => {
    try {
      return hexOf(codec.patchHeaders(octets, { set: { k: 1 }, delete: ["a"] }));
    } catch (error) {
      const { code, offset, path } = error as { code?: string; offset?: number; path?: string };
      expect(code, String(error)).toBeTypeOf("string");
      return `${code} ${offset} ${path}`;
    }
  };
  const results = [0, 0xff].map((canary) => {
    const next = new Random(14);
    return Array.from({ length: 4000 }, () => {
      const frame = withHeaders(number("a", 1), fieldOf("b", "S", longstr("xyz")), fieldOf("c", "F", longstr("")));
      for (let i = next.below(3); i >= 0; i--) frame[next.below(frame.length)] = next.below(256);
      const all = concat([new Uint8Array(40).fill(canary), frame, new Uint8Array(40).fill(canary)]);
      codec.unmarshal(bodyFrame(1, new Uint8Array(500).fill(canary)));
      return told(all.subarray(40, 40 + frame.length - (next.chance(5) ? next.below(9) : 0)));
    });
  });
  expect(results[1]).toEqual(results[0]);
  expect(new Set(results[0]).size).toBeGreaterThan(50);
});
