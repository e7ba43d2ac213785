/** `npm run bench`: see `--help` below. */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { rows } from "./cases.js";
import { enginesOf } from "./engines.js";
import { rowText } from "./print.js";
import { measureRows } from "./rows.js";

const help = `npm run bench -- [REGEX] [options]     (build first: it measures dist/)

Measures the rows whose names match: what each candidate takes, and how many times as much as amqp-wasm takes that is,
as the median of the rounds' ratios with the least and the greatest. All outputs are compared before anything is timed.

  --list           the names of the rows
  --quick          few, short rounds on short streams: shows that all runs, says little about speed
  --only REGEX     candidates whose names match; the first of them is what the others are compared with
  --node NODE      in another Node: a path, or a major version that \`npm run bench:nodes\` installed; may be repeated
  --chromium       in headless Chromium (CHROMIUM_PATH, or /usr/bin/chromium)
  --profile        where the time goes in the rows chosen, candidate by candidate and function by function, with --node or --chromium
                   there; amqp-wasm alone unless --only says otherwise.
                   For the names of the core's functions build with: node build.js --debug
  --json           results as JSON
  --help           this`;

function fail(message) {
  console.error(`${message}\n\nnpm run bench -- --help tells more`);
  process.exit(2);
}

const options = {
  list: { type: "boolean" },
  quick: { type: "boolean" },
  only: { type: "string" },
  node: { type: "string", multiple: true },
  chromium: { type: "boolean" },
  profile: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean" },
};

function commandLine() {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (positionals.length > 1) fail(`one pattern at most, not ${positionals.length}: put it in quotes`);
    const chosen = rows.filter(({ name }) => new RegExp(positionals[0] ?? "").test(name));
    if (values.only !== undefined) new RegExp(values.only);
    return { ...values, pattern: positionals[0], chosen };
  } catch (error) {
    return fail(error.message);
  }
}

// As in `npm run bench | head`.
process.stdout.on("error", (error) => process.exit(error.code === "EPIPE" ? 0 : 1));

const { chosen, pattern, ...values } = commandLine();
if (values.help) console.log(help);
else if (chosen.length === 0)
  fail(`no row matches /${pattern}/; the rows are:\n  ${rows.map(({ name }) => name).join("\n  ")}`);
else if (values.list) console.log(chosen.map(({ name }) => name).join("\n"));
else if (!existsSync(new URL("../dist/index.js", import.meta.url))) fail("there is no dist/: npm run build");
else if (values.profile) {
  const { profile } = await import("./profile.js");
  await profile(chosen, values);
} else await main();

async function main() {
  const results = [];
  const engines = await enginesOf(values).catch((error) => fail(error.message));
  for (const engine of engines) {
    if (!values.json) console.log(`${engine.title}\n`);
    const print = values.json ? undefined : (result) => console.log(`${rowText(result)}\n`);
    const result = await measureRows(engine, chosen, values, print);
    results.push(result);
    for (const [name, reason] of Object.entries(result.absent)) console.error(`left out: ${name}: ${reason}`);
  }
  if (values.json) console.log(JSON.stringify(results, null, 1));
  if (results.some(({ failed }) => failed.length > 0)) process.exitCode = 1;
}
