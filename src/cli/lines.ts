/** A frame as a line of text or of JSON. */
import { inspect } from "node:util";
import {
  Basic,
  ContentBody,
  ContentHeader,
  DecodeError,
  Decimal,
  Method,
  Timestamp,
  type Frame,
  type MethodClass,
} from "../index.js";

const HIDDEN = "[hidden]";

/** What is beside name and channel; a header table that cannot be read is told of, and does not stop the rest. */
export function detailsOf(
  frame: Frame,
  showSecrets: boolean,
  wrong: (error: DecodeError) => void,
): Record<string, unknown> {
  if (frame instanceof Method) {
    const fields = (frame as Method).toJSON();
    if (!showSecrets) {
      for (const name of (frame.constructor as unknown as MethodClass).secrets) fields[name] = HIDDEN;
    }
    return fields;
  }
  if (frame instanceof ContentBody) return { length: frame.value.length };
  if (!(frame instanceof ContentHeader)) return frame.toJSON();
  const properties: Record<string, unknown> = {};
  for (const name of Basic.Properties.attributes) {
    try {
      const value = frame.properties[name];
      if (value !== undefined) properties[name] = value;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      wrong(error);
      properties[name] = `[${error.code} at offset ${error.offset}]`;
    }
  }
  return { bodySize: frame.bodySize, properties };
}

/** What neither JSON nor inspect escapes and a terminal takes for a command, a line end, or another direction of text; all of it stands within quotes. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function safe(line: string): string {
  return line.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const oneLine = {
  breakLength: Infinity,
  depth: Infinity,
  maxArrayLength: null,
  maxStringLength: null,
  compact: true,
} as const;

export function textLine(frame: Frame, offset: number, details: Record<string, unknown>): string {
  const shown = Object.keys(details).length === 0 ? "" : ` ${inspect(plain(details), oneLine)}`;
  return `${String(offset).padStart(8)}  ${String(frame.channel).padStart(5)}  ${frame.name}${safe(shown)}\n`;
}

export function jsonLine(frame: Frame, offset: number, octets: number, details: Record<string, unknown>): string {
  const body = frame instanceof Method ? { arguments: details } : details;
  return `${safe(JSON.stringify({ offset, octets, channel: frame.channel, name: frame.name, ...body }, jsonValue))}\n`;
}

/** Values as they read best: times as times, no "[Object: null prototype]". */
function plain(value: unknown): unknown {
  if (value instanceof Decimal) return new Shown(String(value));
  if (value instanceof Timestamp) return new Shown(timeText(value));
  if (value instanceof Uint8Array) return new Shown(`<${hex(value)}>`);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) {
    // An ordinary assignment to this key would set the copy's prototype.
    Object.defineProperty(copy, key, { value: plain(one), enumerable: true });
  }
  return copy;
}

/** A text that is shown without quotes. */
class Shown {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  [inspect.custom](): string {
    return this.#text;
  }
}

function timeText(time: Timestamp): string {
  const date = time.toDate();
  return Number.isNaN(date.getTime()) ? `${time.seconds} s` : date.toISOString().replace(".000Z", "Z");
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("hex");
}

function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value instanceof Uint8Array ? { octets: hex(value) } : value;
}
