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
   * Copies octets that do not overlap, in words that pass their end by up to seven octets where there are few. In the output those belong to what is written next: a frame-end and the seven octets before a payload come before any octet that the host has put there.
   */

  @inline static copy(to: usize, from: usize, octets: u32): void {
    if (octets <= 16) {
      store<u64>(to, load<u64>(from, 0, 1), 0, 1);
      if (octets > 8) store<u64>(to + 8, load<u64>(from + 8, 0, 1), 0, 1);
    } else if (octets <= 256) {
      const last = octets - 16;
      if (ASC_FEATURE_SIMD) {
        for (let i: u32 = 0; i < last; i += 16) v128.store(to + i, v128.load(from + i, 0, 1), 0, 1);
        v128.store(to + last, v128.load(from + last, 0, 1), 0, 1);
      } else {
        for (let i: u32 = 0; i < last; i += 16) {
          store<u64>(to + i, load<u64>(from + i, 0, 1), 0, 1);
          store<u64>(to + i + 8, load<u64>(from + i + 8, 0, 1), 0, 1);
        }
        store<u64>(to + last, load<u64>(from + last, 0, 1), 0, 1);
        store<u64>(to + last + 8, load<u64>(from + last + 8, 0, 1), 0, 1);
      }
    } else {
      memory.copy(to, from, octets);
    }
  }
}
