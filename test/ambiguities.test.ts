/** What of a content header two parsers would read differently. */
import { describe, expect, test } from "vitest";
import { ambiguities, createCodec, DecodeError, patchHeaders, type Ambiguity } from "../src/index.js";
import { encodeFrame } from "./reference.js";
import { captureNames, loadCapture } from "./support/captures.js";
import { everyFieldType } from "./support/every-field-type.js";
import { randomFrame } from "./support/generated-frames.js";
import { concat, octetsOf } from "./support/octets.js";
import { Random } from "./support/random.js";
import {
  bodyFrame,
  counted,
  decodeErrorOf,
  elementOf,
  encodeErrorOf,
  fieldOf,
  frameOf,
  headerFrame,
  integer,
  longstr,
  shortstr,
  tableOf,
} from "./support/wire.js";

const HEADERS = 0x2000;
const withHeaders = (...fields: Uint8Array[]): Uint8Array => headerFrame(1, 9, HEADERS, tableOf(...fields));
const number = (key: string, value: number): Uint8Array => fieldOf(key, "b", integer(value, 1));
/** Offset of the first field. */
const FIRST = 25;

const brief = ({ kind, offset, path, readings }: Ambiguity): unknown[] => [
  kind,
  offset,
  path,
  readings.map(({ value }) => value),
];

describe("nothing is ambiguous", () => {
  test("in headers as everybody writes them", () => {
    for (const frame of [
      headerFrame(1, 0),
      headerFrame(1, 2n ** 63n - 1n, 0x8000, shortstr("text/plain")),
      withHeaders(
        number("a", 1),
        number("b", 1),
        fieldOf("t", "t", integer(1, 1)),
        fieldOf("n", "V"),
        fieldOf("s", "S", longstr("é")),
      ),
      withHeaders(
        fieldOf("a", "F", longstr(number("k", 1))),
        fieldOf("b", "F", longstr(number("k", 1))),
        fieldOf("c", "A", longstr(elementOf("V"))),
      ),
      headerFrame(1, 9, HEADERS, longstr(everyFieldType("tbBsuIilfdDSxTAFV"))),
    ]) {
      expect(ambiguities(frame)).toEqual([]);
    }
  });

  // One was made to have keys that stand twice.
  test.each(captureNames.filter((name) => name !== "erlang-types"))(
    "in the capture %s, but for empty values",
    async (name) => {
      const { c2s, s2c } = await loadCapture(name);
      for (const { octets, frames } of [c2s, s2c]) {
        for (const frame of frames) {
          if (frame.type !== 2) continue;
          const found = ambiguities(octets.subarray(frame.offset, frame.offset + frame.size + 8));
          // What clients send as an empty table, and the sign of numbers and octets that are no text, which some were made to send.
          expect(found.filter(({ kind }) => kind !== "empty" && kind !== "sign" && kind !== "utf-8")).toEqual([]);
        }
      }
    },
  );
});

const at = FIRST;
test.each<[what: string, octets: Uint8Array, found: unknown[][]]>([
  [
    "a key that stands twice",
    withHeaders(number("k", 1), number("x", 5), number("k", 2)),
    [["duplicate-key", at + 8, "headers.k", [1, 2]]],
  ],
  [
    "a key that stands three times",
    withHeaders(number("k", 1), number("k", 2), number("k", 3)),
    [
      ["duplicate-key", at + 4, "headers.k", [1, 2]],
      ["duplicate-key", at + 8, "headers.k", [1, 3]],
    ],
  ],
  [
    "a key that stands twice in an inner table",
    withHeaders(fieldOf("t", "F", longstr(concat([number("k", 1), fieldOf("k", "V")])))),
    [["duplicate-key", at + 11, "headers.t.k", [1, null]]],
  ],
  ["a boolean of 2", withHeaders(fieldOf("k", "t", integer(2, 1))), [["boolean", at + 3, "headers.k", [true, false]]]],
  [
    "a boolean of 255 in an array",
    withHeaders(fieldOf("k", "A", longstr(concat([elementOf("t", integer(1, 1)), elementOf("t", integer(255, 1))])))),
    [["boolean", at + 10, "headers.k[1]", [true, false]]],
  ],
  [
    "a string that is no UTF-8",
    withHeaders(fieldOf("k", "S", longstr(octetsOf("61ff")))),
    [["utf-8", at + 7, "headers.k", [octetsOf("61ff"), "a\uFFFD", undefined]]],
  ],
  [
    "a key that is no UTF-8",
    withHeaders(fieldOf(octetsOf("ff"), "V")),
    [["utf-8", at, "headers.\u00FF", [octetsOf("ff"), "\uFFFD", undefined]]],
  ],
  [
    "two keys that are no UTF-8, and no duplicates",
    withHeaders(fieldOf(octetsOf("ff"), "V"), fieldOf(octetsOf("fe"), "V")),
    [
      ["utf-8", at, "headers.\u00FF", [octetsOf("ff"), "\uFFFD", undefined]],
      ["utf-8", at + 3, "headers.\u00FE", [octetsOf("fe"), "\uFFFD", undefined]],
    ],
  ],
  [
    "a property that is no UTF-8",
    headerFrame(1, 0, 0x8000, shortstr(octetsOf("c3"))),
    [["utf-8", 22, "contentType", [octetsOf("c3"), "\uFFFD", undefined]]],
  ],
  [
    "a child past its table",
    withHeaders(fieldOf("k", "F", integer(9, 4))),
    [["past-end", at + 3, "headers.k", [undefined, undefined]]],
  ],
  [
    "a child past its parent, and what follows the parent",
    withHeaders(fieldOf("k", "F", longstr(fieldOf("x", "S", integer(9, 4)))), fieldOf("y", "t", integer(7, 1))),
    [
      ["past-end", at + 10, "headers.k.x", [undefined, undefined]],
      ["boolean", at + 17, "headers.y", [true, false]],
    ],
  ],
  [
    "a value that is cut",
    withHeaders(fieldOf("k", "I", integer(1, 2))),
    [["past-end", at + 3, "headers.k", [undefined, undefined]]],
  ],
  [
    "a name that is cut",
    withHeaders(number("a", 1), octetsOf("0561")),
    [["past-end", at + 4, "headers.a", [undefined, undefined]]],
  ],
  [
    "an unknown type",
    withHeaders(fieldOf("k", "U", integer(1, 2))),
    [["field-type", at + 2, "headers.k", [undefined, undefined]]],
  ],
  [
    "an unsigned 64-bit number",
    withHeaders(fieldOf("k", "L", integer(2n ** 64n - 1n, 8))),
    [["sign", at + 3, "headers.k", [2n ** 64n - 1n, -1n]]],
  ],
  [
    "a decimal below 0",
    withHeaders(fieldOf("k", "D", octetsOf("02ffffffff"))),
    [["sign", at + 4, "headers.k", [0xffffffffn, -1n]]],
  ],
  [
    "a timestamp beyond 2^63",
    headerFrame(1, 0, 0x0040, integer(2n ** 63n, 8)),
    [["sign", 21, "timestamp", [2n ** 63n, -(2n ** 63n)]]],
  ],
  ["a body size beyond 2^63", headerFrame(1, 2n ** 64n - 1n), [["sign", 11, "bodySize", [2n ** 64n - 1n, -1n]]]],
  [
    "not-a-number",
    withHeaders(fieldOf("k", "d", octetsOf("7ff8000000000000"))),
    [["not-finite", at + 3, "headers.k", [NaN, undefined]]],
  ],
  [
    "infinity",
    withHeaders(fieldOf("k", "f", octetsOf("ff800000"))),
    [["not-finite", at + 3, "headers.k", [-Infinity, undefined]]],
  ],
  ["a property without octets", headerFrame(1, 0, 0x0080, shortstr("")), [["empty", 22, "messageId", ["", undefined]]]],
  ["a table without fields", withHeaders(), [["empty", at, "headers", [{}, undefined]]]],
  ["a key without letters", withHeaders(fieldOf("", "V")), [["empty", at, "headers.", ["", undefined]]]],
  [
    "a second word of flags",
    headerFrame(1, 0, 1, integer(0x8000, 2)),
    [
      ["flags", 19, "", [undefined, 1, 0x8000]],
      ["octets-left", 21, "", [undefined, octetsOf("8000")]],
    ],
  ],
  ["the flag without a property", headerFrame(1, 0, 2), [["flags", 19, "", [undefined, 2]]]],
  [
    "octets behind the properties",
    headerFrame(1, 0, 0x8000, shortstr("a"), octetsOf("0102")),
    [["octets-left", 23, "", [undefined, octetsOf("0102")]]],
  ],
  [
    "a property longer than the frame",
    headerFrame(1, 0, 0x8000, Uint8Array.of(9, 1)),
    [["past-end", 22, "contentType", [undefined, undefined]]],
  ],
  [
    "a table longer than the frame",
    headerFrame(1, 0, HEADERS, integer(2 ** 32 - 1, 4)),
    [["past-end", 25, "headers", [undefined, undefined]]],
  ],
  [
    "a property that is not there",
    headerFrame(1, 0, 0x1000),
    [["past-end", 21, "deliveryMode", [undefined, undefined]]],
  ],
  [
    "class and weight",
    frameOf(2, 1, concat([integer(50, 2), integer(1, 2), integer(0, 8), integer(0, 2)])),
    [
      ["reserved", 7, "", [undefined, 50]],
      ["reserved", 9, "", [undefined, 1]],
    ],
  ],
])("%s", (_, octets, found) => {
  const all = ambiguities(octets);
  expect(all.map(brief)).toEqual(found);
  for (const { text, readings, offset } of all) {
    expect(text).not.toContain("undefined");
    expect(readings.length).toBeGreaterThan(1);
    expect(new Set(readings.map(({ how }) => how)).size).toBe(readings.length);
    expect(offset).toBeLessThan(octets.length);
  }
  expect(createCodec().ambiguities(octets).map(brief)).toEqual(found);
});

test("deeper than 1024 levels nobody looks, and nothing breaks", () => {
  const octets = new Uint8Array(5 * 3000);
  for (let i = 0; i < 3000; i++) {
    octets[5 * i] = 0x41;
    octets.set(integer(5 * (2999 - i), 4), 5 * i + 1);
  }
  const [found, ...more] = ambiguities(
    withHeaders(fieldOf("k", "A", longstr(octets)), fieldOf("t", "t", integer(9, 1))),
  );
  expect([found!.kind, found!.path.length]).toEqual(["depth", "headers.k".length + 3 * 1024]);
  expect(more.map(({ kind, path }) => [kind, path])).toEqual([["boolean", "headers.t"]]);
});

test("a header that is deleted takes its ambiguities with it", () => {
  const before = withHeaders(number("k", 1), number("x", 5), number("k", 2));
  expect(ambiguities(patchHeaders(before, { set: { k: 3 } }))).toEqual([]);
  expect(ambiguities(patchHeaders(before, { delete: ["k"] }))).toEqual([]);
});

test.each<[what: string, octets: Uint8Array, code: string, offset: number]>([
  ["nothing", new Uint8Array(0), "frame-cut", 0],
  ["a body", bodyFrame(1, counted(3)), "frame-kind", 0],
  ["a cut frame", headerFrame(1, 0).subarray(0, 21), "frame-cut", 3],
  ["a wrong frame-end", frameOf(2, 1, new Uint8Array(14), 0), "frame-end", 21],
  ["a header that is cut", frameOf(2, 1, new Uint8Array(11)), "header-cut", 7],
  ["a header without flags", frameOf(2, 1, new Uint8Array(13)), "value-cut", 19],
])("refuses %s", (_, octets, code, offset) => {
  const error = decodeErrorOf(() => ambiguities(octets));
  expect([error.code, error.offset]).toEqual([code, offset]);
  expect(encodeErrorOf(() => ambiguities("frame" as never)).message).toContain("Uint8Array required");
});

test("whatever comes, nothing but a DecodeError is thrown, and what stands around the frame is not seen", () => {
  const told = [0, 0xff].map((canary) => {
    const random = new Random(51);
    return Array.from({ length: 4000 }, () => {
      const frame = encodeFrame(randomFrame(random));
      for (let i = random.below(4); i > 0; i--) frame[random.below(frame.length)] = random.below(256);
      const padded = concat([new Uint8Array(32).fill(canary), frame, new Uint8Array(32).fill(canary)]);
      try {
        return ambiguities(padded.subarray(32, 32 + frame.length)).map(brief);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        return `${error.code} ${error.offset} ${error.path}`;
      }
    });
  });
  expect(told[1]).toEqual(told[0]);
});
