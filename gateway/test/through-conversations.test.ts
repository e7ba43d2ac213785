/** What brokers do is the same through the gateway, conversation by conversation; the answers are those recorded of RabbitMQ. */
import { Exchange, Queue } from "amqp-wasm";
import { expect, test } from "vitest";
import { behaviours } from "./support/behaviours.js";
import { behindTheGateway, type Behind } from "./support/behind.js";
import { RawClient, summary } from "./support/raw-client.js";
import { seen } from "./support/seen.js";

function conversations(target: Behind): void {
  test.each(behaviours)("$name", async ({ name, talk }) => {
    const client = await RawClient.open(target);
    for (const queue of ["b", "b1", "b2"]) await client.call(new Queue.Delete({ queue }));
    for (const exchange of ["x", "y"]) await client.call(new Exchange.Delete({ exchange }));
    const notes: string[] = [];
    await talk(
      client,
      (item) => notes.push(typeof item === "string" ? item : summary(item)),
      () => RawClient.open(target),
    );
    expect(notes).toEqual(seen[name]);
    await client.close();
  });
}

behindTheGateway("through the gateway", conversations);
behindTheGateway("through the gateway with the smallest frames on the client's side", conversations, {
  limits: { frameMax: 4096 },
});
