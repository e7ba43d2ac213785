/** What happens when time passes. No test waits: the clock is moved by hand. */
import { Basic, Connection, Heartbeat, Queue } from "amqp-wasm";
import { beforeEach, describe, expect, test } from "vitest";
import { Broker } from "../src/broker/index.js";
import { ManualClock } from "./support/manual-clock.js";
import { Wire } from "./support/wire.js";

let clock: ManualClock;
let broker: Broker;
let lines: string[];

beforeEach(() => {
  clock = new ManualClock();
  lines = [];
  broker = new Broker({ clock, log: (line) => lines.push(line), heartbeat: 10 });
});

const declare = (queue: string, fields: Record<string, unknown> = {}) =>
  new Queue.Declare({ queue, arguments: fields as never });
const passive = (queue: string) => new Queue.Declare({ queue, passive: true });
const get = (queue: string) => new Basic.Get({ queue, noAck: true });

describe("messages", () => {
  test("expire after the queue's time, not before", () => {
    const wire = Wire.open(broker);
    wire.send(declare("q", { "x-message-ttl": 1000 })).toQueue("q", "a");
    wire.seen();
    clock.pass(999);
    expect(wire.send(passive("q")).seen()).toEqual(["Queue.DeclareOk 1 0"]);
    clock.pass(1);
    expect(wire.send(passive("q")).seen()).toEqual(["Queue.DeclareOk 0 0"]);
    expect(broker.storedOctets).toBe(0);
  });

  test("expire after the shorter of the two times", () => {
    const wire = Wire.open(broker);
    wire.send(declare("q", { "x-message-ttl": 1000 })).toQueue("q", "a", { expiration: "500" });
    wire.toQueue("q", "b", { expiration: "2000" }).seen();
    clock.pass(500);
    expect(wire.send(passive("q")).seen()).toEqual(["Queue.DeclareOk 1 0"]);
    clock.pass(500);
    expect(wire.send(passive("q")).seen()).toEqual(["Queue.DeclareOk 0 0"]);
  });

  test("keep their time when they are given back", () => {
    const wire = Wire.open(broker);
    wire
      .send(declare("q", { "x-message-ttl": 1000 }))
      .toQueue("q", "a")
      .send(new Basic.Get({ queue: "q" }));
    clock.pass(600);
    wire.send(new Basic.Reject({ deliveryTag: 1, requeue: true }));
    wire.seen();
    clock.pass(399);
    expect(wire.send(passive("q")).seen()).toEqual(["Queue.DeclareOk 1 0"]);
    clock.pass(1);
    expect(wire.send(passive("q")).seen()).toEqual(["Queue.DeclareOk 0 0"]);
  });

  test("that are out for delivery do not expire", () => {
    const wire = Wire.open(broker);
    wire
      .send(declare("q", { "x-message-ttl": 1000 }))
      .toQueue("q", "a")
      .send(new Basic.Get({ queue: "q" }));
    wire.seen();
    clock.pass(5000);
    wire.send(new Basic.Ack({ deliveryTag: 1 })).send(new Basic.Qos());
    expect(wire.seen()).toEqual(["Basic.QosOk"]);
  });

  test("of every priority expire at the head of theirs", () => {
    const wire = Wire.open(broker);
    wire.send(declare("q", { "x-max-priority": 3 })).toQueue("q", "low", { expiration: "100", priority: 0 });
    wire.toQueue("q", "high", { priority: 3 }).seen();
    clock.pass(100);
    expect(wire.send(passive("q")).send(get("q")).seen()).toEqual(["Queue.DeclareOk 1 0", 'Basic.GetOk "high"']);
  });

  test("that expire from queue to queue end where they were before, unless somebody rejected them on the way", () => {
    const wire = Wire.open(broker);
    wire.send(declare("a", { "x-message-ttl": 10, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "b" }));
    wire.send(declare("b", { "x-message-ttl": 10, "x-dead-letter-exchange": "amq.fanout" }));
    wire.send(declare("seen"));
    for (const queue of ["a", "seen"]) wire.send(new Queue.Bind({ queue, exchange: "amq.fanout" }));
    wire.toQueue("a", "x").seen();
    clock.pass(20);
    expect(wire.send(passive("a")).send(passive("seen")).seen()).toEqual([
      "Queue.DeclareOk 0 0",
      "Queue.DeclareOk 1 0",
    ]);
    wire.toQueue("a", "y");
    wire
      .send(new Basic.Get({ queue: "a" }))
      .send(new Basic.Reject({ deliveryTag: 1, requeue: false }))
      .seen();
    clock.pass(10);
    expect(wire.send(passive("a")).send(passive("seen")).seen()).toEqual([
      "Queue.DeclareOk 1 0",
      "Queue.DeclareOk 2 0",
    ]);
    clock.pass(1000);
    expect(wire.send(passive("a")).send(passive("seen")).seen()).toEqual([
      "Queue.DeclareOk 0 0",
      "Queue.DeclareOk 2 0",
    ]);
    wire.send(new Queue.Purge({ queue: "seen" }));
    expect(broker.storedOctets).toBe(0);
  });

  test("a longer time than a timer can wait is no shorter one", () => {
    const wire = Wire.open(broker);
    wire
      .send(declare("q", { "x-message-ttl": 3_000_000_000 }))
      .toQueue("q", "a")
      .seen();
    clock.pass(2_999_999_999);
    expect(wire.send(passive("q")).seen()).toEqual(["Queue.DeclareOk 1 0"]);
    clock.pass(1);
    expect(wire.send(passive("q")).seen()).toEqual(["Queue.DeclareOk 0 0"]);
  });
});

describe("queues", () => {
  test("expire when nobody used them for their time; a get, a declare and a consumer are uses", () => {
    const wire = Wire.open(broker);
    wire.send(declare("q", { "x-expires": 1000 }));
    clock.pass(900);
    wire.send(get("q"));
    clock.pass(900);
    wire.send(passive("q"));
    clock.pass(900);
    wire.send(new Basic.Consume({ queue: "q", consumerTag: "c" }));
    clock.pass(10_000);
    wire.send(new Basic.Cancel({ consumerTag: "c" })).seen();
    clock.pass(999);
    expect(wire.toQueue("q", "no use").send(new Basic.Qos()).seen()).toEqual(["Basic.QosOk"]);
    clock.pass(1);
    expect(wire.send(passive("q")).seen()).toEqual(["Channel.Close 404 NOT_FOUND - no queue 'q' in vhost '/' (50.10)"]);
  });

  test("that are deleted leave no timers", () => {
    const wire = Wire.open(broker);
    const before = clock.waiting;
    wire.send(declare("q", { "x-expires": 1000, "x-message-ttl": 500 })).toQueue("q", "a");
    expect(clock.waiting).toBe(before + 2);
    wire.send(new Queue.Delete({ queue: "q" }));
    expect(clock.waiting).toBe(before);
  });
});

describe("connections", () => {
  test("that do not open in time are ended", () => {
    const wire = new Wire(broker).greet();
    clock.pass(9_999);
    expect(wire.ended).toBe(false);
    clock.pass(1);
    expect([wire.ended, broker.connectionCount]).toEqual([true, 0]);
    expect(lines.at(-1)).toBe("wire: the handshake took too long");
  });

  test("that are open have all the time they like, without heartbeats", () => {
    const wire = Wire.open(broker);
    clock.pass(1_000_000_000);
    expect(wire.ended).toBe(false);
  });

  test("get a heartbeat where nothing else was sent for half an interval", () => {
    const wire = Wire.open(broker, { heartbeat: 10 });
    wire.seen();
    clock.pass(4999);
    expect(wire.seen()).toEqual([]);
    clock.pass(5001);
    // The first tick found that something had been sent.
    expect(wire.seen()).toEqual(["Heartbeat"]);
    wire.send(new Basic.Qos()).seen();
    clock.pass(5000);
    expect(wire.seen()).toEqual([]);
  });

  test("that fall silent for more than two intervals are ended, and what they held goes back", () => {
    const other = Wire.open(broker);
    const wire = Wire.open(broker, { heartbeat: 10 });
    wire
      .send(declare("q"))
      .toQueue("q", "a")
      .send(new Basic.Get({ queue: "q" }));
    for (let i = 0; i < 10; i++) {
      clock.pass(10_000);
      wire.send(new Heartbeat(), 0);
    }
    expect(wire.ended).toBe(false);
    clock.pass(20_000);
    expect(wire.ended).toBe(false);
    clock.pass(5_000);
    expect(wire.ended).toBe(true);
    expect(lines.at(-1)).toBe("wire: missed heartbeats from client");
    other.seen();
    expect(other.send(get("q")).seen()).toEqual(['Basic.GetOk redelivered "a"']);
  });

  test("that do not answer a close are ended all the same", () => {
    const wire = Wire.open(broker);
    wire.seen();
    wire.send(new Basic.Qos({ prefetchSize: 1 }));
    expect(wire.seen()).toEqual(["Connection.Close 540 NOT_IMPLEMENTED - prefetch_size!=0 (1) (60.10)"]);
    // Dropped: the connection is closing.
    expect(wire.send(passive("q")).seen()).toEqual([]);
    clock.pass(10_000);
    expect(wire.ended).toBe(true);
  });

  test("that answer a close are ended at once", () => {
    const wire = Wire.open(broker);
    wire.send(new Basic.Qos({ prefetchSize: 1 })).send(new Connection.CloseOk(), 0);
    expect([wire.ended, broker.connectionCount]).toEqual([true, 0]);
    // None is left behind.
    expect(clock.waiting).toBe(0);
  });
});
