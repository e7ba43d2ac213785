import { wrong } from "./errors.js";
import { Ack, ContentHeader, Heartbeat, LazyContentBody, LazyContentHeader } from "./frames.js";
import { deliver, method } from "./methods.js";
import { unsigned64 } from "./numbers.js";
import { begin } from "./pool.js";
import { properties } from "./properties.js";

const METHOD = 1;
const HEADER = 2;
const BODY = 3;
const HEARTBEAT = 8;
const FRAME_END = 0xce;
const HEAD = 7;

const DELIVER = 0x003c003c;
const ACK = 0x003c0050;
const BASIC = 0x003c0000;

/** Where the first frame begins that was not whole. */
export const readTo = new Int32Array(1);

/** Puts the frames between `at` and `end` into an array from its place `n` on, while it has places; answers how many are taken then. */
export function readFrames(source, at, end, frames, n, frameMax, lazy) {
  const { octets, view: dv } = source;
  const places = frames.length;
  while (end - at > HEAD && n < places) {
    const size = dv.getInt32(at + 3);
    if (size < 0 || size > frameMax) wrong("a frame that is larger than was agreed");
    const start = at + HEAD;
    const type = dv.getUint8(at);
    if (size >= end - start) break;
    const stop = start + size;
    if (dv.getUint8(stop) !== FRAME_END) wrong("a frame without its end");
    const channel = dv.getUint16(at + 1);
    if (type === METHOD) {
      const index = size < 4 ? 0 : dv.getInt32(start);
      if (index === DELIVER) frames[n++] = deliver(octets, dv, start, stop, channel);
      else if (index === ACK) {
        if (size !== 13) wrong("an ack of another size");
        // They come in runs: what follows differs in its tag and its bit alone.
        const head = dv.getInt32(at);
        const rest = dv.getInt32(at + 4);
        for (;;) {
          const high = dv.getInt32(at + 11);
          const low = dv.getInt32(at + 15);
          const multiple = (dv.getUint8(at + 19) & 1) !== 0;
          frames[n++] = new Ack(channel, high === 0 && low >= 0 ? low : unsigned64(high, low), multiple);
          at += 21;
          if (end - at < 21 || n === places || dv.getInt32(at) !== head || dv.getInt32(at + 4) !== rest) break;
          if (dv.getInt32(at + 7) !== ACK || dv.getUint8(at + 20) !== FRAME_END) break;
        }
        continue;
      } else frames[n++] = method(octets, dv, start, stop, channel);
    } else if (type === HEADER) {
      if (size < 14 || dv.getInt32(start) !== BASIC) wrong("a content header that is none of class basic");
      const high = dv.getInt32(start + 4);
      const low = dv.getInt32(start + 8);
      const bodySize = high === 0 && low >= 0 ? low : unsigned64(high, low);
      if (lazy) frames[n++] = new LazyContentHeader(channel, bodySize, source, at);
      else {
        begin(n, size, frames);
        frames[n++] = new ContentHeader(channel, bodySize, properties(octets, dv, start + 12, stop));
      }
    } else if (type === BODY) {
      // A view costs as much as all the rest of a small delivery, whoever asks for it.
      frames[n++] = new LazyContentBody(channel, source, at);
    } else if (type === HEARTBEAT) {
      if (channel !== 0 || size !== 0) wrong("a heartbeat with a payload or on a channel");
      frames[n++] = new Heartbeat();
    } else wrong("an unknown frame type");
    at = stop + 1;
  }
  readTo[0] = at;
  return n;
}
