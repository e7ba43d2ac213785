import { runAsked } from "./asked-run.js";
import { tapeOf, UNLIMITED, type CommandTape } from "./command-tape.js";
import type { Consumer, GetOkValues, ReturnValues } from "./consumers.js";
import { copyOf } from "./content-layout.js";
import { contentOf, type ContentWords } from "./content-words.js";
import { currentCore } from "./core.js";
import { destination, type Destination } from "./destination.js";
import { EncodeError } from "./errors.js";
import type { Frame } from "./frame.js";
import type { FrameCursor } from "./frame-cursor.js";
import type { ForwardRunOptions, FrameRun } from "./frame-run.js";
import type { StoredMessage } from "./stored-message.js";
import { Rewriter } from "./rewrite.js";
import { runRoutes, type DeliverRunOptions } from "./route-run.js";
import { writeRun } from "./run-writer.js";
import { CommandKind } from "./generated/command-kinds.js";
import { Ack } from "./generated/basic.js";
import { contentMethods } from "./generated/commands.js";
import { FRAME_BODY, FRAME_HEADER_SIZE, FRAME_MAX_SIZE, FRAME_MIN_SIZE } from "./generated/constants.js";
import { Properties, type PropertiesFields } from "./generated/properties.js";
import { asOctets, isOctets } from "./input.js";
import type { ContentMethod } from "./kept-methods.js";
import { kind } from "./kind.js";
import { lengthOf } from "./length-of.js";
import { ENVELOPE, optionInRange } from "./limits.js";
import { factsOf, Method } from "./methods.js";
import { Output } from "./output.js";
import { PreparedPublish } from "./prepared-publish.js";
import { ownRoomFor } from "./room.js";
import { isList, isPlain, writePropertyList } from "./property-list.js";
import type { EncodeOptions, Longlong } from "./types.js";
import { Timestamp } from "./timestamp.js";
import { channelNumber, writeBody, writeFrame } from "./write-frame.js";

export type { ContentMethod } from "./kept-methods.js";

/** How a writer encodes. */
export interface FrameWriterOptions extends EncodeOptions {
  /** Largest frame with its eight octets of envelope, 4096 to 4294967295 octets; 0 for no limit. Defaults to 131072. Bodies are split by it; method and header frames beyond it are refused. */
  frameMax?: number;
}

/** Bodies from here on are copied once, past linear memory. */
const LARGE_BODY = 32768;

function frameMaxOption(value: number): number {
  // Smaller ones no peer may offer (section 4.2.3), and a body could not be split by them.
  return value === 0 ? UNLIMITED : optionInRange("frameMax", value, FRAME_MIN_SIZE, UNLIMITED);
}

const BRAND = Symbol("ack");
// Quicker to be asked for than `instanceof`, which walks a chain of prototypes.
Object.defineProperty(Ack.prototype, BRAND, { value: true });

const NO_PROPERTIES: PropertiesFields = {};
const NO_OCTETS = new Uint8Array(0);

/**
 * Writes one direction of one connection. Frames gather until `flush`, which answers them all in one array: flush once a turn, not once a frame.
 *
 * A frame that is refused leaves nothing behind; what was written before it stays.
 */
export class FrameWriter {
  readonly #tape: CommandTape;
  readonly #content: ContentWords;
  readonly #to: Destination & { readonly output: Output };
  #rewriter: Rewriter | undefined;

  /** @throws EncodeError where an option is out of range. */
  constructor(options: FrameWriterOptions = {}) {
    const frameMax = frameMaxOption(options.frameMax ?? FRAME_MAX_SIZE);
    const core = currentCore();
    this.#tape = tapeOf(core);
    this.#content = contentOf(core);
    this.#to = destination(new Output(), options, frameMax) as Destination & { output: Output };
  }

  /** Largest frame in octets, envelope and all; to be set when the peers have agreed on it. 0 stands for no limit. */
  get frameMax(): number {
    return this.#to.frameMax === UNLIMITED ? 0 : this.#to.frameMax;
  }

  set frameMax(value: number) {
    this.#to.frameMax = frameMaxOption(value);
  }

  /** Octets that were written and not yet flushed. */
  get bytesPending(): number {
    const { output } = this.#to;
    // First: what waits is written then, and may have to leave the core for the output.
    const there = this.#tape.owner === output ? this.#tape.octets : 0;
    return output.octets + there;
  }

  /** Writes one frame. `channel` defaults to the frame's own. @throws ValidationError, EncodeError: then nothing was written. */
  write(frame: Frame, channel: number = (frame as Frame | undefined)?.channel ?? 0): this {
    const to = this.#to;
    const tape = this.#tape;
    if (frame !== null && frame !== undefined && (frame as { [BRAND]?: unknown })[BRAND] === true) {
      const { deliveryTag, multiple } = frame as Ack;
      if (this.#ack(channel, deliveryTag, multiple)) return this;
    }
    tape.open(to.output);
    writeFrame(tape, frame, channel, to.frameMax, to.options);
    return this;
  }

  /**
   * Writes a Basic.Ack (section 1.8.3.13), as `write(new Basic.Ack({ deliveryTag, multiple }), channel)` does, without the object: for programs that acknowledge each message.
   *
   * @param channel 0 to 65535
   * @param deliveryTag 0 to 18446744073709551615
   * @param multiple whether all deliveries up to this one are meant; with the tag 0 all that there are
   * @throws ValidationError, EncodeError: then nothing was written.
   */
  ack(channel: number, deliveryTag: Longlong, multiple = false): this {
    const tape = this.#tape;
    if (tape.opened === this.#to.id && tape.ackNext(channel, deliveryTag, multiple)) return this;
    if (this.#ack(channel, deliveryTag, multiple)) return this;
    return this.write(new Ack({ deliveryTag, multiple }), channel);
  }

  /** The short way of most acknowledgements. Answers false for all others, and for what is wrong: the long way knows them or the reason why not. */
  #ack(channel: number, deliveryTag: Longlong, multiple: boolean): boolean {
    if (
      typeof deliveryTag !== "number" ||
      (deliveryTag & 0x7fffffff) !== deliveryTag ||
      (multiple !== false && multiple !== true) ||
      (channel & 0xffff) !== channel
    )
      return false;
    this.#tape.open(this.#to.output);
    this.#tape.ack(channel, deliveryTag, multiple);
    return true;
  }

  /**
   * Writes a method that carries content, its content header and its body, split at frame-max. The body is copied: it may be changed after the call.
   *
   * @throws ValidationError, EncodeError: then nothing was written.
   */
  publish(
    channel: number,
    method: ContentMethod,
    properties: Properties | PropertiesFields | null = null,
    body: Uint8Array = NO_OCTETS,
  ): this {
    const octets = isOctets(body) ? body : bodyOctets(body);
    const to = this.#to;
    const size = lengthOf(octets);
    if (size < LARGE_BODY && size <= to.frameMax - ENVELOPE) {
      const given = properties ?? NO_PROPERTIES;
      if (!isList(given) || isPlain(given)) {
        const code = to.layout?.code;
        if (code !== undefined && code(to, method, channel, given, size, octets)) return this;
        if (this.#content.publish(to, method, channel, given, size, octets)) return this;
      }
    }
    this.#publish(channel, method, properties, octets, size);
    return this;
  }

  /** The long way, which knows all values, and the reason where one is refused. */
  #publish(
    channel: number,
    method: ContentMethod,
    properties: Properties | PropertiesFields | null,
    body: Uint8Array,
    size: number,
    again = true,
  ): void {
    carriesContent(method);
    // What their getters write must not get between the frames.
    const given = properties !== null && isList(properties) ? properties : copyOf(properties ?? NO_PROPERTIES);
    const tape = this.#tape;
    const { output, options, frameMax } = this.#to;
    tape.open(output);
    const mark = tape.mark();
    try {
      writeFrame(tape, method, channel, frameMax, options);
      if ((isList(given) && !isPlain(given)) || !this.#content.write(this.#to, undefined, channel, given, size)) {
        const list = isList(given) ? given : new Properties(given);
        writePropertyList(tape, list, size, channelNumber(channel), frameMax, options);
      }
      // A getter among the values may have given it away.
      if (lengthOf(body) !== size) throw new EncodeError("the octets are gone: their buffer was transferred", "body");
    } catch (error) {
      tape.back(mark);
      throw error;
    }
    if (this.#to.frameMax < frameMax) {
      // A getter among the values lowered it, and will have done so.
      tape.back(mark);
      if (!again) throw new EncodeError("a value that is being encoded must not lower frame-max");
      return this.#publish(channel, method, properties, body, size, false);
    }
    this.#body(body, channel);
  }

  /**
   * Assembles the frames of a publish once, for messages that differ in their body, message id, timestamp and correlation id alone:
   *
   *     const prepared = writer.prepare(new Basic.Publish({ exchange: "events" }), { contentType: "text/plain" });
   *     prepared.publish(1, body, { messageId: "a1" });
   *
   * All is copied, and follows the rules of what a program makes, also where it was decoded: an empty text is none.
   *
   * @throws ValidationError, EncodeError
   */
  prepare(method: ContentMethod, properties: Properties | PropertiesFields | null = null): PreparedPublish {
    carriesContent(method);
    method.validateConstructed(this.#to.options.names);
    // A copy: what happens to the caller's must not show later, when other lengths are wanted.
    const list = new Properties(properties ?? NO_PROPERTIES);
    const copy = Object.create(Object.getPrototypeOf(method) as object) as ContentMethod;
    copyFields(list, list);
    copyFields(method, copy);
    return new PreparedPublish(this, { tape: this.#tape, to: this.#to }, copy, list);
  }

  /**
   * Writes the frame under a cursor as it came, or the frames of a whole message. A body is split where this writer's frame-max is smaller.
   *
   * @param options.channel 0 to 65535; heartbeats and protocol headers go out on 0 alone. Defaults to the channel that the frame came on.
   * @throws DecodeError where the frame is a content header with a wrong property list (with `strict: true`, or a wrong table): it ends the cursor. EncodeError where a method or content header frame is larger than
   * frame-max, with both sizes. Then nothing was written.
   */
  forward(source: FrameCursor | StoredMessage, { channel }: { channel?: number | undefined } = {}): this {
    this.#rewrites().forward(source, channel, this.#to.frameMax);
    return this;
  }

  /**
   * Passes a cursor's next run (see `FrameCursor.passRun`) and writes it, on other channels if wanted, in a few calls of the core for all of it. Answers the run as it came; `undefined` where none begins, or one with frames
   * larger than this writer's frame-max: then `next` and `forward` go on frame by frame.
   *
   * @throws EncodeError where a limit or a channel is out of range: what came before it was written; DecodeError where an error ended the cursor's stream.
   */
  forwardRun(source: FrameCursor, options: ForwardRunOptions = {}): FrameRun | undefined {
    return writeRun(this.#tape, this.#rewrites().run, source, options, this.#to.frameMax);
  }

  /**
   * Writes the Basic.Publish under a cursor, or a message that was kept, as Basic.Deliver with its content to each of the consumers: exchange, routing key, header and body octets as they came, bodies split at this writer's
   * frame-max. The cursor passes by the content's frames; where they are not all there, or frames of other channels stand between them, the consumers are copied and it is all written when `next` comes to the last of them.
   *
   * @throws DecodeError where the content is wrong, here or from `next`: it ends the cursor. EncodeError where a consumer, or the size of the header frame, is out of range. Then nothing of the message was written.
   */
  deliver(source: FrameCursor | StoredMessage, consumers: readonly Consumer[]): this {
    this.#rewrites().deliver(source, consumers, this.#to.frameMax);
    return this;
  }

  /**
   * Passes by the publishes that stand next in a cursor's chunk, one behind the other, and writes each to the consumers that the program answers for it, as `deliver` does, in a few calls of the core for all of them:
   *
   *     do writer.deliverRun(cursor, (publish) => queueOf(publish.routingKey).consumers);
   *     while (cursor.next() && handle(cursor));
   *
   * A publish belongs to a run where it stands whole in the chunk, its body in one frame, within the limits of cursor and writer and those given here. What is otherwise, cut or wrong ends the run: `next` and `deliver` go on
   * there. With the option `messages` a publish of up to 4096 octets that the end of a chunk cuts behind a run is put together with what the next chunk begins with, and begins the next run. As with `FrameCursor.passRun`, whether a content is still under way on one of the channels is for the program to know, unless the cursor has the option `messages`, with which runs are taken, too.
   *
   * The deliveries wait to be written until something else is asked of this writer, or the core's input is needed for other octets. `PreparedConsumer`s take less time than plain objects.
   *
   * With the option `routes` the program is asked once for all publishes with the same exchange and routing key that follow each other, and the delivery tags are counted: for brokers, whose answer is the same as long as nobody binds, consumes or cancels. All consumers have to be
   * `PreparedConsumer`s. The `deliveryTag` of each is that of its next delivery, and is up to date whenever `consumersOf` is called, and after the run; consumers that share a channel take its tags in turn, from the largest of theirs on. Where a consumer's `credit` is used up, the program is asked again; one without
   * credit in the answer is an error. The answer holds for `mandatory` publishes of the route, too.
   *
   * @param consumersOf Asked about each publish, or each route, with the publish under the cursor as a whole message. An empty list delivers it to nobody; `undefined` ends the run before it. It may use this writer (`flushInto` where there is enough), others, and other cursors, and must not move
   * this one. Its list may be used again for the next publish; with `routes` it is read until the next question.
   * @returns The run as it came; `undefined` where none begins.
   * @throws EncodeError where a limit or a consumer is out of range: publishes before that were delivered, this one was passed by; DecodeError where an error ended the cursor's stream.
   */
  deliverRun(
    source: FrameCursor,
    consumersOf: (publish: FrameCursor) => readonly Consumer[] | undefined,
    options: DeliverRunOptions = {},
  ): FrameRun | undefined {
    const rewriter = this.#rewrites();
    const run = options.routes === true ? runRoutes : runAsked;
    return run(rewriter.deliveries, this.#tape, source, consumersOf, options, this.#to, rewriter);
  }

  /** As `deliver`, to one client as the answer to its Basic.Get. @throws DecodeError, EncodeError as `deliver` */
  getOk(source: FrameCursor | StoredMessage, values: GetOkValues): this {
    this.#rewrites().getOk(source, values, this.#to.frameMax);
    return this;
  }

  /** As `deliver`, back to who published it, as Basic.Return. @throws DecodeError, EncodeError as `deliver` */
  return(source: FrameCursor | StoredMessage, values: ReturnValues): this {
    this.#rewrites().return(source, values, this.#to.frameMax);
    return this;
  }

  #rewrites(): Rewriter {
    return (this.#rewriter ??= new Rewriter({
      tape: this.#tape,
      output: this.#to.output,
      body: (octets, channel) => this.#body(octets, channel),
    }));
  }

  /** Answers all that was written since the last call, as one array of its own; an empty one where there is nothing. */
  flush(): Uint8Array {
    const tape = this.#tape;
    const { output } = this.#to;
    tape.assertIdle();
    if (tape.owner === output) {
      const waiting = output.octets === 0 && this.#rewriter !== undefined ? this.#rewriter.run.octets : 0;
      if (waiting > 0) {
        const target = ownRoomFor(tape.end + waiting);
        this.#rewriter!.run.settleInto(target);
        return target;
      }
      tape.run();
      if (output.octets === 0) return tape.taken();
      tape.spill();
    }
    return output.take();
  }

  /**
   * As `flush`, into an array of the caller's, which may be used again once its octets are sent (when a socket's `write` has called back): nothing is allocated, which spares a fifth to a half of what it costs to write small messages. Answers how many octets there are from its beginning; what does not fit stays for the next
   * call, of which 0 says that there is nothing left.
   */
  flushInto(target: Uint8Array): number {
    const tape = this.#tape;
    const { output } = this.#to;
    tape.assertIdle();
    let filled = 0;
    if (tape.owner === output) {
      if (output.octets === 0 && this.#rewriter !== undefined) {
        const { run, deliveries } = this.#rewriter;
        // One of them waits at most.
        filled = run.settleInto(target) || deliveries.settleInto(target);
      }
      tape.run();
      if (output.octets === 0 && tape.end <= target.length - filled) return filled + tape.takenInto(target, filled);
      tape.spill();
    }
    return filled + output.takeInto(filled === 0 ? target : target.subarray(filled));
  }

  #body(body: Uint8Array, channel: number): void {
    const tape = this.#tape;
    const most = this.#to.frameMax - ENVELOPE;
    const octets = lengthOf(body);
    for (let at = 0; at < octets; at += most) {
      const size = Math.min(most, octets - at);
      if (size >= LARGE_BODY) {
        tape.put(CommandKind.HEAD | (FRAME_BODY << 8) | (channel << 16), FRAME_HEADER_SIZE, size);
        tape.spill();
        this.#to.output.keep(new Uint8Array(body.buffer, body.byteOffset + at, size).slice());
        tape.put(CommandKind.END, ENVELOPE - FRAME_HEADER_SIZE);
      } else {
        writeBody(tape, size === octets ? body : new Uint8Array(body.buffer, body.byteOffset + at, size), channel);
      }
    }
  }
}

/** Octets and dates are copied themselves. */
function copyFields(from: object, to: object): void {
  for (const name in from) {
    if (!Object.hasOwn(from, name)) continue;
    const value = (from as Record<string, unknown>)[name];
    if (from === to && typeof value !== "object") continue;
    (to as Record<string, unknown>)[name] = ownValue(value);
  }
}

function ownValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  return value instanceof Date ? Timestamp.fromDate(value) : value;
}

function carriesContent(method: unknown): void {
  if (method instanceof Method && contentMethods.has(factsOf(method).dense)) return;
  throw new EncodeError(
    `Basic.Publish, Basic.Deliver, Basic.GetOk or Basic.Return required, received ${kind(method)}`,
    "method",
  );
}

function bodyOctets(body: unknown): Uint8Array {
  try {
    return asOctets(body as Uint8Array);
  } catch {
    throw new EncodeError(`Uint8Array required, received ${kind(body)}`, "body");
  }
}
