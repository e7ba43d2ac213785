/**
 * rabbitmq-client. "full": its reading loop, `await decodeFrame(read)` with its createAsyncReader: two awaited reads a frame, since that is how it is made. "messages": each of
 * those frames through Connection._handleChunk, which joins messages on the channel, parses bodies that say they are JSON, and calls the consumer by setImmediate. The socket's own
 * buffering is replaced by a cheaper one, which never makes it wait. Acks have no "messages": they only resolve promises.
 *
 * Encoding: Channel.basicPublish and basicAck down to genContentFrames, genFrame and encodeFrame, three buffers for each message. The channel's stream that those go through is left out.
 */
import { setImmediate as turn } from "node:timers/promises";
import { workloads } from "../workloads.js";
import { asBuffer, decoderOf, encoderOf } from "./collected.js";
import { rival } from "./installed.js";
import { merged } from "./merged.js";
import { oneAtATime } from "./turns.js";

const { version, load } = rival("rabbitmq-client");
const { Connection } = load("lib/Connection.js");
const { Channel } = load("lib/Channel.js");
const { createAsyncReader } = load("lib/util.js");
const { Cmd, FrameType, decodeFrame } = load("lib/codec.js");

const CHANNEL = 1;
const FRAME_MAX = 131072;

/** Gives out what was asked for: a view, or a copy where pieces meet. What has come to an end says so, as a socket would that was closed. */
class Source {
  readable = true;
  #pieces;
  #next = 1;
  #piece;
  #at = 0;

  constructor(pieces) {
    this.#pieces = pieces;
    this.#piece = asBuffer(pieces[0]);
  }

  on() {}

  read(octets) {
    const from = this.#at;
    if (this.#piece.length - from >= octets) {
      this.#at += octets;
      return this.#piece.subarray(from, this.#at);
    }
    return this.#joined(octets);
  }

  #joined(octets) {
    const parts = [];
    let wanted = octets;
    while (wanted > 0) {
      const part = this.#piece.subarray(this.#at, this.#at + wanted);
      parts.push(part);
      this.#at += part.length;
      wanted -= part.length;
      if (wanted === 0) break;
      if (this.#next === this.#pieces.length) {
        this.readable = false;
        return null;
      }
      this.#piece = asBuffer(this.#pieces[this.#next++]);
      this.#at = 0;
    }
    return Buffer.concat(parts, octets);
  }
}

/** The socket of a connection that never was, as far as a channel wants to know of it. */
const nowhere = { on() {} };

class Offline extends Connection {
  _connect() {
    return nowhere;
  }
}

function connect() {
  const connection = new Offline({ frameMax: FRAME_MAX });
  const channel = new Channel(CHANNEL, connection);
  connection._state.leased.set(CHANNEL, channel);
  return { connection, channel };
}

const written = Promise.resolve();

/** In place of a channel's stream, which takes iterators of buffers. */
class Sink {
  keep = undefined;

  write(frames, done) {
    for (const frame of frames) this.keep(frame);
    done();
  }

  writeAsync(frames) {
    for (const frame of frames) this.keep(frame);
    return written;
  }
}

async function frames(pieces, take) {
  const read = createAsyncReader(new Source(pieces));
  try {
    while (true) take(await decodeFrame(read));
  } catch (error) {
    if (error.code !== "READ_END") throw error;
  }
}

const decoders = {
  full: () => frames,
  messages(workload) {
    const { method, fields } = workloads[workload].message(() => 0, 0);
    if (method !== "deliver") return undefined;
    const { connection, channel } = connect();
    return async (pieces, keep) => {
      channel._state.consumers.set(fields.consumerTag, keep);
      await frames(pieces, (frame) => connection._handleChunk(frame));
      await turn();
    };
  },
};

const names = new Map([
  [Cmd.BasicDeliver, "deliver"],
  [Cmd.BasicPublish, "publish"],
  [Cmd.BasicAck, "ack"],
]);

/** A message has arguments, properties and two more in one object. A body that was JSON is its value. */
function describeMessage(described, message) {
  described.method("deliver", message);
  const others = new Set([...Object.keys(described.found.at(-1).fields), "durable", "body"]);
  described.properties(Object.fromEntries(Object.entries(message).filter(([name]) => !others.has(name))));
  const { body } = message;
  described.body(Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)));
}

function describe(described, made) {
  if (made.type === undefined) describeMessage(described, made);
  else if (made.type === FrameType.METHOD) described.method(names.get(made.methodId), made.params);
  else if (made.type === FrameType.HEADER) described.properties(made.fields);
  else described.body(made.payload);
}

const encoders = {
  publish(list) {
    const { channel } = connect();
    const sink = (channel._state.stream = new Sink());
    // It sets a timestamp of its own where there is none, but leaves an undefined one alone.
    const calls = list.map(({ fields, properties, body }) => ({
      envelope: merged({ timestamp: undefined }, fields, properties),
      body: Buffer.from(body),
    }));
    return (keep) => {
      sink.keep = keep;
      for (const { envelope, body } of calls) channel.basicPublish(envelope, body);
    };
  },
  ack(list) {
    const { channel } = connect();
    const sink = (channel._state.stream = new Sink());
    const calls = list.map(({ fields }) => fields);
    return (keep) => {
      sink.keep = keep;
      for (const envelope of calls) channel.basicAck(envelope);
    };
  },
};

export default {
  name: "rabbitmq-client",
  version,
  decoder(mode, workload) {
    const run = decoders[mode]?.(workload);
    return decoderOf(run && oneAtATime(run), describe);
  },
  encoder(job, workload, list) {
    return encoderOf(encoders[job]?.(list));
  },
};
