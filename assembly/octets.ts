/**
 * Big-endian octets, shorts and longs of the wire (section 4.2.5). Wire data stands anywhere, so each access states an alignment of 1:
 * wasm2js and wasm2c read the wrong octets otherwise.
 */
export class Octets {

  @inline static octet(p: usize): u32 {
    return load<u8>(p);
  }


  @inline static short(p: usize): u32 {
    return bswap<u16>(load<u16>(p, 0, 1));
  }


  @inline static long(p: usize): u32 {
    return bswap<u32>(load<u32>(p, 0, 1));
  }


  @inline static putOctet(p: usize, value: u32): void {
    store<u8>(p, value);
  }


  @inline static putShort(p: usize, value: u32): void {
    store<u16>(p, bswap<u16>(<u16>value), 0, 1);
  }


  @inline static putLong(p: usize, value: u32): void {
    store<u32>(p, bswap<u32>(value), 0, 1);
  }

  /**
   * Copies octets in words that pass their end by up to seven octets. In the output those belong to what is written next: a frame-end and the seven octets before a payload come before any octet that the host has put there.
   */

  @inline static copy(to: usize, from: usize, octets: u32): void {
    if (octets <= 128) {
      for (let i: u32 = 0; i < octets; i += 8) store<u64>(to + i, load<u64>(from + i, 0, 1), 0, 1);
    } else {
      memory.copy(to, from, octets);
    }
  }
}
