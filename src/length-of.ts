// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called for what it is asked of
const { get: length } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), "length")!;

/** How many octets an array holds, whatever a class or a property of its own would answer: so many are copied. Nothing of the program's is run. */
export function lengthOf(octets: Uint8Array): number {
  // An engine that has looked for an octet knows what kind of array it is, and need not call anything for its length.
  void octets[0];
  return length!.call(octets) as number;
}
