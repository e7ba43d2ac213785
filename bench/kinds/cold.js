/** A fresh process: from the candidate's import to the end of its first 64 KiB. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inChild } from "../child.js";
import { stream } from "../corpus.js";
import { orderOf, summed } from "../measure.js";

export async function run(row, candidates, { quick }) {
  const folder = mkdtempSync(join(tmpdir(), "amqp-wasm-bench-"));
  try {
    const chunk = join(folder, "chunk.bin");
    writeFileSync(chunk, stream("W1", 65536).octets);
    const entrants = candidates
      .filter(({ floor }) => !floor)
      .map(({ name, file }) => ({ name, module: `./candidates/${file}.js`, samples: [] }));
    for (let i = 0; i < (quick ? 1 : 21); i++) {
      for (const place of orderOf(entrants.length, i)) {
        const { module, samples } = entrants[place];
        samples.push(await inChild("cold-child.js", { module, chunk }));
      }
    }
    return { unit: "ms", entrants: summed(entrants), missing: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
