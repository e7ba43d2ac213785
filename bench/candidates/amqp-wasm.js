/** This package, as a program uses it: through what dist/ exports. */
import {
  allowCodeGeneration,
  Basic,
  ContentBody,
  ContentHeader,
  FrameCursor,
  FrameReader,
  FrameWriter,
  marshal,
  MessageReader,
  patchHeaders,
  PreparedConsumer,
  Timestamp,
} from "../../dist/index.js";
import { encoderOf, joined, passerOf } from "./collected.js";
import { merged } from "./merged.js";

// In a page, too, where a program has to say so; pure-js makes code unasked.
allowCodeGeneration();

const CHANNEL = 1;

const frames = (options) => (pieces, keep) => {
  const reader = new FrameReader(options);
  for (const piece of pieces) for (const frame of reader.push(piece)) keep(frame);
};

/** All that a frame has is there when it is handed out, as with the others; or what is asked for, and nobody asks. */
const decoders = {
  full: frames({ lazy: false }),
  untouched: frames({ lazy: true }),
  // A reader that was told nothing, and finds out.
  asked(pieces, keep) {
    const reader = new FrameReader();
    for (const piece of pieces) {
      for (const frame of reader.push(piece)) {
        if (frame.name === "ContentHeader") keep(frame.properties.headers);
        else if (frame.name === "ContentBody") keep(frame.value);
        keep(frame);
      }
    }
  },
  messages(pieces, keep) {
    const reader = new MessageReader({ lazy: false });
    for (const piece of pieces) for (const item of reader.push(piece)) keep(item);
  },
};

const described = {
  "Basic.Deliver": ["deliver", ["consumerTag", "deliveryTag", "redelivered", "exchange", "routingKey"]],
  "Basic.Publish": ["publish", ["exchange", "routingKey", "mandatory", "immediate"]],
  "Basic.Ack": ["ack", ["deliveryTag", "multiple"]],
};

function describeMethod(frame) {
  const [method, names] = described[frame.name];
  return { method, fields: Object.fromEntries(names.map((name) => [name, frame[name]])) };
}

function describeProperties(properties) {
  const { timestamp, ...rest } = properties.toJSON();
  return timestamp === undefined ? rest : { ...rest, timestamp: timestamp.seconds };
}

/** Frames, or the whole messages among them, as descriptions of the corpus. */
function describe(items) {
  const found = [];
  let parts = [];
  for (const item of items) {
    const last = found.at(-1);
    if (item.name === "Message")
      found.push({
        ...describeMethod(item.method),
        properties: describeProperties(item.properties),
        body: item.body,
      });
    else if (item.name === "ContentHeader") {
      parts = [];
      last.properties = describeProperties(item.properties);
    } else if (item.name === "ContentBody") {
      parts.push(item.value);
      last.body = joined(parts);
    } else if (item.name in described) found.push(describeMethod(item));
  }
  return found;
}

/** What any candidate wrote, read by this package. */
export function read(octets) {
  return describe(new FrameReader().push(octets));
}

const commands = new Map();
/** One object for all messages of equal routing. */
function publishCommand({ exchange, routingKey, mandatory, immediate }) {
  const key = JSON.stringify([exchange, routingKey, mandatory, immediate]);
  if (!commands.has(key)) commands.set(key, new Basic.Publish({ exchange, routingKey, mandatory, immediate }));
  return commands.get(key);
}

const stamp = (seconds) => (seconds === undefined ? undefined : new Timestamp(seconds));

/** What a program has in its hands when it publishes: plain properties, but for the time. */
const given = ({ fields, properties, body }) => ({
  command: publishCommand(fields),
  properties:
    properties.timestamp === undefined ? properties : merged(properties, { timestamp: stamp(properties.timestamp) }),
  body,
});

/** What goes to the socket: one array, used again when its octets are sent. */
const sent = new Uint8Array(1 << 20);

const flushed = (writer, keep) => keep(sent, writer.flushInto(sent));
const flushedAnew = (writer, keep) => keep(writer.flush());

/** What a prepared publish takes anew each time. */
const patched = ["messageId", "timestamp", "correlationId"];

const encoders = {
  publish(messages, batch, flush) {
    const list = messages.map(given);
    const commands = list.map(({ command }) => command);
    const lists = list.map(({ properties }) => properties);
    const bodies = list.map(({ body }) => body);
    return (keep) => {
      const writer = new FrameWriter();
      let left = batch;
      for (let i = 0; i < lists.length; i++) {
        writer.publish(CHANNEL, commands[i], lists[i], bodies[i]);
        if (--left > 0) continue;
        left = batch;
        flush(writer, keep);
      }
      flush(writer, keep);
    };
  },
  ack(messages, batch, flush) {
    const tags = messages.map(({ fields }) => fields.deliveryTag);
    return (keep) => {
      const writer = new FrameWriter();
      let left = batch;
      for (let i = 0; i < tags.length; i++) {
        writer.ack(CHANNEL, tags[i]);
        if (--left > 0) continue;
        left = batch;
        flush(writer, keep);
      }
      flush(writer, keep);
    };
  },
  ackObjects(messages, batch, flush) {
    const tags = messages.map(({ fields }) => fields.deliveryTag);
    return (keep) => {
      const writer = new FrameWriter();
      let left = batch;
      for (let i = 0; i < tags.length; i++) {
        writer.write(new Basic.Ack({ deliveryTag: tags[i] }), CHANNEL);
        if (--left > 0) continue;
        left = batch;
        flush(writer, keep);
      }
      flush(writer, keep);
    };
  },
  marshal(messages) {
    const list = messages.map(given);
    return (keep) => {
      for (const { command, properties, body } of list) {
        keep(marshal(command, CHANNEL));
        keep(
          marshal(new ContentHeader({ bodySize: body.length, properties: new Basic.Properties(properties) }), CHANNEL),
        );
        keep(marshal(new ContentBody(body), CHANNEL));
      }
    };
  },
  prepared(messages, batch, flush) {
    const [{ command, properties }] = messages.map(given);
    const constant = Object.fromEntries(Object.entries(properties).filter(([name]) => !patched.includes(name)));
    const bodies = messages.map(({ body }) => body);
    const values = messages
      .map(given)
      .map(({ properties }) =>
        Object.fromEntries(patched.filter((name) => name in properties).map((name) => [name, properties[name]])),
      );
    return (keep) => {
      const writer = new FrameWriter();
      const prepared = writer.prepare(command, constant);
      let left = batch;
      for (let i = 0; i < values.length; i++) {
        prepared.publish(CHANNEL, bodies[i], values[i]);
        if (--left > 0) continue;
        left = batch;
        flush(writer, keep);
      }
      flush(writer, keep);
    };
  },
};

const passers = {
  forward({ channel }) {
    const run = { channelOf: () => channel };
    return (pieces, keep) => {
      const cursor = new FrameCursor();
      const writer = new FrameWriter();
      for (const piece of pieces) {
        cursor.push(piece);
        do writer.forwardRun(cursor, run);
        while (cursor.next() && writer.forward(cursor, { channel }));
        keep(sent, writer.flushInto(sent));
      }
    };
  },
  /** Asks for the consumers of each publish, or once for all with the same exchange and routing key that follow each other. */
  deliver({ consumers: all, batch, asked }) {
    const consumers = all().map((consumer) => new PreparedConsumer(consumer));
    return asked ? askedDeliver(consumers, batch) : routedDeliver(consumers, batch);
  },
};

/** Flushes at the end of each chunk, and within where there is enough. */
function routedDeliver(consumers, batch) {
  const consumersOf = () => consumers;
  const options = { routes: true, maxContents: batch };
  return (pieces, keep) => {
    const cursor = new FrameCursor({ messages: true });
    const writer = new FrameWriter();
    for (const consumer of consumers) consumer.deliveryTag = 1;
    for (const piece of pieces) {
      cursor.push(piece);
      for (;;) {
        while (writer.deliverRun(cursor, consumersOf, options) !== undefined) keep(sent, writer.flushInto(sent));
        if (!cursor.next()) break;
        if (cursor.name !== "Basic.Publish") continue;
        writer.deliver(cursor, consumers);
        for (const consumer of consumers) consumer.deliveryTag += 1;
      }
    }
    keep(sent, writer.flushInto(sent));
  };
}

function askedDeliver(consumers, batch) {
  return (pieces, keep) => {
    const cursor = new FrameCursor({ messages: true });
    const writer = new FrameWriter();
    let count = 0;
    const consumersOf = () => {
      if (count % batch === 0) keep(sent, writer.flushInto(sent));
      count++;
      for (const consumer of consumers) consumer.deliveryTag = count;
      return consumers;
    };
    for (const piece of pieces) {
      cursor.push(piece);
      do writer.deliverRun(cursor, consumersOf);
      while (cursor.next() && (cursor.name !== "Basic.Publish" || writer.deliver(cursor, consumersOf())));
    }
    keep(sent, writer.flushInto(sent));
  };
}

function walker(pieces, keep) {
  const cursor = new FrameCursor();
  for (const piece of pieces) {
    cursor.push(piece);
    while (cursor.next()) if (cursor.type === 1) keep(cursor.channel, cursor.routingKey);
  }
}

export default {
  name: "amqp-wasm",
  walker: () => walker,
  passer: (job, given) => passerOf(passers[job]?.(given)),
  decoder(mode) {
    const run = decoders[mode];
    return (
      run && {
        run,
        collect(pieces) {
          const lazy = mode === "untouched";
          const reader = mode === "messages" ? new MessageReader({ lazy }) : new FrameReader({ lazy });
          return describe(Array.from(pieces).flatMap((piece) => reader.push(piece)));
        },
      }
    );
  },
  patcher: {
    patch: (octets, edit, into) => patchHeaders(octets, edit, into && { into }),
    keepsOctets: true,
  },
  encoder(job, workload, messages, { objects, batch, anew }) {
    return encoderOf(encoders[objects ? `${job}Objects` : job]?.(messages, batch, anew ? flushedAnew : flushed));
  },
};
