import { tooLarge, type CommandTape } from "./command-tape.js";
import { secondsOf, type Destination } from "./content-words.js";
import { withCore } from "./core.js";
import { FieldTable } from "./field-table.js";
import type { FrameWriter } from "./frame-writer.js";
import { CommandKind } from "./generated/command-kinds.js";
import { Properties } from "./generated/properties.js";
import type { ContentMethod } from "./kept-methods.js";
import { ENVELOPE } from "./limits.js";
import { methodFrame } from "./methods.js";
import { HEADER_OCTETS } from "./property-list.js";
import type { Timestamp } from "./timestamp.js";

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
  readonly tape: CommandTape;
  readonly to: Destination;
  /** Writes the frames of a body. */
  body(octets: Uint8Array, channel: number): void;
}

const CORRELATION_ID = 0x400;
const MESSAGE_ID = 0x80;
const TIMESTAMP = 0x40;
/** Octets of a list's property flags, and of a table's length. */
const FLAGS = 2;
const TABLE_LENGTH = 4;
/** Words of a record before what is given anew, and numbers of a template before its octets. */
const VALUES = 5;
const NUMBERS = 4;
/** Larger templates do not find their place among all that is kept. */
const LARGEST = 16384;
/** Bodies up to here go with their record. */
const SMALL_BODY = 32767;
const NOTHING = new Uint8Array(0);
const NO_VALUES: PublishValues = {};

/** Properties in wire order: what stands before the correlation id, between it and the message id, and behind the timestamp. */
const parts = [
  ["contentType", "contentEncoding", "headers", "deliveryMode", "priority"],
  ["replyTo", "expiration"],
  ["type", "userId", "appId", "clusterId"],
] as const;

/**
 * A publish that is assembled once: its frames are copied, and channel, sizes and what differs are put in. Made by `FrameWriter.prepare`. Later changes of the method and the properties are not seen.
 */
export class PreparedPublish {
  readonly #writer: FrameWriter;
  readonly #assembly: Assembly;
  readonly #method: ContentMethod;
  readonly #properties: Properties;
  /** The method frame and the parts of the list. */
  readonly #octets: readonly Uint8Array[];
  readonly #flags: number;
  /** Octets of the content header frame without what is given anew, of both frames. */
  readonly #headerOctets: number;
  readonly #size: number;
  /** Where the octets are kept, and since when. */
  #address = 0;
  #generation = -1;

  /** @internal */
  constructor(writer: FrameWriter, assembly: Assembly, method: ContentMethod, properties: Properties) {
    this.#writer = writer;
    this.#assembly = assembly;
    this.#method = method;
    this.#properties = properties;
    const { tape, to } = assembly;
    withCore(tape.core, () => {
      const { headers } = properties;
      if (headers !== undefined) {
        // Encoded once: what the caller does with the table afterwards must not show.
        const list = new Properties({ headers }).marshal(to.options);
        properties.headers = new FieldTable(list.slice(FLAGS + TABLE_LENGTH));
      }
    });
    tape.open(undefined);
    const frame = methodFrame(tape, method, to.options);
    const lists = parts.map(
      (names) => new Properties(Object.fromEntries(names.map((name) => [name, properties[name]]))),
    );
    const octets = withCore(tape.core, () => lists.map((list) => list.marshal(to.options).slice(FLAGS)));
    // What is wrong with those that may be given anew is said now, too.
    const whole = withCore(tape.core, () => properties.marshal(to.options).length - FLAGS + HEADER_OCTETS);
    if (frame.length > to.frameMax) throw tooLarge(method.name, to.frameMax);
    if (whole > to.frameMax) throw tooLarge("ContentHeader", to.frameMax);
    this.#octets = [frame, ...octets];
    this.#flags = lists.reduce((flags, list) => flags | list.propertyFlags, 0);
    this.#headerOctets = octets.reduce((sum, { length }) => sum + length, HEADER_OCTETS);
    this.#size = this.#headerOctets + frame.length;
  }

  /**
   * Writes the message to the writer that prepared it; it goes out with the next `flush`.
   *
   * @param channel 0 to 65535.
   * @param body copied: it may be changed after the call. Defaults to none.
   * @throws ValidationError, EncodeError: then nothing was written.
   */
  publish(channel: number, body: Uint8Array = NOTHING, values: PublishValues = NO_VALUES): FrameWriter {
    const list = this.#properties;
    const { messageId = list.messageId, timestamp = list.timestamp, correlationId = list.correlationId } = values;
    if (
      ArrayBuffer.isView(body) &&
      body.BYTES_PER_ELEMENT === 1 &&
      body.length <= SMALL_BODY &&
      (channel & 0xffff) === channel
    ) {
      if (this.#put(channel, body, messageId, timestamp, correlationId)) return this.#writer;
    }
    // Octets for an id, large bodies, and all that is refused: the long way, which knows the reasons.
    return this.#writer.publish(channel, this.#method, this.#with(values), body);
  }

  #put(channel: number, body: Uint8Array, messageId: unknown, timestamp: unknown, correlationId: unknown): boolean {
    const { tape, to } = this.#assembly;
    tape.open(to.output);
    tape.ready();
    if (this.#generation !== tape.kept.generation && !this.#keep()) return false;
    const { core, at: start, text, pool, count, poolEnd } = tape;
    const { words } = core;
    const size = body.length;
    let at = start + VALUES;
    let flags = this.#flags;
    let anew = 0;
    pack: {
      if (correlationId !== undefined) {
        const octets = tape.once(correlationId, at);
        if (octets < 0) break pack;
        if (octets > 0) {
          flags |= CORRELATION_ID;
          anew += octets;
          at += tape.onceWords;
        }
      }
      if (messageId !== undefined) {
        const octets = tape.once(messageId, at);
        if (octets < 0) break pack;
        if (octets > 0) {
          flags |= MESSAGE_ID;
          anew += octets;
          at += tape.onceWords;
        }
      }
      if (timestamp !== undefined) {
        const seconds = secondsOf(timestamp);
        if (!(seconds >= 0)) break pack;
        flags |= TIMESTAMP;
        anew += 8;
        words[at++] = (seconds / 0x100000000) | 0;
        words[at++] = seconds | 0;
      }
      const header = this.#headerOctets + anew;
      const behind = size > 0 ? size + ENVELOPE : 0;
      const all = this.#size + anew + behind;
      // It may have been lowered since.
      if (header + tape.moreSince(poolEnd) > to.frameMax || behind > to.frameMax || tape.end + all > tape.limit)
        break pack;
      words[start] = CommandKind.PREPARED | (behind > 0 ? 0x100 : 0) | (channel << 16);
      words[start + 1] = header;
      words[start + 2] = this.#address;
      words[start + 3] = size;
      words[start + 4] = flags;
      tape.at = at;
      tape.end += all;
      if (behind > 0) tape.putPayload(body);
      return true;
    }
    tape.undo(text, pool, count, poolEnd);
    return false;
  }

  /** Puts the octets among what is kept. Answers whether they found room. */
  #keep(): boolean {
    const { tape } = this.#assembly;
    const { core, kept } = tape;
    const octets = this.#octets;
    const size = NUMBERS * 4 + octets.reduce((sum, { length }) => sum + length, 0);
    if (size > LARGEST) return false;
    const address = kept.room(size);
    if (address === 0) return false;
    let at = address + NUMBERS * 4;
    octets.forEach((part, i) => {
      core.words[(address >>> 2) + i] = part.length;
      core.octets.set(part, at);
      at += part.length;
    });
    this.#address = address;
    this.#generation = kept.generation;
    return true;
  }

  #with({ messageId, timestamp, correlationId }: PublishValues): Properties {
    const fields = Object.fromEntries(this.#properties);
    if (messageId !== undefined) fields["messageId"] = messageId;
    if (timestamp !== undefined) fields["timestamp"] = timestamp;
    if (correlationId !== undefined) fields["correlationId"] = correlationId;
    return new Properties(fields);
  }
}
