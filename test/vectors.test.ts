import { describe, expect, test } from "vitest";
import {
  Basic,
  ContentBody,
  ContentHeader,
  DecodeError,
  EncodeError,
  Field,
  Heartbeat,
  ProtocolHeader,
  ValidationError,
  commandByName,
  decodeAs,
  encodeAs,
  marshal,
  unmarshal,
  type EncodeOptions,
  type Frame,
} from "../src/index.js";
import { differences } from "./differences.js";
import { differenceOf } from "./support/difference.js";
import { concat, hexOf, octetsOf, sameOctets } from "./support/octets.js";
import { Findings, attempt } from "./support/outcome.js";
import { frameOf } from "./support/vector-frames.js";
import {
  argumentInput,
  decodedArguments,
  decodedValue,
  expectedArguments,
  fieldInput,
  hasOctets,
  loadVectors,
  vectorOctets,
  type TaggedRecord,
  type Vector,
} from "./support/vectors.js";

/** Not-a-number and infinities stand in vectors; we refuse them unless told otherwise. */
const lenient: EncodeOptions = { allowNonFinite: true };

type Settable = Record<string, unknown>;
type Construct = new (values: Settable) => Frame;

const propertyNames = Basic.Properties.attributes;
const presentProperties = (properties: Basic.Properties): Settable =>
  Object.fromEntries(
    propertyNames
      .map((name): [string, unknown] => [name, (properties as unknown as Settable)[name]])
      .filter(([, value]) => value !== undefined),
  );

/** Where arguments or properties part; both sides as plain records. */
function recordDifference(actual: Settable, expected: Settable): string | undefined {
  const bare = (record: Settable): Settable => Object.assign(Object.create(null) as Settable, record);
  return differenceOf(bare(actual), bare(expected), "frame");
}

/** A frame against what pamqp decodes. */
function decodedDifference(frame: Frame, vector: Vector): string | undefined {
  switch (vector.kind === "decode_frame" || vector.kind === "wire" ? kindOf(vector.frame) : vector.kind) {
    case "content_header": {
      if (!(frame instanceof ContentHeader)) return `decodes to ${frame.name}`;
      const stated = (vector.decodes_to ?? {
        class_id: 60,
        weight: 0,
        body_size: vector.body_size,
        properties: vector.properties,
      }) as TaggedRecord;
      const { properties, ...rest } = stated;
      const expected = decodedArguments(properties as TaggedRecord);
      for (const name of Object.keys(expected)) if (expected[name] === null) delete expected[name];
      // pamqp has an empty cluster id where there is none.
      if (expected["clusterId"] === "" && frame.properties.clusterId === undefined) delete expected["clusterId"];
      return (
        recordDifference(presentProperties(frame.properties), expected) ??
        recordDifference(
          { classId: frame.classId, weight: frame.weight, bodySize: frame.bodySize },
          decodedArguments(rest),
        )
      );
    }
    case "content_body":
      if (!(frame instanceof ContentBody)) return `decodes to ${frame.name}`;
      return differenceOf(frame.value, decodedValue(vector.decodes_to ?? vector.value), "body");
    case "heartbeat":
      return frame instanceof Heartbeat ? undefined : `decodes to ${frame.name}`;
    case "protocol_header": {
      if (!(frame instanceof ProtocolHeader)) return `decodes to ${frame.name}`;
      const { major, minor, revision } = frame;
      return recordDifference(
        { major, minor, revision },
        decodedArguments((vector.decodes_to ?? vector.args) as TaggedRecord),
      );
    }
    default: {
      const name = vector.frame ?? `${vector.class}.${vector.method}`;
      if (frame.name !== name) return `decodes to ${frame.name}, not ${name}`;
      const expected =
        vector.args === undefined ? decodedArguments(vector.decodes_to as TaggedRecord) : expectedArguments(vector);
      return recordDifference(Object.fromEntries(frame as unknown as Iterable<[string, unknown]>), expected);
    }
  }
}

const kindOf = (frame: string): string =>
  ({
    ContentHeader: "content_header",
    ContentBody: "content_body",
    Heartbeat: "heartbeat",
    ProtocolHeader: "protocol_header",
  })[frame] ?? "method";

/** Decodes octets that hold one frame, checks it, and encodes it again. */
function findInOctets(findings: Findings, vector: Vector, octets: Uint8Array): void {
  const decoded = attempt(() => unmarshal(octets));
  if (decoded.error !== undefined) return findings.add(vector.name, `decoding throws ${decoded.error.message}`);
  if (decoded.value === undefined) return findings.add(vector.name, "decoding finds no whole frame");
  const { consumed, channel, frame } = decoded.value;
  if (consumed !== octets.length) findings.add(vector.name, `decoding consumes ${consumed}, not ${octets.length}`);
  if (channel !== vector.channel) findings.add(vector.name, `decodes channel ${channel}, not ${vector.channel}`);
  const read = attempt(() => decodedDifference(frame, vector));
  findings.add(vector.name, read.error === undefined ? read.value : `reading throws ${read.error.message}`);
  findings.add(vector.name, remarshalDifference(octets));
}

/** A decoded frame goes out again with the same octets. */
function remarshalDifference(octets: Uint8Array): string | undefined {
  const again = attempt(() => {
    const { frame, channel } = unmarshal(octets, { tables: "exact" })!;
    return marshal(frame, channel, lenient);
  });
  if (again.error !== undefined) return `encoding what was decoded throws ${again.error.message}`;
  return sameOctets(again.value, octets) ? undefined : `encodes what was decoded as ${hexOf(again.value)}`;
}

describe.each(["commands", "properties", "frames", "quirks"])("%s of the golden vectors", (family) => {
  const vectors = loadVectors(family);

  test("encode to the same octets, decode to the same values, and back", async () => {
    const findings = new Findings(family);
    for (const vector of vectors) {
      const encoded = attempt(() => marshal(frameOf(vector), vector.channel, lenient));
      if (encoded.error !== undefined) findings.add(vector.name, `encoding throws ${encoded.error.message}`);
      else if (!(await hasOctets(vector, encoded.value)))
        findings.add(vector.name, `encodes as ${hexOf(encoded.value).slice(0, 200)}`);
      // Long frames are known by their digest alone: what was encoded, if right, is what there is to decode.
      if (typeof vector.hex === "string") findInOctets(findings, vector, octetsOf(vector.hex));
      else if (encoded.value !== undefined) findInOctets(findings, vector, encoded.value);
    }
    findings.settle(vectors.map(({ name }) => name));
  });
});

describe("frames as RabbitMQ writes them", () => {
  test("decode to the same values and go out again with the same octets", () => {
    const vectors = loadVectors("rabbitmq");
    const findings = new Findings("rabbitmq");
    for (const vector of vectors) findInOctets(findings, vector, vectorOctets(vector));
    findings.settle(vectors.map(({ name }) => name));
  });
});

/** Functions of pamqp that encode what an argument may be; the others encode what follows a type octet. */
const argumentTypes: Record<string, string> = {
  octet: "octet",
  short_uint: "short",
  long_uint: "long",
  timestamp: "timestamp",
  short_string: "shortstr",
  long_string: "longstr",
  field_table: "table",
  field_array: "array",
  boolean: "bit",
};
const fieldLetters: Record<string, string> = {
  short_int: "s",
  long_int: "I",
  long_long_int: "l",
  double: "d",
  floating_point: "f",
  decimal: "D",
  byte_array: "x",
};

type Single = Parameters<typeof encodeAs>[0];

/** How a single value of the vectors is given to `encodeAs`, and the type octet that goes before what pamqp writes. */
function single(vector: Vector): { type: Single; value: unknown; letter: string } {
  const type = argumentTypes[vector.fn];
  if (type !== undefined) return { type: type as Single, value: argumentInput(vector.value), letter: "" };
  const letter = fieldLetters[vector.fn];
  if (letter === undefined) return { type: "field", value: fieldInput(vector.value), letter: "" };
  return { type: "field", value: new Field(letter, argumentInput(vector.value)), letter };
}

describe("single values of the golden vectors", () => {
  const vectors = loadVectors("fields");

  test("encode to the same octets and decode to the same values", async () => {
    const findings = new Findings("fields");
    for (const vector of vectors.filter(({ kind }) => kind === "encode")) {
      const { type, value, letter } = single(vector);
      const options: EncodeOptions = vector.deprecated ? { ...lenient, integers: "wide" } : lenient;
      const encoded = attempt(() => encodeAs(type, value as never, options));
      const before = new TextEncoder().encode(letter);
      if (encoded.error !== undefined) findings.add(vector.name, `encoding throws ${encoded.error.message}`);
      else if (
        !sameOctets(encoded.value.subarray(0, before.length), before) ||
        !(await hasOctets(vector, encoded.value.subarray(before.length)))
      ) {
        findings.add(vector.name, `encodes as ${hexOf(encoded.value).slice(0, 80)}`);
      }
      const octets = typeof vector.hex === "string" ? concat([before, octetsOf(vector.hex)]) : encoded.value;
      if (octets === undefined) continue;
      const decoded = attempt(() => decodeAs(type, octets));
      if (decoded.error !== undefined) findings.add(vector.name, `decoding throws ${decoded.error.message}`);
      else {
        const expected = decodedValue(vector.decodes_to ?? vector.value ?? (type === "table" ? {} : null));
        findings.add(vector.name, differenceOf(decoded.value?.value, expected, "value"));
        findings.add(vector.name, differenceOf(decoded.value?.consumed, octets.length, "consumed"));
      }
    }
    findings.settle(vectors.filter(({ kind }) => kind === "encode").map(({ name }) => name));
  });

  test("decode from every type octet", () => {
    const findings = new Findings("fields");
    for (const vector of vectors.filter(({ kind }) => kind === "decode")) {
      const decoded = attempt(() => decodeAs("field", vectorOctets(vector)));
      if (decoded.error !== undefined) findings.add(vector.name, `decoding throws ${decoded.error.message}`);
      else if (vector.error !== undefined) findings.add(vector.name, "decodes what pamqp refuses");
      else {
        findings.add(vector.name, differenceOf(decoded.value?.value, decodedValue(vector.decodes_to), "value"));
        findings.add(vector.name, differenceOf(decoded.value?.consumed, vector.consumed, "consumed"));
      }
    }
    findings.settle(vectors.filter(({ kind }) => kind === "decode").map(({ name }) => name));
  });
});

describe("the table of differences", () => {
  test("names vectors that there are", () => {
    for (const { cases } of differences) {
      for (const { family, vectors } of cases) {
        const names = loadVectors(family).map(({ name }) => name);
        expect(names).toEqual(expect.arrayContaining(vectors));
      }
    }
  });

  test("has no entry for floats, as tests ask for 32 bits where pamqp takes them without being asked", () => {
    const floats = loadVectors("fields").filter(
      ({ hex }) => typeof hex === "string" && /^66(?!0000|8000|7f80|ff80|7fc0)/.test(hex),
    );
    const numbers = floats
      .filter(({ kind }) => kind === "encode")
      .map(({ value }) => decodedValue(value) as number)
      .filter((number) => !Number.isInteger(number));
    expect(numbers.length).toBeGreaterThan(2);
    for (const number of numbers) {
      expect(encodeAs("field", number)[0]).toBe("d".charCodeAt(0));
      expect(decodeAs("field", encodeAs("field", number))?.value).toBe(number);
    }
  });
});

describe("what the golden vectors refuse", () => {
  const vectors = loadVectors("errors");
  const ofKind = (kind: string): Vector[] => vectors.filter((vector) => vector.kind === kind);
  const namesOf = (kind: string): string[] => ofKind(kind).map(({ name }) => name);

  test("arguments that no command may have", () => {
    const findings = new Findings("errors");
    for (const vector of ofKind("construct")) {
      const { error, value } = attempt(() => marshal(frameOf(vector), vector.channel));
      if (error === undefined) findings.add(vector.name, `encodes as ${hexOf(value).slice(0, 80)}`);
      else if (!(error instanceof EncodeError)) findings.add(vector.name, `throws ${error.name}: ${error.message}`);
      else if (vector.exception === "ValueError" && !(error instanceof ValidationError)) {
        findings.add(vector.name, `is an EncodeError: ${error.message}`);
      } else if (vector.exception === "ValueError" && error.message !== vector.message) {
        findings.add(vector.name, `says "${error.message}"`);
      }
    }
    findings.settle(namesOf("construct"));
  });

  test("but not what it accepts", async () => {
    const findings = new Findings("errors");
    for (const vector of ofKind("accepted")) {
      const { error, value } = attempt(() => marshal(frameOf(vector), vector.channel));
      if (error !== undefined) findings.add(vector.name, `throws ${error.message}`);
      else if (!(await hasOctets(vector, value))) findings.add(vector.name, `encodes as ${hexOf(value)}`);
    }
    findings.settle(namesOf("accepted"));
  });

  test("frames that are cut, too long, or say what is not so", () => {
    const findings = new Findings("errors");
    for (const vector of ofKind("wire")) {
      const octets = vectorOctets(vector);
      const outcome = attempt(() => {
        const decoded = unmarshal(octets);
        // Headers are read when they are touched.
        if (decoded?.frame instanceof ContentHeader) void decoded.frame.properties.headers;
        return decoded;
      });
      if (outcome.error !== undefined && !(outcome.error instanceof DecodeError)) {
        findings.add(vector.name, `throws ${outcome.error.name}: ${outcome.error.message}`);
        continue;
      }
      const ours = outcome.error !== undefined ? "reject" : outcome.value === undefined ? "incomplete" : "accept";
      const code = outcome.error instanceof DecodeError ? ` as ${outcome.error.code}` : "";
      const theirs = vector.strict ?? (vector.outcome === "ok" ? "accept" : "reject");
      if (ours !== theirs && theirs !== "either") findings.add(vector.name, `we ${ours}${code}, not ${theirs}`);
      if (ours !== "accept" || vector.outcome !== "ok") continue;
      const { frame, channel, consumed } = outcome.value!;
      findings.add(vector.name, decodedDifference(frame, vector));
      findings.add(vector.name, differenceOf([channel, consumed], [vector.channel, vector.consumed], "envelope"));
      findings.add(vector.name, remarshalDifference(octets.subarray(0, consumed)));
    }
    findings.settle(namesOf("wire"));
  });

  test("while every prefix of a frame is incomplete", () => {
    for (const vector of ofKind("wire_prefixes")) {
      const octets = vectorOctets(vector);
      expect(unmarshal(octets)?.consumed, vector.name).toBe(octets.length);
      for (let length = 0; length < octets.length; length++) {
        expect(unmarshal(octets.subarray(0, length)), `${vector.name}, ${length} octets`).toBeUndefined();
      }
    }
  });

  test("and characters of names other than these", () => {
    for (const vector of ofKind("charset")) {
      const points = [...Array(256).keys(), 0x100, 0x2028, 0x20ac, 0xfffd, 0x1f407];
      const command = commandByName(`${vector.class}.${vector.method}`) as unknown as Construct;
      const accepted = points
        .map((point) => String.fromCodePoint(point))
        .filter((character) => {
          const { error } = attempt(() => new command({ [vector.field]: character }));
          if (error !== undefined) expect(error).toBeInstanceOf(ValidationError);
          return error === undefined;
        });
      expect(accepted.join(""), vector.name).toBe(vector.accepted);
    }
  });
});
