/// <reference types="vite/client" />
/**
 * Traffic recorded between real clients and RabbitMQ. Each capture is one connection: what the client sent, what the broker
 * sent, the chunks in which it came, and the frames that RabbitMQ's own codec and others read in it.
 */
import type { NeutralFrame, NeutralInteger } from "../reference.js";

// Inlined as data: addresses, so that the same line serves Node and browsers.
const files = import.meta.glob<string>("../data/captures/*.gz", { query: "?url&inline", import: "default" });

/** A frame as the captures describe it: bodies by length and digest. */
export type ExpectedFrame =
  | Exclude<NeutralFrame, { type: 3 }>
  | { offset: number; type: 3; channel: number; size: number; length: number; sha256: string };
export interface Direction {
  octets: Uint8Array;
  /** Lengths, as the octets came from the socket. */
  chunks: number[];
  frames: ExpectedFrame[];
}
export interface Capture {
  c2s: Direction;
  s2c: Direction;
}
interface CaptureFile {
  chunks: { c2s: number[]; s2c: number[] };
  frames: { c2s: ExpectedFrame[]; s2c: ExpectedFrame[] };
}

export const captureNames = Object.keys(files)
  .filter((path) => path.endsWith(".json.gz"))
  .map((path) => path.replace(/^.*\//, "").replace(/\.json\.gz$/, ""))
  .sort();

async function inflate(name: string): Promise<Response> {
  const load = files[`../data/captures/${name}.gz`];
  if (load === undefined) throw new Error(`no capture file ${name}`);
  const packed = await (await fetch(await load())).blob();
  return new Response(packed.stream().pipeThrough(new DecompressionStream("gzip")));
}

/** Captures have decimals unsigned, with their text; here they are signed, as the library has them. */
const revive = (_: string, value: unknown): unknown => {
  if (typeof value !== "object" || value === null || !("$decimal" in value)) return value;
  const { scale, unscaled } = value as unknown as { scale: number; unscaled: NeutralInteger };
  return { $decimal: [scale, (unscaled as number) | 0] };
};

export async function loadCapture(name: string): Promise<Capture> {
  const [text, c2s, s2c] = await Promise.all([
    inflate(`${name}.json`).then((response) => response.text()),
    inflate(`${name}.c2s.bin`).then((response) => response.arrayBuffer()),
    inflate(`${name}.s2c.bin`).then((response) => response.arrayBuffer()),
  ]);
  const file = JSON.parse(text, revive) as CaptureFile;
  return {
    c2s: { octets: new Uint8Array(c2s), chunks: file.chunks.c2s, frames: file.frames.c2s },
    s2c: { octets: new Uint8Array(s2c), chunks: file.chunks.s2c, frames: file.frames.s2c },
  };
}
