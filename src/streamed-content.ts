/** Content that is handed out as it comes, because it is too large to be held. */
import type { ContentBody } from "./content-body.js";
import type { ContentHeader } from "./content.js";
import type { Properties } from "./generated/properties.js";
import { described, inspected, inspectSymbol } from "./inspection.js";
import type { ContentMethod } from "./message.js";

type Inspect = (value: unknown, options: object) => string;

/** The beginning of a message whose body follows in `BodyPart`s; none follow where `bodySize` is 0. */
export class MessageStart {
  declare readonly name: "MessageStart";
  readonly method: ContentMethod;
  /** Octets of the whole body: up to `maxBodySize`. */
  readonly bodySize: number;
  readonly #header: ContentHeader;

  constructor(method: ContentMethod, header: ContentHeader) {
    this.method = method;
    this.bodySize = Number(header.bodySize);
    this.#header = header;
  }

  get channel(): number {
    return this.method.channel;
  }

  /** Decoded when they are first asked for; see `ContentHeader`. */
  get properties(): Properties {
    return this.#header.properties;
  }

  /** As a plain object; for `JSON.stringify` fit for JSON. */
  toJSON(key?: string): Record<string, unknown> {
    return {
      method: { name: this.method.name, ...this.method.toJSON(key) },
      channel: this.channel,
      properties: this.properties.toJSON(key),
      bodySize: this.bodySize,
    };
  }

  toString(): string {
    return `${this.name} ${JSON.stringify(this)}`;
  }

  [inspectSymbol](depth: number, options: object, inspect: Inspect): string {
    const { method, properties, bodySize, channel } = this;
    return inspected(this.name, { method, properties, bodySize, channel }, depth, options, inspect);
  }
}

/** A piece of the body of the message that began last on its channel: the payload of one body frame. */
export class BodyPart {
  declare readonly name: "BodyPart";
  /** Where it stands in the body, in octets. */
  readonly offset: number;
  /** Whether the message ends with it. */
  readonly last: boolean;
  readonly #body: ContentBody;

  constructor(body: ContentBody, offset: number, last: boolean) {
    this.offset = offset;
    this.last = last;
    this.#body = body;
  }

  get channel(): number {
    return this.#body.channel;
  }

  /** Its octets: a view of the chunk, unless the reader was told `reuse: true`, or the frame came in several chunks. */
  get octets(): Uint8Array {
    return this.#body.value;
  }

  /** How many octets it has. */
  get length(): number {
    return this.#body.length;
  }

  /** Without its octets: bodies are not shown unless they are asked for. */
  toJSON(): Record<string, unknown> {
    const { channel, offset, length, last } = this;
    return { channel, offset, length, last };
  }

  toString(): string {
    return described(this.name, this.toJSON());
  }

  [inspectSymbol](depth: number, options: object, inspect: Inspect): string {
    return inspected(this.name, this.toJSON(), depth, options, inspect);
  }
}
Object.defineProperty(MessageStart.prototype, "name", { value: "MessageStart" });
Object.defineProperty(BodyPart.prototype, "name", { value: "BodyPart" });
