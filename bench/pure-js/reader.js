import { CutFrame, copy } from "./cut-frame.js";
import { ContentBody } from "./frames.js";
import { forget, settle } from "./pool.js";
import { readFrames, readTo } from "./read-frames.js";
import { goesOn, slabEnd, slabWith, Source, take } from "./slab.js";

/** Chunks up to this size are copied. */
const SMALL = 4096;

/**
 * Arrays of frames are all of one kind, with the places that they need from the beginning: to let them grow takes longer than to allocate the frames, and stores into arrays of several kinds take
 * longer still. Small chunks share one, of which a copy is handed out.
 */
const few = places(1026);

function places(n) {
  const frames = new Array(n);
  frames[0] = undefined;
  return frames;
}

function moved(from, to) {
  for (let i = 0; i < from.length; i++) to[i] = from[i];
  return to;
}

/** Reads one direction of one connection: chunks in, frames out. */
export class Reader {
  #frameMax;
  #lazy;
  #cut = new CutFrame();
  /** What ended the stream: nobody guesses where it could go on. */
  #error = undefined;
  /** Octets that a frame takes on average: says how many frames a chunk will give. */
  #average = 64;

  /** `lazy`: properties are decoded, and views of bodies made, when they are asked for. */
  constructor({ frameMax = 131072, lazy = false } = {}) {
    this.#frameMax = frameMax;
    this.#lazy = lazy;
  }

  /** Takes the next octets and answers the frames that they complete. */
  push(chunk) {
    if (this.#error !== undefined) throw this.#error;
    const octets = chunk.latin1Slice === undefined ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : chunk;
    try {
      return octets.length > SMALL ? this.#pushLarge(octets) : this.#pushSmall(octets);
    } catch (error) {
      forget();
      few.fill(undefined);
      this.#cut.drop();
      this.#error = error;
      throw error;
    }
  }

  #pushLarge(octets) {
    const expected = Math.ceil(octets.length / this.#average) + 1;
    let frames = places(expected);
    const cut = this.#cut;
    let n = 0;
    let at = 0;
    while (cut.lacks > 0) {
      at = cut.add(octets, at, this.#frameMax);
      if (cut.lacks > 0) break;
      if (cut.payload !== undefined) frames[n++] = new ContentBody(cut.channel, cut.payload);
      else n = readFrames(cut.source, cut.from, cut.end, frames, n, this.#frameMax, this.#lazy);
      cut.drop();
    }
    if (at < octets.length) {
      const source = new Source(octets);
      for (;;) {
        n = readFrames(source, at, octets.length, frames, n, this.#frameMax, this.#lazy);
        at = readTo[0];
        if (n < frames.length) break;
        frames = moved(frames, places(2 * n));
      }
      if (at < octets.length) cut.begin(octets, at, this.#frameMax);
    }
    settle(frames);
    this.#average = octets.length / (n + 1);
    frames.length = n;
    return frames;
  }

  #pushSmall(octets) {
    const cut = this.#cut;
    let at = 0;
    if (cut.lacks > 0) {
      at = cut.add(octets, 0, this.#frameMax);
      if (cut.lacks > 0) return [];
    }
    const frames = few;
    let n = 0;
    let rest = octets.length - at;
    let source;
    let from;
    if (cut.payload !== undefined) {
      frames[n++] = new ContentBody(cut.channel, cut.payload);
      cut.drop();
    } else if (cut.length > 0) {
      source = cut.source;
      from = cut.from;
      let end = cut.end;
      if (goesOn(source, end, rest)) {
        copy(octets, at, rest, end, source.octets);
        take(rest);
        end += rest;
        rest = 0;
      }
      cut.drop();
      n = readFrames(source, from, end, frames, n, this.#frameMax, this.#lazy);
      if (readTo[0] < end) cut.continueInSlab(source, readTo[0], end, this.#frameMax);
    }
    if (rest > 0) {
      source = slabWith(rest);
      from = slabEnd();
      take(rest);
      copy(octets, at, rest, from, source.octets);
      n = readFrames(source, from, from + rest, frames, n, this.#frameMax, this.#lazy);
      if (readTo[0] < from + rest) cut.continueInSlab(source, readTo[0], from + rest, this.#frameMax);
    }
    settle(frames);
    const made = frames.slice(0, n);
    for (let i = 0; i < n; i++) frames[i] = undefined;
    return made;
  }
}

/** Never used: an engine forgets what readers look like when the last one is gone, and throws away the code for them. */
export const idle = new Reader();
