/** Octets that are no AMQP 0-9-1: of the codec's vectors those whose first frame is refused, with what the codec says about it. */
import { readFileSync } from "node:fs";
import { DecodeError, FrameReader } from "amqp-wasm";

export interface Malformed {
  name: string;
  octets: Uint8Array;
  error: DecodeError;
}

interface WireVector {
  name: string;
  kind: string;
  hex: unknown;
}

const file = new URL("../../../test/data/vectors/errors.json", import.meta.url);

/** In the middle of a connection. */
export function malformedInputs(): Malformed[] {
  const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: WireVector[] };
  const found: Malformed[] = [];
  for (const { name, kind, hex } of vectors) {
    if (kind !== "wire" || typeof hex !== "string") continue;
    const octets = Uint8Array.from(Buffer.from(hex, "hex"));
    const error = refusal(octets);
    if (error !== undefined) found.push({ name, octets, error });
  }
  return found;
}

function refusal(octets: Uint8Array): DecodeError | undefined {
  const reader = new FrameReader({ strict: true });
  // Behind another frame: a protocol header may stand at the beginning of a stream alone.
  reader.push(Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0xce));
  try {
    reader.push(octets);
    return undefined;
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

/** Strangers at the door. */
export const strangers: { name: string; octets: Uint8Array; says: RegExp }[] = [
  { name: "an HTTP request", octets: Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n"), says: /HTTP GET request/ },
  {
    name: "a TLS client hello",
    octets: Buffer.from("16030100c8010000c40303" + "00".repeat(60), "hex"),
    says: /TLS handshake/,
  },
  { name: "SSH", octets: Buffer.from("SSH-2.0-OpenSSH_9.6\r\n"), says: /no AMQP/ },
  { name: "a PROXY header", octets: Buffer.from("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"), says: /PROXY/ },
  { name: "AMQP 1.0", octets: Buffer.from("AMQP\0\x01\0\0", "latin1"), says: /AMQP 1\.0/ },
  { name: "AMQP 0-8", octets: Buffer.from("AMQP\x01\x01\x08\0", "latin1"), says: /AMQP 0-8/ },
  { name: "AMQP 0-9", octets: Buffer.from("AMQP\x01\x01\0\x09", "latin1"), says: /AMQP 0-9,/ },
  { name: "AMQP that nobody defined", octets: Buffer.from("AMQP\x09\x09\x09\x09", "latin1"), says: /unknown version/ },
  { name: "zeros", octets: new Uint8Array(100), says: /no AMQP/ },
];
