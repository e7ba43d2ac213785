/** Work for a process of its own: a script of bench/, what it is told, what it answers. */
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const execute = promisify(execFile);

/** Runs `script` and gives what it answered. @throws Error with the last lines of the child's stderr. */
export async function inChild(script, told, { node = process.execPath, flags = [] } = {}) {
  try {
    const { stdout } = await execute(node, [...flags, join(here, script), JSON.stringify(told)], {
      maxBuffer: 1 << 26,
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    return JSON.parse(stdout.slice(stdout.lastIndexOf("\n", stdout.length - 2) + 1));
  } catch (error) {
    if (error.code === "ENOENT") throw new Error(`no such program: ${node}`, { cause: error });
    const [, reason] = /^\s*\w*Error[^:\n]*: (.*)$/m.exec(error.stderr ?? "") ?? [];
    throw new Error(reason ?? error.stderr?.trim() ?? error.message, { cause: error });
  }
}

/** In the child: what it was told. */
export const job = () => JSON.parse(process.argv[2]);

/** In the child: its answer. */
export const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
