// Bundles the program and its page; the codec and `ws` stay packages of their own. `--types` writes the embedded broker's declarations, too.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildPage } from "./build-page.js";

const folder = dirname(fileURLToPath(import.meta.url));
process.chdir(folder);
const types = process.argv.includes("--types");
for (const entry of existsSync("dist") ? readdirSync("dist") : []) {
  if (entry !== "types" || types) rmSync(join("dist", entry), { recursive: true });
}
await build({
  absWorkingDir: folder,
  // The broker alone is for other people's tests.
  entryPoints: { main: "src/main.ts", broker: "src/broker/index.ts" },
  outdir: "dist",
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  external: ["amqp-wasm", "ws"],
  legalComments: "none",
  sourcemap: true,
});
chmodSync("dist/main.js", 0o755);
await buildPage(join(folder, "dist/page"));
if (types) {
  const tsc = join(folder, "../node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" });
}
