/** Publishes that are delivered one behind the other: the core finds them in one call, and writes what they become in another. */
import type { CommandTape } from "./command-tape.js";
import { consumerWords, MOST_CONSUMERS, type Consumer, type ConsumerWords } from "./consumers.js";
import type { Core } from "./core.js";
import type { Passing, PublishSource, Writing } from "./forward-run.js";
import { EncodeError } from "./errors.js";
import type { RunLimits } from "./frame-run.js";
import { BASIC_PUBLISH_IDS } from "./generated/method-arguments.js";
import { DELIVERY_OCTETS, PASSING_WORDS, PLACE_WORDS, ROUTE_WORDS, ROUTED_WORDS } from "./generated/limits.js";
import * as State from "./generated/state.js";
import type { InputWindow, Waiting } from "./input-window.js";
import { kind } from "./kind.js";
import type { Output } from "./output.js";
import { FARTHEST } from "./publish-run.js";
import { coreWasUsed } from "./put-consumers.js";

/** Writes a message the long way. */
export interface Deliverer {
  deliver(source: Passing, consumers: readonly Consumer[], frameMax: number): void;
}

/** Publishes that are looked for at once: few at first, and where the core's input was taken by others meanwhile. */
const FEW = 16;
const MOST_PUBLISHES = Math.floor(PASSING_WORDS / PLACE_WORDS);
/** Octets that are written before they are copied to where they are wanted: so few that the processor has them at hand still. */
const PIECE = 12288;
/** What a delivery may stand beyond that, and is moved to the front for the next piece: an engine need not make a view then for each. */
const MOST_REST = 1024;
const ALL = 0x7fffffff;

// Called so it takes half the time: an engine need not look for it in a chain of four prototypes.
// eslint-disable-next-line @typescript-eslint/unbound-method -- that is the point
const { set } = Uint8Array.prototype;

let piece: Uint8Array = new Uint8Array(0);
/** Of which buffer, and where there. To ask the view takes longer than to ask these. */
let pieceBuffer: ArrayBuffer | undefined;
let pieceAt = 0;

/** A view of a piece. */
function pieceOf({ buffer, output }: Core): Uint8Array {
  if (pieceBuffer === buffer && pieceAt === output) return piece;
  pieceBuffer = buffer;
  pieceAt = output;
  return (piece = new Uint8Array(buffer, output, PIECE));
}

/** @throws EncodeError where a run cannot be asked for so. */
export function assertRun(source: PublishSource, consumersOf: unknown, core: Core): void {
  if (typeof consumersOf !== "function") {
    throw new EncodeError(`function required, received ${kind(consumersOf)}`, "consumersOf");
  }
  if (source.core !== core) throw new EncodeError("cursor and writer belong to different cores");
}

export function cursorMoved(): EncodeError {
  return new EncodeError("consumersOf must not move the cursor", "consumersOf");
}

/** The deliveries of one writer that wait to be written. */
export class DeliverRun implements Waiting {
  readonly #tape: CommandTape;
  readonly #output: Output;
  readonly #core: Core;
  readonly #consumers: ConsumerWords;
  // Those without a # belong to the runs in `asked-run` and `route-run`, too.

  /** Index of the word behind the last consumer; 0 where nothing waits. From `last` on no publish may begin. */
  at = 0;
  last = 0;
  /** The first of the publishes that wait: which of those that were found, and what their places count from. */
  #first = 0;
  #base = 0;
  /** How many of them came one by one; -1 where they were found by the core. */
  #singles = -1;
  /** Whether places are being read that the core found. */
  running = false;
  /** How many frames were found, and whether all are of one route. */
  frames = 0;
  oneRoute = false;
  /** How many are looked for at once. */
  #most = FEW;

  constructor({ tape, output }: Writing) {
    this.#tape = tape;
    this.#output = output;
    this.#core = tape.core;
    this.#consumers = consumerWords(tape.core);
  }

  /** @internal Finds publishes that stand next, not more than are wanted, whose places are then in the core: answers how many. To be used between `running` and what it was before. */
  search(source: PublishSource, limits: RunLimits, frameMax: number, wanted: number = MOST_PUBLISHES): number {
    const found = source.findPublishes(limits, frameMax, Math.min(this.#most, wanted));
    if (found === 0) return 0;
    const { window } = source;
    window.waiting = this;
    this.running = true;
    this.#singles = -1;
    this.#base = window.from;
    this.#most = Math.min(2 * this.#most, MOST_PUBLISHES);
    this.frames = this.#core.state(State.RUN_FRAMES);
    this.oneRoute = this.#core.state(State.RUN_SAME) === found - 1;
    return found;
  }

  /** @internal Others took the core's input: the next search is for few. */
  startAnew(): void {
    this.#most = FEW;
  }

  /**
   * Has a message wait to be delivered that stands whole among frames that were checked, with others before and behind it. Answers false where it is otherwise: nothing was done then.
   *
   * @throws EncodeError where a consumer is out of range.
   */
  add(source: Passing, consumers: readonly Consumer[], frameMax: number): boolean {
    const { window, at } = source;
    const core = this.#core;
    const count = consumers.length;
    if (
      source.core !== core ||
      source.ids !== BASIC_PUBLISH_IDS ||
      at < window.from ||
      at >= window.checked ||
      this.running ||
      count > MOST_CONSUMERS ||
      !source.whole()
    )
      return false;
    const { messageHeader, bodyFrame, messageEnd } = source;
    const bodyAt = bodyFrame < 0 ? messageEnd : bodyFrame;
    if (
      messageEnd > window.checked ||
      messageEnd > FARTHEST ||
      messageEnd - at > DELIVERY_OCTETS ||
      bodyAt - messageHeader > frameMax ||
      messageEnd - bodyAt > frameMax
    ) {
      source.separate?.();
      return false;
    }
    try {
      this.#add(source, consumers);
    } catch (error) {
      source.separate?.();
      throw error;
    }
    source.passed?.(messageEnd);
    return true;
  }

  /** Puts a whole message that is under the cursor to those that wait. */
  #add({ window, at, messageHeader, bodyFrame, messageEnd }: Passing, consumers: readonly Consumer[]): void {
    const core = this.#core;
    const tape = this.#tape;
    // A getter among the consumers of another message may be what asks.
    tape.assertIdle();
    const count = consumers.length;
    if (core.words.length === 0) core.refresh();
    let index = this.#singles;
    let to = this.at;
    if (to === 0 || to > this.last || index < 0 || index === MOST_PUBLISHES) {
      to = this.#openSingle(window);
      index = 0;
    }
    const { words } = core;
    let behind: number;
    // See `run`.
    tape.busy = true;
    try {
      behind = this.#consumers.tape(consumers, count, to + 1);
      if (behind < 0) {
        tape.busy = false;
        if (core.inputOwner !== window) throw coreWasUsed();
        to = this.#openSingle(window);
        index = 0;
        tape.busy = true;
        behind = this.#consumers.tapeOthers(consumers, count, to + 1);
      }
    } finally {
      tape.busy = false;
    }
    if (core.words !== words || words.length === 0 || core.inputOwner !== window) throw coreWasUsed();
    const place = core.passing + index * PLACE_WORDS;
    words[place] = at;
    words[place + 1] = messageHeader;
    words[place + 2] = bodyFrame < 0 ? messageEnd : bodyFrame;
    words[place + 3] = messageEnd;
    words[to] = count;
    this.at = behind;
    this.#singles = index + 1;
  }

  /** As below, with a message whose place is not in the region yet. */
  #openSingle(window: InputWindow): number {
    this.settle();
    window.waiting?.settle();
    window.waiting = this;
    this.#base = window.from;
    this.#singles = 0;
    return this.open(window, 0);
  }

  /** Writes what waits, and begins anew with one of the publishes; answers where in the command region, 0 where the core has the octets no more. */
  open(window: InputWindow, first: number): number {
    this.settle();
    // Somebody else may have taken the input, or the region of the places.
    if (window.waiting !== this) return 0;
    const core = this.#core;
    const tape = this.#tape;
    tape.reserve(this.#output, 0);
    tape.await(this);
    this.#first = first;
    this.at = core.command;
    this.last = core.command + core.commandCapacity - MOST_CONSUMERS * ROUTED_WORDS - ROUTE_WORDS;
    return this.at;
  }

  /** Writes the deliveries that wait. To be called before anything else is done to the writer's output. */
  settle(): void {
    if (this.at === 0) return;
    this.#tape.assertIdle();
    this.#write(undefined);
  }

  /** As `settle`, where what is written is wanted in this array: it gets all but the last piece, or what it has room for. Answers how many octets it got. */
  settleInto(target: Uint8Array): number {
    return this.at === 0 ? 0 : this.#write(target);
  }

  #write(target: Uint8Array | undefined): number {
    const tape = this.#tape;
    const core = this.#core;
    const { exports } = core;
    const stop = this.at << 2;
    this.at = 0;
    tape.reserve(this.#output, 0);
    let record = core.command << 2;
    let first = this.#first;
    let filled = 0;
    /** Octets in front that were taken. */
    let taken = 0;
    while (record !== stop) {
      const start = tape.end;
      const limit = target === undefined ? ALL : PIECE;
      const end = exports.deliveries(start, taken, limit, this.#base, first, record, stop) >>> 0;
      tape.wrote(end - start);
      taken = 0;
      record = core.state(State.RUN_RECORD);
      if (record === stop) break;
      first = core.state(State.RUN_FRAMES);
      if (target !== undefined && end <= target.length - filled) {
        const rest = end - PIECE;
        if (rest >= 0 && rest < MOST_REST) {
          set.call(target, pieceOf(core), filled);
          filled += taken = PIECE;
        } else {
          filled += tape.takenInto(target, filled);
        }
      } else {
        tape.spill();
        target = undefined;
      }
    }
    return filled;
  }
}
