/**
 * The command region of a core as a tape: frames are checked where they are written, their records gather, and the core writes all of them in one call. How many octets they take is known before that, so that payloads can be
 * put straight to their places in the output.
 *
 * Who wants to write octets of their own behind all that was written so far calls `reserve`, which runs the tape and makes room, has them written at the address that it answers, and says `wrote`.
 */
import { CommandTooLarge, CommandWords } from "./command-words.js";
import type { Core } from "./core.js";
import { EncodeError } from "./errors.js";
import { CommandKind, FAILED } from "./generated/command-kinds.js";
import * as State from "./generated/state.js";
import { Kept } from "./kept.js";
import type { Output } from "./output.js";
import { ownCopyOf } from "./room.js";
import { isWellFormed, utf8Length, writeText } from "./strings.js";
import type { EncodeOptions } from "./types.js";

/** No frame-max. */
export const UNLIMITED = 0xffffffff;
/** The command region as it is from the first. */
const MANY_WORDS = 16384;
/** What one record may need that is put on the tape without counting: words, texts of the pool, octets of texts. */
const RECORD_WORDS = 256;
const RECORD_TEXTS = 64;
const RECORD_OCTETS = 32768;
/** What texts of the pool may be that wait for a run. */
const POOL_OCTETS = 16384;
const TEXTS = 1024;
const ACK_OCTETS = 21;
/** The largest tag of those that are counted. */
const LAST_TAG = 0x7fffffff;
/** Records whose texts are written one by one after the pool had one that is not ASCII. */
const WARY = 256;

/** A text of so many characters is a short string whatever they are. */
export const SURELY_SHORT = 85;
/** Payloads up to here are copied by words. */
export const FEW_OCTETS = 16;
/** Texts up to here are written at once. */
export const FEW_CHARACTERS = 4;

/** What waits to be written. */
export interface Waiting {
  settle(): void;
}

export interface TapeMark {
  readonly runs: number;
  readonly at: number;
  readonly text: number;
  readonly end: number;
  readonly kept: number;
}

/** Texts behind one another. What holds them is as young as they are: of what is old and holds what is young an engine keeps a list. */
class Pool {
  texts = "";
}

// Called so it takes half the time: an engine need not look for it in a chain of four prototypes.
// eslint-disable-next-line @typescript-eslint/unbound-method -- that is the point
const { set } = Uint8Array.prototype;

function wordAt(octets: Uint8Array, at: number): number {
  return octets[at]! | (octets[at + 1]! << 8) | (octets[at + 2]! << 16) | (octets[at + 3]! << 24);
}

export class CommandTape {
  readonly core: Core;
  readonly kept: Kept;
  /** What must be written before anything else is: it belongs to the owner. */
  #waiting: Waiting | undefined;
  /** Packs what has no way of its own. */
  readonly #words: CommandWords;
  /** Whose frames stand in the output. */
  owner: Output | undefined;
  /** Id of the owner's output, where nothing has to be looked after before he may write; else 0. A number, because it changes with each message that has values to be packed: of what is old and holds what is young an engine keeps a list. */
  opened = 0;
  /** Whether values are being packed: a getter among them may be what asks. */
  busy = false;
  /** Index of the word behind the last record. */
  at = 0;
  /** Octets that the output holds, less those that texts of the pool may need beyond one a character. */
  limit = 0;
  /** Octets in the output once the tape has run, if all texts of the pool are ASCII. */
  end = 0;
  /** Address behind the last text in the string region. */
  text = 0;
  /** Texts that the next run writes in one go: each is taken to be ASCII until then. Those behind were not looked at yet. */
  #pool = "";
  fresh = new Pool();
  /** Address where the next of them will stand. */
  poolEnd = 0;
  #poolStart = 0;
  /** Up to where a record may begin: its words, its texts, the pool. */
  lastAt = 0;
  #lastText = 0;
  #lastPool = 0;
  /** Index of the words of each of them. */
  readonly places = new Int32Array(TEXTS);
  count = 0;
  /** Octets beyond ASCII in the texts that were looked at. */
  #beyond = 0;
  /** Records that do not use the pool yet. */
  wary = 0;
  /** Words that the last short string took. */
  onceWords = 0;
  /** Of the record of acks that was put last, as long as another may go on with it: its channel and bit, the tag that would, the index behind it. Its last word is that tag, when it is known. */
  #ackChannel = 0;
  #ackMultiple = false;
  #nextTag = 0;
  #ackAt = 0;
  /** Behind the last message of a layout, its layout, where its method frame is, and its channel: the next one need not say them again. */
  #laidAt = 0;
  /** Behind the last record of messages that differ in their bodies alone, and of how many octets those are. */
  #alikeAt = 0;
  #alikeSize = 0;
  #layout = 0;
  #method = 0;
  #channel = 0;
  /** Octets in the output that the core has written. */
  #written = 0;
  /** How often the tape has run. */
  #runs = 0;
  /** Whether payloads stand where frames do not end as was thought, and where the output would end then. */
  #apart = false;
  #assumed = 0;

  constructor(core: Core) {
    this.core = core;
    this.kept = new Kept(core, () => (this.opened = 0));
    this.#words = new CommandWords(core, this.kept);
    this.at = core.command;
    this.text = core.strings;
    this.#rewind();
  }

  /** Octets in the output once the tape has run. */
  get octets(): number {
    this.#settleWaiting();
    const { pool } = this;
    if (pool === "") return this.end + this.#beyond;
    const beyond = utf8Length(pool) - pool.length;
    // A getter among values that are being packed may be what asks, and they may be taken back.
    if (this.busy) return this.end + this.#beyond + beyond;
    this.#pool += pool;
    this.fresh.texts = "";
    return this.end + (this.#beyond += beyond);
  }

  get pool(): string {
    return this.fresh.texts;
  }

  /** To begin with whenever somebody wants to write. @throws EncodeError where values are being packed: what a getter among them would write must not get between their frames. */
  open(owner: Output | undefined): void {
    if (owner === undefined || this.opened !== owner.id) this.#open(owner);
  }

  #open(owner: Output | undefined): void {
    this.assertIdle();
    const core = this.core.fresh();
    this.#settleWaiting();
    if (this.kept.full) {
      this.run();
      this.kept.clear();
    }
    if (owner === undefined) return;
    if (this.owner !== owner) {
      this.spill();
      this.owner = owner;
    }
    this.opened = core.foreign ? 0 : owner.id;
  }

  /** Says that values are going to be packed: getters among them may run anything. */
  beginValues(): void {
    this.busy = true;
    this.opened = 0;
  }

  endValues(): void {
    this.busy = false;
    this.opened = this.kept.full || this.core.foreign || this.owner === undefined ? 0 : this.owner.id;
  }

  /** What a look at values finds; getters among them may run anything, and their errors are for who packs them: `undefined` then. */
  guarded<T>(look: () => T): T | undefined {
    this.beginValues();
    try {
      return look();
    } catch {
      return undefined;
    } finally {
      this.endValues();
    }
  }

  /** @throws EncodeError where values are being packed. */
  assertIdle(): void {
    if (this.busy) throw new EncodeError("a value that is being encoded must not encode another");
  }

  /** Makes sure of room for a record of the usual size. */
  ready(): void {
    if (
      this.at > this.lastAt ||
      this.count > TEXTS - RECORD_TEXTS ||
      this.poolEnd > this.#lastPool ||
      this.text > this.#lastText
    )
      this.run();
  }

  /** Whether a record that began after `ready` has more texts than most, and might find no room for more of them. */
  get crowded(): boolean {
    return (
      this.text > this.#lastText + RECORD_OCTETS / 2 ||
      this.count > TEXTS - 8 ||
      this.poolEnd > this.#lastPool + (RECORD_TEXTS - 8) * SURELY_SHORT
    );
  }

  /** Whether there is room for a record of the usual size, whose texts may wait for each other. */
  get hasRoom(): boolean {
    return (
      this.at <= this.lastAt &&
      this.count <= TEXTS - RECORD_TEXTS &&
      this.poolEnd <= this.#lastPool &&
      this.text <= this.#lastText &&
      this.wary === 0
    );
  }

  /** As `ready`, for a record without texts. */
  readyForWords(): void {
    if (this.at > this.lastAt) this.run();
  }

  /** Octets that the texts of the pool from an address on may take beyond one a character. */
  moreSince(poolEnd: number): number {
    return 2 * (this.poolEnd - poolEnd);
  }

  /** Has a text of so many characters written with others, for two words, of which the second gets its address now; the first has the number of its octets beside `first`. It must be well-formed, and of 255 octets at most. */
  later(text: string, length: number, at: number, first = 0): void {
    const { words } = this.core;
    const { poolEnd } = this;
    words[at] = first | length;
    words[at + 1] = poolEnd;
    this.places[this.count++] = at;
    this.fresh.texts += text;
    this.poolEnd = poolEnd + length;
    this.limit -= 2 * length;
  }

  /** Where texts must end that are written now. */
  get #textEnd(): number {
    if (this.count > 0) return this.#poolStart - 4 * (this.poolEnd - this.#poolStart);
    return this.core.strings + this.core.stringsCapacity;
  }

  /**
   * Words of a short string that is not going to come again, at a place. Answers its octets with the length's, 0 for an empty one, -1 for what is unusual, and leaves the number of words in `onceWords`.
   */
  once(value: unknown, at: number): number {
    if (typeof value !== "string") return -1;
    const { length } = value;
    if (length > SURELY_SHORT || !isWellFormed(value)) return -1;
    if (length > FEW_CHARACTERS && this.wary === 0) {
      this.later(value, length, at);
      this.onceWords = 2;
      return 1 + length;
    }
    if (length === 0) return 0;
    if (this.wary > 0) this.wary -= 1;
    const { core, text } = this;
    const octets = writeText(core, value, text + 1);
    core.octets[text] = octets;
    core.words[at] = text;
    this.text = text + 1 + octets;
    this.onceWords = 1;
    return 1 + octets;
  }

  /** Octets that still find room in the output. */
  get free(): number {
    return this.limit - this.end;
  }

  /** Takes back what was put on the tape for a record that is not finished. */
  undo(text: number, pool: string, count: number, poolEnd: number): void {
    this.text = text;
    this.fresh.texts = pool;
    this.count = count;
    this.limit += this.moreSince(poolEnd);
    this.poolEnd = poolEnd;
  }

  /** Has the core write all records. */
  run(): void {
    const core = this.core.fresh();
    this.#settleWaiting();
    if (this.at === core.command) return;
    this.#endAcks();
    if (this.count > 0) this.#settle();
    const aside = this.#apart ? this.#putAside() : 0;
    const end = core.exports.write(this.at << 2, this.#written, aside) >>> 0;
    if (end !== this.end) {
      // Not what any input can do; what follows must not find it again.
      this.end = this.#written;
      this.#apart = false;
      this.#rewind();
      throw new Error(
        `the core wrote other octets than were counted (${end === FAILED ? core.state(State.ERROR) : end})`,
      );
    }
    this.#written = end;
    this.#apart = false;
    this.#runs += 1;
    this.#rewind();
  }

  /** Where the words of a message of a layout go: behind those that say which, on which channel, and where its method frame is. */
  layout(layout: number, method: number, channel: number): number {
    const { at } = this;
    if (at === this.#laidAt && layout === this.#layout && method === this.#method && channel === this.#channel)
      return at;
    const { words } = this.core;
    words[at] = CommandKind.LAYOUT | (channel << 16);
    words[at + 1] = this.#layout = layout;
    words[at + 2] = this.#method = method;
    this.#channel = channel;
    // Until it is known that the message goes out.
    this.#laidAt = 0;
    return at + 3;
  }

  /** Ends the words of a message of a layout, whose octets are counted. */
  laidOut(at: number, end: number): void {
    this.at = this.#laidAt = at;
    this.end = end;
  }

  /** As `laidOut`, of a layout without gaps and holes, for `at` as `layout` answered it: those with as many octets of body that follow each other share a record. */
  alike(at: number, size: number, end: number): void {
    const { words } = this.core;
    if (at === this.#alikeAt && size === this.#alikeSize) words[at - 1]! += 1;
    else {
      words[at] = CommandKind.LAID_ALIKE | (size << 16);
      words[at + 1] = 1;
      this.#alikeSize = size;
      this.at = this.#laidAt = this.#alikeAt = at + 2;
    }
    this.end = end;
  }

  /** The next message of a layout says of itself all that there is. */
  #endLaid(): void {
    this.#laidAt = this.#alikeAt = 0;
  }

  /** The tape is empty. */
  #rewind(): void {
    const { core } = this;
    this.at = core.command;
    this.#endLaid();
    this.#ackAt = 0;
    this.text = core.strings;
    this.poolEnd = this.#poolStart = core.strings + (core.stringsCapacity >>> 1);
    this.limit = core.outputCapacity;
    this.lastAt = core.command + core.commandCapacity - RECORD_WORDS;
    // Texts of the pool may turn out to take three octets a character, and get places of their own then.
    this.#lastText = this.#poolStart - RECORD_OCTETS - 4 * POOL_OCTETS;
    this.#lastPool = this.#poolStart + POOL_OCTETS;
  }

  /** Writes the texts of the pool. Where they are not all ASCII, each gets a place of its own. */
  #settle(): void {
    const { core, count } = this;
    const all = this.#pool + this.pool;
    if (writeText(core, all, this.#poolStart) !== all.length) {
      this.#assumed = this.end;
      this.end += utf8Length(all) - all.length;
      this.#apart = true;
      this.wary = WARY;
      let from = 0;
      for (let i = 0; i < count; i++) {
        const place = this.places[i]!;
        const length = core.words[place]! & 0xff;
        const written = writeText(core, all.slice(from, from + length), this.text);
        core.words[place]! += written - length;
        core.words[place + 1] = this.text;
        this.text += written;
        from += length;
      }
    }
    this.#beyond = this.count = 0;
    this.#pool = "";
    this.fresh = new Pool();
  }

  /** Copies the payloads out of the way of frames that are longer than was thought. Answers where the output would begin there. */
  #putAside(): number {
    const { core } = this;
    const octets = this.#assumed - this.#written;
    if (this.text + octets > core.strings + core.stringsCapacity) {
      // What stands in the old region stays, and is found by its address.
      core.growCommand(core.commandCapacity, Math.max(octets, core.stringsCapacity + 1));
      this.text = core.strings;
    }
    core.octets.copyWithin(this.text, core.output + this.#written, core.output + this.#assumed);
    return this.text - this.#written;
  }

  /** Where the tape is, for `back`. */
  mark(): TapeMark {
    // Later nobody could tell what it is that a text was longer by.
    if (this.count > 0) this.run();
    this.#endAcks();
    this.#endLaid();
    return { runs: this.#runs, at: this.at, text: this.text, end: this.end, kept: this.owner?.octets ?? 0 };
  }

  /** Takes back all records since a mark. */
  back(mark: TapeMark): void {
    const { owner } = this;
    if (this.#runs === mark.runs) {
      this.undo(mark.text, "", 0, this.#poolStart);
      this.at = mark.at;
      this.#endLaid();
      this.end = mark.end;
      return;
    }
    this.run();
    if (owner === undefined || owner.octets === mark.kept) {
      this.end = this.#written = mark.end;
    } else {
      // The output was handed over meanwhile, with what stood there at the mark.
      owner.cut(mark.kept + mark.end);
      this.end = this.#written = 0;
    }
  }

  /** Makes room for so many octets in the output. */
  room(octets: number): void {
    this.run();
    if (octets <= this.free) return;
    this.spill();
    if (octets > this.free) {
      this.core.growOutput(octets);
      this.limit = this.core.outputCapacity;
    }
  }

  /** Hands what stands in the output to whose it is. */
  spill(): void {
    this.run();
    if (this.end === 0) return;
    this.owner?.keep(this.taken());
  }

  /** What stands in the output, as octets of its own; it is no longer there then. The tape must have run. */
  taken(): Uint8Array {
    const { core, end } = this;
    this.end = this.#written = 0;
    return ownCopyOf(core, core.output, core.output + end);
  }

  /** The last so many octets of the output, in a buffer of their own, which are no longer there then. The tape must have run. */
  last(octets: number): Uint8Array {
    const { core, end } = this;
    this.end = this.#written = end - octets;
    return ownCopyOf(core, core.output + end - octets, core.output + end);
  }

  /** Makes the output the owner's, with room for so many octets behind all that was written; answers the address where they go. */
  reserve(owner: Output, octets: number): number {
    this.open(owner);
    this.room(octets);
    return this.core.output + this.end;
  }

  /** Says who has something to write before anybody else does; the tape must have run. */
  await(waiting: Waiting): void {
    this.#waiting = waiting;
    this.opened = 0;
  }

  #settleWaiting(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    // It refuses where its consumers are being read, and waits on then.
    waiting.settle();
    this.#waiting = undefined;
  }

  /** As `taken(0)`, into an array that has room for it at this place; answers the octets. */
  takenInto(target: Uint8Array, at = 0): number {
    const { core, end } = this;
    set.call(target, new Uint8Array(core.buffer, core.output, end), at);
    this.end = this.#written = 0;
    return end;
  }

  /** So many octets were written where `reserve` said. */
  wrote(octets: number): void {
    this.end += octets;
    this.#written = this.end;
  }

  /**
   * Puts one record on the tape, whatever its values: `pack` writes them behind `head`. `envelope` octets are counted beside theirs, and all must not be more than `most`; `name` is what a record of a frame is called. Answers the octets.
   *
   * @throws EncodeError, and what `pack` throws: then nothing is on the tape of it.
   */
  record(
    head: number,
    envelope: number,
    most: number,
    options: EncodeOptions,
    name: string,
    pack: (words: CommandWords) => void,
  ): number {
    const { core } = this;
    const words = this.#words;
    for (;;) {
      this.assertIdle();
      this.beginValues();
      try {
        words.begin(this.at, this.text, this.#textEnd, options);
        words.word(head);
        pack(words);
        if (core.stale) throw new EncodeError("a value that is being encoded must not grow the memory");
      } catch (error) {
        if (core.stale) core.refresh();
        if (!(error instanceof CommandTooLarge)) throw error;
        this.endValues();
        this.#larger(error, most);
        continue;
      } finally {
        this.endValues();
      }
      const octets = words.octets + envelope;
      if (octets > most) throw tooLarge(name, most);
      if (octets > this.free) {
        this.room(octets);
        continue;
      }
      this.at = words.at;
      this.text = words.text;
      this.end += octets;
      return octets;
    }
  }

  /** The Basic.Ack whose tag follows that of the last one, on the same channel, where nothing else came between: one number more. Answers false for all others. */
  ackNext(channel: number, deliveryTag: unknown, multiple: unknown): boolean {
    const end = (this.end + ACK_OCTETS) | 0;
    if (
      deliveryTag !== this.#nextTag ||
      channel !== this.#ackChannel ||
      multiple !== this.#ackMultiple ||
      this.at !== this.#ackAt ||
      end > this.limit ||
      deliveryTag >= LAST_TAG
    )
      return false;
    this.#nextTag = (deliveryTag + 1) | 0;
    this.end = end;
    return true;
  }

  /** A Basic.Ack with a delivery tag of 31 bits. Tags that follow one another share a record. */
  ack(channel: number, deliveryTag: number, multiple: boolean): void {
    if (this.ackNext(channel, deliveryTag, multiple)) return;
    const end = this.end + ACK_OCTETS;
    this.#endAcks();
    if (this.at > this.lastAt || end > this.limit) this.room(ACK_OCTETS);
    const { at } = this;
    const { words } = this.core;
    words[at] = CommandKind.ACK | (multiple ? 0x100 : 0) | (channel << 16);
    this.#ackChannel = channel;
    this.#ackMultiple = multiple;
    words[at + 1] = deliveryTag;
    this.#nextTag = (deliveryTag + 1) | 0;
    this.at = this.#ackAt = at + 3;
    this.end += ACK_OCTETS;
    // The number behind it is none of 31 bits, and equals a negative one.
    if (deliveryTag === LAST_TAG) this.#endAcks();
  }

  /** Writes the last word of the record of acks. */
  #endAcks(): void {
    if (this.#ackAt > 0) this.core.words[this.#ackAt - 1] = this.#nextTag;
    this.#ackAt = 0;
  }

  /** What a record writes, and is not to stand in the output. */
  alone(head: number, envelope: number, options: EncodeOptions, pack: (words: CommandWords) => void): Uint8Array {
    const octets = this.record(head, envelope, UNLIMITED, options, "", pack);
    this.run();
    return this.last(octets);
  }

  /** As `alone`, without a copy: what it writes stands behind the output's end until something else is written. Answers its octets. */
  loose(head: number, envelope: number, options: EncodeOptions, pack: (words: CommandWords) => void): number {
    const octets = this.record(head, envelope, UNLIMITED, options, "", pack);
    this.run();
    this.end = this.#written = this.end - octets;
    return octets;
  }

  /** A record of a head and up to one word, whose frame takes so many octets. */
  put(head: number, octets: number, word?: number): void {
    this.ready();
    if (octets > this.free) this.room(octets);
    const { words } = this.core;
    words[this.at++] = head;
    if (word !== undefined) words[this.at++] = word;
    this.end += octets;
  }

  /** Puts a payload to its place in the last frame of the tape. Its length is what `lengthOf` answered: an array of somebody's own class may answer another one, and would be copied over what stands behind the frame. */
  putPayload(octets: Uint8Array, length: number): void {
    const at = this.core.output + this.end - 1 - length;
    // A native call begins with what it costs; but it tells where the octets are gone.
    if (length > FEW_OCTETS || length < 4) set.call(this.core.octets, octets, at);
    else {
      const { view } = this.core;
      const last = length - 4;
      for (let i = 0; i < last; i += 4) view.setInt32(at + i, wordAt(octets, i), true);
      view.setInt32(at + last, wordAt(octets, last), true);
    }
  }

  /** Takes back the record that was put last. */
  takeBack(words: number, octets: number): void {
    this.#endLaid();
    this.at -= words;
    this.end -= octets;
  }

  /** Makes more room for commands. */
  #larger(error: CommandTooLarge, most: number): void {
    const { core } = this;
    if (this.at > core.command) {
      this.run();
      return;
    }
    // Each field takes an octet on the wire at least, and five words here: what is larger than that cannot fit into the frame.
    if (error.octets > most || error.words > 10 * most + 2 * MANY_WORDS) {
      throw new EncodeError(`the values do not fit into a frame of ${most} octets (frame-max)`);
    }
    try {
      core.growCommand(error.words, error.octets);
    } catch {
      throw new EncodeError("the values do not fit into the core's memory");
    }
    this.#rewind();
  }
}

/** The octets of a text that `later` may put with others, 0 where that is not known, or it is another kind of value. */
export function waitingLength(value: unknown): number {
  if (typeof value !== "string") return 0;
  const { length } = value;
  // Compared: an engine does not know what the native function answers, and to ask for its truth it looks at its kind.
  return length > FEW_CHARACTERS && length <= SURELY_SHORT && isWellFormed(value) === true ? length : 0;
}

/** What one record writes, alone. */
export function octetsOf(
  core: Core,
  head: number,
  envelope: number,
  options: EncodeOptions,
  pack: (words: CommandWords) => void,
): Uint8Array {
  const tape = tapeOf(core);
  tape.open(undefined);
  return tape.alone(head, envelope, options, pack);
}

export function tooLarge(name: string, frameMax: number): EncodeError {
  return new EncodeError(`${name} does not fit into a frame of ${frameMax} octets (frame-max)`);
}

const tapes = new WeakMap<Core, CommandTape>();
let lastCore: Core | undefined;
let lastTape: CommandTape | undefined;

/** The tape of a core. */
export function tapeOf(core: Core): CommandTape {
  // Programs have one core, nearly always: to ask the map each time costs as much as a short string.
  if (core === lastCore) return lastTape!;
  let tape = tapes.get(core);
  if (tape === undefined) tapes.set(core, (tape = new CommandTape(core)));
  lastCore = core;
  return (lastTape = tape);
}
