/** A bar chart of ratios, as SVG. Its scale is logarithmic, so that twice as fast looks the same wherever it stands; bars to the left of 1 are rows that are lost. */

const WIDTH = 810;
const LABELS = 286;
const RIGHT = 56;
const TOP = 100;
const BAR = 11;
const ROW = 38;
const TICKS = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200];

const style = `
  .ground { fill: #ffffff } text { fill: #1f2328; font: 12px system-ui, sans-serif }
  .title { font-size: 15px; font-weight: 600 } .faint { fill: #59636e } .grid { stroke: #d1d9e0 } .one { stroke: #59636e }
  .first { fill: #0969da } .second { fill: #bc4c00 } .value { font-size: 10.5px; font-variant-numeric: tabular-nums }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #e6edf3 } .faint { fill: #9198a1 } .grid { stroke: #2a313c } .one { stroke: #9198a1 }
    .first { fill: #4493f8 } .second { fill: #f0883e }
  }`;

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`);
const round = (value) => Math.round(value * 10) / 10;
const text = (x, y, content, attributes = "") =>
  `<text x="${round(x)}" y="${round(y)}"${attributes}>${escaped(content)}</text>`;

/** `rows`: `[{ label, ratios: [first, second] }]`, a ratio that is undefined has no bar. `series`: the names of the two. */
export function chart({ title, subtitle, series, rows, figure }) {
  const ratios = rows.flatMap((row) => row.ratios).filter((ratio) => ratio !== undefined);
  const least = Math.min(1, ...ratios);
  const greatest = Math.max(2, ...ratios);
  const from = TICKS.findLast((tick) => tick <= least) ?? TICKS[0];
  const to = TICKS.find((tick) => tick >= greatest) ?? greatest;
  const room = WIDTH - LABELS - RIGHT;
  const x = (ratio) => LABELS + (room * Math.log(Math.max(ratio, from) / from)) / Math.log(to / from);
  const height = TOP + rows.length * ROW + 14;
  const bottom = height - 10;

  const grid = TICKS.filter((tick) => tick >= from && tick <= to).flatMap((tick) => {
    const at = round(x(tick));
    return [
      `<line x1="${at}" x2="${at}" y1="${TOP - 4}" y2="${bottom}" class="${tick === 1 ? "one" : "grid"}"/>`,
      text(at, TOP - 10, `${tick}×`, ' text-anchor="middle" class="faint"'),
    ];
  });
  const bars = rows.flatMap(({ label, ratios }, i) => {
    const y = TOP + 4 + i * ROW;
    return [
      text(LABELS - 10, y + BAR + 5, label, ' text-anchor="end"'),
      ...ratios.flatMap((ratio, j) => {
        if (ratio === undefined) return [];
        const [left, right] = [Math.min(x(1), x(ratio)), Math.max(x(1), x(ratio))];
        const top = y + j * (BAR + 2);
        const kind = j === 0 ? "first" : "second";
        return [
          `<rect x="${round(left)}" y="${top}" width="${round(Math.max(1, right - left))}" height="${BAR}" class="${kind}"/>`,
          text(right + 4, top + BAR - 1.5, figure(ratio), ' class="value"'),
        ];
      }),
    ];
  });
  const legend = series.flatMap((name, j) => [
    `<rect x="${LABELS + j * 190}" y="59" width="11" height="11" class="${j === 0 ? "first" : "second"}"/>`,
    text(LABELS + 16 + j * 190, 69, `against ${name}`),
  ]);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">
<style>${style}
</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>
${text(14, 24, title, ' class="title"')}
${text(14, 43, `${subtitle}; logarithmic scale`, ' class="faint"')}
${[...legend, ...grid, ...bars].join("\n")}
</svg>
`;
}
