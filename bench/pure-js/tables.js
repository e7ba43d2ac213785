import { after, field, MAX_DEPTH } from "./fields.js";
import { build, readers, shapeOf } from "./shapes.js";
import { intern } from "./strings.js";
import { howMany, takeBack } from "./pool.js";
import { wrong } from "./errors.js";

/** Which shapes were seen with a length and first octets, four for each: the number of a reader, or -1. */
const SETS = 1024;
const WAYS = 4;
const seen = new Int16Array(SETS * WAYS).fill(-1);

/** The fields from `at` to `end`, as an object. */
export function table(octets, dv, at, end, depth) {
  if (depth > MAX_DEPTH) wrong("arrays and tables nested too deep");
  const n = end - at;
  if (n === 0) return {};
  if (n < 4) return walk(octets, dv, at, end, depth, -1);
  const set = (Math.imul(dv.getInt32(at, true) + Math.imul(n, 0x85ebca6b), 0x9e3779b1) >>> 22) * WAYS;
  const before = howMany();
  for (let way = set; way < set + WAYS; way++) {
    const reader = seen[way];
    if (reader < 0) break;
    const read = readers[reader](octets, dv, at, end, depth);
    if (read !== undefined) return read;
    takeBack(before);
  }
  return walk(octets, dv, at, end, depth, set);
}

/** Any table, field by field. Its shape is remembered. */
function walk(octets, dv, at, end, depth, set) {
  const keys = [];
  const places = [];
  const values = [];
  while (at < end) {
    places.push(at);
    const n = dv.getUint8(at++);
    if (n > end - at) wrong("a key that is longer than its table");
    const key = intern(octets, dv, at, n, 0);
    // An object has no octets for a key: what is no UTF-8 is shown as it stands, octet by octet.
    keys.push(typeof key === "string" ? key : octets.latin1Slice(at, at + n));
    at += n;
    values.push(field(octets, dv, at, end, depth));
    at = after[0];
  }
  const shape = shapeOf(keys, values, octets, places);
  if (set >= 0 && shape !== undefined && shape.reader >= 0) remember(set, shape.reader);
  return build(shape, keys, values);
}

function remember(set, reader) {
  for (let way = set; way < set + WAYS; way++) {
    if (seen[way] === reader) return;
    if (seen[way] < 0) {
      seen[way] = reader;
      return;
    }
  }
  seen.copyWithin(set + 1, set, set + WAYS - 1);
  seen[set] = reader;
}
