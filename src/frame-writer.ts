import { currentCore, withCore, type Core } from "./core.js";
import { EncodeError } from "./errors.js";
import type { Frame } from "./frame.js";
import { contentMethods } from "./generated/commands.js";
import type { Deliver, GetOk, Publish, Return } from "./generated/basic.js";
import { FRAME_BODY, FRAME_MAX_SIZE, FRAME_MIN_SIZE } from "./generated/constants.js";
import { PreparedPublish, type Assembly } from "./prepared-publish.js";
import { Properties, type PropertiesFields } from "./generated/properties.js";
import * as State from "./generated/state.js";
import { asOctets } from "./input.js";
import { kind } from "./kind.js";
import { ENVELOPE, optionInRange } from "./limits.js";
import { assertIdle, factsOf, Method, UNLIMITED } from "./methods.js";
import { Rewriter, type Consumer, type GetOkValues, type ReturnValues } from "./rewrite.js";
import type { FrameCursor } from "./frame-cursor.js";
import type { StoredMessage } from "./stored-message.js";
import type { EncodeOptions } from "./types.js";
import { channelNumber, putBody, writeContentHeader, writeFrame } from "./write-frame.js";

/** How a writer encodes. */
export interface FrameWriterOptions extends EncodeOptions {
  /** Largest frame with its eight octets of envelope, 4096 to 4294967295 octets; 0 for no limit. Defaults to 131072. Bodies are split by it; method and header frames beyond it are refused. */
  frameMax?: number;
}

/** Bodies from here on are copied once, past linear memory. */
const LARGE_BODY = 32768;

/** Whose frames stand in a core's output. */
interface Output {
  owner: FrameWriter | undefined;
}

const outputs = new WeakMap<Core, Output>();

function outputOf(core: Core): Output {
  let output = outputs.get(core);
  if (output === undefined) outputs.set(core, (output = { owner: undefined }));
  return output;
}

function frameMaxOption(value: number): number {
  // Smaller ones no peer may offer (section 4.2.3), and a body could not be split by them.
  return value === 0 ? UNLIMITED : optionInRange("frameMax", value, FRAME_MIN_SIZE, UNLIMITED);
}

/** A method that carries content. */
export type ContentMethod = Publish | Deliver | GetOk | Return;

/**
 * Writes one direction of one connection. Frames gather until `flush`, which answers them all in one array: flush once a turn, not once a frame.
 *
 * A frame that is refused leaves nothing behind; what was written before it stays.
 */
export class FrameWriter {
  readonly #core: Core;
  readonly #output: Output;
  readonly #options: EncodeOptions;
  #frameMax: number;
  /** What had to leave the core's output: because it was full, or because another writer needed it. */
  #parts: Uint8Array[] = [];
  #partsOctets = 0;
  #rewriter: Rewriter | undefined;

  /** @throws EncodeError where an option is out of range. */
  constructor(options: FrameWriterOptions = {}) {
    this.#options = options;
    this.#frameMax = frameMaxOption(options.frameMax ?? FRAME_MAX_SIZE);
    this.#core = currentCore();
    this.#output = outputOf(this.#core);
  }

  /** Largest frame in octets, envelope and all; to be set when the peers have agreed on it. 0 stands for no limit. */
  get frameMax(): number {
    return this.#frameMax === UNLIMITED ? 0 : this.#frameMax;
  }

  set frameMax(value: number) {
    this.#frameMax = frameMaxOption(value);
  }

  /** Octets that were written and not yet flushed. */
  get bytesPending(): number {
    return this.#partsOctets + (this.#output.owner === this ? this.#core.fresh().state(State.OUTPUT_END) : 0);
  }

  /** Writes one frame. `channel` defaults to the frame's own. @throws ValidationError, EncodeError: then nothing was written. */
  write(frame: Frame, channel: number = (frame as Frame | undefined)?.channel ?? 0): this {
    this.#own();
    writeFrame(this.#core, frame, channel, this.#frameMax, this.#options, this.#full);
    return this;
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
    body: Uint8Array = new Uint8Array(0),
  ): this {
    const core = this.#core;
    const octets = bodyOctets(body);
    carriesContent(method);
    const list = properties instanceof Properties ? properties : new Properties(properties ?? {});
    this.#own();
    const mark = { parts: this.#parts.length, octets: this.#partsOctets, end: core.state(State.OUTPUT_END) };
    try {
      writeFrame(core, method, channel, this.#frameMax, this.#options, this.#full);
      writeContentHeader(core, list, octets.length, channelNumber(channel), this.#frameMax, this.#options, () =>
        this.#full(0),
      );
    } catch (error) {
      this.#back(mark);
      throw error;
    }
    this.#body(octets, channel);
    return this;
  }

  /**
   * Assembles the frames of a publish once, for messages that differ in their body, message id, timestamp and correlation id alone:
   *
   *     const prepared = writer.prepare(new Basic.Publish({ exchange: "events" }), { contentType: "text/plain" });
   *     prepared.publish(1, body, { messageId: "a1" });
   *
   * @throws ValidationError, EncodeError
   */
  prepare(method: ContentMethod, properties: Properties | PropertiesFields | null = null): PreparedPublish {
    carriesContent(method);
    method.validateConstructed(this.#options.names);
    // A copy: what happens to the caller's must not show later, when other lengths are wanted.
    const list = new Properties(
      Object.fromEntries(properties instanceof Properties ? properties : new Properties(properties ?? {})),
    );
    const copy = Object.assign(Object.create(Object.getPrototypeOf(method) as object) as ContentMethod, method);
    return new PreparedPublish(this, this.#assembly(), copy, list);
  }

  /**
   * Writes the frame under a cursor as it came, or the frames of a whole message. A body is split where this writer's frame-max is smaller.
   *
   * @param options.channel 0 to 65535; heartbeats and protocol headers go out on 0 alone. Defaults to the channel that the frame came on.
   * @throws DecodeError where the frame is a content header with a wrong property list (with `strict: true`, or a wrong table): it ends the cursor. EncodeError where a method or content header frame is larger than
   * frame-max, with both sizes. Then nothing was written.
   */
  forward(source: FrameCursor | StoredMessage, { channel }: { channel?: number | undefined } = {}): this {
    this.#rewrites().forward(source, channel, this.#frameMax);
    return this;
  }

  /**
   * Writes the Basic.Publish under a cursor, or a message that was kept, as Basic.Deliver with its content to each of the consumers: exchange, routing key, header and body octets as they came, bodies split at this writer's
   * frame-max. The cursor passes by the content's frames; where they are not all there, or frames of other channels stand between them, the consumers are copied and it is all written when `next` comes to the last of them.
   *
   * @throws DecodeError where the content is wrong, here or from `next`: it ends the cursor. EncodeError where a consumer, or the size of the header frame, is out of range. Then nothing of the message was written.
   */
  deliver(source: FrameCursor | StoredMessage, consumers: readonly Consumer[]): this {
    this.#rewrites().deliver(source, consumers, this.#frameMax);
    return this;
  }

  /** As `deliver`, to one client as the answer to its Basic.Get. @throws DecodeError, EncodeError as `deliver` */
  getOk(source: FrameCursor | StoredMessage, values: GetOkValues): this {
    this.#rewrites().getOk(source, values, this.#frameMax);
    return this;
  }

  /** As `deliver`, back to who published it, as Basic.Return. @throws DecodeError, EncodeError as `deliver` */
  return(source: FrameCursor | StoredMessage, values: ReturnValues): this {
    this.#rewrites().return(source, values, this.#frameMax);
    return this;
  }

  #rewrites(): Rewriter {
    return (this.#rewriter ??= new Rewriter(this.#assembly()));
  }

  #assembly(): Assembly {
    const core = this.#core;
    return {
      core,
      reserve: (octets) => {
        this.#own();
        while (core.outputCapacity - core.state(State.OUTPUT_END) < octets) this.#full(octets);
      },
      frame: (frame) =>
        withCore(core, () => new FrameWriter({ ...this.#options, frameMax: this.frameMax }))
          .write(frame, 0)
          .flush(),
      body: (octets, channel) => this.#body(octets, channel),
    };
  }

  /** Answers all that was written since the last call, as one array of its own; an empty one where there is nothing. */
  flush(): Uint8Array {
    assertIdle(this.#core);
    if (this.#output.owner === this && this.#parts.length === 0) {
      const core = this.#core.fresh();
      const octets = core.octets.slice(core.output, core.output + core.state(State.OUTPUT_END));
      core.exports.rewindOutput(0);
      return octets;
    }
    this.#spill();
    const octets = new Uint8Array(this.#partsOctets);
    let at = 0;
    for (const part of this.#parts) {
      octets.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#partsOctets = 0;
    return octets;
  }

  /**
   * As `flush`, into an array of the caller's, which may be used again once its octets are sent: nothing is allocated. Answers how many octets there are from its beginning; what does not fit stays for the next
   * call, of which 0 says that there is nothing left.
   */
  flushInto(target: Uint8Array): number {
    assertIdle(this.#core);
    if (this.#output.owner === this && this.#parts.length === 0) {
      const core = this.#core.fresh();
      const used = core.state(State.OUTPUT_END);
      if (used <= target.length) {
        target.set(new Uint8Array(core.octets.buffer, core.output, used));
        core.exports.rewindOutput(0);
        return used;
      }
    }
    this.#spill();
    let at = 0;
    for (let part = this.#parts[0]; part !== undefined && at < target.length; part = this.#parts[0]) {
      const size = Math.min(part.length, target.length - at);
      target.set(part.subarray(0, size), at);
      at += size;
      if (size === part.length) this.#parts.shift();
      else this.#parts[0] = part.subarray(size);
    }
    this.#partsOctets -= at;
    return at;
  }

  /** Makes the core's output this writer's. */
  #own(): void {
    assertIdle(this.#core);
    this.#core.fresh();
    const { owner } = this.#output;
    if (owner === this) return;
    if (owner !== undefined) owner.#spill();
    this.#output.owner = this;
  }

  /** Moves what stands in the core's output into an array of our own. */
  #spill(): void {
    const core = this.#core.fresh();
    if (this.#output.owner !== this) return;
    const used = core.state(State.OUTPUT_END);
    if (used === 0) return;
    this.#keep(core.octets.slice(core.output, core.output + used));
    core.exports.rewindOutput(0);
  }

  #keep(part: Uint8Array): void {
    this.#parts.push(part);
    this.#partsOctets += part.length;
  }

  /** Makes room in the core's output. */
  readonly #full = (octets: number): void => {
    const core = this.#core;
    if (core.state(State.OUTPUT_END) > 0) this.#spill();
    else core.growOutput(Math.max(octets, core.outputCapacity + 1));
  };

  /** Takes back what was written since `mark`. */
  #back(mark: { parts: number; octets: number; end: number }): void {
    const core = this.#core;
    if (this.#parts.length === mark.parts) {
      core.exports.rewindOutput(mark.end);
      return;
    }
    // The output was spilled meanwhile: what stood there at the mark is the head of the first part since.
    const part = this.#parts[mark.parts]!.subarray(0, mark.end);
    this.#parts.length = mark.parts;
    this.#partsOctets = mark.octets;
    core.exports.rewindOutput(0);
    if (part.length > 0) this.#keep(part);
  }

  #body(body: Uint8Array, channel: number): void {
    const core = this.#core;
    const most = this.#frameMax - ENVELOPE;
    for (let at = 0; at < body.length; at += most) {
      const size = Math.min(most, body.length - at);
      if (size >= LARGE_BODY) {
        while (core.exports.writeFrameHead(FRAME_BODY, channel, size) !== 0) this.#full(0);
        this.#spill();
        this.#keep(body.slice(at, at + size));
        while (core.exports.writeFrameEnd() !== 0) this.#full(0);
        continue;
      }
      while (core.exports.writeEnvelope(FRAME_BODY, channel, size) !== 0) this.#full(size + ENVELOPE);
      putBody(core, at === 0 && size === body.length ? body : body.subarray(at, at + size));
    }
  }
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
