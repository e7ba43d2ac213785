/** Decoding a stream: all candidates on the same pieces. */
import { assertSame } from "../compare.js";
import { cuts, stream, workloads } from "../corpus.js";
import { keep, keepFew, measure, summed } from "../measure.js";

/** A decoder for a mode; one that knows no lazy mode decodes all, and says so. */
function decoderFor(candidate, { mode, workload }, messages) {
  const own = candidate.decoder(mode, workload, messages);
  if (own !== undefined || mode !== "untouched" || candidate.floor) return { decoder: own };
  return { decoder: candidate.decoder("full", workload, messages), note: "has no lazy mode: decodes all" };
}

/** What a polluted row's decoders saw before: every workload, often enough that the engine believes in it. */
async function pollute(candidates, times) {
  for (const workload of Object.keys(workloads)) {
    const { octets, messages } = stream(workload, 1 << 18);
    const pieces = cuts["64 KiB"](octets);
    for (const candidate of candidates) {
      const decoder = candidate.decoder("full", workload, messages);
      for (let i = 0; i < times; i++) await decoder?.run(pieces, keep);
    }
  }
}

/** Octets of a message from which on few are kept, because a thousand of them are 128 MiB, which the system has to find and to clear; and rounds are longer, because one that the collector takes has nothing else; and there are more of them, because how often the system takes a body's memory back and clears it anew is luck, for each round another. */
const LARGE = 1 << 14;

/** Entrants whose output is right, and those that cannot take part. */
async function decoding(row, candidates, { octets, count, messages }, kept) {
  const pieces = cuts[row.cut](octets);
  const entrants = [];
  const missing = [];
  for (const candidate of candidates) {
    const { name, floor } = candidate;
    try {
      const { decoder, note } = decoderFor(candidate, row, messages);
      if (decoder === undefined) {
        if (!floor) missing.push({ name, reason: "does not do this" });
        continue;
      }
      if (!floor) {
        const expected = candidate.asKept?.(messages, "decode") ?? messages;
        assertSame(expected, await decoder.collect(pieces), name, row.name);
      }
      entrants.push({ name, floor, note, count, run: () => decoder.run(pieces, kept) });
    } catch (error) {
      if (!(error instanceof EvalError)) throw error;
      missing.push({ name, reason: "needs new Function" });
    }
  }
  return { entrants, missing };
}

export async function run(row, candidates, { quick, how }) {
  const measured = stream(row.workload, how.octets);
  const large = measured.octets.length / measured.count >= LARGE;
  const { entrants, missing } = await decoding(row, candidates, measured, large ? keepFew : keep);
  if (row.polluted) await pollute(candidates, quick ? 1 : 12);
  await measure(entrants, large ? { ...how, rounds: 4 * how.rounds, roundMs: 2 * how.roundMs } : how);
  return { unit: "ns/message", entrants: summed(entrants), missing };
}
