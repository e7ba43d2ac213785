import { checkHeader, checkMethod, placeLengths, TABLE } from "./check-frames.js";
import { wrong } from "./errors.js";
import { copyInto } from "./slab.js";

const FRAME_END = 0xce;
const { copyWithin } = Uint8Array.prototype;

/** Room in front for the octets that come in, so that what is passed on moves within one array: that takes a third of what copying from one to another does. */
const FRONT = 1 << 17;
const SIZE = 1 << 19;
/** More than a method frame can take. */
const METHOD = 800;

/** Handed from one passer to the next: to make one takes as long as to pass on a hundred messages. */
let spare = new Uint8Array(SIZE);

/** Passes frames and messages on, from the octets that come in to those that go out. */
export class Passer {
  octets = spare ?? new Uint8Array(SIZE);
  view = new DataView(this.octets.buffer);
  #size = this.octets.length;
  /** Behind what is written. */
  #at = FRONT;
  /** What came in: behind the last whole message, and behind all. */
  #begin = 0;
  #end = 0;
  #channels = new Uint16Array(1024);
  /** Of the publish that the next may be like: see `#remember`. */
  #alikeAt = -1;
  #alikeMethod = 0;
  #alikeHeader = 0;
  #alikeOctets = 0;
  #tableAt = 0;
  #lengths = 0;
  #lengthsAt = new Int32Array(TABLE + 1);
  #patience = 8;

  constructor() {
    spare = undefined;
  }

  /** To be called at its end. */
  close() {
    spare = this.octets;
  }

  /** Puts what is written into an array of the caller's; answers how much it is. */
  flushInto(target) {
    const n = this.#at - FRONT;
    copyInto(target, new Uint8Array(this.octets.buffer, FRONT, n), 0);
    this.#at = FRONT;
    return n;
  }

  /** The chunk in front, behind the frames that were not whole. */
  #take(chunk) {
    const rest = this.#end - this.#begin;
    if (rest + chunk.length > FRONT) wrong("a message that is larger than the room for it");
    if (rest > 0) copyWithin.call(this.octets, 0, this.#begin, this.#end);
    copyInto(this.octets, chunk, rest);
    this.#begin = 0;
    this.#end = rest + chunk.length;
  }

  #room(n) {
    if (n <= this.#size - this.#at) return;
    const size = Math.max(2 * this.#size, this.#at + n);
    const octets = new Uint8Array(size);
    copyInto(octets, new Uint8Array(this.octets.buffer, 0, this.#at), 0);
    this.octets = octets;
    this.view = new DataView(octets.buffer);
    this.#size = size;
  }

  #moreChannels() {
    const channels = new Uint16Array(2 * this.#channels.length);
    channels.set(this.#channels);
    this.#channels = channels;
  }

  /** Where the frame at `at` ends, its frame-end not counted; 0 where it is not whole. */
  #frameEnd(at) {
    const left = this.#end - at;
    if (left < 8) return 0;
    const size = this.view.getInt32(at + 3);
    if (size < 0 || size > FRONT) wrong("a frame that is larger than was agreed");
    if (size > left - 8) return 0;
    const end = at + 7 + size;
    if (this.view.getUint8(end) !== FRAME_END) wrong("a frame without its end");
    return end;
  }

  /** Forwards the frames of a chunk to the channels that `channelOf(channel)` answers, asked once for all frames of one that follow each other: they are moved at once, then the channels are set. */
  forward(chunk, channelOf) {
    this.#take(chunk);
    this.#room(this.#end);
    const dv = this.view;
    const begin = this.#begin;
    const shift = this.#at - begin;
    let at = begin;
    let count = 0;
    let from = -1;
    let to = 0;
    for (;;) {
      const end = this.#frameEnd(at);
      if (end === 0) break;
      const type = dv.getUint8(at);
      if (type === 1) checkMethod(dv, at, end);
      else if (type === 2) checkHeader(dv, at, end);
      else if (type !== 3 && type !== 8) wrong("an unknown frame type");
      if (count === this.#channels.length) this.#moreChannels();
      const channel = dv.getUint16(at + 1);
      if (channel !== from) {
        from = channel;
        to = channelOf(channel);
      }
      this.#channels[count++] = to;
      at = end + 1;
    }
    copyWithin.call(this.octets, this.#at, begin, at);
    count = 0;
    for (let p = begin; p < at; p += dv.getInt32(p + 3) + 8) dv.setInt16(p + shift + 1, this.#channels[count++]);
    this.#at = shift + at;
    this.#begin = at;
  }

  /** Hands each publish of a chunk to `consumersOf`, and delivers it to the consumers that it answers. Other methods are passed by. */
  deliver(chunk, consumersOf) {
    this.#take(chunk);
    let at = this.#begin;
    let octets = 0;
    this.#alikeAt = -1;
    this.#alikeOctets = FRONT;
    this.#patience = 8;
    for (;;) {
      if (this.#isAlike(at)) {
        const header = (at + this.#alikeMethod) | 0;
        const messageEnd = (at + this.#alikeOctets) | 0;
        this.#deliver(at, (header - 1) | 0, header, messageEnd, consumersOf(at, (header - 1) | 0, true));
        at = messageEnd;
        continue;
      }
      const end = this.#frameEnd(at);
      if (end === 0) break;
      const dv = this.view;
      if (dv.getUint8(at) !== 1) wrong("a frame that may not stand here");
      checkMethod(dv, at, end);
      if (dv.getInt32(at + 7) !== 0x003c0028) {
        at = end + 1;
        continue;
      }
      const header = end + 1;
      const headerEnd = this.#frameEnd(header);
      if (headerEnd === 0) break;
      const channel = dv.getInt16(at + 1);
      if (dv.getUint8(header) !== 2 || dv.getInt16(header + 1) !== channel) wrong("a frame that may not stand here");
      checkHeader(dv, header, headerEnd);
      if (dv.getInt32(header + 11) !== 0) wrong("a content that is too large");
      const bodySize = dv.getInt32(header + 15);
      let messageEnd = headerEnd + 1;
      if (bodySize !== 0) {
        const bodyEnd = this.#frameEnd(messageEnd);
        if (bodyEnd === 0) break;
        if (dv.getInt32(messageEnd) >> 8 !== ((3 << 16) | (channel & 0xffff))) wrong("a frame that may not stand here");
        if (bodyEnd - messageEnd - 7 !== bodySize) wrong("a body in several frames");
        messageEnd = bodyEnd + 1;
      }
      if (messageEnd - at === octets && bodySize !== 0) this.#remember(at, header, headerEnd, messageEnd);
      octets = messageEnd - at;
      this.#deliver(at, end, header, messageEnd, consumersOf(at, end, false));
      at = messageEnd;
    }
    this.#begin = at;
  }

  /**
   * For `deliver`: asks `consumersOf` once for all publishes with the same exchange and routing key that follow each other, counts the delivery tags of those that it answers, and calls `full` before each `batch` of publishes.
   */
  routed(consumersOf, batch, full) {
    const route = new Float64Array(66);
    let octets = -1;
    let consumers;
    let count = 0;
    return (at, end, alike) => {
      if (count === batch) {
        full();
        count = 0;
      }
      count++;
      if (alike) {
        for (let i = 0; i < consumers.length; i++) consumers[i].deliveryTag++;
        return consumers;
      }
      const dv = this.view;
      const from = at + 13;
      const last = end - 7;
      let same = end - from === octets;
      let w = 0;
      // Eight octets at once, the last of them up to the frame-end, as numbers: there is nothing quicker. NaN is like nothing, and a zero may be another one: then it asks once more than it has to.
      for (let p = from; same && p < last; p += 8, w++) {
        const number = dv.getFloat64(p, true);
        same = number === route[w] && number !== 0;
      }
      if (!same || dv.getFloat64(last, true) !== route[w]) {
        octets = end - from;
        w = 0;
        for (let p = from; p < last; p += 8) route[w++] = dv.getFloat64(p, true);
        route[w] = dv.getFloat64(last, true);
        consumers = consumersOf();
      }
      for (let i = 0; i < consumers.length; i++) consumers[i].deliveryTag++;
      return consumers;
    };
  }

  /**
   * Remembers a publish that was found good: another with the same method frame, the same head of its content header with body size and flags, the same lengths among its properties, and the same head of its body is as good. Where publishes of one size
   * keep having other lengths, it is given up until the next chunk.
   */
  #remember(at, header, headerEnd, messageEnd) {
    if (this.#patience === 0) return;
    this.#patience--;
    const dv = this.view;
    this.#alikeAt = at;
    this.#alikeMethod = header - at;
    this.#alikeHeader = headerEnd - at;
    this.#alikeOctets = messageEnd - at;
    this.#lengths = placeLengths(dv, header, at, this.#lengthsAt);
    this.#tableAt = this.#lengthsAt[TABLE];
  }

  #isAlike(at) {
    const octets = this.#alikeOctets;
    if (octets > this.#end - at) return false;
    const dv = this.view;
    const before = this.#alikeAt;
    // Up to the flags of the content header, eight octets at once, as in `routed`.
    const last = (at + this.#alikeMethod + 13) | 0;
    const back = (before - at) | 0;
    let p = at;
    for (; p < last; p = (p + 8) | 0) {
      const number = dv.getFloat64(p, true);
      if (number !== dv.getFloat64((p + back) | 0, true) || number === 0) return false;
    }
    const number = dv.getFloat64(last, true);
    if (number !== dv.getFloat64((last + back) | 0, true) || number === 0) return false;
    const table = this.#tableAt;
    if (table >= 0 && dv.getInt32((at + table) | 0) !== dv.getInt32((before + table) | 0)) return false;
    const places = this.#lengthsAt;
    for (let i = 0; i < this.#lengths; i++) {
      const place = places[i];
      if (dv.getUint8((at + place) | 0) !== dv.getUint8((before + place) | 0)) return false;
    }
    const headerEnd = this.#alikeHeader;
    // Frame-end of the header, and the head of the body.
    if (
      dv.getInt32((at + headerEnd) | 0) !== dv.getInt32((before + headerEnd) | 0) ||
      dv.getInt32((at + headerEnd + 4) | 0) !== dv.getInt32((before + headerEnd + 4) | 0)
    )
      return false;
    return dv.getUint8((at + octets - 1) | 0) === FRAME_END;
  }

  #deliver(method, methodEnd, header, messageEnd, consumers) {
    const n = messageEnd - header;
    this.#room(consumers.length * (METHOD + n));
    const { octets, view: dv } = this;
    const body = header + 8 + dv.getInt32(header + 3) - header;
    // Exchange and routing key, with the octet of the bits.
    const routing = method + 13;
    const routingEnd = methodEnd - 1;
    for (let i = 0; i < consumers.length; i++) {
      const { channel, prefix, deliveryTag, redelivered } = consumers[i];
      const begin = this.#at;
      const { words } = prefix;
      let at = begin;
      for (let w = 0; w < words.length; w++, at += 4) dv.setInt32(at, words[w], true);
      dv.setInt16(begin + 1, channel);
      at = begin + prefix.octets;
      if ((deliveryTag | 0) === deliveryTag && deliveryTag >= 0) {
        dv.setInt32(at, 0);
        dv.setInt32(at + 4, deliveryTag);
      } else dv.setBigUint64(at, BigInt(deliveryTag));
      dv.setUint8(at + 8, redelivered ? 1 : 0);
      at += 9;
      // Moved by words that may pass the end: what comes next writes over it.
      let from = routing;
      for (; from < routingEnd; from += 4, at += 4) dv.setInt32(at, dv.getInt32(from, true), true);
      at -= from - routingEnd;
      dv.setInt32(begin + 3, at - begin - 7);
      dv.setUint8(at++, FRAME_END);
      copyWithin.call(octets, at, header, messageEnd);
      dv.setInt16(at + 1, channel);
      if (body < n) dv.setInt16(at + body + 1, channel);
      this.#at = at + n;
    }
  }
}
