/** Headers set and deleted in content header frames as they came. What each candidate made is read by this package's decoder; of those that keep octets they are compared too. */
import { FrameReader } from "../../dist/index.js";
import { assertSame } from "../compare.js";
import { frames, stream } from "../corpus.js";
import { keep, measure, summed } from "../measure.js";

const TRACE = "traceparent";

/** Edits as a gateway makes them: a value of its own for each message, and headers that must not pass. */
const edits = {
  set: (i) => ({ set: { [TRACE]: trace(i) } }),
  both: (i) => ({ set: { [TRACE]: trace(i) }, delete: ["x-source", "BCC"] }),
};

const trace = (i) => `00-${(0x4bf92f35 + i).toString(16).padStart(32, "0")}-00f067aa0ba902b7-01`;

function contentHeaders(octets) {
  const found = [];
  const starts = [...frames(octets), { at: octets.length }];
  for (let i = 0; i + 1 < starts.length; i++) {
    const { at, type } = starts[i];
    if (type !== 2) continue;
    const frame = octets.slice(at, starts[i + 1].at);
    // As a socket would hand it out; pages have no such class.
    found.push(typeof Buffer === "undefined" ? frame : Buffer.from(frame.buffer));
  }
  return found;
}

function properties(octets) {
  const [frame] = new FrameReader().push(octets);
  const { timestamp, ...rest } = frame.properties.toJSON();
  return { ...rest, timestamp: timestamp.seconds, bodySize: frame.bodySize };
}

function expected(octets, { set, delete: deleted = [] }) {
  const list = properties(octets);
  const headers = { ...list.headers, ...set };
  for (const key of deleted) delete headers[key];
  return { ...list, headers };
}

export async function run(row, candidates, { quick, how }) {
  const headers = contentHeaders(stream(row.workload, quick ? 1 << 14 : 1 << 18).octets);
  const into = row.again ? new Uint8Array(65536) : undefined;
  const list = headers.map((octets, i) => ({ octets, edit: edits[row.job](i) }));
  const wanted = list.map(({ octets, edit }) => expected(octets, edit));
  const entrants = [];
  const missing = [];
  let exact;
  for (const { name, floor, patcher } of candidates) {
    if (floor) continue;
    if (patcher === undefined) {
      missing.push({ name, reason: "does not do this" });
      continue;
    }
    const { patch, keepsOctets } = patcher;
    const made = list.map(({ octets, edit }) => Uint8Array.from(patch(octets, edit, into)));
    assertSame(wanted, made.map(properties), name, row.name);
    if (keepsOctets) assertSame((exact ??= made), made, name, row.name);
    const turn = () => {
      for (let i = 0; i < list.length; i++) keep(patch(list[i].octets, list[i].edit, into));
    };
    entrants.push({ name, count: list.length, run: turn });
  }
  await measure(entrants, how);
  return { unit: "ns/message", entrants: summed(entrants), missing };
}
