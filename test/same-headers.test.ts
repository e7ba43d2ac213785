/** Messages whose content headers have as many octets as the one before: the core copies it, and writes over what differs. */
import { describe, expect, test } from "vitest";
import { Basic, ContentBody, ContentHeader, createCodec, Timestamp, type PublishValues } from "../src/index.js";
import { concat } from "./support/octets.js";
import { Random } from "./support/random.js";

type Fields = NonNullable<ConstructorParameters<typeof Basic.Properties>[0]>;

const method = new Basic.Publish({ exchange: "events", routingKey: "orders.created.eu" });
const general = createCodec();

/** The general way: frame by frame, in a core that has nothing to remember. */
function alone(channel: number, by: Basic.Publish, properties: Fields, body: Uint8Array): Uint8Array {
  const writer = new general.FrameWriter();
  writer.write(by, channel);
  writer.write(new ContentHeader({ bodySize: body.length, properties: new Basic.Properties(properties) }), channel);
  if (body.length > 0) writer.write(new ContentBody(body), channel);
  return writer.flush();
}

function text(random: Random, lengths: readonly number[]): string {
  const wanted = random.pick(lengths);
  let made = "";
  while (made.length < wanted) made += random.word();
  // With as many octets, now and then: it is written alone, and so are those that come next.
  if (random.chance(300)) return `é${made.slice(2, wanted)}`;
  return made.slice(0, wanted);
}

/** Around the lengths from which on texts are copied in other steps, and those that come most. */
const LENGTHS = [5, 8, 15, 16, 17, 32, 33, 36, 36, 36, 36, 36, 85];

const kinds: Record<string, (random: Random, lengths: readonly number[]) => Fields> = {
  "an id": (random, lengths) => ({ messageId: text(random, lengths) }),
  "an id and a time": (random, lengths) => ({
    contentType: "application/json",
    headers: { "x-region": "eu-west-1" },
    messageId: text(random, lengths),
    timestamp: new Timestamp(random.word()),
  }),
  "an id before what is always the same": (random, lengths) => ({
    messageId: text(random, lengths),
    type: "order",
    userId: "guest",
    appId: "shop",
  }),
  "an id between what is always the same": (random, lengths) => ({
    correlationId: text(random, lengths),
    replyTo: "amq.rabbitmq.reply-to",
    timestamp: new Timestamp(random.word() + 2 ** 40 * random.below(2)),
    type: "order",
  }),
  "a time": (random) => ({
    deliveryMode: 2,
    timestamp: new Timestamp(random.word()),
    appId: "a shop with a long name",
  }),
  "small values": (random) => ({ headers: { a: random.below(256) - 128, b: random.chance(2), c: "always" } }),
  "small values, an id and a time": (random, lengths) => ({
    headers: { attempt: random.below(100), replayed: random.chance(2), "x-region": "eu-west-1" },
    deliveryMode: 2,
    messageId: text(random, lengths),
    timestamp: new Timestamp(random.word()),
  }),
  "two ids": (random, lengths) => ({ correlationId: text(random, lengths), messageId: text(random, lengths) }),
  "an id, a time and any value": (random, lengths) => ({
    headers: { n: random.below(100), note: text(random, lengths) },
    messageId: text(random, lengths),
    timestamp: new Timestamp(random.word()),
  }),
};

/** As many octets in each message, or a few numbers of them. */
const sizes = [[128], [0, 1, 3, 16, 17, 128, 128, 128, 255, 256], [1, 4, 20_000, 32_767]];
const octets = new Random(0).octets(40_000);

function bodyOf(random: Random, among: readonly number[]): Uint8Array {
  const from = random.below(1000);
  return octets.subarray(from, from + random.pick(among));
}

/** Where octets begin to differ; -1 where they do not. */
function firstDifference(found: Uint8Array, expected: Uint8Array): number {
  const at = found.findIndex((octet, i) => octet !== expected[i]);
  return at < 0 && found.length !== expected.length ? found.length : at;
}

describe.each(Object.entries(kinds))("messages with %s", (_, kind) => {
  test.each([1, 2, 3, 4, 5, 6])("have the octets that each has alone (seed %d)", (seed) => {
    const random = new Random(seed);
    const { FrameWriter } = createCodec();
    const writer = new FrameWriter();
    const few = [random.pick(LENGTHS), random.pick(LENGTHS)];
    for (const bodies of sizes) {
      const expected: Uint8Array[] = [];
      const parts: Uint8Array[] = [];
      for (let i = 0; i < (bodies.length === 4 ? 60 : 400); i++) {
        const properties = kind(random, random.chance(3) ? LENGTHS : few);
        const body = bodyOf(random, bodies);
        const channel = random.chance(50) ? 2 : 1;
        writer.publish(channel, method, properties, body);
        expected.push(alone(channel, method, properties, body));
        if (random.chance(100)) parts.push(writer.flush());
      }
      parts.push(writer.flush());
      expect(firstDifference(concat(parts), concat(expected))).toBe(-1);
    }
  });

  test.each([7, 8, 9])("have them where they were prepared, too (seed %d)", (seed) => {
    const random = new Random(seed);
    const { FrameWriter } = createCodec();
    const writer = new FrameWriter();
    const few = [random.pick(LENGTHS), random.pick(LENGTHS)];
    const bare = new Basic.Publish();
    const [by, same] = seed === 8 ? [bare, {}] : [method, kind(random, few)];
    const { messageId, timestamp, correlationId, ...constant } = same;
    const prepared = writer.prepare(by, constant);
    for (const bodies of sizes) {
      const expected: Uint8Array[] = [];
      for (let i = 0; i < (bodies.length === 4 ? 60 : 400); i++) {
        const anew = kind(random, random.chance(3) ? LENGTHS : few);
        const values = {
          ...(messageId !== undefined || random.chance(20) ? { messageId: anew.messageId } : {}),
          ...(timestamp !== undefined || random.chance(20) ? { timestamp: anew.timestamp } : {}),
          ...(correlationId !== undefined || random.chance(20) ? { correlationId: anew.correlationId } : {}),
        };
        const body = bodyOf(random, bodies);
        prepared.publish(3, body, values as PublishValues);
        expected.push(alone(3, by, { ...constant, ...values }, body));
      }
      expect(firstDifference(writer.flush(), concat(expected))).toBe(-1);
    }
  });
});
