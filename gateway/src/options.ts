/** The command line. */
import { readFileSync } from "node:fs";
import { parseArgs, type ParseArgsConfig } from "node:util";
import type { Address } from "./gateway.js";
import { defaultLimits, SMALLEST_FRAME_MAX, type Limits } from "./limits.js";
import type { TlsSettings } from "./upstream.js";

export interface Options {
  tcp: Address | undefined;
  web: Address | undefined;
  path: string;
  upstream: string | undefined;
  tls: TlsSettings;
  limits: Limits;
  origins: string[];
  oneFrameAMessage: boolean;
  demo: boolean;
  seconds: number | undefined;
  json: boolean;
  quiet: boolean;
  showBodies: boolean;
  help: boolean;
  version: boolean;
}

const options = {
  tcp: { type: "string" },
  ws: { type: "string" },
  "no-tcp": { type: "boolean" },
  "no-ws": { type: "boolean" },
  path: { type: "string" },
  upstream: { type: "string" },
  "upstream-ca": { type: "string" },
  "upstream-cert": { type: "string" },
  "upstream-key": { type: "string" },
  "upstream-server-name": { type: "string" },
  "upstream-insecure": { type: "boolean" },
  origin: { type: "string", multiple: true },
  "one-frame-a-message": { type: "boolean" },
  "max-connections": { type: "string" },
  "max-channels": { type: "string" },
  "frame-max": { type: "string" },
  "ws-frame-max": { type: "string" },
  "upstream-frame-max": { type: "string" },
  "max-body": { type: "string" },
  "max-message": { type: "string" },
  "max-buffered": { type: "string" },
  "handshake-time": { type: "string" },
  "close-time": { type: "string" },
  "stall-time": { type: "string" },
  heartbeat: { type: "string" },
  "upstream-heartbeat": { type: "string" },
  demo: { type: "boolean" },
  seconds: { type: "string" },
  json: { type: "boolean" },
  quiet: { type: "boolean" },
  "show-bodies": { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const satisfies ParseArgsConfig["options"];

/** Option, limit, smallest and largest value. */
const numbers = [
  ["max-connections", "maxConnections", 1, 1_000_000],
  ["max-channels", "maxChannels", 1, 65_535],
  ["frame-max", "frameMax", SMALLEST_FRAME_MAX, 0x7fff_ffff],
  ["ws-frame-max", "webSocketFrameMax", SMALLEST_FRAME_MAX, 0x7fff_ffff],
  ["upstream-frame-max", "upstreamFrameMax", SMALLEST_FRAME_MAX, 0x7fff_ffff],
  ["max-body", "maxBodySize", 0, Number.MAX_SAFE_INTEGER],
  ["max-message", "maxWebSocketMessage", SMALLEST_FRAME_MAX, 0x7fff_ffff],
  ["max-buffered", "maxBuffered", 0, 0x7fff_ffff],
  ["handshake-time", "handshakeTime", 1, 3600],
  ["close-time", "closeTime", 1, 3600],
  ["stall-time", "stallTime", 0, 86_400],
  ["heartbeat", "heartbeat", 0, 65_535],
  ["upstream-heartbeat", "upstreamHeartbeat", 0, 65_535],
] as const;

/** What the person at the command line did wrong. */
export class UsageError extends Error {}

/** @throws UsageError */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const limits = { ...defaultLimits };
  for (const [option, limit, least, most] of numbers) {
    const text = values[option];
    if (text !== undefined) limits[limit] = wholeNumber(option, text, least, most);
  }
  const upstream = values.upstream ?? (environment["AMQP_URL"] || undefined);
  const { path = "/" } = values;
  if (!path.startsWith("/")) throw new UsageError(`--path has to begin with "/"`);
  if (values["no-tcp"] === true && values["no-ws"] === true)
    throw new UsageError("nothing to listen on: --no-tcp and --no-ws");
  return {
    tcp: values["no-tcp"] === true ? undefined : address("tcp", values.tcp ?? "127.0.0.1:5673"),
    web: values["no-ws"] === true ? undefined : address("ws", values.ws ?? "127.0.0.1:15673"),
    path,
    upstream,
    tls: tlsSettings(values),
    limits,
    origins: values.origin ?? [],
    oneFrameAMessage: values["one-frame-a-message"] ?? false,
    demo: values.demo ?? false,
    seconds: values.seconds === undefined ? undefined : wholeNumber("seconds", values.seconds, 1, 86_400 * 365),
    json: values.json ?? false,
    quiet: values.quiet ?? false,
    showBodies: values["show-bodies"] ?? false,
    help: values.help ?? false,
    version: values.version ?? false,
  };
}

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options, strict: true }).values;

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${option} takes a whole number of ${least} to ${most}, received ${JSON.stringify(text)}`);
}

/** `host:port`, `[::1]:port`, or a port alone on the loopback address. */
function address(option: string, text: string): Address {
  const [, host = "127.0.0.1", digits] = /^(?:(\[[^\]]+\]|[^:]+):)?(\d+)$/.exec(text) ?? [];
  const port = Number(digits ?? NaN);
  if (port >= 0 && port <= 65_535) return { host: host.replace(/^\[|\]$/g, ""), port };
  throw new UsageError(`--${option} takes host:port, received ${JSON.stringify(text)}`);
}

function tlsSettings(values: ReturnType<typeof parse>): TlsSettings {
  const file = (option: "upstream-ca" | "upstream-cert" | "upstream-key"): string | undefined => {
    const path = values[option];
    if (path === undefined) return undefined;
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      throw new UsageError(`--${option}: ${(error as Error).message}`);
    }
  };
  const [ca, cert, key] = [file("upstream-ca"), file("upstream-cert"), file("upstream-key")];
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError("--upstream-cert and --upstream-key go together");
  const serverName = values["upstream-server-name"];
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
    insecure: values["upstream-insecure"] ?? false,
  };
}
