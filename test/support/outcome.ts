/** What went wrong with a vector, in words that a list of differences can name. */
import { expect } from "vitest";
import { differences } from "../differences.js";

const cases = differences.flatMap((difference) => difference.cases);

/** What a call gave or threw. */
export type Outcome<Value> = { value: Value; error?: undefined } | { value?: undefined; error: Error };

export function attempt<Value>(call: () => Value): Outcome<Value> {
  try {
    return { value: call() };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(`threw ${String(error)}`) };
  }
}

/**
 * Collects where vectors of one family are not met. What stands in the table of differences must be there, and nothing else may.
 */
export class Findings {
  private readonly family: string;
  private readonly unexpected: string[] = [];
  private readonly seen = new Set<string>();

  constructor(family: string) {
    this.family = family;
  }

  /** Takes what is wrong with a vector, or undefined where nothing is. */
  add(name: string, finding: string | undefined): void {
    if (finding === undefined) return;
    const entry = cases.find(
      ({ family, vectors, shows }) => family === this.family && vectors.includes(name) && finding.includes(shows),
    );
    if (entry === undefined) this.unexpected.push(`${name}: ${finding}`);
    else this.seen.add(`${name} | ${entry.shows}`);
  }

  /** Fails for what is not in the table of differences, and for what is there and does not differ. */
  settle(names: readonly string[]): void {
    const gone = cases
      .filter(({ family }) => family === this.family)
      .flatMap(({ vectors, shows }) =>
        vectors.filter((name) => names.includes(name)).map((name) => `${name} | ${shows}`),
      )
      .filter((key) => !this.seen.has(key));
    expect({ unexpected: this.unexpected, "listed, but not different": gone }).toEqual({
      unexpected: [],
      "listed, but not different": [],
    });
  }
}
