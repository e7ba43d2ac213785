/** What a connection speaks, by its first octets. */
import { HTTP_METHODS, PROTOCOL_HEADERS, PROXY_V1, PROXY_V2, TLS_RECORD } from "./generated/preambles.js";
import { asOctets } from "./input.js";

/** Versions of AMQP that have a protocol header of their own. */
export type AmqpVersion = "0-9-1" | "0-9" | "0-8" | "0-10" | "1.0";

/** What `identify` answers. `octets` is the length of what was identified where that is to be passed by: the header of AMQP or of a proxy. */
export type Identity =
  | {
      readonly protocol: "amqp";
      /** `undefined` for a header that no version has. */
      readonly version: AmqpVersion | undefined;
      /** What follows the header: AMQP, or with 1.0 a TLS handshake or a SASL exchange. */
      readonly layer: "amqp" | "tls" | "sasl";
      /** The four octets behind "AMQP": protocol id, major, minor, revision; 0-8, 0-9 and 0-10 have them in other orders. */
      readonly header: readonly [id: number, major: number, minor: number, revision: number];
      readonly octets: 8;
    }
  /** A TLS client hello: a client that encrypts on a port that does not. */
  | { readonly protocol: "tls"; readonly version: "1.0 or later" | "SSL 3.0" }
  | { readonly protocol: "http"; readonly method: string }
  /** `octets` is `undefined` while the header is not all there: the connection's own protocol begins behind it. */
  | { readonly protocol: "proxy"; readonly version: 1 | 2; readonly octets: number | undefined }
  | { readonly protocol: "unknown" }
  /** As far as they go the octets could begin one of the others. */
  | { readonly protocol: "incomplete" };

const INCOMPLETE: Identity = { protocol: "incomplete" };
const AMQP = letters("AMQP");
const HEADER_OCTETS = 8;
const SPACE = 0x20;
const CR = 0x0d;
const LF = 0x0a;

/**
 * Tells what a connection speaks by the first octets that came from its client: AMQP of any version, TLS, HTTP, the PROXY protocol, or nothing that is known. Looks at no more than it needs; more
 * octets than those of the preamble may be handed in.
 *
 * A reader that meets a protocol header in mid-stream takes it for a frame of type 65 ("A") on channel 19793 ("MQ") whose size begins with "P": 1342177280 and the next three octets, for 0-9-1
 * 1342177289. That number in a log is no frame that was too large but a client that began anew on a connection that was open.
 */
export function identify(octets: Uint8Array): Identity {
  const input = asOctets(octets);
  if (input.length === 0) return INCOMPLETE;
  return amqp(input) ?? tls(input) ?? proxy(input) ?? http(input) ?? { protocol: "unknown" };
}

function letters(text: string): readonly number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Whether the octets begin so; `undefined` where they are too few to say. */
function begins(input: Uint8Array, wanted: readonly number[]): boolean | undefined {
  const length = Math.min(input.length, wanted.length);
  for (let i = 0; i < length; i++) if (input[i] !== wanted[i]) return false;
  return input.length < wanted.length ? undefined : true;
}

function amqp(input: Uint8Array): Identity | undefined {
  const found = begins(input, AMQP);
  if (found === false) return undefined;
  if (found === undefined || input.length < HEADER_OCTETS) return INCOMPLETE;
  const [id, major, minor, revision] = input.subarray(4, HEADER_OCTETS) as unknown as [number, number, number, number];
  const row = PROTOCOL_HEADERS.find(
    ({ octets: [a, b, c, d] }) => a === id && b === major && c === minor && d === revision,
  );
  return {
    protocol: "amqp",
    version: row?.version,
    layer: row?.layer ?? "amqp",
    header: [id, major, minor, revision],
    octets: HEADER_OCTETS,
  };
}

function tls(input: Uint8Array): Identity | undefined {
  const { handshake, major, clientHello, octets } = TLS_RECORD;
  if (input[0] !== handshake || (input.length > 1 && input[1] !== major)) return undefined;
  if (input.length < octets) return INCOMPLETE;
  if (input[octets - 1] !== clientHello) return undefined;
  return { protocol: "tls", version: input[2] === 0 ? "SSL 3.0" : "1.0 or later" };
}

function proxy(input: Uint8Array): Identity | undefined {
  const first = begins(input, letters(PROXY_V1.begins));
  if (first !== false) return first === undefined ? INCOMPLETE : proxyLine(input);
  const second = begins(input, PROXY_V2.begins);
  if (second === false) return undefined;
  if (second === undefined) return INCOMPLETE;
  const { headOctets } = PROXY_V2;
  if (input.length < headOctets) return { protocol: "proxy", version: 2, octets: undefined };
  const all = headOctets + ((input[headOctets - 2]! << 8) | input[headOctets - 1]!);
  return { protocol: "proxy", version: 2, octets: all > input.length ? undefined : all };
}

function proxyLine(input: Uint8Array): Identity {
  const length = Math.min(input.length, PROXY_V1.maxOctets);
  for (let i = 1; i < length; i++) {
    if (input[i] === LF && input[i - 1] === CR) return { protocol: "proxy", version: 1, octets: i + 1 };
  }
  // A line that does not end is none.
  if (input.length >= PROXY_V1.maxOctets) return { protocol: "unknown" };
  return { protocol: "proxy", version: 1, octets: undefined };
}

function http(input: Uint8Array): Identity | undefined {
  let incomplete = false;
  for (const method of HTTP_METHODS) {
    const found = begins(input, [...letters(method), SPACE]);
    if (found === true) return { protocol: "http", method };
    incomplete ||= found === undefined;
  }
  return incomplete ? INCOMPLETE : undefined;
}
