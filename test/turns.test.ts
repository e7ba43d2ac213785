/**
 * Everybody who uses a core takes turns: readers, writers, cursors and functions leave octets there between their calls, which the next one may not see or spoil. Each makes its steps twice, among the others on one core and alone on one of its own, and has to come to the same.
 */
import { describe, expect, test } from "vitest";
import {
  Basic,
  createCodec,
  describe as line,
  FrameWriter,
  PreparedConsumer,
  Queue,
  type Codec,
} from "../src/index.js";
import { concat, hexOf } from "./support/octets.js";
import { Random } from "./support/random.js";

/** Makes one step, and says what came of it. */
type Step = () => unknown;
type Actor = (codec: Codec, random: Random) => Step;

const keys = ["a", "orders.created.eu", "ünï", "k".repeat(200)];

function properties(random: Random): object {
  const headers: Record<string, unknown> = {};
  for (let i = random.below(5); i > 0; i--)
    headers[`h${random.below(6)}`] = random.chance(2) ? random.below(1000) : "v".repeat(random.below(60));
  return {
    headers,
    ...(random.chance(2) && { messageId: `id-${random.word()}` }),
    ...(random.chance(3) && { contentType: random.pick(keys) }),
    ...(random.chance(3) && { priority: random.below(10) }),
  };
}

function publishInto(writer: FrameWriter, random: Random): void {
  const channel = 1 + random.below(3);
  const body = new Uint8Array(random.chance(9) ? random.below(40_000) : random.below(300)).fill(random.below(256));
  const method = new Basic.Publish({ exchange: random.pick(["", "events"]), routingKey: random.pick(keys) });
  writer.publish(channel, method, properties(random), body);
}

/** A stream of publishes and other frames, in pieces cut anywhere. */
function pieces(random: Random): () => Uint8Array {
  const writer = new FrameWriter();
  let rest: Uint8Array = new Uint8Array(0);
  return () => {
    while (rest.length < 6000) {
      for (let i = 0; i < 10; i++) {
        if (random.chance(4)) writer.ack(1 + random.below(3), random.below(1000));
        else publishInto(writer, random);
      }
      rest = concat([rest, writer.flush()]);
    }
    const size = random.chance(3) ? random.below(40) : random.below(6000);
    const piece = rest.slice(0, size);
    rest = rest.slice(size);
    return piece;
  };
}

const text = (frame: Parameters<typeof line>[0]): string => line(frame, { showBodies: true, maxLength: 1e6 });

const reads: Actor = ({ FrameReader, MessageReader }, random) => {
  const next = pieces(random);
  const reader = random.chance(2) ? new FrameReader({ lazy: random.chance(2) }) : new MessageReader();
  return () => reader.push(next()).map((item) => text(item as never));
};

function takes(writer: FrameWriter, random: Random): unknown {
  if (random.chance(4)) return hexOf(writer.flush());
  if (random.chance(4)) {
    const target = new Uint8Array(20 + random.below(2000));
    return hexOf(target.subarray(0, writer.flushInto(target)));
  }
  return random.chance(3) ? writer.bytesPending : undefined;
}

const writes: Actor = (codec, random) => {
  const writer = new codec.FrameWriter({ frameMax: random.pick([4096, 131072]) });
  const prepared = writer.prepare(new Basic.Publish({ routingKey: "p" }), {
    contentType: "text/plain",
    headers: { a: 1 },
  });
  return () => {
    for (let i = random.below(6); i > 0; i--) {
      const what = random.below(4);
      if (what === 0) publishInto(writer, random);
      else if (what === 1) writer.ack(1, random.below(1 << 20));
      else if (what === 2)
        prepared.publish(2, new Uint8Array(random.below(50)).fill(i), { messageId: `m${random.word()}` });
      else
        writer.write(
          new Queue.Declare({ queue: "q", arguments: { "x-max-length": random.below(9), s: random.pick(keys) } }),
          3,
        );
    }
    return takes(writer, random);
  };
};

/** A cursor whose frames are walked and passed on, a few in each step. */
const passes: Actor = (codec, random) => {
  const next = pieces(random);
  const messages = random.chance(2);
  const cursor = new codec.FrameCursor({ messages });
  const writer = new codec.FrameWriter({ frameMax: random.pick([4096, 131072]) });
  const plain = { channel: 9, consumerTag: "plain", deliveryTag: 5 };
  const consumers = [
    new PreparedConsumer({ channel: 1, consumerTag: "one" }),
    new PreparedConsumer({ channel: 2, consumerTag: "two" }),
  ];
  const seen: unknown[] = [];
  const step = (): void => {
    const what = random.below(10);
    if (what < 3) {
      const run =
        what === 0
          ? writer.forwardRun(cursor, { channelOf: (channel) => channel + 10 })
          : writer.deliverRun(
              cursor,
              () => (what === 1 ? [consumers[0]!, plain] : consumers).slice(what === 2 ? random.below(2) : 0),
              {
                routes: what === 2,
                maxContents: 1 + random.below(20),
              },
            );
      if (run !== undefined) return void seen.push(hexOf(run.octets), run.frames);
    }
    if (!cursor.next()) return void cursor.push(next());
    seen.push(cursor.name, cursor.channel);
    if (cursor.name !== "Basic.Publish" || what < 6) return void writer.forward(cursor, { channel: 4 });
    seen.push((cursor as { routingKey?: unknown }).routingKey);
    if (what === 6) writer.deliver(cursor, consumers);
    else if (what === 7) writer.deliver(cursor, [plain, ...consumers]);
    else if (what === 8) writer.return(cursor, { replyCode: 312, replyText: "NO_ROUTE" });
    else writer.getOk(cursor, { channel: 6, deliveryTag: 77 });
  };
  return () => {
    for (let i = random.below(12); i >= 0; i--) step();
    return [...seen.splice(0), takes(writer, random)];
  };
};

const asks: Actor = (codec, random) => {
  const writer = new FrameWriter();
  const header = (): Uint8Array => {
    const frame = new codec.ContentHeader({ bodySize: random.below(99), properties: properties(random) });
    return codec.marshal(frame, 1);
  };
  const ways: Step[] = [
    () => codec.patchHeaders(header(), { set: { h1: random.pick(keys), z: random.below(9) }, delete: ["h2"] }),
    () => codec.patchHeaders(header(), { delete: ["h1", "h3"] }),
    () =>
      codec.patchTable(
        codec.marshal(new Queue.Declare({ arguments: { a: 1, b: random.pick(keys) } }), 1),
        "arguments",
        { set: { a: 2 } },
      ),
    () => text(codec.unmarshal(header())!.frame),
    () => codec.encodeAs("table", { a: [1, random.pick(keys)], b: { c: random.word() } }),
    () => codec.decodeAs("table", codec.encodeAs("table", { a: random.pick(keys) })),
    () => codec.ambiguities(header()),
    () => {
      publishInto(writer, random);
      return codec.judge([writer.flush()], "rabbitmq-3");
    },
  ];
  return () => {
    const value = random.pick(ways)();
    return value instanceof Uint8Array ? hexOf(value) : JSON.stringify(value);
  };
};

const actors = { reads, writes, passes, asks };

function outcome(step: Step): unknown {
  try {
    return step();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

describe("whatever stands between two steps", () => {
  test.each(Array.from({ length: 10 }, (_, seed) => seed))("comes to the same, order %i", (seed) => {
    const order = new Random(seed);
    const shared = createCodec();
    const others = Array.from({ length: 2 }, () => order.pick(["reads", "writes", "passes", "asks"] as const));
    const cast = (["passes", "asks", "passes", ...others] as const).map((name, i) => {
      const own = order.word();
      return {
        name: `${name} (${i})`,
        among: actors[name](shared, new Random(own)),
        alone: actors[name](createCodec(), new Random(own)),
      };
    });
    for (let turn = 0; turn < 120; turn++) {
      const { name, among, alone } = order.pick(cast);
      expect(outcome(among), `${name}, turn ${turn}`).toEqual(outcome(alone));
    }
  });
});
