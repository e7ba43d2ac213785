/** Sequences of keys that tables were seen with, as a tree: one key more leads to another shape. */

/** Keys of a shape, and shapes in all. */
export const MOST_KEYS = 64;
const MOST_NODES = 8192;
/** Elements of an array that are remembered apart, the first and those that follow it by turns. */
export const ELEMENTS = 4;

/** One field of tables of a shape, or an element of an array: what stood there last. */
export class Place {
  /** Where its words stand behind those of the first field. */
  at = 0;
  /** The text that it had last, its word, and its octets with those of its length; how new its texts are. */
  text: string | undefined;
  word = 0;
  size = 4;
  newness = 0;
  /** That of the table that it had last. */
  shape: Shape | undefined;
  /** Which of the fields of that are its own: tables in an array differ from each other more than from those in their places before. */
  readonly variant: number;
  /** Of the array that it had last. */
  elements: readonly Place[] | undefined;

  constructor(variant: number) {
    this.variant = variant;
  }
}

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
  readonly fields: readonly Place[];
  readonly #variants: Array<readonly Place[]>;
  /** What others remember of tables of this shape. */
  layouts: Map<number, unknown> | undefined;

  constructor(keys: readonly string[]) {
    this.keys = keys;
    this.fields = keys.map(() => new Place(0));
    this.#variants = [this.fields];
  }

  /** The fields of tables that stand in one place of arrays. */
  variant(variant: number): readonly Place[] {
    return variant === 0 ? this.fields : (this.#variants[variant] ??= this.#varied(variant));
  }

  #varied(variant: number): readonly Place[] {
    return this.fields.map(({ at }) => Object.assign(new Place(variant), { at }));
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
