import { describe, expect, test } from "vitest";
import {
  Basic,
  Channel,
  Connection,
  ContentHeader,
  DecodeError,
  EncodeError,
  FrameCursor,
  FrameReader,
  FrameWriter,
  marshal,
  Queue,
  Timestamp,
  type FrameCursorOptions,
} from "../src/index.js";
import { decodeStream, encodeFrame } from "./reference.js";
import { captureNames, loadCapture } from "./support/captures.js";
import { argumentNames, walk } from "./support/cursor-reading.js";
import { randomFrame } from "./support/generated-frames.js";
import { concat, cutAt, sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";
import { read, readingDifference, singly } from "./support/reading.js";
import { loadVectors, vectorOctets } from "./support/vectors.js";
import {
  bodyFrame,
  fieldOf,
  frameOf,
  headerFrame,
  integer,
  longstr,
  methodFrame,
  shortstr,
  tableOf,
} from "./support/wire.js";

const streams = loadVectors("streams").map((vector) => ({ name: vector.name, octets: vectorOctets(vector) }));

/** All that an error says. */
function told(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  if (!(error instanceof DecodeError)) return (error as Error).message;
  const { code, offset, replyCode, path, channel, classId, methodId, message } = error;
  return JSON.stringify({ code, offset, replyCode, path, channel, classId, methodId, message });
}

/** The reader and the cursor over the same pieces. */
function same(pieces: Uint8Array[], options: FrameCursorOptions = {}): void {
  const reading = read(pieces, options);
  const walking = walk(pieces, options);
  expect(told(walking.error)).toBe(told(reading.error));
  expect(walking.frames.length).toBe(reading.frames.length);
  walking.frames.forEach((frame, i) => {
    const other = reading.frames[i]!;
    expect(frame.name).toBe(other.name);
    // A header table that is wrong is compared by its error elsewhere.
    if (!(frame instanceof ContentHeader)) expect(frame).toEqual(other);
  });
}

function places(octets: Uint8Array, most: number, seed: number): number[] {
  if (octets.length <= most) return [...octets.keys()].slice(1);
  const random = new Random(seed);
  return Array.from({ length: most }, () => 1 + random.below(octets.length - 1));
}

describe("a cursor gives what the reference has in the octets", () => {
  test.each(streams)("$name, whole, in two pieces, octet by octet", ({ octets }) => {
    const expected = decodeStream(octets);
    expect(readingDifference(walk([octets]), expected)).toBeUndefined();
    expect(readingDifference(walk(singly(octets)), expected)).toBeUndefined();
    for (const cut of places(octets, 512, 3)) {
      const walking = walk(cutAt(octets, [cut]));
      expect(readingDifference(walking, expected), `cut at ${cut}`).toBeUndefined();
      expect(walking.offsets).toEqual(expected.frames.map(({ offset }) => offset));
    }
  });

  test.each(captureNames)("%s", async (name) => {
    const { c2s, s2c } = await loadCapture(name);
    for (const { octets } of [c2s, s2c]) {
      const expected = decodeStream(octets);
      expect(readingDifference(walk([octets]), expected)).toBeUndefined();
      const cuts = [...new Set(places(octets, 40, 5))].sort((a, b) => a - b);
      expect(readingDifference(walk(cutAt(octets, cuts)), expected)).toBeUndefined();
    }
  });

  test("in exact tables too", () => {
    for (const { octets } of streams) {
      expect(readingDifference(walk([octets], { tables: "exact" }), decodeStream(octets), "exact")).toBeUndefined();
    }
  });
});

describe("a cursor refuses what a reader refuses, with the same error", () => {
  const vectors = loadVectors("errors").filter(({ kind }) => kind === "wire");
  const good = marshal(new Basic.Ack({ deliveryTag: 1 }), 1);

  test("malformed vectors, alone and behind a frame, at every split", () => {
    expect(vectors.length).toBeGreaterThan(20);
    for (const vector of vectors) {
      const octets = vectorOctets(vector);
      for (const strict of [false, true]) {
        same([octets], { strict });
        same([good, octets], { strict });
        const all = concat([good, octets]);
        for (const cut of places(all, 200, 7)) same(cutAt(all, [cut]), { strict });
        same([...singly(all)], { strict });
      }
    }
  });

  test("frames with octets that were changed", () => {
    const random = new Random(11);
    for (let i = 0; i < 1500; i++) {
      const octets = concat(
        Array.from({ length: 3 }, () => {
          const frame = Uint8Array.from(encodeFrame(randomFrame(random)));
          if (random.chance(2)) frame[random.below(frame.length)] = random.pick([0, 1, 2, 127, 128, 206, 255]);
          return frame;
        }),
      );
      const strict = random.chance(2);
      same([octets], { strict });
      same(cutAt(octets, [random.below(octets.length)]), { strict });
    }
  });

  test.each<[string, Uint8Array, FrameCursorOptions]>([
    ["an unknown type at its first octet", concat([good, Uint8Array.of(4)]), {}],
    ["a protocol header that goes wrong", Uint8Array.of(65, 77, 80), {}],
    ["a size over the limit at the seventh octet", Uint8Array.of(3, 0, 1, 0, 2, 0, 1), {}],
    ["a size over a limit of its own", Uint8Array.of(1, 0, 1, 0, 0, 0, 65), { frameMax: 64 }],
    ["a heartbeat on a channel", Uint8Array.of(8, 0, 1, 0, 0, 0, 0), {}],
    ["a heartbeat with a payload", Uint8Array.of(8, 0, 0, 0, 0, 0, 1), {}],
    ["a wrong frame-end", frameOf(3, 1, Uint8Array.of(1, 2), 205), {}],
    ["no room for ids", frameOf(1, 1, Uint8Array.of(0, 60, 0)), {}],
    ["an unknown method", methodFrame(1, 60, 41), {}],
    ["a Publish that is cut", methodFrame(1, 60, 40, integer(0, 2), shortstr("e"), integer(9, 1)), {}],
    [
      "a Publish with octets left",
      methodFrame(1, 60, 40, integer(0, 2), shortstr(""), shortstr(""), integer(0, 2)),
      {},
    ],
    ["a Deliver that is cut", methodFrame(1, 60, 60, shortstr("ctag"), integer(1, 8), integer(0, 1)), {}],
    ["a Deliver with a tag past its end", methodFrame(1, 60, 60, integer(255, 1), integer(0, 15)), {}],
    ["an Ack with an octet too many", methodFrame(1, 60, 80, integer(1, 8), integer(0, 2)), {}],
    [
      "a table past its end in a method",
      methodFrame(1, 50, 10, integer(0, 2), shortstr("q"), integer(0, 1), integer(9, 4)),
      {},
    ],
    [
      "a queue name that is no UTF-8",
      methodFrame(1, 50, 40, integer(0, 2), shortstr(Uint8Array.of(255)), integer(0, 1)),
      {},
    ],
    ["a content header that is cut", frameOf(2, 1, new Uint8Array(11)), {}],
    ["a content header of another class", frameOf(2, 1, integer(1, 14)), {}],
    ["a weight", frameOf(2, 1, concat([integer(60, 2), integer(1, 2), integer(0, 10)])), {}],
    ["no room for property flags", frameOf(2, 1, concat([integer(60, 2), integer(0, 10)])), {}],
    ["property flags that go on", headerFrame(1, 0, 1), {}],
    ["a property that is cut", headerFrame(1, 0, 0x8000, integer(5, 1)), {}],
    ["octets behind the properties", headerFrame(1, 0, 0, integer(5, 1)), {}],
    ["an unknown field type, strictly", headerFrame(1, 0, 0x2000, tableOf(fieldOf("k", "U"))), { strict: true }],
  ])("%s", (_, octets, options) => {
    expect(read([octets], options).error).toBeInstanceOf(DecodeError);
    same([octets], options);
    for (let cut = 1; cut < octets.length; cut++) same(cutAt(octets, [cut]), options);
  });

  test("and says it again at every later call, until it is reset", () => {
    const cursor = new FrameCursor();
    cursor.push(concat([good, Uint8Array.of(4)]));
    expect(cursor.next()).toBe(true);
    expect(() => cursor.next()).toThrow(DecodeError);
    const { error } = cursor;
    expect(error).toMatchObject({ code: "frame-type", offset: 21 });
    expect(() => cursor.next()).toThrow(error);
    expect(() => cursor.push(good)).toThrow(error);
    cursor.reset();
    expect(cursor.error).toBeUndefined();
    expect(cursor.push(good).next()).toBe(true);
    expect(cursor.offset).toBe(0);
  });

  test("a header table when it is looked at, with the place of its fault", () => {
    const bad = headerFrame(7, 0, 0x2000, tableOf(fieldOf("a", "I", integer(1, 4)), fieldOf("k", "U")));
    const octets = concat([good, bad]);
    const reader = new FrameReader();
    const header = reader.push(octets)[1] as ContentHeader;
    let expected: unknown;
    try {
      void header.properties.headers;
    } catch (error) {
      expected = error;
    }
    for (const look of [
      (cursor: FrameCursor) => cursor.header("a"),
      (cursor: FrameCursor) => cursor.headerAll("zz"),
      (cursor: FrameCursor) => cursor.property("headers"),
    ]) {
      const cursor = new FrameCursor().push(octets);
      cursor.next();
      cursor.next();
      cursor.check();
      expect(cursor.property("contentType")).toBeUndefined();
      let error: unknown;
      try {
        look(cursor);
      } catch (thrown) {
        error = thrown;
      }
      expect(told(error)).toBe(told(expected));
      // It is the message's fault, not the stream's.
      expect(cursor.error).toBeUndefined();
      expect(cursor.next()).toBe(false);
    }
  });
});

describe("what a cursor reads", () => {
  const publish = new Basic.Publish({ exchange: "events", routingKey: "a.b", mandatory: true });
  const table = tableOf(
    fieldOf("k", "S", longstr("first")),
    fieldOf("other", "A", longstr(concat([integer(0x74, 1), integer(1, 1)]))),
    fieldOf("k", "I", integer(2, 4)),
    fieldOf("t", "F", tableOf(fieldOf("x", "V"))),
  );
  const header = headerFrame(2, 5, 0xa040, shortstr("text/plain"), table, integer(77, 8));

  test("one property, one header, all headers of a key", () => {
    const cursor = new FrameCursor().push(header);
    expect(cursor.next()).toBe(true);
    expect(cursor.bodySize).toBe(5);
    expect(cursor.property("contentType")).toBe("text/plain");
    expect(cursor.property("timestamp")).toEqual(new Timestamp(77));
    expect(cursor.property("messageId")).toBeUndefined();
    expect(cursor.header("k")).toBe(2);
    expect(cursor.headerAll("k")).toEqual(["first", 2]);
    expect(cursor.header("other")).toEqual([true]);
    expect(cursor.header("t")).toEqual(Object.assign(Object.create(null), { x: null }));
    expect(cursor.header("K")).toBeUndefined();
    expect(cursor.is("contentType", "text/plain")).toBe(true);
    expect(cursor.is("replyTo", "")).toBe(false);
    expect(() => cursor.property("nothing" as "appId")).toThrow(EncodeError);
    expect(() => cursor.is("headers" as "appId", "x")).toThrow(EncodeError);
  });

  test("comparisons with text beyond ASCII and with octets", () => {
    const cursor = new FrameCursor().push(
      concat([
        marshal(new Basic.Publish({ exchange: "", routingKey: "заказы" }), 1),
        methodFrame(1, 60, 40, integer(0, 2), shortstr(""), shortstr(Uint8Array.of(255)), integer(0, 1)),
      ]),
    );
    cursor.next();
    expect(cursor.is("routingKey", "заказы")).toBe(true);
    expect(cursor.is("routingKey", "заказ")).toBe(false);
    expect(cursor.is("queue", "")).toBe(false);
    cursor.next();
    expect(cursor.routingKey).toEqual(Uint8Array.of(255));
    expect(cursor.is("routingKey", Uint8Array.of(255))).toBe(true);
    expect(cursor.is("routingKey", "\ufffd")).toBe(false);
  });

  test("the octets as they came, of a cut frame too", () => {
    const octets = concat([marshal(publish, 2), header, bodyFrame(2, Uint8Array.of(1, 2, 3, 4, 5))]);
    for (let cut = 1; cut < octets.length; cut++) {
      const cursor = new FrameCursor();
      const seen: Uint8Array[] = [];
      for (const piece of cutAt(octets, [cut])) {
        cursor.push(piece);
        while (cursor.next()) {
          seen.push(cursor.octets.slice());
          expect(cursor.size).toBe(cursor.octets.length - 8);
        }
      }
      expect(concat(seen)).toEqual(octets);
      expect(cursor.octetsRead).toBe(octets.length);
      expect(cursor.octetsPending).toBe(0);
    }
  });

  test("how much is there of a frame that is cut", () => {
    const cursor = new FrameCursor().push(header.subarray(0, 10));
    expect(cursor.next()).toBe(false);
    expect([cursor.octetsRead, cursor.octetsPending]).toEqual([10, 10]);
    cursor.push(header.subarray(10));
    expect(cursor.next()).toBe(true);
    expect([cursor.octetsRead, cursor.octetsPending]).toEqual([header.length, 0]);
  });

  test("every argument by its name, undefined in other methods", () => {
    for (const name of [
      "deliveryTag",
      "redelivered",
      "multiple",
      "requeue",
      "messageCount",
      "replyCode",
      "prefetchCount",
    ])
      expect(argumentNames).toContain(name);
    expect(argumentNames).not.toContain("response");
    const cursor = new FrameCursor().push(
      marshal(new Queue.DeclareOk({ queue: "q", messageCount: 3, consumerCount: 4 }), 1),
    );
    cursor.next();
    expect([cursor.queue, cursor.messageCount, cursor.consumerCount, cursor.deliveryTag]).toEqual([
      "q",
      3,
      4,
      undefined,
    ]);
  });

  test("equal strings are one string, and rare ones are not remembered for ever", () => {
    const octets = concat(
      Array.from({ length: 20000 }, (_, i) =>
        marshal(new Basic.Publish({ exchange: "", routingKey: `key.${i % 10000}` }), 1),
      ),
    );
    const cursor = new FrameCursor().push(octets);
    for (let i = 0; cursor.next(); i++) expect(cursor.routingKey).toBe(`key.${i % 10000}`);
  });

  test("a chunk may be written over once next() answered false", () => {
    const octets = concat([marshal(publish, 2), header.subarray(0, 20)]);
    const cursor = new FrameCursor().push(octets);
    while (cursor.next());
    octets.fill(0);
    cursor.push(header.subarray(20));
    expect(cursor.next()).toBe(true);
    expect(cursor.property("contentType")).toBe("text/plain");
  });

  test("a push before the last chunk is read to its end is refused, and loses nothing", () => {
    const cursor = new FrameCursor().push(concat([header, header]));
    cursor.next();
    expect(() => cursor.push(header)).toThrow(EncodeError);
    expect(cursor.next()).toBe(true);
    expect(cursor.next()).toBe(false);
    expect(cursor.push(header).next()).toBe(true);
  });

  test("a cursor that has not begun answers without a fault", () => {
    const cursor = new FrameCursor();
    expect([cursor.next(), cursor.channel, cursor.deliveryTag, cursor.bodySize]).toEqual([
      false,
      0,
      undefined,
      undefined,
    ]);
    cursor.push(new Uint8Array(0));
    expect(cursor.next()).toBe(false);
  });

  test("it shows what it is and where, and none of its octets", () => {
    const secret = "tell-nobody";
    const cursor = new FrameCursor().push(
      marshal(new Connection.StartOk({ mechanism: "PLAIN", response: secret, locale: "en_US" }), 0),
    );
    cursor.next();
    expect(String(cursor)).toBe('FrameView {"name":"Connection.StartOk","channel":0,"size":35,"offset":0}');
    const inspect = Symbol.for("nodejs.util.inspect.custom");
    const shown = (cursor as unknown as Record<symbol, (...args: unknown[]) => string>)[inspect]!(
      2,
      {},
      JSON.stringify,
    );
    expect(JSON.stringify(cursor) + shown).not.toMatch(/tell|116,101,108,108/);
    expect((cursor as unknown as Record<string, unknown>)["response"]).toBeUndefined();
  });

  test("limits are checked when they are given", () => {
    expect(() => new FrameCursor({ frameMax: 8 })).toThrow(EncodeError);
    expect(() => new FrameCursor({ maxBodySize: -1 })).toThrow(EncodeError);
    const cursor = new FrameCursor();
    cursor.frameMax = 64;
    expect(cursor.frameMax).toBe(64);
    expect(() => cursor.push(Uint8Array.of(1, 0, 1, 0, 0, 0, 65)).next()).toThrow(/limit of 64/);
  });
});

describe("a stream of messages", () => {
  /** Where the frames end of a message with a key of one letter. */
  const METHOD = 19;
  const HEADER = 43;
  const message = (channel: number, key: string, body: Uint8Array, frameMax = 4096): Uint8Array =>
    new FrameWriter({ frameMax })
      .publish(channel, new Basic.Publish({ exchange: "x", routingKey: key }), { messageId: key }, body)
      .flush();
  const octets = concat([
    message(1, "empty", new Uint8Array(0)),
    message(2, "small", Uint8Array.of(1, 2, 3)),
    marshal(new Basic.Ack({ deliveryTag: 4 }), 2),
    message(3, "large", new Uint8Array(9000).fill(7)),
    marshal(new Channel.CloseOk(), 1),
  ]);

  test("stops once for each, with all of it at hand, at every split", () => {
    const cuts = places(octets, 400, 9);
    for (const pieces of [[octets], [...singly(octets)], ...cuts.map((cut) => cutAt(octets, [cut]))]) {
      const cursor = new FrameCursor({ messages: true });
      const seen: unknown[] = [];
      for (const piece of pieces) {
        cursor.push(piece);
        while (cursor.next()) {
          seen.push([cursor.name, cursor.channel, cursor.bodySize, cursor.property("messageId"), cursor.body?.length]);
          if (cursor.name !== "Basic.Publish") continue;
          const kept = cursor.message();
          // `toEqual` looks at each octet by itself, which takes seconds at so many splits.
          expect(sameOctets(kept.body, cursor.body!)).toBe(true);
          expect([kept.routingKey, kept.exchange, kept.bodySize, kept.property("messageId")]).toEqual([
            cursor.routingKey,
            "x",
            cursor.bodySize,
            cursor.routingKey,
          ]);
          expect(cursor.frame()).toMatchObject({ name: "Basic.Publish", routingKey: cursor.routingKey });
        }
      }
      expect(seen).toEqual([
        ["Basic.Publish", 1, 0, "empty", 0],
        ["Basic.Publish", 2, 3, "small", 3],
        ["Basic.Ack", 2, undefined, undefined, undefined],
        ["Basic.Publish", 3, 9000, "large", 9000],
        ["Channel.CloseOk", 1, undefined, undefined, undefined],
      ]);
    }
  });

  test.each<[string, Uint8Array[], object]>([
    ["a header alone", [headerFrame(1, 0)], { code: "unexpected-frame", replyCode: 505, offset: 0 }],
    ["a body alone", [bodyFrame(1, Uint8Array.of(1))], { code: "unexpected-frame", replyCode: 505, offset: 0 }],
    [
      "a method within a content",
      [message(1, "k", new Uint8Array(9)).subarray(0, METHOD), marshal(new Basic.Ack({ deliveryTag: 1 }), 1)],
      { code: "unexpected-frame", offset: METHOD },
    ],
    [
      "a second header",
      [message(1, "k", new Uint8Array(9)).subarray(0, HEADER), headerFrame(1, 9)],
      { code: "unexpected-frame", offset: HEADER },
    ],
    [
      "a body that is too long",
      [message(1, "k", new Uint8Array(9)).subarray(0, HEADER), bodyFrame(1, new Uint8Array(10))],
      { code: "body-size", replyCode: 501, offset: HEADER },
    ],
    [
      "a content that is too large",
      [message(1, "k", new Uint8Array(1001))],
      { code: "body-size", replyCode: 501, offset: METHOD },
    ],
    ["a content on channel 0", [message(0, "k", new Uint8Array(1))], { code: "unexpected-frame", replyCode: 505 }],
  ])("refuses %s at every split", (_, parts, expected) => {
    const all = concat(parts);
    for (let cut = 0; cut < all.length; cut++) {
      const cursor = new FrameCursor({ messages: true, maxBodySize: 1000 });
      expect(() => {
        for (const piece of cutAt(all, [cut])) {
          cursor.push(piece);
          while (cursor.next());
        }
      }, `cut at ${cut}`).toThrow(DecodeError);
      expect(cursor.error).toMatchObject(expected);
    }
  });

  test("channels may be interleaved", () => {
    const [a, b] = [message(1, "a", new Uint8Array(9)), message(2, "b", new Uint8Array(9))];
    const cursor = new FrameCursor({ messages: true }).push(
      concat([a.subarray(0, METHOD), b.subarray(0, METHOD), a.subarray(METHOD), b.subarray(METHOD)]),
    );
    const seen: unknown[] = [];
    while (cursor.next()) seen.push([cursor.channel, cursor.routingKey, cursor.body?.length, cursor.octets.length]);
    expect(seen).toEqual([
      [1, "a", 9, a.length],
      [2, "b", 9, b.length],
    ]);
  });

  test("message() wants the option", () => {
    const cursor = new FrameCursor().push(message(1, "k", new Uint8Array(3)));
    cursor.next();
    expect(() => cursor.message()).toThrow(EncodeError);
  });
});
