#!/usr/bin/env node
/** The command-line tool: what was asked for, and exit codes. */
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { decode } from "./cli/decode.js";

const usage = `Usage: amqp-wasm decode [FILE|-] [options]

Decodes one direction of an AMQP 0-9-1 connection, from its first octet or from any frame on:
a line for each frame with its offset, channel, name and arguments. FILE holds raw octets;
without it, or with -, they come from standard input.

Options:
  --hex              the input is hexadecimal text; white space does not matter
  --json             one JSON object a line
  --stats            a table of frames and octets for each method, instead of the frames
  --frame-max N      largest payload of a frame in octets, 0 for no limit (default 131072)
  --show-secrets     print SASL responses and secrets, which are hidden otherwise
  --help             this text
  --version          the version of the package

Exit codes: 0 all octets were good; 1 some were not: all good frames before them are printed,
then the offset, the reason and the reply code on standard error; 2 the command line is wrong
or the file cannot be read.

Examples:
  amqp-wasm decode session.bin
  tshark -r amqp.pcapng -Y 'amqp && tcp.srcport == 5672' -T fields -e tcp.payload | amqp-wasm decode --hex
  amqp-wasm decode --json session.bin | jq 'select(.name == "Basic.Deliver") | .arguments.routingKey'
`;

function fail(message: string): never {
  process.stderr.write(`amqp-wasm: ${message}\nTry 'amqp-wasm --help'.\n`);
  process.exit(2);
}

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        hex: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        stats: { type: "boolean", default: false },
        "show-secrets": { type: "boolean", default: false },
        "frame-max": { type: "string" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "v" },
      },
    });
  } catch (error) {
    return fail((error as Error).message);
  }
}

function frameMax(text: string | undefined): number {
  if (text === undefined) return 131072;
  const value = Number(text);
  if (!/^\d+$/.test(text) || (value !== 0 && value < 9) || value > 0x7fffffff) {
    fail(`--frame-max takes 0 or a number of octets from 9 to 2147483647, not '${text}'`);
  }
  return value;
}

// A reader that has seen enough, such as head, closes the pipe: that is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`amqp-wasm: ${error.message}\n`);
  process.exit(2);
});

// What cannot be told to anybody changes no exit code.
process.stderr.on("error", () => undefined);

const { values, positionals } = parsed();
if (values.version) {
  const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
  process.stdout.write(`${version}\n`);
} else if (values.help) {
  process.stdout.write(usage);
} else {
  const [command, file = "-", ...rest] = positionals;
  if (command === undefined) fail("a command is missing: decode is the only one");
  if (command !== "decode") fail(`unknown command '${command}': decode is the only one`);
  if (rest.length > 0) fail(`decode takes one file, not also '${rest.join(" ")}'`);
  if (file === "-" && process.stdin.isTTY) fail("no input: name a file, or pipe octets in");
  process.exitCode = await decode({
    file,
    hex: values.hex,
    json: values.json,
    stats: values.stats,
    showSecrets: values["show-secrets"],
    frameMax: frameMax(values["frame-max"]),
  });
}
