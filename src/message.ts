/** Whole messages. */
import { ContentBody, sizeOf, viewOf, type Chunk } from "./content-body.js";
import { ContentHeader } from "./content.js";
import type { Deliver, GetOk, Publish, Return } from "./generated/basic.js";
import type { Properties } from "./generated/properties.js";
import { inspected, inspectSymbol } from "./inspection.js";

/** A method that carries content. */
export type ContentMethod = Publish | Deliver | GetOk | Return;

/** A whole message: the method that carried it, its properties and its body. */
export class Message {
  declare readonly name: "Message";
  readonly method: ContentMethod;
  /** What it is, or what makes it when it is first asked for. */
  readonly #properties: Properties | ContentHeader;
  #body: Uint8Array | ContentBody | Chunk;
  /** Where in a chunk the body stands; -1 for none. */
  #place: number;

  constructor(
    method: ContentMethod,
    properties: Properties | ContentHeader,
    body: Uint8Array | ContentBody | Chunk,
    place = -1,
  ) {
    this.method = method;
    this.#properties = properties;
    this.#body = body;
    this.#place = place;
  }

  get channel(): number {
    return this.method.channel;
  }

  /** All octets of the content. A view of the chunk where one frame held them, unless the reader was told `reuse: true`. */
  get body(): Uint8Array {
    if (this.#place >= 0) {
      this.#body = viewOf(this.#body as Chunk, this.#place);
      this.#place = -1;
    }
    const body = this.#body as Uint8Array | ContentBody;
    return body instanceof ContentBody ? body.value : body;
  }

  /** Decoded when they are first asked for; see `ContentHeader`. */
  get properties(): Properties {
    const properties = this.#properties;
    return properties instanceof ContentHeader ? properties.properties : properties;
  }

  // Static: of a private method each object would hold a word that says it has one. No view is made to be counted: the chunk may have been given away.
  static #bodySize(message: Message): number {
    return message.#place >= 0 ? sizeOf(message.#place) : (message.#body as Uint8Array | ContentBody).length;
  }

  /** As a plain object; for `JSON.stringify` fit for JSON. */
  toJSON(key?: string): Record<string, unknown> {
    return {
      method: { name: this.method.name, ...this.method.toJSON(key) },
      channel: this.channel,
      properties: this.properties.toJSON(key),
      bodySize: Message.#bodySize(this),
    };
  }

  toString(): string {
    return `${this.name} ${JSON.stringify(this)}`;
  }

  [inspectSymbol](depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    const { method, properties, channel } = this;
    const bodySize = Message.#bodySize(this);
    return inspected(this.name, { method, properties, bodySize, channel }, depth, options, inspect);
  }
}
Object.defineProperty(Message.prototype, "name", { value: "Message" });
// Bundlers call a class otherwise that names itself.
Object.defineProperty(Message, "name", { value: "Message" });
