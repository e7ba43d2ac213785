/**
 * Passing on: frames to another channel, publishes to consumers. All candidates get the same pieces; what they write is read by this package's decoder and compared with the corpus, channels and all. All flush when about 64 KiB
 * are there, or at the end of a chunk, into an array that they use again: to allocate one each time would cost as much as all the rest, and the same for all.
 *
 * A publish is delivered to the consumers of its exchange and routing key: those that know how find out that they are those of the one before, and ask once. "Asked each time" are those whose program says for each publish who gets it, without looking at it.
 */
import { read } from "../candidates/amqp-wasm.js";
import { assertSame } from "../compare.js";
import { cuts, frames, publishStream, stream } from "../corpus.js";
import { keepFew, measure, summed } from "../measure.js";

const BATCH = 65536;
const CHANNEL = 1;

/** Consumers as a broker has them: one of each channel. A function, so that each candidate has its own. */
const consumersOf = (count) => () =>
  Array.from({ length: count }, (_, i) => ({
    channel: i + 2,
    consumerTag: `ctag-${i + 1}.Xy`,
    deliveryTag: 0,
    redelivered: false,
  }));

const jobs = {
  forward: ({ workload, channel }, octets) => {
    const made = stream(workload, octets);
    const types = [...frames(made.octets)].map(() => channel ?? CHANNEL);
    return { ...made, expected: made.messages, channels: types, given: { channel: channel ?? CHANNEL } };
  },
  deliver: ({ workload, consumers, asked }, octets) => {
    const made = publishStream(workload, octets);
    const each = consumersOf(consumers);
    const frame = made.octets.length / made.count;
    const expected = made.messages.flatMap(({ fields: { exchange, routingKey }, properties, body }, i) =>
      each().map(({ consumerTag }) => ({
        method: "deliver",
        fields: { consumerTag, deliveryTag: i + 1, redelivered: false, exchange, routingKey },
        properties,
        body,
      })),
    );
    const channels = made.messages.flatMap(() => each().flatMap(({ channel }) => [channel, channel, channel]));
    const given = { consumers: each, batch: Math.ceil(BATCH / (frame * consumers)), asked };
    return { ...made, count: expected.length, expected, channels, given };
  },
};

function channelsOf(octets) {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  return [...frames(octets)].map(({ at }) => view.getUint16(at + 1));
}

export async function run(row, candidates, { how }) {
  const { octets, count, expected, channels, given } = jobs[row.job](row, how.octets);
  const pieces = cuts["64 KiB"](octets);
  const entrants = [];
  const missing = [];
  for (const candidate of candidates) {
    const { name, floor } = candidate;
    const passer = candidate.passer?.(row.job, given);
    if (passer === undefined) {
      if (!floor) missing.push({ name, reason: "does not do this" });
      continue;
    }
    const written = await passer.octets(pieces);
    assertSame(candidate.asKept?.(expected, "pass") ?? expected, read(written), name, row.name);
    assertSame([channels], [channelsOf(written)], name, row.name);
    entrants.push({ name, count, run: () => passer.run(pieces, keepFew) });
  }
  await measure(entrants, how);
  return { unit: "ns/message", entrants: summed(entrants), missing };
}
