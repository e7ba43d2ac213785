/**
 * Shapes: the sequences of keys that flat tables were seen with, by id, so that JavaScript builds such a table's object in one go.
 * The keys are compared, not only their hash: a peer may choose its keys. Cleared together with the intern table, whose ids they hold.
 */
import * as Limit from "./generated/limits";

const SLOTS: u32 = Limit.SHAPES * 2;
const SHAPE_WORDS: u32 = Limit.SHAPE_FIELDS + 2; // hash, number of keys, keys
const SHAPE_OCTETS: u32 = SHAPE_WORDS * 4;

export const SHAPES_OCTETS: u32 = (Limit.SHAPES + 1) * SHAPE_OCTETS + SLOTS * 4 + SLOTS * 4;

let shapes: usize = 0;
let slots: usize = 0; // shape ids by hash
let door: usize = 0; // hashes seen once
let count: u32 = 1; // id 0: no shape

export function placeShapes(at: usize): void {
  shapes = at;
  slots = shapes + (Limit.SHAPES + 1) * SHAPE_OCTETS;
  door = slots + SLOTS * 4;
}

export function clearShapes(): void {
  memory.fill(slots, 0, SLOTS * 8);
  count = 1;
}

/** One more key in the hash of a sequence. Never 0, which means "no shape can fit". */
export function hashKey(hash: u32, key: u32): u32 {
  const h = (hash ^ key) * 0x9e3779b1;
  return (h ^ (h >> 15)) | 1;
}

/** The shape of the fields from `head` on, four words each with the key first; 0 where there is none. */
export function shapeOf(hash: u32, fields: usize, keys: u32): u32 {
  const at = (hash >> 3) & (SLOTS - 1);
  const id = load<u32>(slots + ((<usize>at) << 2));
  if (id != 0) {
    const shape = shapes + <usize>id * SHAPE_OCTETS;
    if (load<u32>(shape) != hash || load<u32>(shape, 4) != keys) return 0;
    for (let i: u32 = 0; i < keys; i++) {
      if (load<u32>(shape + ((<usize>i) << 2), 8) != load<u32>(fields + ((<usize>i) << 4))) return 0;
    }
    return id;
  }
  const seen = door + ((<usize>at) << 2);
  if (load<u32>(seen) != hash || count > Limit.SHAPES) {
    store<u32>(seen, hash);
    return 0;
  }
  const shape = shapes + <usize>count * SHAPE_OCTETS;
  store<u32>(shape, hash);
  store<u32>(shape, keys, 4);
  for (let i: u32 = 0; i < keys; i++) {
    store<u32>(shape + ((<usize>i) << 2), load<u32>(fields + ((<usize>i) << 4)), 8);
  }
  store<u32>(slots + ((<usize>at) << 2), count);
  return count++;
}
