/**
 * `npm run bench -- [regex] [--quick]`: what decoding and encoding take, in ns a message, beside the floors of copying the same octets. Rounds of all cases are interleaved and their order
 * rotated; a median with its least and greatest round is printed. Build first: it measures dist/.
 */
import { parseArgs } from "node:util";
import { Basic, FrameReader, FrameWriter, MessageReader } from "../dist/index.js";
import { chunks, ragged, random, richProperties, stream } from "./corpus.js";

const { values, positionals } = parseArgs({ options: { quick: { type: "boolean" } }, allowPositionals: true });
const pattern = new RegExp(positionals[0] ?? "");
const rounds = values.quick ? 3 : 15;
const roundMs = values.quick ? 5 : 25;
const warmUpMs = values.quick ? 20 : 250;

const CHUNK = 65536;
const ring = new Array(1024);
let ringAt = 0;
// What is made is kept for a while: else an optimiser may find that nobody wants it.
const keep = (value) => (ring[ringAt++ & 1023] = value);

function decode(name, cut, touch) {
  const { octets, count } = stream(name);
  const pieces = cut(octets);
  return {
    count,
    octets: octets.length,
    run() {
      const reader = new FrameReader();
      for (const piece of pieces) for (const frame of reader.push(piece)) touch(frame);
    },
  };
}

const whole = (octets) => chunks(octets, CHUNK);
const full = (frame) => keep(frame.name === "ContentHeader" ? frame.properties.headers : frame);

function messages(name) {
  const { octets, count } = stream(name);
  const pieces = whole(octets);
  return {
    count,
    octets: octets.length,
    run() {
      const reader = new MessageReader();
      for (const piece of pieces) for (const item of reader.push(piece)) keep(item.properties);
    },
  };
}

function publish(properties, body) {
  const count = 1000;
  const method = new Basic.Publish({ exchange: "events", routingKey: "orders.created.eu" });
  const lists = Array.from({ length: count }, (_, i) => properties(i));
  return {
    count,
    octets: 0,
    run() {
      const writer = new FrameWriter();
      for (const list of lists) {
        writer.publish(1, method, list, body);
        if (writer.bytesPending > CHUNK) keep(writer.flush());
      }
      keep(writer.flush());
    },
  };
}

const next = random(1);
const cases = {
  "decode W1, full objects": () => decode("W1", whole, full),
  "decode W1, properties untouched": () => decode("W1", whole, keep),
  "decode W1, ragged, full objects": () => decode("W1", ragged, full),
  "decode W2, full objects": () => decode("W2", whole, full),
  "decode W3, full objects": () => decode("W3", whole, full),
  "decode W4": () => decode("W4", whole, keep),
  "messages W1, properties": () => messages("W1"),
  "encode publish W1": () => publish((i) => richProperties(next, i), new Uint8Array(128)),
  "encode publish W2": () => publish(() => new Basic.Properties({ deliveryMode: 2 }), new Uint8Array(12)),
  "encode ack W4": () => ({
    count: 1000,
    octets: 0,
    run() {
      const writer = new FrameWriter();
      for (let i = 1; i <= 1000; i++) writer.write(new Basic.Ack({ deliveryTag: i }), 1);
      keep(writer.flush());
    },
  }),
  "floor: copy W1": () => {
    const { octets, count } = stream("W1");
    const room = new Uint8Array(octets.length);
    return { count, octets: octets.length, run: () => room.set(octets) };
  },
};

function round(run) {
  const start = performance.now();
  let times = 0;
  let elapsed;
  do {
    run();
    times += 1;
    elapsed = performance.now() - start;
  } while (elapsed < roundMs);
  return (elapsed * 1e6) / times;
}

const chosen = Object.entries(cases)
  .filter(([name]) => pattern.test(name))
  .map(([name, make]) => ({ name, ...make(), samples: [] }));
if (chosen.length === 0) {
  console.error(`no case matches ${pattern}; the cases are:\n  ${Object.keys(cases).join("\n  ")}`);
  process.exit(2);
}
for (const { run } of chosen) {
  const until = performance.now() + warmUpMs;
  while (performance.now() < until) run();
}
for (let i = 0; i < rounds; i++) {
  if (process.stderr.isTTY) process.stderr.write(`\rround ${i + 1} of ${rounds}`);
  for (let j = 0; j < chosen.length; j++) {
    const one = chosen[(i + j) % chosen.length];
    one.samples.push(round(one.run) / one.count);
  }
}
if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");

console.log(`node ${process.version}, ns a message: median (least to greatest of ${rounds} rounds)`);
const width = Math.max(...chosen.map(({ name }) => name.length));
for (const { name, samples } of chosen) {
  samples.sort((a, b) => a - b);
  const at = (part) => samples[Math.floor((samples.length - 1) * part)].toFixed(samples[0] < 10 ? 1 : 0);
  console.log(`${name.padEnd(width)}  ${at(0.5).padStart(8)}  (${at(0)} to ${at(1)})`);
}
