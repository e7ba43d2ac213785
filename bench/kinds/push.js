/** What a chunk costs whatever is in it: heartbeats, one a chunk. */
import { keep, measure, summed } from "../measure.js";

const COUNT = 1000;

function heartbeat() {
  const octets = Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0xce);
  return typeof Buffer === "undefined" ? octets : Buffer.from(octets.buffer);
}

export async function run(row, candidates, { how }) {
  const pieces = Array.from({ length: COUNT }, heartbeat);
  const entrants = [];
  for (const candidate of candidates) {
    if (candidate.floor) continue;
    const { name } = candidate;
    const decoder = candidate.decoder("full", "W4", []);
    let kept = 0;
    await decoder.run(pieces, () => (kept += 1));
    // A heartbeat is handed out or passed over, but nothing else.
    if (kept !== 0 && kept !== COUNT)
      throw new Error(`${name}, row "${row.name}": made ${kept} values of ${COUNT} frames`);
    entrants.push({ name, count: COUNT, run: () => decoder.run(pieces, keep) });
  }
  await measure(entrants, how);
  return { unit: "ns/push", entrants: summed(entrants), missing: [] };
}
