/** One candidate's allocation, measured in this process; see kinds/heap.js. */
import { PerformanceObserver } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";
import { answer, job } from "./child.js";
import { cuts, stream } from "./corpus.js";
import { load } from "./load.js";
import { keep, spread } from "./measure.js";

const { row, name, quick } = job();
const { candidates } = await load(new RegExp(`^${name}$`));
const { octets, count, messages } = stream(row.workload, quick ? 1 << 17 : 1 << 20);
const pieces = cuts["64 KiB"](octets);
const decoder = candidates[0].decoder(row.mode, row.workload, messages);

const used = () => getHeapStatistics().used_heap_size + process.memoryUsage().external;
/** The observer hears of a collection a little later. */
const settled = () => setTimeout(20);

const collections = [];
new PerformanceObserver((list) => collections.push(...list.getEntries())).observe({ entryTypes: ["gc"] });

const warm = performance.now() + (quick ? 20 : 500);
while (performance.now() < warm) await decoder.run(pieces, keep);

const rounds = [];
for (let round = 0; round < 6; round++) {
  globalThis.gc();
  await settled();
  const from = performance.now();
  const before = used();
  await decoder.run(pieces, keep);
  const grown = used() - before;
  const to = performance.now();
  await settled();
  // A collection within the round has taken away what was to be counted; and what the warm-up left outside of the heap goes in the first round.
  const undisturbed = collections.every(({ startTime }) => startTime < from || startTime > to);
  if (round > 0 && undisturbed) rounds.push(grown / count);
}
if (rounds.length === 0) throw new Error(`${name}, row "${row.name}": the collector ran in every round`);
answer(spread(rounds).median);
