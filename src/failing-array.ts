/** Frames that came before an error: iterating them ends with it, so that a loop over `push` loses neither. */
class FailingArray<T> extends Array<T> {
  // What map, filter and slice make is an ordinary array.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** Makes an iteration over `items` throw `error` behind the last. */
export function failingAfter<T>(items: T[], error: Error): T[] {
  const failing: T[] = FailingArray.from(items);
  Object.defineProperty(failing, Symbol.iterator, {
    *value() {
      yield* items;
      throw error;
    },
  });
  return failing;
}
