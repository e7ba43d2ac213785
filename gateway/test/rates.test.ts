/** What the terminal shows: a line of rates a second, and a summary at the end. */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { newCounters } from "../src/counters.js";
import { Rates, size, summary, summaryFields } from "../src/rates.js";

test.each([
  [0, "0 B"],
  [0.4, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [9940, "9.9 kB"],
  [9960, "10 kB"],
  [10_000, "10 kB"],
  [123_456, "123 kB"],
  [1_500_000, "1.5 MB"],
  [2 ** 31, "2.1 GB"],
  [5e12, "5.0 TB"],
  [5e15, "5000 TB"],
  // What rounds up to the next unit is told in it.
  [999.6, "1.0 kB"],
  [999_999, "1.0 MB"],
])("%d octets are %s", (octets, text) => {
  expect(size(octets)).toBe(text);
});

describe("the line of rates", () => {
  test("is what came since the line before, by the second, each way", () => {
    const counters = newCounters();
    // What was counted before does not matter.
    counters.up = { messages: 500, frames: 900, octets: 5000 };
    const rates = new Rates(counters, 10_000);
    counters.up = { messages: 12_845, frames: 37_935, octets: 2_005_000 };
    counters.down = { messages: 3, frames: 9, octets: 640 };
    counters.connections = 1;
    expect(rates.line(11_000)).toBe(
      "up 12,345 msg/s 37,035 frames/s 2.0 MB/s   down 3 msg/s 9 frames/s 640 B/s   1 connection",
    );
    counters.connections = 2;
    expect(rates.line(12_000)).toBe("up 0 msg/s 0 frames/s 0 B/s   down 0 msg/s 0 frames/s 0 B/s   2 connections");
  });

  test("goes by the time that passed, not by how often it was asked for", () => {
    const counters = newCounters();
    const rates = new Rates(counters, 0);
    counters.down = { messages: 100, frames: 300, octets: 40_000 };
    expect(rates.line(4000)).toContain("down 25 msg/s 75 frames/s 10 kB/s   0 connections");
    counters.down = { messages: 110, frames: 330, octets: 44_000 };
    expect(rates.line(4500)).toContain("down 20 msg/s 60 frames/s 8.0 kB/s");
    // Asked twice at once: nothing came, and nothing is divided by nothing.
    expect(rates.line(4500)).toContain("down 0 msg/s 0 frames/s 0 B/s");
  });
});

test("the summary says how long, who came and who was refused, and what went each way", () => {
  const counters = newCounters();
  counters.up = { messages: 1_000_000, frames: 3_000_000, octets: 2 ** 31 };
  counters.down = { messages: 1, frames: 3, octets: 99 };
  Object.assign(counters, { tcp: 1000, webSocket: 200, strangers: 1 });
  counters.refused = new Map([
    [501, 2],
    [505, 4],
  ]);
  expect(summary(counters, 61.04)).toBe(
    "61.0 s, 1,200 connections (1,000 TCP, 200 WebSocket), 7 refused\n" +
      "up    1,000,000 messages, 3,000,000 frames, 2.1 GB\n" +
      "down  1 messages, 3 frames, 99 B",
  );
  expect(summaryFields(counters, 61.0404)).toMatchObject({ seconds: 61.04, tcp: 1000, webSocket: 200, refused: 6 });
});

/** `script` runs a program under a terminal of its own; util-linux has it. */
const script = spawnSync("script", ["--version"], { encoding: "utf8" });
const hasTerminal = /util-linux/.test(script.stdout ?? "");

describe.skipIf(!hasTerminal)("under a terminal (needs script of util-linux)", () => {
  const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

  async function run(...options: string[]): Promise<{ code: number | null; lines: string[] }> {
    const words = [process.execPath, main, "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0", "--demo", ...options];
    const child = spawn("script", ["-qec", words.map((word) => `'${word}'`).join(" "), "/dev/null"], {
      env: { ...process.env, AMQP_URL: "" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, lines: out.split("\r\n") };
  }
  const rates = /^up [\d,]+ msg\/s [\d,]+ frames\/s [\d.]+ \wB\/s {3}down [\d,]+ msg\/s .* {3}3 connections$/;

  test("there is a line of rates each second, and the summary behind", async () => {
    const { code, lines } = await run("--seconds", "4");
    expect(code).toBe(0);
    const found = lines.filter((line) => rates.test(line));
    expect([2, 3, 4]).toContain(found.length);
    // The demonstration never rests.
    for (const line of found) expect(line).toMatch(/^up [1-9].* {3}down [1-9]/);
    expect(lines.findIndex((line) => / refused$/.test(line))).toBeGreaterThan(lines.indexOf(found.at(-1)!));
  });

  test.each(["--quiet", "--json"])("with %s there is none", async (option) => {
    const { code, lines } = await run("--seconds", "2", option);
    expect(code).toBe(0);
    expect(lines.join("\n")).not.toContain("msg/s");
  });
});
