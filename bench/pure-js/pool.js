/**
 * Strings that do not come again. Their octets are gathered, and when a chunk is done one native call makes one string of which they are substrings: a call for each would take twice
 * as long. Until then their owners have an empty string in that place. Owners are known by their number among the chunk's frames: a list of objects would cost a write barrier for each.
 */
const SIZE = 16384;
const MOST = 1024;
const room = Buffer.allocUnsafeSlow(SIZE);
// Words, each string from a word on: a store into a DataView makes V8 forget what it knows of all others.
const words = new Int32Array(room.buffer);
const HIGH_BITS = 0x80808080 | 0;

const ENTRY = 4;
const entries = new Int32Array(MOST * ENTRY);
/** What puts a string into its place in a properties object. */
const setters = [
  (properties, value) => void (properties.messageId = value),
  (properties, value) => void (properties.correlationId = value),
];
export const MESSAGE_ID = 0;
export const CORRELATION_ID = 1;

let octetsGathered = 0;
let gathered = 0;
/** Number of the frame that is being read; -1 where strings are wanted at once. */
let frame = -1;

/** By place: above 0 how many strings were new there, below 0 for how many more all are taken to be new. Place 0 is no place. */
export const newness = new Int32Array(8192);
const NEW = 64;
const TAKEN_AS_NEW = -1024;
let places = 1;

export function newPlace() {
  return places < newness.length ? places++ : 0;
}

export function addSetter(setter) {
  return setters.push(setter) - 1;
}

/** Tells that a string of this place was not known. */
export function missed(place) {
  if (place !== 0 && ++newness[place] >= NEW) newness[place] = TAKEN_AS_NEW;
}

/** Begins the content header that is going to be a chunk's frame of this number. */
export function begin(number, octets, frames) {
  if (octets > SIZE - octetsGathered || gathered > MOST - 64) settle(frames);
  frame = number;
}

export function howMany() {
  return gathered;
}

/** Forgets what was gathered since `howMany` said so. */
export function takeBack(count) {
  gathered = count;
}

/** Gathers a string for the frame that is being read; answers whether it could. */
export function gather(dv, at, n, setter) {
  const start = octetsGathered;
  if (n < 4 || frame < 0 || n > SIZE - start || gathered === MOST) return false;
  let bits = 0;
  let to = start >> 2;
  const last = at + n - 4;
  for (; at <= last; at += 4) {
    const word = dv.getInt32(at, true);
    bits |= word;
    words[to++] = word;
  }
  if ((n & 3) !== 0) {
    const word = dv.getInt32(last, true);
    bits |= word;
    words[to++] = word >>> (32 - ((n & 3) << 3));
  }
  if ((bits & HIGH_BITS) !== 0) return false;
  const entry = gathered * ENTRY;
  entries[entry] = frame;
  entries[entry + 1] = setter;
  entries[entry + 2] = start;
  entries[entry + 3] = start + n;
  octetsGathered = to << 2;
  gathered += 1;
  return true;
}

/** Gives all owners among these frames their strings. */
export function settle(frames) {
  frame = -1;
  if (gathered > 0) {
    const all = room.latin1Slice(0, octetsGathered);
    const end = gathered * ENTRY;
    for (let entry = 0; entry < end; entry += ENTRY) {
      const text = all.substring(entries[entry + 2], entries[entry + 3]);
      const { properties } = frames[entries[entry]];
      const setter = entries[entry + 1];
      if (setter === MESSAGE_ID) properties.messageId = text;
      else setters[setter](properties, text);
    }
  }
  octetsGathered = 0;
  gathered = 0;
}

/** Forgets all: its owners are lost to an error. */
export function forget() {
  frame = -1;
  octetsGathered = 0;
  gathered = 0;
}
