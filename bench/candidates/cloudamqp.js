/**
 * @cloudamqp/amqp-client. "full" and "messages" are the same to it: AMQPClient.onRead, with its buffering of rests, down to parseFrames, AMQPView and AMQPMessage, and
 * AMQPChannel.onMessageReady. Left out is deliver(), which looks the consumer up in a microtask of its own, and for acks publishConfirmed(), which searches its list of promises. It has
 * no code for Basic.Publish as it arrives at a broker.
 *
 * Encoding: AMQPChannel.basicPublish, each call awaited, since only then does it use its buffer again; and basicAck. Both end in AMQPClient.send and one socket write, which here reports
 * success at once.
 *
 * Numbers in headers that are no integers go out as floats of 32 bits.
 */
import { workloads } from "../workloads.js";
import { asBuffer, decoderOf, encoderOf } from "./collected.js";
import { rival } from "./installed.js";
import { merged } from "./merged.js";
import { oneAtATime } from "./turns.js";

const { version, load } = rival("@cloudamqp/amqp-client");
const { AMQPClient, AMQPChannel } = load("lib/cjs/index.js");

const CHANNEL = 1;
const FRAME_MAX = 131072;

function connect() {
  const client = new AMQPClient(`amqp://localhost/?frameMax=${FRAME_MAX}`);
  const channel = new AMQPChannel(client, CHANNEL);
  client.channels[CHANNEL] = channel;
  return { client, channel };
}

/** At the end of a stream that ends with a frame, a client is as it was at the beginning: one serves all runs. */
function decoder(workload) {
  if (workloads[workload].message(() => 0, 0).method === "publish") return undefined;
  const { client, channel } = connect();
  let kept;
  channel.deliver = (message) => kept(message);
  channel.publishConfirmed = (deliveryTag, multiple) => kept({ deliveryTag, multiple });
  return (pieces, keep) => {
    kept = keep;
    for (const piece of pieces) client.onRead(asBuffer(piece));
  };
}

function describe(described, made) {
  if (made.body === undefined) described.method("ack", made);
  else {
    described.method("deliver", made);
    described.properties(made.properties);
    described.body(made.body);
  }
}

class Socket {
  keep = undefined;

  write(octets, encoding, done) {
    this.keep(octets);
    done();
    return true;
  }
}

const dated = (properties) =>
  properties.timestamp === undefined
    ? properties
    : merged(properties, { timestamp: new Date(properties.timestamp * 1000) });

const encoders = {
  publish(list) {
    const { client, channel } = connect();
    const socket = (client.socket = new Socket());
    const calls = list.map(({ fields, properties, body }) => merged(fields, { properties: dated(properties), body }));
    return oneAtATime(async (keep) => {
      socket.keep = keep;
      for (const { exchange, routingKey, body, properties, mandatory, immediate } of calls)
        await channel.basicPublish(exchange, routingKey, body, properties, mandatory, immediate);
    });
  },
  ack(list) {
    const { client, channel } = connect();
    const socket = (client.socket = new Socket());
    const calls = list.map(({ fields }) => fields);
    return (keep) => {
      socket.keep = keep;
      for (const { deliveryTag, multiple } of calls) channel.basicAck(deliveryTag, multiple);
    };
  },
};

function narrowed(value) {
  if (typeof value === "number" && !Number.isInteger(value)) return Math.fround(value);
  if (Array.isArray(value)) return value.map(narrowed);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, narrowed(inner)]));
}

export default {
  name: "@cloudamqp/amqp-client",
  version,
  asKept: (list, direction) =>
    direction === "encode"
      ? list.map((message) => (message.properties ? { ...message, properties: narrowed(message.properties) } : message))
      : list,
  decoder(mode, workload) {
    const run = mode === "untouched" ? undefined : decoder(workload);
    return decoderOf(run, describe);
  },
  encoder(job, workload, list) {
    return encoderOf(encoders[job]?.(list));
  },
};
