/** Rivals that cannot work in one go, since they hand out promises. */

/** A run that ends with a promise. Begun again before that, it would be timed for the little that it did so far: an error. */
export function oneAtATime(run) {
  let underWay = false;
  return async (...args) => {
    if (underWay) throw new Error("the run before has not ended: await it");
    underWay = true;
    await run(...args);
    underWay = false;
  };
}
