/**
 * Tables of a known sequence of keys, with tables and arrays within them: the octets of the keys are kept, in the order that they go out in, and nothing is sorted or looked up again. All else is for `CommandWords`, which knows all values and all
 * errors: whatever is unusual here answers -1.
 */
import { SURELY_SHORT, type CommandTape } from "./command-tape.js";
import { KEPT_LENGTH } from "./kept.js";
import { keepKeys } from "./kept-keys.js";
import { ELEMENTS, FIELD_WORDS, MOST_KEYS, ordinary, Place, ShapeTree, type Fields, type Shape } from "./shape.js";
import { isWellFormed, writeText } from "./strings.js";
import { tableWriterOf } from "./table-code.js";
import { highOf, isTimestamp, secondsOf, type Timestamp } from "./timestamp.js";

/** Shapes whose keys are kept. */
const MOST_SHAPES = 1024;
/** Levels of tables and arrays within a table. */
const MOST_LEVELS = 8;
/** Characters of a text that goes out with its table. */
const MOST_CHARACTERS = 2048;
/** A field whose text was new so often is taken to have new ones for a while. */
const NEW = 16;
const TAKEN_AS_NEW = -1024;
/** How often tables of a shape stand within others before they are worth code of their own. */
const USES = 64;
/** What is answered where a table has other keys than was thought. */
const OTHER_KEYS = -2;

const LONG_STRING = 0x5300;
const TABLE = 0x4600;
const ARRAY = 0x4100;

const bits = new Float64Array(1);
const halves = new Int32Array(bits.buffer);
const [LOW, HIGH] = new Uint8Array(Int32Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0];

export class TableShapes {
  readonly #tape: CommandTape;
  readonly #sorted: boolean;
  #tree = new ShapeTree();
  #last = this.#tree.root;
  #shapes = 0;
  /** Octets of the table that was packed last. */
  octets = 0;

  constructor(tape: CommandTape, sorted: boolean) {
    this.#tape = tape;
    this.#sorted = sorted;
    tape.kept.onClear(() => this.#forget());
  }

  #forget(): void {
    this.#tree = new ShapeTree();
    this.#last = this.#tree.root;
    this.#shapes = 0;
  }

  /** Packs a table from a word on: its shape, and two words for each field. Answers the word behind, or -1. */
  pack(table: object, at: number, wide: boolean): number {
    const tape = this.#tape;
    const { text, pool, count, poolEnd } = tape;
    tape.beginValues();
    try {
      if (!ordinary(table)) return -1;
      let shape: Shape | undefined = this.#last;
      let octets = shape.address > 0 ? this.#fields(shape.fields, table, at, wide, 0) : OTHER_KEYS;
      if (octets === OTHER_KEYS) {
        // Texts of the fields before the first that differs must not be there twice.
        tape.undo(text, pool, count, poolEnd);
        shape = this.#known(table);
        if (shape === undefined) return -1;
        this.#last = shape;
        octets = this.#fields(shape.fields, table, at, wide, 0);
      }
      if (octets < 0) return -1;
      this.octets = octets;
      return at + 1 + FIELD_WORDS * shape.keys.length;
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
    const shape = this.#tree.find(table);
    return shape !== undefined && (shape.address > 0 || this.#learn(shape)) ? shape : undefined;
  }

  /** Words of a table, if it is of this shape. Answers its octets. */
  #fields(fields: Fields, table: object, start: number, wide: boolean, level: number): number {
    const { write, shape } = fields;
    const { words } = this.#tape.core;
    const at = start + 1;
    words[start] = shape.address;
    const octets =
      write === undefined ? this.#each(fields, table, at, wide, level) : write(table, words, at, wide, level);
    return octets < 0 ? octets : shape.octets + octets;
  }

  #each({ shape, places }: Fields, table: object, at: number, wide: boolean, level: number): number {
    const { keys } = shape;
    const { length } = keys;
    let octets = 0;
    let i = 0;
    for (const key in table) {
      if (i === length || key !== keys[i]) return OTHER_KEYS;
      const place = places[i]!;
      const taken = this.field((table as Record<string, unknown>)[key], place, at + place.at, wide, level);
      if (taken < 0) return -1;
      octets += taken;
      i++;
    }
    return i === length ? octets : OTHER_KEYS;
  }

  /** Two words of the value of a field. Answers its octets without the type's, -1 where the general way must look at it. */
  field(value: unknown, place: Place, to: number, wide: boolean, level = 0): number {
    const { words } = this.#tape.core;
    if (typeof value === "string") {
      if (value !== place.text) return this.#text(value, place, to);
      words[to] = place.word;
      return place.size;
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
    return typeof value === "object" ? this.#within(value, place, to, wide, level + 1) : -1;
  }

  #seconds(value: Timestamp | Date, to: number): number {
    const seconds = secondsOf(value);
    return seconds >= 0 ? this.#eight(0x5400, highOf(seconds), seconds | 0, to) : -1;
  }

  /** Words of a table or an array within another, or of a time. */
  #within(value: object, place: Place, to: number, wide: boolean, level: number): number {
    const tape = this.#tape;
    if (level > MOST_LEVELS || tape.crowded) return -1;
    if (Array.isArray(value)) return this.#array(value, place, to, wide, level);
    const { text, pool, count, poolEnd } = tape;
    let { fields } = place;
    if (fields?.write !== undefined) {
      // It asks itself whether it is a plain object, and looks at all keys before it writes.
      const octets = this.#table(fields, value, to, wide, level);
      if (octets !== OTHER_KEYS) return octets;
      fields = undefined;
    }
    if (!ordinary(value)) return isTimestamp(value) || value instanceof Date ? this.#seconds(value, to) : -1;
    if (fields !== undefined) {
      const octets = this.#table(fields, value, to, wide, level);
      if (octets !== OTHER_KEYS) return octets;
      tape.undo(text, pool, count, poolEnd);
    }
    fields = this.#known(value)?.variant(place.variant);
    if (fields === undefined) return -1;
    place.fields = fields;
    return this.#table(fields, value, to, wide, level);
  }

  #table(fields: Fields, table: object, to: number, wide: boolean, level: number): number {
    const at = this.#apart(TABLE, FIELD_WORDS * fields.places.length, to);
    const octets = this.#fields(fields, table, at, wide, level);
    // Behind them: to make code the table is read once more.
    if (++fields.uses === USES && octets >= 0)
      fields.write = tableWriterOf(fields, table as Record<string, unknown>, this);
    return octets;
  }

  #array(array: readonly unknown[], place: Place, to: number, wide: boolean, level: number): number {
    const { length } = array;
    // A proxy may answer anything.
    if ((length & 0x7f) !== length || length > MOST_KEYS) return -1;
    const at = this.#apart(ARRAY, FIELD_WORDS * length, to);
    this.#tape.core.words[at] = length;
    const elements = (place.elements ??= Array.from({ length: ELEMENTS }, (_, variant) => new Place(variant, 0)));
    let octets = 4 + length;
    for (let i = 0; i < length; i++) {
      const taken = this.field(array[i], elements[i % ELEMENTS]!, at + 1 + FIELD_WORDS * i, wide, level);
      if (taken < 0) return -1;
      octets += taken;
    }
    // A getter may have changed it.
    return array.length === length ? octets : -1;
  }

  /** Room among the texts for a word and so many more. Answers the index of the first. */
  #apart(head: number, more: number, to: number): number {
    const tape = this.#tape;
    const { words } = tape.core;
    const address = ((tape.text + 3) & ~3) >>> 0;
    tape.text = address + 4 * (1 + more);
    words[to] = head;
    words[to + 1] = address;
    return address >>> 2;
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
    if (Number.isSafeInteger(value) && value !== 0) {
      if (wide || value < 0 || value > 0xffffffff)
        return this.#eight(0x6c00, Math.floor(value / 0x100000000), small, at);
      words[at] = 0x6900;
      return 4;
    }
    // What is not finite goes the general way.
    if (!Number.isFinite(value)) return -1;
    bits[0] = value;
    return this.#eight(0x6400, halves[HIGH]!, halves[LOW]!, at);
  }

  /** Words of a value of eight octets, which stands among the texts. */
  #eight(type: number, high: number, low: number, to: number): number {
    const at = this.#apart(type, 1, to);
    const { words } = this.#tape.core;
    words[at] = high;
    words[at + 1] = low;
    return 8;
  }

  /** Words of a text that is not the field's last. Answers its octets with those of its length, -1 where it may not be written like this. */
  #text(value: string, place: Place, at: number): number {
    const tape = this.#tape;
    const { core, kept, text } = tape;
    const { length } = value;
    if (place.newness < 0) place.newness += 1;
    else if (length <= KEPT_LENGTH) {
      const known = kept.text(value);
      if (known !== undefined) {
        place.newness = 0;
        place.text = value;
        core.words[at] = place.word = core.kept + (known >>> 8);
        return (place.size = 4 + (known & 0xff));
      }
      if (tape.crowded) return -1;
      if (++place.newness >= NEW) place.newness = TAKEN_AS_NEW;
      const octets = writeText(core, value, text + 1);
      if (octets < 0) return -1;
      core.octets[text] = octets;
      kept.meet(value, text, octets);
      core.words[at] = text;
      tape.text = text + 1 + octets;
      return 4 + octets;
    }
    if (length === 0 || length > MOST_CHARACTERS || tape.crowded) return -1;
    if (length > SURELY_SHORT || tape.wary > 0) return this.#longText(value, at);
    if (!isWellFormed(value)) return -1;
    tape.later(value, value.length, at, LONG_STRING);
    return 4 + length;
  }

  /** A text that is written at once, behind a word with the number of its octets. */
  #longText(value: string, to: number): number {
    const tape = this.#tape;
    const { core } = tape;
    const at = this.#apart(LONG_STRING, 0, to);
    const octets = writeText(core, value, tape.text);
    if (octets < 0) return -1;
    core.words[at] = octets;
    tape.text += octets;
    return 4 + octets;
  }

  #learn(shape: Shape): boolean {
    if (this.#shapes === MOST_SHAPES || !keepKeys(shape, this.#tape, this.#sorted)) return false;
    this.#shapes += 1;
    return true;
  }
}
