/** Runs among everything else that is done with a cursor, its writer and their core: what was asked for before, meanwhile and behind them. */
import { describe, expect, test } from "vitest";
import {
  Basic,
  Channel,
  ContentBody,
  createCodec,
  EncodeError,
  FrameCursor,
  FrameReader,
  FrameWriter,
  Heartbeat,
  marshal,
} from "../src/index.js";
import { concat, cutAt } from "./support/octets.js";
import { encodeErrorOf } from "./support/wire.js";

const ack = (channel: number, deliveryTag = 1): Uint8Array => marshal(new Basic.Ack({ deliveryTag }), channel);
const publish = (routingKey: string, octets: number, frameMax = 131072): Uint8Array =>
  new FrameWriter({ frameMax }).publish(1, new Basic.Publish({ routingKey }), {}, new Uint8Array(octets)).flush();
const consumer = { channel: 7, consumerTag: "t", deliveryTag: 1 };
const channels = (octets: Uint8Array): number[] => new FrameReader().push(octets).map(({ channel }) => channel);

describe("a body that was not joined", () => {
  test("is not forwarded, whatever older frames left in its room", () => {
    const cursor = new FrameCursor();
    const writer = new FrameWriter();
    const frame = (octet: number): Uint8Array[] =>
      cutAt(marshal(new ContentBody(new Uint8Array(5).fill(octet)), 1), [9]);
    for (const piece of frame(1)) cursor.push(piece).next();
    expect(cursor.body).toEqual(new Uint8Array(5).fill(1));
    cursor.joinBodies = false;
    for (const piece of frame(2)) cursor.push(piece).next();
    expect([cursor.name, cursor.size, cursor.body]).toEqual(["ContentBody", 5, undefined]);
    expect(encodeErrorOf(() => writer.forward(cursor)).message).toContain("joinBodies");
    expect(writer.bytesPending).toBe(0);
  });
});

describe("a cursor at a run", () => {
  test("does not go back where the first content of the run is delivered", () => {
    const cursor = new FrameCursor().push(concat([publish("a", 3), publish("b", 3), ack(1)]));
    expect(cursor.passRun()?.frames).toBe(7);
    const writer = new FrameWriter().deliver(cursor, [consumer]);
    expect(cursor.next()).toBe(false);
    expect(new FrameReader().push(writer.flush()).map(({ name }) => name)).toEqual([
      "Basic.Deliver",
      "ContentHeader",
      "ContentBody",
    ]);
  });

  test("refuses to wait for a content that was passed by", () => {
    const cursor = new FrameCursor().push(concat([publish("a", 9000, 4096), publish("b", 3)]));
    cursor.passRun({ maxBodySize: 9000 });
    const writer = new FrameWriter();
    expect(() => writer.deliver(cursor, [consumer])).toThrow(EncodeError);
    expect(() => writer.getOk(cursor, { channel: 1, deliveryTag: 1 })).toThrow(EncodeError);
    expect([cursor.next(), writer.bytesPending]).toEqual([false, 0]);
    cursor.push(publish("c", 3));
    expect(cursor.next() && cursor.routingKey === "c").toBe(true);
    writer.deliver(cursor, [consumer]);
    expect(cursor.next()).toBe(false);
  });

  test("stands at the first method of all that was forwarded, on however many channels", () => {
    const octets = concat([publish("a", 3), ack(2), ack(3)]);
    const cursor = new FrameCursor().push(concat([marshal(new Heartbeat(), 0), octets]));
    expect(cursor.next()).toBe(true);
    const run = new FrameWriter().forwardRun(cursor, { channelOf: (channel) => channel + 1 })!;
    expect([run.frames, cursor.offset, cursor.name, cursor.routingKey]).toEqual([5, 8, "Basic.Publish", "a"]);
    expect(cursor.octets).toEqual(run.octets.subarray(0, cursor.size + 8));
    expect(cursor.next()).toBe(false);
  });

  test("is new after reset: nothing of the octets before it is forwarded", () => {
    const cursor = new FrameCursor().push(concat([ack(1), ack(1)]));
    const writer = new FrameWriter();
    expect(cursor.next()).toBe(true);
    writer.forward(cursor).flush();
    cursor.reset();
    expect(cursor.name).toBe("Heartbeat");
    expect(writer.forward(cursor).flush()).toEqual(marshal(new Heartbeat(), 0));
  });

  test("counts right where somebody else grew the memory", () => {
    const memory = new WebAssembly.Memory({ initial: 64 });
    const codec = createCodec({ memory });
    const cursor = new codec.FrameCursor().push(concat([ack(1), publish("a", 3), ack(1)]));
    expect(cursor.next()).toBe(true);
    // Has the core look at all of them.
    new codec.FrameWriter().forward(cursor);
    memory.grow(1);
    expect(cursor.passRun()).toMatchObject({ frames: 4, contents: 1 });
  });
});

describe("whoever is asked for a limit or a channel", () => {
  test("may use the core, the writer and other cursors", () => {
    const octets = concat([ack(1), ack(2), publish("a", 3), ack(3)]);
    const cursor = new FrameCursor().push(octets);
    const writer = new FrameWriter();
    const other = new FrameCursor();
    const otherWriter = new FrameWriter();
    const run = writer.forwardRun(cursor, {
      get channelMax() {
        expect(new FrameReader().push(octets).length).toBe(6);
        return 5;
      },
      channelOf(channel) {
        other.push(octets);
        expect(otherWriter.forwardRun(other, { channelOf: () => 9 })?.frames).toBe(6);
        expect(other.next()).toBe(false);
        writer.write(new Basic.Ack({ deliveryTag: 1 }), 50);
        return channel + 10;
      },
    })!;
    expect([run.frames, run.contents, run.octets]).toEqual([6, 1, octets]);
    expect(channels(writer.flush())).toEqual([50, 11, 50, 12, 50, 11, 11, 11, 50, 13]);
    expect(channels(otherWriter.flush())).toEqual(new Array(24).fill(9));
  });

  test("must not move the cursor", () => {
    const octets = concat([ack(1), ack(2), ack(2), ack(1)]);
    const writer = new FrameWriter();
    const cursor = new FrameCursor().push(octets);
    const error = encodeErrorOf(() =>
      writer.forwardRun(cursor, {
        channelOf(channel) {
          if (channel === 2) cursor.next();
          return channel + 10;
        },
      }),
    );
    expect(error.path).toBe("channelOf");
    expect(channels(writer.flush())).toEqual([11]);
    expect([cursor.channel, cursor.offset]).toEqual([2, 21]);

    // A limit that is asked for late would be one for other octets.
    const moved = new FrameCursor().push(octets);
    const run = moved.passRun({
      get channelMax() {
        moved.next();
        return 5;
      },
    })!;
    expect([run.frames, moved.offset, run.octets]).toEqual([3, 21, octets.subarray(21)]);
    const gone = new FrameCursor().push(octets);
    expect(
      gone.passRun({
        get channelMax() {
          while (gone.next());
          return 5;
        },
      }),
    ).toBeUndefined();
  });

  test("may be a getter among values that are encoded: it is refused, and leaves the octets as they are", () => {
    const octets = concat([ack(1), ack(1), publish("a", 3)]);
    const cursor = new FrameCursor().push(octets);
    const writer = new FrameWriter();
    expect(cursor.next()).toBe(true);
    let refused: unknown;
    writer.publish(1, new Basic.Publish(), {
      headers: {
        get a() {
          try {
            writer.forwardRun(cursor, { channelOf: () => 99 });
          } catch (error) {
            refused = error;
          }
          return 1;
        },
      },
    });
    expect(refused).toBeInstanceOf(EncodeError);
    writer.flush();
    expect(writer.forwardRun(cursor)?.frames).toBe(4);
    expect(channels(writer.flush())).toEqual([1, 1, 1, 1]);
  });
});

describe("a content that is not forwarded", () => {
  test("stays as it came for whoever comes next", () => {
    // The second body frame is too large for the first writer.
    const octets = concat([publish("a", 10_000, 4096).subarray(0, -12), ack(1)]);
    const whole = concat([
      new FrameWriter().publish(1, new Basic.Publish(), {}, new Uint8Array(5000)).flush().subarray(0, -5008),
      marshal(new ContentBody(new Uint8Array(10)), 1),
      marshal(new ContentBody(new Uint8Array(4990)), 1),
    ]);
    const cursor = new FrameCursor().push(concat([ack(1), whole, octets]));
    expect(cursor.next()).toBe(true);
    const small = new FrameWriter({ frameMax: 4096 });
    expect(small.forwardRun(cursor, { channelOf: () => 5 })).toBeUndefined();
    const large = new FrameWriter();
    expect(large.forwardRun(cursor, { channelOf: () => 6 })?.frames).toBe(4);
    expect(channels(large.flush())).toEqual([6, 6, 6, 6]);
  });
});

describe("runs of one frame each", () => {
  test("do not have the core load the octets that stand behind them again and again", () => {
    const pair = concat([ack(1), marshal(new Channel.Flow({ active: true }), 1)]);
    const octets = concat(Array.from({ length: 12_000 }, () => pair));
    const time = (runs: boolean): number => {
      let least = Infinity;
      for (let round = 0; round < 5; round++) {
        const cursor = new FrameCursor().push(octets);
        const writer = new FrameWriter();
        const from = performance.now();
        do if (runs) writer.forwardRun(cursor, { channelOf: (channel) => channel + 1 });
        while (cursor.next() && writer.forward(cursor, { channel: cursor.channel + 1 }));
        least = Math.min(least, performance.now() - from);
        expect(writer.flush().length).toBe(octets.length);
      }
      return least;
    };
    // A few calls more for each: about seven times as long. Loading made it hundreds.
    expect(time(true) / time(false)).toBeLessThan(50);
  });
});
