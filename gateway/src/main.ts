#!/usr/bin/env node
/** The program. */
import { readFileSync } from "node:fs";
import { Gateway, type Address } from "./gateway.js";
import { help } from "./help.js";
import { createLog } from "./log.js";
import { parseOptions, UsageError, type Options } from "./options.js";
import { Rates, summary } from "./rates.js";
import { upstreamAt, type Upstream } from "./upstream.js";

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

const text = ({ host, port }: Address): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;

async function run(options: Options): Promise<void> {
  const { json, quiet, limits } = options;
  const log = createLog({ json, quiet });
  const upstream: Upstream = upstreamAt(options.upstream ?? "amqp://127.0.0.1:5672", options.tls);
  const gateway = new Gateway({ ...options, limits, upstream, log });
  const { tcp, web } = await gateway.start();
  const startedAt = performance.now();
  log("info", "listening", `forwarding to ${upstream.name}`, {
    tcp: tcp && `amqp://${text(tcp)}`,
    webSocket: web && `ws://${text(web)}${options.path}`,
    page: web && `http://${text(web)}/`,
  });

  let rates: NodeJS.Timeout | undefined;
  if (process.stdout.isTTY && !quiet && !json) {
    const counted = new Rates(gateway.counters, performance.now());
    rates = setInterval(() => console.log(counted.line(performance.now())), 1000);
  }

  const why = await new Promise<string>((resolve) => {
    process.once("SIGTERM", () => resolve("SIGTERM"));
    process.once("SIGINT", () => resolve("SIGINT"));
    if (options.seconds !== undefined)
      setTimeout(() => resolve(`${options.seconds} seconds are over`), 1000 * options.seconds);
  });
  clearInterval(rates);
  log("info", "stopping", `stopping: ${why}`);
  await gateway.stop();
  const seconds = (performance.now() - startedAt) / 1000;
  if (json) log("info", "summary", "summary", { seconds, ...flat(gateway) });
  else if (!quiet || options.seconds !== undefined) console.log(summary(gateway.counters, seconds));
}

function flat({ counters }: Gateway): Record<string, number> {
  const { up, down, tcp, webSocket } = counters;
  return {
    tcp,
    webSocket,
    messagesUp: up.messages,
    messagesDown: down.messages,
    framesUp: up.frames,
    framesDown: down.frames,
    octetsUp: up.octets,
    octetsDown: down.octets,
  };
}

try {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options.help) process.stdout.write(help);
  else if (options.version) console.log(version());
  else await run(options);
} catch (error) {
  console.error(
    error instanceof UsageError ? `${error.message}\nTry --help.` : `amqp-wasm-gateway: ${(error as Error).message}`,
  );
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
