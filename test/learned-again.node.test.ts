/** A core that is full forgets its ids, and all that was learned with them is learned again: the code that was made for it is taken again, or a program that runs for long would be left without. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { allowCodeGeneration, Basic, ContentHeader, createCodec, Timestamp, type FieldValue } from "../src/index.js";
import { restoreFunction, standInForFunction, type Code } from "./support/function-stand-in.js";

let made = 0;
let calls = 0;

/** Counts how much code is made, and how often it is called. */
beforeAll(() => {
  standInForFunction((make, given) => {
    made += 1;
    const making = make(...given);
    return (r: unknown) => {
      const code = making(r) as Code;
      return (...rest: unknown[]) => {
        calls += 1;
        return code(...rest);
      };
    };
  });
  allowCodeGeneration();
});

afterAll(() => {
  restoreFunction();
  allowCodeGeneration();
});

/** How often all is forgotten: there would be more code of each kind than is made in all. */
const ROUNDS = 60;
/** More tables than it takes until they have a pattern. */
const TABLES = 1700;
const publish = new Basic.Publish({ exchange: "", routingKey: "q" });
const body = Uint8Array.of(1);

function headersOf(kind: number, i: number): Record<string, FieldValue> {
  return {
    [`kind ${kind}`]: i,
    "in it": { a: i % 9, list: [`text ${i}`, i], "what is the same": "always" },
    time: new Timestamp(1_700_000_000 + i),
  };
}

test("code for tables that are read stays in use", () => {
  const codec = createCodec();
  const writer = new codec.FrameWriter();
  const reader = new codec.FrameReader({ lazy: false });
  const KINDS = 20;
  for (let i = 0; i < TABLES; i++)
    for (let kind = 0; kind < KINDS; kind++) writer.publish(1, publish, { headers: headersOf(kind, i) }, body);
  const tables = writer.flush();
  // Texts that each come twice: the core remembers them, until it has no room.
  for (let i = 0; i < 8400; i++) writer.publish(1, publish, { headers: { text: `some text ${i >> 1}` } }, body);
  const texts = writer.flush();
  let before = 0;
  for (let round = 0; round < ROUNDS; round++) {
    calls = 0;
    let n = 0;
    for (let at = 0; at < tables.length; at += 65536) {
      for (const frame of reader.push(tables.subarray(at, at + 65536))) {
        if (!(frame instanceof ContentHeader)) continue;
        const { headers } = frame.properties;
        // Compared in full now and then.
        if (n % 577 === 0 || round === ROUNDS - 1) expect(headers).toEqual(headersOf(n % KINDS, Math.floor(n / KINDS)));
        n += 1;
      }
    }
    expect(n).toBe(KINDS * TABLES);
    if (round === ROUNDS - 10) before = made;
    if (round > 0) {
      expect(calls, `round ${round}`).toBeGreaterThan(KINDS * (2 * TABLES - 1100));
    }
    reader.push(texts);
  }
  expect(made - before).toBeLessThan(KINDS);
});

test("code for messages and tables that are written stays in use", () => {
  const codec = createCodec();
  const writer = new codec.FrameWriter();
  const KINDS = 20;
  const MESSAGES = 400;
  const headers = Array.from({ length: KINDS }, (_, kind) =>
    Array.from({ length: MESSAGES }, (_, i) => ({ ...headersOf(kind, i), name: `one of ${i % 3}` })),
  );
  let before = 0;
  let expected: number | undefined;
  for (let round = 0; round < 40; round++) {
    calls = 0;
    // Kind by kind: each has a layout of its own.
    for (const of of headers)
      for (const each of of) writer.publish(1, publish, { headers: each, messageId: "some message" }, body);
    const octets = writer.flush();
    const sum = octets.reduce((result, octet) => (Math.imul(result, 31) + octet) | 0, octets.length);
    expected ??= sum;
    expect(sum).toBe(expected);
    if (round === 30) before = made;
    if (round > 0) {
      expect(calls, `round ${round}`).toBeGreaterThan(KINDS * 2 * (MESSAGES - 150));
    }
    // Routing keys that come twice are kept, until there is no room.
    for (let i = 0; i < 1600; i++) {
      const method = new Basic.Publish({ exchange: "", routingKey: `${round} and ${i}`.padEnd(64) });
      for (let k = 0; k < 2; k++) writer.publish(1, method, {}, body);
      if (i % 100 === 0) writer.flush();
    }
    writer.flush();
  }
  expect(made - before).toBeLessThan(KINDS);
});
