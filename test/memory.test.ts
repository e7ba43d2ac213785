/** Linear memory: bounded, never read beyond a frame, right after every growth and overflow; and no input traps the core. */
import { describe, expect, test } from "vitest";
import { makeCore, withCore, type Core } from "../src/core.js";
import { MEMORY_PAGES, PASSING_WORDS } from "../src/generated/limits.js";
import {
  Basic,
  ContentBody,
  ContentHeader,
  createCodec,
  decodeAs,
  DecodeError,
  FieldTable,
  FrameCursor,
  FrameReader,
  FrameWriter,
  marshal,
  Queue,
  unmarshal,
  type Frame,
  type FrameReaderOptions,
} from "../src/index.js";
import { encodeFrame } from "./reference.js";
import { randomFrame } from "./support/generated-frames.js";
import { concat, hexOf, sameOctets } from "./support/octets.js";
import { Random } from "./support/random.js";
import {
  ascii,
  bodyFrame,
  counted,
  elementOf,
  fieldOf,
  frameOf,
  headerFrame,
  integer,
  longstr,
  methodFrame,
  shortstr,
  tableOf,
} from "./support/wire.js";

const MIB = 1024 * 1024;
const declareFrame = (table: Uint8Array): Uint8Array =>
  methodFrame(1, 50, 10, integer(0, 2), shortstr("q"), integer(0, 1), table);

/** All that can be told of frames, properties and header tables too; a value's or an error's words. */
function told(call: () => unknown): string {
  try {
    return JSON.stringify(call(), (_, value: unknown) => {
      if (typeof value === "bigint") return `${value}n`;
      if (value instanceof Uint8Array) return `<${hexOf(value)}>`;
      return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
    });
  } catch (error) {
    // A trap, a RangeError or a TypeError is none of these.
    if (!(error instanceof DecodeError)) throw error;
    return `${error.code} ${error.offset} ${error.path} ${error.replyCode} ${error.channel}`;
  }
}

function toldOf(frame: Frame): string {
  if (frame instanceof ContentBody) return `ContentBody ${frame.channel} ${hexOf(frame.value)}`;
  if (!(frame instanceof ContentHeader)) return `${frame.name} ${frame.channel} ${told(() => frame.toJSON())}`;
  const { properties } = frame;
  const rest = Basic.Properties.attributes.filter((name) => name !== "headers").map((name) => properties[name]);
  return `ContentHeader ${frame.channel} ${frame.bodySize} ${told(() => rest)} ${told(() => properties.headers)}`;
}

function read(octets: Uint8Array, options: FrameReaderOptions = {}): string[] {
  const reader = new FrameReader(options);
  const words: string[] = [];
  const end = told(() => {
    for (const frame of reader.push(octets)) words.push(toldOf(frame));
    return "end";
  });
  return [...words, end];
}

/** Random frames, some of them with a few octets changed. */
function someFrames(seed: number, count: number): Uint8Array[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const octets = encodeFrame(randomFrame(random));
    if (random.chance(2)) return octets;
    const changed = octets.slice();
    for (let i = random.below(4); i >= 0; i--)
      changed[random.below(changed.length)] = random.chance(3) ? 255 : random.below(256);
    return random.chance(4) ? changed.subarray(0, random.below(changed.length)) : changed;
  });
}

describe("octets around the input", () => {
  test("are never seen: the same result with whatever stands there", () => {
    const frames = someFrames(1, 4000);
    // Each canary a core of its own, so that all have seen the same before.
    const results = [0x00, 0xff, 0xce, 0x41, 0x53].map((canary) => {
      const core = makeCore();
      return withCore(core, () =>
        frames.map((octets, i) => {
          core.fresh().octets.fill(canary, core.input, core.input + core.inputCapacity + 64);
          const padded = new Uint8Array(octets.length + 64).fill(canary);
          padded.set(octets, 32);
          return read(padded.subarray(32, 32 + octets.length), {
            strict: i % 3 === 0,
            tables: i % 5 === 0 ? "exact" : "objects",
          });
        }),
      );
    });
    for (const result of results.slice(1))
      result.forEach((words, i) => expect(words, hexOf(frames[i]!)).toEqual(results[0]![i]));
  });

  test("are never seen by single values and tables", () => {
    const random = new Random(2);
    const octets = Array.from({ length: 1500 }, () => {
      const table = FieldTable.from({
        a: random.below(99999),
        b: ["x".repeat(random.below(90)), { c: random.below(3) }],
        d: 0.5,
      }).octets.slice();
      if (random.chance(2)) table[random.below(table.length)] = random.below(256);
      return table.subarray(0, random.chance(4) ? random.below(table.length) : table.length);
    });
    const results = [0, 0xff, 0x53].map((canary) => {
      const core = makeCore();
      return withCore(core, () =>
        octets.map((table) => {
          core.fresh().octets.fill(canary, core.input, core.input + core.inputCapacity + 64);
          return [
            told(() => new FieldTable(table).entries()),
            told(() => decodeAs("table", longstr(table))),
            told(() => decodeAs("field", table)),
          ];
        }),
      );
    });
    for (const result of results.slice(1)) expect(result).toEqual(results[0]);
  });
});

describe("memory is bounded", () => {
  function measured(use: (codec: ReturnType<typeof createCodec>, pages: () => number) => void): void {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const codec = createCodec({ memory });
    use(codec, () => memory.buffer.byteLength);
  }

  test("1e5 frames, all strings new, take no more of it", () => {
    measured((codec, octets) => {
      const reader = new codec.FrameReader();
      const writer = new codec.FrameWriter();
      const before = octets();
      for (let i = 0; i < 25_000; i++) {
        writer.publish(
          1,
          new Basic.Publish({ exchange: `e${i % 9}`, routingKey: `key-${i}` }),
          {
            messageId: `id-${i}`,
            headers: { [`k${i % 999}`]: i, text: `é-${i}`.repeat(i % 30) },
          },
          counted(i % 50),
        );
        writer.write(new Queue.Declare({ queue: `q-${i}`, arguments: { n: i } }), 2);
        if (i % 50 !== 49) continue;
        for (const frame of reader.push(writer.flush()))
          if (frame instanceof ContentHeader) expect(frame.properties.headers).toHaveProperty("text");
      }
      expect(octets()).toBe(before);
      expect(reader.octetsRead).toBeGreaterThan(4_000_000);
    });
  });

  test("errors take none either", () => {
    measured((codec, octets) => {
      const before = octets();
      const frames = someFrames(3, 500);
      for (let round = 0; round < 10; round++) {
        for (const frame of frames) {
          try {
            for (const one of new codec.FrameReader().push(frame))
              if (one instanceof ContentHeader) void one.properties.headers;
          } catch (error) {
            if (!(error instanceof DecodeError)) throw error;
          }
        }
      }
      expect(octets()).toBe(before);
    });
  });

  const lengths = [0x7fffffff, 0x7ffffff8, 0x80000000, 0xfffffff0, 0xfffffff8, 0xfffffffc, 0xffffffff];
  const lying: Array<[what: string, (length: number) => Uint8Array]> = [
    ["a long string of a method", (length) => methodFrame(0, 10, 20, integer(length, 4), new Uint8Array(50))],
    ["a method's table", (length) => methodFrame(0, 10, 11, integer(length, 4), new Uint8Array(50))],
    ...["S", "x", "A", "F"].flatMap((type): Array<[string, (length: number) => Uint8Array]> => [
      [
        `type ${type} in a method's table`,
        (length) => declareFrame(tableOf(fieldOf("k", type, concat([integer(length, 4), new Uint8Array(50)])))),
      ],
      [
        `type ${type} in an array`,
        (length) =>
          declareFrame(
            tableOf(fieldOf("k", "A", longstr(elementOf(type, concat([integer(length, 4), new Uint8Array(20)]))))),
          ),
      ],
      [
        `type ${type} in headers`,
        (length) =>
          headerFrame(1, 0, 0x2000, tableOf(fieldOf("k", type, concat([integer(length, 4), new Uint8Array(50)])))),
      ],
    ]),
    ["a header's table", (length) => headerFrame(1, 0, 0x2000, integer(length, 4), new Uint8Array(50))],
    ["a frame", (length) => concat([integer(1, 1), integer(1, 2), integer(length, 4), new Uint8Array(200)])],
    ["a body frame", (length) => concat([integer(3, 1), integer(1, 2), integer(length, 4), new Uint8Array(200)])],
    ["a heartbeat", (length) => concat([integer(8, 1), integer(0, 2), integer(length, 4), new Uint8Array(200)])],
  ];

  test.each(lying)("whatever length %s claims", (_, make) => {
    measured((codec, octets) => {
      const before = octets();
      const started = performance.now();
      for (const length of lengths) {
        const frame = make(length);
        for (const options of [
          {},
          { strict: true },
          { tables: "exact" as const },
          { maxFields: 0xffffffff, maxDepth: 1024 },
        ]) {
          let error: unknown;
          try {
            for (const one of new codec.FrameReader(options).push(frame)) {
              // An exact table throws when it is looked into.
              if (one instanceof ContentHeader) void (one.properties.headers as FieldTable).size;
            }
          } catch (thrown) {
            error = thrown;
          }
          expect(error, `${length}`).toBeInstanceOf(DecodeError);
          expect((error as DecodeError).offset).toBeLessThan(frame.length);
        }
      }
      expect(octets()).toBe(before);
      expect(performance.now() - started).toBeLessThan(2000);
    });
  });

  test("a frame that is announced with 2 GiB and sent in crumbs takes what has come, not what was said", () => {
    for (const type of [1, 2, 3]) {
      measured((codec, octets) => {
        const reader = new codec.FrameReader({ frameMax: 0 });
        const before = octets();
        reader.push(concat([integer(type, 1), integer(1, 2), integer(0x7fffffff, 4)]));
        for (let i = 0; i < 64; i++) expect(reader.push(new Uint8Array(16_384))).toHaveLength(0);
        expect(octets()).toBe(before);
        expect(reader.octetsPending).toBe(7 + MIB);
        expect(() =>
          new codec.FrameReader({ frameMax: 0 }).push(
            concat([integer(type, 1), integer(1, 2), integer(0x80000000, 4)]),
          ),
        ).toThrow("over the limit of 2147483647");
      });
    }
  });

  test("fields without width: 131 kB of them are counted, or bounded where they are allowed", () => {
    const fields: Array<[string, Uint8Array, number]> = [
      ["V in an array", longstr(new Uint8Array(131_000).fill(0x56)), 131_000],
      [
        "empty arrays in an array",
        longstr(concat(Array.from({ length: 26_000 }, () => elementOf("A", longstr(""))))),
        26_000,
      ],
      [
        "empty tables in an array",
        longstr(concat(Array.from({ length: 26_000 }, () => elementOf("F", longstr(""))))),
        26_000,
      ],
    ];
    measured((codec, octets) => {
      const before = octets();
      for (const [what, array, count] of fields) {
        const frame = declareFrame(tableOf(fieldOf("k", "A", array)));
        const started = performance.now();
        expect(() => new codec.FrameReader().push(frame), what).toThrow("arguments.k has more than 16384 fields");
        const [got] = new codec.FrameReader({ maxFields: 0xffffffff }).push(frame) as [Queue.Declare];
        expect((got.arguments as { k: unknown[] }).k, what).toHaveLength(count);
        const [header] = new codec.FrameReader().push(headerFrame(1, 0, 0x2000, tableOf(fieldOf("k", "A", array)))) as [
          ContentHeader,
        ];
        expect(() => header.properties.headers, what).toThrow("headers.k has more than 16384 fields");
        expect(performance.now() - started).toBeLessThan(3000);
      }
      const names = tableOf(...Array.from({ length: 40_000 }, () => fieldOf("", "V")));
      expect(() => new codec.FrameReader().push(declareFrame(names))).toThrow("arguments has more than 16384 fields");
      const [got] = new codec.FrameReader({ maxFields: 50_000 }).push(declareFrame(names)) as [Queue.Declare];
      expect(Object.entries(got.arguments)).toEqual([["", null]]);
      // 16 octets of tape for each field, and doubling: a few MiB, not the product of two lengths.
      expect(octets() - before).toBeLessThan(8 * MIB);
    });
  });

  test("many small fields do not make a chunk slow", () => {
    const table = tableOf(
      ...Array.from({ length: 16_000 }, (_, i) => fieldOf(`${i}`.padStart(3, "0").slice(-3), "t", integer(1, 1))),
    );
    const stream = concat(Array.from({ length: 20 }, () => headerFrame(1, 0, 0x2000, table)));
    const started = performance.now();
    const reader = new FrameReader();
    for (let round = 0; round < 3; round++) {
      for (const frame of reader.push(stream))
        expect(Object.keys((frame as ContentHeader).properties.headers as object)).toHaveLength(1000);
    }
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe("nesting", () => {
  const nested = (depth: number, type: string): Uint8Array => {
    // Built from inside out, in place.
    const entry = type === "A" ? 5 : 7;
    const octets = new Uint8Array(depth * entry);
    for (let i = 0; i < depth; i++) {
      const at = i * entry;
      octets.set(type === "A" ? ascii("A") : Uint8Array.of(1, 0x6b, 0x46), at);
      octets.set(integer((depth - 1 - i) * entry, 4), at + entry - 4);
    }
    return octets;
  };

  test.each(["A", "F"])("of type %s is refused beyond maxDepth, and read up to 1024 levels", (type) => {
    const table = (depth: number): Uint8Array =>
      type === "F" ? longstr(nested(depth, "F")) : tableOf(fieldOf("k", "A", longstr(nested(depth - 1, "A"))));
    for (const depth of [33, 1000, 1025, 15_000]) {
      expect(() => new FrameReader().push(declareFrame(table(depth))), `${depth}`).toThrow(
        "nested deeper than 32 levels",
      );
    }
    for (const depth of [1, 32]) expect(new FrameReader().push(declareFrame(table(depth)))).toHaveLength(1);
    for (const depth of [1000, 1024]) {
      const [frame] = new FrameReader({ maxDepth: 1024 }).push(declareFrame(table(depth))) as [Queue.Declare];
      let value: unknown = frame.arguments;
      let levels = 0;
      for (; ; levels++) {
        const inner: unknown = Object.values(value as object)[0];
        if (inner === undefined) break;
        value = inner;
      }
      expect(levels).toBe(depth);
      expect(frame.equals(frame)).toBe(true);
      const [header] = new FrameReader({ maxDepth: 1024, strict: true }).push(
        headerFrame(1, 0, 0x2000, table(depth)),
      ) as [ContentHeader];
      expect(header.properties.headers).toBeDefined();
    }
    for (const depth of [1025, 15_000]) {
      const error = (() => {
        try {
          return new FrameReader({ maxDepth: 1024 }).push(declareFrame(table(depth)));
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(error).toMatchObject({ code: "field-depth", replyCode: 506 });
      expect((error as DecodeError).path.length).toBeLessThan(8000);
    }
  });
});

describe("growth", () => {
  test("is not needed for a memory of the core's own: it has all pages that the core takes at first, and no more", () => {
    const own = makeCore();
    const foreign = makeCore(undefined, { memory: new WebAssembly.Memory({ initial: 1 }) });
    expect(own.octets.length).toBe(MEMORY_PAGES * 65536);
    expect(foreign.octets.length).toBe(MEMORY_PAGES * 65536);
  });

  test("keeps everything right, whatever grows and when", () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const codec = createCodec({ memory });
    const reader = new codec.FrameReader({ frameMax: 0 });
    const writer = new codec.FrameWriter({ frameMax: 0 });
    const other = new codec.FrameWriter();
    const sizes = [10, 150_000, 100, 500_000, 5, 40_000, 2_000_000, 1, 300_000];
    const seen = new Set<number>();
    for (const [i, size] of sizes.entries()) {
      other.write(new Basic.Ack({ deliveryTag: i }), i);
      const declare = new Queue.Declare({
        queue: `queue-${i}`,
        arguments: {
          list: Array.from({ length: Math.min(size, 12_000) }, (_, n) => n),
          text: `é${i}`.repeat(size / 10),
          again: `queue-${i}`,
        },
      });
      writer
        .write(declare, 1)
        .publish(
          2,
          new Basic.Publish({ routingKey: `queue-${i}` }),
          { messageId: `m${i}`, headers: { i } },
          counted(size),
        );
      const octets = writer.flush();
      for (const chunk of i % 2 === 0
        ? [octets]
        : [octets.subarray(0, octets.length >> 1), octets.subarray(octets.length >> 1)]) {
        for (const frame of reader.push(chunk)) {
          if (frame instanceof Queue.Declare) expect(frame.equals(declare)).toBe(true);
          else if (frame instanceof ContentHeader)
            expect([frame.properties.messageId, JSON.stringify(frame.properties.headers)]).toEqual([
              `m${i}`,
              `{"i":${i}}`,
            ]);
          else if (frame instanceof ContentBody) expect(frame.value.every((octet, n) => octet === n % 251)).toBe(true);
        }
      }
      seen.add(memory.buffer.byteLength);
    }
    expect(seen.size, "it did grow").toBeGreaterThan(2);
    expect(hexOf(other.flush())).toBe(
      hexOf(concat(sizes.map((_, i) => marshal(new Basic.Ack({ deliveryTag: i }), i)))),
    );
  });

  test("of the tape, where one frame alone is larger", () => {
    for (const exact of [false, true]) {
      const table = tableOf(...Array.from({ length: 30_000 }, (_, i) => fieldOf(`k${i}`, "I", integer(i, 4))));
      const reader = new FrameReader({ frameMax: 0, maxFields: 100_000, tables: exact ? "exact" : "objects" });
      const frames = reader.push(
        concat([
          declareFrame(tableOf()),
          declareFrame(table),
          headerFrame(1, 0, 0x2000, table),
          declareFrame(tableOf()),
        ]),
      );
      expect(frames.map(({ name }) => name)).toEqual([
        "Queue.Declare",
        "Queue.Declare",
        "ContentHeader",
        "Queue.Declare",
      ]);
      for (const value of [(frames[1] as Queue.Declare).arguments, (frames[2] as ContentHeader).properties.headers]) {
        const object = (value instanceof FieldTable ? value.toObject() : value) as Record<string, number>;
        expect(Object.keys(object)).toHaveLength(30_000);
        expect(Object.entries(object).every(([key, number]) => key === `k${number}`)).toBe(true);
      }
    }
  });
});

describe("no input traps the core", () => {
  test("20,000 mutated frames through every door", () => {
    const frames = someFrames(99, 20_000);
    let errors = 0;
    for (const [i, octets] of frames.entries()) {
      const words = read(octets, {
        strict: i % 4 === 0,
        tables: i % 3 === 0 ? "exact" : "objects",
        maxDepth: i % 40,
        maxFields: i % 7 === 0 ? 3 : 16_384,
      });
      if (words.at(-1) !== '"end"') errors++;
      told(() => unmarshal(octets)?.consumed);
      told(() => new FieldTable(octets).entries());
      told(
        () =>
          decodeAs((["table", "array", "field", "shortstr", "longstr", "longlong"] as const)[i % 6]!, octets)?.consumed,
      );
      told(() => new Queue.Declare().unmarshal(octets.subarray(7)));
    }
    expect(errors).toBeGreaterThan(1000);
    expect(errors).toBeLessThan(20_000);
  });

  test("nor do frames of any two octets, types and sizes", () => {
    for (let type = 0; type < 256; type++) {
      for (const payload of [0, 1, 4, 11, 12, 14, 50]) {
        for (const fill of [0, 0xff, 60]) read(frameOf(type, type, new Uint8Array(payload).fill(fill)));
      }
    }
  });
});

describe("what the core remembers", () => {
  const texts = Array.from({ length: 6000 }, (_, i) => `${i % 3 === 0 ? "ключ" : "key"}-${i}-${"x".repeat(i % 40)}`);

  test("overflows and stays right: more strings, seen again and again, than it interns", () => {
    const reader = new FrameReader();
    const other = createCodec();
    const beside = new other.FrameReader();
    const stream = (from: number, to: number): Uint8Array =>
      concat(
        texts
          .slice(from, to)
          .map((text) =>
            methodFrame(1, 60, 60, shortstr(text), integer(1, 8), integer(0, 1), shortstr("amq.topic"), shortstr(text)),
          ),
      );
    const same = methodFrame(
      1,
      60,
      60,
      shortstr("ctag"),
      integer(1, 8),
      integer(0, 1),
      shortstr("amq.topic"),
      shortstr("a.b"),
    );
    for (let round = 0; round < 4; round++) {
      for (let from = 0; from < texts.length; from += 500) {
        reader.push(stream(from, from + 500)).forEach((frame, i) => {
          const { consumerTag, routingKey, exchange } = frame as Basic.Deliver;
          const text = texts[from + i]!;
          if (consumerTag !== text || routingKey !== text || exchange !== "amq.topic")
            expect([consumerTag, routingKey, exchange]).toEqual([text, text, "amq.topic"]);
        });
        for (const one of [reader, beside]) expect((one.push(same)[0] as Basic.Deliver).routingKey).toBe("a.b");
      }
    }
  });

  test("overflows and stays right: more sequences of keys than it has shapes", () => {
    const reader = new FrameReader();
    const headers = Array.from({ length: 300 }, (_, i) => {
      const keys = Array.from({ length: 1 + (i % 9) }, (_unused, k) => `k${(i * 7 + k * 13) % 150}`);
      return {
        keys,
        octets: headerFrame(1, 0, 0x2000, tableOf(...keys.map((key, n) => fieldOf(key, "I", integer(i * 100 + n, 4))))),
      };
    });
    const stream = concat(headers.map(({ octets }) => octets));
    for (let round = 0; round < 6; round++) {
      reader.push(stream).forEach((frame, i) => {
        const expected: Record<string, number> = {};
        headers[i]!.keys.forEach((key, n) => (expected[key] = i * 100 + n));
        expect({ ...((frame as ContentHeader).properties.headers as object) }).toEqual(expected);
      });
    }
    // A table that begins as a known one does, and goes on otherwise.
    const [first] = headers.filter(({ keys }) => keys.length === 5);
    const longer = [...first!.keys, "more"];
    const shorter = first!.keys.slice(0, 3);
    for (const keys of [longer, shorter, [...first!.keys].reverse(), first!.keys]) {
      for (let round = 0; round < 4; round++) {
        const [frame] = reader.push(headerFrame(1, 0, 0x2000, tableOf(...keys.map((key) => fieldOf(key, "V"))))) as [
          ContentHeader,
        ];
        expect(Object.keys(frame.properties.headers as object).sort()).toEqual([...new Set(keys)].sort());
      }
    }
  });

  test("is cleared while tables of known shapes and strings come on", () => {
    const reader = new FrameReader();
    const fixed = headerFrame(
      1,
      0,
      0xa000,
      shortstr("text/plain"),
      tableOf(fieldOf("alpha", "S", longstr("one")), fieldOf("beta", "F", tableOf(fieldOf("gamma", "V")))),
    );
    for (let i = 0; i < 12_000; i++) {
      const unique = headerFrame(1, 0, 0x2000, tableOf(fieldOf(`u${i >> 1}`, "S", longstr(`v${i >> 1}`))));
      const [first, second] = reader.push(concat([fixed, unique])) as [ContentHeader, ContentHeader];
      const expected = ["text/plain", '{"alpha":"one","beta":{"gamma":null}}', `{"u${i >> 1}":"v${i >> 1}"}`];
      const got = [
        first.properties.contentType,
        JSON.stringify(first.properties.headers),
        JSON.stringify(second.properties.headers),
      ];
      if (got.join() !== expected.join()) expect(got).toEqual(expected);
    }
  });

  test("does not mix strings of the same hash place, length or beginning", () => {
    const reader = new FrameReader();
    const random = new Random(5);
    const family = Array.from({ length: 2000 }, () => {
      const octets = new Uint8Array(random.pick([1, 7, 8, 9, 15, 16, 17, 63, 64, 65])).fill(0x61);
      octets[random.below(octets.length)] = 0x61 + random.below(26);
      octets[octets.length - 1] = 0x61 + random.below(26);
      return new TextDecoder().decode(octets);
    });
    for (let round = 0; round < 4; round++) {
      const stream = concat(family.map((text) => methodFrame(1, 60, 31, shortstr(text))));
      expect(reader.push(stream).map((frame) => (frame as Basic.CancelOk).consumerTag)).toEqual(family);
    }
  });
});

test("a core of the tests' own is one like any other", () => {
  const core: Core = makeCore();
  withCore(core, () => expect(new FrameReader().push(bodyFrame(1, counted(3)))).toHaveLength(1));
  expect(core.fresh()).toBe(core);
});

test("deliveries, one by one and in runs, write to no place behind the region of their places", () => {
  const core = makeCore();
  const behind = (): Uint8Array => core.octets.slice(4 * (core.passing + PASSING_WORDS), core.octets.length);
  withCore(core, () => {
    // The shortest that there are.
    const chunk = concat(new Array<Uint8Array>(8000).fill(new FrameWriter().publish(1, new Basic.Publish()).flush()));
    const consumers = [{ channel: 1, consumerTag: "", deliveryTag: 1 }];
    const before = behind();
    for (const runs of [false, true]) {
      const cursor = new FrameCursor({ messages: true }).push(chunk);
      const writer = new FrameWriter();
      if (runs) expect(writer.deliverRun(cursor, () => consumers)?.contents).toBe(8000);
      while (cursor.next()) writer.deliver(cursor, consumers);
      // A delivery tag and an empty consumer tag in place of the ticket.
      expect(writer.flush().length).toBe(chunk.length + 8000 * (9 - 2));
      expect(sameOctets(behind(), before)).toBe(true);
    }
  });
});
