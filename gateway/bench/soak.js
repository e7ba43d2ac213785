// Many small messages and much in large ones through the gateway: nothing lost, nothing out of order, memory flat.
//
//   npm run soak [-- --messages 1000000 --megabytes 2148]      AMQP_WASM_BROKER=host:port for a broker other than the embedded one
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Basic, FrameWriter } from "amqp-wasm";
import { LoadClient } from "./load.js";

const { values } = parseArgs({ options: { messages: { type: "string" }, megabytes: { type: "string" } } });
const SMALL = Number(values.messages ?? 1_000_000);
// 2148 million octets and a few are 2 GiB.
const LARGE = Math.ceil(Number(values.megabytes ?? 2148) / 1.048576);
const BODY = 1_048_576;
const BATCH = 500;
/** Messages on their way at most: what a broker holds is no matter of the gateway's. */
const WINDOW = 20_000;
/** What the gateway may grow by between the first tenth and the end, in octets. */
const GROWTH = 96 * 1024 * 1024;

const upstream = process.env.AMQP_WASM_BROKER;
const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const flags = ["--tcp", "127.0.0.1:0", "--no-ws", "--json", ...(upstream ? ["--upstream", `amqp://${upstream}`] : [])];
const gateway = spawn(process.execPath, [main, ...flags], { stdio: ["ignore", "inherit", "pipe"] });
const port = await new Promise((resolve, reject) => {
  gateway.on("exit", (code) => reject(new Error(`the gateway ended with ${code}`)));
  gateway.stderr.setEncoding("utf8").on("data", (text) => {
    const found = /"event":"listening".*?"tcp":"amqp:\/\/127\.0\.0\.1:(\d+)"/.exec(text)?.[1];
    if (found !== undefined) resolve(Number(found));
  });
});

/** Resident octets of the gateway. */
function memory() {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${gateway.pid}/status`, "utf8"))?.[1];
  return 1024 * Number(kilobytes);
}
const mega = (octets) => `${Math.round(octets / 1e6)} MB`;

async function run(name, count, bodyOctets, batch, window) {
  const consumer = await LoadClient.open(port);
  const publisher = await LoadClient.open(port);
  const queue = await consumer.queue();
  let got = 0;
  let left = 0;
  let wake = () => {};
  let early = 0;
  let most = 0;
  consumer.message = () => (left = bodyOctets);
  consumer.body = (body) => {
    // The number of the message stands at the beginning, and its last octet everywhere else.
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    if (left === bodyOctets && view.getUint32(0) !== got)
      throw new Error(`${name}: ${view.getUint32(0)} instead of ${got}`);
    if (body.length > 8 && body[body.length - 1] !== (got & 0xff))
      throw new Error(`${name} ${got}: not as it was sent`);
    left -= body.length;
    if (left > 0) return;
    got += 1;
    if (got % Math.max(1, Math.floor(count / 100)) === 0) {
      const now = memory();
      most = Math.max(most, now);
      if (got <= count / 10) early = Math.max(early, now);
    }
    wake();
  };
  await consumer.consume(queue);
  const from = performance.now();
  const writer = new FrameWriter();
  const method = new Basic.Publish({ routingKey: queue });
  for (let number = 0; number < count;) {
    for (let i = 0; i < batch && number < count; i++, number++) {
      const body = new Uint8Array(bodyOctets).fill(number & 0xff);
      new DataView(body.buffer).setUint32(0, number);
      writer.publish(1, method, { messageId: String(number) }, body);
    }
    await publisher.publish(writer.flush(), 1);
    while (number - got > window) await new Promise((resolve) => (wake = resolve));
  }
  while (got < count) await new Promise((resolve) => (wake = resolve));
  const seconds = (performance.now() - from) / 1000;
  publisher.close();
  consumer.close();
  console.log(
    `${name}: ${count} of ${bodyOctets} octets in ${seconds.toFixed(1)} s, none lost, in order; gateway ${mega(early)} early, ${mega(most)} at most`,
  );
  if (most - early > GROWTH) throw new Error(`${name}: the gateway grew by ${mega(most - early)}`);
}

try {
  await run("small", SMALL, 8, BATCH, WINDOW);
  await run("large", LARGE, BODY, 1, 32);
} finally {
  gateway.removeAllListeners("exit").kill("SIGTERM");
}
