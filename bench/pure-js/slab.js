/**
 * Memory for octets that must be copied: cut frames, because their bodies are handed out as views, and small chunks, because a DataView of each chunk would take longer than to copy it. All readers
 * share one slab; what was given out is never given out again.
 */
const SIZE = 65536;

const { set } = Uint8Array.prototype;

/** `target.set(source, at)`, without looking for `set` in a chain of four prototypes: that takes half as long as to copy. */
export function copyInto(target, source, at) {
  set.call(target, source, at);
}

/** Up to here words take less than the call. */
const FEW = 16;

/** As `copyInto`, for octets that may be few; `view` is one of the target. */
export function copyFew(target, view, source, at) {
  const { length } = source;
  if (length > FEW || length < 4) set.call(target, source, at);
  else {
    const last = length - 4;
    for (let i = 0; i < last; i += 4) view.setInt32(at + i, wordAt(source, i));
    view.setInt32(at + last, wordAt(source, last));
  }
}

function wordAt(octets, at) {
  return (octets[at] << 24) | (octets[at + 1] << 16) | (octets[at + 2] << 8) | octets[at + 3];
}

/** Octets with what reads them: kept together, because a DataView and an ArrayBuffer are dear to come by. */
export class Source {
  constructor(octets) {
    this.octets = octets;
    this.buffer = octets.buffer;
    this.base = octets.byteOffset;
    this.view = new DataView(this.buffer, this.base, octets.length);
  }
}

let slab = new Source(Buffer.allocUnsafeSlow(SIZE));
let used = 0;

/** Makes sure that `n` octets are free in the slab, and answers it. */
export function slabWith(n) {
  if (n > SIZE - used) {
    slab = new Source(Buffer.allocUnsafeSlow(SIZE));
    used = 0;
  }
  return slab;
}

/** Where the slab is free from. */
export function slabEnd() {
  return used;
}

/** Takes `n` octets of the slab. */
export function take(n) {
  used += n;
}

/** Whether the octets of `source` to `end` are followed by `n` free ones. */
export function goesOn(source, end, n) {
  return source === slab && end === used && n <= SIZE - used;
}
