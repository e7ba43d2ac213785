/** Where rows run: Node binaries, each row in a fresh process, and Chromium, each row in a fresh page. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inChild } from "./child.js";

/** Between two samples of a profile, in microseconds. */
export const SAMPLING_INTERVAL = 200;

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Where `npm run bench:nodes` puts a major version. */
export const installedNode = (major) => join(root, `.cache/nodes/node_modules/node${major}/bin/node`);

/** An engine is `{ id, title, can(row), run(row, options), profiled(row, options), close() }`; `profiled` answers a CPU profile, from when to when of its clock was measured, and the row's result. `which` is a path, or the number of a major version. */
export function nodeEngine(which) {
  const node = /^\d+$/.test(which) ? installedNode(which) : which;
  if (!existsSync(node)) {
    const hint = /^\d+$/.test(which) ? `: npm run bench:nodes -- ${which}` : "";
    throw new Error(`there is no Node at ${node}${hint}`);
  }
  const run = (row, { flags = [], ...options } = {}) =>
    inChild("row.js", { row, ...options }, { node, flags: [...(row.flags ?? []), ...flags] });
  const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim().slice(1);
  return {
    id: `node${version.split(".")[0]}`,
    title: `Node ${version}`,
    can: () => true,
    run,
    async profiled(row, options) {
      const folder = mkdtempSync(join(tmpdir(), "amqp-wasm-profile-"));
      try {
        const flags = ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${SAMPLING_INTERVAL}`];
        const { measured, ...result } = await run(row, { ...options, flags });
        const [file] = readdirSync(folder);
        return { result, profile: JSON.parse(readFileSync(join(folder, file), "utf8")), measured };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    close() {},
  };
}

/** Engines by their names on the command line. */
export async function enginesOf({ node = [], chromium = false }) {
  const engines = node.map(nodeEngine);
  if (chromium) {
    const { chromiumEngine } = await import("./chromium.js");
    engines.push(await chromiumEngine());
  }
  return engines.length > 0 ? engines : [nodeEngine(process.execPath)];
}
