// What the gateway costs: the same load straight to the broker, through a plain pipe, through the gateway, and through a relay on amqplib's codec. Relays and stand-in brokers are processes of
// their own.
//
//   npm run bench:gateway                                   the relays alone, in front of a stand-in that sends as fast as it can
//   AMQP_WASM_BROKER=127.0.0.1:5672 npm run bench:gateway   and in front of a running RabbitMQ; --quick for a short look, --broker-only for these rows alone
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { LoadClient, publishOctets } from "./load.js";

const quick = process.argv.includes("--quick");
const ROUNDS = quick ? 2 : 5;
const children = [];

function start(script, ...args) {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args.map(String));
  children.push(child);
  return new Promise((resolve, reject) => {
    const told = {};
    child.on("message", (message) => {
      Object.assign(told, message);
      if (told.port !== undefined) resolve({ ...told, child });
    });
    child.on("exit", (code) => reject(new Error(`${script} ended with ${code}`)));
  });
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Each candidate by turns, so that what the machine does meanwhile hits all alike. */
async function byTurns(ports, measure) {
  const results = new Map(Object.keys(ports).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, port] of Object.entries(ports)) results.get(name).push(await measure(port));
  }
  return results;
}

async function relaysBefore(port, withStraight) {
  const [pipe, gateway, amqplib] = await Promise.all(
    ["pipe", "gateway", "amqplib"].map((name) => start(`${name}-relay.js`, port)),
  );
  const straight = withStraight ? { straight: port } : {};
  return {
    ports: { ...straight, "socket.pipe": pipe.port, gateway: gateway.port, "amqplib relay": amqplib.port },
    relays: [pipe, gateway, amqplib],
  };
}

function print(title, results, unit) {
  const rates = new Map([...results].map(([name, values]) => [name, median(values)]));
  const pipe = rates.get("socket.pipe");
  const amqplib = rates.get("amqplib relay");
  console.log(`\n${title}`);
  for (const [name, rate] of rates) {
    const notes =
      name === "gateway"
        ? `   ${(rate / pipe).toFixed(2)} of the pipe, ${(rate / amqplib).toFixed(1)} times the amqplib relay`
        : "";
    console.log(`  ${name.padEnd(14)} ${Math.round(rate).toLocaleString("en-US").padStart(10)} ${unit}${notes}`);
  }
}

async function alone(title, bodyOctets, megabytes, rateOf, unit) {
  const broker = await start("replay.js", bodyOctets, megabytes);
  const { ports, relays } = await relaysBefore(broker.port, true);
  const results = await byTurns(ports, async (port) => {
    const client = await LoadClient.open(port);
    let count = 0;
    const done = new Promise((resolve) => (client.message = () => ++count === broker.messages && resolve()));
    const from = performance.now();
    client.consume("any").catch(() => {});
    await done;
    const seconds = (performance.now() - from) / 1000;
    client.close();
    return rateOf(broker, seconds);
  });
  print(title, results, unit);
  for (const { child } of [broker, ...relays]) child.removeAllListeners("exit").kill();
}

async function throughput(ports, bodyOctets, messages, batch) {
  return byTurns(ports, async (port) => {
    const consumer = await LoadClient.open(port);
    const publisher = await LoadClient.open(port);
    const queue = await consumer.queue();
    let count = 0;
    const done = new Promise((resolve) => (consumer.message = () => ++count === messages && resolve()));
    await consumer.consume(queue);
    const octets = publishOctets(queue, bodyOctets, batch);
    const from = performance.now();
    await publisher.publish(octets, messages / batch);
    await done;
    const seconds = (performance.now() - from) / 1000;
    publisher.close();
    consumer.close();
    return messages / seconds;
  });
}

async function latency(ports) {
  const rounds = quick ? 500 : 3000;
  return byTurns(ports, async (port) => {
    const client = await LoadClient.open(port);
    const queue = await client.queue();
    await client.consume(queue);
    const octets = publishOctets(queue, 100);
    const times = [];
    for (let i = 0; i < rounds; i++) {
      const from = performance.now();
      const back = new Promise((resolve) => (client.message = resolve));
      await client.publish(octets, 1);
      await back;
      times.push(1000 * (performance.now() - from));
    }
    client.close();
    return median(times);
  });
}

async function relaysAlone(size) {
  await alone(
    "Deliveries of 100 octets with headers, no broker behind",
    100,
    150 * size,
    ({ messages }, s) => messages / s,
    "messages/s",
  );
  await alone(
    "Deliveries of 1 KiB with headers, no broker behind",
    1024,
    400 * size,
    ({ messages }, s) => messages / s,
    "messages/s",
  );
  await alone(
    "Deliveries of 1 MiB, no broker behind",
    1_048_576,
    1000 * size,
    ({ octets }, s) => octets / s / 1e6,
    "MB/s",
  );
}

try {
  const size = quick ? 0.3 : 1;
  if (!process.argv.includes("--broker-only")) await relaysAlone(size);
  const { AMQP_WASM_BROKER } = process.env;
  if (AMQP_WASM_BROKER === undefined)
    console.log("\nAMQP_WASM_BROKER names no broker: the rows with RabbitMQ are left out.");
  else {
    const { ports } = await relaysBefore(Number(AMQP_WASM_BROKER.split(":")[1]), true);
    print(
      "RabbitMQ, 100 octets with headers, published and consumed",
      await throughput(ports, 100, quick ? 20_000 : 100_000, 100),
      "messages/s",
    );
    print(
      "RabbitMQ, 128 KiB, published and consumed",
      await throughput(ports, 131_072, quick ? 400 : 2000, 1),
      "messages/s",
    );
    const results = await latency(ports);
    const straight = median(results.get("straight"));
    console.log("\nRabbitMQ, from publish to delivery, one at a time (median)");
    for (const [name, values] of results) {
      const added = name === "straight" ? "" : `   ${Math.round(median(values) - straight)} µs added`;
      console.log(`  ${name.padEnd(14)} ${String(Math.round(median(values))).padStart(10)} µs${added}`);
    }
  }
} finally {
  for (const child of children) {
    child.removeAllListeners("exit").kill();
  }
}
