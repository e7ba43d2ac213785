/** Values of fields that have so many octets whatever they are: at most eight (section 4.2.5.5). On the tape each is two words, written here as one of 64 bits with the first word below. */
import { Octets } from "./octets";

/** The layouts of fixed sizes are the sizes; the larger ones are none. */
export const FIXED_MAX: u32 = 8;

export class Fixed {
  /** An integer, widened to 64 bits so that a host need not know its type: high word first. `kind` is 2 for a signed one. */

  @inline static integer(p: usize, octets: u32, kind: u32): u64 {
    // The octets at the end of a word that is extended to the left.
    const unused = <u64>(64 - (octets << 3));
    const word = bswap(load<u64>(p, 0, 1));
    return rotr(kind == 2 ? <u64>((<i64>word) >> unused) : word >> unused, 32);
  }

  /** A boolean as 0 or 1, the bits of a float, high and low of a double or a timestamp, scale and number of a decimal, nothing. */

  @inline static other(p: usize, octets: u32): u64 {
    if (octets == 1) return Octets.octet(p) != 0 ? 1 : 0;
    if (octets == 8) return rotr(bswap(load<u64>(p, 0, 1)), 32);
    return otherFixed(p, octets);
  }
}

function otherFixed(p: usize, octets: u32): u64 {
  if (octets == 4) return Octets.long(p);
  if (octets == 5) return Octets.octet(p) | ((<u64>Octets.long(p + 1)) << 32);
  return 0;
}
