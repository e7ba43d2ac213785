import type { WebSocket } from "ws";
import { deaf, type Link, type LinkEvents } from "./link.js";

/** Codes of RFC 6455, section 7.4.1. */
const NORMAL = 1000;
const PROTOCOL_ERROR = 1002;
const NO_TEXT = 1003;

/** A link over a WebSocket. Messages that come in may be cut anywhere; those that go out hold whole frames. */
export class WebSocketLink implements Link {
  readonly peer: string;
  readonly oneFrameAPiece: boolean;
  events: LinkEvents = deaf;
  readonly #socket: WebSocket;
  #error: Error | undefined;

  constructor(socket: WebSocket, peer: string, oneFrameAMessage: boolean) {
    this.peer = peer;
    this.#socket = socket;
    this.oneFrameAPiece = oneFrameAMessage;
    socket.binaryType = "nodebuffer";
    socket.on("message", (octets: Buffer, isBinary: boolean) => {
      if (isBinary) this.events.octets(octets);
      else socket.close(NO_TEXT, "AMQP goes in binary messages");
    });
    socket.on("error", (error) => (this.#error = error));
    socket.on("close", () => {
      this.events.ended();
      this.events.closed(this.#error);
    });
  }

  get buffered(): number {
    return this.#socket.bufferedAmount;
  }

  write(pieces: readonly Uint8Array[]): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.oneFrameAPiece || pieces.length === 1) for (const piece of pieces) this.#send(piece);
    else this.#send(Buffer.concat(pieces));
  }

  #send(octets: Uint8Array): void {
    this.#socket.send(octets, { binary: true }, () => this.events.drained());
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(fault = false): void {
    this.#socket.close(fault ? PROTOCOL_ERROR : NORMAL);
  }

  destroy(): void {
    this.#socket.terminate();
  }
}
