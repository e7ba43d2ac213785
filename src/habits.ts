/** What a program does with the frames that it gets: what it asks for is made together with its frame. */
import { HeaderUsage, UNWATCHED } from "./lazy-content.js";

/** What was asked for of the last call of any reader: what a new one begins with, because the readers of a program mostly serve the same code. The first one takes it that all is asked for. */
let usual: HeaderUsage | undefined;

/** The habits of one reader's program; or what it said of them, then nothing is watched. */
export class Habits {
  readonly #lazy: boolean | undefined;
  /** Of the last call that found content headers: whether their properties were asked for says whether the next will be. */
  #last = usual;
  /** Of the running call, and of those before it that were not looked at yet. */
  headers: HeaderUsage | undefined;
  /** Frames since it was last looked at what became of them. What is watched costs more: of chunks with a message each, not every one is. */
  frames = 0;

  constructor(lazy: boolean | undefined) {
    this.#lazy = lazy;
    if (lazy !== undefined) this.headers = new HeaderUsage(false);
  }

  /** To be called before the first piece of a chunk: looks at what became of the frames of the last chunk, or of the last few, where each has few. */
  begin(): void {
    if (this.#lazy !== undefined) return;
    const settled = this.frames >= 3 * UNWATCHED;
    if (settled) this.frames = 0;
    if (this.headers !== undefined && (settled || !this.wantsProperties)) {
      this.#last = usual = this.headers;
      this.headers = undefined;
    }
  }

  /** Properties are decoded together with their frames where those of the last call were asked for. */
  get wantsProperties(): boolean {
    return this.#lazy === undefined ? (this.#last?.wanted ?? true) : !this.#lazy;
  }

  /** How many deliveries may go unwatched. */
  get unwatched(): number {
    return this.#lazy === undefined ? UNWATCHED : Infinity;
  }

  headersNow(): HeaderUsage {
    return (this.headers ??= new HeaderUsage(true));
  }
}
