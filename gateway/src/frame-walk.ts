/** Goes through the frames of a stream one after the other. */
import { FrameReader, type Frame } from "amqp-wasm";

/** @throws DecodeError from `next`, behind the last good frame. */
export class FrameWalk {
  readonly #reader: FrameReader;
  readonly #spans: number[] = [];
  /** Chunks that hold octets of frames that were not walked over yet; the first one begins at `#base` of the stream. */
  #chunks: Uint8Array[] = [];
  #base = 0;
  #frames: Iterator<Frame> = [][Symbol.iterator]();
  #frame: Frame | undefined;
  #at = 0;

  constructor(options: { frameMax: number; maxDepth?: number; maxFields?: number }) {
    this.#reader = new FrameReader({
      ...options,
      onFrame: (_, offset, octets) => this.#spans.push(offset, octets),
    });
  }

  set frameMax(octets: number) {
    this.#reader.frameMax = octets;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#spans.length = 0;
    this.#at = -2;
    this.#frames = this.#reader.push(chunk)[Symbol.iterator]();
  }

  next(): boolean {
    this.#drop();
    const { value, done } = this.#frames.next();
    if (done === true) {
      this.#frame = undefined;
      return false;
    }
    this.#frame = value as Frame;
    this.#at += 2;
    return true;
  }

  /** Lets go of the chunks before the current frame's end. */
  #drop(): void {
    if (this.#at < 0 || this.#frame === undefined) return;
    const end = this.#spans[this.#at]! + this.#spans[this.#at + 1]!;
    while (this.#chunks.length > 0 && this.#base + this.#chunks[0]!.length <= end) {
      this.#base += this.#chunks.shift()!.length;
    }
  }

  get name(): Frame["name"] {
    return this.#frame!.name;
  }

  get channel(): number {
    return this.#frame!.channel;
  }

  /** Octets of all bodies together, of a content header. */
  get bodySize(): number | bigint {
    return (this.#frame as { bodySize: number | bigint }).bodySize;
  }

  /** Octets of the frame with its envelope. */
  get size(): number {
    return this.#spans[this.#at + 1]!;
  }

  /** The frame as it came. */
  get octets(): Uint8Array {
    const start = this.#spans[this.#at]! - this.#base;
    const size = this.size;
    const [first] = this.#chunks;
    if (start + size <= first!.length) return first!.subarray(start, start + size);
    const whole = new Uint8Array(size);
    let from = start;
    let at = 0;
    for (const chunk of this.#chunks) {
      if (at === size) break;
      const part = chunk.subarray(from, Math.min(chunk.length, from + size - at));
      whole.set(part, at);
      at += part.length;
      from = 0;
    }
    return whole;
  }

  /** What came behind the last good frame, as far as it lies in one chunk. */
  get rest(): Uint8Array {
    const end = this.#at < 0 ? this.#base : this.#spans[this.#at]! + this.#spans[this.#at + 1]!;
    let start = end - this.#base;
    for (const chunk of this.#chunks) {
      if (start < chunk.length) return chunk.subarray(start);
      start -= chunk.length;
    }
    return new Uint8Array(0);
  }

  frame(): Frame {
    return this.#frame!;
  }
}
