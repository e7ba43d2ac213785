// The gateway, as it is built, in a process of its own. node gateway-relay.js UPSTREAM-PORT
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { announce } from "./announce.js";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const flags = ["--tcp", "127.0.0.1:0", "--no-ws", "--upstream", `amqp://127.0.0.1:${process.argv[2]}`, "--json"];
const child = spawn(process.execPath, [main, ...flags], { stdio: ["ignore", "ignore", "pipe"] });
child.stderr.setEncoding("utf8").on("data", (text) => {
  const port = /"event":"listening".*?"tcp":"amqp:\/\/127\.0\.0\.1:(\d+)"/.exec(text)?.[1];
  if (port !== undefined) announce(Number(port));
});
process.on("exit", () => child.kill());
process.on("SIGTERM", () => process.exit());
