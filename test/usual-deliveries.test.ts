/** Deliveries one behind the other are made in a loop of their own, and how depends on what was asked for before. Whatever came before, each frame must be what it is when it is read alone. */
import { expect, test } from "vitest";
import {
  Basic,
  ContentBody,
  ContentHeader,
  FieldTable,
  FrameReader,
  FrameWriter,
  MessageReader,
  Timestamp,
  unmarshal,
  type DecodeError,
  type Message,
  type Frame,
} from "../src/index.js";
import { concat } from "./support/octets.js";
import { Random } from "./support/random.js";

const bodies = [0, 1, 12, 300, 9000];

function headers(random: Random, i: number): Record<string, unknown> | undefined {
  switch (random.below(6)) {
    case 0:
      return undefined;
    case 1:
      return {};
    case 2:
      return { attempt: i % 5, region: "eu-west-1", replayed: i % 2 === 0 };
    case 3:
      return { trace: `trace-${i}`, price: i / 4, at: new Timestamp(i), none: null };
    case 4:
      return { list: [1, { inner: i }], "x-death": [{ count: i, queue: "q" }] };
    default:
      return Object.fromEntries(["a", "b", "c", "d"].filter(() => random.below(2) === 0).map((key) => [key, i]));
  }
}

/** A stream of publishes and deliveries, among them header tables that cannot be read, empty strings, frames without content. */
function stream(seed: number, count: number): Uint8Array {
  const random = new Random(seed);
  const writer = new FrameWriter({ frameMax: 4096 });
  const parts: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const channel = 1 + random.below(3);
    const method =
      random.below(3) > 0
        ? new Basic.Deliver({
            consumerTag: `ctag-${random.below(3)}`,
            deliveryTag: i + 1,
            redelivered: random.below(2) === 0,
            exchange: "events",
            routingKey: random.below(4) === 0 ? `key-${i}` : "orders.eu",
          })
        : new Basic.Publish({ exchange: "events", routingKey: "orders.eu", mandatory: random.below(2) === 0 });
    const properties = new Basic.Properties({
      contentType: random.below(3) > 0 ? "application/json" : undefined,
      headers: headers(random, i) as never,
      deliveryMode: random.below(2) === 0 ? 2 : undefined,
      messageId: random.below(3) > 0 ? `message-${i}` : undefined,
      correlationId: random.below(4) === 0 ? "é" : undefined,
      timestamp: random.below(3) === 0 ? new Timestamp(1_700_000_000 + i) : undefined,
      appId: random.below(8) === 0 ? "app" : undefined,
    });
    parts.push(
      writer.publish(channel, method, properties, new Uint8Array(bodies[random.below(bodies.length)]!).fill(i)).flush(),
    );
    if (random.below(20) === 0) {
      // A header whose table has a type that nobody knows, and one with an empty content type, each in a delivery like the others.
      const method = new Basic.Deliver({
        consumerTag: "ctag-1",
        deliveryTag: i,
        exchange: "events",
        routingKey: "orders.eu",
      });
      const wrong = [0x20, 0, 0, 0, 0, 4, 1, 0x6b, 0xff, 1];
      const empty = [0x80, 0, 0];
      for (const list of [random.below(2) === 0 ? wrong : empty]) {
        parts.push(writer.write(method, 1).flush());
        parts.push(
          Uint8Array.of(2, 0, 1, 0, 0, 0, 12 + list.length, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, ...list, 0xce),
        );
        parts.push(writer.write(new ContentBody(Uint8Array.of(i)), 1).flush());
      }
    }
    if (random.below(15) === 0) parts.push(writer.write(new Basic.Ack({ deliveryTag: i }), channel).flush());
  }
  return concat(parts);
}

/** All that a frame says, or the error that its headers throw. */
function told(frame: Frame): unknown {
  if (frame instanceof ContentBody) return [frame.name, frame.channel, frame.length, [...frame.value]];
  if (!(frame instanceof ContentHeader)) return [frame.name, frame.channel, { ...(frame as Basic.Deliver).toJSON() }];
  const values: unknown[] = [frame.name, frame.channel, frame.bodySize];
  try {
    values.push(frame.properties.headers, frame.properties.propertyFlags);
  } catch (error) {
    values.push(String(error).replace(/\d+/g, "n"));
  }
  for (const name of Basic.Properties.attributes) if (name !== "headers") values.push(frame.properties[name]);
  return values;
}

function alone(octets: Uint8Array): unknown[] {
  const found: unknown[] = [];
  for (let at = 0; at < octets.length;) {
    const { frame, consumed } = unmarshal(octets.subarray(at))!;
    found.push(told(frame));
    at += consumed;
  }
  return found;
}

const ways: Array<[name: string, touch: (frame: Frame) => void]> = [
  ["everything", (frame) => void told(frame)],
  ["nothing", () => undefined],
  ["properties alone", (frame) => frame instanceof ContentHeader && void frame.properties],
  ["bodies alone", (frame) => frame instanceof ContentBody && void frame.value],
];

test.each(ways)("where %s was asked for before", (_, touch) => {
  for (let seed = 1; seed <= 3; seed++) {
    const octets = stream(seed, 400);
    const expected = alone(octets);
    for (const size of [octets.length, 20_000, 3000]) {
      const reader = new FrameReader();
      for (const frame of reader.push(stream(100, 300))) touch(frame);
      const frames: Frame[] = [];
      for (let at = 0; at < octets.length; at += size) {
        const got = reader.push(octets.subarray(at, at + size));
        for (const frame of got) touch(frame);
        frames.push(...got);
      }
      expect(frames.map(told)).toEqual(expected);
    }
  }
});

function isWrong(message: Message): boolean {
  try {
    void message.properties.headers;
    return false;
  } catch {
    return true;
  }
}

test.each([true, false])("messages are the same as their frames, asked for before: %s", (asked) => {
  const octets = stream(7, 400);
  const writer = new FrameWriter({ frameMax: 4096 });
  const bare = concat(
    new MessageReader()
      .push(octets)
      .flatMap((item) =>
        item.name === "Message" && !isWrong(item)
          ? [writer.publish(item.channel, item.method, item.properties, item.body).flush()]
          : [],
      ),
  );
  const reader = new MessageReader();
  for (const item of reader.push(bare)) if (asked && item.name === "Message") void [item.properties, item.body];
  const got = reader
    .push(bare)
    .map((item) => (item.name === "Message" ? [item.method.toJSON(), item.properties.toJSON(), [...item.body]] : []));
  const expected = new MessageReader({ onFrame: () => undefined })
    .push(bare)
    .map((item) => (item.name === "Message" ? [item.method.toJSON(), item.properties.toJSON(), [...item.body]] : []));
  expect(got).toEqual(expected);
  expect(got.length).toBeGreaterThan(300);
});

/** A stream in chunks of 1 to `most` octets, each in a buffer of its own with octets before and behind. */
function* chunks(octets: Uint8Array, random: Random, most: number): Generator<Uint8Array> {
  for (let at = 0, end; at < octets.length; at = end) {
    end = Math.min(octets.length, at + 1 + random.below(most));
    const before = random.below(9);
    const room = new Uint8Array(before + end - at + 5).fill(0xee);
    room.set(octets.subarray(at, end), before);
    yield room.subarray(before, before + end - at);
  }
}

test.each(
  [undefined, true, false].flatMap((lazy) =>
    ([false, true] as const).flatMap((reuse) =>
      (["objects", "exact"] as const).map((tables) => ({ lazy, reuse, tables }) as const),
    ),
  ),
)("however it is cut, and asked for when all is read: %o", ({ lazy, reuse, tables }) => {
  const shown = (frame: Frame): unknown => {
    const values = told(frame) as unknown[];
    return values.map((value) => (value instanceof FieldTable ? [...value.octets] : value));
  };
  const random = new Random(9);
  const octets = stream(11, 150);
  const options = { reuse, tables, ...(lazy === undefined ? {} : { lazy }) };
  const expected = new FrameReader(options).push(octets).map(shown);
  for (const most of [8, 40, 300, 1500, 6000]) {
    for (const watched of [false, true]) {
      const spans: number[][] = [];
      const onFrame = (_: Frame, offset: number, size: number): void => void spans.push([offset, size]);
      const reader = new FrameReader(watched ? { ...options, onFrame } : options);
      const frames: Frame[] = [];
      for (const chunk of chunks(octets, random, most)) {
        frames.push(...reader.push(chunk));
        if (reuse) new Uint8Array(chunk.buffer).fill(0xff);
      }
      expect(frames.map(shown)).toEqual(expected);
      if (watched) {
        const ends = spans.map(([offset, size]) => offset! + size!);
        expect(spans.map(([offset]) => offset)).toEqual([0, ...ends.slice(0, -1)]);
        expect(ends.at(-1)).toBe(octets.length);
      }
    }
  }
});

test("messages, however they are cut", () => {
  const random = new Random(10);
  const octets = stream(12, 200);
  const shown = (item: { name: string }): unknown =>
    item.name === "Message"
      ? [(item as Message).method.toJSON(), isWrong(item as Message), [...(item as Message).body]]
      : told(item as Frame);
  // Some frames stand between others' contents: the reader that is told of each frame takes them one by one.
  const read = (pieces: Iterable<Uint8Array>, options: object): unknown[] => {
    const reader = new MessageReader(options);
    const items: unknown[] = [];
    try {
      for (const piece of pieces) for (const item of reader.push(piece)) items.push(shown(item));
    } catch (error) {
      items.push([(error as DecodeError).offset, (error as DecodeError).replyCode]);
    }
    return items;
  };
  const expected = read([octets], { onFrame: () => undefined });
  expect(expected.length).toBeGreaterThan(10);
  for (const most of [40, 300, 1500, 6000]) {
    for (const lazy of [true, false]) {
      expect(read(chunks(octets, random, most), { lazy })).toEqual(expected);
      expect(read(chunks(octets, random, most), { lazy, reuse: true })).toEqual(expected);
    }
  }
});
