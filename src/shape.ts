/** Sequences of keys that tables were seen with, as a tree: one key more leads to another shape. */

/** Keys of a shape, and shapes in all. */
export const MOST_KEYS = 64;
const MOST_NODES = 8192;
/** Words of a field. */
export const FIELD_WORDS = 2;
/** Elements of an array that are remembered apart, the first and those that follow it by turns. */
export const ELEMENTS = 4;

/** What no value equals, `undefined` least of all: a field without a value is not written. */
const NO_TEXT: unique symbol = Symbol("no text");

/** One field of tables of a shape, or an element of an array: what stood there last. */
export class Place {
  /** Where its words stand behind those of the first field. */
  readonly at: number;
  /** The text that it had last, its word, and its octets with those of its length; how new its texts are. */
  text: string | typeof NO_TEXT = NO_TEXT;
  word = 0;
  size = 4;
  newness = 0;
  /** Those of the table that it had last. */
  fields: Fields | undefined;
  /** Which of the fields of a shape are those of tables in this place: in an array they differ from each other more than from those in their places before. */
  readonly variant: number;
  /** Of the array that it had last. */
  elements: readonly Place[] | undefined;

  constructor(variant: number, at: number) {
    this.variant = variant;
    this.at = at;
  }
}

/** Fields of tables of a shape that stand in one place of arrays, or in none. */
export class Fields {
  readonly shape: Shape;
  /** In the order of the keys; none as long as these are not kept. */
  places: readonly Place[] = [];
  /** Tables that were written without code of their own. */
  uses = 0;
  /** Writes them, where code was made for that. */
  write: WriteTable | undefined;

  constructor(shape: Shape) {
    this.shape = shape;
  }
}

/** Writes the words of a table's fields from an index on; answers the octets of their values, -1 where one is unusual or the table is, -2 where the table has other keys. */
export type WriteTable = (table: object, words: Int32Array, at: number, wide: boolean, level: number) => number;

export class Shape {
  readonly keys: readonly string[];
  next: Map<string, Shape> | undefined;
  lastKey: string | undefined;
  lastNext: Shape | undefined;
  /** The keys in the order that they go out in. */
  ordered: readonly string[] = [];
  /** Address of the keys' octets, 0 as long as they are not kept; -1 where they never will be. */
  address = 0;
  /** Octets of the table without the values' payloads. */
  octets = 0;
  readonly fields = new Fields(this);
  readonly #variants = [this.fields];
  /** What others remember of tables of this shape. */
  layouts: Map<number, unknown> | undefined;

  constructor(keys: readonly string[]) {
    this.keys = keys;
  }

  /** Says in which order the keys go out. */
  order(ordered: readonly string[]): void {
    this.ordered = ordered;
    this.fields.places = this.keys.map((key) => new Place(0, FIELD_WORDS * ordered.indexOf(key)));
  }

  /** The fields of tables that stand in one place of arrays. */
  variant(variant: number): Fields {
    return variant === 0 ? this.fields : (this.#variants[variant] ??= this.#varied(variant));
  }

  #varied(variant: number): Fields {
    const fields = new Fields(this);
    fields.places = this.fields.places.map(({ at }) => new Place(variant, at));
    return fields;
  }
}

/** What every object has: who put enumerable properties into `Object.prototype` gets them in every loop. */
const nothing = {};

/** Whether a table is a plain object: one with a prototype of its own has keys that are not its own. */
export function plain(table: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(table);
  return prototype === Object.prototype || prototype === null;
}

/** Whether a table is a plain object, with fields of its own alone. */
export function ordinary(table: object): boolean {
  for (const _ in nothing) return false;
  return plain(table);
}

export class ShapeTree {
  readonly root = new Shape([]);
  #nodes = 1;

  /** The shape of a table; `undefined` where there are too many keys or shapes. */
  find(table: object): Shape | undefined {
    let shape = this.root;
    let n = 0;
    for (const key in table) {
      if (++n > MOST_KEYS) return undefined;
      if (shape.lastKey !== key) {
        const next = (shape.next ??= new Map<string, Shape>()).get(key) ?? this.#grow(shape, key);
        if (next === undefined) return undefined;
        shape.lastKey = key;
        shape.lastNext = next;
      }
      shape = shape.lastNext!;
    }
    return shape;
  }

  #grow(shape: Shape, key: string): Shape | undefined {
    if (this.#nodes === MOST_NODES) return undefined;
    this.#nodes += 1;
    const next = new Shape([...shape.keys, key]);
    shape.next!.set(key, next);
    return next;
  }
}
