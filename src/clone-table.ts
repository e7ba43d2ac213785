import type { FieldValue } from "./types.js";

/** A table as an object. */
export type TableObject = { [key: string]: FieldValue };

/**
 * Answers a table with the fields of another. The engine copies such an object's layout at once and sets no prototype afterwards where the source is one of `cloneSource` or a clone of it, so that it costs a tenth of an object that is put together key by key, and no code is made at run time, which hosts may forbid.
 */
export type Cloner = (table: TableObject) => TableObject;

/** For tables of no shape that is remembered: an engine gives a place up where it met what it cannot copy at once, and these are of any kind. */
export const cloneAny: Cloner = (table) => ({ ...table, __proto__: null });

/** The same line many times: an engine remembers the layouts of the objects that it cloned at a place, four of them, and gives the place up for good when it meets a fifth. */
const cloners: readonly Cloner[] = [
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
  (table) => ({ ...table, __proto__: null }),
];

const CLONERS = 48;
let taken = 0;

/** Where tables with certain keys are cloned. */
export interface Places {
  /** From what was put together from the tape. */
  readonly made: Cloner;
  /** From such a clone, which has another layout in some engines. */
  readonly cloned: Cloner;
}

/** What is known of shapes is lost whenever the core forgets its ids, and learned again: their tables stay in their places, or in the end there would be no place that an engine has not given up. */
const places = new Map<string, Places>();
const PLACES = 256;
/** Characters of all keys together. */
const KEYS_LENGTH = 256;

/** The places for tables with these keys. */
export function placesFor(keys: readonly string[]): Places {
  const text = JSON.stringify(keys);
  let known = places.get(text);
  if (!known) {
    known = { made: cloners[taken++ % CLONERS]!, cloned: cloners[taken++ % CLONERS]! };
    if (places.size < PLACES && text.length <= KEYS_LENGTH) places.set(text, known);
  }
  return known;
}
