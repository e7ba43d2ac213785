/** The fields of a table as the core lists them: every one with its place, also where the table is wrong. */
import type { Core } from "./core.js";
import { DECODE_ERRORS } from "./generated/decode-errors.js";
import * as State from "./generated/state.js";
import { withTape } from "./input.js";
import { latin1 } from "./strings.js";

/** A field, or the place where a container ends in the midst of one. */
export interface ListedField {
  /** Containers above it within the table. */
  readonly depth: number;
  /** Type octet, as a letter; empty where the table ends before it. */
  readonly type: string;
  /** What is wrong with it: one of the codes of a `DecodeError`. */
  readonly fault: string | undefined;
  /** Octets of the name; `undefined` in an array. */
  readonly key: Uint8Array | undefined;
  readonly path: string;
  /** Where name and value begin, and how many octets the value has or claims, counted from the first octet of the frame. */
  readonly keyAt: number;
  readonly at: number;
  readonly octets: number;
  /** Number of the container that it stands in: the same for all its fields. */
  readonly container: number;
}

const RECORD_WORDS = 6;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A text, or what its octets are as Latin-1 where they are no UTF-8. */
export function readable(octets: Uint8Array): string {
  try {
    return utf8.decode(octets);
  } catch {
    return latin1(octets);
  }
}

/** Whether the octets are UTF-8. */
export function isUtf8(octets: Uint8Array): boolean {
  try {
    utf8.decode(octets);
    return true;
  } catch {
    return false;
  }
}

/** Lists the fields of the table in [start, end) of some octets; `name` is that of the table. */
export function listFields(core: Core, octets: Uint8Array, start: number, end: number, name: string): ListedField[] {
  withTape(core, octets, () => core.exports.listFields(start, end));
  const count = core.state(State.FRAMES);
  const words = core.words;
  const fields: ListedField[] = [];
  /** By level: the path of its container, and its number. */
  const paths = [name];
  const containers = [0];
  let next = 1;
  for (let i = 0, at = core.tape; i < count; i++, at += RECORD_WORDS) {
    const head = words[at]!;
    const depth = head & 0xffff;
    const type = (head >>> 16) & 0xff;
    const inArray = words[at + 1] === -1;
    const keyAt = words[at + 1]! >>> 0;
    const keyOctets = words[at + 2]! >>> 0;
    const key = inArray ? undefined : octets.subarray(keyAt, keyAt + keyOctets);
    const outer = paths[depth]!;
    const path = key === undefined ? `${outer}[${keyOctets}]` : `${outer}.${readable(key)}`;
    paths[depth + 1] = path;
    containers[depth + 1] = next++;
    fields.push({
      depth,
      type: type === 0 ? "" : String.fromCharCode(type),
      fault: DECODE_ERRORS[(head >>> 24) - 1]?.name,
      key,
      path,
      keyAt: inArray ? words[at + 3]! : keyAt - 1,
      at: words[at + 3]! >>> 0,
      octets: words[at + 4]! >>> 0,
      container: containers[depth]!,
    });
  }
  return fields;
}

/** Whether a field is a float that is infinite or not a number. */
export function isNonFinite({ type, fault, at }: ListedField, octets: Uint8Array): boolean {
  if (fault !== undefined || (type !== "f" && type !== "d")) return false;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  return !Number.isFinite(type === "f" ? view.getFloat32(at) : view.getFloat64(at));
}
