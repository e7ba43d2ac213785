/** Octets that a candidate allocates for a message, each in a process of its own whose young generation is so large that nothing is collected meanwhile. */
import { OURS } from "../load.js";
import { inChild } from "../child.js";

const MIB = 64;
const flags = [`--min-semi-space-size=${MIB}`, `--max-semi-space-size=${MIB}`, "--expose-gc"];

export async function run(row, candidates, { quick }) {
  const entrants = [];
  const missing = [];
  for (const candidate of candidates) {
    const { name, floor } = candidate;
    if (floor) continue;
    if (candidate.decoder(row.mode, row.workload, []) === undefined) missing.push({ name, reason: "does not do this" });
    else entrants.push({ name, value: await inChild("heap-child.js", { row, name, quick }, { flags }) });
  }
  const [{ value }] = entrants;
  return {
    unit: "octets/message",
    entrants: entrants.map((entrant) =>
      entrant.name === OURS ? entrant : { ...entrant, ratio: { median: entrant.value / value } },
    ),
    missing,
  };
}
