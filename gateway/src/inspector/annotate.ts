/** Which octets of a frame are which field: for the inspector page, and for finding a value's octets. On the codec's public surface alone. */
import {
  Basic,
  commandByIndex,
  decodeAs,
  DecodeError,
  FRAME_BODY,
  FRAME_END,
  FRAME_HEADER,
  FRAME_HEADER_SIZE,
  FRAME_HEARTBEAT,
  FRAME_METHOD,
  type TypeName,
} from "amqp-wasm";
import { OctetFields, type AnnotatedField } from "./octet-fields.js";

export type { AnnotatedField } from "./octet-fields.js";

const PROTOCOL_HEADER_SIZE = 8;
const frameTypes = new Map([
  [FRAME_METHOD, "method"],
  [FRAME_HEADER, "content header"],
  [FRAME_BODY, "content body"],
  [FRAME_HEARTBEAT, "heartbeat"],
]);

/**
 * The fields of one frame, in order: they cover its octets without gap or overlap, and so do the parts of each field that has parts. Any octets may be handed in: a frame that
 * was cut short or refused is annotated as far as it can be read, and the rest is one field that says so. Never throws because of its input.
 */
export function annotate(octets: Uint8Array): AnnotatedField[] {
  const reading = new OctetFields(octets);
  try {
    if (octets[0] === 0x41) protocolHeader(reading);
    else frame(reading);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    reading.rest("not readable", octets.length, error.message);
  }
  reading.rest("not read", octets.length);
  return reading.fields;
}

/** The fields that have no parts, in order: each octet belongs to exactly one. */
export function leaves(fields: readonly AnnotatedField[]): AnnotatedField[] {
  return fields.flatMap((field) => (field.parts === undefined ? [field] : leaves(field.parts)));
}

function protocolHeader(reading: OctetFields): void {
  reading.literal("protocol", 4, "AMQP");
  const end = Math.min(PROTOCOL_HEADER_SIZE, reading.octets.length);
  for (const label of ["protocol id", "major", "minor", "revision"]) reading.value(label, "octet", end);
}

function frame(reading: OctetFields): void {
  const { octets } = reading;
  const type = reading.value("frame type", "octet", octets.length, (value) => frameTypes.get(Number(value)));
  reading.value("channel", "short", octets.length);
  const size = reading.value("size", "long", octets.length);
  if (type === undefined || size === undefined) return;
  const end = Math.min(FRAME_HEADER_SIZE + Number(size), octets.length);
  switch (type) {
    case FRAME_METHOD:
      method(reading, end);
      break;
    case FRAME_HEADER:
      contentHeader(reading, end);
      break;
    case FRAME_BODY:
      body(reading, Number(size), end);
      break;
  }
  reading.rest("left over", end);
  if (end < octets.length) {
    const mark = octets[end] === FRAME_END ? "as it should be" : "should be 206";
    reading.value("frame-end", "octet", octets.length, () => mark);
  }
}

function body(reading: OctetFields, size: number, end: number): void {
  if (end > reading.at)
    reading.octetsAs("body", end, end - reading.at < size ? `the first of ${size} octets` : undefined);
}

function method(reading: OctetFields, end: number): void {
  const start = reading.at;
  const id = decodeAs("long", reading.octets.subarray(start, end));
  const command = id === undefined ? undefined : commandByIndex(id.value);
  const [className, methodName] = (command?.commandName ?? "").split(".");
  reading.value("class id", "short", end, () => className);
  reading.value("method id", "short", end, () => methodName);
  if (command === undefined) return;
  const bits: string[] = [];
  for (const name of command.attributes) {
    const type = command.amqpType(name);
    if (type === "bit") {
      bits.push(name);
      if (bits.length === 8) reading.bits(bits.splice(0), end);
      continue;
    }
    reading.bits(bits.splice(0), end);
    reading.value(name, type as TypeName, end);
  }
  reading.bits(bits, end);
}

function contentHeader(reading: OctetFields, end: number): void {
  reading.value("class id", "short", end, (value) => (value === Basic.classId ? "Basic" : undefined));
  reading.value("weight", "short", end);
  reading.value("body size", "longlong", end);
  const { attributes, flags } = Basic.Properties;
  const word = reading.value("property flags", "short", end, (value) => {
    const set = attributes.filter((name) => (Number(value) & flags[name]!) !== 0);
    return set.length === 0 ? "none set" : set.join(", ");
  });
  // An odd word says that another follows. No property stands in one, and the codec refuses those that are set.
  for (let more = Number(word) & 1; more === 1;) more = Number(reading.value("more flags", "short", end)) & 1;
  for (const name of attributes) {
    if ((Number(word) & flags[name]!) !== 0) reading.value(name, Basic.Properties.amqpType(name) as TypeName, end);
  }
}
