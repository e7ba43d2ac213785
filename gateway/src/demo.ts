/** A small load, so that there is something to see: orders that are published, taken and acknowledged, and a thermometer. */
import { Basic, Timestamp } from "amqp-wasm";
import { DemoClient, type Credentials } from "./demo-client.js";
import type { Address } from "./gateway.js";
import type { Log } from "./log.js";

const EXCHANGE = "amqp-wasm-demo";
const INTERVAL = 100;
const kinds = ["created", "paid", "packed", "shipped"];
const encoder = new TextEncoder();

export interface Demo {
  /** Messages that were published and taken. */
  readonly published: number;
  readonly taken: number;
  stop(): void;
}

/** Runs against the gateway itself, over TCP. Where that fails it says so and the gateway goes on. */
export async function startDemo(address: Address, as: Credentials, log: Log): Promise<Demo | undefined> {
  let published = 0;
  let taken = 0;
  try {
    const publisher = await DemoClient.open(address, as, "demo publisher");
    const worker = await DemoClient.open(address, as, "demo worker", ({ method }, client) => {
      taken += 1;
      if (method.name === "Basic.Deliver") client.send(new Basic.Ack({ deliveryTag: method.deliveryTag }));
    });
    const watcher = await DemoClient.open(address, as, "demo watcher", () => (taken += 1));
    await worker.subscribe(EXCHANGE, "order.#", false);
    await watcher.subscribe(EXCHANGE, "room.*.temperature", true);
    const timer = setInterval(() => {
      for (const [routingKey, type, body] of [order(published), temperature(published)] as const) {
        const properties = new Basic.Properties({
          contentType: "application/json",
          type,
          messageId: String((published += 1)),
          timestamp: new Timestamp(Math.floor(Date.now() / 1000)),
          headers: { "x-demo": true, number: published },
        });
        publisher.publish(EXCHANGE, routingKey, properties, encoder.encode(JSON.stringify(body)));
      }
    }, INTERVAL);
    return {
      get published() {
        return published;
      },
      get taken() {
        return taken;
      },
      stop() {
        clearInterval(timer);
        for (const client of [publisher, worker, watcher]) client.close();
      },
    };
  } catch (error) {
    log("warning", "demo", `the demonstration load does not run: ${(error as Error).message}`);
    return undefined;
  }
}

const order = (number: number) => {
  const kind = kinds[(number >> 1) % kinds.length]!;
  return [`order.${kind}`, `order.${kind}`, { order: 1000 + (number >> 3), kind, items: 1 + (number % 5) }] as const;
};

const temperature = (number: number) => {
  const room = `room-${(number >> 1) % 3}`;
  const celsius = Math.round(210 + 15 * Math.sin(number / 40)) / 10;
  return [`room.${room}.temperature`, "temperature", { room, celsius }] as const;
};
