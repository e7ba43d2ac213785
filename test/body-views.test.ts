/** Bodies know where their octets stand, and make a view when they are first asked for it: wherever they stand, and however large they are. */
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

/** Sizes on both sides of what a body's place can say. */
const sizes = [0, 1, 12, 4096, 32766, 32767, 32768, 32769, 65535, 65536, 70_000];

function octetsOf(size: number, i: number): Uint8Array {
  return new Uint8Array(size).fill(i % 251);
}

/** Deliveries with bodies of all sizes, so many times: far more than the largest place. */
function stream(rounds: number, frameMax: number): { octets: Uint8Array; bodies: Uint8Array[] } {
  const writer = new FrameWriter({ frameMax });
  const bodies: Uint8Array[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const size of sizes) {
      const body = octetsOf(size, bodies.length);
      writer.publish(1, new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "k" }), {}, body);
      bodies.push(body);
      for (let i = 0; i < 20; i++) {
        const small = octetsOf(40 + i, bodies.length);
        writer.publish(1, new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "k" }), {}, small);
        bodies.push(small);
      }
    }
  }
  return { octets: writer.flush(), bodies };
}

const ways = [undefined, true, false].flatMap((lazy) => [true, false].map((reuse) => ({ lazy, reuse })));

test.each(ways)("views of chunks of any size: %o", ({ lazy, reuse }) => {
  const options = { reuse, ...(lazy === undefined ? {} : { lazy }) };
  const { octets, bodies } = stream(3, 131072);
  const filled = bodies.filter((body) => body.length > 0);
  for (const size of [octets.length, 300_000, 65_536, 5000]) {
    const room = new Uint8Array(octets.length + 64);
    room.set(octets, 32);
    const frames = new FrameReader(options);
    const messages = new MessageReader(options);
    const found: ContentBody[] = [];
    const whole: Message[] = [];
    for (let at = 0; at < octets.length; at += size) {
      const chunk = room.subarray(32 + at, 32 + Math.min(octets.length, at + size));
      for (const frame of frames.push(chunk)) if (frame instanceof ContentBody) found.push(frame);
      whole.push(...(messages.push(chunk) as Message[]));
    }
    // What is reused must have been copied before anybody asks.
    if (reuse) room.fill(0xee);
    expect(found.map(({ length }) => length)).toEqual(filled.map(({ length }) => length));
    const wrong = found.filter((body, i) => !new ContentBody(filled[i]).equals(body));
    expect(wrong.length).toBe(0);
    expect(whole.length).toBe(bodies.length);
    expect(whole.filter(({ body }, i) => !new ContentBody(bodies[i]).equals(new ContentBody(body))).length).toBe(0);
    // The same view each time.
    for (const body of found) expect(body.value === body.value).toBe(true);
    for (const message of whole) expect(message.body === message.body).toBe(true);
  }
});

test("a body that is given other octets before it was asked for its own", () => {
  const { octets } = stream(1, 131072);
  for (const frame of new FrameReader().push(octets)) {
    if (!(frame instanceof ContentBody)) continue;
    const before = frame.length;
    frame.value = Uint8Array.of(1, 2, 3);
    expect([frame.length, frame.value, frame.toJSON()]).toEqual([3, Uint8Array.of(1, 2, 3), { length: 3 }]);
    expect(before).toBeGreaterThan(0);
  }
});

test("octets in front of the chunk, and cut frames, move no body", () => {
  const { octets, bodies } = stream(1, 131072);
  const filled = bodies.filter((body) => body.length > 0);
  for (let cut = 1; cut < 400; cut += 7) {
    const reader = new FrameReader({ lazy: false });
    const frames = [...reader.push(octets.slice(0, cut)), ...reader.push(octets.slice(cut))];
    const found = frames.filter((frame): frame is ContentBody => frame instanceof ContentBody);
    expect(found.every((body, i) => new ContentBody(filled[i]).equals(body))).toBe(true);
    expect(found.length).toBe(filled.length);
  }
});

test.each([undefined, true, false])(
  "frames that are decoded later are of the classes that a program knows: lazy %s",
  (lazy) => {
    const { octets } = stream(1, 131072);
    const reader = new FrameReader(lazy === undefined ? {} : { lazy });
    const classes = new Set(reader.push(octets).map((frame) => frame.constructor));
    expect(classes).toEqual(new Set([Basic.Deliver, ContentHeader, ContentBody]));
    const bodies = reader.push(octets).filter((frame) => frame instanceof ContentBody);
    expect(new Set(bodies.map((body) => Object.getPrototypeOf(body) as unknown))).toEqual(
      new Set([ContentBody.prototype]),
    );
  },
);

test("a chunk that was given away: what is said of its bodies needs no view of it", () => {
  const writer = new FrameWriter();
  writer.publish(1, new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "k" }), {}, octetsOf(300, 1));
  const octets = writer.flush();
  const given = octets.slice();
  const [message] = new MessageReader({ lazy: false }).push(given) as Message[];
  const body = new FrameReader({ lazy: false }).push(given)[2] as ContentBody;
  const copied = new FrameReader({ lazy: false, reuse: true }).push(given)[2] as ContentBody;
  structuredClone(given, { transfer: [given.buffer] });
  expect(JSON.parse(JSON.stringify(message))).toMatchObject({ bodySize: 300 });
  expect(String(message)).toContain('"bodySize":300');
  expect(String(body)).toBe('ContentBody {"length":300}');
  expect(copied.value).toEqual(octetsOf(300, 1));
});
