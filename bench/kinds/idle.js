/** Octets that a reader keeps between its turns, on the heap and in the core's memory. */
import { FrameReader, initialize } from "../../dist/index.js";
import { cuts, stream } from "../corpus.js";

const READERS = 1000;
/** Readers that nobody may collect while others are weighed. */
const alive = [];

function used(memory) {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external + memory.buffer.byteLength;
}

function perReader(octets, memory) {
  // The first readers pay for what all share.
  const first = Array.from({ length: READERS }, () => new FrameReader());
  const pieces = cuts["64 KiB"](octets);
  const feed = (reader) => pieces.forEach((piece) => reader.push(piece));
  first.forEach(feed);
  alive.push(first);
  const readers = new Array(READERS).fill(undefined);
  alive.push(readers);
  const before = used(memory);
  for (let i = 0; i < READERS; i++) {
    readers[i] = new FrameReader();
    feed(readers[i]);
  }
  return (used(memory) - before) / readers.length;
}

export function run() {
  // Its own, to see it grow.
  const memory = new WebAssembly.Memory({ initial: 1 });
  initialize(undefined, { memory });
  const { octets } = stream("W1", 1 << 14);
  return {
    unit: "octets/reader",
    entrants: [
      { name: "idle", value: perReader(octets, memory) },
      { name: "with a frame of 100 octets cut", value: perReader(octets.subarray(0, octets.length - 36), memory) },
    ],
    missing: [],
  };
}
