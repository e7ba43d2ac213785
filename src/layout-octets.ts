/** The octets of a content header as pieces, with holes between them for what differs from message to message (spec/abi.js says how they stand). */
import type { CommandTape } from "./command-tape.js";
import { FRAME_HEADER } from "./generated/constants.js";
import { Hole } from "./generated/holes.js";
import {
  CLUSTER_ID,
  CONTENT_TYPE,
  CORRELATION_ID,
  DELIVERY_MODE,
  HEADERS,
  MESSAGE_ID,
  PRIORITY,
  TIMESTAMP,
} from "./generated/property-flags.js";
import { longAt } from "./long-at.js";

/** Octets of a word before each piece. */
const HEAD = 4;
const BASIC = 60;
const encoder = new TextEncoder();

/** Where they are put together, one layout at a time: nothing of the program's is run meanwhile. */
let octets = new Uint8Array(1024);

function holdOctets(count: number): void {
  if (count <= octets.length) return;
  const larger = new Uint8Array(2 * count);
  larger.set(octets);
  octets = larger;
}

/** To be kept before the next one is begun. */
export class LayoutOctets {
  #length = 0;
  #head = 0;
  /** Where gaps are in the piece. */
  #gaps: number[] = [];

  /** Begins a content header with these property flags: as far as the flags themselves; behind the octets of a method frame, if there are some. */
  constructor(flags: number, method?: Uint8Array) {
    this.#begin();
    if (method !== undefined) this.putAll(method);
    this.put(FRAME_HEADER);
    this.put(0);
    this.put(0);
    this.long(0);
    this.long(BASIC << 16);
    this.long(0);
    this.long(0);
    this.put(flags >>> 8);
    this.put(flags);
  }

  #begin(): void {
    this.#head = this.#length;
    this.long(0);
  }

  put(octet: number): void {
    holdOctets(this.#length + 1);
    octets[this.#length++] = octet;
  }

  long(value: number): void {
    this.put(value >>> 24);
    this.put(value >>> 16);
    this.put(value >>> 8);
    this.put(value);
  }

  putAll(more: Uint8Array): void {
    if (more.length === 0) return;
    holdOctets(this.#length + more.length);
    octets.set(more, this.#length);
    this.#length += more.length;
  }

  /** A text of up to 255 octets, behind its length octet. */
  shortstr(text: string): void {
    const encoded = encoder.encode(text);
    this.put(encoded.length);
    this.putAll(encoded);
  }

  /** An octet that differs. */
  gap(): void {
    this.#gaps.push(this.#length - this.#head - HEAD);
    this.put(0);
  }

  /** Ends a piece: what follows it. */
  hole(hole: number): void {
    const head = this.#head;
    const size = this.#length - head - HEAD;
    octets[head] = size;
    octets[head + 1] = size >>> 8;
    octets[head + 2] = hole;
    octets[head + 3] = this.#gaps.length;
    for (const gap of this.#gaps) {
      this.put(gap);
      this.put(gap >>> 8);
    }
    this.#gaps = [];
    if (hole !== Hole.END) this.#begin();
  }

  get length(): number {
    return this.#length;
  }

  /** Keeps the layout, which has its end; answers its address, 0 where there is no room now. */
  keep({ kept, core }: CommandTape): number {
    const address = kept.room(this.length);
    if (address > 0) core.octets.set(octets.subarray(0, this.length), address);
    return address;
  }
}

/** Keeps a layout once more, with a method frame that is kept at the begin of its first piece. Answers the address, 0 where there is no room now. */
export function joinMethod(
  { kept, core }: CommandTape,
  layout: number,
  size: number,
  method: { readonly address: number; readonly octets: number },
): number {
  const joined = kept.room(size + method.octets);
  if (joined === 0) return 0;
  const { octets, view } = core;
  const piece = view.getUint16(layout, true);
  const gaps = layout + HEAD + piece;
  const behind = gaps + 2 * octets[layout + 3]!;
  octets.copyWithin(joined, layout, layout + HEAD);
  view.setUint16(joined, piece + method.octets, true);
  octets.copyWithin(joined + HEAD, method.address + 4, method.address + 4 + method.octets);
  octets.copyWithin(joined + HEAD + method.octets, layout + HEAD, layout + size);
  for (let gap = gaps; gap < behind; gap += 2)
    view.setUint16(joined + method.octets + gap - layout, view.getUint16(gap, true) + method.octets, true);
  return joined;
}

/** How many octets a text takes that stands in a layout. */
export function octetsOfText(text: string): number {
  return encoder.encode(text).length;
}

/** Those that a prepared publish may be given anew. */
const ANEW = CORRELATION_ID | MESSAGE_ID | TIMESTAMP;

const NOTHING = new Uint8Array(0);

/** Property flags and values, as they were just encoded, in three parts: what stands before the correlation id, between it and the message id, and behind the timestamp; without these three. */
export class ListParts {
  readonly #list: Uint8Array;
  readonly #begins = [0, 0, 0];
  readonly #ends = [0, 0, 0];
  /** Those of the parts. */
  readonly flags: number;
  /** Octets of all parts. */
  octets = 0;
  /** Where the fields of the header table stand, if there is one. */
  #headersAt = 0;
  #headersEnd = 0;

  constructor(list: Uint8Array) {
    this.#list = list;
    const flags = (list[0]! << 8) | list[1]!;
    let at = 2;
    for (let flag = CONTENT_TYPE; flag >= CLUSTER_ID; flag >>>= 1) {
      if ((flags & flag) === 0) continue;
      const end = at + octetsAt(list, at, flag);
      if (flag === HEADERS) {
        this.#headersAt = at + 4;
        this.#headersEnd = end;
      }
      if ((flag & ANEW) === 0) {
        const part = flag > CORRELATION_ID ? 0 : flag > MESSAGE_ID ? 1 : 2;
        if (this.#ends[part] === 0) this.#begins[part] = at;
        this.#ends[part] = end;
        this.octets += end - at;
      }
      at = end;
    }
    this.flags = flags & ~ANEW;
  }

  /** One of the three. A view is made when it is wanted: it takes longer than all else here. */
  part(i: number): Uint8Array {
    const end = this.#ends[i]!;
    return end === 0 ? NOTHING : this.#list.subarray(this.#begins[i], end);
  }

  /** The fields of the header table, if there is one: a copy, since programs get to see it. */
  get headers(): Uint8Array | undefined {
    return this.#headersAt === 0 ? undefined : this.#list.slice(this.#headersAt, this.#headersEnd);
  }
}

/** The octets of a property's value. */
function octetsAt(list: Uint8Array, at: number, flag: number): number {
  if (flag === HEADERS) return 4 + longAt(list, at);
  if ((flag & (DELIVERY_MODE | PRIORITY)) !== 0) return 1;
  return flag === TIMESTAMP ? 8 : 1 + list[at]!;
}
