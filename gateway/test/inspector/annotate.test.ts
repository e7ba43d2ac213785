/** Annotations against the codec: on every frame of the captures and vectors, and on octets that are no frames. */
import {
  Basic,
  ContentBody,
  ContentHeader,
  encodeAs,
  Field,
  FrameReader,
  Method,
  type Frame,
  type MethodClass,
  type TypeName,
} from "amqp-wasm";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { captureNames, loadCapture } from "../../../test/support/captures.js";
import { annotate, leaves, type AnnotatedField } from "../../src/inspector/annotate.js";

interface VectorFile {
  vectors: { name: string; kind?: string; hex?: unknown }[];
}
const vectorFolder = join(import.meta.dirname, "../../../test/data/vectors");
const vectorFiles = readdirSync(vectorFolder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(join(vectorFolder, name), "utf8")) as VectorFile);
const hexed = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const vectors = vectorFiles
  .flatMap((file) => file.vectors)
  .filter((vector): vector is { name: string; kind: string; hex: string } => typeof vector.hex === "string");

/** Parts cover their field and leaves the octets, without gap or overlap. */
function covers(fields: readonly AnnotatedField[], start: number, end: number): void {
  let at = start;
  for (const field of fields) {
    if (field.start !== at) throw new Error(`${field.label} begins at ${field.start}, not at ${at}`);
    if (field.end <= field.start) throw new Error(`${field.label} at ${field.start} has no octets`);
    if (field.parts !== undefined) covers(field.parts, field.start, field.end);
    at = field.end;
  }
  if (at !== end) throw new Error(`the fields end at ${at}, not at ${end}`);
}

/** Each value, encoded again, gives the octets that it is said to stand in. */
function encodesBack(fields: readonly AnnotatedField[], octets: Uint8Array): void {
  for (const field of leaves(fields)) {
    const { label, type, value, start, end } = field;
    const own = Buffer.from(octets.subarray(start, end)).toString("hex");
    let again: Uint8Array;
    if (type === "octet" && label === "type") {
      again = Uint8Array.of((value as string).charCodeAt(0));
    } else if (type === "octets") {
      again = typeof value === "string" ? new TextEncoder().encode(value) : (value as Uint8Array);
    } else if (type === "bits") {
      again = Uint8Array.of(
        Object.values(value as object).reduce<number>((sum, bit, i) => sum + (bit ? 1 << i : 0), 0),
      );
    } else if (type.length === 1) {
      again = encodeAs(
        "field",
        value instanceof Uint8Array && type === "S" ? value : new Field(type as never, value as never),
      ).subarray(1);
    } else {
      again = encodeAs(type as TypeName, value as never);
    }
    if (Buffer.from(again).toString("hex") !== own)
      throw new Error(`${label} (${type}) at ${start}: ${String(value)} is not ${own}`);
  }
}

/** What tables and arrays hold, put together from their entries. */
function entriesAgree(fields: readonly AnnotatedField[]): number {
  let tables = 0;
  for (const { type, value, parts } of fields) {
    if (parts === undefined) continue;
    tables += entriesAgree(parts);
    if (type === "entry") continue;
    const entries = parts.slice(1);
    const made =
      type === "array"
        ? entries.map((entry) => entry.value)
        : Object.fromEntries(entries.map((entry) => [entry.label, entry.value]));
    expect(type === "array" ? value : { ...(value as object) }).toEqual(made);
    tables += 1;
  }
  return tables;
}

function valuesAgree(frame: Frame, fields: readonly AnnotatedField[]): void {
  const byLabel = new Map(fields.map((field) => [field.label, field]));
  const bits = Object.assign({}, ...fields.filter(({ type }) => type === "bits").map(({ value }) => value)) as Record<
    string,
    unknown
  >;
  const shown = (name: string): unknown => (name in bits ? bits[name] : byLabel.get(name)?.value);
  expect(byLabel.get("frame-end")?.value).toBe(206);
  expect(byLabel.get("channel")?.value).toBe(frame.channel);
  if (frame instanceof Method) {
    const { attributes, index } = frame.constructor as unknown as MethodClass;
    expect((Number(shown("class id")) << 16) | Number(shown("method id"))).toBe(index);
    for (const name of attributes)
      expect(shown(name), `${frame.name} ${name}`).toEqual((frame as unknown as Record<string, unknown>)[name]);
  } else if (frame instanceof ContentHeader) {
    expect(byLabel.get("body size")?.value).toBe(frame.bodySize);
    for (const name of Basic.Properties.attributes) expect(shown(name)).toEqual(frame.properties[name]);
  } else if (frame instanceof ContentBody) {
    expect((byLabel.get("body")?.value as Uint8Array | undefined)?.length ?? 0).toBe(frame.value.length);
  }
}

test.each(captureNames)(
  "every octet of every frame of %s belongs to one field, with the codec's value",
  async (name) => {
    const capture = await loadCapture(name);
    let frames = 0;
    for (const { octets } of [capture.c2s, capture.s2c]) {
      const found: [Frame, number, number][] = [];
      new FrameReader({ frameMax: 0, onFrame: (frame, offset, size) => found.push([frame, offset, size]) }).push(
        octets,
      );
      for (const [frame, offset, size] of found.slice(0, 2000)) {
        const own = octets.subarray(offset, offset + size);
        const fields = annotate(own);
        covers(fields, 0, size);
        if (size < 5000) encodesBack(fields, own);
        entriesAgree(fields);
        if (frame.name !== "ProtocolHeader") valuesAgree(frame, fields);
        else
          expect(leaves(fields).map(({ value }) => value)).toEqual([
            "AMQP",
            own[4],
            frame.major,
            frame.minor,
            frame.revision,
          ]);
        frames += 1;
      }
    }
    expect(frames).toBeGreaterThan(0);
  },
);

test("the frames of the vectors, whole and cut after every octet", () => {
  const whole = vectors.filter(({ kind }) =>
    ["method", "content_header", "content_body", "heartbeat", "decode_frame"].includes(kind),
  );
  expect(whole.length).toBeGreaterThan(1800);
  let tables = 0;
  for (const { hex } of whole) {
    const octets = hexed(hex);
    if (octets.length > 2000) continue;
    const fields = annotate(octets);
    covers(fields, 0, octets.length);
    tables += entriesAgree(fields);
    const [frame] = new FrameReader({ frameMax: 0 }).push(octets);
    if (frame !== undefined) valuesAgree(frame, fields);
    for (let length = 1; length < Math.min(octets.length, 120); length++)
      covers(annotate(octets.subarray(0, length)), 0, length);
  }
  expect(tables).toBeGreaterThan(300);
});

test("octets that are no frames are annotated as far as they go", () => {
  const wrong = vectors.filter(({ kind }) => kind === "wire" || kind === "wire_prefixes");
  expect(wrong.length).toBeGreaterThan(300);
  for (const { hex } of wrong) covers(annotate(hexed(hex)), 0, hex.length / 2);
  let seed = 1;
  for (let i = 0; i < 3000; i++) {
    const octets = Uint8Array.from({ length: i % 90 }, () => (seed = (seed * 48271) % 0x7fffffff) & 0xff);
    if (i % 2 === 0) octets.set([1 + (i % 3), 0, 1, 0, 0, 0, i % 80, 0, 50, 0, 10].slice(0, octets.length));
    covers(annotate(octets), 0, octets.length);
  }
});

test("a field of a table tells its key, its type octet and its value with their places", () => {
  const properties = encodeAs("table", { "x-trace": "é", n: 300 });
  const octets = Uint8Array.of(
    2,
    0,
    7,
    0,
    0,
    0,
    14 + properties.length,
    0,
    60,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    9,
    0x20,
    0,
    ...properties,
    206,
  );
  const headers = annotate(octets).find(({ label }) => label === "headers")!;
  const [length, n, trace] = headers.parts!;
  expect([length!.label, length!.start, length!.end, length!.value]).toEqual(["length", 21, 25, properties.length - 4]);
  expect(n!.parts!.map(({ label, type, start, end, value }) => [label, type, start, end, value])).toEqual([
    ["key", "shortstr", 25, 27, "n"],
    ["type", "octet", 27, 28, "s"],
    ["value", "s", 28, 30, 300],
  ]);
  expect(trace!.parts!.map(({ label, start, end, value, prefix }) => [label, start, end, value, prefix])).toEqual([
    ["key", 30, 38, "x-trace", 1],
    ["type", 38, 39, "S", undefined],
    ["value", 39, 45, "é", 4],
  ]);
});

test("what cannot be read is one field that says why", () => {
  const octets = Uint8Array.of(
    2,
    0,
    1,
    0,
    0,
    0,
    23,
    0,
    60,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0x20,
    0,
    0,
    0,
    0,
    5,
    1,
    0x61,
    0x3f,
    0,
    0,
    206,
  );
  const wrong = leaves(annotate(octets)).filter((field) => field.wrong);
  expect(wrong).toHaveLength(1);
  expect(wrong[0]!.note).toMatch(/field type/);
  expect([wrong[0]!.start, wrong[0]!.end]).toEqual([27, 30]);
});
