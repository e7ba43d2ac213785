/** Frames gathered, split and handed out. */
import { describe, expect, test } from "vitest";
import {
  Basic,
  Connection,
  ContentBody,
  ContentHeader,
  createCodec,
  encodeAs,
  EncodeError,
  FieldTable,
  FrameReader,
  FrameWriter,
  Heartbeat,
  marshal,
  ProtocolHeader,
  Queue,
  Tx,
  unmarshal,
  type Frame,
} from "../src/index.js";
import { concat, hexOf, sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";
import {
  bodyFrame,
  counted,
  encodeErrorOf,
  fieldOf,
  headerFrame,
  heartbeatFrame,
  integer,
  methodFrame,
  shortstr,
  tableOf,
  thrownBy,
} from "./support/wire.js";

const publish = new Basic.Publish({ exchange: "e", routingKey: "k" });
const publishFrame = (channel: number): Uint8Array =>
  methodFrame(channel, 60, 40, integer(0, 2), shortstr("e"), shortstr("k"), integer(0, 1));
const ack = new Basic.Ack({ deliveryTag: 1 });

const frames: Array<[Frame, Uint8Array]> = [
  [new Tx.Select(), methodFrame(5, 90, 10)],
  [
    new Queue.Declare({ queue: "q", durable: true, noWait: true, arguments: { a: 1 } }),
    methodFrame(
      5,
      50,
      10,
      integer(0, 2),
      shortstr("q"),
      integer(0b10010, 1),
      tableOf(fieldOf("a", "b", integer(1, 1))),
    ),
  ],
  [
    new Basic.Deliver({
      consumerTag: "c",
      deliveryTag: 2n ** 64n - 1n,
      redelivered: true,
      exchange: "",
      routingKey: "é",
    }),
    methodFrame(5, 60, 60, shortstr("c"), integer(2n ** 64n - 1n, 8), integer(1, 1), shortstr(""), shortstr("é")),
  ],
  [
    new ContentHeader({
      bodySize: 2n ** 63n,
      properties: { contentType: "a", priority: 1, timestamp: new Date(5000) },
    }),
    headerFrame(5, 2n ** 63n, 0x8840, shortstr("a"), integer(1, 1), integer(5, 8)),
  ],
  [new ContentBody(counted(300)), bodyFrame(5, counted(300))],
  [new ContentBody(), bodyFrame(5, new Uint8Array(0))],
];

describe("write", () => {
  test.each(frames.map(([frame, octets]) => ({ name: frame.name, frame, octets })))(
    "writes $name",
    ({ frame, octets }) => {
      const writer = new FrameWriter();
      expect(writer.write(frame, 5)).toBe(writer);
      expect(writer.bytesPending).toBe(octets.length);
      expect(hexOf(writer.flush())).toBe(hexOf(octets));
      expect(hexOf(marshal(frame, 5))).toBe(hexOf(octets));
      expect([writer.bytesPending, writer.flush().length]).toEqual([0, 0]);
    },
  );

  test("takes the frame's own channel where none is given", () => {
    const frame = new ContentBody(counted(3), 9);
    expect(hexOf(new FrameWriter().write(frame).flush())).toBe(hexOf(bodyFrame(9, counted(3))));
    expect(hexOf(marshal(frame))).toBe(hexOf(bodyFrame(9, counted(3))));
    const method = new Tx.Select();
    method.channel = 65_535;
    expect(hexOf(marshal(method))).toBe(hexOf(methodFrame(65_535, 90, 10)));
  });

  test("gathers frames until they are flushed", () => {
    const writer = new FrameWriter();
    writer.write(new ProtocolHeader()).write(new Heartbeat());
    for (const [frame] of frames) writer.write(frame, 5);
    const expected = concat([
      new TextEncoder().encode("AMQP"),
      Uint8Array.of(0, 0, 9, 1),
      heartbeatFrame,
      ...frames.map(([, octets]) => octets),
    ]);
    expect(writer.bytesPending).toBe(expected.length);
    expect(hexOf(writer.flush())).toBe(hexOf(expected));
  });

  test("refuses what is no frame, no channel, no octet", () => {
    const writer = new FrameWriter();
    for (const wrong of [null, undefined, {}, "Tx.Select", 5, [], new Basic.Properties(), Tx.Select]) {
      expect(encodeErrorOf(() => writer.write(wrong as never, 1)).message).toContain("a frame required");
      expect(encodeErrorOf(() => marshal(wrong as never, 1)).message).toContain("a frame required");
    }
    for (const channel of [-1, 65_536, 0.5, NaN, "1", null]) {
      for (const frame of [ack, new ContentHeader(), new ContentBody()]) {
        expect(encodeErrorOf(() => writer.write(frame, channel as number)).path).toBe("channel");
        expect(encodeErrorOf(() => marshal(frame, channel as number)).path).toBe("channel");
      }
      expect(encodeErrorOf(() => writer.publish(channel as number, publish)).path).toBe("channel");
    }
    for (const bodySize of [-1, -1n, 2n ** 64n, 0.5, NaN, 2 ** 53, "5", null]) {
      const header = new ContentHeader();
      header.bodySize = bodySize as number;
      expect(encodeErrorOf(() => writer.write(header)).path).toBe("bodySize");
    }
    for (const key of ["id", "major", "minor", "revision"]) {
      for (const value of [-1, 256, 0.5, "1", null]) {
        expect(encodeErrorOf(() => writer.write(new ProtocolHeader({ [key]: value }))).path).toBe(key);
      }
    }
    for (const value of [null, "text", [1], new ArrayBuffer(1)]) {
      expect(encodeErrorOf(() => writer.write(new ContentBody(value as never))).path).toBe("value");
    }
    expect([writer.bytesPending, writer.flush().length]).toEqual([0, 0]);
  });
});

describe("publish", () => {
  test("writes method, content header and body", () => {
    const writer = new FrameWriter();
    expect(writer.publish(3, publish, { contentType: "a" }, counted(5))).toBe(writer);
    expect(hexOf(writer.flush())).toBe(
      hexOf(concat([publishFrame(3), headerFrame(3, 5, 0x8000, shortstr("a")), bodyFrame(3, counted(5))])),
    );
  });

  test("without body has no body frame, without properties no flags", () => {
    for (const properties of [undefined, null, {}, new Basic.Properties()]) {
      const octets = new FrameWriter().publish(3, publish, properties).flush();
      expect(hexOf(octets)).toBe(hexOf(concat([publishFrame(3), headerFrame(3, 0)])));
    }
  });

  test("takes every method that carries content", () => {
    for (const method of [
      publish,
      new Basic.Deliver({ consumerTag: "c", deliveryTag: 1, routingKey: "k" }),
      new Basic.GetOk({ deliveryTag: 1, routingKey: "k", messageCount: 0 }),
      new Basic.Return({ replyCode: 312, routingKey: "k" }),
    ]) {
      const [first, header, body] = new FrameReader().push(
        new FrameWriter().publish(4, method, null, counted(2)).flush(),
      );
      expect((first as Basic.Publish).equals(method)).toBe(true);
      expect([header!.channel, (body as ContentBody).length]).toEqual([4, 2]);
    }
  });

  test("does not keep the body that it was given", () => {
    for (const length of [10, 32_768, 131_064, 300_000]) {
      const body = counted(length);
      const writer = new FrameWriter().publish(1, publish, null, body);
      body.fill(0xff);
      const octets = writer.flush();
      const bodies = new FrameReader().push(octets).filter((frame) => frame instanceof ContentBody);
      expect(sameOctets(concat(bodies.map(({ value }) => value)), counted(length)), `${length}`).toBe(true);
    }
  });

  test("takes a body of any view, and a part of a buffer", () => {
    const buffer = counted(40);
    for (const body of [buffer.subarray(7, 27), new DataView(buffer.buffer, 7, 20), buffer.slice(7, 27).buffer]) {
      const octets = new FrameWriter().publish(1, publish, null, body as unknown as Uint8Array).flush();
      expect(hexOf(octets.subarray(-21, -1))).toBe(hexOf(counted(20, 7)));
    }
  });

  const sizes = [4096, 4097, 8192, 65_536, 131_072];
  test.each(sizes)("splits bodies at a frame-max of %d, envelope and all", (frameMax) => {
    const most = frameMax - 8;
    for (const length of [1, most - 1, most, most + 1, 2 * most, 2 * most + 1, 5 * most - 1]) {
      const writer = new FrameWriter({ frameMax });
      const octets = writer.publish(2, publish, null, counted(length)).flush();
      const got = new FrameReader({ frameMax: most }).push(octets);
      const bodies = got.filter((frame) => frame instanceof ContentBody);
      expect(bodies.map((body) => body.length)).toEqual(
        Array.from({ length: Math.ceil(length / most) }, (_, i) => Math.min(most, length - i * most)),
      );
      expect((got[1] as ContentHeader).bodySize).toBe(length);
      expect(sameOctets(concat(bodies.map(({ value }) => value)), counted(length))).toBe(true);
    }
  });

  test("does not split where there is no limit", () => {
    const writer = new FrameWriter({ frameMax: 0 });
    const body = counted(1_000_000);
    const octets = writer.publish(1, publish, null, body).flush();
    const got = new FrameReader({ frameMax: 0 }).push(octets);
    expect(got).toHaveLength(3);
    expect(sameOctets((got[2] as ContentBody).value, body)).toBe(true);
    expect(writer.frameMax).toBe(0);
  });

  test("a body of another kind is refused", () => {
    const writer = new FrameWriter();
    for (const body of ["text", null, 5, [1], {}]) {
      expect(encodeErrorOf(() => writer.publish(1, publish, null, body as never)).path).toBe("body");
    }
    expect(writer.bytesPending).toBe(0);
  });

  test("a method that carries no content is refused", () => {
    const writer = new FrameWriter();
    for (const method of [ack, new Tx.Select(), new ContentHeader(), null, undefined, {}, "Basic.Publish"]) {
      const error = encodeErrorOf(() => writer.publish(1, method as never));
      expect(error.path).toBe("method");
      expect(error.message).toContain("Basic.Publish, Basic.Deliver, Basic.GetOk or Basic.Return required");
    }
    expect(writer.bytesPending).toBe(0);
  });
});

describe("a frame that is refused leaves nothing", () => {
  const badHeaders = new Basic.Properties({ headers: { good: "x".repeat(5000), z: Symbol("no") as never } });
  const longArguments = { arguments: { text: "x".repeat(131_072) } };
  const refused: Array<[what: string, call: (writer: FrameWriter) => unknown]> = [
    ["a bad argument", (writer) => writer.write(new Queue.Declare({ queue: 5 as never }, {}), 1)],
    ["a bad table", (writer) => writer.write(new Queue.Declare({ arguments: { a: "x".repeat(1000), b: NaN } }), 1)],
    ["a method over frame-max", (writer) => writer.write(new Queue.Declare(longArguments), 1)],
    [
      "a header over frame-max",
      (writer) => writer.write(new ContentHeader({ properties: { headers: longArguments.arguments } }), 1),
    ],
    ["a body over frame-max", (writer) => writer.write(new ContentBody(new Uint8Array(131_065)), 1)],
    [
      "a publish whose method is bad",
      (writer) => writer.publish(1, Object.assign(new Basic.Publish(), { routingKey: 5 }), null, counted(9)),
    ],
    ["a publish whose properties are bad", (writer) => writer.publish(1, publish, badHeaders, counted(9))],
    [
      "a publish whose properties are over frame-max",
      (writer) => writer.publish(1, publish, { headers: longArguments.arguments }, counted(9)),
    ],
    [
      "a publish whose properties break a rule",
      (writer) => writer.publish(1, publish, { deliveryMode: 7 }, counted(9)),
    ],
    ["a publish with a wrong channel", (writer) => writer.publish(70_000, publish, null, counted(9))],
  ];

  test.each(refused)("%s", (_, call) => {
    for (const filling of [0, 1, 200_000, 261_900, 262_050, 262_062, 262_144, 300_000, 700_000]) {
      const writer = new FrameWriter();
      const before: Uint8Array[] = [];
      for (let left = filling; left > 0; left -= Math.min(left, 30_000)) {
        const octets = counted(Math.min(left, 30_000));
        writer.write(new ContentBody(octets), 8);
        before.push(bodyFrame(8, octets));
      }
      const pending = writer.bytesPending;
      expect(pending).toBe(before.reduce((sum, { length }) => sum + length, 0));
      for (let i = 0; i < 3; i++) {
        expect(thrownBy(() => call(writer))).toBeInstanceOf(EncodeError);
        expect(writer.bytesPending).toBe(pending);
      }
      writer.write(ack, 1);
      expect(sameOctets(writer.flush(), concat([...before, marshal(ack, 1)])), `behind ${filling}`).toBe(true);
    }
  });

  test("frame-max is in the message, with the frame's name", () => {
    const writer = new FrameWriter({ frameMax: 4096 });
    expect(encodeErrorOf(() => writer.write(new ContentBody(new Uint8Array(4089)))).message).toBe(
      "ContentBody does not fit into a frame of 4096 octets (frame-max)",
    );
    writer.write(new ContentBody(new Uint8Array(4088)));
    const fits = "x".repeat(4096 - 8 - 4 - 2 - 4 - 4 - 4 - "en_US".length);
    for (const [text, passes] of [
      [fits, true],
      [fits + "x", false],
    ] as const) {
      const start = new Connection.Start({ mechanisms: text, locales: "en_US" });
      if (passes) expect(writer.write(start, 0).bytesPending).toBe(4096 * 2);
      else expect(encodeErrorOf(() => writer.write(start, 0)).message).toMatch(/^Connection.Start does not fit/);
    }
    expect(marshal(new ContentBody(new Uint8Array(1_000_000))).length, "marshal has no frame-max").toBe(1_000_008);
  });
});

describe("the output", () => {
  test("that was flushed never changes", () => {
    const writer = new FrameWriter();
    const flushed: Array<[Uint8Array, string]> = [];
    const random = new Random(7);
    for (let i = 0; i < 60; i++) {
      for (let n = random.below(4); n >= 0; n--)
        writer.publish(1 + i, publish, { messageId: `m${i}` }, random.octets(random.below(2000)));
      const octets = writer.flush();
      expect([octets.byteOffset, octets.buffer.byteLength]).toEqual([0, octets.length]);
      flushed.push([octets, hexOf(octets)]);
    }
    new FrameWriter({ frameMax: 0 }).write(new ContentBody(counted(600_000)));
    for (const [octets, text] of flushed) expect(hexOf(octets)).toBe(text);
    expect(new Set(flushed.map(([octets]) => octets.buffer)).size).toBe(flushed.length);
  });

  test("grows beyond the core's region", () => {
    const writer = new FrameWriter();
    const parts: Uint8Array[] = [];
    for (let i = 0; i < 40; i++) {
      const body = counted(25_000, i);
      writer.write(new ContentBody(body), i);
      parts.push(bodyFrame(i, body));
    }
    expect(writer.bytesPending).toBe(40 * 25_008);
    expect(sameOctets(writer.flush(), concat(parts))).toBe(true);
    expect(writer.bytesPending).toBe(0);
  });

  test("is the same at every distance to the end of the core's region", () => {
    const alone = new FrameWriter().publish(3, publish, { messageId: "m" }, counted(9)).flush();
    const codec = createCodec();
    const piece = new ContentBody(counted(32_760), 1);
    const pieces = concat(Array.from({ length: 7 }, () => marshal(piece)));
    for (let left = 0; left <= alone.length + 1; left++) {
      const last = new ContentBody(counted(262_144 - pieces.length - 8 - left), 1);
      const writer = new codec.FrameWriter();
      for (let i = 0; i < 7; i++) writer.write(piece);
      writer.write(last).publish(3, publish, { messageId: "m" }, counted(9));
      expect(sameOctets(writer.flush(), concat([pieces, marshal(last), alone])), `${left} octets left`).toBe(true);
    }
  });

  test("takes one frame larger than the region: a table, a body", () => {
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key${i}`, `${i}`.repeat(50)]));
    const writer = new FrameWriter({ frameMax: 0 });
    const declare = new Queue.Declare({ queue: "q", arguments: { wide, text: "é".repeat(400_000) } });
    writer
      .write(ack, 1)
      .write(declare, 1)
      .write(new ContentBody(counted(3_000_000)), 2)
      .write(ack, 1);
    const pending = writer.bytesPending;
    const octets = writer.flush();
    expect(octets.length).toBe(pending);
    const got = new FrameReader({ frameMax: 0 }).push(octets);
    expect(got.map(({ name }) => name)).toEqual(["Basic.Ack", "Queue.Declare", "ContentBody", "Basic.Ack"]);
    expect((got[1] as Queue.Declare).equals(declare)).toBe(true);
    expect((got[2] as ContentBody).length).toBe(3_000_000);
    expect(hexOf(marshal(ack, 1))).toBe(hexOf(octets.subarray(0, marshal(ack, 1).length)));
  });

  test("of more fields than the command region holds", () => {
    const list = Array.from({ length: 12_000 }, (_, i) => i);
    const octets = marshal(new Queue.Declare({ queue: "q", arguments: { list } }), 1);
    expect((unmarshal(octets, { frameMax: 0 })!.frame as Queue.Declare).arguments).toEqual(
      Object.assign(Object.create(null) as object, { list }),
    );
  });
});

describe("several writers on one core", () => {
  test("do not mix, whatever stands between", () => {
    const random = new Random(11);
    const writers = Array.from({ length: 4 }, () => new FrameWriter());
    const expected: Uint8Array[][] = writers.map(() => []);
    for (let i = 0; i < 400; i++) {
      const which = random.below(4);
      const body = random.octets(random.chance(20) ? 40_000 : random.below(300));
      const frame = random.chance(2) ? new ContentBody(body) : new Queue.Declare({ queue: `q${i}`, arguments: { i } });
      writers[which]!.write(frame, i);
      expected[which]!.push(marshal(frame, i));
      if (random.chance(5)) unmarshal(marshal(new Tx.Select()));
      if (random.chance(9)) new Basic.Ack({ deliveryTag: i }).marshal();
      if (random.chance(9)) expect(FieldTable.from({ i }).get("i")).toBe(i);
      if (random.chance(25)) {
        writers.forEach((writer, w) =>
          expect(writer.bytesPending).toBe(expected[w]!.reduce((sum, { length }) => sum + length, 0)),
        );
        expect(sameOctets(writers[which]!.flush(), concat(expected[which]!))).toBe(true);
        expected[which] = [];
      }
    }
    writers.forEach((writer, i) => expect(sameOctets(writer.flush(), concat(expected[i]!))).toBe(true));
  });

  test("marshal of a frame larger than the room that is left keeps what a writer has there", () => {
    const writer = new FrameWriter();
    writer.write(new ContentBody(counted(100_000)), 1);
    for (const length of [160_000, 200_000, 1_000_000])
      expect(marshal(new ContentBody(counted(length)), 2).length).toBe(length + 8);
    const long = marshal(new Queue.Declare({ arguments: { text: "x".repeat(700_000) } }), 1);
    expect(long.length).toBeGreaterThan(700_000);
    const text = "y".repeat(1_500_000);
    expect(new Queue.Declare({ queue: text.slice(0, 9), arguments: { text } }).marshal().length).toBeGreaterThan(
      1_500_000,
    );
    expect(encodeAs("longstr", text.repeat(2)).length).toBe(3_000_004);
    // A core that did not grow yet.
    const codec = createCodec();
    const waiting = new codec.FrameWriter().write(ack, 1);
    expect(codec.encodeAs("longstr", text).length).toBe(1_500_004);
    expect(hexOf(waiting.flush())).toBe(hexOf(marshal(ack, 1)));
    expect(sameOctets(writer.flush(), bodyFrame(1, counted(100_000)))).toBe(true);
  });

  test("on cores of their own", () => {
    const codec = createCodec();
    const [here, there] = [new FrameWriter(), new codec.FrameWriter()];
    here.write(ack, 1);
    there.write(ack, 2);
    here.write(ack, 3);
    expect([here.bytesPending, there.bytesPending]).toEqual([42, 21]);
    expect(hexOf(there.flush())).toBe(hexOf(marshal(ack, 2)));
    expect(hexOf(here.flush())).toBe(hexOf(concat([marshal(ack, 1), marshal(ack, 3)])));
  });
});

test("frameMax has a default and a range, and may be set on the way", () => {
  const writer = new FrameWriter();
  expect(writer.frameMax).toBe(131_072);
  writer.frameMax = 4096;
  expect(writer.frameMax).toBe(4096);
  writer.publish(1, publish, null, counted(5000));
  expect(new FrameReader().push(writer.flush())).toHaveLength(4);
  for (const wrong of [-1, 1, 4095, 0.5, NaN, 2 ** 32]) {
    expect(encodeErrorOf(() => (writer.frameMax = wrong)).path).toBe("frameMax");
    expect(encodeErrorOf(() => new FrameWriter({ frameMax: wrong })).path).toBe("frameMax");
  }
  expect(new FrameWriter({ frameMax: 2 ** 32 - 1 }).frameMax, "the same as none").toBe(0);
});

test("a writer encodes as its options say", () => {
  const declare = new Queue.Declare({ arguments: { b: 1, a: 0.5 } });
  const typesOf = (writer: FrameWriter): unknown =>
    ((unmarshal(writer.write(declare).flush(), { tables: "exact" })!.frame as Queue.Declare).arguments as FieldTable)
      .entries()
      .map(([key, , type]) => key + type);
  expect(typesOf(new FrameWriter())).toEqual(["ad", "bb"]);
  expect(typesOf(new FrameWriter({ integers: "wide", keyOrder: "insertion" }))).toEqual(["bI", "ad"]);
});

test("strings that repeat go out as they are, more of them than are kept", () => {
  const writer = new FrameWriter();
  const reader = new FrameReader();
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 6000; i++) {
      const routingKey = `${i}-${"é".repeat(i % 24)}`;
      writer.write(new Basic.Publish({ exchange: `e${i % 3}`, routingKey }), 1);
      if (i % 1000 !== 999) continue;
      const from = i - 999;
      reader.push(writer.flush()).forEach((frame, n) => {
        const k = from + n;
        expect([(frame as Basic.Publish).exchange, (frame as Basic.Publish).routingKey]).toEqual([
          `e${k % 3}`,
          `${k}-${"é".repeat(k % 24)}`,
        ]);
      });
    }
  }
});

test("ack writes what the object would, and refuses what it would", () => {
  const tags = [
    0,
    1,
    2,
    3,
    255,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53 - 1,
    7n,
    2n ** 64n - 1n,
    undefined,
  ];
  const wrong = [-1, 0.5, NaN, 2 ** 53, -1n, 2n ** 64n, "1", null, {}];
  const short = new FrameWriter();
  const long = new FrameWriter();
  let written = 0;
  for (const channel of [0, 1, 7, 65535, 65536, -1, 1.5]) {
    for (const tag of [...tags, ...wrong] as number[]) {
      for (const multiple of [undefined, false, true]) {
        const failure = (write: () => unknown): unknown => {
          try {
            write();
            written += 1;
            return undefined;
          } catch (error) {
            expect(error).toBeInstanceOf(EncodeError);
            return String(error);
          }
        };
        const given = multiple === undefined ? { deliveryTag: tag } : { deliveryTag: tag, multiple };
        expect(
          failure(() => short.ack(channel, tag, multiple)),
          `${String(tag)} on ${channel}`,
        ).toBe(failure(() => long.write(new Basic.Ack(given), channel)));
        expect(short.bytesPending).toBe(long.bytesPending);
      }
    }
  }
  expect(written).toBe(2 * 4 * tags.length * 3);
  expect(hexOf(short.flush())).toBe(hexOf(long.flush()));
});

describe("what marshal answers for small frames", () => {
  const frames = Array.from({ length: 300 }, (_, i) => new ContentBody(new Uint8Array(i * 4).fill(i)));
  const expected = frames.map((frame) => bodyFrame(3, frame.value));

  test("stays as it is while others are made, and where they are written to", () => {
    const octets = frames.map((frame) => marshal(frame, 3));
    octets.forEach((one, i) => {
      expect(sameOctets(one, expected[i]!), `frame ${i}`).toBe(true);
      one.fill(0xff);
    });
    expect(octets.every((one) => one.every((octet) => octet === 0xff))).toBe(true);
  });

  test("has a buffer of its own, and may be transferred", () => {
    for (const frame of frames) {
      const octets = marshal(frame, 3);
      expect([octets.byteOffset, octets.buffer.byteLength]).toEqual([0, octets.length]);
    }
    const others = frames.map((frame) => marshal(frame, 3));
    const gone = marshal(frames[20]!, 3);
    structuredClone(gone, { transfer: [gone.buffer as ArrayBuffer] });
    expect(others.every((octets, i) => sameOctets(octets, expected[i]!))).toBe(true);
  });
});
