/**
 * Encoding messages: all candidates from the same descriptions. What they wrote is read by this package's decoder and compared with those.
 *
 * Who can write many messages into one array does so, and flushes when about 64 KiB are there: into an array that is used again once its octets are sent, which is how a program writes to a socket that takes the least. A row "an array each
 * time" is the same with a new array for each flush. To fill fresh memory costs a fifth of a nanosecond an octet, whoever does it: it would be a fifth to a half of what is measured, and hide what encoding takes. Candidates that make an array for
 * each message do so in both.
 */
import { read } from "../candidates/amqp-wasm.js";
import { assertSame } from "../compare.js";
import { messages, prepared, publishes } from "../corpus.js";
import { keepFew, measure, summed } from "../measure.js";

const BATCH = 65536;

/** How many messages of a kind are about 64 KiB. */
function batchOf(messages) {
  const [first] = messages;
  const octets = first.body === undefined ? 21 : 100 + first.body.length + 200 * ("headers" in first.properties);
  return Math.max(1, Math.floor(BATCH / octets));
}

const inputs = { ack: messages, prepared, publish: publishes, marshal: publishes };

/** An encoder for a job; one that cannot prepare a publish, or has no output to batch, does what it does for a publish, and says so. */
function encoderFor(candidate, { job, workload, objects, anew }, list, octets) {
  const how = { objects, anew, batch: batchOf(list), octets };
  const own = candidate.encoder(job, workload, list, how);
  if (own !== undefined || job === "publish" || job === "ack" || candidate.name === "amqp-wasm" || candidate.floor)
    return { encoder: own };
  return { encoder: candidate.encoder("publish", workload, list, { ...how, anew: true }), note: "publishes as ever" };
}

/** Candidates, and behind them what is a part of one and measured beside it. */
function withParts({ job }, candidates) {
  return job === "publish" ? candidates.flatMap((candidate) => [candidate, ...(candidate.parts ?? [])]) : candidates;
}

export async function run(row, candidates, { quick, how }) {
  const count = quick ? 100 : 1000;
  const list = inputs[row.job](row.workload, count);
  const entrants = [];
  const missing = [];
  /** Of one message, as somebody wrote it. */
  let octets = BATCH / batchOf(list);
  for (const candidate of withParts(row, candidates)) {
    const { name, floor } = candidate;
    // Copies: amqplib makes the headers that it is given the prototype of others, which slows down whoever reads them later.
    const { encoder, note } = encoderFor(candidate, row, structuredClone(list), octets);
    if (encoder === undefined) {
      if (!floor) missing.push({ name, reason: "does not do this" });
      continue;
    }
    if (!floor) {
      const expected = candidate.asKept?.(list, "encode") ?? list;
      const written = await encoder.octets();
      assertSame(expected, read(written), name, row.name);
      octets = written.length / count;
    }
    entrants.push({ name, floor, note, count, run: () => encoder.run(keepFew) });
  }
  await measure(entrants, how);
  return { unit: "ns/message", entrants: summed(entrants), missing };
}
