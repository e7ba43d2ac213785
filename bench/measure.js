/** Timing: candidates in one process, interleaved, their order rotated, so that what disturbs one disturbs its neighbours too; and what one leaves behind, garbage above all, is found by each of the others as often. */

/** What is made is kept for a while: else an optimiser may find that nobody wants it. */
function ringOf(size) {
  const ring = new Array(size).fill(undefined);
  let at = 0;
  return (value) => {
    ring[at++ % size] = value;
  };
}

export const keep = ringOf(1024);

/** For pieces of 64 KiB and more: many of them would make memory what is measured. */
export const keepFew = ringOf(16);

/** How long to measure: `quick` to see that all runs, `long` for a profile. */
export function settings({ quick = false, long = false }) {
  if (quick) return { rounds: 3, roundMs: 4, warmUpMs: 8, octets: 1 << 17 };
  return { rounds: long ? 100 : 15, roundMs: 25, warmUpMs: 250, octets: 1 << 20 };
}

async function round(run, ms) {
  const start = performance.now();
  let times = 0;
  let elapsed;
  do {
    const done = run();
    // Some rivals can only work asynchronously; the others need not wait for them.
    if (done !== undefined) await done;
    times += 1;
    elapsed = performance.now() - start;
  } while (elapsed < ms);
  return (elapsed * 1e6) / times;
}

/** When the last rounds were, in ms of `performance.now()`: a profile leaves out what was before and after. */
export const span = { from: 0, to: 0 };

/** The places of `n` in a round: in `n` rounds each has been in each place, and has followed each other once (in twice as many where `n` is odd). Williams, 1949. */
export function orderOf(n, round) {
  const order = Array.from({ length: n }, (_, i) => ((i % 2 ? (i + 1) / 2 : n - i / 2) + round) % n);
  return n % 2 && Math.floor(round / n) % 2 ? order.reverse() : order;
}

/** Adds `samples`, in ns for each of its `count`, to each entrant `{ run, count }`. */
export async function measure(entrants, { rounds, roundMs, warmUpMs }) {
  for (const entrant of entrants) {
    await round(entrant.run, warmUpMs);
    entrant.samples = [];
  }
  span.from = performance.now();
  for (let i = 0; i < rounds; i++) {
    for (const place of orderOf(entrants.length, i)) {
      const entrant = entrants[place];
      entrant.samples.push((await round(entrant.run, roundMs)) / entrant.count);
    }
  }
  span.to = performance.now();
}

/** Median, least and greatest. */
export function spread(samples) {
  const sorted = samples.toSorted ? samples.toSorted((a, b) => a - b) : [...samples].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, least: sorted[0], greatest: sorted.at(-1) };
}

/**
 * Entrants as a result has them: the value is the median, the ratio how many times as much an entrant takes as the first one, round by round.
 */
export function summed(entrants) {
  const [first] = entrants;
  return entrants.map(({ name, samples, floor, note }) => ({
    name,
    value: spread(samples).median,
    ...(name === first.name ? {} : { ratio: spread(samples.map((sample, i) => sample / first.samples[i])) }),
    ...(floor ? { floor } : {}),
    ...(note ? { note } : {}),
  }));
}
