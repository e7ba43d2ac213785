/**
 * Contents of messages onto the tape, as they nearly always are: properties that are texts and numbers, headers whose sequence of keys came before. Whatever is unusual is taken back, and left to the long way, which knows all values
 * and all reasons to refuse one.
 */
import { tapeOf, type CommandTape } from "./command-tape.js";
import type { Core } from "./core.js";
import { ContentLayouts } from "./content-layouts.js";
import type { Destination } from "./destination.js";
import type { Publish } from "./generated/basic.js";
import { CommandKind } from "./generated/command-kinds.js";
import type { PropertiesFields } from "./generated/properties.js";
import {
  APP_ID,
  CONTENT_ENCODING,
  CONTENT_TYPE,
  CORRELATION_ID,
  DELIVERY_MODE,
  EXPIRATION,
  HEADERS,
  MESSAGE_ID,
  PRIORITY,
  REPLY_TO,
  TIMESTAMP,
  TYPE,
  USER_ID,
} from "./generated/property-flags.js";
import { lengthOf } from "./length-of.js";
import { bitsOf, KeptMethods, NO_BIT, type ContentMethod, type KeptMethod } from "./kept-methods.js";
import { ENVELOPE } from "./limits.js";
import { HEADER_OCTETS, type PropertyList } from "./property-list.js";
import { RepeatedText } from "./repeated-text.js";
import { TableShapes } from "./table-shapes.js";
import { highOf, secondsOf } from "./timestamp.js";

/** Where the words of a content record go on behind its flags. */
const VALUES = 6;

const NO_METHOD: KeptMethod = { address: 0, octets: 0 };
const NO_ARGUMENTS = {};

export class ContentWords {
  readonly #tape: CommandTape;
  readonly #methods: KeptMethods;
  readonly #sorted: TableShapes;
  readonly #inserted: TableShapes;
  readonly #layouts: ContentLayouts;
  readonly #contentType: RepeatedText;
  readonly #contentEncoding: RepeatedText;
  readonly #replyTo: RepeatedText;
  readonly #type: RepeatedText;
  readonly #userId: RepeatedText;
  readonly #appId: RepeatedText;

  constructor(tape: CommandTape) {
    this.#tape = tape;
    this.#methods = new KeptMethods(tape);
    this.#sorted = new TableShapes(tape, true);
    this.#inserted = new TableShapes(tape, false);
    this.#layouts = new ContentLayouts(tape, this.#methods, this.#sorted, this.#inserted);
    this.#contentType = new RepeatedText(tape);
    this.#contentEncoding = new RepeatedText(tape);
    this.#replyTo = new RepeatedText(tape);
    this.#type = new RepeatedText(tape);
    this.#userId = new RepeatedText(tape);
    this.#appId = new RepeatedText(tape);
  }

  /** A method, a content header and one body frame. Answers whether it is done; where not, nothing is on the tape of it. */
  publish(
    to: Destination,
    method: ContentMethod | null | undefined,
    channel: number,
    properties: PropertiesFields | PropertyList,
    size: number,
    body: Uint8Array,
  ): boolean {
    if (this.#layouts.write(to, method, channel, properties, size, body)) return true;
    if (!this.write(to, method ?? null, channel, properties, size, body)) return false;
    this.#layouts.learn(to, properties);
    return true;
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
    let seconds = 0;
    if (timestamp !== undefined) {
      // Where the method frame is written already, what a Date of the program's own kind writes must not get between them.
      if (method === undefined) seconds = this.#tape.guarded(() => secondsOf(timestamp)) ?? NaN;
      else seconds = secondsOf(timestamp);
    }
    const bits = method === undefined ? 0 : bitsOf(method);
    if (bits >= NO_BIT) return false;
    const { exchange, routingKey } = (method ?? NO_ARGUMENTS) as Publish;
    if (body !== undefined && lengthOf(body) !== size) return false;
    const tape = this.#tape;
    tape.open(to.output);
    tape.ready();
    const kept = method === undefined ? NO_METHOD : this.#methods.find(exchange, routingKey, bits);
    if (kept === undefined) return false;
    const { core, at: start, text, pool, count, poolEnd } = tape;
    const { words } = core;
    let at = start + VALUES;
    let octets = HEADER_OCTETS;
    let flags = 0;
    let n: number;
    pack: {
      if (contentType !== undefined) {
        if ((n = this.#contentType.pack(contentType)) < 0) break pack;
        if (n > 0) {
          flags = CONTENT_TYPE;
          octets += n;
          words[at++] = this.#contentType.word;
        }
      }
      if (contentEncoding !== undefined) {
        if ((n = this.#contentEncoding.pack(contentEncoding)) < 0) break pack;
        if (n > 0) {
          flags |= CONTENT_ENCODING;
          octets += n;
          words[at++] = this.#contentEncoding.word;
        }
      }
      if (headers !== undefined && headers !== null) {
        if (typeof headers !== "object") break pack;
        const shapes = to.inserted ? this.#inserted : this.#sorted;
        at = shapes.pack(headers, at, to.wide);
        if (at < 0) break pack;
        if (body !== undefined && lengthOf(body) !== size) break pack;
        flags |= HEADERS;
        octets += shapes.octets;
      }
      if (deliveryMode !== undefined) {
        flags |= DELIVERY_MODE;
        octets += 1;
        words[at++] = deliveryMode;
      }
      if (priority !== undefined) {
        if (typeof priority !== "number" || (priority & 0xff) !== priority) break pack;
        flags |= PRIORITY;
        octets += 1;
        words[at++] = priority;
      }
      if (correlationId !== undefined) {
        if ((n = tape.once(correlationId, at)) < 0) break pack;
        if (n > 0) {
          flags |= CORRELATION_ID;
          octets += n;
          at += tape.onceWords;
        }
      }
      if (replyTo !== undefined) {
        if ((n = this.#replyTo.pack(replyTo)) < 0) break pack;
        if (n > 0) {
          flags |= REPLY_TO;
          octets += n;
          words[at++] = this.#replyTo.word;
        }
      }
      if (expiration !== undefined) {
        if ((n = tape.once(expiration, at)) < 0) break pack;
        if (n > 0) {
          flags |= EXPIRATION;
          octets += n;
          at += tape.onceWords;
        }
      }
      if (messageId !== undefined) {
        if ((n = tape.once(messageId, at)) < 0) break pack;
        if (n > 0) {
          flags |= MESSAGE_ID;
          octets += n;
          at += tape.onceWords;
        }
      }
      if (timestamp !== undefined) {
        if (!(seconds >= 0)) break pack;
        flags |= TIMESTAMP;
        octets += 8;
        words[at++] = highOf(seconds);
        words[at++] = seconds | 0;
      }
      if (type !== undefined) {
        if ((n = this.#type.pack(type)) < 0) break pack;
        if (n > 0) {
          flags |= TYPE;
          octets += n;
          words[at++] = this.#type.word;
        }
      }
      if (userId !== undefined) {
        if ((n = this.#userId.pack(userId)) < 0) break pack;
        if (n > 0) {
          flags |= USER_ID;
          octets += n;
          words[at++] = this.#userId.word;
        }
      }
      if (appId !== undefined) {
        if ((n = this.#appId.pack(appId)) < 0) break pack;
        if (n > 0) {
          flags |= APP_ID;
          octets += n;
          words[at++] = this.#appId.word;
        }
      }
      // What was gone through since may have changed it, or the memory.
      if (headers !== undefined && (core.stale || core.words !== words)) break pack;
      if (octets + tape.moreSince(poolEnd) > to.frameMax) break pack;
      const behind = body !== undefined && size > 0 ? size + ENVELOPE : 0;
      const all = kept.octets + octets + behind;
      // A getter may have lowered the frame-max.
      if (tape.end + all > tape.limit || behind > to.frameMax) break pack;
      words[start] = CommandKind.CONTENT | (behind > 0 ? 0x100 : 0) | (channel << 16);
      words[start + 1] = octets;
      words[start + 2] = kept.address;
      words[start + 3] = 0;
      words[start + 4] = size;
      words[start + 5] = flags;
      tape.at = at;
      tape.end += all;
      if (behind > 0) tape.putPayload(body!, size);
      return true;
    }
    if (core.stale) core.refresh();
    tape.undo(text, pool, count, poolEnd);
    return false;
  }
}

const contents = new WeakMap<Core, ContentWords>();

/** What packs the contents of a core. */
export function contentOf(core: Core): ContentWords {
  let content = contents.get(core);
  if (content === undefined) contents.set(core, (content = new ContentWords(tapeOf(core))));
  return content;
}
