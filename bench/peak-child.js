/** The memory that a stream of some size takes; see kinds/peak.js. */
import { getHeapStatistics } from "node:v8";
import ours from "./candidates/amqp-wasm.js";
import { answer, job } from "./child.js";
import { cuts, stream } from "./corpus.js";
import { keep } from "./measure.js";

const MIB = 1 << 20;
const { size } = job();
const { octets } = stream("W1", MIB);
const pieces = cuts["64 KiB"](octets);
let heap = 0;

function* watched() {
  for (let i = 0; i < size; i++) {
    for (const piece of pieces) {
      yield piece;
      heap = Math.max(heap, getHeapStatistics().used_heap_size);
    }
  }
}

ours.decoder("full", "W1", []).run(watched(), keep);
answer({ resident: process.resourceUsage().maxRSS / 1024, heap: heap / MIB });
