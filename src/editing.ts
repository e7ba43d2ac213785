/** Changes in single frames that leave every octet as it is that was not asked to change. */
import { tapeOf } from "./command-tape.js";
import { currentCore, type Core } from "./core.js";
import { decodeFailure } from "./decode-failure.js";
import { DecodeError, EncodeError } from "./errors.js";
import { ArgumentType } from "./generated/argument-types.js";
import { CommandKind } from "./generated/command-kinds.js";
import { commandClass } from "./generated/commands.js";
import {
  FRAME_BODY,
  FRAME_HEADER,
  FRAME_HEADER_SIZE,
  FRAME_HEARTBEAT,
  FRAME_METHOD,
  FRAME_END,
  FRAME_MIN_SIZE,
} from "./generated/constants.js";
import { Properties } from "./generated/properties.js";
import * as State from "./generated/state.js";
import { asOctets, isOctets, load } from "./input.js";
import { kind } from "./kind.js";
import { lengthOf } from "./length-of.js";
import { ENVELOPE, optionInRange } from "./limits.js";
import { factsOf } from "./methods.js";
import { encodeAs } from "./single-values.js";
import type { EncodeOptions, TableInput } from "./types.js";

/** What is to change in a table. */
export interface TablePatch {
  /**
   * Fields to be set, with every kind of value that a table is encoded from. A field that is there gets its new value in its place; where its key stands several times, the first place is kept and
   * the others go. New keys follow behind the last field, in the encoder's order.
   */
  set?: TableInput;
  /** Keys of which every field is to go. Octets are for keys that are no UTF-8. A key that is set as well is set. */
  delete?: readonly (string | Uint8Array)[];
}

/** How a frame is changed. */
export interface PatchOptions extends EncodeOptions {
  /** Largest frame with its eight octets of envelope, 4096 to 4294967295 octets; 0, the default, for no limit. A result beyond it is refused. */
  frameMax?: number;
  /** Whether a header table stays that lost its last field. Defaults to false: it goes away, and its property flag with it. */
  keepEmpty?: boolean;
  /** Where the result goes, from the first octet of this array on; the answer is the part of it that was filled. It is none of the octets that are changed. Without it each result gets an array of its own, which takes as long as all the rest. */
  into?: Uint8Array | undefined;
}

/** Names of the table arguments that methods have. */
export type TableArgument = "arguments" | "clientProperties" | "serverProperties";

const NOTHING: Uint8Array[] = [];

/** The code by which the core says that its tape is too small. */
const TAPE_FULL = 255;

/**
 * A content header frame with fields of its headers set and deleted, as a frame of its own. Whatever is not named stays as it came, octet by octet: the other properties, and in the table
 * order, duplicates, type octets and values, also values that nobody could read.
 *
 * Where there were no headers, a table and its property flag are added; where the last field was deleted, both go, so that setting a key and deleting it gives the
 * octets from before. A table that came empty stays while nothing is set; once something was set, the octets do not tell that it came empty: `keepEmpty` then keeps it.
 *
 *     patchHeaders(octets, { set: { traceparent }, delete: ["BCC"] })
 *
 * @param octets one whole frame, from its type octet to its frame-end
 * @throws DecodeError where the octets are no such frame, or the table cannot be walked; EncodeError for a value that cannot be encoded, or a frame over `frameMax` or larger than `into`.
 */
export function patchHeaders(octets: Uint8Array, patch: TablePatch, options: PatchOptions = {}): Uint8Array {
  const { keepEmpty = false } = options;
  const core = currentCore();
  const result = resultOf(options);
  const input = asOctets(octets);
  tapeOf(core).open(undefined);
  const edits = editsOf(core, patch, options);
  put(core, input, edits);
  const { set, setOctets, deletedOctets } = edits;
  const size = withTape(core, () =>
    core.exports.patchHeaders(input.length, set, setOctets, deletedOctets, keepEmpty ? 1 : 0),
  );
  if (size === 0) throw failure(core, input, FRAME_HEADER);
  return take(core, size, result, "ContentHeader");
}

/**
 * A method frame with fields of one of its tables set and deleted, as `patchHeaders` does it: client properties on their way through a gateway, arguments of a queue. An empty
 * table stays: methods always have theirs.
 *
 *     patchTable(octets, "clientProperties", { set: { connection_name: "gateway" } })
 *
 * @throws DecodeError, EncodeError as `patchHeaders`; EncodeError where the method has no table of that name.
 */
export function patchTable(
  octets: Uint8Array,
  name: TableArgument,
  patch: TablePatch,
  options: PatchOptions = {},
): Uint8Array {
  const core = currentCore();
  const result = resultOf(options);
  const input = asOctets(octets);
  tapeOf(core).open(undefined);
  const edits = editsOf(core, patch, options);
  put(core, input, edits);
  const { set, setOctets, deletedOctets } = edits;
  const dense = core.exports.frameMethod(input.length);
  if (dense < 0) throw failure(core, input, FRAME_METHOD);
  const facts = factsOf(commandClass(dense).prototype);
  const slot = facts.types[facts.attributes.indexOf(name)] === "table" ? facts.slots.indexOf(name) : -1;
  if (slot < 0) throw new EncodeError(`${facts.name} has no table of that name`, String(name));
  const size = withTape(core, () => core.exports.patchArgument(input.length, slot, set, setOctets, deletedOctets));
  if (size === 0) throw failure(core, input, FRAME_METHOD, facts.slots);
  return take(core, size, result, facts.name);
}

/**
 * Puts a channel into a frame, in place: two octets change.
 *
 * @param octets one whole frame, from its type octet to its frame-end
 * @param channel 0 to 65535
 * @returns the same array
 * @throws DecodeError where the octets are no whole frame; EncodeError for what is no channel number, and for a heartbeat on a channel but 0.
 */
export function setChannel<T extends Uint8Array>(octets: T, channel: number): T {
  const number = optionInRange("channel", channel, 0, 0xffff);
  // In JavaScript although it touches octets: to copy a frame into the core and back for two of them costs many times as much.
  const frame = asOctets(octets);
  const wrong = (code: string, message: string, offset: number) =>
    new DecodeError({ code, message, replyCode: 501, offset });
  const type = frame[0];
  if (frame.length < ENVELOPE) throw wrong("frame-cut", "the frame is not all there", 0);
  if (type !== FRAME_METHOD && type !== FRAME_HEADER && type !== FRAME_BODY && type !== FRAME_HEARTBEAT) {
    throw wrong("frame-type", `unknown frame type ${type}`, 0);
  }
  const size = new DataView(frame.buffer, frame.byteOffset).getUint32(3);
  if (size > frame.length - ENVELOPE) throw wrong("frame-cut", "the frame is not all there", 3);
  const end = FRAME_HEADER_SIZE + size;
  if (frame[end] !== FRAME_END) throw wrong("frame-end", `frame-end is ${frame[end]}, expected ${FRAME_END}`, end);
  if (end + 1 !== frame.length) throw wrong("octets-left", `${frame.length - end - 1} octets left over`, end + 1);
  if (type === FRAME_HEARTBEAT && number !== 0) throw new EncodeError("a heartbeat travels on channel 0", "channel");
  frame[1] = number >>> 8;
  frame[2] = number & 0xff;
  return octets;
}

/** Where the edits stand in the core's memory. */
interface Edits {
  /** Address and octets of the encoded fields, without their length. */
  readonly set: number;
  readonly setOctets: number;
  /** Short strings, and how many octets they have. */
  readonly deleted: readonly Uint8Array[];
  readonly deletedOctets: number;
}

/** Encodes what is to change. The fields stay in the core's output, behind what a writer has there, until something is written. */
function editsOf(core: Core, patch: TablePatch, options: EncodeOptions): Edits {
  if (typeof patch !== "object" || patch === null) throw new EncodeError(`a patch required, received ${kind(patch)}`);
  const { set, delete: keys } = patch;
  const deleted = keys === undefined || keys === null ? NOTHING : namesOf(keys);
  let deletedOctets = 0;
  for (const name of deleted) deletedOctets += name.length;
  if (set === undefined || set === null) return { set: 0, setOctets: 0, deleted, deletedOctets };
  const tape = tapeOf(core);
  const octets = tape.loose(TABLE_VALUE, 0, options, (words) => words.table(set, "set"));
  return { set: core.output + tape.end + LENGTH, setOctets: octets - LENGTH, deleted, deletedOctets };
}

const TABLE_VALUE = CommandKind.VALUE | (ArgumentType.TABLE << 8);

/** Octets of a table's length. */
const LENGTH = 4;

/** A program deletes the same few names from each message: their octets are kept. */
const names = new Map<string, Uint8Array>();
const MOST_NAMES = 256;

function nameOf(key: string | Uint8Array): Uint8Array {
  const known = names.get(key as string);
  if (known !== undefined) return known;
  let octets: Uint8Array;
  try {
    octets = encodeAs("shortstr", key);
  } catch (error) {
    throw error instanceof EncodeError ? error.within("delete") : error;
  }
  if (typeof key === "string") {
    if (names.size >= MOST_NAMES) names.clear();
    names.set(key, octets);
  }
  return octets;
}

function namesOf(keys: readonly (string | Uint8Array)[]): Uint8Array[] {
  if (!Array.isArray(keys)) throw new EncodeError(`an array required, received ${kind(keys)}`, "delete");
  return keys.map(nameOf);
}

/** What the result may be, and where it goes. */
interface Result {
  readonly frameMax: number;
  readonly into: Uint8Array | undefined;
}

/** Read at once: an option may be a getter. */
function resultOf({ frameMax = 0, into }: PatchOptions): Result {
  const most = frameMax === 0 ? Infinity : optionInRange("frameMax", frameMax, FRAME_MIN_SIZE, 0xffffffff);
  if (into !== undefined && !isOctets(into))
    throw new EncodeError(`Uint8Array required, received ${kind(into)}`, "into");
  return { frameMax: most, into };
}

/** Room behind the three for a table's length that is added. */
const ROOM = 8;

/** Puts the frame and the names that are deleted into the input. */
function put(core: Core, frame: Uint8Array, { setOctets, deleted, deletedOctets }: Edits): void {
  const all = frame.length + setOctets + deletedOctets + ROOM;
  if (all > core.inputCapacity) core.growInput(all);
  load(core, frame);
  let at = frame.length;
  for (const name of deleted) {
    load(core, name, at);
    at += name.length;
  }
}

function withTape(core: Core, call: () => number): number {
  for (;;) {
    const size = call() >>> 0;
    if (size !== 0 || core.state(State.ERROR) !== TAPE_FULL) return size;
    core.growTape();
  }
}

function failure(core: Core, input: Uint8Array, type: number, slots: readonly string[] = []): DecodeError {
  const header = type === FRAME_HEADER;
  const names = header ? Properties.attributes : slots;
  // In the text of a wrong type of frame the limit is what was expected.
  return decodeFailure(core, { base: 0, names, end: input.length, header, maxFields: type });
}

function take(core: Core, size: number, { frameMax, into }: Result, name: string): Uint8Array {
  if (size > frameMax) {
    throw new EncodeError(`${name} of ${size} octets does not fit into a frame of ${frameMax} octets (frame-max)`);
  }
  const { pool } = core;
  if (into === undefined) return core.octets.slice(pool, pool + size);
  const room = lengthOf(into);
  if (size > room) throw new EncodeError(`${name} of ${size} octets does not fit into an array of ${room}`, "into");
  const part = new Uint8Array(into.buffer, into.byteOffset, size);
  part.set(new Uint8Array(core.buffer, pool, size));
  return part;
}
