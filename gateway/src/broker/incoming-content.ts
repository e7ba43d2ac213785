import type { Basic, ContentBody, ContentHeader } from "amqp-wasm";
import { preconditionFailed, Refusal, unexpectedFrame } from "./refusal.js";

/** The content of a publish while it comes in, on one channel. Nothing is made from a declared size. */
export class IncomingContent {
  readonly method: Basic.Publish;
  #header: ContentHeader | undefined;
  #size = 0;
  #received = 0;
  #parts: Uint8Array[] = [];

  constructor(method: Basic.Publish) {
    this.method = method;
  }

  /** Takes the header; true where nothing is to follow. @throws Refusal */
  takeHeader(header: ContentHeader, maxBodySize: number): boolean {
    if (this.#header !== undefined) throw unexpectedFrame("expected content body, got content header");
    if (header.bodySize > maxBodySize) {
      throw preconditionFailed(`message size ${header.bodySize} is larger than configured max size ${maxBodySize}`);
    }
    this.#header = header;
    this.#size = Number(header.bodySize);
    return this.#size === 0;
  }

  /** Takes a piece of the body; true where it was the last. @throws Refusal */
  takeBody(body: ContentBody): boolean {
    if (this.#header === undefined) throw unexpectedFrame("expected content header, got content body");
    this.#received += body.length;
    if (this.#received > this.#size) {
      throw new Refusal(501, `content body of ${this.#received} octets where ${this.#size} were announced`);
    }
    this.#parts.push(body.value);
    return this.#received === this.#size;
  }

  get properties(): Basic.Properties {
    return this.#header!.properties;
  }

  /** The whole body, in octets of its own: a view would keep the chunk alive for as long as the message waits. */
  get body(): Uint8Array {
    if (this.#parts.length === 1) return this.#parts[0]!.slice();
    const body = new Uint8Array(this.#received);
    let at = 0;
    for (const part of this.#parts) {
      body.set(part, at);
      at += part.length;
    }
    return body;
  }
}
