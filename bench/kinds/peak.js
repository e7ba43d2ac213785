/**
 * Whether a longer stream takes more memory: the most that a process of its own held, for each size. V8 lets its young generation grow for a program that goes on allocating; here it has one size from the beginning, so that what
 * grows is what is kept.
 */
import { inChild } from "../child.js";

const MIB = 4;
const flags = [`--min-semi-space-size=${MIB}`, `--max-semi-space-size=${MIB}`];

export async function run(row, candidates, { quick }) {
  const entrants = [];
  for (const size of quick ? [1, 2] : [1, 16, 128]) {
    const { resident, heap } = await inChild("peak-child.js", { size }, { flags });
    entrants.push({ name: `${size} MiB, resident`, value: resident }, { name: `${size} MiB, heap`, value: heap });
  }
  return { unit: "MiB", entrants, missing: [] };
}
