import { ContentHeader } from "./content.js";
import type { Core } from "./core.js";
import type { ContentMethod, FrameWriter } from "./frame-writer.js";
import { FieldTable } from "./field-table.js";
import { FRAME_HEADER_SIZE } from "./generated/constants.js";
import { Properties, type PropertiesFields } from "./generated/properties.js";
import * as State from "./generated/state.js";
import { writeText } from "./strings.js";
import { Timestamp } from "./timestamp.js";

/** What differs from message to message. What is left out stays as it was prepared. */
export interface PublishValues {
  /** Up to 255 octets. */
  messageId?: string | Uint8Array | undefined;
  /** Seconds; see `Properties.timestamp`. */
  timestamp?: Timestamp | Date | undefined;
  /** Up to 255 octets. */
  correlationId?: string | Uint8Array | undefined;
}

/** What a prepared publish needs of its writer, and programs do not. */
export interface Assembly {
  readonly core: Core;
  /** Makes the output the writer's, with room for so many octets behind what stands there. */
  reserve(octets: number): void;
  /** A frame as octets, on channel 0. */
  frame(frame: ContentMethod | ContentHeader): Uint8Array;
  /** Writes the frames of a body. */
  body(octets: Uint8Array, channel: number): void;
}

/** The two frames for ids of certain lengths, and where in the header frame the values go; 0 where they do not. */
interface Template {
  readonly octets: Uint8Array;
  readonly methodOctets: number;
  readonly correlationId: number;
  readonly messageId: number;
  readonly timestamp: number;
}

/** In a content header frame: its head, class id, weight, body size, property flags. */
const LIST = FRAME_HEADER_SIZE + 14;
/** Octets of a table's length. */
const TABLE_LENGTH = 4;
/** The frame-end. */
const END = 1;
const UINT32 = 0x100000000;
/** Combinations of lengths that are remembered. */
const TEMPLATES = 64;
/** What a text may write over that turns out not to be ASCII. */
const SLACK = 1024;
const NOTHING = new Uint8Array(0);
const NO_VALUES: PublishValues = {};

/** Properties in wire order up to one of those that differ. */
const before = {
  correlationId: ["contentType", "contentEncoding", "headers", "deliveryMode", "priority"],
  messageId: ["correlationId", "replyTo", "expiration"],
  timestamp: ["messageId"],
} as const;

/**
 * A publish that is assembled once: its frames are copied, and channel, sizes and what differs are put in. Made by `FrameWriter.prepare`. Later changes of the method and the properties are not seen.
 */
export class PreparedPublish {
  readonly #writer: FrameWriter;
  readonly #assembly: Assembly;
  readonly #method: ContentMethod;
  readonly #properties: Properties;
  readonly #templates = new Map<number, Template>();
  #lastKey = -1;
  #last: Template | undefined;

  /** @internal */
  constructor(writer: FrameWriter, assembly: Assembly, method: ContentMethod, properties: Properties) {
    this.#writer = writer;
    this.#assembly = assembly;
    this.#method = method;
    this.#properties = properties;
    if (properties.headers !== undefined) {
      // Encoded once: what the caller does with the table afterwards must not show when other lengths are wanted.
      const frame = this.#header({ headers: properties.headers });
      properties.headers = new FieldTable(frame.slice(LIST + TABLE_LENGTH, frame.length - END));
    }
    // What is wrong with them is said now.
    this.#template(-1, -1, false);
  }

  /**
   * Writes the message to the writer that prepared it; it goes out with the next `flush`.
   *
   * @param channel 0 to 65535.
   * @param body copied: it may be changed after the call. Defaults to none.
   * @throws ValidationError, EncodeError: then nothing was written.
   */
  publish(channel: number, body: Uint8Array = NOTHING, values: PublishValues = NO_VALUES): FrameWriter {
    const { messageId, timestamp, correlationId } = values;
    const { core } = this.#assembly;
    const seconds = timestamp === undefined ? -1 : secondsOf(timestamp);
    if (
      channel >>> 0 === channel &&
      channel <= 0xffff &&
      body instanceof Uint8Array &&
      body.length < UINT32 &&
      isShort(messageId) &&
      isShort(correlationId) &&
      seconds >= -1
    ) {
      const idLength = messageId === undefined ? -1 : messageId.length;
      const correlationLength = correlationId === undefined ? -1 : correlationId.length;
      const template = this.#template(idLength, correlationLength, seconds >= 0);
      const { octets, methodOctets } = template;
      const { frameMax } = this.#writer;
      this.#assembly.reserve(octets.length + SLACK);
      const at = core.output + core.state(State.OUTPUT_END);
      const header = at + methodOctets;
      core.octets.set(octets, at);
      if (
        // It may have been lowered since.
        (frameMax === 0 || octets.length <= frameMax) &&
        (correlationId === undefined ||
          writeText(core, correlationId, header + template.correlationId) === correlationLength) &&
        (messageId === undefined || writeText(core, messageId, header + template.messageId) === idLength)
      ) {
        core.exports.takePublish(
          methodOctets,
          octets.length - methodOctets,
          channel,
          body.length,
          seconds < 0 ? 0 : template.timestamp,
          (seconds / UINT32) | 0,
          seconds | 0,
        );
        if (body.length > 0) this.#assembly.body(body, channel);
        return this.#writer;
      }
    }
    // Text that is not ASCII, octets for an id, and all that is refused: the long way, which knows the reasons.
    return this.#writer.publish(channel, this.#method, this.#with(values), body);
  }

  #header(properties: Properties | PropertiesFields): Uint8Array {
    return this.#assembly.frame(new ContentHeader({ properties }));
  }

  #with({ messageId, timestamp, correlationId }: PublishValues): Properties {
    const fields = Object.fromEntries(this.#properties);
    if (messageId !== undefined) fields["messageId"] = messageId;
    if (timestamp !== undefined) fields["timestamp"] = timestamp;
    if (correlationId !== undefined) fields["correlationId"] = correlationId;
    return new Properties(fields);
  }

  #template(idLength: number, correlationLength: number, timed: boolean): Template {
    const key = ((idLength + 1) * 256 + correlationLength + 1) * 2 + (timed ? 1 : 0);
    if (key === this.#lastKey) return this.#last!;
    let template = this.#templates.get(key);
    if (template === undefined) {
      if (this.#templates.size === TEMPLATES) this.#templates.clear();
      template = this.#assemble({
        messageId: idLength < 0 ? undefined : "x".repeat(idLength),
        correlationId: correlationLength < 0 ? undefined : "x".repeat(correlationLength),
        timestamp: timed ? new Timestamp(0) : undefined,
      });
      this.#templates.set(key, template);
    }
    this.#lastKey = key;
    return (this.#last = template);
  }

  #assemble(values: PublishValues): Template {
    const list = this.#with(values);
    const method = this.#assembly.frame(this.#method);
    const header = this.#header(list);
    const octets = new Uint8Array(method.length + header.length);
    octets.set(method);
    octets.set(header, method.length);
    // Each part of the list takes its place in the order of the flags.
    const parts = (names: readonly (keyof PropertiesFields)[]): number =>
      this.#header(Object.fromEntries(names.map((name) => [name, list[name]]))).length - LIST - END;
    const correlationId = LIST + parts(before.correlationId);
    const messageId = correlationId + parts(before.messageId);
    const timestamp = messageId + parts(before.timestamp);
    // A short string begins with its length.
    return {
      octets,
      methodOctets: method.length,
      correlationId: correlationId + 1,
      messageId: messageId + 1,
      timestamp,
    };
  }
}

/** A text that may fit in as it is; an empty one is not sent at all. */
function isShort(value: string | Uint8Array | undefined): value is string | undefined {
  return value === undefined || (typeof value === "string" && value.length > 0 && value.length <= 255);
}

/** Seconds as a number; not a number where the long way must tell what is wrong, or a `bigint` is needed. */
function secondsOf(timestamp: Timestamp | Date): number {
  if (timestamp instanceof Timestamp) return typeof timestamp.seconds === "number" ? timestamp.seconds : NaN;
  const seconds = timestamp instanceof Date ? Math.trunc(timestamp.getTime() / 1000) : NaN;
  return seconds >= 0 ? seconds : NaN;
}
