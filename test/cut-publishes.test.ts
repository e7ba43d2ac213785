/** Publishes that the end of a chunk cuts, behind others that a run passed by: they are put together and go on in a run, and nothing else is told of them than a cursor tells that goes message by message. */
import { describe, expect, test } from "vitest";
import {
  Basic,
  type Consumer,
  DecodeError,
  FrameCursor,
  type FrameCursorOptions,
  FrameReader,
  FrameWriter,
  PreparedConsumer,
} from "../src/index.js";
import { concat, hexOf } from "./support/octets.js";

function publish(octets: number): Uint8Array {
  return new FrameWriter()
    .publish(
      1,
      new Basic.Publish({ exchange: "ex", routingKey: "key" }),
      { contentType: "text/plain", headers: { a: 1 }, messageId: `m${octets}` },
      new Uint8Array(octets).fill(octets),
    )
    .flush();
}

/** With its body in two frames. */
const whole = publish(33);
const bodyAt = whole.length - 41;
const split = concat([
  whole.subarray(0, bodyAt),
  Uint8Array.of(3, 0, 1, 0, 0, 0, 1, 33, 0xce, 3, 0, 1, 0, 0, 0, 32),
  whole.subarray(bodyAt + 8),
]);

const messages: FrameCursorOptions = { messages: true };
const first = publish(20);
const consumers = (): PreparedConsumer[] => [
  Object.assign(new PreparedConsumer({ channel: 9, consumerTag: "c" }), { deliveryTag: 1 }),
];

/** A cursor, and its writer, behind the first publish, at the end of a chunk that is cut within the second. */
function cutAt(at: number, second: Uint8Array, options: FrameCursorOptions = messages) {
  const cursor = new FrameCursor(options);
  const writer = new FrameWriter();
  const list = consumers();
  const run = (asked: (publish: FrameCursor) => readonly Consumer[] | undefined = () => list) =>
    writer.deliverRun(cursor, asked, { routes: true });
  cursor.push(concat([first, second.subarray(0, at)]));
  expect(run()?.contents).toBe(1);
  expect(run()).toBeUndefined();
  return { cursor, writer, run, rest: second.subarray(at) };
}

function toldOf(cursor: FrameCursor): unknown {
  const { name, channel, exchange, routingKey, offset, octets, body } = cursor;
  const kept = new FrameWriter().forward(cursor.message()).flush();
  return {
    ...{ name, channel, exchange, routingKey, offset, octets: hexOf(octets), body: body && hexOf(body) },
    ...{ id: cursor.property("messageId"), a: cursor.header("a"), kept: hexOf(kept), frame: cursor.frame() },
  };
}

/** What a cursor tells that no run was asked of. */
function single(pieces: readonly Uint8Array[], frameMax?: number): unknown[] {
  const cursor = new FrameCursor(messages);
  const told: unknown[] = [];
  try {
    for (const [i, piece] of pieces.entries()) {
      if (i > 0 && frameMax !== undefined) cursor.frameMax = frameMax;
      cursor.push(piece);
      while (cursor.next()) told.push(toldOf(cursor));
      told.push("chunk read");
    }
  } catch (error) {
    told.push(error instanceof DecodeError ? [error.code, error.offset, error.message] : String(error));
  }
  return told;
}

const everyCut = (octets: Uint8Array): number[] => Array.from({ length: octets.length - 1 }, (_, i) => i + 1);

describe("a publish that is cut", () => {
  test("goes on in a run, wherever it is cut", () => {
    for (const second of [publish(33), publish(0)]) {
      for (const at of everyCut(second)) {
        const { cursor, writer, run, rest } = cutAt(at, second);
        expect(cursor.next()).toBe(false);
        cursor.push(concat([rest, first]));
        const told: unknown[] = [];
        const list = consumers();
        const joined = run((publish) => {
          told.push(toldOf(publish));
          return list;
        });
        expect([joined?.contents, joined?.frames], `at ${at}`).toEqual([
          2,
          second.length === publish(0).length ? 5 : 6,
        ]);
        expect(hexOf(joined!.octets)).toBe(hexOf(concat([second, first])));
        // The one behind it is of the same route.
        expect(told).toEqual([single([concat([first, second])])[1]]);
        expect([cursor.octets.length, cursor.offset]).toEqual([first.length, first.length + second.length]);
        expect([run(), cursor.next(), cursor.octetsPending]).toEqual([undefined, false, 0]);
        expect(new FrameReader().push(writer.flush()).filter(({ name }) => name === "Basic.Deliver")).toHaveLength(3);
      }
    }
  });

  test("goes on in a run where no more were wanted than those before it", () => {
    const second = publish(33);
    const list = consumers();
    for (const at of everyCut(second)) {
      const cursor = new FrameCursor(messages);
      const writer = new FrameWriter();
      const run = () => writer.deliverRun(cursor, () => list, { routes: true, maxContents: 2 });
      cursor.push(concat([first, first, second.subarray(0, at)]));
      expect([run()?.contents, run(), cursor.next()], `at ${at}`).toEqual([2, undefined, false]);
      cursor.push(concat([second.subarray(at), first, first]));
      expect([run()?.contents, run()?.contents, run(), cursor.next()], `at ${at}`).toEqual([2, 1, undefined, false]);
    }
  });

  test("is told of as pending as a reader tells", () => {
    const second = publish(33);
    for (const at of everyCut(second)) {
      const { cursor, rest } = cutAt(at, second);
      cursor.next();
      const reader = new FrameReader();
      reader.push(concat([first, second.subarray(0, at)]));
      expect([cursor.octetsRead, cursor.octetsPending], `at ${at}`).toEqual([reader.octetsRead, reader.octetsPending]);
      // It goes on message by message, too, and is asked in vain before there is more.
      expect(cursor.next()).toBe(false);
      expect([cursor.octetsRead, cursor.octetsPending]).toEqual([reader.octetsRead, reader.octetsPending]);
      cursor.push(rest);
      expect(cursor.next()).toBe(true);
      expect(toldOf(cursor)).toEqual(single([concat([first, second])])[1]);
      expect(cursor.next()).toBe(false);
    }
  });

  test("waits where a run is asked for before there is more, and over chunks without octets", () => {
    const second = publish(33);
    for (const at of everyCut(second)) {
      const { cursor, run, rest } = cutAt(at, second);
      expect([cursor.next(), run()]).toEqual([false, undefined]);
      cursor.push(new Uint8Array(0));
      expect(run()).toBeUndefined();
      cursor.push(rest);
      expect(run()?.contents, `at ${at}`).toBe(1);
    }
  });

  test("comes to next where nobody is answered for it, or it is cut once more", () => {
    const second = publish(33);
    const whole = single([concat([first, second])])[1];
    for (const at of everyCut(second)) {
      const { cursor, run, rest } = cutAt(at, second);
      expect(cursor.next()).toBe(false);
      cursor.push(rest);
      expect(run(() => undefined)).toBeUndefined();
      // It may be asked about again.
      expect(run(() => undefined)).toBeUndefined();
      expect(() => cursor.push(first)).toThrow("next() has to answer false first");
      expect(cursor.next(), `at ${at}`).toBe(true);
      expect(toldOf(cursor)).toEqual(whole);
      expect(cursor.next()).toBe(false);

      if (rest.length === 1) continue;
      const again = cutAt(at, second);
      expect(again.cursor.next()).toBe(false);
      for (const octet of again.rest.subarray(0, -1)) {
        again.cursor.push(Uint8Array.of(octet));
        expect([again.run(), again.cursor.next()]).toEqual([undefined, false]);
      }
      again.cursor.push(again.rest.subarray(-1));
      expect([again.run(), again.cursor.next()]).toEqual([undefined, true]);
      expect(toldOf(again.cursor)).toEqual(whole);
    }
  });

  test("is passed by where its consumers are refused, or the cursor is moved meanwhile", () => {
    const second = publish(33);
    for (const at of everyCut(second)) {
      const { cursor, run, rest } = cutAt(at, second);
      cursor.next();
      cursor.push(concat([rest, first]));
      const empty = Object.assign(consumers()[0]!, { credit: 0 });
      expect(() => run(() => [empty])).toThrow("credit");
      expect(run()?.contents).toBe(1);
      expect(cursor.offset).toBe(first.length + second.length);

      const moved = cutAt(at, second);
      moved.cursor.next();
      moved.cursor.push(concat([moved.rest, first]));
      expect(() => moved.run((publish) => (publish.next(), []))).toThrow("must not move the cursor");
      expect(moved.cursor.next()).toBe(false);
    }
  });

  test("is taken with the frame-max of the time when its beginning came", () => {
    const second = publish(5000);
    for (const at of everyCut(second).filter((at) => at < 100 || at % 97 === 1)) {
      for (const frameMax of [0, 4096, 8192]) {
        const pieces = [concat([first, second.subarray(0, at)]), concat([second.subarray(at), first])];
        const { cursor, run } = cutAt(at, second);
        const told: unknown[] = [single([first])[0]];
        try {
          cursor.next();
          told.push("chunk read");
          cursor.frameMax = frameMax;
          cursor.push(pieces[1]!);
          run(() => undefined);
          while (cursor.next()) told.push(toldOf(cursor));
          told.push("chunk read");
        } catch (error) {
          told.push(error instanceof DecodeError ? [error.code, error.offset, error.message] : String(error));
        }
        expect(told, `at ${at}, frame-max ${frameMax}`).toEqual(single(pieces, frameMax));
      }
    }
  });

  test("with a wrong octet anywhere is refused as it is message by message, as soon", () => {
    const good = publish(33);
    for (let wrong = 0; wrong < good.length; wrong++) {
      const second = good.slice();
      second[wrong]! ^= 0xff;
      for (const at of [1, 7, 8, 20, 34, 36, 43, 60, 85, good.length - 1]) {
        const pieces = [concat([first, second.subarray(0, at)]), concat([second.subarray(at), first])];
        const expected = single(pieces);
        const cursor = new FrameCursor(messages);
        const writer = new FrameWriter();
        const told: unknown[] = [];
        const list = consumers();
        try {
          for (const piece of pieces) {
            cursor.push(piece);
            for (;;) {
              while (
                writer.deliverRun(cursor, (publish) => (told.push(toldOf(publish)), list), {
                  routes: true,
                  maxContents: 1,
                }) !== undefined
              );
              if (!cursor.next()) break;
              told.push(toldOf(cursor));
            }
            told.push("chunk read");
          }
        } catch (error) {
          told.push(error instanceof DecodeError ? [error.code, error.offset, error.message] : String(error));
        }
        expect(told, `octet ${wrong}, cut at ${at}`).toEqual(expected);
      }
    }
  });

  test.each([
    ["larger than 4096 octets", publish(5000)],
    ["a body in several frames", split],
  ])("goes the long way: %s", (_, second) => {
    for (const at of everyCut(second).filter((at) => at < 200 || at % 97 === 1)) {
      const { cursor, run, rest } = cutAt(at, second);
      expect(cursor.next()).toBe(false);
      cursor.push(rest);
      expect(run()).toBeUndefined();
      expect(cursor.next(), `at ${at}`).toBe(true);
      expect(toldOf(cursor)).toEqual(single([concat([first, second.subarray(0, at)]), rest])[2]);
    }
  });
});
