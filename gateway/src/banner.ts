/** What is printed at the start. */
import type { Address } from "./gateway.js";

export const addressText = ({ host, port }: Address): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;

export interface Places {
  tcp: Address | undefined;
  web: Address | undefined;
  path: string;
  upstream: string;
}

export function banner(version: string, { tcp, web, path, upstream }: Places): string {
  const rows: [string, string][] = [];
  if (tcp !== undefined) rows.push(["AMQP", `amqp://${addressText(tcp)}`]);
  if (web !== undefined) {
    const http = `http://${addressText(web)}`;
    rows.push(["WebSocket", `ws://${addressText(web)}${path}   (sub-protocols amqp, amqp091)`]);
    rows.push(["inspector", `${http}/`], ["metrics", `${http}/metrics`]);
  }
  rows.push(["upstream", upstream]);
  return `amqp-wasm-gateway ${version}\n${rows.map(([name, value]) => `  ${name.padEnd(10)} ${value}\n`).join("")}`;
}
