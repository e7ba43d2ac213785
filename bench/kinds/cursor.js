/** Walking a stream without making anything of it: channel and routing key of every frame. */
import { assertSame } from "../compare.js";
import { cuts, frames, stream } from "../corpus.js";
import { keep, measure, summed } from "../measure.js";

/** What a walk must have seen: the channel of each method with its routing key, where it has one. */
function expectedOf({ octets, messages }) {
  let i = 0;
  const seen = [];
  for (const { type } of frames(octets)) {
    if (type === 1) seen.push([1, messages[i++].fields.routingKey]);
  }
  return seen;
}

export async function run(row, candidates, { how }) {
  const made = stream(row.workload, how.octets);
  const pieces = cuts[row.cut](made.octets);
  const entrants = [];
  const missing = [];
  for (const candidate of candidates) {
    const { name, floor } = candidate;
    const walker = candidate.walker?.();
    if (walker === undefined) {
      if (!floor) missing.push({ name, reason: "does not do this" });
      continue;
    }
    const seen = [];
    walker(pieces, (channel, routingKey) => seen.push([channel, routingKey]));
    assertSame(expectedOf(made), seen, name, row.name);
    entrants.push({ name, count: made.count, run: () => walker(pieces, keep) });
  }
  await measure(entrants, how);
  return { unit: "ns/message", entrants: summed(entrants), missing };
}
