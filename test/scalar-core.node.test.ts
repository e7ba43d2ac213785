/** The core without vectors of 128 bits: that it has none, and who runs with it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { coreBase64 } from "../src/core-binary.js";

const build = join(fileURLToPath(import.meta.url), "../../build");

test("core-scalar.wasm has no instruction on vectors; core.wasm has", () => {
  const vectors = (name: string): number => readFileSync(join(build, name), "utf8").match(/\bv128\b/g)?.length ?? 0;
  expect(vectors("core-scalar.wat")).toBe(0);
  expect(vectors("core.wat")).toBeGreaterThan(0);
});

test("these tests run with the core that their project names", () => {
  const { AMQP_WASM_CORE: name = "core.wasm" } = process.env;
  // As one word: thousands of differing characters are nothing that a person would read.
  expect(readFileSync(join(build, name), "base64") === coreBase64).toBe(true);
});
