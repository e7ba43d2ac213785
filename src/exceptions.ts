import { REPLY_CODES } from "./generated/constants.js";

/** One of the 18 errors that the standard names (section 1.2 of the reference): what a peer tells with a close method. */
export class ReplyError extends Error {
  override readonly name: string;
  /** The standard's number: 311 to 541. */
  readonly replyCode: number;
  /** What the peer said beside it; empty where it said nothing. */
  readonly replyText: string;
  /** Whether it closes the connection; a soft error closes the channel alone. */
  readonly hard: boolean;

  constructor(replyCode: number, replyText = "") {
    const row = REPLY_CODES.find(({ code }) => code === replyCode);
    super(replyText === "" ? (row?.name ?? `reply code ${replyCode}`) : replyText);
    this.name = row?.className ?? "ReplyError";
    this.replyCode = replyCode;
    this.replyText = replyText;
    this.hard = row?.hard ?? replyCode >= 500;
  }
}

/** An error that closes a channel. */
export class SoftError extends ReplyError {}
/** An error that closes a connection. */
export class HardError extends ReplyError {}

/** A class that makes one of the 18 errors. */
export interface ReplyErrorClass {
  new (replyText?: string): ReplyError;
  /** The standard's number. */
  readonly replyCode: number;
}

/** The names of the 18 classes: `"NotFound"`, `"FrameError"` and so on. */
export type ExceptionName = (typeof REPLY_CODES)[number]["className"];

/** The 18 errors by name: `new exceptions.NotFound("no queue 'q' in vhost '/'")`. */
export const exceptions: Readonly<Record<ExceptionName, ReplyErrorClass>> = Object.freeze(
  Object.fromEntries(
    REPLY_CODES.map(({ code, hard, className }) => {
      const parent = hard ? HardError : SoftError;
      const type = class extends parent {
        static readonly replyCode = code;
        constructor(replyText = "") {
          super(code, replyText);
        }
      };
      Object.defineProperty(type, "name", { value: className });
      return [className, type];
    }),
  ),
) as unknown as Readonly<Record<ExceptionName, ReplyErrorClass>>;

/** The error for a reply code: `throw exceptionFor(close.replyCode, close.replyText)`. Codes beside the 18 give a plain `ReplyError`. */
export function exceptionFor(replyCode: number, replyText = ""): ReplyError {
  const row = REPLY_CODES.find(({ code }) => code === replyCode);
  return row === undefined ? new ReplyError(replyCode, replyText) : new exceptions[row.className](replyText);
}
