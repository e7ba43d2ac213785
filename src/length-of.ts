// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called for what it is asked of
const { get: length } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), "length")!;

/** How many octets an array holds, whatever a class or a property of its own would answer: so many are copied. Nothing of the program's is run. */
export function lengthOf(octets: Uint8Array): number {
  return length!.call(octets) as number;
}
