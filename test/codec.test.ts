/** Cores of their own, and memories that others use too. */
import { beforeEach, describe, expect, test } from "vitest";
import { coreBase64 } from "../src/core-binary.js";
import * as library from "../src/index.js";
import { hexOf, sameOctets } from "./support/octets.js";
import { bodyFrame, counted, fieldOf, headerFrame, methodFrame, integer, shortstr, tableOf } from "./support/wire.js";

const { createCodec, Basic, ContentBody, FrameReader, FrameWriter, marshal, Queue, unmarshal } = library;

const bytes = (): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(coreBase64), (character) => character.charCodeAt(0));
const declare = new Queue.Declare({
  queue: "orders",
  arguments: { "x-max-length": 5, nested: { list: [1, "two", null] } },
});
const octets = marshal(declare, 1);

describe("a codec", () => {
  test("has the surface of the package", () => {
    const codec = createCodec() as unknown as Record<string, unknown>;
    const missing = Object.keys(library).filter((name) => /^[A-Za-z]+$/.test(name) && !(name in codec));
    // What makes codecs, and what needs no core.
    expect(missing).toEqual(expect.arrayContaining(["createCodec", "initialize"]));
    for (const name of [
      "FrameReader",
      "FrameWriter",
      "MessageReader",
      "FieldTable",
      "marshal",
      "unmarshal",
      "encodeAs",
      "decodeAs",
      "Queue",
      "commandByIndex",
    ]) {
      expect(missing, name).not.toContain(name);
    }
  });

  test("does what the package does, on a core of its own", () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const codec = createCodec({ memory });
    const before = memory.buffer;
    expect(before.byteLength).toBeGreaterThan(65_536);
    expect(hexOf(codec.marshal(declare, 1))).toBe(hexOf(octets));
    expect((codec.unmarshal(octets)!.frame as library.Queue.Declare).equals(declare)).toBe(true);
    expect(hexOf(codec.encodeAs("table", { a: 1 }))).toBe(hexOf(library.encodeAs("table", { a: 1 })));
    expect(codec.decodeAs("shortstr", shortstr("x"))).toEqual({ consumed: 2, value: "x" });
    expect(codec.marshal(new Basic.Ack(), undefined, {}).length).toBe(21);
    const [frame] = new codec.FrameReader({ tables: "exact" }).push(octets) as [library.Queue.Declare];
    expect(codec.marshal(frame)).toEqual(octets);
    const table = new codec.FieldTable(fieldOf("k", "b", integer(7, 1)));
    expect([table.get("k"), table instanceof library.FieldTable, table instanceof codec.FieldTable]).toEqual([
      7,
      true,
      true,
    ]);
    expect(memory.buffer, "nothing more was needed").toBe(before);
  });

  test("gives classes that can be extended, and are the same to instanceof", () => {
    const codec = createCodec();
    class Mine extends codec.FrameReader {
      count = 0;
      override push(chunk: Uint8Array): library.Frame[] {
        const frames = super.push(chunk);
        this.count += frames.length;
        return frames;
      }
    }
    const mine = new Mine();
    mine.push(octets);
    expect([mine.count, mine instanceof FrameReader, mine instanceof codec.FrameReader]).toEqual([1, true, true]);
    expect(() => new codec.FrameWriter({ frameMax: 1 })).toThrow(library.EncodeError);
    // A constructor that throws leaves the package's own core the current one.
    expect(hexOf(marshal(declare, 1))).toBe(hexOf(octets));
  });

  test("and others side by side do not see each other", () => {
    const codecs = [createCodec(), createCodec(), library];
    const readers = codecs.map((codec) => new codec.FrameReader());
    const writers = codecs.map((codec) => new codec.FrameWriter());
    for (let i = 0; i < 200; i++) {
      codecs.forEach((_, n) => {
        const name = `queue-${n}-${i % 7}`;
        const frame = new Queue.Declare({ queue: name, arguments: { [`key-${n}-${i % 5}`]: `value-${n}-${i % 3}` } });
        const sent = writers[n]!.write(frame, n).flush();
        const got = readers[n]!.push(sent)[0] as library.Queue.Declare;
        expect(got.equals(frame), `${n} ${i}`).toBe(true);
      });
    }
  });

  test("takes a module, or its bytes", () => {
    for (const module of [undefined, new WebAssembly.Module(bytes()), bytes(), bytes().buffer]) {
      const codec = createCodec(module === undefined ? {} : { module });
      expect(hexOf(codec.marshal(declare, 1))).toBe(hexOf(octets));
    }
    expect(() => createCodec({ module: Uint8Array.of(1, 2, 3) })).toThrow(WebAssembly.CompileError);
  });

  test("needs a memory that can grow", () => {
    expect(() => createCodec({ memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }) })).toThrow(
      "the core's memory cannot grow",
    );
    const codec = createCodec({ memory: new WebAssembly.Memory({ initial: 1, maximum: 64 }) });
    expect(hexOf(codec.marshal(declare, 1))).toBe(hexOf(octets));
    expect(() => codec.marshal(new ContentBody(new Uint8Array(8_000_000)))).toThrow("the core's memory cannot grow");
    expect(hexOf(codec.marshal(declare, 1)), "and works on").toBe(hexOf(octets));
  });

  test("needs a memory that no other core lives in", () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const codec = createCodec({ memory });
    expect(() => createCodec({ memory })).toThrow("a core lives in this memory already");
    expect(hexOf(codec.marshal(declare, 1))).toBe(hexOf(octets));
  });

  test("leaves alone what was in the memory before", () => {
    const memory = new WebAssembly.Memory({ initial: 3 });
    new Uint8Array(memory.buffer, 65_536).fill(0x5a);
    const codec = createCodec({ memory });
    codec.marshal(new ContentBody(counted(2_000_000)));
    new codec.FrameReader({ frameMax: 0 }).push(bodyFrame(1, counted(2_000_000)));
    expect(new Uint8Array(memory.buffer, 65_536, 2 * 65_536).every((octet) => octet === 0x5a)).toBe(true);
  });
});

describe("a memory that somebody else grows between calls", () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const codec = createCodec({ memory });
  const reader = new codec.FrameReader();
  const writer = new codec.FrameWriter();
  const header = headerFrame(1, 9, 0xa000, shortstr("text/plain"), tableOf(fieldOf("k", "b", integer(7, 1))));
  beforeEach(() => void memory.grow(1));

  const calls: Array<[string, () => void]> = [
    ["push", () => expect(reader.push(octets)).toHaveLength(1)],
    [
      "push of a cut frame",
      () => {
        expect(reader.push(octets.subarray(0, 9))).toHaveLength(0);
        memory.grow(1);
        expect((reader.push(octets.subarray(9))[0] as library.Queue.Declare).equals(declare)).toBe(true);
      },
    ],
    [
      "a cut body",
      () => {
        const frame = bodyFrame(3, counted(3000));
        reader.push(frame.subarray(0, 500));
        memory.grow(1);
        expect(sameOctets((reader.push(frame.subarray(500))[0] as library.ContentBody).value, counted(3000))).toBe(
          true,
        );
      },
    ],
    [
      "properties, lazily",
      () => {
        const [frame] = new codec.FrameReader().push(header) as [library.ContentHeader];
        memory.grow(1);
        expect([frame.properties.contentType, JSON.stringify(frame.properties.headers)]).toEqual([
          "text/plain",
          '{"k":7}',
        ]);
      },
    ],
    [
      "a FieldTable",
      () => {
        const table = new codec.FieldTable(fieldOf("k", "b", integer(7, 1)));
        memory.grow(1);
        expect([table.get("k"), table.size]).toEqual([7, 1]);
      },
    ],
    ["marshal of a method", () => expect(hexOf(codec.marshal(declare, 1))).toBe(hexOf(octets))],
    ["marshal of a content header", () => expect(hexOf(codec.marshal(unmarshal(header)!.frame))).toBe(hexOf(header))],
    [
      "marshal of a body",
      () => expect(hexOf(codec.marshal(new ContentBody(counted(9), 1)))).toBe(hexOf(bodyFrame(1, counted(9)))),
    ],
    ["marshal of a heartbeat", () => expect(codec.marshal(new library.Heartbeat())).toHaveLength(8)],
    ["marshal of a protocol header", () => expect(codec.marshal(new library.ProtocolHeader())).toHaveLength(8)],
    ["encodeAs", () => expect(codec.encodeAs("long", 5)).toHaveLength(4)],
    ["decodeAs", () => expect(codec.decodeAs("long", integer(5, 4))!.value).toBe(5)],
    ["write", () => expect(hexOf(writer.write(declare, 1).flush())).toBe(hexOf(octets))],
    [
      "write of a body",
      () => expect(hexOf(writer.write(new ContentBody(counted(9)), 1).flush())).toBe(hexOf(bodyFrame(1, counted(9)))),
    ],
    [
      "publish",
      () => {
        const sent = writer.publish(1, new Basic.Publish(), null, counted(70_000)).flush();
        expect(new FrameReader().push(sent).map(({ name }) => name)).toEqual([
          "Basic.Publish",
          "ContentHeader",
          "ContentBody",
        ]);
      },
    ],
    [
      "bytesPending and flush",
      () => {
        writer.write(declare, 1);
        memory.grow(1);
        expect(writer.bytesPending).toBe(octets.length);
        memory.grow(1);
        expect(hexOf(writer.flush())).toBe(hexOf(octets));
      },
    ],
    [
      "a second writer",
      () => {
        const other = new codec.FrameWriter();
        writer.write(declare, 1);
        memory.grow(1);
        other.write(declare, 1);
        memory.grow(1);
        expect([hexOf(writer.flush()), hexOf(other.flush())]).toEqual([hexOf(octets), hexOf(octets)]);
      },
    ],
    [
      "marshal while a writer waits",
      () => {
        writer.write(declare, 1);
        memory.grow(1);
        expect(hexOf(codec.marshal(new ContentBody(counted(5), 2)))).toBe(hexOf(bodyFrame(2, counted(5))));
        memory.grow(1);
        expect(hexOf(codec.marshal(declare, 1))).toBe(hexOf(octets));
        memory.grow(1);
        expect(hexOf(writer.flush())).toBe(hexOf(octets));
      },
    ],
    [
      "a refused publish",
      () => {
        writer.write(declare, 1);
        memory.grow(1);
        expect(() => writer.publish(1, new Basic.Publish(), { headers: { a: NaN } })).toThrow("allowNonFinite");
        expect(hexOf(writer.flush())).toBe(hexOf(octets));
      },
    ],
  ];
  test.each(calls)("%s", (_, call) => {
    for (let i = 0; i < 3; i++) {
      memory.grow(1);
      call();
    }
  });
});

test("octets of another kind of array are refused by who reads them", () => {
  const reader = new FrameReader();
  expect(() => reader.push({ length: 3 } as never)).toThrow("Uint8Array required, received Object");
  expect(() => new FrameWriter().publish(1, new Basic.Publish(), null, "x" as never)).toThrow(
    "Uint8Array required, received string",
  );
  expect(methodFrame(1, 60, 80).length).toBe(12);
});
