/** The counters in Prometheus' text format, version 0.0.4. */
import type { Counters } from "./counters.js";

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

function metric(name: string, type: "counter" | "gauge", help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => {
    const text = Object.entries(labels).map(([label, of]) => `${label}="${of}"`);
    return `${name}${text.length > 0 ? `{${text.join(",")}}` : ""} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

const UP = { direction: "up" };
const DOWN = { direction: "down" };

/** `buffered` is what is held in the process for slow peers, in octets. */
export function metricsText(counters: Counters, buffered: number): string {
  const { up, down } = counters;
  const { rss, heapUsed } = process.memoryUsage();
  const prefix = "amqp_gateway";
  return [
    metric(`${prefix}_connections`, "gauge", "Clients that are connected.", [[{}, counters.connections]]),
    metric(`${prefix}_connections_total`, "counter", "Clients that came, by transport.", [
      [{ transport: "tcp" }, counters.tcp],
      [{ transport: "websocket" }, counters.webSocket],
    ]),
    metric(`${prefix}_opened_total`, "counter", "Connections whose handshake was done.", [[{}, counters.opened]]),
    metric(`${prefix}_messages_total`, "counter", "Messages, up from clients and down to them.", [
      [UP, up.messages],
      [DOWN, down.messages],
    ]),
    metric(`${prefix}_frames_total`, "counter", "Frames that were read, heartbeats included.", [
      [UP, up.frames],
      [DOWN, down.frames],
    ]),
    metric(`${prefix}_octets_total`, "counter", "Octets that were read.", [
      [UP, up.octets],
      [DOWN, down.octets],
    ]),
    metric(
      `${prefix}_refused_total`,
      "counter",
      "Connections closed because the client broke the protocol or a limit, by reply code.",
      [...counters.refused].map(([code, count]) => [{ reply_code: String(code) }, count]),
    ),
    metric(`${prefix}_strangers_total`, "counter", "Connections that were no AMQP 0-9-1.", [[{}, counters.strangers]]),
    metric(
      `${prefix}_rejected_total`,
      "counter",
      "Connections over the limit, and WebSockets of a wrong origin or sub-protocol.",
      [[{}, counters.rejected]],
    ),
    metric(`${prefix}_upstream_failures_total`, "counter", "Connections that ended because of the broker.", [
      [{}, counters.upstreamFailures],
    ]),
    metric(
      `${prefix}_held_back_total`,
      "counter",
      "How often a peer was held back because the other read too slowly.",
      [[{}, counters.heldBack]],
    ),
    metric(`${prefix}_buffered_octets`, "gauge", "Octets held for peers that read slowly.", [[{}, buffered]]),
    metric("process_resident_memory_bytes", "gauge", "Resident memory.", [[{}, rss]]),
    metric("process_heap_bytes", "gauge", "Used heap of JavaScript.", [[{}, heapUsed]]),
    metric("process_uptime_seconds", "gauge", "Seconds since the start.", [[{}, Math.round(process.uptime())]]),
  ].join("");
}
