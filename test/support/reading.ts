/** Feeds chunks to a reader and keeps what came of it. */
import { expect } from "vitest";
import { ContentHeader, FrameReader, type Frame, type FrameReaderOptions } from "../../src/index.js";
import type { Decoded } from "../reference.js";
import { faultDifference, frameDifference, type Tables } from "./difference.js";

export interface Reading {
  frames: Frame[];
  /** What `push`, or the iteration of what it gave, threw. */
  error?: Error;
  /** How many chunks were taken before that. */
  chunks: number;
}

/** With `touch` the properties of every content header are asked for as it comes, after which the reader decodes the next chunk's together with their frames. */
export function read(chunks: Iterable<Uint8Array>, options?: FrameReaderOptions, touch = false): Reading {
  const reader = new FrameReader(options);
  const reading: Reading = { frames: [], chunks: 0 };
  try {
    for (const chunk of chunks) {
      for (const frame of reader.push(chunk)) {
        if (touch && frame instanceof ContentHeader) expect(frame.properties).toBe(frame.properties);
        reading.frames.push(frame);
      }
      reading.chunks++;
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    reading.error = error;
  }
  return reading;
}

/** Where a reading and the reference part. */
export function readingDifference(reading: Reading, expected: Decoded, tables: Tables = "objects"): string | undefined {
  for (let i = 0; i < Math.min(reading.frames.length, expected.frames.length); i++) {
    const difference = frameDifference(reading.frames[i]!, expected.frames[i]!, tables);
    if (difference !== undefined) return `frame ${i}: ${difference}`;
  }
  if (expected.error === undefined && reading.error !== undefined) return `throws ${String(reading.error)}`;
  if (reading.frames.length !== expected.frames.length) {
    return `${reading.frames.length} frames, not ${expected.frames.length}`;
  }
  if (expected.error === undefined) return undefined;
  if (reading.error === undefined) return `no error, expected ${expected.error.code} at ${expected.error.offset}`;
  return faultDifference(reading.error, expected.error);
}

/** One octet at a time. */
export function* singly(octets: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < octets.length; i++) yield octets.subarray(i, i + 1);
}
