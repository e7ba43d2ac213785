/**
 * Shapes: the sequences of keys that tables were seen with, by id, so that JavaScript builds such a table's object in one go.
 * They are the nodes of a tree: one key more leads to another node. Each node remembers which one came next the last time, the octets of its own key, and the type and the
 * string that its field had last, so that a table like the last one is compared and not looked up. Cleared together with the intern table, whose ids they hold.
 */
import * as Limit from "./generated/limits";
import { Wide } from "./intern";

/** No shape: a key has no id, there are too many, or the tree is full. */
export const NO_SHAPE: u32 = 0;
/** Nothing read yet, of an outermost table. */
export const OUTERMOST: u32 = 1;
/** Nothing read yet, of a table within another for which there is no better beginning. */
const INNER: u32 = 2;

const SLOTS: u32 = Limit.SHAPES * 2;
const PROBES: u32 = 8;
const NODE: u32 = 64;
const PARENT: usize = 0;
/** Id of the last key. */
const KEY: usize = 4;
/** Type of its field the last time, as the tape has it; the key and this are the first two words of a field on the tape. */
const TYPE: usize = 8;
/** Of that type: an octet of layout, one that is not 0 for integers, 2 for signed ones. */
const LAYOUT: usize = 12;
const INTEGER: usize = 13;
/** How many strings in a row were new here. */
const NEW: usize = 14;
/** The node that came next the last time, 0 for none. */
const NEXT: usize = 16;
/** Octets of the key with its length; 0 where they are too many to be kept here. */
const OCTETS: usize = 20;
const NAME: usize = 24;
/** Ids of the strings that the field had for a value last, and before. */
const OLDER: usize = 52;
const VALUE: usize = 56;
/** Where the tables within this field begin, 0 for nowhere yet. */
const WITHIN: usize = 60;

const LONG_STRING: u32 = 0x53;
const LAYOUT_OCTETS: u32 = 9;

/** Octets that are kept of a key, its length among them. */
const NAME_MAX: u32 = 28;
/** Places where nodes are noted, and what is left of a hash for them. */
const NOTES: u32 = 8192;
const NOTES_SHIFT: u64 = 51;
const FACTOR: u64 = 0x9e3779b97f4a7c15;

export const SHAPES_OCTETS: u32 = (Limit.SHAPES + 1) * NODE + SLOTS * 4 + NOTES * 2;

let nodes: usize = 0;
let slots: usize = 0; // nodes by parent and key
let notes: usize = 0;
let last: u32 = INNER;

export function placeShapes(at: usize): void {
  nodes = at;
  slots = nodes + (Limit.SHAPES + 1) * NODE;
  notes = slots + SLOTS * 4;
}

export function shapesAreFull(): bool {
  return last == Limit.SHAPES;
}

export function clearShapes(): void {
  memory.fill(nodes, 0, <usize>(last + 1) * NODE);
  memory.fill(slots, 0, SLOTS * 4 + NOTES * 2);
  last = INNER;
}

/** What a node says; `of` finds it. Everything is inlined: it stands in the innermost loop. */
export class Node {

  @inline static of(shape: u32): usize {
    return nodes + ((<usize>shape) << 6);
  }

  /** Whether the last key of the shape stands at `p`, with its length, and ends before `end`. */

  @inline static isAt(node: usize, p: usize, end: usize): bool {
    const octets = load<u32>(node, OCTETS);
    return octets != 0 && octets <= <u32>(end - p) && Wide.equal(node + NAME, p, octets);
  }

  /** The shape that came after this one the last time. */

  @inline static next(node: usize): u32 {
    return load<u32>(node, NEXT);
  }

  /** Octets of the last key, with their length. */

  @inline static octets(node: usize): u32 {
    return load<u32>(node, OCTETS);
  }

  /** The first two words of a field on the tape. */

  @inline static head(node: usize): u64 {
    return load<u64>(node, KEY, 4);
  }

  /** The type octet that the field had the last time. */

  @inline static type(node: usize): u32 {
    return load<u8>(node, TYPE);
  }


  @inline static layout(node: usize): u32 {
    return load<u8>(node, LAYOUT);
  }

  /** 0 for what is no integer, 2 for a signed one. */

  @inline static integer(node: usize): u32 {
    return load<u8>(node, INTEGER);
  }


  @inline static setType(node: usize, type: u32, layout: u32, integer: u32): void {
    store<u32>(node, integer == 0 ? type : type | Limit.INTEGER_FIELD, TYPE);
    store<u8>(node, layout, LAYOUT);
    store<u8>(node, integer, INTEGER);
  }

  /** Where the id stands of the string that the field had for a value last. */

  @inline static value(node: usize): usize {
    return node + VALUE;
  }

  /** Where the id stands of the one before. */

  @inline static older(node: usize): usize {
    return node + OLDER;
  }

  /** Where stands how many strings in a row were new here: 0 to 65535. */

  @inline static newStrings(node: usize): usize {
    return node + NEW;
  }
}

/** Where a node is noted by its parent and the first octets of its key: the last one that was made there. */
function noted(shape: u32, p: usize): usize {
  const octets: u32 = load<u8>(p);
  let first = load<u64>(p, 0, 1);
  // What stands behind a short key is masked off.
  if (octets < 7) first &= ((<u64>1) << ((octets + 1) << 3)) - 1;
  const hash = (first ^ ((<u64>shape) << 40)) * FACTOR;
  return notes + ((<usize>(hash >> NOTES_SHIFT)) << 1);
}

/** The shape that comes after this one with the key at `p`, which ends before `end`, if it came before and is still noted; else 0. */
export function knownNext(shape: u32, p: usize, end: usize): u32 {
  const next: u32 = load<u16>(noted(shape, p));
  const node = Node.of(next);
  if (load<u32>(node, PARENT) != shape || !Node.isAt(node, p, end)) return 0;
  store<u32>(Node.of(shape), next, NEXT);
  return next;
}

function taken(parent: u32, key: u32): u32 {
  const node = Node.of(++last);
  store<u32>(node, parent, PARENT);
  store<u32>(node, key, KEY);
  // A type that there is: no octet must look like what was seen before the first was.
  Node.setType(node, LONG_STRING, LAYOUT_OCTETS, 0);
  return last;
}

/** What tables within the last field of this shape, or within the array that it is, begin with. */
export function within(shape: u32): u32 {
  if (shape == NO_SHAPE) return INNER;
  const node = Node.of(shape);
  const known = load<u32>(node, WITHIN);
  if (known != 0) return known;
  if (last == Limit.SHAPES) return INNER;
  // No key has this id: nothing that is looked up leads here.
  const beginning = taken(shape, 0xffffffff);
  store<u32>(node, beginning, WITHIN);
  return beginning;
}

/** The shape with one key more, whose octets with their length begin at `p`. */
export function nextShape(shape: u32, key: u32, p: usize): u32 {
  if (shape == NO_SHAPE || <i32>key <= 0) return NO_SHAPE;
  const parent = Node.of(shape);
  const hash = (shape ^ (key << 16) ^ key) * 0x9e3779b1;
  for (let probe: u32 = 0; probe < PROBES; probe++) {
    const slot = slots + ((<usize>(((hash >> 16) + probe) & (SLOTS - 1))) << 2);
    let child = load<u32>(slot);
    if (child == 0) {
      if (last == Limit.SHAPES) return NO_SHAPE;
      child = taken(shape, key);
      store<u32>(slot, child);
      const node = Node.of(child);
      const octets: u32 = 1 + <u32>load<u8>(p);
      if (octets <= NAME_MAX) {
        memory.copy(node + NAME, p, octets);
        store<u32>(node, octets, OCTETS);
      }
      store<u16>(noted(shape, p), child);
    } else {
      const node = Node.of(child);
      if (load<u32>(node, PARENT) != shape || load<u32>(node, KEY) != key) continue;
    }
    store<u32>(parent, child, NEXT);
    return child;
  }
  return NO_SHAPE;
}
