/** A frame or a message as one line of a log. */
import { ContentBody } from "./content-body.js";
import { ContentHeader } from "./content.js";
import { EncodeError } from "./errors.js";
import type { Frame } from "./frame.js";
import { described } from "./inspection.js";
import { kind } from "./kind.js";
import { optionInRange } from "./limits.js";
import { Message } from "./message.js";
import { Method, shownArguments } from "./methods.js";
import { shownProperties } from "./property-list.js";
import { BodyPart, MessageStart } from "./streamed-content.js";

/** What a description may show. */
export interface DescribeOptions {
  /** Whether SASL responses and secrets are shown. Defaults to false: `[hidden]` stands for them. */
  showSecrets?: boolean;
  /** Whether the octets of bodies are shown, as text where they are UTF-8 and else in hexadecimal. Defaults to false: only their number is. */
  showBodies?: boolean;
  /** Longest description, in UTF-16 units: 16 to 9007199254740991; what is longer is cut. Defaults to 1024. */
  maxLength?: number;
}

/** What can be described: a frame, or an item of a `MessageReader`. */
export type Described = Frame | Message | MessageStart | BodyPart;

const DEFAULT_MAX_LENGTH = 1024;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * A frame, a whole message or a part of one as one line: channel, name, and what it carries as JSON, without SASL responses, secrets and bodies unless they are asked for. It holds no line break and nothing that a
 * terminal takes for a command, whatever a peer sent, and does not throw where a header table cannot be read.
 *
 *     describe(frame)   // 'channel 1 Basic.Publish {"ticket":0,"exchange":"","routingKey":"orders","mandatory":false,"immediate":false}'
 *
 * @throws EncodeError for what is neither, and for an option out of range
 */
export function describe(frame: Described, options: DescribeOptions = {}): string {
  const maxLength = optionInRange("maxLength", options.maxLength ?? DEFAULT_MAX_LENGTH, 16, Number.MAX_SAFE_INTEGER);
  const line = `channel ${frame?.channel} ${described(frame?.name, detailsOf(frame, options, maxLength))}`;
  return cut(line.replace(UNSAFE, escaped), maxLength);
}

function detailsOf(frame: Described, options: DescribeOptions, maxLength: number): object {
  if (frame instanceof Method) return options.showSecrets === true ? frame.toJSON() : shownArguments(frame);
  if (frame instanceof ContentHeader)
    return { bodySize: frame.bodySize, properties: shownProperties(frame.properties) };
  if (frame instanceof ContentBody) return { length: frame.length, ...bodyOf(frame.value, options, maxLength) };
  if (frame instanceof BodyPart) {
    const { offset, length, last } = frame;
    return { offset, length, last, ...bodyOf(frame.octets, options, maxLength) };
  }
  if (frame instanceof Message)
    return { ...contentOf(frame, frame.body.length), ...bodyOf(frame.body, options, maxLength) };
  if (frame instanceof MessageStart) return contentOf(frame, frame.bodySize);
  if (frame?.name === "Heartbeat") return {};
  if (frame?.name === "ProtocolHeader") return frame.toJSON();
  throw new EncodeError(`a frame or a message required, received ${kind(frame)}`);
}

function contentOf({ method, properties }: Message | MessageStart, bodySize: number): object {
  return {
    method: { name: method.name, ...shownArguments(method) },
    properties: shownProperties(properties),
    bodySize,
  };
}

function bodyOf(body: Uint8Array, { showBodies }: DescribeOptions, maxLength: number): object {
  if (showBodies !== true) return {};
  // A body may be large, and the line is cut: what lies behind its end need not be made.
  const shown = body.subarray(0, maxLength);
  // Where it is cut, the last character may be too: it has three octets more at most.
  return { body: textOf(shown, shown.length < body.length ? 3 : 0) };
}

function textOf(octets: Uint8Array, spare: number): string {
  for (let less = 0; less <= spare; less++) {
    try {
      return utf8.decode(octets.subarray(0, octets.length - less));
    } catch {
      continue;
    }
  }
  let text = "<";
  for (const octet of octets) text += octet.toString(16).padStart(2, "0");
  return `${text}>`;
}

/** What JSON leaves as it is and a terminal or an editor does not: controls, line ends, and what turns the direction of text. */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function cut(line: string, maxLength: number): string {
  if (line.length <= maxLength) return line;
  const last = line.charCodeAt(maxLength - 2);
  // Not between the two halves of a character.
  return `${line.slice(0, maxLength - 1 - (last >= 0xd800 && last <= 0xdbff ? 1 : 0))}…`;
}
