/** What is ambiguous in a content header, as data. */

/** What is ambiguous. */
export type AmbiguityKind =
  /** A key that stands twice in one table. */
  | "duplicate-key"
  /** A boolean whose octet is neither 0 nor 1. */
  | "boolean"
  /** A name, string or property that is no UTF-8. */
  | "utf-8"
  /** A field, table or array that passes the end of what it stands in. */
  | "past-end"
  /** A type octet that not everybody knows. */
  | "field-type"
  /** A number whose first bit is a sign to some. */
  | "sign"
  /** A float that is infinite or not a number. */
  | "not-finite"
  /** Nested deeper than anybody looks. */
  | "depth"
  /** A property that is announced and empty, a table without fields, a key without letters. */
  | "empty"
  /** Property flags that stand for no property, or announce more of them. */
  | "flags"
  /** Octets behind the last property. */
  | "octets-left"
  /** A class but 60, or a weight but 0. */
  | "reserved";

/** One way to read octets. */
export interface Reading {
  /** How a parser gets to it, in words. */
  readonly how: string;
  /** What it makes of the octets; `undefined` where it refuses them, or takes nothing. */
  readonly value: unknown;
}

/** A place where parsers go apart. */
export interface Ambiguity {
  readonly kind: AmbiguityKind;
  /** Of the first octet of what is ambiguous, counted from the frame's first. */
  readonly offset: number;
  /** Such as `"headers.x-user"`; empty where it is in no property. */
  readonly path: string;
  /** What is ambiguous, in words. */
  readonly text: string;
  /** At least two. */
  readonly readings: readonly Reading[];
}
