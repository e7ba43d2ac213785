/** Nothing is allocated because a length was declared: what every reader and editor asks for, at each length field's most telling values. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ambiguities,
  Basic,
  createCodec,
  DecodeError,
  decodeAs,
  EncodeError,
  FrameReader,
  identify,
  judge,
  marshal,
  MessageReader,
  patchHeaders,
  patchTable,
  setChannel,
  unmarshal,
} from "../src/index.js";
import { concat } from "./support/octets.js";
import {
  ascii,
  bodyFrame,
  counted,
  elementOf,
  fieldOf,
  headerFrame,
  integer,
  longstr,
  methodFrame,
  shortstr,
  tableOf,
} from "./support/wire.js";

const MIB = 1024 * 1024;
const HEADERS = 0x2000;
const longs = [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 8, 2 ** 32 - 1];
const longlongs = [2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 63n, 2n ** 64n - 1n];

/** Calls that take any octets, and what of them must not be believed. */
const uses: Array<[name: string, use: (octets: Uint8Array) => unknown]> = [
  ["FrameReader", (octets) => touched(new FrameReader().push(octets))],
  [
    "FrameReader without a limit",
    (octets) => touched(new FrameReader({ frameMax: 0, maxFields: 0xffffffff }).push(octets)),
  ],
  ["FrameReader, exact", (octets) => touched(new FrameReader({ tables: "exact", strict: true }).push(octets))],
  ["MessageReader", (octets) => touched(new MessageReader({ frameMax: 0 }).push(octets))],
  [
    "MessageReader without a limit",
    (octets) => touched(new MessageReader({ frameMax: 0, maxBodySize: Number.MAX_SAFE_INTEGER }).push(octets)),
  ],
  [
    "MessageReader, streaming",
    (octets) =>
      touched(
        new MessageReader({ frameMax: 0, streamBodies: true, maxBodySize: Number.MAX_SAFE_INTEGER }).push(octets),
      ),
  ],
  ["unmarshal", (octets) => unmarshal(octets, { frameMax: 0 })],
  ["patchHeaders", (octets) => patchHeaders(octets, { set: { k: 1 }, delete: ["x"] })],
  ["patchTable", (octets) => patchTable(octets, "arguments", { set: { k: 1 }, delete: ["x"] })],
  ["setChannel", (octets) => setChannel(octets.slice(), 1)],
  ["ambiguities", (octets) => ambiguities(octets)],
  ["judge", (octets) => judge(octets, "rabbitmq-3", { frameMax: 0 })],
  ["identify", (octets) => identify(octets)],
  ["decodeAs table", (octets) => decodeAs("table", octets)],
  ["decodeAs field", (octets) => decodeAs("field", octets)],
];

function touched(items: Iterable<object>): void {
  for (const item of items) {
    const { properties } = item as { properties?: Basic.Properties };
    void properties?.headers;
  }
}

/** Frames, and tables and fields alone, in which one length is this. */
const fields: Array<[name: string, make: (length: number) => Uint8Array]> = [
  ["a method frame", (length) => concat([integer(1, 1), integer(1, 2), integer(length, 4), counted(90)])],
  ["a header frame", (length) => concat([integer(2, 1), integer(1, 2), integer(length, 4), counted(90)])],
  ["a body frame", (length) => concat([integer(3, 1), integer(1, 2), integer(length, 4), counted(90)])],
  ["a long string", (length) => methodFrame(0, 10, 20, integer(length, 4), counted(90))],
  [
    "a method's table",
    (length) => methodFrame(1, 50, 10, integer(0, 2), shortstr("q"), integer(0, 1), integer(length, 4), counted(90)),
  ],
  ["a header's table", (length) => headerFrame(1, 9, HEADERS, integer(length, 4), counted(90))],
  ...["S", "x", "A", "F"].flatMap((type): Array<[string, (length: number) => Uint8Array]> => {
    const value = (length: number): Uint8Array => concat([integer(length, 4), counted(90)]);
    return [
      [`type ${type} in headers`, (length) => headerFrame(1, 9, HEADERS, tableOf(fieldOf("k", type, value(length))))],
      [
        `type ${type} in an array in headers`,
        (length) => headerFrame(1, 9, HEADERS, tableOf(fieldOf("k", "A", longstr(elementOf(type, value(length)))))),
      ],
      [
        `type ${type} in arguments`,
        (length) =>
          methodFrame(
            1,
            50,
            10,
            integer(0, 2),
            shortstr("q"),
            integer(0, 1),
            tableOf(fieldOf("k", type, value(length))),
          ),
      ],
      [`type ${type} alone`, (length) => concat([ascii(type), value(length)])],
    ];
  }),
  ["a table alone", (length) => concat([integer(length, 4), counted(90)])],
  [
    "a PROXY header",
    (length) => concat([ascii("\r\n\r\n\0\r\nQUIT\n!"), integer(0x11, 1), integer(length % 65536, 2), counted(90)]),
  ],
];

/** Frames in which a body size is this, and some of the body. */
const sizes: Array<[name: string, make: (size: bigint) => Uint8Array]> = [
  ["a content header", (size) => headerFrame(1, size)],
  [
    "a content that begins",
    (size) => concat([marshal(new Basic.Publish(), 1), headerFrame(1, size), bodyFrame(1, counted(50))]),
  ],
];

describe("the largest piece of memory that is asked for", () => {
  const { Uint8Array: Octets, ArrayBuffer: Buffers, Array: List } = globalThis;
  let largest = 0;

  /** Notes how much `new` is asked for. */
  function watched<T extends new (...values: never[]) => object>(type: T): T {
    return new Proxy(type, {
      construct(target, values: unknown[], newTarget) {
        if (typeof values[0] === "number") largest = Math.max(largest, values[0]);
        return Reflect.construct(target, values, newTarget === proxyOf(target) ? target : newTarget) as object;
      },
    });
  }
  const proxies = new Map<unknown, unknown>();
  const proxyOf = (type: unknown): unknown => proxies.get(type);

  beforeEach(() => {
    // What is made once, and what grows with use, is there before anything is counted.
    for (const [, use] of uses) attempt(use, headerFrame(1, 9, HEADERS, tableOf(fieldOf("k", "V"))));
    largest = 0;
    for (const name of ["Uint8Array", "ArrayBuffer", "Array"] as const) {
      const proxy = watched(globalThis[name] as never);
      proxies.set(globalThis[name], proxy);
      Object.assign(globalThis, { [name]: proxy });
    }
  });
  afterEach(() => {
    Object.assign(globalThis, { Uint8Array: Octets, ArrayBuffer: Buffers, Array: List });
  });

  function attempt(use: (octets: Uint8Array) => unknown, octets: Uint8Array): void {
    try {
      use(octets);
    } catch (error) {
      if (!(error instanceof DecodeError) && !(error instanceof EncodeError)) throw error;
    }
  }

  test("would be noticed", () => {
    void new Uint8Array(5 * MIB);
    expect(largest).toBe(5 * MIB);
    largest = 0;
    void new FrameReader({ frameMax: 0 }).buffer(2 * MIB);
    expect(largest).toBe(2 * MIB);
  });

  test.each(uses)("of %s is a small multiple of what came", (_, use) => {
    const before = process.memoryUsage();
    for (const [name, make] of fields) {
      for (const length of longs) {
        const octets = make(length);
        largest = 0;
        attempt(use, octets);
        expect(largest, `${name}, ${length}`).toBeLessThan(64 * 1024);
      }
    }
    for (const [name, make] of sizes) {
      for (const size of longlongs) {
        const octets = make(size);
        largest = 0;
        attempt(use, octets);
        expect(largest, `${name}, ${size}`).toBeLessThan(64 * 1024);
      }
    }
    const after = process.memoryUsage();
    // Whatever was made on whichever way: some hundred calls leave less than a few MiB.
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(16 * MIB);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(64 * MIB);
  });
});

test.each([
  ...fields.map(([name, make]) => [name, longs.map(make)] as const),
  ...sizes.map(([name, make]) => [name, longlongs.map(make)] as const),
])("linear memory stays as it is, whatever %s claims", (_, all) => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const codec = createCodec({ memory });
  const own: Array<(octets: Uint8Array) => unknown> = [
    (octets) => touched(new codec.FrameReader({ frameMax: 0 }).push(octets)),
    (octets) => touched(new codec.MessageReader({ frameMax: 0, streamBodies: true }).push(octets)),
    (octets) => codec.patchHeaders(octets, { set: { k: 1 }, delete: ["x"] }),
    (octets) => codec.patchTable(octets, "arguments", { set: { k: 1 }, delete: ["x"] }),
    (octets) => codec.ambiguities(octets),
    (octets) => codec.judge(octets, "lavinmq", { frameMax: 0 }),
  ];
  const before = memory.buffer.byteLength;
  for (const octets of all) {
    for (const use of own) {
      try {
        use(octets);
      } catch (error) {
        if (!(error instanceof DecodeError) && !(error instanceof EncodeError)) throw error;
      }
    }
  }
  expect(memory.buffer.byteLength).toBe(before);
});

test("a body of 1 GiB is handed out as it comes, and memory stays flat", () => {
  const size = 1024 * MIB;
  const memory = new WebAssembly.Memory({ initial: 1 });
  const reader = new (createCodec({ memory }).MessageReader)({ streamBodies: true, maxBodySize: 2 * size });
  const part = 131072 - 8;
  const frame = bodyFrame(1, counted(part));
  // Chunks of half a frame and more, so that most frames are cut.
  const chunks = [frame.subarray(0, 70_000), frame.subarray(70_000)];
  const [start] = reader.push(concat([marshal(new Basic.Publish(), 1), headerFrame(1, size)]));
  expect(start).toMatchObject({ name: "MessageStart", bodySize: size });
  const linear = memory.buffer.byteLength;
  let received = 0;
  let peak = 0;
  const before = process.memoryUsage();
  while (received < size) {
    const last = size - received < part ? bodyFrame(1, counted(size - received)) : undefined;
    for (const chunk of last === undefined ? chunks : [last]) {
      for (const item of reader.push(chunk)) {
        if (item.name !== "BodyPart") expect.unreachable();
        expect(item.offset).toBe(received);
        received += item.octets.length;
        expect(item.last).toBe(received === size);
      }
    }
    if ((received / part) % 64 === 0) {
      const { arrayBuffers, heapUsed } = process.memoryUsage();
      peak = Math.max(peak, arrayBuffers - before.arrayBuffers + heapUsed - before.heapUsed);
    }
  }
  expect(received).toBe(size);
  expect(reader.unfinished).toEqual([]);
  // What was handed out and let go waits for the collector; it does not grow with the body.
  expect(peak).toBeLessThan(200 * MIB);
  expect(memory.buffer.byteLength).toBe(linear);
});
