/**
 * What nobody can go below: copying the stream, finding its frames, and allocating what full decoding hands out; of encoding, the native calls that each message or batch takes. They are no codecs and are compared with nothing.
 */
import { copyFew, copyInto } from "../pure-js/slab.js";

function copy(pieces) {
  const room = new Uint8Array(1 << 18);
  for (const piece of pieces) room.set(piece);
}

/** Goes from frame head to frame head, across pieces, and looks at nothing else. */
function scan(pieces, keep) {
  const head = new Uint8Array(7);
  let have = 0;
  let skip = 0;
  let frames = 0;
  for (const piece of pieces) {
    const end = piece.length;
    let at = 0;
    while (at < end) {
      if (skip > 0) {
        const step = Math.min(skip, end - at);
        at += step;
        skip -= step;
      } else if (have === 0 && end - at >= 7) {
        skip = ((piece[at + 3] << 24) | (piece[at + 4] << 16) | (piece[at + 5] << 8) | piece[at + 6]) + 1;
        at += 7;
        frames += 1;
      } else {
        head[have++] = piece[at++];
        if (have === 7) {
          skip = ((head[3] << 24) | (head[4] << 16) | (head[5] << 8) | head[6]) + 1;
          have = 0;
          frames += 1;
        }
      }
    }
  }
  keep(frames);
}

class Deliver {
  constructor(consumerTag, deliveryTag, redelivered, exchange, routingKey) {
    this.channel = 1;
    this.consumerTag = consumerTag;
    this.deliveryTag = deliveryTag;
    this.redelivered = redelivered;
    this.exchange = exchange;
    this.routingKey = routingKey;
  }
}

class Publish {
  constructor(exchange, routingKey, mandatory, immediate) {
    this.channel = 1;
    this.exchange = exchange;
    this.routingKey = routingKey;
    this.mandatory = mandatory;
    this.immediate = immediate;
  }
}

class Ack {
  constructor(deliveryTag, multiple) {
    this.channel = 1;
    this.deliveryTag = deliveryTag;
    this.multiple = multiple;
  }
}

class Header {
  constructor(bodySize, properties) {
    this.channel = 1;
    this.bodySize = bodySize;
    this.properties = properties;
  }
}

class Properties {
  constructor(contentType, headers, deliveryMode, messageId, timestamp) {
    this.contentType = contentType;
    this.headers = headers;
    this.deliveryMode = deliveryMode;
    this.messageId = messageId;
    this.timestamp = timestamp;
  }
}

class Body {
  constructor(value) {
    this.channel = 1;
    this.value = value;
  }
}

function cloned(value) {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(cloned);
  const copy = { ...value };
  for (const key in copy) copy[key] = cloned(copy[key]);
  return copy;
}

const flat = (table) => Object.values(table ?? {}).every((value) => typeof value !== "object" || value === null);

function sameObjects(list) {
  const clone = flat(list[0].properties?.headers) ? (table) => ({ ...table }) : cloned;
  const room = new ArrayBuffer(1 << 18);
  return (pieces, keep) => {
    let at = 0;
    for (const { method, fields, properties, body } of list) {
      if (method === "ack") {
        keep(new Ack(fields.deliveryTag, fields.multiple));
        continue;
      }
      const { exchange, routingKey } = fields;
      if (method === "publish") keep(new Publish(exchange, routingKey, fields.mandatory, fields.immediate));
      else keep(new Deliver(fields.consumerTag, fields.deliveryTag, fields.redelivered, exchange, routingKey));
      const { contentType, headers, deliveryMode, messageId, timestamp } = properties;
      const table = headers === undefined ? undefined : clone(headers);
      keep(new Header(body.length, new Properties(contentType, table, deliveryMode, messageId, timestamp)));
      keep(new Body(new Uint8Array(room, at++ & 1023, body.length)));
    }
  };
}

/**
 * Of each message its body copied and its id added to those of the batch, which are written as one text; and all octets of the batch copied to where they are sent from, as many as the candidates before wrote. No property is read but the
 * id, and nothing of a frame is written.
 */
function nativeCalls(job, list, { batch, anew, octets }) {
  if (job !== "publish" && job !== "prepared" && job !== "ack") return undefined;
  const messages = list.map(({ properties, body }) => ({ id: properties?.messageId, body }));
  const text = Buffer.allocUnsafeSlow(1 << 20);
  const ids = Buffer.allocUnsafeSlow(1 << 16);
  const room = new Uint8Array(text.buffer);
  const view = new DataView(text.buffer);
  const sent = new Uint8Array(1 << 20);
  const flush = (n, keep) => {
    const size = Math.round(n * octets);
    const written = new Uint8Array(room.buffer, 0, size);
    if (anew) return keep(written.slice());
    copyInto(sent, written, 0);
    keep(sent);
  };
  return (keep) => {
    let joined = "";
    let at = 0;
    let n = 0;
    for (const { id, body } of messages) {
      if (id !== undefined) joined += id;
      if (body !== undefined && body.length > 0) copyFew(room, view, body, at);
      at = (at + octets) | 0;
      if (++n < batch) continue;
      if (joined !== "") ids.utf8Write(joined, 0);
      flush(n, keep);
      joined = "";
      at = n = 0;
    }
    if (joined !== "") ids.utf8Write(joined, 0);
    flush(n, keep);
  };
}

const floor = (name, make) => ({
  name,
  floor: true,
  decoder: (mode, workload, messages) => (mode === "full" ? { run: make(messages) } : undefined),
  encoder: () => undefined,
});

export default [
  floor("floor: copy", () => copy),
  floor("floor: frame heads", () => scan),
  floor("floor: same objects", sameObjects),
  {
    name: "floor: native calls",
    floor: true,
    decoder: () => undefined,
    encoder(job, workload, list, how) {
      const run = nativeCalls(job, list, how);
      return run && { run };
    },
  },
];
