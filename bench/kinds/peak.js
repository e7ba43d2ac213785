/** Whether a longer stream takes more memory: the most that a process of its own held, for each size. */
import { inChild } from "../child.js";

export async function run(row, candidates, { quick }) {
  const entrants = [];
  for (const size of quick ? [1, 2] : [1, 16, 128]) {
    const { resident, heap } = await inChild("peak-child.js", { size });
    entrants.push({ name: `${size} MiB, resident`, value: resident }, { name: `${size} MiB, heap`, value: heap });
  }
  return { unit: "MiB", entrants, missing: [] };
}
