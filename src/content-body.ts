/** Content bodies (section 4.2.6.2). */
import { described, inspected, inspectSymbol } from "./inspection.js";

/** Content, or a piece of it. */
export class ContentBody {
  declare readonly name: "ContentBody";
  /** Channel that it came on or goes out on: 0 to 65535. Defaults to 0. */
  channel: number;
  #octets: Uint8Array;
  /** Where the body stands in the octets, as long as nobody asked for a view of its own: a view costs as much as all the rest. */
  #at: number;
  readonly #size: number;

  constructor(value: Uint8Array = new Uint8Array(0), channel = 0, at = -1, size = 0) {
    this.channel = channel;
    this.#octets = value;
    this.#at = at;
    this.#size = size;
  }

  /** The octets: of a decoded body a view of the chunk that it came in, unless the reader was told `reuse: true`. */
  get value(): Uint8Array {
    const at = this.#at;
    if (at < 0) return this.#octets;
    this.#at = -1;
    const chunk = this.#octets;
    return (this.#octets = new Uint8Array(chunk.buffer, chunk.byteOffset + at, this.#size));
  }

  set value(octets: Uint8Array) {
    this.#octets = octets;
    this.#at = -1;
  }

  /** Octets of the body. */
  get length(): number {
    return this.#at < 0 ? this.#octets.length : this.#size;
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

/** A body that is a piece of a chunk. */
export function bodyAt(chunk: Uint8Array, channel: number, at: number, size: number): ContentBody {
  return new ContentBody(chunk, channel, at, size);
}
