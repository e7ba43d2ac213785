/** A gateway in front of each broker: the embedded one always, RabbitMQ where AMQP_WASM_BROKER names one. */
import { afterAll, beforeAll } from "vitest";
import type { GatewayOptions } from "../../src/gateway.js";
import { forEachBroker } from "./brokers.js";
import { startGateway, type Running } from "./running.js";

export interface Behind {
  readonly isEmbedded: boolean;
  /** Address of the gateway. */
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Its WebSocket. */
  readonly web: string;
  readonly running: Running;
}

export function behindTheGateway(
  name: string,
  tests: (behind: Behind) => void,
  options: Partial<Omit<GatewayOptions, "upstream" | "log">> = {},
): void {
  forEachBroker(name, (target) => {
    let running: Running;
    beforeAll(async () => {
      running = await startGateway(target.url, options);
    });
    afterAll(() => running.stop());
    tests({
      isEmbedded: target.isEmbedded,
      host: "127.0.0.1",
      get port() {
        return running.port;
      },
      get url() {
        return `amqp://guest:guest@127.0.0.1:${running.port}`;
      },
      get web() {
        return running.url;
      },
      get running() {
        return running;
      },
    });
  });
}
