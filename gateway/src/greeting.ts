/** The first eight octets of a connection. */
import { ProtocolHeader, marshal } from "amqp-wasm";

/** `AMQP 0 0 9 1`: what a client begins with, and what a server answers to everything else (section 4.2.2). */
export const protocolHeader: Uint8Array = marshal(new ProtocolHeader({ major: 0, minor: 9, revision: 1 }), 0);

/** Looks at the first octets as they come, and stops at the first that is wrong. */
export class Greeting {
  #octets = new Uint8Array(0);

  /** What came so far, 64 octets at most. */
  get octets(): Uint8Array {
    return this.#octets;
  }

  get complete(): boolean {
    return this.#octets.length >= protocolHeader.length;
  }

  /** Answers whether all is well so far. */
  push(chunk: Uint8Array): boolean {
    const octets = new Uint8Array(Math.min(64, this.#octets.length + chunk.length));
    octets.set(this.#octets);
    octets.set(chunk.subarray(0, octets.length - this.#octets.length), this.#octets.length);
    this.#octets = octets;
    return octets.subarray(0, protocolHeader.length).every((octet, i) => octet === protocolHeader[i]);
  }
}

const HTTP = /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PRI) /;

/** What the first octets of a stranger look like, in words for the log. The octets themselves are not shown: they may hold a password. */
export function stranger(octets: Uint8Array): string {
  const text = String.fromCharCode(...octets.subarray(0, 16));
  if (text.startsWith("AMQP"))
    return `another version of AMQP (${[...octets.subarray(4, 8)].join(" ")}); this gateway speaks AMQP 0-9-1`;
  if (HTTP.test(text)) return "an HTTP request on the AMQP port";
  if (octets[0] === 0x16 && octets[1] === 3) return "a TLS handshake on a port without TLS";
  if (text.startsWith("PROXY ") || text.startsWith("\r\n\r\n\0\r\nQUIT"))
    return "a PROXY protocol header; this gateway takes none";
  return "octets that are no AMQP";
}
