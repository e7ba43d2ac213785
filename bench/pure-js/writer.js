import { copyFew, copyInto } from "./slab.js";
import { EncodeError } from "./errors.js";
import { generatePropertiesWriter } from "./generate-writer.js";
import { Ids } from "./ids.js";
import { MOST_OCTETS, putProperties } from "./put-properties.js";
import { ShapeTree } from "./shape-tree.js";
import { MOST_PREFIX, noPrefix, prefixOf, putPrefix } from "./prefixes.js";
import { Prepared } from "./prepared.js";

/** Beyond what was flushed of late: the next message asks for room before it knows what it needs. */
const SLACK = 12288;
/** What was flushed of late, whoever wrote it. */
let usual = 0;
const FRAME_END = 0xce;

const nothing = new ArrayBuffer(0);
const noOctets = new Uint8Array(nothing);
const noText = Buffer.from(nothing);
const noView = new DataView(nothing);

/** Memory of a writer that was closed, and handed out none of it: to make it takes as long as to write a hundred messages. */
let spare;

const shapes = new ShapeTree(generatePropertiesWriter);

/** Writes one direction of one connection. What it wrote is handed out by `flush`, and never written to again; or copied by `flushInto`, and its memory is used again. */
export class Writer {
  constructor({ frameMax = 131072 } = {}) {
    this.mostPayload = frameMax - 8;
    /** The same memory three times. V8 finds the methods of a plain Uint8Array and of a DataView at once, those of a Buffer it looks up. */
    this.octets = noOctets;
    this.text = noText;
    this.view = noView;
    this.end = 0;
    /** Where what is not flushed yet begins and ends. */
    this.begun = 0;
    this.at = 0;
    /** Whether somebody has views of the memory. */
    this.shared = false;
    this.prefix = noPrefix;
    this.ids = new Ids();
    if (spare !== undefined) {
      ({ octets: this.octets, text: this.text, view: this.view, end: this.end } = spare);
      spare = undefined;
    }
  }

  /** To be called at its end. */
  close() {
    const { octets, text, view, end } = this;
    if (!this.shared && end > 0) spare = { octets, text, view, end };
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
    const text = Buffer.allocUnsafeSlow(size);
    const octets = new Uint8Array(text.buffer);
    copyInto(octets, new Uint8Array(this.octets.buffer, this.begun, used));
    this.octets = octets;
    this.text = text;
    this.view = new DataView(text.buffer);
    this.end = size;
    this.begun = 0;
    this.shared = false;
    return used;
  }

  publish(channel, method, properties, body) {
    let { prefix } = this;
    if (
      method.routingKey !== prefix.routingKey ||
      method.exchange !== prefix.exchange ||
      method.mandatory !== prefix.mandatory ||
      method.immediate !== prefix.immediate
    ) {
      prefix = prefixOf(method);
      if (prefix !== undefined) this.prefix = prefix;
    }
    const begin = this.begin(MOST_PREFIX + MOST_OCTETS + body.length);
    let dv = this.view;
    let at = begin;
    if (prefix === undefined) at += putPrefix(this, method, begin);
    else {
      if (prefix.write !== undefined) prefix.write(dv, begin);
      else prefix.put(this, begin);
      at += prefix.header;
    }
    dv.setInt16(begin + 1, channel);
    dv.setInt16(at + 1, channel);
    dv.setInt32(at + 11, 0);
    dv.setInt32(at + 15, body.length);
    const header = at - this.begun;
    this.ids.begin(header);
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

  /** Begins a message: answers where, with room for `n` octets. */
  begin(n) {
    if (this.ids.many) this.#settle();
    return this.room(this.at, n);
  }

  /** Ends a message with its body. */
  finish(channel, body, at) {
    this.at = this.#body(channel, body, at);
  }

  #properties(properties, at) {
    // There are fourteen names: to look for each in what was made for the last object takes less than to go through an object's keys.
    const { write } = shapes.last;
    if (write !== undefined) {
      const end = write(this, properties, at);
      if (end >= 0) return end;
    }
    const shape = shapes.find(properties);
    if (shape !== undefined && shape.write !== undefined) {
      const end = shape.write(this, properties, at);
      if (end >= 0) return end;
    } else if (shape !== undefined) shapes.learn(shape, properties);
    return putProperties(this, properties, at);
  }

  #body(channel, body, at) {
    const { length } = body;
    if (length === 0) return at;
    if (length > this.mostPayload) return this.#bodies(channel, body, at);
    at = this.room(at, length + 8);
    const dv = this.view;
    dv.setInt32(at, 0x03000000 | (channel << 8));
    dv.setInt32(at + 3, length);
    copyFew(this.octets, dv, body, at + 7);
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

  prepare(method, properties) {
    const header = putPrefix(this, method, this.room(this.at, MOST_PREFIX));
    const begin = Buffer.alloc(header + 19);
    copyInto(begin, new Uint8Array(this.octets.buffer, this.at, header + 11), 0);
    return new Prepared(this, begin, header, properties);
  }

  /** An id, which is not going to come again. */
  putId(text, at) {
    return this.ids.put(this.view, this.text, text, at, this.begun);
  }

  #settle() {
    this.at = this.ids.settle(this);
  }

  /** All that was written since the last time. */
  flush() {
    if (this.ids.count > 0) this.#settle();
    const n = this.at - this.begun;
    usual = n > usual ? n : usual - ((usual - n) >> 6);
    const made = new Uint8Array(this.octets.buffer, this.begun, n);
    this.shared = true;
    this.begun = this.at;
    // What is left is too little for as much again: to begin there would be to copy it soon.
    if (this.end - this.at < usual) this.end = this.at;
    return made;
  }

  /** As `flush`, into an array of the caller's with room for it; answers how many octets it is. */
  flushInto(target) {
    if (this.ids.count > 0) this.#settle();
    const n = this.at - this.begun;
    copyInto(target, new Uint8Array(this.octets.buffer, this.begun, n), 0);
    this.at = this.begun;
    return n;
  }
}

function putTag(dv, tag, at) {
  const whole = BigInt(tag);
  if (BigInt.asUintN(64, whole) !== whole) throw new EncodeError("a delivery tag out of its range");
  dv.setBigUint64(at, whole);
}
