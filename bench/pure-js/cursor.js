import { CutFrame } from "./cut-frame.js";
import { wrong } from "./errors.js";
import { Source } from "./slab.js";
import { intern } from "./strings.js";

const FRAME_END = 0xce;
const DELIVER = 0x003c003c;
const PUBLISH = 0x003c0028;
const ACK = 0x003c0050;

/** Where the chunk is copied to before it is walked, so that a message is moved within one array: a third of what copying between two takes. Behind it the writer writes. */
export const ROOM = 1 << 17;

/** A string that is likely to be the one that stood there the last time: its octets are compared with that one's eight by eight, the last of which reach back, before it is looked for. */
class Guess {
  #length = -1;
  #words = new Float64Array(4);
  #text = "";

  text(octets, dv, at, n) {
    if (n === this.#length) {
      const words = this.#words;
      const last = (at + n - 8) | 0;
      let p = at;
      let i = 0;
      while (p < last && dv.getFloat64(p, true) === words[i]) {
        p = (p + 8) | 0;
        i = (i + 1) | 0;
      }
      if (p >= last && dv.getFloat64(last, true) === words[i]) return this.#text;
    }
    const text = intern(octets, dv, at, n, 0);
    if (n >= 8 && n <= 32 && typeof text === "string") this.#remember(dv, at, n, text);
    return text;
  }

  #remember(dv, at, n, text) {
    const words = this.#words;
    const last = at + n - 8;
    let i = 0;
    // Zero is the one number that others equal that are not the same octets.
    let zero = false;
    for (; at < last; at += 8) zero = (words[i++] = dv.getFloat64(at, true)) === 0 || zero;
    zero = (words[i] = dv.getFloat64(last, true)) === 0 || zero;
    this.#length = zero ? -1 : n;
    this.#text = text;
  }
}

const exchanges = new Guess();
const routingKeys = new Guess();

const nothing = new Source(Buffer.allocUnsafeSlow(0));

/** Goes from frame to frame and makes nothing. Checks frames and the arguments of the methods that it knows. */
export class Cursor {
  #frameMax;
  #cut = new CutFrame();
  /** The octets that are walked, and the chunk's, where a cut frame is walked meanwhile. */
  octets = nothing.octets;
  view = nothing.view;
  #source = nothing;
  at = 0;
  end = 0;
  /** Where the next frame begins, and where the octets end. */
  next_ = 0;
  length = 0;
  #chunkAt = 0;
  #inCut = false;
  /** Class id << 16 | method id; 0 where it is no method. */
  ids = 0;
  /** Where the exchange's length stands, and the routing key's. */
  exchangeAt = 0;
  routingKeyAt = 0;

  constructor({ frameMax = 131072 } = {}) {
    this.#frameMax = frameMax;
  }

  push(chunk) {
    const octets = chunk.latin1Slice === undefined ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : chunk;
    this.#source = new Source(octets);
    this.#inCut = true;
    this.#chunkAt = 0;
  }

  get type() {
    return this.view.getUint8(this.at);
  }

  get channel() {
    return this.view.getUint16(this.at + 1);
  }

  get deliveryTag() {
    const at = this.ids === DELIVER ? this.exchangeAt - 9 : this.at + 11;
    return this.view.getUint32(at) * 0x100000000 + this.view.getUint32(at + 4);
  }

  get exchange() {
    const at = this.exchangeAt;
    return at === 0 ? undefined : exchanges.text(this.octets, this.view, at + 1, this.view.getUint8(at));
  }

  get routingKey() {
    const at = this.routingKeyAt;
    return at === 0 ? undefined : routingKeys.text(this.octets, this.view, at + 1, this.view.getUint8(at));
  }

  next() {
    if (this.#inCut && !this.#leaveCut()) return true;
    const at = this.next_;
    // Cut to 32 bits, sums need not be watched for more than that.
    const left = (this.length - at - 8) | 0;
    if (left < 0) return this.#edge(at);
    const dv = this.view;
    const size = dv.getInt32(at + 3);
    // Below 0 it is larger than all that may be agreed.
    if (size >>> 0 > this.#frameMax) wrong("a frame that is larger than was agreed");
    if (size > left) return this.#edge(at);
    this.at = at;
    this.end = (at + 7 + size) | 0;
    this.next_ = (at + 8 + size) | 0;
    this.#enter();
    return true;
  }

  #enter() {
    const { at, end, view: dv } = this;
    if (dv.getUint8(end) !== FRAME_END) wrong("a frame without its end");
    const type = dv.getUint8(at);
    if (type === 1) {
      const size = (end - at - 7) | 0;
      if (size < 4) wrong("a method that is cut short");
      const ids = dv.getInt32(at + 7);
      this.ids = ids;
      if (ids !== DELIVER) {
        this.#enterOther(ids, size);
        return;
      }
      if (size < 16) wrong("a method that is cut short");
      const exchange = (at + 21 + dv.getUint8(at + 11)) | 0;
      if (exchange >= end) wrong("a method that is cut short");
      const key = (exchange + 1 + dv.getUint8(exchange)) | 0;
      if (key >= end || ((key + 1 + dv.getUint8(key)) | 0) !== end)
        wrong("a method of another size than its arguments");
      this.exchangeAt = exchange;
      this.routingKeyAt = key;
      return;
    }
    this.ids = this.exchangeAt = this.routingKeyAt = 0;
    if (type === 3) return;
    if (type === 2) {
      if (end - at < 21 || dv.getInt32(at + 7) !== 0x003c0000) wrong("a content header of another class");
      return;
    }
    if (type !== 8 || dv.getInt32(at) !== 0x08000000 || end !== at + 7) wrong("an unknown frame type");
  }

  #enterOther(ids, size) {
    if (ids === PUBLISH) {
      const { at, end, view: dv } = this;
      if (size < 9) wrong("a method that is cut short");
      const key = (at + 14 + dv.getUint8(at + 13)) | 0;
      if (key >= end || ((key + 2 + dv.getUint8(key)) | 0) !== end)
        wrong("a method of another size than its arguments");
      this.exchangeAt = at + 13;
      this.routingKeyAt = key;
      return;
    }
    this.exchangeAt = this.routingKeyAt = 0;
    if (ids === ACK && size !== 13) wrong("an ack of another size");
  }

  #edge(at) {
    if (at < this.length) this.#cut.begin(this.octets, at, this.#frameMax);
    this.next_ = this.length;
    return false;
  }

  /** Goes back to the chunk, unless a frame that was cut is whole now: then it goes to that, and answers false. */
  #leaveCut() {
    const cut = this.#cut;
    const { octets, view } = this.#source;
    if (cut.lacks > 0) {
      this.#chunkAt = cut.add(octets, this.#chunkAt, this.#frameMax);
      if (cut.lacks > 0) {
        this.next_ = this.length = 0;
        this.#inCut = false;
        return true;
      }
      const whole = cut.payload === undefined ? cut : withEnvelope(cut);
      this.octets = whole.source.octets;
      this.view = whole.source.view;
      this.at = whole.from;
      this.end = whole.end - 1;
      cut.drop();
      this.#enter();
      return false;
    }
    this.#inCut = false;
    this.octets = octets;
    this.view = view;
    this.length = octets.length;
    this.next_ = this.#chunkAt;
    return true;
  }
}

/** A large body that was cut, as a frame. */
function withEnvelope({ payload, channel }) {
  const source = new Source(Buffer.allocUnsafeSlow(payload.length + 8));
  source.octets.set(payload, 7);
  source.view.setInt32(0, 0x03000000 | (channel << 8));
  source.view.setInt32(3, payload.length);
  source.octets[payload.length + 7] = FRAME_END;
  return { source, from: 0, end: payload.length + 8 };
}
