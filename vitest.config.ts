import { readFileSync } from "node:fs";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { launchOptions } from "./bench/chromium-launch.js";

/** What touches octets in the core, for a core without vectors of 128 bits: the same files, another module embedded. */
const octets = [
  "alike-publishes",
  "captures",
  "command-tape",
  "deliver-routes",
  "deliver-run",
  "known-tables",
  "nested-tables",
  "repeated-frames",
  "repetition",
  "laid-out",
  "same-headers",
  "scalar-core.node",
  "streams",
  "table-patterns",
  "vectors",
  "waiting-deliveries",
  "waiting-runs",
  "whole-contents",
];
const scalarCore = {
  name: "scalar-core",
  load: (id: string) =>
    id.endsWith("/src/core-binary.ts")
      ? `export const coreBase64 = "${readFileSync("build/core-scalar.wasm", "base64")}";`
      : undefined,
};

export default defineConfig({
  test: {
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      // The tool runs in processes of its own, which are not measured; test/cli.node.test.ts goes through all of it.
      exclude: ["src/core-binary.ts", "src/cli.ts", "src/cli/**", "gateway/**"],
      reporter: ["text", "json-summary", "lcovonly"],
      thresholds: { lines: 95 },
    },
    projects: [
      {
        test: {
          name: "node",
          environment: "node",
          include: ["test/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [scalarCore],
        test: {
          name: "scalar",
          environment: "node",
          include: octets.map((name) => `test/${name}.test.ts`),
          env: { AMQP_WASM_CORE: "core-scalar.wasm" },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "gateway",
          environment: "node",
          include: ["gateway/test/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "chromium",
          include: ["test/**/*.test.ts"],
          // Five that compare for long, and run in the same engine in Node.
          exclude: [
            "test/**/*.node.test.ts",
            ...["differential", "frame-cursor", "laid-out", "repeated-frames", "usual-deliveries"].map(
              (name) => `test/${name}.test.ts`,
            ),
          ],
          testTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
