/** Errors of the core, in words: which check failed, where, on which way through tables. */
import type { Core } from "./core.js";
import { DecodeError, shownPath } from "./errors.js";
import { DECODE_ERRORS } from "./generated/decode-errors.js";
import { LEVEL_WORDS, LEVEL_IS_ARRAY, LEVEL_INDEX, LEVEL_FIELD } from "./generated/levels.js";
import * as State from "./generated/state.js";
import { latin1 } from "./strings.js";

/** What the core cannot know of its input. */
export interface FailureContext {
  /** Offset in the stream of the input's first octet. */
  readonly base: number;
  /** Name of what the error is in, where the core was given less than a frame: `"headers"`. */
  readonly path?: string;
  /** Names of the method's arguments, by their place in its signature, or of the properties. */
  readonly names?: readonly string[];
  /** Levels that are no part of the caller's value. Defaults to 0. */
  readonly outerLevels?: number;
  readonly frameMax?: number;
  readonly maxDepth?: number;
  readonly maxFields?: number;
  /** Where the payload ends, as an offset of the input. */
  readonly end?: number;
  /** Octets of the input. */
  readonly length?: number;
  /** Whether the input is (of) a content header, whose faults RabbitMQ answers with another reply code. */
  readonly header?: boolean;
  /** What the frame was, where the core was given less than one. */
  readonly channel?: number;
  readonly classId?: number;
  readonly methodId?: number;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function name(octets: Uint8Array): string {
  try {
    return utf8.decode(octets);
  } catch {
    return latin1(octets);
  }
}

/** The way through open tables and arrays to the field that is wrong: `.x-death[0].count`. */
function fieldPath(core: Core, from: number, depth: number): string {
  let path = "";
  for (let i = from; i < depth; i++) {
    const level = core.levels + i * LEVEL_WORDS;
    if (core.words[level + LEVEL_IS_ARRAY] !== 0) {
      path += `[${core.words[level + LEVEL_INDEX]! >>> 0}]`;
      continue;
    }
    const field = core.words[level + LEVEL_FIELD]! >>> 0;
    const octets = core.exports.octetAt(field - core.input);
    path += `.${name(core.octets.slice(field + 1, field + 1 + octets))}`;
  }
  return path;
}

/** The error that the state block tells of. */
export function decodeFailure(core: Core, context: FailureContext): DecodeError {
  const row = DECODE_ERRORS[core.state(State.ERROR) - 1]!;
  return failureOf(core, row, context);
}

/** The error of a header table that was scoped to its message: its code stands on the tape, not in the state block. */
export function headersFailure(core: Core, code: number, context: FailureContext): DecodeError {
  return failureOf(core, DECODE_ERRORS[code - 1]!, context);
}

function failureOf(core: Core, row: (typeof DECODE_ERRORS)[number], context: FailureContext): DecodeError {
  const offset = core.state(State.ERROR_OFFSET);
  const index = core.state(State.ERROR_INDEX) | 0;
  const depth = core.state(State.ERROR_DEPTH);
  const channel = context.channel ?? core.state(State.ERROR_CHANNEL);
  const classId = context.classId ?? core.state(State.ERROR_CLASS_ID);
  const methodId = context.methodId ?? core.state(State.ERROR_METHOD_ID);
  // A content header that ends before its property flags is cut in no property.
  const nowhere = context.header === true && row.name === "value-cut" ? "properties" : "";
  let path = context.path ?? (index >= 0 ? (context.names?.[index] ?? "") : nowhere);
  if (depth > 1) {
    const way = fieldPath(core, context.outerLevels ?? 0, depth - 1);
    path = path === "" && way.startsWith(".") ? way.slice(1) : path + way;
  }
  const limit =
    row.name === "frame-size" ? context.frameMax : row.name === "field-depth" ? context.maxDepth : context.maxFields;
  const words: Record<string, string | number | undefined> = {
    path: path === "" ? "a value" : shownPath(path),
    channel,
    class: classId,
    method: methodId,
    limit,
    octet: core.exports.octetAt(offset),
    value: row.name === "octets-left" ? (context.end ?? 0) - offset : 0,
  };
  if (row.name === "frame-size" || row.name === "heartbeat-payload") words["value"] = core.exports.longAt(offset) >>> 0;
  if (row.name === "header-weight") words["value"] = core.exports.shortAt(offset);
  if (row.name === "header-class") words["class"] = core.exports.shortAt(offset);
  if (row.name === "field-type") words["octet"] = octetText(core.exports.octetAt(offset));
  const hint =
    row.protocolHeader !== undefined && beginsProtocolHeader(core, offset, context.length) ? row.protocolHeader : "";
  const message = row.text.replace(/\{(\w+)\}/g, (_, word: string) => String(words[word])) + hint;
  return new DecodeError({
    code: row.name,
    message,
    replyCode: context.header === true && row.header !== undefined ? row.header : row.reply,
    classId,
    methodId,
    channel,
    offset: context.base + offset,
    path,
  });
}

function octetText(octet: number): string {
  return octet > 0x20 && octet < 0x7f ? `${octet} (${String.fromCharCode(octet)})` : String(octet);
}

/** Whether what is there from the offset on could be a protocol header. */
function beginsProtocolHeader(core: Core, offset: number, length = 0): boolean {
  const octets = core.octets.slice(core.input + offset, core.input + Math.min(length, offset + 4));
  return octets.length > 0 && "AMQP".startsWith(latin1(octets));
}
