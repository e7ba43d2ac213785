import { generateReader, maker } from "./generate-reader.js";

/**
 * Sequences of keys that were seen, as a tree. One that comes for the second time gets a reader of its own, made of generated code: keys are compared as wide constants, values are read in
 * place, and the object is one of a class, which V8 makes in a tenth of the time that stores by key take. Both trees and readers are bounded.
 */
const MAX_NODES = 8192;
const MAX_READERS = 512;
const SIGHTINGS = 8;

class Node {
  constructor() {
    this.next = undefined;
    this.lastKey = undefined;
    this.lastNext = undefined;
    this.sightings = 0;
    this.values = undefined;
    this.reader = -1;
    this.make = undefined;
  }
}

const root = new Node();
let nodes = 1;

export const readers = [];

function step(node, key) {
  if (node.lastKey === key) return node.lastNext;
  let next = (node.next ??= new Map()).get(key);
  if (next === undefined) {
    if (nodes === MAX_NODES) return undefined;
    nodes += 1;
    node.next.set(key, (next = new Node()));
  }
  node.lastKey = key;
  node.lastNext = next;
  return next;
}

/** The shape of a table. `places` are where its fields stand in `octets`. */
export function shapeOf(keys, values, octets, places) {
  let node = root;
  for (const key of keys) if ((node = step(node, key)) === undefined) return undefined;
  if (node.sightings < SIGHTINGS && readers.length < MAX_READERS) {
    // What was another string last time is no constant of the shape.
    node.values =
      node.values === undefined ? values : values.map((value, i) => (value === node.values[i] ? value : undefined));
    if (++node.sightings === SIGHTINGS) {
      node.make = maker(keys);
      node.reader = readers.length;
      readers.push(
        generateReader(
          keys,
          places.map((at) => octets.subarray(at, at + octets[at] + 2)),
          node.values,
        ),
      );
      node.values = undefined;
    }
  }
  return node;
}

/** The object that has these keys and values. */
export function build(shape, keys, values) {
  if (shape?.make !== undefined) return shape.make(values);
  const object = {};
  for (let i = 0; i < keys.length; i++) {
    // Assigned, this key would set the prototype.
    if (keys[i] === "__proto__")
      Object.defineProperty(object, keys[i], {
        value: values[i],
        writable: true,
        enumerable: true,
        configurable: true,
      });
    else object[keys[i]] = values[i];
  }
  return object;
}
