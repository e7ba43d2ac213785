/** The list of frames on the screen: only the rows that can be seen exist, and they are used again and again. */
import { element } from "./element.js";
import type { ShownFrame } from "../src/inspector/batch.js";
import { isGap, type FrameList, type Item } from "./frame-list.js";
import { frameWords } from "./frame-text.js";
import { countText, timeText } from "./value-text.js";

interface Row {
  readonly root: HTMLElement;
  readonly cells: readonly HTMLElement[];
  shown: Item | undefined;
}

const columns = ["time", "connection", "direction", "channel", "name", "line"] as const;
/** Rows above and below of what can be seen. */
const MARGIN = 4;

export class ListView {
  /** Called when a frame is opened, by click or Enter. */
  onOpen: (frame: ShownFrame) => void = () => undefined;
  /** Called when following the newest frames begins or ends. */
  onFollow: (following: boolean) => void = () => undefined;
  readonly #list: FrameList;
  readonly #scroller: HTMLElement;
  readonly #height: HTMLElement;
  readonly #rows: Row[] = [];
  /** Number of the frame that the keyboard is on. */
  #current: number | undefined;
  #following = true;
  #planned = false;
  /** Where the last render left the scroller: a scroll to elsewhere is a person's. */
  #top = 0;

  constructor(scroller: HTMLElement, list: FrameList) {
    this.#list = list;
    this.#scroller = scroller;
    this.#height = element("div", { class: "height", role: "presentation" });
    scroller.append(this.#height);
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    scroller.addEventListener("click", (event) => this.#clicked(event));
    scroller.addEventListener("keydown", (event) => this.#key(event));
    scroller.addEventListener("focus", () => this.#focused());
    new ResizeObserver(() => this.update()).observe(scroller);
  }

  get following(): boolean {
    return this.#following;
  }

  /** Goes to the newest frame and stays with it. */
  follow(): void {
    this.#setFollowing(true);
    this.update();
  }

  /** Draws again, once for all calls before the next frame of the screen. */
  update(): void {
    if (this.#planned) return;
    this.#planned = true;
    requestAnimationFrame(() => {
      this.#planned = false;
      this.#render();
    });
  }

  /** Rows have one height, which the style sheet gives. */
  get #row(): number {
    return parseFloat(getComputedStyle(this.#scroller).getPropertyValue("--row")) || 26;
  }

  #render(): void {
    const { visible } = this.#list;
    const row = this.#row;
    const scroller = this.#scroller;
    const view = scroller.clientHeight;
    const cut = this.#list.takeCut();
    this.#height.style.height = `${visible.length * row}px`;
    if (this.#following) scroller.scrollTop = visible.length * row;
    else if (cut > 0) scroller.scrollTop = Math.max(0, scroller.scrollTop - cut * row);
    this.#top = scroller.scrollTop;
    const first = Math.max(0, Math.floor(this.#top / row) - MARGIN);
    const count = Math.min(visible.length - first, Math.ceil(view / row) + 2 * MARGIN);
    while (this.#rows.length < count) this.#rows.push(this.#newRow());
    this.#rows.forEach((slot, i) => {
      slot.root.hidden = i >= count;
      if (i < count) this.#fill(slot, visible[first + i]!, first + i, row);
    });
    this.#markCurrent();
  }

  #newRow(): Row {
    const cells = columns.map((name) => element("span", { class: name }));
    const root = element("div", { role: "option", class: "row", id: `row-${this.#rows.length}` }, ...cells);
    this.#height.append(root);
    return { root, cells, shown: undefined };
  }

  #fill(slot: Row, item: Item, index: number, height: number): void {
    const { root, cells } = slot;
    root.style.transform = `translateY(${index * height}px)`;
    root.setAttribute("aria-setsize", String(this.#list.visible.length));
    root.setAttribute("aria-posinset", String(index + 1));
    if (slot.shown === item) return;
    slot.shown = item;
    root.dataset["number"] = String(item.number);
    if (isGap(item)) {
      root.className = "row gap";
      const text = `${countText(item.left)} ${item.left === 1 ? "frame" : "frames"} not shown`;
      cells.forEach((cell, i) => (cell.textContent = columns[i] === "line" ? text : ""));
      return;
    }
    const { name, channel, line, replyCode } = frameWords(item);
    const words = [
      timeText(item.time),
      `#${item.connection}`,
      item.direction === "up" ? "→" : "←",
      String(channel),
      name,
      line,
    ];
    root.className = `row ${item.direction}${replyCode === undefined ? "" : " error"}${item.own ? " own" : ""}`;
    cells.forEach((cell, i) => (cell.textContent = words[i]!));
    cells[2]!.setAttribute("aria-label", item.direction === "up" ? "to the broker" : "to the client");
    if (replyCode !== undefined) cells[5]!.prepend(element("b", {}, String(replyCode)), " ");
  }

  #markCurrent(): void {
    let active = "";
    for (const { root, shown } of this.#rows) {
      const current = !root.hidden && shown !== undefined && !isGap(shown) && shown.number === this.#current;
      root.setAttribute("aria-selected", String(current));
      if (current) active = root.id;
    }
    if (active === "") this.#scroller.removeAttribute("aria-activedescendant");
    else this.#scroller.setAttribute("aria-activedescendant", active);
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    if (Math.abs(scrollTop - this.#top) > 1) this.#setFollowing(scrollTop + clientHeight >= scrollHeight - this.#row);
    this.update();
  }

  #setFollowing(following: boolean): void {
    if (following === this.#following) return;
    this.#following = following;
    this.onFollow(following);
  }

  #clicked(event: Event): void {
    const root = (event.target as Element).closest<HTMLElement>(".row");
    const slot = this.#rows.find((row) => row.root === root);
    if (slot?.shown === undefined || isGap(slot.shown)) return;
    this.#current = slot.shown.number;
    this.#setFollowing(false);
    this.#markCurrent();
    this.onOpen(slot.shown);
  }

  /** Whoever comes by keyboard begins at the newest frame. */
  #focused(): void {
    if (this.#current === undefined && this.#scroller.matches(":focus-visible"))
      this.#goTo(this.#list.visible.length - 1, -1);
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { visible } = this.#list;
    const page = Math.max(1, Math.floor(this.#scroller.clientHeight / this.#row) - 1);
    const at = this.#current === undefined ? visible.length : this.#list.indexOf(this.#current);
    switch (event.key) {
      case "ArrowDown":
        this.#goTo(at + 1, 1);
        break;
      case "ArrowUp":
        this.#goTo(at - 1, -1);
        break;
      case "PageDown":
        this.#goTo(at + page, 1);
        break;
      case "PageUp":
        this.#goTo(at - page, -1);
        break;
      case "Home":
        this.#goTo(0, 1);
        break;
      case "End":
        this.#goTo(visible.length - 1, -1);
        break;
      case "Enter": {
        const item = visible[at];
        if (item !== undefined && !isGap(item)) this.onOpen(item);
        break;
      }
      default:
        return;
    }
    event.preventDefault();
  }

  /** Makes the frame at `index` the current one; where there is a gap, the next one that way. */
  #goTo(index: number, step: number): void {
    const { visible } = this.#list;
    let at = Math.min(Math.max(index, 0), visible.length - 1);
    while (at >= 0 && at < visible.length && isGap(visible[at]!)) at += step;
    const item = visible[at];
    if (item === undefined || isGap(item)) return;
    this.#current = item.number;
    this.#setFollowing(false);
    const row = this.#row;
    const { scrollTop, clientHeight } = this.#scroller;
    if (at * row < scrollTop) this.#scroller.scrollTop = at * row;
    else if ((at + 1) * row > scrollTop + clientHeight) this.#scroller.scrollTop = (at + 1) * row - clientHeight;
    this.#top = this.#scroller.scrollTop;
    this.update();
  }
}
