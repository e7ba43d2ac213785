/** Readers of tables of one shape, made as code where the host lets code be made: with constant keys a table costs a fifth of what it costs key by key. */
import type { Places, TableObject } from "./clone-table.js";
import type { Core } from "./core.js";
import { INTEGER_FIELD } from "./generated/records.js";
import { Codes } from "./made-code.js";
import type { PatternLearner } from "./table-patterns.js";
import type { FieldValue } from "./types.js";

/** Reads a table whose fields begin at this word of the tape. */
export interface TableReader {
  (core: Core, words: Int32Array, at: number): TableObject;
  /** Where such tables are cloned. */
  places: Places;
  /** Looks at the tables of this shape that are of no pattern. */
  learner?: PatternLearner | undefined;
}

/** What a reader calls for values that are no short matter. */
export interface ValueReaders {
  /** The strings that are known by their references. */
  interned(): readonly (string | undefined)[];
  /** The string of a reference. */
  string(core: Core, reference: number): FieldValue;
  /** An integer of more than 32 bits. */
  integer(high: number, low: number): FieldValue;
  double(high: number, low: number): FieldValue;
  timestamp(high: number, low: number): FieldValue;
  /** The value of the field at a word, whatever it is; `end` tells where it ends. */
  value(core: Core, at: number): FieldValue;
  end(): number;
  /** Sets where the table ends. */
  endAt(at: number): void;
}

/** Shapes that code is made for in all. A peer that goes on making up shapes gets no more than that out of us. */
const codes = new Codes(1024);

const FIELD_WORDS = 4;
const S = 0x53;
const T = 0x74;
const INTEGER = INTEGER_FIELD >> 8;
/** Types whose value is made of two words by a function, or is always the same. */
const others: Record<number, (first: string, second: string) => string> = {
  0x54: (high, low) => `r.timestamp(${high}, ${low})`,
  0x64: (high, low) => `r.double(${high}, ${low})`,
  0x56: () => "null",
};

/** Code that sets a field: `type` is what stood there when the shape was seen. Any other type takes the long way, which may end anywhere. */
function statement(key: string, i: number, type: number): string {
  const at = `at + ${i * FIELD_WORDS}`;
  const word = (k: number) => `w[at + ${i * FIELD_WORDS + k}]`;
  const set = `t[${JSON.stringify(key)}] =`;
  const general = `{ ${set} r.value(core, ${at}); at = r.end() - ${(i + 1) * FIELD_WORDS}; }`;
  if (type === S)
    return `if (${word(1)} === ${S}) ${set} (${word(2)} >= 0 && n[${word(2)}]) || r.string(core, ${word(2)}); else ${general}`;
  if (type === T) return `if (${word(1)} === ${T}) ${set} ${word(2)} !== 0; else ${general}`;
  if (type >>> 8 === INTEGER) {
    const value = `${word(2)} === ${word(3)} >> 31 ? ${word(3)} : r.integer(${word(2)}, ${word(3)})`;
    return `if (${word(1)} >>> 8 === ${INTEGER}) ${set} ${value}; else ${general}`;
  }
  const other = others[type];
  if (other !== undefined) return `if (${word(1)} === ${type}) ${set} ${other(word(2), word(3))}; else ${general}`;
  return general;
}

/**
 * A reader of tables with these keys. The table that it answers is a clone of one that is kept, of `cloneSource`: an engine copies `{ ...table, __proto__: null }` layout, prototype and all, where a literal without a prototype would be a
 * slow object. `undefined` where no code may be made.
 */
export function makeTableReader(
  keys: readonly string[],
  types: readonly number[],
  kept: TableObject,
  places: Places,
  readers: ValueReaders,
): TableReader | undefined {
  const reader = codes.make<TableReader>(
    [
      // Keys come from the network: as JSON they are nothing but strings.
      "const kept = r.kept, string = r.string;",
      "return function (core, w, at) {",
      "const n = r.interned();",
      "const t = { ...kept, __proto__: null };",
      ...keys.map((key, i) => statement(key, i, types[i]!)),
      `r.endAt(at + ${keys.length * FIELD_WORDS});`,
      "return t;",
      "};",
    ],
    { ...readers, kept },
  );
  if (reader !== undefined) reader.places = places;
  return reader;
}
