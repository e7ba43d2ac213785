/** Channels of a connection, followed from both sides. */
import { describe, expect, test } from "vitest";
import {
  Basic,
  Channel,
  ChannelTracker,
  ContentHeader,
  Heartbeat,
  ProtocolHeader,
  Queue,
  type Frame,
  type Peer,
} from "../src/index.js";
import { captureNames, loadCapture } from "./support/captures.js";
import { Random } from "./support/random.js";
import { read } from "./support/reading.js";
import { encodeErrorOf } from "./support/wire.js";

/** Lines such as "c Channel.Open 1": who, what, where; answered with the action and the state after it. */
function told(tracker: ChannelTracker, line: string): string {
  const [from, name, channel] = line.split(" ");
  const verdict = tracker.take(from === "c" ? "client" : "server", name!, Number(channel));
  return `${verdict.action} ${verdict.state}${verdict.action === "refuse" ? ` ${verdict.replyCode}` : ""}`;
}

const follow = (lines: Array<[line: string, verdict: string]>, tracker = new ChannelTracker()): ChannelTracker => {
  for (const [line, verdict] of lines) expect(`${line}: ${told(tracker, line)}`).toBe(`${line}: ${verdict}`);
  return tracker;
};
const opened: Array<[string, string]> = [
  ["c Channel.Open 1", "pass opening"],
  ["s Channel.OpenOk 1", "pass open"],
];

describe("a channel", () => {
  test("is opened, used and closed by the client; what the server sent meanwhile is dropped", () => {
    const tracker = follow([
      ...opened,
      ["c Basic.Consume 1", "pass open"],
      ["s Basic.Deliver 1", "pass open"],
      ["c Channel.Close 1", "pass closing"],
      ["s Basic.Deliver 1", "discard closing"],
      ["s ContentHeader 1", "discard closing"],
      ["s ContentBody 1", "discard closing"],
      ["c Basic.Ack 1", "discard closing"],
      ["c Channel.Close 1", "discard closing"],
      ["c Channel.Open 1", "discard closing"],
      ["s Channel.CloseOk 1", "pass closed"],
      ["s Channel.CloseOk 1", "discard closed"],
      ["s Channel.Close 1", "discard closed"],
    ]);
    expect([tracker.size, tracker.channels()]).toEqual([0, []]);
    follow(opened, tracker);
  });

  test("is closed by the server; what the client sent meanwhile is dropped until its close-ok", () => {
    follow([
      ...opened,
      ["s Channel.Close 1", "pass closing"],
      ["c Basic.Publish 1", "discard closing"],
      ["c ContentHeader 1", "discard closing"],
      ["s Channel.CloseOk 1", "discard closing"],
      ["c Channel.CloseOk 1", "pass closed"],
      ["c Basic.Publish 1", "refuse closed 504"],
    ]);
  });

  test("closed from both sides at once waits for both close-oks", () => {
    follow([
      ...opened,
      ["s Channel.Close 1", "pass closing"],
      ["c Channel.Close 1", "pass closing"],
      ["s Channel.CloseOk 1", "pass closing"],
      ["s Channel.CloseOk 1", "discard closing"],
      ["c Channel.CloseOk 1", "pass closed"],
    ]);
  });

  test("may be used before it is confirmed, and closed before too", () => {
    follow([
      ["c Channel.Open 1", "pass opening"],
      ["c Queue.Declare 1", "pass opening"],
      ["s Channel.Close 1", "pass closing"],
      ["s Channel.OpenOk 1", "discard closing"],
      ["c Channel.CloseOk 1", "pass closed"],
    ]);
  });

  test("is refused where it may not be, and nothing has changed then", () => {
    const tracker = follow([
      ...opened,
      ["c Channel.Open 1", "refuse open 504"],
      ["c Basic.Publish 2", "refuse closed 504"],
      ["s Channel.OpenOk 2", "refuse closed 504"],
      ["s Channel.Open 2", "refuse closed 504"],
      ["c ContentBody 2", "refuse closed 504"],
      ["c Connection.Close 1", "refuse open 503"],
      ["c Heartbeat 1", "refuse open 505"],
      ["c Basic.Publish 0", "refuse open 504"],
      ["c Channel.Open 0", "refuse open 504"],
      ["c ContentHeader 0", "refuse open 505"],
      ["c ContentBody 0", "refuse open 505"],
      ["c Basic.Publish 1", "pass open"],
    ]);
    expect(tracker.channels()).toEqual([1]);
  });
});

describe("channel-max", () => {
  test("holds for numbers and for how many there are", () => {
    const tracker = new ChannelTracker({ channelMax: 2 });
    follow(
      [
        ["c Channel.Open 3", "refuse closed 530"],
        ["c Channel.Open 2", "pass opening"],
        ["c Channel.Open 1", "pass opening"],
      ],
      tracker,
    );
    expect([tracker.size, tracker.channelMax]).toEqual([2, 2]);
    tracker.channelMax = 0;
    expect(tracker.channelMax).toBe(65535);
    follow([["c Channel.Open 65535", "pass opening"]], tracker);
    expect(tracker.channels()).toEqual([2, 1, 65535]);
    expect(tracker.take("client", "Channel.Open", 3)).toEqual({ action: "pass", state: "opening" });
    for (const channelMax of [-1, 65536, 1.5]) {
      expect(encodeErrorOf(() => new ChannelTracker({ channelMax })).path).toBe("channelMax");
    }
  });
});

describe("the connection", () => {
  test("is channel 0: closed by one side, all else is dropped until the other's close-ok", () => {
    const tracker = follow([
      ["c ProtocolHeader 0", "pass open"],
      ["s Connection.Start 0", "pass open"],
      ...opened,
      ["c Heartbeat 0", "pass open"],
      ["s Connection.Close 0", "pass closing"],
      ["c Basic.Publish 1", "discard open"],
      ["c Heartbeat 0", "discard closing"],
      ["s Connection.Close 0", "discard closing"],
      ["c Connection.CloseOk 0", "pass closed"],
      ["c Channel.Open 1", "discard closed"],
      ["c Connection.Close 0", "discard closed"],
    ]);
    expect([tracker.state(0), tracker.state(1), tracker.size]).toEqual(["closed", "closed", 0]);
    tracker.reset();
    expect(tracker.state(0)).toBe("open");
    follow(opened, tracker);
  });

  test("closed from both sides waits for both", () => {
    follow([
      ["c Connection.Close 0", "pass closing"],
      ["s Connection.Close 0", "pass closing"],
      ["c Connection.CloseOk 0", "pass closing"],
      ["s Connection.CloseOk 0", "pass closed"],
    ]);
  });
});

test("takes frames as well as names", () => {
  const tracker = new ChannelTracker();
  const on = (channel: number, frame: Frame): Frame => Object.assign(frame, { channel });
  expect(tracker.take("client", new ProtocolHeader()).action).toBe("pass");
  expect(tracker.take("client", on(7, new Channel.Open()))).toEqual({ action: "pass", state: "opening" });
  expect(tracker.take("server", on(7, new Channel.OpenOk()))).toEqual({ action: "pass", state: "open" });
  expect(tracker.take("client", on(7, new Basic.Publish())).action).toBe("pass");
  expect(tracker.take("client", on(7, new ContentHeader())).action).toBe("pass");
  expect(tracker.take("client", on(8, new Queue.Declare()))).toEqual({
    action: "refuse",
    state: "closed",
    replyCode: 504,
    replyText: "CHANNEL_ERROR - Queue.Declare on channel 8, which is not open",
  });
  expect(tracker.take("server", new Heartbeat()).action).toBe("pass");
});

test("refuses what is no peer, no frame and no channel", () => {
  const tracker = new ChannelTracker();
  expect(encodeErrorOf(() => tracker.take("broker" as Peer, "Heartbeat", 0)).path).toBe("from");
  expect(encodeErrorOf(() => tracker.take("client", undefined as never)).path).toBe("frame");
  expect(encodeErrorOf(() => tracker.take("client", "Heartbeat", 65536)).path).toBe("channel");
  expect(encodeErrorOf(() => tracker.take("client", "Heartbeat", undefined as never)).path).toBe("channel");
});

test("random frames of both sides: the state is always one of four, and nothing is kept of closed channels", () => {
  const random = new Random(31);
  const names = ["Channel.Open", "Channel.OpenOk", "Channel.Close", "Channel.CloseOk", "Basic.Publish", "ContentBody"];
  const tracker = new ChannelTracker({ channelMax: 5 });
  for (let i = 0; i < 20_000; i++) {
    const channel = 1 + random.below(8);
    const before = tracker.state(channel);
    const verdict = tracker.take(random.chance(2) ? "client" : "server", names[random.below(names.length)]!, channel);
    expect(tracker.state(channel)).toBe(verdict.action === "pass" ? verdict.state : before);
    expect(tracker.size).toBeLessThanOrEqual(5);
    expect(tracker.channels().every((one) => tracker.state(one) !== "closed")).toBe(true);
  }
});

/** Clients and the broker that recorded these kept to the rules, but for those that were told to break them. */
test.each(captureNames.filter((name) => !/error|raw/.test(name)))(
  "the capture %s is in order, as far as one direction goes",
  async (name) => {
    const { c2s, s2c } = await loadCapture(name);
    // The captures keep no order between the two directions: the client's frames first, as if it had sent them ahead.
    const tracker = new ChannelTracker();
    const { frames } = read([c2s.octets]);
    for (const frame of frames) {
      const verdict = tracker.take("client", frame);
      expect(verdict.action, `${frame.name} on ${frame.channel}`).not.toBe("refuse");
      if (verdict.state === "closing") break;
    }
    expect(s2c.octets.length).toBeGreaterThan(0);
  },
);
