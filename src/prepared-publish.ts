import { tooLarge, waitingLength, type CommandTape } from "./command-tape.js";
import { withCore } from "./core.js";
import type { Destination } from "./destination.js";
import { FieldTable } from "./field-table.js";
import type { FrameWriter } from "./frame-writer.js";
import { CommandKind } from "./generated/command-kinds.js";
import { Hole } from "./generated/holes.js";
import { Properties } from "./generated/properties.js";
import { CORRELATION_ID, MESSAGE_ID, TIMESTAMP } from "./generated/property-flags.js";
import type { ContentMethod } from "./kept-methods.js";
import { isOctets } from "./input.js";
import { LayoutOctets, ListParts } from "./layout-octets.js";
import { lengthOf } from "./length-of.js";
import { decodeSettings, ENVELOPE } from "./limits.js";
import { methodFrame } from "./methods.js";
import { HEADER_OCTETS, listOctets } from "./property-list.js";
import { highOf, secondsOf, type Timestamp } from "./timestamp.js";

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
}

/** Words of a record before what is given anew. */
const HOLES = 2;
/** Which of them are given: bits of a layout's place among those of one prepared publish. */
const WITH_CORRELATION_ID = 4;
const WITH_MESSAGE_ID = 2;
const WITH_TIMESTAMP = 1;
/** What is larger does not find its place among all that is kept. */
const LARGEST = 16384;
/** Bodies up to here go with their record. */
const SMALL_BODY = 32767;
const NOTHING = new Uint8Array(0);
const NO_VALUES: PublishValues = {};
/** For seconds: there is no timestamp. */
const NONE = -1;
/** Of a table that is not read again: it was encoded here, and may be deeper, or hold more fields, than is read by default. */
const UNREAD = { settings: decodeSettings(), offset: 0, path: "", header: true, channel: 0, classId: 0, methodId: 0 };

/**
 * A publish that is assembled once: its frames are copied, and channel, sizes and what differs are put in. Made by `FrameWriter.prepare`. Later changes of the method and the properties are not seen.
 */
export class PreparedPublish {
  readonly #writer: FrameWriter;
  readonly #tape: CommandTape;
  readonly #to: Destination;
  readonly #method: ContentMethod;
  readonly #properties: Properties;
  readonly #frame: Uint8Array;
  readonly #parts: ListParts;
  /** Octets of the content header frame without what is given anew, of both frames. */
  #headerOctets = 0;
  #size = 0;
  #methodOctets = 0;
  /** Where the layouts are kept, 0 where they are not; how much that is, and since when. */
  #layouts = [0, 0, 0, 0, 0, 0, 0, 0];
  #kept = 0;
  #generation = -1;

  /** @internal */
  constructor(writer: FrameWriter, assembly: Assembly, method: ContentMethod, properties: Properties) {
    this.#writer = writer;
    this.#tape = assembly.tape;
    this.#to = assembly.to;
    this.#method = method;
    this.#properties = properties;
    const { tape, to } = assembly;
    // With those that may be given anew: what is wrong with them is said now, too.
    const list = withCore(tape.core, () => listOctets(properties, to.options));
    const parts = new ListParts(list);
    // What the caller does with the table afterwards must not show.
    properties.headers = undefined;
    tape.open(undefined);
    const frame = methodFrame(tape, method, to.options);
    if (frame.length > to.frameMax) throw tooLarge(method.name, to.frameMax);
    if (list.length - 2 + HEADER_OCTETS > to.frameMax) throw tooLarge("ContentHeader", to.frameMax);
    this.#frame = frame;
    this.#parts = parts;
    this.#headerOctets = parts.octets + HEADER_OCTETS;
    this.#methodOctets = frame.length;
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
    // What a date runs may encode something else, or give the body away.
    const seconds = timestamp === undefined ? NONE : secondsOf(timestamp);
    if (isOctets(body)) {
      const size = lengthOf(body);
      if (size <= SMALL_BODY && (channel & 0xffff) === channel && (seconds >= 0 || timestamp === undefined)) {
        // The shortest way: nothing is put on the tape before all is known to fit.
        usual: {
          const correlation = correlationId === undefined ? 0 : waitingLength(correlationId);
          const id = messageId === undefined ? 0 : waitingLength(messageId);
          if ((correlation === 0 && correlationId !== undefined) || (id === 0 && messageId !== undefined)) break usual;
          const tape = this.#tape;
          const to = this.#to;
          if (tape.opened !== to.id || this.#generation !== tape.kept.generation || !tape.hasRoom) break usual;
          let which = 0;
          let anew = 0;
          if (correlation > 0) {
            which = WITH_CORRELATION_ID;
            anew = 1 + correlation;
          }
          if (id > 0) {
            which |= WITH_MESSAGE_ID;
            anew += 1 + id;
          }
          if (seconds !== NONE) {
            which |= WITH_TIMESTAMP;
            anew += 8;
          }
          const layout = this.#layouts[which]!;
          if (layout === 0) break usual;
          const more = 2 * (correlation + id);
          const header = this.#headerOctets + anew;
          const behind = size > 0 ? size + ENVELOPE : 0;
          const end = tape.end + this.#size + anew + behind;
          // Of a text that is not ASCII a character takes up to three octets. The frame-max may have been lowered since.
          if (header + more > to.frameMax || behind > to.frameMax || end + more > tape.limit) break usual;
          const { words } = tape.core;
          let at = tape.layout(layout, this.#methodOctets, channel);
          if (which === 0) {
            tape.alike(at, size, end);
          } else {
            words[at] = CommandKind.LAID_OUT | (size << 16);
            words[at + 1] = header;
            at += HOLES;
            if (correlation > 0) {
              tape.later(correlationId as string, correlation, at);
              at += 2;
            }
            if (id > 0) {
              tape.later(messageId as string, id, at);
              at += 2;
            }
            if (seconds !== NONE) {
              words[at] = highOf(seconds);
              words[at + 1] = seconds | 0;
              at += 2;
            }
            tape.laidOut(at, end);
          }
          if (behind > 0) tape.putPayload(body, size);
          return this.#writer;
        }
        if (this.#put(channel, body, size, messageId, seconds, correlationId)) return this.#writer;
      }
    }
    // Octets for an id, large bodies, and all that is refused: the long way, which knows the reasons.
    return this.#writer.publish(channel, this.#method, this.#with(values), body);
  }

  #put(
    channel: number,
    body: Uint8Array,
    size: number,
    messageId: unknown,
    seconds: number,
    correlationId: unknown,
  ): boolean {
    const tape = this.#tape;
    const to = this.#to;
    tape.open(to.output);
    tape.ready();
    if (this.#generation !== tape.kept.generation) {
      this.#layouts = [0, 0, 0, 0, 0, 0, 0, 0];
      this.#kept = 0;
      this.#generation = tape.kept.generation;
    }
    // An empty text counts as none.
    const which =
      (correlationId === undefined || correlationId === "" ? 0 : WITH_CORRELATION_ID) |
      (messageId === undefined || messageId === "" ? 0 : WITH_MESSAGE_ID) |
      (seconds === NONE ? 0 : WITH_TIMESTAMP);
    const layout = this.#layouts[which]! || this.#keepLayout(which);
    if (layout === 0) return false;
    const { text, pool, count, poolEnd } = tape;
    const { words } = tape.core;
    const start = tape.layout(layout, this.#methodOctets, channel);
    let at = start + HOLES;
    let anew = 0;
    pack: {
      if ((which & WITH_CORRELATION_ID) !== 0) {
        const octets = tape.once(correlationId, at);
        if (octets < 0) break pack;
        anew += octets;
        at += tape.onceWords;
      }
      if ((which & WITH_MESSAGE_ID) !== 0) {
        const octets = tape.once(messageId, at);
        if (octets < 0) break pack;
        anew += octets;
        at += tape.onceWords;
      }
      if (seconds !== NONE) {
        anew += 8;
        words[at++] = highOf(seconds);
        words[at++] = seconds | 0;
      }
      const header = this.#headerOctets + anew;
      const behind = size > 0 ? size + ENVELOPE : 0;
      const end = tape.end + this.#size + anew + behind;
      // It may have been lowered since.
      if (header + tape.moreSince(poolEnd) > to.frameMax || behind > to.frameMax || end > tape.limit) break pack;
      words[start] = CommandKind.LAID_OUT | (size << 16);
      words[start + 1] = header;
      tape.laidOut(at, end);
      if (behind > 0) tape.putPayload(body, size);
      return true;
    }
    tape.undo(text, pool, count, poolEnd);
    return false;
  }

  /** Puts the layout of both frames with these values among what is kept. Answers its address, 0 where it found no room. */
  #keepLayout(which: number): number {
    const parts = this.#parts;
    if (this.#size > LARGEST - this.#kept) return 0;
    const to = new LayoutOctets(
      parts.flags |
        (which & WITH_CORRELATION_ID ? CORRELATION_ID : 0) |
        (which & WITH_MESSAGE_ID ? MESSAGE_ID : 0) |
        (which & WITH_TIMESTAMP ? TIMESTAMP : 0),
      this.#frame,
    );
    to.putAll(parts.part(0));
    if (which & WITH_CORRELATION_ID) to.hole(Hole.SHORTSTR);
    to.putAll(parts.part(1));
    if (which & WITH_MESSAGE_ID) to.hole(Hole.SHORTSTR);
    if (which & WITH_TIMESTAMP) to.hole(Hole.LONGLONG);
    to.putAll(parts.part(2));
    to.hole(Hole.END);
    this.#kept += to.length;
    return (this.#layouts[which] = to.keep(this.#tape));
  }

  #with({ messageId, timestamp, correlationId }: PublishValues): Properties {
    const fields = Object.fromEntries(this.#properties);
    const { headers } = this.#parts;
    if (headers !== undefined) fields["headers"] = new FieldTable(headers, { ...UNREAD, core: this.#tape.core });
    if (messageId !== undefined) fields["messageId"] = messageId;
    if (timestamp !== undefined) fields["timestamp"] = timestamp;
    if (correlationId !== undefined) fields["correlationId"] = correlationId;
    return new Properties(fields);
  }
}
