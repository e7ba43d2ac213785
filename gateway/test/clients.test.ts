/** Real clients over TCP, each through the same conversations, against each broker. */
import { describe, expect, test } from "vitest";
import { forEachBroker } from "./support/brokers.js";
import { amqplibLibrary } from "./support/clients/amqplib.js";
import { cloudamqpLibrary } from "./support/clients/cloudamqp.js";
import { rabbitmqClientLibrary } from "./support/clients/rabbitmq-client.js";
import type { Received, Session } from "./support/clients/session.js";

const text = ({ body }: { readonly body: Uint8Array }): string => new TextDecoder().decode(body);
const seconds = 1_790_000_000;

const libraries = [amqplibLibrary, cloudamqpLibrary, rabbitmqClientLibrary] as const;
/** How each library says a time: as seconds, or as a Date. */
const times: Record<string, unknown> = {
  amqplib: seconds,
  "@cloudamqp/amqp-client": new Date(seconds * 1000),
  "rabbitmq-client": seconds,
};

forEachBroker("clients", (target) => {
  describe.each(libraries)("$name", (library) => {
    /** A connection for one test, closed behind it. */
    const withSession = (run: (session: Session) => Promise<void>) => async () => {
      const session = await library.open(target.url);
      try {
        await run(session);
      } finally {
        await session.close();
      }
    };

    test(
      "publishes with confirms and consumes with acknowledgements",
      withSession(async (session) => {
        const queue = await session.declare("");
        expect(queue).toMatch(/^amq\.gen-[\w-]{22}$/);
        for (const body of ["one", "two", "three"]) {
          expect(await session.publish({ routingKey: queue, body })).toBe("ack");
        }
        const deliveries = await session.consume(queue, { prefetch: 2, tag: "mine" });
        const [one, two] = [await deliveries.next(), await deliveries.next()];
        expect([text(one), text(two)]).toEqual(["one", "two"]);
        expect([one.exchange, one.routingKey, one.redelivered, one.deliveryTag]).toEqual(["", queue, false, 1]);
        await session.ack(two.deliveryTag, true);
        expect(text(await deliveries.next())).toBe("three");
        await session.nack(3, { requeue: true });
        const again = await deliveries.next();
        expect([text(again), again.redelivered]).toEqual(["three", true]);
        await session.ack(again.deliveryTag);
        await deliveries.cancel();
        expect(await session.get(queue)).toBeUndefined();
      }),
    );

    test(
      "every property arrives as it was sent",
      withSession(async (session) => {
        const queue = await session.declare("");
        const properties = {
          contentType: "application/octet-stream",
          contentEncoding: "identity",
          headers: {
            text: "hällo",
            yes: true,
            no: false,
            small: 7,
            large: 5_000_000_000,
            negative: -70_000,
            fraction: 1.5,
            nothing: null,
            list: [1, "two", [3]],
            table: { inner: { deep: "x" } },
          },
          deliveryMode: 2,
          priority: 3,
          correlationId: "c-1",
          replyTo: "answers",
          expiration: "60000",
          messageId: "m-1",
          timestamp: times[library.name],
          type: "greeting",
          userId: "guest",
          appId: "test",
        };
        await session.publish({ routingKey: queue, body: "x", properties });
        expect((await session.get(queue))?.properties).toEqual(properties);
      }),
    );

    test(
      "gets, and puts back at the same place",
      withSession(async (session) => {
        const queue = await session.declare("");
        for (const body of ["a", "b", "c"]) await session.publish({ routingKey: queue, body });
        const got = [await session.get(queue), await session.get(queue)] as Received[];
        await session.nack(got[0]!.deliveryTag, { requeue: true });
        const next = (await session.get(queue))!;
        expect([text(next), next.redelivered]).toEqual(["a", true]);
        expect(await session.purge(queue)).toBe(1);
        await session.ack(next.deliveryTag);
      }),
    );

    test(
      "mandatory messages that nobody wants come back",
      withSession(async (session) => {
        const outcome = session.publish({ routingKey: "nobody is there", body: "lost", mandatory: true });
        const { replyCode, replyText, ...message } = await session.returned();
        expect([replyCode, replyText, text(message)]).toEqual([312, "NO_ROUTE", "lost"]);
        expect(await outcome).toBe("ack");
      }),
    );

    test(
      "a full queue says no",
      withSession(async (session) => {
        const queue = await session.declare("", { arguments: { "x-max-length": 1, "x-overflow": "reject-publish" } });
        expect(await session.publish({ routingKey: queue, body: "fits" })).toBe("ack");
        expect(await session.publish({ routingKey: queue, body: "does not" })).toBe("nack");
      }),
    );

    test(
      "exchanges of all kinds",
      withSession(async (session) => {
        const queue = await session.declare("");
        const name = `gateway-test-${library.name}`;
        for (const [type, bindingKey, routingKey, other] of [
          ["direct", "k", "k", "l"],
          ["fanout", "", "anything", undefined],
          ["topic", "a.*.#", "a.b.c", "a"],
        ] as const) {
          await session.declareExchange(name, type);
          await session.bind(queue, name, bindingKey);
          if (other !== undefined) await session.publish({ exchange: name, routingKey: other, body: "no" });
          await session.publish({ exchange: name, routingKey, body: type });
          const message = (await session.get(queue))!;
          expect([text(message), message.exchange, message.routingKey]).toEqual([type, name, routingKey]);
          await session.ack(message.deliveryTag);
          await session.deleteExchange(name);
        }
        await session.bind(queue, "amq.headers", "", { "x-match": "any", kind: "x", n: 1 });
        const headers = (table: object) => ({
          exchange: "amq.headers",
          routingKey: "",
          properties: { headers: table },
        });
        await session.publish({ ...headers({ kind: "y" }), body: "no" });
        await session.publish({ ...headers({ kind: "x" }), body: "headers" });
        expect(text((await session.get(queue))!)).toBe("headers");
      }),
    );

    test(
      "dead letters tell their story in x-death",
      withSession(async (session) => {
        const dead = await session.declare("");
        const queue = await session.declare("", {
          arguments: { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead, "x-message-ttl": 60_000 },
        });
        await session.publish({ routingKey: queue, body: "poor", properties: { headers: { mine: "stays" } } });
        const message = (await session.get(queue))!;
        const deliveries = await session.consume(dead);
        await session.nack(message.deliveryTag, { requeue: false });
        const letter = await deliveries.next();
        expect(text(letter)).toBe("poor");
        const { headers } = letter.properties as { headers: Record<string, unknown> };
        expect(headers).toMatchObject({
          mine: "stays",
          "x-first-death-exchange": "",
          "x-first-death-queue": queue,
          "x-first-death-reason": "rejected",
        });
        const [death, ...others] = headers["x-death"] as Record<string, unknown>[];
        expect(others).toEqual([]);
        expect({ ...death, count: Number(death!["count"]), time: undefined }).toEqual({
          count: 1,
          exchange: "",
          queue,
          reason: "rejected",
          "routing-keys": [queue],
          time: undefined,
        });
      }),
    );

    test(
      "a body of 1 MiB arrives as it was",
      withSession(async (session) => {
        const queue = await session.declare("");
        const body = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
        expect(await session.publish({ routingKey: queue, body })).toBe("ack");
        const deliveries = await session.consume(queue, { noAck: true });
        expect(Buffer.compare((await deliveries.next()).body, body)).toBe(0);
        await session.publish({ routingKey: queue, body: new Uint8Array(0) });
        expect((await deliveries.next()).body.length).toBe(0);
      }),
    );

    test(
      "1000 messages stay in order",
      withSession(async (session) => {
        const queue = await session.declare("");
        const deliveries = await session.consume(queue, { noAck: true });
        const outcomes = Array.from({ length: 1000 }, (_, i) =>
          session.publish({ routingKey: queue, body: String(i) }),
        );
        for (let i = 0; i < 1000; i++) expect(text(await deliveries.next())).toBe(String(i));
        expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["ack"]));
      }),
    );

    // amqplib has no transactions.
    if (library !== amqplibLibrary)
      test(
        "transactions",
        withSession(async (session) => {
          const queue = await session.declare("");
          const transaction = await session.transaction();
          await transaction.publish({ routingKey: queue, body: "rolled back" });
          await transaction.rollback();
          await transaction.publish({ routingKey: queue, body: "committed" });
          expect(await session.get(queue)).toBeUndefined();
          await transaction.commit();
          expect(text((await session.get(queue))!)).toBe("committed");
        }),
      );

    test(
      "refusals close a channel and say why",
      withSession(async (session) => {
        expect(await session.refusal("missing queue")).toContain("no queue 'not there' in vhost '/'");
        expect(await session.refusal("missing exchange")).toContain("no exchange 'not there' in vhost '/'");
        expect(await session.refusal("reserved name")).toContain("queue name 'amq.mine' contains reserved prefix");
        // The other channels do not mind.
        expect(await session.declare("")).toMatch(/^amq\.gen-/);
      }),
    );

    test("a wrong password is refused, with the reason", async () => {
      expect(await library.refusedLogin(target.url)).toMatch(/ACCESS_REFUSED/i);
    });
  });
});
