/** How the gateway reaches its broker. */
import { connect as connectTcp } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import type { Credentials } from "./demo-client.js";
import type { Link } from "./link.js";
import { StreamLink } from "./stream-link.js";

/** A way to a broker: begins a connection; where it fails, the link is told that it is closed. */
export interface Upstream {
  /** For banners and logs; never with a password. */
  readonly name: string;
  dial: (connected: () => void) => Link;
  close?: () => Promise<void> | void;
}

export interface TlsSettings {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  /** Name that the broker's certificate has to be for, and that is asked for. Defaults to the host. */
  serverName?: string;
  /** Takes any certificate. For tests. */
  insecure?: boolean;
}

/** A kept-alive connection is noticed to be dead even where heartbeats are off. */
const KEEP_ALIVE = 60_000;

/** `amqp://host:port` or `amqps://host:port`. User, password and virtual host are the clients' to give: here they are not looked at. @throws Error */
export function upstreamAt(address: string, tls: TlsSettings = {}): Upstream {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !["amqp:", "amqps:"].includes(url.protocol) || url.hostname === "") {
    throw new Error(`amqp://host:port or amqps://host:port required for the upstream`);
  }
  const secure = url.protocol === "amqps:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? (secure ? 5671 : 5672) : Number(url.port);
  const name = `${url.protocol}//${url.hostname}:${port}`;
  return {
    name,
    dial(connected) {
      const socket = secure
        ? connectTls(tlsOptions(host, port, tls), connected)
        : connectTcp({ host, port, noDelay: true }, connected);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEP_ALIVE);
      return new StreamLink(socket, name);
    },
  };
}

/** Who the address names; guest where it names nobody. For the demonstration load alone. */
export function credentialsIn(address: string | undefined): Credentials {
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  const path = url?.pathname.slice(1) ?? "";
  return {
    user: decodeURIComponent(url?.username ?? "") || "guest",
    password: decodeURIComponent(url?.password ?? "") || "guest",
    virtualHost: path === "" ? "/" : decodeURIComponent(path),
  };
}

function tlsOptions(
  host: string,
  port: number,
  { ca, cert, key, serverName, insecure }: TlsSettings,
): ConnectionOptions {
  // A server name is a name: addresses are not asked for (RFC 6066, section 3).
  const name = serverName ?? (/^[\d.]+$|:/.test(host) ? undefined : host);
  return {
    host,
    port,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(name === undefined ? {} : { servername: name }),
    rejectUnauthorized: insecure !== true,
    ALPNProtocols: ["amqp"],
  };
}
