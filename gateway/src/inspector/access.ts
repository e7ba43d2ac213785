/** Who may open the inspector: what it shows is for the people at this gateway, not for any page of the web that knows its address. */
import { isIP } from "node:net";
import type { IncomingMessage } from "node:http";

/**
 * Whether a request names this gateway by an address, as `localhost`, or by one of the names it was given. A foreign page can have a name of its own point here, and its
 * requests then look like those of the same origin; an address cannot be taken over like that.
 */
export function namesUs(request: IncomingMessage, hosts: readonly string[]): boolean {
  const host = hostOf(`http://${request.headers.host ?? ""}`);
  if (host === undefined) return false;
  const name = host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return name === "localhost" || isIP(name) !== 0 || hosts.includes(name);
}

/** Whether a WebSocket is opened by the inspector's own page. */
export function sameOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  return origin !== undefined && host !== undefined && hostOf(origin) === hostOf(`http://${host}`);
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host.toLowerCase() : undefined;
}
