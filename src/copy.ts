/** What is copied by a loop: a view costs as much. */
const FEW_OCTETS = 64;

/** Copies so many octets from `begin` on to `at`. */
export function copy(to: Uint8Array, at: number, from: Uint8Array, begin: number, octets: number): void {
  if (octets > FEW_OCTETS) to.set(new Uint8Array(from.buffer, from.byteOffset + begin, octets), at);
  else for (let i = 0; i < octets; i++) to[at + i] = from[begin + i]!;
}
