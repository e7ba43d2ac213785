/** Where the time goes: rows under `--cpu-prof`, self time by function. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { enginesOf } from "./engines.js";
import { OURS } from "./load.js";

const SHOWN = 30;

function coreHasNames() {
  const core = new WebAssembly.Module(readFileSync(new URL("../dist/core.wasm", import.meta.url)));
  return WebAssembly.Module.customSections(core, "name").length > 0;
}

function placeOf({ functionName, url, lineNumber }) {
  if (url.startsWith("wasm:")) return `${functionName}  (core.wasm)`;
  if (url === "") return functionName;
  return `${functionName || "(anonymous)"}  (${basename(url)}:${lineNumber + 1})`;
}

/** Self time by function in microseconds, as far as it was measured in. */
function selfTimes({ nodes, samples, timeDeltas, startTime }, { from, to }) {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const times = new Map();
  let now = startTime;
  samples.forEach((id, i) => {
    now += timeDeltas[i];
    if (now < from || now > to) return;
    const place = places.get(id);
    times.set(place, (times.get(place) ?? 0) + timeDeltas[i]);
  });
  return times;
}

function table(times) {
  times.delete("(idle)");
  const sorted = [...times].sort(([, a], [, b]) => b - a);
  const total = sorted.reduce((sum, [, time]) => sum + time, 0);
  const line = ([place, time]) => `${((time * 100) / total).toFixed(1).padStart(6)} %  ${place}`;
  return sorted.slice(0, SHOWN).map(line).join("\n");
}

/** Prints a table for each row. */
export async function profile(chosen, { only = `^${OURS}$`, quick = false, node }) {
  if (!coreHasNames()) console.error("the core's functions have no names: node build.js --debug\n");
  const [engine] = await enginesOf({ node });
  for (const row of chosen) {
    const folder = mkdtempSync(join(tmpdir(), "amqp-wasm-profile-"));
    try {
      const flags = ["--cpu-prof", `--cpu-prof-dir=${folder}`, "--cpu-prof-interval=200"];
      const { measured } = await engine.run(row, { quick, only, flags, long: true });
      if (measured.to === measured.from) {
        console.log(`${row.name}: measured in processes of its own, which no profile shows\n`);
        continue;
      }
      const [file] = readdirSync(folder);
      const times = selfTimes(JSON.parse(readFileSync(join(folder, file), "utf8")), measured);
      console.log(`${row.name}, ${engine.title}: self time\n${table(times)}\n`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
