/**
 * Contents onto the tape that are like those before them: what they have in common is kept as octets (see `content-layout`), and only what differs is written. Whatever does not fit is for
 * `content-words`, and is looked at afterwards, so that the next one of its kind will fit.
 */
import type { CommandTape } from "./command-tape.js";
import { ContentLayout, copyOf, fits, flagsOf, mayBeLaidOut } from "./content-layout.js";
import type { Destination } from "./destination.js";
import { FieldKind } from "./field-kind.js";
import type { Publish } from "./generated/basic.js";
import { CommandKind } from "./generated/command-kinds.js";
import type { PropertiesFields } from "./generated/properties.js";
import { CORRELATION_ID, EXPIRATION, HEADERS, MESSAGE_ID, TIMESTAMP } from "./generated/property-flags.js";
import { bitsOf, NO_BIT, type ContentMethod, type KeptMethods } from "./kept-methods.js";
import { HOLES, writerOf } from "./layout-code.js";
import { lengthOf } from "./length-of.js";
import { ENVELOPE } from "./limits.js";
import type { PropertyList } from "./property-list.js";
import { ordinary, type Shape } from "./shape.js";
import type { TableShapes } from "./table-shapes.js";
import { highOf, secondsOf } from "./timestamp.js";

/** How many messages of a layout are written before it is worth code of its own. */
const USES = 64;
/** Layouts that are remembered at once. */
const MOST_LAYOUTS = 256;
/** Who had so many messages that fitted no layout, and not as many that did, is left alone for a while. */
const PATIENCE = 64;
const PAUSE = 1024;
/** Whose messages had so many times more often other keys than those before them. */
const MANY_TURNS = 16;

export class ContentLayouts {
  readonly #tape: CommandTape;
  readonly #methods: KeptMethods;
  readonly #sorted: TableShapes;
  readonly #inserted: TableShapes;
  /** Of contents without headers. */
  readonly #bare = new Map<number, unknown>();
  #count = 0;

  constructor(tape: CommandTape, methods: KeptMethods, sorted: TableShapes, inserted: TableShapes) {
    this.#tape = tape;
    this.#methods = methods;
    this.#sorted = sorted;
    this.#inserted = inserted;
    tape.kept.onClear(() => {
      this.#bare.clear();
      this.#count = 0;
    });
  }

  /** The frame of a method, a content header and one body frame. Answers whether it is done; where not, nothing is on the tape of it. */
  write(
    to: Destination,
    method: ContentMethod | null | undefined,
    channel: number,
    properties: PropertiesFields | PropertyList,
    size: number,
    body: Uint8Array,
    again = true,
  ): boolean {
    const { layout } = to;
    // What its code did not take is not for it, nearly always.
    if (layout === undefined || (again && layout.code !== undefined))
      return again && this.#opened(to) && this.#turn(to, method, channel, properties, size, body);
    // All are read before the first word is written: a getter among them may encode something else.
    const { contentType, contentEncoding, headers, deliveryMode, priority, correlationId, replyTo } =
      properties as PropertiesFields;
    const { expiration, messageId, timestamp, type, userId, appId, clusterId } = properties as PropertiesFields;
    const seconds = timestamp === undefined ? 0 : secondsOf(timestamp);
    const bits = bitsOf(method);
    if (bits >= NO_BIT || (channel & 0xffff) !== channel) return false;
    const { exchange, routingKey } = method as Publish;
    if (lengthOf(body) !== size) return false;
    const tape = this.#tape;
    if (!this.#opened(to)) return false;
    if (layout.grows) tape.ready();
    else tape.readyForWords();
    const { core, text, pool, count, poolEnd } = tape;
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
        clusterId !== undefined ||
        layout.generation !== tape.kept.generation
      )
        break pack;
      const kept = this.#methods.known(exchange, routingKey, bits);
      if (kept === undefined) break pack;
      let at = tape.layout(layout.address, kept.address, channel);
      const start = at;
      at += HOLES;
      let { octets } = layout;
      let fresh = 0;
      let n: number;
      if (headers !== undefined && headers !== null) {
        if (layout.shape === undefined || typeof headers !== "object") break pack;
        if ((n = this.#table(headers, layout, to, at, body, size)) < 0) break pack;
        // What was gone through since may have changed the memory.
        if (core.words !== words) break pack;
        at += layout.words;
        octets += n;
        fresh = HEADERS;
      }
      if (correlationId !== undefined) {
        if ((n = tape.once(correlationId, at)) <= 0) break pack;
        fresh |= CORRELATION_ID;
        octets += n;
        at += tape.onceWords;
      }
      if (expiration !== undefined) {
        if ((n = tape.once(expiration, at)) <= 0) break pack;
        fresh |= EXPIRATION;
        octets += n;
        at += tape.onceWords;
      }
      if (messageId !== undefined) {
        if ((n = tape.once(messageId, at)) <= 0) break pack;
        fresh |= MESSAGE_ID;
        octets += n;
        at += tape.onceWords;
      }
      if (timestamp !== undefined) {
        if (!(seconds >= 0)) break pack;
        fresh |= TIMESTAMP;
        words[at++] = highOf(seconds);
        words[at++] = seconds | 0;
      }
      if (fresh !== layout.fresh || octets + tape.moreSince(poolEnd) > to.frameMax) break pack;
      const behind = size > 0 ? size + ENVELOPE : 0;
      const end = tape.end + kept.octets + octets + behind;
      // A getter may have lowered the frame-max.
      if (end > tape.limit || behind > to.frameMax) break pack;
      if (at === start + HOLES) tape.alike(start, size, end);
      else {
        words[start] = CommandKind.LAID_OUT | (size << 16);
        words[start + 1] = octets;
        tape.laidOut(at, end);
      }
      if (behind > 0) tape.putPayload(body, size);
      if (to.misses > 0) to.misses -= 1;
      if (++layout.uses === USES) this.#code(layout, to);
      return true;
    }
    tape.undo(text, pool, count, poolEnd);
    return again && this.#turn(to, method, channel, properties, size, body);
  }

  /** Whether the tape is open. */
  #opened({ id, output }: Destination): boolean {
    const tape = this.#tape;
    if (tape.opened === id) return true;
    tape.open(output);
    // Somebody else may grow the memory.
    return tape.opened === id;
  }

  /** As `write`, with another layout, if there is one for these properties. */
  #turn(
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
    const tried = to.layout;
    const before = tried ?? to.last;
    const like = before?.shape === undefined ? undefined : this.#like(before, to, properties as PropertiesFields);
    if (like !== undefined && this.#with(like, to, method, channel, properties, size, body)) {
      // Where one sequence of keys follows the other it is no use to try the last one first.
      to.turns = like === before ? to.turns >> 1 : Math.min(to.turns + 1, 2 * MANY_TURNS);
      if (to.turns > MANY_TURNS) to.layout = undefined;
      to.last = like;
      return true;
    }
    const other = this.#tape.guarded(() => {
      const values = properties as PropertiesFields;
      const flags = flagsOf(values);
      const shape = this.#shapeOf(to, flags, values);
      return shape === null ? undefined : this.#known(to, flags, shape);
    });
    // Of the layout that was tried first only its code was, where it has some.
    const known = other !== undefined && !other.hopeless && other !== like;
    const left = known && (other !== tried || other.code !== undefined);
    if (left && this.#with(other, to, method, channel, properties, size, body)) return true;
    if ((!left || other === tried) && ++to.misses > PATIENCE) {
      to.misses = PATIENCE / 2;
      to.pause = PAUSE;
      to.layout = to.last = undefined;
    }
    return false;
  }

  #with(
    layout: ContentLayout,
    to: Destination,
    method: ContentMethod | null | undefined,
    channel: number,
    properties: PropertiesFields | PropertyList,
    size: number,
    body: Uint8Array,
  ): boolean {
    const tried = layout === to.layout;
    to.layout = layout;
    return (
      (!tried && layout.code?.(to, method, channel, properties, size, body) === true) ||
      this.write(to, method, channel, properties, size, body, false)
    );
  }

  #code(layout: ContentLayout, { inserted }: Destination): void {
    const shapes = inserted ? this.#inserted : this.#sorted;
    layout.code = writerOf(layout, { tape: this.#tape, methods: this.#methods, shapes });
  }

  /** The layout of messages with the properties of another one, for these headers. */
  #like({ flags }: ContentLayout, to: Destination, properties: PropertiesFields): ContentLayout | undefined {
    const like = this.#tape.guarded(() => {
      const shape = this.#shapeOf(to, flags, properties);
      return shape === null ? undefined : this.#known(to, flags, shape);
    });
    return like?.hopeless === false ? like : undefined;
  }

  /** To be called where a message had no layout that fitted, and went out all the same. */
  learn(to: Destination, properties: PropertiesFields | PropertyList): void {
    if (to.pause > 0) return;
    this.#tape.guarded(() => {
      // Read once: a getter may answer something else the next time.
      const values = copyOf(properties as PropertiesFields);
      const flags = flagsOf(values);
      const shape = this.#shapeOf(to, flags, values);
      if (shape === null || !mayBeLaidOut(values)) return;
      const before = this.#known(to, flags, shape);
      if (before?.hopeless === true || this.#count === MOST_LAYOUTS) return;
      if (before?.isOf(values) === false) {
        before.hopeless = true;
        return;
      }
      const layout = new ContentLayout(this.#tape.kept.generation, values, flags, shape, to.wide, before);
      if (before?.equals(layout) === true || !layout.keep(this.#tape)) return;
      this.#count += 1;
      (shape === undefined ? this.#bare : (shape.layouts ??= new Map())).set(flags | (to.wide ? 1 : 0), layout);
      to.layout = layout;
    });
  }

  /** The shape of the headers, `undefined` where there are none; `null` where these properties have no layout. */
  #shapeOf(to: Destination, flags: number, { headers }: PropertiesFields): Shape | undefined | null {
    if (flags < 0) return null;
    if ((flags & HEADERS) === 0) return undefined;
    if (typeof headers !== "object" || headers === null) return null;
    return (to.inserted ? this.#inserted : this.#sorted).shapeOf(headers) ?? null;
  }

  #known(to: Destination, flags: number, shape: Shape | undefined): ContentLayout | undefined {
    const layouts = shape === undefined ? this.#bare : shape.layouts;
    return layouts?.get(flags | (to.wide ? 1 : 0)) as ContentLayout | undefined;
  }

  /** Fields of headers into the holes that are for them. Answers the octets of those that may be anything, -1 where the table is not of the layout, or a getter among them gave the body away. */
  #table(table: object, layout: ContentLayout, to: Destination, at: number, body: Uint8Array, size: number): number {
    const tape = this.#tape;
    tape.beginValues();
    try {
      const { words } = tape.core;
      const shapes = to.inserted ? this.#inserted : this.#sorted;
      const octets = ordinary(table) ? fieldsOf(table, layout, shapes, words, at) : -1;
      return lengthOf(body) === size ? octets : -1;
    } catch {
      // A getter's error: the long way gets it again, and says where.
      return -1;
    } finally {
      tape.endValues();
    }
  }
}

/** Fields without code of their own. */
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
      const taken = shapes.field(value, shape!.fields.places[i]!, at + field.place, wide);
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
