/** Which header tables come often, and what in them differs: from it patterns for the core are made, so that it need not go through such a table field by field, and nobody makes again what is the same in all of them. */
import type { TableObject } from "./clone-table.js";
import type { Core } from "./core.js";
import { HIGH_FIRST, PATTERN_STEP_WORDS, PATTERN_STRIDE, SIGNED, Step } from "./generated/pattern-steps.js";
import {
  fitsHole,
  makePatternReader,
  type PatternReader,
  type PatternTable,
  type PatternValue,
} from "./pattern-reader.js";
import { alike, compare, hasSign, isInteger, partsOf, TABLE, type Part } from "./table-octets.js";
import type { ValueReaders } from "./table-reader.js";
import { Timestamp } from "./timestamp.js";
import type { FieldValue } from "./types.js";

/** How often tables of a shape come that are of no pattern before they are looked at: to look at them takes as long as reading some thousands. */
const OFTEN = 1536;
/** How many are compared. */
const SAMPLES = 24;
/** How many may be unlike the first before another is the first. */
const UNLIKE = 48;
/** Patterns of a shape. */
const PATTERNS = 4;
const OCTETS_MAX = 4096;
const PARTS_MAX = 256;
const STRING = 0x53;
const TIME = 0x54;

/** Whether keys can be those of a table that is cloned. */
type Fitness = (keys: readonly string[]) => boolean;

/** Looks at the tables of one shape that are of no pattern. */
export class PatternLearner {
  #met = 0;
  #wait = OFTEN;
  #sample: { readonly octets: Uint8Array; readonly parts: readonly Part[] } | undefined;
  #alike = 0;
  #unlike = 0;
  #patterns = 0;

  /** Whether a table that was met now is to be looked at. */
  wants(): boolean {
    return ++this.#met > this.#wait;
  }

  /**
   * Looks at a table, whose head stands at a word of the tape, and which became `table`. Answers what reads the tables of a new pattern, and its number: where there is one, the core has it.
   */
  look(
    core: Core,
    head: number,
    table: TableObject,
    readers: ValueReaders,
    fits: Fitness,
  ): { number: number; reader: PatternReader } | undefined {
    const start = core.input + core.words[head]!;
    const octets = core.octets.slice(start, start + core.words[head + 1]!);
    const parts = octets.length <= OCTETS_MAX ? partsOf(octets) : undefined;
    if (parts === undefined || octets.length < 8) return this.#end();
    if (this.#sample === undefined) {
      this.#sample = { octets, parts };
      this.#alike = this.#unlike = 0;
      return undefined;
    }
    const sample = this.#sample;
    if (!alike(sample.parts, parts)) {
      if (++this.#unlike === UNLIKE) this.#again(2 * this.#wait);
      return undefined;
    }
    compare(sample.parts, sample.octets, parts, octets);
    if (++this.#alike < SAMPLES) return undefined;
    const builder = new PatternBuilder(fits, this.#patterns > 0);
    const pattern = builder.build(sample.parts, parts, octets.length, table);
    if (pattern === undefined) return this.#end();
    const number = addPattern(core, core.words[head + 3]!, octets, builder);
    if (number === 0) return this.#end();
    if (++this.#patterns === PATTERNS) this.#end();
    else this.#again(OFTEN);
    return { number, reader: makePatternReader(pattern, readers) };
  }

  #again(wait: number): void {
    this.#sample = undefined;
    this.#met = 0;
    this.#wait = wait;
  }

  #end(): undefined {
    this.#again(Infinity);
  }
}

/**
 * Gives the core a pattern whose tables are like these octets; answers its number, or 0 where there is no room. The octets of each step are padded with zeros; as many follow of its mask, 255 for what is the same in all tables, and then a long
 * for each hole.
 */
function addPattern(core: Core, shape: number, octets: Uint8Array, builder: PatternBuilder): number {
  const { steps, fields, depth, values } = builder;
  const { addPattern: add, patternOctets, patternSteps } = core.exports;
  // How often a loop turns that turns two, three or four times cannot be foretold where each table is of another pattern: those that are compared in one go differ less in that.
  const alone = steps.length === 1;
  const compared = steps.map(({ before }) => up(before, alone ? PATTERN_STRIDE : PATTERN_STRIDE / 2));
  const words = steps.map(({ holes }) => (alone ? up(holes.length, 4) : holes.length));
  const size = steps.reduce((sum, _, i) => sum + 2 * compared[i]! + 4 * words[i]!, 0);
  const number = add(shape, steps.length, size, fields, depth, 16 * values);
  if (number === 0) return 0;
  const first = patternSteps();
  let to = patternOctets(size) >>> 0;
  core.octets.fill(0, to, to + size);
  for (const [i, { from, before, holes, kind, began }] of steps.entries()) {
    const mask = to + compared[i]!;
    core.octets.set(octets.subarray(from, from + before), to);
    core.octets.fill(0xff, mask, mask + before);
    let place = mask + compared[i]!;
    core.words.set(
      [to, before, compared[i]!, 0, kind, 0, first + 4 * PATTERN_STEP_WORDS * began, 4 * words[i]!, 8 * holes.length],
      (first >>> 2) + PATTERN_STEP_WORDS * i,
    );
    for (const { type, at, end } of holes) {
      core.octets.fill(0, mask + at - from, mask + end - from);
      core.view.setUint32(place, ((at - from) << 8) | howTaken(type, end - at), true);
      place += 4;
    }
    to = place + 4 * (words[i]! - holes.length);
  }
  return number;
}

function up(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}

/** How a value of so many octets is made two words: bits to drop, whether it has a sign, whether the high word comes first: not of a double, which is read as it stands. */
function howTaken(type: number, octets: number): number {
  return (64 - 8 * octets) | (hasSign(type) ? SIGNED : 0) | (isInteger(type) || type === TIME ? HIGH_FIRST : 0);
}

interface PatternStep {
  /** Where the octets before it begin, and how many there are. */
  readonly from: number;
  readonly before: number;
  readonly holes: readonly PatternHole[];
  readonly kind: number;
  /** Index of the step that began what ends here. */
  readonly began: number;
}

/** A hole of one size: type and place of its value. */
interface PatternHole {
  readonly type: number;
  readonly at: number;
  readonly end: number;
}

/** Puts together the steps of a pattern, and what the host makes of its tables. */
class PatternBuilder {
  readonly steps: PatternStep[] = [];
  fields = 0;
  depth = 0;
  values = 0;
  readonly #fits: Fitness;
  readonly #anyInteger: boolean;
  #from = 0;
  #holes: PatternHole[] = [];

  /** @param anyInteger whether an outermost integer that varies may be of any type: where tables came already that one pattern did not fit. */
  constructor(fits: Fitness, anyInteger: boolean) {
    this.#fits = fits;
    this.#anyInteger = anyInteger;
  }

  /** `seen` says what varies, `parts` where the octets of this table are. */
  build(seen: readonly Part[], parts: readonly Part[], octets: number, table: TableObject): PatternTable | undefined {
    const pattern = this.#table(seen, parts, table, 0);
    this.#step(Step.END, octets, octets);
    return pattern;
  }

  /** What stands up to `to` is before the step, which goes on at `next`. */
  #step(kind: number, to: number, next: number, began = 0): void {
    this.steps.push({ from: this.#from, before: to - this.#from, holes: this.#holes, kind, began });
    this.#from = next;
    this.#holes = [];
  }

  #table(seen: readonly Part[], parts: readonly Part[], table: TableObject, depth: number): PatternTable | undefined {
    const keys = parts.map(({ key }) => key);
    if (!this.#fits(keys)) return undefined;
    const values = this.#values(seen, parts, (i) => table[keys[i]!]!, depth);
    return values && { keys, values };
  }

  #values(
    seen: readonly Part[],
    parts: readonly Part[],
    valueOf: (i: number) => FieldValue,
    depth: number,
  ): PatternValue[] | undefined {
    this.fields += parts.length;
    this.depth = Math.max(this.depth, depth);
    if (this.fields > PARTS_MAX) return undefined;
    const values: PatternValue[] = [];
    for (const [i, part] of parts.entries()) {
      const value = this.#value(seen[i]!, part, valueOf(i), depth);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return values;
  }

  #value(seen: Part, { type, at, end, parts }: Part, value: FieldValue, depth: number): PatternValue | undefined {
    if (parts !== undefined) {
      // What is in it may be shorter or longer.
      const opens = seen.typeVaries;
      const began = this.steps.length;
      if (opens) this.#step(Step.OPEN, at + 1, at + 5);
      const made =
        type === TABLE
          ? this.#table(seen.parts!, parts, value as TableObject, depth + 1)
          : this.#elements(seen.parts!, parts, value as FieldValue[], depth + 1);
      if (opens) this.#step(Step.END_OF, end, end, began);
      return made;
    }
    if (seen.varies) return this.#hole(seen, type, at, end, depth);
    // Octets could be changed by whoever gets them.
    if (type === STRING && typeof value !== "string") return undefined;
    if (value instanceof Timestamp) return { seconds: value.seconds };
    return { constant: value };
  }

  #elements(
    seen: readonly Part[],
    parts: readonly Part[],
    array: readonly FieldValue[],
    depth: number,
  ): PatternValue | undefined {
    const elements = this.#values(seen, parts, (i) => array[i]!, depth);
    return elements && { elements };
  }

  #hole(seen: Part, type: number, at: number, end: number, depth: number): PatternValue | undefined {
    const integer = isInteger(type);
    if (seen.typeVaries || (integer && this.#anyInteger && depth === 0)) this.#step(Step.INTEGER, at, end);
    else if (type === STRING) this.#step(Step.STRING, at + 1, end);
    else if (integer || fitsHole(type)) this.#holes.push({ type, at: at + 1, end });
    else return undefined;
    return { slot: 2 * this.values++, type };
  }
}
