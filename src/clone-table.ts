import type { FieldValue } from "./types.js";

/** A table as an object. */
export type TableObject = { [key: string]: FieldValue };

/** Places that clone tables of known shapes: an engine remembers the layouts of the objects that it cloned at a place, and a few of them only. */
const SITES = 32;

/** The place for tables of no shape that is remembered: an engine gives a place up where it met what it cannot copy at once, and these are of any kind. */
export const ANY_SITE = SITES;

let sites = 0;

/** A place for the tables of one shape. */
export function nextSite(): number {
  return sites++ % SITES;
}

/**
 * A table with the fields of another. The engine copies such an object's layout at once and sets no prototype afterwards where the source is one of `cloneSource` or a clone of it, so that it costs a tenth of an object that is put together key by key, and no code is made at run time, which hosts may forbid.
 * Shapes are spread over the sites; that is why the same line stands here so many times.
 */
export function cloneTable(site: number, table: TableObject): TableObject {
  switch (site) {
    case 0:
      return { ...table, __proto__: null };
    case 1:
      return { ...table, __proto__: null };
    case 2:
      return { ...table, __proto__: null };
    case 3:
      return { ...table, __proto__: null };
    case 4:
      return { ...table, __proto__: null };
    case 5:
      return { ...table, __proto__: null };
    case 6:
      return { ...table, __proto__: null };
    case 7:
      return { ...table, __proto__: null };
    case 8:
      return { ...table, __proto__: null };
    case 9:
      return { ...table, __proto__: null };
    case 10:
      return { ...table, __proto__: null };
    case 11:
      return { ...table, __proto__: null };
    case 12:
      return { ...table, __proto__: null };
    case 13:
      return { ...table, __proto__: null };
    case 14:
      return { ...table, __proto__: null };
    case 15:
      return { ...table, __proto__: null };
    case 16:
      return { ...table, __proto__: null };
    case 17:
      return { ...table, __proto__: null };
    case 18:
      return { ...table, __proto__: null };
    case 19:
      return { ...table, __proto__: null };
    case 20:
      return { ...table, __proto__: null };
    case 21:
      return { ...table, __proto__: null };
    case 22:
      return { ...table, __proto__: null };
    case 23:
      return { ...table, __proto__: null };
    case 24:
      return { ...table, __proto__: null };
    case 25:
      return { ...table, __proto__: null };
    case 26:
      return { ...table, __proto__: null };
    case 27:
      return { ...table, __proto__: null };
    case 28:
      return { ...table, __proto__: null };
    case 29:
      return { ...table, __proto__: null };
    case 30:
      return { ...table, __proto__: null };
    case 31:
      return { ...table, __proto__: null };
    default:
      return { ...table, __proto__: null };
  }
}
