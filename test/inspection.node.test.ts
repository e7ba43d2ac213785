/** What Node's console shows. */
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  Basic,
  Connection,
  ContentBody,
  ContentHeader,
  Decimal,
  FieldTable,
  FrameWriter,
  Heartbeat,
  marshal,
  MessageReader,
  ProtocolHeader,
  Queue,
  Timestamp,
  Tx,
  unmarshal,
  type ContentHeader as Header,
  type Frame,
} from "../src/index.js";
import { fieldOf, headerFrame, tableOf } from "./support/wire.js";

const shown: Array<[Frame | Basic.Properties | FieldTable, string]> = [
  [
    new Queue.DeclareOk({ queue: "orders", messageCount: 1, consumerCount: 2 }),
    "Queue.DeclareOk { queue: 'orders', messageCount: 1, consumerCount: 2 }",
  ],
  [new Tx.Select(), "Tx.Select"],
  [new Heartbeat(), "Heartbeat"],
  [new ProtocolHeader(), "ProtocolHeader { id: 0, major: 0, minor: 9, revision: 1 }"],
  [new ContentBody(Uint8Array.of(1, 2)), "ContentBody { length: 2 }"],
  [
    new ContentHeader({ bodySize: 2n ** 63n, properties: { contentType: "text/plain" } }),
    "ContentHeader {\n  bodySize: 9223372036854775808n,\n  properties: { contentType: 'text/plain' }\n}",
  ],
  [new Basic.Properties({ priority: 3 }), "Basic.Properties { priority: 3 }"],
  [new Basic.Properties(), "Basic.Properties"],
  [FieldTable.from({ a: 1, b: null }), "FieldTable [Object: null prototype] { a: 1, b: null }"],
];

test.each(shown)("%# shows as it should", (value, text) => {
  expect(inspect(value)).toBe(text);
});

test("nested deeper than is shown, there is the name", () => {
  expect(inspect({ a: { b: new Queue.Purge() } }, { depth: 1 })).toBe("{ a: { b: [Queue.Purge] } }");
  expect(inspect([new Queue.PurgeOk({ messageCount: 1 })])).toBe("[ Queue.PurgeOk { messageCount: 1 } ]");
  expect(inspect({ a: { b: FieldTable.from({ a: 1 }) } }, { depth: 1 })).toBe("{ a: { b: [FieldTable] } }");
});

test("strings of names and fields without Node's help", () => {
  expect(String(new Heartbeat())).toBe("Heartbeat");
  expect(String(new ProtocolHeader())).toBe('ProtocolHeader {"id":0,"major":0,"minor":9,"revision":1}');
  expect(String(new ContentBody(Uint8Array.of(1, 2)))).toBe('ContentBody {"length":2}');
  expect(String(new ContentHeader({ bodySize: 2n ** 63n, properties: { correlationId: Uint8Array.of(255) } }))).toBe(
    'ContentHeader {"bodySize":"9223372036854775808","properties":{"correlationId":"<1 octets>"}}',
  );
  const properties = new Basic.Properties({
    timestamp: new Timestamp(5),
    headers: { price: new Decimal({ scale: 1, unscaled: 25 }) },
  });
  expect(String(properties)).toBe('Basic.Properties {"headers":{"price":"2.5"},"timestamp":5}');
  expect(String(new Basic.Properties())).toBe("Basic.Properties");
});

describe("secrets are never shown", () => {
  const made = [
    new Connection.StartOk({ response: "guest:hunter2" }),
    new Connection.StartOk({ response: new TextEncoder().encode("hunter2") }),
    new Connection.SecureOk({ response: "hunter2" }),
    new Connection.UpdateSecret({ newSecret: "hunter2", reason: "" }),
  ];
  const decoded = made.map((method) => unmarshal(marshal(method))!.frame);
  const ways = [
    { showHidden: true, depth: Infinity },
    { getters: true, depth: Infinity },
    { customInspect: false, depth: Infinity, showHidden: true },
    { compact: false, showProxy: true },
  ];

  test.each([...made, ...decoded])("%#", (frame) => {
    const octets = String(new TextEncoder().encode("hunter2"));
    for (const way of ways.slice(0, 2)) expect(inspect(frame, way)).toContain("[hidden]");
    for (const way of ways) {
      const text = inspect({ frame, list: [frame] }, way);
      expect(text).not.toContain("hunter2");
      expect(text.replaceAll(/\s/g, "")).not.toContain(octets);
    }
    expect(inspect({ ...frame })).not.toContain("hunter2");
  });

  test("a secret that is not there is not shown as one", () => {
    expect(inspect(new Connection.SecureOk({} as never))).toBe("Connection.SecureOk { response: undefined }");
  });
});

test("a whole message shows all that it has but its body", () => {
  const octets = new FrameWriter()
    .publish(3, new Basic.Publish({ routingKey: "k" }), { contentType: "text/plain" }, Uint8Array.of(1, 2))
    .flush();
  const [message] = new MessageReader().push(octets);
  const text = inspect(message);
  for (const part of [
    "Message {",
    "Basic.Publish {",
    "routingKey: 'k'",
    "contentType: 'text/plain'",
    "bodySize: 2",
    "channel: 3",
  ]) {
    expect(text).toContain(part);
  }
  expect(text).not.toContain("[ 1, 2 ]");
});

test("a poisoned header table does not make a log statement throw", () => {
  const poisoned = headerFrame(1, 0, 0xa000, Uint8Array.of(1, 97), tableOf(fieldOf("k", "Z")));
  const header = unmarshal(poisoned)!.frame as Header;
  expect(() => header.properties.headers).toThrow("headers.k has unknown field type 90 (Z)");
  expect(inspect(header)).toContain("contentType: 'a'");
  expect(inspect(header)).toContain("unknown field type 90 (Z)");
  expect(String(header)).toContain("unknown field type 90 (Z)");
  expect(JSON.stringify(header)).toContain("unknown field type 90 (Z)");
  expect(inspect(new FieldTable(fieldOf("k", "Z")))).toContain("unknown field type 90 (Z)");
});
