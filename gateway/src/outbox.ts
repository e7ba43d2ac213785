/** What goes out to one side: whole frames, none larger than that side takes. */
import { FrameWriter, marshal, type Frame, type FrameCursor } from "amqp-wasm";

const ENVELOPE = 8;
/** Where the size of a frame stands in it. */
const SIZE = 3;

/**
 * Frames that stand beside each other in a chunk and may go on as they are go on as one view of that chunk: nothing of them is copied. What was cut by chunks is copied once, and what is too
 * large for this side is split by the codec's writer.
 */
export class Outbox {
  /** Whether each piece is one frame. */
  readonly #single: boolean;
  #frameMax: number;
  #writer: FrameWriter | undefined;
  #pieces: Uint8Array[] = [];
  #chunk: Uint8Array = new Uint8Array(0);
  /** Offset of the chunk in its stream. */
  #base = 0;
  /** Part of the chunk that goes on as it is, as far as it is known. */
  #from = 0;
  #to = 0;

  constructor(frameMax: number, single: boolean) {
    this.#frameMax = frameMax;
    this.#single = single;
  }

  /** Largest frame with its envelope, in octets. */
  get frameMax(): number {
    return this.#frameMax;
  }

  set frameMax(octets: number) {
    this.#frameMax = octets;
    if (this.#writer !== undefined) this.#writer.frameMax = octets;
  }

  /** A frame of the gateway's own. Answers its octets. */
  write(frame: Frame): Uint8Array {
    const octets = marshal(frame, 0);
    this.#add(octets);
    return octets;
  }

  /** What `forward` is given from now on stands in this chunk, or ends there. */
  begin(chunk: Uint8Array, base: number): void {
    this.#chunk = chunk;
    this.#base = base;
    this.#from = this.#to = 0;
  }

  /** The frame under the cursor. @throws EncodeError where it is larger than this side takes and cannot be split. */
  forward(cursor: FrameCursor): void {
    const octets = cursor.size + ENVELOPE;
    if (octets > this.#frameMax) {
      this.#split(cursor);
      return;
    }
    const at = cursor.offset - this.#base;
    if (at < 0) this.#add(copyOf(cursor.octets));
    else if (at === this.#to && !this.#single) this.#to += octets;
    else {
      this.#endRun();
      this.#from = at;
      this.#to = at + octets;
    }
  }

  /** Answers what was gathered since the last time. */
  take(): Uint8Array[] {
    this.#endRun();
    const pieces = this.#pieces;
    if (pieces.length > 0) this.#pieces = [];
    return pieces;
  }

  #endRun(): void {
    const from = this.#from;
    if (from === this.#to) return;
    const { buffer, byteOffset } = this.#chunk;
    this.#pieces.push(new Uint8Array(buffer, byteOffset + from, this.#to - from));
    this.#from = this.#to;
  }

  #add(octets: Uint8Array): void {
    this.#endRun();
    this.#pieces.push(octets);
  }

  #split(cursor: FrameCursor): void {
    const octets = (this.#writer ??= new FrameWriter({ frameMax: this.#frameMax })).forward(cursor).flush();
    if (!this.#single) {
      this.#add(octets);
      return;
    }
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    for (let at = 0; at < octets.length;) {
      const end = at + ENVELOPE + view.getUint32(at + SIZE);
      this.#add(octets.subarray(at, end));
      at = end;
    }
  }
}

/** A view that a cursor gives is written over; `slice` of a Buffer is a view, too. */
function copyOf(octets: Uint8Array): Uint8Array {
  return new Uint8Array(octets);
}
