/** Copies that may pass their end: regions have slack, and what is too much is written over. */

export class Copy {
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
}
