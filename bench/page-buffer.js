/**
 * node:buffer for bench/pure-js in pages: the library that bundlers put in its place, with the methods that Node's has beyond it, made of the best that a browser has. Never a global, because this package would take it for
 * the real one.
 */
import { Buffer } from "buffer";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const encoder = new TextEncoder();

const ofNode = {
  utf8Slice(start = 0, end = this.length) {
    return decoder.decode(new Uint8Array(this.buffer, this.byteOffset + start, end - start));
  },

  /** For octets that are all ASCII, as every caller has made sure. */
  latin1Slice(start, end) {
    return this.utf8Slice(start, end);
  },

  utf8Write(text, offset = 0, length = this.length - offset) {
    return encoder.encodeInto(text, new Uint8Array(this.buffer, this.byteOffset + offset, length)).written;
  },

  latin1Write(text, offset = 0) {
    for (let i = 0; i < text.length; i++) this[offset + i] = text.charCodeAt(i);
    return text.length;
  },
};
for (const [name, value] of Object.entries(ofNode)) Object.defineProperty(Buffer.prototype, name, { value });

export { Buffer };

export function isUtf8(octets) {
  try {
    strict.decode(octets);
    return true;
  } catch {
    return false;
  }
}
