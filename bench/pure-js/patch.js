/** Headers of a content header frame set and deleted, all other octets as they were: one walk over the outermost fields, and a copy for each run of them that stays. */
import { EncodeError } from "./errors.js";
import { copyInto } from "./slab.js";
import { shortOctets } from "./texts.js";
import { Writer } from "./writer.js";
import { putValue } from "./put-values.js";

const HEADERS = 0x2000;
const LIST = 21;
/** By type octet: octets of a value; 255 where a length stands before it, 254 for no type. */
const sizes = new Uint8Array(256).fill(254);
for (const [letters, size] of [
  ["V", 0],
  ["tbB", 1],
  ["su", 2],
  ["Iif", 4],
  ["D", 5],
  ["lLdT", 8],
  ["SxAF", 255],
])
  for (const letter of letters) sizes[letter.charCodeAt(0)] = size;

const scratch = new Writer();
const names = new Map();
const MOST_NAMES = 1024;

function nameOf(key) {
  let octets = names.get(key);
  if (octets === undefined) {
    if (names.size >= MOST_NAMES) names.clear();
    names.set(key, (octets = Uint8Array.from(shortOctets(key))));
  }
  return octets;
}

/** Whether the short string at `at` is this one. */
function isAt(frame, at, name) {
  for (let i = 0; i < name.length; i++) if (frame[at + i] !== name[i]) return false;
  return true;
}

function find(frame, at, list) {
  for (let i = 0; i < list.length; i++) if (isAt(frame, at, list[i].name)) return i;
  return -1;
}

class Edit {
  constructor(key, from, to) {
    this.name = nameOf(key);
    this.from = from;
    this.to = to;
    this.put = false;
  }
}

/** Encodes what is to be set into the scratch; what is deleted has no octets. */
function editsOf(set, deletes) {
  const edits = [];
  let at = 0;
  for (const key of Object.keys(set).sort()) {
    const from = at;
    const name = nameOf(key);
    at = scratch.room(at, name.length + 16);
    copyInto(scratch.octets, name, at);
    at = putValue(scratch, set[key], at + name.length);
    edits.push(new Edit(key, from, at));
  }
  for (const key of deletes) edits.push(new Edit(key, 0, 0));
  return edits;
}

/** `into` is an array for the result, which is used again. */
export function patchHeaders(frame, { set = {}, delete: deletes = [] }, into) {
  if (frame[0] !== 2) throw new Error("no content header");
  const edits = editsOf(set, deletes);
  const flags = (frame[19] << 8) | frame[20];
  let p = LIST;
  if (flags & 0x8000) p += 1 + frame[p];
  if (flags & 0x4000) p += 1 + frame[p];
  const table = p;
  const there = (flags & HEADERS) !== 0;
  let stop = p;
  if (there) {
    p += 4;
    stop = p + long(frame, table);
    if (stop > frame.length - 1) throw new Error("the table is longer than the frame");
  }
  const most = edits.length === 0 ? 0 : Math.max(...edits.map(({ to }) => to));
  const size = frame.length + most + 4;
  if (into !== undefined && into.length < size) throw new EncodeError("the array is too small");
  const result = into ?? Buffer.allocUnsafe(size);
  let to = table + 4;
  let from = p;
  let removed = false;
  while (p < stop) {
    const field = p;
    p += 1 + frame[p];
    const size = sizes[frame[p]];
    p += 1;
    if (size < 254) p += size;
    else if (size === 255) p += 4 + long(frame, p);
    else throw new Error("unknown type of field");
    if (p > stop) throw new Error("a field is longer than its table");
    const i = find(frame, field, edits);
    if (i < 0) continue;
    to = copy(frame, from, field, result, to);
    const edit = edits[i];
    if (!edit.put) {
      edit.put = true;
      to = copy(scratch.octets, edit.from, edit.to, result, to);
    }
    removed = true;
    from = p;
  }
  to = copy(frame, from, stop, result, to);
  for (const edit of edits) if (!edit.put) to = copy(scratch.octets, edit.from, edit.to, result, to);
  copy(frame, 0, table, result, 0);
  const fields = to - table - 4;
  if (fields === 0 && (removed || !there)) {
    to = table;
    putFlags(result, flags & ~HEADERS);
  } else {
    putLong(result, table, fields);
    putFlags(result, flags | HEADERS);
  }
  to = copy(frame, stop, frame.length, result, to);
  putLong(result, 3, to - 8);
  if (to > 0x7fffffff) throw new EncodeError("a frame of more than 2 GiB");
  return result.subarray(0, to);
}

/** A loop for what is short: a native copy begins with what a call costs. */
function copy(source, from, end, target, to) {
  if (end - from > 96) {
    copyInto(target, source.subarray(from, end), to);
    return to + end - from;
  }
  while (from < end) target[to++] = source[from++];
  return to;
}

const long = (octets, at) =>
  ((octets[at] << 24) | (octets[at + 1] << 16) | (octets[at + 2] << 8) | octets[at + 3]) >>> 0;

function putLong(octets, at, value) {
  octets[at] = value >>> 24;
  octets[at + 1] = value >>> 16;
  octets[at + 2] = value >>> 8;
  octets[at + 3] = value;
}

function putFlags(octets, flags) {
  octets[19] = flags >>> 8;
  octets[20] = flags;
}
