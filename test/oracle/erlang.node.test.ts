/** RabbitMQ's own codec reads what we write, and writes the same octets again. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { ContentHeader, Method } from "../../src/index.js";
import { Basic, FieldTable, Timestamp } from "../../src/index.js";
import { fieldTypeLetters } from "../support/every-field-type.js";
import { hexOf } from "../support/octets.js";
import { commandClasses, headerSamples, methodSamples, type Sample } from "./samples.js";

interface Answer {
  channel: number;
  name: string;
  synchronous?: boolean;
  content?: boolean;
  arguments?: [name: string, value: unknown][];
  bodySize?: string;
  properties?: unknown[];
  again: string;
}

/** The compiled modules of rabbit_common, in whatever version is installed. */
function ebin(): string | undefined {
  const root = process.env["RABBITMQ_LIBRARIES"] ?? "/usr/lib/rabbitmq/lib";
  const inside = (folder: string, start: string) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => name.startsWith(start))
          .map((name) => join(folder, name))
      : [];
  return inside(root, "rabbitmq_server")
    .flatMap((server) => inside(join(server, "plugins"), "rabbit_common"))
    .map((common) => join(common, "ebin"))
    .find((folder) => existsSync(folder));
}

function hasEscript(): boolean {
  try {
    // It has no harmless option: asked for a file that is not there, it ends with an error of its own.
    execFileSync("escript", ["/nonexistent"], { stdio: "ignore" });
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== "ENOENT";
  }
}

const codec = hasEscript() ? ebin() : undefined;
const suite = codec ? "RabbitMQ's codec" : "RabbitMQ's codec (needs escript and RabbitMQ's rabbit_common)";

function ask(samples: Sample[]): Answer[] {
  const folder = mkdtempSync(join(tmpdir(), "amqp-wasm-"));
  try {
    const file = join(folder, "frames.hex");
    writeFileSync(file, samples.map(({ octets }) => `${hexOf(octets)}\n`).join(""));
    const script = fileURLToPath(new URL("rabbit-codec.escript", import.meta.url));
    const output = execFileSync("escript", [script, codec!, file], { encoding: "utf8", maxBuffer: 1 << 26 });
    return output
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Answer);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const telling: Record<string, unknown[]> = {
  t: ["bool", true],
  b: ["byte", "-128"],
  B: ["unsignedbyte", "255"],
  s: ["short", "-32768"],
  u: ["unsignedshort", "65535"],
  I: ["signedint", "-2147483648"],
  i: ["unsignedint", "4294967295"],
  l: ["long", "-9223372036854775808"],
  // Its own type to us; the broker reads it as `l` and writes it so.
  L: ["long", "9007199254740992"],
  f: ["float", "1.5"],
  d: ["double", "3.141592653589793"],
  D: ["decimal", ["2", "12345"]],
  T: ["timestamp", "1700000000"],
  V: ["void", null],
  S: ["longstr", "aé b"],
  x: ["binary", "00ff80"],
  A: [
    "array",
    [
      ["short", "7"],
      ["bool", false],
      ["void", null],
    ],
  ],
  F: ["table", [["key", "unsignedshort", "1"]]],
};

const nested = [
  ["n", "byte", "-1"],
  [
    "nested",
    "table",
    [
      [
        "list",
        "array",
        [
          ["byte", "1"],
          [
            "array",
            [
              ["byte", "2"],
              ["table", [["deep", "longstr", "é"]]],
            ],
          ],
        ],
      ],
      ["none", "void", null],
    ],
  ],
];

/** What the codec should say of a value that we encoded. */
function expected(value: unknown): unknown {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (value instanceof Timestamp) return String(value.seconds);
  if (value instanceof FieldTable) return fieldTypeLetters.map((letter) => [letter, ...telling[letter]!]);
  if (typeof value === "object") return Object.keys(value!).length === 0 ? [] : nested;
  return value ?? null;
}

const broker = (name: string) =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace("no_wait", "nowait");
const spelled = (name: string) =>
  name
    .split(".")
    .map((word) => broker(word).replace(/^_/, ""))
    .join(".");

/** A frame's octets behind class and method, or behind the body size; L has become l, as the broker writes it. */
const payload = (octets: Uint8Array, from: number) => hexOf(octets.subarray(7 + from, -1)).replace("014c4c", "014c6c");

describe.skipIf(!codec)(suite, () => {
  test("reads all 64 methods with their arguments, and writes the same octets", () => {
    const samples = methodSamples();
    expect(new Set(samples.map(({ frame }) => frame.name)).size).toBe(64);
    const answers = ask(samples);
    expect(answers.length).toBe(samples.length);
    for (const [index, { frame, channel, octets }] of samples.entries()) {
      const command = frame as Method & Record<string, unknown>;
      const type = commandClasses.find(({ commandName }) => commandName === frame.name)!;
      const { synchronous, content, ...answer } = answers[index]!;
      expect(answer, frame.name).toEqual({
        channel,
        name: spelled(frame.name),
        arguments: type.attributes.map((name) => [broker(name), expected(command[name])]),
        again: payload(octets, 4),
      });
      // The broker asks this of a command, not of its class.
      expect(synchronous, `${frame.name} is synchronous`).toBe(type.synchronous && command["noWait"] !== true);
      expect(content, `${frame.name} carries content`).toBe(
        ["Basic.Publish", "Basic.Return", "Basic.Deliver", "Basic.GetOk"].includes(frame.name),
      );
    }
  });

  test("reads content headers with every property, and writes the same octets", () => {
    const samples = headerSamples();
    const answers = ask(samples);
    for (const [index, { frame, channel, octets }] of samples.entries()) {
      const { bodySize, properties } = frame as ContentHeader;
      const values = Basic.Properties.attributes.map(
        (name) => (properties as unknown as Record<string, unknown>)[name],
      );
      expect(answers[index]).toEqual({
        channel,
        name: "P_basic",
        bodySize: String(bodySize),
        // An empty cluster id is our default, and is not sent.
        properties: values.map((value) => (value === "" ? null : expected(value))),
        again: payload(octets, 12),
      });
    }
  });
});
