/** Bodies that chunks cut, one behind the other: what the core gets between them ends where the next one's payload begins. */
import { expect, test } from "vitest";
import type { FrameReader } from "../src/index.js";
import { Basic, createCodec, FrameWriter, Heartbeat } from "../src/index.js";
import { decodeStream } from "./reference.js";
import { read, readingDifference } from "./support/reading.js";
import { cutAt } from "./support/octets.js";
import { Random } from "./support/random.js";

const deliver = new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "k" });

/** Large bodies in a few frames each, and between them nothing, heartbeats, messages of other channels, or many of those. */
function stream(random: Random): Uint8Array {
  const writer = new FrameWriter({ frameMax: random.pick([16_384, 40_000, 131_072]) });
  for (let i = 0; i < 8; i++) {
    for (let small = random.pick([0, 0, 1, 2, 40]); small > 0; small--) {
      if (random.chance(3)) writer.write(new Heartbeat(), 0);
      else writer.publish(1 + random.below(3), deliver, {}, random.octets(random.below(30)));
    }
    writer.publish(4, deliver, { deliveryMode: 2 }, new Uint8Array(20_000 + random.below(60_000)).fill(i + 1));
  }
  return writer.flush();
}

function placesToCut(octets: Uint8Array, random: Random): number[] {
  const cuts: number[] = [];
  for (let at = 0; at < octets.length; cuts.push(at)) at += 8000 + random.below(60_000);
  return cuts.slice(0, -1);
}

test("are read as they are whole, wherever they are cut", () => {
  const random = new Random(1);
  for (let i = 0; i < 40; i++) {
    const octets = stream(random);
    const expected = decodeStream(octets);
    for (const options of [{}, { reuse: true }]) {
      const pieces = cutAt(octets, placesToCut(octets, random));
      expect(readingDifference(read(pieces, options), expected)).toBeUndefined();
    }
  }
});

test("with a wrong octet in the head of any frame are refused as they are whole", () => {
  const random = new Random(2);
  for (let i = 0; i < 60; i++) {
    const octets = stream(random);
    const { frames } = decodeStream(octets);
    const frame = random.pick(frames.slice(4));
    const wrong = octets.slice();
    // Another type, another size, or another end of the frame before.
    wrong[frame.offset + random.pick([-1, 0, 3, 4])]! ^= 0x81;
    const expected = decodeStream(wrong);
    const reading = read(cutAt(wrong, placesToCut(octets, random)));
    expect(readingDifference(reading, expected)).toBeUndefined();
    expect(reading.error?.message).toBe(read([wrong]).error?.message);
  }
});

test.each([-9, -1, 0, 1, 6, 7, 8, 30])("where the chunk ends %i octets behind one that might be whole", (there) => {
  const writer = new FrameWriter({ frameMax: 131_072 });
  for (const size of [50_000, 20_000, 12]) writer.publish(1, deliver, {}, new Uint8Array(size).fill(1));
  const octets = writer.flush();
  const expected = decodeStream(octets);
  const whole = expected.frames.find(({ size }) => size === 20_000)!;
  const pieces = cutAt(octets, [40_000, whole.offset + whole.size + 8 + there]);
  expect(readingDifference(read(pieces), expected)).toBeUndefined();
});

test("are kept out of the core's memory, the beginning of the next one too", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const reader: FrameReader = new (createCodec({ memory }).FrameReader)();
  const writer = new FrameWriter();
  for (const octet of [1, 0xa7]) writer.publish(1, deliver, {}, new Uint8Array(60_000).fill(octet));
  const octets = writer.flush();
  const found = cutAt(octets, [30_000, 90_000]).flatMap((piece) => reader.push(piece));
  expect(found.length).toBe(6);
  expect(new Uint8Array(memory.buffer).filter((octet) => octet === 0xa7).length).toBeLessThan(100);
});
