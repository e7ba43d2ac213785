/** Messages with limits: how many at once, whose rules, what is forgotten, and bodies that are not held. */
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  Basic,
  BodyPart,
  Channel,
  createCodec,
  describe as describeFrame,
  FrameWriter,
  marshal,
  Message,
  MessageReader,
  MessageStart,
  type DecodeError,
  type MessageOrFrame,
  type MessageReaderOptions,
} from "../src/index.js";
import { concat, cutAt, hexOf } from "./support/octets.js";
import { Random } from "./support/random.js";
import {
  bodyFrame,
  counted,
  decodeErrorOf,
  encodeErrorOf,
  headerFrame,
  heartbeatFrame,
  shortstr,
} from "./support/wire.js";

const publish = (channel: number): Uint8Array => marshal(new Basic.Publish({ routingKey: "k" }), channel);
const header = (channel: number, size: number | bigint): Uint8Array =>
  headerFrame(channel, size, 0x8000, shortstr("text/plain"));
const message = (channel: number, body: Uint8Array, most = 1e9): Uint8Array =>
  new FrameWriter({ frameMax: Math.max(4096, Math.min(most, 131072)) })
    .publish(channel, new Basic.Publish({ routingKey: "k" }), { contentType: "text/plain" }, body)
    .flush();
const close = (channel: number): Uint8Array =>
  marshal(new Channel.Close({ replyCode: 505, replyText: "", classId: 0, methodId: 0 }), channel);
const closeOk = (channel: number): Uint8Array => marshal(new Channel.CloseOk(), channel);
const ack = (channel: number): Uint8Array => marshal(new Basic.Ack({ deliveryTag: 1 }), channel);

type Item = MessageOrFrame | MessageStart | BodyPart;
const word = (item: Item): string => {
  if (item instanceof Message) return `Message ${item.channel} ${hexOf(item.body)}`;
  if (item instanceof MessageStart) return `MessageStart ${item.channel} ${item.bodySize}`;
  if (item instanceof BodyPart)
    return `BodyPart ${item.channel} ${item.offset} ${hexOf(item.octets)}${item.last ? " last" : ""}`;
  return `${item.name} ${item.channel}`;
};

/** What a reader makes of octets, with each error of a channel where it was told. */
function told(chunks: Uint8Array[], options: MessageReaderOptions = {}): { words: string[]; errors: DecodeError[] } {
  const errors: DecodeError[] = [];
  const reader = new MessageReader({ ...options, onChannelError: (error) => errors.push(error) });
  const words: string[] = [];
  for (const chunk of chunks) words.push(...reader.push(chunk).map((item: Item) => word(item)));
  return { words, errors };
}

describe("maxChannels", () => {
  test("is how many messages may be unfinished at once, on whatever channels", () => {
    const reader = new MessageReader({ maxChannels: 2 });
    expect(reader.push(concat([publish(9), publish(5), header(5, 3)]))).toHaveLength(0);
    expect(reader.unfinished).toEqual([9, 5]);
    const error = decodeErrorOf(() => reader.push(publish(7)));
    expect(error).toMatchObject({
      code: "content-count",
      replyCode: 506,
      hard: true,
      channel: 7,
      classId: 60,
      methodId: 40,
    });
    expect(error.message).toContain("more than 2 channels with a message that is not complete");
    expect(error.offset).toBe(publish(9).length * 2 + header(5, 3).length);
  });

  test("does not count what is finished, nor what was abandoned and is over", () => {
    const reader = new MessageReader({ maxChannels: 1 });
    for (let i = 1; i < 50; i++) {
      const octets = message(i, counted(5));
      expect(reader.push(octets.subarray(0, 40))).toHaveLength(0);
      if (i % 2 === 0) expect(reader.abandon(i)).toBe(true);
      expect(reader.push(octets.subarray(40))).toHaveLength(i % 2 === 0 ? 0 : 1);
    }
    expect(reader.unfinished).toEqual([]);
  });

  test("counts a message that is all there like one that is cut", () => {
    const stream = concat([publish(1), message(2, counted(20))]);
    const offset = publish(1).length;
    for (let cut = 0; cut <= stream.length; cut++) {
      const reader = new MessageReader({ maxChannels: 1 });
      const read = (): unknown => cutAt(stream, [cut]).flatMap((piece) => [...reader.push(piece)]);
      expect(decodeErrorOf(read), `cut at ${cut}`).toMatchObject({ code: "content-count", offset });
    }
  });

  test.each([0, 65536, 1.5])("%s is out of its range", (maxChannels) => {
    expect(encodeErrorOf(() => new MessageReader({ maxChannels })).path).toBe("maxChannels");
  });
});

describe("profiles", () => {
  const wrong: Array<
    [what: string, octets: Uint8Array, code: string, standard: number, rabbitmq: number, lavinmq: number]
  > = [
    ["a header without a method", header(1, 3), "unexpected-frame", 505, 505, 505],
    ["a body without a method", bodyFrame(1, counted(3)), "unexpected-frame", 505, 505, 505],
    ["a method in the midst", concat([publish(1), header(1, 3), ack(1)]), "unexpected-frame", 505, 505, 505],
    [
      "a body longer than announced",
      concat([publish(1), header(1, 3), bodyFrame(1, counted(4))]),
      "body-size",
      501,
      501,
      505,
    ],
    ["content over the limit", concat([publish(1), header(1, 101)]), "body-size", 311, 501, 406],
  ];
  const soft: Record<string, (code: string, octets: Uint8Array) => boolean> = {
    standard: (_, octets) => octets === wrong[4]![1],
    rabbitmq: () => false,
    lavinmq: () => true,
  };

  describe.each(["standard", "rabbitmq", "lavinmq"] as const)("%s", (profile) => {
    test.each(wrong)("%s", (_, octets, code, standard, rabbitmq, lavinmq) => {
      const replyCode = { standard, rabbitmq, lavinmq }[profile];
      const options = { profile, maxBodySize: 100 };
      const hard = !soft[profile]!(code, octets);
      // Without anybody to tell, an error of a channel ends the stream too, and is an error of the channel all the same.
      const error = decodeErrorOf(() => new MessageReader(options).push(octets));
      expect(error).toMatchObject({ code, replyCode, hard, channel: 1 });
      expect(error.toClose().name).toBe(hard ? "Connection.Close" : "Channel.Close");
      expect(error.toClose().channel).toBe(hard ? 0 : 1);
      if (hard) {
        expect(decodeErrorOf(() => told([octets], options)).replyCode).toBe(replyCode);
        return;
      }
      const rest = [
        bodyFrame(1, counted(50)),
        ack(1),
        message(2, counted(2)),
        close(1),
        publish(1),
        closeOk(1),
        message(1, counted(1)),
      ];
      const { words, errors } = told([octets, ...rest], options);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatchObject({ code, replyCode, hard: false, channel: 1 });
      expect(words).toEqual(["Message 2 0001", "Channel.Close 1", "Channel.CloseOk 1", "Message 1 00"]);
    });

    test("content on channel 0 costs the connection", () => {
      for (const octets of [publish(0), header(0, 1), bodyFrame(0, counted(1))]) {
        expect(decodeErrorOf(() => told([octets], { profile }))).toMatchObject({
          replyCode: 505,
          hard: true,
          channel: 0,
        });
      }
    });

    test("every cut gives the same", () => {
      for (const [, octets] of wrong) {
        const stream = concat([
          message(3, counted(2)),
          octets,
          ack(1),
          // Whole, and on its way to a channel that is done for.
          message(1, counted(9)),
          message(2, counted(3)),
          closeOk(1),
          message(1, counted(2)),
        ]);
        const outcome = (chunks: Uint8Array[]): unknown => {
          try {
            const { words, errors } = told(chunks, { profile, maxBodySize: 100 });
            return [words, errors.map(({ code, offset }) => [code, offset])];
          } catch (error) {
            return `${(error as DecodeError).code} ${(error as DecodeError).offset}`;
          }
        };
        const whole = outcome([stream]);
        for (let i = 1; i < stream.length; i++) {
          const cut = outcome(cutAt(stream, [i]));
          // Where the stream ends, what was good is told before: that is as many items as were whole by then.
          if (typeof whole === "string" || typeof cut === "string") expect(typeof cut).toBe("string");
          else expect(cut).toEqual(whole);
        }
      }
    });
  });

  test("a wrong one is refused", () => {
    expect(encodeErrorOf(() => new MessageReader({ profile: "qpid" as never })).path).toBe("profile");
    expect(encodeErrorOf(() => new MessageReader({ profile: "toString" as never })).path).toBe("profile");
  });

  test("who is told may use the reader, the core, and throw", () => {
    const stream = concat([header(1, 3), message(2, counted(2))]);
    const writer = new FrameWriter();
    const reader = new MessageReader({
      profile: "lavinmq",
      onChannelError: (error) => {
        writer.write(error.toClose(), error.channel);
        writer.publish(5, new Basic.Publish(), { headers: { a: 1 } }, counted(9));
        expect(new MessageReader().push(message(4, counted(4)))).toHaveLength(1);
        expect(reader.abandon(1)).toBe(false);
      },
    });
    expect(reader.push(stream).map((item) => word(item))).toEqual(["Message 2 0001"]);
    expect(new MessageReader().push(writer.flush()).map((item) => item.name)).toEqual(["Channel.Close", "Message"]);
    const failing = new MessageReader({
      profile: "lavinmq",
      onChannelError: () => {
        throw new Error("no");
      },
    });
    expect(() => failing.push(stream)).toThrow("no");
    expect(failing.push(message(3, counted(1))).map((item) => word(item))).toEqual(["Message 3 00"]);
  });

  test("a whole message in one chunk is dropped too while its channel is being closed", () => {
    const { words } = told(
      [header(1, 3), concat([message(1, counted(9)), message(2, counted(1)), closeOk(1), message(1, counted(2))])],
      { profile: "lavinmq" },
    );
    expect(words).toEqual(["Message 2 00", "Channel.CloseOk 1", "Message 1 0001"]);
  });

  test("with onFrame it goes frame by frame, to the same end", () => {
    const stream = concat([header(1, 3), ack(1), message(2, counted(2)), closeOk(1), message(1, counted(2))]);
    let frames = 0;
    const { words, errors } = told([stream], { profile: "lavinmq", onFrame: () => (frames += 1) });
    expect([words, errors.length, frames]).toEqual([["Message 2 0001", "Channel.CloseOk 1", "Message 1 0001"], 1, 9]);
  });
});

describe("abandon", () => {
  test.each([0, 1, 2, 3])("after %i frames: the rest of the content is dropped, and the next is read", (count) => {
    const frames = [
      publish(1),
      header(1, 6),
      bodyFrame(1, counted(2)),
      bodyFrame(1, counted(3)),
      bodyFrame(1, counted(1)),
    ];
    const reader = new MessageReader();
    for (const frame of frames.slice(0, count)) expect(reader.push(frame)).toHaveLength(0);
    expect(reader.abandon(1)).toBe(count > 0);
    expect(reader.abandon(1)).toBe(false);
    expect(reader.abandon(2)).toBe(false);
    const rest = reader.push(concat([...frames.slice(count), message(2, counted(1)), message(1, counted(2))]));
    expect(rest.map((item) => word(item)).slice(count > 0 ? 0 : 1)).toEqual(["Message 2 00", "Message 1 0001"]);
    expect(reader.unfinished).toEqual([]);
  });

  test("of a content of size 0, and of one that is streamed", () => {
    const empty = new MessageReader();
    empty.push(publish(1));
    empty.abandon(1);
    expect(empty.push(concat([header(1, 0), message(1, counted(1))])).map((item) => word(item))).toEqual([
      "Message 1 00",
    ]);
    const streamed = new MessageReader({ streamBodies: true });
    expect(streamed.push(concat([publish(1), header(1, 4), bodyFrame(1, counted(1))]))).toHaveLength(2);
    expect(streamed.abandon(1)).toBe(true);
    expect(
      streamed.push(concat([bodyFrame(1, counted(3)), publish(1), header(1, 0)])).map((item) => word(item)),
    ).toEqual(["MessageStart 1 0"]);
  });

  test("the rules hold for what is dropped", () => {
    const reader = new MessageReader();
    reader.push(concat([publish(1), header(1, 4)]));
    reader.abandon(1);
    expect(decodeErrorOf(() => reader.push(ack(1))).code).toBe("unexpected-frame");
    const other = new MessageReader();
    other.push(concat([publish(1), header(1, 4)]));
    other.abandon(1);
    expect(decodeErrorOf(() => other.push(bodyFrame(1, counted(5)))).code).toBe("body-size");
  });
});

describe("streamBodies", () => {
  test("true: a start for each content, and a part for each body frame", () => {
    const stream = concat([
      publish(1),
      header(1, 5),
      publish(2),
      bodyFrame(1, counted(2)),
      header(2, 0),
      heartbeatFrame,
      bodyFrame(1, counted(0)),
      bodyFrame(1, counted(3, 2)),
      ack(1),
    ]);
    const expected = [
      "MessageStart 1 5",
      "BodyPart 1 0 0001",
      "MessageStart 2 0",
      "Heartbeat 0",
      "BodyPart 1 2 ",
      "BodyPart 1 2 020304 last",
      "Basic.Ack 1",
    ];
    expect(told([stream], { streamBodies: true }).words).toEqual(expected);
    expect(told([stream], { streamBodies: 0 }).words).toEqual(expected);
    expect(told([stream], { streamBodies: true, reuse: true }).words).toEqual(expected);
    for (let i = 1; i < stream.length; i++)
      expect(told(cutAt(stream, [i]), { streamBodies: true }).words).toEqual(expected);
    expect(
      told(
        Array.from(stream, (octet) => Uint8Array.of(octet)),
        { streamBodies: true },
      ).words,
    ).toEqual(expected);
  });

  test("a size: smaller content comes as messages", () => {
    const stream = concat([message(1, counted(9)), message(1, counted(10)), message(2, counted(0))]);
    const words = told([stream], { streamBodies: 10 }).words;
    expect(words.map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
      `Message 1 ${hexOf(counted(9))}`,
      "MessageStart 1 10",
      "BodyPart 1 0",
      "Message 2 ",
    ]);
    expect(told([stream], { streamBodies: false }).words).toHaveLength(3);
  });

  test("what is streamed is what is held otherwise", () => {
    const random = new Random(71);
    const bodies = Array.from({ length: 60 }, (_, i) => counted(random.below(30_000), i));
    const stream = concat(bodies.map((body, i) => message(1 + (i % 3), body, 4096)));
    const whole = new MessageReader().push(stream).map((item) => (item as Message).body);
    const reader = new MessageReader({ streamBodies: 5000 });
    const gathered: Uint8Array[] = [];
    let parts: Uint8Array[] = [];
    for (const chunk of cutAt(
      stream,
      Array.from({ length: 200 }, () => random.below(stream.length)).sort((a, b) => a - b),
    )) {
      for (const item of reader.push(chunk)) {
        if (item.name === "Message") gathered.push(item.body);
        else if (item.name === "MessageStart") parts = [];
        else if (item.name === "BodyPart") {
          expect(item.offset).toBe(parts.reduce((sum, { length }) => sum + length, 0));
          parts.push(item.octets);
          if (item.last) gathered.push(concat(parts));
        }
      }
    }
    expect(gathered.map(hexOf)).toEqual(whole.map(hexOf));
    expect(gathered.map(hexOf)).toEqual(bodies.map(hexOf));
  });

  test("a start has method and properties; neither shows octets", () => {
    const [start, part] = new MessageReader({ streamBodies: true }).push(message(3, counted(5)));
    if (start?.name !== "MessageStart" || part?.name !== "BodyPart") expect.unreachable();
    expect([start.method.routingKey, start.properties.contentType, start.bodySize, start.channel]).toEqual([
      "k",
      "text/plain",
      5,
      3,
    ]);
    expect(JSON.parse(JSON.stringify(start))).toMatchObject({
      method: { name: "Basic.Publish" },
      channel: 3,
      bodySize: 5,
    });
    expect(part.toJSON()).toEqual({ channel: 3, offset: 0, length: 5, last: true });
    expect(String(part)).toBe('BodyPart {"channel":3,"offset":0,"length":5,"last":true}');
    expect(describeFrame(part)).toBe('channel 3 BodyPart {"offset":0,"length":5,"last":true}');
    expect(describeFrame(part, { showBodies: true })).toContain('"body":"\\u0000\\u0001');
    expect(describeFrame(start)).toContain('"bodySize":5');
    expect(String(start)).toMatch(/^MessageStart \{/);
  });

  test("limits hold: over maxBodySize nothing begins", () => {
    expect(
      decodeErrorOf(() => told([concat([publish(1), header(1, 101)])], { streamBodies: true, maxBodySize: 100 }))
        .replyCode,
    ).toBe(501);
    for (const streamBodies of [-1, 0.5, "yes"]) {
      expect(encodeErrorOf(() => new MessageReader({ streamBodies: streamBodies as number })).path).toBe(
        "streamBodies",
      );
    }
  });

  test("the types say which items there are", () => {
    const plain = new MessageReader({ maxBodySize: 5 });
    expectTypeOf(plain.push(new Uint8Array(0))).toEqualTypeOf<MessageOrFrame[]>();
    const streaming = new MessageReader({ streamBodies: true });
    expectTypeOf(streaming.push(new Uint8Array(0))).toEqualTypeOf<(MessageOrFrame | MessageStart | BodyPart)[]>();
    const own = new (createCodec().MessageReader)({ streamBodies: 5 });
    expectTypeOf(own.push(new Uint8Array(0))).toEqualTypeOf<(MessageOrFrame | MessageStart | BodyPart)[]>();
    expect(own.push(message(1, counted(5)))).toHaveLength(2);
  });
});

test("after reset a reader has forgotten what was unfinished, abandoned and closing", () => {
  const reader = new MessageReader({ profile: "lavinmq", onChannelError: () => undefined });
  reader.push(concat([header(1, 3), publish(2), publish(3)]));
  reader.abandon(3);
  reader.reset();
  expect(reader.unfinished).toEqual([]);
  expect(reader.push(concat([message(1, counted(1)), message(2, counted(1)), message(3, counted(1))]))).toHaveLength(3);
});
