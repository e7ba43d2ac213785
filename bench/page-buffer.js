/**
 * What bench/pure-js needs of node:buffer, for pages: the best that a browser has in its place. Pages map "node:buffer" to this file; it is never a global, because this package would
 * take it for the real one.
 */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const encoder = new TextEncoder();

export class Buffer extends Uint8Array {
  static alloc = (octets) => new Buffer(octets);
  static allocUnsafe = Buffer.alloc;
  static allocUnsafeSlow = Buffer.alloc;
  static isBuffer = (value) => value instanceof Buffer;
  static byteLength = (text) => encoder.encode(text).length;

  static from(given, offset, length) {
    if (given instanceof ArrayBuffer) return new Buffer(given, offset, length);
    return new Buffer(typeof given === "string" ? encoder.encode(given) : given);
  }

  static concat(parts, length = parts.reduce((sum, part) => sum + part.length, 0)) {
    const octets = new Buffer(length);
    let at = 0;
    for (const part of parts) {
      octets.set(part, at);
      at += part.length;
    }
    return octets;
  }

  utf8Slice(start = 0, end = this.length) {
    return decoder.decode(new Uint8Array(this.buffer, this.byteOffset + start, end - start));
  }

  /** For octets that are all ASCII, as every caller has made sure. */
  latin1Slice(start, end) {
    return this.utf8Slice(start, end);
  }

  utf8Write(text, offset = 0, length = this.length - offset) {
    return encoder.encodeInto(text, new Uint8Array(this.buffer, this.byteOffset + offset, length)).written;
  }

  latin1Write(text, offset = 0) {
    for (let i = 0; i < text.length; i++) this[offset + i] = text.charCodeAt(i);
    return text.length;
  }

  copy(target, at = 0, from = 0, to = this.length) {
    target.set(new Uint8Array(this.buffer, this.byteOffset + from, to - from), at);
    return to - from;
  }

  readUInt32BE(at) {
    return this.readInt32BE(at) >>> 0;
  }

  readInt32BE(at) {
    return (this[at] << 24) | (this[at + 1] << 16) | (this[at + 2] << 8) | this[at + 3];
  }
}

export function isUtf8(octets) {
  try {
    strict.decode(octets);
    return true;
  } catch {
    return false;
  }
}
