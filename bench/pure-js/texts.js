/** Strings on their way out: the octets of those that come again are kept, as words with their length before them, and go in without a call. */
import { EncodeError } from "./errors.js";

const MOST_KEPT = 4096;
const LONGEST = 64;

const short = new Map();
const long = new Map();

/** By place: as in `pool.js`, how new its strings are. */
const newness = new Int32Array(8192);
const NEW = 64;
const TAKEN_AS_NEW = -1024;
let places = 1;

export function newPlace() {
  return places < newness.length ? places++ : 0;
}

class Kept {
  constructor(octets) {
    this.size = octets.length;
    this.words = wordsOf(octets);
  }
}

/** Octets as words, the last one filled up: who copies them writes over what is too much. A plain array: V8 reads it without asking whether its memory is still there. */
export function wordsOf(octets) {
  const filled = Buffer.alloc((octets.length + 3) & ~3);
  filled.set(octets);
  return Array.from({ length: filled.length / 4 }, (_, i) => filled.readInt32LE(i * 4));
}

export function putWords(view, at, words) {
  for (let i = 0; i < words.length; i++) view.setInt32(at + i * 4, words[i], true);
}

/** A short string with its length octet. */
export function shortOctets(text) {
  const octets = Buffer.from(text);
  if (octets.length > 255) throw new EncodeError("a short string of more than 255 octets");
  return Buffer.concat([Buffer.of(octets.length), octets]);
}

/** A string of a table with its type and length octets. */
export function longOctets(text) {
  const octets = Buffer.from(text);
  const head = Buffer.alloc(5);
  head[0] = 83;
  head.writeUInt32BE(octets.length, 1);
  return Buffer.concat([head, octets]);
}

/** What is kept of a string; undefined where it was never seen before, or stands where strings are new nearly always. */
function keptOf(map, text, place, octetsOf) {
  if (newness[place] < 0) {
    newness[place]++;
    return undefined;
  }
  const known = map.get(text);
  if (known !== undefined && known !== null) return known;
  if (text.length > LONGEST) return undefined;
  if (known === null) {
    const kept = new Kept(octetsOf(text));
    map.set(text, kept);
    return kept;
  }
  if (place !== 0 && ++newness[place] >= NEW) newness[place] = TAKEN_AS_NEW;
  if (map.size >= MOST_KEPT) map.clear();
  map.set(text, null);
  return undefined;
}

/** Writes a short string that may come again; there is room for it. Answers where it ends. */
export function putShort(writer, text, at, place) {
  const known = keptOf(short, text, place, shortOctets);
  if (known !== undefined) {
    putWords(writer.view, at, known.words);
    return at + known.size;
  }
  if (text.length > 255) throw new EncodeError("a short string of more than 255 octets");
  const n = putText(writer, text, at + 1);
  if (n > 255) throw new EncodeError("a short string of more than 255 octets");
  writer.view.setUint8(at, n);
  return at + 1 + n;
}

/** Writes a string of a table, type octet and all. */
export function putLong(writer, text, at, place) {
  const known = keptOf(long, text, place, longOctets);
  if (known !== undefined) {
    at = writer.room(at, known.size + 4);
    putWords(writer.view, at, known.words);
    return at + known.size;
  }
  at = writer.room(at, 5 + 3 * text.length);
  const n = putText(writer, text, at + 5);
  writer.view.setUint8(at, 83);
  writer.view.setInt32(at + 1, n);
  return at + 5 + n;
}

/** The octets of a string alone. */
export function putText(writer, text, at) {
  const n = text.length;
  if (n > 24) return writer.text.utf8Write(text, at);
  const { view } = writer;
  for (let i = 0; i < n; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return writer.text.utf8Write(text, at);
    view.setUint8(at + i, unit);
  }
  return n;
}
