/** The frames that the page holds, and which of them the filters let through. */
import type { ShownFrame } from "../src/inspector/batch.js";
import { frameChannel, frameName, frameWords } from "./frame-text.js";

/** What stands in the list: a frame, or the place where frames were left out. */
export type Item = ShownFrame | Gap;
export interface Gap {
  readonly left: number;
  /** Of the frame behind it. */
  readonly number: number;
}

export interface Filter {
  readonly connection?: number;
  readonly channel?: number;
  /** Part of the name, in small letters. */
  readonly name: string;
  /** Part of what the line says, in small letters. */
  readonly text: string;
}

export const NO_FILTER: Filter = { name: "", text: "" };

const MOST = 10_000;
/** Cut off at once: what is above moves then, and should not do so all the time. */
const CUT = 1_000;
/** Milliseconds of work at a stretch: less than a frame of the screen. */
const STRETCH = 6;

export function isGap(item: Item): item is Gap {
  return "left" in item;
}

export class FrameList {
  /** What the filters let through. */
  visible: Item[] = [];
  /** How many were taken off the front of `visible` since it was asked last. */
  #cut = 0;
  #all: ShownFrame[] = [];
  #filter = NO_FILTER;
  /** How far a filter that was just set has come; `undefined` where it has been through. */
  #filtered: number | undefined;
  #held: ShownFrame[] | undefined;
  #goOn: ReturnType<typeof setTimeout> | undefined;
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get paused(): boolean {
    return this.#held !== undefined;
  }

  /** Frames that came since the pause. */
  get held(): number {
    return this.#held?.length ?? 0;
  }

  get filtered(): boolean {
    const { connection, channel, name, text } = this.#filter;
    return connection !== undefined || channel !== undefined || name !== "" || text !== "";
  }

  /** Whether a filter is still going through what is there. */
  get busy(): boolean {
    return this.#filtered !== undefined;
  }

  get size(): number {
    return this.#all.length;
  }

  add(frames: readonly ShownFrame[]): void {
    if (this.#held !== undefined) {
      this.#held.push(...frames);
      if (this.#held.length > MOST) this.#held.splice(0, this.#held.length - MOST);
    } else {
      this.#append(frames);
    }
    this.#onChange();
  }

  pause(): void {
    this.#held ??= [];
    this.#onChange();
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#append(held);
    this.#onChange();
  }

  clear(): void {
    this.#all = [];
    this.visible = [];
    this.#cut = 0;
    if (this.#held !== undefined) this.#held = [];
    this.#onChange();
  }

  filter(filter: Filter): void {
    this.#filter = filter;
    this.visible = [];
    this.#cut = 0;
    this.#filtered = 0;
    this.#filterOn();
  }

  /** How many items were taken off the front since the last call. */
  takeCut(): number {
    const cut = this.#cut;
    this.#cut = 0;
    return cut;
  }

  /** Where an item with this number stands in `visible`, or would. */
  indexOf(number: number): number {
    let [low, high] = [0, this.visible.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const item = this.visible[middle]!;
      if (item.number < number || (item.number === number && isGap(item))) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #append(frames: readonly ShownFrame[]): void {
    for (const frame of frames) this.#all.push(frame);
    // What a running filter has not reached it will come to.
    if (this.#filtered === undefined) for (const frame of frames) this.#show(frame);
    if (this.#all.length > MOST + CUT) this.#trim();
  }

  #show(frame: ShownFrame): void {
    if (!this.#matches(frame)) return;
    if (!this.filtered) {
      const before = this.visible.at(-1)?.number ?? frame.number - 1;
      if (frame.number > before + 1) this.visible.push({ left: frame.number - before - 1, number: frame.number });
    }
    this.visible.push(frame);
  }

  #trim(): void {
    const first = this.#all.length - MOST;
    const number = this.#all[first]!.number;
    this.#all = this.#all.slice(first);
    if (this.#filtered !== undefined) this.#filtered = Math.max(0, this.#filtered - first);
    const cut = this.indexOf(number);
    this.visible = this.visible.slice(cut);
    this.#cut += cut;
  }

  /** Text has to be decoded, so a filter goes through the list in short stretches. */
  #filterOn(): void {
    clearTimeout(this.#goOn);
    const end = performance.now() + STRETCH;
    while (this.#filtered !== undefined && performance.now() < end) {
      for (let i = 0; i < 50 && this.#filtered < this.#all.length; i++) this.#show(this.#all[this.#filtered++]!);
      if (this.#filtered >= this.#all.length) this.#filtered = undefined;
    }
    this.#onChange();
    if (this.#filtered !== undefined) this.#goOn = setTimeout(() => this.#filterOn());
  }

  #matches(frame: ShownFrame): boolean {
    const { connection, channel, name, text } = this.#filter;
    if (connection !== undefined && frame.connection !== connection) return false;
    if (channel !== undefined && frameChannel(frame) !== channel) return false;
    if (name !== "" && !frameName(frame).toLowerCase().includes(name)) return false;
    if (text === "") return true;
    const { line, replyCode = "" } = frameWords(frame);
    return `${replyCode} ${line}`.toLowerCase().includes(text);
  }
}
