// The whole build on one page: core, embedded core, bundles, declarations, size budget.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { beginAtOnce, waitWithClasses } from "./build-start.js";
import { sayPure, waitWithFiles } from "./build-waiting.js";

// Octets. The bundle is index.js with everything in it, minified and gzipped, as a browser would fetch it.
const budget = { core: 46.5 * 1024, bundle: 106.5 * 1024 };

process.chdir(dirname(fileURLToPath(import.meta.url)));
const run = (script, ...args) =>
  execFileSync(process.execPath, [join("node_modules", script), ...args], { stdio: ["ignore", "inherit", "inherit"] });

// 1. The core. `--debug` keeps the names of its functions, and index.js readable, for profiles.
const debug = process.argv.includes("--debug");
function compiled(target, name) {
  run("assemblyscript/bin/asc.js", "--config", "asconfig.json", "--target", target, ...(debug ? ["--debug"] : []));
  const octets = readFileSync(`build/${name}`);
  const module = new WebAssembly.Module(octets);
  const imports = WebAssembly.Module.imports(module).map(({ module, name }) => `${module}.${name}`);
  if (imports.join() !== "env.memory")
    throw new Error(`${name} may import env.memory alone, but imports: ${imports.join(", ")}`);
  return octets;
}
const core = compiled("release", "core.wasm");

// 2. Embedded. The `: string` keeps the base64 out of the declarations.
writeFileSync(
  "src/core-binary.ts",
  `/** core.wasm, written by build.js. */\nexport const coreBase64: string =\n  "${core.toString("base64")}";\n`,
);
if (process.argv.includes("--core")) process.exit();
// The same for hosts that have no vectors of 128 bits.
const scalar = compiled("scalar", "core-scalar.wasm");

// 3. Bundles and declarations.
rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
for (const name of ["core.wasm", "core-scalar.wasm"]) {
  copyFileSync(`build/${name}`, `dist/${name}`);
  writeFileSync(
    `dist/${name}.d.ts`,
    "/** The core, on hosts that import .wasm as a module to be instantiated: hand it to `initialize`. */\ndeclare const core: WebAssembly.Module;\nexport default core;\n",
  );
}
const face = {
  entryPoints: ["src/index.ts"],
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: "es2022",
  legalComments: "none",
};
const whole = { ...face, mainFields: ["module", "main"], conditions: ["import"], write: false };
await writeLibrary();
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
copyFileSync("build/core.d.ts", "dist/build/core.d.ts");

// 4. The budget.
const { outputFiles } = await build({ ...whole, minify: true });
const bundle = gzipSync(outputFiles[0].contents, { level: 9 });
let over = false;
for (const [name, octets, limit] of [
  ["core.wasm", core.length, budget.core],
  ["core-scalar.wasm", scalar.length, budget.core],
  ["index.js with all it needs, minified and gzipped", bundle.length, budget.bundle],
]) {
  console.log(`${name}: ${octets} of ${limit} octets`);
  over ||= octets > limit;
}
if (over && !debug) throw new Error("over the size budget");

/**
 * index.js, with the loader in it: a module more, and all that is no code, are what a program's start waits for. Functions and classes keep their names, for stack traces and profiles; lines stay short,
 * because engines print the one that threw.
 */
async function writeLibrary() {
  const bundled = await build({ ...whole, outfile: "dist/index.js", sourcemap: "inline" });
  const { text: waiting, classes } = waitWithClasses(bundled.outputFiles[0].text);
  const { text, numbers } = takeNumbers(await keepConstants(waiting));
  // Without its exports it is a script, and esbuild leaves the names of a script's outermost scope as they are.
  const [exported] = /^export \{[^}]*\};$/m.exec(text);
  const script = beginAtOnce(text).replace(exported, "");
  const named = await transform(script.replace(/^\/\/ (?=src\/|node_modules\/)/gm, "//! "), {
    // What still names a class that waits, names nothing.
    define: { ...numbers, ...Object.fromEntries(classes.map((name) => [name, "waitingClass"])) },
    minifyIdentifiers: !debug,
    target: face.target,
    legalComments: "inline",
    sourcemap: "inline",
    sourcefile: "index.js",
  });
  // Only now: within a function, names would be shortened as well.
  const { code, map, warnings } = await transform(waitWithFiles(named.code, exported), {
    minifySyntax: true,
    minifyWhitespace: !debug,
    target: face.target,
    legalComments: face.legalComments,
    lineLimit: 160,
    sourcemap: "external",
    sourcefile: "index.js",
  });
  // One that is assigned to is no constant: its variable would be gone.
  const warned = [...named.warnings, ...warnings];
  if (warned.length > 0) throw new Error(warned.map(({ text }) => text).join("\n"));
  if (code.includes("waitingClass")) throw new Error("a command class is named where it may not be made yet");
  const loader = "@assemblyscript/loader";
  const { version, license } = JSON.parse(readFileSync(join("node_modules", loader, "package.json"), "utf8"));
  // One line, which the source map is told of.
  const banner = `/*! Contains ${loader} ${version}, ${license}: see THIRD-PARTY.txt. */`;
  const { mappings, ...rest } = JSON.parse(map);
  const exports = exported.replace(/\s+/g, " ");
  const constants = exports.match(/[\w$]+(?=[, ])/g).filter((name) => name in numbers);
  const declared = `const ${constants.map((name) => `${name}=${numbers[name]}`).join()};`;
  writeFileSync(
    "dist/index.js",
    `${banner}\n${sayPure(code)}${declared}\n${exports}\n//# sourceMappingURL=index.js.map\n`,
  );
  writeFileSync("dist/index.js.map", JSON.stringify({ ...rest, mappings: `;${mappings}` }));
  writeFileSync(
    "dist/THIRD-PARTY.txt",
    `index.js contains ${loader} ${version} (https://github.com/AssemblyScript/assemblyscript, lib/loader), by Daniel Wirtz, MaxGraey and the other authors of AssemblyScript, ` +
      `unchanged but for what bundling does to it. Its license follows.\n\n${readFileSync("node_modules/assemblyscript/LICENSE", "utf8")}`,
  );
}

/**
 * Makes constants again of what a bundler makes variables of: of those an engine knows at once what they hold, and can build in what is called by them (`set.call` takes half the time). Those that are assigned to stay variables.
 */
async function keepConstants(bundle) {
  // As many octets as before: the source map tells columns.
  const text = bundle.replace(/^var (.+?) = /gm, "const $1=");
  const { warnings } = await transform(text, { logLevel: "silent" });
  const assigned = new Set(
    warnings.map(({ text }) => /^This assignment will throw because "(.+)" is a constant$/.exec(text)[1]),
  );
  return text.replace(/^const (.+?)=/gm, (begin, name) => (assigned.has(name) ? `var ${name} = ` : begin));
}

/**
 * Takes the numbers that have a name out of a bundle's outermost scope, to be written where they are used: an engine fetches a module's variable each time, and looks whether it is a number still, which makes hot loops a tenth slower.
 * esbuild does it where nothing but such constants stands before one in its file. Lines stay where they are.
 */
function takeNumbers(bundle) {
  const numbers = {};
  const text = bundle.replace(/^const ([A-Z][A-Z\d_]*)=([\w$ ()+*/|&<>~-]+);$/gm, (line, name, expression) => {
    const names = expression.match(/\b[A-Za-z_$][\w$]*/g) ?? [];
    if (!names.every((used) => used in numbers)) return line;
    const value = new Function(...names, `return ${expression}`)(...names.map((used) => Number(numbers[used])));
    if (typeof value !== "number") return line;
    numbers[name] = String(value);
    return "";
  });
  return { text, numbers };
}
