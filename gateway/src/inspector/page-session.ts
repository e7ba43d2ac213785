import type { WebSocket } from "ws";
import type { TapConnection, TapFrame } from "../frame-tap.js";
import { encodeBatch } from "./batch.js";
import { shownConnection, shownFrame } from "./hiding.js";
import type { Hello, PageMessage } from "./messages.js";

/** Octets that may wait for a page that does not read. Frames beyond are left out; the page sees it by their numbers. */
const MOST_WAITING = 1024 * 1024;
/** Beyond this a page gets nothing at all any more. */
const MOST_BEHIND = 8 * 1024 * 1024;

/** One open page: what it gets, and nothing that it may not see. */
export class PageSession {
  readonly #socket: WebSocket;
  readonly #key: string;
  readonly #showBodies: boolean;
  #frames: TapFrame[] = [];

  constructor(socket: WebSocket, key: string, showBodies: boolean) {
    this.#socket = socket;
    this.#key = key;
    this.#showBodies = showBodies;
  }

  hello(rest: Omit<Hello, "kind" | "key" | "showBodies" | "connections">, connections: readonly TapConnection[]): void {
    const shown = connections.map((connection) => shownConnection(connection, this.#key));
    this.send({ kind: "hello", key: this.#key, showBodies: this.#showBodies, connections: shown, ...rest });
  }

  connection(connection: TapConnection): void {
    this.send({ kind: "connection", connection: shownConnection(connection, this.#key) });
  }

  send(message: PageMessage): void {
    if (this.#socket.bufferedAmount > MOST_BEHIND) this.#socket.terminate();
    else this.#socket.send(JSON.stringify(message));
  }

  add(frame: TapFrame): void {
    this.#frames.push(frame);
  }

  /** Sends what has come since the last call. */
  flush(): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    this.#frames = [];
    if (this.#socket.bufferedAmount > MOST_WAITING) return;
    this.#socket.send(encodeBatch(frames.map((frame) => shownFrame(frame, this.#key, this.#showBodies))));
  }

  close(): void {
    this.#socket.close(1001);
  }
}
