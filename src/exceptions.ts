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

/** What they have of their own is in accessors: a static field is made by a function of its own, and these classes are made at each start of a program. */
function exceptionClass(code: number, className: string, parent: typeof ReplyError): ReplyErrorClass {
  return class extends parent {
    static get replyCode(): number {
      return code;
    }

    static override get name(): string {
      return className;
    }

    constructor(replyText = "") {
      super(code, replyText);
    }
  };
}

const classes: Record<string, ReplyErrorClass> = {};
for (const { code, hard, className } of REPLY_CODES) {
  classes[className] = exceptionClass(code, className, hard ? HardError : SoftError);
}

/** The 18 errors by name: `new exceptions.NotFound("no queue 'q' in vhost '/'")`. */
export const exceptions = Object.freeze(classes) as Readonly<Record<ExceptionName, ReplyErrorClass>>;

/** The error for a reply code: `throw exceptionFor(close.replyCode, close.replyText)`. Codes beside the 18 give a plain `ReplyError`. */
export function exceptionFor(replyCode: number, replyText = ""): ReplyError {
  const row = REPLY_CODES.find(({ code }) => code === replyCode);
  return row === undefined ? new ReplyError(replyCode, replyText) : new exceptions[row.className](replyText);
}
