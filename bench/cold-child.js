/** One cold start; see kinds/cold.js. */
import { readFileSync } from "node:fs";
import { answer, job } from "./child.js";

const { module, chunk } = job();
// With an ArrayBuffer of its own, as a socket's would be.
const piece = Buffer.from(new Uint8Array(readFileSync(chunk)).buffer);
const kept = [];

const start = performance.now();
const { default: candidate } = await import(module);
await candidate.decoder("full", "W1", []).run([piece], (value) => kept.push(value));
answer(performance.now() - start);
