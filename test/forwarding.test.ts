import { describe, expect, test } from "vitest";
import {
  Basic,
  createCodec,
  DecodeError,
  EncodeError,
  FrameCursor,
  FrameReader,
  FrameWriter,
  Heartbeat,
  marshal,
  type Message,
  MessageReader,
  ProtocolHeader,
  Queue,
  type StoredMessage,
  unmarshal,
  type Consumer,
  type FrameCursorOptions,
} from "../src/index.js";
import { decodeStream, encodeFrame } from "./reference.js";
import { captureNames, loadCapture } from "./support/captures.js";
import { randomFrame } from "./support/generated-frames.js";
import { concat, cutAt, hexOf, sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";
import { singly } from "./support/reading.js";
import { NO_LIMITS, vectorStreams } from "./support/vector-frames.js";
import { loadVectors, vectorOctets } from "./support/vectors.js";
import {
  bodyFrame,
  encodeErrorOf,
  fieldOf,
  headerFrame,
  integer,
  longstr,
  methodFrame,
  shortstr,
  tableOf,
} from "./support/wire.js";

const streams = loadVectors("streams").map(vectorOctets);
const vectors = vectorStreams();
const FRAME_SIZES = [4096, 8192, 131072];
/** How many methods and headers do not fit into a frame of such a size: of the vectors, and of the one capture that has any. */
const TOO_LARGE: Record<number, Record<string, number>> = {
  4096: { vectors: 17, "amqplib-properties": 2 },
  8192: { vectors: 17 },
  131072: { vectors: 0 },
};
const [UNLIMITED, MEBIBYTE] = [0, 1 << 20];

/** Walks the pieces and forwards every frame. */
function forwarded(
  pieces: Iterable<Uint8Array>,
  channelOf: (cursor: FrameCursor) => number,
  frameMax = UNLIMITED,
): Uint8Array {
  const cursor = new FrameCursor(NO_LIMITS);
  const writer = new FrameWriter({ frameMax });
  for (const piece of pieces) {
    cursor.push(piece);
    while (cursor.next()) writer.forward(cursor, { channel: channelOf(cursor) });
  }
  return writer.flush();
}

const away = ({ channel, type }: FrameCursor): number => (type === 8 || type === 65 ? 0 : 65535 - channel);
const same = ({ channel }: FrameCursor): number => channel;

function* ragged(octets: Uint8Array, seed: number): Generator<Uint8Array> {
  const random = new Random(seed);
  for (let at = 0; at < octets.length;) {
    const to = Math.min(octets.length, at + 1 + random.below(random.pick([8, 300, 3000, 70000])));
    yield octets.subarray(at, to);
    at = to;
  }
}

function expectSame(actual: Uint8Array, expected: Uint8Array, what = ""): void {
  if (sameOctets(actual, expected)) return;
  const at = expected.findIndex((octet, i) => octet !== actual[i]);
  const around = (octets: Uint8Array): string => hexOf(octets.subarray(Math.max(0, at - 16), at + 32));
  expect(`${actual.length} octets, at ${at} ${around(actual)}`, what).toBe(
    `${expected.length} octets, at ${at} ${around(expected)}`,
  );
}

/** Methods and headers of a stream as the reference reads them, and the bodies behind each in one piece: what re-splitting must not change. */
function contents(octets: Uint8Array): { items: unknown[]; bodies: Uint8Array[] } {
  const { frames, error, incompleteFrom } = decodeStream(octets, NO_LIMITS);
  expect([error, incompleteFrom]).toEqual([undefined, octets.length]);
  const parts = new Map<number, Uint8Array[]>();
  const all: Uint8Array[][] = [];
  const items: unknown[] = [];
  for (const frame of frames) {
    if (frame.type !== 3) items.push({ ...frame, offset: 0 });
    // A body behind no header is one by itself.
    if (frame.type === 2 || (frame.type === 3 && !parts.has(frame.channel))) {
      parts.set(frame.channel, []);
      all.push(parts.get(frame.channel)!);
    }
    if (frame.type === 3) parts.get(frame.channel)!.push(frame.payload);
  }
  return { items, bodies: all.map(concat) };
}

function expectSameContents(actual: Uint8Array, expected: Uint8Array, what: string): void {
  const [is, was] = [contents(actual), contents(expected)];
  expect(is.items, what).toEqual(was.items);
  expect(is.bodies.length, what).toBe(was.bodies.length);
  is.bodies.forEach((body, i) => expectSame(body, was.bodies[i]!, `${what}, body ${i}`));
}

/** Forwards what fits into frames of this size, and answers it with what does not: methods and headers, which nobody can split. */
function resplit(
  pieces: Iterable<Uint8Array>,
  frameMax: number,
): { split: Uint8Array; fitting: Uint8Array; refused: number } {
  const cursor = new FrameCursor(NO_LIMITS);
  const writer = new FrameWriter({ frameMax });
  const fitting: Uint8Array[] = [];
  let refused = 0;
  for (const piece of pieces) {
    cursor.push(piece);
    while (cursor.next()) {
      const octets = cursor.octets.slice();
      if (cursor.type === 3 || octets.length <= frameMax) {
        writer.forward(cursor);
        fitting.push(octets);
        continue;
      }
      const { message } = encodeErrorOf(() => writer.forward(cursor));
      expect(message).toMatch(new RegExp(`${octets.length} octets .* ${frameMax} octets`));
      refused += 1;
    }
  }
  return { split: writer.flush(), fitting: concat(fitting), refused };
}

/** Splits a stream again, checks each frame's size and what it carries, then joins and splits what came of it once more. */
function expectResplit(octets: Uint8Array, frameMax: number, what: string): number {
  const { split, fitting, refused } = resplit(ragged(octets, 3), frameMax);
  const { frames } = decodeStream(split, NO_LIMITS);
  for (const frame of frames) expect(frame.size, what).toBeLessThanOrEqual(frameMax - 8);
  expectSameContents(split, fitting, what);
  const again = resplit(ragged(forwarded([split], same), 4), 4096);
  expectSameContents(again.split, resplit([fitting], 4096).split, what);
  return refused;
}

describe("forwarding", () => {
  test.each(captureNames)("%s to other channels and back gives the same octets", async (name) => {
    const { c2s, s2c } = await loadCapture(name);
    for (const { octets } of [c2s, s2c]) {
      const there = forwarded(ragged(octets, 1), away);
      expectSame(forwarded(ragged(there, 2), away), octets);
      expectSame(forwarded([octets], same), octets);
    }
  });

  test("the frames and streams of all vectors to other channels and back gives the same octets", () => {
    for (const { name, octets } of vectors) {
      const there = forwarded(ragged(octets, 1), away);
      expectSame(forwarded(ragged(there, 2), away), octets, name);
      expectSame(forwarded([octets], same), octets, name);
    }
    expect(vectors.length).toBeGreaterThan(1800);
  });

  test("the streams of the vectors to other channels and back gives the same octets, at every split", () => {
    for (const octets of streams) {
      const there = forwarded([octets], away);
      expectSame(forwarded([...singly(there)], away), octets);
      for (let cut = 1; cut < octets.length; cut += 1 + (octets.length >> 9)) {
        expectSame(forwarded(cutAt(octets, [cut]), away), there, `cut at ${cut}`);
      }
    }
  });

  test("frames of every kind, with arguments, properties and fields of every type", () => {
    const random = new Random(21);
    for (let i = 0; i < 40; i++) {
      const frames = Array.from({ length: 25 }, () => randomFrame(random)).filter(
        ({ type }) => type !== "protocol-header",
      );
      const octets = concat(frames.map((frame) => encodeFrame(frame)));
      expectSame(forwarded([octets], same), octets);
      expectSame(forwarded(ragged(forwarded(ragged(octets, i), away), i), away), octets);
    }
  });

  describe.each(FRAME_SIZES)("split again at %i octets, and nothing else changes", (frameMax) => {
    test.each(captureNames)("the capture %s", async (name) => {
      const { c2s, s2c } = await loadCapture(name);
      const refused = [c2s, s2c].map(({ octets }) => expectResplit(octets, frameMax, name));
      expect(refused[0]! + refused[1]!).toBe(TOO_LARGE[frameMax]![name] ?? 0);
    });

    test("the frames and streams of the vectors", () => {
      let refused = 0;
      for (const { name, octets } of vectors) refused += expectResplit(octets, frameMax, name);
      expect(refused).toBe(TOO_LARGE[frameMax]!["vectors"]);
    });
  });

  test("what only octets can carry: bad UTF-8, unknown types, duplicates, order", () => {
    const table = tableOf(
      fieldOf("b", "S", longstr(Uint8Array.of(255, 254))),
      fieldOf("a", "t", integer(2, 1)),
      fieldOf("a", "l", integer(1, 8)),
      fieldOf("z", "U", integer(9, 2)),
    );
    const octets = concat([
      methodFrame(1, 60, 40, integer(7, 2), shortstr(Uint8Array.of(192)), shortstr("k"), integer(252, 1)),
      headerFrame(1, 2, 0x3000, table, integer(9, 1)),
      bodyFrame(1, Uint8Array.of(1, 2)),
    ]);
    expectSame(forwarded([octets], same), octets);
    const [method] = decodeStream(octets).frames;
    expect(method).toMatchObject({ args: { ticket: 7 } });
  });

  test("a method or header frame that is too large is refused with both sizes, and nothing goes out", () => {
    const writer = new FrameWriter({ frameMax: 4096 });
    const large = longstr(new Uint8Array(5000));
    for (const octets of [
      methodFrame(1, 50, 10, integer(0, 2), shortstr("q"), integer(0, 1), tableOf(fieldOf("k", "x", large))),
      headerFrame(1, 0, 0x2000, tableOf(fieldOf("k", "x", large))),
    ]) {
      const cursor = new FrameCursor().push(octets);
      cursor.next();
      expect(() => writer.forward(cursor)).toThrow(EncodeError);
      expect(() => writer.forward(cursor)).toThrow(new RegExp(`${octets.length} octets .* 4096 octets`));
      expect(writer.bytesPending).toBe(0);
      expect(cursor.error).toBeUndefined();
      writer.frameMax = octets.length;
      expectSame(writer.forward(cursor).flush(), octets);
      writer.frameMax = 4096;
    }
  });

  test("heartbeats and protocol headers go out on channel 0 alone", () => {
    const octets = concat([marshal(new ProtocolHeader()), marshal(new Heartbeat())]);
    expectSame(forwarded([octets], same), octets);
    const cursor = new FrameCursor().push(octets);
    const writer = new FrameWriter();
    while (cursor.next()) expect(() => writer.forward(cursor, { channel: 1 })).toThrow(EncodeError);
    for (const channel of [-1, 65536, 1.5, NaN, "1" as unknown as number])
      expect(() => writer.forward(cursor, { channel })).toThrow(EncodeError);
  });

  test("a body frame without octets, and bodies of all sizes around the limit", () => {
    for (const size of [0, 1, 4087, 4088, 4089, 8176, 8177, 32751, 32752, 32753, 32768, 100000]) {
      const octets = bodyFrame(3, new Uint8Array(size).fill(9));
      const split = forwarded([octets], same, 4096);
      const { frames } = decodeStream(split);
      expect(frames.map((frame) => frame.size)).toEqual(
        size === 0 ? [0] : Array.from({ length: Math.ceil(size / 4088) }, (_, i) => Math.min(4088, size - i * 4088)),
      );
      expectSame(forwarded([octets], same), octets);
    }
  });
});

describe("nothing malformed is passed on", () => {
  const good = marshal(new Basic.Ack({ deliveryTag: 1 }), 1);
  const wire = loadVectors("errors").filter(({ kind }) => kind === "wire");

  test("by forward, whatever is malformed and however it is cut", () => {
    for (const vector of wire) {
      for (const strict of [false, true]) {
        const octets = concat([good, vectorOctets(vector)]);
        const expected = decodeStream(octets, { strict });
        for (const pieces of [[octets], singly(octets)]) {
          const cursor = new FrameCursor({ strict });
          const writer = new FrameWriter();
          let error: unknown;
          try {
            for (const piece of pieces) {
              cursor.push(piece);
              while (cursor.next()) writer.forward(cursor);
            }
          } catch (thrown) {
            error = thrown;
          }
          if (expected.error === undefined) expect(error, vector.name).toBeUndefined();
          else {
            const { code, offset, replyCode } = expected.error;
            expect(error, vector.name).toMatchObject({ code, offset, replyCode });
            expect(cursor.error).toBe(error);
          }
          expectSame(writer.flush(), octets.subarray(0, expected.incompleteFrom), vector.name);
        }
      }
    }
  });

  const publish = (key: string): Uint8Array => marshal(new Basic.Publish({ exchange: "", routingKey: key }), 1);
  const whole = concat([publish("first"), headerFrame(1, 2), bodyFrame(1, Uint8Array.of(1, 2))]);

  test.each<[string, Uint8Array[], FrameCursorOptions, object]>([
    [
      "a wrong property list",
      [headerFrame(1, 2, 0x8000, integer(9, 1)), bodyFrame(1, Uint8Array.of(1, 2))],
      {},
      { code: "string-length", replyCode: 541 },
    ],
    [
      "property flags that go on",
      [headerFrame(1, 2, 1), bodyFrame(1, Uint8Array.of(1, 2))],
      {},
      { code: "property-flags" },
    ],
    ["a header of another class", [methodFrame(1, 60, 40)], {}, { code: "value-cut" }],
    [
      "a wrong table, strictly",
      [headerFrame(1, 1, 0x2000, tableOf(fieldOf("k", "U"))), bodyFrame(1, Uint8Array.of(1))],
      { strict: true },
      { code: "field-type", replyCode: 541 },
    ],
    ["a method in its place", [good], {}, { code: "unexpected-frame", replyCode: 505 }],
    ["two headers", [headerFrame(1, 2), headerFrame(1, 2)], {}, { code: "unexpected-frame" }],
    ["a body before the header", [bodyFrame(1, Uint8Array.of(1))], {}, { code: "unexpected-frame" }],
    [
      "a body that is too long",
      [headerFrame(1, 2), bodyFrame(1, Uint8Array.of(1, 2, 3))],
      {},
      { code: "body-size", replyCode: 501 },
    ],
    [
      "a second body that is too long",
      [headerFrame(1, 2), bodyFrame(1, Uint8Array.of(1)), bodyFrame(1, Uint8Array.of(1, 2))],
      {},
      { code: "body-size" },
    ],
    [
      "a content that is too large",
      [headerFrame(1, 101), bodyFrame(1, new Uint8Array(101))],
      { maxBodySize: 100 },
      { code: "body-size", replyCode: 501 },
    ],
    [
      "a body with a wrong frame-end",
      [headerFrame(1, 2), bodyFrame(1, Uint8Array.of(1, 2)).fill(0, -1)],
      {},
      { code: "frame-end" },
    ],
  ])(
    "by deliver, getOk and return where the content has %s: nothing of the message goes out",
    (_, parts, options, expected) => {
      const octets = concat([whole, publish("second"), ...parts]);
      const operations: ((writer: FrameWriter, cursor: FrameCursor) => void)[] = [
        (writer, cursor) => writer.deliver(cursor, [{ channel: 9, consumerTag: "t", deliveryTag: 1 }]),
        (writer, cursor) => writer.getOk(cursor, { channel: 9, deliveryTag: 1 }),
        (writer, cursor) => writer.return(cursor, { replyCode: 312, replyText: "NO_ROUTE" }),
      ];
      for (const operation of operations) {
        let first: Uint8Array | undefined;
        for (let cut = 0; cut < octets.length; cut++) {
          const cursor = new FrameCursor(options);
          const writer = new FrameWriter();
          expect(() => {
            for (const piece of cutAt(octets, [cut])) {
              cursor.push(piece);
              while (cursor.next()) if (cursor.name === "Basic.Publish") operation(writer, cursor);
            }
          }, `cut at ${cut}`).toThrow(DecodeError);
          expect(cursor.error).toMatchObject(expected);
          const out = writer.flush();
          first ??= out;
          expectSame(out, first);
          expect(decodeStream(out).frames.length).toBe(3);
        }
      }
    },
  );

  test("a content on channel 0", () => {
    const octets = concat([marshal(new Basic.Publish({ exchange: "", routingKey: "k" }), 0), headerFrame(0, 0)]);
    for (let cut = 0; cut < octets.length; cut++) {
      const cursor = new FrameCursor();
      const writer = new FrameWriter();
      expect(() => {
        for (const piece of cutAt(octets, [cut])) {
          cursor.push(piece);
          while (cursor.next()) writer.deliver(cursor, [{ channel: 1, consumerTag: "t", deliveryTag: 1 }]);
        }
      }).toThrow(DecodeError);
      expect(cursor.error).toMatchObject({ code: "unexpected-frame", replyCode: 505 });
      expect(writer.bytesPending).toBe(0);
    }
  });
});

/** What a message must become, made by the reference: a method, the header octets as they came, the body in pieces. */
function expectedContent(channel: number, header: Uint8Array, body: Uint8Array, frameMax: number): Uint8Array {
  const own = Uint8Array.from(header);
  own.set(integer(channel, 2), 1);
  const parts: Uint8Array[] = [own];
  for (let at = 0; at < body.length; at += frameMax - 8)
    parts.push(bodyFrame(channel, body.subarray(at, at + frameMax - 8)));
  return concat(parts);
}

interface Sent {
  exchange: string | Uint8Array;
  routingKey: string | Uint8Array;
  header: Uint8Array;
  body: Uint8Array;
}
const delivered = (
  sent: Sent,
  { channel, consumerTag, deliveryTag, redelivered }: Consumer,
  frameMax: number,
): Uint8Array =>
  concat([
    methodFrame(
      channel,
      60,
      60,
      shortstr(consumerTag),
      integer(deliveryTag, 8),
      integer(redelivered === true ? 1 : 0, 1),
      shortstr(sent.exchange),
      shortstr(sent.routingKey),
    ),
    expectedContent(channel, sent.header, sent.body, frameMax),
  ]);

const someMessages: Sent[] = [
  {
    exchange: "events",
    routingKey: "a.b",
    header: headerFrame(1, 5, 0x9000, shortstr("t"), integer(2, 1)),
    body: new Uint8Array(5).fill(5),
  },
  { exchange: "", routingKey: Uint8Array.of(255, 0), header: headerFrame(1, 0), body: new Uint8Array(0) },
  {
    exchange: "x".repeat(255),
    routingKey: "y".repeat(255),
    header: headerFrame(1, 9001, 0x2000, tableOf(fieldOf("k", "t", integer(2, 1)), fieldOf("k", "U"))),
    body: new Random(1).octets(9001),
  },
  { exchange: "e", routingKey: "", header: headerFrame(1, 40000), body: new Random(2).octets(40000) },
];
const published = (sent: Sent, frameMax = 131072): Uint8Array =>
  concat([
    methodFrame(1, 60, 40, integer(0, 2), shortstr(sent.exchange), shortstr(sent.routingKey), integer(0, 1)),
    expectedContent(1, sent.header, sent.body, frameMax),
  ]);
const consumers: Consumer[] = [
  { channel: 5, consumerTag: "ctag-1.Xy", deliveryTag: 1 },
  { channel: 65535, consumerTag: "", deliveryTag: 2n ** 64n - 1n, redelivered: true },
  { channel: 1, consumerTag: "é".repeat(127), deliveryTag: 2 ** 53 - 1, redelivered: false },
  { channel: 2, consumerTag: Uint8Array.of(255, 254), deliveryTag: 2 ** 32 },
];

describe("delivering", () => {
  test.each([4096, 8192, 131072])("a publish to several consumers at a frame-max of %i, at every split", (frameMax) => {
    const input = concat(someMessages.map((sent) => published(sent, 8192)));
    const expected = concat(
      someMessages.flatMap((sent) => consumers.map((consumer) => delivered(sent, consumer, frameMax))),
    );
    const run = (pieces: Iterable<Uint8Array>, options?: FrameCursorOptions): void => {
      const cursor = new FrameCursor(options);
      const writer = new FrameWriter({ frameMax });
      for (const piece of pieces) {
        cursor.push(piece);
        while (cursor.next()) if (cursor.name === "Basic.Publish") writer.deliver(cursor, consumers);
      }
      expectSame(writer.flush(), expected);
    };
    for (const messages of [false, true]) {
      run([input], { messages });
      for (let cut = 1; cut < 700; cut += frameMax === 4096 ? 1 : 7) run(cutAt(input, [cut]), { messages });
      for (let seed = 0; seed < 10; seed++) run(ragged(input, seed), { messages });
    }
  });

  test("is read by the reader and by the reference as what was put in", () => {
    for (const sent of someMessages) {
      const cursor = new FrameCursor().push(published(sent));
      cursor.next();
      const octets = new FrameWriter().deliver(cursor, consumers).flush();
      const items = new MessageReader().push(octets) as Message[];
      const frames = decodeStream(octets).frames.filter(({ type }) => type === 1);
      consumers.forEach((consumer, i) => {
        const { method, body } = items[i]!;
        expect(method).toMatchObject({
          redelivered: false,
          ...consumer,
          exchange: sent.exchange,
          routingKey: sent.routingKey,
        });
        expectSame(body, sent.body);
        expect(frames[i]).toMatchObject({ name: "Basic.Deliver", channel: consumer.channel });
      });
    }
  });

  test("frames of other channels may stand between those of the content", () => {
    const [a, b] = [someMessages[0]!, someMessages[2]!];
    const other = (octets: Uint8Array): Uint8Array => {
      const copy = Uint8Array.from(octets);
      copy.set([0, 2], 1);
      return copy;
    };
    const frames = (octets: Uint8Array): Uint8Array[] => {
      const found: Uint8Array[] = [];
      for (let at = 0; at < octets.length;) {
        const { consumed } = unmarshal(octets.subarray(at))!;
        found.push(octets.subarray(at, at + consumed));
        at += consumed;
      }
      return found;
    };
    const [one, two] = [frames(published(a)), frames(published(b, 4096)).map(other)];
    const heartbeat = marshal(new Heartbeat());
    const input = concat([one[0]!, two[0]!, heartbeat, two[1]!, one[1]!, two[2]!, two[3]!, one[2]!, ...two.slice(4)]);
    const expected = concat([delivered(a, consumers[0]!, 131072), delivered(b, consumers[0]!, 131072)]);
    for (let cut = 0; cut < input.length; cut += 1 + (cut > 700 ? 97 : 0)) {
      for (const messages of [false, true]) {
        const cursor = new FrameCursor({ messages });
        const writer = new FrameWriter();
        let beats = 0;
        for (const piece of cutAt(input, [cut])) {
          cursor.push(piece);
          while (cursor.next()) {
            if (cursor.name === "Basic.Publish") writer.deliver(cursor, [consumers[0]!]);
            else if (cursor.name === "Heartbeat") beats++;
            else throw new Error(`a ${cursor.name} of the content was shown`);
          }
        }
        expect(beats).toBe(1);
        expectSame(writer.flush(), expected);
      }
    }
  });

  test("the consumers are copied where the content is waited for", () => {
    const [sent] = someMessages;
    const input = published(sent!);
    const cursor = new FrameCursor().push(input.subarray(0, 50));
    const writer = new FrameWriter();
    const consumer: Consumer = { channel: 3, consumerTag: "t", deliveryTag: 8 };
    cursor.next();
    writer.deliver(cursor, [consumer]);
    consumer.deliveryTag = 9;
    expect(cursor.next()).toBe(false);
    expect(writer.bytesPending).toBe(0);
    cursor.push(input.subarray(50));
    expect(cursor.next()).toBe(false);
    expectSame(writer.flush(), delivered(sent!, { ...consumer, deliveryTag: 8 }, 131072));
  });

  test("two writers deliver the same publish", () => {
    const input = concat(someMessages.map((sent) => published(sent)));
    for (const pieces of [[input], singly(input)]) {
      const cursor = new FrameCursor();
      const writers = [new FrameWriter(), new FrameWriter({ frameMax: 4096 })] as const;
      for (const piece of pieces) {
        cursor.push(piece);
        while (cursor.next()) {
          writers[0].deliver(cursor, [consumers[0]!]);
          writers[1].deliver(cursor, [consumers[1]!]);
        }
      }
      expectSame(writers[0].flush(), concat(someMessages.map((sent) => delivered(sent, consumers[0]!, 131072))));
      expectSame(writers[1].flush(), concat(someMessages.map((sent) => delivered(sent, consumers[1]!, 4096))));
    }
  });

  test("what is written before and behind stays in its place, with readers on the same core in between", () => {
    const input = concat(Array.from({ length: 300 }, () => published(someMessages[0]!)));
    const ack = new Basic.Ack({ deliveryTag: 4 });
    const cursor = new FrameCursor();
    const other = new FrameCursor().push(input);
    const writer = new FrameWriter();
    const second = new FrameWriter();
    cursor.push(input);
    while (cursor.next() && other.next()) {
      writer.write(ack, 1).deliver(cursor, [consumers[0]!]);
      new FrameReader().push(marshal(new Queue.Declare({ queue: "q" }), 1));
      second.deliver(other, [consumers[1]!]);
    }
    const each = concat([marshal(ack, 1), delivered(someMessages[0]!, consumers[0]!, 131072)]);
    expectSame(writer.flush(), concat(Array.from({ length: 300 }, () => each)));
    const theirs = delivered(someMessages[0]!, consumers[1]!, 131072);
    expectSame(second.flush(), concat(Array.from({ length: 300 }, () => theirs)));
  });

  test("to more consumers, and more consumer tags, than the core keeps at once", () => {
    const many: Consumer[] = Array.from({ length: 1500 }, (_, i) => ({
      channel: 1 + (i % 7),
      consumerTag: `${"tag-".repeat(50)}${i}`,
      deliveryTag: i,
    }));
    const writer = new FrameWriter();
    for (const sent of [someMessages[0]!, someMessages[3]!]) {
      const cursor = new FrameCursor().push(published(sent));
      cursor.next();
      expectSame(writer.deliver(cursor, many).flush(), concat(many.map((one) => delivered(sent, one, 131072))));
    }
  });

  test.each<[string, Partial<Record<keyof Consumer, unknown>>]>([
    ["channel 0", { channel: 0 }],
    ["a channel that is too large", { channel: 65536 }],
    ["a channel that is no number", { channel: "1" }],
    ["a delivery tag below 0", { deliveryTag: -1 }],
    ["a delivery tag that is no integer", { deliveryTag: 0.5 }],
    ["a delivery tag that is not exact", { deliveryTag: 2 ** 53 }],
    ["a delivery tag of 65 bits", { deliveryTag: 2n ** 64n }],
    ["no delivery tag", { deliveryTag: undefined }],
    ["a consumer tag that is too long", { consumerTag: "x".repeat(256) }],
    ["a consumer tag with too many octets", { consumerTag: "é".repeat(128) }],
    ["a lone surrogate", { consumerTag: "\ud800" }],
    ["no consumer tag", { consumerTag: undefined }],
  ])("refuses %s, and writes nothing", (_, wrong) => {
    const good: Consumer = { channel: 1, consumerTag: "t", deliveryTag: 1 };
    const lists = [
      [{ ...good, ...wrong }],
      [...Array.from({ length: 300 }, () => good), { ...good, ...wrong }],
    ] as unknown as Consumer[][];
    for (const list of lists) {
      for (const length of [0, 3]) {
        const input = published(someMessages[0]!);
        const cursor = new FrameCursor().push(input.subarray(0, input.length - length));
        const writer = new FrameWriter();
        cursor.next();
        expect(() => writer.deliver(cursor, list)).toThrow(EncodeError);
        expect(writer.bytesPending).toBe(0);
        expect(cursor.error).toBeUndefined();
        // Another consumer gets it nevertheless.
        writer.deliver(cursor, [good]);
        expect(cursor.next()).toBe(false);
        if (length > 0) {
          cursor.push(input.subarray(input.length - length));
          expect(cursor.next()).toBe(false);
        }
        expectSame(writer.flush(), delivered(someMessages[0]!, good, 131072));
      }
    }
  });

  test("refuses a header that does not fit into a frame, with both sizes", () => {
    const header = headerFrame(1, 0, 0x2000, tableOf(fieldOf("k", "x", longstr(new Uint8Array(5000)))));
    const input = published({ ...someMessages[1]!, header });
    for (const cut of [0, input.length - 1]) {
      const cursor = new FrameCursor();
      const writer = new FrameWriter({ frameMax: 4096 });
      expect(() => {
        for (const piece of cutAt(input, [cut])) {
          cursor.push(piece);
          while (cursor.next()) writer.deliver(cursor, [consumers[0]!]);
        }
      }).toThrow(new RegExp(`ContentHeader frame of ${header.length} octets .* 4096 octets`));
      expect(writer.bytesPending).toBe(0);
      expect(cursor.error).toBeUndefined();
      expect(cursor.next()).toBe(false);
    }
  });

  test("wants a method that carries content, and cursor and writer of one core", () => {
    const cursor = new FrameCursor().push(marshal(new Basic.Ack({ deliveryTag: 1 }), 1));
    cursor.next();
    expect(() => new FrameWriter().deliver(cursor, [])).toThrow(/Basic.Publish.* required, the cursor is at Basic.Ack/);
    const other = createCodec();
    expect(() => new other.FrameWriter().forward(cursor)).toThrow(EncodeError);
    expect(() => new FrameWriter().deliver({} as FrameCursor, [])).toThrow(EncodeError);
    const theirs = new other.FrameCursor().push(published(someMessages[0]!));
    theirs.next();
    expectSame(
      new other.FrameWriter().deliver(theirs, [consumers[0]!]).flush(),
      delivered(someMessages[0]!, consumers[0]!, 131072),
    );
  });
});

describe("GetOk, Return, and messages that were kept", () => {
  const got = (sent: Sent, frameMax: number): Uint8Array =>
    concat([
      methodFrame(
        4,
        60,
        71,
        integer(2n ** 63n, 8),
        integer(1, 1),
        shortstr(sent.exchange),
        shortstr(sent.routingKey),
        integer(77, 4),
      ),
      expectedContent(4, sent.header, sent.body, frameMax),
    ]);
  const returned = (sent: Sent, channel: number, frameMax: number): Uint8Array =>
    concat([
      methodFrame(
        channel,
        60,
        50,
        integer(312, 2),
        shortstr("NO_ROUTE é"),
        shortstr(sent.exchange),
        shortstr(sent.routingKey),
      ),
      expectedContent(channel, sent.header, sent.body, frameMax),
    ]);
  const getOk = { channel: 4, deliveryTag: 2n ** 63n, redelivered: true, messageCount: 77 };
  const giveBack = { replyCode: 312, replyText: "NO_ROUTE é" };

  test.each([4096, 131072])("from a cursor, at every split, at a frame-max of %i", (frameMax) => {
    const input = concat(someMessages.map((sent) => published(sent)));
    const expected = concat(someMessages.flatMap((sent) => [got(sent, frameMax), returned(sent, 1, frameMax)]));
    const run = (pieces: Iterable<Uint8Array>): void => {
      const cursor = new FrameCursor();
      const writer = new FrameWriter({ frameMax });
      for (const piece of pieces) {
        cursor.push(piece);
        while (cursor.next()) writer.getOk(cursor, getOk).return(cursor, giveBack);
      }
      expectSame(writer.flush(), expected);
    };
    for (let cut = 0; cut < 700; cut += frameMax === 4096 ? 1 : 7) run(cutAt(input, [cut]));
    for (let seed = 0; seed < 10; seed++) run(ragged(input, seed));
  });

  test("a message that was kept goes out as often as it is asked for, whatever became of its chunk", () => {
    const input = concat(someMessages.map((sent) => published(sent, 8192)));
    for (let seed = 0; seed < 6; seed++) {
      const kept: StoredMessage[] = [];
      const cursor = new FrameCursor({ messages: true });
      for (const piece of seed === 0 ? [input] : ragged(input, seed)) {
        const chunk = Uint8Array.from(piece);
        cursor.push(chunk);
        while (cursor.next()) kept.push(cursor.message());
        chunk.fill(0xce);
      }
      cursor.push(published(someMessages[0]!));
      cursor.next();
      const writer = new FrameWriter({ frameMax: 4096 });
      for (const message of [...kept, ...kept.reverse()]) {
        const sent = someMessages.find(({ body }) => body.length === message.bodySize)!;
        expect(message).toMatchObject({ name: "Basic.Publish", channel: 1, exchange: sent.exchange, mandatory: false });
        expectSame(message.body, sent.body);
        expectSame(
          writer.deliver(message, consumers).flush(),
          concat(consumers.map((one) => delivered(sent, one, 4096))),
        );
        expectSame(writer.getOk(message, getOk).flush(), got(sent, 4096));
        expectSame(writer.return(message, { ...giveBack, channel: 6 }).flush(), returned(sent, 6, 4096));
        const again = writer.forward(message, { channel: 1 }).flush();
        expectSame(again, published(sent, 4096));
      }
    }
  });

  test("a delivery can be kept and delivered again, as other content methods can", () => {
    const [sent] = someMessages;
    for (const octets of [delivered(sent!, consumers[0]!, 131072), got(sent!, 131072), returned(sent!, 2, 131072)]) {
      const cursor = new FrameCursor().push(octets);
      cursor.next();
      expect([cursor.exchange, cursor.routingKey]).toEqual([sent!.exchange, sent!.routingKey]);
      expectSame(new FrameWriter().deliver(cursor, [consumers[1]!]).flush(), delivered(sent!, consumers[1]!, 131072));
    }
  });

  test("what cannot be written is refused at once, even where the content is waited for", () => {
    const input = published(someMessages[0]!);
    for (const length of [input.length, 60]) {
      const cursor = new FrameCursor().push(input.subarray(0, length));
      const writer = new FrameWriter();
      cursor.next();
      for (const wrong of [{ channel: 0 }, { deliveryTag: -1 }, { messageCount: 2 ** 32 }])
        expect(() => writer.getOk(cursor, { ...getOk, ...wrong })).toThrow(EncodeError);
      for (const wrong of [{ channel: 0 }, { replyCode: 65536 }, { replyText: "x".repeat(256) }])
        expect(() => writer.return(cursor, { ...giveBack, ...wrong })).toThrow(EncodeError);
      expect(writer.bytesPending).toBe(0);
    }
  });
});

describe("memory", () => {
  const lengths = [2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 63n, 2n ** 64n - 1n];
  const publish = marshal(new Basic.Publish({ exchange: "", routingKey: "k" }), 1);

  test("nothing is allocated from a declared length", () => {
    const { memory } = ownMemory();
    const codec = createCodec({ memory });
    const before = memory.buffer.byteLength;
    for (const length of lengths) {
      // Of the fields of four octets the largest.
      const short = Number(length < 2n ** 32n ? length : 2n ** 32n - 1n);
      for (const octets of [
        concat([Uint8Array.of(1, 0, 1), integer(short, 4)]),
        concat([Uint8Array.of(2, 0, 1), integer(short, 4)]),
        concat([Uint8Array.of(3, 0, 1), integer(short, 4), new Uint8Array(64)]),
        concat([publish, headerFrame(1, length), bodyFrame(1, new Uint8Array(9))]),
        concat([publish, headerFrame(1, 0, 0x2000, integer(short, 4))]),
        methodFrame(1, 50, 10, integer(0, 2), shortstr("q"), integer(0, 1), integer(short, 4)),
      ]) {
        for (const messages of [false, true]) {
          const cursor = new codec.FrameCursor({ messages, frameMax: 0, maxBodySize: Number.MAX_SAFE_INTEGER });
          const writer = new codec.FrameWriter();
          const told = (): string => {
            try {
              cursor.push(octets);
              while (cursor.next()) if (cursor.name === "Basic.Publish") writer.deliver(cursor, consumers);
              return "waits";
            } catch (error) {
              if (!(error instanceof DecodeError)) throw error;
              return error.code;
            }
          };
          expect(["waits", "frame-size", "body-size", "table-length"]).toContain(told());
          expect(writer.bytesPending).toBe(0);
        }
      }
    }
    expect(memory.buffer.byteLength).toBe(before);
  });

  test("a large content in small frames takes time and memory in proportion", () => {
    const { memory } = ownMemory();
    const codec = createCodec({ memory });
    const before = memory.buffer.byteLength;
    const body = new Uint8Array(4 * MEBIBYTE);
    const octets = new codec.FrameWriter({ frameMax: 4096 })
      .publish(1, new Basic.Publish({ exchange: "", routingKey: "k" }), {}, body)
      .flush();
    const cursor = new codec.FrameCursor({ messages: true });
    const writer = new codec.FrameWriter();
    const after = memory.buffer.byteLength;
    let seen = 0;
    for (let at = 0; at < octets.length; at += 1000) {
      cursor.push(octets.subarray(at, at + 1000));
      while (cursor.next()) {
        seen++;
        writer.deliver(cursor, [consumers[0]!]);
      }
    }
    expect(seen).toBe(1);
    expect(decodeStream(writer.flush()).frames.length).toBe(2 + Math.ceil(body.length / 131064));
    expect(after).toBe(before);
    // The body goes past linear memory.
    expect(memory.buffer.byteLength).toBe(before);
  });

  function ownMemory(): { memory: WebAssembly.Memory } {
    return { memory: new WebAssembly.Memory({ initial: 1 }) };
  }
});
