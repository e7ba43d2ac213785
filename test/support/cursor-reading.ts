/** Walks chunks with a cursor and keeps what came of it. */
import {
  Basic,
  ContentBody,
  ContentHeader,
  DecodeError,
  FieldTable,
  FrameCursor,
  Method,
  type Frame,
  type FrameCursorOptions,
  type PropertyValues,
  type ShortStringName,
} from "../../src/index.js";
import { differenceOf } from "./difference.js";
import type { Reading } from "./reading.js";

/** Names that a cursor has for something of its own. */
const renamed: Record<string, string> = { type: "exchangeType", frameMax: "tuneFrameMax" };
const every = new Set<string>();
for (const name of Object.getOwnPropertyNames(
  Object.getPrototypeOf(Object.getPrototypeOf(Object.getPrototypeOf(FrameCursor.prototype))),
)) {
  if (!["constructor", "bit", "octet", "short", "long", "longlong", "shortstr", "longstr"].includes(name))
    every.add(name);
}
/** All arguments that a cursor knows. */
export const argumentNames: ReadonlySet<string> = every;

/** What stands under the cursor as it is read piece by piece, against the frame as `frame()` makes it. */
export function viewDifference(cursor: FrameCursor, frame: Frame): string | undefined {
  if (cursor.name !== frame.name) return `name is ${cursor.name}, not ${frame.name}`;
  if (cursor.channel !== frame.channel) return `channel is ${cursor.channel}, not ${frame.channel}`;
  const values = cursor as unknown as Record<string, unknown>;
  const has = new Set<string>();
  if (frame instanceof Method) {
    const { amqpType, secrets } = frame.constructor as unknown as typeof Basic.Publish;
    for (const [name, expected] of frame) {
      if (amqpType(name) === "table" || (secrets as string[]).includes(name)) continue;
      const own = renamed[name] ?? name;
      has.add(own);
      const difference = differenceOf(values[own], expected, `${frame.name}.${own}`);
      if (difference !== undefined) return difference;
      if (amqpType(name) !== "shortstr") continue;
      if (!cursor.is(own as ShortStringName, expected as string)) return `${own} is not what it is`;
      if (cursor.is(own as ShortStringName, `${String(expected)}.`)) return `${own} is more than it is`;
    }
  }
  for (const name of argumentNames) {
    if (!has.has(name) && values[name] !== undefined) return `${frame.name} has ${name}`;
  }
  if (frame instanceof ContentBody) return differenceOf(cursor.body, frame.value, "body");
  if (!(frame instanceof ContentHeader)) return cursor.bodySize === undefined ? undefined : "a body size";
  return differenceOf(cursor.bodySize, frame.bodySize, "bodySize") ?? propertiesDifference(cursor, frame);
}

function propertiesDifference(cursor: FrameCursor, { properties }: ContentHeader): string | undefined {
  for (const name of Basic.Properties.attributes as (keyof PropertyValues)[]) {
    if (name === "headers") continue;
    const difference = differenceOf(cursor.property(name), properties[name], name);
    if (difference !== undefined) return difference;
  }
  let headers: unknown;
  try {
    headers = properties.headers;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
  if (headers === undefined) return cursor.header("any") === undefined ? undefined : "a header";
  if (headers instanceof FieldTable) {
    for (const [key] of headers.entries()) {
      const difference = differenceOf(cursor.headerAll(key), headers.getAll(key), `headers ${key}`);
      if (difference !== undefined && !/[\x80-\xff]/.test(key)) return difference;
    }
    return undefined;
  }
  for (const [key, value] of Object.entries(headers as object)) {
    if (/[\x80-\xff]/.test(key) && cursor.header(key) === undefined) continue; // not UTF-8
    const difference = differenceOf(cursor.header(key), value, `headers.${key}`);
    if (difference !== undefined) return difference;
  }
  return differenceOf(cursor.property("headers"), headers, "headers");
}

/** As `read` of reading.ts, by a cursor; each frame is checked in full, and compared piece by piece with the object that it makes. */
export function walk(chunks: Iterable<Uint8Array>, options?: FrameCursorOptions): Reading & { offsets: number[] } {
  const cursor = new FrameCursor(options);
  const reading = { frames: [] as Frame[], chunks: 0, offsets: [] as number[] };
  try {
    for (const chunk of chunks) {
      cursor.push(chunk);
      while (cursor.next()) {
        cursor.check();
        const frame = cursor.frame();
        const difference = viewDifference(cursor, frame);
        if (difference !== undefined) throw new Error(difference);
        reading.frames.push(frame);
        reading.offsets.push(cursor.offset);
      }
      reading.chunks++;
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { ...reading, error };
  }
  return reading;
}
