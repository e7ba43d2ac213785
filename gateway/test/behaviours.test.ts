/** What brokers do, conversation by conversation: the embedded broker as RabbitMQ. */
import { Exchange, Queue } from "amqp-wasm";
import { expect, test } from "vitest";
import { behaviours } from "./support/behaviours.js";
import { forEachBroker } from "./support/brokers.js";
import { RawClient, summary } from "./support/raw-client.js";
import { seen } from "./support/seen.js";

forEachBroker("behaviour", (target) => {
  test.each(behaviours)("$name", async ({ name, talk }) => {
    const client = await RawClient.open(target);
    for (const queue of ["b", "b1", "b2"]) await client.call(new Queue.Delete({ queue }));
    for (const exchange of ["x", "y"]) await client.call(new Exchange.Delete({ exchange }));
    const notes: string[] = [];
    // Closed whatever comes: its consumers would be in the way of the conversations that follow.
    try {
      await talk(
        client,
        (item) => notes.push(typeof item === "string" ? item : summary(item)),
        () => RawClient.open(target),
      );
    } finally {
      await client.close();
    }
    expect(notes).toEqual(seen[name]);
  });
});

test("there is an answer of RabbitMQ for each conversation, and no other", () => {
  expect(Object.keys(seen).sort()).toEqual(behaviours.map(({ name }) => name).sort());
});
