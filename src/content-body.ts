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

// What the class below, which stands for bodies as well, may do: the engine has no quick way through `super`.
let setOctets: (body: ContentBody, octets: Uint8Array) => void;
let octetsOf: (body: ContentBody) => Uint8Array;

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

  static {
    setOctets = (body, octets) => {
      body.#octets = octets;
    };
    octetsOf = (body) => body.#octets;
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

/** A body of which nobody has asked for a view: one costs as much as all the rest of a small delivery. */
export class LazyContentBody extends ContentBody {
  #chunk: Chunk | undefined;
  /** Where the body stands in the chunk. */
  readonly #at: number;
  readonly #size: number;

  constructor(chunk: Chunk, channel: number, at: number, size: number) {
    super(NOTHING, channel);
    this.#chunk = chunk;
    this.#at = at;
    this.#size = size;
  }

  override get value(): Uint8Array {
    const chunk = this.#chunk;
    if (chunk !== undefined) {
      setOctets(this, new Uint8Array(chunk.buffer, chunk.start + this.#at, this.#size));
      chunk.usage.touched = true;
      this.#chunk = undefined;
    }
    return octetsOf(this);
  }

  override set value(octets: Uint8Array) {
    setOctets(this, octets);
    this.#chunk = undefined;
  }

  override get length(): number {
    return this.#chunk === undefined ? octetsOf(this).length : this.#size;
  }
}
Object.defineProperty(LazyContentBody, "name", { value: "ContentBody" });
const NOTHING = new Uint8Array(0);
