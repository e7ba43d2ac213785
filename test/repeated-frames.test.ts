/** Deliveries that are the one before but for tag and body, and acknowledgements that count up, are one record for many. Whatever stands between them, wherever they are cut, and whoever else reads, each frame must be what the slow decoder makes of it. */
import { expect, test } from "vitest";
import { Basic, FrameReader, FrameWriter, marshal } from "../src/index.js";
import { decodeStream, encodeFrame } from "./reference.js";
import { readingDifference, type Reading } from "./support/reading.js";
import { sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";

const SEEDS = 24;

/** Delivery tags that a run may reach or pass: of one word, of two, of more than a number holds. */
const edges = [1n, 0x7ffffffcn, 0xfffffffcn, 0x1_7fff_fffcn, 2n ** 53n - 3n, 2n ** 64n - 9n];

const lists: readonly Uint8Array[] = [
  [0x10, 0, 2],
  [0x18, 0, 2, 9],
  [0, 0],
  // Content type, empty or not; a table, in which nothing or two fields stand, a string that is not UTF-8, a type that nobody knows.
  [0x80, 0, 1, 0x61],
  [0x80, 0, 0],
  [0x20, 0, 0, 0, 0, 0],
  [0x30, 0, 0, 0, 0, 8, 1, 0x6b, 0x74, 1, 1, 0x6c, 0x62, 7, 2],
  [0x20, 0, 0, 0, 0, 8, 1, 0x6b, 0x53, 0, 0, 0, 1, 0xff],
  [0x20, 0, 0, 0, 0, 4, 1, 0x6b, 0xff, 1],
  // A message id, a timestamp.
  [0, 0x80, 3, 0x69, 0x64, 0x31],
  [0, 0x40, 0, 0, 0, 0, 0x65, 1, 2, 3],
].map((octets) => Uint8Array.from(octets));

function frame(type: number, channel: number, payload: readonly number[]): number[] {
  const size = payload.length;
  return [
    type,
    channel >> 8,
    channel & 255,
    size >>> 24,
    (size >> 16) & 255,
    (size >> 8) & 255,
    size & 255,
    ...payload,
    0xce,
  ];
}

const eight = (tag: bigint): number[] =>
  Array.from({ length: 8 }, (_, i) => Number((tag >> BigInt(56 - 8 * i)) & 255n));
const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)];

/** Frames that nearly repeat. What follows is the one before, most of the time. */
function stream(random: Random, count: number): number[][] {
  const frames: number[][] = [];
  let tag = random.pick(edges);
  let channel = 1;
  let consumer = "ctag-1";
  let key = "orders.created";
  let list = random.pick(lists);
  let size = 3;
  let bits = 0;
  for (let i = 0; i < count; i++) {
    tag = random.below(12) === 0 ? random.pick(edges) : (tag + 1n) & (2n ** 64n - 1n);
    if (random.below(12) === 0) channel = random.pick([1, 2, 258]);
    if (random.below(16) === 0) bits = random.pick([0, 1, 2, 255]);
    if (random.below(8) === 0) list = random.pick(lists);
    if (random.below(12) === 0) size = random.pick([0, 1, 3, 20, 300, 40_000]);
    if (random.below(16) === 0) consumer = random.pick(["ctag-1", "ctag-2", ""]);
    if (random.below(16) === 0) key = random.pick(["orders.created", "orders.deleted", ""]);
    const kind = random.below(40);
    if (kind < 14) {
      // Acknowledgements.
      for (let n = random.below(9); n > 0; n--, tag = (tag + 1n) & (2n ** 64n - 1n))
        frames.push(frame(1, channel, [0, 60, 0, 80, ...eight(tag), random.below(8) === 0 ? bits ^ 1 : bits]));
    } else if (kind === 14) frames.push(frame(8, 0, []));
    else if (kind === 15) frames.push(frame(1, channel, [0, 60, 0, 40, 0, 0, ...text("events"), ...text(key), bits]));
    else {
      const other = random.below(20) === 0 ? 3 : channel;
      frames.push(
        frame(1, channel, [0, 60, 0, 60, ...text(consumer), ...eight(tag), bits, ...text("events"), ...text(key)]),
      );
      if (random.below(20) === 0) continue;
      const announced = random.below(12) === 0 ? size + 1 : size;
      frames.push(frame(2, other, [0, 60, 0, 0, ...eight(BigInt(announced)), ...list]));
      if (size > 0 && random.below(20) > 0)
        frames.push(frame(3, random.below(20) === 0 ? 4 : other, new Array<number>(size).fill(i & 255)));
    }
  }
  return frames;
}

/** Pieces that come in turns with those of another stream of the same core. */
function readInTurns(streams: readonly Uint8Array[], random: Random, lazy: boolean | undefined): Reading[] {
  const readers = streams.map(() => new FrameReader(lazy === undefined ? {} : { lazy }));
  const readings = streams.map((): Reading => ({ frames: [], chunks: 0 }));
  const places = streams.map(() => 0);
  const cuts = random.pick([200, 5000, 70_000, 1 << 20]);
  while (places.some((at, i) => at < streams[i]!.length)) {
    const i = random.below(streams.length);
    const octets = streams[i]!;
    if (places[i]! >= octets.length) continue;
    const end = Math.min(octets.length, places[i]! + 1 + random.below(cuts));
    const reading = readings[i]!;
    try {
      for (const made of readers[i]!.push(octets.slice(places[i], end))) {
        reading.frames.push(made);
        // Some ask for all, which the reader remembers.
        if (i === 0 && made.name === "ContentHeader") void made.properties;
      }
    } catch (error) {
      reading.error = error as Error;
      places[i] = octets.length;
      continue;
    }
    places[i] = end;
  }
  return readings;
}

test.each([undefined, true, false])("are what they are alone, lazy: %s", (lazy) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = new Random(seed);
    const streams = [0, 1].map(() => {
      const frames = stream(random, 60);
      // One octet of some is wrong, where a frame ends or anywhere.
      if (random.below(2) === 0) {
        const some = random.pick(frames);
        some[random.below(2) === 0 ? some.length - 1 : random.below(some.length)]! ^= 1 << random.below(8);
      }
      return Uint8Array.from(frames.flat());
    });
    const readings = readInTurns(streams, random, lazy);
    for (const [i, octets] of streams.entries()) {
      const { frames } = readings[i]!;
      const expected = decodeStream(octets);
      expect(readingDifference(readings[i]!, expected), `seed ${seed}, stream ${i}`).toBeUndefined();
      // What is empty goes out again.
      for (const [j, header] of expected.frames.entries())
        if (header.type === 2 && header.headersError === undefined && header.spareFlag === undefined)
          expect(sameOctets(marshal(frames[j]!), encodeFrame(header)), `seed ${seed}, frame ${j}`).toBe(true);
    }
  }
});

test.each([
  ["an acknowledgement", (tag: number) => [frame(1, 1, [0, 60, 0, 80, ...eight(BigInt(tag)), 0])]],
  [
    "a delivery",
    (tag: number) => [
      frame(1, 1, [0, 60, 0, 60, ...text("ctag"), ...eight(BigInt(tag)), 0, ...text("events"), ...text("key")]),
      frame(2, 1, [0, 60, 0, 0, ...eight(2n), 0x10, 0, 2]),
      frame(3, 1, [1, 2]),
    ],
  ],
])("the end of each frame of %s", (_, of) => {
  const frames = Array.from({ length: 6 }, (_, i) => of(i + 1)).flat();
  for (const wrong of frames.keys()) {
    const octets = Uint8Array.from(frames.flatMap((one, i) => (i === wrong ? [...one.slice(0, -1), 0xcf] : one)));
    const [reading] = readInTurns([octets], new Random(1), false);
    expect(readingDifference(reading!, decodeStream(octets)), `frame ${wrong}`).toBeUndefined();
  }
});

/** Like the one before but for tag, content header and body. */
function delivery(tag: number): number[][] {
  const list = lists[(tag * 7) % lists.length]!;
  return [
    frame(1, 1, [0, 60, 0, 60, ...text("ctag"), ...eight(BigInt(tag)), 0, ...text("events"), ...text("key")]),
    frame(2, 1, [0, 60, 0, 0, ...eight(BigInt(tag & 3)), ...list]),
    frame(3, 1, new Array<number>(tag & 3).fill(7)),
  ];
}

test.each([true, false])("every octet of deliveries that are like those before them, lazy: %s", (lazy) => {
  const known = Array.from({ length: 7 }, (_, i) => delivery(i + 1)).flat(2);
  const octets = [...known, ...Array.from({ length: 12 }, (_, i) => delivery(i + 8)).flat(2)];
  expect(new FrameReader({ lazy }).push(Uint8Array.from(octets))).toHaveLength(3 * 19);
  for (let at = known.length; at < octets.length; at++) {
    for (const change of [1, 0x80]) {
      const wrong = Uint8Array.from(octets);
      wrong[at]! ^= change;
      const [reading] = readInTurns([wrong], new Random(1), lazy);
      expect(readingDifference(reading!, decodeStream(wrong)), `octet ${at}, ${change}`).toBeUndefined();
    }
  }
});

test.each([20, 24, 60, 4096])("deliveries that are like those before them, up to a frame-max of %i", (frameMax) => {
  const streams = [8, frameMax, frameMax + 1].map((size) => [
    ...Array.from({ length: 12 }, (_, i) => delivery(i + 1)).flat(),
    ...delivery(13).slice(0, 1),
    frame(2, 1, [0, 60, 0, 0, ...eight(BigInt(size)), 0, 0]),
    frame(3, 1, new Array<number>(size).fill(1)),
  ]);
  // The content header alone is too long.
  streams.push([
    ...streams[0]!.slice(0, 37),
    frame(2, 1, [0, 60, 0, 0, ...eight(1n), 0x80, 0, frameMax - 14, ...new Array<number>(frameMax - 14).fill(97)]),
    frame(3, 1, [1]),
  ]);
  for (const frames of streams) {
    const octets = Uint8Array.from(frames.flat());
    const reading: Reading = { frames: [], chunks: 0 };
    try {
      for (const made of new FrameReader({ lazy: true, frameMax }).push(octets)) reading.frames.push(made);
    } catch (error) {
      reading.error = error as Error;
    }
    expect(readingDifference(reading, decodeStream(octets, { frameMax }))).toBeUndefined();
  }
});

test("a table that cannot be read ends a strict stream, however many deliveries were like it", () => {
  const wrong = [0x20, 0, 0, 0, 0, 4, 1, 0x6b, 0xff, 1];
  const frames = [
    ...Array.from({ length: 12 }, (_, i) => delivery(1 + 4 * i).slice(0, 1)).flat(),
    ...delivery(49).slice(0, 1),
  ];
  const good = frame(2, 1, [0, 60, 0, 0, ...eight(1n), 0x10, 0, 2]);
  const octets = frames.flatMap((method, i) => [
    ...method,
    ...(i === 12 ? frame(2, 1, [0, 60, 0, 0, ...eight(1n), ...wrong]) : good),
    ...frame(3, 1, [1]),
  ]);
  const read = () => [...new FrameReader({ lazy: true, strict: true }).push(Uint8Array.from(octets))];
  expect(read).toThrow(/headers/);
});

test.each([true, false])("cut anywhere, in front of what was read before, lazy: %s", (lazy) => {
  for (const list of [lists[1]!, lists[6]!]) {
    const all = Array.from({ length: 8 }, (_, i) => [
      delivery(4 * i + 2)[0]!,
      frame(2, 1, [0, 60, 0, 0, ...eight(2n), ...list]),
      frame(3, 1, [1, 2]),
    ]);
    const octets = Uint8Array.from(all.flat(2));
    for (let end = octets.length - 2 * all[0]!.flat().length; end < octets.length; end++) {
      // What stands behind the end in the core is then what would go on there.
      expect(new FrameReader({ lazy }).push(octets.slice())).toHaveLength(24);
      const reading: Reading = { frames: new FrameReader({ lazy }).push(octets.slice(0, end)), chunks: 0 };
      expect(readingDifference(reading, decodeStream(octets.slice(0, end))), `${end} octets`).toBeUndefined();
    }
  }
});

test("more of them than the core has room for", () => {
  const reader = new FrameReader({ lazy: true, frameMax: 0 });
  const longstr = new Uint8Array(1_500_000);
  const headers = new Uint8Array(20 + 9 + longstr.length);
  headers.set([0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0]);
  const view = new DataView(headers.buffer);
  view.setUint32(14, headers.length - 18);
  headers.set([1, 0x6b, 0x53], 18);
  view.setUint32(21, headers.length - 25);
  const large = new Uint8Array(headers.length + 8);
  large.set([2, 0, 1]);
  new DataView(large.buffer).setUint32(3, headers.length);
  large.set(headers, 7);
  large[large.length - 1] = 0xce;
  expect(reader.push(large)).toHaveLength(1);
  // Now so many are looked at in one go.
  const count = 24_000;
  const short = (tag: number): number[] => [
    ...frame(1, 1, [0, 60, 0, 60, ...text("c"), ...eight(BigInt(tag)), 0, ...text(""), ...text("k")]),
    ...frame(2, 1, [0, 60, 0, 0, ...eight(1n), 0, 0]),
    ...frame(3, 1, [tag & 255]),
  ];
  const octets = Uint8Array.from(Array.from({ length: count }, (_, i) => short(i)).flat());
  const writer = new FrameWriter();
  const put = () => writer.publish(1, new Basic.Publish({ routingKey: "k" }), { messageId: "m" }, new Uint8Array(9));
  const expected = put().flush();
  // It waits beside what the core writes for the reader.
  put();
  const frames = reader.push(octets);
  expect(sameOctets(writer.flush(), expected)).toBe(true);
  expect(frames).toHaveLength(3 * count);
  const wrong = frames.findIndex((one, i) =>
    one.name === "Basic.Deliver"
      ? i % 3 !== 0 || one.deliveryTag !== i / 3
      : one.name === "ContentBody"
        ? i % 3 !== 2 || one.value[0] !== (((i - 2) / 3) & 255)
        : one.name !== "ContentHeader" || one.bodySize !== 1 || one.properties.headers !== undefined,
  );
  expect(wrong).toBe(-1);
});

test("content headers that are cut short or as large as a frame may be, and bodies of the sizes beside them", () => {
  const begin = Array.from({ length: 8 }, (_, i) => delivery(i + 1)).flat();
  const large = (list: number) => [0x20, 0, 0, (list - 6) >> 16, ((list - 6) >> 8) & 255, (list - 6) & 255];
  const ofTable = (list: number) => [...large(list), ...new Array<number>(list - 6).fill(0)];
  const streams = [
    ...Array.from({ length: 14 }, (_, size) => [[0, 60, 0, 0, ...eight(1n), 0x20].slice(0, size), 1] as const),
    ...[0xffff, 0x10000, 0x10001].map((size) => [[0, 60, 0, 0, ...eight(1n), ...ofTable(size - 12)], 1] as const),
    ...[0x7fff, 0x8000, 0xffff, 0x10000].map((size) => [[0, 60, 0, 0, ...eight(BigInt(size)), 0, 0], size] as const),
  ];
  for (const [header, size] of streams) {
    const frames = [...begin, delivery(9)[0]!, frame(2, 1, [...header]), frame(3, 1, new Array<number>(size).fill(1))];
    const octets = Uint8Array.from(frames.flat());
    const [reading] = readInTurns([octets], new Random(1), true);
    const about = `${header.length} and ${size} octets`;
    expect(readingDifference(reading!, decodeStream(octets)), about).toBeUndefined();
    const whole: Reading = { frames: [], chunks: 0 };
    try {
      for (const made of new FrameReader({ lazy: true }).push(octets)) whole.frames.push(made);
    } catch (error) {
      whole.error = error as Error;
    }
    expect(readingDifference(whole, decodeStream(octets)), about).toBeUndefined();
  }
});

test.each([true, false])(
  "content headers that the ones before begin with, or that begin as those, lazy: %s",
  (lazy) => {
    const header = [0, 60, 0, 0, ...eight(1n), ...lists[6]!];
    const body = frame(3, 1, [1]);
    const begin = Array.from({ length: 8 }, (_, i) => [...delivery(i + 1)[0]!, ...frame(2, 1, header), ...body]).flat();
    // What stands behind them in their stream, too.
    const behind = [...header, 0xce, ...body];
    for (let size = 14; size < behind.length; size++) {
      const last = [delivery(9)[0]!, frame(2, 1, behind.slice(0, size)), body].flat();
      const octets = Uint8Array.from([...begin, ...last]);
      const [reading] = readInTurns([octets], new Random(2), lazy);
      const whole: Reading = { frames: [], chunks: 0 };
      try {
        for (const made of new FrameReader({ lazy }).push(octets)) whole.frames.push(made);
      } catch (error) {
        whole.error = error as Error;
      }
      for (const one of [reading!, whole])
        expect(readingDifference(one, decodeStream(octets)), `${size} octets`).toBeUndefined();
    }
  },
);

test("an acknowledgement is the next one by its tag, not where tag and bits together are one more", () => {
  const acks: Array<[tag: bigint, multiple: boolean]> = [
    [0xfen, false],
    [0xffn, false],
    [0x100n, false],
    [0x1ffn, false],
    [0x100n, true],
    [0x101n, true],
    [0xffffn, true],
    [0x10000n, true],
    [0xffffn, false],
    [0xff00n, true],
  ];
  const octets = acks.flatMap(([tag, multiple]) => frame(1, 1, [0, 60, 0, 80, ...eight(tag), multiple ? 1 : 0]));
  const read = new FrameReader().push(Uint8Array.from(octets)) as Basic.Ack[];
  expect(read.map(({ deliveryTag, multiple }) => [BigInt(deliveryTag), multiple])).toEqual(acks);
});
