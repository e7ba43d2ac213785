/** Code is made where a program says that it may be, and what is read and written is the same with it, without it, and where the host refuses. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { allowCodeGeneration, Basic, ContentHeader, createCodec, Timestamp } from "../src/index.js";
import { restoreFunction, standInForFunction } from "./support/function-stand-in.js";

const inNode = "process" in globalThis && "Buffer" in globalThis;
let made = 0;
let refused = false;

beforeEach(() => {
  made = 0;
  refused = false;
  standInForFunction((make, given) => {
    made += 1;
    if (refused) throw new EvalError("refused");
    return make(...given);
  });
});

afterEach(() => {
  restoreFunction();
  allowCodeGeneration(inNode);
});

const command = new Basic.Publish({ exchange: "events", routingKey: "orders" });
const body = Uint8Array.of(1, 2, 3);

/** Writes and reads messages whose keys begin with a word that no other test has: shapes are remembered by all. */
function pass(word: string, count = 3000): unknown[] {
  const codec = createCodec();
  const writer = new codec.FrameWriter();
  const reader = new codec.FrameReader({ lazy: false });
  const found: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const headers = {
      [`${word}-name`]: `value ${i % 3}`,
      [`${word}-count`]: i % 7,
      [`${word}-in`]: { a: i, b: [i, "x"] },
    };
    writer.publish(
      1,
      command,
      { messageId: `message-${i}`, timestamp: new Timestamp(2_000_000_000 + i), headers },
      body,
    );
    if (i % 100 !== 99) continue;
    for (const frame of reader.push(writer.flush())) {
      if (!(frame instanceof ContentHeader)) continue;
      const { headers, messageId, timestamp } = frame.properties;
      const fields = Object.entries(headers!).map(([key, value]): unknown[] => [key.slice(word.length), value]);
      found.push(JSON.parse(JSON.stringify([messageId, timestamp, fields])) as unknown);
    }
  }
  return found;
}

const expected = Array.from({ length: 3000 }, (_, i) => [
  `message-${i}`,
  2_000_000_000 + i,
  [
    ["-count", i % 7],
    ["-in", { a: i, b: [i, "x"] }],
    ["-name", `value ${i % 3}`],
  ],
]);

test("only Node makes code unasked", () => {
  expect(pass("unasked")).toEqual(expected);
  expect(made > 0).toBe(inNode);
});

test("code is made where it is allowed", () => {
  allowCodeGeneration();
  expect(pass("allowed")).toEqual(expected);
  expect(made).toBeGreaterThan(0);
});

test("no code is made where it is not", () => {
  allowCodeGeneration(false);
  expect(pass("forbidden")).toEqual(expected);
  expect(made).toBe(0);
});

test("a host that refuses is asked once", () => {
  allowCodeGeneration();
  refused = true;
  expect(pass("refused")).toEqual(expected);
  expect(made).toBe(1);
});
