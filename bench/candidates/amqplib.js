/**
 * amqplib. "full": Connection.recvFrame, with its buffering of rests, parseFrame and decodeFrame; that is less than its users pay for. "messages": each of those frames through
 * Channel.accept, which joins messages, and through the events "delivery" and "ack" on to the consumer's callback.
 *
 * Encoding: Channel.publish and Channel.ack down to Connection.sendMessage and sendMethod, which hand one buffer for each message (two for large ones) to the channel's stream. That
 * stream and the Mux behind it, one timer and one socket write a buffer, are left out, as are the handshake and the accept loop around recvFrame.
 *
 * publish() always writes a headers table, an empty one where none is given. Much of what it takes is no encoding: it makes the headers that it is given the prototype of others. So publishes are measured a second time, from
 * Connection.sendMessage on, with fields and properties as that takes them: "amqplib, sendMessage".
 */
import { Duplex } from "node:stream";
import { workloads } from "../workloads.js";
import { decoderOf, encoderOf, passerOf } from "./collected.js";
import { rival } from "./installed.js";
import { merged } from "./merged.js";

const { version, load } = rival("amqplib");
const { Connection } = load("lib/connection.js");
const { Channel } = load("lib/channel_model.js");
const defs = load("lib/defs.js");

const CHANNEL = 1;
const FRAME_MAX = 131072;

/** A socket with one piece to read. */
class Socket extends Duplex {
  piece = null;

  read() {
    const { piece } = this;
    this.piece = null;
    return piece;
  }
}

function connect() {
  const socket = new Socket();
  const connection = new Connection(socket);
  connection.frameMax = FRAME_MAX;
  const channel = new Channel(connection);
  channel.ch = CHANNEL;
  const stream = { write: undefined };
  connection.channels[CHANNEL] = { channel, buffer: stream };
  return { socket, connection, channel, stream };
}

const names = new Map([
  [defs.BasicDeliver, "deliver"],
  [defs.BasicPublish, "publish"],
  [defs.BasicAck, "ack"],
]);

/** At the end of a stream that ends with a frame, a connection is as it was at the beginning: one serves all runs. */
const decoders = {
  full() {
    const { socket, connection } = connect();
    return (pieces, keep) => {
      for (const piece of pieces) {
        socket.piece = piece;
        for (let frame = connection.recvFrame(); frame; frame = connection.recvFrame()) keep(frame);
      }
    };
  },
  asked() {
    const { socket, connection } = connect();
    return (pieces, keep) => {
      for (const piece of pieces) {
        socket.piece = piece;
        for (let frame = connection.recvFrame(); frame; frame = connection.recvFrame()) {
          if (frame.id === defs.BasicProperties) keep(frame.fields.headers);
          else if (frame.content !== undefined) keep(frame.content);
          keep(frame);
        }
      }
    };
  },
  messages(workload) {
    const { method, fields } = workloads[workload].message(() => 0, 0);
    if (method === "publish") return undefined; // no client expects one
    const { socket, connection, channel } = connect();
    let kept;
    const take = (value) => kept(value);
    channel.registerConsumer(fields.consumerTag, take);
    channel.on("ack", take);
    return (pieces, keep) => {
      kept = keep;
      for (const piece of pieces) {
        socket.piece = piece;
        for (let frame = connection.recvFrame(); frame; frame = connection.recvFrame())
          connection.channels[frame.channel].channel.accept(frame);
      }
    };
  },
};

function describe(described, made) {
  if (names.has(made.id)) described.method(names.get(made.id), made.fields);
  else if (made.id === defs.BasicProperties) described.properties(made.fields);
  else if (made.fields) {
    described.method("deliver", made.fields);
    described.properties(made.properties);
    described.body(made.content);
  } else if (made.content) described.body(made.content);
  else described.method("ack", made);
}

const encoders = {
  publish(list) {
    const { channel, stream } = connect();
    const calls = list.map(({ fields: { exchange, routingKey, mandatory }, properties, body }) => ({
      exchange,
      routingKey,
      content: Buffer.from(body),
      options: merged(properties, { mandatory }),
    }));
    return (keep) => {
      stream.write = keep;
      for (const { exchange, routingKey, content, options } of calls)
        channel.publish(exchange, routingKey, content, options);
    };
  },
  ack(list) {
    const { channel, stream } = connect();
    const calls = list.map(({ fields: { deliveryTag, multiple } }) => ({
      message: { fields: { deliveryTag } },
      multiple,
    }));
    return (keep) => {
      stream.write = keep;
      for (const { message, multiple } of calls) channel.ack(message, multiple);
    };
  },
};

/** Frames decoded as above, and messages encoded by Connection.sendMessage, with nothing in between: what a program pays at least that knows frames only as objects. */
const passers = {
  forward({ channel }) {
    return passing((connection, method, properties, content) =>
      connection.sendMessage(channel, method.id, method.fields, defs.BasicProperties, properties, content),
    );
  },
  deliver({ consumers: all }) {
    const consumers = all();
    return passing((connection, { fields: { exchange, routingKey } }, properties, content, count) => {
      for (const { channel, consumerTag } of consumers) {
        const fields = { consumerTag, deliveryTag: count, redelivered: false, exchange, routingKey };
        connection.sendMessage(channel, defs.BasicDeliver, fields, defs.BasicProperties, properties, content);
      }
    });
  },
};

const NO_CONTENT = Buffer.alloc(0);

function passing(send) {
  return (pieces, keep) => {
    const { socket, connection } = connect();
    for (let channel = 1; channel < 20; channel++) connection.channels[channel] = { buffer: { write: keep } };
    let method;
    let properties;
    let count = 0;
    for (const piece of pieces) {
      socket.piece = piece;
      for (let frame = connection.recvFrame(); frame; frame = connection.recvFrame()) {
        if (frame.id === defs.BasicProperties) {
          properties = frame.fields;
          if (frame.size === 0) send(connection, method, properties, NO_CONTENT, ++count);
        } else if (frame.content) send(connection, method, properties, frame.content, ++count);
        else method = frame;
      }
    }
  };
}

function walker(pieces, keep) {
  const { socket, connection } = connect();
  for (const piece of pieces) {
    socket.piece = piece;
    for (let frame = connection.recvFrame(); frame; frame = connection.recvFrame())
      if (frame.fields !== undefined && frame.id !== defs.BasicProperties) keep(frame.channel, frame.fields.routingKey);
  }
}

/** Decoded and encoded anew: there is no other way. The frame is looked at where it stands. */
function patch(octets, { set, delete: deleted = [] }) {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  const size = Number(buffer.readBigUInt64BE(11));
  const fields = defs.decode(defs.BasicProperties, buffer.subarray(19, -1));
  Object.assign(fields.headers, set);
  for (const key of deleted) delete fields.headers[key];
  return defs.encodeProperties(defs.BasicProperties, buffer.readUInt16BE(1), size, fields);
}

/** Publishes without Channel.publish, which no program can do without. */
function sendMessages(list) {
  const { connection, stream } = connect();
  const calls = list.map(({ fields, properties, body }) => ({
    fields,
    properties: merged({ headers: {} }, properties),
    content: Buffer.from(body),
  }));
  return (keep) => {
    stream.write = keep;
    for (const { fields, properties, content } of calls)
      connection.sendMessage(CHANNEL, defs.BasicPublish, fields, defs.BasicProperties, properties, content);
  };
}

const asKept = (list, direction) =>
  direction === "encode"
    ? list.map((message) =>
        message.properties ? { ...message, properties: { headers: {}, ...message.properties } } : message,
      )
    : list;

export default {
  name: "amqplib",
  parts: [
    {
      name: "amqplib, sendMessage",
      asKept,
      encoder: (job, workload, list) => (job === "publish" ? encoderOf(sendMessages(list)) : undefined),
    },
  ],
  walker: () => walker,
  passer: (job, given) => passerOf(passers[job]?.(given)),
  version,
  asKept,
  decoder(mode, workload) {
    const run = decoders[mode]?.(workload);
    return mode === "asked" ? { ...this.decoder("full"), run } : decoderOf(run, describe);
  },
  patcher: { patch, keepsOctets: false },
  encoder(job, workload, list) {
    return encoderOf(encoders[job]?.(list));
  },
};
