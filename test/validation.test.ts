/** pamqp's rules and its messages, with lengths in octets. */
import { describe, expect, test } from "vitest";
import {
  Basic,
  Channel,
  commandByName,
  Connection,
  ContentHeader,
  EncodeError,
  Exchange,
  FrameWriter,
  marshal,
  Queue,
  unmarshal,
  ValidationError,
  type Frame,
  type Method,
} from "../src/index.js";
import { hexOf } from "./support/octets.js";
import { headerFrame, methodFrame, shortstr, integer, tableOf, thrownBy } from "./support/wire.js";

/** What must be given beside the argument that a rule looks at. */
const required: Record<string, object> = {
  "Queue.DeclareOk": { messageCount: 0, consumerCount: 0 },
  "Basic.Return": { replyCode: 312, routingKey: "" },
  "Basic.Deliver": { consumerTag: "", deliveryTag: 1, routingKey: "" },
  "Basic.GetOk": { deliveryTag: 1, routingKey: "", messageCount: 0 },
};

function make(name: string, fields: object = {}, options?: object): Method & Record<string, unknown> {
  const type = commandByName(name)!;
  return new type(
    { ...(name === "Queue.DeclareOk" ? { queue: "" } : {}), ...required[name], ...fields } as never,
    options,
  ) as Method & Record<string, unknown>;
}

function validationErrorOf(call: () => unknown): ValidationError {
  const error = thrownBy(call);
  expect(error).toBeInstanceOf(ValidationError);
  expect(error).toBeInstanceOf(EncodeError);
  expect((error as Error).name).toBe("ValidationError");
  return error as ValidationError;
}

const withTicket = [
  "Exchange.Declare",
  "Exchange.Delete",
  "Exchange.Bind",
  "Exchange.Unbind",
  "Queue.Declare",
  "Queue.Bind",
  "Queue.Purge",
  "Queue.Delete",
  "Queue.Unbind",
  "Basic.Consume",
  "Basic.Publish",
  "Basic.Get",
];
const withExchange: Array<[string, string]> = [
  ["Exchange.Declare", "exchange"],
  ["Exchange.Delete", "exchange"],
  ["Exchange.Bind", "destination"],
  ["Exchange.Bind", "source"],
  ["Exchange.Unbind", "destination"],
  ["Exchange.Unbind", "source"],
  ["Queue.Bind", "exchange"],
  ["Queue.Unbind", "exchange"],
  ["Basic.Publish", "exchange"],
  ["Basic.Return", "exchange"],
  ["Basic.Deliver", "exchange"],
  ["Basic.GetOk", "exchange"],
];
const withQueue: Array<[string, string]> = [
  "Queue.Declare",
  "Queue.DeclareOk",
  "Queue.Bind",
  "Queue.Purge",
  "Queue.Delete",
  "Queue.Unbind",
  "Basic.Consume",
  "Basic.Get",
].map((name) => [name, "queue"]);
const reserved: Array<[name: string, key: string, good: unknown[], bad: unknown[], message: string]> = [
  ...withTicket.map((name): [string, string, unknown[], unknown[], string] => [
    name,
    "ticket",
    [0],
    [1, -1, 65_536, "0", null, 0.5],
    "ticket must be 0",
  ]),
  ["Connection.Open", "capabilities", [""], ["0", "x", null, 0], "capabilities must be empty"],
  ["Connection.Open", "insist", [false], [true, 0, null], "insist must be False"],
  ["Connection.OpenOk", "knownHosts", [""], ["a:5672", null], "known_hosts must be empty"],
  ["Basic.GetEmpty", "clusterId", [""], ["c", null], "cluster_id must be empty"],
  ["Channel.Open", "outOfBand", ["", "0"], ["1", "00", 0, null], "out_of_band must be 0"],
  ["Channel.OpenOk", "channelId", ["", "0"], ["1", "00", 0, null], "channel_id must be 0"],
];
const allowedLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:@#,/+ ";

interface Rule {
  name: string;
  key: string;
  bad: unknown;
  message: string;
}

const breaches: Rule[] = [
  ...withExchange.flatMap(([name, key]) => [
    { name, key, bad: "x".repeat(128), message: `Max length exceeded for ${key}` },
    { name, key, bad: "é".repeat(64), message: `Max length exceeded for ${key}` },
    { name, key, bad: "orders;", message: `Invalid value for ${key}` },
    { name, key, bad: "orders\n", message: `Invalid value for ${key}` },
    { name, key, bad: "é", message: `Invalid value for ${key}` },
    { name, key, bad: 5, message: `${key} must be a string, received number` },
  ]),
  ...withQueue.flatMap(([name, key]) => [
    { name, key, bad: "x".repeat(256), message: `Max length exceeded for ${key}` },
    { name, key, bad: "\u{1f407}".repeat(64), message: `Max length exceeded for ${key}` },
    { name, key, bad: "*", message: `Invalid value for ${key}` },
    { name, key, bad: "a\u0000", message: `Invalid value for ${key}` },
    { name, key, bad: {}, message: `${key} must be a string, received object` },
  ]),
  {
    name: "Connection.Open",
    key: "virtualHost",
    bad: "x".repeat(128),
    message: "Max length exceeded for virtual_host",
  },
  { name: "Connection.Open", key: "virtualHost", bad: "é".repeat(64), message: "Max length exceeded for virtual_host" },
  { name: "Connection.Open", key: "virtualHost", bad: 1, message: "virtual_host must be a string, received number" },
  ...reserved.flatMap(([name, key, , bad, message]) => bad.map((value) => ({ name, key, bad: value, message }))),
];

// Where null is the default of a constructor, it breaks no rule there.
const nullIsDefault = (name: string, key: string): boolean => make(name, { [key]: undefined })[key] === null;

describe.each(breaches)("$name refuses $key of $bad", ({ name, key, bad, message }) => {
  test("in its constructor, in validate, marshal and write, once it was set", () => {
    expect(nullIsDefault(name, key)).toBe(false);
    const made = validationErrorOf(() => make(name, { [key]: bad }));
    expect([made.message, made.path]).toEqual([message, key]);
    const changed = make(name);
    const good = changed[key];
    changed[key] = bad;
    const writer = new FrameWriter();
    for (const call of [
      () => changed.validate(),
      () => changed.marshal(),
      () => marshal(changed as unknown as Frame, 1),
      () => writer.write(changed as unknown as Frame, 1),
    ]) {
      const error = validationErrorOf(call);
      expect([error.message, error.path]).toEqual([message, key]);
    }
    expect(writer.bytesPending).toBe(0);
    changed[key] = good;
    changed.validate();
    expect(hexOf(changed.marshal())).toBe(hexOf(make(name).marshal()));
  });
});

describe("what passes", () => {
  const names = ["", allowedLetters, "x".repeat(127), "amq.direct", "tag:example.com,2005:exchange", "a b"];
  test.each(withExchange)("%s: %s", (name, key) => {
    for (const value of names) expect(make(name, { [key]: value })[key]).toBe(value);
  });
  test.each(withQueue)("%s: %s", (name, key) => {
    for (const value of [...names, "x".repeat(255)]) {
      const method = make(name, { [key]: value });
      expect(method[key]).toBe(value);
      const again = make(name);
      again.unmarshal(method.marshal());
      expect(again[key]).toBe(value);
    }
  });
  test("virtual hosts of any letters", () => {
    for (const virtualHost of ["/", "", "é\n*;", "x".repeat(127), "é".repeat(63)]) {
      expect(new Connection.Open({ virtualHost }).virtualHost).toBe(virtualHost);
    }
  });
  test.each(reserved)("%s: %s of its reserved values", (name, key, good) => {
    for (const value of good) expect(make(name, { [key]: value })[key]).toBe(value);
  });
  test("what pamqp does not look at: routing keys, consumer tags, types, mechanisms", () => {
    const odd = "*;\u0000é";
    expect(new Basic.Publish({ routingKey: odd }).routingKey).toBe(odd);
    expect(new Basic.Consume({ consumerTag: odd }).consumerTag).toBe(odd);
    expect(new Exchange.Declare({ type: odd }).type).toBe(odd);
    expect(new Connection.StartOk({ mechanism: odd }).mechanism).toBe(odd);
    expect(marshal(new Basic.Publish({ routingKey: odd })).length).toBeGreaterThan(0);
  });
  test("a name that passed once, under one rule, is looked at under another", () => {
    const long = "q".repeat(200);
    new Queue.Declare({ queue: long });
    expect(() => new Exchange.Declare({ exchange: long })).toThrow("Max length exceeded for exchange");
    new Queue.Declare({ queue: "odd*name" }, { names: "rabbitmq" });
    expect(() => new Queue.Declare({ queue: "odd*name" })).toThrow("Invalid value for queue");
    new Connection.Open({ virtualHost: "odd*name" });
    expect(() => new Queue.Declare({ queue: "odd*name" })).toThrow("Invalid value for queue");
    // More names than are remembered.
    for (let i = 0; i < 3000; i++) new Queue.Declare({ queue: `q${i}` });
    expect(() => new Queue.Declare({ queue: "q0;" })).toThrow("Invalid value for queue");
    expect(new Queue.Declare({ queue: "q0" }).queue).toBe("q0");
  });
});

describe('names: "rabbitmq"', () => {
  const odd = "büro;*\n\u{1f407}";
  const long = "é".repeat(127) + "x";

  test.each([...withExchange, ...withQueue, ["Connection.Open", "virtualHost"] as [string, string]])(
    "%s: %s of any UTF-8 up to 255 octets",
    (name, key) => {
      for (const value of [odd, long, "amq.\u0000"]) {
        const method = make(name, { [key]: value }, { names: "rabbitmq" });
        method.validate();
        const again = make(name);
        again.unmarshal(method.marshal());
        expect(again[key]).toBe(value);
      }
      const words = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      const error = validationErrorOf(() => make(name, { [key]: long + "y" }, { names: "rabbitmq" }));
      expect([error.message, error.path]).toEqual([`Max length exceeded for ${words}`, key]);
      expect(() => make(name, { [key]: 7 }, { names: "rabbitmq" })).toThrow(
        `${words} must be a string, received number`,
      );
    },
  );

  test("leaves the other rules as they are", () => {
    for (const [name, key, , [bad], message] of reserved) {
      expect(validationErrorOf(() => make(name, { [key]: bad }, { names: "rabbitmq" })).message).toBe(message);
    }
  });

  test("as an option of marshal and of a writer, for names that were set afterwards", () => {
    const method = new Queue.Declare({ queue: "plain" });
    method.queue = odd;
    expect(() => method.validate()).toThrow("Invalid value for queue");
    expect(() => method.marshal()).toThrow("Invalid value for queue");
    expect(() => marshal(method, 1, { names: "pamqp" })).toThrow("Invalid value for queue");
    const octets = marshal(method, 1, { names: "rabbitmq" });
    expect((unmarshal(octets)!.frame as Queue.Declare).queue).toBe(odd);
    expect(hexOf(method.marshal({ names: "rabbitmq" }))).toBe(hexOf(octets.subarray(11, -1)));
    const writer = new FrameWriter({ names: "rabbitmq" });
    expect(hexOf(writer.write(method, 1).flush())).toBe(hexOf(octets));
    const publish = new Basic.Publish({});
    publish.exchange = odd;
    expect(writer.publish(1, publish, null, new Uint8Array(0)).flush().length).toBeGreaterThan(0);
    expect(() => new FrameWriter().publish(1, publish)).toThrow("Invalid value for exchange");
  });

  test("chosen in the constructor, it holds wherever the command goes", () => {
    const method = new Queue.Declare({ queue: odd }, { names: "rabbitmq" });
    expect(marshal(method, 1, { names: "pamqp" })).toEqual(marshal(method, 1));
    expect(new FrameWriter().write(method, 1).bytesPending).toBeGreaterThan(0);
    expect(() => new Queue.Declare({ queue: odd }, { names: "pamqp" })).toThrow("Invalid value for queue");
  });

  test("lone surrogates have no UTF-8: refused when they are marshalled", () => {
    const method = new Queue.Declare({ queue: "a\ud800" }, { names: "rabbitmq" });
    const error = thrownBy(() => method.marshal()) as EncodeError;
    expect(error).toBeInstanceOf(EncodeError);
    expect([error.path, error.message]).toEqual([
      "queue",
      "queue: text holds a lone surrogate, which UTF-8 has no octets for",
    ]);
  });
});

describe("what is decoded", () => {
  const odd = "büro;*\n";
  const octets = methodFrame(3, 50, 10, integer(7, 2), shortstr(odd), Uint8Array.of(0), tableOf());

  test("is not validated, and goes out again as it came", () => {
    const declare = unmarshal(octets)!.frame as Queue.Declare;
    expect([declare.ticket, declare.queue]).toEqual([7, odd]);
    expect(hexOf(marshal(declare))).toBe(hexOf(octets));
    expect(hexOf(declare.marshal())).toBe(hexOf(octets.subarray(11, -1)));
    expect(hexOf(new FrameWriter().write(declare).flush())).toBe(hexOf(octets));
  });

  test("is validated by who asks for it", () => {
    const declare = unmarshal(octets)!.frame as Queue.Declare;
    expect(() => declare.validate()).toThrow("ticket must be 0");
    declare.ticket = 0;
    expect(() => declare.validate()).toThrow("Invalid value for queue");
    declare.queue = "plain";
    declare.validate();
  });

  test("by unmarshal of a command that was constructed, is validated when that is marshalled", () => {
    const declare = new Queue.Declare();
    declare.unmarshal(octets.subarray(11, -1));
    expect(declare.queue).toBe(odd);
    expect(() => declare.marshal()).toThrow("ticket must be 0");
  });

  test("Channel.Open and OpenOk of a real broker can be sent on", () => {
    for (const [classId, methodId, value] of [
      [20, 10, shortstr("")],
      [20, 10, shortstr("0")],
      [20, 11, integer(0, 4)],
    ] as const) {
      const frame = methodFrame(1, classId, methodId, value);
      expect(hexOf(marshal(unmarshal(frame)!.frame))).toBe(hexOf(frame));
    }
    expect(new Channel.Open().outOfBand).toBe("0");
    expect(new Channel.OpenOk({ channelId: "" }).channelId).toBe("");
  });

  test("properties with any delivery mode or cluster id are sent on", () => {
    const frame = headerFrame(1, 5, 0x1004, Uint8Array.of(9), shortstr("c1"));
    const header = unmarshal(frame)!.frame as ContentHeader;
    expect([header.properties.deliveryMode, header.properties.clusterId]).toEqual([9, "c1"]);
    expect(hexOf(marshal(header))).toBe(hexOf(frame));
    expect(() => header.properties.validate()).toThrow("Invalid delivery_mode value: 9");
  });
});

describe("properties", () => {
  const cases: Array<[Record<string, unknown>, string, string]> = [
    [{ deliveryMode: 0 }, "deliveryMode", "Invalid delivery_mode value: 0"],
    [{ deliveryMode: 3 }, "deliveryMode", "Invalid delivery_mode value: 3"],
    [{ deliveryMode: "2" }, "deliveryMode", "Invalid delivery_mode value: 2"],
    [{ deliveryMode: true }, "deliveryMode", "Invalid delivery_mode value: boolean"],
    [{ clusterId: "c" }, "clusterId", "cluster_id must be empty"],
    [{ clusterId: null }, "clusterId", "cluster_id must be empty"],
    [{ clusterId: 0 }, "clusterId", "cluster_id must be empty"],
  ];

  test.each(cases)("%j are refused wherever they turn up", (fields, path, message) => {
    const key = Object.keys(fields)[0]!;
    const changed = new Basic.Properties();
    (changed as unknown as Record<string, unknown>)[key] = fields[key];
    const writer = new FrameWriter();
    for (const call of [
      () => new Basic.Properties(fields),
      () => new ContentHeader({ properties: fields as object }),
      () => writer.publish(1, new Basic.Publish(), fields),
      () => changed.validate(),
      () => marshal(new ContentHeader({ properties: changed })),
      () => writer.publish(1, new Basic.Publish(), changed),
    ]) {
      const error = validationErrorOf(call);
      expect([error.path, error.message]).toEqual([path, message]);
    }
    expect(writer.bytesPending).toBe(0);
  });

  test("1, 2 and nothing pass", () => {
    for (const deliveryMode of [1, 2, undefined, null]) {
      expect(new Basic.Properties({ deliveryMode }).deliveryMode).toBe(deliveryMode ?? undefined);
    }
    expect(new Basic.Properties({ clusterId: "", priority: 255 }).clusterId).toBe("");
  });
});
