import { execFileSync } from "node:child_process";
import { mkdtempSync, cpSync, appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { classes } from "../spec/amqp.js";
import { model } from "../spec/model.js";
import { verdictsTable } from "../spec/print-facts.js";

interface Row {
  name: string;
  id: number;
  methods: Array<{ name: string; id: number; replies?: string[]; arguments: Array<Record<string, unknown>> }>;
}

/** The table with one thing changed. */
function changed(change: (rows: Row[]) => void): Row[] {
  const rows = structuredClone(classes) as unknown as Row[];
  change(rows);
  return rows;
}

test("the table passes its own checks", () => {
  expect(model().flatMap(({ methods }) => methods)).toHaveLength(64);
});

const faults: Array<[what: string, message: RegExp, change: (rows: Row[]) => void]> = [
  ["a class id that stands twice", /class id 10 stands twice/, (rows) => (rows[1]!.id = 10)],
  ["a method id that stands twice", /method id of queue 10 stands twice/, (rows) => (rows[3]!.methods[1]!.id = 10)],
  ["a method name that stands twice", /stands twice/, (rows) => (rows[3]!.methods[1]!.name = "declare")],
  [
    "an unknown domain",
    /queue\.declare\.queue: unknown domain queue-nmae/,
    (rows) => (rows[3]!.methods[0]!.arguments[1]!["domain"] = "queue-nmae"),
  ],
  [
    "an unknown rule",
    /queue\.declare\.queue: unknown rule any/,
    (rows) => (rows[3]!.methods[0]!.arguments[1]!["validate"] = "any"),
  ],
  ["an unknown reply", /unknown reply declare-okay/, (rows) => (rows[3]!.methods[0]!.replies = ["declare-okay"])],
  [
    "a name that would be code",
    /not a word of the standard/,
    (rows) => (rows[3]!.methods[0]!.arguments[1]!["name"] = "queue; process.exit()"),
  ],
];

test.each(faults)("the generator refuses %s", (_, message, change) => {
  expect(() => model(changed(change) as never)).toThrow(message);
});

test("--check tells stale, missing and left-over files, and changes nothing", () => {
  const folder = mkdtempSync(join(tmpdir(), "amqp-wasm-"));
  try {
    for (const part of ["spec", "assembly/generated", "src/generated"]) {
      cpSync(part, join(folder, part), { recursive: true });
    }
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const check = (): string => {
      try {
        execFileSync(process.execPath, ["spec/generate.js", "--check"], { cwd: folder, stdio: "pipe" });
        return "";
      } catch (error) {
        return String((error as { stderr: Buffer }).stderr);
      }
    };
    expect(check()).toBe("");
    appendFileSync(join(folder, "src/generated/queue.ts"), "\n// changed by hand\n");
    rmSync(join(folder, "assembly/generated/limits.ts"));
    writeFileSync(join(folder, "src/generated/access.ts"), "");
    const complaint = check();
    expect(complaint).toContain("src/generated/queue.ts is stale");
    expect(complaint).toContain("assembly/generated/limits.ts is stale");
    expect(complaint).toContain("src/generated/access.ts is left over");
    expect(check()).toBe(complaint);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("docs/verdicts.md has the table of verdicts as it is", () => {
  expect(readFileSync("docs/verdicts.md", "utf8")).toContain(verdictsTable());
});
