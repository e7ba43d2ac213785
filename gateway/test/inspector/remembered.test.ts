/** What the inspector keeps for pages that open later, and what of all frames it is told. */
import { Basic, Channel, DecodeError, marshal } from "amqp-wasm";
import { describe, expect, test } from "vitest";
import { FrameTap, type TapFrame } from "../../src/frame-tap.js";
import { RecentFrames } from "../../src/inspector/recent-frames.js";
import { Traffic } from "../../src/inspector/traffic.js";
import { connection, text, told } from "./told.js";

describe("what is remembered", () => {
  test("is bounded in number", () => {
    const recent = new RecentFrames(10, 1_000_000);
    for (let number = 1; number <= 1000; number++) recent.add(told(new Uint8Array(8), { number }));
    expect(recent.all().map(({ number }) => number)).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1000]);
  });

  test("is bounded in octets", () => {
    const recent = new RecentFrames(1000, 5000);
    for (let number = 1; number <= 100; number++) recent.add(told(new Uint8Array(999), { number }));
    expect(recent.all().map(({ number }) => number)).toEqual([96, 97, 98, 99, 100]);
  });

  test("seconds are counted apart, totals together", () => {
    const tap = new FrameTap();
    tap.watch({});
    const traffic = new Traffic(tap);
    const stream = tap.stream(connection(1), "down");
    const octets = marshal(new Basic.Ack({ deliveryTag: 1 }), 1);
    stream.frame("Basic.Ack", 1, octets);
    stream.frame("Basic.Ack", 1, octets);
    expect(traffic.tick(5_000)).toEqual({ second: 5, up: 0, down: 2, octetsUp: 0, octetsDown: 2 * octets.length });
    stream.frame("Basic.Ack", 1, octets);
    expect(traffic.tick(6_000)).toMatchObject({ down: 1 });
    expect(traffic.totals()).toEqual({ frames: 3, counts: { "Basic.Ack": [0, 3, 0, 3 * octets.length] } });
    for (let second = 7; second < 300; second++) traffic.tick(second * 1000);
    expect(traffic.seconds.map(({ second }) => second)).toEqual(Array.from({ length: 120 }, (_, i) => 180 + i));
  });
});

describe("the tap's share for a watcher", () => {
  const watched = (maxFramesPerSecond: number) => {
    let now = 1_000_000;
    const tap = new FrameTap(() => now);
    const frames: TapFrame[] = [];
    tap.watch({ maxFramesPerSecond, frame: (frame) => frames.push(frame) });
    const stream = tap.stream(connection(1), "up");
    const ack = marshal(new Basic.Ack({ deliveryTag: 1 }), 1);
    return {
      frames,
      tap,
      stream,
      acks: (count: number) => {
        for (let i = 0; i < count; i++) stream.frame("Basic.Ack", 1, ack);
      },
      wait: (milliseconds: number) => (now += milliseconds),
    };
  };

  test("is spread over the second, and kept for a burst", () => {
    const { frames, tap, acks, wait } = watched(100);
    acks(500);
    expect(frames).toHaveLength(100);
    for (let tenth = 1; tenth <= 10; tenth++) {
      wait(100);
      acks(500);
      expect(frames).toHaveLength(100 + 10 * tenth);
    }
    wait(300);
    acks(500);
    expect(frames).toHaveLength(230);
    expect(tap.frames).toBe(6000);
    expect(tap.counts.get("Basic.Ack")?.up).toBe(6000);
  });

  test("has room for what is rare when the daily load has used it up, and refused frames always come", () => {
    const { frames, acks, stream } = watched(100);
    acks(500);
    const close = marshal(new Channel.Close({ replyCode: 404, replyText: "no", classId: 0, methodId: 0 }), 1);
    stream.frame("Channel.Close", 1, close);
    expect(frames.at(-1)!.octets).toEqual(close);
    for (let i = 0; i < 500; i++) stream.frame("Channel.Close", 1, close);
    expect(frames.length).toBeLessThan(250);
    stream.refused(new DecodeError({ code: "frame-end", message: "no", replyCode: 501, offset: 0 }), text("x"), false);
    expect(frames.at(-1)!.error?.code).toBe("frame-end");
  });
});
