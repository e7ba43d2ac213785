/**
 * Contents of messages onto the tape, as they nearly always are: properties that are texts and numbers, headers whose sequence of keys came before. Whatever is unusual is taken back, and left to the long way, which knows all values
 * and all reasons to refuse one.
 */
import { tapeOf, type CommandTape } from "./command-tape.js";
import type { Core } from "./core.js";
import { CommandKind } from "./generated/command-kinds.js";
import type { PropertiesFields } from "./generated/properties.js";
import { KEPT_LENGTH } from "./kept.js";
import { KeptMethods, type ContentMethod, type KeptMethod } from "./kept-methods.js";
import { ENVELOPE } from "./limits.js";
import type { Output } from "./output.js";
import { HEADER_OCTETS, type PropertyList } from "./property-list.js";
import { writeText } from "./strings.js";
import { TableShapes } from "./table-shapes.js";
import { isTimestamp } from "./timestamp.js";
import type { EncodeOptions } from "./types.js";

/** Where the words of a content record go on behind its flags. */
const VALUES = 6;

const NO_METHOD: KeptMethod = { address: 0, octets: 0 };

/** The text that a property had last, and where it is kept. */
class Last {
  text = "";
  word = 0;
  octets = 0;

  forget(): void {
    this.text = "";
    this.octets = 0;
  }
}

/** What a message is written for, beside its properties. */
export interface Destination {
  /** Undefined where it is taken at once. */
  readonly output: Output | undefined;
  readonly options: EncodeOptions;
  /** Whether keys stay in their order. */
  readonly inserted: boolean;
  /** Whether integers are all of 32 bits or more. */
  readonly wide: boolean;
  /** Largest frame in octets. */
  frameMax: number;
}

export class ContentWords {
  readonly #tape: CommandTape;
  readonly #methods: KeptMethods;
  readonly #sorted: TableShapes;
  readonly #inserted: TableShapes;
  readonly #contentType = new Last();
  readonly #contentEncoding = new Last();
  readonly #replyTo = new Last();
  readonly #type = new Last();
  readonly #userId = new Last();
  readonly #appId = new Last();
  /** Word of the short string that was packed last. */
  #word = 0;

  constructor(tape: CommandTape) {
    this.#tape = tape;
    this.#methods = new KeptMethods(tape);
    this.#sorted = new TableShapes(tape, true);
    this.#inserted = new TableShapes(tape, false);
    const all = [this.#contentType, this.#contentEncoding, this.#replyTo, this.#type, this.#userId, this.#appId];
    tape.kept.onClear(() => all.forEach((last) => last.forget()));
  }

  /**
   * A content header, the frame of `method` before it, and one body frame behind it where `body` is given. Answers whether it is done; where not, nothing is on the tape of it.
   */
  write(
    to: Destination,
    method: ContentMethod | null | undefined,
    channel: number,
    properties: PropertiesFields | PropertyList,
    size: number,
    body?: Uint8Array,
  ): boolean {
    // All are read before the first word is written: a getter among them may encode something else.
    const { contentType, contentEncoding, headers, deliveryMode, priority, correlationId, replyTo } =
      properties as PropertiesFields;
    const { expiration, messageId, timestamp, type, userId, appId, clusterId } = properties as PropertiesFields;
    if (clusterId !== undefined && clusterId !== "") return false;
    if (deliveryMode !== undefined && deliveryMode !== 1 && deliveryMode !== 2) return false;
    if ((channel & 0xffff) !== channel) return false;
    const tape = this.#tape;
    tape.open(to.output);
    tape.ready();
    const kept = method === undefined ? NO_METHOD : this.#methods.find(method);
    if (kept === undefined) return false;
    const { core, at: start, text, pool, count, poolEnd } = tape;
    const { words } = core;
    let at = start + VALUES;
    let octets = HEADER_OCTETS;
    let flags = 0;
    let n: number;
    pack: {
      if (contentType !== undefined) {
        if ((n = this.#repeated(contentType, this.#contentType)) < 0) break pack;
        if (n > 0) {
          flags = 0x8000;
          octets += n;
          words[at++] = this.#word;
        }
      }
      if (contentEncoding !== undefined) {
        if ((n = this.#repeated(contentEncoding, this.#contentEncoding)) < 0) break pack;
        if (n > 0) {
          flags |= 0x4000;
          octets += n;
          words[at++] = this.#word;
        }
      }
      if (headers !== undefined && headers !== null) {
        if (typeof headers !== "object") break pack;
        const shapes = to.inserted ? this.#inserted : this.#sorted;
        at = shapes.pack(headers, at, to.wide);
        if (at < 0) break pack;
        flags |= 0x2000;
        octets += shapes.octets;
      }
      if (deliveryMode !== undefined) {
        flags |= 0x1000;
        octets += 1;
        words[at++] = deliveryMode;
      }
      if (priority !== undefined) {
        if (typeof priority !== "number" || (priority & 0xff) !== priority) break pack;
        flags |= 0x800;
        octets += 1;
        words[at++] = priority;
      }
      if (correlationId !== undefined) {
        if ((n = tape.once(correlationId, at)) < 0) break pack;
        if (n > 0) {
          flags |= 0x400;
          octets += n;
          at += tape.onceWords;
        }
      }
      if (replyTo !== undefined) {
        if ((n = this.#repeated(replyTo, this.#replyTo)) < 0) break pack;
        if (n > 0) {
          flags |= 0x200;
          octets += n;
          words[at++] = this.#word;
        }
      }
      if (expiration !== undefined) {
        if ((n = tape.once(expiration, at)) < 0) break pack;
        if (n > 0) {
          flags |= 0x100;
          octets += n;
          at += tape.onceWords;
        }
      }
      if (messageId !== undefined) {
        if ((n = tape.once(messageId, at)) < 0) break pack;
        if (n > 0) {
          flags |= 0x80;
          octets += n;
          at += tape.onceWords;
        }
      }
      if (timestamp !== undefined) {
        const seconds = secondsOf(timestamp);
        if (!(seconds >= 0)) break pack;
        flags |= 0x40;
        octets += 8;
        words[at++] = (seconds / 0x100000000) | 0;
        words[at++] = seconds | 0;
      }
      if (type !== undefined) {
        if ((n = this.#repeated(type, this.#type)) < 0) break pack;
        if (n > 0) {
          flags |= 0x20;
          octets += n;
          words[at++] = this.#word;
        }
      }
      if (userId !== undefined) {
        if ((n = this.#repeated(userId, this.#userId)) < 0) break pack;
        if (n > 0) {
          flags |= 0x10;
          octets += n;
          words[at++] = this.#word;
        }
      }
      if (appId !== undefined) {
        if ((n = this.#repeated(appId, this.#appId)) < 0) break pack;
        if (n > 0) {
          flags |= 0x8;
          octets += n;
          words[at++] = this.#word;
        }
      }
      // What was gone through since may have changed it, or the memory.
      if (headers !== undefined && (core.stale || (body !== undefined && body.length !== size))) break pack;
      if (octets + tape.moreSince(poolEnd) > to.frameMax) break pack;
      const behind = body !== undefined && size > 0 ? size + ENVELOPE : 0;
      const all = kept.octets + octets + behind;
      if (tape.end + all > tape.limit) break pack;
      words[start] = CommandKind.CONTENT | (behind > 0 ? 0x100 : 0) | (channel << 16);
      words[start + 1] = octets;
      words[start + 2] = kept.address;
      words[start + 3] = 0;
      words[start + 4] = size;
      words[start + 5] = flags;
      tape.at = at;
      tape.end += all;
      if (behind > 0) tape.putPayload(body!);
      return true;
    }
    if (core.stale) core.refresh();
    tape.undo(text, pool, count, poolEnd);
    return false;
  }

  /** A short string that may well come again: octets with the length's, 0 where there is none, -1 for what is unusual. */
  #repeated(value: unknown, last: Last): number {
    if (value !== last.text) return this.#lookUp(value, last);
    this.#word = last.word;
    return last.octets;
  }

  #lookUp(value: unknown, last: Last): number {
    if (typeof value !== "string" || value.length > KEPT_LENGTH) return -1;
    if (value === "") return 0;
    const { core, kept, text } = this.#tape;
    const known = kept.text(value);
    if (known !== undefined) {
      last.text = value;
      this.#word = last.word = core.kept + (known >>> 8);
      return (last.octets = 1 + (known & 0xff));
    }
    const octets = writeText(core, value, text + 1);
    if (octets < 0) return -1;
    core.octets[text] = octets;
    kept.meet(value, text, octets);
    this.#tape.text = text + 1 + octets;
    this.#word = text;
    return 1 + octets;
  }
}

/** Seconds as a number; no number where the long way must tell what is wrong, or a `bigint` is needed. */
export function secondsOf(timestamp: unknown): number {
  if (timestamp === null) return NaN;
  if (isTimestamp(timestamp)) return typeof timestamp.seconds === "number" ? timestamp.seconds : NaN;
  const seconds = timestamp instanceof Date ? Math.trunc(timestamp.getTime() / 1000) : NaN;
  return seconds >= 0 ? seconds : NaN;
}

/** Where frames go with these options. */
export function destination(output: Output | undefined, options: EncodeOptions, frameMax: number): Destination {
  const { keyOrder, integers } = options;
  return { output, options, inserted: keyOrder === "insertion", wide: integers === "wide", frameMax };
}

const contents = new WeakMap<Core, ContentWords>();

/** What packs the contents of a core. */
export function contentOf(core: Core): ContentWords {
  let content = contents.get(core);
  if (content === undefined) contents.set(core, (content = new ContentWords(tapeOf(core))));
  return content;
}
