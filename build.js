// The whole build on one page: core, embedded core, bundles, declarations, size budget.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

// Octets. The bundle is index.js with everything in it, minified and gzipped, as a browser would fetch it.
const budget = { core: 40 * 1024, bundle: 96 * 1024 };

process.chdir(dirname(fileURLToPath(import.meta.url)));
const run = (script, ...args) =>
  execFileSync(process.execPath, [join("node_modules", script), ...args], { stdio: ["ignore", "inherit", "inherit"] });

// 1. The core. `--debug` keeps the names of its functions, for profiles.
const debug = process.argv.includes("--debug") ? ["--debug"] : [];
run("assemblyscript/bin/asc.js", "--config", "asconfig.json", "--target", "release", ...debug);
const core = readFileSync("build/core.wasm");
const imports = WebAssembly.Module.imports(new WebAssembly.Module(core)).map(({ module, name }) => `${module}.${name}`);
if (imports.join() !== "env.memory")
  throw new Error(`core.wasm may import env.memory alone, but imports: ${imports.join(", ")}`);

// 2. Embedded. The `: string` keeps the base64 out of the declarations.
writeFileSync(
  "src/core-binary.ts",
  `/** core.wasm, written by build.js. */\nexport const coreBase64: string =\n  "${core.toString("base64")}";\n`,
);
if (process.argv.includes("--core")) process.exit();

// 3. Bundles and declarations.
rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
copyFileSync("build/core.wasm", "dist/core.wasm");
const face = {
  entryPoints: ["src/index.ts"],
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: "es2022",
  legalComments: "none",
};
await build({ ...face, outfile: "dist/index.js", external: ["@assemblyscript/loader"], sourcemap: true });
if (existsSync("src/cli.ts")) {
  // The tool uses the library as any program does: it is not bundled a second time.
  const library = {
    name: "library",
    setup: ({ onResolve }) =>
      onResolve({ filter: /^\.\.?\/index\.js$/ }, () => ({ path: "./index.js", external: true })),
  };
  await build({
    ...face,
    entryPoints: ["src/cli.ts"],
    outfile: "dist/cli.js",
    platform: "node",
    target: "node20",
    ...(readFileSync("src/cli.ts", "utf8").startsWith("#!") ? {} : { banner: { js: "#!/usr/bin/env node" } }),
    plugins: [library],
  });
  chmodSync("dist/cli.js", 0o755);
}
run("typescript/bin/tsc", "-p", "tsconfig.build.json");
// The declarations name the core's own, which asc wrote: they stand where that name leads.
mkdirSync("dist/build");
writeFileSync(
  "dist/core.wasm.d.ts",
  "/** The core, on hosts that import .wasm as a module to be instantiated: hand it to `initialize`. */\ndeclare const core: WebAssembly.Module;\nexport default core;\n",
);
copyFileSync("build/core.d.ts", "dist/build/core.d.ts");

// 4. The budget.
const { outputFiles } = await build({
  ...face,
  write: false,
  minify: true,
  mainFields: ["module", "main"],
  conditions: ["import"],
});
const bundle = gzipSync(outputFiles[0].contents, { level: 9 });
let over = false;
for (const [name, octets, limit] of [
  ["core.wasm", core.length, budget.core],
  ["index.js with all it needs, minified and gzipped", bundle.length, budget.bundle],
]) {
  console.log(`${name}: ${octets} of ${limit} octets`);
  over ||= octets > limit;
}
if (over) throw new Error("over the size budget");
