import { EncodeError } from "./errors.js";
import { generateTableWriter } from "./generate-writer.js";
import { putWords, shortOctets, wordsOf } from "./texts.js";
import { putValue } from "./put-values.js";
import { ShapeTree } from "./shape-tree.js";

/** Of tables that are elements of an array the first ones have trees of their own: they differ from each other more than from those in their places before. */
const ELEMENTS = 4;
const trees = Array.from({ length: 1 + ELEMENTS }, () => new ShapeTree(generateTableWriter));
const keys = new Map();
const MOST_KEYS = 4096;

/** A table with its length, and its keys in the order in which the object has them. `element` is its index in the array that it is an element of, -1 for none. Answers where it ends. */
export function putTable(writer, table, at, element = -1) {
  const shapes = trees[element < 0 ? 0 : 1 + (element % ELEMENTS)];
  const shape = shapes.find(table);
  if (shape !== undefined && shape.write !== undefined) return shape.write(writer, table, at);
  if (shape !== undefined) shapes.learn(shape, table);
  return putEntries(writer, table, at);
}

function putEntries(writer, table, at) {
  at = writer.room(at, 4);
  const start = at - writer.begun;
  at += 4;
  for (const key in table) {
    const value = table[key];
    if (value === undefined) continue;
    const octets = keyOctets(key);
    at = writer.room(at, octets.size + 4);
    putWords(writer.view, at, octets.words);
    at = putValue(writer, value, at + octets.size);
  }
  writer.view.setInt32(writer.begun + start, at - (writer.begun + start) - 4);
  return at;
}

function keyOctets(key) {
  let known = keys.get(key);
  if (known === undefined) {
    if (keys.size >= MOST_KEYS) keys.clear();
    const octets = shortOctets(key);
    if (octets.length > 129) throw new EncodeError("a key of more than 128 octets");
    keys.set(key, (known = { size: octets.length, words: wordsOf(octets) }));
  }
  return known;
}
