/** Deliveries that wait to be written: nothing that happens meanwhile may lose, change or overtake them. */
import { describe, expect, test } from "vitest";
import { Basic, type Consumer, createCodec, FrameCursor, FrameReader, FrameWriter, marshal } from "../src/index.js";
import { concat, hexOf } from "./support/octets.js";
import { encodeErrorOf } from "./support/wire.js";

function publish(routingKey: string, octets: number): Uint8Array {
  const method = new Basic.Publish({ exchange: "ex", routingKey });
  return new FrameWriter().publish(1, method, { contentType: "t" }, new Uint8Array(octets).fill(octets)).flush();
}

const consumer = (deliveryTag: number): Consumer => ({ channel: 3, consumerTag: "ctag", deliveryTag });

/** What becomes of a publish, written by nothing that waits. */
function delivered(routingKey: string, octets: number, deliveryTag: number): Uint8Array {
  const method = new Basic.Deliver({ consumerTag: "ctag", deliveryTag, exchange: "ex", routingKey });
  return new FrameWriter().publish(3, method, { contentType: "t" }, new Uint8Array(octets).fill(octets)).flush();
}

const three = concat([publish("a", 5), publish("b", 6), publish("c", 7)]);
const firstTwo = concat([delivered("a", 5, 1), delivered("b", 6, 2)]);
const c = delivered("c", 7, 3);

/** At the third of three publishes, where two deliveries wait. */
function atThird({ FrameCursor: Cursor, FrameWriter: Writer } = { FrameCursor, FrameWriter }): {
  cursor: FrameCursor;
  writer: FrameWriter;
} {
  const cursor = new Cursor().push(three);
  const writer = new Writer();
  for (let tag = 1; tag <= 2; tag++) {
    expect(cursor.next()).toBe(true);
    writer.deliver(cursor, [consumer(tag)]);
  }
  expect(cursor.next()).toBe(true);
  return { cursor, writer };
}

describe("a delivery that is refused", () => {
  test("leaves the cursor at the method frame, and its frames can be passed on", () => {
    const { cursor, writer } = atThird();
    expect(encodeErrorOf(() => writer.deliver(cursor, [consumer(-1)])).path).toBe("deliveryTag");
    expect(cursor.octets.length).toBe(new DataView(three.buffer, three.byteOffset).getUint32(3) + 8);
    do writer.forward(cursor);
    while (cursor.next());
    expect(hexOf(writer.flush())).toBe(hexOf(concat([firstTwo, publish("c", 7)])));
  });

  test("leaves no trace in a body frame that is passed on alone", () => {
    const large = publish("large", 25_000);
    const cursor = new FrameCursor().push(concat([publish("a", 5), large]));
    const writer = new FrameWriter();
    cursor.next();
    writer.deliver(cursor, [consumer(1)]);
    cursor.next();
    const many = [...new Array<Consumer>(129).fill(consumer(2)), consumer(-1)];
    expect(() => writer.deliver(cursor, many)).toThrow("deliveryTag");
    do writer.forward(cursor);
    while (cursor.next());
    expect(hexOf(writer.flush())).toBe(hexOf(concat([delivered("a", 5, 1), large])));
  });

  test("says that the writer is of another core", () => {
    const { cursor } = atThird(createCodec());
    const writer = new FrameWriter();
    expect(encodeErrorOf(() => writer.deliver(cursor, [consumer(3)])).message).toContain("different cores");
    expect(writer.bytesPending).toBe(0);
  });
});

test("octets that are pending are told right where what waits fills the output", () => {
  const large = Array.from({ length: 8 }, (_, i) => publish(`k${i}`, 30_000));
  const cursor = new FrameCursor({ messages: true }).push(concat(large));
  const writer = new FrameWriter();
  const consumers = Array.from({ length: 20 }, (_, i) => consumer(i));
  expect(writer.deliverRun(cursor, () => consumers)?.contents).toBe(8);
  expect(writer.bytesPending).toBe(20 * 8 * delivered("k0", 30_000, 1).length);
  expect(writer.flush().length).toBe(20 * 8 * delivered("k0", 30_000, 1).length);
});

describe("a consumer that runs something while it is read", () => {
  const other = publish("z".repeat(40), 300);

  test.each<[string, (writer: FrameWriter, cursor: FrameCursor) => unknown]>([
    ["asks what is pending", (writer) => writer.bytesPending],
    ["writes", (writer) => writer.write(new Basic.Ack({ deliveryTag: 1 }), 1)],
    ["delivers the same message", (writer, cursor) => writer.deliver(cursor, [consumer(9)])],
    ["delivers to another connection", (_, cursor) => new FrameWriter().deliver(cursor, [consumer(9)])],
    ["reads with a reader", () => new FrameReader().push(other)],
    ["reads what needs more memory", () => new FrameReader().push(new Uint8Array(300_000).fill(2, 0, 1))],
    ["resets the cursor", (_, cursor) => cursor.reset()],
    ["encodes alone", () => marshal(new Basic.Ack({ deliveryTag: 1 }), 1)],
  ])("is refused, and nothing of what waits is lost: %s", (_, run) => {
    const evil = (writer: FrameWriter, cursor: FrameCursor, listens: boolean): Consumer => ({
      channel: 3,
      consumerTag: "ctag",
      get deliveryTag() {
        for (let i = 0; i < 2; i++) {
          try {
            run(writer, cursor);
          } catch (error) {
            if (listens) throw error;
          }
        }
        return 3;
      },
    });
    const listening = atThird();
    encodeErrorOf(() => listening.writer.deliver(listening.cursor, [evil(listening.writer, listening.cursor, true)]));
    // What comes into the core now must not stand where what waits is read from.
    expect(new FrameReader().push(other).length).toBe(3);
    listening.writer.write(new Basic.Ack({ deliveryTag: 7 }), 1);
    const ack = marshal(new Basic.Ack({ deliveryTag: 7 }), 1);
    expect(hexOf(listening.writer.flush())).toBe(hexOf(concat([firstTwo, ack])));
    const deaf = atThird();
    deaf.writer.deliver(deaf.cursor, [evil(deaf.writer, deaf.cursor, false)]);
    expect(hexOf(deaf.writer.flush())).toBe(hexOf(concat([firstTwo, c])));
  });

  test("is refused for the first message, too, and for one that is kept", () => {
    for (const kept of [false, true]) {
      const cursor = new FrameCursor({ messages: true }).push(three);
      const writer = new FrameWriter();
      cursor.next();
      const source = kept ? cursor.message() : cursor;
      for (const run of [() => writer.deliver(source, [consumer(9)]), () => new FrameReader().push(other)]) {
        const evil: Consumer = {
          channel: 3,
          consumerTag: "ctag",
          get deliveryTag() {
            run();
            return 1;
          },
        };
        encodeErrorOf(() => writer.deliver(source, [consumer(1), evil]));
        expect(writer.bytesPending).toBe(0);
      }
      writer.deliver(source, [consumer(1)]);
      expect(hexOf(writer.flush())).toBe(hexOf(delivered("a", 5, 1)));
    }
  });
});

describe("within a run", () => {
  test("the same writer may take a run of another cursor", () => {
    const writer = new FrameWriter();
    let tag = 0;
    const run = writer.deliverRun(new FrameCursor().push(three), ({ routingKey }) => {
      if (routingKey === "b") writer.deliverRun(new FrameCursor().push(publish("z", 9)), () => [consumer(50)]);
      return [consumer(++tag)];
    });
    expect(run?.contents).toBe(3);
    expect(hexOf(writer.flush())).toBe(
      hexOf(concat([delivered("a", 5, 1), delivered("z", 9, 50), delivered("b", 6, 2), c])),
    );
  });

  test("the writer may get another frame-max", () => {
    const cursor = new FrameCursor().push(concat([publish("a", 5000), publish("b", 5000), publish("c", 5000)]));
    const writer = new FrameWriter();
    const run = writer.deliverRun(cursor, ({ routingKey }) => {
      if (routingKey === "b") writer.frameMax = 4096;
      return [consumer(1)];
    });
    expect(run?.contents).toBe(2);
    while (cursor.next()) writer.deliver(cursor, [consumer(1)]);
    const sizes = new FrameReader().push(writer.flush()).flatMap((frame) => ("length" in frame ? [frame.length] : []));
    expect(sizes).toEqual([5000, 4088, 912, 4088, 912]);
  });

  test("a run of the same cursor is refused, even one that ends at once", () => {
    const cursor = new FrameCursor().push(three);
    const writer = new FrameWriter();
    const error = encodeErrorOf(() =>
      writer.deliverRun(cursor, () => {
        new FrameWriter().deliverRun(cursor, () => undefined);
        return [consumer(1)];
      }),
    );
    expect(error.path).toBe("consumersOf");
  });
});
