import type { Close as ChannelClose } from "./generated/channel.js";
import type { Close as ConnectionClose } from "./generated/connection.js";
import { REPLY_CODES } from "./generated/constants.js";

/** A shortstr takes 255 octets; the reply text of a close method is cut there, never within a character. */
const REPLY_TEXT_OCTETS = 255;

/** What `DecodeError` is made from. */
export interface DecodeErrorDetails {
  /** One of the codes that the README lists, such as `"frame-end"`. */
  readonly code: string;
  readonly message: string;
  readonly replyCode: number;
  /** Whether it costs the connection. Defaults to what the standard says of the reply code. */
  readonly hard?: boolean;
  readonly classId?: number;
  readonly methodId?: number;
  readonly channel?: number;
  /** Offset in octets from the first octet of the stream. */
  readonly offset: number;
  readonly path?: string;
}

type CloseMethods = (error: DecodeError) => ConnectionClose | ChannelClose;
let closeMethods: CloseMethods | undefined;

/** The command classes stand above this room; they hand down how a close method is made. */
export function provideCloseMethods(make: CloseMethods): void {
  closeMethods = make;
}

/** Thrown for octets that are no AMQP 0-9-1. Nothing else is ever thrown for input from a peer. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
  /** Which check failed: a word such as `"frame-end"`; the README lists them all. */
  readonly code: string;
  /** Reply code of the standard, as RabbitMQ gives it for the same fault. */
  readonly replyCode: number;
  /** The standard's name of the reply code and the reason, at most 255 octets: ready for a close method. */
  readonly replyText: string;
  /** Whether the fault costs the connection (a hard error) or only the channel (a soft one). */
  readonly hard: boolean;
  /** Class id of the method or content header in which the fault lies; 0 where it lies in no such frame. */
  readonly classId: number;
  /** Method id, 0 as above. */
  readonly methodId: number;
  /** Channel of the frame; 0 where it was not read. */
  readonly channel: number;
  /** Offset in octets of the first octet of what is wrong, counted from the first octet of the stream. */
  readonly offset: number;
  /** Argument, property or field, such as `"arguments.x-death[0].count"`; empty where the fault lies in none. */
  readonly path: string;

  constructor(details: DecodeErrorDetails) {
    const row = REPLY_CODES.find(({ code }) => code === details.replyCode);
    super(`${details.message} (at offset ${details.offset})`);
    this.code = details.code;
    this.replyCode = details.replyCode;
    this.replyText = cut(`${row?.name ?? "ERROR"} - ${details.message}`);
    this.hard = details.hard ?? row?.hard ?? true;
    this.classId = details.classId ?? 0;
    this.methodId = details.methodId ?? 0;
    this.channel = details.channel ?? 0;
    this.offset = details.offset;
    this.path = details.path ?? "";
  }

  /** The close method to send: `Connection.Close` for a hard error, `Channel.Close` on the error's channel for a soft one. */
  toClose(): ConnectionClose | ChannelClose {
    if (closeMethods === undefined) throw new Error("the command classes are not loaded");
    return closeMethods(this);
  }
}

/** Cuts a text to what a shortstr takes, between two characters. */
function cut(text: string): string {
  let octets = 0;
  let end = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    octets += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (octets > REPLY_TEXT_OCTETS) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** UTF-16 units of a path that a message has room for, so that its reason is seen behind it, in a reply text too. */
const SHOWN_PATH = 120;

/** A path for a message. Where it is long, its middle is left out: what is wrong stands at its end. */
export function shownPath(path: string): string {
  if (path.length <= SHOWN_PATH) return path;
  const half = (SHOWN_PATH - 1) >> 1;
  return `${path.slice(0, half)}…${path.slice(-half)}`.toWellFormed();
}

/** Thrown for a value that cannot be encoded: wrong type, out of range, too long. Nothing of its frame was written. */
export class EncodeError extends Error {
  override readonly name: string = "EncodeError";
  /** Argument, property or field, such as `"headers.x-death[0]"`; empty where the fault lies in none. */
  path: string;
  readonly #reason: string;

  constructor(reason: string, path = "") {
    super(path === "" ? reason : `${shownPath(path)}: ${reason}`);
    this.path = path;
    this.#reason = reason;
  }

  /** Puts the name of what holds the value before its path. */
  within(outer: string): this {
    if (outer === "") return this;
    this.path = this.path === "" ? outer : this.path.startsWith("[") ? outer + this.path : `${outer}.${this.path}`;
    this.message = `${shownPath(this.path)}: ${this.#reason}`;
    return this;
  }
}

/** Thrown for an argument that breaks a rule of the model: a name with letters that are not allowed, a reserved argument that is set. */
export class ValidationError extends EncodeError {
  override readonly name = "ValidationError";

  constructor(message: string, path = "") {
    super(message);
    this.path = path;
  }

  override within(): this {
    return this;
  }
}
