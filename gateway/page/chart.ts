/** Frames of each second in the last minute: those from clients above, those to clients below them. */
import type { Second } from "../src/inspector/messages.js";
import { countText } from "./value-text.js";

const SECONDS = 60;
const [WIDTH, HEIGHT] = [600, 120];
const SVG = "http://www.w3.org/2000/svg";

function svg(tag: string, attributes: { readonly [name: string]: string | number }): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

export class Chart {
  readonly root = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "img",
    class: "chart",
    preserveAspectRatio: "none",
  });
  readonly #up = svg("path", { class: "up" });
  readonly #down = svg("path", { class: "down" });
  readonly #title = svg("title", {});

  constructor() {
    const lines = [0.25, 0.5, 0.75].map((at) =>
      svg("line", { class: "grid", x1: 0, x2: WIDTH, y1: at * HEIGHT, y2: at * HEIGHT }),
    );
    this.root.append(this.#title, ...lines, this.#down, this.#up);
  }

  /** Answers what stands at the top of the scale. */
  draw(all: readonly Second[]): number {
    const seconds = all.slice(-SECONDS);
    const most = niceAbove(Math.max(10, ...seconds.map(({ up, down }) => up + down)));
    const first = SECONDS - seconds.length;
    const bar = (index: number, from: number, to: number): string => {
      if (to <= from) return "";
      const [x, step] = [((first + index) * WIDTH) / SECONDS, WIDTH / SECONDS];
      const [top, bottom] = [HEIGHT * (1 - to / most), HEIGHT * (1 - from / most)].map((y) => y.toFixed(1));
      return `M${x + 1} ${bottom!}V${top!}H${(x + step - 1).toFixed(1)}V${bottom!}Z`;
    };
    this.#up.setAttribute("d", seconds.map(({ up }, i) => bar(i, 0, up)).join(""));
    this.#down.setAttribute("d", seconds.map(({ up, down }, i) => bar(i, up, up + down)).join(""));
    const last = seconds.at(-1);
    this.#title.textContent = `Frames of each second in the last minute; ${countText(last?.up ?? 0)} to the broker and ${countText(last?.down ?? 0)} to clients in the last.`;
    return most;
  }
}

/** 1, 2 or 5 with zeros. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value)!;
}
