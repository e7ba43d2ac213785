/** Arrays of values that a program may keep. */

/**
 * An array of these, as `[...]` makes it. Of an array literal V8 counts how many of its first arrays were kept; where most were, as in a backlog, it makes all later ones among old objects, and a message takes two to four times as long. It
 * keeps no such book of rest parameters, and inlines them likewise.
 */
export function listOf<T>(...values: T[]): T[] {
  return values;
}
