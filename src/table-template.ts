import { cloneSource } from "./clone-source.js";
import { placesFor, type Places, type TableObject } from "./clone-table.js";
import { mayMakeCode } from "./made-code.js";
import { makeTableReader, type TableReader, type ValueReaders } from "./table-reader.js";
import type { PatternLearner } from "./table-patterns.js";
import type { FieldValue } from "./types.js";

/** Words that say what a field's value is: type, and two of value. */
export const VALUE_WORDS = 3;

/** How often a shape comes before code is made for it: making it takes as long as some thousands of tables. */
const OFTEN = 1024;

/** Types whose values stay as they are, so that two tables may share one: not a `Timestamp` or a table, which one owner could change. */
const repeatable = new Uint8Array(256);
for (const type of "StbBsuIilLVdf") repeatable[type.charCodeAt(0)] = 1;

/**
 * The last table of a shape: the next one has the same keys, and often some of the same values. What differs is set here, and the table that is answered is a clone.
 */
export class TableTemplate {
  readonly keys: readonly string[];
  /** Set while its fields are read: a table of the same shape within must not write between them. */
  busy = false;
  /** The words of each field's value as they were last; no type is -1. */
  readonly seen: Int32Array;
  /** Where tables of this shape are cloned. */
  readonly places: Places;
  /** Looks at the tables of this shape that are of no pattern. */
  learner: PatternLearner | undefined;
  readonly #table: TableObject;
  /** The type of each field as it was last. */
  readonly #types: number[];
  #met = 0;

  constructor(keys: readonly string[]) {
    this.keys = keys;
    this.seen = new Int32Array(keys.length * VALUE_WORDS).fill(-1);
    this.#table = cloneSource(keys);
    this.places = placesFor(keys);
    this.#types = keys.map(() => 0);
  }

  set(index: number, value: FieldValue, type: number, first: number, second: number): void {
    this.#table[this.keys[index]!] = value;
    this.#types[index] = type;
    const at = index * VALUE_WORDS;
    // A string of the pool or of the input is another one in the next read, whatever its words are.
    this.seen[at] = repeatable[type & 0xff] !== 0 && (first >= 0 || type !== 0x53) ? type : -1;
    this.seen[at + 1] = first;
    this.seen[at + 2] = second;
  }

  table(): TableObject {
    return this.places.made(this.#table);
  }

  /** Whether the shape came so often that code is worth making; true once. */
  isDueForCode(): boolean {
    return ++this.#met === OFTEN && mayMakeCode();
  }

  /** Code that reads such tables, where it may be made. */
  reader(readers: ValueReaders): TableReader | undefined {
    return makeTableReader(this.keys, this.#types, this.#table, this.places, readers);
  }
}

/** Keys that an object keeps in an order of their own (they look like an index), or that come twice, must be set one by one. */
export function fitTemplate(keys: readonly string[]): boolean {
  return new Set(keys).size === keys.length && !keys.some((key) => /^(0|[1-9]\d*)$/.test(key));
}
