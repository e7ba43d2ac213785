/** Frames and connections as the tap tells of them. */
import type { TapConnection, TapFrame } from "../../src/frame-tap.js";

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const connection = (id: number, product?: string): TapConnection => ({
  id,
  transport: "tcp",
  peer: "127.0.0.1:9",
  openedAt: 0,
  ...(product === undefined ? {} : { product }),
});
export const told = (octets: Uint8Array, more: Partial<TapFrame> = {}): TapFrame => ({
  number: 1,
  time: 1000.5,
  connection: connection(1),
  direction: "up",
  size: octets.length,
  octets,
  ...more,
});
