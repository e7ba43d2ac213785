/** Results as text. */
import { readFileSync } from "node:fs";
import { OURS } from "./load.js";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

/** A number with as many digits as say something. */
export function figure(value) {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/** Whether an entrant, other than a floor, is ahead of ours. */
export const isLoss = ({ floor, ratio }) => !floor && ratio !== undefined && ratio.median < 1;

function ratioText({ ratio, floor }, first) {
  if (ratio === undefined) return "";
  const { median, least, greatest } = ratio;
  const range = least === undefined ? "" : `  (${figure(least)} to ${figure(greatest)})`;
  const mark = first === OURS && isLoss({ floor, ratio }) ? "  <- ahead of us" : "";
  return `× ${figure(median).padStart(6)}${range}${mark}`;
}

/** One row: each entrant with its value and how many times as much as ours, or as the first one's, that is. */
export function rowText({ name, unit, entrants, missing }) {
  const label = (entrant) => (entrant.name === OURS ? `${OURS} ${version}` : entrant.name);
  const width = Math.max(28, ...entrants.map((entrant) => label(entrant).length));
  const first = entrants[0]?.name;
  const lines = entrants.map((entrant) => {
    const note = entrant.note === undefined ? "" : `  [${entrant.note}]`;
    return `  ${label(entrant).padEnd(width)} ${figure(entrant.value).padStart(9)}  ${ratioText(entrant, first)}${note}`.trimEnd();
  });
  const absent = missing.map(({ name, reason }) => `  ${name.padEnd(width)} ${"-".padStart(9)}  ${reason}`);
  return [`${name}  (${unit})`, ...lines, ...absent].join("\n");
}
