/**
 * The sequences of keys that objects were seen with. One that comes often gets a function of generated code that writes it: its loads are of one shape, where code for all would ask a hash table
 * for each. The last shape is tried first.
 */
const MOST_NODES = 8192;
const MOST_WRITERS = 512;
const SIGHTINGS = 8;

class Node {
  constructor(keys) {
    this.keys = keys;
    this.next = undefined;
    this.lastKey = undefined;
    this.lastNext = undefined;
    this.sightings = 0;
    this.usual = undefined;
    this.write = undefined;
  }
}

export class ShapeTree {
  constructor(generate) {
    this.generate = generate;
    this.root = new Node([]);
    this.last = this.root;
    this.nodes = 1;
    this.writers = 0;
  }

  find(object) {
    const { keys } = this.last;
    let i = 0;
    for (const key in object) {
      if (i >= keys.length || key !== keys[i]) return this.#walk(object);
      i++;
    }
    return i === keys.length ? this.last : this.#walk(object);
  }

  #walk(object) {
    let node = this.root;
    for (const key in object) {
      if (node.lastKey === key) node = node.lastNext;
      else {
        const next = (node.next ??= new Map()).get(key) ?? this.#grow(node, key);
        if (next === undefined) return undefined;
        node.lastKey = key;
        node.lastNext = next;
        node = next;
      }
    }
    this.last = node;
    return node;
  }

  #grow(node, key) {
    if (this.nodes === MOST_NODES) return undefined;
    this.nodes += 1;
    const next = new Node([...node.keys, key]);
    node.next.set(key, next);
    return next;
  }

  /** Takes note of an object's values; when it has seen enough, the shape gets its function. */
  learn(node, object) {
    if (this.writers >= MOST_WRITERS) return;
    const values = node.keys.map((key) => object[key]);
    // What was another value last time is no constant of the shape.
    node.usual =
      node.sightings === 0 ? values : node.usual.map((value, i) => (value === values[i] ? value : undefined));
    if (++node.sightings < SIGHTINGS) return;
    this.writers += 1;
    node.write = this.generate(node.keys, values, node.usual);
    node.usual = undefined;
  }
}
