/** The core and the reference codec on the same octets: the same values, or the same error at the same place. */
import { describe, expect, test } from "vitest";
import { ContentHeader, marshal } from "../src/index.js";
import { decodeErrors } from "../spec/abi.js";
import { decodeStream, encodeFrame, type Decoded, type DecodeOptions } from "./reference.js";
import { framed, mutated, randomFrame, randomProtocolHeader } from "./support/generated-frames.js";
import { concat, cutAt, hexOf, sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";
import { read, readingDifference } from "./support/reading.js";
import { loadVectors } from "./support/vectors.js";

const FRAMES = 100_000;
const BATCH = 50;

function compare(
  octets: Uint8Array,
  options: DecodeOptions & { tables?: "exact" | "objects" },
  chunks = [octets],
  touch = false,
): Decoded {
  const expected = decodeStream(octets, options);
  const difference = readingDifference(read(chunks, options, touch), expected, options.tables);
  if (difference !== undefined) expect.fail(`${difference}\n${hexOf(octets)}\n${JSON.stringify(options)}`);
  return expected;
}

/** Two cuts, anywhere. */
const inThree = (random: Random, octets: Uint8Array): Uint8Array[] =>
  cutAt(
    octets,
    [random.below(octets.length + 1), random.below(octets.length + 1)].sort((a, b) => a - b),
  );

describe("core and reference agree", () => {
  test("on the octets of all golden vectors", () => {
    let count = 0;
    for (const family of ["commands", "properties", "frames", "rabbitmq", "quirks", "errors", "streams"]) {
      for (const { hex } of loadVectors(family)) {
        if (typeof hex !== "string") continue;
        const octets = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
        for (const tables of ["objects", "exact"] as const) {
          for (const strict of [false, true]) compare(octets, { tables, strict });
        }
        count++;
      }
    }
    expect(count).toBeGreaterThan(2000);
  });

  test(`on ${FRAMES} random frames`, () => {
    const random = new Random(1);
    for (let done = 0; done < FRAMES; done += BATCH) {
      const frames = Array.from({ length: BATCH }, () => randomFrame(random));
      if (random.chance(4)) frames.unshift(randomProtocolHeader(random));
      const octets = concat(frames.map(encodeFrame));
      const tables = random.pick(["objects", "exact"] as const);
      const expected = compare(octets, { tables, strict: random.chance(2) }, inThree(random, octets));
      // The reference itself is right: it reads what it wrote.
      let offset = 0;
      const placed = frames.map((frame) => {
        const at = offset;
        offset += frame.type === "protocol-header" ? 8 : frame.size + 8;
        return { ...frame, offset: at };
      });
      expect(expected.frames).toEqual(placed);
    }
  });

  test(`on ${FRAMES / 10} random frames, written again from what was read`, () => {
    const random = new Random(2);
    for (let done = 0; done < FRAMES / 10; done += BATCH) {
      const octets = concat(Array.from({ length: BATCH }, () => encodeFrame(randomFrame(random))));
      const { frames } = read([octets], { tables: "exact" });
      const expected = decodeStream(octets).frames;
      expect(frames.length).toBe(expected.length);
      frames.forEach((frame, index) => {
        const written = marshal(frame, frame.channel, { allowNonFinite: true });
        const wanted = encodeFrame(expected[index]!);
        if (!sameOctets(written, wanted)) expect.fail(`${frame.name} is ${hexOf(written)}, was ${hexOf(wanted)}`);
      });
    }
  });

  test(`on ${FRAMES} frames with something wrong`, () => {
    const random = new Random(3);
    const codes = new Map<string, number>();
    let other = encodeFrame(randomFrame(random));
    for (let done = 0; done < FRAMES; done++) {
      const octets = encodeFrame(random.chance(50) ? randomProtocolHeader(random) : randomFrame(random));
      let wrong = mutated(random, octets, other);
      if (random.chance(2)) wrong = framed(wrong);
      const strict = random.chance(4);
      const options = random.chance(4)
        ? { strict, maxDepth: random.below(3), maxFields: random.below(8), frameMax: 9 + random.below(200) }
        : { strict };
      const tables = random.pick(["objects", "exact"] as const);
      const chunks = random.chance(2) ? inThree(random, wrong) : [wrong];
      const { error, frames } = compare(wrong, { ...options, tables }, chunks);
      const first = frames[0];
      const code = error?.code ?? (first?.type === 2 ? first.headersError?.code : undefined) ?? "none";
      codes.set(code, (codes.get(code) ?? 0) + 1);
      other = octets;
    }
    // Every error was met, so that none of them is agreed on by silence.
    // Two are errors of who hands in single frames; a stream knows neither.
    const ofSingleFrames = ["frame-cut", "frame-kind"];
    const never = decodeErrors
      .map(({ name }) => name)
      .filter((code) => !ofSingleFrames.includes(code))
      .filter((code) => !codes.has(code));
    expect(never).toEqual([]);
  });

  test("on frames whose headers are wrong, with limits from none to few", () => {
    const random = new Random(4);
    let faults = 0;
    for (let done = 0; done < FRAMES / 10; done++) {
      let frame = randomFrame(random);
      while (frame.type !== 2 || ((frame.properties["headers"] as unknown[] | undefined) ?? []).length === 0)
        frame = randomFrame(random);
      const headerOnly = encodeFrame({ ...frame, properties: { headers: frame.properties["headers"]! } });
      const wrong = Uint8Array.from(headerOnly);
      // Somewhere in the fields of the table.
      const at = 25 + random.below(wrong.length - 26);
      wrong[at] = random.below(256);
      const options = { maxDepth: random.below(4), maxFields: 1 + random.below(20), strict: random.chance(3) };
      const { error, frames } = compare(wrong, { ...options, tables: random.pick(["objects", "exact"] as const) });
      const decoded = frames[0];
      if (error !== undefined || (decoded?.type === 2 && decoded.headersError !== undefined)) faults++;
    }
    expect(faults).toBeGreaterThan(FRAMES / 50);
  });

  test(`on ${FRAMES / 5} frames, half of them wrong, where properties come with their frames`, () => {
    const random = new Random(5);
    const first = marshal(new ContentHeader({ properties: { priority: 1 } }), 1);
    let other = encodeFrame(randomFrame(random));
    let headers = 0;
    for (let done = 0; done < FRAMES / 5; done++) {
      const frames = Array.from({ length: 1 + random.below(4) }, () => encodeFrame(randomFrame(random)));
      const good = concat(frames);
      const octets = random.chance(2) ? framed(mutated(random, frames[0]!, other)) : good;
      other = frames[0]!;
      const options = {
        strict: random.chance(4),
        reuse: random.chance(2),
        tables: random.pick(["objects", "exact"] as const),
      };
      const chunks = [first, ...(random.chance(2) ? inThree(random, octets) : [octets])];
      const expected = compare(concat([first, octets]), options, chunks, true);
      headers += expected.frames.filter(({ type }) => type === 2).length - 1;
    }
    expect(headers).toBeGreaterThan(FRAMES / 50);
  });
});
