/** The octets of a table that the core has read and found right, taken apart: where its fields stand, and in what two tables differ. Only what comes in most tables is known here. */
import { FIELD_OCTETS, INTEGER_TYPES, SIGNED_TYPES } from "./generated/field-types.js";
import { longAt } from "./long-at.js";

/** A field of a table, or an element of an array. */
export interface Part {
  /** Of an array's element: "". */
  readonly key: string;
  readonly type: number;
  /** Where the type octet stands, and where the value ends. */
  readonly at: number;
  readonly end: number;
  /** What is in a table or an array. */
  readonly parts: readonly Part[] | undefined;
  /** Whether the value, or the type of an integer, was seen to be another one. */
  varies: boolean;
  typeVaries: boolean;
}

const STRING = 0x53;
const ARRAY = 0x41;
export const TABLE = 0x46;
/** Octets of the values that have one size, but for decimals: objects that a program could change. */
const sizes = new Int8Array(256).fill(-1);
for (const [type, octets] of Object.entries(FIELD_OCTETS)) if (type !== "D") sizes[type.charCodeAt(0)] = octets;
/** By type octet: 1 for an integer, 3 for one that has a sign. */
const integers = new Uint8Array(256);
for (const type of INTEGER_TYPES) integers[type.charCodeAt(0)] = SIGNED_TYPES.includes(type) ? 3 : 1;

const DEEPEST = 8;

export function isInteger(type: number): boolean {
  return integers[type] !== 0;
}

export function hasSign(type: number): boolean {
  return integers[type] === 3;
}

/** The fields in [at, end), or an array's elements; `undefined` where there is one of a kind that is not known here. */
export function partsOf(
  octets: Uint8Array,
  array = false,
  at = 0,
  end = octets.length,
  depth = 0,
): readonly Part[] | undefined {
  const found: Part[] = [];
  while (at < end) {
    let key = "";
    if (!array) {
      const length = octets[at]!;
      try {
        key = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
          octets.subarray(at + 1, at + 1 + length),
        );
      } catch {
        return undefined;
      }
      at += 1 + length;
    }
    const type = octets[at]!;
    const from = at;
    let parts: readonly Part[] | undefined;
    if (type === STRING || type === ARRAY || type === TABLE) {
      const value = at + 5;
      at = value + longAt(octets, at + 1);
      if (type !== STRING) {
        parts = depth === DEEPEST ? undefined : partsOf(octets, type === ARRAY, value, at, depth + 1);
        if (parts === undefined) return undefined;
      }
    } else {
      if (sizes[type]! < 0) return undefined;
      at += 1 + sizes[type]!;
    }
    found.push({ key, type, at: from, end: at, parts, varies: false, typeVaries: false });
  }
  return found;
}

function same(a: Uint8Array, from: number, end: number, b: Uint8Array, at: number): boolean {
  for (; from < end; from++, at++) if (a[from] !== b[at]) return false;
  return true;
}

/** Whether two tables have the same keys, in the same order, with values of the same kinds. */
export function alike(parts: readonly Part[], others: readonly Part[]): boolean {
  return (
    parts.length === others.length &&
    parts.every((part, i) => {
      const other = others[i]!;
      if (part.key !== other.key) return false;
      if (part.type !== other.type) return isInteger(part.type) && isInteger(other.type);
      return part.parts === undefined || alike(part.parts, other.parts!);
    })
  );
}

/** Notes in the parts of one of two that are alike what is another value in the other. */
export function compare(parts: readonly Part[], a: Uint8Array, others: readonly Part[], b: Uint8Array): void {
  for (const [i, part] of parts.entries()) {
    const other = others[i]!;
    if (part.parts !== undefined) {
      compare(part.parts, a, other.parts!, b);
      part.varies = part.parts.some(({ varies }) => varies);
      part.typeVaries = part.parts.some(({ type, varies, typeVaries }) => typeVaries || (varies && type === STRING));
    } else if (part.end - part.at !== other.end - other.at || !same(a, part.at, part.end, b, other.at)) {
      part.varies = true;
      if (part.type !== other.type) part.typeVaries = true;
    }
  }
}
