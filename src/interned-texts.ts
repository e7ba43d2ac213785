/**
 * Short strings straight from a chunk: octets that were seen before are the JavaScript string that was made then, at no cost in heap. Two tables of fixed size for the whole program, keyed by
 * the octets themselves; a string is admitted when it is seen for the second time, and takes another's place. Nothing grows with what peers send.
 */

interface BufferLike {
  readonly prototype: { readonly latin1Slice: (this: Uint8Array, start: number, end: number) => string };
}

// Takes any Uint8Array as its `this`.
const native = (globalThis as unknown as { Buffer?: BufferLike }).Buffer?.prototype.latin1Slice;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const HIGH_BITS = 0x80808080 | 0;
/** Rows of a set. */
const WAYS = 4;

/** Octets as a string of its own; a copy of them where they are no UTF-8. */
export function freshText(octets: Uint8Array, view: DataView, at: number, length: number): string | Uint8Array {
  if (length === 0) return "";
  let bits = 0;
  let i = 0;
  for (; i + 4 <= length; i += 4) bits |= view.getInt32(at + i);
  for (; i < length; i++) bits |= view.getInt8(at + i);
  if ((bits & HIGH_BITS) === 0 && native !== undefined) return native.call(octets, at, at + length);
  const own = octets.slice(at, at + length);
  try {
    return strict.decode(own);
  } catch {
    return own;
  }
}

/** A table of strings up to a length. */
class Texts {
  /** Octets of a row's string in words, the last of which reaches back so that it ends with the string. */
  readonly #rows: Int32Array;
  readonly #rowWords: number;
  readonly #lengths: Int32Array;
  readonly #strings: string[];
  /** Hashes that were seen once. */
  readonly #door: Int32Array;
  readonly #setMask: number;
  #turn = 0;

  constructor(sets: number, longest: number) {
    this.#rowWords = (longest + 3) >> 2;
    this.#rows = new Int32Array(sets * WAYS * this.#rowWords);
    this.#lengths = new Int32Array(sets * WAYS).fill(-1);
    this.#strings = new Array<string>(sets * WAYS).fill("");
    this.#door = new Int32Array(sets * WAYS);
    this.#setMask = sets - 1;
  }

  get(octets: Uint8Array, view: DataView, at: number, length: number): string | Uint8Array {
    let hash: number;
    if (length >= 4) {
      // The last characters are what differs in most keys: they stand in the low bits, which a product carries upwards.
      hash = Math.imul(view.getInt32(at) ^ length, 0x9e3779b1);
      hash = Math.imul(hash ^ (hash >>> 15) ^ view.getInt32(at + length - 4), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13) ^ view.getInt32(at + ((length - 4) >> 1)), 0xc2b2ae35);
    } else {
      hash = Math.imul(packed(view, at, length) ^ (length << 24), 0x85ebca6b);
    }
    hash ^= hash >>> 15;
    const row = (hash & this.#setMask) * WAYS;
    for (let way = row; way < row + WAYS; way++) {
      if (this.#is(way, view, at, length)) return this.#strings[way]!;
    }
    return this.#made(octets, view, at, length, hash, row);
  }

  #is(row: number, view: DataView, at: number, length: number): boolean {
    if (this.#lengths[row] !== length) return false;
    const rows = this.#rows;
    let word = row * this.#rowWords;
    if (length < 4) return rows[word] === packed(view, at, length);
    const last = at + length - 4;
    for (; at < last; at += 4) if (view.getInt32(at, true) !== rows[word++]) return false;
    return view.getInt32(last, true) === rows[word];
  }

  #made(
    octets: Uint8Array,
    view: DataView,
    at: number,
    length: number,
    hash: number,
    row: number,
  ): string | Uint8Array {
    const text = freshText(octets, view, at, length);
    const door = (hash >>> 16) & (this.#door.length - 1);
    if (this.#door[door] !== hash) {
      this.#door[door] = hash;
      return text;
    }
    if (typeof text !== "string") return text;
    const way = row + (this.#turn++ & (WAYS - 1));
    this.#lengths[way] = length;
    this.#strings[way] = text;
    let word = way * this.#rowWords;
    if (length < 4) {
      this.#rows[word] = packed(view, at, length);
      return text;
    }
    const last = at + length - 4;
    for (; at < last; at += 4) this.#rows[word++] = view.getInt32(at, true);
    this.#rows[word] = view.getInt32(last, true);
    return text;
  }
}

function packed(view: DataView, at: number, length: number): number {
  let word = 0;
  for (let i = 0; i < length; i++) word = (word << 8) | view.getUint8(at + i);
  return word;
}

const SHORT = 32;
let short: Texts | undefined;
let long: Texts | undefined;

/** The string of up to 255 octets at a place; a copy of the octets where they are no UTF-8. */
export function internedText(octets: Uint8Array, view: DataView, at: number, length: number): string | Uint8Array {
  if (length === 0) return "";
  // Made when they are first needed: 128 KiB and 64 KiB.
  if (length <= SHORT) return (short ??= new Texts(1024, SHORT)).get(octets, view, at, length);
  return (long ??= new Texts(64, 255)).get(octets, view, at, length);
}

/** Octets of a word of a guess. */
const WORD = 8;
const HALF = 4;

/** The texts of one place in frames, such as a routing key: each is likely to be the one that stood there last, whose octets are kept in words, the last of which reaches back so that it ends with the text. */
export class GuessedText {
  readonly #words = new Float64Array(SHORT / WORD);
  /** Of a text that is shorter than a word: its first four octets and its last. */
  #first = 0;
  #last = 0;
  #short = -1;
  /** Octets, of such a one or of a longer one. */
  #length = -1;
  #text = "";

  /** As `internedText`. */
  at(octets: Uint8Array, view: DataView, at: number, length: number): string | Uint8Array {
    if (length === this.#length) {
      const words = this.#words;
      const last = (at + length - WORD) | 0;
      let p = at;
      let word = 0;
      // Cut to 32 bits, sums need not be watched for more than that.
      while (p < last && view.getFloat64(p, true) === words[word]) {
        p = (p + WORD) | 0;
        word = (word + 1) | 0;
      }
      if (p >= last && view.getFloat64(last, true) === words[word]) return this.#text;
    } else if (length === this.#short) {
      if (view.getInt32(at) === this.#first && view.getInt32(at + length - HALF) === this.#last) return this.#text;
    }
    return this.#other(octets, view, at, length);
  }

  #other(octets: Uint8Array, view: DataView, at: number, length: number): string | Uint8Array {
    const text = internedText(octets, view, at, length);
    if (length >= HALF && length <= SHORT && typeof text === "string") this.#remember(view, at, length, text);
    return text;
  }

  #remember(view: DataView, at: number, length: number, text: string): void {
    this.#text = text;
    this.#length = this.#short = -1;
    if (length < WORD) {
      this.#short = length;
      this.#first = view.getInt32(at);
      this.#last = view.getInt32(at + length - HALF);
      return;
    }
    const words = this.#words;
    const last = at + length - WORD;
    let word = 0;
    // Zero is the one number that equals one of other octets; what is no number equals nothing.
    let zero = false;
    for (; at < last; at += WORD) zero = (words[word++] = view.getFloat64(at, true)) === 0 || zero;
    zero = (words[word] = view.getFloat64(last, true)) === 0 || zero;
    if (!zero) this.#length = length;
  }
}

/** Texts as octets, by text; what comparisons are made with. */
const encoded = new Map<string, Uint8Array>();
const MOST_ENCODED = 512;
const encoder = new TextEncoder();

/** A text's octets. */
export function octetsOfText(text: string): Uint8Array {
  let octets = encoded.get(text);
  if (octets === undefined) {
    if (encoded.size === MOST_ENCODED) encoded.clear();
    encoded.set(text, (octets = encoder.encode(text)));
  }
  return octets;
}

/** Whether these octets stand at a place. */
export function sameText(octets: Uint8Array, at: number, length: number, wanted: Uint8Array): boolean {
  if (length !== wanted.length) return false;
  for (let i = 0; i < length; i++) if (octets[at + i] !== wanted[i]) return false;
  return true;
}
