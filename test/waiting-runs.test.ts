/** Runs that wait in the core's input to be written: whatever is done before they are, the octets that go out are those of frame by frame. */
import { expect, test } from "vitest";
import {
  Basic,
  Channel,
  type Consumer,
  createCodec,
  Heartbeat,
  marshal,
  type FrameCursor,
  type FrameWriter,
} from "../src/index.js";
import { captureNames, loadCapture } from "./support/captures.js";
import { concat, cutAt, sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";

/** Frames of all kinds; contents of several body frames among them, and some that others stand between. */
function stream(random: Random): Uint8Array {
  const { FrameWriter } = codec;
  const writer = new FrameWriter({ frameMax: random.chance(2) ? 4096 : 131072 });
  for (let i = random.below(40); i >= 0; i--) {
    const channel = random.chance(4) ? 2 : 1;
    if (random.chance(5)) writer.ack(channel, i);
    else if (random.chance(9)) writer.write(new Channel.Flow({ active: true }), channel);
    else if (random.chance(12)) writer.write(new Heartbeat());
    else {
      const octets = random.pick([0, 1, 200, 200, 200, 5000, 20_000, random.chance(8) ? 90_000 : 3]);
      writer.publish(channel, new Basic.Publish({ routingKey: "a.b" }), { messageId: `m${i}` }, random.octets(octets));
    }
  }
  return writer.flush();
}

const codec = createCodec();

/** The frames with the channels that they go out on. */
function rewritten(frames: Uint8Array, to: (channel: number) => number): Uint8Array {
  const octets = frames.slice();
  const view = new DataView(octets.buffer);
  for (let at = 0; at < octets.length; at += 8 + view.getUint32(at + 3)) {
    if (octets[at] !== 8) view.setUint16(at + 1, to(view.getUint16(at + 1)));
  }
  return octets;
}

/** A writer with what it has to have written, and what came out. */
class Expected {
  readonly written: Uint8Array[] = [];
  readonly out: Uint8Array[] = [];
  readonly writer: FrameWriter;
  pending = 0;

  constructor(writer: FrameWriter) {
    this.writer = writer;
  }

  wrote(octets: Uint8Array): void {
    this.written.push(octets);
    this.pending += octets.length;
  }

  got(octets: Uint8Array): void {
    this.out.push(octets.slice());
    this.pending -= octets.length;
  }

  flush(): void {
    expect(this.writer.bytesPending).toBe(this.pending);
    this.got(this.writer.flush());
    expect(this.pending).toBe(0);
    expect(sameOctets(concat(this.out.splice(0)), concat(this.written.splice(0)))).toBe(true);
  }
}

/** A cursor with what is still to come. */
class Coming {
  readonly cursor: FrameCursor;
  readonly #pieces: Uint8Array[];

  constructor(cursor: FrameCursor, octets: Uint8Array, random: Random) {
    this.cursor = cursor;
    const cuts = Array.from({ length: random.below(20) }, () => random.below(octets.length + 1));
    this.#pieces = cutAt(
      octets,
      cuts.sort((a, b) => a - b),
    );
  }

  /** Whether there is a frame under it now. */
  next(): boolean {
    while (!this.cursor.next()) {
      const piece = this.#pieces.shift();
      if (piece === undefined) return false;
      // The caller's again once it is read.
      this.cursor.push(piece.slice());
    }
    return true;
  }
}

type Map = (channel: number) => number | undefined;
const maps: readonly (Map | undefined)[] = [
  undefined,
  () => 9,
  (channel) => channel + 1,
  (channel) => (channel === 1 ? 300 : undefined),
];

function play(seed: number, given: Uint8Array | undefined): number {
  const random = new Random(seed);
  const memory = random.chance(3) ? new WebAssembly.Memory({ initial: 1 }) : undefined;
  const own = createCodec(memory === undefined ? {} : { memory });
  const reader = new own.FrameReader();
  const one = marshal(new Basic.Ack({ deliveryTag: 5 }), 3);
  const all = [0, 1].map(() => given ?? stream(random));
  const coming = all.map((octets) => new Coming(new own.FrameCursor(), octets, random));
  const writers = [0, 1].map(() => new Expected(new own.FrameWriter()));
  const target = new Uint8Array(1 << 18);
  let runs = 0;
  for (let left = 2; left > 0;) {
    const expected = random.chance(6) ? writers[1]! : writers[0]!;
    const { writer } = expected;
    const from = random.chance(6) ? coming[1]! : coming[0]!;
    const { cursor } = from;
    const way = random.below(16);
    if (way === 0) {
      const room = target.subarray(0, random.pick([0, 1, 100, 10_000, target.length]));
      expected.got(room.subarray(0, writer.flushInto(room)));
    } else if (way === 1) expected.flush();
    else if (way === 2) expect(writer.bytesPending).toBe(expected.pending);
    else if (way === 3) expect([...reader.push(one)].length).toBe(1);
    else if (way === 4) {
      writer.ack(3, 5);
      expected.wrote(one);
    } else if (way === 5) memory?.grow(1);
    else if (way < 11) {
      const map = random.pick(maps);
      // Whoever is asked may do anything but move the cursor.
      const channelOf =
        map === undefined
          ? undefined
          : (channel: number): number | undefined => {
              if (random.chance(10)) expect([...reader.push(one)].length).toBe(1);
              if (random.chance(10)) memory?.grow(1);
              return map(channel);
            };
      const run = writer.forwardRun(cursor, { channelOf });
      if (run !== undefined) {
        runs += 1;
        expected.wrote(rewritten(run.octets, (channel) => (map === undefined ? channel : map(channel)!)));
      }
    } else if (from.next()) {
      const channel = random.chance(3) ? undefined : 7;
      const octets = cursor.octets.slice();
      if (cursor.type > 3) {
        // Heartbeats and protocol headers stay on channel 0.
        writer.forward(cursor);
        expected.wrote(octets);
      } else {
        writer.forward(cursor, { channel });
        expected.wrote(rewritten(octets, (before) => channel ?? before));
      }
    } else {
      left -= 1;
      coming[coming.indexOf(from)] = new Coming(new own.FrameCursor(), all[0]!, random);
    }
  }
  for (const expected of writers) expected.flush();
  return runs;
}

test("runs and frames go out as frame by frame, with everything else in between", () => {
  let runs = 0;
  for (let seed = 0; seed < 150; seed++) runs += play(seed, undefined);
  expect(runs).toBeGreaterThan(1000);
});

test("so do those of recorded traffic", async () => {
  let seed = 0;
  for (const name of captureNames) {
    const { c2s, s2c } = await loadCapture(name);
    // A protocol header begins the client's side: it is no frame.
    for (const octets of [c2s.octets.subarray(8), s2c.octets]) play(seed++, octets.slice(0, 100_000));
  }
  expect(seed).toBeGreaterThan(2);
});

test.each([{ routes: false }, { routes: true }])(
  "what was forwarded by who was asked stays as it came: %o",
  (options) => {
    const source = new codec.FrameWriter();
    for (const octet of [1, 2, 3])
      source.publish(3, new Basic.Publish({ routingKey: `a${octet}` }), {}, Uint8Array.of(octet));
    const octets = source.flush();
    for (const before of [0, 1, 2]) {
      for (const take of [
        (writer: FrameWriter): unknown => writer.flush(),
        (writer: FrameWriter): unknown => writer.flushInto(new Uint8Array(1000)),
      ]) {
        const cursor = new codec.FrameCursor().push(octets);
        const [asked, other, last] = [new codec.FrameWriter(), new codec.FrameWriter(), new codec.FrameWriter()];
        let asks = 0;
        const answer = (publish: FrameCursor): readonly Consumer[] | undefined => {
          if (asks++ < before) return [];
          other.forward(publish, { channel: 7 });
          take(other);
          return undefined;
        };
        expect(asked.deliverRun(cursor, answer, options)?.contents ?? 0).toBe(before);
        const run = last.forwardRun(cursor)!;
        expect(run.contents).toBe(3 - before);
        expect(sameOctets(last.flush(), octets.slice(-run.octets.length))).toBe(true);
      }
    }
  },
);

test("what flush answers for frames that were forwarded has a buffer of its own, and may be transferred", () => {
  const source = new codec.FrameWriter();
  for (const size of [1, 900, 1200]) source.publish(1, new Basic.Publish(), {}, new Uint8Array(size));
  const octets = source.flush();
  const cursor = new codec.FrameCursor().push(octets);
  const writer = new codec.FrameWriter();
  const parts: Uint8Array[] = [];
  while (cursor.next()) parts.push(writer.forward(cursor).flush());
  expect(parts.length).toBe(9);
  for (const part of parts) expect([part.byteOffset, part.buffer.byteLength]).toEqual([0, part.length]);
  const gone = parts.shift()!;
  const { length } = gone;
  structuredClone(gone, { transfer: [gone.buffer as ArrayBuffer] });
  expect(sameOctets(concat(parts), octets.slice(length))).toBe(true);
});
