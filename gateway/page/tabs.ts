/** The tabs beside the list; on narrow screens the list is a tab too. */
import { byId } from "./element.js";

export type TabName = "stream" | "frame" | "totals" | "client";

const narrow = matchMedia("(max-width: 68rem)");

export class Tabs {
  readonly #list = byId("tabs");
  readonly #tabs = [...this.#list.querySelectorAll<HTMLElement>("[role=tab]")];

  constructor() {
    this.#list.addEventListener("click", (event) => {
      const tab = (event.target as Element).closest<HTMLElement>("[role=tab]");
      if (tab !== null) this.show(tab.dataset["tab"] as TabName);
    });
    this.#list.addEventListener("keydown", (event) => this.#key(event));
    narrow.addEventListener("change", () => this.#fit());
    this.show(narrow.matches ? "stream" : "totals");
  }

  get narrow(): boolean {
    return narrow.matches;
  }

  show(name: TabName): void {
    document.body.dataset["tab"] = name;
    for (const tab of this.#tabs) {
      const chosen = tab.dataset["tab"] === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      const panel = byId(tab.getAttribute("aria-controls")!);
      panel.classList.toggle("chosen", chosen);
    }
  }

  /** The list needs no tab where there is room for it beside the others. */
  #fit(): void {
    if (!narrow.matches && document.body.dataset["tab"] === "stream") this.show("totals");
  }

  #key(event: KeyboardEvent): void {
    const tabs = this.#tabs.filter((tab) => tab.offsetParent !== null);
    const at = tabs.indexOf(event.target as HTMLElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    const tab = tabs[(to + tabs.length) % tabs.length]!;
    this.show(tab.dataset["tab"] as TabName);
    tab.focus();
    event.preventDefault();
  }
}
