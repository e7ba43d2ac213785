/** One line of a log for each frame, and what no log may ever show. */
import { inspect } from "node:util";
import { describe as suite, expect, test } from "vitest";
import {
  Basic,
  Connection,
  ContentBody,
  ContentHeader,
  describe,
  Field,
  FrameReader,
  FrameWriter,
  Heartbeat,
  marshal,
  Message,
  MessageReader,
  ProtocolHeader,
  Queue,
  unmarshal,
  type Frame,
} from "../src/index.js";
import { encodeFrame } from "./reference.js";
import { randomFrame } from "./support/generated-frames.js";
import { Random } from "./support/random.js";
import { encodeErrorOf, fieldOf, headerFrame, tableOf } from "./support/wire.js";

const on = <T extends Frame>(channel: number, frame: T): T => Object.assign(frame, { channel });
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const message = (body: Uint8Array): Message => {
  const writer = new FrameWriter().publish(
    3,
    new Basic.Publish({ routingKey: "k" }),
    { contentType: "text/plain" },
    body,
  );
  return new MessageReader().push(writer.flush())[0] as Message;
};

suite("a table that holds itself, or whose levels have no end", () => {
  const table: Record<string, unknown> = { twice: [{ a: 1 }] };
  table["once more"] = table["twice"];
  table["self"] = { table };
  table["list"] = [1, new Map([["table", table]])];
  const declare = new Queue.Declare({ arguments: table as never });
  const shownTable = {
    twice: [{ a: 1 }],
    "once more": [{ a: 1 }],
    self: { table: "[circular]" },
    list: [1, { table: "[circular]" }],
  };

  test("is shown up to where it begins again", () => {
    expect(describe(declare)).toContain(`"arguments":${JSON.stringify(shownTable)}}`);
    expect(JSON.parse(JSON.stringify(declare))).toMatchObject({ arguments: shownTable });
    expect(JSON.parse(JSON.stringify(new Basic.Properties({ headers: table as never })))).toEqual({
      headers: shownTable,
    });
  });

  test("is shown as far as the encoder would go at least", () => {
    let deep: Record<string, unknown> = {};
    for (let i = 0; i < 100_000; i++) deep = { x: deep };
    const line = describe(new Queue.Declare({ arguments: deep as never }), { maxLength: 100_000 });
    expect(line).toContain("[too deep]");
    expect(line.split('"x":').length).toBeGreaterThan(128);
  });
});

suite("describe", () => {
  test.each<[Frame | Message, string]>([
    [on(1, new Queue.Purge({ queue: "orders" })), 'channel 1 Queue.Purge {"ticket":0,"queue":"orders","noWait":false}'],
    [
      on(2, new Basic.Ack({ deliveryTag: 2n ** 60n })),
      'channel 2 Basic.Ack {"deliveryTag":"1152921504606846976","multiple":false}',
    ],
    [new Heartbeat(), "channel 0 Heartbeat"],
    [new ProtocolHeader(), 'channel 0 ProtocolHeader {"id":0,"major":0,"minor":9,"revision":1}'],
    [
      on(1, new ContentHeader({ bodySize: 5, properties: { headers: { a: Uint8Array.of(1), b: null } } })),
      'channel 1 ContentHeader {"bodySize":5,"properties":{"headers":{"a":"<1 octets>","b":null}}}',
    ],
    [
      on(
        1,
        new ContentHeader({
          properties: { headers: { a: Buffer.of(1), b: NaN, c: new Map([["d", 1n]]) as never, e: new Field("l", 5n) } },
        }),
      ),
      'channel 1 ContentHeader {"bodySize":0,"properties":{"headers":{"a":"<1 octets>","b":"NaN","c":{"d":"1"},"e":{"type":"l","value":"5"}}}}',
    ],
    [on(1, new ContentBody(octets("hello"))), 'channel 1 ContentBody {"length":5}'],
    [
      message(octets("hello")),
      'channel 3 Message {"method":{"name":"Basic.Publish","ticket":0,"exchange":"","routingKey":"k","mandatory":false,"immediate":false},"properties":{"contentType":"text/plain"},"bodySize":5}',
    ],
  ])("%#", (frame, line) => {
    expect(describe(frame)).toBe(line);
  });

  test("shows bodies and secrets where they are asked for, and only what is asked for", () => {
    const startOk = new Connection.StartOk({ response: "\0guest\0hunter2" });
    expect(describe(startOk)).toContain('"response":"[hidden]"');
    expect(describe(startOk, { showBodies: true })).toContain('"response":"[hidden]"');
    expect(describe(startOk, { showSecrets: true })).toContain('"response":"\\u0000guest\\u0000hunter2"');
    const body = new ContentBody(octets("grüße"));
    expect(describe(body, { showBodies: true })).toBe('channel 0 ContentBody {"length":7,"body":"grüße"}');
    expect(describe(body, { showSecrets: true })).toBe('channel 0 ContentBody {"length":7}');
    expect(describe(new ContentBody(Uint8Array.of(0xff, 0)), { showBodies: true })).toContain('"body":"<ff00>"');
    expect(describe(message(octets("hello")), { showBodies: true })).toContain('"body":"hello"');
  });

  test("is one line that no terminal obeys", () => {
    const evil = "a\r\nb\u001b[31m\u0085\u009b31m\u2028\u202e\u007f\ufeff";
    for (const frame of [
      on(1, new Basic.Publish({ routingKey: evil })),
      new ContentBody(octets(evil)),
      new ContentHeader({ properties: { headers: { [evil]: evil } } }),
    ]) {
      const line = describe(frame, { showBodies: true });
      expect(line).toMatch(/^[\x20-\x7e]+$/);
      expect(line).toContain("\\u009b31m");
    }
  });

  test("is cut where it is long, and not within a character", () => {
    const frame = on(1, new Queue.Purge({ queue: "q".repeat(200) }));
    expect(describe(frame, { maxLength: 50 })).toHaveLength(50);
    expect(describe(frame, { maxLength: 50 }).endsWith("q…")).toBe(true);
    const horses = new ContentBody(octets("🐎".repeat(5000)));
    for (let maxLength = 60; maxLength < 64; maxLength++) {
      const line = describe(horses, { maxLength, showBodies: true });
      expect(line.length).toBeLessThanOrEqual(maxLength);
      expect(line.isWellFormed?.() ?? true).toBe(true);
      expect(line).toContain("🐎");
    }
    const large = new ContentBody(new Uint8Array(50_000_000));
    const started = performance.now();
    expect(describe(large, { showBodies: true })).toHaveLength(1024);
    expect(performance.now() - started).toBeLessThan(500);
    for (const maxLength of [0, 15, 1.5])
      expect(encodeErrorOf(() => describe(frame, { maxLength })).path).toBe("maxLength");
  });

  test("does not throw for whatever a peer sent, and tells of a table that cannot be read", () => {
    const [poisoned] = new FrameReader().push(headerFrame(1, 0, 0x2000, tableOf(fieldOf("k", "Z"))));
    expect(describe(poisoned!)).toContain("unknown field type 90 (Z)");
    const random = new Random(61);
    for (let i = 0; i < 2000; i++) {
      const frame = unmarshal(encodeFrame(randomFrame(random)))?.frame;
      if (frame !== undefined) expect(describe(frame)).not.toMatch(/[\n\r]/);
    }
    for (const value of [undefined, null, 5, "frame", {}, { name: "Heartbeats" }])
      encodeErrorOf(() => describe(value as never));
  });
});

suite("no way to show an object shows a secret or a body", () => {
  const secret = "hunter2-hunter2";
  const made = [
    new Connection.StartOk({ response: secret }),
    new Connection.StartOk({ response: octets(secret) }),
    new Connection.SecureOk({ response: secret }),
    new Connection.UpdateSecret({ newSecret: secret, reason: "" }),
    new ContentBody(octets(secret)),
    message(octets(secret)),
  ];
  const decoded = made.map((frame) => (frame instanceof Message ? frame : unmarshal(marshal(frame))!.frame));
  const ways: Array<[name: string, show: (value: unknown) => string]> = [
    ["inspect", (value) => inspect(value, { depth: Infinity })],
    [
      "inspect, everything",
      (value) => inspect(value, { depth: Infinity, showHidden: true, getters: true, maxArrayLength: null }),
    ],
    [
      "inspect, its own way",
      (value) => inspect(value, { depth: Infinity, showHidden: true, customInspect: false, maxArrayLength: null }),
    ],
    ["String", (value) => String(value)],
    ["JSON", (value) => JSON.stringify({ value, list: [value] })],
    ["describe", (value) => describe(value as Frame)],
    ["spread", (value) => inspect({ ...(value as object) }, { depth: Infinity, maxArrayLength: null })],
    ["keys", (value) => JSON.stringify(Object.entries(value as object))],
  ];
  const traces = [
    secret,
    octets(secret).join(),
    octets(secret).join(" "),
    Buffer.from(secret).toString("hex"),
    Buffer.from(secret).toString("base64"),
  ];

  test.each(ways)("%s", (_, show) => {
    for (const frame of [...made, ...decoded]) {
      const text = show(frame).replaceAll(/\s+/g, " ");
      for (const trace of traces) expect(text, frame.name).not.toContain(trace);
      expect(text.replaceAll(" ", "")).not.toContain(octets(secret).join());
    }
  });

  test("errors neither", () => {
    const text = (call: () => unknown): string => {
      const error = encodeErrorOf(call);
      return inspect(error, { depth: Infinity, showHidden: true }) + String(error.stack) + JSON.stringify(error);
    };
    const startOk = new Connection.StartOk({ response: secret, mechanism: 5 as never });
    const lone = new Connection.StartOk({ response: `${secret}\ud800` });
    const long = new Connection.SecureOk({ response: { secret } as never });
    for (const frame of [startOk, lone, long]) expect(text(() => marshal(frame))).not.toContain(secret);
    const cut = marshal(new Connection.StartOk({ response: secret })).slice();
    cut[6]! -= 1;
    cut[cut.length - 2] = 206;
    try {
      new FrameReader().push(cut);
      expect.unreachable();
    } catch (error) {
      expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain(secret);
    }
  });

  test("readers and writers that hold such neither", () => {
    const reader = new FrameReader();
    const octetsOf = marshal(new Connection.StartOk({ response: secret }));
    reader.push(octetsOf.subarray(0, octetsOf.length - 2));
    const messages = new MessageReader();
    messages.push(marshal(new ContentBody(octets(secret))).subarray(0, 20));
    const writer = new FrameWriter();
    writer.write(new Connection.StartOk({ response: secret }));
    const prepared = writer.prepare(new Basic.Publish(), { contentType: secret });
    for (const holder of [reader, messages, writer, prepared]) {
      for (const [, show] of ways.filter(([name]) => name !== "describe")) {
        const text = show(holder).replaceAll(/\s+/g, "");
        expect(text).not.toContain(octets(secret).join());
      }
    }
  });
});
