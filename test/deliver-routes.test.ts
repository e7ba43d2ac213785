/** Runs of deliveries with consumers that are asked for once a route: the same octets as message by message, with tags that are counted here. */
import { describe, expect, test } from "vitest";
import {
  Basic,
  type Consumer,
  createCodec,
  DecodeError,
  type DeliverRunOptions,
  FrameCursor,
  type FrameCursorOptions,
  FrameReader,
  FrameWriter,
  Heartbeat,
  marshal,
  PreparedConsumer,
} from "../src/index.js";
import { captureNames, loadCapture } from "./support/captures.js";
import { concat, cutAt, hexOf, sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";
import { loadVectors, vectorOctets } from "./support/vectors.js";
import { encodeErrorOf } from "./support/wire.js";

interface Given {
  channel: number;
  consumerTag: string | Uint8Array;
  deliveryTag: bigint;
  redelivered: boolean;
  credits: number[];
}

interface How {
  options?: FrameCursorOptions;
  frameMax?: number;
  limits?: Omit<DeliverRunOptions, "routes">;
  /** Consumers of a route, by its exchange and routing key. */
  given: (route: string) => readonly Given[];
  /** Called whenever consumers are asked for. */
  meanwhile?: (publish: FrameCursor, writer: FrameWriter, take: (octets: Uint8Array) => void) => void;
}

interface Delivered {
  octets: Uint8Array;
  error: string | undefined;
  /** The next tags of all consumers, by route. */
  tags: string;
  contents: number;
  asked: number;
}

const routeOf = ({ exchange, routingKey }: FrameCursor): string => `${String(exchange)}\n${String(routingKey)}`;

function told(error: unknown): string {
  if (!(error instanceof DecodeError)) return String(error);
  const { code, offset, replyCode, path, channel } = error;
  return JSON.stringify({ code, offset, replyCode, path, channel });
}

/** Tags as the standard has them: of a channel, whoever of its consumers gets them. */
function turns<C extends { channel: number }>(list: readonly C[], tagOf: (consumer: C) => bigint): bigint[] {
  const next = new Map<number, bigint>();
  for (const consumer of list) {
    const tag = tagOf(consumer);
    if (tag > (next.get(consumer.channel) ?? -1n)) next.set(consumer.channel, tag);
  }
  return list.map(({ channel }) => {
    const tag = next.get(channel)!;
    next.set(channel, tag + 1n);
    return tag;
  });
}

const afterTurns = (list: readonly { channel: number }[], tags: readonly bigint[]): bigint[] => {
  const channels = list.map(({ channel }) => channel);
  return channels.map((channel) => tags[channels.lastIndexOf(channel)]! + 1n);
};

/** Message by message. */
function single(pieces: readonly Uint8Array[], { options = {}, frameMax = 131072, given }: How): Delivered {
  const cursor = new FrameCursor(options);
  const writer = new FrameWriter({ frameMax });
  const lists = new Map<string, { list: readonly Given[]; tags: bigint[] }>();
  let error: string | undefined;
  try {
    for (const piece of pieces) {
      cursor.push(piece);
      while (cursor.next()) {
        if (cursor.name !== "Basic.Publish") {
          cursor.check();
          continue;
        }
        const route = routeOf(cursor);
        let of = lists.get(route);
        if (of === undefined) {
          const list = given(route);
          lists.set(route, (of = { list, tags: list.map(({ deliveryTag }) => deliveryTag) }));
        }
        const { list, tags } = of;
        const index = new Map(list.map((consumer, i) => [consumer, i]));
        const now = turns(list, (consumer) => tags[index.get(consumer)!]!);
        writer.deliver(
          cursor,
          list.map(({ channel, consumerTag, redelivered }, i) => ({
            channel,
            consumerTag,
            redelivered,
            deliveryTag: now[i]!,
          })),
        );
        of.tags = afterTurns(list, now);
      }
    }
  } catch (thrown) {
    error = told(thrown);
  }
  const tags = [...lists].map(([route, { tags }]) => `${route} ${tags.join()}`).join("; ");
  return { octets: writer.flush(), error, tags, contents: 0, asked: 0 };
}

function inRuns(
  pieces: readonly Uint8Array[],
  { options = {}, frameMax = 131072, limits = {}, given, meanwhile }: How,
): Delivered {
  const cursor = new FrameCursor(options);
  const writer = new FrameWriter({ frameMax });
  const parts: Uint8Array[] = [];
  const lists = new Map<string, { list: PreparedConsumer[]; credits: number[][] }>();
  let contents = 0;
  let asked = 0;
  let error: string | undefined;
  /** Why consumers are asked for: a run begins, the route changes, a credit was used up. */
  let before: string | undefined;
  const listOf = (publish: FrameCursor): PreparedConsumer[] => {
    const route = routeOf(publish);
    let of = lists.get(route);
    if (of === undefined) {
      const all = given(route);
      const list = all.map((consumer) =>
        Object.assign(new PreparedConsumer(consumer), {
          deliveryTag: consumer.deliveryTag <= 2n ** 53n ? Number(consumer.deliveryTag) : consumer.deliveryTag,
          redelivered: consumer.redelivered,
          credit: 0,
        }),
      );
      lists.set(route, (of = { list, credits: all.map(({ credits }) => [...credits]) }));
    }
    for (const [i, consumer] of of.list.entries()) {
      expect(consumer.credit).toBeGreaterThanOrEqual(0);
      if (consumer.credit === 0) consumer.credit = of.credits[i]!.shift() ?? Infinity;
    }
    return of.list;
  };
  const answer = (publish: FrameCursor): readonly Consumer[] => {
    asked++;
    const route = routeOf(publish);
    if (before === route) expect(lists.get(route)!.list.some(({ credit }) => credit === 0)).toBe(true);
    before = route;
    meanwhile?.(publish, writer, (octets) => parts.push(octets));
    return listOf(publish);
  };
  try {
    for (const piece of pieces) {
      cursor.push(piece);
      for (;;) {
        for (;;) {
          before = undefined;
          const run = writer.deliverRun(cursor, answer, { ...limits, routes: true });
          if (run === undefined) break;
          contents += run.contents;
          expect(run.contents).toBeLessThanOrEqual(limits.maxContents ?? Infinity);
          const frames = new FrameCursor().push(run.octets);
          let count = 0;
          while (frames.next()) count++;
          expect(count).toBe(run.frames);
          expect([cursor.name, routeOf(cursor)]).toEqual(["Basic.Publish", before]);
        }
        if (!cursor.next()) break;
        if (cursor.name !== "Basic.Publish") {
          cursor.check();
          continue;
        }
        const list = listOf(cursor);
        const tags = turns(list, ({ deliveryTag }) => BigInt(deliveryTag));
        writer.deliver(
          cursor,
          list.map(({ channel, consumerTag, redelivered }, i) => ({
            channel,
            consumerTag,
            redelivered,
            deliveryTag: tags[i]!,
          })),
        );
        for (const [i, tag] of afterTurns(list, tags).entries()) {
          list[i]!.deliveryTag = tag;
          list[i]!.credit -= 1;
        }
      }
    }
  } catch (thrown) {
    error = told(thrown);
  }
  parts.push(writer.flush());
  const tags = [...lists]
    .map(([route, { list }]) => `${route} ${list.map(({ deliveryTag }) => deliveryTag).join()}`)
    .join("; ");
  return { octets: concat(parts), error, tags, contents, asked };
}

function same(pieces: readonly Uint8Array[], how: How): Delivered {
  const actual = inRuns(pieces, how);
  const expected = single(pieces, how);
  expect(actual.error).toBe(expected.error);
  if (expected.error === undefined) expect(actual.tags).toBe(expected.tags);
  if (!sameOctets(actual.octets, expected.octets)) {
    const at = expected.octets.findIndex((octet, i) => octet !== actual.octets[i]);
    const around = (octets: Uint8Array): string =>
      `${octets.length} octets, at ${at} ${hexOf(octets.subarray(Math.max(0, at - 16), at + 32))}`;
    expect(around(actual.octets)).toBe(around(expected.octets));
  }
  return actual;
}

interface More {
  channel?: number;
  exchange?: string;
  frameMax?: number;
  mandatory?: boolean;
  /** Reserved, and ignored by all that read it. */
  ticket?: number;
}

function publish(
  routingKey: string,
  octets: number,
  { channel = 1, exchange = "ex", frameMax = 131072, mandatory = false, ticket = 0 }: More = {},
): Uint8Array {
  const frames = new FrameWriter({ frameMax })
    .publish(
      channel,
      new Basic.Publish({ exchange, routingKey, mandatory }),
      octets % 3 === 0 ? {} : { contentType: "text/plain", headers: { a: 1 }, messageId: `m${octets}` },
      new Uint8Array(octets).fill(octets),
    )
    .flush();
  frames[12] = ticket;
  return frames;
}

const ack = marshal(new Basic.Ack({ deliveryTag: 7 }), 3);
const heartbeat = marshal(new Heartbeat(), 0);

const TAGS = ["a", "ctag-1.Xy", "", "x".repeat(255), "ü", Uint8Array.of(255, 254)];
const FIRST = [0n, 1n, 2n ** 32n - 3n, 2n ** 53n - 3n, 2n ** 63n, 2n ** 64n - 10_000n];

/** Consumers of a route, the same whoever asks. */
function consumersFor(seed: number, mostConsumers = 12): (route: string) => Given[] {
  return (route) => {
    let number = seed;
    for (const character of route) number = (number * 31 + character.charCodeAt(0)) >>> 0;
    const random = new Random(number);
    const count = random.pick([0, 1, 1, 1, 2, 3, random.below(mostConsumers + 1)]);
    const channels = random.chance(4) ? 1 + random.below(4) : 0xffff;
    return Array.from({ length: count }, () => ({
      channel: 1 + random.below(channels),
      consumerTag: random.chance(2) ? random.pick(TAGS) : `tag-${random.below(50)}`,
      deliveryTag: random.pick(FIRST),
      redelivered: random.chance(4),
      credits: random.chance(3) ? Array.from({ length: 30 }, () => 1 + random.below(7)) : [],
    }));
  };
}

/** Publishes of which many share a route with the one before, and others. */
function randomStream(random: Random, items: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let route: [string, string] = ["ex", "key"];
  for (let i = 0; i < items; i++) {
    if (random.chance(5)) {
      route = random.pick([
        ["ex", "key"],
        ["e", "xkey"],
        ["exk", "ey"],
        ["", "exkey"],
        ["ex", "kez"],
        ["x".repeat(127), "y".repeat(255)],
        ["", ""],
      ]);
    }
    const channel = random.chance(4) ? 1 + random.below(3) : 1;
    const [exchange, key] = route;
    const more = { channel, exchange, ticket: random.chance(9) ? 5 : 0, mandatory: random.chance(6) };
    switch (random.below(20)) {
      case 0:
        parts.push(random.pick([ack, heartbeat]));
        break;
      case 1:
        parts.push(publish(key, 5000 + random.below(9000), { ...more, frameMax: 4096 }));
        break;
      case 2:
        parts.push(publish(key, 20_000 + random.below(50_000), more));
        break;
      case 3:
        parts.push(publish(key, 0, more));
        break;
      default:
        parts.push(publish(key, random.chance(2) ? 100 : random.below(700), more));
    }
  }
  return concat(parts);
}

function cuts(random: Random, length: number, most: number): number[] {
  const found: number[] = [];
  for (let at = random.below(most); at < length; at += 1 + random.below(random.chance(3) ? 60 : most)) found.push(at);
  return found;
}

const modes: FrameCursorOptions[] = [{}, { messages: true }];

describe("runs by routes", () => {
  test.each(modes)("write what single deliveries write, at every split: %o", (options) => {
    const octets = concat([
      publish("a", 3),
      publish("a", 0),
      publish("a", 9, { mandatory: true }),
      ack,
      publish("a", 1, { channel: 2 }),
      publish("b", 1),
      publish("b", 1),
      heartbeat,
      publish("b", 2),
    ]);
    for (const seed of [1, 2, 3]) {
      const given = consumersFor(seed);
      for (let at = 0; at <= octets.length; at++) same(cutAt(octets, [at]), { options, given });
      expect(same([octets], { options, given }).contents).toBe(7);
      same(
        Array.from(octets, (octet) => Uint8Array.of(octet)),
        { options, given },
      );
    }
  });

  test.each(modes)("of random streams with random consumers: %o", (options) => {
    const random = new Random(17);
    let contents = 0;
    let asked = 0;
    for (let round = 0; round < 120; round++) {
      const octets = randomStream(random, 60);
      const how: How = {
        options: { ...options, strict: random.chance(2), ...(random.chance(6) ? { maxBodySize: 650 } : {}) },
        frameMax: random.pick([4096, 131072, 0]),
        given: consumersFor(round, random.chance(8) ? 150 : 12),
        limits: random.chance(3) ? { maxContents: 1 + random.below(9) } : {},
      };
      if (random.chance(5)) Object.assign(how.limits!, { maxBodySize: random.below(300), channelMax: 2 });
      if (random.chance(4)) {
        how.meanwhile = (_, writer, take) => {
          switch (random.below(6)) {
            case 0:
              return take(writer.flush());
            case 1:
              return void writer.bytesPending;
            case 2:
              return void new FrameReader().push(publish("z", 300));
            case 3:
              return void new FrameWriter().deliverRun(new FrameCursor().push(publish("z", 9)), () => []);
          }
        };
      }
      const run = same(random.chance(3) ? [octets] : cutAt(octets, cuts(random, octets.length, 30_000)), how);
      contents += run.contents;
      asked += run.asked;
    }
    expect(contents).toBeGreaterThan(1500);
    expect(asked).toBeLessThan(contents * 0.8);
  });

  test.each(modes)("of streams with wrong octets: the same errors at the same places: %o", (options) => {
    const random = new Random(23);
    const octets = concat([publish("a", 4), publish("a", 4), publish("a", 4), publish("b", 0), publish("b", 40), ack]);
    const errors = new Set<string>();
    for (let round = 0; round < 3000; round++) {
      const wrong = octets.slice();
      for (let i = random.below(2); i >= 0; i--) {
        wrong[random.below(wrong.length)] = random.pick([0, 1, 2, 3, 0xce, 0xff, random.below(256)]);
      }
      const { error } = same(random.chance(2) ? [wrong] : cutAt(wrong, [random.below(wrong.length)]), {
        options: { ...options, strict: random.chance(2) },
        given: consumersFor(round),
      });
      if (error !== undefined) errors.add((JSON.parse(error) as { code: string }).code);
    }
    expect(errors.size).toBeGreaterThan(8);
  });

  test.each(captureNames)("of captured traffic: %s", async (name) => {
    const random = new Random(captureNames.indexOf(name) + 1);
    const { c2s, s2c } = await loadCapture(name);
    for (const { octets } of [c2s, s2c]) {
      for (const options of modes) {
        same([octets], { options, given: consumersFor(5) });
        same(cutAt(octets, cuts(random, octets.length, 4000)), { options, given: consumersFor(6) });
      }
    }
  });

  test("of the vectors' streams", () => {
    for (const vector of loadVectors("streams")) {
      const octets = vectorOctets(vector);
      for (const options of modes) same([octets, octets, octets], { options, given: consumersFor(3) });
    }
  });
});

const ten = concat(Array.from({ length: 10 }, (_, i) => publish("a", i)));
const prepared = (channel = 1, more: Partial<PreparedConsumer> = {}): PreparedConsumer =>
  Object.assign(new PreparedConsumer({ channel, consumerTag: "t" }), more);
const tagsOf = (octets: Uint8Array): unknown[] =>
  new FrameReader().push(octets).flatMap((frame) => (frame instanceof Basic.Deliver ? [frame.deliveryTag] : []));

describe("a route", () => {
  test("is asked for once, and its tags count up", () => {
    const consumer = prepared(1, { deliveryTag: 5 });
    const writer = new FrameWriter();
    let asked = 0;
    const run = writer.deliverRun(new FrameCursor().push(ten), () => (asked++, [consumer]), { routes: true });
    expect([run?.contents, run?.octets.length, asked, consumer.deliveryTag]).toEqual([10, ten.length, 1, 15]);
    expect(tagsOf(writer.flush())).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  });

  test.each<[number | bigint, number | bigint]>([
    [2 ** 32 - 5, 2 ** 32 + 5],
    [2 ** 53 - 11, 2 ** 53 - 1],
    [2 ** 53 - 10, 2n ** 53n],
    [2n ** 53n - 20n, 2 ** 53 - 10],
    [2n ** 63n, 2n ** 63n + 10n],
    [2n ** 64n - 10n, 2n ** 64n],
  ])("counts from %s to %s", (from, to) => {
    const consumer = prepared(1, { deliveryTag: from });
    const writer = new FrameWriter();
    writer.deliverRun(new FrameCursor().push(ten), () => [consumer], { routes: true });
    expect(consumer.deliveryTag).toBe(to);
    expect(tagsOf(writer.flush()).map(String)).toEqual(
      Array.from({ length: 10 }, (_, i) => String(BigInt(from) + BigInt(i))),
    );
  });

  test("ends where there are no more tags", () => {
    const consumer = prepared(1, { deliveryTag: 2n ** 64n - 4n });
    const cursor = new FrameCursor().push(ten);
    const writer = new FrameWriter();
    const error = encodeErrorOf(() => writer.deliverRun(cursor, () => [consumer], { routes: true }));
    expect(error.path).toBe("deliveryTag");
    expect(tagsOf(writer.flush())).toEqual([4n, 3n, 2n, 1n].map((less) => 2n ** 64n - less));
    // The fifth was passed by.
    consumer.deliveryTag = 1;
    expect(writer.deliverRun(cursor, () => [consumer], { routes: true })?.contents).toBe(5);
  });

  test("counts the tags of a channel, whoever of its consumers gets them", () => {
    const list = [prepared(1, { deliveryTag: 3 }), prepared(2), prepared(1, { deliveryTag: 7 })];
    const writer = new FrameWriter();
    writer.deliverRun(new FrameCursor().push(concat([publish("a", 1), publish("a", 2)])), () => list, { routes: true });
    expect(list.map(({ deliveryTag }) => deliveryTag)).toEqual([11, 2, 11]);
    expect(tagsOf(writer.flush())).toEqual([7, 0, 8, 9, 1, 10]);
  });

  test("is asked for again when a credit is used up", () => {
    const [a, b] = [prepared(1, { credit: 3 }), prepared(2)];
    const lists = [[a, b], [b], undefined];
    let asked = 0;
    const cursor = new FrameCursor().push(ten);
    const writer = new FrameWriter();
    const run = writer.deliverRun(
      cursor,
      () => {
        expect([a.credit, a.deliveryTag, b.deliveryTag]).toEqual(
          [
            [3, 0, 0],
            [0, 3, 3],
            [0, 3, 5],
          ][asked],
        );
        if (asked === 1) b.credit = 2;
        return lists[asked++];
      },
      { routes: true },
    );
    expect([run?.contents, asked, b.credit]).toEqual([5, 3, 0]);
    expect(cursor.next() && cursor.offset).toBe(run?.octets.length);
    expect(tagsOf(writer.flush())).toEqual([0, 0, 1, 1, 2, 2, 3, 4]);
  });

  test("may be answered with nobody, and ends after as many publishes as are wanted", () => {
    const cursor = new FrameCursor({ messages: true }).push(ten);
    const writer = new FrameWriter();
    const options = { routes: true, maxContents: 4 };
    expect(writer.deliverRun(cursor, () => [], options)?.contents).toBe(4);
    expect([cursor.offset, cursor.bodySize]).toEqual([
      publish("a", 0).length + publish("a", 1).length + publish("a", 2).length,
      3,
    ]);
    const consumer = prepared();
    expect(writer.deliverRun(cursor, () => [consumer], options)?.contents).toBe(4);
    expect(writer.deliverRun(cursor, () => undefined, options)).toBeUndefined();
    expect(writer.deliverRun(cursor, () => [consumer], options)?.contents).toBe(2);
    expect(writer.deliverRun(cursor, () => [consumer], options)).toBeUndefined();
    expect(tagsOf(writer.flush())).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test.each<[string, DeliverRunOptions, readonly unknown[], string]>([
    ["a plain consumer", {}, [{ channel: 1, consumerTag: "t", deliveryTag: 1 }], "consumersOf"],
    ["none at all", {}, [undefined], "consumersOf"],
    ["a credit of 0", {}, [prepared(1, { credit: 0 })], "credit"],
    ["a credit of half a delivery", {}, [prepared(1, { credit: 0.5 })], "credit"],
    ["a credit that is no number", {}, [prepared(1, { credit: NaN })], "credit"],
    ["a credit that is missing", {}, [prepared(1, { credit: undefined as unknown as number })], "credit"],
    ["a credit in letters", {}, [prepared(1, { credit: "many" as unknown as number })], "credit"],
    ["a bigint as credit", {}, [prepared(1, { credit: (2n ** 40n) as unknown as number })], "credit"],
    ["a tag below 0", {}, [prepared(1, { deliveryTag: -1 })], "deliveryTag"],
    ["a tag of 2^64", {}, [prepared(1, { deliveryTag: 2n ** 64n })], "deliveryTag"],
    ["a tag that is lost", {}, [prepared(1, { deliveryTag: 2 ** 53 })], "deliveryTag"],
    ["a channel's last tag for two", {}, [1, 2].map(() => prepared(1, { deliveryTag: 2n ** 64n - 1n })), "deliveryTag"],
    ["no publishes at most", { maxContents: 0 }, [], "maxContents"],
  ])("with %s is refused, and nothing of its message is written", (_, options, wrong, path) => {
    const octets = concat([publish("a", 3), publish("b", 4), publish("c", 5)]);
    const fine = prepared(9);
    for (const more of [[], [fine], Array.from({ length: 130 }, (_, i) => prepared(20 + i))]) {
      const writer = new FrameWriter();
      const cursor = new FrameCursor().push(octets);
      const first = prepared(3);
      const answer = ({ routingKey }: FrameCursor): readonly Consumer[] =>
        routingKey === "b" ? ([...more, ...wrong] as Consumer[]) : [first];
      const error = encodeErrorOf(() => writer.deliverRun(cursor, answer, { routes: true, ...options }));
      expect(error.path).toBe(path);
      expect(tagsOf(writer.flush())).toEqual(path === "maxContents" ? [] : [0]);
      if (path === "maxContents") continue;
      expect([fine.deliveryTag, first.deliveryTag]).toEqual([0, 1]);
      expect(writer.deliverRun(cursor, () => [first], { routes: true })?.contents).toBe(1);
    }
    const twice = prepared();
    expect(
      encodeErrorOf(() =>
        new FrameWriter().deliverRun(new FrameCursor().push(ten), () => [twice, twice], { routes: true }),
      ).message,
    ).toContain("twice");
  });

  test.each<[string, unknown]>([
    ["an object", {}],
    ["a set", new Set([prepared()])],
    ["null", null],
    ["a number", 3],
  ])("answered with %s is refused, and runs after it count as before", (_, wrong) => {
    const writer = new FrameWriter();
    const answer = (): readonly Consumer[] => wrong as Consumer[];
    const error = encodeErrorOf(() => writer.deliverRun(new FrameCursor().push(ten), answer, { routes: true }));
    expect(error.path).toBe("consumersOf");
    // Two of a channel, which have to take turns.
    const list = [prepared(4), prepared(4)];
    writer.deliverRun(new FrameCursor().push(publish("a", 1)), () => list, { routes: true });
    expect(tagsOf(writer.flush())).toEqual([0, 1]);
  });

  test("keeps to callbacks that throw: what came before is written", () => {
    const cursor = new FrameCursor().push(concat([publish("a", 3), publish("a", 3), publish("b", 4), publish("b", 5)]));
    const writer = new FrameWriter();
    const consumer = prepared();
    const answer = ({ routingKey }: FrameCursor): readonly Consumer[] => {
      if (routingKey === "b") throw new RangeError("mine");
      return [consumer];
    };
    expect(() => writer.deliverRun(cursor, answer, { routes: true })).toThrow("mine");
    expect([consumer.deliveryTag, tagsOf(writer.flush())]).toEqual([2, [0, 1]]);
    expect(writer.deliverRun(cursor, () => [consumer], { routes: true })?.contents).toBe(1);
  });

  test.each<[string, (publish: FrameCursor, writer: FrameWriter) => unknown]>([
    ["next", (publish) => publish.next()],
    ["a run of the same cursor", (publish) => new FrameWriter().deliverRun(publish, () => [], { routes: true })],
    ["reset", (publish) => publish.reset()],
  ])("whose callback moves the cursor is refused: %s", (_, move) => {
    const cursor = new FrameCursor().push(ten);
    const writer = new FrameWriter();
    const error = encodeErrorOf(() =>
      writer.deliverRun(cursor, (publish) => (move(publish, writer), [prepared()]), { routes: true }),
    );
    expect(error.path).toBe("consumersOf");
    expect(writer.bytesPending).toBe(0);
  });

  test("may use the writer, others, and other cursors meanwhile", () => {
    const octets = concat(["a", "a", "b", "b", "b", "c", "a"].map((key) => publish(key, 5)));
    for (const use of [
      (_: FrameCursor, writer: FrameWriter) => writer.write(new Basic.Ack({ deliveryTag: 1 }), 4),
      (publish: FrameCursor, writer: FrameWriter) => writer.deliver(publish, []),
      (publish: FrameCursor, writer: FrameWriter) => writer.forward(publish),
      (publish: FrameCursor) => new FrameWriter().deliver(publish, [prepared()]),
      (_: FrameCursor, writer: FrameWriter) =>
        writer.deliverRun(new FrameCursor().push(ten), () => [prepared(8)], { routes: true, maxContents: 3 }),
      () => new FrameReader({ frameMax: 0 }).push(publish("y", 200_000, { frameMax: 0 })),
    ]) {
      const [runs, singles] = [true, false].map((routed) => {
        const writer = new FrameWriter();
        const cursor = new FrameCursor({ messages: true }).push(octets);
        const consumer = prepared(3);
        const answer = (publish: FrameCursor): PreparedConsumer[] => (use(publish, writer), [consumer]);
        if (routed) {
          expect(writer.deliverRun(cursor, answer, { routes: true })?.contents).toBe(7);
        } else {
          let route = "";
          while (cursor.next()) {
            if (routeOf(cursor) !== route) answer(cursor);
            route = routeOf(cursor);
            writer.deliver(cursor, [consumer]);
            consumer.deliveryTag = Number(consumer.deliveryTag) + 1;
          }
        }
        return hexOf(writer.flush());
      });
      expect(runs).toBe(singles);
    }
  });

  test("may have consumers whose setters do anything", () => {
    const octets = concat([publish("a", 1), publish("a", 2), publish("b", 3), publish("b", 4)]);
    for (const use of [
      (_: FrameCursor, writer: FrameWriter) => writer.bytesPending,
      (_: FrameCursor, writer: FrameWriter) => writer.write(new Basic.Ack({ deliveryTag: 1 }), 4),
      () => new FrameReader().push(octets),
      (publish: FrameCursor) => new FrameWriter().deliver(publish, [prepared()]),
    ]) {
      const writer = new FrameWriter();
      const cursor = new FrameCursor().push(octets);
      const evil = prepared(5);
      let tag: number | bigint = 0;
      Object.defineProperty(evil, "deliveryTag", {
        get: () => tag,
        set: (value: number) => {
          use(cursor, writer);
          tag = value;
        },
      });
      expect(writer.deliverRun(cursor, () => [evil], { routes: true })?.contents).toBe(4);
      expect(tagsOf(writer.flush())).toEqual([0, 1, 2, 3]);
    }
    for (const use of ["get", "set"] as const) {
      const cursor = new FrameCursor().push(octets);
      const writer = new FrameWriter();
      const evil = prepared(5);
      Object.defineProperty(evil, "credit", {
        get: () => (use === "get" && writer.flush(), Infinity),
        set: () => use === "set" && cursor.reset(),
      });
      encodeErrorOf(() => writer.deliverRun(cursor, () => [evil], { routes: true }));
    }
  });

  test("is written where somebody else grew the memory", () => {
    const memory = new WebAssembly.Memory({ initial: 64 });
    const codec = createCodec({ memory });
    const octets = concat([publish("a", 1), publish("a", 2), publish("b", 3), publish("b", 4)]);
    const consumer = prepared(5);
    const writer = new codec.FrameWriter();
    const run = writer.deliverRun(new codec.FrameCursor().push(octets), () => (memory.grow(1), [consumer]), {
      routes: true,
    });
    memory.grow(1);
    expect(run?.contents).toBe(4);
    expect(tagsOf(writer.flush())).toEqual([0, 1, 2, 3]);
    Object.defineProperty(consumer, "redelivered", { get: () => memory.grow(1) === 0 });
    const cursor = new codec.FrameCursor().push(octets);
    expect(encodeErrorOf(() => writer.deliverRun(cursor, () => [consumer], { routes: true })).message).toContain(
      "grow",
    );
  });

  test("gets more than the output holds, in order, in pieces of any size", () => {
    const octets = concat(Array.from({ length: 12 }, (_, i) => publish("k", 30_000 + i)));
    const lists = [true, false].map(() => Array.from({ length: 100 }, (_, i) => prepared(i + 1, { deliveryTag: i })));
    const plain = new FrameWriter();
    const cursor = new FrameCursor({ messages: true }).push(octets);
    while (cursor.next()) {
      plain.deliver(cursor, lists[0]!);
      for (const consumer of lists[0]!) consumer.deliveryTag = Number(consumer.deliveryTag) + 1;
    }
    const expected = plain.flush();
    const writer = new FrameWriter();
    expect(writer.deliverRun(new FrameCursor().push(octets), () => lists[1], { routes: true })?.contents).toBe(12);
    const into = new Uint8Array(100_000);
    const parts: Uint8Array[] = [];
    for (let n = writer.flushInto(into); n > 0; n = writer.flushInto(into)) parts.push(into.slice(0, n));
    expect(sameOctets(concat(parts), expected)).toBe(true);
  });

  test("gets the octets that came, whatever happens to the chunk afterwards", () => {
    const chunk = ten.slice();
    const cursor = new FrameCursor().push(chunk);
    const writer = new FrameWriter();
    const consumer = prepared();
    writer.deliverRun(cursor, () => [consumer], { routes: true });
    chunk.fill(0);
    new FrameReader().push(publish("y", 70_000));
    const others = new FrameWriter();
    others.deliverRun(new FrameCursor().push(ten), () => [prepared()], { routes: true });
    expect(hexOf(writer.flush())).toBe(hexOf(others.flush()));
  });
});
