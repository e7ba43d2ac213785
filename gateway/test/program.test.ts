/** The program as it is built: options, signals, exit codes. `node gateway/build.js` first. */
import { spawn, type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import amqp from "amqplib";
import { afterEach, expect, test } from "vitest";
import { createLog } from "../src/log.js";
import { parseOptions, UsageError } from "../src/options.js";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const soak = fileURLToPath(new URL("../bench/soak.js", import.meta.url));
const PORTS = ["--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0"];

interface Run {
  child: ChildProcess;
  out: string;
  err: string;
  code: Promise<number | null>;
  /** Waits for this on standard error. */
  says(what: RegExp): Promise<RegExpExecArray>;
}

let runs: Run[] = [];
afterEach(() => {
  for (const { child } of runs) child.kill("SIGKILL");
  runs = [];
});

function run(args: string[], environment: Record<string, string> = {}, script = main): Run {
  const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, AMQP_URL: "", ...environment } });
  const looks = new Set<() => void>();
  const one: Run = {
    child,
    out: "",
    err: "",
    code: new Promise((resolve) => child.on("close", resolve)),
    says: (what) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = what.exec(one.err);
          if (found !== null) resolve(found);
        };
        looks.add(look);
        look();
      }),
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (one.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    one.err += text;
    for (const look of looks) look();
  });
  runs.push(one);
  return one;
}

test("--seconds with --demo: a banner, a load, a summary, exit code 0; the first line says that nothing is kept", async () => {
  const { code, ...rest } = run([...PORTS, "--demo", "--seconds", "2"]);
  expect(await code).toBe(0);
  const { out, err } = { out: runs[0]!.out, err: runs[0]!.err };
  expect(rest.child.exitCode).toBe(0);
  expect(err.split("\n")[0]).toMatch(/embedded broker.*keeps nothing.*RabbitMQ or LavinMQ/);
  expect(out).toMatch(/AMQP +amqp:\/\/127\.0\.0\.1:\d+\n.*WebSocket +ws:.*\n.*inspector +http:/);
  expect(out).toMatch(/3 connections \(3 TCP, 0 WebSocket\), 0 refused\nup +[1-9]\d* messages/);
  // Lines of rates are for terminals.
  expect(out).not.toContain("msg/s");
});

test("--json: every line is one object; the summary is one, too", async () => {
  const one = run([...PORTS, "--json", "--demo", "--seconds", "1"]);
  expect(await one.code).toBe(0);
  const lines = one.err
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of lines)
    expect(line).toMatchObject({ time: expect.any(String) as string, event: expect.any(String) as string });
  expect(lines.at(-1)).toMatchObject({ event: "summary", tcp: 3, refused: 0 });
  expect(one.out).toBe("");
});

test("SIGTERM: clients are told, exit code 0", async () => {
  const one = run([...PORTS]);
  const [, url] = await one.says(/tcp=(amqp:\S+)/);
  const connection = await amqp.connect(url!.replace("amqp://", "amqp://guest:guest@"));
  const told = new Promise<Error>((resolve) => connection.on("error", resolve).on("close", resolve));
  one.child.kill("SIGTERM");
  expect(String(await told)).toMatch(/320|CONNECTION_FORCED|CONNECTION-FORCED/);
  expect(await one.code).toBe(0);
});

test("AMQP_URL names the upstream; its password is shown nowhere", async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const one = run([...PORTS, "--demo", "--seconds", "1"], { AMQP_URL: `amqp://someone:hunter2@127.0.0.1:${port}/v` });
  expect(await one.code).toBe(0);
  expect(one.out).toContain(`amqp://127.0.0.1:${port}`);
  expect(one.out + one.err).not.toContain("hunter2");
  server.close();
});

test("--help and --version; what is wrong ends with 2, a port that is taken with 1", async () => {
  const help = run(["--help"]);
  expect([await help.code, help.out]).toEqual([0, expect.stringContaining("--upstream URL")]);
  const version = run(["--version"]);
  expect([await version.code, version.out]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  const wrong = run(["--frame-max", "12"]);
  expect([await wrong.code, wrong.err]).toEqual([
    2,
    expect.stringContaining("--frame-max takes a whole number of 4096"),
  ]);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const taken = run(["--tcp", `127.0.0.1:${port}`, "--no-ws"]);
  expect([await taken.code, taken.err]).toEqual([1, expect.stringContaining("EADDRINUSE")]);
  server.close();
});

test("a short soak: nothing lost, nothing out of order, memory flat", async () => {
  const one = run(["--messages", "40000", "--megabytes", "150"], {}, soak);
  expect([await one.code, one.err]).toEqual([0, ""]);
  expect(one.out.match(/none lost, in order/g)).toHaveLength(2);
});

test.each<[string[], RegExp]>([
  [["--unknown"], /--unknown/],
  [["--tcp", "nowhere"], /host:port/],
  [["--tcp", "127.0.0.1:70000"], /host:port/],
  [["--no-tcp", "--no-ws"], /nothing to listen on/],
  [["--seconds", "0"], /--seconds/],
  [["--upstream-cert", "/nowhere"], /--upstream-cert/],
  [["--path", "x"], /--path/],
])("%j is a wrong use", (args, says) => {
  expect(() => parseOptions(args, {})).toThrow(UsageError);
  expect(() => parseOptions(args, {})).toThrow(says);
});

test("options have their places", () => {
  const options = parseOptions(
    [
      "--tcp",
      "[::1]:1",
      "--ws",
      "2",
      "--origin",
      "https://a",
      "--origin",
      "https://b",
      "--max-body",
      "5",
      "--upstream",
      "amqp://x",
    ],
    { AMQP_URL: "amqp://y" },
  );
  expect(options).toMatchObject({
    tcp: { host: "::1", port: 1 },
    web: { host: "127.0.0.1", port: 2 },
    origins: ["https://a", "https://b"],
    upstream: "amqp://x",
    limits: { maxBodySize: 5, maxConnections: 10_000 },
  });
  expect(parseOptions([], { AMQP_URL: "amqp://y" }).upstream).toBe("amqp://y");
});

test("a log line is one line, whatever a peer calls itself", () => {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), now: () => new Date(0) });
  log("info", "open", "open", { product: "a\n\u001b[31m12:00 fake", user: "" });
  expect(lines).toEqual(['00:00:00.000 open  product="a\\n\\u001b[31m12:00 fake"  user=""\n']);
  createLog({ quiet: true, write: (line) => lines.push(line) })("info", "x", "x");
  expect(lines).toHaveLength(1);
});
