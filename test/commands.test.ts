/** Every command class, compared with the rows of the spec table. */
import { describe, expect, expectTypeOf, test } from "vitest";
import { classes as rows, domains } from "../spec/amqp.js";
import type { Method } from "../src/index.js";
import {
  Basic,
  Channel,
  commandByIndex,
  commandByName,
  Confirm,
  Connection,
  Decimal,
  Exchange,
  FieldTable,
  marshal,
  Queue,
  Timestamp,
  Tx,
  unmarshal,
  type Frame,
  type MethodClass,
} from "../src/index.js";
import { hexOf } from "./support/octets.js";
import { encodeErrorOf } from "./support/wire.js";

interface ArgumentRow {
  name: string;
  domain: keyof typeof domains;
  default?: unknown;
  orNull?: boolean;
  secret?: boolean;
}

interface MethodRow {
  name: string;
  id: number;
  replies?: string[];
  arguments: ArgumentRow[];
}

const namespaces: Record<string, Record<string, unknown>> = {
  Connection,
  Channel,
  Exchange,
  Queue,
  Basic,
  Tx,
  Confirm,
};

const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const pascal = (name: string): string => camel(`-${name}`);

const commands = rows.flatMap((row) =>
  row.methods.map((method) => {
    const { id, replies = [], arguments: list } = method as MethodRow;
    const title = `${pascal(row.name)}.${pascal(method.name)}`;
    return {
      title,
      type: namespaces[pascal(row.name)]![pascal(method.name)] as MethodClass,
      classId: row.id,
      methodId: id,
      replies: replies.map((name) => `${pascal(row.name)}.${pascal(name)}`),
      list: list.map((argument) => ({ ...argument, key: camel(argument.name), type: domains[argument.domain] })),
    };
  }),
);

/** A value of each type that no default is, and its octets. */
const samples: Record<string, { value: unknown; other: unknown }> = {
  bit: { value: true, other: false },
  octet: { value: 200, other: 201 },
  short: { value: 60_000, other: 60_001 },
  long: { value: 4_000_000_000, other: 4_000_000_001 },
  longlong: { value: 2n ** 64n - 1n, other: 1 },
  shortstr: { value: "søme name", other: "some name" },
  longstr: { value: "löng", other: "long" },
  table: { value: { a: 1, b: ["x", { c: null }] }, other: { a: 1 } },
};

/** Rules would refuse a sample here; what is decoded is not validated. */
function decodedSample({ type, list }: (typeof commands)[number]): Method {
  const method = unmarshal(octetsOfSample({ type, list }))!.frame as Method;
  return method;
}

function octetsOfSample({ type, list }: Pick<(typeof commands)[number], "type" | "list">): Uint8Array {
  const method = Object.create(type.prototype) as Method & Record<string, unknown>;
  method.channel = 7;
  for (const { key, type: domain } of list) method[key] = samples[domain]!.value;
  return marshal(method as unknown as Frame);
}

test("there are 64 of them, and no namespace has more", () => {
  expect(commands).toHaveLength(64);
  const all = Object.values(namespaces).flatMap((space) =>
    Object.entries(space).flatMap(([name, value]) => (/^[A-Z]/.test(name) ? [value] : [])),
  );
  expect(new Set(all)).toEqual(new Set([...commands.map(({ type }) => type), Basic.Properties]));
});

test.each(rows.map(({ name, id }) => ({ name: pascal(name), id })))(
  "$name knows its class id and index",
  ({ name, id }) => {
    expect(namespaces[name]).toMatchObject({ classId: id, index: id * 0x10000 });
  },
);

describe.each(commands)("$title", ({ title, type, classId, methodId, replies, list }) => {
  const required = Object.fromEntries(
    list.filter((row) => row.default === undefined).map(({ key, type: domain }) => [key, samples[domain]!.other]),
  );
  const make = (fields: object = required): Method & Record<string, unknown> =>
    new type(fields as never) as Method & Record<string, unknown>;

  test("has the ids and names of the standard", () => {
    const index = classId * 0x10000 + methodId;
    expect([type.classId, type.methodId, type.index]).toEqual([classId, methodId, index]);
    expect([type.commandName, (type as { name?: string }).name]).toEqual([title, title]);
    expect(commandByIndex(index)).toBe(type);
    expect(commandByName(title)).toBe(type);
    expect(make().name).toBe(title);
  });

  test("has its arguments in wire order, with their types", () => {
    expect(type.attributes).toEqual(list.map(({ key }) => key));
    expect(Object.isFrozen(type.attributes)).toBe(true);
    for (const row of list) expect(type.amqpType(row.key), row.key).toBe(row.type);
    for (const unknown of ["", "name", "channel", "toString", "__proto__", "no-wait"]) {
      expect(encodeErrorOf(() => type.amqpType(unknown)).path).toBe(unknown);
    }
    expect(type.secrets).toEqual(list.filter(({ secret }) => secret === true).map(({ key }) => key));
  });

  test("is synchronous where it has answers", () => {
    expect(type.synchronous).toBe(replies.length > 0);
    expect(type.validResponses.map(({ commandName }) => commandName)).toEqual(replies);
  });

  test("fills in pamqp's defaults", () => {
    const bare = make({});
    const noted = new type(undefined) as unknown as Record<string, unknown>;
    for (const { key, default: value } of list) {
      expect(bare[key], key).toEqual(value);
      expect(noted[key], key).toEqual(value);
    }
    expect(bare.channel).toBe(0);
    const other = make({});
    for (const { key, type: domain } of list) {
      if (domain === "table") expect(bare[key], "each has a table of its own").not.toBe(other[key]);
    }
  });

  test("takes undefined for the default, and null where pamqp does", () => {
    const empty = Object.fromEntries(list.map(({ key }) => [key, undefined]));
    expect(make(empty).toJSON()).toEqual(make({}).toJSON());
    for (const row of list.filter(({ orNull, type: domain }) => orNull === true || domain === "table")) {
      expect(make({ [row.key]: null })[row.key], row.key).toEqual(row.default);
    }
  });

  test("iterates over names and values, and is its arguments in JSON", () => {
    const method = decodedSample({ title, type, classId, methodId, replies, list });
    const expected = list.map(({ key, type: domain }) => [key, samples[domain]!.value]);
    expect([...method]).toEqual(expected);
    expect(method.toJSON()).toEqual(Object.fromEntries(expected));
    expect(new Map(method as Iterable<[string, unknown]>).size).toBe(list.length);
  });

  test("comes back from its own octets", () => {
    const method = decodedSample({ title, type, classId, methodId, replies, list });
    const octets = method.marshal();
    const again = make();
    again.unmarshal(octets);
    expect(again.toJSON()).toEqual(method.toJSON());
    expect(again.equals(method)).toBe(true);
    expect(again.channel, "a channel is no argument").toBe(0);
    const whole = marshal(method as unknown as Frame);
    expect(hexOf(whole.subarray(11, -1))).toBe(hexOf(octets));
    const { consumed, channel, frame } = unmarshal(whole)!;
    expect({ consumed, channel }).toEqual({ consumed: whole.length, channel: 7 });
    expect(frame).toBeInstanceOf(type);
    expect(frame.constructor).toBe(type);
    expect(frame.name).toBe(title);
    // The same in its own constructor, where no rule is broken.
    const lawful = make();
    const copy = make({});
    copy.unmarshal(lawful.marshal());
    expect(copy.equals(lawful)).toBe(true);
  });

  test("equals what has the same arguments, and nothing else", () => {
    const method = decodedSample({ title, type, classId, methodId, replies, list });
    const same = unmarshal(marshal(method as unknown as Frame, 9))!.frame as Method & Record<string, unknown>;
    expect(method.equals(same)).toBe(true);
    for (const { key, type: domain } of list) {
      const { value, other } = samples[domain]!;
      same[key] = other;
      expect(method.equals(same), key).toBe(false);
      expect(same.equals(method), key).toBe(false);
      same[key] = value;
    }
    expect(method.equals(same)).toBe(true);
    const stranger = type === (Tx.Select as MethodClass) ? new Tx.Commit() : new Tx.Select();
    for (const not of [stranger, { ...same }, null, undefined, title]) expect(method.equals(not)).toBe(false);
  });

  test("shows its name and what it holds as text, secrets hidden", () => {
    const method = decodedSample({ title, type, classId, methodId, replies, list });
    expect(String(method).startsWith(title)).toBe(true);
    for (const { key, secret } of list) {
      expect(String(method)).toContain(`"${key}":`);
      if (secret === true) expect(String(method)).toContain(`"${key}":"[hidden]"`);
    }
    if (list.length === 0) expect(String(method)).toBe(title);
  });

  test("refuses each argument of a wrong type by its name", () => {
    const wrong: Record<string, unknown[]> = {
      bit: [0, 1, null, "true", undefined],
      octet: [-1, 256, 1.5, NaN, "1", null, undefined, 1n],
      short: [-1, 65_536, 1.5, Infinity, "1", null, undefined, true],
      long: [-1, 4_294_967_296, 0.1, "1", null, undefined, 1n],
      longlong: [-1, -1n, 2n ** 64n, 2 ** 53, 1.5, "1", null, undefined],
      shortstr: [1, null, undefined, {}, [], "é".repeat(128), "\ud800"],
      longstr: [1, null, undefined, {}, [], "\udfff x"],
      table: [1, "x", [], new Date(0), true],
    };
    const method = decodedSample({ title, type, classId, methodId, replies, list }) as Method & Record<string, unknown>;
    const before = hexOf(method.marshal());
    for (const { key, type: domain } of list) {
      for (const value of wrong[domain]!) {
        method[key] = value;
        const error = encodeErrorOf(() => method.marshal());
        expect(error.path, String(value)).toBe(key);
        expect(error.message).toContain(key);
        expect(encodeErrorOf(() => marshal(method as unknown as Frame)).path).toBe(key);
        method[key] = samples[domain]!.value;
      }
    }
    expect(hexOf(method.marshal()), "nothing of a refused one stays").toBe(before);
  });

  test("refuses octets that are cut, and octets that are left over", () => {
    const octets = decodedSample({ title, type, classId, methodId, replies, list }).marshal();
    for (let length = 0; length < octets.length; length++) {
      expect(() => make().unmarshal(octets.subarray(0, length)), String(length)).toThrow(
        /cut short|longer than what is left/,
      );
    }
    expect(() => make().unmarshal(Uint8Array.of(...octets, 0))).toThrow(
      "1 octets left over (at offset " + octets.length,
    );
  });
});

test("a class that is none, and a name that is none, are undefined", () => {
  for (const index of [0, -1, 0x003c0000, 0x0028001f + 1, 2 ** 32]) expect(commandByIndex(index)).toBeUndefined();
  for (const name of ["", "Queue", "queue.declare", "toString", "Basic.Properties"]) {
    expect(commandByName(name)).toBeUndefined();
  }
});

describe("secrets", () => {
  const secret = "guest:hunter2";
  const cases = [
    new Connection.StartOk({ response: secret }),
    new Connection.SecureOk({ response: secret }),
    new Connection.UpdateSecret({ newSecret: secret, reason: "because" }),
  ];
  const decoded = cases.map((method) => unmarshal(marshal(method))!.frame as Method);

  test.each([...cases, ...decoded].map((method) => ({ name: method.name, method })))(
    "of $name stay unseen",
    ({ method }) => {
      const [key] = (method.constructor as unknown as MethodClass).secrets;
      const held = method as unknown as Record<string, unknown>;
      expect(held[key!]).toBe(secret);
      expect(Object.keys(method)).not.toContain(key);
      expect(String(method)).not.toContain("hunter2");
      expect(JSON.stringify(Object.entries(method))).not.toContain("hunter2");
      expect(JSON.stringify({ ...method })).not.toContain("hunter2");
      expect(JSON.stringify(Object.getOwnPropertyNames(method).map((name) => held[name]))).not.toContain("hunter2");
      held[key!] = "another";
      expect([held[key!], method.toJSON()[key!]]).toEqual(["another", "another"]);
      held[key!] = secret;
      expect(method.toJSON()[key!], "toJSON is for who asks").toBe(secret);
    },
  );

  test("do not get into JSON by themselves", () => {
    for (const method of [...cases, ...decoded]) {
      for (const text of [JSON.stringify(method), JSON.stringify({ method, list: [method] })]) {
        expect(text).not.toContain("hunter2");
        expect(text).toContain("[hidden]");
      }
    }
  });

  test("count in equals", () => {
    expect(cases[0]!.equals(new Connection.StartOk({ response: secret }))).toBe(true);
    expect(cases[0]!.equals(new Connection.StartOk({ response: "guest:other" }))).toBe(false);
  });
});

describe("subclasses", () => {
  class DurableQueue extends Queue.Declare {
    readonly owner: string;
    constructor(queue: string, owner: string) {
      super({ queue, durable: true });
      this.owner = owner;
    }
    describe(): string {
      return `${this.owner}/${this.queue}`;
    }
  }

  test("are what they extend, with what they add", () => {
    const queue = new DurableQueue("orders", "shop");
    expect(queue).toBeInstanceOf(Queue.Declare);
    expect(queue.name).toBe("Queue.Declare");
    expect(queue.describe()).toBe("shop/orders");
    expect(DurableQueue.index).toBe(Queue.Declare.index);
    expect(hexOf(marshal(queue, 1))).toBe(hexOf(marshal(new Queue.Declare({ queue: "orders", durable: true }), 1)));
    expect(queue.equals(new Queue.Declare({ queue: "orders", durable: true }))).toBe(true);
    expect([...queue].map(([name]) => name)).toEqual(Queue.Declare.attributes);
    expect(() => new DurableQueue("*", "shop")).toThrow("Invalid value for queue");
  });
});

test("equality is by value, whatever a table holds", () => {
  const make = (value: unknown): Method => new Queue.Declare({ arguments: { value: value as string } });
  const equal: Array<[unknown, unknown]> = [
    [1, 1n],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [{ a: 1, b: undefined }, { a: 1 }],
    [{ a: 1 }, new Map([["a", 1]])],
    [FieldTable.from({ a: 1 }), FieldTable.from({ a: 1 })],
    [FieldTable.from({ a: 1 }), { a: 1 }],
    [new Timestamp(5), new Date(5_500)],
    [new Decimal({ scale: 1, unscaled: 5 }), new Decimal({ scale: 1, unscaled: 5 })],
    [Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
    [
      [1, [2]],
      [1, [2]],
    ],
    [NaN, NaN],
  ];
  const unequal: Array<[unknown, unknown]> = [
    [1, "1"],
    [1, true],
    [0, null],
    [0, -0],
    [1, 1.5],
    [{}, []],
    [{}, null],
    [{ a: 1 }, { b: 1 }],
    [
      { a: undefined, b: 1 },
      { c: undefined, d: 1 },
    ],
    [FieldTable.from({ a: 1 }), FieldTable.from({ a: 2 })],
    [FieldTable.from({ a: 1 }), { a: 2 }],
    [new Timestamp(5), new Timestamp(6)],
    [new Timestamp(5), 5],
    [new Decimal({ scale: 1, unscaled: 5 }), new Decimal({ scale: 2, unscaled: 50 })],
    [new Decimal({ unscaled: 5 }), 5],
    [Uint8Array.of(1), Uint8Array.of(2)],
    [Uint8Array.of(1), [1]],
    [[1], [1, 2]],
    [[1], { 0: 1 }],
  ];
  for (const [a, b] of equal) {
    expect([make(a).equals(make(b)), make(b).equals(make(a))], `${String(a)} and ${String(b)}`).toEqual([true, true]);
  }
  for (const [a, b] of unequal) {
    expect([make(a).equals(make(b)), make(b).equals(make(a))], `${String(a)} and ${String(b)}`).toEqual([false, false]);
  }
});

test("JSON.stringify takes every command, with what JSON has no numbers or octets for as text", () => {
  const method = new Basic.Deliver({ consumerTag: "c", deliveryTag: 2n ** 64n - 1n, routingKey: "r" });
  expect(JSON.parse(JSON.stringify(method))).toMatchObject({ deliveryTag: "18446744073709551615", routingKey: "r" });
  const declare = new Queue.Declare({
    arguments: {
      big: 2n ** 62n,
      octets: Uint8Array.of(0, 255),
      when: new Timestamp(5),
      list: [new Decimal({ unscaled: 7 })],
    },
  });
  expect(JSON.parse(JSON.stringify({ declare }))).toMatchObject({
    declare: { arguments: { big: "4611686018427387904", octets: { octets: "00ff" }, when: 5, list: ["7"] } },
  });
  expect(declare.toJSON()["arguments"], "toJSON() itself leaves values as they are").toBe(declare.arguments);
});

test("TypeScript knows names, arguments and answers", () => {
  const frame: Frame = new Basic.Deliver({ consumerTag: "c", deliveryTag: 5, routingKey: "r" });
  switch (frame.name as Frame["name"]) {
    case "Basic.Deliver":
      expectTypeOf(frame.deliveryTag).toEqualTypeOf<number | bigint>();
      expect(frame.deliveryTag).toBe(5);
      break;
    default:
      expect.unreachable();
  }
  expectTypeOf(Queue.Declare.validResponses).toEqualTypeOf<readonly [typeof Queue.DeclareOk]>();
  expectTypeOf(Basic.Get.validResponses).toEqualTypeOf<readonly [typeof Basic.GetOk, typeof Basic.GetEmpty]>();
  expectTypeOf(Queue.Declare.commandName).toEqualTypeOf<"Queue.Declare">();
  expectTypeOf(Queue.Declare.synchronous).toEqualTypeOf<true>();
  expectTypeOf(Basic.Ack.synchronous).toEqualTypeOf<false>();
  // @ts-expect-error there is no such argument
  expect(new Queue.Declare({ quue: "x" }).queue).toBe("");
});
