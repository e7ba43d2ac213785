/**
 * Tables that are flat and of a known sequence of keys: the octets of the keys are kept, in the order that they go out in, and nothing is sorted or looked up again. All else is for `CommandWords`, which knows all values and all
 * errors: whatever is unusual here answers -1.
 */
import type { CommandTape } from "./command-tape.js";
import { KEPT_LENGTH } from "./kept.js";
import { writeText } from "./strings.js";
import { inOrder } from "./table-keys.js";
import { Timestamp } from "./timestamp.js";

/** Keys of a shape, and shapes that are remembered. */
const MOST_KEYS = 32;
const MOST_SHAPES = 1024;
const MOST_NODES = 8192;
/** Longest text that is written with those of other tables. */
const POOLED_LENGTH = 255;
/** A field whose text was new so often is taken to have new ones for a while. */
const NEW = 16;
const TAKEN_AS_NEW = -1024;
const FIELD_WORDS = 3;

const bits = new Float64Array(1);
const halves = new Int32Array(bits.buffer);
const [LOW, HIGH] = new Uint8Array(Int32Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0];

/** What is known of a field's texts. */
class Field {
  /** Where its words stand behind those of the first field. */
  place = 0;
  text: string | undefined;
  address = 0;
  octets = 0;
  newness = 0;
}

class Shape {
  readonly keys: readonly string[];
  readonly fields: readonly Field[];
  next: Map<string, Shape> | undefined;
  lastKey: string | undefined;
  lastNext: Shape | undefined;
  /** Address of the keys' octets, 0 as long as they are not kept; -1 where they never will be. */
  address = 0;
  /** Octets of the table without the values' payloads. */
  octets = 0;

  constructor(keys: readonly string[]) {
    this.keys = keys;
    this.fields = keys.map(() => new Field());
  }
}

/** What every object has: who put enumerable properties into `Object.prototype` gets them in every loop. */
const nothing = {};

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

  /** Packs a table from a word on: its shape, and three words for each field. Answers the word behind, or -1. */
  pack(table: object, at: number, wide: boolean): number {
    const prototype: unknown = Object.getPrototypeOf(table);
    if (prototype !== Object.prototype && prototype !== null) return -1;
    for (const _ in nothing) return -1;
    let shape = this.#last;
    let { keys } = shape;
    let n = 0;
    for (const key in table) {
      if (key !== keys[n]) {
        n = -1;
        break;
      }
      n++;
    }
    if (n !== keys.length) {
      const found = this.#find(table);
      if (found === undefined) return -1;
      this.#last = shape = found;
      ({ keys } = shape);
    }
    if (shape.address <= 0 && !this.#learn(shape)) return -1;
    const tape = this.#tape;
    const { words } = tape.core;
    const { fields } = shape;
    words[at++] = shape.address;
    let { octets } = shape;
    let i = 0;
    for (const key in table) {
      // A Proxy may answer otherwise now.
      if (key !== keys[i]) return -1;
      const value = (table as Record<string, unknown>)[key];
      const field = fields[i]!;
      const to = at + field.place;
      i++;
      if (typeof value === "string") {
        if (value === field.text) {
          words[to] = 0x53;
          words[to + 1] = field.address;
          words[to + 2] = field.octets;
          octets += 4 + field.octets;
        } else {
          const taken = this.#text(value, field, to);
          if (taken < 0) return -1;
          octets += taken;
        }
      } else if (typeof value === "number") {
        octets += this.#number(value, to, wide);
        if (words[to] === 0) return -1;
      } else if (value === true || value === false) {
        words[to] = 0x74;
        words[to + 1] = value ? 1 : 0;
        octets += 1;
      } else if (value === null) {
        words[to] = 0x56;
      } else if (value instanceof Timestamp) {
        const { seconds } = value;
        if (typeof seconds !== "number") return -1;
        words[to] = 0x54;
        words[to + 1] = (seconds / 0x100000000) | 0;
        words[to + 2] = seconds | 0;
        octets += 8;
      } else return -1;
    }
    if (i !== keys.length) return -1;
    this.octets = octets;
    return at + FIELD_WORDS * i;
  }

  /** Type and value of a number; type 0 where the general way must look at it. Answers the octets of the value. */
  #number(value: number, at: number, wide: boolean): number {
    const { words } = this.#tape.core;
    const small = value | 0;
    words[at + 1] = small;
    if (small === value && (value !== 0 || 1 / value > 0)) {
      if (!wide) {
        if (small >= -0x80 && small < 0x80) {
          words[at] = 0x62;
          return 1;
        }
        if (small >= -0x8000 && small < 0x10000) {
          words[at] = small < 0x8000 ? 0x73 : 0x75;
          return 2;
        }
      }
      words[at] = 0x49;
      return 4;
    }
    // Long integers and what is not finite go the general way.
    if (Number.isSafeInteger(value) ? value !== 0 : !Number.isFinite(value)) {
      words[at] = 0;
      return 0;
    }
    bits[0] = value;
    words[at] = 0x64;
    words[at + 1] = halves[HIGH]!;
    words[at + 2] = halves[LOW]!;
    return 8;
  }

  /** Words of a text that is not the field's last. Answers its octets with those of its length, -1 where it may not be written like this. */
  #text(value: string, field: Field, at: number): number {
    const tape = this.#tape;
    const { core, kept } = tape;
    const { words } = core;
    const { length } = value;
    words[at] = 0x53;
    if (field.newness < 0) field.newness += 1;
    else if (length <= KEPT_LENGTH) {
      const known = kept.text(value);
      if (known !== undefined) {
        field.newness = 0;
        field.text = value;
        words[at + 1] = field.address = core.kept + (known >>> 8) + 1;
        words[at + 2] = field.octets = known & 0xff;
        return 4 + field.octets;
      }
      if (++field.newness >= NEW) field.newness = TAKEN_AS_NEW;
      const octets = writeText(core, value, tape.text + 1);
      if (octets < 0) return -1;
      core.octets[tape.text] = octets;
      kept.meet(value, tape.text, octets);
      words[at + 1] = tape.text + 1;
      words[at + 2] = octets;
      tape.text += 1 + octets;
      return 4 + octets;
    }
    if (length === 0 || length > POOLED_LENGTH || tape.wary > 0 || !value.isWellFormed()) return -1;
    tape.later(value, at + 1, true);
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
    if (shape.address < 0 || this.#shapes === MOST_SHAPES) return false;
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
    keys.forEach((key, i) => (shape.fields[i]!.place = FIELD_WORDS * ordered.indexOf(key)));
    shape.octets = at - address - 4 + keys.length + 4;
    shape.address = address;
    this.#shapes += 1;
    return true;
  }
}
