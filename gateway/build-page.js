// Builds the inspector page into a folder: one script, one style sheet, nothing that is fetched from elsewhere.
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = join(dirname(fileURLToPath(import.meta.url)), "page");

export async function buildPage(to) {
  // esbuild has a working directory of its own.
  const into = resolve(to);
  mkdirSync(into, { recursive: true });
  await build({
    entryPoints: [join(folder, "main.ts")],
    outfile: join(into, "main.js"),
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
  });
  await build({
    entryPoints: [join(folder, "style.css")],
    outfile: join(into, "style.css"),
    bundle: true,
    minify: true,
  });
  for (const file of ["index.html", "icon.svg"]) copyFileSync(join(folder, file), join(into, file));
}
