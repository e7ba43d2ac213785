/** The package as npm would publish it, used from outside. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync, transformSync } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
let folder = "";

interface Packed {
  files: Array<{ path: string; size: number }>;
}

function packed(): string[] {
  const text = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return (JSON.parse(text) as Packed[])[0]!.files.map(({ path }) => path);
}

beforeAll(() => {
  // What a user has: the files that are published, under node_modules, and nothing beside them.
  folder = mkdtempSync(join(tmpdir(), "amqp-wasm-"));
  const modules = join(folder, "node_modules");
  for (const file of packed()) cpSync(join(root, file), join(modules, "amqp-wasm", file));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a program that imports the package by its name. */
function run(code: string): string {
  const file = join(folder, "program.js");
  writeFileSync(file, code);
  return execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
}

test("the tarball holds what is used, and nothing of how it is made", () => {
  const files = packed();
  for (const wanted of [
    "dist/index.js",
    "dist/cli.js",
    "dist/core.wasm",
    "dist/core.wasm.d.ts",
    "dist/core-scalar.wasm",
    "dist/core-scalar.wasm.d.ts",
    "dist/types/index.d.ts",
    "dist/THIRD-PARTY.txt",
    "README.md",
    "LICENSE",
  ]) {
    expect(files).toContain(wanted);
  }
  expect(files.filter((file) => !/^(dist\/|README\.md|LICENSE|CHANGELOG\.md|package\.json)/.test(file))).toEqual([]);
});

test("index.js stands alone: a browser takes it as it is, without an import map", () => {
  const { metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: ["dist/index.js"],
    bundle: true,
    external: ["*"],
    write: false,
    metafile: true,
  });
  expect(Object.entries(metafile.inputs).map(([path, { imports }]) => [path, imports])).toEqual([
    ["dist/index.js", []],
  ]);
});

test("what others wrote of it is named, with its license", () => {
  const code = readFileSync(join(root, "dist/index.js"), "utf8");
  const notice = readFileSync(join(root, "dist/THIRD-PARTY.txt"), "utf8");
  const { version } = JSON.parse(
    readFileSync(join(root, "node_modules/@assemblyscript/loader/package.json"), "utf8"),
  ) as { version: string };
  expect(code.split("\n")[0]).toContain(`@assemblyscript/loader ${version}, Apache-2.0: see THIRD-PARTY.txt`);
  expect(notice).toContain(`@assemblyscript/loader ${version} `);
  expect(notice).toContain("Apache License");
  expect(notice).toContain("END OF TERMS AND CONDITIONS");
});

test("what a module never assigns to is a constant there, too: engines then know what is called", () => {
  const code = readFileSync(join(root, "dist/index.js"), "utf8");
  const variables = [...code.matchAll(/\bvar (\{|[\w$]+)[^;=(]*=/g)].map(([, names]) => names);
  expect(variables.filter((names) => /^[A-Z{]/.test(names!))).toEqual([]);
  expect(code).toMatch(/\bconst [A-Z]\w+=class\b/);
});

test("stack traces name functions and classes, in short lines; its source map tells the rest", () => {
  const program = `
    import { FrameReader } from "amqp-wasm";
    new FrameReader().push(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 99));
  `;
  const stack = (...flags: string[]): string => {
    writeFileSync(join(folder, "program.js"), program);
    const { stderr } = spawnSync(process.execPath, [...flags, join(folder, "program.js")], { encoding: "utf8" });
    return stderr;
  };
  expect(stack()).toMatch(/\bDecodeError: frame-end is 99[^]*at decodeFailure [^]*at FrameReader\.push /);
  for (const line of stack().split("\n")) expect(line.length).toBeLessThan(300);
  expect(stack("--enable-source-maps")).toMatch(/at #read \([^)]*src\/frame-reader\.ts:\d+/);
});

test("it is imported by its name, and nothing happens before the first use", () => {
  const out = run(`
    const { Module } = WebAssembly;
    let compiled = 0;
    WebAssembly.Module = class extends Module { constructor(bytes) { super(bytes); compiled += 1; } };
    const { Queue, marshal } = await import("amqp-wasm");
    const before = compiled;
    marshal(new Queue.Declare({ queue: "q" }), 1);
    console.log(JSON.stringify([before, compiled]));
  `);
  expect(JSON.parse(out)).toEqual([0, 1]);
});

test("files that wait are not evaluated by an import, nor by a reader of deliveries, and each once by who needs it", () => {
  const called = (use: string): Record<string, number> => {
    const out = run(`
      import { Session } from "node:inspector";
      import { writeSync } from "node:fs";
      const session = new Session();
      session.connect();
      session.post("Profiler.enable");
      session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
      const amqp = await import("amqp-wasm");
      const delivery = Uint8Array.from([
        1, 0, 1, 0, 0, 0, 19, 0, 60, 0, 60, 1, 99, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 101, 1, 114, 206,
        2, 0, 1, 0, 0, 0, 14, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 206, 3, 0, 1, 0, 0, 0, 1, 120, 206,
      ]);
      ${use}
      session.post("Profiler.takePreciseCoverage", (_, { result }) => {
        const { functions } = result.find(({ url }) => url.endsWith("amqp-wasm/dist/index.js"));
        const files = functions.filter(({ functionName, ranges }) => functionName.endsWith("File") && ranges[0].count > 0);
        writeSync(1, JSON.stringify(Object.fromEntries(files.map(({ functionName, ranges }) => [functionName, ranges[0].count]))));
      });
    `);
    return JSON.parse(out) as Record<string, number>;
  };
  expect(called("")).toEqual({});
  expect(called("new amqp.FrameReader().push(delivery)")).toEqual({});
  expect(called('amqp.judge(delivery, "rabbitmq-4")')).toMatchObject({
    judgeFile: 1,
    judgePropertiesFile: 1,
  });
  expect(called("new amqp.FrameWriter().write(new amqp.Heartbeat())")).toHaveProperty("writeFrameFile");
});

test("classes whose files wait are those that programs know: before the first is made, and behind it", () => {
  const out = run(`
    import { inspect } from "node:util";
    const amqp = await import("amqp-wasm");
    const { ChannelTracker, FrameCursor, FrameWriter, MessageReader, StoredMessage } = amqp;
    const heartbeat = Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 206);
    const said = {};
    // What is made by a function that another file hands in, before anybody has asked that file for something.
    said.table = [...amqp.FieldTable.from({ a: 1 }).octets];
    said.lengths = [ChannelTracker, FrameCursor, FrameWriter, MessageReader].map(({ length }) => length);
    said.shown = inspect(FrameWriter);
    // Who replaces a method before anybody has made one, as instruments do.
    const { write } = FrameWriter.prototype;
    let written = 0;
    FrameWriter.prototype.write = function (...given) { written++; return Reflect.apply(write, this, given); };
    const octets = new FrameWriter().write(new amqp.Heartbeat()).flush();
    said.replaced = [written, [...octets].join() === [...heartbeat].join()];
    const { getPrototypeOf } = Object;
    said.asked = [typeof Object.getOwnPropertyDescriptor(getPrototypeOf(getPrototypeOf(FrameCursor.prototype)), "next").value,
      "push" in FrameCursor.prototype, "routingKey" in FrameCursor.prototype, "nonsense" in FrameCursor.prototype];
    // One that is extended before its file was evaluated.
    class Counting extends MessageReader { count = 0; push(chunk) { this.count++; return super.push(chunk); } }
    const counting = new Counting();
    counting.push(heartbeat);
    const cursor = new FrameCursor();
    said.own = [[counting, Counting], [counting, MessageReader], [cursor, FrameCursor], [new ChannelTracker(), ChannelTracker]]
      .map(([object, type]) => object instanceof type);
    said.count = counting.count;
    said.made = [counting, cursor, new MessageReader()].map((object) => object.constructor.name);
    said.others = [cursor instanceof MessageReader, new FrameWriter() instanceof FrameCursor];
    const publish = new FrameWriter().publish(1, new amqp.Basic.Publish({ routingKey: "q" }), {}, new Uint8Array(3)).flush();
    const walking = new FrameCursor({ messages: true }).push(publish);
    walking.next();
    const stored = walking.message();
    said.stored = [stored instanceof StoredMessage, stored.constructor === StoredMessage, stored.routingKey, stored.bodySize];
    const codec = amqp.createCodec();
    said.codec = [new codec.FrameWriter() instanceof FrameWriter, [...new codec.FrameWriter().write(new amqp.Heartbeat()).flush()].length];
    console.log(JSON.stringify(said));
  `);
  expect(JSON.parse(out)).toEqual({
    table: [1, 97, 98, 1],
    lengths: [0, 0, 0, 1],
    shown: "[class FrameWriter]",
    replaced: [1, true],
    asked: ["function", true, true, false],
    own: [true, true, true, true],
    count: 1,
    made: ["Counting", "FrameCursor", "MessageReader"],
    others: [false, false],
    stored: [true, true, "q", 3],
    codec: [true, 8],
  });
});

test("who freezes classes whose files wait, and all that they extend, can make them", () => {
  const out = run(`
    const { Basic, FrameCursor, FrameWriter, StoredMessage, ...amqp } = await import("amqp-wasm");
    Object.freeze(FrameWriter.prototype);
    Object.freeze(amqp.ChannelTracker);
    for (let held = FrameCursor; held !== Function.prototype; held = Object.getPrototypeOf(held)) Object.freeze(held);
    for (let held = FrameCursor.prototype; held !== Object.prototype; held = Object.getPrototypeOf(held)) Object.freeze(held);
    Object.preventExtensions(StoredMessage.prototype);
    const octets = new FrameWriter().publish(1, new Basic.Publish({ routingKey: "q" }), {}, new Uint8Array(3)).flush();
    const cursor = new FrameCursor({ messages: true }).push(octets);
    const found = cursor.next();
    const stored = cursor.message();
    console.log(JSON.stringify([found, cursor instanceof FrameCursor, Object.isFrozen(Object.getPrototypeOf(FrameCursor.prototype)),
      stored instanceof StoredMessage, stored.routingKey, stored.body.length, new amqp.ChannelTracker().size]));
  `);
  expect(JSON.parse(out)).toEqual([true, true, true, true, "q", 3, 0]);
});

test("who imports a reader alone, and bundles it, gets nothing of what writes", () => {
  const bundle = (names: string): string =>
    buildSync({
      stdin: { contents: `export { ${names} } from "amqp-wasm";`, resolveDir: folder },
      bundle: true,
      format: "esm",
      write: false,
    }).outputFiles[0]!.text;
  expect(bundle("FrameReader")).not.toMatch(/FrameWriter|FrameCursor|ChannelTracker|StoredMessage/);
  expect(bundle("FrameWriter")).toContain("FrameWriter");
});

test("command classes are made when somebody asks, and are the same ones for all who ask", () => {
  const out = run(`
    const { setPrototypeOf } = Object;
    let made = 0;
    Object.setPrototypeOf = (object, prototype) => (typeof object === "function" && made++, setPrototypeOf(object, prototype));
    const amqp = await import("amqp-wasm");
    const atImport = made;
    const opened = amqp.unmarshal(amqp.marshal(new amqp.Channel.Open(), 1)).frame;
    const withOne = made;
    const spaces = ["Basic", "Channel", "Confirm", "Connection", "Exchange", "Queue", "Tx"].map((name) => [name, amqp[name]]);
    const classes = spaces.flatMap(([space, members]) =>
      Object.entries(members).filter(([, type]) => type?.commandName !== undefined).map(([name, type]) => [space + "." + name, type]));
    const given = Object.fromEntries(classes.flatMap(([, type]) => type.attributes.map((name) => [name, { shortstr: "", longstr: "", table: {}, bit: false }[type.amqpType(name)] ?? (name === "ticket" ? 0 : 1)])));
    const codec = await amqp.createCodec();
    const wrong = classes.filter(([name, type]) => {
      const frame = amqp.unmarshal(amqp.marshal(new type(given), 1)).frame;
      const [space, own] = name.split(".");
      return type.commandName !== name || amqp.commandByName(name) !== type || amqp.commandByIndex(type.index) !== type ||
        codec[space][own] !== type || frame.constructor !== type || !(frame instanceof type) || !(frame instanceof amqp.Method) ||
        type.validResponses.some((answer) => !classes.some(([, known]) => known === answer));
    });
    console.log(JSON.stringify([atImport, opened.constructor === amqp.Channel.Open, withOne, classes.length, made, wrong.map(([name]) => name)]));
  `);
  // Basic.Properties, the three that are made at once, the six of Channel.
  expect(JSON.parse(out)).toEqual([1 + 3, true, 1 + 3 + 6, 64, 1 + 64, []]);
});

test("functions that a start calls stand in parentheses, which has engines read them once", () => {
  const code = readFileSync(join(root, "dist/index.js"), "utf8");
  for (const name of ["currentCore", "takeDeliveries", "describeMethod", "instantiateSync"])
    expect(code).toMatch(new RegExp(`\\b${name}=\\(function\\(`));
});

test("stack traces name the classes of commands, too", () => {
  const out = run(`
    import { marshal, Queue } from "amqp-wasm";
    try {
      marshal(new Queue.Unbind({ queue: 1 }), 1);
    } catch ({ stack }) {
      console.log(stack);
    }
  `);
  expect(out).toMatch(/at Unbind\.\w+ /);
});

test("its classes are called by their names", () => {
  const out = run(`
    const all = await import("amqp-wasm");
    const classes = Object.entries(all).filter(([name, value]) => typeof value === "function" && /^[A-Z]/.test(name));
    console.log(JSON.stringify(classes.map(([name, value]) => [name, value.name])));
  `);
  const names = JSON.parse(out) as Array<[string, string]>;
  expect(names.length).toBeGreaterThan(10);
  for (const [name, said] of names) expect(said).toBe(name);
});

test.each(["core.wasm", "core-scalar.wasm"])("%s is an export, and initialize takes it as a module", (name) => {
  const out = run(`
    import { readFileSync } from "node:fs";
    import { createRequire } from "node:module";
    import { initialize, marshal, Basic } from "amqp-wasm";
    const path = createRequire(import.meta.url).resolve("amqp-wasm/${name}");
    initialize(new WebAssembly.Module(readFileSync(path)));
    console.log(Buffer.from(marshal(new Basic.Ack({ deliveryTag: 1 }), 1)).toString("hex"));
  `);
  expect(out.trim()).toBe("0100010000000d003c0050000000000000000100ce");
});

test("the README's quick start runs as it stands", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const code = /## Quick start\s+```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  expect(code).toContain('from "amqp-wasm"');
  expect(run(code!)).not.toBe("");
});

test("the README's example of views and forwarding runs as it stands", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const code = /## Views and forwarding[\s\S]*?```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  expect(run(code!).trim().split("\n")).toEqual([
    "published with orders.eu",
    "9000 octets, 00-4b-01",
    "acknowledged 7",
    "on to the broker: 9120 octets",
    "to the consumers: 18208 octets",
    "orders.eu 9000 18200",
  ]);
});

/** Examples that check their own outcome, and throw where the text is out of date. */
function selfChecking(file: string): Array<[name: string, code: string]> {
  const text = readFileSync(join(root, file), "utf8");
  const blocks = [...text.matchAll(/^#{2,3} (.+)$|```ts\n([^]*?)```/gm)];
  let heading = "";
  return blocks.flatMap(([, title, code]): Array<[string, string]> => {
    if (title !== undefined) heading = title;
    return code?.includes('throw new Error("') === true ? [[`${file}, ${heading}`, code]] : [];
  });
}

const examples = [...selfChecking("README.md"), ...selfChecking("docs/verdicts.md")];

test.each(examples)("%s: the example runs as it stands", (_, code) => {
  expect(run(transformSync(code, { loader: "ts", target: "node20" }).code)).not.toBe("");
});

test("there are examples for each piece between two peers", () => {
  expect(examples.map(([name]) => name.split(", ").slice(1).join(", "))).toEqual(
    expect.arrayContaining([
      "Quick start",
      "Frames changed in one place",
      "Messages with limits",
      "Beginning, tuning, channels",
      "What would a broker say?",
      "In a log",
    ]),
  );
});

test("the README's examples type-check for a user who checks libraries too", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const verdicts = readFileSync(join(root, "docs/verdicts.md"), "utf8");
  const examples = [...`${readme}\n${verdicts}`.matchAll(/```ts\n([\s\S]*?)```/g)]
    .map(([, code]) => code!)
    .filter((code) => !code.includes("core.wasm"));
  expect(examples.length).toBeGreaterThan(2);
  examples.forEach((code, i) => writeFileSync(join(folder, `example-${i}.ts`), code));
  const options = [
    "--noEmit",
    "--strict",
    "--target",
    "es2022",
    "--module",
    "nodenext",
    "--moduleResolution",
    "nodenext",
  ];
  execFileSync(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), ...options, ...examples.map((_, i) => `example-${i}.ts`)],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
});

test("the commands that the README prints are those of package.json", () => {
  const { scripts, bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
    bin: Record<string, string>;
  };
  const readme = readFileSync(join(root, "README.md"), "utf8");
  expect(readme).toContain("npm ci && npm start");
  expect(readme).toContain("npm ci && npm test");
  expect(existsSync(join(root, scripts["start"]!.replace(/^node /, "")))).toBe(true);
  const session = /examples\/\S+/.exec(scripts["decode"]!)?.[0];
  expect(existsSync(join(root, session!))).toBe(true);
  expect(bin).toEqual({ "amqp-wasm": "dist/cli.js" });
  const out = execFileSync(
    process.execPath,
    [join(folder, "node_modules/amqp-wasm", bin["amqp-wasm"]!), "decode", "--stats", join(root, session!)],
    {
      encoding: "utf8",
    },
  );
  expect(out).toMatch(/^Connection\.Start +1 /m);
});
