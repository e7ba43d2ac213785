/** What a broker refuses, in RabbitMQ's words: the same table for the embedded broker and for RabbitMQ itself. */
import { Basic, Exchange, Queue } from "amqp-wasm";
import { describe, expect, test } from "vitest";
import { forEachBroker } from "./support/brokers.js";
import { differenceOf } from "./support/differences.js";
import { RawClient, summary } from "./support/raw-client.js";
import { refused } from "./support/refusals.js";

/** Methods that get no answer where all is well. */
const SILENT = ["Basic.Ack", "Basic.Nack", "Basic.Reject", "Basic.CancelOk"];

forEachBroker("what is refused", (target) => {
  describe.sequential("in order", () => {
    test.each(refused)("$name", async ({ name, frames, answer }) => {
      const client = await RawClient.open(target);
      await client.call(new Queue.Delete({ queue: "q" }));
      await client.call(new Exchange.Delete({ exchange: "e" }));
      let last = "";
      for (const frame of frames) {
        client.send(frame);
        if (!SILENT.includes(frame.name)) last = summary(await client.next());
        // Something that is answered, so that there is an end to the waiting.
        else if (frame === frames.at(-1)) last = summary(await client.call(new Basic.Qos()));
      }
      expect(last).toBe(target.isEmbedded ? (differenceOf(name) ?? answer) : answer);
      await client.close();
    });
  });
});
