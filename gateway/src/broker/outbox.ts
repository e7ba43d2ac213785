import { ContentBody, ContentHeader, EncodeError, FrameWriter, type Basic, type Frame } from "amqp-wasm";
import type { StoredMessage } from "./stored-message.js";

/** The methods that carry a message to a client. */
export type ContentToClient = Basic.Deliver | Basic.GetOk | Basic.Return;

interface Item {
  readonly channel: number;
  readonly frame: Frame;
  readonly message: StoredMessage | undefined;
}

/** Octets of a frame beside its payload. */
const ENVELOPE = 8;

/** Octets of a frame and what stands around it, about. */
const FRAME_OCTETS = 64;

/**
 * What waits to be sent to one peer, in order. It is encoded all at once: frames for many peers by turns would cost a copy at each change of the writer.
 */
export class Outbox {
  readonly #writer: FrameWriter;
  #items: Item[] = [];
  #octets = 0;

  constructor(frameMax: number) {
    this.#writer = new FrameWriter({ frameMax, names: "rabbitmq", integers: "wide", allowNonFinite: true });
  }

  set frameMax(value: number) {
    this.#writer.frameMax = value;
  }

  /** Octets that wait, about. */
  get octets(): number {
    return this.#octets;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  add(frame: Frame, channel: number): void {
    this.#items.push({ frame, channel, message: undefined });
    this.#octets += FRAME_OCTETS;
  }

  addMessage(method: ContentToClient, channel: number, message: StoredMessage): void {
    this.#items.push({ frame: method, channel, message });
    this.#octets += FRAME_OCTETS + message.storedOctets;
  }

  /** Encodes all that waits. */
  take(): Uint8Array {
    const writer = this.#writer;
    for (const { frame, channel, message } of this.#items) {
      if (message === undefined) writer.write(frame, channel);
      else this.#write(frame as ContentToClient, channel, message);
    }
    this.clear();
    return writer.flush();
  }

  clear(): void {
    this.#items = [];
    this.#octets = 0;
  }

  #write(method: ContentToClient, channel: number, message: StoredMessage): void {
    const writer = this.#writer;
    try {
      writer.publish(channel, method, message.properties, message.body);
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      // A content header larger than the receiver's frame-max: it came from a connection with a larger one. RabbitMQ sends it whole, and so do we.
      const frameMax = writer.frameMax;
      writer.frameMax = 0;
      writer.write(method, channel);
      writer.write(new ContentHeader({ bodySize: message.size, properties: message.properties }), channel);
      writer.frameMax = frameMax;
      for (let at = 0; at < message.size; at += frameMax - ENVELOPE) {
        writer.write(new ContentBody(message.body.subarray(at, at + frameMax - ENVELOPE)), channel);
      }
    }
  }
}
