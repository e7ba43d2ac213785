/**
 * Contents onto the tape that are like those before them: what they have in common is kept as octets (see `content-layout`), and only what differs is written. Whatever does not fit is for
 * `content-words`, and is looked at afterwards, so that the next one of its kind will fit.
 */
import type { CommandTape } from "./command-tape.js";
import { ContentLayout, DIFFERS, fits, flagsOf, HEADERS, NEW } from "./content-layout.js";
import { FieldKind } from "./field-kind.js";
import { CommandKind } from "./generated/command-kinds.js";
import type { PropertiesFields } from "./generated/properties.js";
import type { Destination } from "./destination.js";
import type { ContentMethod, KeptMethods } from "./kept-methods.js";
import { ENVELOPE } from "./limits.js";
import type { PropertyList } from "./property-list.js";
import { RepeatedText } from "./repeated-text.js";
import { ordinary, type Shape, type TableShapes } from "./table-shapes.js";
import { secondsOf } from "./timestamp.js";

/** Where the words of the holes begin. */
const HOLES = 5;
/** Layouts that are remembered at once. */
const MOST_LAYOUTS = 256;
/** Who had so many messages that fitted no layout, and not as many that did, is left alone for a while. */
const PATIENCE = 64;
const PAUSE = 1024;

export class ContentLayouts {
  readonly #tape: CommandTape;
  readonly #methods: KeptMethods;
  readonly #sorted: TableShapes;
  readonly #inserted: TableShapes;
  /** Of contents without headers. */
  readonly #bare = new Map<number, unknown>();
  #count = 0;
  /** For those that differ. */
  readonly #texts: RepeatedText[];
  #octets = 0;

  constructor(tape: CommandTape, methods: KeptMethods, sorted: TableShapes, inserted: TableShapes) {
    this.#tape = tape;
    this.#methods = methods;
    this.#sorted = sorted;
    this.#inserted = inserted;
    this.#texts = Array.from({ length: 6 }, () => new RepeatedText(tape));
    tape.kept.onClear(() => {
      this.#bare.clear();
      this.#count = 0;
    });
  }

  /**
   * The frame of a method, a content header and one body frame. Answers whether it is done; where not, nothing is on the tape of it.
   */
  write(
    to: Destination,
    method: ContentMethod | null | undefined,
    channel: number,
    properties: PropertiesFields | PropertyList,
    size: number,
    body: Uint8Array,
  ): boolean {
    const { layout, output } = to;
    if (layout === undefined) return this.#any(to, method, channel, properties, size, body);
    // All are read before the first word is written: a getter among them may encode something else.
    const { contentType, contentEncoding, headers, deliveryMode, priority, correlationId, replyTo } =
      properties as PropertiesFields;
    const { expiration, messageId, timestamp, type, userId, appId, clusterId } = properties as PropertiesFields;
    const tape = this.#tape;
    if (tape.opened !== output) {
      tape.open(output);
      // Somebody else may grow the memory.
      if (tape.opened !== output) return false;
    }
    if (layout.grows) tape.ready();
    else tape.readyForWords();
    const { core, at: start, text, pool, count, poolEnd } = tape;
    const { words } = core;
    pack: {
      if (
        contentType !== layout.contentType ||
        contentEncoding !== layout.contentEncoding ||
        deliveryMode !== layout.deliveryMode ||
        priority !== layout.priority ||
        replyTo !== layout.replyTo ||
        type !== layout.type ||
        userId !== layout.userId ||
        appId !== layout.appId ||
        expiration !== undefined ||
        clusterId !== undefined ||
        (channel & 0xffff) !== channel ||
        layout.generation !== tape.kept.generation
      )
        break pack;
      const kept = this.#methods.last(method);
      if (kept === undefined) break pack;
      let at = start + HOLES;
      let { octets } = layout;
      let fresh = 0;
      let n: number;
      if (headers !== undefined) {
        if (layout.shape === undefined || typeof headers !== "object" || headers === null) break pack;
        if ((n = this.#table(headers, layout, to, at)) < 0) break pack;
        // What was gone through since may have changed it, or the memory.
        if (core.words !== words || body.length !== size) break pack;
        at += layout.words;
        octets += n;
        fresh = HEADERS;
      }
      if (correlationId !== undefined) {
        if ((n = tape.once(correlationId, at)) <= 0) break pack;
        fresh |= 0x400;
        octets += n;
        at += tape.onceWords;
      }
      if (messageId !== undefined) {
        if ((n = tape.once(messageId, at)) <= 0) break pack;
        fresh |= 0x80;
        octets += n;
        at += tape.onceWords;
      }
      if (timestamp !== undefined) {
        const seconds = secondsOf(timestamp);
        if (!(seconds >= 0)) break pack;
        fresh |= 0x40;
        words[at++] = (seconds | 0) === seconds ? 0 : (seconds / 0x100000000) | 0;
        words[at++] = seconds | 0;
      }
      if (fresh !== layout.fresh || octets + tape.moreSince(poolEnd) > to.frameMax) break pack;
      const behind = size > 0 ? size + ENVELOPE : 0;
      const end = tape.end + kept.octets + octets + behind;
      if (end > tape.limit) break pack;
      words[start] = CommandKind.LAID_OUT | (behind > 0 ? 0x100 : 0) | (channel << 16);
      words[start + 1] = octets;
      words[start + 2] = layout.address;
      words[start + 3] = kept.address;
      words[start + 4] = size;
      tape.at = at;
      tape.end = end;
      if (behind > 0) tape.putPayload(body);
      if (to.misses > 0) to.misses -= 1;
      return true;
    }
    tape.undo(text, pool, count, poolEnd);
    return this.#any(to, method, channel, properties, size, body);
  }

  /** As `write`, whatever the layout is like. */
  #any(
    to: Destination,
    method: ContentMethod | null | undefined,
    channel: number,
    properties: PropertiesFields | PropertyList,
    size: number,
    body: Uint8Array,
  ): boolean {
    if (to.pause > 0) {
      to.pause -= 1;
      return false;
    }
    // All are read before the first word is written: a getter among them may encode something else.
    const { contentType, contentEncoding, headers, deliveryMode, priority, correlationId, replyTo } =
      properties as PropertiesFields;
    const { expiration, messageId, timestamp, type, userId, appId, clusterId } = properties as PropertiesFields;
    if (clusterId !== undefined || (channel & 0xffff) !== channel) return false;
    const tape = this.#tape;
    const { output } = to;
    tape.open(output);
    // Somebody else may grow the memory.
    if (tape.opened !== output) return false;
    tape.ready();
    const kept = this.#methods.known(method);
    if (kept === undefined) return false;
    const { core, at: start, text, pool, count, poolEnd } = tape;
    const { words } = core;
    let { layout } = to;
    for (let again = true; ; again = false) {
      pack: {
        if (layout === undefined || layout.generation !== tape.kept.generation) break pack;
        const { differing } = layout;
        if (
          (contentType !== layout.contentType ||
            contentEncoding !== layout.contentEncoding ||
            deliveryMode !== layout.deliveryMode ||
            priority !== layout.priority ||
            replyTo !== layout.replyTo ||
            type !== layout.type ||
            userId !== layout.userId ||
            appId !== layout.appId) &&
          (differing === 0 ||
            !like(layout, [contentType, contentEncoding, priority, replyTo, type, userId, appId], deliveryMode))
        )
          break pack;
        let at = start + HOLES;
        let { octets } = layout;
        let fresh = 0;
        let n: number;
        if (differing !== 0) {
          at = this.#before(differing, contentType, contentEncoding, at);
          if (at < 0) break pack;
          octets += this.#octets;
        }
        if (headers === undefined || headers === null) {
          if (layout.shape !== undefined) break pack;
        } else {
          if (layout.shape === undefined || typeof headers !== "object") break pack;
          if ((n = this.#table(headers, layout, to, at)) < 0) break pack;
          // What was gone through since may have changed it, or the memory.
          if (core.words !== words || body.length !== size) break pack;
          at += layout.words;
          octets += n;
        }
        if (differing !== 0) {
          if ((differing & 0x1000) !== 0) words[at++] = deliveryMode!;
          if ((differing & 0x800) !== 0) {
            if (typeof priority !== "number" || (priority & 0xff) !== priority) break pack;
            words[at++] = priority;
          }
        }
        if (correlationId !== undefined) {
          if ((n = tape.once(correlationId, at)) <= 0) break pack;
          fresh = 0x400;
          octets += n;
          at += tape.onceWords;
        }
        if ((differing & 0x200) !== 0) {
          if ((n = this.#texts[2]!.pack(replyTo)) <= 0) break pack;
          octets += n;
          words[at++] = this.#texts[2]!.word;
        }
        if (expiration !== undefined) {
          if ((n = tape.once(expiration, at)) <= 0) break pack;
          fresh |= 0x100;
          octets += n;
          at += tape.onceWords;
        }
        if (messageId !== undefined) {
          if ((n = tape.once(messageId, at)) <= 0) break pack;
          fresh |= 0x80;
          octets += n;
          at += tape.onceWords;
        }
        if (timestamp !== undefined) {
          const seconds = secondsOf(timestamp);
          if (!(seconds >= 0)) break pack;
          fresh |= 0x40;
          words[at++] = (seconds | 0) === seconds ? 0 : (seconds / 0x100000000) | 0;
          words[at++] = seconds | 0;
        }
        if (fresh !== (layout.fresh & NEW)) break pack;
        if ((differing & 0x38) !== 0) {
          at = this.#behind(differing, type, userId, appId, at);
          if (at < 0) break pack;
          octets += this.#octets;
        }
        if (octets + tape.moreSince(poolEnd) > to.frameMax) break pack;
        const behind = size > 0 ? size + ENVELOPE : 0;
        const all = kept.octets + octets + behind;
        if (tape.end + all > tape.limit) break pack;
        words[start] = CommandKind.LAID_OUT | (behind > 0 ? 0x100 : 0) | (channel << 16);
        words[start + 1] = octets;
        words[start + 2] = layout.address;
        words[start + 3] = kept.address;
        words[start + 4] = size;
        tape.at = at;
        tape.end += all;
        if (behind > 0) tape.putPayload(body);
        if (to.misses > 0) to.misses -= 1;
        return true;
      }
      tape.undo(text, pool, count, poolEnd);
      if (!again) return false;
      const other = this.#find(to, properties as PropertiesFields);
      if (other === undefined || other === layout || core.words !== words) return false;
      to.layout = layout = other;
    }
  }

  /** To be called where a message had no layout that fitted, and went out all the same. */
  learn(to: Destination, properties: PropertiesFields | PropertyList): void {
    if (to.pause > 0) return;
    if (++to.misses > PATIENCE) {
      to.misses = PATIENCE / 2;
      to.pause = PAUSE;
      to.layout = undefined;
      return;
    }
    const tape = this.#tape;
    tape.beginValues();
    try {
      const values = properties as PropertiesFields;
      const flags = flagsOf(values);
      if (flags < 0 || this.#count === MOST_LAYOUTS) return;
      const shape = (flags & HEADERS) === 0 ? undefined : this.#shapeOf(to, values.headers);
      if (shape === undefined && (flags & HEADERS) !== 0) return;
      const before = this.#known(to, flags, shape);
      const layout = new ContentLayout(tape, values, flags, shape, to.wide, before);
      if (layout.address === 0 || before?.equals(layout) === true) return;
      this.#count += 1;
      (shape === undefined ? this.#bare : (shape.layouts ??= new Map<number, unknown>())).set(
        flags | (to.wide ? 1 : 0),
        layout,
      );
      to.layout = layout;
    } catch {
      // A getter's error. The message is out, and who reads it the next time will hear of it.
    } finally {
      tape.endValues();
    }
  }

  /** The layout of properties with these flags and these fields. */
  #find(to: Destination, properties: PropertiesFields): ContentLayout | undefined {
    const tape = this.#tape;
    tape.beginValues();
    try {
      const flags = flagsOf(properties);
      if (flags < 0) return undefined;
      if ((flags & HEADERS) === 0) return this.#known(to, flags, undefined);
      const shape = this.#shapeOf(to, properties.headers);
      return shape && this.#known(to, flags, shape);
    } catch {
      return undefined;
    } finally {
      tape.endValues();
    }
  }

  #shapeOf(to: Destination, headers: unknown): Shape | undefined {
    if (typeof headers !== "object" || headers === null) return undefined;
    return (to.inserted ? this.#inserted : this.#sorted).shapeOf(headers);
  }

  #known(to: Destination, flags: number, shape: Shape | undefined): ContentLayout | undefined {
    const layouts = shape === undefined ? this.#bare : shape.layouts;
    return layouts?.get(flags | (to.wide ? 1 : 0)) as ContentLayout | undefined;
  }

  /** Fields of headers into the holes that are for them. Answers the octets of those that may be anything, -1 where the table is not of the layout. */
  #table(table: object, layout: ContentLayout, to: Destination, at: number): number {
    const tape = this.#tape;
    tape.beginValues();
    try {
      // No shape has a key of that name.
      if (table.constructor !== Object && Object.getPrototypeOf(table) !== null) return -1;
      const { words } = tape.core;
      const { write } = layout;
      if (write !== undefined) return write(table, words, at, to.wide);
      const shapes = to.inserted ? this.#inserted : this.#sorted;
      layout.used(shapes);
      return ordinary(table) ? fieldsOf(table, layout, shapes, words, at) : -1;
    } catch {
      // A getter's error: the long way gets it again, and says where.
      return -1;
    } finally {
      tape.endValues();
    }
  }

  #before(differing: number, contentType: unknown, contentEncoding: unknown, at: number): number {
    this.#octets = 0;
    if ((differing & 0x8000) !== 0) at = this.#repeated(0, contentType, at);
    return at >= 0 && (differing & 0x4000) !== 0 ? this.#repeated(1, contentEncoding, at) : at;
  }

  #behind(differing: number, type: unknown, userId: unknown, appId: unknown, at: number): number {
    this.#octets = 0;
    if ((differing & 0x20) !== 0) at = this.#repeated(3, type, at);
    if (at >= 0 && (differing & 0x10) !== 0) at = this.#repeated(4, userId, at);
    return at >= 0 && (differing & 0x8) !== 0 ? this.#repeated(5, appId, at) : at;
  }

  #repeated(i: number, value: unknown, at: number): number {
    const text = this.#texts[i]!;
    const octets = text.pack(value);
    if (octets <= 0) return -1;
    this.#octets += octets;
    this.#tape.core.words[at] = text.word;
    return at + 1;
  }
}

function fieldsOf(table: object, layout: ContentLayout, shapes: TableShapes, words: Int32Array, at: number): number {
  const { fields, shape, wide } = layout;
  let octets = 0;
  let i = 0;
  for (const key in table) {
    if (i === fields.length) return -1;
    const field = fields[i]!;
    if (key !== field.key) return -1;
    const value = (table as Record<string, unknown>)[key];
    if (field.kind === FieldKind.ANY) {
      const taken = shapes.field(value, shape!, i, at + field.place, wide);
      if (taken < 0) return -1;
      octets += taken;
    } else {
      if (!fits(value, field.kind, field.value, wide)) return -1;
      if (field.kind !== FieldKind.SAME) words[at + field.place] = Number(value);
    }
    i++;
  }
  return i === fields.length ? octets : -1;
}

/** Whether what is always the same in a layout is so here, and the rest is there. */
function like(layout: ContentLayout, values: readonly unknown[], deliveryMode: unknown): boolean {
  const { contentType, contentEncoding, priority, replyTo, type, userId, appId } = layout;
  const mode = layout.deliveryMode;
  if (mode === DIFFERS ? deliveryMode !== 1 && deliveryMode !== 2 : deliveryMode !== mode) return false;
  return [contentType, contentEncoding, priority, replyTo, type, userId, appId].every((same, i) =>
    same === DIFFERS ? values[i] !== undefined : values[i] === same,
  );
}
