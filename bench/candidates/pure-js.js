/** The best plain JavaScript that we could write: no WebAssembly, code made for each shape of a table, everything that repeats guessed. */
import { ContentBody, ContentHeader, Deliver, LazyContentHeader, Publish, Ack } from "../pure-js/frames.js";
import { Reader } from "../pure-js/reader.js";
import { Writer } from "../pure-js/writer.js";
import { Described } from "./described.js";

const CHANNEL = 1;
const BATCH = 65536;

function collect(pieces, options) {
  const described = new Described();
  const reader = new Reader(options);
  for (const piece of pieces) {
    for (const frame of reader.push(piece)) {
      if (frame instanceof Deliver) described.method("deliver", frame);
      else if (frame instanceof Publish) described.method("publish", frame);
      else if (frame instanceof Ack) described.method("ack", frame);
      else if (frame instanceof ContentHeader || frame instanceof LazyContentHeader) {
        const { timestamp, ...rest } = frame.properties;
        described.properties(timestamp === undefined ? rest : { ...rest, timestamp: timestamp.seconds ?? timestamp });
      } else if (frame instanceof ContentBody || "value" in frame) described.body(frame.value);
    }
  }
  return described.found;
}

function decoder(options) {
  return {
    run(pieces, keep) {
      const reader = new Reader(options);
      for (const piece of pieces) for (const frame of reader.push(piece)) keep(frame);
    },
    collect: (pieces) => collect(pieces, options),
  };
}

/** Flushes in batches, as a program that writes to a socket does. */
function encoder(count, begin) {
  const run = (keep) => {
    const writer = new Writer();
    const write = begin(writer);
    for (let i = 0; i < count; i++) {
      write(i);
      if (writer.bytesPending >= BATCH) keep(writer.flush());
    }
    keep(writer.flush());
  };
  return {
    run,
    octets() {
      const pieces = [];
      run((piece) => pieces.push(Uint8Array.from(piece)));
      return new Uint8Array(pieces.flatMap((piece) => [...piece]));
    },
  };
}

export default {
  name: "pure-js",
  decoder(mode) {
    if (mode === "full") return decoder();
    if (mode === "untouched") return decoder({ lazy: true });
    return undefined;
  },
  encoder(job, name, messages) {
    const method = messages[0].fields;
    const bodies = messages.map(({ body }) => body);
    const lists = messages.map(({ properties }) => properties);
    switch (job) {
      case "ack":
        return encoder(
          messages.length,
          (writer) => (i) => writer.ack(CHANNEL, messages[i].fields.deliveryTag, messages[i].fields.multiple),
        );
      case "publish":
        return encoder(messages.length, (writer) => (i) => writer.publish(CHANNEL, method, lists[i], bodies[i]));
      case "prepared": {
        const values = lists.map(({ messageId, timestamp }) => ({ messageId, timestamp }));
        return encoder(messages.length, (writer) => {
          const prepared = writer.prepare(method, lists[0]);
          return (i) => prepared.publish(CHANNEL, bodies[i], values[i]);
        });
      }
      default:
        return undefined;
    }
  },
};
