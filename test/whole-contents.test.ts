/** Contents that stand together, method, content header and body, are taken in one go, alike or not. Whatever is wrong with one of them, wherever it is cut, and however full the tape is, each frame must be what the slow decoder makes of it. */
import { expect, test } from "vitest";
import { FrameReader, marshal, type DecodeOptions } from "../src/index.js";
import { decodeStream, encodeFrame } from "./reference.js";
import { concat, cutAt, sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";
import { read, readingDifference } from "./support/reading.js";
import {
  bodyFrame,
  counted,
  elementOf,
  fieldOf,
  frameOf,
  heartbeatFrame,
  integer,
  longstr,
  methodFrame,
  shortstr,
  tableOf,
} from "./support/wire.js";

const publish = (channel: number, key = "orders.eu"): Uint8Array =>
  methodFrame(channel, 60, 40, integer(0, 2), shortstr("events"), shortstr(key), integer(0, 1));
const deliver = (channel: number, tag: number, consumer = "ctag-1"): Uint8Array =>
  methodFrame(
    channel,
    60,
    60,
    shortstr(consumer),
    integer(tag, 8),
    integer(0, 1),
    shortstr("events"),
    shortstr("orders.eu"),
  );
const ack = (channel: number, tag: number): Uint8Array => methodFrame(channel, 60, 80, integer(tag, 8), integer(0, 1));
const header = (channel: number, size: number, list: Uint8Array): Uint8Array =>
  frameOf(2, channel, concat([Uint8Array.of(0, 60, 0, 0), integer(size, 8), list]));

const texts = ["application/json", "", "é", "same", "x".repeat(70)];

/** A property list: those of the flags, strings that are new, known, empty, not ASCII; tables that are new, known, of a pattern, nested. */
function list(random: Random, flags: number, i: number): Uint8Array {
  const text = (): Uint8Array => shortstr(random.chance(3) ? `id-${random.word()}` : random.pick(texts));
  const tables = [
    tableOf(),
    tableOf(fieldOf("attempt", "I", integer(i & 3, 4)), fieldOf("region", "S", longstr("eu-west-1"))),
    tableOf(fieldOf("trace", "S", longstr(`trace-${random.word()}`)), fieldOf("n", "l", integer(i, 8))),
    tableOf(fieldOf("list", "A", longstr(concat([elementOf("V"), elementOf("t", Uint8Array.of(1))])))),
    tableOf(fieldOf("é", "F", tableOf(fieldOf("deep", "S", longstr("ü"))))),
  ];
  const parts = [integer(flags, 2)];
  for (let bit = 0x8000; bit > 2; bit >>= 1) {
    if ((flags & bit) === 0) continue;
    if (bit === 0x2000) parts.push(random.pick(tables));
    else if (bit === 0x1000 || bit === 0x800) parts.push(integer(i & 7, 1));
    else if (bit === 0x40) parts.push(integer(random.chance(2) ? 1_700_000_000 : random.word(), 8));
    else parts.push(text());
  }
  return concat(parts);
}

const flagsOf = [0, 0x8000, 0xb0c0, 0x9880, 0x2000, 0xa000, 0xfffc, 0x077c];

/** Contents that differ in whatever may differ, and now and then what stands between them. */
function stream(random: Random, count: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let flags = random.pick(flagsOf);
  let channel = 1;
  for (let i = 0; i < count; i++) {
    if (random.chance(6)) flags = random.pick(flagsOf);
    if (random.chance(8)) channel = random.pick([1, 2, 0x101]);
    const kind = random.below(16);
    if (kind === 0) frames.push(heartbeatFrame);
    else if (kind === 1) frames.push(ack(channel, i), ack(channel, i + 1));
    else {
      const size = random.pick([0, 1, 3, 300, 3, random.chance(20) ? 0x7fff + random.below(2) : 5]);
      frames.push(kind < 9 ? publish(channel) : deliver(channel, i, kind === 9 ? "ctag-2" : "ctag-1"));
      frames.push(header(channel, random.chance(40) ? size + 1 : size, list(random, flags, i)));
      if (size > 0 || random.chance(4)) frames.push(bodyFrame(channel, counted(size, i)));
    }
  }
  return frames;
}

/** Some that the core remembers, and, of deliveries, some so that the next are not compared with the one before. */
function known(of: (i: number) => Uint8Array): Uint8Array[] {
  return Array.from({ length: 4 }, (_, i) => [
    of(i),
    header(1, 2, concat([integer(0x80, 2), shortstr(`m-${i}`)])),
    bodyFrame(1, counted(2)),
  ]).flat();
}

test.each<[string, (i: number) => Uint8Array, number[]]>([
  ["publishes", () => publish(1), [0xb0c0, 0xfffc, 0]],
  ["deliveries", (i) => deliver(1, i + 1), [0xa000, 0]],
])("every octet of %s", (_, of, lists) => {
  const random = new Random(7);
  const before = concat(known(of));
  const contents = concat(
    lists.flatMap((flags, i) => [of(i), header(1, 2, list(random, flags, i)), bodyFrame(1, counted(2))]),
  );
  const octets = concat([before, contents]);
  expect(readingDifference(read([octets], { lazy: false }), decodeStream(octets))).toBeUndefined();
  for (let at = before.length; at < octets.length; at++) {
    for (const change of [1, 0x80]) {
      const wrong = octets.slice();
      wrong[at]! ^= change;
      const reading = read([wrong], { lazy: false });
      expect(readingDifference(reading, decodeStream(wrong)), `octet ${at}, ${change}`).toBeUndefined();
    }
  }
  // Where the octets end, no more is taken than is there.
  for (let at = before.length; at < octets.length; at++) {
    const reader = new FrameReader({ lazy: false });
    const frames = reader.push(octets.slice(0, at));
    const expected = decodeStream(octets.subarray(0, at));
    expect([frames.length, reader.octetsPending]).toEqual([expected.frames.length, at - expected.incompleteFrom]);
  }
});

test("streams of contents, alike and not, with a fault or none", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random(seed);
    const frames = stream(random, 40);
    if (random.chance(2)) {
      const at = random.below(frames.length);
      const wrong = (frames[at] = frames[at]!.slice());
      wrong[random.chance(3) ? wrong.length - 1 : random.below(wrong.length)]! ^= 1 << random.below(8);
    }
    const octets = concat(frames);
    const options: DecodeOptions = random.pick([
      {},
      { strict: true },
      { frameMax: 4096 },
      { frameMax: 100 },
      { maxFields: 1 },
      { maxDepth: 1 },
    ]);
    const cuts = [];
    const step = random.pick([40, 900, 1 << 20]);
    for (let at = random.below(step); at < octets.length; at += 1 + random.below(step)) cuts.push(at);
    const expected = decodeStream(octets, options);
    for (const lazy of [true, false]) {
      const reading = read(cutAt(octets, cuts), { ...options, lazy });
      expect(readingDifference(reading, expected), `seed ${seed}, lazy: ${lazy}`).toBeUndefined();
      // What is empty goes out again; of tables the types may be others.
      for (const [i, frame] of expected.frames.entries())
        if (
          frame.type === 2 &&
          frame.properties["headers"] === undefined &&
          frame.headersError === undefined &&
          frame.spareFlag === undefined
        )
          expect(sameOctets(marshal(reading.frames[i]!), encodeFrame(frame)), `seed ${seed}, frame ${i}`).toBe(true);
    }
  }
});

test("a table's length that would lead back to where the list began", () => {
  const before = concat(known(() => publish(1)));
  for (let back = 1; back <= 64; back++) {
    const list = concat([integer(0xa080, 2), shortstr("a"), integer(2 ** 32 - back, 4), shortstr("b".repeat(back))]);
    const octets = concat([before, publish(1), header(1, 1, list), bodyFrame(1, counted(1))]);
    const reading = read([octets], { lazy: false });
    expect(readingDifference(reading, decodeStream(octets)), `${back} octets`).toBeUndefined();
  }
});

test.each([40, 4096])("contents up to a frame-max of %i", (frameMax) => {
  const plain = [publish(1), header(1, 2, integer(0, 2)), bodyFrame(1, counted(2))];
  for (const size of [frameMax, frameMax + 1]) {
    const long = [
      [publish(1), header(1, size, integer(0, 2)), bodyFrame(1, counted(size))],
      // The content header alone.
      [
        publish(1),
        header(1, 2, concat([integer(0x2000, 2), tableOf(fieldOf("k", "x", longstr(counted(size - 25))))])),
        bodyFrame(1, counted(2)),
      ],
    ];
    for (const frames of long) {
      const octets = concat([...Array.from({ length: 4 }, () => plain).flat(), ...frames, ...plain]);
      const reading = read([octets], { frameMax, lazy: false });
      expect(readingDifference(reading, decodeStream(octets, { frameMax })), `${size} octets`).toBeUndefined();
    }
  }
});

test("contents that fill the tape", () => {
  const contents = (count: number, fields: number): Uint8Array[] =>
    Array.from({ length: count }, (_, i) => {
      const table = tableOf(...Array.from({ length: fields }, (_, j) => fieldOf(`k${j % 7}${i}`, "V")));
      const list = [
        integer(fields === 0 ? 0x84fc : 0xa4fc, 2),
        shortstr(`é${i}`),
        ...(fields === 0 ? [] : [table]),
        ...[1, 2].map((n) => shortstr(`é${n}${i}`)),
        integer(i, 8),
        ...[3, 4, 5, 6].map((n) => shortstr(`é${n}${i}`)),
      ];
      return [publish(1), header(1, 1, concat(list)), bodyFrame(1, counted(1, i))];
    }).flat();
  // Records of three words and of seven before them: the tape's end comes anywhere in a content, with a table or without.
  for (let words = 0; words < 4; words++) {
    const before = Array.from({ length: words }, (_, i) => (i % 3 === 0 ? ack(1, 2 * i) : heartbeatFrame));
    const small = words % 2 === 0 ? contents(500, 0) : [];
    const octets = concat([...before, ...contents(12, 900 + 193 * words), ...small, ...contents(3, 1)]);
    const reading = read([octets], { lazy: false });
    expect(reading.error).toBeUndefined();
    expect(readingDifference(reading, decodeStream(octets)), `${words} words before`).toBeUndefined();
  }
});
