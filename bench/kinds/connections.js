/** Many connections on one core, each with a stream of its own and a cut frame between its turns, against one connection with the same traffic. */
import { FrameReader } from "../../dist/index.js";
import { frames, random, stream } from "../corpus.js";
import { keep, measure, summed } from "../measure.js";

const READERS = 1000;
const STREAMS = 16;

/** Splits a stream before methods into parts of about equal size. */
function parts(octets) {
  const cuts = [0];
  for (const { at, type } of frames(octets)) {
    if (type === 1 && at >= (octets.length * cuts.length) / STREAMS) cuts.push(at);
  }
  return Array.from({ length: STREAMS }, (_, i) => octets.slice(cuts[i], cuts[i + 1]));
}

/** Cuts a part anywhere, about 1 to 4 KiB a piece. */
function turns(octets, next) {
  const pieces = [];
  for (let at = 0; at < octets.length;) {
    const size = 1024 + (next() % 3072);
    pieces.push(octets.slice(at, at + size));
    at += size;
  }
  return pieces;
}

function feed(reader, piece) {
  let count = 0;
  for (const frame of reader.push(piece)) {
    if (frame.name === "ContentHeader") keep(frame.properties.headers);
    else if (frame.name === "ContentBody") keep(frame.value);
    keep(frame);
    count += 1;
  }
  return count;
}

export async function run(row, candidates, { quick, how }) {
  const { octets, count } = stream("W1", quick ? 1 << 17 : 1 << 18);
  const next = random(11);
  const streams = parts(octets).map((part) => turns(part, next));
  const longest = Math.max(...streams.map((pieces) => pieces.length));
  const readers = Array.from({ length: READERS }, () => new FrameReader());
  const single = new FrameReader();

  function inTurn() {
    let frames = 0;
    for (let turn = 0; turn < longest; turn++) {
      for (let i = 0; i < READERS; i++) {
        const piece = streams[i % STREAMS][turn];
        if (piece !== undefined) frames += feed(readers[i], piece);
      }
    }
    return frames;
  }

  function alone() {
    let frames = 0;
    for (let i = 0; i < READERS; i++) for (const piece of streams[i % STREAMS]) frames += feed(single, piece);
    return frames;
  }

  const [many, one] = [inTurn(), alone()];
  if (many !== one) throw new Error(`row "${row.name}": ${READERS} readers gave ${many} frames, one reader ${one}`);
  const messages = (count * READERS) / STREAMS;
  const entrants = [
    { name: "1,000 readers", count: messages, run: () => void inTurn() },
    { name: "one reader, same traffic", count: messages, run: () => void alone() },
  ];
  await measure(entrants, how);
  return { unit: "ns/message", entrants: summed(entrants), missing: [] };
}
