/**
 * What is measured: plain descriptions of messages, and streams of them as octets. Seeded: the same at every run and in every engine.
 *
 * A description has all fields of its method, the properties that the message has, timestamps as numbers of seconds, headers as a plain object.
 *
 * @typedef {{ method: "deliver" | "publish" | "ack", fields: Record<string, unknown>, properties?: Record<string, unknown>, body?: Uint8Array }} Description
 */
import { workloads } from "./workloads.js";
import { Basic, FrameWriter, Timestamp } from "../dist/index.js";

export { workloads };

const OCTETS = 1 << 20;
const CHANNEL = 1;
const FRAME_MAX = 131072;

/** A seeded generator (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

function* endless(name) {
  const next = random(0xa319);
  for (let i = 0; ; i++) yield workloads[name].message(next, i);
}

/**
 * The first messages of a workload.
 *
 * @type {(name: string, count: number) => Description[]}
 */
export function messages(name, count) {
  const source = endless(name);
  return Array.from({ length: count }, () => source.next().value);
}

/** The same messages as a producer sends them: input of the encoders' jobs "publish", "prepared" and "marshal". */
export function publishes(name, count) {
  return messages(name, count).map(({ fields: { exchange, routingKey }, properties, body }) => ({
    method: "publish",
    fields: { exchange, routingKey, mandatory: false, immediate: false },
    properties,
    body,
  }));
}

/** Publishes that differ in message id, timestamp and body alone: input of the job "prepared", and of "publish" beside it. */
export function prepared(name, count) {
  const [{ properties: constant }] = messages(name, 1);
  return publishes(name, count).map((message) => {
    const { messageId, timestamp } = message.properties;
    const own = messageId === undefined ? {} : { messageId, timestamp };
    return { ...message, properties: { ...constant, ...own } };
  });
}

const methods = { deliver: Basic.Deliver, publish: Basic.Publish, ack: Basic.Ack };

function write(writer, { method, fields, properties, body }) {
  const command = new methods[method](fields);
  if (properties === undefined) writer.write(command, CHANNEL);
  else {
    const { timestamp } = properties;
    const list = timestamp === undefined ? properties : { ...properties, timestamp: new Timestamp(timestamp) };
    writer.publish(CHANNEL, command, list, body);
  }
}

/**
 * At least so many octets of a workload: whole messages on channel 1, bodies split at a frame-max of 131072.
 *
 * @type {(name: string, octets?: number) => { octets: Uint8Array, count: number, messages: Description[] }}
 */
export function stream(name, octets = OCTETS) {
  const writer = new FrameWriter({ frameMax: FRAME_MAX });
  const made = [];
  for (const message of endless(name)) {
    write(writer, message);
    made.push(message);
    if (writer.bytesPending >= octets) return { octets: writer.flush(), count: made.length, messages: made };
  }
}

/** As `stream`, of publishes: what a broker gets. */
export function publishStream(name, octets = OCTETS) {
  const { count } = stream(name, octets);
  const writer = new FrameWriter({ frameMax: FRAME_MAX });
  const made = publishes(name, count);
  for (const message of made) write(writer, message);
  return { octets: writer.flush(), count, messages: made };
}

/** A piece as a socket hands it out: octets of its own, in Node as a Buffer. */
function piece(octets, from, to) {
  const own = octets.slice(from, to);
  return typeof Buffer === "undefined" ? own : Buffer.from(own.buffer);
}

/** Cuts a stream into pieces of one size. */
export function chunks(octets, size) {
  const pieces = [];
  for (let at = 0; at < octets.length; at += size) pieces.push(piece(octets, at, at + size));
  return pieces;
}

/** Cuts a stream anywhere, 1 to 2919 octets a piece. */
export function ragged(octets) {
  const pieces = [];
  const next = random(7);
  for (let at = 0; at < octets.length;) {
    const size = 1 + (next() % 2919);
    pieces.push(piece(octets, at, at + size));
    at += size;
  }
  return pieces;
}

/** Offsets and types of the frames of a stream. */
export function* frames(octets) {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  for (let at = 0; at < octets.length; at += 8 + view.getUint32(at + 3)) yield { at, type: octets[at] };
}

/** Cuts a stream before each method. */
function oneMessageAChunk(octets) {
  const begins = [];
  for (const { at, type } of frames(octets)) if (type === 1) begins.push(at);
  return begins.map((from, i) => piece(octets, from, begins[i + 1] ?? octets.length));
}

/** @type {Record<string, (octets: Uint8Array) => Uint8Array[]>} */
export const cuts = {
  "64 KiB": (octets) => chunks(octets, 65536),
  ragged,
  "one message a chunk": oneMessageAChunk,
};
