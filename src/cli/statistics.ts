import type { Frame } from "../index.js";

/** Frames and octets by name of the frame. */
export class Statistics {
  readonly #rows = new Map<string, { frames: number; octets: number }>();
  readonly #channels = new Set<number>();

  add(frame: Frame, octets: number): void {
    let row = this.#rows.get(frame.name);
    if (row === undefined) this.#rows.set(frame.name, (row = { frames: 0, octets: 0 }));
    row.frames += 1;
    row.octets += octets;
    this.#channels.add(frame.channel);
  }

  /** The rows, most octets first, and their sum. */
  #sorted(): Array<{ name: string; frames: number; octets: number }> {
    return [...this.#rows]
      .map(([name, row]) => ({ name, ...row }))
      .sort((a, b) => b.octets - a.octets || (a.name < b.name ? -1 : 1));
  }

  #total(): { frames: number; octets: number } {
    let frames = 0;
    let octets = 0;
    for (const row of this.#rows.values()) {
      frames += row.frames;
      octets += row.octets;
    }
    return { frames, octets };
  }

  table(): string {
    const rows = this.#sorted();
    const total = this.#total();
    const share = (octets: number) => `${((100 * octets) / Math.max(total.octets, 1)).toFixed(1)} %`;
    const cells = [
      ["name", "frames", "octets", "share"],
      ...rows.map(({ name, frames, octets }) => [name, String(frames), String(octets), share(octets)]),
      ["total", String(total.frames), String(total.octets), share(total.octets)],
    ];
    const widths = [0, 1, 2, 3].map((i) => Math.max(...cells.map((row) => row[i]!.length)));
    const lines = cells.map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join("  ")
        .trimEnd(),
    );
    const rule = widths.map((width) => "-".repeat(width)).join("  ");
    lines.splice(1, 0, rule);
    lines.splice(lines.length - 1, 0, rule);
    const channels = this.#channels.size;
    return `${lines.join("\n")}\non ${channels} ${channels === 1 ? "channel" : "channels"}\n`;
  }

  /** The same as JSON, a line a name. */
  json(): string {
    return this.#sorted()
      .map((row) => `${JSON.stringify(row)}\n`)
      .join("");
  }
}
