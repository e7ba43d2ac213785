/** The octets of a content header as pieces, with holes between them for what differs from message to message (spec/abi.js says how they stand). */
import type { CommandTape } from "./command-tape.js";
import { FRAME_HEADER } from "./generated/constants.js";
import { Hole } from "./generated/holes.js";

/** Octets of a word before each piece. */
const HEAD = 4;
const BASIC = 60;
const encoder = new TextEncoder();

export class LayoutOctets {
  readonly #octets: number[] = [];
  #head = 0;

  /** Begins a content header with these property flags: as far as the flags themselves; behind the octets of a method frame, if there are some. */
  constructor(flags: number, method?: Uint8Array) {
    this.#begin();
    if (method !== undefined) this.putAll(method);
    this.put(FRAME_HEADER, 0, 0);
    this.long(0);
    this.put(0, BASIC, 0, 0);
    this.long(0);
    this.long(0);
    this.put(flags >>> 8, flags & 0xff);
  }

  #begin(): void {
    this.#head = this.#octets.length;
    this.#octets.push(0, 0, 0, 0);
  }

  put(...octets: number[]): void {
    this.#octets.push(...octets);
  }

  long(value: number): void {
    this.put(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
  }

  putAll(octets: Uint8Array): void {
    for (const octet of octets) this.#octets.push(octet);
  }

  /** A text of up to 255 octets, behind its length octet. */
  shortstr(text: string): void {
    const octets = encoder.encode(text);
    this.put(octets.length);
    this.putAll(octets);
  }

  /** Ends a piece: what follows it. */
  hole(hole: number): void {
    const octets = this.#octets;
    const head = this.#head;
    const size = octets.length - head - HEAD;
    octets[head] = size & 0xff;
    octets[head + 1] = size >>> 8;
    octets[head + 2] = hole;
    if (hole !== Hole.END) this.#begin();
  }

  get length(): number {
    return this.#octets.length;
  }

  /** Keeps the layout, which has its end; answers its address, 0 where there is no room now. */
  keep({ kept, core }: CommandTape): number {
    const address = kept.room(this.length);
    if (address > 0) core.octets.set(this.#octets, address);
    return address;
  }
}

/** How many octets a text takes that stands in a layout. */
export function octetsOfText(text: string): number {
  return encoder.encode(text).length;
}
