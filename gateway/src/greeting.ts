/** The first eight octets of a connection. */
import { identify, marshal, ProtocolHeader } from "amqp-wasm";

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

/** What the first octets of a stranger look like, in words for the log. The octets themselves are not shown: they may hold a password. */
export function stranger(octets: Uint8Array): string {
  const identity = identify(octets);
  switch (identity.protocol) {
    case "amqp": {
      const { version = "unknown version", layer, header } = identity;
      const what = layer === "amqp" ? version : `${version} (${layer})`;
      return `AMQP ${what}, header ${header.join(" ")}; this gateway speaks AMQP 0-9-1`;
    }
    case "http":
      return `an HTTP ${identity.method} request on the AMQP port`;
    case "tls":
      return "a TLS handshake on a port without TLS";
    case "proxy":
      return `a PROXY protocol header, version ${identity.version}; this gateway takes none`;
    default:
      return "octets that are no AMQP";
  }
}
