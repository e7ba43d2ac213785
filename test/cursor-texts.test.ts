/** Texts under a cursor: each is that of the frame under it, however like the last one it is, and whatever brought the cursor there. */
import { describe, expect, test } from "vitest";
import { Basic, FrameCursor, FrameWriter, Heartbeat, marshal, Queue, type Method } from "../src/index.js";
import { concat, cutAt } from "./support/octets.js";
import { Random } from "./support/random.js";

type Text = string | Uint8Array;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What octets are as a short string. */
function textOf(octets: Uint8Array): Text {
  try {
    return utf8.decode(octets);
  } catch {
    return octets.slice();
  }
}

/** A Publish whose exchange and routing key have these octets, which need not be UTF-8. */
function publish(exchange: Uint8Array, routingKey: Uint8Array, channel = 1): Uint8Array {
  const size = 4 + 2 + 1 + exchange.length + 1 + routingKey.length + 1;
  return concat([
    Uint8Array.of(1, channel >> 8, channel & 0xff, 0, 0, size >> 8, size & 0xff, 0, 60, 0, 40, 0, 0, exchange.length),
    exchange,
    Uint8Array.of(routingKey.length),
    routingKey,
    Uint8Array.of(0, 0xce),
  ]);
}

/** What a cursor reads of each. */
function read(octets: Uint8Array): [Text | undefined, Text | undefined][] {
  const cursor = new FrameCursor().push(octets);
  const texts: [Text | undefined, Text | undefined][] = [];
  while (cursor.next()) texts.push([cursor.exchange, cursor.routingKey]);
  return texts;
}

function expectTexts(pairs: readonly (readonly [Uint8Array, Uint8Array])[]): void {
  const octets = concat(pairs.map(([exchange, key]) => publish(exchange, key)));
  expect(read(octets)).toEqual(pairs.map(([exchange, key]) => [textOf(exchange), textOf(key)]));
}

describe("a text that is nearly the last one", () => {
  // Often enough that it is remembered.
  const often = (octets: Uint8Array): Uint8Array[] => [octets, octets, octets];

  for (const length of [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 25, 31, 32, 33, 40, 64, 255]) {
    test(`of ${length} octets differs where one bit does`, () => {
      const random = new Random(length);
      const last = Uint8Array.from({ length }, () => 0x61 + random.below(26));
      const all = often(last);
      for (let i = 0; i < length; i++) {
        for (const bit of [1, 0x80]) {
          const other = last.slice();
          other[i]! ^= bit;
          all.push(...often(other), last);
        }
      }
      if (length > 0) all.push(last.slice(1), last, last.subarray(0, -1), last);
      expectTexts(all.map((octets) => [octets, octets]));
    });
  }

  test("is told from it where both are numbers that are equal, or not equal to themselves", () => {
    const nothing = new Uint8Array(8);
    const parts = [
      nothing,
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x80),
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0xf8, 0x7f),
      Uint8Array.of(1, 0, 0, 0, 0, 0, 0xf8, 0x7f),
      Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0),
    ];
    const texts = parts.flatMap((first) => [first, ...parts.map((second) => concat([first, second]))]);
    const longer = texts.map((text) => concat([Uint8Array.of(0x61, 0x62, 0x63), text, Uint8Array.of(0x64, 0x65)]));
    const all: [Uint8Array, Uint8Array][] = [];
    for (const list of [texts, longer]) {
      for (const one of list) for (const other of list) all.push([one, one], [one, one], [one, other], [other, one]);
    }
    expectTexts(all);
  });
});

describe("the routing key", () => {
  const keys = ["", "a", "orders", "orders.created.eu", "orders.created.us", "заказы.создан", "x".repeat(40)];
  const command = (random: Random): Method => {
    const [exchange, routingKey] = [random.pick(["", "events", "orders.eu", "orders.us"]), random.pick(keys)];
    if (random.chance(2)) return new Basic.Publish({ exchange, routingKey });
    return new Basic.Deliver({
      consumerTag: random.pick(["", "t", "ctag-1.Xy"]),
      deliveryTag: 1,
      exchange,
      routingKey,
    });
  };

  /** Frames of all kinds, those of contents one behind the other. */
  const stream = (random: Random): Uint8Array => {
    const writer = new FrameWriter({ frameMax: 4096 });
    for (let i = 0; i < 60; i++) {
      const channel = 1 + random.below(3);
      if (random.chance(5)) writer.ack(channel, i);
      else if (random.chance(8)) writer.write(new Queue.Bind({ queue: "q", routingKey: random.pick(keys) }), channel);
      else if (random.chance(9)) writer.write(new Heartbeat());
      else {
        const body = new Uint8Array(random.pick([0, 0, 5, 300, 9000]));
        writer.publish(channel, command(random) as Basic.Publish, { deliveryMode: 2 }, body);
      }
    }
    return writer.flush();
  };

  const look = (cursor: FrameCursor): void => {
    const frame = cursor.frame() as Partial<Basic.Publish>;
    expect([cursor.name, cursor.exchange, cursor.routingKey, cursor.channel]).toEqual([
      frame.name,
      frame.exchange,
      frame.routingKey,
      frame.channel,
    ]);
  };

  for (const messages of [false, true]) {
    test(`is that of the frame under the cursor, whatever brought it there${messages ? ", of messages" : ""}`, () => {
      const consumers = [{ channel: 1, consumerTag: "t", deliveryTag: 1 }];
      for (let seed = 0; seed < 60; seed++) {
        const random = new Random(seed);
        const octets = stream(random);
        const cuts = Array.from({ length: random.below(12) }, () => random.below(octets.length)).sort((a, b) => a - b);
        const cursor = new FrameCursor({ messages });
        const writer = new FrameWriter();
        let looks = 0;
        for (const piece of cutAt(octets, cuts)) {
          cursor.push(piece);
          for (;;) {
            const way = random.below(8);
            if (way === 0 && cursor.passRun() !== undefined) look(cursor);
            else if (way === 1 && writer.forwardRun(cursor, { channelOf: () => 9 }) !== undefined) look(cursor);
            else if (way === 2) {
              writer.deliverRun(cursor, (publish) => {
                look(publish);
                return random.chance(4) ? undefined : consumers;
              });
            }
            if (!cursor.next()) break;
            look(cursor);
            looks += 1;
            const { name } = cursor;
            const deed = random.below(4);
            if (deed === 0) writer.forward(cursor, {});
            else if (deed === 1 && name === "Basic.Publish") writer.deliver(cursor, consumers);
            else if (deed === 2 && name === "Basic.Deliver") writer.return(cursor, { replyCode: 312, replyText: "" });
            if (random.chance(2)) look(cursor);
          }
          writer.flush();
        }
        expect(looks).toBeGreaterThan(3);
      }
    });
  }

  test("is none where the cursor came from a method that has one to a frame that has none", () => {
    const cursor = new FrameCursor().push(
      concat([
        new FrameWriter().publish(1, new Basic.Publish({ routingKey: "a.b" }), {}, new Uint8Array(3)).flush(),
        marshal(new Basic.Ack({ deliveryTag: 1 }), 1),
        marshal(new Heartbeat()),
      ]),
    );
    const seen: unknown[] = [];
    while (cursor.next()) seen.push(cursor.routingKey);
    expect(seen).toEqual(["a.b", undefined, undefined, undefined, undefined]);
    cursor.reset();
    expect(cursor.routingKey).toBeUndefined();
  });
});
