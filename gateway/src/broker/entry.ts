import type { Message } from "./message.js";

/** A message in one queue: many queues may hold the same message. */
export interface Entry {
  readonly message: Message;
  /** Its place in the order of the queue; never given twice. */
  readonly sequence: number;
  /** Whether it was delivered before. */
  redelivered: boolean;
  /** When it may be dropped, in milliseconds of the clock; Infinity for never. */
  readonly expiresAt: number;
}
