/** The order of a table's keys. */

/** More keys than these are sorted by the engine. */
export const FEW_KEYS = 16;

/** Keys in the order that they go out in. */
export function inOrder(keys: readonly string[]): readonly string[] {
  const sorted = [...keys];
  sortByCodePoint(sorted);
  return sorted;
}

/** JavaScript sorts by UTF-16 unit, which puts astral characters before U+E000; pamqp sorts by code point, which is the order of the octets. */
function sortByCodePoint(keys: string[]): void {
  if (keys.length > FEW_KEYS) {
    keys.sort(compareCodePoints);
    return;
  }
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!;
    let at = i;
    for (; at > 0 && compareCodePoints(keys[at - 1]!, key) > 0; at--) keys[at] = keys[at - 1]!;
    keys[at] = key;
  }
}

function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for what lies above all other units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
