/** A publish that the end of a chunk cuts: put together before anything is done with it, so that it goes the way of those that stand whole. */
import { copy } from "./copy.js";
import { FRAME_BODY, FRAME_HEADER, FRAME_HEADER_SIZE, FRAME_METHOD } from "./generated/constants.js";
import { ENVELOPE } from "./limits.js";
import { longAt } from "./long-at.js";
import { roomFor } from "./room.js";

/** Octets of the largest; what is larger is gathered frame by frame. */
const MOST = 4096;
const FIRST_ROOM = 512;
/** Shortest payload of a content header, and where its body size stands in the frame. */
const SHORTEST_HEADER = 14;
const BODY_SIZE = 11;

const NO_OCTETS = new Uint8Array(0);
const TYPES = [FRAME_METHOD, FRAME_HEADER, FRAME_BODY];

export class CutMessage {
  /** What is there, in front of room that has anything in it. */
  octets: Uint8Array = NO_OCTETS;
  /** Offset in the stream. */
  origin = 0;
  /** How many octets the first chunk had, and how many of them belong to a frame that is cut. */
  length = 0;
  pending = 0;
  /** Octets of the message, once it is whole. */
  end = 0;
  /** What the walk found: where it goes on, and how many octets it has to have for that. */
  #at = 0;
  #frame = 0;
  #need = 0;

  /** Takes what stands at the end of a chunk. Answers false where it does not begin as a publish that may be put together here does. */
  begin(chunk: Uint8Array, at: number, origin: number, frameMax: number): boolean {
    const length = chunk.length - at;
    if (length > MOST) return false;
    this.#grow(length);
    copy(this.octets, 0, chunk, at, length);
    this.length = length;
    this.origin = origin;
    this.#at = this.#frame = 0;
    this.#need = FRAME_HEADER_SIZE;
    if (this.#walk(length, frameMax) !== 0) return false;
    this.pending = length - this.#at;
    return true;
  }

  /** Takes what is missing from the chunk that comes next. Answers how many octets it has then; 0 where it is still cut, or may not be put together here. */
  complete(chunk: Uint8Array, frameMax: number): number {
    const { length } = this;
    const at = this.#at;
    const frame = this.#frame;
    const need = this.#need;
    // Nearly always there is room for all that is missing.
    let there = length + Math.min(chunk.length, this.octets.length - length);
    copy(this.octets, length, chunk, 0, there - length);
    let end = this.#walk(there, frameMax);
    while (end === 0) {
      const wanted = this.#need;
      if (wanted > MOST || wanted - length > chunk.length) {
        end = -1;
        break;
      }
      this.#grow(wanted);
      copy(this.octets, there, chunk, there - length, wanted - there);
      there = wanted;
      end = this.#walk(there, frameMax);
    }
    // It may have to be done once more.
    this.#at = at;
    this.#frame = frame;
    this.#need = need;
    return (this.end = end > 0 ? end : 0);
  }

  /** Goes on over octets up to `length`: answers where the message ends, 0 where more are needed, -1 where it is another thing than a publish in three frames at most. */
  #walk(length: number, frameMax: number): number {
    const { octets } = this;
    for (;;) {
      const at = this.#at;
      const there = length - at;
      // As soon as it is there: what is wrong is told at once.
      if (there > 0 && octets[at] !== TYPES[this.#frame]) return -1;
      if (at > 0 && ((there > 1 && octets[at + 1] !== octets[1]) || (there > 2 && octets[at + 2] !== octets[2]))) {
        return -1;
      }
      if (there < FRAME_HEADER_SIZE) {
        this.#need = at + FRAME_HEADER_SIZE;
        return 0;
      }
      const size = longAt(octets, at + 3);
      if (size > frameMax || size < 0) return -1;
      if (this.#frame === 1 && size < SHORTEST_HEADER) return -1;
      const end = at + ENVELOPE + size;
      if (end > length) {
        this.#need = end;
        return 0;
      }
      this.#at = end;
      if (this.#frame === 2) return end;
      // The core looks at what is wrong with sizes.
      if (this.#frame === 1 && longAt(octets, at + BODY_SIZE + 4) === 0) return end;
      this.#frame += 1;
    }
  }

  #grow(wanted: number): void {
    const { octets } = this;
    if (wanted <= octets.length) return;
    this.octets = roomFor(Math.max(FIRST_ROOM, Math.min(MOST, 2 * wanted)));
    if (octets.length > 0) this.octets.set(octets);
  }
}
