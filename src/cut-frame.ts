import { copy } from "./copy.js";
import { roomFor } from "./room.js";

/** First room for a cut frame; it grows with what arrives, never from a length that a peer declared alone. */
const FIRST_ROOM = 512;
/** A frame of the usual frame-max gets all its room once its 512th part is there: to copy what came in small pieces again would cost more than the room does. */
const USUAL = 131072;
const USUAL_GROWTH = 512;
/** Larger ones grow with what has arrived. */
const GROWTH = 4;
const NOTHING = new Uint8Array(0);
// Called so, it takes less on V8 11.3 (Node 20): see `room`. Of a chunk that a cut body takes whole, that is a twentieth.
// eslint-disable-next-line @typescript-eslint/unbound-method -- that is the point
const { set } = Uint8Array.prototype;

/** Octets of something that is cut, in front of room for more. Each octet is copied here once, and some again while the room grows. */
export class CutFrame {
  octets: Uint8Array = NOTHING;
  length = 0;
  /** Room behind the octets that were handed over last, which is nobody else's. */
  spare = 0;
  /** Octets wanted before anybody can get further. */
  need = 0;
  /** Octets that will be wanted behind those, by somebody who can take them in the same room. */
  #beyond = 0;
  readonly #keep: number;

  /** @param keep octets of room that are kept for the next. */
  constructor(keep = FIRST_ROOM) {
    this.#keep = keep;
  }

  begin(need: number, beyond = 0): void {
    this.length = 0;
    this.need = need;
    this.#beyond = beyond;
    // What was large once would be held by a connection that is idle now.
    if (this.octets.length > this.#keep) this.octets = NOTHING;
  }

  get complete(): boolean {
    return this.length >= this.need;
  }

  /** Takes all of `chunk` if all of it is wanted; answers whether. */
  fillWith(chunk: Uint8Array): boolean {
    const length = this.length + chunk.length;
    if (length > this.need) return false;
    if (length > this.octets.length) this.#grow(length);
    set.call(this.octets, chunk, this.length);
    this.length = length;
    return true;
  }

  /** Takes what is wanted of `chunk` from `at` on; answers the position behind it. */
  fill(chunk: Uint8Array, at: number): number {
    const take = Math.min(this.need - this.length, chunk.length - at);
    const length = this.length + take;
    if (length > this.octets.length) this.#grow(length);
    copy(this.octets, this.length, chunk, at, take);
    this.length = length;
    return at + take;
  }

  #grow(length: number): void {
    let room = Math.min(this.need, Math.max(FIRST_ROOM, GROWTH * length, Math.min(USUAL, USUAL_GROWTH * length)));
    if (room === this.need) room = Math.max(room, Math.min(room + this.#beyond, GROWTH * length));
    const octets = roomFor(room);
    if (this.length > 0) octets.set(this.octets.subarray(0, this.length));
    this.octets = octets;
  }

  /** Hands the octets over, for views of them to be kept. */
  take(): Uint8Array {
    const { octets, length } = this;
    this.spare = octets.length - length;
    this.octets = NOTHING;
    this.begin(0);
    return octets.length === length ? octets : new Uint8Array(octets.buffer, octets.byteOffset, length);
  }
}
