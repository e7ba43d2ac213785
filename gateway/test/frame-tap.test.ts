/** What the tap tells of frames, and that it changes none. */
import { Basic, Connection, DecodeError, FrameCursor, marshal, unmarshal, ContentBody, ContentHeader } from "amqp-wasm";
import { describe, expect, test } from "vitest";
import { FrameTap, watchedFrame, type TapConnection, type TapFrame, type TapWatcher } from "../src/frame-tap.js";
import { startOk } from "./support/peer.js";

const connection: TapConnection = { id: 1, transport: "tcp", peer: "127.0.0.1:1", openedAt: 0 };

function watched(watcher: Partial<TapWatcher> = {}): { tap: FrameTap; frames: TapFrame[]; pass: (ms: number) => void } {
  let now = 0;
  const tap = new FrameTap(() => now);
  const frames: TapFrame[] = [];
  tap.watch({ ...watcher, frame: (frame) => frames.push(frame) });
  return { tap, frames, pass: (ms) => (now += ms) };
}

describe("secrets", () => {
  test.each([
    ["Connection.StartOk", startOk("hunter2"), "hunter2"],
    ["Connection.SecureOk", new Connection.SecureOk({ response: "hunter2" }), "hunter2"],
    ["Connection.Secure", new Connection.Secure({ challenge: "hunter2" }), "hunter2"],
    ["Connection.UpdateSecret", new Connection.UpdateSecret({ newSecret: "hunter2", reason: "old" }), "hunter2"],
  ])("%s is shown without them, at its length, and goes on as it came", (name, frame, secret) => {
    const { tap, frames } = watched();
    // As a socket gives it: a Buffer, whose slice would be a view of the same octets.
    const octets = Buffer.from(marshal(frame, 0));
    const before = octets.toString("latin1");
    tap.stream(connection, "up").frame(name, 0, octets);
    expect(octets.toString("latin1")).toBe(before);
    const shown = Buffer.from(frames[0]!.octets).toString("latin1");
    expect(shown).not.toContain(secret);
    expect(shown.length).toBe(before.length);
    expect(unmarshal(frames[0]!.octets)?.frame.name).toBe(name);
  });

  test("octets that were refused in the handshake are shown as far as the first eleven", () => {
    const { tap, frames } = watched();
    const stream = tap.stream(connection, "up");
    const error = new DecodeError({ code: "frame-end", message: "no", replyCode: 501, offset: 0 });
    stream.refused(error, Buffer.alloc(600, 1), true);
    stream.refused(error, Buffer.alloc(600, 1), false);
    expect(frames.map(({ octets, size }) => [octets.length, size])).toEqual([
      [11, 600],
      [512, 600],
    ]);
    expect(frames[0]!.error).toBe(error);
  });
});

test("nobody is told while nobody watches, and nothing is counted", () => {
  const tap = new FrameTap();
  const told: TapFrame[] = [];
  const end = tap.watch({ frame: (frame) => told.push(frame) });
  end();
  expect(tap.active).toBe(false);
  tap.stream(connection, "up").frame("Basic.Ack", 1, marshal(new Basic.Ack({ deliveryTag: 1 }), 1));
  expect([told.length, tap.frames, tap.counts.size]).toEqual([0, 0, 0]);
});

test("who ends within a content is not told the rest of it, and who begins there is told none of it", () => {
  const tap = new FrameTap();
  const stream = tap.stream(connection, "up");
  const told: string[] = [];
  const pass = (name: string, octets: Uint8Array): void => stream.passed(name, 1, octets.length, { octets });
  const end = tap.watch({ frame: () => told.push("one") });
  pass("Basic.Publish", marshal(new Basic.Publish(), 1));
  end();
  tap.watch({ frame: () => told.push("other") });
  pass("ContentHeader", marshal(new ContentHeader({ bodySize: 2 }), 1));
  pass("ContentBody", marshal(new ContentBody(new Uint8Array(2)), 1));
  expect(told).toEqual(["one"]);
  expect([tap.frames, tap.skipped]).toEqual([3, 2]);
  pass("Basic.Publish", marshal(new Basic.Publish(), 1));
  expect(told).toEqual(["one", "other"]);
});

test("of a body that began to come while nobody watched, the head is told", () => {
  const octets = marshal(new ContentBody(new Uint8Array(40).fill(9)), 3);
  const cursor = new FrameCursor({ joinBodies: false });
  cursor.push(octets.subarray(0, 20)).next();
  expect(cursor.push(octets.subarray(20)).next()).toBe(true);
  const { tap, frames } = watched();
  const stream = tap.stream(connection, "down");
  stream.frame("Basic.Deliver", 3, marshal(new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "" }), 3));
  stream.passed("ContentBody", 3, cursor.size + 8, watchedFrame(cursor));
  expect(frames[1]).toMatchObject({ size: 48, octets: octets.slice(0, 7) });
  cursor.push(octets).next();
  stream.passed("ContentBody", 3, cursor.size + 8, watchedFrame(cursor));
  expect(frames[2]).toMatchObject({ size: 48, octets });
});

test("bodies are copied as far as the watcher wants them", () => {
  const { tap, frames } = watched({ bodyOctets: 3 });
  const stream = tap.stream(connection, "down");
  stream.frame("Basic.Deliver", 1, marshal(new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "" }), 1));
  stream.frame("ContentHeader", 1, marshal(new ContentHeader({ bodySize: 10 }), 1));
  stream.frame("ContentBody", 1, marshal(new ContentBody(new Uint8Array(10).fill(7)), 1));
  const body = frames[2]!;
  expect([body.size, [...body.octets.subarray(7)]]).toEqual([18, [7, 7, 7]]);
});

test("what is left out is left out whole, and is counted all the same", () => {
  const { tap, frames, pass } = watched({ maxFramesPerSecond: 10 });
  const stream = tap.stream(connection, "up");
  const publish = (channel: number): void => {
    stream.frame("Basic.Publish", channel, marshal(new Basic.Publish(), channel));
    stream.frame("ContentHeader", channel, marshal(new ContentHeader({ bodySize: 1 }), channel));
    stream.frame("ContentBody", channel, marshal(new ContentBody(new Uint8Array(1)), channel));
  };
  for (let channel = 1; channel <= 5; channel++) publish(channel);
  // The fourth of them began when one frame of the first second's ten was left, and is told to its end.
  expect(frames.map((frame) => unmarshal(frame.octets)!.channel)).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
  expect(tap.counts.get("Basic.Publish")).toMatchObject({ up: 5, down: 0 });
  expect([tap.frames, tap.skipped]).toEqual([15, 3]);
  // What was told beyond the ten is made up for first.
  pass(200);
  publish(1);
  expect(frames).toHaveLength(12);
  pass(100);
  publish(1);
  expect(frames.at(-1)!.number).toBe(21);
});
