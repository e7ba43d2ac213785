/**
 * Code that is made at run time, where the host allows it. In browsers and workers a policy may forbid it and tell of the attempt on the console, so that only Node, and what calls itself so, is
 * asked. Everything works without.
 */
let allowed = (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !== undefined;

/**
 * Says whether the package may make code at run time, by `new Function`: for tables, properties and messages that come often, bounded in number. With it large tables are decoded in half the time and messages with headers encoded in two thirds of it; nothing
 * else differs. Allowed in Node from the first, and nowhere else, because a page's Content-Security-Policy without `'unsafe-eval'` forbids it and may report the attempt. To be called before anything else; where a host refuses all the same,
 * the package goes on without.
 *
 * @param allow defaults to true.
 */
export function allowCodeGeneration(allow = true): void {
  allowed = allow;
}

/** Whether code may be made here, as far as is known. */
export function mayMakeCode(): boolean {
  return allowed;
}

/** Makes what `r` is needed for. */
type Maker = (r: object) => unknown;

/** Characters of all code of one kind that is kept. */
const LENGTH = 0x200000;

/**
 * Code of one kind, bounded in number. What its users know is lost whenever the core forgets its ids, and learned again: once half of the number is used up they get the code that was made before, or a program that runs for long would have
 * none in the end. Not earlier: an engine makes better code of a function that there is once.
 */
export class Codes {
  readonly #most: number;
  #made = 0;
  #length = LENGTH;
  readonly #makers = new Map<string, Maker>();

  /** @param most what is made in all: each takes memory for good. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether all is made that may be. */
  get spent(): boolean {
    return this.#made === this.#most;
  }

  /** What a function answers that has these lines for a body and `r` for a parameter; `undefined` where no code may be made. Names that came from outside are to be JSON in the lines. */
  make<T>(lines: readonly string[], r: object): T | undefined {
    if (!allowed) return undefined;
    const text = lines.join("\n");
    const known = 2 * this.#made < this.#most ? undefined : this.#makers.get(text);
    return (known ?? this.#anew(text))?.(r) as T | undefined;
  }

  #anew(text: string): Maker | undefined {
    if (this.#made === this.#most) return undefined;
    this.#made += 1;
    try {
      // Numbered, because an engine takes equal texts for one function.
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- this is the one place, and the callers' lines are made of constants and JSON
      const make = new Function("r", `"use strict"; // ${this.#made}\n${text}`) as Maker;
      if (!this.#makers.has(text) && text.length <= this.#length) {
        this.#length -= text.length;
        this.#makers.set(text, make);
      }
      return make;
    } catch (error) {
      if (!(error instanceof EvalError)) throw error;
      allowed = false;
      return undefined;
    }
  }
}
