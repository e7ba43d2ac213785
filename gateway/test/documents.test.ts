/** What the gateway's pages say is so: their code runs and type-checks, their lists are those of the program. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { newCounters } from "../src/counters.js";
import { help } from "../src/help.js";
import { metricsText } from "../src/metrics.js";

const root = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();
const allOf = (text: string, what: RegExp): string[] => sorted([...text.matchAll(what)].map(([, found]) => found!));
/** A page from this heading to the next. */
const section = (page: string, heading: string): string => page.split(`\n## ${heading}\n`)[1]!.split("\n## ")[0]!;

const readme = read("gateway/README.md");

describe("code", () => {
  mkdirSync(join(root, "build"), { recursive: true });
  // Within the repository, so that the package is found under its own name.
  const folder = mkdtempSync(join(root, "build/documents-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What the examples take for granted, and what shows that they worked. */
  const around: Record<string, [before: string, after: string]> = {
    "gateway/README.md, 1": ["", "console.log(url); await close();"],
    "gateway/docs/broker.md, 1": ["", "console.log(broker.url);"],
    "gateway/docs/broker.md, 2": [
      'import { marshal, ProtocolHeader, unmarshal } from "amqp-wasm";' +
        "const socket = { write(octets: Uint8Array) { console.log(unmarshal(octets)?.frame.name); return true; }, end() {}, resume() {} };" +
        "const chunk = marshal(new ProtocolHeader({ major: 0, minor: 9, revision: 1 }), 0);",
      "",
    ],
  };
  const blocks = ["gateway/README.md", "gateway/docs/broker.md", "gateway/docs/inspector.md"].flatMap((file) =>
    [...read(file).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code], i) => ({
      name: `${file}, ${i + 1}`,
      code: code!,
    })),
  );
  const whole = blocks.map(({ name, code }) => {
    const [before, after] = around[name] ?? ["", ""];
    return { name, code: `${before}\n${code}\n${after}\n` };
  });

  test("is known to this test", () => {
    expect(blocks.map(({ name }) => name)).toEqual(Object.keys(around));
  });

  test.each(whole)("$name runs", ({ code }) => {
    const file = join(folder, "example.js");
    writeFileSync(file, transformSync(code, { loader: "ts", target: "node20" }).code);
    const out = execFileSync(process.execPath, [file], { encoding: "utf8", timeout: 20_000 });
    expect(out).toMatch(/^amqp:\/\/127\.0\.0\.1:\d+\n$|^Connection\.Start\n/);
  });

  test("type-checks for a user who checks libraries too", () => {
    whole.forEach(({ code }, i) => writeFileSync(join(folder, `example-${i}.ts`), code));
    const options = [
      "--ignoreConfig",
      "--noEmit",
      "--strict",
      "--target",
      "es2022",
      "--module",
      "nodenext",
      "--types",
      "node",
    ];
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [tsc, ...options, ...whole.map((_, i) => `example-${i}.ts`)], {
      cwd: folder,
      encoding: "utf8",
    });
  });
});

describe("lists", () => {
  test("the README has the options of --help, and their defaults", () => {
    const options = allOf(help, /(?<![\w-])(--[a-z][a-z-]*)/g);
    expect(allOf(readme, /`(--[a-z][a-z-]*)/g).filter((name) => options.includes(name))).toEqual(options);
    // And no other, but for what the pages say of other programs.
    expect(allOf(section(readme, "Options") + section(readme, "Limits"), /`(--[a-z][a-z-]*)/g)).toEqual(options);
    const rows = [...section(readme, "Limits").matchAll(/^\| (`--.*?`) \| (\d+)/gm)];
    expect(rows.length).toBeGreaterThan(10);
    for (const [, names, value] of rows) {
      for (const name of allOf(names!, /`(--[a-z-]+)`/g)) {
        const [, stated] = new RegExp(`^  ${name} .*\\((\\d+)(?:, [^)]*)?\\)`, "m").exec(help)!;
        expect([name, stated]).toEqual([name, value]);
      }
    }
  });

  test("the README has the events of the log", () => {
    const events = readdirSync(join(root, "gateway/src"))
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) => allOf(read(`gateway/src/${file}`), /"(?:info|warning|error)",\s*"([a-z-]+)"/g));
    const [, listed] = /`event` is one of ([\s\S]*?)\. /.exec(readme)!;
    expect(allOf(listed!, /`([a-z-]+)`/g)).toEqual(sorted(events));
  });

  test("the README has the metrics of the gateway", () => {
    const names = allOf(metricsText(newCounters(), 0), /^# TYPE amqp_gateway(_\w+) /gm);
    const [, listed] = /`\/metrics` is ([\s\S]*?)\. `\/healthz`/.exec(readme)!;
    expect(allOf(listed!, /`(?:amqp_gateway)?(_\w+)`/g)).toEqual(names);
  });

  test("every command of npm that a page prints is there", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const pages = ["README.md", "CONTRIBUTING.md", "docs", "gateway/README.md", "gateway/docs", "examples/README.md"];
    const files = pages.flatMap((page) =>
      page.endsWith(".md")
        ? [page]
        : readdirSync(join(root, page))
            .filter((file) => file.endsWith(".md"))
            .map((file) => `${page}/${file}`),
    );
    const printed = sorted(
      files.flatMap((file) => allOf(read(file), /\bnpm (?:run )?((?!run\b|ci\b|install\b)[a-z:]+)/g)),
    );
    expect(printed.length).toBeGreaterThan(8);
    expect(printed.filter((name) => scripts[name] === undefined)).toEqual([]);
    // Files that are linked to are there.
    for (const file of files) {
      for (const link of allOf(read(file), /\]\((?!https?:|#)([^)#]+)\)/g))
        expect(() => readFileSync(join(root, file, "..", link)), `${file}: ${link}`).not.toThrow(/ENOENT/);
    }
  });
});
