/** A reader makes properties together with their frames where its program asks for them: told by the class of what it hands out, which is another where somebody has still to ask. */
import { expect, test } from "vitest";
import {
  Basic,
  ContentBody,
  ContentHeader,
  FrameReader,
  FrameWriter,
  MessageReader,
  type Message,
} from "../src/index.js";

const delivery = new FrameWriter()
  .publish(
    1,
    new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "k" }),
    { messageId: "m" },
    Uint8Array.of(1, 2),
  )
  .flush();
const many = new Uint8Array(delivery.length * 200);
for (let i = 0; i < 200; i++) many.set(delivery, i * delivery.length);

/** Reads chunks and counts headers that wait to be asked; then asks them, or does not. */
function waiting(reader: FrameReader, chunk: Uint8Array, times: number, ask: boolean): number {
  let count = 0;
  for (let i = 0; i < times; i++) {
    for (const frame of reader.push(chunk)) {
      if (frame instanceof ContentHeader) {
        if (Object.getPrototypeOf(frame) !== ContentHeader.prototype) count += 1;
        if (ask) expect(frame.properties.messageId).toBe("m");
      } else if (ask && frame instanceof ContentBody) {
        expect(frame.value).toEqual(Uint8Array.of(1, 2));
      }
    }
  }
  return count;
}

test.each([
  ["one message a chunk", delivery, 300],
  ["many", many, 3],
])("%s: where they are asked for, few wait; where not, all do", (_, chunk, times) => {
  const messages = (times * chunk.length) / delivery.length;
  const reader = new FrameReader();
  for (let round = 0; round < 2; round++) {
    waiting(reader, chunk, times, true);
    const asked = waiting(reader, chunk, times, true);
    // Some tell whether they were asked.
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(messages / 50);
    waiting(reader, chunk, times, false);
    expect(waiting(reader, chunk, times, false)).toBe(messages);
  }
});

test("a new reader begins as the last one of the program ended", () => {
  const first = new FrameReader();
  for (const ask of [true, false, true]) {
    waiting(first, many, 3, ask);
    waiting(first, delivery, 1, ask);
    expect(waiting(new FrameReader(), many, 1, ask) < 10).toBe(ask);
  }
});

test("a reader that is told whether to be lazy asks nobody, and tells no other reader", () => {
  for (const lazy of [true, false]) {
    waiting(new FrameReader(), many, 3, lazy);
    const before = waiting(new FrameReader(), many, 1, lazy);
    const reader = new FrameReader({ lazy });
    for (const ask of [true, false, true]) {
      const count = lazy ? 600 : 0;
      expect(waiting(reader, many, 3, ask)).toBe(count);
      expect(waiting(reader, delivery, 600, ask)).toBe(count);
    }
    expect(waiting(new FrameReader(), many, 1, lazy)).toBe(before);
  }
});

test.each([true, false])("whole messages, lazy: %s", (lazy) => {
  const chunk = many.slice();
  const messages = new MessageReader({ lazy }).push(chunk) as Message[];
  expect(messages.length).toBe(200);
  // The letter of each message id: what is decoded later shows what became of the chunk.
  for (let at = 0; at < chunk.length; at++) if (chunk[at] === 0x6d) chunk[at] = 0x6e;
  for (const { properties, body } of messages) {
    expect(properties.messageId).toBe(lazy ? "n" : "m");
    expect(body).toEqual(Uint8Array.of(1, 2));
  }
});
