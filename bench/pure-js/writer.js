import { EncodeError } from "./errors.js";
import { generatePropertiesWriter } from "./generate-writer.js";
import { Ids } from "./ids.js";
import { putWords, shortOctets, wordsOf } from "./texts.js";
import { ShapeTree } from "./shape-tree.js";
import { Prepared } from "./prepared.js";

/** Beyond what was flushed of late: the next message asks for room before it knows what it needs. */
const SLACK = 8192;
/** What was flushed of late, whoever wrote it. */
let usual = 0;
/** What all properties but the headers may take, with their frame. */
const PROPERTIES = 4096;
const FRAME_END = 0xce;

const shapes = new ShapeTree(generatePropertiesWriter);

/** What stands before the body size: a publish frame, and a content header frame as far as it is the same for all. */
class Prefix {
  constructor(exchange, routingKey, mandatory, immediate) {
    this.exchange = exchange;
    this.routingKey = routingKey;
    this.mandatory = mandatory;
    this.immediate = immediate;
    const bits = (mandatory ? 1 : 0) | (immediate ? 2 : 0);
    const payload = Buffer.concat([
      Buffer.of(0, 60, 0, 40, 0, 0),
      shortOctets(exchange),
      shortOctets(routingKey),
      Buffer.of(bits),
    ]);
    const frame = Buffer.concat([Buffer.alloc(7), payload, Buffer.of(FRAME_END)]);
    frame[0] = 1;
    frame.writeInt32BE(payload.length, 3);
    this.header = frame.length;
    this.octets = Buffer.concat([frame, Buffer.of(2, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0)]);
    this.size = this.octets.length;
    this.words = wordsOf(this.octets);
  }
}

const prefixes = new Map();
const MOST_PREFIXES = 1024;
const noPrefix = new Prefix("", "", false, false);

function prefixOf(exchange, routingKey, mandatory, immediate) {
  const known = prefixes.get(routingKey);
  if (
    known !== undefined &&
    known.exchange === exchange &&
    known.mandatory === mandatory &&
    known.immediate === immediate
  )
    return known;
  if (prefixes.size >= MOST_PREFIXES) prefixes.clear();
  const made = new Prefix(exchange, routingKey, mandatory, immediate);
  prefixes.set(routingKey, made);
  return made;
}

const noOctets = Buffer.alloc(0);
const noView = new DataView(new ArrayBuffer(0));

/** Writes one direction of one connection. What it wrote is handed out by `flush`, and never written to again. */
export class Writer {
  constructor({ frameMax = 131072 } = {}) {
    this.mostPayload = frameMax - 8;
    this.octets = noOctets;
    this.view = noView;
    this.end = 0;
    /** Where what is not flushed yet begins and ends. */
    this.begun = 0;
    this.at = 0;
    this.prefix = noPrefix;
    this.ids = new Ids();
  }

  get bytesPending() {
    return this.at - this.begun;
  }

  /** Makes sure that there is room for `n` octets at `at`. Octets may move: answers where `at` is then. */
  room(at, n) {
    return n > this.end - at ? this.#grow(at, n) : at;
  }

  #grow(at, n) {
    const used = at - this.begun;
    const size = Math.max(usual + SLACK, 2 * used + n);
    const octets = Buffer.allocUnsafeSlow(size);
    octets.set(new Uint8Array(this.octets.buffer, this.begun, used));
    this.octets = octets;
    this.view = new DataView(octets.buffer);
    this.end = size;
    this.begun = 0;
    return used;
  }

  publish(channel, method, properties, body) {
    const { exchange, routingKey, mandatory, immediate } = method;
    let { prefix } = this;
    if (
      routingKey !== prefix.routingKey ||
      exchange !== prefix.exchange ||
      mandatory !== prefix.mandatory ||
      immediate !== prefix.immediate
    )
      prefix = this.prefix = prefixOf(exchange, routingKey, mandatory, immediate);
    const begin = this.begin(prefix.size + PROPERTIES + body.length, prefix.header);
    let dv = this.view;
    putWords(dv, begin, prefix.words);
    let at = begin + prefix.header;
    dv.setInt16(begin + 1, channel);
    dv.setInt16(at + 1, channel);
    dv.setInt32(at + 11, 0);
    dv.setInt32(at + 15, body.length);
    const header = at - this.begun;
    try {
      at = this.#properties(properties, at + 19);
    } catch (error) {
      this.ids.takeBack();
      throw error;
    }
    dv = this.view;
    const start = this.begun + header;
    dv.setInt32(start + 3, at - start - 7);
    dv.setUint8(at, FRAME_END);
    this.finish(channel, body, at + 1);
  }

  /** Begins a message: answers where, with room for `n` octets. Its content header frame stands `header` octets behind that. */
  begin(n, header) {
    if (this.ids.many) this.#settle();
    const at = this.room(this.at, n);
    this.ids.begin(at - this.begun + header);
    return at;
  }

  /** Ends a message with its body. */
  finish(channel, body, at) {
    this.at = this.#body(channel, body, at);
  }

  #properties(properties, at) {
    const shape = shapes.find(properties);
    if (shape !== undefined && shape.write !== undefined) return shape.write(this, properties, at);
    if (shape !== undefined) shapes.learn(shape, properties);
    // Once for each message of a rare shape: dear, but the same octets.
    const keys = Object.keys(properties);
    return generatePropertiesWriter(keys, [], [])(this, properties, at);
  }

  #body(channel, body, at) {
    const { length } = body;
    if (length === 0) return at;
    if (length > this.mostPayload) return this.#bodies(channel, body, at);
    at = this.room(at, length + 8);
    const dv = this.view;
    dv.setInt32(at, 0x03000000 | (channel << 8));
    dv.setInt32(at + 3, length);
    this.octets.set(body, at + 7);
    at += 7 + length;
    dv.setUint8(at, FRAME_END);
    return at + 1;
  }

  #bodies(channel, body, at) {
    const { mostPayload } = this;
    const frames = Math.ceil(body.length / mostPayload);
    at = this.room(at, body.length + 8 * frames);
    for (let from = 0; from < body.length; from += mostPayload)
      at = this.#body(channel, body.subarray(from, from + mostPayload), at);
    return at;
  }

  ack(channel, deliveryTag, multiple) {
    const at = this.room(this.at, 21);
    const dv = this.view;
    dv.setInt32(at, 0x01000000 | (channel << 8));
    dv.setInt32(at + 3, 13);
    dv.setInt32(at + 7, 0x003c0050);
    if ((deliveryTag | 0) === deliveryTag && deliveryTag >= 0) {
      dv.setInt32(at + 11, 0);
      dv.setInt32(at + 15, deliveryTag);
    } else putTag(dv, deliveryTag, at + 11);
    dv.setInt16(at + 19, multiple ? 0x01ce : 0xce);
    this.at = at + 21;
  }

  prepare({ exchange, routingKey, mandatory, immediate }, properties) {
    const prefix = prefixOf(exchange, routingKey, mandatory, immediate);
    const begin = Buffer.concat([prefix.octets, Buffer.alloc(8)]);
    return new Prepared(this, begin, prefix.header, properties, (list) => {
      const writer = new Writer();
      writer.room(0, PROPERTIES);
      const n = writer.#properties(list, 0);
      return Buffer.from(writer.octets.subarray(0, n));
    });
  }

  /** An id, which is not going to come again. */
  putId(text, at) {
    return this.ids.put(this.view, this.octets, text, at, this.begun);
  }

  #settle() {
    this.at = this.ids.settle(this);
  }

  /** All that was written since the last time. */
  flush() {
    if (this.ids.count > 0) this.#settle();
    const n = this.at - this.begun;
    usual = n > usual ? n : usual - ((usual - n) >> 4);
    const made = new Uint8Array(this.octets.buffer, this.begun, this.at - this.begun);
    this.begun = this.at;
    return made;
  }
}

function putTag(dv, tag, at) {
  const whole = BigInt(tag);
  if (BigInt.asUintN(64, whole) !== whole) throw new EncodeError("a delivery tag out of its range");
  dv.setBigUint64(at, whole);
}
