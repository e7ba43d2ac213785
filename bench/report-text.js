/** Results as the README has them: a chart and tables in Markdown. */
import { chart } from "./chart.js";
import { workloads } from "./workloads.js";
import { figure, isLoss } from "./print.js";
import { OURS } from "./load.js";

const RIVAL = "amqplib";
const PLAIN = "pure-js";

/** Rows whose entrants are candidates, ours first; the others have tables of their own. */
const isContest = ({ entrants }) => entrants[0]?.name === OURS;
const entrant = (row, name) => row?.entrants.find((one) => one.name === name);

/** The rows of the chart, as far as they were measured. */
const charted = [
  "decode W1, full, 64 KiB",
  "decode W2, full, 64 KiB",
  "decode W4, full, 64 KiB",
  "decode W5, full, 64 KiB",
  "decode W8, full, 64 KiB",
  "decode W6, full, ragged",
  "decode W1, untouched, 64 KiB",
  "decode W1, messages, 64 KiB",
  "encode publish W1",
  "encode publish W2",
  "encode publish W5",
  "encode ack W4",
  "encode prepared W1",
  "cursor W1, 64 KiB",
  "forward W1, another channel",
  "deliver W1 to 1 consumer",
  "deliver W1 to 10 consumers",
  "deliver W1 to 1 consumer, asked each time",
  "patchHeaders W1, set",
];

export function chartOf({ title, processor, date, rows }) {
  return chart({
    title: `How many times as fast ${OURS} is`,
    subtitle: `${title}, ${processor}, ${date}`,
    series: [RIVAL, PLAIN],
    figure,
    rows: charted
      .map((name) => rows.find((row) => row.name === name))
      .filter((row) => row !== undefined)
      .map((row) => ({
        label: row.name,
        ratios: [RIVAL, PLAIN].map((name) => entrant(row, name)?.ratio?.median),
      })),
  });
}

function cell(one) {
  if (one?.ratio === undefined) return "";
  return isLoss(one) ? `**${figure(one.ratio.median)}** ▼` : figure(one.ratio.median);
}

function table(head, lines) {
  const aligned = head.map((_, i) => (i === 0 ? "---" : "--:"));
  return [head, aligned, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function marked({ name, entrants }) {
  const notes = entrants.map(({ note }) => note ?? "").join();
  return name + (notes.includes("no lazy mode") ? " ¹" : "") + (notes.includes("publishes as ever") ? " ²" : "");
}

function contests(rows) {
  const ours = rows.filter(isContest);
  const names = new Set(
    ours
      .flatMap(({ entrants }) => entrants.filter(({ floor, name }) => !floor && name !== OURS))
      .map(({ name }) => name),
  );
  if (names.size === 0) return "";
  const lines = ours.map((row) => [marked(row), ...[...names].map((name) => cell(entrant(row, name)))]);
  return table(
    ["", ...names],
    lines.filter((line) => line.slice(1).some((one) => one !== "")),
  );
}

function enginesTable(results) {
  const names = results[0].rows.filter(isContest).map(({ name }) => name);
  const both = (rows, name) => {
    const row = rows.find((one) => one.name === name);
    return [PLAIN, RIVAL].map((rival) => cell(entrant(row, rival)) || "–").join(" / ");
  };
  return table(
    ["", ...results.map(({ title }) => title)],
    names
      .map((name) => [name, ...results.map(({ rows }) => both(rows, name))])
      .filter(([, ...cells]) => cells.some((text) => text !== "– / –")),
  );
}

/** What is no contest: how we grow, with what is measured in its own unit. */
function ownTable(results) {
  const lines = results[0].rows
    .filter((row) => !isContest(row) || ["push", "cold", "heap"].includes(row.kind))
    .flatMap((row) =>
      (isContest(row) ? row.entrants.slice(0, 1) : row.entrants).map(({ name }) => [
        isContest(row) ? row.name : `${row.name}: ${name}`,
        row.unit,
        ...results.map(({ rows }) => {
          const found = entrant(
            rows.find((other) => other.name === row.name),
            name,
          );
          return found === undefined ? "–" : figure(found.value);
        }),
      ]),
    );
  return table(["", "in", ...results.map(({ title }) => title)], lines);
}

function sizes(packages) {
  const lines = packages.map(({ name, version, octets, dependencies }) => [
    `${name} ${version}`,
    `${figure(octets / 1024)} KiB`,
    String(dependencies),
  ]);
  return table(["package", "installed, with all it needs", "packages that it needs"], lines);
}

/** Text between the README's marks. */
export function textOf(results) {
  const [first] = results;
  const legend = Object.entries(workloads).map(([name, { title }]) => `${name} ${title}`);
  return `![How many times as fast amqp-wasm is, row by row](bench/report.svg)

How many times as fast as each of the others this package is, on ${first.title}, ${first.processor}, ${first.date}: medians of ratios between candidates
that ran by turns in one process, after all had given the same values. Rows in which somebody else is ahead are marked ▼. The rows \`heap\` compare octets
allocated, \`cold start\` the time from import to the end of the first 64 KiB. \`pure-js\` is the best plain JavaScript that we could write:
\`bench/pure-js\`. See for yourself: \`npm run bench -- "decode W1"\`.

${contests(first.rows)}

¹ A package without a lazy mode decodes all. ² A package that cannot prepare a publish, or marshal single frames, publishes as ever.

"full": all values exist as JavaScript values; "untouched": nobody asks for properties and bodies; "asked": each header's table and each body is asked for, of a reader that was told nothing of it; "messages": whole messages. Where encoders flush 64 KiB at once, it is into one array that they use again; with "an array each time" into a new one. Who delivers asks once for the consumers of all publishes of a route; with "asked each time" for each publish. The workloads:
${legend.join("; ")}.

<details>
<summary>Other engines, what it costs in itself, package sizes</summary>

How many times as fast as ${PLAIN} / as ${RIVAL}; in Chromium where a program has called \`allowCodeGeneration()\`, but for the row "without new Function":

${enginesTable(results)}

In itself:

${ownTable(results)}

${sizes(first.packages)}

</details>
`;
}
