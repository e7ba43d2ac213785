/** Content bodies (section 4.2.6.2). */
import { described, inspected, inspectSymbol } from "./inspection.js";

/** A chunk that bodies stand in: to ask a view for its buffer costs as much as a body. */
export interface Chunk {
  readonly buffer: ArrayBufferLike;
  /** Where the chunk begins in the buffer. */
  readonly start: number;
  readonly usage: BodyUsage;
}

/** What the bodies of one call were used for. It is all that a reader keeps of them: a body would keep its chunk alive. */
export class BodyUsage {
  /** Whether there is a body that tells whether it was asked for. */
  watched = false;
  /** Whether one was. */
  touched = false;
}

/** Content, or a piece of it. */
export class ContentBody {
  declare readonly name: "ContentBody";
  /** Channel that it came on or goes out on: 0 to 65535. Defaults to 0. */
  channel: number;
  #octets: Uint8Array;

  constructor(value: Uint8Array = new Uint8Array(0), channel = 0) {
    this.channel = channel;
    this.#octets = value;
  }

  /** The octets: of a decoded body a view of the chunk that it came in, unless the reader was told `reuse: true`. */
  get value(): Uint8Array {
    return this.#octets;
  }

  set value(octets: Uint8Array) {
    this.#octets = octets;
  }

  /** Octets of the body. */
  get length(): number {
    return this.value.length;
  }

  /** Whether the octets are the same. */
  equals(other: unknown): boolean {
    return (
      other instanceof ContentBody &&
      other.value.length === this.value.length &&
      this.value.every((octet, i) => octet === other.value[i])
    );
  }

  /** The number of octets alone: bodies are not shown unless they are asked for. */
  toJSON(): Record<string, unknown> {
    return { length: this.length };
  }

  toString(): string {
    return described(this.name, this.toJSON());
  }

  [inspectSymbol](depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    return inspected(this.name, this.toJSON(), depth, options, inspect);
  }
}
Object.defineProperty(ContentBody.prototype, "name", { value: "ContentBody" });
// Bundlers call a class otherwise that names itself.
Object.defineProperty(ContentBody, "name", { value: "ContentBody" });

/** A body of which nobody has asked for a view: one costs as much as all the rest of a small delivery. It stands for a `ContentBody` by its prototype alone, as `LazyContentHeader` does for its own kind. */
class LazyBody {
  channel: number;
  /** The octets, or the chunk that they stand in. */
  #octets: Uint8Array | Chunk;
  /** Where the body stands in the chunk; -1 where the octets are there. */
  #at: number;
  readonly #size: number;

  constructor(channel: number, chunk: Chunk, at: number, size: number) {
    this.channel = channel;
    this.#octets = chunk;
    this.#at = at;
    this.#size = size;
  }

  get value(): Uint8Array {
    if (this.#at >= 0) {
      const chunk = this.#octets as Chunk;
      this.#octets = new Uint8Array(chunk.buffer, chunk.start + this.#at, this.#size);
      chunk.usage.touched = true;
      this.#at = -1;
    }
    return this.#octets as Uint8Array;
  }

  set value(octets: Uint8Array) {
    this.#octets = octets;
    this.#at = -1;
  }

  get length(): number {
    return this.#at >= 0 ? this.#size : (this.#octets as Uint8Array).length;
  }
}
Object.setPrototypeOf(LazyBody.prototype, ContentBody.prototype);
Object.setPrototypeOf(LazyBody, ContentBody);
Object.defineProperty(LazyBody, "name", { value: "ContentBody" });

export const LazyContentBody = LazyBody as unknown as new (
  channel: number,
  chunk: Chunk,
  at: number,
  size: number,
) => ContentBody;
