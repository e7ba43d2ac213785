import { roomFor } from "./room.js";

/** Smallest room for pieces that are gathered. */
const FIRST_ROOM = 512;
const NOTHING = new Uint8Array(0);

/**
 * The pieces of a body that came in several frames. A view is kept where it is a good part of the chunk that it keeps alive; smaller pieces are copied together, so that memory is
 * bounded by the octets that arrived, however they were cut.
 */
export class GatheredBody {
  length = 0;
  #parts: Uint8Array[] = [];
  #room: Uint8Array = NOTHING;
  #used = 0;

  /** Takes a piece. `spare` octets behind it are nobody's: the next pieces may go there. */
  add(piece: Uint8Array, spare: number): void {
    this.length += piece.length;
    if (spare > 0 && this.#used === 0) {
      this.#room = new Uint8Array(piece.buffer, piece.byteOffset, piece.length + spare);
      this.#used = piece.length;
      return;
    }
    if (4 * piece.length >= piece.buffer.byteLength && piece.length > this.#room.length - this.#used) {
      this.#close();
      this.#parts.push(piece);
      return;
    }
    const used = this.#used + piece.length;
    if (used > this.#room.length) {
      const room = roomFor(Math.max(FIRST_ROOM, 2 * used));
      room.set(this.#room.subarray(0, this.#used));
      this.#room = room;
    }
    this.#room.set(piece, this.#used);
    this.#used = used;
  }

  /** All of it in one array. */
  join(): Uint8Array {
    this.#close();
    if (this.#parts.length === 1) return this.#parts[0]!;
    const octets = roomFor(this.length);
    let at = 0;
    for (const part of this.#parts) {
      octets.set(part, at);
      at += part.length;
    }
    return octets;
  }

  /** Forgets all pieces. */
  clear(): void {
    this.length = 0;
    this.#parts = [];
    this.#room = NOTHING;
    this.#used = 0;
  }

  #close(): void {
    if (this.#used === 0) return;
    this.#parts.push(new Uint8Array(this.#room.buffer, this.#room.byteOffset, this.#used));
    this.#room = NOTHING;
    this.#used = 0;
  }
}
