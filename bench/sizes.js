/** Octets on disk of a package and of all that it needs to run. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

function octetsOf(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  const inside = readdirSync(path).filter((name) => name !== "node_modules");
  return inside.reduce((sum, name) => sum + octetsOf(join(path, name)), 0);
}

/** Where `name` is found from `folder`, as Node looks for it; undefined where it is not installed. */
function installed(name, folder) {
  for (let at = folder; ; at = dirname(at)) {
    const found = join(at, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return found;
    if (at === dirname(at)) return undefined;
  }
}

/** All folders that `dependencies` of the package in `folder` lead to. */
function closure(folder, found = new Set()) {
  for (const name of Object.keys(manifest(folder).dependencies ?? {})) {
    const at = installed(name, folder);
    if (at === undefined || found.has(at)) continue;
    found.add(at);
    closure(at, found);
  }
  return found;
}

const total = (folders) => [...folders].reduce((sum, folder) => sum + octetsOf(folder), 0);

/** What npm takes into a package without being told. */
const always = ["package.json", "README.md", "LICENSE"];

function ours() {
  const { name, version, files } = manifest(root);
  const needed = closure(root);
  const own = [...files, ...always].filter((file) => existsSync(join(root, file)));
  return {
    name,
    version,
    octets: total(own.map((file) => join(root, file))) + total(needed),
    dependencies: needed.size,
  };
}

/** `[{ name, version, octets, dependencies }]`: this package, and the rivals that are installed. */
export function packageSizes() {
  const rivals = join(root, "bench/rivals");
  const names = existsSync(join(rivals, "package.json")) ? Object.keys(manifest(rivals).dependencies ?? {}) : [];
  const found = names.map((name) => [name, installed(name, rivals)]).filter(([, folder]) => folder !== undefined);
  return [
    ours(),
    ...found.map(([name, folder]) => {
      const needed = closure(folder);
      return {
        name,
        version: manifest(folder).version,
        octets: octetsOf(folder) + total(needed),
        dependencies: needed.size,
      };
    }),
  ];
}
