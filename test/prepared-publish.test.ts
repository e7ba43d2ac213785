/** A prepared publish must write what `publish` writes, octet by octet. */
import { describe, expect, test } from "vitest";
import {
  Basic,
  ContentBody,
  createCodec,
  EncodeError,
  type FieldValue,
  FrameReader,
  FrameWriter,
  Timestamp,
  ValidationError,
  type PublishValues,
} from "../src/index.js";
import { Random } from "./support/random.js";
import { attempt } from "./support/outcome.js";

/** In Node, what is handed in most. */
const aBuffer = "Buffer" in globalThis ? Buffer.from("a buffer") : new Uint8Array(8);

const method = new Basic.Publish({ exchange: "events", routingKey: "orders.created.eu", mandatory: true });
const properties = {
  contentType: "application/json",
  deliveryMode: 2,
  priority: 3,
  replyTo: "amq.rabbitmq.reply-to",
  expiration: "60000",
  type: "order",
  appId: "shop",
  headers: { "x-region": "eu-west-1", attempt: 1, nested: { list: [1, "two", null] } },
};

function both(
  list: object,
  values: PublishValues,
  body: Uint8Array,
  frameMax = 131072,
  channel = 7,
): [Uint8Array, Uint8Array] {
  const one = new FrameWriter({ frameMax });
  one.prepare(method, list).publish(channel, body, values);
  const other = new FrameWriter({ frameMax }).publish(channel, method, { ...list, ...values }, body);
  return [one.flush(), other.flush()];
}

/** Where two arrays begin to differ, -1 where they do not: quicker than a matcher on so many octets. */
function firstDifference(one: Uint8Array, other: Uint8Array): number {
  for (let i = 0; i < Math.max(one.length, other.length); i++) if (one[i] !== other[i]) return i;
  return -1;
}

const uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
const values: Record<string, PublishValues> = {
  nothing: {},
  "a message id": { messageId: uuid },
  "a timestamp": { timestamp: new Timestamp(1_700_000_000) },
  "a timestamp beyond 32 bits": { timestamp: new Timestamp(2 ** 40 + 5) },
  "a timestamp beyond 53 bits": { timestamp: new Timestamp(2n ** 63n) },
  "a date": { timestamp: new Date(1_700_000_000_000) },
  "a correlation id": { correlationId: "17" },
  "all of them": { messageId: uuid, timestamp: new Timestamp(1), correlationId: "a correlation id" },
  "ids that are no ASCII": { messageId: "Größe-東京-😀", correlationId: "é" },
  "ids of octets": { messageId: Uint8Array.of(0xff, 0xfe), correlationId: Uint8Array.of(1) },
  "ids of 255 octets": { messageId: "m".repeat(255), correlationId: "c".repeat(255) },
  "empty ids": { messageId: "", correlationId: "" },
};

describe.each(Object.entries(values))("with %s", (_, given) => {
  test.each([0, 1, 128, 40_000, 300_000])("and a body of %i octets", (octets) => {
    const body = new Uint8Array(octets).fill(0x61);
    for (const list of [
      properties,
      { deliveryMode: 1 },
      {},
      { ...properties, messageId: "m", correlationId: "c", timestamp: new Timestamp(9) },
    ]) {
      const [one, other] = both(list, given, body);
      expect(firstDifference(one, other)).toBe(-1);
    }
  });
});

test("bodies are split at the frame-max of the writer as it is then", () => {
  const writer = new FrameWriter();
  const prepared = writer.prepare(method, properties);
  writer.frameMax = 4096;
  prepared.publish(1, new Uint8Array(10_000));
  const other = new FrameWriter({ frameMax: 4096 }).publish(1, method, properties, new Uint8Array(10_000));
  expect(writer.flush()).toEqual(other.flush());
});

test("many messages of many lengths, between other frames and another writer's", () => {
  const writer = new FrameWriter();
  const prepared = writer.prepare(method, properties);
  const other = new FrameWriter();
  const stranger = new FrameWriter();
  const body = new Uint8Array(5000).fill(1);
  for (let i = 0; i < 700; i++) {
    const given = { messageId: `m${"x".repeat(i % 100)}`, timestamp: new Timestamp(i) };
    prepared.publish(i, body, given);
    other.publish(i, method, { ...properties, ...given }, body);
    if (i % 50 === 0) {
      writer.write(new Basic.Ack({ deliveryTag: i }), 1);
      other.write(new Basic.Ack({ deliveryTag: i }), 1);
      stranger.write(new Basic.Ack({ deliveryTag: i }), 2);
    }
  }
  expect(writer.bytesPending).toBe(other.bytesPending);
  expect(firstDifference(writer.flush(), other.flush())).toBe(-1);
  expect(stranger.flush().length).toBe(14 * 21);
});

test("what happens to the method, the properties and their table afterwards is not seen", () => {
  const writer = new FrameWriter();
  const own = new Basic.Publish({ exchange: "a" });
  const list = new Basic.Properties({ headers: { k: 1 }, contentType: "text/plain" });
  const prepared = writer.prepare(own, list);
  const expected = new FrameWriter()
    .publish(1, own, { headers: { k: 1 }, contentType: "text/plain", messageId: "id" })
    .flush();
  own.exchange = "b";
  list.contentType = "other";
  (list.headers as Record<string, number>)["k"] = 2;
  expect(prepared.publish(1, undefined, { messageId: "id" }).flush()).toEqual(expected);
});

/** Nested deeper, or of more fields, than is read unless a program says so: it may be written. */
const deep = { deep: Array.from({ length: 40 }).reduce<FieldValue>((inner) => ({ inner }), 1) };
const wide = { wide: new Array<number>(70_000).fill(1) };

test.each([deep, wide])("headers that would not be read go with every message (%#)", (headers) => {
  for (const octets of [3, 70_000]) {
    for (const given of [{}, { messageId: new TextEncoder().encode("id") }]) {
      const [one, other] = both({ headers }, given, new Uint8Array(octets), 200_000);
      expect(firstDifference(one, other)).toBe(-1);
    }
  }
});

test("what is wrong is said, and nothing was written", () => {
  const writer = new FrameWriter();
  expect(() => writer.prepare(new Basic.Ack() as never)).toThrow(EncodeError);
  expect(() => writer.prepare(method, { deliveryMode: 3 })).toThrow(ValidationError);
  expect(() => writer.prepare(method, { headers: { k: Symbol() as never } })).toThrow(EncodeError);
  const prepared = writer.prepare(method, properties);
  for (const wrong of [
    () => prepared.publish(-1),
    () => prepared.publish(65_536),
    () => prepared.publish(1.5),
    () => prepared.publish(1, "text" as never),
    () => prepared.publish(1, undefined, { messageId: "m".repeat(256) }),
    () => prepared.publish(1, undefined, { messageId: "\ud800" }),
    () => prepared.publish(1, undefined, { messageId: 5 as never }),
    () => prepared.publish(1, undefined, { timestamp: 5 as never }),
  ]) {
    expect(wrong).toThrow(EncodeError);
    expect(writer.bytesPending).toBe(0);
  }
});

test("on a core of its own", () => {
  const codec = createCodec();
  const writer = new codec.FrameWriter();
  const octets = writer.prepare(method, properties).publish(1, Uint8Array.of(1), { messageId: uuid }).flush();
  expect(octets).toEqual(both(properties, { messageId: uuid }, Uint8Array.of(1), 131072, 1)[1]);
});

describe("whatever it is given: as publish takes it, or refuses it", () => {
  const made = (seconds: unknown): Timestamp =>
    Object.create(Timestamp.prototype, { seconds: { value: seconds } }) as never;
  const odd = (milliseconds: number): Date => Object.assign(new Date(0), { getTime: () => milliseconds });
  const ids: readonly unknown[] = [
    ...[
      undefined,
      undefined,
      uuid,
      uuid,
      uuid,
      "",
      "a",
      "abcd",
      "abcde",
      "x".repeat(85),
      "x".repeat(86),
      "y".repeat(255),
    ],
    ...[
      "y".repeat(256),
      "é".repeat(60),
      "日".repeat(85),
      "日".repeat(86),
      "\ud800 alone",
      "ok 😀 ok",
      "ends with \ud83d",
    ],
    ...[Uint8Array.of(1, 2, 3), new Uint8Array(256), 5, null, {}, true, Symbol.iterator, new String(uuid)],
  ];
  const times: readonly unknown[] = [
    ...[
      undefined,
      undefined,
      new Timestamp(1_700_000_000),
      new Timestamp(0),
      new Timestamp(2 ** 31),
      new Timestamp(2 ** 32 + 7),
    ],
    ...[
      new Timestamp(2 ** 53 - 1),
      new Timestamp(2n ** 63n),
      new Date(1_700_000_000_999),
      new Date(NaN),
      new Date(-1),
      5,
      null,
      "5",
    ],
    ...[-1, 1.5, NaN, Infinity, -0, "7", null, 2 ** 53].map(made),
    ...[Infinity, -5, NaN, 1234, 1e300].map(odd),
  ];
  const channels = [0, 1, 7, 7, 7, 65_535, -1, 65_536, 1.5, NaN, "3", null] as number[];
  const gone = new Uint8Array(20);
  structuredClone(gone, { transfer: [gone.buffer] });

  // Text that is not ASCII makes a tape wary for a while, and others' frames take the output away: in turns, so that each way is taken.
  test.each([
    [4096, true],
    [4097, false],
    [131_072, true],
    [131_072, false],
    [0, true],
  ])("frame-max %i, ASCII alone: %s", (frameMax, ascii) => {
    const random = new Random(frameMax + Number(ascii));
    const texts = ids.filter((id) => !ascii || typeof id !== "string" || !/[\u0080-\ud7ff]|\ud83d\ude00/.test(id));
    const bodies = (): unknown => {
      if (random.chance(12))
        return random.pick<unknown>([undefined, gone, aBuffer, "text", null, new Int8Array(9), [1]]);
      const few = random.pick([0, 1, 3, 4, 5, 12, 15, 16, 17, 24, 25, 128, random.below(40), 4080]);
      return random.octets(random.chance(20) ? 30_000 : few);
    };
    const constants: object[] = [{}, properties, { deliveryMode: 1 }, { headers: {} }, { clusterId: "", userId: "u" }];
    constants.push({ headers: { long: "h".repeat(3800) }, expiration: "1" });
    constants.push({ messageId: "always", correlationId: ascii ? "e" : "é", timestamp: new Timestamp(9) });
    const one = new FrameWriter({ frameMax });
    const other = new FrameWriter({ frameMax });
    const stranger = new FrameWriter();
    let prepared = constants.map((list) => one.prepare(method, list));
    for (let turn = 0; turn < 60; turn++) {
      const calls = Array.from({ length: 1 + random.below(200) }, (_, i) => {
        const given: Record<string, unknown> = {};
        const quiet = random.chance(2);
        if (!random.chance(4)) given["messageId"] = quiet ? uuid : random.pick(texts);
        if (!random.chance(3)) given["timestamp"] = quiet ? new Timestamp(i) : random.pick(times);
        if (random.chance(4)) given["correlationId"] = quiet ? `id ${i}, ${ascii ? "e" : "é"}` : random.pick(texts);
        const channel = quiet ? 7 : random.pick(channels);
        const away = random.chance(100);
        return { which: random.below(constants.length), given, body: bodies() as Uint8Array, channel, away };
      });
      const between = (): void => {
        stranger.publish(1, method, { messageId: "b".repeat(20) }, new Uint8Array(random.below(30)));
      };
      const found = calls.map(({ which, given, body, channel, away }) => {
        if (away) between();
        return String(attempt(() => void prepared[which]!.publish(channel, body, given)).error);
      });
      const pending = one.bytesPending;
      const expected = calls.map(({ which, given, body, channel }) => {
        const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
        return String(attempt(() => void other.publish(channel, method, { ...constants[which], ...own }, body)).error);
      });
      expect(found).toEqual(expected);
      expect(pending).toBe(other.bytesPending);
      if (random.chance(5)) prepared = constants.map((list) => one.prepare(method, list));
      expect([turn, firstDifference(one.flush(), other.flush())]).toEqual([turn, -1]);
    }
  });

  test("getters that publish, too", () => {
    const one = new FrameWriter();
    const other = new FrameWriter();
    const list = { deliveryMode: 2 };
    const prepared = one.prepare(method, list);
    const inner = { messageId: "from within" };
    for (const [write, writer] of [
      [(given: object, body?: Uint8Array) => prepared.publish(3, body, given), one],
      [(given: object, body?: Uint8Array) => other.publish(3, method, { ...list, ...given }, body), other],
    ] as const) {
      write({ messageId: uuid });
      write({
        get messageId() {
          write(inner);
          return uuid;
        },
      });
      write({ timestamp: Object.assign(new Date(0), { getTime: () => (write(inner, Uint8Array.of(1)), 5000) }) });
      // As long as its octets, which tells nothing.
      class Counted extends Uint8Array {
        override get length(): number {
          write(inner);
          return super.length;
        }
      }
      write({ messageId: uuid }, new Counted(10).fill(7));
      writer.write(new Basic.Ack({ deliveryTag: 1 }), 1);
    }
    // How often a length is asked for is nobody's business; that frames go out whole, and with their own octets, is.
    for (const writer of [one, other]) {
      const found = new FrameReader().push(writer.flush()).filter((frame) => frame.name === "ContentBody");
      expect(found.map(({ value }) => [...value].join()).filter((text) => text !== "1")).toEqual([
        "7,7,7,7,7,7,7,7,7,7",
      ]);
    }
  });

  test("a body that is given away meanwhile", () => {
    const one = new FrameWriter();
    const prepared = one.prepare(method, { deliveryMode: 2 });
    const away = (body: Uint8Array) => () => {
      if (body.length > 0) structuredClone(body, { transfer: [body.buffer as ArrayBuffer] });
      return 5000;
    };
    prepared.publish(1, Uint8Array.of(1), { timestamp: new Date(5000) });
    for (let i = 0; i < 4; i++)
      one.publish(1, method, { deliveryMode: 2, timestamp: new Date(5000) }, Uint8Array.of(1));
    for (const size of [10, 100]) {
      const bodies = [new Uint8Array(size), new Uint8Array(size)] as const;
      const [first, second] = bodies.map((body) => Object.assign(new Date(0), { getTime: away(body) }));
      // Nothing is left of it: an empty one, or none at all.
      const written = attempt(() => prepared.publish(1, bodies[0], { timestamp: first }));
      expect(written.error).toBeUndefined();
      expect(() => one.publish(1, method, { deliveryMode: 2, timestamp: second }, bodies[1])).toThrow(EncodeError);
    }
    expect(new FrameReader().push(one.flush()).filter(({ name }) => name === "ContentBody")).toHaveLength(5);
  });

  test.each([0, 1, 2, 4, 100])(
    "a body that a getter among headers gives away, after %i messages of the kind",
    (usual) => {
      const writer = new FrameWriter();
      const list = (k: () => number): object => Object.defineProperty({}, "k", { get: k, enumerable: true });
      for (let i = 0; i < usual; i++) writer.publish(1, method, { headers: list(() => 1) as never }, Uint8Array.of(1));
      const before = writer.bytesPending;
      const body = new Uint8Array(100);
      const headers = list(() => {
        if (body.length > 0) structuredClone(body, { transfer: [body.buffer] });
        return 1;
      });
      expect(() => writer.publish(1, method, { headers } as never, body)).toThrow(EncodeError);
      expect(writer.bytesPending).toBe(before);
      expect(new FrameReader().push(writer.flush())).toHaveLength(3 * usual);
    },
  );

  test("an error in the middle of a batch loses nothing of it", () => {
    const writer = new FrameWriter();
    const other = new FrameWriter();
    const prepared = writer.prepare(method, properties);
    for (let i = 0; i < 500; i++) {
      const given = { messageId: `${uuid}${i}`, timestamp: new Timestamp(i) };
      prepared.publish(1, new Uint8Array(i), given);
      expect(() => prepared.publish(1, new Uint8Array(i), { ...given, correlationId: "\udc00 lone" })).toThrow(
        EncodeError,
      );
    }
    for (let i = 0; i < 500; i++) {
      const given = { messageId: `${uuid}${i}`, timestamp: new Timestamp(i) };
      other.publish(1, method, { ...properties, ...given }, new Uint8Array(i));
    }
    expect(firstDifference(writer.flush(), other.flush())).toBe(-1);
  });

  test("more of them than are kept", () => {
    const writer = new FrameWriter();
    const other = new FrameWriter();
    const lists = Array.from({ length: 300 }, (_, i) => ({
      ...properties,
      appId: `app ${i}`,
      headers: { long: "x".repeat(i * 7) },
    }));
    const prepared = lists.map((list) => writer.prepare(method, list));
    for (let turn = 0; turn < 3; turn++) {
      prepared.forEach((one, i) => one.publish(i, Uint8Array.of(turn), { messageId: uuid }));
      lists.forEach((list, i) => other.publish(i, method, { ...list, messageId: uuid }, Uint8Array.of(turn)));
    }
    expect(firstDifference(writer.flush(), other.flush())).toBe(-1);
  });
});

test("bodies of few octets, each in its place", () => {
  const writer = new FrameWriter();
  const prepared = writer.prepare(method, { deliveryMode: 2 });
  const random = new Random(4);
  const bodies = Array.from({ length: 40 }, (_, i) => random.octets(i));
  for (const body of bodies) {
    writer.publish(1, method, { deliveryMode: 2 }, body);
    prepared.publish(1, body);
    writer.write(new ContentBody(body), 1);
  }
  const read = new FrameReader().push(writer.flush()).filter((frame) => frame.name === "ContentBody");
  const expected = bodies.flatMap((body) => (body.length === 0 ? [body] : [body, body, body]));
  expect(read.map(({ value }) => value)).toEqual(expected);
});

test("what a method inherits is not copied", () => {
  class Own extends Basic.Publish {}
  Object.defineProperty(Own.prototype, "tenant", { enumerable: true, get: () => "a" });
  const writer = new FrameWriter();
  const prepared = writer.prepare(new Own({ routingKey: "q" }));
  const octets = prepared.publish(1, new Uint8Array(3)).flush();
  expect(octets).toEqual(writer.publish(1, new Basic.Publish({ routingKey: "q" }), {}, new Uint8Array(3)).flush());
});

test("who writes the large ones in another way gets the headers in a buffer of their own", () => {
  const buffers: Array<[number, number]> = [];
  class Watched extends FrameWriter {
    override publish(...given: Parameters<FrameWriter["publish"]>): this {
      const { octets } = given[2]!.headers as unknown as { octets: Uint8Array };
      buffers.push([octets.length, octets.buffer.byteLength]);
      return super.publish(...given);
    }
  }
  new Watched().prepare(new Basic.Publish(), { headers: { a: 1 } }).publish(1, new Uint8Array(40_000));
  expect(buffers).toEqual([[4, 4]]);
});
