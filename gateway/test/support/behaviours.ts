/** What brokers do: conversations on the wire and what comes back, the same for the embedded broker and for RabbitMQ. */
import {
  Basic,
  Channel,
  Confirm,
  Connection,
  Exchange,
  FrameWriter,
  Queue,
  Timestamp,
  Tx,
  type Frame,
  type Message,
} from "amqp-wasm";
import { summary, type Item, type RawClient } from "./raw-client.js";

export interface Behaviour {
  readonly name: string;
  /** Talks to the broker; `note` keeps what came back. */
  readonly talk: (
    client: RawClient,
    note: (item: Item | string) => void,
    open: () => Promise<RawClient>,
  ) => Promise<void>;
}

type Props = ConstructorParameters<typeof Basic.Properties>[0];
const props = (fields: Props = {}) => new Basic.Properties(fields);
const declare = (queue: string, fields: Record<string, unknown> = {}) =>
  new Queue.Declare({ queue, exclusive: true, arguments: fields as never });
const consume = (queue: string, fields: Partial<ConstructorParameters<typeof Basic.Consume>[0]> = {}) =>
  new Basic.Consume({ queue, consumerTag: "c", ...fields });
const get = (queue: string) => new Basic.Get({ queue, noAck: true });

/** A publish with a delivery mode that no constructor lets pass. */
function badDeliveryMode(): Uint8Array {
  const writer = new FrameWriter();
  writer.publish(1, new Basic.Publish({ routingKey: "b" }), props({ deliveryMode: 2 }), new Uint8Array(1));
  const octets = writer.flush();
  // The last octet of the header's payload, before its frame-end and the nine octets of the body frame.
  octets[octets.length - 11] = 3;
  return octets;
}

/** Everything that waits in a queue, taken out. */
async function drain(client: RawClient, queue: string, note: (item: Item | string) => void): Promise<void> {
  for (;;) {
    const item = await client.call(get(queue));
    note(item);
    if (item.name !== "Message") return;
  }
}

export const behaviours: readonly Behaviour[] = [
  {
    name: "get, redelivered after reject, empty",
    async talk(client, note) {
      await client.call(declare("b"));
      client.toQueue("b", "one").toQueue("b", "two");
      note(await client.call(new Basic.Get({ queue: "b" })));
      client.send(new Basic.Reject({ deliveryTag: 1, requeue: true }));
      await drain(client, "b", note);
    },
  },
  {
    name: "requeue puts messages back in their places, whatever the order",
    async talk(client, note) {
      await client.call(declare("b"));
      for (const body of "abcdef") client.toQueue("b", body);
      for (let i = 0; i < 5; i++) await client.call(new Basic.Get({ queue: "b" }));
      for (const deliveryTag of [2, 5, 1, 4, 3]) client.send(new Basic.Reject({ deliveryTag, requeue: true }));
      await drain(client, "b", note);
    },
  },
  {
    name: "nack of many, of which some were acknowledged",
    async talk(client, note) {
      await client.call(declare("b"));
      for (const body of "abcdef") client.toQueue("b", body);
      for (let i = 0; i < 5; i++) await client.call(new Basic.Get({ queue: "b" }));
      client.send(new Basic.Ack({ deliveryTag: 2 }));
      client.send(new Basic.Nack({ deliveryTag: 4, multiple: true, requeue: true }));
      await drain(client, "b", note);
    },
  },
  {
    name: "ack of many up to a tag that was acknowledged already",
    async talk(client, note) {
      await client.call(declare("b"));
      for (const body of "abc") client.toQueue("b", body);
      for (let i = 0; i < 3; i++) await client.call(new Basic.Get({ queue: "b" }));
      client.send(new Basic.Ack({ deliveryTag: 2 }));
      client.send(new Basic.Ack({ deliveryTag: 2, multiple: true }));
      note(await client.call(new Basic.Qos()));
    },
  },
  {
    name: "ack of all where there is nothing",
    async talk(client, note) {
      client.send(new Basic.Ack({ deliveryTag: 0, multiple: true }));
      note(await client.call(new Basic.Qos()));
    },
  },
  {
    name: "ack of many up to a tag still to come",
    async talk(client, note) {
      await client.call(declare("b"));
      for (const body of "abc") client.toQueue("b", body);
      for (let i = 0; i < 3; i++) await client.call(new Basic.Get({ queue: "b" }));
      client.send(new Basic.Ack({ deliveryTag: 4, multiple: true }));
      note(await client.call(new Basic.Qos()));
    },
  },
  {
    name: "deliveries, then the prefetch window, then more",
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(new Basic.Qos({ prefetchCount: 2 }));
      await client.call(consume("b"));
      for (const body of "abcd") client.toQueue("b", body);
      note(await client.next());
      note(await client.next());
      client.send(new Basic.Ack({ deliveryTag: 2 }));
      note(await client.next());
      client.send(new Basic.Ack({ deliveryTag: 3, multiple: true }));
      note(await client.next());
    },
  },
  {
    name: "prefetch of the channel, for two consumers together",
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(new Basic.Qos({ prefetchCount: 3, global: true }));
      await client.call(consume("b", { consumerTag: "c1" }));
      await client.call(consume("b", { consumerTag: "c2" }));
      for (const body of "abcdef") client.toQueue("b", body);
      for (let i = 0; i < 3; i++) note(await client.next());
      client.send(new Basic.Ack({ deliveryTag: 0, multiple: true }));
      for (let i = 0; i < 3; i++) note(await client.next());
    },
  },
  {
    name: "consumers take turns",
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(consume("b", { consumerTag: "c1" }));
      await client.call(consume("b", { consumerTag: "c2" }));
      for (const body of "abcd") client.toQueue("b", body);
      for (let i = 0; i < 4; i++) {
        const message = await client.message();
        note(tagged(message));
      }
    },
  },
  {
    name: "a consumer of a higher priority first, until its window is full",
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(new Basic.Qos({ prefetchCount: 2 }));
      await client.call(consume("b", { consumerTag: "low" }));
      await client.call(consume("b", { consumerTag: "high", arguments: { "x-priority": 5 } }));
      for (const body of "abcd") client.toQueue("b", body);
      for (let i = 0; i < 4; i++) {
        const message = await client.message();
        note(tagged(message));
      }
    },
  },
  {
    name: "single active consumer, and who follows",
    async talk(client, note) {
      await client.call(declare("b", { "x-single-active-consumer": true }));
      await client.call(consume("b", { consumerTag: "c1" }));
      await client.call(consume("b", { consumerTag: "c2" }));
      client.toQueue("b", "a").toQueue("b", "b");
      note(tagged(await client.message()));
      note(tagged(await client.message()));
      note(await client.call(new Basic.Cancel({ consumerTag: "c1" })));
      client.toQueue("b", "c");
      note(tagged(await client.message()));
    },
  },
  {
    name: "cancel, and what was delivered stays to be acknowledged",
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(consume("b"));
      client.toQueue("b", "a");
      note(await client.next());
      note(await client.call(new Basic.Cancel({ consumerTag: "c" })));
      client.toQueue("b", "b");
      client.send(new Basic.Ack({ deliveryTag: 1 }));
      await drain(client, "b", note);
    },
  },
  {
    name: "a consumer is told when its queue goes",
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(consume("b"));
      note(await client.call(new Queue.Delete({ queue: "b" })));
      note(await client.next());
      note(await client.call(new Basic.Cancel({ consumerTag: "c" })));
    },
  },
  {
    name: "acknowledging what came from a queue that is gone",
    async talk(client, note) {
      await client.call(declare("b"));
      client.toQueue("b", "a").toQueue("b", "b");
      note(await client.call(new Basic.Get({ queue: "b" })));
      note(await client.call(new Basic.Get({ queue: "b" })));
      note(await client.call(new Queue.Delete({ queue: "b" })));
      client.send(new Basic.Ack({ deliveryTag: 1 })).send(new Basic.Reject({ deliveryTag: 2, requeue: true }));
      note(await client.call(new Basic.Qos()));
    },
  },
  {
    name: "auto-delete queue goes with its last consumer",
    async talk(client, note) {
      await client.call(new Queue.Declare({ queue: "b", autoDelete: true }));
      await client.call(consume("b"));
      await client.call(new Basic.Cancel({ consumerTag: "c" }));
      note(await client.call(new Queue.Declare({ queue: "b", passive: true })));
    },
  },
  {
    name: "auto-delete exchange goes with its last binding",
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(new Exchange.Declare({ exchange: "x", type: "fanout", autoDelete: true }));
      await client.call(new Queue.Bind({ queue: "b", exchange: "x" }));
      await client.call(new Queue.Unbind({ queue: "b", exchange: "x" }));
      note(await client.call(new Exchange.Declare({ exchange: "x", type: "fanout", passive: true })));
    },
  },
  {
    name: "auto-delete exchanges go in a row",
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(new Exchange.Declare({ exchange: "x", type: "fanout", autoDelete: true }));
      await client.call(new Exchange.Declare({ exchange: "y", type: "fanout", autoDelete: true }));
      await client.call(new Exchange.Bind({ source: "x", destination: "y" }));
      await client.call(new Queue.Bind({ queue: "b", exchange: "y" }));
      await client.call(new Queue.Delete({ queue: "b" }));
      note(await client.call(new Exchange.Declare({ exchange: "x", type: "fanout", passive: true })));
    },
  },
  {
    name: "recover brings everything back, redelivered",
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(consume("b"));
      client.toQueue("b", "a").toQueue("b", "b");
      note(await client.next());
      note(await client.next());
      client.send(new Basic.Recover({ requeue: true }));
      const after = [await client.next(), await client.next(), await client.next()];
      for (const text of after.map(summary).sort()) note(text);
    },
  },
  {
    name: "confirms, returns before them",
    async talk(client, note) {
      await client.call(new Confirm.Select());
      client.publish(new Basic.Publish({ routingKey: "nowhere", mandatory: true }), props(), "a");
      note(await client.next());
      note(await client.next());
      client.publish(new Basic.Publish({ routingKey: "nowhere" }), props(), "b");
      note(await client.next());
    },
  },
  {
    name: "a full queue that rejects, with confirms",
    async talk(client, note) {
      await client.call(declare("b", { "x-max-length": 1, "x-overflow": "reject-publish" }));
      await client.call(new Confirm.Select());
      for (const body of "abc") {
        client.toQueue("b", body);
        note(await client.next());
      }
      await drain(client, "b", note);
    },
  },
  {
    name: "a full queue that drops its head",
    async talk(client, note) {
      await client.call(declare("b", { "x-max-length": 2 }));
      for (const body of "abcd") client.toQueue("b", body);
      await drain(client, "b", note);
    },
  },
  {
    name: "a queue of at most so many octets",
    async talk(client, note) {
      await client.call(declare("b", { "x-max-length-bytes": 5 }));
      for (const body of ["aa", "bb", "cc", "dddddd"]) client.toQueue("b", body);
      await drain(client, "b", note);
    },
  },
  {
    name: "a queue that rejects beyond so many octets",
    async talk(client, note) {
      await client.call(declare("b", { "x-max-length-bytes": 5, "x-overflow": "reject-publish" }));
      await client.call(new Confirm.Select());
      for (const body of ["aa", "bb", "cc", "d"]) {
        client.toQueue("b", body);
        note(await client.next());
      }
      await drain(client, "b", note);
    },
  },
  {
    name: "x-max-length of 0",
    async talk(client, note) {
      await client.call(declare("b", { "x-max-length": 0 }));
      client.toQueue("b", "a");
      await drain(client, "b", note);
    },
  },
  {
    name: "priorities",
    async talk(client, note) {
      await client.call(declare("b", { "x-max-priority": 5 }));
      for (const [body, priority] of [
        ["a", 1],
        ["b", 9],
        ["c", 0],
        ["d", 5],
        ["e", undefined],
        ["f", 1],
      ] as const) {
        client.toQueue("b", body, props({ priority }));
      }
      await drain(client, "b", note);
    },
  },
  {
    name: "priorities in a queue that drops its head",
    async talk(client, note) {
      await client.call(declare("b", { "x-max-priority": 5, "x-max-length": 2 }));
      for (const [body, priority] of [
        ["a", 1],
        ["b", 4],
        ["c", 0],
      ] as const) {
        client.toQueue("b", body, props({ priority }));
      }
      await drain(client, "b", note);
    },
  },
  {
    name: "a message that expires at once, without and with a consumer",
    async talk(client, note) {
      await client.call(declare("b"));
      client.toQueue("b", "a", props({ expiration: "0" }));
      note(await client.call(get("b")));
      await client.call(consume("b"));
      client.toQueue("b", "b", props({ expiration: "0" }));
      note(await client.next());
    },
  },
  {
    name: "transaction: nothing before the commit, all of it after",
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(new Tx.Select());
      client.toQueue("b", "a").toQueue("b", "b");
      client.publish(new Basic.Publish({ routingKey: "nowhere", mandatory: true }), props(), "lost");
      note(await client.call(get("b")));
      note(await client.call(new Tx.Commit()));
      note(await client.next());
      await drain(client, "b", note);
    },
  },
  {
    name: "transaction: rollback of publishes and acks",
    async talk(client, note) {
      await client.call(declare("b"));
      client.toQueue("b", "kept");
      await client.call(new Tx.Select());
      note(await client.call(new Basic.Get({ queue: "b" })));
      client.toQueue("b", "gone");
      client.send(new Basic.Ack({ deliveryTag: 1 }));
      note(await client.call(new Tx.Rollback()));
      client.send(new Basic.Reject({ deliveryTag: 1, requeue: true }));
      note(await client.call(new Tx.Commit()));
      await drain(client, "b", note);
    },
  },
  {
    name: "transaction: an ack twice is an error before the commit",
    async talk(client, note) {
      await client.call(declare("b"));
      client.toQueue("b", "a");
      await client.call(new Tx.Select());
      note(await client.call(new Basic.Get({ queue: "b" })));
      client.send(new Basic.Ack({ deliveryTag: 1 })).send(new Basic.Ack({ deliveryTag: 1 }));
      note(await client.call(new Basic.Qos()));
    },
  },
  {
    name: "CC and BCC",
    async talk(client, note) {
      for (const queue of ["b", "b1", "b2"]) await client.call(declare(queue));
      client.toQueue("b", "a", props({ headers: { CC: ["b1", "b"], BCC: ["b2"], kept: 1 } }));
      for (const queue of ["b", "b1", "b2"]) {
        const item = await client.call(get(queue));
        note(item);
        if (item.name === "Message") {
          note(`${String((item.method as Basic.GetOk).routingKey)} ${JSON.stringify(item.properties.headers)}`);
        }
        note(await client.call(get(queue)));
      }
    },
  },
  {
    name: "CC that is no list",
    async talk(client, note) {
      note(await client.toQueue("b", "a", props({ headers: { CC: "b1" } })).next());
    },
  },
  {
    name: "CC with a number in it",
    async talk(client, note) {
      await client.call(declare("b1"));
      client.toQueue("b", "a", props({ headers: { CC: [1, "b1"] } }));
      note(await client.call(get("b1")));
    },
  },
  {
    name: "BCC that is a number",
    async talk(client, note) {
      note(await client.toQueue("b", "a", props({ headers: { BCC: 1 } })).next());
    },
  },
  {
    name: "another user's id",
    async talk(client, note) {
      note(await client.toQueue("b", "a", props({ userId: "root" })).next());
    },
  },
  {
    name: "the user's own id",
    async talk(client, note) {
      await client.call(declare("b"));
      client.toQueue("b", "a", props({ userId: "guest" }));
      note(await client.call(get("b")));
    },
  },
  ...["abc", "-1", "1.5", "", "99999999999999", "1 "].map((expiration): Behaviour => ({
    name: `expiration ${JSON.stringify(expiration)}`,
    async talk(client, note) {
      client.toQueue("b", "a", props({ expiration }));
      note(await client.call(new Basic.Qos()));
    },
  })),
  {
    name: "publish to an exchange that is not there",
    async talk(client, note) {
      note(await client.publish(new Basic.Publish({ exchange: "none" }), props(), "a").next());
    },
  },
  {
    name: "publish to an internal exchange",
    async talk(client, note) {
      await client.call(new Exchange.Declare({ exchange: "x", type: "fanout", internal: true, autoDelete: true }));
      note(await client.publish(new Basic.Publish({ exchange: "x" }), props(), "a").next());
      await client.call(new Channel.Open());
      await client.call(new Exchange.Delete({ exchange: "x" }));
    },
  },
  {
    name: "publish to be delivered at once",
    async talk(client, note) {
      note(await client.publish(new Basic.Publish({ immediate: true }), props(), "a").next());
    },
  },
  {
    name: "publish with confirms to an exchange that is not there",
    async talk(client, note) {
      await client.call(new Confirm.Select());
      client.publish(new Basic.Publish({ routingKey: "x" }), props(), "a");
      note(await client.next());
      note(await client.publish(new Basic.Publish({ exchange: "none" }), props(), "a").next());
    },
  },
  {
    name: "what comes for a channel that the broker closed is dropped, and the channel opens anew",
    async talk(client, note) {
      await client.call(declare("b"));
      client.publish(new Basic.Publish({ exchange: "none" }), props(), "a");
      client.toQueue("b", "dropped");
      note(await client.next());
      note(await client.call(new Channel.Open()));
      await drain(client, "b", note);
    },
  },
  {
    name: "a channel that is closed gives back what it had",
    async talk(client, note) {
      await client.call(declare("b"));
      client.toQueue("b", "a");
      await client.call(new Channel.Open(), 2);
      note(await client.call(new Basic.Get({ queue: "b" }), 2));
      note(await client.call(new Channel.Close({ replyCode: 200, classId: 0, methodId: 0 }), 2));
      await drain(client, "b", note);
    },
  },
  {
    name: "an exclusive queue is another connection's",
    async talk(client, note, open) {
      await client.call(declare("b"));
      const tries: Frame[] = [
        new Queue.Declare({ queue: "b", passive: true }),
        declare("b"),
        new Queue.Bind({ queue: "b", exchange: "amq.direct" }),
        new Queue.Unbind({ queue: "b", exchange: "amq.direct" }),
        consume("b"),
        get("b"),
        new Queue.Purge({ queue: "b" }),
        new Queue.Delete({ queue: "b" }),
      ];
      for (const frame of tries) {
        const other = await open();
        note(await other.call(frame));
        await other.close();
      }
      const other = await open();
      other.toQueue("b", "but everybody may publish");
      await other.call(new Basic.Qos());
      await other.close();
      note(await client.call(get("b")));
    },
  },
  {
    name: "an exclusive queue goes with its connection",
    async talk(client, note, open) {
      const other = await open();
      await other.call(declare("b"));
      await other.close();
      note(await client.call(new Queue.Declare({ queue: "b", passive: true })));
    },
  },
  {
    name: "exclusive consumer gone, another may come",
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(consume("b", { exclusive: true }));
      await client.call(new Basic.Cancel({ consumerTag: "c" }));
      note(await client.call(consume("b", { exclusive: true })));
    },
  },
  {
    name: "an empty name is the queue that was declared last",
    async talk(client, note) {
      await client.call(declare(""));
      note(await client.call(new Queue.Bind({ exchange: "amq.direct" })));
      client.toQueue("", "nowhere");
      note(await client.call(get("")));
      note(await client.call(new Queue.Purge()));
      note(await client.call(new Queue.Delete()));
      note(await client.call(new Queue.Delete()));
    },
  },
  {
    name: "a name that the broker gave can be declared passively alone",
    async talk(client, note) {
      const declared = (await client.call(declare(""))) as Queue.DeclareOk;
      note(await client.call(new Queue.Declare({ queue: declared.queue, passive: true })));
      const again = await client.call(declare(declared.queue));
      note(summary(again).replace(declared.queue, "its name"));
    },
  },
  {
    name: "exchanges bound to exchanges, in a circle, deliver once",
    async talk(client, note) {
      await client.call(declare("b"));
      for (const exchange of ["x", "y"]) {
        await client.call(new Exchange.Declare({ exchange, type: "fanout" }));
        await client.call(new Queue.Bind({ queue: "b", exchange }));
      }
      await client.call(new Exchange.Bind({ source: "x", destination: "y" }));
      await client.call(new Exchange.Bind({ source: "y", destination: "x" }));
      client.publish(new Basic.Publish({ exchange: "x" }), props(), "a");
      await drain(client, "b", note);
      note(await client.call(new Exchange.Unbind({ source: "x", destination: "y" })));
      for (const exchange of ["x", "y"]) note(await client.call(new Exchange.Delete({ exchange })));
    },
  },
  {
    name: "alternate exchange",
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(new Exchange.Declare({ exchange: "y", type: "fanout" }));
      await client.call(
        new Exchange.Declare({ exchange: "x", type: "direct", arguments: { "alternate-exchange": "y" } }),
      );
      await client.call(new Queue.Bind({ queue: "b", exchange: "y" }));
      client.publish(new Basic.Publish({ exchange: "x", routingKey: "none", mandatory: true }), props(), "a");
      await drain(client, "b", note);
      for (const exchange of ["x", "y"]) note(await client.call(new Exchange.Delete({ exchange })));
    },
  },
  {
    name: "a binding made twice is one, and is gone when it is removed once",
    async talk(client, note) {
      await client.call(declare("b"));
      for (let i = 0; i < 2; i++) {
        note(await client.call(new Queue.Bind({ queue: "b", exchange: "amq.topic", routingKey: "b.#" })));
      }
      client.publish(new Basic.Publish({ exchange: "amq.topic", routingKey: "b.c" }), props(), "once");
      await client.call(new Queue.Unbind({ queue: "b", exchange: "amq.topic", routingKey: "b.#" }));
      client.publish(new Basic.Publish({ exchange: "amq.topic", routingKey: "b.c" }), props(), "never");
      await drain(client, "b", note);
    },
  },
  ...[
    ["*", "a"],
    ["*", ""],
    ["#", ""],
    ["*.*", "a."],
    ["a.#", "a"],
    ["a.#.b", "a.b"],
    ["a.*.b", "a..b"],
    ["#.a.#", "b.a.c"],
    ["a.**", "a.b"],
  ].map(([routingKey, key]): Behaviour => ({
    name: `topic ${JSON.stringify(routingKey)} and the key ${JSON.stringify(key)}`,
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(new Queue.Bind({ queue: "b", exchange: "amq.topic", routingKey: routingKey! }));
      client.publish(new Basic.Publish({ exchange: "amq.topic", routingKey: key! }), props(), "matches");
      note(await client.call(get("b")));
    },
  })),
  ...(
    [
      [
        { a: 1, b: "x" },
        { a: 1, b: "x", c: 2 },
      ],
      [{ a: 1, b: "x" }, { a: 1 }],
      [{ "x-match": "any", a: 1, b: "x" }, { a: 1 }],
      [{ "x-match": "any" }, { a: 1 }],
      [{}, { a: 1 }],
      [{}, undefined],
      [{ "x-match": "all", "x-a": 1 }, {}],
      [{ "x-match": "all-with-x", "x-a": 1 }, {}],
      [{ "x-match": "all-with-x", "x-a": 1 }, { "x-a": 1 }],
      [{ "x-match": "any-with-x", "x-a": 1 }, { "x-a": 1 }],
      [{ "x-match": "any-with-x", "x-a": 1 }, { "x-a": 2 }],
      [{ a: null }, { a: "anything" }],
      [{ a: null }, { b: "anything" }],
      [{ a: 1 }, { a: 1n }],
      [{ a: 1 }, { a: "1" }],
      [{ a: 1 }, { a: 1.5 }],
      [{ a: 300 }, { a: 300.0 }],
      [{ a: [1, 2] }, { a: [1, 2] }],
      [{ a: { b: 1 } }, { a: { b: 1 } }],
      [{ a: true }, { a: true }],
      [{ a: new Uint8Array([1]) }, { a: new Uint8Array([1]) }],
      [{ a: "x" }, { a: new TextEncoder().encode("x") }],
      [{ "x-match": "some" }, {}],
      [{ "x-match": 1 }, {}],
    ] as const
  ).map(([table, headers]): Behaviour => ({
    name: `headers ${JSON.stringify(table, plain)} and ${JSON.stringify(headers, plain)}`,
    async talk(client, note) {
      await client.call(declare("b"));
      const bound = await client.call(
        new Queue.Bind({ queue: "b", exchange: "amq.headers", arguments: table as never }),
      );
      if (bound.name !== "Queue.BindOk") return note(bound);
      client.publish(new Basic.Publish({ exchange: "amq.headers" }), props({ headers: headers as never }), "matches");
      note(await client.call(get("b")));
    },
  })),
  {
    name: "qos changes nothing for a consumer that is there",
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(new Basic.Qos({ prefetchCount: 1 }));
      await client.call(consume("b"));
      await client.call(new Basic.Qos({ prefetchCount: 10 }));
      note(await client.toQueue("b", "a").next());
      await client.call(new Channel.Open(), 2);
      await client.call(new Confirm.Select(), 2);
      // Confirmed: a queue of RabbitMQ's says how many wait before it takes what came earlier.
      await client.toQueue("b", "b", props(), 2).next(2);
      note(await client.call(new Queue.Declare({ queue: "b", passive: true })));
    },
  },
  {
    name: "a channel's prefetch that is lifted",
    async talk(client, note) {
      await client.call(declare("b"));
      await client.call(new Basic.Qos({ prefetchCount: 1, global: true }));
      await client.call(consume("b"));
      client.toQueue("b", "a").toQueue("b", "b");
      note(await client.next());
      client.send(new Basic.Qos({ prefetchCount: 0, global: true }));
      for (const text of [await client.next(), await client.next()].map(summary).sort()) note(text);
    },
  },
  {
    name: "purge answers how many waited",
    async talk(client, note) {
      await client.call(declare("b"));
      client.toQueue("b", "a").toQueue("b", "b").toQueue("b", "c");
      note(await client.call(new Basic.Get({ queue: "b" })));
      note(await client.call(new Queue.Purge({ queue: "b" })));
    },
  },
  {
    name: "delete where it must be empty",
    async talk(client, note) {
      await client.call(declare("b"));
      client.toQueue("b", "a");
      note(await client.call(new Queue.Delete({ queue: "b", ifEmpty: true })));
    },
  },
  {
    name: "no-wait methods get no answers",
    async talk(client, note) {
      client.send(new Queue.Declare({ queue: "b", exclusive: true, noWait: true }));
      client.send(new Queue.Bind({ queue: "b", exchange: "amq.fanout", noWait: true }));
      client.send(new Exchange.Declare({ exchange: "x", type: "fanout", noWait: true }));
      client.send(new Exchange.Bind({ source: "x", destination: "amq.fanout", noWait: true }));
      client.send(new Confirm.Select({ noWait: true }));
      client.publish(new Basic.Publish({ exchange: "x" }), props(), "a");
      note(await client.next());
      client.send(new Basic.Consume({ queue: "b", consumerTag: "c", noWait: true }));
      note(await client.next());
      client.send(new Basic.Cancel({ consumerTag: "c", noWait: true }));
      client.send(new Queue.Purge({ queue: "b", noWait: true }));
      client.send(new Exchange.Unbind({ source: "x", destination: "amq.fanout", noWait: true }));
      client.send(new Exchange.Delete({ exchange: "x", noWait: true }));
      client.send(new Queue.Delete({ queue: "b", noWait: true }));
      note(await client.call(new Basic.Qos()));
    },
  },
  {
    name: "rejected messages are dead-lettered",
    async talk(client, note) {
      await client.call(declare("b1"));
      await client.call(declare("b", { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "b1" }));
      await client.call(consume("b1", { noAck: true }));
      client.toQueue(
        "b",
        "a",
        props({ headers: { mine: 1, CC: ["nowhere"] }, contentType: "text/plain", expiration: "60000" }),
      );
      await client.call(new Basic.Get({ queue: "b" }));
      client.send(new Basic.Reject({ deliveryTag: 1, requeue: false }));
      note(withHeaders(await client.next()));
    },
  },
  {
    name: "dead letters keep their routing key, CC included",
    async talk(client, note) {
      await client.call(declare("b1"));
      await client.call(new Exchange.Declare({ exchange: "x", type: "fanout" }));
      await client.call(new Queue.Bind({ queue: "b1", exchange: "x" }));
      await client.call(declare("b", { "x-dead-letter-exchange": "x" }));
      await client.call(consume("b1", { noAck: true }));
      client.toQueue("b", "a", props({ headers: { CC: ["other"], BCC: ["blind"] } }));
      await client.call(new Basic.Get({ queue: "b" }));
      client.send(new Basic.Nack({ deliveryTag: 1, requeue: false }));
      note(withHeaders(await client.next()));
      note(await client.call(new Exchange.Delete({ exchange: "x" })));
    },
  },
  {
    name: "expired messages are dead-lettered, those of the queue's time and those of their own",
    async talk(client, note) {
      await client.call(declare("b1"));
      await client.call(consume("b1", { noAck: true }));
      const dlx = { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "b1" };
      await client.call(declare("b", { ...dlx, "x-message-ttl": 1 }));
      await client.call(declare("b2", dlx));
      client.toQueue("b", "a");
      note(withHeaders(await client.next()));
      client.toQueue("b2", "b", props({ expiration: "1" }));
      note(withHeaders(await client.next()));
    },
  },
  {
    name: "a message that waits behind one without a time of its own does not expire before it",
    async talk(client, note) {
      await client.call(declare("b1"));
      await client.call(declare("b", { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "b1" }));
      await client.call(consume("b1", { noAck: true }));
      client.toQueue("b", "stays").toQueue("b", "goes", props({ expiration: "0" }));
      note(await client.call(get("b")));
      note(await client.next());
    },
  },
  {
    name: "what a full queue drops is dead-lettered",
    async talk(client, note) {
      await client.call(declare("b1"));
      await client.call(consume("b1", { noAck: true }));
      const dlx = { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "b1", "x-max-length": 1 };
      await client.call(declare("b", dlx));
      client.toQueue("b", "a").toQueue("b", "b");
      note(withHeaders(await client.next()));
    },
  },
  {
    name: "what a full queue rejects is dead-lettered where it says so",
    async talk(client, note) {
      await client.call(declare("b1"));
      await client.call(new Confirm.Select());
      const dlx = { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "b1", "x-max-length": 1 };
      await client.call(declare("b", { ...dlx, "x-overflow": "reject-publish-dlx" }));
      note(await client.toQueue("b", "a").next());
      note(await client.toQueue("b", "b").next());
      await client.call(consume("b1", { noAck: true }));
      note(withHeaders(await client.next()));
    },
  },
  {
    name: "a message that dies many times in two queues",
    async talk(client, note) {
      await client.call(declare("b1", { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "b" }));
      await client.call(declare("b", { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "b1" }));
      await client.call(consume("b"));
      await client.call(consume("b1", { consumerTag: "c1" }));
      client.toQueue("b", "a", props({ headers: { "x-death": "mine" } }));
      for (let i = 0; i < 5; i++) {
        const message = await client.message();
        note(`${tagged(message)} ${headersOf(message)}`);
        const { deliveryTag } = message.method as Basic.Deliver;
        client.send(new Basic.Reject({ deliveryTag, requeue: false }));
      }
    },
  },
  {
    name: "a message that would go round for ever is dropped",
    async talk(client, note) {
      await client.call(
        declare("b", { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "b1", "x-message-ttl": 1 }),
      );
      await client.call(declare("b2"));
      await client.call(new Exchange.Declare({ exchange: "x", type: "fanout" }));
      await client.call(new Queue.Bind({ queue: "b", exchange: "x" }));
      await client.call(new Queue.Bind({ queue: "b2", exchange: "x" }));
      await client.call(declare("b1", { "x-dead-letter-exchange": "x", "x-message-ttl": 1 }));
      await client.call(consume("b2", { noAck: true }));
      client.toQueue("b", "a");
      note(withHeaders(await client.next()));
      note(await client.call(new Queue.Declare({ queue: "b", passive: true })));
      note(await client.call(new Exchange.Delete({ exchange: "x" })));
    },
  },
  {
    name: "a dead letter exchange that is not there",
    async talk(client, note) {
      await client.call(declare("b", { "x-dead-letter-exchange": "none" }));
      client.toQueue("b", "a");
      await client.call(new Basic.Get({ queue: "b" }));
      client.send(new Basic.Reject({ deliveryTag: 1, requeue: false }));
      await drain(client, "b", note);
    },
  },
  {
    name: "purge and delete make no dead letters",
    async talk(client, note) {
      await client.call(declare("b1"));
      await client.call(declare("b", { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "b1" }));
      client.toQueue("b", "a");
      note(await client.call(new Queue.Purge({ queue: "b" })));
      client.toQueue("b", "b");
      note(await client.call(new Queue.Delete({ queue: "b" })));
      note(await client.call(get("b1")));
    },
  },
  {
    name: "direct reply-to",
    async talk(client, note, open) {
      note(await client.call(consume("amq.rabbitmq.reply-to", { noAck: true })));
      const server = await open();
      await server.call(declare("b"));
      client.toQueue("b", "question", props({ replyTo: "amq.rabbitmq.reply-to" }));
      const asked = await server.call(consume("b", { noAck: true })).then(() => server.message());
      const { replyTo } = asked.properties;
      note(String(replyTo).slice(0, 22));
      server.publish(new Basic.Publish({ routingKey: replyTo as string }), props(), "answer");
      note(await client.next());
      note(await client.call(new Basic.Cancel({ consumerTag: "c" })));
      server.publish(new Basic.Publish({ routingKey: replyTo as string, mandatory: true }), props(), "too late");
      note(await server.next());
      await server.close();
    },
  },
  {
    name: "direct reply-to needs no acknowledgements",
    async talk(client, note) {
      note(await client.call(consume("amq.rabbitmq.reply-to")));
    },
  },
  {
    name: "direct reply-to: a question without a consumer",
    async talk(client, note) {
      note(await client.toQueue("b", "question", props({ replyTo: "amq.rabbitmq.reply-to" })).next());
    },
  },
  {
    name: "direct reply-to: a second consumer",
    async talk(client, note) {
      note(await client.call(consume("amq.rabbitmq.reply-to", { noAck: true })));
      note(await client.call(consume("amq.rabbitmq.reply-to", { noAck: true, consumerTag: "d" })));
    },
  },
  {
    name: "direct reply-to: passive declare",
    async talk(client, note) {
      note(await client.call(new Queue.Declare({ queue: "amq.rabbitmq.reply-to", passive: true })));
    },
  },
  {
    name: "direct reply-to: passive declare of one that was never there",
    async talk(client, note) {
      note(await client.call(new Queue.Declare({ queue: "amq.rabbitmq.reply-to.none", passive: true })));
    },
  },
  {
    name: "delivery mode 3",
    async talk(client, note) {
      client.sendOctets(badDeliveryMode());
      note(await client.next());
    },
  },
  {
    name: "update of the secret",
    async talk(client, note) {
      note(await client.call(new Connection.UpdateSecret({ newSecret: "x", reason: "y" }), 0));
    },
  },
];

function tagged(message: Message): string {
  return `${String((message.method as Basic.Deliver).consumerTag)} ${summary(message)}`;
}

/** Headers as they came, times and counters of type and value, but not what time it was. */
function headersOf(message: Message): string {
  const show = (value: unknown): unknown => {
    if (value instanceof Timestamp) return "time";
    if (Array.isArray(value)) return value.map(show);
    if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
    return Object.entries(value)
      .map(([key, field]) => [key, show(field)] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1));
  };
  return JSON.stringify(show(message.properties.headers ?? null));
}

/** What came, with the headers. */
function withHeaders(item: Item): string {
  if (item.name !== "Message") return summary(item);
  const { exchange, routingKey } = item.method;
  const { expiration } = item.properties;
  return `${summary(item)} ${String(exchange)} ${String(routingKey)} ${String(expiration)} ${headersOf(item)}`;
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}
