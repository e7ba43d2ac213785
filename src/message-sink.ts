/** What goes in and out of the tape's reader. */
import type { Frame } from "./frame.js";
import type { DecodeSettings } from "./limits.js";
import type { Message } from "./message.js";

/** A piece of the stream that the core has read. */
export interface Piece {
  readonly octets: Uint8Array;
  /** Octets of a cut frame that stood before it in the core's input. */
  readonly before: number;
  /** Offset in the stream of the input's first octet. */
  readonly base: number;
  /** Whether what is kept of it must be copied. */
  readonly copy: boolean;
  readonly settings: DecodeSettings;
}

/** Takes messages as they are found whole, and all other frames with their offsets in the stream. */
export interface MessageSink {
  /** Whether a message may begin on a channel, with a body of so many octets. Where it may not, its frames come one by one. */
  mayBegin(channel: number, bodySize: number): boolean;
  message(message: Message): void;
  /** `spare` octets behind a body are nobody's. */
  frame(frame: Frame, offset: number, spare?: number): void;
  /** How many octets the content of a channel still lacks. */
  lacks(channel: number): number;
}
