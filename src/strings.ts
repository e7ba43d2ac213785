/** Strings: from the core's references to JavaScript's, and into linear memory. */
import type { Core } from "./core.js";
import * as State from "./generated/state.js";
import { DIRECT_BIT, BINARY_BIT, DIRECT_MASK } from "./generated/references.js";

interface NativeStrings {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
  write(text: string, offset: number, length: number): number;
  /** The same without the wrapper. */
  utf8Write?(text: string, offset: number, length: number): number;
}

interface BufferLike {
  from(buffer: ArrayBufferLike, offset: number, length: number): NativeStrings;
}

// Node's Buffer makes strings twice as fast as TextDecoder; elsewhere there is none. Chosen once, here.
const NodeBuffer = (globalThis as unknown as { Buffer?: BufferLike }).Buffer;
// A byte order mark is part of the string. Made where they are wanted: to make one takes a program's start a hundredth.
const decoder = NodeBuffer === undefined ? new TextDecoder("utf-8", { ignoreBOM: true }) : undefined;
const encoder = NodeBuffer === undefined ? new TextEncoder() : undefined;

/** What JavaScript remembers of one core: the interned strings by id, what `fields.ts` made for each shape, each known table and each pattern, and the pool of the last read. */
class Mirror {
  interned: string[] = [""];
  shapes: unknown[] = [];
  knownTables: unknown[] = [];
  patterns: unknown[] = [];
  generation = 0;
  #native: NativeStrings | undefined;
  #seen: Uint8Array | undefined;

  slice(core: Core, start: number, octets: number, ascii: boolean): string {
    if (octets === 0) return "";
    if (decoder !== undefined) return decoder.decode(core.octets.subarray(start, start + octets));
    const native = this.#view(core, NodeBuffer!);
    return ascii ? native.latin1Slice(start, start + octets) : native.utf8Slice(start, start + octets);
  }

  /** Writes UTF-8, three octets a character at most, and not beyond the memory: who knows how many there are needs no more room. */
  write(core: Core, text: string, at: number): number {
    const room = Math.min(3 * text.length, core.octets.length - at);
    if (encoder !== undefined) return encoder.encodeInto(text, core.octets.subarray(at, at + room)).written;
    const native = this.#view(core, NodeBuffer!);
    return native.utf8Write === undefined ? native.write(text, at, room) : native.utf8Write(text, at, room);
  }

  #view(core: Core, buffer: BufferLike): NativeStrings {
    if (this.#seen !== core.octets) {
      this.#seen = core.octets;
      this.#native = buffer.from(core.octets.buffer, 0, core.octets.length);
    }
    return this.#native!;
  }
}

const mirrors = new WeakMap<Core, Mirror>();
let lastCore: Core | undefined;
let lastMirror: Mirror | undefined;

function mirrorOf(core: Core): Mirror {
  if (core === lastCore) return lastMirror!;
  let mirror = mirrors.get(core);
  if (mirror === undefined) mirrors.set(core, (mirror = new Mirror()));
  lastCore = core;
  return (lastMirror = mirror);
}

/** Interned strings and pool of the core that read last: what stands on its tape is made into values before another core is called. */
let interned: string[] = [""];
let pool: string | undefined;
/** What is remembered of that core. */
export let remembered: Mirror;

/** To be called after each read: the pool is another one, and ids may be void. */
export function beginStrings(core: Core): void {
  const mirror = mirrorOf(core);
  pool = undefined;
  const generation = core.state(State.GENERATION);
  if (generation !== mirror.generation) {
    mirror.generation = generation;
    mirror.interned = [""];
    mirror.shapes = [];
    mirror.patterns = [];
  }
  interned = mirror.interned;
  remembered = mirror;
}

/** The strings that are known by their ids; those that nobody asked for yet are missing. The array is good for the last read. */
export function internedStrings(): readonly (string | undefined)[] {
  return interned;
}

/** The string that a reference of the tape of the last read stands for; its octets where they are no UTF-8. */
export function string(core: Core, reference: number): string | Uint8Array {
  return (reference >= 0 ? interned[reference] : undefined) ?? newString(core, reference);
}

/** The text with an id: what is no UTF-8 has none. Put together with nothing, so that an engine knows that it is a text. */
export function text(core: Core, id: number): string {
  return "" + (string(core, id) as string);
}

function newString(core: Core, reference: number): string | Uint8Array {
  if (reference >= 0) return learn(core, mirrorOf(core), reference);
  if ((reference & DIRECT_BIT) !== 0) return direct(core, reference);
  pool ??= mirrorOf(core).slice(core, core.pool, core.state(State.POOL_LENGTH), true);
  const start = (reference >>> 8) & 0x3fffff;
  return pool.substring(start, start + (reference & 0xff));
}

function direct(core: Core, reference: number): string | Uint8Array {
  const at = core.tape + core.tapeCapacity - 2 * ((reference & DIRECT_MASK) + 1);
  const start = core.input + (core.words[at]! >>> 0);
  const octets = core.words[at + 1]! >>> 0;
  if ((reference & BINARY_BIT) !== 0) return core.octets.slice(start, start + octets);
  return mirrorOf(core).slice(core, start, octets, false);
}

function learn(core: Core, mirror: Mirror, id: number): string {
  const entry = core.internedEntries + 2 * id;
  const text = mirror.slice(core, core.words[entry]! >>> 0, core.words[entry + 1]! >>> 0, false);
  // Ids come in order but for the strings that nobody looked at; holes would make the array slow.
  while (mirror.interned.length < id) mirror.interned.push(undefined as unknown as string);
  mirror.interned[id] = text;
  return text;
}

/** Octets as Latin-1, one character each: for names of fields that are not UTF-8, which an object's keys cannot hold otherwise. */
export function latin1(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}

/** Whether the engine is Node's, which is quick to say that a text is well-formed. */
export const inNode = NodeBuffer !== undefined;

/** Whether a text has no lone surrogates. In browsers a pattern finds in a third of the time that a text has no surrogates at all. */
export function isWellFormed(text: string): boolean {
  return (!inNode && !/[\ud800-\udfff]/.test(text)) || text.isWellFormed();
}

/** Longest text whose characters are written one by one; native writing begins with what a call costs. */
const SHORT_TEXT = 12;

/**
 * Writes a text as UTF-8 into linear memory, where room for its octets is. Answers the octets written, -1 where the text is not well-formed: lone surrogates have no UTF-8, and
 * U+FFFD would be a silent change.
 */
export function writeText(core: Core, text: string, at: number): number {
  const length = text.length;
  if (length <= SHORT_TEXT) {
    const octets = core.octets;
    let i = 0;
    for (; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) break;
      octets[at + i] = code;
    }
    if (i === length) return length;
  }
  const written = mirrorOf(core).write(core, text, at);
  if (written !== length && !text.isWellFormed()) return -1;
  return written;
}

/** How many octets a text takes as UTF-8. */
export function utf8Length(text: string): number {
  let octets = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    // The two halves of a pair take four octets together.
    octets += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
  }
  return octets;
}
