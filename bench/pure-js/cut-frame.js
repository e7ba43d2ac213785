import { wrong } from "./errors.js";
import { copyInto, goesOn, slabEnd, slabWith, Source, take } from "./slab.js";

const HEAD = 7;
const BODY = 3;
const FRAME_END = 0xce;
const MOST_IN_SLAB = 4096;

/** Copies `n` octets of a chunk from `at` on. */
export function copy(chunk, at, n, to, target) {
  if (n === chunk.length) copyInto(target, chunk, to);
  else if (n < 24) for (let i = 0; i < n; i++) target[to + i] = chunk[at + i];
  else copyInto(target, new Uint8Array(chunk.buffer, chunk.byteOffset + at, n), to);
}

/** A frame that came in pieces. Each octet is copied once, to a place that is large enough for the frame. */
export class CutFrame {
  /** Octets that are there: while there are less than a head, only in `#head`. */
  length = 0;
  /** Octets that are lacking; of a head, while it is not there. */
  lacks = 0;
  source = undefined;
  /** The payload of a large body frame, which is kept without its envelope: as a power of two, which they often are with it, memory is taken from the system and given back each time. */
  payload = undefined;
  channel = 0;
  from = 0;
  end = 0;
  #head = new Uint8Array(HEAD);

  /** Takes what is left of a chunk, which is less than a frame. */
  begin(chunk, at, frameMax) {
    this.lacks = HEAD;
    this.add(chunk, at, frameMax);
  }

  /** Takes what it lacks, as far as it is there; answers where that ends. */
  add(chunk, at, frameMax) {
    if (this.length < HEAD) {
      while (this.length < HEAD && at < chunk.length) this.#head[this.length++] = chunk[at++];
      this.lacks = HEAD - this.length;
      if (this.lacks > 0) return at;
      this.#place(frameMax);
    }
    if (this.payload !== undefined) return this.#addBody(chunk, at);
    const n = Math.min(this.lacks, chunk.length - at);
    copy(chunk, at, n, this.from + this.length, this.source.octets);
    this.length += n;
    this.lacks -= n;
    return at + n;
  }

  #addBody(chunk, at) {
    const n = Math.min(this.lacks - 1, chunk.length - at);
    copy(chunk, at, n, this.length - HEAD, this.payload);
    this.length += n;
    this.lacks -= n;
    at += n;
    if (this.lacks > 1 || at === chunk.length) return at;
    if (chunk[at] !== FRAME_END) wrong("a frame without its end");
    this.length += 1;
    this.lacks = 0;
    return at + 1;
  }

  #place(frameMax) {
    const head = this.#head;
    const type = head[0];
    if (type !== 8 && (type > 3 || type === 0)) wrong("an unknown frame type");
    const size = (head[3] << 24) | (head[4] << 16) | (head[5] << 8) | head[6];
    if (size < 0 || size > frameMax) wrong("a frame that is larger than was agreed");
    const n = size + HEAD + 1;
    if (n <= MOST_IN_SLAB) {
      this.source = slabWith(n);
      this.from = slabEnd();
      take(n);
    } else if (type === BODY) {
      this.channel = (head[1] << 8) | head[2];
      this.payload = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
      this.lacks = n - HEAD;
      return;
    } else {
      this.source = new Source(Buffer.allocUnsafeSlow(n));
      this.from = 0;
    }
    this.end = this.from + n;
    this.lacks = n - HEAD;
    copy(head, 0, HEAD, this.from, this.source.octets);
  }

  /** Where the frame begins whose first octets stand at the end of the slab, and were taken from it. */
  continueInSlab(source, from, end, frameMax) {
    const n = end - from;
    if (n >= HEAD) {
      const size = source.view.getInt32(from + 3);
      const whole = size + HEAD + 1;
      if (size >= 0 && size <= frameMax && goesOn(source, end, whole - n)) {
        take(whole - n);
        this.source = source;
        this.from = from;
        this.end = from + whole;
        this.length = n;
        this.lacks = whole - n;
        return;
      }
    }
    this.begin(source.octets.subarray(from, end), 0, frameMax);
  }

  drop() {
    this.length = 0;
    this.lacks = 0;
    this.source = undefined;
    this.payload = undefined;
  }
}
