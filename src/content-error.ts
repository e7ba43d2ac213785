import { DecodeError } from "./errors.js";
import type { Frame } from "./frame.js";
import { factsOf, Method } from "./methods.js";

/** The error of a frame that is good in itself, and may not stand where it does. */
export function contentError(
  code: string,
  replyCode: number,
  hard: boolean,
  message: string,
  frame: Frame,
  offset: number,
): DecodeError {
  const ids = frame instanceof Method ? factsOf(frame).index : 60 << 16;
  return new DecodeError({
    code,
    message,
    replyCode,
    hard,
    channel: frame.channel,
    classId: ids >>> 16,
    methodId: ids & 0xffff,
    offset,
  });
}
