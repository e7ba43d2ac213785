/**
 * Tables that are flat and of a known sequence of keys: the octets of the keys are kept, in the order that they go out in, and nothing is sorted or looked up again. All else is for `CommandWords`, which knows all values and all
 * errors: whatever is unusual here answers -1.
 */
import { SURELY_SHORT, type CommandTape } from "./command-tape.js";
import { KEPT_LENGTH } from "./kept.js";
import { writeText } from "./strings.js";
import { inOrder } from "./table-keys.js";
import { highOf, isTimestamp, secondsOf } from "./timestamp.js";

/** Keys of a shape, and shapes that are remembered. */
const MOST_KEYS = 32;
const MOST_SHAPES = 1024;
const MOST_NODES = 8192;
/** A field whose text was new so often is taken to have new ones for a while. */
const NEW = 16;
const TAKEN_AS_NEW = -1024;
const FIELD_WORDS = 2;
/** What is answered where a table has other keys than was thought. */
const OTHER_KEYS = -2;

const bits = new Float64Array(1);
const halves = new Int32Array(bits.buffer);
const [LOW, HIGH] = new Uint8Array(Int32Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0];

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
  // By field: where its words stand behind those of the first; the text that it had last, its word and its octets with those of its length; how new its texts are.
  readonly places: number[];
  readonly texts: Array<string | undefined>;
  readonly words: number[];
  readonly sizes: number[];
  readonly newness: number[];
  /** What others remember of tables of this shape. */
  layouts: Map<number, unknown> | undefined;

  constructor(keys: readonly string[]) {
    this.keys = keys;
    this.places = keys.map(() => 0);
    this.texts = keys.map(() => undefined);
    this.words = keys.map(() => 0);
    this.sizes = keys.map(() => 4);
    this.newness = keys.map(() => 0);
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

export class TableShapes {
  readonly #tape: CommandTape;
  readonly #sorted: boolean;
  #root = new Shape([]);
  #last = this.#root;
  #nodes = 1;
  #shapes = 0;
  /** Octets of the table that was packed last. */
  octets = 0;

  constructor(tape: CommandTape, sorted: boolean) {
    this.#tape = tape;
    this.#sorted = sorted;
    tape.kept.onClear(() => this.#forget());
  }

  #forget(): void {
    this.#root = new Shape([]);
    this.#last = this.#root;
    this.#nodes = 1;
    this.#shapes = 0;
  }

  /** Packs a table from a word on: its shape, and two words for each field. Answers the word behind, or -1. */
  pack(table: object, at: number, wide: boolean): number {
    const tape = this.#tape;
    const { text, pool, count, poolEnd } = tape;
    tape.beginValues();
    try {
      if (!ordinary(table)) return -1;
      let end = this.#last.address > 0 ? this.#fields(this.#last, table, at, wide) : OTHER_KEYS;
      if (end === OTHER_KEYS) {
        // Texts of the fields before the first that differs must not be there twice.
        tape.undo(text, pool, count, poolEnd);
        const shape = this.#known(table);
        if (shape === undefined) return -1;
        this.#last = shape;
        end = this.#fields(shape, table, at, wide);
      }
      return end;
    } catch {
      // A getter's error: the long way gets it again, and says where.
      return -1;
    } finally {
      tape.endValues();
    }
  }

  /** The shape of a table, whose keys are kept; `undefined` where there is none. Getters may run. */
  shapeOf(table: object): Shape | undefined {
    return ordinary(table) ? this.#known(table) : undefined;
  }

  #known(table: object): Shape | undefined {
    const shape = this.#find(table);
    return shape !== undefined && (shape.address > 0 || this.#learn(shape)) ? shape : undefined;
  }

  /** The fields of a table, if it is of this shape. */
  #fields(shape: Shape, table: object, start: number, wide: boolean): number {
    const { keys, places } = shape;
    const { length } = keys;
    const { words } = this.#tape.core;
    const at = start + 1;
    let { octets } = shape;
    let i = 0;
    for (const key in table) {
      if (i === length || key !== keys[i]) return OTHER_KEYS;
      const taken = this.field((table as Record<string, unknown>)[key], shape, i, at + places[i]!, wide);
      if (taken < 0) return -1;
      octets += taken;
      i++;
    }
    if (i !== length) return OTHER_KEYS;
    words[start] = shape.address;
    this.octets = octets;
    return at + FIELD_WORDS * length;
  }

  /** Two words of the value of a shape's field. Answers its octets without the type's, -1 where the general way must look at it. */
  field(value: unknown, shape: Shape, i: number, to: number, wide: boolean): number {
    const { words } = this.#tape.core;
    if (typeof value === "string") {
      if (value !== shape.texts[i]) return this.#text(value, shape, i, to);
      words[to] = shape.words[i]!;
      return shape.sizes[i]!;
    }
    if (typeof value === "number") {
      const small = value | 0;
      if (small !== value || small < -0x80 || small >= 0x80 || wide || (small === 0 && Object.is(value, -0)))
        return this.#number(value, to, wide);
      words[to] = 0x6200 | (small & 0xff);
      return 1;
    }
    if (value === true || value === false) {
      words[to] = value ? 0x7401 : 0x7400;
      return 1;
    }
    if (value === null) {
      words[to] = 0x5600;
      return 0;
    }
    if (typeof value !== "object" || !isTimestamp(value)) return -1;
    const seconds = secondsOf(value);
    if (!(seconds >= 0)) return -1;
    this.#eight(0x5400, highOf(seconds), seconds | 0, to);
    return 8;
  }

  /** Words of a number that is no small integer. Answers the octets of the value, -1 where the general way must look at it. */
  #number(value: number, at: number, wide: boolean): number {
    const { words } = this.#tape.core;
    const small = value | 0;
    words[at + 1] = small;
    if (small === value && !Object.is(value, -0)) {
      if (!wide && small >= -0x8000 && small < 0x10000) {
        words[at] = small < 0x8000 ? 0x7300 : 0x7500;
        return 2;
      }
      words[at] = 0x4900;
      return 4;
    }
    // Long integers and what is not finite go the general way.
    if (Number.isSafeInteger(value) ? value !== 0 : !Number.isFinite(value)) return -1;
    bits[0] = value;
    this.#eight(0x6400, halves[HIGH]!, halves[LOW]!, at);
    return 8;
  }

  /** Words of a value of eight octets, which stands among the texts. */
  #eight(type: number, high: number, low: number, at: number): void {
    const tape = this.#tape;
    const { words } = tape.core;
    const address = ((tape.text + 3) & ~3) >>> 0;
    words[address >>> 2] = high;
    words[(address >>> 2) + 1] = low;
    tape.text = address + 8;
    words[at] = type;
    words[at + 1] = address;
  }

  /** Words of a text that is not the field's last. Answers its octets with those of its length, -1 where it may not be written like this. */
  #text(value: string, shape: Shape, i: number, at: number): number {
    const tape = this.#tape;
    const { core, kept, text } = tape;
    const { length } = value;
    if (shape.newness[i]! < 0) shape.newness[i]! += 1;
    else if (length <= KEPT_LENGTH) {
      const known = kept.text(value);
      if (known !== undefined) {
        shape.newness[i] = 0;
        shape.texts[i] = value;
        core.words[at] = shape.words[i] = core.kept + (known >>> 8);
        return (shape.sizes[i] = 4 + (known & 0xff));
      }
      if (++shape.newness[i]! >= NEW) shape.newness[i] = TAKEN_AS_NEW;
      const octets = writeText(core, value, text + 1);
      if (octets < 0) return -1;
      core.octets[text] = octets;
      kept.meet(value, text, octets);
      core.words[at] = text;
      tape.text = text + 1 + octets;
      return 4 + octets;
    }
    if (length === 0 || length > SURELY_SHORT || tape.wary > 0 || !value.isWellFormed()) return -1;
    tape.later(value, at, 0x5300);
    return 4 + length;
  }

  /** The shape of a table; `undefined` where there are too many keys or shapes. */
  #find(table: object): Shape | undefined {
    let shape = this.#root;
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

  /** Keeps the octets of a shape's keys; answers whether they are. */
  #learn(shape: Shape): boolean {
    if (shape.address < 0 || this.#shapes === MOST_SHAPES || shape.keys.includes("constructor")) return false;
    const { core, kept } = this.#tape;
    const { keys } = shape;
    shape.address = -1;
    const ordered = this.#sorted ? inOrder(keys) : keys;
    let most = 4;
    for (const key of keys) {
      if (key.length > 85 || !key.isWellFormed()) return false;
      most += 1 + 3 * key.length;
    }
    const address = kept.room(most);
    if (address === 0) {
      shape.address = 0;
      return false;
    }
    core.words[address >>> 2] = keys.length;
    let at = address + 4;
    for (const key of ordered) {
      const octets = writeText(core, key, at + 1);
      core.octets[at] = octets;
      at += 1 + octets;
    }
    shape.ordered = ordered;
    keys.forEach((key, i) => (shape.places[i] = FIELD_WORDS * ordered.indexOf(key)));
    shape.octets = at - address - 4 + keys.length + 4;
    shape.address = address;
    this.#shapes += 1;
    return true;
  }
}
