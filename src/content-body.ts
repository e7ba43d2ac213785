/** Content bodies (section 4.2.6.2). */
import { described, inspected, inspectSymbol } from "./inspection.js";

/** Octets that bodies stand in: to ask a view for its buffer costs as much as a body. */
export class Chunk {
  readonly buffer: ArrayBufferLike;
  /** Where in the buffer the octet stands that the tape counts as `from`. */
  readonly start: number;
  readonly from: number;

  constructor(buffer: ArrayBufferLike, start: number, from: number) {
    this.buffer = buffer;
    this.start = start;
    this.from = from;
  }
}

/** A body's place in its chunk is one word of 31 bits: each word that is allocated for a body costs as much as reading it. */
const PLACE_BITS = 16;
const PLACE_MAX = (1 << PLACE_BITS) - 1;
const SIZE_MAX = 0x7fff;

/** The chunk from which the place of a body at `at`, so many octets of it, can be counted: the same one, or a later part of it. `undefined` where the body is too large to have a place. */
export function chunkFor(chunk: Chunk, at: number, size: number): Chunk | undefined {
  if (size > SIZE_MAX) return undefined;
  return at - chunk.from > PLACE_MAX ? new Chunk(chunk.buffer, chunk.start + at - chunk.from, at) : chunk;
}

/** The place of a body in the chunk that `chunkFor` answered. */
export function placeIn(chunk: Chunk, at: number, size: number): number {
  return (at - chunk.from) | (size << PLACE_BITS);
}

/** Octets of a body with such a place. */
export function sizeOf(place: number): number {
  return place >>> PLACE_BITS;
}

/** The octets at a place. */
export function viewOf({ buffer, start }: Chunk, place: number): Uint8Array {
  return new Uint8Array(buffer, start + (place & PLACE_MAX), place >>> PLACE_BITS);
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

  /** The octets: of a decoded body a view of the chunk that it came in, made when it is first asked for, unless the reader was told `reuse: true`. */
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

/** A body of which nobody has asked for a view yet: one costs as much as all the rest of a small delivery. It stands for a `ContentBody` by its prototype alone, as `LazyContentHeader` does for its own kind. */
class LazyBody {
  channel: number;
  /** The octets, or the chunk that they stand in. */
  #octets: Uint8Array | Chunk;
  /** The place in the chunk; -1 where the octets are there. */
  #place: number;

  constructor(channel: number, chunk: Chunk, place: number) {
    this.channel = channel;
    this.#octets = chunk;
    this.#place = place;
  }

  get value(): Uint8Array {
    if (this.#place >= 0) {
      this.#octets = viewOf(this.#octets as Chunk, this.#place);
      this.#place = -1;
    }
    return this.#octets as Uint8Array;
  }

  set value(octets: Uint8Array) {
    this.#octets = octets;
    this.#place = -1;
  }

  get length(): number {
    return this.#place >= 0 ? sizeOf(this.#place) : (this.#octets as Uint8Array).length;
  }
}
Object.setPrototypeOf(LazyBody.prototype, ContentBody.prototype);
Object.setPrototypeOf(LazyBody, ContentBody);
Object.defineProperty(LazyBody, "name", { value: "ContentBody" });

export const LazyContentBody = LazyBody as unknown as new (channel: number, chunk: Chunk, place: number) => ContentBody;
