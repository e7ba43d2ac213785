import { describe, expect, test } from "vitest";
import { marshal } from "../src/index.js";
import { decodeStream, type NeutralFrame } from "./reference.js";
import { captureNames, loadCapture, type Direction, type ExpectedFrame } from "./support/captures.js";
import { read, readingDifference, singly } from "./support/reading.js";
import { cutAt, hexOf, sameOctets, sha256 } from "./support/octets.js";

/** Where the chunks of a capture end. */
function* cuts({ chunks }: Direction): Generator<number> {
  let at = 0;
  for (const length of chunks.slice(0, -1)) yield (at += length);
}

/** The frames that the capture says are there; payloads, of which it has the digests, are checked and put in. */
async function expectedFrames({ octets, frames }: Direction): Promise<NeutralFrame[]> {
  const whole = async (frame: ExpectedFrame): Promise<NeutralFrame> => {
    if (frame.type !== 3) return frame;
    const { length, sha256: digest, ...envelope } = frame;
    const payload = octets.subarray(frame.offset + 7, frame.offset + 7 + length);
    expect(await sha256(payload)).toBe(digest);
    return { ...envelope, payload };
  };
  return Promise.all(frames.map(whole));
}

const frameOctets = (octets: Uint8Array, frame: NeutralFrame): Uint8Array =>
  octets.subarray(frame.offset, frame.offset + (frame.type === "protocol-header" ? 8 : frame.size + 8));

describe.each(captureNames)("the capture %s", (name) => {
  test("is read in its own chunks", async () => {
    const capture = await loadCapture(name);
    for (const direction of [capture.c2s, capture.s2c]) {
      const frames = await expectedFrames(direction);
      const chunks = cutAt(direction.octets, cuts(direction));
      const reading = read(chunks);
      expect(readingDifference(reading, { frames, incompleteFrom: direction.octets.length })).toBeUndefined();
      expect(reading.chunks).toBe(chunks.length);
    }
  });

  test("is read octet by octet", async () => {
    const capture = await loadCapture(name);
    for (const direction of [capture.c2s, capture.s2c]) {
      const expected = decodeStream(direction.octets);
      expect(expected.frames.length).toBe(direction.frames.length);
      expect(readingDifference(read(singly(direction.octets)), expected)).toBeUndefined();
    }
  });

  test("is written again to the same octets", async () => {
    const capture = await loadCapture(name);
    for (const { octets, frames: described } of [capture.c2s, capture.s2c]) {
      const { frames: expected } = decodeStream(octets);
      const { frames } = read([octets], { tables: "exact" });
      expect(frames.length).toBe(described.length);
      frames.forEach((frame, index) => {
        const before = frameOctets(octets, expected[index]!);
        const after = marshal(frame, frame.channel);
        if (!sameOctets(after, before)) expect.fail(`frame ${index}: ${hexOf(after)}, was ${hexOf(before)}`);
      });
    }
  });

  test("is written from objects and read again to the same values", async () => {
    const capture = await loadCapture(name);
    for (const { octets } of [capture.c2s, capture.s2c]) {
      const { frames: expected } = decodeStream(octets);
      const { frames } = read([octets]);
      const again = read(frames.map((frame) => marshal(frame, frame.channel)));
      expect(readingDifference(again, { frames: expected, incompleteFrom: octets.length })).toBeUndefined();
    }
  });
});
