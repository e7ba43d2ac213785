/** Publishes that are like the one before but for id, time and body, which a run takes in fewer steps, and those that only look like it: the same octets and errors as message by message. */
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
  Timestamp,
} from "../src/index.js";
import { concat, cutAt, framesIn, hexOf, sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";

const rounds = Number(globalThis.process?.env["AMQP_WASM_ROUNDS"] ?? 150);

type Properties = ConstructorParameters<typeof Basic.Properties>[0];

/** An order, as a producer of them publishes it: of one size where content type, region and id have it. */
const order =
  (contentType: string, region: string, idOctets: number) =>
  (random: Random, i: number): [Basic.Publish, Properties, number] => [
    new Basic.Publish({ exchange: "events", routingKey: "orders.created.eu" }),
    {
      contentType,
      headers: { attempt: i % 5, replayed: i % 2 === 0, "x-region": region },
      deliveryMode: 2,
      messageId: idOf(random, idOctets),
      timestamp: new Timestamp(1_700_000_000 + i),
    },
    128,
  ];

/** All of a kind have the same size; some kinds have the size of another. */
const kinds: ((random: Random, i: number) => [Basic.Publish, Properties, number])[] = [
  order("application/json", "eu-west-1", 36),
  // As large as the first, with other lengths.
  order("application/jso", "eu-west-1", 37),
  // The same, with a table of another size.
  order("application/json", "eu-west-12", 35),
  // The same octets to another route, and on another place of it.
  (random) => [new Basic.Publish({ exchange: "e", routingKey: "xkey" }), { messageId: idOf(random, 20) }, 40],
  (random) => [new Basic.Publish({ exchange: "ex", routingKey: "key" }), { messageId: idOf(random, 20) }, 40],
  () => [new Basic.Publish({ exchange: "ex", routingKey: "key" }), {}, 1],
  () => [new Basic.Publish({ exchange: "", routingKey: "" }), { deliveryMode: 2, priority: 3 }, 0],
  () => [new Basic.Publish({ exchange: "", routingKey: "q" }), { type: "t", appId: "a", userId: "u" }, 7],
  (random) => [new Basic.Publish({ exchange: "ex", routingKey: "key" }), {}, random.below(60)],
  (random) => [
    new Basic.Publish({ exchange: "ex", routingKey: "long" }),
    { expiration: "60000" },
    3000 + random.below(2),
  ],
  (_, i) => [new Basic.Publish({ exchange: "table", routingKey: "key" }), { headers: { i } }, 10],
  (random) => [
    new Basic.Publish({ exchange: "texts", routingKey: "a.routing.key.of.more.octets.than.the.others.have" }),
    { ...texts, messageId: idOf(random, 8) },
    300,
  ],
];

/** Short strings of all kinds. */
const texts = {
  contentType: "text/plain",
  contentEncoding: "identity",
  correlationId: "c",
  replyTo: "answers",
  expiration: "60000",
  type: "t",
  appId: "app",
};

const idOf = (random: Random, length: number): string =>
  Array.from({ length }, () => random.below(16).toString(16)).join("");

function stream(random: Random, publishes: number): { octets: Uint8Array; begins: number[] } {
  const writer = new FrameWriter();
  const parts: Uint8Array[] = [];
  const begins: number[] = [];
  let at = 0;
  let kind = kinds[0]!;
  let channel = 1;
  for (let i = 0; i < publishes; i++) {
    if (random.chance(9)) kind = random.pick(kinds);
    if (random.chance(20)) channel = 1 + random.below(3);
    const [method, properties, octets] = random.chance(30) ? random.pick(kinds)(random, i) : kind(random, i);
    writer.publish(channel, method, properties, new Uint8Array(octets).fill(random.below(256)));
    const part = writer.flush();
    begins.push(at);
    parts.push(part);
    at += part.length;
  }
  return { octets: concat(parts), begins };
}

interface How {
  options: FrameCursorOptions;
  frameMax: number;
  consumers: number;
  routes: boolean;
  /** In what the run is wanted: an array, or arrays of so many octets of the caller's. */
  target: number;
  meanwhile: ((publish: FrameCursor) => void) | undefined;
  /** Which question is answered with nothing. */
  ends: number;
  /** Most publishes of a run by routes. */
  most?: number;
  /** Where publishes begin, where that is known. */
  begins?: readonly number[];
}

const consumersOf = (count: number, deliveryTag = 0): Consumer[] =>
  Array.from({ length: count }, (_, i) => ({
    channel: i + 2,
    consumerTag: `ctag-${"x".repeat(i % 40)}`,
    deliveryTag,
    redelivered: i % 3 === 0,
  }));

function told(error: unknown): string {
  if (!(error instanceof DecodeError)) throw error;
  const { code, offset, replyCode, path, channel, message } = error;
  return JSON.stringify({ code, offset, replyCode, path, channel, message });
}

const seen = (publish: FrameCursor): string =>
  [publish.offset, publish.channel, publish.exchange, publish.routingKey].join(" ");

function single(pieces: readonly Uint8Array[], { options, frameMax, consumers }: How): [Uint8Array, string[]] {
  const cursor = new FrameCursor(options);
  const writer = new FrameWriter({ frameMax });
  const list: string[] = [];
  let tag = 0;
  try {
    for (const piece of pieces) {
      cursor.push(piece);
      while (cursor.next()) {
        if (cursor.name !== "Basic.Publish") {
          cursor.check();
          continue;
        }
        list.push(`${cursor.offset} ${cursor.channel} ${String(cursor.exchange)} ${String(cursor.routingKey)}`);
        writer.deliver(cursor, consumersOf(consumers, tag));
        tag++;
      }
    }
  } catch (error) {
    list.push(told(error));
  }
  return [writer.flush(), list];
}

function inRuns(pieces: readonly Uint8Array[], how: How): [Uint8Array, string[], number] {
  const { options, frameMax, consumers, routes, target, meanwhile, ends, most, begins } = how;
  const cursor = new FrameCursor(options);
  const writer = new FrameWriter({ frameMax });
  const parts: Uint8Array[] = [];
  const list: string[] = [];
  const all = consumersOf(consumers).map((consumer) =>
    Object.assign(new PreparedConsumer(consumer), { redelivered: consumer.redelivered }),
  );
  const stream = concat(pieces);
  let tag = 0;
  let questions = 0;
  let contents = 0;
  let done = 0;
  const asked = (publish: FrameCursor): readonly Consumer[] | undefined => {
    if (questions++ === ends) return undefined;
    if (
      publish.octets.length > 0 &&
      !sameOctets(publish.octets, stream.subarray(publish.offset, publish.offset + publish.octets.length))
    )
      throw new Error(`other octets under the cursor: ${hexOf(publish.octets)}`);
    const before = seen(publish);
    meanwhile?.(publish);
    if (seen(publish) !== before) throw new Error("the cursor moved");
    if (routes) return all;
    list.push(`${publish.offset} ${publish.channel} ${String(publish.exchange)} ${String(publish.routingKey)}`);
    for (const consumer of all) consumer.deliveryTag = tag;
    tag++;
    return all;
  };
  const take = (): void => {
    if (target === 0) {
      parts.push(writer.flush());
      return;
    }
    for (;;) {
      const into = new Uint8Array(target).fill(0xee);
      const octets = writer.flushInto(into);
      if (octets === 0) return;
      if (into.subarray(octets).some((octet) => octet !== 0xee)) throw new Error("octets behind those that were told");
      parts.push(into.slice(0, octets));
    }
  };
  try {
    for (const piece of pieces) {
      cursor.push(piece);
      for (;;) {
        const run = writer.deliverRun(cursor, asked, { routes, maxContents: most });
        if (run !== undefined) {
          contents += run.contents;
          if (routes && run.contents > (most ?? Infinity)) throw new Error("more than were wanted");

          if (begins !== undefined) {
            const { octets } = run;
            const at = begins.find(
              (begin) => begin >= done && sameOctets(octets, stream.subarray(begin, begin + octets.length)),
            );
            if (at === undefined) throw new Error("another run than came");
            done = at + octets.length;
          }
          const frames = framesIn(run.octets);
          if (frames !== run.frames) throw new Error(`${run.frames} frames, not ${frames}`);
          if (contents % 3 === 0) take();
          if (questions !== ends + 1) continue;
        }
        if (!cursor.next()) break;
        if (cursor.name !== "Basic.Publish") {
          cursor.check();
          continue;
        }
        if (!routes)
          list.push(`${cursor.offset} ${cursor.channel} ${String(cursor.exchange)} ${String(cursor.routingKey)}`);
        if (!routes) for (const consumer of all) consumer.deliveryTag = tag;
        tag++;
        writer.deliver(
          cursor,
          all.map(({ channel, consumerTag, redelivered, deliveryTag }) => ({
            channel,
            consumerTag,
            redelivered,
            deliveryTag,
          })),
        );
        if (routes) for (const consumer of all) consumer.deliveryTag = Number(consumer.deliveryTag) + 1;
      }
    }
  } catch (error) {
    list.push(told(error));
  }
  take();
  return [concat(parts), list, contents];
}

function same(pieces: readonly Uint8Array[], how: How): number {
  const [expected, expectedList] = single(pieces, how);
  const [octets, list, contents] = inRuns(pieces, how);
  if (how.routes) expect(list.at(-1)).toBe(expectedList.at(-1)?.startsWith("{") ? expectedList.at(-1) : undefined);
  else expect(list).toEqual(expectedList);
  if (!sameOctets(octets, expected)) expect(hexOf(octets)).toBe(hexOf(expected));
  return contents;
}

/** What a program may do with a publish that it is asked about. */
function meanwhile(random: Random): How["meanwhile"] {
  if (!random.chance(3)) return undefined;
  const other = new FrameWriter();
  return (publish) => {
    if (!random.chance(3)) return;
    const octets = publish.octets.slice();
    switch (random.below(8)) {
      case 0:
        other.flush();
        other.forward(publish, { channel: 9 });
        break;
      case 1:
        other.deliver(publish, consumersOf(2));
        break;
      case 2:
        // What is wrong ends the cursor.
        publish.check();
        break;
      case 3:
        publish.property("messageId");
        break;
      case 4:
        publish.message();
        break;
      case 5:
        new FrameReader().push(octets);
        break;
      case 6:
        other.deliverRun(new FrameCursor().push(octets), () => consumersOf(1));
        break;
      default:
        other.forward(publish);
        if (!hexOf(other.flush()).endsWith(hexOf(octets))) throw new Error("other octets were forwarded");
    }
    // A frame of its own again, perhaps.
    if (!hexOf(octets).startsWith(hexOf(publish.octets))) throw new Error("other octets than before");
  };
}

const cuts = (random: Random, length: number, most: number): number[] => {
  const found: number[] = [];
  for (let at = random.below(most); at < length; at += 1 + random.below(random.chance(3) ? 60 : most)) found.push(at);
  return found;
};

const howOf = (random: Random): How => ({
  options: { messages: !random.chance(3), strict: random.chance(4), ...(random.chance(9) ? { maxBodySize: 100 } : {}) },
  frameMax: random.pick([4096, 131072, 0]),
  consumers: random.pick([0, 1, 1, 1, 2, 10, 300]),
  routes: !random.chance(3),
  target: random.pick([0, 100, 5000, 20_000, 1 << 17]),
  meanwhile: meanwhile(random),
  ends: random.chance(3) ? random.below(20) : -2,
  ...(random.chance(3) ? { most: 1 + random.below(12) } : {}),
});

describe("publishes that are alike", () => {
  test("go out as message by message, however they are cut and whatever is done meanwhile", () => {
    let contents = 0;
    for (let round = 0; round < rounds; round++) {
      const random = new Random(round + 1);
      const { octets, begins } = stream(random, 20 + random.below(80));
      const pieces = random.chance(4) ? [octets] : cutAt(octets, cuts(random, octets.length, 12_000));
      const how = { ...howOf(random), begins };
      try {
        contents += same(pieces, how);
      } catch (error) {
        throw new Error(`round ${round}, ${JSON.stringify(how)}`, { cause: error });
      }
    }
    expect(contents).toBeGreaterThan(rounds * 20);
  });

  test("are refused as message by message where an octet is wrong", () => {
    let errors = 0;
    for (let round = 0; round < rounds * 4; round++) {
      const random = new Random(100_000 + round);
      const { octets, begins } = stream(random, 6 + random.below(9));
      for (let i = random.below(3); i >= 0; i--) {
        const begin = random.pick(begins);
        // Heads, lengths and ends more often than the rest.
        const at = random.chance(2) ? begin + random.below(80) : random.below(octets.length);
        octets[Math.min(at, octets.length - 1)] = random.pick([0, 1, 2, 3, 0xce, 0xff, random.below(256)]);
      }
      const pieces = random.chance(2) ? [octets] : cutAt(octets, cuts(random, octets.length, 2000));
      const how = { ...howOf(random), meanwhile: undefined };
      try {
        same(pieces, how);
      } catch (error) {
        throw new Error(`round ${round}, ${JSON.stringify(how)}`, { cause: error });
      }
      if (single(pieces, how)[1].at(-1)?.startsWith("{")) errors++;
    }
    expect(errors).toBeGreaterThan(rounds);
  });

  // A method frame's octets are compared 16 at a time.
  const kindsOfAll = [0, 5, 21, 37, 53, 69, 200].map((octets) => ({ routingKey: "k".repeat(octets) }));
  test.each([
    ...kindsOfAll.map((fields): [string, Properties, Properties] => [fields.routingKey, { messageId: "1" }, {}]),
    ["orders", { contentType: "application/json", headers: { a: "b" }, messageId: "123" }, {}],
    ["table", { headers: { a: 1 } }, {}],
    ["none", {}, { deliveryMode: 2 }],
    ["texts", { ...texts, messageId: "1" }, { timestamp: new Timestamp(1) }],
  ])("are not taken for alike where any one octet differs: %j", (routingKey, properties, more) => {
    const writer = new FrameWriter();
    for (let i = 0; i < 7; i++) {
      writer.publish(1, new Basic.Publish({ routingKey }), { ...properties, ...more }, Uint8Array.of(i));
    }
    const octets = writer.flush();
    const size = octets.length / 7;
    const how: How = {
      options: {},
      frameMax: 131072,
      consumers: 1,
      routes: true,
      target: 0,
      meanwhile: undefined,
      ends: -2,
    };
    expect(same([octets], how)).toBe(7);
    for (let at = 5 * size; at < 6 * size; at++) {
      for (const bit of [1, 0x80]) {
        const wrong = octets.slice();
        wrong[at]! ^= bit;
        same([wrong], how);
      }
    }
  });

  test("of all sizes go out to every place of an array", () => {
    for (let size = 0; size < 600; size += size < 300 ? 1 : 7) {
      const writer = new FrameWriter();
      for (let i = 0; i < 20; i++) {
        const routingKey = "k".repeat(size % 5);
        writer.publish(1, new Basic.Publish({ routingKey }), {}, new Uint8Array(size).fill(i + 1));
      }
      const octets = writer.flush();
      for (const consumers of [1, 3]) {
        const how = { options: {}, frameMax: 131072, consumers, routes: true, target: 1 << 17 };
        expect(same([octets], { ...how, meanwhile: undefined, ends: -2 })).toBe(20);
      }
    }
  });

  test("are not taken for alike by the lengths of others with other properties", () => {
    const writer = new FrameWriter();
    const publish = (properties: Properties): Uint8Array =>
      writer.publish(1, new Basic.Publish({ routingKey: "a" }), properties, Uint8Array.of(1)).flush();
    const one = publish({ contentType: "ab" });
    const other = publish({ deliveryMode: 2, messageId: "x" });
    // So often that the lengths of the last one are kept for good, which the mode of the other is taken for.
    const often = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? other : one));
    const wrong = other.slice();
    const at = wrong.indexOf("x".charCodeAt(0)) - 1;
    expect([one.length, wrong[at]]).toEqual([other.length, 1]);
    wrong[at] = 0;
    same([concat([...often, other, wrong])], {
      options: {},
      frameMax: 131072,
      consumers: 1,
      routes: true,
      target: 0,
      meanwhile: undefined,
      ends: -2,
    });
  });

  test.each([1, 2, 10])("fill arrays of any size, to %i consumers", (consumers) => {
    const random = new Random(consumers);
    const writer = new FrameWriter();
    for (let i = 0; i < 300; i++) {
      const [method, properties, octets] = kinds[0]!(random, i);
      writer.publish(1, method, properties, new Uint8Array(octets).fill(i));
    }
    const octets = writer.flush();
    for (const target of [12_287, 12_288, 12_700, 30_000, 1 << 17, 1 << 20]) {
      for (const routes of [false, true]) {
        const how = { options: {}, frameMax: 131072, consumers, routes, target, meanwhile: undefined, ends: -2 };
        expect(same([octets], how)).toBe(300);
      }
    }
  });

  test("that a chunk cuts are forwarded as they came by who is asked about them", () => {
    const random = new Random(3);
    const [method, properties, octets] = kinds[0]!(random, 0);
    const one = new FrameWriter().publish(1, method, properties, new Uint8Array(octets)).flush();
    for (let at = 1; at < one.length; at++) {
      const cursor = new FrameCursor({ messages: true });
      const writer = new FrameWriter();
      const other = new FrameWriter();
      const asked = (publish: FrameCursor): Consumer[] => {
        other.forward(publish);
        return [];
      };
      const [first, second] = cutAt(concat([one, one, one, one]), [one.length + at]);
      for (const piece of [first!, second!]) {
        cursor.push(piece);
        while (writer.deliverRun(cursor, asked) !== undefined);
        expect(cursor.next()).toBe(false);
      }
      const forwarded = other.flush();
      if (!sameOctets(forwarded, concat([one, one, one, one])))
        expect(`cut at ${at}: ${hexOf(forwarded)}`).toBe(hexOf(one));
    }
  });
});
