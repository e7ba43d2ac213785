import { describe, expect, test } from "vitest";
import { decodeStream, encodeFrame, type NeutralFrame } from "./reference.js";
import { captureNames, loadCapture, type ExpectedFrame } from "./support/captures.js";
import { sameOctets, sha256 } from "./support/octets.js";

/** Bodies by length and digest, as captures have them. */
const described = async (frame: NeutralFrame): Promise<ExpectedFrame> => {
  if (frame.type !== 3) return frame;
  const { payload, ...envelope } = frame;
  return { ...envelope, length: payload.length, sha256: await sha256(payload) };
};

describe("the reference codec", () => {
  test.each(captureNames)("reads and writes the capture %s", async (name) => {
    const capture = await loadCapture(name);
    for (const { octets, frames } of [capture.c2s, capture.s2c]) {
      const decoded = decodeStream(octets);
      expect(decoded.error).toBeUndefined();
      expect(decoded.incompleteFrom).toBe(octets.length);
      expect(await Promise.all(decoded.frames.map(described))).toEqual(frames);
      for (const frame of decoded.frames) {
        const end = frame.offset + (frame.type === "protocol-header" ? 8 : frame.size + 8);
        if (!sameOctets(encodeFrame(frame), octets.subarray(frame.offset, end)))
          expect.fail(`frame at ${frame.offset}`);
      }
    }
  });
});
