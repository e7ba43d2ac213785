/** Whole messages out of frames. */
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  Basic,
  ContentHeader,
  createCodec,
  DecodeError,
  EncodeError,
  FrameWriter,
  Message,
  MessageReader,
  type Frame,
  type MessageOrFrame,
  type MessageReaderOptions,
} from "../src/index.js";
import { concat, cutAt, hexOf, octetsOf, sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";
import {
  ascii,
  bodyFrame,
  counted,
  decodeErrorOf,
  fieldOf,
  headerFrame,
  heartbeatFrame,
  integer,
  longstr,
  methodFrame,
  shortstr,
  tableOf,
  thrownBy,
} from "./support/wire.js";

const deliver = (channel: number, tag = 1): Uint8Array =>
  methodFrame(channel, 60, 60, shortstr("c"), integer(tag, 8), integer(0, 1), shortstr("e"), shortstr("k"));
const publish = (channel: number): Uint8Array =>
  methodFrame(channel, 60, 40, integer(0, 2), shortstr("e"), shortstr("k"), integer(0, 1));
const returned = (channel: number): Uint8Array =>
  methodFrame(channel, 60, 50, integer(312, 2), shortstr("NO_ROUTE"), shortstr("e"), shortstr("k"));
const getOk = (channel: number): Uint8Array =>
  methodFrame(channel, 60, 71, integer(1, 8), integer(0, 1), shortstr("e"), shortstr("k"), integer(9, 4));
const header = (channel: number, size: number | bigint): Uint8Array =>
  headerFrame(channel, size, 0x8000, shortstr("text/plain"));
const ack = methodFrame(1, 60, 80, integer(5, 8), integer(1, 1));

function words(items: Iterable<MessageOrFrame>): unknown[] {
  return [...items].map((item) =>
    item instanceof Message
      ? [item.name, item.channel, item.method.name, item.properties.contentType, hexOf(item.body)]
      : [item.name, item.channel],
  );
}

function readAll(
  chunks: Iterable<Uint8Array>,
  options?: MessageReaderOptions,
): { items: MessageOrFrame[]; error?: DecodeError; reader: MessageReader } {
  const reader = new MessageReader(options);
  const items: MessageOrFrame[] = [];
  try {
    for (const chunk of chunks) for (const item of reader.push(chunk)) items.push(item);
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
    return { items, error: error as DecodeError, reader };
  }
  return { items, reader };
}

describe("messages", () => {
  const stream = concat([
    octetsOf("414d515000000901"),
    heartbeatFrame,
    deliver(1),
    header(1, 5),
    bodyFrame(1, ascii("hello")),
    publish(2),
    header(2, 6),
    deliver(3),
    bodyFrame(2, ascii("one")),
    header(3, 4),
    ack.slice(),
    bodyFrame(3, ascii("th")),
    heartbeatFrame,
    bodyFrame(2, new Uint8Array(0)),
    bodyFrame(2, ascii("two")),
    bodyFrame(3, ascii("ee")),
    returned(1),
    header(1, 0),
    getOk(1),
    header(1, 1),
    bodyFrame(1, ascii("!")),
  ]);
  const expected = [
    ["ProtocolHeader", 0],
    ["Heartbeat", 0],
    ["Message", 1, "Basic.Deliver", "text/plain", hexOf(ascii("hello"))],
    ["Basic.Ack", 1],
    ["Heartbeat", 0],
    ["Message", 2, "Basic.Publish", "text/plain", hexOf(ascii("onetwo"))],
    ["Message", 3, "Basic.Deliver", "text/plain", hexOf(ascii("thee"))],
    ["Message", 1, "Basic.Return", "text/plain", ""],
    ["Message", 1, "Basic.GetOk", "text/plain", hexOf(ascii("!"))],
  ];

  test("are put together, channels interleaved, other frames between", () => {
    expect(words(new MessageReader().push(stream))).toEqual(expected);
  });

  test("are the same at every cut, and octet by octet", () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const { items, error } = readAll(cutAt(stream, [cut]));
      expect(error).toBeUndefined();
      expect(words(items), `cut at ${cut}`).toEqual(expected);
    }
    expect(words(readAll(cutAt(stream, [...stream.keys()].slice(1)), { reuse: true }).items)).toEqual(expected);
  });

  test("tell what they hold as JSON", () => {
    const [message] = new MessageReader().push(concat([deliver(1), header(1, 2), bodyFrame(1, ascii("hi"))])) as [
      Message,
    ];
    expect(message).toBeInstanceOf(Message);
    expect(message.toJSON()).toEqual({
      method: {
        name: "Basic.Deliver",
        consumerTag: "c",
        deliveryTag: 1,
        redelivered: false,
        exchange: "e",
        routingKey: "k",
      },
      channel: 1,
      properties: { contentType: "text/plain" },
      bodySize: 2,
    });
    expect(message.properties, "the same at each look").toBe(message.properties);
    expectTypeOf(message.method.name).toEqualTypeOf<
      "Basic.Publish" | "Basic.Deliver" | "Basic.GetOk" | "Basic.Return"
    >();
  });

  test("are text and JSON that a log can take", () => {
    const tag = 2n ** 63n;
    const [message] = new MessageReader().push(
      concat([
        methodFrame(1, 60, 60, shortstr("c"), integer(tag, 8), integer(0, 1), shortstr("e"), shortstr("k")),
        header(1, 2),
        bodyFrame(1, ascii("hi")),
      ]),
    ) as [Message];
    expect(JSON.parse(JSON.stringify(message))).toMatchObject({
      method: { name: "Basic.Deliver", deliveryTag: "9223372036854775808" },
      properties: { contentType: "text/plain" },
      bodySize: 2,
    });
    expect(String(message)).toBe(`Message ${JSON.stringify(message)}`);
  });

  test("come from a writer as they went in, of every size", () => {
    const random = new Random(3);
    const writer = new FrameWriter({ frameMax: 4096 });
    const bodies = [0, 1, 4088, 4089, 8176, 100_000].map((length) => random.octets(length));
    for (const body of bodies)
      writer.publish(9, new Basic.Publish({ routingKey: `${body.length}` }), { messageId: `${body.length}` }, body);
    const octets = writer.flush();
    for (const size of [octets.length, 65_536, 1000, 4096]) {
      const cuts = Array.from({ length: Math.floor(octets.length / size) }, (_, i) => (i + 1) * size);
      const messages = readAll(cutAt(octets, cuts)).items as Message[];
      expect(messages).toHaveLength(bodies.length);
      messages.forEach((message, i) => {
        expect(message.properties.messageId).toBe(`${bodies[i]!.length}`);
        expect(sameOctets(message.body, bodies[i]!)).toBe(true);
      });
    }
  });

  test("of one frame have a view of the chunk, unless it is written over", () => {
    const octets = concat([deliver(1), header(1, 3), bodyFrame(1, ascii("abc"))]);
    const [view] = new MessageReader().push(octets) as [Message];
    expect(view.body.buffer).toBe(octets.buffer);
    const [copy] = new MessageReader({ reuse: true }).push(octets) as [Message];
    octets.fill(0);
    expect([hexOf(copy.body), copy.properties.contentType]).toEqual(["616263", "text/plain"]);
  });

  test("with a poisoned header table can be rejected", () => {
    const poisoned = concat([
      deliver(1, 77),
      headerFrame(1, 1, 0x2000, tableOf(fieldOf("k", "?"))),
      bodyFrame(1, ascii("x")),
      ack,
    ]);
    const [message, next] = new MessageReader().push(poisoned) as [Message, Frame];
    expect(decodeErrorOf(() => message.properties.headers)).toMatchObject({ code: "field-type", path: "headers.k" });
    expect((message.method as Basic.Deliver).deliveryTag).toBe(77);
    expect(next.name).toBe("Basic.Ack");
    expect(decodeErrorOf(() => [...new MessageReader({ strict: true }).push(poisoned)]).code).toBe("field-type");
  });
});

describe("frames where they may not stand", () => {
  const cases: Array<[what: string, octets: Uint8Array[], code: string, replyCode: number, message: RegExp]> = [
    [
      "a header that no method came before",
      [header(1, 5)],
      "unexpected-frame",
      505,
      /unexpected ContentHeader: no method/,
    ],
    [
      "a body that no header came before",
      [bodyFrame(1, ascii("x"))],
      "unexpected-frame",
      505,
      /unexpected ContentBody: no content header/,
    ],
    [
      "a body right behind its method",
      [deliver(1), bodyFrame(1, ascii("x"))],
      "unexpected-frame",
      505,
      /no content header/,
    ],
    ["a second header", [deliver(1), header(1, 5), header(1, 5)], "unexpected-frame", 505, /has a header already/],
    [
      "a method before the header",
      [deliver(1), deliver(1)],
      "unexpected-frame",
      505,
      /content of Basic.Deliver is not complete/,
    ],
    [
      "a method within a body",
      [publish(1), header(1, 5), bodyFrame(1, ascii("x")), ack],
      "unexpected-frame",
      505,
      /content of Basic.Publish is not complete/,
    ],
    ["a header on another channel", [deliver(1), header(2, 5)], "unexpected-frame", 505, /no method/],
    [
      "a body behind a complete message",
      [deliver(1), header(1, 1), bodyFrame(1, ascii("x")), bodyFrame(1, ascii("x"))],
      "unexpected-frame",
      505,
      /no content header/,
    ],
    [
      "an empty body behind an empty message",
      [deliver(1), header(1, 0), bodyFrame(1, new Uint8Array(0))],
      "unexpected-frame",
      505,
      /no content header/,
    ],
    ["content on channel 0", [publish(0)], "unexpected-frame", 505, /channels from 1 on/],
    [
      "more body than was told",
      [deliver(1), header(1, 3), bodyFrame(1, ascii("xy")), bodyFrame(1, ascii("zz"))],
      "body-size",
      501,
      /2 octets where 1 are left/,
    ],
    [
      "more content than is allowed",
      [deliver(1), header(1, 101)],
      "body-size",
      501,
      /content of 101 octets is over the limit of 100/,
    ],
    [
      "far more content than is allowed",
      [deliver(1), header(1, 2n ** 64n - 1n)],
      "body-size",
      501,
      /18446744073709551615 octets/,
    ],
  ];

  test.each(cases)("%s", (_, parts, code, replyCode, message) => {
    const octets = concat(parts);
    const last = octets.length - parts.at(-1)!.length;
    const before = concat([heartbeatFrame, deliver(9), header(9, 1), bodyFrame(9, ascii("x"))]);
    for (const [chunks, base] of [
      [[octets], 0],
      [[before, octets], before.length],
      [[concat([before, octets, ack])], before.length],
      [
        cutAt(concat([before, octets]), [...before.keys(), ...octets.keys()].map((_place, i) => i).slice(1)),
        before.length,
      ],
    ] as const) {
      const { items, error, reader } = readAll(chunks, { maxBodySize: 100 });
      expect(error).toMatchObject({ code, replyCode, hard: true, offset: base + last });
      expect(error!.message).toMatch(message);
      expect(error!.toClose().replyCode).toBe(replyCode);
      expect(items.filter((item) => item.channel === 9)).toHaveLength(base === 0 ? 0 : 1);
      expect(reader.error).toBe(error);
      expect(thrownBy(() => reader.push(ack))).toBe(error);
      reader.reset();
      expect(reader.error).toBeUndefined();
      expect(words(reader.push(before)), "nothing stays").toHaveLength(2);
    }
  });

  test("errors of frames come through, with what came before", () => {
    const reader = new MessageReader();
    const items = reader.push(
      concat([deliver(1), header(1, 1), bodyFrame(1, ascii("x")), deliver(1), Uint8Array.of(7)]),
    );
    expect(items).toHaveLength(1);
    const error = decodeErrorOf(() => [...items]);
    expect(error.code).toBe("frame-type");
    expect(reader.error).toBe(error);
    expect(() => reader.push("x" as never)).toThrow(error);
    expect(() => new MessageReader().push("x" as never)).toThrow(EncodeError);
  });
});

describe("options", () => {
  test("maxBodySize has a range and a default", () => {
    for (const wrong of [-1, 0.5, NaN, 2 ** 53, "1"]) {
      const error = thrownBy(() => new MessageReader({ maxBodySize: wrong as number })) as EncodeError;
      expect(error).toBeInstanceOf(EncodeError);
      expect(error.path).toBe("maxBodySize");
    }
    const most = 536_870_912;
    expect(readAll([deliver(1), header(1, most)]).error).toBeUndefined();
    expect(readAll([deliver(1), header(1, most + 1)]).error?.code).toBe("body-size");
    expect(readAll([deliver(1), header(1, 2 ** 53 - 1)], { maxBodySize: 2 ** 53 - 1 }).error).toBeUndefined();
    expect(readAll([deliver(1), header(1, 2n ** 53n)], { maxBodySize: 2 ** 53 - 1 }).error?.code).toBe("body-size");
    expect(readAll([deliver(1), header(1, 0)], { maxBodySize: 0 }).items).toHaveLength(1);
  });

  test("go on to the reader below", () => {
    const reader = new MessageReader({ frameMax: 4096, tables: "exact" });
    expect(reader.frameMax).toBe(4096);
    reader.frameMax = 9999;
    expect(reader.frameMax).toBe(9999);
    expect(() => (reader.frameMax = 1)).toThrow(EncodeError);
    expect(() => new MessageReader({ maxDepth: 5000 })).toThrow(EncodeError);
    const told: unknown[] = [];
    const telling = new MessageReader({ onFrame: (frame, offset, octets) => told.push([frame.name, offset, octets]) });
    telling.push(concat([heartbeatFrame, deliver(1)]));
    expect(told).toEqual([
      ["Heartbeat", 0, 8],
      ["Basic.Deliver", 8, deliver(1).length],
    ]);
  });

  test("a codec has one of its own", () => {
    const codec = createCodec();
    const reader = new codec.MessageReader();
    expect(reader).toBeInstanceOf(MessageReader);
    expect(words(reader.push(concat([deliver(1), header(1, 3), bodyFrame(1, counted(3))])))).toHaveLength(1);
  });
});

test("empty bodies without end do not fill the memory, nor do cut messages on many channels", () => {
  const reader = new MessageReader();
  reader.push(concat([deliver(1), header(1, 1)]));
  const empties = concat(Array.from({ length: 10_000 }, () => bodyFrame(1, new Uint8Array(0))));
  for (let i = 0; i < 20; i++) expect(reader.push(empties)).toHaveLength(0);
  expect((reader.push(bodyFrame(1, ascii("x")))[0] as Message).body).toHaveLength(1);
  for (let channel = 1; channel < 2000; channel++)
    reader.push(concat([deliver(channel), header(channel, 536_870_912)]));
  expect(reader.error).toBeUndefined();
});

test("a secret challenge is no message", () => {
  const [item] = new MessageReader().push(methodFrame(0, 10, 20, longstr("x"))) as [MessageOrFrame];
  expect(item.name).toBe("Connection.Secure");
  expect(item instanceof ContentHeader).toBe(false);
});

test("a reader of messages tells what it took in, and lends a buffer, as a reader of frames does", () => {
  const octets = new FrameWriter()
    .publish(1, new Basic.Publish({ routingKey: "k" }), null, Uint8Array.of(1, 2, 3))
    .flush();
  const messages = new MessageReader();
  const buffer = messages.buffer(4096);
  expect(messages.buffer()).toBe(buffer);
  buffer.set(octets);
  const [message] = messages.push(buffer.subarray(0, octets.length)) as [Message];
  buffer.fill(0);
  expect([...message.body]).toEqual([1, 2, 3]);
  messages.push(octets.subarray(0, 5));
  expect([messages.octetsRead, messages.octetsPending]).toEqual([octets.length + 5, 5]);
});
