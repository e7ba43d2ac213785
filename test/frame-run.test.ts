import { describe, expect, test } from "vitest";
import {
  Basic,
  Channel,
  ContentBody,
  createCodec,
  type ContentHeader,
  DecodeError,
  EncodeError,
  FrameCursor,
  FrameReader,
  FrameWriter,
  marshal,
  type FrameCursorOptions,
  type FrameRunLimits,
} from "../src/index.js";
import { captureNames, loadCapture } from "./support/captures.js";
import { concat, cutAt, sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";
import { loadVectors, vectorOctets } from "./support/vectors.js";
import { bodyFrame, headerFrame, methodFrame } from "./support/wire.js";

interface Walked {
  octets: Uint8Array;
  frames: number;
  contents: number;
  /** Frames that were passed by in runs. */
  passed: number;
  offset: number;
  error?: Error;
}

/** What goes through a cursor: runs where there are any, and frames. */
function walk(
  pieces: readonly Uint8Array[],
  options: FrameCursorOptions = {},
  limits: FrameRunLimits | null = {},
): Walked {
  const cursor = new FrameCursor(options);
  const parts: Uint8Array[] = [];
  const walked = { frames: 0, contents: 0, passed: 0, offset: 0 };
  let error: Error | undefined;
  try {
    for (const piece of pieces) {
      cursor.push(piece);
      for (;;) {
        const run = limits === null ? undefined : cursor.passRun(limits);
        if (run !== undefined) {
          parts.push(run.octets.slice());
          walked.frames += run.frames;
          walked.passed += run.frames;
          walked.contents += run.contents;
          walked.offset = cursor.offset + run.octets.length;
          // It stands at the first of them.
          expect(cursor.octets).toEqual(run.octets.subarray(0, cursor.size + 8));
          expect(cursor.name.startsWith("Basic.")).toBe(true);
        }
        if (!cursor.next()) break;
        cursor.check();
        parts.push(cursor.octets.slice());
        walked.frames += 1;
        walked.contents += cursor.type === 2 ? 1 : 0;
        walked.offset = cursor.offset + cursor.octets.length;
      }
    }
  } catch (thrown) {
    error = thrown as Error;
  }
  return { ...walked, octets: concat(parts), ...(error === undefined ? {} : { error }) };
}

function told(error: Error | undefined): string | undefined {
  if (!(error instanceof DecodeError)) return error?.message;
  const { code, offset, replyCode, path, channel, message } = error;
  return JSON.stringify({ code, offset, replyCode, path, channel, message });
}

/** The same with runs and frame by frame. */
function same(pieces: readonly Uint8Array[], options: FrameCursorOptions = {}, limits: FrameRunLimits = {}): Walked {
  const walked = walk(pieces, options, limits);
  const plain = walk(pieces, options, null);
  expect(told(walked.error)).toBe(told(plain.error));
  expect([walked.frames, walked.contents, walked.offset]).toEqual([plain.frames, plain.contents, plain.offset]);
  if (!sameOctets(walked.octets, plain.octets)) throw new Error("other octets");
  return walked;
}

function randomCuts(random: Random, length: number): number[] {
  const cuts: number[] = [];
  for (let at = random.below(4000); at < length; at += 1 + random.below(random.below(2) === 0 ? 60 : 4000))
    cuts.push(at);
  return cuts;
}

const publish = (routingKey: string, octets: number, channel = 1): Uint8Array =>
  new FrameWriter()
    .publish(
      channel,
      new Basic.Publish({ routingKey }),
      { contentType: "text/plain", headers: { a: 1 } },
      new Uint8Array(octets),
    )
    .flush();
const anonymous = methodFrame(1, 60, 40, new Uint8Array(5));
const contentHeader = (channel: number, bodySize: number): Uint8Array =>
  headerFrame(channel, bodySize, 0, new Uint8Array(0));
const ack = marshal(new Basic.Ack({ deliveryTag: 7 }), 3);

describe("a run", () => {
  test.each(captureNames)("gives what the frames give one by one: %s", async (name) => {
    const random = new Random(captureNames.indexOf(name) + 1);
    const { c2s, s2c } = await loadCapture(name);
    for (const { octets } of [c2s, s2c]) {
      same([octets]);
      for (let round = 0; round < 3; round++) {
        same(cutAt(octets, randomCuts(random, octets.length)), { strict: round === 1 });
      }
    }
  });

  test("of the vectors' streams, at every split", () => {
    for (const vector of loadVectors("streams")) {
      const octets = vectorOctets(vector);
      for (let at = 0; at <= octets.length; at++) same(cutAt(octets, [at]));
    }
  });

  test("takes contents and acknowledgements, as far as they are whole", () => {
    const split = new FrameWriter({ frameMax: 16384 })
      .publish(1, new Basic.Publish({ routingKey: "c" }), {}, new Uint8Array(40_000))
      .flush();
    const octets = concat([publish("a", 10), ack, publish("b", 0, 2), split, publish("d", 5)]);
    const cursor = new FrameCursor();
    cursor.push(octets.subarray(0, octets.length - 1));
    const run = cursor.passRun()!;
    // Three frames of the largest body, none of an empty one.
    expect([run.frames, run.contents]).toEqual([3 + 1 + 2 + 5, 3]);
    expect([cursor.name, cursor.channel, cursor.routingKey, cursor.offset]).toEqual(["Basic.Publish", 1, "a", 0]);
    expect(run.octets.length).toBe(octets.length - publish("d", 5).length);
    expect(cursor.passRun()).toBeUndefined();
    expect(cursor.next() && cursor.name === "Basic.Publish" && cursor.routingKey === "d").toBe(true);
    expect(cursor.next() && cursor.name === "ContentHeader").toBe(true);
    expect(cursor.passRun()).toBeUndefined();
    expect(cursor.next()).toBe(false);
    cursor.push(octets.subarray(octets.length - 1));
    expect(cursor.passRun()).toBeUndefined();
    expect(cursor.next() && cursor.name === "ContentBody").toBe(true);
  });

  test("ends where something else comes", () => {
    const others = [
      marshal(new Channel.Open(), 1),
      marshal(new Basic.Ack({ deliveryTag: 1 }), 0),
      // Of another channel in between, without a header, with a body that is too long.
      concat([publish("x", 3).subarray(0, -11), ack]),
      marshal(new ContentBody(new Uint8Array(3)), 1),
      concat([anonymous, ack]),
      concat([anonymous, contentHeader(1, 3), bodyFrame(1, Uint8Array.of(1, 2, 3, 4))]),
      concat([anonymous, contentHeader(1, 3), bodyFrame(2, Uint8Array.of(1, 2, 3))]),
      concat([anonymous, contentHeader(1, 3), bodyFrame(1, Uint8Array.of()), bodyFrame(1, Uint8Array.of(1, 2, 3))]),
      concat([anonymous, contentHeader(2, 0)]),
    ];
    for (const other of others) {
      const cursor = new FrameCursor();
      cursor.push(concat([publish("a", 10), other]));
      const run = cursor.passRun()!;
      expect([run.frames, run.octets.length]).toEqual([3, publish("a", 10).length]);
      expect(cursor.passRun()).toBeUndefined();
    }
  });

  test("keeps to its limits", () => {
    const octets = concat([publish("a", 10), publish("b", 2000, 9)]);
    const frames = (limits: FrameRunLimits, options: FrameCursorOptions = {}): number | undefined =>
      new FrameCursor(options).push(octets).passRun(limits)?.frames;
    expect(frames({})).toBe(6);
    expect(frames({ channelMax: 9 })).toBe(6);
    expect(frames({ channelMax: 8 })).toBe(3);
    expect(frames({ maxBodySize: 2000 })).toBe(6);
    expect(frames({ maxBodySize: 1999 })).toBe(3);
    expect(frames({ maxBodySize: 9 })).toBeUndefined();
    expect(frames({ frameMax: 2008 })).toBe(6);
    expect(frames({ frameMax: 2007 })).toBe(3);
    expect(frames({}, { frameMax: 1999 })).toBe(3);
    for (const limits of [
      { channelMax: 0 },
      { channelMax: 65536 },
      { frameMax: 7 },
      { maxBodySize: -1 },
      { maxBodySize: 0.5 },
    ])
      expect(() => frames(limits)).toThrow(EncodeError);
  });

  test("with strict, holds no wrong table", () => {
    // One field of a type that there is not.
    const table = [0, 0, 0, 3, 1, 97, 0x2a];
    const octets = concat([anonymous, headerFrame(1, 0, 0x2000, Uint8Array.from(table))]);
    expect(new FrameCursor().push(octets).passRun()?.frames).toBe(2);
    const strict = new FrameCursor({ strict: true }).push(octets);
    expect(strict.passRun()).toBeUndefined();
    expect(strict.next()).toBe(true);
    expect(strict.next()).toBe(true);
    expect(() => strict.check()).toThrow(DecodeError);
    expect(() => strict.passRun()).toThrow(DecodeError);
  });

  test("is nothing for streams of messages, and waits for contents that are gathered", () => {
    const octets = concat([publish("a", 10), publish("b", 10, 2)]);
    expect(new FrameCursor({ messages: true }).push(octets).passRun()).toBeUndefined();
    const cursor = new FrameCursor();
    cursor.push(octets.subarray(0, 20));
    expect(cursor.next()).toBe(true);
    const writer = new FrameWriter();
    writer.deliver(cursor, [{ channel: 4, consumerTag: "t", deliveryTag: 1 }]);
    expect(cursor.next()).toBe(false);
    cursor.push(octets.subarray(20));
    expect(cursor.passRun()).toBeUndefined();
    expect(cursor.next() && cursor.routingKey === "b").toBe(true);
    expect(new FrameReader().push(writer.flush()).map(({ name }) => name)).toEqual([
      "Basic.Deliver",
      "ContentHeader",
      "ContentBody",
    ]);
  });

  test("leaves the frame under the cursor where there is none, and what is forwarded in its order", () => {
    const [head, rest] = cutAt(concat([publish("a", 10), ack]), [10]) as [Uint8Array, Uint8Array];
    const cursor = new FrameCursor();
    const writer = new FrameWriter();
    cursor.push(head);
    expect(cursor.next()).toBe(false);
    cursor.push(rest);
    expect(cursor.next()).toBe(true);
    expect(cursor.passRun()).toBeUndefined();
    expect(cursor.routingKey).toBe("a");
    writer.forward(cursor, { channel: 5 });
    const other = new FrameCursor().push(concat([ack, ack]));
    expect(other.passRun()?.frames).toBe(2);
    while (cursor.next()) writer.forward(cursor, { channel: 5 });
    expect(new FrameReader().push(writer.flush()).map(({ name, channel }) => `${name} ${channel}`)).toEqual(
      ["Basic.Publish", "ContentHeader", "ContentBody", "Basic.Ack"].map((name) => `${name} 5`),
    );
  });

  test("finds the same errors in octets that were changed", () => {
    const random = new Random(20261126);
    const good = concat([publish("a", 10), ack, publish("b", 0, 2), publish("c", 40), ack, publish("dd", 3)]);
    let passed = 0;
    let errors = 0;
    for (let round = 0; round < 6000; round++) {
      const octets = good.slice();
      for (let n = random.below(3); n >= 0; n--) octets[random.below(octets.length)] = random.below(256);
      const pieces = round % 2 === 0 ? [octets] : cutAt(octets, [random.below(octets.length)]);
      const walked = same(pieces, { strict: round % 3 === 0 }, { maxBodySize: 1000 });
      passed += walked.passed;
      if (walked.error !== undefined) errors++;
    }
    expect(passed).toBeGreaterThan(10_000);
    expect(errors).toBeGreaterThan(2000);
  });

  /** Octets, frames and contents of the run that begins with these frames, found the slow way. */
  function slowRun(octets: Uint8Array, options: FrameCursorOptions, limits: FrameRunLimits): number[] {
    const { frameMax = Infinity, channelMax = 0xffff, maxBodySize = Infinity } = limits;
    const cursor = new FrameCursor(options).push(octets);
    /** Whether there is a frame more, checked and within the limits. */
    const next = (): boolean => {
      try {
        if (!cursor.next()) return false;
        cursor.check();
        return cursor.octets.length <= frameMax;
      } catch (error) {
        if (error instanceof DecodeError) return false;
        throw error;
      }
    };
    let run = [0, 0, 0];
    for (let frames = 0, contents = 0; next();) {
      const { name, channel } = cursor;
      if (channel < 1 || channel > channelMax) break;
      frames += 1;
      if (name !== "Basic.Ack") {
        if (!["Basic.Publish", "Basic.Deliver", "Basic.GetOk", "Basic.Return"].includes(name)) break;
        if (!next() || cursor.name !== "ContentHeader" || cursor.channel !== channel) break;
        frames += 1;
        contents += 1;
        let left = Number(cursor.bodySize);
        if (left > maxBodySize) break;
        for (; left > 0; left -= cursor.size, frames += 1) {
          if (!next() || cursor.type !== 3 || cursor.channel !== channel) break;
          if (cursor.size === 0 || cursor.size > left) break;
        }
        if (left > 0) break;
      }
      run = [cursor.offset + cursor.octets.length, frames, contents];
    }
    return run;
  }

  test("goes exactly as far as frames and limits allow, whatever is changed in them", () => {
    const random = new Random(27);
    const methods = [
      (): Basic.Deliver => new Basic.Deliver({ consumerTag: "t", deliveryTag: 1, exchange: "e", routingKey: "a.b" }),
      (): Basic.GetOk => new Basic.GetOk({ deliveryTag: 1, exchange: "e", routingKey: "k", messageCount: 0 }),
      (): Basic.Return => new Basic.Return({ replyCode: 312, replyText: "no", exchange: "", routingKey: "k" }),
      (): Basic.Publish => new Basic.Publish({ routingKey: "a" }),
    ];
    const properties = [
      {},
      { contentType: "a/b", headers: { a: { b: 1 } }, messageId: "m" },
      { timestamp: new Date(1e12), type: "t" },
    ];
    let [passed, none] = [0, 0];
    for (let round = 0; round < 5000; round++) {
      const writer = new FrameWriter({ frameMax: 4096 });
      for (let i = random.below(6); i >= 0; i--) {
        const channel = random.pick([1, 1, 2, 3, 300]);
        if (random.chance(3)) writer.ack(channel, i);
        else if (random.chance(9)) writer.write(new Channel.Flow({ active: true }), channel);
        else {
          const body = new Uint8Array(random.pick([0, 1, 30, 200, 5000]));
          writer.publish(channel, random.pick(methods)(), random.pick(properties), body);
        }
      }
      const whole = writer.flush();
      const heads: number[] = [];
      for (let at = 0; at < whole.length; at += 8 + new DataView(whole.buffer).getUint32(at + 3)) heads.push(at);
      let octets = whole;
      if (random.chance(3)) {
        // A frame that is longer, or an empty body frame behind it.
        const at = random.pick(heads);
        const size = new DataView(whole.buffer).getUint32(at + 3);
        const longer = random.chance(2);
        const place = longer ? at + 7 + random.below(size + 1) : at + 8 + size;
        const more = longer ? Uint8Array.of(random.below(3)) : bodyFrame(1, new Uint8Array(0));
        octets = concat([whole.subarray(0, place), more, whole.subarray(place)]);
        if (longer) new DataView(octets.buffer).setUint32(at + 3, size + 1);
      }
      const view = new DataView(octets.buffer);
      for (let n = random.below(3); n > 0; n--) {
        const at = random.pick(heads);
        const size = view.getUint32(at + 3);
        const way = random.below(5);
        if (way === 0 && size < 0xffff) octets[Math.min(octets.length - 1, at + 7 + size)] = random.below(256);
        else if (way === 1) octets[Math.min(octets.length - 1, at + random.below(40))] = random.pick([0, 1, 2, 3, 255]);
        else if (way === 2) view.setUint32(at + 3, random.pick([0, 4, 9, 13, 14, size - 1, size + 1, 0xfffffff8]));
        else if (way === 3 && octets[at] === 2) octets[at + 15 + random.below(6)]! ^= 1 << random.below(8);
        else view.setUint16(at + 1, random.pick([0, 1, 2, 65535]));
      }
      const options = random.pick([{}, { strict: true }, { strict: true, maxFields: 1 }, { frameMax: 100 }]);
      const limits = random.pick([{}, {}, { frameMax: 200 }, { channelMax: 2 }, { maxBodySize: 29 }]);
      const chunk = octets.slice(0, random.chance(3) ? random.below(octets.length + 1) : octets.length);
      const cursor = new FrameCursor(options).push(chunk);
      const run = cursor.passRun(limits);
      const found = run === undefined ? [0, 0, 0] : [run.octets.length, run.frames, run.contents];
      expect([round, ...found]).toEqual([round, ...slowRun(chunk, options, limits)]);
      passed += found[1]!;
      if (run === undefined) none += 1;
    }
    expect(passed).toBeGreaterThan(5000);
    expect(none).toBeGreaterThan(500);
  });
});

describe("a run that is forwarded", () => {
  /** On other channels: in runs where there are any, or frame by frame. */
  function forwarded(
    pieces: readonly Uint8Array[],
    runs: boolean,
    channelOf?: (channel: number) => number,
    frameMax = 0,
  ): { octets: Uint8Array; passed: number } {
    const cursor = new FrameCursor();
    const writer = new FrameWriter({ frameMax });
    const out: Uint8Array[] = [];
    let passed = 0;
    for (const piece of pieces) {
      cursor.push(piece);
      for (;;) {
        if (runs) passed += writer.forwardRun(cursor, { channelOf })?.frames ?? 0;
        if (!cursor.next()) break;
        const { channel, type } = cursor;
        writer.forward(cursor, {
          channel: channelOf === undefined || channel === 0 || type > 3 ? undefined : channelOf(channel),
        });
      }
      if (out.length % 3 === 0) out.push(writer.flush());
    }
    out.push(writer.flush());
    return { octets: concat(out), passed };
  }

  function alike(pieces: readonly Uint8Array[], channelOf?: (channel: number) => number, frameMax?: number): number {
    const runs = forwarded(pieces, true, channelOf, frameMax);
    const plain = forwarded(pieces, false, channelOf, frameMax);
    if (!sameOctets(runs.octets, plain.octets)) throw new Error("other octets");
    return runs.passed;
  }

  test("is what its frames are one by one, for every capture, and comes back as it was", async () => {
    let passed = 0;
    const random = new Random(7);
    for (const name of captureNames) {
      const { c2s, s2c } = await loadCapture(name);
      for (const { octets } of [c2s, s2c]) {
        passed += alike([octets]);
        passed += alike([octets], (channel) => 0xffff - channel);
        passed += alike(cutAt(octets, randomCuts(random, octets.length)), (channel) => channel + 5);
        // Those on channels between 1 and 65535 only go there and back.
        const there = forwarded([octets], true, (channel) => channel ^ 0x4000).octets;
        if (!sameOctets(forwarded([there], true, (channel) => channel ^ 0x4000).octets, octets)) throw new Error(name);
      }
    }
    expect(passed).toBeGreaterThan(15_000);
  });

  test("leaves what is larger than the writer's frames to be split", () => {
    const octets = concat([publish("a", 10), publish("b", 20_000), publish("c", 10), ack]);
    expect(alike([octets], (channel) => channel + 1, 4096)).toBe(7);
  });

  test("is asked for a channel once for all frames of one, and ends where there is none", () => {
    const octets = concat([publish("a", 1, 3), ack, publish("b", 2, 3), publish("c", 3, 9), publish("d", 4, 3)]);
    const asked: number[] = [];
    const cursor = new FrameCursor().push(octets);
    const writer = new FrameWriter();
    const run = writer.forwardRun(cursor, {
      channelOf(channel) {
        asked.push(channel);
        return channel === 9 ? undefined : 12;
      },
    })!;
    expect(asked).toEqual([3, 9]);
    expect([run.frames, run.contents]).toEqual([7, 2]);
    expect(run.octets).toEqual(octets.subarray(0, run.octets.length));
    expect(new FrameReader().push(writer.flush()).map(({ channel }) => channel)).toEqual(new Array(7).fill(12));
    expect(cursor.next() && cursor.routingKey === "c").toBe(true);
    for (const channelOf of [() => 0, () => 65536, () => 1.5, 7 as never]) {
      const other = new FrameCursor().push(octets);
      expect(() => writer.forwardRun(other, { channelOf })).toThrow(EncodeError);
      expect(writer.bytesPending).toBe(0);
    }
  });

  test("goes beyond what the core's output holds, among what waits and what comes behind", () => {
    const one = concat(Array.from({ length: 40 }, (_, i) => publish("a", 1000, 1 + (i % 3))));
    const cursor = new FrameCursor();
    const writer = new FrameWriter();
    let expected = 0;
    for (let round = 0; round < 60; round++) {
      cursor.push(one);
      expect(cursor.next()).toBe(true);
      writer.forward(cursor, { channel: 8 });
      for (let i = 0; i < 2; i++) {
        expect(cursor.next()).toBe(true);
        writer.forward(cursor, { channel: 8 });
      }
      expect(writer.forwardRun(cursor, { channelOf: () => 8 })?.frames).toBe(39 * 3);
      writer.write(new Basic.Ack({ deliveryTag: round }), 8);
      expect(cursor.next()).toBe(false);
      expected += 40 * 3 + 1;
    }
    const frames = new FrameReader().push(writer.flush());
    expect(frames.length).toBe(expected);
    expect(frames.every(({ channel }) => channel === 8)).toBe(true);
    expect(frames.filter(({ name }) => name === "Basic.Ack").map((frame) => (frame as Basic.Ack).deliveryTag)).toEqual(
      Array.from({ length: 60 }, (_, i) => i),
    );
  });

  test("wants cursor and writer of one core", () => {
    const codec = createCodec();
    expect(() => new codec.FrameWriter().forwardRun(new FrameCursor().push(ack))).toThrow(EncodeError);
  });
});

describe("bodies that are not joined", () => {
  interface Seen {
    seen: unknown[];
    error?: Error;
  }

  function seen(pieces: readonly Uint8Array[], joinBodies: boolean): Seen {
    const cursor = new FrameCursor({ joinBodies });
    const seen: unknown[] = [];
    try {
      for (const piece of pieces) {
        cursor.push(piece);
        while (cursor.next()) {
          cursor.check();
          seen.push([cursor.name, cursor.channel, cursor.size, cursor.offset, cursor.octetsRead]);
          if (!joinBodies && cursor.type === 3 && cursor.body === undefined) {
            expect(() => cursor.octets).toThrow(EncodeError);
            expect(() => cursor.frame()).toThrow(EncodeError);
            expect(() => new FrameWriter().forward(cursor)).toThrow(EncodeError);
          } else expect(cursor.octets.length).toBe(cursor.size + 8);
        }
        seen.push(cursor.octetsPending);
      }
    } catch (error) {
      return { seen, error: error as Error };
    }
    return { seen };
  }

  const stream = concat([
    publish("a", 1),
    publish("b", 700, 5),
    ack,
    publish("c", 8),
    marshal(new ContentBody(new Uint8Array(0)), 2),
    ack,
  ]);

  test("are counted: the same frames, at every split into three", () => {
    for (let one = 0; one <= stream.length; one += 11) {
      for (let other = one; other <= stream.length; other += 13) {
        const pieces = cutAt(stream, [one, other]);
        const counted = seen(pieces, false);
        expect(counted).toEqual(seen(pieces, true));
        expect(counted.error).toBeUndefined();
      }
    }
    expect(
      seen(
        Array.from(stream, (octet) => Uint8Array.of(octet)),
        false,
      ),
    ).toEqual(
      seen(
        Array.from(stream, (octet) => Uint8Array.of(octet)),
        true,
      ),
    );
  });

  test("have their end checked, with the same error", () => {
    for (const frame of [bodyFrame(3, new Uint8Array(50).fill(1)), marshal(new ContentBody(new Uint8Array(300)), 9)]) {
      const octets = concat([ack, frame]);
      octets[octets.length - 1] = 0xcd;
      for (let at = 0; at < octets.length; at++) {
        const pieces = cutAt(octets, [at]);
        const counted = seen(pieces, false);
        const joined = seen(pieces, true);
        expect(counted.error).toBeInstanceOf(DecodeError);
        expect(told(counted.error)).toBe(told(joined.error));
        expect(counted.seen).toEqual(joined.seen);
      }
    }
  });

  test("take no memory, and are joined for whoever waits for a content", () => {
    const octets = publish("a", 1000);
    for (const at of [octets.length - 1, octets.length - 500]) {
      const cursor = new FrameCursor({ joinBodies: false });
      const writer = new FrameWriter();
      cursor.push(octets.subarray(0, at));
      expect(cursor.next()).toBe(true);
      writer.deliver(cursor, [{ channel: 4, consumerTag: "t", deliveryTag: 1 }]);
      expect(cursor.next()).toBe(false);
      cursor.push(octets.subarray(at));
      expect(cursor.next()).toBe(false);
      const frames = new FrameReader().push(writer.flush());
      expect(frames.map(({ name }) => name)).toEqual(["Basic.Deliver", "ContentHeader", "ContentBody"]);
      expect((frames[1] as ContentHeader).bodySize).toBe(1000);
    }
    // A frame of nearly 2 GiB, of which eight octets are kept.
    const cursor = new FrameCursor({ joinBodies: false, frameMax: 0 });
    cursor.push(Uint8Array.of(3, 0, 1, 0x7f, 0xff, 0xff, 0xf0));
    expect(cursor.next()).toBe(false);
    const piece = new Uint8Array(1 << 20);
    for (let left = 0x7ffffff0; left > 0; left -= piece.length) {
      cursor.push(left < piece.length ? piece.subarray(0, left) : piece);
      expect(cursor.next()).toBe(false);
    }
    expect(cursor.octetsPending).toBe(0x7ffffff0 + 7);
    cursor.push(Uint8Array.of(0xce));
    expect(cursor.next() && cursor.size === 0x7ffffff0 && cursor.body === undefined).toBe(true);
    cursor.push(ack);
    expect(cursor.next() && cursor.name === "Basic.Ack" && cursor.octets.length === 21).toBe(true);
  });
});
