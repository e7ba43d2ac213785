// `npm start`: builds what is missing or older than its sources, then runs the gateway with its demonstration load.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const build = (script) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, script)], { cwd: root, encoding: "utf8" });
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}`);
  process.exit(status ?? 1);
};

// The codec is built when it is installed; the gateway's bundle takes a moment.
if (!existsSync(join(root, "dist/index.js"))) build("build.js");
build("gateway/build.js");

process.argv.splice(2, 0, "--demo");
await import("./dist/main.js");
