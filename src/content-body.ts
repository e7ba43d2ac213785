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
export const PLACE_MAX = (1 << PLACE_BITS) - 1;
export const SIZE_MAX = 0x7fff;

/** The chunk from which the place of a body at `at`, so many octets of it, can be counted: the same one, or a later part of it. `undefined` where the body is too large to have a place. */
export function chunkFor(chunk: Chunk, at: number, size: number): Chunk | undefined {
  if (size > SIZE_MAX) return undefined;
  return at - chunk.from > PLACE_MAX ? chunkAt(chunk, at) : chunk;
}

/** The part of a chunk that begins at `at`. */
export function chunkAt({ buffer, start, from }: Chunk, at: number): Chunk {
  return new Chunk(buffer, start + at - from, at);
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
  /** The octets, or the chunk that they stand in: a view costs as much as all the rest of a small delivery, and of many bodies nobody asks for one. */
  #octets: Uint8Array | Chunk;
  /** The place in the chunk; -1 where the octets are there. */
  #place: number;

  constructor(value?: Uint8Array, channel?: number);
  constructor(value: Uint8Array | Chunk = new Uint8Array(0), channel = 0, place = -1) {
    this.channel = channel;
    this.#octets = value;
    this.#place = place;
  }

  /** The octets: of a decoded body a view of the chunk that it came in, made when it is first asked for, unless the reader was told `reuse: true`. */
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

  /** Octets of the body. */
  get length(): number {
    return this.#place >= 0 ? sizeOf(this.#place) : (this.#octets as Uint8Array).length;
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

/** A body at a place in a chunk: no class of its own, so that it is what `new ContentBody` makes in every way. */
export const PlacedBody = ContentBody as unknown as new (chunk: Chunk, channel: number, place: number) => ContentBody;

/** A body in what `chunkFor` answered for its chunk. */
export function bodyIn(room: Chunk | undefined, chunk: Chunk, channel: number, at: number, size: number): ContentBody {
  if (room === undefined) return new ContentBody(plainView(chunk, at, size), channel);
  return new PlacedBody(room, channel, placeIn(room, at, size));
}

/** The octets of a body that has no place. */
export function plainView(chunk: Chunk, at: number, size: number): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.start + at - chunk.from, size);
}
