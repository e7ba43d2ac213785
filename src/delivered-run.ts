/** What a run of deliveries answers. */
import type { PublishSource } from "./forward-run.js";
import type { FrameRun } from "./frame-run.js";

/** A run as it came. Nearly nobody asks for its octets: the view is made when somebody does. */
class DeliveredRun implements FrameRun {
  readonly frames: number;
  readonly contents: number;
  #octets: Uint8Array | undefined;
  readonly #chunk: Uint8Array;
  readonly #from: number;
  readonly #to: number;
  /** What stood before them in another chunk. */
  readonly #before: Uint8Array | undefined;

  constructor(
    frames: number,
    contents: number,
    chunk: Uint8Array,
    from: number,
    to: number,
    before: Uint8Array | undefined,
  ) {
    this.frames = frames;
    this.contents = contents;
    this.#chunk = chunk;
    this.#from = from;
    this.#to = to;
    this.#before = before;
  }

  get octets(): Uint8Array {
    return (this.#octets ??= this.#made());
  }

  #made(): Uint8Array {
    const { buffer, byteOffset } = this.#chunk;
    const from = this.#from;
    const to = this.#to;
    if (from >= 0) return new Uint8Array(buffer, byteOffset + from, to - from);
    const octets = new Uint8Array(to - from);
    octets.set(this.#before!.subarray(0, -from));
    octets.set(new Uint8Array(buffer, byteOffset, to), -from);
    return octets;
  }
}

/** Publishes of a chunk from one place to another, of which so many have no body; `undefined` where there is none. */
export function deliveredRun(
  source: PublishSource,
  from: number,
  to: number,
  contents: number,
  empty: number,
): FrameRun | undefined {
  if (contents === 0) return undefined;
  return new DeliveredRun(3 * contents - empty, contents, source.chunk, from, to, from < 0 ? source.before : undefined);
}
