/**
 * The candidates that were written for Node, for pages: each bundled as a program's own bundler would do it, with the libraries that bundlers put in the place of Node's modules. They are bundled one by one, so that
 * `Buffer` is what is best for each: page-buffer.js for pure-js, for the rivals the package of that name, which their users get in a browser. It is never a global: this package would take it for Node's own.
 */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { installed } from "./candidates/installed.js";

const home = fileURLToPath(new URL(".", import.meta.url));
const rivals = join(home, "rivals");

/** The rivals' packages by their candidates' names. */
const packages = { amqplib: "amqplib", cloudamqp: "@cloudamqp/amqp-client", "rabbitmq-client": "rabbitmq-client" };
const libraries = { buffer: "buffer", events: "events", process: "process", stream: "readable-stream" };
/** Modules that rivals load and that have no part in what is measured, or one so small. */
const standIns = {
  assert: "module.exports = (good, message) => { if (!good) throw new Error(message); };",
  net: "module.exports = {};",
  "timers/promises": `const { setImmediate } = require("${join(home, "page-globals.js")}");
    exports.setImmediate = () => new Promise(setImmediate);`,
  tls: "module.exports = {};",
  util: `exports.format = (...parts) => parts.join(" ");
    exports.inherits = (to, from) => Object.setPrototypeOf(to.prototype, from.prototype);
    exports.promisify = (call) => function (...given) {
      return new Promise((done, failed) => call.call(this, ...given, (error, value) => (error ? failed(error) : done(value))));
    };`,
};

/** What candidates/installed.js is to a candidate, without a file system: those files of the rival that it names. */
function rivalOf(name, candidate) {
  const paths = [...candidate.matchAll(/\bload\("([^"]+)"\)/g)].map(([, path]) => path);
  const files = paths.map((path) => `"${path}": () => require("./node_modules/${name}/${path}")`);
  return `const files = { ${files.join(", ")} };
    exports.rival = () => ({ version: "${installed(name)}", load: (path) => files[path]() });`;
}

/** Resolves Node's modules, and candidates/installed.js. */
const inPages = (name, candidate) => ({
  name: "in-pages",
  setup({ onLoad, onResolve, resolve }) {
    onResolve({ filter: /\/installed\.js$/ }, () => ({ path: "installed", namespace: "made" }));
    onResolve({ filter: /^(node:.*|buffer|net|process|tls)$/ }, ({ path, kind, pluginData }) => {
      const module = path.replace("node:", "");
      if (pluginData === inPages) return undefined;
      if (path === "node:buffer" && !(name in packages)) return { path: join(home, "page-buffer.js") };
      if (module in standIns) return { path: module, namespace: "made" };
      // With a slash: a browser's bundle has no module of its own of that name.
      return resolve(`${libraries[module]}/`, { kind, resolveDir: rivals, pluginData: inPages });
    });
    onLoad({ filter: /(?:)/, namespace: "made" }, ({ path }) => ({
      contents: path === "installed" ? rivalOf(packages[name], candidate) : standIns[path],
      resolveDir: rivals,
    }));
  },
});

/** The octets of one of the candidates' modules for a page; `undefined` where it may be served as it is. @throws Error where the rival is not installed. */
export async function pageBundle(path) {
  const name = basename(path, ".js");
  if (path !== `bench/candidates/${name}.js` || !(name in packages || name === "pure-js")) return undefined;
  const file = join(home, "candidates", basename(path));
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    logLevel: "silent",
    inject: [join(home, name in packages ? "page-globals.js" : "page-buffer.js")],
    define: { global: "globalThis" },
    plugins: [inPages(name, readFileSync(file, "utf8"))],
  });
  return outputFiles[0].contents;
}
