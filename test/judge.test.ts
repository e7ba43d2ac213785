/** Verdicts on frames, as data. That a running broker agrees is tested in broker/verdicts.node.test.ts. */
import { describe, expect, test } from "vitest";
import * as facts from "../spec/verdicts.js";
import {
  Basic,
  Channel,
  Connection,
  createCodec,
  judge,
  marshal,
  Queue,
  REPLY_CODES,
  type JudgedPeer,
  type Judgement,
} from "../src/index.js";
import { captureNames, loadCapture } from "./support/captures.js";
import { randomFrame } from "./support/generated-frames.js";
import { concat, cutAt } from "./support/octets.js";
import { Random } from "./support/random.js";
import { handshakes, violations } from "./support/violations.js";
import { bodyFrame, counted, encodeErrorOf, frameOf, headerFrame, integer, shortstr } from "./support/wire.js";
import { encodeFrame } from "./reference.js";

const PEERS: JudgedPeer[] = ["rabbitmq-3", "rabbitmq-4", "lavinmq"];
const openChannel = marshal(new Channel.Open(), 1);
const options = { user: "guest", channels: [] };
const { peers } = facts;
interface Row {
  rule: string;
  text: string;
  verdicts: { [peer in JudgedPeer]?: { level: string; code: number } };
}
const rules = facts.rules as Row[];
/** Rules that cannot be broken between frames which all peers judge alike: a body size over the one broker's limit is over the message size of the others. */
const notHere = ["body-size"];
const verdictOf = (rule: string, peer: JudgedPeer) => rules.find((row) => row.rule === rule)?.verdicts[peer];

/** The rules that a judgement tells of. */
const rulesOf = (judgement: Judgement): string[] =>
  judgement.verdict === "accepted" ? judgement.remarks.map(({ rule }) => rule) : [judgement.rule];

describe.each(PEERS)("for %s", (peer) => {
  test.each(violations.map((violation) => [violation.name, violation] as const))("%s", (_, { rule, octets }) => {
    const judgement = judge(concat([openChannel, octets]), peer, options);
    const verdict = rule === undefined ? undefined : verdictOf(rule, peer);
    if (verdict === undefined) return expect(judgement).toEqual({ verdict: "accepted", remarks: [], octetsLeft: 0 });
    if (verdict.level === "none") {
      expect(judgement.verdict).toBe("accepted");
      return expect(rulesOf(judgement)).toEqual([rule]);
    }
    expect(judgement).toMatchObject({ rule, source: peer === "rabbitmq-3" ? "measured" : "read" });
    if (verdict.level === "abrupt") return expect(judgement).toMatchObject({ verdict: "abrupt close" });
    const { channel, replyText } = judgement as Judgement & { verdict: "close" };
    const level = channel === 0 ? "connection" : verdict.level;
    expect(judgement).toMatchObject({ verdict: "close", level, replyCode: verdict.code });
    const { name } = REPLY_CODES.find(({ code }) => code === verdict.code)!;
    expect(replyText).toBe(`${name} - ${rules.find((row) => row.rule === rule)!.text}`);
  });

  test.each(handshakes.map((handshake) => [handshake.name, handshake] as const))("%s", (_, { rule, octets }) => {
    const judgement = judge(octets, peer, options);
    // RabbitMQ 4 asks for the same as 3 here.
    const verdict = rule === undefined ? undefined : verdictOf(rule, peer);
    if (verdict === undefined) expect(judgement).toMatchObject({ verdict: "accepted", octetsLeft: 0 });
    else if (verdict.level === "none") expect(rulesOf(judgement)).toContain(rule);
    else expect(judgement).toMatchObject({ rule });
  });

  test("every cut of the octets into pieces gives the same", () => {
    for (const { octets } of violations) {
      const all = concat([openChannel, octets]);
      if (all.length > 500) continue;
      const expected = judge(all, peer, options);
      for (let i = 1; i < all.length; i++) expect(judge(cutAt(all, [i]), peer, options)).toEqual(expected);
    }
  });

  test("and a beginning of what is accepted is accepted, with octets left", () => {
    const opened = violations.map(({ rule, octets }) => ({ rule, octets: concat([openChannel, octets]) }));
    for (const { rule, octets } of [...opened, ...handshakes]) {
      if (rule !== undefined || octets.length > 500) continue;
      for (let length = 0; length < octets.length; length++) {
        expect(judge(octets.subarray(0, length), peer, options).verdict).toBe("accepted");
      }
    }
    expect(judge(marshal(new Basic.Ack(), 1).subarray(0, 20), peer)).toEqual({
      verdict: "accepted",
      remarks: [],
      octetsLeft: 20,
    });
    expect(judge(new Uint8Array(0), peer)).toEqual({ verdict: "accepted", remarks: [], octetsLeft: 0 });
  });

  test("whatever comes, there is a verdict and no error", () => {
    const random = new Random(41);
    const seen = new Set<string>();
    for (let i = 0; i < 3000; i++) {
      const octets = concat(Array.from({ length: 1 + random.below(4) }, () => encodeFrame(randomFrame(random))));
      for (let j = random.below(4); j > 0; j--) octets[random.below(octets.length)] = random.below(256);
      const judgement = judge(octets, peer);
      for (const rule of rulesOf(judgement)) seen.add(rule);
    }
    expect(seen.size).toBeGreaterThan(12);
  });
});

test("each rule is broken by some frames of the tests, and each peer has facts", () => {
  const broken = new Set([...violations, ...handshakes].map(({ rule }) => rule));
  expect(rules.map(({ rule }) => rule).filter((rule) => !broken.has(rule))).toEqual(notHere);
  expect(peers.map(({ name }) => name)).toEqual(PEERS);
});

test("tells which frame, where it stands, and on which channel", () => {
  const octets = concat([
    openChannel,
    marshal(new Basic.Publish(), 1),
    headerFrame(1, 4),
    bodyFrame(1, counted(3)),
    marshal(new Queue.Purge(), 1),
  ]);
  expect(judge(octets, "rabbitmq-4")).toEqual({
    verdict: "close",
    level: "connection",
    replyCode: 505,
    replyText: "UNEXPECTED_FRAME - method in the midst of a content",
    rule: "method-in-content",
    text: "method in the midst of a content",
    frame: 4,
    offset: octets.length - marshal(new Queue.Purge(), 1).length,
    channel: 1,
    source: "read",
  });
  expect(judge(octets, "lavinmq")).toMatchObject({ level: "channel", replyCode: 505, frame: 4 });
});

test("takes frames as objects, in a codec of its own too", () => {
  const declare = Object.assign(new Queue.Declare({ queue: "q" }), { channel: 1 });
  const publish = Object.assign(new Basic.Publish(), { channel: 1 });
  expect(judge([openChannel, declare], "rabbitmq-3").verdict).toBe("accepted");
  expect(createCodec().judge([publish, declare], "rabbitmq-3")).toMatchObject({ rule: "method-in-content", frame: 1 });
});

test("sizes: of a frame by what was agreed on, of a message by the broker's own", () => {
  const publish = marshal(new Basic.Publish(), 1);
  const large = concat([integer(3, 1), integer(1, 2), integer(4097, 4)]);
  expect(judge(large, "rabbitmq-3", { frameMax: 4096 })).toMatchObject({ rule: "frame-size" });
  expect(judge(large, "rabbitmq-3", { frameMax: 0 })).toMatchObject({ verdict: "accepted", octetsLeft: 7 });
  for (const size of [2n ** 29n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
    const announced = [publish, headerFrame(1, size)];
    expect(judge(announced, "rabbitmq-4")).toMatchObject({ rule: "body-size", level: "connection", replyCode: 501 });
    expect(judge(announced, "rabbitmq-3").verdict).toBe("accepted");
    expect(judge(announced, "lavinmq")).toMatchObject({ rule: "message-size", level: "channel", replyCode: 406 });
  }
  const body = frameOf(3, 1, new Uint8Array(16 * 1024 * 1024 + 1));
  const message = [publish, headerFrame(1, 16 * 1024 * 1024 + 1), body];
  expect(judge(message, "rabbitmq-4", { frameMax: 0 })).toMatchObject({
    rule: "message-size",
    level: "channel",
    replyCode: 406,
    frame: 2,
  });
  expect(judge(message, "rabbitmq-3", { frameMax: 0 }).verdict).toBe("accepted");
  const tuneOk = marshal(new Connection.TuneOk({ channelMax: 2047, frameMax: 4096, heartbeat: 0 }));
  const handshake = [handshakes[0]!.octets.subarray(0, 8), marshal(new Connection.StartOk({ response: "" })), tuneOk];
  expect(judge(handshake, "rabbitmq-4")).toMatchObject({
    rule: "tune-ok",
    verdict: "close",
    level: "connection",
    replyCode: 530,
  });
  expect(judge(handshake, "rabbitmq-3").verdict).toBe("accepted");
});

test("without a user nobody's id is minded", () => {
  const octets = [marshal(new Basic.Publish(), 1), headerFrame(1, 0, 0x0010, shortstr("somebody"))];
  expect(judge(octets, "rabbitmq-3").verdict).toBe("accepted");
  expect(judge(octets, "rabbitmq-3", { user: "guest" })).toMatchObject({ rule: "user-id", level: "channel" });
});

test("refuses what is no peer, no octets and no option", () => {
  expect(encodeErrorOf(() => judge(openChannel, "qpid" as JudgedPeer)).message).toContain(
    "rabbitmq-3, rabbitmq-4, lavinmq",
  );
  expect(encodeErrorOf(() => judge(openChannel, "toString" as JudgedPeer)).path).toBe("peer");
  expect(encodeErrorOf(() => judge(5 as never, "lavinmq")).path).toBe("frames");
  expect(encodeErrorOf(() => judge(openChannel, "lavinmq", { frameMax: -1 })).path).toBe("frameMax");
});

/** What real clients sent to RabbitMQ 3.10 and it answered without closing for the protocol's sake. */
test.each(captureNames.filter((name) => !/error|raw/.test(name)))("the capture %s is accepted", async (name) => {
  const { c2s } = await loadCapture(name);
  for (const peer of ["rabbitmq-3", "lavinmq"] as const) {
    expect(judge(c2s.octets, peer, { frameMax: 0, channelMax: 0 }), peer).toMatchObject({
      verdict: "accepted",
      octetsLeft: 0,
    });
  }
});
