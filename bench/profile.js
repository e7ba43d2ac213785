/** Where the time goes: rows under a sampling profiler, self time by function. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
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

/** Self time by function in microseconds, as far as it was measured in, by candidate; "" has what belongs to none, as the collection of garbage. */
function selfTimes({ nodes, samples, timeDeltas, startTime }, { from, to }) {
  const found = new Map();
  const place = (node, above) => {
    const candidate = above || /\/candidates\/([\w-]+)\.js$/.exec(node.callFrame.url)?.[1] || "";
    found.set(node.id, { candidate, place: placeOf(node.callFrame) });
    return candidate;
  };
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const walk = [[nodes[0], ""]];
  for (let next; (next = walk.pop()) !== undefined;) {
    const candidate = place(...next);
    for (const id of next[0].children ?? []) walk.push([byId.get(id), candidate]);
  }
  const times = new Map();
  let now = startTime;
  samples.forEach((id, i) => {
    now += timeDeltas[i];
    if (now < from || now > to) return;
    const { candidate, place } = found.get(id);
    if (place === "(idle)") return;
    const own = times.get(candidate) ?? new Map();
    times.set(candidate, own.set(place, (own.get(place) ?? 0) + timeDeltas[i]));
  });
  return times;
}

/** Lines of what takes longest; with what a candidate takes, what of it a function does. */
function table(times, whole, value) {
  const sorted = [...times].sort(([, a], [, b]) => b - a);
  const total = whole ?? sorted.reduce((sum, [, time]) => sum + time, 0);
  const line = ([place, time]) =>
    `${((time * 100) / total).toFixed(1).padStart(6)} %${value === undefined ? "" : ((time * value) / total).toFixed(1).padStart(9)}  ${place}`;
  return sorted.slice(0, SHOWN).map(line).join("\n");
}

/** A table for each candidate. */
function tables(times, { entrants, unit }) {
  const whole = [...times.values()].flatMap((own) => [...own.values()]).reduce((sum, time) => sum + time, 0);
  return [...times].map(([candidate, own]) => {
    if (candidate === "") return `of none of them, of all that was measured: self time\n${table(own, whole)}`;
    const value = entrants?.find(({ name }) => name === candidate)?.value;
    const took = value === undefined ? "" : `, ${value.toFixed(1)} ${unit}`;
    return `${candidate}${took}: self time\n${table(own, undefined, value)}`;
  });
}

/** Prints tables for each row. */
export async function profile(chosen, { only = `^${OURS}$`, quick = false, node, chromium }) {
  if (!coreHasNames()) console.error("the core's functions have no names: node build.js --debug\n");
  for (const engine of await enginesOf({ node, chromium })) {
    try {
      for (const row of chosen.filter((row) => engine.can(row))) {
        const { profile, measured, result } = await engine.profiled(row, { quick, only, long: true });
        if (measured.to === measured.from)
          console.log(`${row.name}: measured in processes of its own, which no profile shows\n`);
        else
          console.log(
            [`${row.name}, ${engine.title}`, ...tables(selfTimes(profile, measured), result), ""].join("\n\n"),
          );
      }
    } finally {
      await engine.close();
    }
  }
}
