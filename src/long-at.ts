/** A long of the wire (section 4.2.5.2), signed: below 0 where it is more than 2147483647. */
export function longAt(octets: Uint8Array, at: number): number {
  return (octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!;
}
