import { ContentBody, EncodeError, FrameReader, FrameWriter, type Consumer, type Frame } from "amqp-wasm";
import type { Message } from "./message.js";

/** A delivery to a consumer of the peer. */
export interface Deliver extends Consumer {
  readonly kind: "deliver";
}

/** The answer to a `Basic.Get`. */
export interface GetOk {
  readonly kind: "get-ok";
  readonly channel: number;
  readonly deliveryTag: number;
  readonly redelivered: boolean;
  readonly messageCount: number;
}

/** A message that goes back to its publisher. */
export interface Return {
  readonly kind: "return";
  readonly channel: number;
  readonly replyCode: number;
  readonly replyText: string;
}

/** How a message is handed to a client. */
export type Handing = Deliver | GetOk | Return;

type Item = { readonly channel: number; readonly frame: Frame } | { readonly message: Message; readonly how: Handing };

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
  /** What was encoded apart from the rest. */
  readonly #parts: Uint8Array[] = [];

  constructor(frameMax: number) {
    this.#writer = new FrameWriter({ frameMax, names: "rabbitmq", integers: "wide" });
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
    this.#items.push({ frame, channel });
    this.#octets += FRAME_OCTETS;
  }

  addMessage(message: Message, how: Handing): void {
    this.#items.push({ message, how });
    this.#octets += FRAME_OCTETS + message.content.length;
  }

  /** Encodes all that waits. */
  take(): Uint8Array {
    const writer = this.#writer;
    const items = this.#items;
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      if ("frame" in item) {
        writer.write(item.frame, item.channel);
      } else if (item.how.kind === "deliver") {
        // The same message to several consumers of one connection, as from a fanout exchange, is written in one go.
        const consumers = [item.how];
        for (; i + 1 < items.length; i++) {
          const next = items[i + 1]!;
          if ("frame" in next || next.message !== item.message || next.how.kind !== "deliver") break;
          consumers.push(next.how);
        }
        this.#write(() => writer.deliver(item.message.content, consumers));
      } else {
        const { message, how } = item;
        if (how.kind === "get-ok") this.#write(() => writer.getOk(message.content, how));
        else this.#write(() => writer.return(message.content, how));
      }
    }
    this.clear();
    const octets = writer.flush();
    return this.#parts.length === 0 ? octets : Buffer.concat([...this.#parts.splice(0), octets]);
  }

  clear(): void {
    this.#items = [];
    this.#octets = 0;
  }

  #write(message: () => FrameWriter): void {
    try {
      message();
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      this.#writeOversized(message);
    }
  }

  /** The content header came from a connection with a larger frame-max and cannot be split: RabbitMQ sends it whole, and so do we. Bodies are split as ever. */
  #writeOversized(message: () => FrameWriter): void {
    const writer = this.#writer;
    const { frameMax } = writer;
    const most = frameMax - ENVELOPE;
    this.#parts.push(writer.flush());
    writer.frameMax = 0;
    for (const frame of new FrameReader({ frameMax: 0, tables: "exact" }).push(message().flush())) {
      if (!(frame instanceof ContentBody)) {
        writer.write(frame);
        continue;
      }
      for (let at = 0; at < frame.length; at += most) {
        writer.write(new ContentBody(frame.value.subarray(at, at + most)), frame.channel);
      }
    }
    this.#parts.push(writer.flush());
    writer.frameMax = frameMax;
  }
}
