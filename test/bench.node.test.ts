/** The benchmark runs, and its candidates agree. Speed is no test's concern. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missing } from "../bench/candidates/installed.js";
import { rows } from "../bench/cases.js";
import { launchOptions } from "../bench/chromium-launch.js";
import { assertSame, firstDifference } from "../bench/compare.js";
import { cuts, messages, stream, workloads } from "../bench/corpus.js";
import { orderOf } from "../bench/measure.js";
import { pageBundle } from "../bench/page-bundle.js";

const root = join(import.meta.dirname, "..");
const execute = promisify(execFile);
const bench = (script: string, ...args: string[]) =>
  execute(process.execPath, [join("bench", script), ...args], { cwd: root, maxBuffer: 1 << 26 });

const rivals = ["amqplib", "@cloudamqp/amqp-client", "rabbitmq-client"];
const hasChromium = existsSync(launchOptions.executablePath);
const required = process.env["AMQP_WASM_RIVALS"] === "required";

interface Result {
  failed: { name: string; reason: string }[];
  absent: Record<string, string>;
  rows: { name: string; unit: string; entrants: { name: string; value: number }[]; missing: { name: string }[] }[];
}

const names = (pattern = /(?:)/): string[] => rows.map(({ name }) => name).filter((name) => pattern.test(name));

describe("npm run bench -- --quick", () => {
  let result: Result;
  beforeAll(async () => {
    // A row that fails is told of in the answer; its exit code says so too.
    const { stdout } = await bench("run.js", "--quick", "--json").catch((error: { stdout: string }) => error);
    [result] = JSON.parse(stdout) as [Result];
  }, 300_000);

  test.each(names())("%s: outputs are equal, and it runs", (name) => {
    expect(result.failed.find((row) => row.name === name)?.reason).toBeUndefined();
    const row = result.rows.find((one) => one.name === name);
    expect(row?.entrants.length).toBeGreaterThan(0);
    for (const { value } of row!.entrants) expect(value).toBeGreaterThanOrEqual(0);
  });

  test("the best plain JavaScript takes part", () => {
    expect(result.absent).not.toHaveProperty("pure-js");
  });

  test.skipIf(missing.length > 0 && !required)(`rivals take part ${missing.join(", ")}`.trim(), () => {
    expect(missing).toEqual([]);
    const seen = new Set(result.rows.flatMap(({ entrants }) => entrants.map((one) => one.name)));
    expect([...seen]).toEqual(expect.arrayContaining(rivals));
  });
});

test.for([2, 3, 5, 8])("of %i candidates each follows each other as often, and takes each turn as often", (n) => {
  const turns = n % 2 ? 2 : 1;
  const places = new Map<string, number>();
  const pairs = new Map<string, number>();
  const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (let round = 0; round < n * turns; round++) {
    const order = orderOf(n, round);
    order.forEach((one, i) => {
      count(places, `${one} at ${i}`);
      if (i > 0) count(pairs, `${order[i - 1]} before ${one}`);
    });
  }
  expect([...places.values()]).toEqual(new Array(n * n).fill(turns));
  expect([...pairs.values()]).toEqual(new Array(n * (n - 1)).fill(turns));
});

describe("in a page", () => {
  test.for(["pure-js", "amqplib", "cloudamqp", "rabbitmq-client"])(
    "%s needs nothing that a page has not",
    async (name, { skip }) => {
      skip(missing.length > 0 && !required, missing.join(", "));
      const code = new TextDecoder().decode(await pageBundle(`bench/candidates/${name}.js`));
      expect(code).toContain("export {");
      expect(code.match(/^import .*|\b__require\("/gm)).toBeNull();
    },
  );

  test("what was written for pages goes there as it is", async () => {
    expect(await pageBundle("bench/candidates/amqp-wasm.js")).toBeUndefined();
    expect(await pageBundle("bench/corpus.js")).toBeUndefined();
  });
});

describe("the corpus", () => {
  test.each(Object.keys(workloads))("%s: every cut has the octets of the stream, and streams repeat", (name) => {
    const { octets, count, messages: made } = stream(name, 1 << 16);
    for (const cut of Object.values(cuts)) expect(Buffer.compare(Buffer.concat(cut(octets)), octets)).toBe(0);
    expect(firstDifference(made, messages(name, count))).toBeUndefined();
    expect(Buffer.compare(stream(name, 1 << 16).octets, octets)).toBe(0);
  });
});

describe("compare", () => {
  interface Delivery {
    fields: Record<string, unknown>;
    properties: { messageId?: string; headers: { "x-death": { count: number }[] } };
    body: Uint8Array;
  }
  const expected = messages("W5", 1)[0] as unknown as Delivery;
  const changed = (change: (copy: Delivery) => void) => {
    const copy = structuredClone(expected);
    change(copy);
    return () => assertSame([expected], [copy], "somebody", "some row");
  };

  test("takes what is equal, whatever it is made of", () => {
    const { body, ...rest } = expected;
    const table = Object.assign(Object.create(null) as object, rest.properties.headers);
    const copy = {
      ...rest,
      properties: { ...rest.properties, appId: undefined, headers: table },
      body: Buffer.from(body),
    };
    expect(() => assertSame([expected], [copy], "somebody", "some row")).not.toThrow();
  });

  test("names candidate, row, message and path of the first difference", () => {
    expect(changed((copy) => (copy.properties.headers["x-death"][1]!.count = -1))).toThrow(
      /^somebody, row "some row", message 0, properties\.headers\["x-death"\]\[1\]\.count: \d+ expected, -1 received$/,
    );
    expect(changed((copy) => (copy.body[3] = 0))).toThrow("message 0, body[3]: 97 expected, 0 received");
    expect(changed((copy) => delete copy.properties.messageId)).toThrow("message 0, properties.messageId");
    expect(changed((copy) => (copy.fields["more"] = 1))).toThrow(
      "message 0, fields.more: undefined expected, 1 received",
    );
    expect(() => assertSame([expected], [], "somebody", "some row")).toThrow("message 0");
    expect(() => assertSame([], [expected], "somebody", "some row")).toThrow("message 0");
  });
});

describe("on the command line", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "amqp-wasm-bench-test-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    [["nothing like it"], /no row matches .*\n.*decode W1/s],
    [["("], /Invalid regular expression/],
    [["--fast"], /Unknown option '--fast'/],
    [["--node", "/nowhere/node", "W4"], /there is no Node at \/nowhere\/node/],
    [["a", "b"], /one pattern at most/],
  ])("%j is refused with a reason", async (args, reason) => {
    await expect(bench("run.js", ...args)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(reason) as string,
    });
  });

  test("--help, --list", async () => {
    expect((await bench("run.js", "--help")).stdout).toContain("--profile");
    expect((await bench("run.js", "--list", "^heap")).stdout).toMatch(/^heap W1.*\nheap W5.*\n$/);
  });

  test("--node, --only", async () => {
    const { stdout } = await bench(
      "run.js",
      "--quick",
      "--node",
      process.execPath,
      "--only",
      "wasm|floor",
      "decode W4.*KiB",
    );
    expect(stdout).toContain(`Node ${process.versions.node}`);
    expect(stdout).toMatch(/amqp-wasm .*\n.*floor: copy/);
    expect(stdout).not.toContain("pure-js");
  });

  test("--profile prints self times", async () => {
    const { stdout } = await bench("run.js", "--profile", "--quick", "decode W1, full, 64 KiB$");
    // Which functions it names is chance in so short a run.
    expect(stdout).toMatch(/self time\n +\d+\.\d %/);
  });

  test.skipIf(!hasChromium)(
    `--chromium --profile prints self times${hasChromium ? "" : " (no Chromium: skipped)"}`,
    async () => {
      // Not quick: of so short a run a busy machine may take no sample.
      const { stdout } = await bench("run.js", "--chromium", "--profile", "decode W1, full, 64 KiB$");
      expect(stdout).toMatch(/decode W1, full, 64 KiB, Chromium \d[^]*self time\n +\d+\.\d %/);
    },
  );

  test("the report: results, table, chart", async () => {
    await bench("report.js", "--quick", "--into", folder, "decode W2|idle");
    const results = JSON.parse(
      readFileSync(join(folder, `results/node${process.versions.node.split(".")[0]}.json`), "utf8"),
    ) as Result;
    expect(results.rows.map(({ name }) => name)).toEqual(names(/decode W2|idle/));
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    expect(readme).toMatch(/^<!-- bench:begin -->\n[^]*\| memory of an idle reader[^]*<!-- bench:end -->\n$/);
    expect(readFileSync(join(folder, "report.svg"), "utf8")).toMatch(/^<svg [^]*<\/svg>\n$/);
    await expect(bench("report.js", "--quick")).rejects.toMatchObject({ code: 1 });
  });
});
