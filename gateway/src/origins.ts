/** Which pages may open a WebSocket here. Browsers tell where a page came from; other programs tell nothing and are let in. */
import type { IncomingMessage } from "node:http";

export interface OriginRules {
  /** Origins beside our own, such as `https://example.com`; `*` for all. */
  readonly origins: readonly string[];
  /** Whether the gateway listens on this machine alone. */
  readonly loopback: boolean;
}

const here = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Answers why a request is refused, or nothing. */
export function originFault({ headers }: IncomingMessage, { origins, loopback }: OriginRules): string | undefined {
  if (origins.includes("*")) return undefined;
  const { origin, host = "" } = headers;
  if (origin !== undefined && origins.includes(origin)) return undefined;
  // A name that somebody else's name server points to this machine must not make a page of theirs one of ours.
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : undefined;
  if (loopback && (url === undefined || !here.test(url.hostname)))
    return `host ${JSON.stringify(host)} is not this machine`;
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) return undefined;
  return `origin ${JSON.stringify(origin)} is not allowed`;
}
