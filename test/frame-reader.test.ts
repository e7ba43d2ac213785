/** Streams: chunks in, frames out, and errors with a place. */
import { describe, expect, expectTypeOf, test } from "vitest";
import type { FieldTable } from "../src/index.js";
import {
  Basic,
  Channel,
  Connection,
  ContentBody,
  ContentHeader,
  DecodeError,
  EncodeError,
  FrameReader,
  Heartbeat,
  marshal,
  ProtocolHeader,
  Queue,
  unmarshal,
  type Frame,
  type FrameReaderOptions,
} from "../src/index.js";
import { concat, cutAt, hexOf, octetsOf } from "./support/octets.js";
import {
  ascii,
  bodyFrame,
  counted,
  decodeErrorOf,
  elementOf,
  fieldOf,
  frameOf,
  headerFrame,
  heartbeatFrame,
  integer,
  longstr,
  methodFrame,
  shortstr,
  tableOf,
  thrownBy,
} from "./support/wire.js";

const protocolHeader = octetsOf("414d515000000901");
const ack = methodFrame(1, 60, 80, integer(5, 8), integer(1, 1));
const deliver = (tag: number | bigint, channel = 1): Uint8Array =>
  methodFrame(
    channel,
    60,
    60,
    shortstr("ctag"),
    integer(tag, 8),
    integer(0, 1),
    shortstr("amq.topic"),
    shortstr("a.b"),
  );
const header = (size: number | bigint, channel = 1): Uint8Array =>
  headerFrame(channel, size, 0xa000, shortstr("text/plain"), tableOf(fieldOf("n", "b", integer(1, 1))));

/** What frames hold, in words that can be compared. */
function words(frames: Iterable<Frame>): unknown[] {
  return [...frames].map((frame) => [
    frame.name,
    frame.channel,
    frame instanceof ContentBody ? hexOf(frame.value) : String(frame),
  ]);
}

/** Takes chunks until an error comes, and tells it with what came before. */
function readAll(
  chunks: Iterable<Uint8Array>,
  options?: FrameReaderOptions,
): { frames: Frame[]; error?: DecodeError; reader: FrameReader } {
  const reader = new FrameReader(options);
  const frames: Frame[] = [];
  try {
    for (const chunk of chunks) for (const frame of reader.push(chunk)) frames.push(frame);
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
    return { frames, error: error as DecodeError, reader };
  }
  return { frames, reader };
}

const singly = (octets: Uint8Array): Uint8Array[] => cutAt(octets, [...octets.keys()].slice(1));

describe("a stream", () => {
  const stream = concat([
    protocolHeader,
    heartbeatFrame,
    deliver(1),
    header(0),
    deliver(2n ** 63n, 65_535),
    header(5, 65_535),
    bodyFrame(65_535, ascii("he")),
    bodyFrame(65_535, new Uint8Array(0)),
    bodyFrame(65_535, ascii("llo")),
    ack,
  ]);
  const whole = words(new FrameReader().push(stream));

  test("has its frames in their order", () => {
    expect(whole.map((row) => (row as [string, number]).slice(0, 2))).toEqual([
      ["ProtocolHeader", 0],
      ["Heartbeat", 0],
      ["Basic.Deliver", 1],
      ["ContentHeader", 1],
      ["Basic.Deliver", 65_535],
      ["ContentHeader", 65_535],
      ["ContentBody", 65_535],
      ["ContentBody", 65_535],
      ["ContentBody", 65_535],
      ["Basic.Ack", 1],
    ]);
  });

  test("is the same at every cut into two, octet by octet, and with empty chunks between", () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      for (const reuse of [false, true]) {
        const { frames, error } = readAll(cutAt(stream, [cut]), { reuse });
        expect(error).toBeUndefined();
        expect(words(frames), `cut at ${cut}`).toEqual(whole);
      }
    }
    expect(words(readAll(singly(stream)).frames)).toEqual(whole);
    const empty = new Uint8Array(0);
    expect(words(readAll(singly(stream).flatMap((piece) => [empty, piece])).frames)).toEqual(whole);
    for (const size of [2, 3, 7, 8, 9, 30]) {
      const cuts = Array.from({ length: Math.floor(stream.length / size) }, (_, i) => (i + 1) * size);
      expect(words(readAll(cutAt(stream, cuts)).frames)).toEqual(whole);
    }
  });

  test("counts its octets: those read, and those of a frame that is not complete", () => {
    const reader = new FrameReader();
    const ends: number[] = [];
    const told: Array<[string, number, number]> = [];
    const tells = new FrameReader({ onFrame: (frame, offset, octets) => told.push([frame.name, offset, octets]) });
    tells.push(stream);
    for (const [, offset, octets] of told) ends.push(offset + octets - (offset === 0 ? 0 : 0));
    expect(told[0]!.slice(0, 2)).toEqual(["ProtocolHeader", 0]);
    expect(told[1]).toEqual(["Heartbeat", 8, 8]);
    const starts = told.map(([, offset]) => offset);
    for (let at = 0; at < stream.length; at++) {
      const start = Math.max(...starts.filter((offset) => offset <= at));
      expect([reader.octetsRead, reader.octetsPending], `at ${at}`).toEqual([at, at - start]);
      reader.push(stream.subarray(at, at + 1));
    }
    expect([reader.octetsRead, reader.octetsPending]).toEqual([stream.length, 0]);
    expect(
      told.reduce((sum, [, , octets]) => sum + octets, 0),
      "a protocol header has no envelope",
    ).toBe(stream.length);
    expect(ends.at(-1)).toBe(stream.length);
  });

  test("tells each frame with its place and length, however it was cut", () => {
    const collect = (chunks: Uint8Array[]): unknown[] => {
      const told: unknown[] = [];
      const reader = new FrameReader({ onFrame: (frame, offset, octets) => told.push([frame.name, offset, octets]) });
      for (const chunk of chunks) reader.push(chunk);
      return told;
    };
    const expected = collect([stream]);
    expect(expected).toHaveLength(10);
    expect(collect(singly(stream))).toEqual(expected);
    for (let cut = 1; cut < stream.length; cut++)
      expect(collect(cutAt(stream, [cut])), `cut at ${cut}`).toEqual(expected);
  });

  test("who is told of a frame may use the codec", () => {
    const reader: FrameReader = new FrameReader({
      onFrame: (frame) => {
        expect(unmarshal(marshal(new Queue.Declare({ queue: "other", arguments: { a: [1, "x"] } })))!.frame.name).toBe(
          "Queue.Declare",
        );
        if (frame instanceof ContentHeader) expect(frame.properties.contentType).toBe("text/plain");
      },
    });
    expect(words(reader.push(stream))).toEqual(whole);
  });

  test("may begin in the middle of a connection", () => {
    expect(words(new FrameReader().push(ack))).toHaveLength(1);
    expect(decodeErrorOf(() => new FrameReader().push(stream.subarray(9))).code).toBe("frame-type");
  });

  test("may stand at any place of any buffer", () => {
    for (const at of [0, 1, 3, 4, 7, 13]) {
      const buffer = new Uint8Array(stream.length + 32).fill(0xce);
      buffer.set(stream, at);
      const chunk = buffer.subarray(at, at + stream.length);
      expect(words(new FrameReader().push(chunk))).toEqual(whole);
      expect(words(new FrameReader({ reuse: true }).push(chunk))).toEqual(whole);
      const view = new DataView(buffer.buffer, at, stream.length) as unknown as Uint8Array;
      expect(words(new FrameReader().push(view)), "any view will do").toEqual(whole);
    }
    expect(words(new FrameReader().push(stream.slice().buffer as unknown as Uint8Array))).toEqual(whole);
  });

  test("is octets, and nothing else", () => {
    const reader = new FrameReader();
    for (const wrong of ["text", null, undefined, 5, [1, 2], {}]) {
      expect(() => reader.push(wrong as Uint8Array)).toThrow(EncodeError);
    }
    expect(words(reader.push(stream)), "and the reader is none the worse").toEqual(whole);
  });

  test("two readers may be fed in turns, octet by octet", () => {
    const readers = [new FrameReader(), new FrameReader({ tables: "exact" }), new FrameReader({ reuse: true })];
    const frames: Frame[][] = readers.map(() => []);
    for (const octet of singly(stream)) readers.forEach((reader, i) => frames[i]!.push(...reader.push(octet)));
    expect(words(frames[0]!)).toEqual(whole);
    expect(words(frames[2]!)).toEqual(whole);
    expect(frames[1]!.map(({ name }) => name)).toEqual(frames[0]!.map(({ name }) => name));
  });
});

describe("the protocol header", () => {
  test("has its four numbers, and stands first or nowhere", () => {
    for (const [id, major, minor, revision] of [
      [0, 0, 9, 1],
      [3, 1, 0, 0],
      [255, 255, 255, 255],
    ] as const) {
      const octets = concat([ascii("AMQP"), Uint8Array.of(id, major, minor, revision)]);
      const [frame] = new FrameReader().push(octets) as [ProtocolHeader];
      expect(frame.toJSON()).toEqual({ id, major, minor, revision });
      expect(frame.equals(new ProtocolHeader({ id, major, minor, revision }))).toBe(true);
      expect(hexOf(marshal(frame))).toBe(hexOf(octets));
    }
    const again = decodeErrorOf(() => [...new FrameReader().push(concat([protocolHeader, protocolHeader]))]);
    expect([again.code, again.offset]).toEqual(["frame-type", 8]);
    const late = new FrameReader();
    late.push(ack);
    expect(decodeErrorOf(() => late.push(protocolHeader))).toMatchObject({ code: "frame-type", offset: ack.length });
  });

  test("is refused at its first wrong octet", () => {
    for (let place = 1; place < 4; place++) {
      const octets = protocolHeader.slice();
      octets[place]! ^= 0x20;
      const reader = new FrameReader();
      expect(reader.push(octets.subarray(0, place))).toEqual([]);
      expect(decodeErrorOf(() => reader.push(octets.subarray(place, place + 1)))).toMatchObject({
        code: "protocol-header",
        offset: place,
        replyCode: 501,
      });
    }
  });
});

describe("wrong octets", () => {
  const oversize = concat([integer(3, 1), integer(1, 2), integer(131_073, 4)]);
  const deliverPayload = deliver(1).subarray(7, -1);
  const wrong: Array<
    [what: string, octets: Uint8Array, code: string, offset: number, details: Partial<DecodeError>, from?: number]
  > = [
    ["an unknown type", frameOf(4, 1, new Uint8Array(4)), "frame-type", 0, { replyCode: 501, channel: 0 }, 1],
    ["a size over the limit", oversize, "frame-size", 3, { replyCode: 501, channel: 1 }, 7],
    ["another frame-end", frameOf(3, 9, new Uint8Array(3), 0xcd), "frame-end", 10, { replyCode: 501 }],
    ["a heartbeat with a payload", frameOf(8, 0, new Uint8Array(1)), "heartbeat-payload", 3, { replyCode: 501 }, 7],
    [
      "a heartbeat on a channel",
      frameOf(8, 2, new Uint8Array(0)),
      "heartbeat-channel",
      1,
      { replyCode: 505, channel: 2 },
      7,
    ],
    [
      "a method without ids",
      frameOf(1, 2, new Uint8Array(3)),
      "method-cut",
      7,
      { replyCode: 501, channel: 2, classId: 0 },
    ],
    [
      "an unknown method",
      methodFrame(2, 60, 81),
      "method-unknown",
      7,
      { replyCode: 540, classId: 60, methodId: 81, channel: 2 },
    ],
    ["an unknown class", methodFrame(0, 30, 10), "method-unknown", 7, { replyCode: 540, classId: 30, methodId: 10 }],
    [
      "a cut longlong",
      methodFrame(1, 60, 80, integer(0, 7)),
      "value-cut",
      11,
      { path: "deliveryTag", classId: 60, methodId: 80 },
    ],
    ["a cut bit", methodFrame(1, 60, 80, integer(0, 8)), "value-cut", 19, { path: "multiple" }],
    ["a cut run of bits", methodFrame(1, 50, 10, integer(0, 2), shortstr("")), "value-cut", 14, { path: "passive" }],
    [
      "a short string beyond its frame",
      frameOf(1, 1, deliverPayload.subarray(0, 8)),
      "string-length",
      11,
      { path: "consumerTag" },
    ],
    [
      "a long string beyond its frame",
      methodFrame(0, 10, 20, integer(5, 4), ascii("four")),
      "string-length",
      11,
      { path: "challenge" },
    ],
    [
      "a method's name that is not UTF-8",
      methodFrame(1, 60, 31, shortstr(Uint8Array.of(0xff))),
      "string-utf8",
      11,
      { path: "consumerTag" },
    ],
    [
      "a table beyond its frame",
      methodFrame(0, 10, 11, integer(1, 4)),
      "table-length",
      11,
      { path: "clientProperties" },
    ],
    [
      "a field of a method's table",
      methodFrame(
        0,
        10,
        11,
        tableOf(fieldOf("a", "A", longstr(elementOf("Q")))),
        shortstr("PLAIN"),
        longstr(""),
        shortstr(""),
      ),
      "field-type",
      22,
      { path: "clientProperties.a[0]", replyCode: 541 },
    ],
    ["octets left over", methodFrame(1, 20, 41, Uint8Array.of(1, 2)), "octets-left", 11, { classId: 20, methodId: 41 }],
    ["a content header that is too short", frameOf(2, 1, integer(60, 11)), "header-cut", 7, { replyCode: 501 }],
    [
      "a content header without flags",
      frameOf(2, 1, concat([integer(60, 2), integer(0, 11)])),
      "value-cut",
      19,
      { path: "properties", replyCode: 541 },
    ],
    [
      "a content header of another class",
      frameOf(2, 1, concat([integer(61, 2), integer(0, 12)])),
      "header-class",
      7,
      { replyCode: 505 },
    ],
    [
      "a weight",
      frameOf(2, 1, concat([integer(60, 2), integer(1, 2), integer(0, 10)])),
      "header-weight",
      9,
      { replyCode: 505 },
    ],
    ["a second word of flags", headerFrame(1, 0, 0x8001, shortstr("")), "property-flags", 19, { replyCode: 501 }],
    [
      "a cut property",
      headerFrame(1, 0, 0x0040, integer(0, 7)),
      "value-cut",
      21,
      { path: "timestamp", replyCode: 541, classId: 60 },
    ],
    [
      "a property beyond its frame",
      headerFrame(1, 0, 0x8000, Uint8Array.of(2, 1)),
      "string-length",
      21,
      { path: "contentType", replyCode: 541 },
    ],
    [
      "headers beyond their frame",
      headerFrame(1, 0, 0x2000, integer(1, 4)),
      "table-length",
      21,
      { path: "headers", replyCode: 541 },
    ],
    [
      "octets left over in a content header",
      headerFrame(1, 0, 0x1000, integer(1, 2)),
      "octets-left",
      22,
      { replyCode: 541 },
    ],
  ];

  describe.each(wrong)("%s", (_, octets, code, offset, details, from) => {
    const before = concat([ack, heartbeatFrame, deliver(1), header(0)]);

    test("is an error with its place", () => {
      const { frames, error, reader } = readAll([octets]);
      expect(frames).toEqual([]);
      expect(error).toMatchObject({ code, offset, hard: true, name: "DecodeError", ...details });
      expect(reader.error).toBe(error);
      expect(error!.message).toContain(`(at offset ${offset})`);
      expect(error!.replyText).toMatch(/^[A-Z_]+ - \S/);
      expect(error!.toClose()).toMatchObject({
        replyCode: error!.replyCode,
        replyText: error!.replyText,
        classId: error!.classId,
        methodId: error!.methodId,
        channel: 0,
      });
      expect(error!.toClose()).toBeInstanceOf(Connection.Close);
      expect(marshal(error!.toClose()).length).toBeGreaterThan(11);
    });

    test("is the same error at every cut, as soon as it can be known", () => {
      const known = from ?? octets.length;
      for (let cut = 0; cut <= octets.length; cut++) {
        const { error } = readAll(cutAt(octets, [cut]));
        expect(error, `cut at ${cut}`).toMatchObject({ code, offset, ...details });
        const early = readAll([octets.subarray(0, cut)]).error;
        if (cut < known) expect(early, `with ${cut} octets`).toBeUndefined();
        else expect(early, `with ${cut} octets`).toMatchObject({ code, offset });
      }
      expect(readAll(singly(octets)).error).toMatchObject({ code, offset, ...details });
    });

    test("behind good frames, loses none of them", () => {
      const all = concat([before, octets, ack]);
      const reader = new FrameReader();
      const pushed = reader.push(all);
      expect(Array.isArray(pushed)).toBe(true);
      expect(pushed).toHaveLength(4);
      const seen: Frame[] = [];
      const thrown = thrownBy(() => {
        for (const frame of pushed) seen.push(frame);
      }) as DecodeError;
      expect(words(seen)).toEqual(words(new FrameReader().push(before)));
      expect(thrown).toBe(reader.error);
      expect(thrown).toMatchObject({ code, offset: before.length + offset, ...details });
      expect(pushed.map(({ name }) => name)).toEqual(seen.map(({ name }) => name));
      for (const chunk of [ack, new Uint8Array(0)]) expect(thrownBy(() => reader.push(chunk))).toBe(thrown);
      const { frames, error } = readAll(singly(all));
      expect(words(frames)).toEqual(words(seen));
      expect(error).toMatchObject({ code, offset: before.length + offset, ...details });
    });

    test("does not stay when the reader is reset", () => {
      const reader = new FrameReader();
      thrownBy(() => reader.push(octets));
      reader.reset();
      expect([reader.error, reader.octetsRead, reader.octetsPending]).toEqual([undefined, 0, 0]);
      expect(words(reader.push(concat([protocolHeader, ack]))).map((row) => (row as string[])[0])).toEqual([
        "ProtocolHeader",
        "Basic.Ack",
      ]);
    });
  });

  test("a reset forgets a frame that was cut, and a body too", () => {
    for (const octets of [
      ack,
      bodyFrame(1, counted(100)),
      protocolHeader,
      concat([ack, bodyFrame(1, counted(5000))]),
    ]) {
      for (let cut = 1; cut < Math.min(octets.length, 60); cut++) {
        const reader = new FrameReader();
        reader.push(octets.subarray(0, cut));
        reader.reset();
        expect(reader.octetsPending).toBe(0);
        expect(words(reader.push(concat([protocolHeader, ack])))).toHaveLength(2);
      }
    }
  });

  test("methods of an array that ends in an error are plain, and keep all good frames", () => {
    const frames = new FrameReader().push(concat([ack, ack, Uint8Array.of(9)]));
    expect([frames.length, frames[1]!.name, frames.at(-1)!.name]).toEqual([2, "Basic.Ack", "Basic.Ack"]);
    for (const made of [frames.map((frame) => frame), frames.filter(() => true), frames.slice()]) {
      expect([...made]).toHaveLength(2);
    }
    expect(() => [...frames]).toThrow(DecodeError);
  });
});

describe("an error made by hand", () => {
  test("that is soft closes its channel", () => {
    const error = new DecodeError({
      code: "x",
      message: "too long",
      replyCode: 311,
      channel: 7,
      classId: 60,
      methodId: 40,
      offset: 5,
    });
    expect([error.hard, error.path, error.replyText]).toEqual([false, "", "CONTENT_TOO_LARGE - too long"]);
    const close = error.toClose();
    expect(close).toBeInstanceOf(Channel.Close);
    expect(close).toMatchObject({ replyCode: 311, classId: 60, methodId: 40, channel: 7 });
  });

  test("with a long reason has a reply text that a short string takes, cut between characters", () => {
    for (const filler of ["x", "é", "水", "\u{1f407}"]) {
      const error = new DecodeError({ code: "x", message: filler.repeat(300), replyCode: 501, offset: 0 });
      const octets = ascii(error.replyText).length;
      expect(octets).toBeLessThanOrEqual(255);
      expect(octets).toBeGreaterThan(251);
      expect(error.replyText.isWellFormed()).toBe(true);
      expect(unmarshal(marshal(error.toClose()))!.frame).toMatchObject({ replyText: error.replyText });
    }
    expect(new DecodeError({ code: "x", message: "m", replyCode: 999, offset: 0 }).hard).toBe(true);
  });

  test("a key that is long and strange makes no error that cannot be sent", () => {
    const key = "\u{1f407}".repeat(63);
    const octets = methodFrame(
      0,
      10,
      11,
      tableOf(fieldOf(key, "F", tableOf(fieldOf(key, "F", tableOf(fieldOf(key, "?")))))),
    );
    const error = decodeErrorOf(() => new FrameReader().push(octets));
    expect(error.path).toBe(`clientProperties.${key}.${key}.${key}`);
    expect(marshal(error.toClose()).length).toBeLessThan(300);
    const binary = methodFrame(0, 10, 11, tableOf(fieldOf(Uint8Array.of(0xff, 0x41), "?")));
    expect(decodeErrorOf(() => new FrameReader().push(binary)).path).toBe("clientProperties.ÿA");
  });
});

describe("options", () => {
  test.each([
    ["frameMax", [0, 9, 4096, 0x7fffffff], [1, 8, -1, 0x80000000, 1.5, NaN, "4096", null]],
    ["maxDepth", [0, 32, 1024], [-1, 1025, 0.5, NaN, "1"]],
    ["maxFields", [0, 1, 0xffffffff], [-1, 0x100000000, 0.5, NaN, "1"]],
    ["tables", ["objects", "exact"], ["object", true, "", 1]],
  ])("%s is in its range", (name, good, bad) => {
    for (const value of good) expect(new FrameReader({ [name]: value }).error).toBeUndefined();
    for (const value of bad) {
      if (value === null) continue;
      const error = thrownBy(() => new FrameReader({ [name]: value })) as EncodeError;
      expect(error).toBeInstanceOf(EncodeError);
      expect(error.path).toBe(name);
    }
  });

  test("frameMax has a default, may be set on the way, and counts the payload alone", () => {
    const reader = new FrameReader();
    expect(reader.frameMax).toBe(131_072);
    expect(reader.push(bodyFrame(1, new Uint8Array(131_072)))).toHaveLength(1);
    expect(new FrameReader({ frameMax: 0 }).frameMax).toBe(0x7fffffff);
    reader.frameMax = 4096;
    expect(reader.frameMax).toBe(4096);
    expect(reader.push(bodyFrame(1, new Uint8Array(4096)))).toHaveLength(1);
    for (const wrong of [8, -1, 2 ** 31, NaN]) expect(() => (reader.frameMax = wrong)).toThrow(EncodeError);
    expect(decodeErrorOf(() => reader.push(bodyFrame(1, new Uint8Array(4097))))).toMatchObject({
      code: "frame-size",
      message: expect.stringContaining("frame size 4097 is over the limit of 4096 octets") as string,
    });
    const tiny = new FrameReader({ frameMax: 9 });
    expect(tiny.push(heartbeatFrame)).toHaveLength(1);
    expect(tiny.push(bodyFrame(1, new Uint8Array(9)))).toHaveLength(1);
    expect(decodeErrorOf(() => tiny.push(ack)).code).toBe("frame-size");
  });

  test("maxDepth and maxFields hold for methods, and for headers when they are touched", () => {
    const nested = tableOf(fieldOf("a", "F", tableOf(fieldOf("b", "F", tableOf()))));
    const method = methodFrame(1, 50, 10, integer(0, 2), shortstr(""), integer(0, 1), nested);
    const poisoned = headerFrame(1, 0, 0x2000, nested);
    for (const [options, code] of [
      [{ maxDepth: 1 }, "field-depth"],
      [{ maxFields: 1 }, "field-count"],
    ] as const) {
      expect(decodeErrorOf(() => new FrameReader(options).push(method))).toMatchObject({ code, replyCode: 506 });
      const [lazy] = new FrameReader(options).push(poisoned) as [ContentHeader];
      expect(decodeErrorOf(() => lazy.properties.headers)).toMatchObject({ code, replyCode: 506 });
      expect(decodeErrorOf(() => new FrameReader({ ...options, strict: true }).push(poisoned))).toMatchObject({
        code,
        replyCode: 506,
      });
    }
    expect(new FrameReader({ maxDepth: 2, maxFields: 2, strict: true }).push(concat([method, poisoned]))).toHaveLength(
      2,
    );
  });
});

describe("bodies", () => {
  const body = counted(500);
  const stream = concat([ack, bodyFrame(7, body), ack]);

  test("are views of the chunk where it holds them whole", () => {
    const backing = new Uint8Array(stream.length + 5);
    const chunk = backing.subarray(5);
    chunk.set(stream);
    const frame = new FrameReader().push(chunk)[1] as ContentBody;
    expect(frame.value.buffer).toBe(backing.buffer);
    expect(frame.value.byteOffset).toBe(5 + ack.length + 7);
    expect(Object.getPrototypeOf(frame.value)).toBe(Uint8Array.prototype);
    expect(frame.length).toBe(500);
    chunk[ack.length + 7] = 99;
    expect(frame.value[0]).toBe(99);
  });

  test("are copies for who writes into the chunk again", () => {
    const chunk = stream.slice();
    const frame = new FrameReader({ reuse: true }).push(chunk)[1] as ContentBody;
    expect(frame.value.buffer).not.toBe(chunk.buffer);
    chunk.fill(0xff);
    expect(frame.value).toEqual(body);
  });

  test("that are cut at any octet are whole again; the chunk's own octets only where it has all of them and is not used again", () => {
    for (let cut = ack.length; cut <= ack.length + 508; cut++) {
      for (const reuse of [false, true]) {
        const pieces = cutAt(stream, [cut]).map((piece) => piece.slice());
        const { frames } = readAll(pieces, { reuse });
        expect(frames.map(({ name }) => name)).toEqual(["Basic.Ack", "ContentBody", "Basic.Ack"]);
        const { value, channel } = frames[1] as ContentBody;
        expect([channel, value.length]).toEqual([7, 500]);
        expect(hexOf(value), `cut at ${cut}`).toBe(hexOf(body));
        // Nothing of the payload is in the first piece where the cut is in the frame's head.
        const whole = cut < ack.length + 7 || cut === ack.length + 508;
        expect(
          pieces.some((piece) => piece.buffer === value.buffer),
          `cut at ${cut}`,
        ).toBe(whole && !reuse);
      }
    }
  });

  test("that are empty come as empty, wherever they are cut", () => {
    const empty = concat([bodyFrame(3, new Uint8Array(0)), bodyFrame(3, new Uint8Array(0))]);
    for (let cut = 0; cut <= empty.length; cut++) {
      const { frames, error } = readAll(cutAt(empty, [cut]));
      expect(error).toBeUndefined();
      expect(frames.map((frame) => [frame.channel, (frame as ContentBody).length])).toEqual([
        [3, 0],
        [3, 0],
      ]);
    }
  });

  test("with a wrong end are an error at that end, wherever they are cut", () => {
    const spoiled = concat([ack, frameOf(3, 7, body, 0)]);
    for (let cut = 0; cut <= spoiled.length; cut++) {
      expect(readAll(cutAt(spoiled, [cut])).error, `cut at ${cut}`).toMatchObject({
        code: "frame-end",
        offset: spoiled.length - 1,
        channel: 7,
      });
    }
  });

  test("and are the reader's to keep: a body handed out does not change with the next", () => {
    const reader = new FrameReader();
    const one = bodyFrame(1, counted(300));
    const two = bodyFrame(1, counted(300, 100));
    const first = cutAt(one, [50, 200]).flatMap((piece) => reader.push(piece))[0] as ContentBody;
    const second = cutAt(two, [60, 201]).flatMap((piece) => reader.push(piece))[0] as ContentBody;
    expect(hexOf(first.value)).toBe(hexOf(counted(300)));
    expect(hexOf(second.value)).toBe(hexOf(counted(300, 100)));
  });
});

describe("reuse: true", () => {
  test("nothing of a chunk is looked at after push", () => {
    const frames = concat([
      deliver(9),
      header(3),
      bodyFrame(1, ascii("abc")),
      methodFrame(0, 10, 20, longstr(Uint8Array.of(0xff, 1))),
    ]);
    for (const tables of ["objects", "exact"] as const) {
      const reader = new FrameReader({ reuse: true, tables });
      for (let round = 0; round < 3; round++) {
        const chunk = frames.slice();
        const got = [...reader.push(chunk)] as [Basic.Deliver, ContentHeader, ContentBody, Connection.Secure];
        chunk.fill(0xaa);
        expect(got[0].routingKey).toBe("a.b");
        expect(got[1].properties.contentType).toBe("text/plain");
        const { headers } = got[1].properties;
        expect(JSON.stringify(headers)).toBe('{"n":1}');
        expect(hexOf(got[2].value)).toBe("616263");
        expect(got[3].challenge).toEqual(Uint8Array.of(0xff, 1));
      }
    }
  });

  // A Buffer's slice is a view, where that of other octets is a copy.
  class BufferLike extends Uint8Array {
    override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
      return this.subarray(start, end);
    }
  }

  test.each([BufferLike, Uint8Array])("nor where a frame was cut, of a %o", (kind) => {
    const stream = concat([deliver(9), header(3), bodyFrame(1, ascii("abc")), deliver(9), header(3)]);
    for (const lazy of [true, false]) {
      for (let cut = 1; cut < stream.length; cut++) {
        const reader = new FrameReader({ reuse: true, lazy });
        const frames = cutAt(stream, [cut]).flatMap((piece) => {
          const chunk = new kind(piece);
          const read = reader.push(chunk);
          chunk.fill(0xaa);
          return read;
        });
        const [, first, body, , second] = frames as [Frame, ContentHeader, ContentBody, Frame, ContentHeader];
        expect(hexOf(body.value), `cut at ${cut}`).toBe("616263");
        expect(body.value.constructor).toBe(Uint8Array);
        for (const { properties } of [first, second]) expect(properties.contentType).toBe("text/plain");
      }
    }
  });

  test("a buffer of the reader's own is copied from too", () => {
    const reader = new FrameReader();
    const buffer = reader.buffer(4096);
    expect([buffer.length, reader.buffer(), reader.buffer(9999)]).toEqual([4096, buffer, buffer]);
    const frames = concat([header(3), bodyFrame(1, ascii("abc"))]);
    buffer.set(frames);
    const [first, body] = reader.push(buffer.subarray(0, frames.length)) as [ContentHeader, ContentBody];
    buffer.fill(0);
    expect([first.properties.contentType, hexOf(body.value)]).toEqual(["text/plain", "616263"]);
    expect(new FrameReader().buffer()).toHaveLength(65_536);
    for (const wrong of [0, 1023, 0.5, 2 ** 31]) expect(() => new FrameReader().buffer(wrong)).toThrow(EncodeError);
  });
});

describe("frames larger than the core's input", () => {
  const text = "y".repeat(1024);
  const large = tableOf(...Array.from({ length: 1000 }, (_, i) => fieldOf(`k${i}`, "S", longstr(text))));
  const frame = headerFrame(2, 3_145_728, 0xa000, shortstr("text/plain"), large);
  const body = counted(3_145_728);
  const method = methodFrame(1, 50, 10, integer(0, 2), shortstr("q"), integer(0, 1), large);
  const stream = concat([ack, frame, bodyFrame(2, body), method, ack]);

  test.each([
    ["in one chunk", [stream.length]],
    ["in chunks of 64 KiB", Array.from({ length: Math.floor(stream.length / 65_536) }, (_, i) => (i + 1) * 65_536)],
    ["in chunks of 1000 octets", Array.from({ length: Math.floor(stream.length / 1000) }, (_, i) => (i + 1) * 1000)],
  ])("come %s", (_, cuts) => {
    const { frames, error } = readAll(cutAt(stream, cuts), { frameMax: 0 });
    expect(error).toBeUndefined();
    expect(frames.map(({ name }) => name)).toEqual([
      "Basic.Ack",
      "ContentHeader",
      "ContentBody",
      "Queue.Declare",
      "Basic.Ack",
    ]);
    const [, first, second, third] = frames as [Frame, ContentHeader, ContentBody, Queue.Declare];
    expect(first.properties.contentType).toBe("text/plain");
    for (const table of [first.properties.headers, third.arguments] as Array<Record<string, unknown>>) {
      expect(Object.keys(table)).toHaveLength(1000);
      expect(Object.values(table).every((value) => value === text)).toBe(true);
    }
    expect(first.bodySize).toBe(second.length);
    expect(second.value.every((octet, i) => octet === i % 251)).toBe(true);
  });

  test("are refused at the seventh octet by a reader with a limit", () => {
    const { frames, error } = readAll([stream.subarray(0, ack.length + 7)]);
    expect(frames).toHaveLength(1);
    expect(error).toMatchObject({ code: "frame-size", offset: ack.length + 3 });
  });
});

describe("header tables", () => {
  const poison = tableOf(
    fieldOf("good", "t", integer(1, 1)),
    fieldOf("bad", "A", longstr(concat([elementOf("V"), elementOf("Z")]))),
  );
  const values = [shortstr("text/plain"), poison, integer(2, 1), shortstr("id-1"), integer(77, 8)];
  const frame = headerFrame(9, 4, 0xb0c0, ...values);
  const place = 7 + 14 + 11 + 4 + 7 + 5 + 1 + 4;

  test("that cannot be read leave the other properties readable", () => {
    const reader = new FrameReader();
    for (let round = 0; round < 4; round++) {
      const base = reader.octetsRead;
      const [header, after] = reader.push(concat([frame, ack])) as [ContentHeader, Frame];
      expect(after.name).toBe("Basic.Ack");
      const { properties } = header;
      expect([properties.contentType, properties.deliveryMode, properties.messageId]).toEqual([
        "text/plain",
        2,
        "id-1",
      ]);
      expect(properties.timestamp!.seconds).toBe(77);
      const error = decodeErrorOf(() => properties.headers);
      expect(error).toMatchObject({
        code: "field-type",
        path: "headers.bad[1]",
        channel: 9,
        classId: 60,
        methodId: 0,
        replyCode: 541,
      });
      expect(error.offset).toBe(base + place);
      expect(
        thrownBy(() => properties.headers),
        "the same each time",
      ).toBe(error);
      expect(thrownBy(() => marshal(header))).toBe(error);
      expect(reader.error).toBeUndefined();
      // Who mends it can send it on.
      properties.headers = { good: true };
      expect(properties.headers).toEqual({ good: true });
      expect((unmarshal(marshal(header))!.frame as ContentHeader).properties.headers).toMatchObject({ good: true });
      properties.headers = undefined;
      expect(properties.headers).toBeUndefined();
    }
  });

  test("that cannot be read go through an exact reader as they came, and throw when they are looked into", () => {
    const reader = new FrameReader({ tables: "exact" });
    const [before, header] = reader.push(concat([ack, frame])) as [Frame, ContentHeader];
    expect(before.name).toBe("Basic.Ack");
    expect(hexOf(marshal(header))).toBe(hexOf(frame));
    const headers = header.properties.headers as FieldTable;
    expect(decodeErrorOf(() => headers.get("good"))).toMatchObject({
      code: "field-type",
      path: "headers.bad[1]",
      channel: 9,
      classId: 60,
      replyCode: 541,
      offset: ack.length + place,
    });
  });

  test("are checked at once by a strict reader", () => {
    const reader = new FrameReader({ strict: true });
    const frames = reader.push(concat([header(0), ack, frame, ack]));
    expect(frames).toHaveLength(2);
    const error = decodeErrorOf(() => [...frames]);
    expect(error).toMatchObject({
      code: "field-type",
      path: "headers.bad[1]",
      channel: 9,
      offset: header(0).length + ack.length + place,
    });
  });

  test("are as good when they are touched late, and in any order", () => {
    const stream = concat(Array.from({ length: 20 }, (_, i) => header(i)));
    const reader = new FrameReader();
    const headers = [...reader.push(stream), ...reader.push(stream)] as ContentHeader[];
    for (const one of [...headers].reverse()) {
      const { properties } = one;
      expect(properties).toBe(one.properties);
      expect(properties.contentType).toBe("text/plain");
      expect(properties.headers).toEqual(Object.assign(Object.create(null) as object, { n: 1 }));
    }
  });

  test("come the same from readers that guessed they would be touched, and that they would not", () => {
    const frames = concat([header(1), bodyFrame(1, ascii("x")), header(2), frame]);
    const touching = new FrameReader();
    const results: unknown[] = [];
    for (let round = 0; round < 6; round++) {
      const got = touching.push(frames).filter((one) => one instanceof ContentHeader);
      const shown = (one: ContentHeader): string =>
        `${one.bodySize} ${String(one.properties)}`.replace(/offset \d+/, "offset");
      if (round !== 3) results.push(got.map((one) => [shown(one), one.properties.contentType]));
    }
    expect(results[0]).toHaveLength(3);
    for (const result of results) expect(result).toEqual(results[0]);
  });
});

describe("content headers", () => {
  test.each([0, 1, 2 ** 53 - 1, 2n ** 53n, 2n ** 64n - 1n])("have any body size: %s", (size) => {
    const [frame] = new FrameReader().push(headerFrame(1, size)) as [ContentHeader];
    expect(frame.bodySize).toBe(size);
    expect([frame.classId, frame.weight, frame.channel]).toEqual([60, 0, 1]);
    expect(hexOf(marshal(frame))).toBe(hexOf(headerFrame(1, size)));
  });

  test("keep properties that came empty, and strings that are not UTF-8", () => {
    const frame = headerFrame(
      1,
      0,
      0xfffc & ~0x2000,
      ...[0, 1].map(() => shortstr("")),
      integer(0, 1),
      integer(255, 1),
      ...[0, 1, 2, 3].map(() => shortstr("")),
      integer(0, 8),
      ...[0, 1, 2, 3].map(() => shortstr("")),
    );
    const [first] = new FrameReader().push(frame) as [ContentHeader];
    expect(hexOf(marshal(first))).toBe(hexOf(frame));
    expect([first.properties.contentType, first.properties.deliveryMode, first.properties.priority]).toEqual([
      "",
      0,
      255,
    ]);
    const binary = headerFrame(1, 0, 0x0480, shortstr(Uint8Array.of(0xff, 0)), shortstr(Uint8Array.of(0xc3)));
    const [second] = new FrameReader().push(binary) as [ContentHeader];
    expect([second.properties.correlationId, second.properties.messageId]).toEqual([
      Uint8Array.of(0xff, 0),
      Uint8Array.of(0xc3),
    ]);
    expect(hexOf(marshal(second))).toBe(hexOf(binary));
    expect(second.equals(unmarshal(binary)!.frame)).toBe(true);
    expect(second.equals(first)).toBe(false);
  });

  test("ignore the bit below the last flag", () => {
    const [frame] = new FrameReader().push(headerFrame(1, 0, 0x8002, shortstr("x"))) as [ContentHeader];
    expect(frame.properties.contentType).toBe("x");
  });
});

describe("short strings that are not UTF-8", () => {
  test("come as octets in methods that carry content, and go out again", () => {
    const odd = shortstr(Uint8Array.of(0x66, 0xff));
    for (const octets of [
      methodFrame(1, 60, 40, integer(0, 2), odd, odd, integer(0, 1)),
      methodFrame(1, 60, 50, integer(312, 2), odd, odd, odd),
      methodFrame(1, 60, 60, odd, integer(1, 8), integer(1, 1), odd, odd),
      methodFrame(1, 60, 71, integer(1, 8), integer(0, 1), odd, odd, integer(1, 4)),
    ]) {
      const [frame] = new FrameReader().push(octets);
      expect((frame as Basic.Publish).routingKey).toEqual(Uint8Array.of(0x66, 0xff));
      expect(hexOf(marshal(frame!))).toBe(hexOf(octets));
    }
  });
});

describe("unmarshal", () => {
  test("answers the first frame and what it takes, and looks no further", () => {
    const octets = concat([deliver(5, 3), Uint8Array.of(99)]);
    const { consumed, channel, frame } = unmarshal(octets)!;
    expect([consumed, channel, frame.name]).toEqual([octets.length - 1, 3, "Basic.Deliver"]);
    expectTypeOf(frame).toEqualTypeOf<Frame>();
  });

  test("answers undefined for every proper prefix", () => {
    for (const octets of [
      ack,
      deliver(1),
      header(5),
      bodyFrame(1, counted(2000)),
      heartbeatFrame,
      protocolHeader,
      header(2).slice(),
    ]) {
      for (let length = 0; length < octets.length; length++)
        expect(unmarshal(octets.subarray(0, length))).toBeUndefined();
      expect(unmarshal(octets)!.consumed).toBe(octets.length);
    }
  });

  test("reads frames of any size that options allow", () => {
    const large = bodyFrame(1, counted(200_000));
    expect(decodeErrorOf(() => unmarshal(large)).code).toBe("frame-size");
    const { consumed, frame } = unmarshal(large, { frameMax: 0 })!;
    expect([consumed, (frame as ContentBody).length]).toEqual([large.length, 200_000]);
    expect(unmarshal(large.subarray(0, -1), { frameMax: 0 })).toBeUndefined();
  });

  test("throws for wrong octets, with offsets of what it was given", () => {
    expect(decodeErrorOf(() => unmarshal(Uint8Array.of(5)))).toMatchObject({ code: "frame-type", offset: 0 });
    const cut = frameOf(1, 1, deliver(1).subarray(7, 14));
    expect(decodeErrorOf(() => unmarshal(cut))).toMatchObject({ code: "string-length", offset: 11 });
    for (const wrong of ["x", null, undefined, 1]) expect(() => unmarshal(wrong as never)).toThrow(EncodeError);
  });
});

test("heartbeats are equal, and everything about them is fixed", () => {
  const [frame] = new FrameReader().push(heartbeatFrame) as [Heartbeat];
  expect(frame).toBeInstanceOf(Heartbeat);
  expect(frame.equals(new Heartbeat())).toBe(true);
  expect(frame.equals(new ProtocolHeader())).toBe(false);
  expect([frame.channel, frame.name, frame.toJSON()]).toEqual([0, "Heartbeat", {}]);
  expect(hexOf(marshal(frame))).toBe(hexOf(heartbeatFrame));
  expect(hexOf(marshal(frame, 5)), "always on channel 0").toBe(hexOf(heartbeatFrame));
});

test("content frames compare by what they hold", () => {
  const body = new ContentBody(Uint8Array.of(1, 2), 4);
  expect([body.channel, body.length, body.toJSON()]).toEqual([4, 2, { length: 2 }]);
  expect(body.equals(new ContentBody(Uint8Array.of(1, 2)))).toBe(true);
  for (const other of [new ContentBody(), new ContentBody(Uint8Array.of(1, 3)), Uint8Array.of(1, 2), null]) {
    expect(body.equals(other)).toBe(false);
  }
  const header = new ContentHeader({ bodySize: 5, properties: { appId: "a" }, channel: 3 });
  expect(header.equals(new ContentHeader({ bodySize: 5n, properties: new Basic.Properties({ appId: "a" }) }))).toBe(
    true,
  );
  for (const other of [
    new ContentHeader({ bodySize: 6, properties: { appId: "a" } }),
    new ContentHeader({ bodySize: 5 }),
    body,
    null,
  ]) {
    expect(header.equals(other)).toBe(false);
  }
  expect(header.toJSON()).toEqual({ classId: 60, weight: 0, bodySize: 5, properties: { appId: "a" } });
  expect(header.channel).toBe(3);
  header.properties = { appId: "b" };
  expect([header.properties instanceof Basic.Properties, header.properties.appId]).toEqual([true, "b"]);
});
