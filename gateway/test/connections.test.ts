/** Connections from their first octet to their last: handshake, wrong octets, limits, slow clients, and clients that answer while they are written to. */
import {
  Basic,
  Channel,
  Confirm,
  Connection,
  Exchange,
  FieldTable,
  FrameWriter,
  ProtocolHeader,
  Queue,
  Tx,
} from "amqp-wasm";
import { beforeEach, describe, expect, test } from "vitest";
import { Broker, type BrokerOptions } from "../src/broker/index.js";
import { ManualClock } from "./support/manual-clock.js";
import { Wire } from "./support/wire.js";

let lines: string[];
let broker: Broker;

const make = (options: BrokerOptions = {}): Broker => {
  lines = [];
  return new Broker({ clock: new ManualClock(), log: (line) => lines.push(line), ...options });
};

beforeEach(() => {
  broker = make();
});

const header = new ProtocolHeader({ major: 0, minor: 9, revision: 1 });
const startOk = (mechanism: string, response: string | Uint8Array, capabilities = {}) =>
  new Connection.StartOk({ clientProperties: { capabilities }, mechanism, response, locale: "en_US" });
const declare = (queue: string, fields: Record<string, unknown> = {}) =>
  new Queue.Declare({ queue, arguments: fields as never });

test("the first line says that nothing is kept", () => {
  expect(lines).toEqual([
    "embedded broker: keeps everything in memory and nothing beyond; for production run RabbitMQ or LavinMQ",
  ]);
});

test.each([
  ["maxConnections", 0],
  ["maxChannels", 65536],
  ["frameMax", 4095],
  ["heartbeat", 1.5],
  ["maxBodySize", -1],
])("option %s of %s is refused", (name, value) => {
  expect(() => make({ [name]: value })).toThrow(new RegExp(`^${name}: integer of \\d+ to \\d+ required`));
});

describe("handshake", () => {
  test.each([
    ["HTTP", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")],
    ["TLS", Uint8Array.of(0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3)],
    ["AMQP 1.0", new ProtocolHeader({ major: 1, minor: 0, revision: 0 })],
    ["AMQP 0-8", new ProtocolHeader({ id: 1, major: 1, minor: 8, revision: 0 })],
  ])("%s is told what is spoken here, and the line ends", (_, said) => {
    const wire = new Wire(broker);
    if (said instanceof Uint8Array) wire.push(said);
    else wire.send(said, 0);
    expect([wire.octets, wire.ended, wire.seen()]).toEqual([8, true, ["ProtocolHeader"]]);
    expect(broker.connectionCount).toBe(0);
  });

  test("frames without a protocol header get one, garbage behind it gets nothing", () => {
    const wire = new Wire(broker).send(new Connection.Open({ virtualHost: "/" }), 0);
    expect([wire.ended, wire.seen()]).toEqual([true, ["ProtocolHeader"]]);
    const garbage = new Wire(broker).send(header, 0).push(Uint8Array.of(1, 0, 0, 0, 0, 0, 1, 7, 7));
    expect([garbage.ended, garbage.seen()]).toEqual([true, ["Connection.Start"]]);
  });

  test("PLAIN and AMQPLAIN, and what each of them must not say", () => {
    const answers = (mechanism: string, response: string | Uint8Array, capabilities = {}) => {
      const wire = new Wire(broker).send(header, 0).send(startOk(mechanism, response, capabilities), 0);
      return [wire.seen().slice(1), wire.ended];
    };
    const login = (LOGIN: string, PASSWORD: string) => FieldTable.from({ LOGIN, PASSWORD }).octets;
    expect(answers("PLAIN", "\0guest\0guest")).toEqual([["Connection.Tune"], false]);
    expect(answers("PLAIN", "me\0guest\0guest")).toEqual([["Connection.Tune"], false]);
    expect(answers("AMQPLAIN", login("guest", "guest"))).toEqual([["Connection.Tune"], false]);
    for (const [mechanism, response] of [
      ["PLAIN", "\0guest\0wrong"],
      ["PLAIN", "guest"],
      ["PLAIN", "\0guest\0guest\0more"],
      ["PLAIN", "\0__proto__\0[object Object]"],
      ["AMQPLAIN", login("guest", "wrong")],
      ["AMQPLAIN", "no table"],
    ] as const) {
      expect(answers(mechanism, response), response.toString()).toEqual([[], true]);
      const text = `ACCESS_REFUSED - Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`;
      const close = `Connection.Close 403 ${text} (10.11)`;
      expect(answers(mechanism, response, { authentication_failure_close: true })).toEqual([[close], false]);
    }
    expect(answers("EXTERNAL", "")).toEqual([[], true]);
    // No password is ever written down.
    expect(lines.join("\n")).not.toContain("wrong");
  });

  test.each([
    [{ frameMax: 4095 }, "negotiated frame_max = 4095 is lower than the minimum allowed value (4096)"],
    [{ frameMax: 0 }, "negotiated frame_max = 0 is higher than the maximum allowed value (131072)"],
    [{ frameMax: 131073 }, "negotiated frame_max = 131073 is higher than the maximum allowed value (131072)"],
    [{ channelMax: 0 }, "negotiated channel_max = 0 is higher than the maximum allowed value (2047)"],
    [{ channelMax: 2048 }, "negotiated channel_max = 2048 is higher than the maximum allowed value (2047)"],
  ])("tune-ok with %j", (given, text) => {
    const wire = new Wire(broker).greet();
    wire.seen();
    wire.send(new Connection.TuneOk({ frameMax: 131072, channelMax: 2047, heartbeat: 0, ...given }), 0);
    expect(wire.seen()).toEqual([`Connection.Close 530 NOT_ALLOWED - ${text} (10.31)`]);
  });

  test("a virtual host that is not there", () => {
    const wire = new Wire(broker).greet();
    wire.send(new Connection.TuneOk({ frameMax: 131072, channelMax: 2047, heartbeat: 0 }), 0).seen();
    wire.send(new Connection.Open({ virtualHost: "other" }), 0);
    expect(wire.seen()).toEqual(["Connection.Close 530 NOT_ALLOWED - vhost other not found (10.40)"]);
  });

  test("methods out of their turn", () => {
    const wire = new Wire(broker).greet();
    wire.seen();
    wire.send(new Connection.Open({ virtualHost: "/" }), 0);
    expect(wire.seen()[0]).toMatch(/^Connection.Close 503 COMMAND_INVALID/);
    const early = new Wire(broker).greet();
    early.seen();
    early.toQueue("q", "too early");
    expect(early.seen()[0]).toMatch(/^Connection.Close 503 COMMAND_INVALID/);
  });

  test("two virtual hosts know nothing of each other", () => {
    const two = make({ virtualHosts: ["/", "other"], users: { me: "secret" } });
    const open = (virtualHost: string) => {
      const wire = new Wire(two).send(header, 0).send(startOk("PLAIN", "\0me\0secret"), 0);
      wire.send(new Connection.TuneOk({ frameMax: 131072, channelMax: 2047, heartbeat: 0 }), 0);
      wire.send(new Connection.Open({ virtualHost }), 0).send(new Channel.Open(), 1);
      wire.seen();
      return wire;
    };
    open("/").send(declare("q"));
    expect(
      open("other")
        .send(new Queue.Declare({ queue: "q", passive: true }))
        .seen(),
    ).toEqual(["Channel.Close 404 NOT_FOUND - no queue 'q' in vhost 'other' (50.10)"]);
  });
});

describe("wrong frames", () => {
  /** What an open connection answers to these octets. */
  const answer = (octets: Uint8Array): string[] => {
    const wire = Wire.open(broker);
    wire.push(octets);
    return wire.seen();
  };
  const frame = (type: number, channel: number, payload: readonly number[], end = 0xce) =>
    Uint8Array.from([
      type,
      channel >> 8,
      channel & 255,
      0,
      0,
      payload.length >> 8,
      payload.length & 255,
      ...payload,
      end,
    ]);
  const contentHeader = (size: number, weight = 0, classId = 60) =>
    frame(2, 1, [0, classId, 0, weight, 0, 0, 0, 0, 0, 0, 0, size, 0, 0]);
  const publish = frame(1, 1, [0, 60, 0, 40, 0, 0, 0, 1, 0x71, 0]);
  const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

  test.each<readonly [string, Uint8Array, number]>([
    ["a wrong frame-end", frame(8, 0, [], 7), 501],
    ["an unknown type", frame(9, 0, []), 501],
    ["a frame over frame-max", Uint8Array.of(3, 0, 1, 0xff, 0xff, 0xff, 0xff), 501],
    ["a method of two octets", frame(1, 1, [0, 60]), 501],
    ["an unknown method", frame(1, 1, [0, 60, 0, 99]), 540],
    ["a heartbeat on a channel", frame(8, 1, []), 505],
    ["a heartbeat with a payload", frame(8, 0, [1]), 501],
    ["a header without a method", contentHeader(1), 505],
    ["a body without a header", frame(3, 1, [1]), 505],
    ["a body right behind a method", join(publish, frame(3, 1, [1])), 505],
    ["a method amid a content", join(publish, publish), 505],
    ["a header of another class", join(publish, contentHeader(0, 0, 50)), 505],
    ["a header with a weight", join(publish, contentHeader(0, 1)), 505],
    ["a second header", join(publish, contentHeader(1), contentHeader(1)), 505],
    ["more body than announced", join(publish, contentHeader(1), frame(3, 1, [1, 2])), 501],
    ["a body of nothing behind a content of nothing", join(publish, contentHeader(0), frame(3, 1, [])), 505],
    ["content on channel 0", frame(2, 0, [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 505],
    ["a channel method on channel 0", frame(1, 0, [0, 50, 0, 30, 0, 0, 1, 0x71, 0]), 504],
    ["arguments cut short", frame(1, 1, [0, 50, 0, 30, 0, 0, 5, 0x71]), 501],
    ["octets behind the arguments", frame(1, 1, [0, 50, 0, 30, 0, 0, 1, 0x71, 0, 9]), 501],
    ["a name that is no UTF-8", frame(1, 1, [0, 50, 0, 30, 0, 0, 1, 0xff, 0]), 501],
    [
      "a header table cut short",
      join(publish, frame(2, 1, [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 9])),
      541,
    ],
    [
      "an unknown field",
      join(publish, frame(2, 1, [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 3, 1, 0x61, 0x5a])),
      541,
    ],
    ["a method of a broker with a content", frame(1, 1, [0, 60, 0, 72]), 501],
    ["a channel that was never opened", frame(1, 9, [0, 50, 0, 30, 0, 0, 1, 0x71, 0]), 504],
  ])("%s", (_name, octets, code) => {
    const seen = answer(octets);
    expect(seen.length).toBe(1);
    expect(seen[0]).toMatch(new RegExp(`^Connection.Close ${code} `));
    // Cut into single octets it is the same.
    const wire = Wire.open(broker);
    for (const octet of octets) wire.push(Uint8Array.of(octet));
    expect(wire.seen()).toEqual(seen);
    expect(lines.at(-1)).toMatch(/^wire: /);
  });

  test("the error of one connection is none of another's", () => {
    const other = Wire.open(broker);
    other.send(declare("q"));
    answer(frame(9, 0, []));
    other.seen();
    expect(other.send(new Queue.Delete({ queue: "q" })).seen()).toEqual(["Queue.DeleteOk 0"]);
  });
});

describe("limits", () => {
  test("of connections", () => {
    const one = make({ maxConnections: 1 });
    const first = Wire.open(one);
    const second = new Wire(one);
    expect([first.ended, second.ended]).toEqual([false, true]);
    second.push(Uint8Array.of(1));
    first.end.close();
    expect(Wire.open(one).ended).toBe(false);
  });

  test("of channels", () => {
    const wire = Wire.open(broker, { channelMax: 2 });
    wire.send(new Channel.Open(), 2).send(new Channel.Open(), 3);
    expect(wire.seen()).toEqual([
      "Channel.OpenOk",
      "Connection.Close 530 NOT_ALLOWED - channel 3 is over the negotiated channel_max (2) (20.10)",
    ]);
  });

  test("of queues and exchanges", () => {
    const few = make({ maxQueues: 1, maxExchanges: 7 });
    const wire = Wire.open(few);
    wire.send(declare("a")).send(declare("a")).seen();
    expect(wire.send(declare("b")).seen()[0]).toMatch(/^Channel.Close 406 .*limit of queues/);
    wire.send(new Channel.CloseOk()).send(new Channel.Open()).seen();
    wire.send(new Exchange.Declare({ exchange: "x", type: "topic" })).seen();
    expect(wire.send(new Exchange.Declare({ exchange: "y", type: "topic" })).seen()[0]).toMatch(/limit of exchanges/);
  });

  test("of bodies: the channel, and the connection far beyond", () => {
    const small = make({ maxBodySize: 10 });
    const wire = Wire.open(small);
    wire.toQueue("q", "x".repeat(10)).toQueue("q", "x".repeat(11));
    const text = "PRECONDITION_FAILED - message size 11 is larger than configured max size 10";
    expect(wire.seen()).toEqual([`Channel.Close 406 ${text} (60.40)`]);
    wire.send(new Channel.CloseOk()).send(new Channel.Open()).seen();
    wire.toQueue("q", "x".repeat(41));
    expect(wire.seen()[0]).toMatch(/^Connection.Close 501 /);
  });

  test("of what is stored: who publishes waits, who consumes does not", () => {
    const full = make({ maxStoredOctets: 10_000 });
    const publisher = Wire.open(full);
    const consumer = Wire.open(full);
    publisher.send(declare("q"));
    let sent = 0;
    while (publisher.end.push(publisher.message("q", new Uint8Array(1000))) && sent < 100) sent += 1;
    expect(sent).toBeGreaterThan(3);
    expect(sent).toBeLessThan(10);
    expect(full.storedOctets).toBeLessThan(13_000);
    expect([publisher.resumed, consumer.end.push(new Uint8Array(0))]).toEqual([0, true]);
    consumer.send(new Basic.Get({ queue: "q", noAck: true }));
    expect(publisher.resumed).toBe(0);
    consumer.send(new Queue.Purge({ queue: "q" }));
    expect([publisher.resumed, full.storedOctets]).toEqual([1, 0]);
    expect(publisher.end.push(publisher.message("q", "again"))).toBe(true);
  });
});

describe("slow clients", () => {
  const open = () => {
    const wire = Wire.open(broker);
    wire.send(declare("q"));
    return wire;
  };

  test("get no deliveries until they take octets again; others get them meanwhile", () => {
    const slow = open();
    slow.send(new Basic.Consume({ queue: "q", noAck: true, consumerTag: "slow" })).seen();
    const publisher = Wire.open(broker);
    slow.takes = false;
    for (const body of "abc") publisher.toQueue("q", body);
    expect(slow.seen()).toEqual(['Basic.Deliver "a"']);
    const other = Wire.open(broker);
    other.seen();
    other.send(new Basic.Consume({ queue: "q", noAck: true, consumerTag: "other" }));
    expect(other.seen()).toEqual(["Basic.ConsumeOk", 'Basic.Deliver "b"', 'Basic.Deliver "c"']);
    other.send(new Basic.Cancel({ consumerTag: "other" })).seen();
    publisher.toQueue("q", "d").toQueue("q", "e");
    expect(slow.seen()).toEqual([]);
    slow.takes = true;
    slow.end.drained();
    expect(slow.seen()).toEqual(['Basic.Deliver "d"', 'Basic.Deliver "e"']);
  });

  test("a consumer that never reads holds one piece, not the queue", () => {
    const publisher = open();
    for (let i = 0; i < 100; i++) publisher.toQueue("q", new Uint8Array(100_000));
    const slow = Wire.open(broker);
    slow.takes = false;
    slow.seen();
    slow.send(new Basic.Consume({ queue: "q", noAck: true }));
    expect(slow.octets).toBeLessThan(700_000);
    slow.takes = true;
    slow.end.drained();
    expect(slow.items.length).toBe(101);
  });

  test("who asks and does not read is not read any more", () => {
    const small = make({ maxWaitingOctets: 1000 });
    const wire = Wire.open(small);
    wire.takes = false;
    let asked = 0;
    while (wire.end.push(new FrameWriter().write(new Basic.Qos(), 1).flush()) && asked < 1000) asked += 1;
    expect(asked).toBeLessThan(100);
    wire.takes = true;
    wire.end.drained();
    expect(wire.resumed).toBe(1);
    expect(wire.seen().filter((text) => text === "Basic.QosOk").length).toBe(asked + 1);
  });

  test("a client that goes gives back what it had, in its place", () => {
    const publisher = open();
    for (const body of "abcd") publisher.toQueue("q", body);
    const gone = Wire.open(broker);
    gone.send(new Basic.Qos({ prefetchCount: 3 })).send(new Basic.Consume({ queue: "q", consumerTag: "c" }));
    gone.send(new Basic.Ack({ deliveryTag: 2 }));
    gone.end.close();
    publisher.seen();
    publisher.send(new Basic.Consume({ queue: "q", consumerTag: "c" }));
    expect(publisher.seen()).toEqual([
      "Basic.ConsumeOk",
      'Basic.Deliver redelivered "a"',
      'Basic.Deliver redelivered "c"',
      'Basic.Deliver redelivered "d"',
    ]);
    publisher.send(new Basic.Ack({ deliveryTag: 0, multiple: true }));
    expect(broker.storedOctets).toBe(0);
  });
});

test("a client that answers while it is written to gets its turn afterwards", () => {
  const wire = Wire.open(broker);
  wire
    .send(declare("q"))
    .send(new Basic.Consume({ queue: "q", noAck: true }))
    .seen();
  let answers = 0;
  wire.onWrite = () => {
    if (answers++ < 3) wire.toQueue("q", `echo ${answers}`);
  };
  wire.toQueue("q", "first");
  wire.onWrite = undefined;
  expect(wire.seen()).toEqual(["first", "echo 1", "echo 2", "echo 3"].map((body) => `Basic.Deliver "${body}"`));
});

test("confirms of one chunk are told at once, in order, and a refusal between them", () => {
  const wire = Wire.open(broker);
  wire.send(declare("q")).send(declare("full", { "x-max-length": 0, "x-overflow": "reject-publish" }));
  wire.send(new Confirm.Select()).seen();
  const all = ["q", "q", "q", "full", "q", "q"].map((queue) => [...wire.message(queue, "x")]).flat();
  wire.push(Uint8Array.from(all));
  expect(
    wire.items.map((item) => ("multiple" in item ? [item.name, item.deliveryTag, item.multiple] : item.name)),
  ).toEqual([
    ["Basic.Ack", 3, true],
    ["Basic.Nack", 4, false],
    ["Basic.Ack", 6, true],
  ]);
});

test("a header larger than the receiver's frame-max goes out whole, its body in pieces, everything around it in order", () => {
  const publisher = Wire.open(broker);
  publisher.send(declare("q"));
  const big = { headers: { big: "x".repeat(9000) } };
  publisher.toQueue("q", "before").toQueue("q", "y".repeat(10_000), big).toQueue("q", "after");
  const small = Wire.open(broker, { frameMax: 4096 });
  small.seen();
  small.send(new Basic.Consume({ queue: "q", noAck: true }));
  expect(small.seen()).toEqual([
    "Basic.ConsumeOk",
    'Basic.Deliver "before"',
    `Basic.Deliver ${JSON.stringify("y".repeat(10_000))}`,
    'Basic.Deliver "after"',
  ]);
  expect(small.largestBody).toBe(4096);
});

test("every message that is gone leaves no octets behind", () => {
  const wire = Wire.open(broker);
  wire.send(declare("dead")).send(declare("q", { "x-max-length": 3, "x-dead-letter-exchange": "none" }));
  const fan = { exchange: "amq.fanout" };
  wire.send(new Queue.Bind({ queue: "dead", ...fan })).send(new Queue.Bind({ queue: "q", ...fan }));
  for (let i = 0; i < 5; i++) wire.push(fanout(String(i)));
  wire
    .send(new Basic.Get({ queue: "q" }))
    .send(new Basic.Get({ queue: "q" }))
    .send(new Basic.Get({ queue: "dead" }));
  wire.send(new Basic.Nack({ deliveryTag: 1, requeue: false })).send(new Basic.Nack({ deliveryTag: 2, requeue: true }));
  wire.send(new Tx.Select()).toQueue("dead", "never").send(new Tx.Rollback()).toQueue("dead", "uncommitted");
  wire.send(new Basic.Ack({ deliveryTag: 3 }));
  expect(broker.storedOctets).toBeGreaterThan(0);
  wire.send(new Queue.Delete({ queue: "q" })).send(new Queue.Purge({ queue: "dead" }));
  wire.end.close();
  Wire.open(broker).send(new Queue.Delete({ queue: "dead" }));
  expect(broker.storedOctets).toBe(0);
});

function fanout(body: string): Uint8Array {
  const writer = new FrameWriter();
  return writer.publish(1, new Basic.Publish({ exchange: "amq.fanout" }), {}, new TextEncoder().encode(body)).flush();
}
