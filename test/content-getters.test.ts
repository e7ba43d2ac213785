/** A message whose values run code of the program: what that code does must not get into the message, nor into what is kept for those that come after it. */
import { describe, expect, test } from "vitest";
import { Basic, createCodec, FrameReader, Heartbeat, marshal } from "../src/index.js";
import { concat, hexOf } from "./support/octets.js";

const publish = new Basic.Publish({ exchange: "events", routingKey: "orders" });
const body = Uint8Array.of(1, 2, 3, 4, 5);
const properties = { contentType: "text/plain", messageId: "abcdef" };
const heartbeat = marshal(new Heartbeat());

/** A writer to which messages of a kind are known, and another of the same core. */
function writers() {
  const codec = createCodec();
  const [writer, other] = [new codec.FrameWriter(), new codec.FrameWriter()];
  const dated = { contentType: "text/plain", timestamp: new Date(5000) };
  for (let i = 0; i < 5; i++) writer.publish(1, publish, dated, body);
  for (let i = 0; i < 5; i++) writer.publish(1, publish, properties, body);
  writer.flush();
  return { writer, other };
}

/** What a writer makes of a message that it knows nothing of. */
function alone(method: Basic.Publish, given: Basic.PropertiesFields): Uint8Array {
  return new (createCodec().FrameWriter)().publish(1, method, given, body).flush();
}

/** A method whose getter does something before it answers the first time. */
function withGetter(name: "exchange" | "routingKey" | "mandatory", run: () => void): Basic.Publish {
  const method = new Basic.Publish({ exchange: "events", routingKey: "orders" });
  const value = method[name];
  let runs = 0;
  Object.defineProperty(method, name, {
    get() {
      if (runs++ === 0) run();
      return value;
    },
  });
  return method;
}

describe.each(["exchange", "routingKey", "mandatory"] as const)("a getter of a method's %s", (name) => {
  test("may write a frame", () => {
    const { writer } = writers();
    const method = withGetter(name, () => writer.write(new Heartbeat()));
    const octets = writer.publish(1, method, properties, body).flush();
    expect(hexOf(octets)).toBe(hexOf(concat([heartbeat, alone(publish, properties)])));
  });

  test("may write a frame to another writer", () => {
    const { writer, other } = writers();
    const method = withGetter(name, () => other.write(new Heartbeat()));
    writer.publish(1, method, properties, body);
    expect(hexOf(writer.flush())).toBe(hexOf(alone(publish, properties)));
    expect(hexOf(other.flush())).toBe(hexOf(heartbeat));
  });

  test("may publish what is kept then", () => {
    const { writer, other } = writers();
    const elsewhere = new Basic.Publish({ exchange: "logs", routingKey: "elsewhere" });
    const method = withGetter(name, () => {
      for (let i = 0; i < 3; i++) other.publish(1, elsewhere, properties, body);
    });
    writer.publish(1, method, properties, body);
    expect(hexOf(writer.flush())).toBe(hexOf(alone(publish, properties)));
  });
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "a getter that answers something else from the time no. %d on leaves nothing of that to others",
  (times) => {
    const { writer } = writers();
    let reads = 0;
    const changing = {
      messageId: "abcdef",
      get type() {
        return ++reads < times ? "order" : undefined;
      },
    };
    writer.publish(1, publish, changing, body);
    writer.flush();
    for (const given of [{ messageId: "abcdef" }, { messageId: "abcdef", type: "order" }, properties]) {
      expect(hexOf(writer.publish(1, publish, given, body).flush())).toBe(hexOf(alone(publish, given)));
    }
  },
);

test.each(Array.from({ length: 20 }, (_, i) => i + 1))(
  "an exchange that is another from the time no. %d on is not that of who publishes to it",
  (times) => {
    const { writer } = writers();
    const method = new Basic.Publish({ routingKey: "changing" });
    let reads = 0;
    Object.defineProperty(method, "exchange", { get: () => (++reads < times ? "first" : "second") });
    for (let i = 0; i < 4; i++) writer.publish(1, method, properties, body);
    writer.flush();
    for (const exchange of ["second", "first"]) {
      const plain = new Basic.Publish({ exchange, routingKey: "changing" });
      expect(hexOf(writer.publish(1, plain, properties, body).flush())).toBe(hexOf(alone(plain, properties)));
    }
  },
);

test("a date may write a frame when it is asked for its time", () => {
  const { writer } = writers();
  writer.publish(1, publish, { contentType: "text/plain", timestamp: new Date(9000) }, body).flush();
  const date = new Date(5000);
  let runs = 0;
  date.getTime = () => {
    if (runs++ === 0) writer.write(new Heartbeat());
    return 5000;
  };
  const octets = writer.publish(1, publish, { contentType: "text/plain", timestamp: date }, body).flush();
  const expected = alone(publish, { contentType: "text/plain", timestamp: new Date(5000) });
  expect(hexOf(octets)).toBe(hexOf(concat([heartbeat, expected])));
});

test.each<[string, string]>([
  ["that is like those before it", "text/plain"],
  ["that is not", "text/html"],
])("a body that a property's getter gives away is refused, in a message %s", (_, contentType) => {
  const { writer } = writers();
  const octets = body.slice();
  const given = {
    contentType,
    get messageId() {
      if (octets.length > 0) structuredClone(octets.buffer, { transfer: [octets.buffer] });
      return "abcdef";
    },
  };
  expect(() => writer.publish(1, publish, given, octets)).toThrow("the octets are gone");
  expect(writer.bytesPending).toBe(0);
  expect(hexOf(writer.publish(1, publish, properties, body).flush())).toBe(hexOf(alone(publish, properties)));
});

test.each<[string, Basic.PropertiesFields]>([
  ["as they nearly always are", {}],
  ["that go the general way", { headers: { list: [1] } }],
])("a property's getter may publish on the same channel, beside properties %s", (_, others) => {
  const writer = new (createCodec().FrameWriter)();
  let runs = 0;
  let written = 1;
  const given = {
    ...others,
    get messageId() {
      if (runs++ < 20) {
        writer.publish(1, new Basic.Publish({ routingKey: `inner.${runs}` }), {}, body);
        written += 1;
      }
      return "abcdef";
    },
  };
  writer.publish(1, publish, given, body);
  const names = new FrameReader().push(writer.flush()).map(({ name }) => name);
  expect(names.length).toBe(3 * written);
  names.forEach((name, i) => expect(name).toBe(["Basic.Publish", "ContentHeader", "ContentBody"][i % 3]));
});

test.each([10, 40_000])(
  "a date writes nothing between a method and its content header, with a body of %i octets",
  (octets) => {
    const writer = new (createCodec().FrameWriter)();
    let asked = 0;
    const date = Object.assign(new Date(9000), {
      getTime(): number {
        if (++asked === 1) {
          try {
            writer.ack(1, 5);
          } catch {
            // Refused: as good as written before.
          }
        }
        return 9000;
      },
    });
    for (const given of [{ timestamp: date }, new Basic.Properties({ timestamp: date })]) {
      asked = 0;
      const names = new FrameReader({ frameMax: 0 })
        .push(writer.publish(1, publish, given, new Uint8Array(octets)).flush())
        .map(({ name }) => name);
      expect(names.slice(names.indexOf("Basic.Publish"))).toEqual(["Basic.Publish", "ContentHeader", "ContentBody"]);
      expect(asked).toBeGreaterThan(0);
    }
  },
);
