/** What is wrong with a frame that is sound in itself: it may not stand where it does. A reply code and words for it. */
import { REPLY_CODES } from "amqp-wasm";

export class Fault extends Error {
  override readonly name = "Fault";
  readonly replyCode: number;

  constructor(replyCode: number, message: string) {
    super(message);
    this.replyCode = replyCode;
  }

  /** The standard's name of the reply code, and what is wrong. */
  get replyText(): string {
    return replyText(this.replyCode, this.message);
  }
}

/** As brokers write it: `FRAME_ERROR - what is wrong`. */
export function replyText(replyCode: number, text: string): string {
  return `${REPLY_CODES.find(({ code }) => code === replyCode)?.name ?? "ERROR"} - ${text}`;
}
