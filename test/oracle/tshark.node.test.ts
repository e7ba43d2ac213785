/** tshark's dissector reads what we write. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ContentHeader, Method } from "../../src/index.js";
import { Basic, FieldTable, ProtocolHeader, Timestamp, marshal, patchHeaders, patchTable } from "../../src/index.js";
import { decodeStream, type NeutralHeader } from "../reference.js";
import { captureNames, loadCapture } from "../support/captures.js";
import { fieldTypeLetters } from "../support/every-field-type.js";
import { hexOf } from "../support/octets.js";
import { NO_LIMITS, vectorStreams } from "../support/vector-frames.js";
import { commandClasses, headerSamples, methodSamples, otherSamples, type Sample } from "./samples.js";

/** What this dissector does not know; all else must agree. */
const unknownMethods = ["Connection.UpdateSecret", "Connection.UpdateSecretOk", "Exchange.UnbindOk"];
const knownTypes = fieldTypeLetters.filter((letter) => letter !== "L");
/** Where its word is not ours. */
const words: Record<string, string> = { "Basic.Consume arguments": "filter" };

const environment = { ...process.env, LC_ALL: "C.UTF-8", TZ: "UTC" };

function runs(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const installed = runs("tshark") && runs("text2pcap");
const suite = installed ? "tshark's dissector" : "tshark's dissector (needs tshark and text2pcap)";

interface Field {
  name: string;
  /** As tshark words it. */
  label: string;
  show: string;
  /** The octets behind it, in hexadecimal; a bit's are "0" or "1". */
  value: string;
  depth: number;
}

const plain = (text: string) =>
  text.replace(
    /&(lt|gt|quot|apos|amp);/g,
    (_, name: string) => ({ lt: "<", gt: ">", quot: '"', apos: "'" })[name] ?? "&",
  );

/** The dissected fields of each packet: one of PDML's lines is one field, opened or closed in itself. */
function fieldsOf(pdml: string): Field[][] {
  return pdml
    .split("<packet>")
    .slice(1)
    .map((packet) => {
      const fields: Field[] = [];
      let depth = 0;
      for (const line of packet.slice(packet.indexOf('<proto name="amqp"')).split("\n")) {
        const field = /^\s*<field name="([^"]*)"/.exec(line);
        if (field) {
          const attribute = (name: string) => plain(new RegExp(` ${name}="([^"]*)"`).exec(line)?.[1] ?? "");
          fields.push({
            name: field[1]!,
            label: attribute("showname"),
            show: attribute("show"),
            value: attribute("value"),
            depth,
          });
          if (!line.endsWith("/>")) depth++;
        } else if (line.includes("</field>")) depth--;
      }
      return fields;
    });
}

/** A packet for each frame: the dissector takes a connection's first packet for the protocol header and no more. */
function dissect(samples: Sample[]): Field[][] {
  const folder = mkdtempSync(join(tmpdir(), "amqp-wasm-"));
  try {
    const header = marshal(new ProtocolHeader({ major: 0, minor: 9, revision: 1 }), 0);
    const packets = [header, ...samples.map(({ octets }) => octets)];
    const dump = packets.map((octets) => `I\n000000 ${hexOf(octets).replace(/../g, "$& ")}\n\n`).join("");
    const [text, capture] = [join(folder, "frames.txt"), join(folder, "frames.pcap")];
    writeFileSync(text, dump);
    execFileSync("text2pcap", ["-q", "-D", "-T", "50000,5672", text, capture], { stdio: "ignore" });
    const pdml = execFileSync("tshark", ["-r", capture, "-T", "pdml"], {
      encoding: "utf8",
      env: environment,
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return fieldsOf(pdml).slice(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const telling: Record<string, string[]> = {
  t: ["t (boolean): true"],
  b: ["b (byte): -128"],
  B: ["B (unsigned byte): 255"],
  s: ["s (short int): -32768"],
  u: ["u (short uint): 65535"],
  I: ["I (integer): -2147483648"],
  i: ["i (unsigned integer): 4294967295"],
  l: ["l (long int): -9223372036854775808"],
  f: ["f (float): 1.500000"],
  d: ["d (double): 3.141593"],
  D: ["D (decimal): 123.450000"],
  T: ["T (timestamp): Nov 14, 2023 22:13:20.000000000 UTC"],
  V: ["V (void): "],
  S: ["S (string): aé b"],
  x: ["x (byte array): 00ff80"],
  A: ["A (array)", "  [0] (short int): 7", "  [1] (boolean): false", "  [2] (void): "],
  F: ["F (field table)", "  key (short uint): 1"],
};

const nested = [
  "n (byte): -1",
  "nested (field table)",
  "  list (array)",
  "    [0] (byte): 1",
  "    [1] (array)",
  "      [0] (byte): 2",
  "      [1] (field table)",
  "        deep (string): é",
  "  none (void): ",
];

type Value = string | bigint | boolean | string[];

/** What the dissector should say of a value that we encoded: octets of a string, number, bit, lines of a table. */
function expected(value: unknown): Value {
  if (typeof value === "boolean") return value;
  if (typeof value === "number" || typeof value === "bigint") return BigInt(value);
  if (typeof value === "string") return hexOf(new TextEncoder().encode(value));
  if (value instanceof Timestamp) return BigInt(value.seconds);
  if (value instanceof FieldTable) return knownTypes.flatMap((letter) => telling[letter]!);
  return Object.keys(value as object).length === 0 ? [] : nested;
}

/** A field, read as what it should be. */
function read(fields: Field[], at: number, wanted: Value): Value {
  const field = fields[at]!;
  if (typeof wanted === "boolean") return field.show === "1";
  if (typeof wanted === "bigint") return BigInt(`0x${field.value}`);
  // Octets are given with or without the length in front, and empty strings with or without it.
  if (typeof wanted === "string") {
    const length = (wanted.length / 2).toString(16);
    const withLength = [2, 8].some((digits) => field.value === length.padStart(digits, "0") + wanted);
    return field.show === "" ? "" : withLength ? wanted : field.value;
  }
  const behind = fields.slice(at + 1);
  const end = behind.findIndex(({ depth }) => depth <= field.depth);
  const inside = end < 0 ? behind : behind.slice(0, end);
  return inside.map(({ label, depth }) => "  ".repeat(depth - field.depth - 1) + label);
}

const snake = (name: string) =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace("no_wait", "nowait");

/** Counted by the dissector, not on the wire. */
const counted = "amqp.method.arguments.publish_number";

/** The fields with this prefix by name: what tshark says, and what was encoded. */
function compare(fields: Field[], prefix: string, values: [name: string, value: unknown][]): [unknown, unknown] {
  const found = fields.flatMap(({ name }, at) =>
    name.startsWith(prefix) && name !== counted ? [[name.slice(prefix.length), at] as const] : [],
  );
  const wanted = values.map(([name, value]) => [name, expected(value)] as const);
  return [found.map(([name, at], index) => [name, read(fields, at, wanted[index]?.[1] ?? "")]), wanted];
}

const shown = (fields: Field[], name: string) => fields.find((field) => field.name === name)?.show;

/** Content headers that this dissector is not asked about, and how many different ones there are. */
const LEFT_OUT = {
  "a field of type L, which it does not know": 1,
  "a flag without a property, at which it stops": 1,
  "a table that nobody can read": 15,
  "hundreds of levels: its tree ends at 500": 1,
};

const levels = (value: unknown): number => (Array.isArray(value) ? 1 + Math.max(0, ...value.map(levels)) : 0);

function whyNot(frame: NeutralHeader): keyof typeof LEFT_OUT | undefined {
  if (frame.headersError !== undefined) return "a table that nobody can read";
  if (frame.spareFlag) return "a flag without a property, at which it stops";
  const headers = frame.properties["headers"] ?? [];
  // Each level is a list of pairs.
  if (levels(headers) > 2 * 500) return "hundreds of levels: its tree ends at 500";
  return JSON.stringify(headers).includes('["L",') ? "a field of type L, which it does not know" : undefined;
}

describe.skipIf(!installed)(suite, () => {
  test("reads the methods with their arguments", () => {
    const samples = methodSamples(knownTypes.join(""));
    const packets = dissect(samples);
    expect(packets.length).toBe(samples.length);
    const strangers = new Set<string>();
    for (const [index, { frame, channel, octets }] of samples.entries()) {
      const fields = packets[index]!;
      const command = frame as Method & Record<string, unknown>;
      const type = commandClasses.find(({ commandName }) => commandName === frame.name)!;
      expect(shown(fields, "amqp.channel")).toBe(String(channel));
      expect(shown(fields, "amqp.length")).toBe(String(octets.length - 8));
      expect(shown(fields, "amqp.method.class")).toBe(String(type.classId));
      expect(shown(fields, "amqp.method.method")).toBe(String(type.methodId));
      const label = fields.find(({ name }) => name === "amqp.method.method")!.label;
      if (label.startsWith("Method: Unknown")) {
        strangers.add(frame.name);
        continue;
      }
      expect(label.replace(/[- ]/g, "")).toBe(`Method:${frame.name.split(".")[1]}(${type.methodId})`);
      const values = type.attributes.map((name): [string, unknown] => [
        words[`${frame.name} ${name}`] ?? snake(name),
        command[name],
      ]);
      const [found, wanted] = compare(fields, "amqp.method.arguments.", values);
      expect(found, frame.name).toEqual(wanted);
    }
    expect([...strangers].sort()).toEqual(unknownMethods);
  });

  test("reads content headers with every property", () => {
    const samples = headerSamples(knownTypes.join(""));
    const packets = dissect(samples);
    for (const [index, { frame, channel }] of samples.entries()) {
      const fields = packets[index]!;
      const { bodySize, properties } = frame as ContentHeader;
      expect(shown(fields, "amqp.channel")).toBe(String(channel));
      expect(shown(fields, "amqp.header.body-size")).toBe(String(bodySize));
      const values = Basic.Properties.attributes
        .map((name): [string, unknown] => [snake(name), properties[name]])
        .filter(([, value]) => value !== undefined && value !== "");
      const [found, wanted] = compare(fields, "amqp.method.properties.", values);
      expect(found).toEqual(wanted);
    }
  });

  test("reads a header that was patched in, beside what was there", () => {
    const samples = [...headerSamples(knownTypes.join("")), ...methodSamples(knownTypes.join(""))].filter(
      ({ frame }) => frame.name === "ContentHeader" || "arguments" in frame,
    );
    const patch = { set: { "x-probe": "there" } };
    const patched = samples.map((sample) => ({
      ...sample,
      octets:
        sample.frame.name === "ContentHeader"
          ? patchHeaders(sample.octets, patch)
          : patchTable(sample.octets, "arguments", patch),
    }));
    const [before, after] = [dissect(samples), dissect(patched)];
    /** What the dissector says of all values, the length of a table alone left out. */
    const labels = (fields: Field[]) => fields.filter(({ name }) => name === "amqp.field").map(({ label }) => label);
    for (const [index, { frame }] of samples.entries()) {
      expect(labels(after[index]!), frame.name).toEqual([...labels(before[index]!), "x-probe (string): there"]);
    }
    expect(samples.length).toBeGreaterThan(25);
  });

  test("reads a header that was patched into every one of the captures and the vectors, but for those that are named", async () => {
    const headers = new Map<string, Uint8Array>();
    const leftOut = new Map<string, Set<string>>();
    const add = (octets: Uint8Array) => {
      for (const frame of decodeStream(octets, NO_LIMITS).frames) {
        if (frame.type !== 2) continue;
        const one = octets.slice(frame.offset, frame.offset + frame.size + 8);
        const reason = whyNot(frame);
        if (reason === undefined) headers.set(hexOf(one), one);
        else leftOut.set(reason, (leftOut.get(reason) ?? new Set()).add(hexOf(one)));
      }
    };
    for (const name of captureNames) {
      const { c2s, s2c } = await loadCapture(name);
      add(c2s.octets);
      add(s2c.octets);
    }
    for (const { octets } of vectorStreams()) add(octets);
    const all = [...headers.values()];
    const packets = dissect(
      all.map((octets) => ({ octets: patchHeaders(octets, { set: { "x-probe": "there" } }) })) as Sample[],
    );
    expect(packets.length).toBe(all.length);
    const unread = packets.flatMap((fields, i) => {
      const last = fields.filter(({ name }) => name === "amqp.field").at(-1);
      return last?.label === "x-probe (string): there" ? [] : [hexOf(all[i]!).slice(0, 400)];
    });
    expect(unread).toEqual([]);
    expect(all.length).toBeGreaterThan(1000);
    expect(Object.fromEntries([...leftOut].map(([reason, frames]) => [reason, frames.size]))).toEqual(LEFT_OUT);
  });

  test("reads bodies and heartbeats", () => {
    const samples = otherSamples();
    const [body, heartbeat] = dissect(samples);
    expect(shown(body!, "amqp.type")).toBe("3");
    expect(body!.find(({ name }) => name === "amqp.payload")!.value).toBe(hexOf(samples[0]!.octets.subarray(7, -1)));
    expect(shown(heartbeat!, "amqp.type")).toBe("8");
    expect(shown(heartbeat!, "amqp.length")).toBe("0");
  });
});
