import { EncodeError } from "./errors.js";

/**
 * Ids on their way out. Written one by one each would take a native call: they are joined, written with one call when the octets are wanted, and copied to their places. Until it is known better each
 * is taken to be ASCII; where one is not, the octets behind it move.
 */
const MOST = 256;
const LEAST_SIZE = 8;
/** No more than 255 octets whatever their characters are. */
const MOST_SIZE = 85;
const ENTRY = 3;

const room = Buffer.allocUnsafeSlow(MOST * MOST_SIZE * 3);
const roomView = new DataView(room.buffer);

export class Ids {
  constructor() {
    this.text = "";
    this.count = 0;
    this.before = 0;
    this.lengthBefore = 0;
    /** Where the header frame begins that is being written. */
    this.header = 0;
    /** For each id: where its length octet and its header frame are, counted from the first octet that is not flushed, and its size. */
    this.entries = new Int32Array(MOST * ENTRY);
  }

  /** Whether those of another message may not find room. */
  get many() {
    return this.count > MOST - 2;
  }

  /** Begins a message whose content header frame is `header` octets behind what was flushed. */
  begin(header) {
    this.header = header;
    this.before = this.count;
    this.lengthBefore = this.text.length;
  }

  /** Forgets those of the message that was begun. */
  takeBack() {
    this.count = this.before;
    this.text = this.text.slice(0, this.lengthBefore);
  }

  put(view, octets, text, at, begun) {
    const n = text.length;
    if (n < LEAST_SIZE || n > MOST_SIZE) return at + putNow(octets, text, at);
    view.setUint8(at, n);
    const entry = this.count++ * ENTRY;
    this.entries[entry] = at - begun;
    this.entries[entry + 1] = this.header;
    this.entries[entry + 2] = n;
    this.text += text;
    return at + 1 + n;
  }

  /** Writes all ids; answers where the octets end. */
  settle(writer) {
    const { text, count, entries } = this;
    this.text = "";
    this.count = 0;
    if (room.utf8Write(text, 0) !== text.length) return this.#settleOther(writer, text, count);
    const { view, begun } = writer;
    const end = count * ENTRY;
    let from = 0;
    for (let entry = 0; entry < end; entry += ENTRY) {
      const to = begun + entries[entry] + 1;
      const n = entries[entry + 2];
      // ASCII is never NaN: doubles are copied as they are, eight octets at a time.
      for (let k = 0; k < n - 8; k += 8) view.setFloat64(to + k, roomView.getFloat64(from + k));
      view.setFloat64(to + n - 8, roomView.getFloat64(from + n - 8));
      from += n;
    }
    return writer.at;
  }

  #settleOther(writer, text, count) {
    // From the last on, so that what was noted of those before stays true.
    let end = writer.room(writer.at, count * 2 * MOST_SIZE);
    let to = text.length;
    for (let i = count; i-- > 0;) {
      const entry = i * ENTRY;
      const n = this.entries[entry + 2];
      const at = writer.begun + this.entries[entry];
      const header = writer.begun + this.entries[entry + 1];
      const size = room.utf8Write(text.slice(to - n, to), 0);
      to -= n;
      if (size !== n) {
        writer.octets.copyWithin(at + 1 + size, at + 1 + n, end);
        end += size - n;
        writer.view.setUint8(at, size);
        writer.view.setInt32(header + 3, writer.view.getInt32(header + 3) + size - n);
      }
      writer.octets.set(room.subarray(0, size), at + 1);
    }
    return end;
  }
}

function putNow(octets, text, at) {
  const size = octets.utf8Write(text, at + 1);
  if (size > 255 || text.length > 255) throw new EncodeError("an id of more than 255 octets");
  octets[at] = size;
  return 1 + size;
}
