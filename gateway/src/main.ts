#!/usr/bin/env node
/** The program. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { addressText, banner } from "./banner.js";
import { Broker } from "./broker/index.js";
import { embedded } from "./broker-link.js";
import { startDemo } from "./demo.js";
import { Gateway } from "./gateway.js";
import { help } from "./help.js";
import { Inspector } from "./inspector/inspector.js";
import { createLog, type Log } from "./log.js";
import { parseOptions, UsageError, type Options } from "./options.js";
import { Rates, summary, summaryFields } from "./rates.js";
import { credentialsIn, upstreamAt, type Upstream } from "./upstream.js";

function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function upstreamOf({ upstream, tls }: Options, log: Log): Upstream {
  if (upstream !== undefined) return upstreamAt(upstream, tls);
  log(
    "warning",
    "embedded-broker",
    "no upstream is named: an embedded broker answers, which keeps nothing. In production name a RabbitMQ or LavinMQ with --upstream",
  );
  return embedded(new Broker({ log: (line) => log("info", "broker", line) }));
}

async function run(options: Options): Promise<void> {
  const { json, quiet, showBodies, path } = options;
  const log = createLog({ json, quiet });
  const upstream = upstreamOf(options, log);
  const pageFolder = fileURLToPath(new URL("page", import.meta.url));
  const hosts = options.origins.filter((origin) => URL.canParse(origin)).map((origin) => new URL(origin).hostname);
  const gateway = new Gateway({
    ...options,
    upstream,
    log,
    page: (tap) => new Inspector(tap, { pageFolder, showBodies, hosts, path }),
  });
  const { tcp, web } = await gateway.start();
  const startedAt = performance.now();
  log("info", "listening", "listening", {
    upstream: upstream.name,
    tcp: tcp && `amqp://${addressText(tcp)}`,
    webSocket: web && `ws://${addressText(web)}${path}`,
  });
  if (!json && !quiet) console.log(banner(version(), { tcp, web, path, upstream: upstream.name }));
  const demo =
    options.demo && tcp !== undefined ? await startDemo(tcp, credentialsIn(options.upstream), log) : undefined;

  let rates: NodeJS.Timeout | undefined;
  if (process.stdout.isTTY && !quiet && !json) {
    const counted = new Rates(gateway.counters, performance.now());
    rates = setInterval(() => console.log(counted.line(performance.now())), 1000);
  }
  const why = await untilTold(options.seconds);
  clearInterval(rates);
  log("info", "stopping", `stopping: ${why}`);
  demo?.stop();
  await gateway.stop();
  const seconds = (performance.now() - startedAt) / 1000;
  if (json) log("info", "summary", "summary", summaryFields(gateway.counters, seconds));
  else if (!quiet) console.log(summary(gateway.counters, seconds));
}

/** Answers why it is time to stop. A second signal ends the process as it would any other. */
function untilTold(seconds: number | undefined): Promise<string> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve("SIGTERM"));
    process.once("SIGINT", () => resolve("SIGINT"));
    if (seconds !== undefined) setTimeout(() => resolve(`${seconds} s are over`), 1000 * seconds);
  });
}

try {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options.help) process.stdout.write(help);
  else if (options.version) console.log(version());
  else await run(options);
} catch (error) {
  const usage = error instanceof UsageError;
  const text = (error as Error).message;
  console.error(usage ? `${text}\nTry --help.` : `amqp-wasm-gateway: ${text}`);
  process.exitCode = usage ? 2 : 1;
}
