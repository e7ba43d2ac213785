/** Runs of publishes that are delivered: the same octets, errors and questions as message by message. */
import { describe, expect, test } from "vitest";
import {
  Basic,
  Channel,
  type Consumer,
  createCodec,
  DecodeError,
  EncodeError,
  FrameCursor,
  FrameReader,
  type FrameRunLimits,
  FrameWriter,
  Heartbeat,
  marshal,
  PreparedConsumer,
  type StoredMessage,
  type FrameCursorOptions,
} from "../src/index.js";
import { captureNames, loadCapture } from "./support/captures.js";
import { concat, cutAt, framesIn, hexOf, sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";
import { loadVectors, vectorOctets } from "./support/vectors.js";
import { bodyFrame, encodeErrorOf, headerFrame, methodFrame } from "./support/wire.js";

interface How {
  options?: FrameCursorOptions;
  frameMax?: number;
  limits?: FrameRunLimits;
  /** Called before each publish is answered for. */
  meanwhile?: (publish: FrameCursor, writer: FrameWriter, count: number, take: (octets: Uint8Array) => void) => void;
  consumersOf?: (publish: FrameCursor, count: number) => readonly Consumer[];
}

interface Delivered {
  octets: Uint8Array;
  /** What the program was asked about. */
  asked: string[];
  /** How many publishes went in runs. */
  inRuns: number;
  error: string | undefined;
}

function told(error: unknown): string {
  if (!(error instanceof DecodeError)) return String(error);
  const { code, offset, replyCode, path, channel, message } = error;
  return JSON.stringify({ code, offset, replyCode, path, channel, message });
}

const three: Consumer[] = [
  { channel: 2, consumerTag: "ctag-1", deliveryTag: 1 },
  { channel: 513, consumerTag: "é".repeat(127), deliveryTag: 2n ** 63n + 5n, redelivered: true },
  new PreparedConsumer({ channel: 65535, consumerTag: "" }),
];

/** In runs, as they come, or as messages that are kept: those have octets of their own, and go out one by one. */
type Way = "runs" | "single" | "kept";

function deliver(
  pieces: readonly Uint8Array[],
  way: Way,
  { options = {}, frameMax = 131072, limits, meanwhile, consumersOf = () => three }: How,
): Delivered {
  const cursor = new FrameCursor(options);
  const writer = new FrameWriter({ frameMax });
  const parts: Uint8Array[] = [];
  const asked: string[] = [];
  let inRuns = 0;
  const answer = (publish: FrameCursor): readonly Consumer[] => {
    const { name, channel, exchange, routingKey, offset, size } = publish;
    asked.push(JSON.stringify({ name, channel, exchange, routingKey, offset, size }));
    meanwhile?.(publish, writer, asked.length, (octets) => parts.push(octets));
    return consumersOf(publish, asked.length);
  };
  let error: string | undefined;
  try {
    for (const piece of pieces) {
      cursor.push(piece);
      for (;;) {
        if (way === "runs") {
          const from = asked.length;
          const run = writer.deliverRun(cursor, answer, limits);
          inRuns += run?.contents ?? 0;
          expect(asked.length - from).toBe(run?.contents ?? 0);
          if (run !== undefined) expect(framesIn(run.octets)).toBe(run.frames);
        }
        if (!cursor.next()) break;
        if (cursor.name === "Basic.Publish") writer.deliver(way === "kept" ? cursor.message() : cursor, answer(cursor));
        else cursor.check();
      }
    }
  } catch (thrown) {
    error = told(thrown);
  }
  parts.push(writer.flush());
  return { octets: concat(parts), asked, inRuns, error };
}

/** The same with runs and message by message. */
function same(pieces: readonly Uint8Array[], how: How = {}): Delivered {
  const runs = deliver(pieces, "runs", how);
  expectSame(runs, deliver(pieces, "single", how));
  if (how.options?.messages === true && how.meanwhile === undefined) expectSame(runs, deliver(pieces, "kept", how));
  return runs;
}

function expectSame(actual: Delivered, expected: Delivered): void {
  expect(actual.error).toBe(expected.error);
  // A message that cannot be kept is not asked about.
  expect(actual.asked.slice(0, expected.asked.length)).toEqual(expected.asked);
  expect(actual.asked.length - expected.asked.length).toBeLessThanOrEqual(actual.error === undefined ? 0 : 1);
  if (sameOctets(actual.octets, expected.octets)) return;
  const at = expected.octets.findIndex((octet, i) => octet !== actual.octets[i]);
  const around = (octets: Uint8Array): string => hexOf(octets.subarray(Math.max(0, at - 16), at + 32));
  expect(`${actual.octets.length} octets, at ${at} ${around(actual.octets)}`).toBe(
    `${expected.octets.length} octets, at ${at} ${around(expected.octets)}`,
  );
}

function cuts(random: Random, length: number, most: number): number[] {
  const found: number[] = [];
  for (let at = random.below(most); at < length; at += 1 + random.below(random.chance(2) ? 60 : most)) found.push(at);
  return found;
}

const publish = (routingKey: string, octets: number, channel = 1, frameMax = 131072): Uint8Array =>
  new FrameWriter({ frameMax })
    .publish(
      channel,
      new Basic.Publish({ exchange: "ex", routingKey, mandatory: octets % 2 === 1 }),
      { contentType: "text/plain", headers: { a: 1, t: { u: "v" } }, messageId: `m${octets}` },
      new Uint8Array(octets).fill(octets),
    )
    .flush();
const ack = marshal(new Basic.Ack({ deliveryTag: 7 }), 3);
const heartbeat = marshal(new Heartbeat(), 0);
const flow = marshal(new Channel.Flow({ active: true }), 2);
const messages: How = { options: { messages: true } };
const modes: FrameCursorOptions[] = [{}, { messages: true }];

/** Publishes and others, some wrong, some interleaved. */
function randomStream(random: Random, items: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < items; i++) {
    const channel = 1 + random.below(3);
    switch (random.below(12)) {
      case 0:
        parts.push(random.pick([ack, heartbeat, flow]));
        break;
      case 1:
        parts.push(publish("split", 5000 + random.below(9000), channel, 4096));
        break;
      case 2: {
        // A frame of another channel within the content.
        const octets = publish("apart", 10, channel);
        const size = 8 + new DataView(octets.buffer, octets.byteOffset).getUint32(3);
        parts.push(octets.subarray(0, size), random.pick([heartbeat, publish("within", 3, channel + 3)]));
        parts.push(octets.subarray(size));
        break;
      }
      case 3:
        parts.push(publish("", 0, channel));
        break;
      case 4:
        parts.push(publish("large", 20_000 + random.below(50_000), channel));
        break;
      default:
        parts.push(publish(`key.${random.below(5)}`, random.below(300), channel));
    }
  }
  return concat(parts);
}

/** Consumers of all kinds, the same for both ways. */
function randomConsumers(seed: number): (publish: FrameCursor, count: number) => readonly Consumer[] {
  const tags = ["a", "ctag-1.Xy", "", "x".repeat(255), "ü", Uint8Array.of(255, 254)];
  return (_, count) => {
    const random = new Random(seed * 1000 + count);
    const length = random.pick([0, 1, 1, 1, 2, 3, 10, random.chance(20) ? 300 : 4]);
    return Array.from({ length }, (_, i) => {
      const given: Consumer = {
        channel: 1 + random.below(0xffff),
        consumerTag: random.chance(2) ? random.pick(tags) : `tag-${i}`,
        deliveryTag: random.pick([count, 0, 0xffffffff, 0x100000000, 2 ** 53 - 1, 2n ** 64n - 1n, 1n]),
      };
      if (random.chance(3)) given.redelivered = random.chance(2);
      return random.chance(2) ? given : Object.assign(new PreparedConsumer(given), tagOf(given));
    });
  };
}

const tagOf = ({ deliveryTag, redelivered = false }: Consumer): Partial<Consumer> => ({ deliveryTag, redelivered });

describe("a run of deliveries", () => {
  test.each(modes)("writes what single deliveries write, at every split: %o", (options) => {
    const octets = concat([publish("a", 3), publish("b", 0, 2), ack, publish("c", 1), heartbeat, publish("d", 2)]);
    for (let at = 0; at <= octets.length; at++) same(cutAt(octets, [at]), { options });
    expect(same([octets], { options }).inRuns).toBe(4);
    expect(
      same(
        Array.from(octets, (octet) => Uint8Array.of(octet)),
        { options },
      ).inRuns,
    ).toBe(0);
  });

  test.each(modes)("of random streams with random consumers: %o", (options) => {
    const random = new Random(7);
    let inRuns = 0;
    for (let round = 0; round < 60; round++) {
      const octets = randomStream(random, 40);
      const how: How = {
        options: { ...options, strict: random.chance(2), ...(random.chance(6) ? { maxBodySize: 250 } : {}) },
        frameMax: random.pick([4096, 131072, 0]),
        consumersOf: randomConsumers(round),
      };
      if (random.chance(4)) how.limits = { maxBodySize: random.below(300), channelMax: 1 + random.below(3) };
      inRuns += same(random.chance(3) ? [octets] : cutAt(octets, cuts(random, octets.length, 30_000)), how).inRuns;
    }
    expect(inRuns).toBeGreaterThan(500);
  });

  test.each(modes)("of streams with wrong octets: the same errors at the same places: %o", (options) => {
    const random = new Random(11);
    const octets = concat([publish("a", 3), publish("b", 0, 2), publish("c", 40), ack, publish("d", 9)]);
    const errors = new Set<string>();
    for (let round = 0; round < 3000; round++) {
      const wrong = octets.slice();
      for (let i = random.below(2); i >= 0; i--) {
        wrong[random.below(wrong.length)] = random.pick([0, 1, 2, 3, 0xce, 0xff, random.below(256)]);
      }
      const { error } = same(random.chance(2) ? [wrong] : cutAt(wrong, [random.below(wrong.length)]), {
        options: { ...options, strict: random.chance(2) },
      });
      if (error !== undefined) errors.add((JSON.parse(error) as { code: string }).code);
    }
    expect(errors.size).toBeGreaterThan(10);
  });

  test.each(captureNames)("of captured traffic: %s", async (name) => {
    const random = new Random(captureNames.indexOf(name) + 1);
    const { c2s, s2c } = await loadCapture(name);
    for (const { octets } of [c2s, s2c]) {
      for (const options of modes) {
        same([octets], { options });
        same(cutAt(octets, cuts(random, octets.length, 4000)), { options });
      }
    }
  });

  test("of the vectors' streams", () => {
    for (const vector of loadVectors("streams")) same([vectorOctets(vector)], { options: { messages: true } });
  });

  test("says what it passed by", () => {
    const octets = concat([publish("a", 3), publish("b", 0), publish("c", 1), ack]);
    const cursor = new FrameCursor().push(octets);
    const keys: unknown[] = [];
    const run = new FrameWriter().deliverRun(cursor, (publish) => {
      expect(publish).toBe(cursor);
      keys.push([
        publish.routingKey,
        publish.header("a"),
        publish.bodySize,
        publish.body?.length,
        publish.octets.length,
      ]);
      return three;
    })!;
    const sizes = { a: 3, b: 0, c: 1 };
    expect(keys).toEqual(Object.entries(sizes).map(([key, size]) => [key, 1, size, size, publish(key, size).length]));
    expect([run.frames, run.contents, run.octets]).toEqual([8, 3, octets.subarray(0, -ack.length)]);
    expect([cursor.name, cursor.routingKey, cursor.bodySize]).toEqual(["Basic.Publish", "c", undefined]);
    expect(new FrameWriter().deliverRun(cursor, () => three)).toBeUndefined();
    expect(cursor.next() && cursor.name).toBe("Basic.Ack");
  });

  test("ends before a publish that undefined is answered for", () => {
    const cursor = new FrameCursor({ messages: true }).push(
      concat([publish("a", 3), publish("b", 1), publish("c", 1)]),
    );
    const writer = new FrameWriter();
    const run = writer.deliverRun(cursor, ({ routingKey }) => (routingKey === "b" ? undefined : three));
    expect(run?.contents).toBe(1);
    expect(writer.deliverRun(cursor, () => undefined)).toBeUndefined();
    expect(cursor.next() && cursor.routingKey).toBe("b");
    expect(writer.deliverRun(cursor, () => [])?.contents).toBe(1);
    expect(new FrameReader().push(writer.flush()).length).toBe(9);
    expect(cursor.next()).toBe(false);
  });

  test("keeps to the limits of cursor, writer and program", () => {
    const octets = concat([publish("a", 3), publish("b", 5000), publish("c", 3, 9)]);
    const contents = (options: FrameCursorOptions, frameMax: number, limits?: FrameRunLimits): number | undefined =>
      new FrameWriter({ frameMax }).deliverRun(new FrameCursor(options).push(octets), () => [], limits)?.contents;
    expect(contents({}, 131072)).toBe(3);
    expect(contents({}, 4096)).toBe(1);
    expect(contents({ frameMax: 4096 }, 131072)).toBe(1);
    expect(contents({ maxBodySize: 4999 }, 131072)).toBe(1);
    expect(contents({}, 131072, { maxBodySize: 4999 })).toBe(1);
    expect(contents({}, 131072, { frameMax: 5007 })).toBe(1);
    expect(contents({}, 131072, { frameMax: 5008, channelMax: 8 })).toBe(2);
    expect(contents({}, 131072, { maxBodySize: 2 })).toBeUndefined();
    for (const limits of [{ frameMax: 7 }, { channelMax: 0 }, { maxBodySize: -1 }]) {
      expect(encodeErrorOf(() => contents({}, 131072, limits)).path).toBe(Object.keys(limits)[0]);
    }
  });

  test("is none where a content is under way", () => {
    const whole = publish("a", 3000, 1, 4096);
    const cursor = new FrameCursor({ messages: true }).push(whole.subarray(0, 100));
    const writer = new FrameWriter();
    expect(cursor.next()).toBe(false);
    cursor.push(concat([whole.subarray(100, 110), whole.subarray(110), publish("b", 3)]));
    expect(writer.deliverRun(cursor, () => three)).toBeUndefined();
    expect(cursor.next() && cursor.routingKey).toBe("a");
    expect(writer.deliverRun(cursor, () => three)?.contents).toBe(1);
    // A publish on a channel whose content is not complete is an error, run or not.
    const [method] = new FrameReader().push(publish("c", 3));
    const octets = concat([marshal(method!, 1), publish("d", 3)]);
    expect(same([octets], { options: { messages: true } }).error).toContain("505");
    expect(
      same([concat([methodFrame(0, 60, 40, new Uint8Array(5)), headerFrame(0, 0, 0, new Uint8Array(0))])]).error,
    ).toContain("505");
    expect(
      same(
        [
          concat([
            methodFrame(1, 60, 40, new Uint8Array(5)),
            headerFrame(1, 3, 0, new Uint8Array(0)),
            bodyFrame(1, new Uint8Array(4)),
          ]),
        ],
        { options: { messages: true } },
      ).error,
    ).toContain("501");
  });
});

describe("deliveries one by one", () => {
  test("end where a chunk does behind frames of any kind", () => {
    // Fewer octets than a method's ids take stand behind its head.
    const cursor = new FrameCursor({ messages: true }).push(concat([publish("a", 3), heartbeat]));
    const writer = new FrameWriter();
    expect(cursor.next()).toBe(true);
    writer.deliver(cursor, three);
    expect(cursor.next() && cursor.name).toBe("Heartbeat");
    expect(cursor.next()).toBe(false);
  });

  test("wait for each other, and are written before what comes behind them", () => {
    const octets = concat(Array.from({ length: 1100 }, (_, i) => publish(`k${i}`, i % 7)));
    for (const options of modes) {
      const cursor = new FrameCursor(options).push(octets);
      const writer = new FrameWriter();
      const other = new FrameWriter();
      const expected = new FrameWriter();
      const keys: unknown[] = [];
      for (let i = 0; cursor.next(); i++) {
        keys.push(cursor.routingKey);
        writer.deliver(cursor, three.slice(0, 1));
        if (i % 50 === 3) writer.write(new Basic.Ack({ deliveryTag: i }), 1);
        if (i % 50 === 9) other.deliver(kept(octets, i), three);
        if (i % 50 === 19) writer.deliver(kept(octets, i), three);
        if (i % 50 === 29) expect(new FrameReader().push(octets.subarray(0, 500)).length).toBeGreaterThan(3);
        if (i % 50 === 39) expect(writer.bytesPending).toBeGreaterThan(0);
        expected.deliver(kept(octets, i), three.slice(0, 1));
        if (i % 50 === 3) expected.write(new Basic.Ack({ deliveryTag: i }), 1);
        if (i % 50 === 19) expected.deliver(kept(octets, i), three);
      }
      expect(keys.length).toBe(1100);
      expect(sameOctets(writer.flush(), expected.flush())).toBe(true);
    }
  });

  test("are refused where a header is larger than the writer's frame-max, in runs, too", () => {
    const large = new FrameWriter().publish(1, new Basic.Publish(), { headers: { a: "x".repeat(5000) } }).flush();
    for (const options of modes) {
      const octets = concat([publish("a", 3), publish("b", 3), large]);
      const { error, inRuns } = same([octets], { options, frameMax: 4096 });
      expect([error, inRuns]).toEqual([expect.stringContaining("4096"), 2]);
    }
  });

  test("alternate with runs in octets that were checked already", () => {
    const octets = concat(Array.from({ length: 40 }, (_, i) => publish(`k${i}`, i)));
    // Of the kind that takes the short way.
    const few = [three[0]!, { channel: 3, consumerTag: "ctag-2", deliveryTag: 2 }];
    const expected = deliver([octets], "kept", { ...messages, consumersOf: () => few }).octets;
    for (const options of modes) {
      const cursor = new FrameCursor(options).push(octets);
      const writer = new FrameWriter();
      for (let i = 0; cursor.next(); i++) {
        writer.deliver(cursor, few);
        let left = 1 + (i % 3);
        if (i % 4 !== 0) continue;
        writer.deliverRun(cursor, () => (left-- > 0 ? few : undefined));
      }
      expect(sameOctets(writer.flush(), expected)).toBe(true);

      // Within a run of the same octets.
      cursor.reset();
      cursor.push(octets).next();
      writer.deliver(cursor, few);
      const again = new FrameWriter();
      expect(writer.deliverRun(cursor, (publish) => (again.deliver(publish, few), few))?.contents).toBe(39);
      expect(sameOctets(writer.flush(), expected)).toBe(true);
      cursor.reset();
      cursor.push(octets).next();
      writer.deliver(cursor, few).deliver(cursor, few);
      expect(writer.deliverRun(cursor, (publish) => (writer.deliver(publish, few), few))?.contents).toBe(39);
      const twice = new FrameWriter();
      for (let i = 0; i < 40; i++) twice.deliver(kept(octets, i), few).deliver(kept(octets, i), few);
      expect(sameOctets(writer.flush(), twice.flush())).toBe(true);
    }
  });

  const allKept = new Map<Uint8Array, StoredMessage[]>();
  function kept(octets: Uint8Array, i: number): StoredMessage {
    let list = allKept.get(octets);
    if (list === undefined) {
      const cursor = new FrameCursor({ messages: true }).push(octets);
      list = [];
      while (cursor.next()) list.push(cursor.message());
      allKept.set(octets, list);
    }
    return list[i]!;
  }
});

describe("whoever is asked for consumers", () => {
  const octets = concat(Array.from({ length: 60 }, (_, i) => publish(`k${i}`, i * 7)));

  test.each<[string, NonNullable<How["meanwhile"]>]>([
    ["flushes", (_, writer, count, take) => count % 3 === 0 && take(writer.flush())],
    [
      "flushes into arrays that are too small",
      (_, writer, count, take) => {
        if (count % 17 !== 0) return;
        const room = new Uint8Array(1 + count * 70);
        for (let n = writer.flushInto(room); n > 0; n = writer.flushInto(room)) take(room.slice(0, n));
      },
    ],
    ["asks for the octets that wait", (_, writer) => expect(writer.bytesPending).toBeGreaterThanOrEqual(0)],
    ["writes", (_, writer) => writer.write(new Basic.Ack({ deliveryTag: 1 }), 9)],
    ["publishes", (_, writer) => writer.publish(3, new Basic.Publish({ routingKey: "ü" }), { messageId: "é" })],
    ["writes with another writer", () => new FrameWriter().write(new Basic.Ack({ deliveryTag: 1 }), 9).flush()],
    ["marshals", () => marshal(new Basic.Cancel({ consumerTag: "x" }), 1)],
    ["reads", () => new FrameReader().push(octets.subarray(0, 5000))],
    ["forwards the message", (publish, writer) => writer.forward(publish, { channel: 8 })],
    ["forwards it with another writer", (publish) => new FrameWriter().forward(publish, { channel: 8 }).flush()],
    ["delivers it", (publish, writer) => writer.deliver(publish, three)],
    ["delivers it with another writer", (publish) => new FrameWriter().deliver(publish, three).flush()],
    ["returns it", (publish, writer) => writer.return(publish, { replyCode: 312, replyText: "NO_ROUTE" })],
    ["keeps it", (publish, writer) => writer.deliver(publish.message(), three)],
    ["looks at its header", (publish) => expect(publish.header("t")).toEqual({ u: "v" })],
    ["looks at its method", (publish) => expect(publish.frame().name).toBe("Basic.Publish")],
    [
      "has a run of its own",
      (_, writer) => {
        const cursor = new FrameCursor().push(octets);
        expect(writer.deliverRun(cursor, () => three)?.contents).toBe(60);
        expect(new FrameWriter().deliverRun(new FrameCursor().push(octets), () => three)?.contents).toBe(60);
      },
    ],
    ["has runs forwarded", (_, writer) => writer.forwardRun(new FrameCursor().push(octets), { channelOf: () => 5 })],
  ])("%s meanwhile", (_, meanwhile) => {
    const often: How["meanwhile"] = (publish, writer, count, take) => {
      if (count % 4 !== 1) meanwhile(publish, writer, count, take);
    };
    for (const seldom of [often, meanwhile]) {
      const how: How = { options: { messages: true }, meanwhile: seldom };
      expect(same([octets], how).asked.length).toBe(60);
      same(cutAt(octets, [5000, 5001, 9000]), how);
    }
  });

  test("must not move the cursor", () => {
    const moves: ((cursor: FrameCursor) => unknown)[] = [
      (cursor) => cursor.next(),
      (cursor) => cursor.reset(),
      (cursor) => cursor.passRun(),
      (cursor) => new FrameWriter().deliverRun(cursor, () => three),
      (cursor) => cursor.routingKey === "k59" && cursor.push(octets),
    ];
    for (const move of moves) {
      const cursor = new FrameCursor().push(octets);
      const error = encodeErrorOf(() =>
        new FrameWriter().deliverRun(cursor, (publish) => {
          move(publish);
          return three;
        }),
      );
      expect(error.path).toBe("consumersOf");
    }
  });

  test("may throw: what came before is delivered, and the cursor goes on behind it", () => {
    for (const options of modes) {
      const cursor = new FrameCursor(options).push(octets);
      const writer = new FrameWriter();
      const run = (): unknown =>
        writer.deliverRun(cursor, ({ routingKey }) => {
          if (routingKey === "k5") throw new Error("no such queue");
          return three;
        });
      expect(run).toThrow("no such queue");
      expect(new FrameReader().push(writer.flush()).length).toBe(3 * (2 + 3 * 4));
      expect(cursor.next() && cursor.routingKey).toBe("k6");
    }
  });

  test("must be a function, of a writer of the same core", () => {
    const cursor = new FrameCursor().push(octets);
    expect(encodeErrorOf(() => new FrameWriter().deliverRun(cursor, [] as never)).path).toBe("consumersOf");
    expect(() => new (createCodec().FrameWriter)().deliverRun(cursor, () => three)).toThrow(EncodeError);
  });
});

describe("consumers of a run", () => {
  const octets = concat([publish("a", 3), publish("b", 3), publish("c", 3)]);

  test.each<[string, unknown, string]>([
    ["channel 0", { channel: 0 }, "channel"],
    ["channel 65536", { channel: 65536 }, "channel"],
    ["channel 1.5", { channel: 1.5 }, "channel"],
    ["a delivery tag of -1", { deliveryTag: -1 }, "deliveryTag"],
    ["a delivery tag of 2^64", { deliveryTag: 2n ** 64n }, "deliveryTag"],
    ["no delivery tag", { deliveryTag: undefined }, "deliveryTag"],
    ["a consumer tag of 256 octets", { consumerTag: "x".repeat(256) }, "consumerTag"],
    ["a consumer tag that is a number", { consumerTag: 1 }, "consumerTag"],
    ["a consumer tag with half a character", { consumerTag: "\ud800" }, "consumerTag"],
  ])("with %s are refused, and nothing of their message is written", (_, wrong, path) => {
    const bad = [...three, { channel: 1, consumerTag: "t", deliveryTag: 1, ...(wrong as object) }];
    for (const many of [bad, [...new Array<Consumer>(200).fill(three[0]!), ...bad]]) {
      const cursor = new FrameCursor({ messages: true }).push(octets);
      const writer = new FrameWriter();
      const error = encodeErrorOf(() =>
        writer.deliverRun(cursor, ({ routingKey }) => (routingKey === "b" ? many : three)),
      );
      expect(error.path).toBe(path);
      expect(new FrameReader().push(writer.flush()).length).toBe(9);
      expect(writer.deliverRun(cursor, () => three)?.contents).toBe(1);
    }
  });

  test("are prepared: read-only, checked when they are made", () => {
    const octetsOfTag = Uint8Array.of(255, 1);
    const consumer = new PreparedConsumer({ channel: 7, consumerTag: octetsOfTag });
    octetsOfTag[0] = 0;
    expect(() => Object.assign(consumer, { channel: 8 })).toThrow(TypeError);
    expect(() => Object.assign(consumer, { consumerTag: "x" })).toThrow(TypeError);
    expect({ ...consumer }).toEqual({
      channel: 7,
      consumerTag: Uint8Array.of(255, 1),
      deliveryTag: 0,
      redelivered: false,
      credit: Infinity,
    });
    for (const [wrong, path] of [
      [{ channel: 0 }, "channel"],
      [{ consumerTag: "x".repeat(256) }, "consumerTag"],
      [{ consumerTag: "é".repeat(128) }, "consumerTag"],
      [{ consumerTag: new Uint8Array(256) }, "consumerTag"],
      [{ consumerTag: "\udfff" }, "consumerTag"],
      [{ consumerTag: null }, "consumerTag"],
    ] as const) {
      const given = { channel: 1, consumerTag: "t", ...wrong } as { channel: number; consumerTag: string };
      expect(encodeErrorOf(() => new PreparedConsumer(given)).path).toBe(path);
    }
  });

  test("are prepared: on several cores, and more than any core keeps tags of", () => {
    const codec = createCodec();
    const consumers = Array.from(
      { length: 600 },
      (_, i) => new PreparedConsumer({ channel: 1, consumerTag: `${"x".repeat(240)}${i}` }),
    );
    const here = { FrameCursor, FrameWriter };
    for (const { FrameCursor, FrameWriter } of [here, codec, here, here, codec]) {
      for (let i = 0; i < consumers.length; i += 100) {
        const some = consumers.slice(i, i + 100);
        for (const consumer of some) consumer.deliveryTag = i;
        const writer = new FrameWriter();
        writer.deliverRun(new FrameCursor().push(publish("a", 0)), () => some);
        const plain = new FrameWriter().deliver(atFirst(new FrameCursor().push(publish("a", 0))), some);
        expect(sameOctets(writer.flush(), plain.flush())).toBe(true);
      }
    }
  });

  test("may be what runs something while they are read: it is refused", () => {
    const cursor = new FrameCursor({ messages: true }).push(octets);
    const writer = new FrameWriter();
    const evil: Consumer = {
      // Of the last list: the short way.
      channel: 2,
      consumerTag: "ctag-1",
      get deliveryTag() {
        run();
        return 1;
      },
    };
    let run: () => unknown;
    for (const attempt of [
      () => writer.write(new Basic.Ack({ deliveryTag: 1 }), 1),
      () => new FrameReader().push(octets),
    ]) {
      run = attempt;
      for (const consumers of [[evil], [evil, three[1]!]]) {
        cursor.reset();
        cursor.push(octets);
        expect(() => writer.deliverRun(cursor, ({ routingKey }) => (routingKey === "b" ? consumers : three))).toThrow(
          EncodeError,
        );
        writer.flush();
        expect(writer.deliverRun(cursor, () => three)?.contents).toBe(1);
        expect(new FrameReader().push(writer.flush()).length).toBe(9);
      }
    }
  });

  test("get more than the output holds, in order", () => {
    const many = Array.from({ length: 100 }, (_, i) => ({ channel: i + 1, consumerTag: `t${i}`, deliveryTag: i }));
    const large = concat(Array.from({ length: 12 }, (_, i) => publish(`k${i}`, 30_000)));
    const how: How = { options: { messages: true }, consumersOf: () => many };
    expect(same([large], how).inRuns).toBe(12);
    const most = Array.from({ length: 60_000 }, (_, i) => many[i % 100]!);
    const small = concat([publish("a", 0), publish("b", 0), publish("c", 0)]);
    const few: How = { options: { messages: true }, consumersOf: (_, count) => (count === 2 ? most : three) };
    expect(same([small], few).inRuns).toBe(3);
    const into = new Uint8Array(100_000);
    const cursor = new FrameCursor().push(large);
    const writer = new FrameWriter();
    writer.deliverRun(cursor, () => many);
    const parts: Uint8Array[] = [];
    for (let n = writer.flushInto(into); n > 0; n = writer.flushInto(into)) parts.push(into.slice(0, n));
    expect(sameOctets(concat(parts), deliver([large], "kept", how).octets)).toBe(true);
  });

  test("are written where somebody else grew the memory", () => {
    const memory = new WebAssembly.Memory({ initial: 64 });
    const codec = createCodec({ memory });
    const cursor = new codec.FrameCursor().push(octets);
    const writer = new codec.FrameWriter();
    for (const consumers of [three, [three[0]!]]) {
      cursor.reset();
      const run = writer.deliverRun(cursor.push(octets), () => {
        memory.grow(1);
        return consumers;
      });
      memory.grow(1);
      expect(run?.contents).toBe(3);
      expect(
        sameOctets(writer.flush(), deliver([octets], "kept", { ...messages, consumersOf: () => consumers }).octets),
      ).toBe(true);
    }
    cursor.reset();
    const evil: Consumer = {
      channel: 2,
      consumerTag: "ctag-1",
      get deliveryTag() {
        memory.grow(1);
        return 1;
      },
    };
    const error = encodeErrorOf(() =>
      writer.deliverRun(cursor.push(octets), ({ routingKey }) => (routingKey === "b" ? [evil] : three.slice(0, 1))),
    );
    expect(error.message).toContain("grow");
    expect(framesIn(writer.flush())).toBe(3);
  });

  test("get the octets that came, whatever happens to the chunk and the cursor afterwards", () => {
    const chunk = octets.slice();
    const cursor = new FrameCursor().push(chunk);
    const writer = new FrameWriter();
    writer.deliverRun(cursor, () => three);
    chunk.fill(0);
    cursor.next();
    cursor.push(publish("z", 100)).next();
    new FrameReader().push(publish("y", 70_000));
    expect(sameOctets(writer.flush(), deliver([octets], "kept", messages).octets)).toBe(true);
  });
});

function atFirst(cursor: FrameCursor): FrameCursor {
  expect(cursor.next()).toBe(true);
  return cursor;
}
