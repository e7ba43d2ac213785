/** The rules of the house, as data. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { coreBase64 } from "../src/core-binary.js";

const root = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const files = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => `${folder}/${String(name)}`)
    .filter((name) => name.endsWith(".ts") && name !== "src/core-binary.ts");
const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" })
  .split("\0")
  .filter((file) => file !== "" && existsSync(join(root, file)));

/** What a file imports at run time, as paths from the root; types cost nothing and bind nobody. */
function imports(file: string, withTypes = false): string[] {
  const found: string[] = [];
  for (const [, type, names, from] of read(file).matchAll(
    /^(?:import|export)\s+(type\s+)?(?:([\w*\s{},]+?)\s+from\s+)?"(\.[^"]+)";/gm,
  )) {
    if (!withTypes && (type !== undefined || /^\{(\s*type\s+[^,}]+,?)+\s*\}$/.test(names ?? ""))) continue;
    found.push(
      normalize(join(dirname(file), from!))
        .replace(/\.js$/, ".ts")
        .replace(/^(assembly.*?)(\.ts)?$/, "$1.ts"),
    );
  }
  return found;
}

/** Floors from the top down: a file may import from its own floor and from those below. */
const floors: Record<string, string[][]> = {
  assembly: [
    ["index"],
    ["values", "rewrite", "frame-run", "deliver-run", "publish-run"],
    ["deliver-route", "alike-publishes"],
    ["frame-reader", "frame-writer", "frame-check", "editing", "listing", "initialize"],
    ["whole-frame"],
    ["content-writer", "usual-frames"],
    ["plain-contents"],
    ["command-values", "usual-properties", "repeated-deliveries"],
    ["methods", "content", "output", "repetition", "known-tables", "table-patterns"],
    ["fields"],
    ["usual-fields"],
    ["strings", "fixed-fields"],
    ["shapes"],
    ["intern"],
    ["table-code", "kept-keys"],
    ["shape"],
    ["tape"],
    ["octets", "memory", "copy"],
    ["generated/*"],
  ],
  src: [
    ["cli", "cli/*"],
    ["index"],
    ["codec"],
    ["frame-cursor"],
    ["judge"],
    [
      "editing",
      "ambiguities",
      "ambiguity",
      "identify",
      "negotiation",
      "channel-tracker",
      "describe",
      "judge-properties",
      "judgement",
    ],
    ["message-reader", "marshal", "single-values"],
    ["message-options", "content-error"],
    ["frame-reader", "frame-writer", "prepared-publish", "failing-array", "gathered-body", "write-frame"],
    ["rewrite", "run-writer", "asked-run", "route-run", "gathered-content"],
    ["deliver-run", "delivered-run"],
    ["put-consumers", "routed-words"],
    ["forward-run", "consumers"],
    ["prepared-consumer"],
    ["stored-message"],
    ["content-view"],
    ["scalar-at"],
    ["frame-view"],
    ["content-words"],
    ["content-layouts"],
    ["destination", "content-layout"],
    ["layout-code"],
    ["kept-methods", "table-shapes", "layout-octets", "repeated-text"],
    ["table-code", "kept-keys"],
    ["shape"],
    ["tape"],
    ["usual-deliveries", "usual-repetitions", "usual-acks", "message-sink", "habits"],
    ["message", "cut-body", "streamed-content"],
    ["cut-frame", "cut-message", "counted-body"],
    ["frame-failure"],
    ["generated/commands", "frame"],
    ["lazy-content"],
    ["property-reader"],
    ["content", "content-body", "heartbeat", "protocol-header"],
    [
      "generated/basic",
      "generated/channel",
      "generated/confirm",
      "generated/connection",
      "generated/exchange",
      "generated/queue",
      "generated/tx",
      "generated/properties",
    ],
    ["methods", "method-tables", "property-list", "validation"],
    ["command-tape", "output", "method-facts"],
    ["command-words", "equality", "inspection"],
    ["kept", "table-keys"],
    ["field-table"],
    ["frame-run", "publish-run"],
    ["input-window"],
    ["field-list"],
    ["fields", "decode-failure", "input", "limits"],
    ["table-template", "table-patterns"],
    ["table-octets", "pattern-reader"],
    ["table-reader", "clone-source"],
    ["made-code"],
    [
      "room",
      "strings",
      "interned-texts",
      "list-of",
      "decimal",
      "timestamp",
      "field",
      "longlong",
      "exceptions",
      "clone-table",
    ],
    ["core", "core-binary"],
    ["bit"],
    ["wrong-type"],
    ["copy", "errors", "kind", "json", "field-kind", "length-of", "long-at"],
    ["types"],
    ["generated/*"],
  ],
};

function floorOf(folder: string, file: string): number {
  const name = file.slice(folder.length + 1).replace(/\.ts$/, "");
  const at = floors[folder]!.findIndex((floor) => floor.includes(name));
  if (at >= 0) return at;
  return floors[folder]!.findIndex((floor) => floor.includes(`${dirname(name)}/*`));
}

test.each(Object.keys(floors))("imports of %s only go down", (folder) => {
  const breaches: string[] = [];
  for (const file of files(folder)) {
    const own = floorOf(folder, file);
    if (own < 0) breaches.push(`${file} stands on no floor`);
    for (const other of imports(file)) {
      if (!other.startsWith(`${folder}/`)) breaches.push(`${file} imports ${other}`);
      else if (floorOf(folder, other) < own) breaches.push(`${file} imports ${other}, which stands above it`);
    }
  }
  expect(breaches).toEqual([]);
});

test("a breach would be noticed", () => {
  expect(floorOf("src", "src/core.ts")).toBeGreaterThan(floorOf("src", "src/frame-reader.ts"));
  expect(imports("src/frame-reader.ts")).toContain("src/core.ts");
  expect(imports("assembly/methods.ts")).toContain("assembly/fields.ts");
  expect(floorOf("src", "src/nowhere.ts")).toBe(-1);
});

test("no run-time import goes round in a circle", () => {
  for (const folder of Object.keys(floors)) {
    const done = new Set<string>();
    const visit = (file: string, way: string[]): void => {
      expect(way, `${[...way, file].join(" -> ")}`).not.toContain(file);
      if (done.has(file) || !existsSync(join(root, file))) return;
      for (const other of imports(file)) visit(other, [...way, file]);
      done.add(file);
    };
    for (const file of files(folder)) visit(file, []);
  }
});

test("twins have one name on both sides of the border", () => {
  const names = (folder: string) => new Set(files(folder).map((file) => basename(file)));
  const [core, face] = [names("assembly"), names("src")];
  for (const twin of ["frame-reader.ts", "frame-writer.ts", "fields.ts", "strings.ts", "methods.ts", "content.ts"]) {
    expect([core.has(twin), face.has(twin)], twin).toEqual([true, true]);
  }
});

test("one room alone knows WebAssembly, the loader and the memory's buffer", () => {
  const knowing = files("src").filter((file) => {
    const code = read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    return /@assemblyscript\/loader|memory\.buffer|new WebAssembly|WebAssembly\.(?!Module\b|Memory\b)/.test(code);
  });
  expect(knowing).toEqual(["src/core.ts"]);
});

test("the core has no managed objects, no throw, and no recursion", () => {
  const calls = new Map<string, string[]>();
  for (const file of files("assembly")) {
    const code = read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    expect(code, file).not.toMatch(/\bthrow\b|\bnew \w|\bchangetype\b/);
    for (const [, name, body] of code.matchAll(/function (\w+)\([^{]*\{([\s\S]*?)\n\}/g)) {
      calls.set(
        name!,
        [...body!.matchAll(/(?<![.\w])(\w+)\(/g)].map(([, called]) => called!),
      );
    }
  }
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    (calls.get(from) ?? []).some((called) => {
      if (called === to) return true;
      if (seen.has(called)) return false;
      seen.add(called);
      return reaches(called, to, seen);
    });
  expect(calls.size).toBeGreaterThan(40);
  expect([...calls.keys()].filter((name) => reaches(name, name))).toEqual([]);
});

test("wire loads of more than an octet state an alignment of one", () => {
  for (const line of read("assembly/octets.ts").split("\n")) {
    if (/(load|store)<u(16|32|64)>/.test(line)) expect(line).toMatch(/, 0, 1\)/);
  }
});

test("generated files are fresh", () => {
  execFileSync(process.execPath, ["spec/generate.js", "--check"], { cwd: root });
});

test("generated files say so, and are marked for diffs", () => {
  for (const file of [...files("src"), ...files("assembly")].filter((name) => name.includes("/generated/"))) {
    expect(read(file).split("\n")[0], file).toMatch(/^\/\/ @generated by `npm run generate`/);
  }
  expect(read(".gitattributes")).toContain("**/generated/** linguist-generated=true");
});

/** Files over 300 lines, with the reason; a new one is to be split or to be argued for here. */
const long = new Map([
  ["src/command-words.ts", "one class: every type of value has its check and its words beside each other"],
  ["src/command-tape.ts", "one class: records, texts that wait and the output they will stand in share its state"],
  ["src/frame-reader.ts", "one class: cut frames, bodies and the tape share its state"],
  ["src/frame-cursor.ts", "one class: the chunk, what is cut and what is gathered share its state"],
  ["src/frame-writer.ts", "one class, half of it what its callers are told"],
  ["assembly/usual-frames.ts", "two loops that share what the last deliveries were like"],
  ["assembly/rewrite.ts", "five ways out for a message, which share where its parts are"],
  [
    "src/content-layouts.ts",
    "one class: a message is written, or its layout is looked for or learned, with the same state",
  ],
  ["src/judge.ts", "one class: what a broker keeps of a connection, and each rule where its state is"],
  ["spec/amqp.js", "a table"],
  ["spec/prose.js", "a table"],
  ["spec/print-source.js", "one generator; its templates are read from the top down"],
  ["test/reference.ts", "the codec once more, whole, in one place to be read against the standard"],
]);

test("files written by hand stay under 300 lines", () => {
  const hand = tracked.filter((file) => /^(src|assembly|spec|bench)\/.*\.(ts|js)$|^test\/reference\.ts$/.test(file));
  const over = hand.filter((file) => !file.includes("/generated/") && read(file).split("\n").length > 301);
  expect(over.filter((file) => !long.has(file))).toEqual([]);
});

test("no machine's paths and no registry's addresses are in the repository", () => {
  const forbidden = /\/(?:home|Users)\/\w+\/|\/work\/(?:main|shared)\b|\.\.\/shared\b|registry\.npmjs|registry=https?:/;
  for (const file of tracked.filter((name) => /\.(ts|js|json|md|sh|yml)$|^\.ci\//.test(name))) {
    if (file === "test/house.node.test.ts") continue;
    expect(forbidden.exec(read(file))?.[0], file).toBeUndefined();
  }
});

test("the package needs no other at run time: what it uses is in its bundle", () => {
  const { dependencies, peerDependencies, engines } = JSON.parse(read("package.json")) as Record<
    string,
    Record<string, string>
  >;
  expect([dependencies, peerDependencies]).toEqual([undefined, undefined]);
  expect(engines).toEqual({ node: ">=20" });
});

test.each(["core.wasm", "core-scalar.wasm"])(
  "%s imports its memory and nothing else, and keeps to its budget",
  (name) => {
    const octets = readFileSync(join(root, "build", name));
    const module = new WebAssembly.Module(octets);
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
    expect(octets.length).toBeLessThanOrEqual(46.5 * 1024);
  },
);

test("the embedded core is what assembly/ gives now: after a change there, build", () => {
  const folder = mkdtempSync(join(tmpdir(), "amqp-wasm-"));
  try {
    const [wasm, wat] = [join(folder, "core.wasm"), join(folder, "core.wat")];
    const asc = ["node_modules/assemblyscript/bin/asc.js", "--config", "asconfig.json", "--target", "release"];
    execFileSync(process.execPath, [...asc, "--outFile", wasm, "--textFile", wat], { cwd: root, stdio: "ignore" });
    // As one word: thousands of differing characters are nothing that a person would read.
    expect(readFileSync(wasm, "base64") === coreBase64).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
