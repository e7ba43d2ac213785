/** First room for a cut frame; it grows with what arrives, never from a length that a peer declared. */
const FIRST_ROOM = 512;
const NOTHING = new Uint8Array(0);

/** Octets of something that is cut, in front of room for more. Each octet is copied here once, and again only while the room grows by fours. */
export class CutFrame {
  octets: Uint8Array = NOTHING;
  length = 0;
  /** Octets wanted before anybody can get further. */
  need = 0;
  readonly #keep: number;

  /** @param keep octets of room that are kept for the next. */
  constructor(keep = FIRST_ROOM) {
    this.#keep = keep;
  }

  begin(need: number): void {
    this.length = 0;
    this.need = need;
    // What was large once would be held by a connection that is idle now.
    if (this.octets.length > this.#keep) this.octets = NOTHING;
  }

  get complete(): boolean {
    return this.length >= this.need;
  }

  /** Takes what is wanted of `chunk` from `at` on; answers the position behind it. */
  fill(chunk: Uint8Array, at: number): number {
    const take = Math.min(this.need - this.length, chunk.length - at);
    const length = this.length + take;
    if (length > this.octets.length) {
      const octets = new Uint8Array(Math.min(this.need, Math.max(FIRST_ROOM, 4 * length)));
      octets.set(this.octets.subarray(0, this.length));
      this.octets = octets;
    }
    if (take <= 8) for (let i = 0; i < take; i++) this.octets[this.length + i] = chunk[at + i]!;
    else this.octets.set(new Uint8Array(chunk.buffer, chunk.byteOffset + at, take), this.length);
    this.length = length;
    return at + take;
  }

  /** Hands the octets over, for views of them to be kept. */
  take(): Uint8Array {
    const octets = this.octets.subarray(0, this.length);
    this.octets = NOTHING;
    this.begin(0);
    return octets;
  }
}
