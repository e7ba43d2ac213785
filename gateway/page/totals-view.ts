/** Totals: a chart of the last minute, and a row for each method. */
import type { Count, Second, Totals } from "../src/inspector/messages.js";
import { Chart } from "./chart.js";
import { byId, element } from "./element.js";
import { countText, sizeText } from "./value-text.js";

interface Row {
  readonly root: HTMLElement;
  readonly cells: readonly HTMLElement[];
  readonly bar: HTMLElement;
}

export class TotalsView {
  readonly #chart = new Chart();
  readonly #rows = new Map<string, Row>();
  readonly #body = byId("totals-rows");
  readonly #scale = byId("chart-scale");
  #seconds: Second[] = [];
  #before: Totals | undefined;

  constructor() {
    byId("chart").append(this.#chart.root);
  }

  reset(seconds: readonly Second[], totals: Totals): void {
    this.#seconds = [...seconds];
    this.#before = undefined;
    this.#draw(totals);
  }

  add(second: Second, totals: Totals): void {
    this.#seconds.push(second);
    if (this.#seconds.length > 120) this.#seconds.shift();
    this.#draw(totals);
  }

  #draw(totals: Totals): void {
    this.#scale.textContent = countText(this.#chart.draw(this.#seconds));
    const entries = Object.entries(totals.counts).sort(([, a], [, b]) => frames(b) - frames(a));
    const most = Math.max(1, ...entries.map(([, count]) => frames(count)));
    byId("totals-empty").hidden = entries.length > 0;
    byId("totals-table").hidden = entries.length === 0;
    for (const [name, count] of entries) {
      const row = this.#row(name);
      const before = this.#before?.counts[name];
      const rate = this.#before === undefined ? 0 : frames(count) - (before === undefined ? 0 : frames(before));
      const words = [name, countText(count[0]), countText(count[1]), sizeText(count[2] + count[3]), countText(rate)];
      row.cells.forEach((cell, i) => {
        if (cell.textContent !== words[i]) cell.textContent = words[i]!;
      });
      row.bar.style.setProperty("--share", String(frames(count) / most));
      row.root.classList.toggle("idle", rate === 0);
    }
    const order = entries.map(([name]) => this.#rows.get(name)!.root);
    // Moved only where the order is another: a table that is built anew each second cannot be read by those who listen to it.
    if (order.some((root, i) => this.#body.children[i] !== root)) this.#body.replaceChildren(...order);
    this.#before = totals;
  }

  #row(name: string): Row {
    let row = this.#rows.get(name);
    if (row === undefined) {
      const bar = element("span", { class: "bar" });
      const label = element("span", {});
      const cells = [label, ...[1, 2, 3, 4].map(() => element("td", { class: "number" }))];
      const root = element("tr", {}, element("th", { scope: "row" }, bar, label), ...cells.slice(1));
      this.#rows.set(name, (row = { root, cells, bar }));
    }
    return row;
  }
}

function frames([up, down]: Count): number {
  return up + down;
}
