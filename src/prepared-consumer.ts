/** Consumers that are checked once. */
import type { Consumer } from "./consumers.js";
import { EncodeError } from "./errors.js";
import { kind } from "./kind.js";
import { optionInRange } from "./limits.js";
import { utf8Length } from "./strings.js";
import type { Longlong } from "./types.js";

/**
 * A consumer that gets many messages, made once and handed in again and again: its channel and its consumer tag do not change, and `FrameWriter.deliverRun` need not look at them each time.
 *
 *     const consumer = new PreparedConsumer({ channel: 1, consumerTag: "ctag-1" });
 *     consumer.deliveryTag += 1;
 */
export class PreparedConsumer implements Consumer {
  /** 1 to 65535. */
  declare readonly channel: number;
  /** Up to 255 octets of UTF-8, or octets. */
  declare readonly consumerTag: string | Uint8Array;
  /** Of the next delivery: 0 to 18446744073709551615. Begins with 0. A run with `routes` counts it up by one with each delivery, others leave it as it is. */
  deliveryTag: Longlong = 0;
  /** Of the next delivery. */
  redelivered: boolean = false;
  /** Deliveries that a run with `routes` may still give it: 1 or more, counted down with each. `Infinity`, with which it begins, is no limit. */
  credit: number = Infinity;
  /** @internal Where its tag stands in the core, and whose address that is. */
  declare address: number;
  /** @internal */
  declare generation: number;

  /** @throws EncodeError where channel or consumer tag are out of range. */
  constructor({ channel, consumerTag }: Pick<Consumer, "channel" | "consumerTag">) {
    optionInRange("channel", channel, 1, 0xffff);
    const value = consumerTag instanceof Uint8Array ? consumerTag.slice() : consumerTag;
    assertShort(value, "consumerTag");
    Object.defineProperty(this, "channel", { value: channel, enumerable: true });
    Object.defineProperty(this, "consumerTag", { value, enumerable: true });
    // Not shown.
    Object.defineProperty(this, "address", { value: 0, writable: true });
    Object.defineProperty(this, "generation", { value: 0, writable: true });
  }
}

/** @throws EncodeError where it is no short string. */
function assertShort(text: string | Uint8Array, name: string): void {
  if (typeof text !== "string" && !(text instanceof Uint8Array)) throw notShort(text, name);
  if (typeof text === "string" && !text.isWellFormed()) {
    throw new EncodeError("text holds a lone surrogate, which UTF-8 has no octets for", name);
  }
  const octets = typeof text === "string" ? utf8Length(text) : text.length;
  if (octets > 255) throw new EncodeError(`a shortstr of up to 255 octets required, received ${octets}`, name);
}

export function notShort(value: unknown, name: string): EncodeError {
  return new EncodeError(`string or Uint8Array required, received ${kind(value)}`, name);
}

/** @throws EncodeError */
export function assertPrepared(consumer: unknown): asserts consumer is PreparedConsumer {
  if (consumer instanceof PreparedConsumer) return;
  throw new EncodeError(`PreparedConsumer required, received ${kind(consumer)}`, "consumersOf");
}
