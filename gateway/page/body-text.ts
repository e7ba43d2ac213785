/** The body of a message as a person reads it: JSON, text, or octets in hex. */
import { hex } from "./value-text.js";

export type BodyForm = "JSON" | "text" | "hex";

export interface BodyText {
  readonly form: BodyForm;
  readonly text: string;
}

/** Octets of a body that are shown in hex. */
const MOST_HEX = 1024;
/** Control characters that text has no use for. */
const control = /[^\P{Cc}\t\n\r]/u;

/** The forms that these octets have, the most telling first. `whole`: they are all of the body. */
export function bodyForms(octets: Uint8Array, whole: boolean): BodyText[] {
  const forms: BodyText[] = [];
  const text = utf8(octets, whole);
  if (text !== undefined) {
    const json = whole ? prettyJson(text) : undefined;
    if (json !== undefined) forms.push({ form: "JSON", text: json });
    forms.push({ form: "text", text });
  }
  forms.push({ form: "hex", text: hexLines(octets) });
  return forms;
}

/** One line of it, for the list. */
export function bodyLine(octets: Uint8Array, whole: boolean): string {
  const text = utf8(octets.subarray(0, 512), whole && octets.length <= 512);
  return text === undefined ? hex(octets.subarray(0, 48)) : text.replace(/\s+/g, " ");
}

/** `undefined` where the octets are no text. The last character may be cut where the body is. */
function utf8(octets: Uint8Array, whole: boolean): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets, { stream: !whole });
    return control.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Only objects and arrays: a number or a word is better read as the text that it is. */
function prettyJson(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}

function hexLines(octets: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(octets.length, MOST_HEX); at += 16) {
    lines.push(`${at.toString(16).padStart(4, "0")}  ${hex(octets.subarray(at, at + 16))}`);
  }
  if (octets.length > MOST_HEX) lines.push(`… ${octets.length - MOST_HEX} more octets`);
  return lines.join("\n");
}
