/** The best plain JavaScript that we could write: no WebAssembly, code made for each shape of a table, everything that repeats guessed. */
import { Ack, Deliver, Message, Publish } from "../pure-js/frames.js";
import { Cursor } from "../pure-js/cursor.js";
import { Passer } from "../pure-js/passing.js";
import { PreparedConsumer } from "../pure-js/prepared-consumer.js";
import { MessageReader } from "../pure-js/message-reader.js";
import { patchHeaders } from "../pure-js/patch.js";
import { Reader } from "../pure-js/reader.js";
import { Writer } from "../pure-js/writer.js";
import { decoderOf, encoderOf, passerOf } from "./collected.js";

const CHANNEL = 1;

const readers = {
  full: () => new Reader(),
  untouched: () => new Reader({ lazy: true }),
  messages: () => new MessageReader(),
};

function asked(pieces, keep) {
  const reader = new Reader();
  for (const piece of pieces) {
    for (const frame of reader.push(piece)) {
      if (frame.name === "ContentHeader") keep(frame.properties.headers);
      else if (frame.name === "ContentBody") keep(frame.value);
      keep(frame);
    }
  }
}

function describeMethod(described, frame) {
  if (frame instanceof Deliver) described.method("deliver", frame);
  else if (frame instanceof Publish) described.method("publish", frame);
  else if (frame instanceof Ack) described.method("ack", frame);
}

function describeProperties(described, { timestamp, ...rest }) {
  described.properties(timestamp === undefined ? rest : { ...rest, timestamp: timestamp.seconds });
}

function describe(described, frame) {
  if (frame instanceof Message) {
    describeMethod(described, frame.method);
    describeProperties(described, frame.properties);
    described.body(frame.body);
  } else if (frame.name === "ContentHeader") describeProperties(described, frame.properties);
  else if (frame.name === "ContentBody") described.body(frame.value);
  else describeMethod(described, frame);
}

/** What goes to the socket: one array, used again when its octets are sent. */
const sent = new Uint8Array(1 << 20);

const flushed = (writer, keep) => keep(sent, writer.flushInto(sent));
const flushedAnew = (writer, keep) => keep(writer.flush());

/** Each job has a loop of its own: one that they share would not know whom it calls. All flush in batches, as a program that writes to a socket does. */
const encoders = {
  ack(messages, batch, flush) {
    const tags = messages.map(({ fields }) => fields.deliveryTag);
    return (keep) => {
      const writer = new Writer();
      let left = batch;
      for (let i = 0; i < tags.length; i++) {
        writer.ack(CHANNEL, tags[i], false);
        if (--left > 0) continue;
        left = batch;
        flush(writer, keep);
      }
      flush(writer, keep);
      writer.close();
    };
  },
  publish(messages, batch, flush) {
    const method = messages[0].fields;
    const bodies = messages.map(({ body }) => body);
    const lists = messages.map(({ properties }) => properties);
    return (keep) => {
      const writer = new Writer();
      let left = batch;
      for (let i = 0; i < lists.length; i++) {
        writer.publish(CHANNEL, method, lists[i], bodies[i]);
        if (--left > 0) continue;
        left = batch;
        flush(writer, keep);
      }
      flush(writer, keep);
      writer.close();
    };
  },
  prepared(messages, batch, flush) {
    const method = messages[0].fields;
    const bodies = messages.map(({ body }) => body);
    const lists = messages.map(({ properties }) => properties);
    const values = lists.map(({ messageId, timestamp }) => ({ messageId, timestamp }));
    return (keep) => {
      const writer = new Writer();
      const prepared = writer.prepare(method, lists[0]);
      let left = batch;
      for (let i = 0; i < values.length; i++) {
        prepared.publish(CHANNEL, bodies[i], values[i]);
        if (--left > 0) continue;
        left = batch;
        flush(writer, keep);
      }
      flush(writer, keep);
      writer.close();
    };
  },
};

const passers = {
  forward({ channel }) {
    const channelOf = () => channel;
    return (pieces, keep) => {
      const passer = new Passer();
      for (const piece of pieces) {
        passer.forward(piece, channelOf);
        keep(sent, passer.flushInto(sent));
      }
      passer.close();
    };
  },
  deliver({ consumers: all, batch, asked }) {
    const consumers = all().map((consumer) => new PreparedConsumer(consumer));
    return asked ? askedDeliver(consumers, batch) : routedDeliver(consumers, batch);
  },
};

function routedDeliver(consumers, batch) {
  const consumersOf = () => consumers;
  return (pieces, keep) => {
    const passer = new Passer();
    const flush = () => keep(sent, passer.flushInto(sent));
    for (const consumer of consumers) consumer.deliveryTag = 0;
    const next = passer.routed(consumersOf, batch, flush);
    for (const piece of pieces) passer.deliver(piece, next);
    flush();
    passer.close();
  };
}

function askedDeliver(consumers, batch) {
  return (pieces, keep) => {
    const passer = new Passer();
    let count = 0;
    const next = () => {
      if (count % batch === 0) keep(sent, passer.flushInto(sent));
      count++;
      for (const consumer of consumers) consumer.deliveryTag = count;
      return consumers;
    };
    for (const piece of pieces) passer.deliver(piece, next);
    keep(sent, passer.flushInto(sent));
    passer.close();
  };
}

function walker(pieces, keep) {
  const cursor = new Cursor();
  for (const piece of pieces) {
    cursor.push(piece);
    while (cursor.next()) if (cursor.type === 1) keep(cursor.channel, cursor.routingKey);
  }
}

export default {
  name: "pure-js",
  walker: () => walker,
  passer: (job, given) => passerOf(passers[job]?.(given)),
  decoder(mode) {
    if (mode === "asked") return { ...this.decoder("full"), run: asked };
    const begin = readers[mode];
    const run = (pieces, keep) => {
      const reader = begin();
      for (const piece of pieces) for (const frame of reader.push(piece)) keep(frame);
    };
    return decoderOf(begin && run, describe);
  },
  patcher: { patch: patchHeaders, keepsOctets: true },
  encoder(job, workload, messages, { batch, anew }) {
    return encoderOf(encoders[job]?.(messages, batch, anew ? flushedAnew : flushed));
  },
};
