import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Progress } from "../src/cli/progress.js";
import { Basic, Channel, Connection, FrameWriter, Heartbeat, ProtocolHeader, Queue } from "../src/index.js";

const tool = join(import.meta.dirname, "../dist/cli.js");
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "amqp-wasm-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the built tool with these octets on standard input. */
async function run(args: string[], input?: Uint8Array | string, node: string[] = []): Promise<Outcome> {
  const child = spawn(process.execPath, [...node, tool, ...args]);
  const outcome = { code: null as number | null, out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (outcome.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (outcome.err += text));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input ?? "");
  [outcome.code] = (await once(child, "close")) as [number];
  return outcome;
}

function file(name: string, octets: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, octets);
  return path;
}

/** A client's side of a small connection. */
function session(): Uint8Array {
  const writer = new FrameWriter();
  writer.write(new ProtocolHeader());
  writer.write(new Connection.StartOk({ clientProperties: { product: "test" }, response: "\0guest\0hunter2" }), 0);
  writer.write(new Channel.Open(), 1);
  writer.publish(
    1,
    new Basic.Publish({ exchange: "events", routingKey: "a.b" }),
    { messageId: "m1", headers: { n: 1n << 60n } },
    new Uint8Array(5),
  );
  writer.write(new Heartbeat());
  return writer.flush();
}

const NAMES = [
  "ProtocolHeader",
  "Connection.StartOk",
  "Channel.Open",
  "Basic.Publish",
  "ContentHeader",
  "ContentBody",
  "Heartbeat",
];

test("a line for each frame, with offset, channel, name and arguments", async () => {
  const { code, out, err } = await run(["decode", file("session.bin", session())]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const lines = out
    .trimEnd()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  expect(lines.map(([, , name]) => name)).toEqual(NAMES);
  expect(lines.map(([, channel]) => Number(channel))).toEqual([0, 0, 1, 1, 1, 1, 0]);
  expect(lines[1]![0]).toBe("8");
  expect(out).toContain(
    "Basic.Publish { ticket: 0, exchange: 'events', routingKey: 'a.b', mandatory: false, immediate: false }",
  );
  expect(out).toContain(
    "ContentHeader { bodySize: 5, properties: { headers: { n: 1152921504606846976n }, messageId: 'm1' } }",
  );
  expect(out).toContain("ContentBody { length: 5 }");
});

test("offsets are those of the frames, and octets add up to the stream", async () => {
  const octets = session();
  const { out } = await run(["decode", "--json", "-"], octets);
  const rows = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { offset: number; octets: number; name: string });
  expect(rows.map(({ name }) => name)).toEqual(NAMES);
  let at = 0;
  for (const row of rows) {
    expect(row.offset).toBe(at);
    at += row.octets;
  }
  expect(at).toBe(octets.length);
});

test("--json keeps 64-bit numbers exact and names arguments", async () => {
  const { out } = await run(["decode", "--json"], session());
  const rows = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows[3]).toMatchObject({
    name: "Basic.Publish",
    channel: 1,
    arguments: { exchange: "events", routingKey: "a.b" },
  });
  expect(rows[4]).toMatchObject({ bodySize: 5, properties: { headers: { n: "1152921504606846976" } } });
  expect(rows[5]).toMatchObject({ length: 5 });
});

test("--stats counts frames and octets, and sums them up", async () => {
  const octets = session();
  const { out } = await run(["decode", "--stats"], octets);
  expect(out).toMatch(/^ContentBody +1 +13 /m);
  expect(out).toMatch(new RegExp(`^total +7 +${octets.length} +100\\.0 %$`, "m"));
  expect(out).toMatch(/^on 2 channels$/m);
  const json = await run(["decode", "--stats", "--json"], octets);
  expect(json.out).toContain('{"name":"ContentBody","frames":1,"octets":13}\n');
});

test("secrets are hidden, unless they are asked for", async () => {
  for (const format of [[], ["--json"]]) {
    const hidden = await run(["decode", ...format], session());
    expect(hidden.out).toContain("[hidden]");
    expect(hidden.out).not.toContain("hunter2");
    const shown = await run(["decode", "--show-secrets", ...format], session());
    expect(shown.out).toContain("hunter2");
  }
});

test("--hex reads hexadecimal text, however it is spaced", async () => {
  const text = Buffer.from(session())
    .toString("hex")
    .toUpperCase()
    .replace(/(.{7})/g, "$1 \n");
  const { code, out } = await run(["decode", "--hex"], text);
  expect(code).toBe(0);
  expect(out.trimEnd().split("\n")).toHaveLength(NAMES.length);
});

test.each([
  ["0100zz", /not a hexadecimal digit: "z" at character 5/],
  ["41f", /ends within an octet/],
])("--hex refuses %j", async (text, message) => {
  const { code, err } = await run(["decode", "--hex"], text);
  expect(code).toBe(2);
  expect(err).toMatch(message);
});

test("a stream may begin in the middle of a connection", async () => {
  const { code, out } = await run(["decode"], session().subarray(8));
  expect(code).toBe(0);
  expect(out.trimEnd().split("\n")).toHaveLength(NAMES.length - 1);
});

test("wrong octets: good frames first, then offset, reason and reply code, exit code 1", async () => {
  const good = session();
  const bad = new Uint8Array([...good, 9, 1, 2, 3]);
  const { code, out, err } = await run(["decode", file("bad.bin", bad)]);
  expect(code).toBe(1);
  expect(out.trimEnd().split("\n")).toHaveLength(NAMES.length);
  expect(err).toContain(`wrong octets at offset ${good.length}: unknown frame type 9`);
  expect(err).toContain("reply code 501 (FRAME_ERROR)");
  const stats = await run(["decode", "--stats"], bad);
  expect(stats.code).toBe(1);
  expect(stats.out).toMatch(/^total +7 /m);
});

test("a header table that cannot be read is told of, and what follows is decoded", async () => {
  const writer = new FrameWriter();
  writer.publish(1, new Basic.Publish(), { contentType: "a/b", headers: { k: null } });
  writer.write(new Heartbeat());
  const octets = writer.flush();
  // The type octet of "k": there is no type Z.
  octets[octets.lastIndexOf(0x56)] = 0x5a;
  const { code, out, err } = await run(["decode"], octets);
  expect(code).toBe(1);
  expect(out).toContain("contentType: 'a/b'");
  expect(out).toContain("headers: '[field-type at offset");
  expect(out).toContain("Heartbeat");
  expect(err).toMatch(/headers\.k has unknown field type 90 \(Z\); reply code 541 \(INTERNAL_ERROR\)/);
  expect((await run(["decode", "--stats"], octets)).code).toBe(1);
});

test("octets that end within a frame are told of, and are no fault", async () => {
  const octets = session();
  const { code, out, err } = await run(["decode"], octets.subarray(0, octets.length - 3));
  expect(code).toBe(0);
  expect(out.trimEnd().split("\n")).toHaveLength(NAMES.length - 1);
  expect(err).toContain(`5 octets of it are there, from offset ${octets.length - 8} on`);
});

test("--frame-max is the limit of a frame's payload", async () => {
  const octets = new FrameWriter({ frameMax: 0 })
    .publish(1, new Basic.Publish(), null, new Uint8Array(200_000))
    .flush();
  const refused = await run(["decode"], octets);
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("frame size 200000 is over the limit of 131072 octets");
  const taken = await run(["decode", "--frame-max", "0"], octets);
  expect({ code: taken.code, lines: taken.out.trimEnd().split("\n").length }).toEqual({ code: 0, lines: 3 });
});

test.each([
  [[], /a command is missing/],
  [["encode"], /unknown command 'encode'/],
  [["decode", "a", "b"], /one file/],
  [["decode", "--colour"], /--colour/],
  [["decode", "--frame-max", "8"], /--frame-max takes/],
])("%j is a wrong command line: exit code 2", async (args, message) => {
  const { code, out, err } = await run(args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(message);
});

test("a file that cannot be read: exit code 2 and its name", async () => {
  const missing = await run(["decode", join(folder, "missing.bin")]);
  expect(missing.code).toBe(2);
  expect(missing.err).toContain("missing.bin");
  const directory = await run(["decode", folder]);
  expect(directory.code).toBe(2);
});

test("--help and --version", async () => {
  const help = await run(["--help"]);
  expect(help).toMatchObject({ code: 0, err: "" });
  expect(help.out).toContain("Usage: amqp-wasm decode [FILE|-]");
  expect((await run(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("a reader that closes the pipe early is no failure", async () => {
  const child = spawn(process.execPath, [tool, "decode", "-"]);
  child.stdin.on("error", () => undefined);
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const octets = session().subarray(8);
  for (let i = 0; i < 2000; i++) child.stdin.write(octets);
  await once(child.stdout, "data");
  child.stdout.destroy();
  child.stdin.end();
  const [code] = (await once(child, "close")) as [number];
  expect({ code, err }).toEqual({ code: 0, err: "" });
});

test("exit codes are the same where nobody reads standard error", async () => {
  const child = spawn(process.execPath, [tool, "decode", "no such file"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  // Closed on this side before the tool can have said anything.
  child.stderr.destroy();
  const [code] = (await once(child, "close")) as [number];
  expect(code).toBe(2);
});

test("memory does not grow with the input: 96 MiB through a heap of 24", async () => {
  const writer = new FrameWriter();
  while (writer.bytesPending < 1 << 20)
    writer.publish(1, new Basic.Publish({ routingKey: "k" }), { priority: 1 }, new Uint8Array(900));
  const piece = writer.flush();
  const child = spawn(process.execPath, ["--max-old-space-size=24", tool, "decode", "--stats"]);
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  const closed = once(child, "close");
  for (let i = 0; i < 96; i++) if (!child.stdin.write(piece)) await once(child.stdin, "drain");
  child.stdin.end();
  const [code] = (await closed) as [number];
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^total +\\d+ +${96 * piece.length} `, "m"));
});

test("progress shows on a terminal, and only for large files", () => {
  const written: string[] = [];
  const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(String(text)) > 0);
  const before = process.stderr.isTTY;
  try {
    process.stderr.isTTY = true;
    const now = vi.spyOn(performance, "now").mockReturnValue(0);
    const large = new Progress(64 * 1024 * 1024);
    const small = new Progress(1024);
    now.mockReturnValue(1000);
    large.at(16 * 1024 * 1024);
    small.at(512);
    large.end();
    small.end();
    process.stderr.isTTY = false;
    new Progress(64 * 1024 * 1024).at(1024);
    now.mockRestore();
  } finally {
    process.stderr.isTTY = before;
    write.mockRestore();
  }
  expect(written).toEqual(["\r25 %, 16 of 64 MiB, 16 MiB a second\x1b[K", "\r\x1b[K"]);
});

test.each([[], ["--json"]])("what a peer sent gives no terminal a command: %j", async (...more: string[]) => {
  const text = "a\u001b[2J\u009b31m\u202e\u2028\u0007";
  const octets = new FrameWriter().write(new Queue.Declare({ queue: "q", arguments: { [text]: text } }), 1).flush();
  const { out } = await run(["decode", ...more], octets);
  expect(out).toMatch(/^[\u0020-\u007e]+\n$/);
  if (more.length > 0) expect(JSON.parse(out)).toMatchObject({ arguments: { arguments: { [text]: text } } });
});
