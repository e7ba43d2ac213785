/** A gateway for a test, with its log and its clock. */
import type { Clock } from "../../src/clock.js";
import { Gateway, type GatewayOptions } from "../../src/gateway.js";
import type { Log } from "../../src/log.js";
import { upstreamAt } from "../../src/upstream.js";

export interface LogLine {
  level: string;
  event: string;
  text: string;
  fields: Record<string, unknown>;
}

export interface Running {
  gateway: Gateway;
  port: number;
  web: number;
  url: string;
  lines: LogLine[];
  /** Waits for a line of this event; those that were there before count. */
  logged(event: string, from?: number): Promise<LogLine>;
  stop(): Promise<void>;
}

export async function startGateway(
  upstream: number | string,
  options: Partial<Omit<GatewayOptions, "upstream" | "log">> & { upstream?: GatewayOptions["upstream"] } = {},
): Promise<Running> {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  const log: Log = (level, event, text, fields = {}) => {
    lines.push({ level, event, text, fields });
    for (const wake of [...waiting]) wake();
  };
  const gateway = new Gateway({
    tcp: { host: "127.0.0.1", port: 0 },
    web: { host: "127.0.0.1", port: 0 },
    upstream: options.upstream ?? upstreamAt(typeof upstream === "number" ? `amqp://127.0.0.1:${upstream}` : upstream),
    ...options,
    log,
    limits: { closeTime: 1, ...options.limits },
  });
  const { tcp, web } = await gateway.start();
  return {
    gateway,
    port: tcp?.port ?? 0,
    web: web?.port ?? 0,
    url: `ws://127.0.0.1:${web?.port ?? 0}/`,
    lines,
    logged: (event, from = 0) =>
      new Promise((resolve) => {
        const look = (): void => {
          const line = lines.slice(from).find((each) => each.event === event);
          if (line === undefined) return;
          waiting.delete(look);
          resolve(line);
        };
        waiting.add(look);
        look();
      }),
    stop: () => gateway.stop(),
  };
}

/** Time that goes on when the test says so. */
export class TestClock implements Clock {
  #now = 0;
  readonly #calls = new Set<{ every: number; next: number; call: () => void }>();

  now(): number {
    return this.#now;
  }

  every(every: number, call: () => void): () => void {
    const entry = { every, next: this.#now + every, call };
    this.#calls.add(entry);
    return () => this.#calls.delete(entry);
  }

  pass(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#calls].filter(({ next }) => next <= end).sort((a, b) => a.next - b.next)[0];
      if (due === undefined) break;
      this.#now = due.next;
      due.next += due.every;
      due.call();
    }
    this.#now = end;
  }
}
