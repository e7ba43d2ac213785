/** The brokers that a test runs against: the embedded one always, RabbitMQ where AMQP_WASM_BROKER names one as host:port. */
import { afterAll, beforeAll, describe } from "vitest";
import { startBroker, type RunningBroker } from "../../src/broker/index.js";
import type { Address } from "./raw-client.js";

export interface Target extends Address {
  readonly url: string;
  readonly isEmbedded: boolean;
}

const [rabbitHost, rabbitPort] = (process.env["AMQP_WASM_BROKER"] ?? "").split(":");

/** Declares the same tests for each broker. */
export function forEachBroker(name: string, tests: (target: Target) => void): void {
  describe(`${name}, embedded broker`, () => {
    let running: RunningBroker | undefined;
    const target = {
      host: "127.0.0.1",
      isEmbedded: true,
      get port(): number {
        return running!.port;
      },
      get url(): string {
        return running!.url;
      },
    };
    beforeAll(async () => {
      running = await startBroker({ log: () => undefined });
    });
    afterAll(() => running?.close());
    tests(target);
  });
  const isThere = rabbitPort !== undefined;
  describe.skipIf(!isThere)(`${name}, RabbitMQ${isThere ? "" : " (AMQP_WASM_BROKER names none: skipped)"}`, () => {
    const [host, port] = [rabbitHost!, Number(rabbitPort)];
    tests({ host, port, url: `amqp://${host}:${port}`, isEmbedded: false });
  });
}
