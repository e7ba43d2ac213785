/** Values that are not what they seem: the short way of a message must take them as the long way does, or refuse them as it does, after any number of messages of the kind. */
import { describe, expect, test } from "vitest";
import {
  Basic,
  Connection,
  ContentBody,
  ContentHeader,
  createCodec,
  EncodeError,
  FrameReader,
  marshal,
  Queue,
  Timestamp,
} from "../src/index.js";
import { hexOf } from "./support/octets.js";

const method = new Basic.Publish({ exchange: "events", routingKey: "orders" });
const headersOf = (headers: object): Basic.PropertiesFields => ({ headers: headers as Record<string, never> });

/** A writer that knows messages with these headers. */
function writerFor(headers: object, times: number) {
  const writer = new (createCodec().FrameWriter)();
  for (let i = 0; i < times; i++) writer.publish(1, method, headersOf(headers), Uint8Array.of(1));
  writer.flush();
  return writer;
}

describe.each([0, 1, 2, 5, 100])("after %i messages of the kind", (times) => {
  test("a table with keys of a prototype is none", () => {
    const writer = writerFor({ b: 2, a: 1 }, times);
    const inherited = Object.assign(Object.create({ a: 1 }) as object, { b: 2 });
    for (const table of [inherited, Object.create({ b: 2, a: 1 }) as object, new (class Table {})()]) {
      const properties = new Basic.Properties(headersOf(table));
      expect(() => writer.publish(1, method, headersOf(table), Uint8Array.of(1))).toThrow(EncodeError);
      expect(() => marshal(new ContentHeader({ bodySize: 1, properties }), 1)).toThrow(EncodeError);
      expect(() => marshal(new Queue.Declare({ arguments: table as Record<string, never> }), 1)).toThrow(EncodeError);
    }
    expect(writer.bytesPending).toBe(0);
  });

  test("a table without a prototype is one, and so is one that hides its constructor", () => {
    const plain = { b: 2, a: 1 };
    const bare = Object.assign(Object.create(null) as object, plain);
    const odd = Object.defineProperty({ ...plain }, "constructor", { value: 5 });
    const expected = hexOf(writerFor(plain, 0).publish(1, method, headersOf(plain)).flush());
    for (const table of [bare, odd]) {
      expect(hexOf(writerFor(plain, times).publish(1, method, headersOf(table)).flush())).toBe(expected);
    }
  });

  test.each([-1, -1.5, 1.5, NaN, Infinity, 2 ** 53, "5"])(
    "a timestamp that was given %o seconds is refused",
    (wrong) => {
      const writer = writerFor({ at: new Timestamp(5) }, times);
      const time = Object.assign(new Timestamp(5), { seconds: wrong });
      expect(() => writer.publish(1, method, headersOf({ at: time }))).toThrow(EncodeError);
      expect(writer.bytesPending).toBe(0);
    },
  );

  test("a getter that lowers the frame-max has the body split by it", () => {
    const writer = writerFor({ a: 1 }, times);
    const headers = {
      get a() {
        writer.frameMax = 4096;
        return 1;
      },
    };
    const octets = writer.publish(1, method, headersOf(headers), new Uint8Array(20_000)).flush();
    const bodies = new FrameReader({ frameMax: 4096 - 8 }).push(octets).filter(({ name }) => name === "ContentBody");
    expect(bodies.map((body) => (body as ContentBody).value.length)).toEqual([4088, 4088, 4088, 4088, 3648]);
  });

  test("a body tells its length itself", () => {
    class Short extends Uint8Array {
      override get length(): number {
        return 5;
      }
    }
    for (const octets of [3, 20, 40_000]) {
      const writer = writerFor({ a: 1 }, times);
      const body = new Short(octets).fill(7);
      const own = Object.defineProperty(new Uint8Array(octets).fill(7), "length", { value: 5 });
      const prepared = writer.prepare(method, { headers: { a: 1 } });
      const expected = new Uint8Array(octets).fill(7);
      const frames = new FrameReader().push(
        writer
          .publish(1, method, headersOf({ a: 1 }), body)
          .publish(1, method, headersOf({ a: 1 }), own)
          .write(new ContentBody(body), 1)
          .flush(),
      );
      expect(
        frames.filter(({ name }) => name === "ContentBody").map((body) => hexOf((body as ContentBody).value)),
      ).toEqual(Array.from({ length: 3 }, () => hexOf(expected)));
      prepared.publish(1, body);
      expect(new FrameReader().push(writer.flush()).map((frame) => frame.name)).toHaveLength(3);
      // Octets of a table are of one length, too.
      const table = hexOf(writer.publish(1, method, headersOf({ a: body })).flush());
      expect(table).toBe(hexOf(writer.publish(1, method, headersOf({ a: expected })).flush()));
    }
  });
});

test("a getter that goes on lowering the frame-max is refused, and nothing was written", () => {
  const writer = writerFor({ a: 1 }, 5);
  const headers = {
    get a() {
      writer.frameMax -= 1;
      return 1;
    },
  };
  expect(() =>
    writer.publish(
      1,
      method,
      headersOf({
        ...{ b: 1n },
        get a() {
          return headers.a;
        },
      }),
      new Uint8Array(20_000),
    ),
  ).toThrow("frame-max");
  expect(writer.bytesPending).toBe(0);
});

test("what a prepared publish was given may be changed afterwards", () => {
  const { FrameWriter } = createCodec();
  const id = Uint8Array.of(65, 66);
  const date = new Date(5000);
  const writer = new FrameWriter();
  const prepared = writer.prepare(method, { correlationId: id, replyTo: id, timestamp: date });
  const before = hexOf(prepared.publish(1).flush());
  id.fill(90);
  date.setTime(9_000_000);
  expect(hexOf(prepared.publish(1).flush())).toBe(before);
  expect(before).toContain("0000000000000005");
});

test("a secret that is a number is in no error", () => {
  for (const secret of [12345, 12345n] as never[]) {
    for (const frame of [
      new Connection.SecureOk({ response: secret }),
      new Connection.StartOk({ response: secret }),
      new Connection.UpdateSecret({ newSecret: secret, reason: "" }),
    ]) {
      expect(() => marshal(frame, 0)).toThrow(/string required, received (Number|BigInt)$/);
    }
  }
});
