/** What of a content header two parsers would read differently. */
import type { Ambiguity, Reading } from "./ambiguity.js";
import { currentCore } from "./core.js";
import { decodeFailure } from "./decode-failure.js";
import { DecodeError } from "./errors.js";
import { isNonFinite, isUtf8, listFields, type ListedField } from "./field-list.js";
import { DECODE_ERRORS } from "./generated/decode-errors.js";
import { FRAME_HEADER } from "./generated/constants.js";
import { PROPERTY_NAMES } from "./generated/method-arguments.js";
import { Properties } from "./generated/properties.js";
import * as State from "./generated/state.js";
import { Status } from "./generated/status.js";
import { asOctets, withTape } from "./input.js";
import { decodeAs } from "./single-values.js";

/** Places in a content header frame. */
const CLASS = 7;
const WEIGHT = 9;
const BODY_SIZE = 11;
const FLAGS = 19;
const BASIC = 60;
const PROPERTY_WORDS = 4;

const HEADERS = PROPERTY_NAMES.indexOf("headers");
const TIMESTAMP = PROPERTY_NAMES.indexOf("timestamp");

const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
const refused = (how: string): Reading => ({ how, value: undefined });

/**
 * Lists what of a content header frame two parsers would read differently, in the order of the octets: where one of them guards a queue and the other one reads from it, the difference is a way
 * past the guard. An empty list says that every parser that keeps to the standard reads the same.
 *
 *     const found = ambiguities(octets);
 *     if (found.some(({ path }) => path === "headers.x-user")) reject();
 *
 * What is no ambiguity: the order of fields, and the type octets that integers have.
 *
 * @param octets one whole content header frame, from its type octet to its frame-end
 * @throws DecodeError where the octets are no such frame, or end before the property flags
 */
export function ambiguities(octets: Uint8Array): Ambiguity[] {
  const core = currentCore();
  const frame = asOctets(octets);
  const status = withTape(core, frame, () => core.exports.listProperties(frame.length));
  if (status === Status.ERROR) {
    throw decodeFailure(core, {
      base: 0,
      names: Properties.attributes,
      end: frame.length,
      header: true,
      maxFields: FRAME_HEADER,
    });
  }
  const found: Ambiguity[] = [];
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  fixedPart(view, found);
  const count = core.state(State.FRAMES);
  const end = core.state(State.CONSUMED);
  // Copied: the list of a table's fields takes their place.
  const words = core.words.slice(core.tape, core.tape + count * PROPERTY_WORDS);
  for (let i = 0; i < count; i++) {
    const [index, at, size, fault] = words.subarray(i * PROPERTY_WORDS) as unknown as [number, number, number, number];
    const path = Properties.attributes[index]!;
    if (fault !== 0) pastEnd(found, path, at, DECODE_ERRORS[fault - 1]!.name);
    else if (index === HEADERS) headers(frame, at, at + size, found);
    else if (index === TIMESTAMP) signed(found, path, at, view.getBigUint64(at));
    else if (isText(index)) text(found, path, at, frame.subarray(at, at + size));
  }
  const left = frame.length - 1 - end;
  if (left > 0) {
    const value = frame.slice(end, end + left);
    found.push({
      kind: "octets-left",
      offset: end,
      path: "",
      text: `${left} octets behind the last property`,
      readings: [refused("the frame is refused"), { how: "they are passed by", value }],
    });
  }
  return found;
}

function fixedPart(view: DataView, found: Ambiguity[]): void {
  const [classId, weight, flags] = [view.getUint16(CLASS), view.getUint16(WEIGHT), view.getUint16(FLAGS)];
  const reserved = (offset: number, what: string, value: number): void => {
    found.push({
      kind: "reserved",
      offset,
      path: "",
      text: what,
      readings: [refused("the frame is refused"), { how: "it is not looked at", value }],
    });
  };
  if (classId !== BASIC) reserved(CLASS, `class ${classId}, expected 60`, classId);
  if (weight !== 0) reserved(WEIGHT, `weight ${weight}, expected 0`, weight);
  signed(found, "bodySize", BODY_SIZE, view.getBigUint64(BODY_SIZE));
  if ((flags & 1) !== 0) {
    found.push({
      kind: "flags",
      offset: FLAGS,
      path: "",
      text: "property flags announce a second word",
      readings: [
        refused("the frame is refused"),
        { how: "the flag is passed by, and properties follow", value: flags },
        {
          how: "two octets more are flags, and properties follow behind them",
          value: view.byteLength > FLAGS + 3 ? view.getUint16(FLAGS + 2) : undefined,
        },
      ],
    });
  }
  if ((flags & 2) !== 0) {
    found.push({
      kind: "flags",
      offset: FLAGS,
      path: "",
      text: "a property flag that stands for no property",
      readings: [refused("the frame is refused"), { how: "the flag is passed by", value: flags }],
    });
  }
}

const isText = (index: number): boolean => Properties.amqpType(Properties.attributes[index]!) === "shortstr";

function text(found: Ambiguity[], path: string, at: number, octets: Uint8Array): void {
  if (octets.length === 0) empty(found, path, at, "a property that is announced and empty", "");
  else if (!isUtf8(octets)) badUtf8(found, path, at, octets, "a property");
}

function badUtf8(found: Ambiguity[], path: string, offset: number, octets: Uint8Array, what: string): void {
  found.push({
    kind: "utf-8",
    offset,
    path,
    text: `${what} that is no UTF-8`,
    readings: [
      { how: "as octets", value: octets.slice() },
      { how: "as text, with U+FFFD for what is none", value: lossy.decode(octets) },
      refused("refused"),
    ],
  });
}

function empty(found: Ambiguity[], path: string, offset: number, what: string, value: unknown): void {
  found.push({
    kind: "empty",
    offset,
    path,
    text: what,
    readings: [{ how: "as empty", value }, refused("as not there")],
  });
}

function signed(found: Ambiguity[], path: string, offset: number, value: bigint, bits = 64): void {
  if (value < 1n << BigInt(bits - 1)) return;
  found.push({
    kind: "sign",
    offset,
    path,
    text: "a number whose first bit is a sign to some",
    readings: [
      { how: "unsigned", value },
      { how: "signed", value: BigInt.asIntN(bits, value) },
    ],
  });
}

function pastEnd(found: Ambiguity[], path: string, offset: number, fault: string): void {
  const what =
    fault === "field-cut" || fault === "value-cut"
      ? "a value that is cut by the end of what it stands in"
      : "a value longer than what is left of what it stands in";
  found.push({
    kind: "past-end",
    offset,
    path,
    text: what,
    readings: [refused("refused"), refused("read on beyond the end, as far as the frame goes")],
  });
}

function headers(frame: Uint8Array, start: number, end: number, found: Ambiguity[]): void {
  const fields = listFields(currentCore(), frame, start, end, "headers");
  if (start === end) empty(found, "headers", start, "a table without fields", {});
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  /** Of each container, the fields by their keys' octets. */
  const keys = new Map<string, ListedField>();
  for (const field of fields) {
    if (field.key !== undefined && field.fault !== "field-name") {
      key(found, keys, field, frame);
      if (field.key.length === 0) empty(found, field.path, field.keyAt, "a key without letters", "");
      if (!isUtf8(field.key)) badUtf8(found, field.path, field.keyAt, field.key, "a key");
    }
    if (field.fault === undefined) valueOf(found, field, frame, view);
    else faulty(found, field);
  }
}

function key(found: Ambiguity[], keys: Map<string, ListedField>, field: ListedField, frame: Uint8Array): void {
  // By octets: two that are no UTF-8 may look the same as text.
  const name = `${field.container} ${field.key!.join()}`;
  const first = keys.get(name);
  if (first === undefined) {
    keys.set(name, field);
    return;
  }
  found.push({
    kind: "duplicate-key",
    offset: field.keyAt,
    path: field.path,
    text: `a key that stands at offset ${first.keyAt} too`,
    readings: [
      { how: "the first field counts", value: readField(first, frame) },
      { how: "the last field counts", value: readField(field, frame) },
    ],
  });
}

/** The value of a field; `undefined` where it cannot be read. */
function readField({ keyAt, key, at, octets, fault }: ListedField, frame: Uint8Array): unknown {
  if (fault !== undefined) return undefined;
  try {
    return decodeAs("field", frame.subarray(keyAt + 1 + key!.length, at + octets))?.value;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function valueOf(found: Ambiguity[], field: ListedField, frame: Uint8Array, view: DataView): void {
  const { type, path, at, octets } = field;
  switch (type) {
    case "t": {
      const octet = frame[at]!;
      if (octet <= 1) return;
      found.push({
        kind: "boolean",
        offset: at,
        path,
        text: `a boolean whose octet is ${octet}`,
        readings: [
          { how: "whatever is not 0 is true", value: true },
          { how: "1 alone is true", value: false },
        ],
      });
      return;
    }
    case "S":
      if (!isUtf8(frame.subarray(at, at + octets)))
        badUtf8(found, path, at, frame.subarray(at, at + octets), "a string");
      return;
    case "L":
    case "T":
      return signed(found, path, at, view.getBigUint64(at));
    case "D":
      return signed(found, path, at + 1, BigInt(view.getUint32(at + 1)), 32);
    case "f":
    case "d":
      if (!isNonFinite(field, frame)) return;
      found.push({
        kind: "not-finite",
        offset: at,
        path,
        text: "a float that is infinite or not a number",
        readings: [
          { how: "as a float", value: type === "f" ? view.getFloat32(at) : view.getFloat64(at) },
          refused("refused"),
        ],
      });
  }
}

function faulty(found: Ambiguity[], { fault, type, path, at }: ListedField): void {
  if (fault === "field-type") {
    const text = `a field of type ${JSON.stringify(type)}, which not everybody knows`;
    found.push({
      kind: "field-type",
      offset: at,
      path,
      text,
      readings: [refused("refused"), refused("read as whatever that type is to a parser, and on from there")],
    });
  } else if (fault === "field-depth") {
    found.push({
      kind: "depth",
      offset: at,
      path,
      text: "nested deeper than anybody looks",
      readings: [refused("refused"), refused("read all the way")],
    });
  } else pastEnd(found, path, at, fault!);
}
