import { describe, expect, test } from "vitest";
import { marshal } from "../src/index.js";
import { decodeStream } from "./reference.js";
import { read, readingDifference, singly } from "./support/reading.js";
import { cutAt, sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";
import { loadVectors, vectorOctets } from "./support/vectors.js";

/** Streams up to this length are cut at every octet; of longer ones so many cuts are drawn. */
const EVERY_CUT = 1024;

const streams = loadVectors("streams").map((vector) => ({ name: vector.name, vector, octets: vectorOctets(vector) }));
const expectedOf = (octets: Uint8Array, frames: { offset: number; len: number }[]): ReturnType<typeof decodeStream> => {
  const expected = decodeStream(octets);
  expect(expected.error).toBeUndefined();
  expect(
    expected.frames.map((frame) => [frame.offset, frame.size + (frame.type === "protocol-header" ? 0 : 8)]),
  ).toEqual(frames.map(({ offset, len }) => [offset, len]));
  return expected;
};

function placesToCut(octets: Uint8Array, seed: number): number[] {
  if (octets.length <= EVERY_CUT) return [...octets.keys()].slice(1);
  const random = new Random(seed);
  return Array.from({ length: EVERY_CUT }, () => 1 + random.below(octets.length - 1));
}

describe.each(streams)("the stream $name", ({ vector, octets }) => {
  test("is read whole, at its cuts, and octet by octet", () => {
    const expected = expectedOf(octets, vector.frames);
    expect(readingDifference(read([octets]), expected)).toBeUndefined();
    expect(readingDifference(read(cutAt(octets, vector.cuts)), expected)).toBeUndefined();
    expect(readingDifference(read(singly(octets)), expected)).toBeUndefined();
  });

  test("is read in two pieces, wherever it is cut", () => {
    const expected = expectedOf(octets, vector.frames);
    for (const cut of placesToCut(octets, 1)) {
      expect(readingDifference(read(cutAt(octets, [cut])), expected), `cut at ${cut}`).toBeUndefined();
    }
  });

  test("is incomplete, not wrong, wherever it ends", () => {
    const expected = expectedOf(octets, vector.frames);
    for (const length of placesToCut(octets, 2)) {
      const frames = expected.frames.filter(
        (_, index) => (vector.frames[index + 1]?.offset ?? octets.length) <= length,
      );
      const reading = read([octets.subarray(0, length)]);
      expect(readingDifference(reading, { frames, incompleteFrom: length }), `${length} octets`).toBeUndefined();
    }
  });

  test("is written again to the same octets", () => {
    const { frames } = read([octets], { tables: "exact" });
    expect(frames.length).toBe(vector.frames.length);
    frames.forEach((frame, index) => {
      const { offset, len, name } = vector.frames[index]!;
      expect(
        sameOctets(marshal(frame, frame.channel, { allowNonFinite: true }), octets.subarray(offset, offset + len)),
        name,
      ).toBe(true);
    });
  });
});
