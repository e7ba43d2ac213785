/// <reference types="vite/client" />
/**
 * Golden vectors, made with pamqp 4: what it encodes, decodes and refuses. Values are tagged as JSON cannot hold them all; here they
 * become what this library takes and gives.
 */
import { Decimal, Timestamp, float32 } from "../../src/index.js";
import { classes } from "../../spec/amqp.js";
import { octetsOf, sha256 } from "./octets.js";

const texts = import.meta.glob<string>("../data/vectors/*.json", { query: "?raw", import: "default", eager: true });

/** Hex; or, for octets that would be long in hex, their digest. */
export type Octets = string | { $sha256: string; len: number };
export type Tagged = unknown;
export type TaggedRecord = Record<string, Tagged>;
/** What a vector of any kind may have. */
export interface Vector {
  name: string;
  kind: string;
  hex: Octets;
  channel: number;
  of: string;
  class: string;
  method: string;
  args: TaggedRecord;
  set: Record<string, Tagged>;
  fields: TaggedRecord;
  decodes_to: Tagged;
  properties: TaggedRecord;
  body_size: Tagged;
  value: Tagged;
  fn: string;
  deprecated: boolean;
  error: { message: string };
  consumed: number;
  frame: string;
  exception: string;
  message: string;
  outcome: "ok" | "error";
  strict: "accept" | "reject" | "incomplete" | "either";
  prefixes: unknown[];
  field: string;
  accepted: string;
  cuts: number[];
  frames: { name: string; offset: number; len: number }[];
}

export function loadVectors(family: string): Vector[] {
  const text = texts[`../data/vectors/${family}.json`];
  if (text === undefined) throw new Error(`no vectors ${family}`);
  return (JSON.parse(text) as { vectors: Vector[] }).vectors;
}

/** The octets of a vector whose hex is written out. */
export function vectorOctets(vector: Vector): Uint8Array {
  if (typeof vector.hex !== "string") throw new Error(`${vector.name} has a digest`);
  return octetsOf(vector.hex);
}

/** Whether octets are those of the vector. */
export async function hasOctets(vector: Vector, octets: Uint8Array): Promise<boolean> {
  const { hex } = vector;
  if (typeof hex === "string")
    return hex.length === 2 * octets.length && octetsOf(hex).every((o, i) => o === octets[i]);
  return hex.len === octets.length && hex.$sha256 === (await sha256(octets));
}

const renamed: Record<string, string> = {
  exchange_type: "type",
  message_type: "type",
  global_: "global",
  nowait: "noWait",
  major_version: "major",
  minor_version: "minor",
};
/** The library's word for an argument of pamqp. */
export const nameOf = (name: string): string =>
  renamed[name] ?? name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

const floatOf = (text: string): number => (/inf$/.test(text) ? Number(text.replace("inf", "Infinity")) : Number(text));

/** How the values of vectors become values of the library. */
interface Mapping {
  float(value: number): unknown;
  object(): Record<string, unknown>;
}

function mapped(value: Tagged, mapping: Mapping): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => mapped(element, mapping));
  const tagged = value as Record<string, never>;
  const [tag] = Object.keys(tagged);
  switch (tag) {
    case "$bigint": {
      const integer = BigInt(tagged["$bigint"]!);
      return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
    }
    case "$float":
      return mapping.float(floatOf(tagged["$float"]!));
    case "$decimal":
      return new Decimal({ scale: tagged["scale"]!, unscaled: tagged["unscaled"]! });
    case "$timestamp":
      // pamqp takes large numbers for milliseconds.
      if (!Number.isInteger(tagged["$timestamp"])) return `${String(tagged["$timestamp"])} seconds`;
      return new Timestamp(tagged["$timestamp"]!);
    case "$struct_time":
      return new Timestamp(tagged["$struct_time"]!);
    case "$datetime":
      return new Date(tagged["$datetime"]!);
    case "$naive":
      return new Date(`${String(tagged["$naive"])}Z`);
    case "$bytes":
      return octetsOf(tagged["$bytes"]!);
    case "$bytearray":
      return octetsOf(tagged["$bytearray"]!);
    case "$repeat":
      return String(tagged["$repeat"]![0]).repeat(tagged["$repeat"]![1]);
    case "$bytes_repeat":
      return octetsOf(String(tagged["$bytes_repeat"]![0]).repeat(tagged["$bytes_repeat"]![1]));
    case "$tuple":
      return mapped(tagged["$tuple"], mapping);
  }
  const entries: [string, Tagged][] = tag === "$table" ? tagged["$table"]! : Object.entries(tagged);
  const object = mapping.object();
  for (const [key, entry] of entries) object[key] = mapped(entry, mapping);
  return object;
}

/** What to hand in for a field of a table: floats go out with 32 bits, as pamqp sends them. */
export const fieldInput = (value: Tagged): unknown =>
  mapped(value, { float: float32, object: () => Object.create(null) as Record<string, unknown> });

/** What to hand in for an argument: fields in tables, and plain numbers outside. */
export function argumentInput(value: Tagged): unknown {
  const isFloat = typeof value === "object" && value !== null && "$float" in value;
  return isFloat ? floatOf((value as { $float: string }).$float) : fieldInput(value);
}

/** What the library decodes where pamqp decodes this. */
export const decodedValue = (value: Tagged): unknown =>
  mapped(value, { float: (number) => number, object: () => Object.create(null) as Record<string, unknown> });

const recordOf = (args: TaggedRecord, convert: (value: Tagged) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(args).map(([name, value]) => [nameOf(name), convert(value)]));
export const inputArguments = (args: TaggedRecord): Record<string, unknown> => recordOf(args, argumentInput);
export const decodedArguments = (args: TaggedRecord): Record<string, unknown> => recordOf(args, decodedValue);

interface ArgumentRow {
  name: string;
  default?: unknown;
}
const camelCase = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
const defaults = new Map<string, Record<string, unknown>>();
for (const { name: className, methods } of classes) {
  for (const method of methods) {
    const rows: ArgumentRow[] = method.arguments;
    const withDefault = rows.filter((row) => row.default !== undefined);
    const entries = withDefault.map((row): [string, unknown] => [
      camelCase(row.name),
      typeof row.default === "object" ? Object.create(null) : row.default,
    ]);
    defaults.set(`${className}.${method.name}`, Object.fromEntries(entries));
  }
}
const hyphenated = (name: string): string => name.replace(/(?<=.)([A-Z])/g, "-$1").toLowerCase();

/** The arguments that a command has which was made from these. */
export function expectedArguments(vector: Vector): Record<string, unknown> {
  const stated = vector.decodes_to ?? vector.fields;
  if (stated !== undefined) return decodedArguments(stated as TaggedRecord);
  const filled = defaults.get(`${hyphenated(vector.class)}.${hyphenated(vector.method)}`);
  if (filled === undefined) throw new Error(`no defaults for ${vector.name}`);
  return { ...filled, ...decodedArguments(vector.args) };
}
