/** Stands in for `Function`, so that a test sees what code is made at run time. */
const NativeFunction = globalThis.Function;

export type Code = (...given: unknown[]) => unknown;

/** Puts `construct` in the place of `new Function`; it is handed what makes the function really, and the arguments. */
export function standInForFunction(construct: (make: (...given: string[]) => Code, given: string[]) => Code): void {
  globalThis.Function = new Proxy(NativeFunction, {
    construct: (target, given: string[]) => construct((...texts) => new target(...texts) as Code, given),
  });
}

export function restoreFunction(): void {
  globalThis.Function = NativeFunction;
}
