/** `npm run bench:nodes -- [22 24 26]`: installs other versions of Node below .cache/nodes, from packages, for `--node 22` and the like. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../.cache/nodes", import.meta.url));
const majors = process.argv.length > 2 ? process.argv.slice(2) : ["22", "24", "26"];
const wrong = majors.find((major) => !/^\d+$/.test(major));
if (wrong !== undefined) {
  console.error(`major versions wanted, such as 24, not ${wrong}`);
  process.exit(2);
}

mkdirSync(folder, { recursive: true });
// A package of its own: what is installed here would take over `npm run` of the one above.
writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
const system = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
const wanted = majors.map((major) => `node${major}@npm:${system}@${major}`);
const { status, error } = spawnSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...wanted], {
  cwd: folder,
  stdio: "inherit",
});
if (error !== undefined) console.error(error.message);
process.exitCode = status ?? 1;
