/** The rivals live in a package of their own, bench/rivals; the bench runs without them, too. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const home = new URL("../rivals/", import.meta.url);
const load = createRequire(new URL("package.json", home));
const { dependencies } = load("./package.json");

/** The version that is installed, or undefined. */
export function installed(name) {
  try {
    return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, home), "utf8")).version;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** What is not as bench/rivals/package.json wants it, in words. Empty where all is well. */
export const missing = Object.entries(dependencies)
  .filter(([name, wanted]) => installed(name) !== wanted)
  .map(
    ([name, wanted]) =>
      `${name} ${wanted} (${installed(name) ?? "nothing"} is installed: npm ci --prefix bench/rivals)`,
  );

/**
 * A rival's version, and its files, also those that its `exports` hides.
 * @throws Error that names the package, with the code of a module that is not there.
 */
export function rival(name) {
  const version = installed(name);
  if (version === undefined)
    throw Object.assign(new Error(`Cannot find module '${name}': npm ci --prefix bench/rivals`), {
      code: "MODULE_NOT_FOUND",
    });
  return { version, load: (path) => load(`./node_modules/${name}/${path}`) };
}
