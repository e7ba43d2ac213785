/** `npm run bench:report`: see `--help` below. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { rows } from "./cases.js";
import { enginesOf } from "./engines.js";
import { chartOf, textOf } from "./report-text.js";
import { measureRows } from "./rows.js";
import { packageSizes } from "./sizes.js";

const help = `npm run bench:report -- [REGEX] [options]

Measures all rows in all engines named (this Node, if none is), keeps the figures as JSON below bench/results/, one file for each major
version, and writes table and chart into README.md, between its marks, and bench/report.svg, from all results that are there.

  --node NODE     a path, or a major version that \`npm run bench:nodes\` installed; may be repeated
  --chromium      headless Chromium too
  --render        measures nothing: writes table and chart anew from the results that are there
  --into FOLDER   leaves the repository alone: README.md, report.svg and results/ go there
  --quick         see \`npm run bench -- --help\`; goes with --into
  --help          this`;

const options = {
  node: { type: "string", multiple: true },
  chromium: { type: "boolean" },
  render: { type: "boolean" },
  into: { type: "string" },
  quick: { type: "boolean" },
  help: { type: "boolean" },
};
const BEGIN = "<!-- bench:begin -->";
const END = "<!-- bench:end -->";
const root = fileURLToPath(new URL("..", import.meta.url));

function between(readme, text) {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from < 0 || to < from) throw new Error(`README.md has no ${BEGIN} and ${END}`);
  return `${readme.slice(0, from + BEGIN.length)}\n\n${text}\n${readme.slice(to)}`;
}

async function measureAll(values, pattern, folder) {
  const chosen = rows.filter(({ name }) => new RegExp(pattern ?? "").test(name));
  const about = {
    processor: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}`,
    date: new Date().toISOString().slice(0, 10),
    packages: packageSizes(),
  };
  let failed = 0;
  for (const engine of await enginesOf(values)) {
    const result = await measureRows(engine, chosen, { quick: values.quick });
    failed += result.failed.length;
    writeFileSync(join(folder, `${engine.id}.json`), `${JSON.stringify({ ...about, ...result }, null, 1)}\n`);
  }
  return failed;
}

async function main({ values, positionals }) {
  if (values.help) return console.log(help);
  const partly = values.quick || positionals.length > 0;
  if (partly && values.into === undefined)
    throw new Error("the README shows all rows, measured at length: --into FOLDER");
  const readme = values.into ? `${BEGIN}\n${END}\n` : readFileSync(join(root, "README.md"), "utf8");
  const target = values.into ?? root;
  const results = join(values.into ?? join(root, "bench"), "results");
  mkdirSync(results, { recursive: true });
  const failed = values.render ? 0 : await measureAll(values, positionals[0], results);
  const all = readdirSync(results)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .reverse()
    .map((name) => JSON.parse(readFileSync(join(results, name), "utf8")))
    .sort((a, b) => Number(b.engine === "node20") - Number(a.engine === "node20"));
  if (all.length === 0) throw new Error("there are no results to render");
  writeFileSync(join(values.into ?? join(root, "bench"), "report.svg"), chartOf(all[0]));
  writeFileSync(join(target, "README.md"), between(readme, textOf(all)));
  if (failed > 0) throw new Error(`${failed} rows failed and are missing`);
}

try {
  await main(parseArgs({ options, allowPositionals: true }));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
