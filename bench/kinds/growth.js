/** Whether a stream sixteen times as long takes sixteen times as long. The stream is one MiB over and over: no process holds it whole. */
import ours from "../candidates/amqp-wasm.js";
import { cuts, stream } from "../corpus.js";
import { keep, spread } from "../measure.js";

const MIB = 1 << 20;

function* repeated(pieces, times) {
  for (let i = 0; i < times; i++) yield* pieces;
}

export function run(row, candidates, { quick }) {
  const sizes = quick ? [1, 2] : [1, 16, 128];
  const { octets, messages } = stream("W1", MIB);
  const pieces = cuts["64 KiB"](octets);
  const decoder = ours.decoder("full", "W1", messages);
  const entrants = sizes.map((size) => ({ name: `${size} MiB`, size, samples: [] }));
  const round = (size) => {
    const start = performance.now();
    decoder.run(repeated(pieces, size), keep);
    return ((performance.now() - start) * 1e6) / (size * octets.length);
  };
  round(quick ? 1 : 64);
  for (let i = 0; i < (quick ? 1 : 9); i++) {
    for (const { size, samples } of entrants) {
      // As long on the clock for small sizes as for large ones.
      const times = quick ? 1 : Math.max(1, Math.round(32 / size));
      samples.push(spread(Array.from({ length: times }, () => round(size))).median);
    }
  }
  return {
    unit: "ns/octet",
    entrants: entrants.map(({ name, samples }) => ({
      name,
      value: spread(samples).median,
      ratio: name === "1 MiB" ? undefined : spread(samples.map((sample, i) => sample / entrants[0].samples[i])),
    })),
    missing: [],
  };
}
