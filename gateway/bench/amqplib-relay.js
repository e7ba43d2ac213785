// A relay as it is written on a client's codec: every frame decoded by amqplib and encoded by it again. node amqplib-relay.js UPSTREAM-PORT
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { announce } from "./announce.js";

const require = createRequire(import.meta.url);
const lib = join(dirname(require.resolve("amqplib")), "lib");
const { decodeFrame, HEARTBEAT, HEARTBEAT_BUF, makeBodyFrame, parseFrame } = require(join(lib, "frame.js"));
const { encodeMethod, encodeProperties } = require(join(lib, "defs.js"));

const PROTOCOL_HEADER = 8;
const BASIC = 60;

function encode(frame) {
  if (frame === HEARTBEAT) return HEARTBEAT_BUF;
  if (frame.content !== undefined) return makeBodyFrame(frame.channel, frame.content);
  if (frame.id === BASIC) return encodeProperties(frame.id, frame.channel, frame.size, frame.fields);
  return encodeMethod(frame.id, frame.channel, frame.fields);
}

function relay(from, to, headerFirst) {
  let rest = Buffer.alloc(0);
  let header = headerFirst ? PROTOCOL_HEADER : 0;
  from.on("data", (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const out = [];
    if (header > 0) {
      if (rest.length < header) return;
      out.push(rest.subarray(0, header));
      rest = rest.subarray(header);
      header = 0;
    }
    for (let frame = parseFrame(rest, 0); frame; frame = parseFrame(rest, 0)) {
      rest = frame.rest;
      out.push(encode(decodeFrame(frame)));
    }
    if (out.length === 0) return;
    if (!to.write(out.length === 1 ? out[0] : Buffer.concat(out))) from.pause();
  });
  to.on("drain", () => from.resume());
  from.on("end", () => to.end());
  from.on("error", () => to.destroy());
}

const upstream = Number(process.argv[2]);
const server = createServer({ noDelay: true }, (client) => {
  const broker = connect({ port: upstream, host: "127.0.0.1", noDelay: true });
  relay(client, broker, true);
  relay(broker, client, false);
});
server.listen(0, "127.0.0.1", () => announce(server.address().port));
