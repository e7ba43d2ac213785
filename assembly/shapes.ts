/**
 * Shapes: the sequences of keys that tables were seen with, by id, so that JavaScript builds such a table's object in one go.
 * They are the nodes of a tree: one key more leads to another node, and each node remembers which key came next the last time, which is a good guess
 * for this time. Cleared together with the intern table, whose ids they hold.
 */
import * as Limit from "./generated/limits";

/** No shape: a key has no id, there are too many, or the tree is full. */
export const NO_SHAPE: u32 = 0;
/** Nothing read yet, of an outermost table. */
export const OUTERMOST: u32 = 1;
/** Nothing read yet, of a table within another: what they begin with has little in common. */
export const INNER: u32 = 2;

const SLOTS: u32 = Limit.SHAPES * 2;
const PROBES: u32 = 8;
const NODE_OCTETS: u32 = 16;
const PARENT: usize = 0;
const KEY: usize = 4;
const LAST_KEY: usize = 8;
const LAST_CHILD: usize = 12;

export const SHAPES_OCTETS: u32 = (Limit.SHAPES + 1) * NODE_OCTETS + SLOTS * 4;

let nodes: usize = 0;
let slots: usize = 0; // nodes by parent and key
let last: u32 = INNER;

export function placeShapes(at: usize): void {
  nodes = at;
  slots = nodes + (Limit.SHAPES + 1) * NODE_OCTETS;
}

export function shapesAreFull(): bool {
  return last == Limit.SHAPES;
}

export function clearShapes(): void {
  memory.fill(nodes, 0, SHAPES_OCTETS);
  last = INNER;
}

export class Shapes {
  /** Where the id stands of the key that came next the last time; 0, the empty string's, for none. */

  @inline static guess(shape: u32): usize {
    return nodes + ((<usize>shape) << 4) + LAST_KEY;
  }

  /** The shape with one key more. */

  @inline static next(shape: u32, key: u32): u32 {
    const node = nodes + ((<usize>shape) << 4);
    if (load<u32>(node, LAST_KEY) == key) {
      const child = load<u32>(node, LAST_CHILD);
      if (child != 0) return child;
    }
    return nextShape(shape, key);
  }
}

function nextShape(shape: u32, key: u32): u32 {
  if (shape == NO_SHAPE || <i32>key <= 0) return NO_SHAPE;
  const node = nodes + ((<usize>shape) << 4);
  const hash = (shape ^ (key << 16) ^ key) * 0x9e3779b1;
  for (let probe: u32 = 0; probe < PROBES; probe++) {
    const slot = slots + ((<usize>(((hash >> 16) + probe) & (SLOTS - 1))) << 2);
    let child = load<u32>(slot);
    if (child == 0) {
      if (last == Limit.SHAPES) return NO_SHAPE;
      child = ++last;
      store<u32>(slot, child);
      store<u32>(nodes + ((<usize>child) << 4), shape, PARENT);
      store<u32>(nodes + ((<usize>child) << 4), key, KEY);
    } else {
      const known = nodes + ((<usize>child) << 4);
      if (load<u32>(known, PARENT) != shape || load<u32>(known, KEY) != key) continue;
    }
    store<u32>(node, key, LAST_KEY);
    store<u32>(node, child, LAST_CHILD);
    return child;
  }
  return NO_SHAPE;
}
