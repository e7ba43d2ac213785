/** Tables that others are cloned from. */
import type { TableObject } from "./clone-table.js";

/**
 * Whether a clone takes over whatever layout its source has. V8 did so until 11.3; a function that is a little younger tells. With the wrong answer all is the same but the time it takes, which no program can ask for
 * without measuring.
 */
const ANY_LAYOUT = !("withResolvers" in Promise);

/**
 * A table with these keys, in this order, for `cloneTable` and for code that clones; `keys` are fit for a template.
 *
 * Where clones do not take over any layout, an engine puts a place's first clone together key by key, beginning with an empty object without a prototype. It copies at once from then on, but only if that clone has the very layout of its
 * source, and any value is welcome in each field; otherwise the place is slow for good, at eight times the cost. So the source is put together likewise.
 */
export function cloneSource(keys: readonly string[], anyLayout = ANY_LAYOUT): TableObject {
  const table = anyLayout ? parsed(keys) : defined(keys);
  // A field that has seen null and a number takes any value from then on; clones would be slow while layouts change.
  for (const key of keys) table[key] = 0;
  return table;
}

/** From text an object gets its layout in one go, `__proto__` is a key as any other, and there is room for all keys inside. */
function parsed(keys: readonly string[]): TableObject {
  return JSON.parse(`{${keys.map((key) => `${JSON.stringify(key)}:null`).join()}}`) as TableObject;
}

/** Not `Object.create(null)`, which is a slow object; and an object to which many keys are assigned becomes one. */
function defined(keys: readonly string[]): TableObject {
  const table = Object.setPrototypeOf({}, null) as TableObject;
  const field = { value: null, writable: true, enumerable: true, configurable: true };
  for (const key of keys) Object.defineProperty(table, key, field);
  return table;
}
