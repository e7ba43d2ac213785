import type { Duplex } from "node:stream";
import { deaf, type Link, type LinkEvents } from "./link.js";

/** A link over a socket, with or without TLS, or over any other duplex stream of octets. */
export class StreamLink implements Link {
  readonly peer: string;
  readonly oneFrameAPiece = false;
  events: LinkEvents = deaf;
  readonly #stream: Duplex;
  #error: Error | undefined;

  constructor(stream: Duplex, peer: string) {
    this.peer = peer;
    this.#stream = stream;
    stream.on("data", (chunk: Uint8Array) => this.events.octets(chunk));
    stream.on("drain", () => this.events.drained());
    stream.on("end", () => this.events.ended());
    stream.on("error", (error) => (this.#error = error));
    stream.on("close", () => this.events.closed(this.#error));
  }

  get buffered(): number {
    return this.#stream.writableLength;
  }

  write(pieces: readonly Uint8Array[]): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.writableEnded) return;
    if (pieces.length === 1) {
      stream.write(pieces[0]);
      return;
    }
    stream.cork();
    for (const piece of pieces) stream.write(piece);
    stream.uncork();
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  end(): void {
    if (!this.#stream.destroyed) this.#stream.end();
  }

  destroy(): void {
    this.#stream.destroy();
  }
}

/** Address and port of a socket's other end. */
export function peerOf({
  remoteAddress,
  remotePort,
}: {
  remoteAddress?: string | undefined;
  remotePort?: number | undefined;
}): string {
  const address = remoteAddress?.replace(/^::ffff:(?=\d+\.)/, "") ?? "unknown";
  return `${address.includes(":") ? `[${address}]` : address}:${remotePort ?? 0}`;
}
