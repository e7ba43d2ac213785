/** What is wrong with a frame that is sound in itself: it may not stand where it does. A reply code and words for it. */
import { DecodeError, EncodeError, REPLY_CODES, type FrameCursor } from "amqp-wasm";

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

/** Whatever the data path throws, as the refusal of the frame under the cursor. */
export function asRefusal(thrown: unknown, cursor: FrameCursor): DecodeError {
  if (thrown instanceof DecodeError) return thrown;
  const { offset, channel } = cursor;
  const { message } = thrown as Error;
  if (thrown instanceof Fault) {
    return new DecodeError({ code: "unexpected-frame", message, replyCode: thrown.replyCode, offset, channel });
  }
  // A frame that one side may send and the other does not take.
  if (thrown instanceof EncodeError)
    return new DecodeError({ code: "frame-size", message, replyCode: 501, offset, channel });
  // A fault of our own: it costs this connection, and the log has where it lies.
  const text = `the gateway failed: ${(thrown as Error).stack ?? message}`;
  return new DecodeError({ code: "internal", message: text, replyCode: 541, offset, channel });
}
