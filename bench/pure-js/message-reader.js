import { wrong } from "./errors.js";
import { ContentBody, ContentHeader, Deliver, LazyContentBody, Message, OtherMethod, Publish } from "./frames.js";
import { Reader } from "./reader.js";
import { copyInto } from "./slab.js";

/** Arrays longer than this are cut in place, which takes a call of the runtime; shorter ones are copied. */
const CUT_IN_PLACE = 64;
const RETURN = 50;
const GET_OK = 71;

/** A method that waits for its header, or for more of its body. */
class Pending {
  constructor(channel, method) {
    this.channel = channel;
    this.method = method;
    this.header = undefined;
    this.parts = undefined;
    this.lacks = 0;
  }
}

/** Whether a method carries content. */
function carriesContent(frame) {
  if (frame instanceof Deliver || frame instanceof Publish) return true;
  return (
    frame instanceof OtherMethod && frame.classId === 60 && (frame.methodId === RETURN || frame.methodId === GET_OK)
  );
}

function joined(parts) {
  const octets = Buffer.allocUnsafeSlow(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    copyInto(octets, part, at);
    at += part.length;
  }
  return new Uint8Array(octets.buffer);
}

/** Reads one direction of one connection as whole messages; what carries no content is answered as it is. */
export class MessageReader {
  #reader;
  #maxBodySize;
  /** The channel that is in the middle of a message, and all others that are. */
  #pending = undefined;
  #others = new Map();

  constructor({ maxBodySize = 512 * 1024 * 1024, ...options } = {}) {
    this.#reader = new Reader(options);
    this.#maxBodySize = maxBodySize;
  }

  push(chunk) {
    const frames = this.#reader.push(chunk);
    // Messages take the places of their frames: there are never more of them.
    let n = 0;
    for (let i = 0; i < frames.length; i++) {
      const frame = frames[i];
      if (
        this.#pending === undefined &&
        i + 2 < frames.length &&
        (frame instanceof Deliver || frame instanceof Publish)
      ) {
        const message = this.#whole(frame, frames[i + 1], frames[i + 2]);
        if (message !== undefined) {
          frames[n++] = message;
          i += 2;
          continue;
        }
      }
      const made =
        frame instanceof LazyContentBody || frame instanceof ContentBody
          ? this.#body(frame)
          : frame instanceof ContentHeader
            ? this.#header(frame)
            : this.#method(frame);
      if (made !== undefined) frames[n++] = made;
    }
    if (n === frames.length) return frames;
    if (n <= CUT_IN_PLACE) return frames.slice(0, n);
    frames.length = n;
    return frames;
  }

  /** The message that three frames make in a row, as nearly all do. */
  #whole(method, header, body) {
    const { channel } = method;
    if (!(header instanceof ContentHeader) || header.channel !== channel) return undefined;
    if (!(body instanceof LazyContentBody) || body.channel !== channel) return undefined;
    const { length } = body;
    if (length !== header.bodySize || length > this.#maxBodySize || length === 0) return undefined;
    return new Message(channel, method, header.properties, body.source, body.at);
  }

  #method(frame) {
    const { channel } = frame;
    const pending = this.#pending;
    if (pending !== undefined && (pending.channel === channel || this.#others.has(channel)))
      wrong("a method in the middle of a message");
    if (!carriesContent(frame)) return frame;
    if (pending !== undefined) this.#others.set(pending.channel, pending);
    this.#pending = new Pending(channel, frame);
    return undefined;
  }

  /** What waits on a channel. */
  #of(channel) {
    let pending = this.#pending;
    if (pending !== undefined && pending.channel === channel) return pending;
    const found = this.#others.get(channel);
    if (found === undefined) wrong("content that nobody announced");
    this.#others.delete(channel);
    this.#others.set(pending.channel, pending);
    return (this.#pending = found);
  }

  /** Ends the message that waits on the channel of the last frame. */
  #end(pending, body) {
    this.#pending = undefined;
    if (this.#others.size > 0) {
      const [[channel, other]] = this.#others;
      this.#others.delete(channel);
      this.#pending = other;
    }
    return new Message(pending.channel, pending.method, pending.header.properties, body, -1);
  }

  #header(frame) {
    const pending = this.#of(frame.channel);
    if (pending.header !== undefined) wrong("a second content header");
    if (frame.bodySize > this.#maxBodySize) wrong("a body that is larger than is allowed");
    pending.header = frame;
    pending.lacks = frame.bodySize;
    return pending.lacks === 0 ? this.#end(pending, new Uint8Array(0)) : undefined;
  }

  #body(frame) {
    const pending = this.#of(frame.channel);
    if (pending.header === undefined) wrong("a content body before its header");
    const { value } = frame;
    const n = value.length;
    if (n > pending.lacks) wrong("a body that is larger than its header says");
    if (n === pending.lacks && pending.parts === undefined) return this.#end(pending, value);
    (pending.parts ??= []).push(value);
    pending.lacks -= n;
    return pending.lacks === 0 ? this.#end(pending, joined(pending.parts)) : undefined;
  }
}
