/** Copies that may pass their end: regions have slack, and what is too much is written over. */

/** What `memory.copy` begins with costs more than a loop does up to here. */
const LOOPED: u32 = 512;

export class Copy {
  static readonly MANY: u32 = 64;
  static readonly SOME: u32 = 16;

  /** In steps of 32 octets. Inlined even where the build favours size: it stands in every loop that passes messages on. */

  @inline static past(to: usize, from: usize, octets: u32): void {
    const stop = from + octets;
    while (from < stop) {
      if (ASC_FEATURE_SIMD) {
        const a = v128.load(from, 0, 1);
        const b = v128.load(from, 16, 1);
        v128.store(to, a, 0, 1);
        v128.store(to, b, 16, 1);
      } else {
        const a = load<u64>(from, 0, 1);
        const b = load<u64>(from, 8, 1);
        const c = load<u64>(from, 16, 1);
        const d = load<u64>(from, 24, 1);
        store<u64>(to, a, 0, 1);
        store<u64>(to, b, 8, 1);
        store<u64>(to, c, 16, 1);
        store<u64>(to, d, 24, 1);
      }
      from += 32;
      to += 32;
    }
  }

  /** Of a message, of which there may be many octets: 16 at least. In steps of 64 octets, to places that a vector fills: a store that two lines of the processor's cache have a part of takes longer than the rest of a step. */

  @inline static content(to: usize, from: usize, octets: u32): void {
    if (octets > LOOPED) {
      memory.copy(to, from, octets);
    } else if (ASC_FEATURE_SIMD) {
      const stop = from + octets;
      v128.store(to, v128.load(from, 0, 1), 0, 1);
      const head: usize = 16 - (to & 15);
      from += head;
      to += head;
      while (from < stop) {
        const a = v128.load(from, 0, 1);
        const b = v128.load(from, 16, 1);
        const c = v128.load(from, 32, 1);
        const d = v128.load(from, 48, 1);
        v128.store(to, a);
        v128.store(to, b, 16);
        v128.store(to, c, 32);
        v128.store(to, d, 48);
        from += 64;
        to += 64;
      }
    } else {
      Copy.past(to, from, octets);
    }
  }

  /** Not one octet past their end, or up to seven where there are few: as `Octets.copy`, without a call however many they are, and in longer steps. */

  @inline static exactly(to: usize, from: usize, octets: u32): void {
    if (octets <= 16) {
      store<u64>(to, load<u64>(from, 0, 1), 0, 1);
      if (octets > 8) store<u64>(to + 8, load<u64>(from + 8, 0, 1), 0, 1);
      return;
    }
    if (ASC_FEATURE_SIMD) {
      const last = octets - 16;
      let i: u32 = 0;
      for (; i + 16 < last; i += 32) {
        const a = v128.load(from + i, 0, 1);
        const b = v128.load(from + i, 16, 1);
        v128.store(to + i, a, 0, 1);
        v128.store(to + i, b, 16, 1);
      }
      if (i < last) v128.store(to + i, v128.load(from + i, 0, 1), 0, 1);
      v128.store(to + last, v128.load(from + last, 0, 1), 0, 1);
    } else {
      const last = octets - 8;
      for (let i: u32 = 0; i < last; i += 8) store<u64>(to + i, load<u64>(from + i, 0, 1), 0, 1);
      store<u64>(to + last, load<u64>(from + last, 0, 1), 0, 1);
    }
  }

  /** As `exactly`, of `MANY` octets at least, in steps of as many. */

  @inline static many(to: usize, from: usize, octets: u32): void {
    if (ASC_FEATURE_SIMD) {
      const last = octets - Copy.MANY;
      let i: u32 = 0;
      for (;;) {
        const a = v128.load(from + i, 0, 1);
        const b = v128.load(from + i, 16, 1);
        const c = v128.load(from + i, 32, 1);
        const d = v128.load(from + i, 48, 1);
        v128.store(to + i, a, 0, 1);
        v128.store(to + i, b, 16, 1);
        v128.store(to + i, c, 32, 1);
        v128.store(to + i, d, 48, 1);
        if (i == last) break;
        i += Copy.MANY;
        if (i > last) i = last;
      }
    } else {
      Copy.exactly(to, from, octets);
    }
  }

  /** As `exactly`, of `SOME` octets at least, of which there are seldom many. */

  @inline static some(to: usize, from: usize, octets: u32): void {
    if (ASC_FEATURE_SIMD) {
      const last = octets - Copy.SOME;
      v128.store(to, v128.load(from, 0, 1), 0, 1);
      for (let i: u32 = 16; i < last; i += 16) v128.store(to + i, v128.load(from + i, 0, 1), 0, 1);
      v128.store(to + last, v128.load(from + last, 0, 1), 0, 1);
    } else {
      Copy.exactly(to, from, octets);
    }
  }
}
