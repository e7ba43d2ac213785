/** Octets that declare lengths which are not there, and all that takes octets from outside. */
import {
  ambiguities,
  Basic,
  DecodeError,
  decodeAs,
  EncodeError,
  FrameCursor,
  FrameReader,
  FrameWriter,
  identify,
  judge,
  marshal,
  MessageReader,
  patchHeaders,
  patchTable,
  setChannel,
  unmarshal,
  type FrameCursorOptions,
} from "../../src/index.js";
import { concat } from "./octets.js";
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
} from "./wire.js";

const HEADERS = 0x2000;
const longs = [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 8, 2 ** 32 - 1];
const longlongs = [2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 63n, 2n ** 64n - 1n];

/** Calls that take any octets, and what of them must not be believed. */
export const uses: Array<[name: string, use: (octets: Uint8Array) => unknown]> = [
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
  ["FrameCursor", (octets) => walked(octets, (cursor) => cursor.header("k"))],
  ["FrameCursor, strict", (octets) => walked(octets, (cursor) => cursor.frame(), { strict: true })],
  [
    "FrameCursor, whole messages",
    (octets) =>
      walked(octets, (cursor) => cursor.name === "Basic.Publish" && cursor.message(), {
        messages: true,
        maxBodySize: Number.MAX_SAFE_INTEGER,
      }),
  ],
  [
    "FrameCursor, bodies in parts and runs",
    (octets) => {
      const cursor = new FrameCursor({ frameMax: 0, joinBodies: false }).push(octets);
      let goesOn = true;
      while (goesOn) goesOn = cursor.passRun() !== undefined || cursor.next();
    },
  ],
  [
    "FrameWriter.forward",
    (octets) => {
      const writer = new FrameWriter({ frameMax: 4096 });
      walked(octets, (cursor) => writer.forward(cursor));
    },
  ],
  [
    "FrameWriter.deliver",
    (octets) => {
      const writer = new FrameWriter({ frameMax: 4096 });
      const consumers = [1, 2, 3].map((channel) => ({ channel, consumerTag: "t", deliveryTag: 1 }));
      walked(octets, (cursor) => cursor.name === "Basic.Publish" && writer.deliver(cursor, consumers));
    },
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

export function touched(items: Iterable<object>): void {
  for (const item of items) {
    const { properties } = item as { properties?: Basic.Properties };
    void properties?.headers;
  }
}

function walked(octets: Uint8Array, look: (cursor: FrameCursor) => unknown, options: FrameCursorOptions = {}): void {
  const cursor = new FrameCursor({ frameMax: 0, ...options }).push(octets);
  while (cursor.next()) look(cursor);
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

export interface Claim {
  /** Where the length stands. */
  name: string;
  length: number | bigint;
  octets: Uint8Array;
}
export const claims: Claim[] = [
  ...fields.flatMap(([name, make]) => longs.map((length) => ({ name, length, octets: make(length) }))),
  ...sizes.flatMap(([name, make]) => longlongs.map((length) => ({ name, length, octets: make(length) }))),
];

/** Uses octets, which may be refused and nothing else. */
export function attempt(use: (octets: Uint8Array) => unknown, octets: Uint8Array): void {
  try {
    use(octets);
  } catch (error) {
    if (!(error instanceof DecodeError) && !(error instanceof EncodeError)) throw error;
  }
}
