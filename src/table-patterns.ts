/** Which header tables come often, and what in them differs: from it patterns for the core are made, so that it need not go through such a table field by field, and nobody makes again what is the same in all of them. */
import type { TableObject } from "./clone-table.js";
import type { Core } from "./core.js";
import { PATTERN_STEP_WORDS, PATTERN_STRIDE, Step } from "./generated/pattern-steps.js";
import {
  fitsHole,
  makePatternReader,
  type PatternReader,
  type PatternTable,
  type PatternValue,
} from "./pattern-reader.js";
import { alike, compare, isInteger, partsOf, TABLE, type Part } from "./table-octets.js";
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
    const builder = new PatternBuilder(fits);
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
 * Gives the core a pattern whose tables are like these octets; answers its number, or 0 where there is no room. A mask's octets are padded with zeros to a multiple of `PATTERN_STRIDE`; as many follow of the mask, 255 for what is the same in all tables, and then for each hole
 * its place, shifted by 8, and its type, in a long of which there is a multiple of four. On the tape its booleans are true by any octet but 0.
 */
function addPattern(core: Core, shape: number, octets: Uint8Array, builder: PatternBuilder): number {
  const { steps, holes, fields, depth } = builder;
  const size = octets.length;
  const { addPattern: add, patternOctets, patternSteps } = core.exports;
  if (holes !== undefined) {
    const padded = Math.ceil(size / PATTERN_STRIDE) * PATTERN_STRIDE;
    const all = new Uint8Array(2 * padded + 16 * Math.ceil(holes.length / 4));
    all.set(octets);
    all.fill(0xff, padded, padded + size);
    const places = new DataView(all.buffer, 2 * padded);
    for (const [i, { type, at, end }] of holes.entries()) {
      all.fill(0, padded + at, padded + end);
      places.setUint32(4 * i, (at << 8) | type, true);
    }
    const number = add(shape, holes.length, all.length, fields, depth, size);
    if (number !== 0) core.octets.set(all, patternOctets(all.length) >>> 0);
    return number;
  }
  const number = add(shape, steps.length, size, fields, depth, 0);
  if (number === 0) return 0;
  const to = patternOctets(size) >>> 0;
  core.octets.set(octets, to);
  const first = patternSteps();
  for (let i = 0, at = first >>> 2; i < steps.length; i++, at += PATTERN_STEP_WORDS) {
    const { from, before, kind, type, began } = steps[i]!;
    core.words[at] = to + from;
    core.words[at + 1] = before;
    core.words[at + 2] = type;
    core.words[at + 4] = kind;
    core.words[at + 6] = first + 4 * PATTERN_STEP_WORDS * began;
  }
  return number;
}

interface PatternStep {
  /** Where the octets before it begin, and how many there are. */
  readonly from: number;
  readonly before: number;
  readonly kind: number;
  readonly type: number;
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
  /** The holes, as long as nothing was seen that may have another length. */
  holes: PatternHole[] | undefined = [];
  fields = 0;
  depth = 0;
  readonly #fits: Fitness;
  #from = 0;
  #slots = 0;

  constructor(fits: Fitness) {
    this.#fits = fits;
  }

  /** `seen` says what varies, `parts` where the octets of this table are. */
  build(seen: readonly Part[], parts: readonly Part[], octets: number, table: TableObject): PatternTable | undefined {
    const pattern = this.#table(seen, parts, table, 0);
    this.#step(Step.END, octets, octets);
    return pattern;
  }

  /** What stands up to `to` is before the step, which goes on at `next`. */
  #step(kind: number, to: number, next: number, type = 0, began = 0): void {
    this.steps.push({ from: this.#from, before: to - this.#from, kind, type, began });
    this.#from = next;
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
      if (opens) this.#step(Step.END_OF, end, end, 0, began);
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
    if (isInteger(type)) {
      if (depth === 0 || seen.typeVaries) this.#step(Step.INTEGER, at, end);
      else this.#step(Step.FIXED, at + 1, end, type);
    } else if (!fitsHole(type)) return undefined;
    else if (type === STRING) this.#step(Step.STRING, at + 1, end);
    else this.#step(Step.FIXED, at + 1, end, type);
    if (seen.typeVaries || type === STRING) this.holes = undefined;
    this.holes?.push({ type, at: at + 1, end });
    const slot = this.#slots;
    this.#slots += 2;
    return { slot, type };
  }
}
