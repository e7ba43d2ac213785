/** What all command classes have in common. */
import { CommandTooLarge, CommandWords } from "./command-words.js";
import { currentCore, type Core } from "./core.js";
import { decodeFailure } from "./decode-failure.js";
import { equalValues } from "./equality.js";
import { EncodeError } from "./errors.js";
import { EncodeErrorCode } from "./generated/encode-errors.js";
import * as State from "./generated/state.js";
import { Status } from "./generated/status.js";
import { asOctets, withTape } from "./input.js";
import { decodeSettings } from "./limits.js";
import { jsonFields } from "./json.js";
import { described, HIDDEN, inspected, inspectSymbol } from "./inspection.js";
import { beginStrings } from "./strings.js";
import type { EncodeOptions, NameRules } from "./types.js";

/** A command class, as `commandByIndex` and `validResponses` hand it out. */
export interface MethodClass<T extends Method = Method> {
  new (fields?: never, options?: MethodOptions): T;
  readonly prototype: T;
  /** Class id of the standard: 10 to 90. */
  readonly classId: number;
  /** Method id of the standard. */
  readonly methodId: number;
  /** Class id << 16 | method id. */
  readonly index: number;
  /** Such as `"Queue.Declare"`. */
  readonly commandName: string;
  /** Whether the peer must answer. */
  readonly synchronous: boolean;
  /** The classes of the answers; empty where none is due. */
  readonly validResponses: readonly MethodClass[];
  /** Names of the arguments in wire order. */
  readonly attributes: readonly string[];
  /** Names of the arguments that are never shown: SASL responses and secrets. */
  readonly secrets: readonly string[];
  /** Type of an argument: `"shortstr"`. @throws EncodeError for a name that is none. */
  amqpType(attribute: string): string;
}

/** Options of a command's constructor. */
export interface MethodOptions {
  /** Rules that names must keep, here and when the command is marshalled. Defaults to `"pamqp"`. */
  names?: NameRules;
}

/** Facts of a class that the generated code states. */
export interface MethodFacts {
  readonly dense: number;
  readonly name: string;
  readonly index: number;
  readonly attributes: readonly string[];
  readonly types: readonly string[];
  readonly secret: string | undefined;
  /** Names by place in the signature, where a run of bits is one. */
  readonly slots: readonly string[];
  /** Makes a command of the tape record that begins at this word. */
  readonly read: (core: Core, words: Int32Array, at: number) => Method;
}

/** The command region as it is from the first. */
const MANY_WORDS = 16384;
/** No frame-max. */
export const UNLIMITED = 0xffffffff;
const FACTS = Symbol("facts");
const wordsOf = new WeakMap<Core, CommandWords>();

/** The facts of a command's class. */
export function factsOf(method: Method): MethodFacts {
  return (method as unknown as { [FACTS]: MethodFacts })[FACTS];
}

/** Names in wire order, of which one can also ask `"queue" in attributes`, as with pamqp. */
export function nameList(names: readonly string[]): readonly string[] {
  const list = [...names];
  names.forEach((name, i) => Object.defineProperty(list, name, { value: i }));
  return Object.freeze(list);
}

/** Called once for each class by the generated code. */
export function describeMethod(type: { prototype: Method }, row: MethodFacts): void {
  Object.defineProperty(type.prototype, FACTS, { value: row, enumerable: false });
  Object.defineProperty(type.prototype, "name", { value: row.name, enumerable: false });
  // Bundlers rename classes of one name in several modules.
  Object.defineProperty(type, "name", { value: row.name });
  Object.assign(type, {
    classId: row.index >>> 16,
    methodId: row.index & 0xffff,
    index: row.index,
    commandName: row.name,
    attributes: nameList(row.attributes),
    secrets: Object.freeze(row.secret === undefined ? [] : [row.secret]),
    amqpType(attribute: string): string {
      const type = row.types[row.attributes.indexOf(attribute)];
      if (type === undefined) throw new EncodeError(`${row.name} has no argument of that name`, attribute);
      return type;
    },
  });
}

let lastCore: Core | undefined;
let lastWords: CommandWords | undefined;

/** The command region of a core, as its one writer. */
export function commandWords(core: Core): CommandWords {
  // Programs have one core, nearly always: to ask the map each time costs as much as a short string.
  if (core === lastCore) return lastWords!;
  let words = wordsOf.get(core);
  if (words === undefined) wordsOf.set(core, (words = new CommandWords(core)));
  lastCore = core;
  return (lastWords = words);
}

/**
 * Packs a command and has the core write it, with larger regions where they are too small. `write` answers the core's code; `full` is called where the output is, and must make room.
 */
export function writeCommand(
  core: Core,
  frameMax: number,
  options: EncodeOptions,
  pack: (words: CommandWords) => void,
  write: () => number,
  full: () => void,
): number {
  for (;;) {
    const words = commandWords(core);
    try {
      pack(words.begin(options));
      if (core.stale) throw new EncodeError("a value that is being encoded must not grow the memory");
    } catch (error) {
      if (core.stale) core.refresh();
      if (!(error instanceof CommandTooLarge)) throw error;
      // Each field takes an octet on the wire at least, and five words here: what is larger than that cannot fit into the frame.
      if (error.octets > frameMax || error.words > 10 * frameMax + 2 * MANY_WORDS) {
        throw new EncodeError(`the values do not fit into a frame of ${frameMax} octets (frame-max)`);
      }
      growCommand(core, error);
      continue;
    } finally {
      words.end();
    }
    const code = write();
    if (code !== EncodeErrorCode.OUTPUT_FULL) return code;
    full();
  }
}

function growCommand(core: Core, { words, octets }: CommandTooLarge): void {
  try {
    core.growCommand(words, octets);
  } catch {
    throw new EncodeError("the values do not fit into the core's memory");
  }
}

/** @throws EncodeError where a command is being packed: what a getter among its values would write must not get between its frames. */
export function assertIdle(core: Core): void {
  if (commandWords(core).busy) throw new EncodeError("a value that is being encoded must not encode another");
}

/** Takes what a write put behind `before`, and leaves the output as it was. */
export function takeOutput(core: Core, before: number): Uint8Array {
  const octets = core.octets.slice(core.output + before, core.output + core.state(State.OUTPUT_END));
  core.exports.rewindOutput(before);
  return octets;
}

/**
 * A method of the protocol, with its arguments as properties. Subclasses are generated from the spec table; each knows its literal `name`, so that `switch (frame.name)` tells them apart.
 */
export abstract class Method {
  /** Such as `"Queue.Declare"`. */
  declare readonly name: string;
  /** Channel that it came on or goes out on: 0 to 65535. Defaults to 0. */
  channel = 0;
  // What was decoded is made without this constructor, has no such field, and is not validated when it is sent on.
  readonly #names: NameRules;

  constructor({ names = "pamqp" }: MethodOptions = {}) {
    this.#names = names;
  }

  /** Arguments to command words, in wire order. */
  abstract pack(words: CommandWords): void;

  /** Applies the rules of this command. */
  protected check(_names: NameRules): void {}

  /** Checks the arguments by pamqp's rules. @throws ValidationError with pamqp's message for the first that breaks one. */
  validate(): void {
    this.check(#names in this ? this.#names : "pamqp");
  }

  /** As `validate`, but lets pass what was decoded: a proxy must be able to send on what brokers accept. */
  validateConstructed(names?: NameRules): void {
    if (#names in this) this.check(this.#names === "rabbitmq" ? "rabbitmq" : (names ?? "pamqp"));
  }

  /** The arguments as octets, without class and method ids. @throws ValidationError, EncodeError */
  marshal(options: EncodeOptions = {}): Uint8Array {
    const core = currentCore();
    this.validateConstructed(options.names);
    const { dense } = factsOf(this);
    const before = core.state(State.OUTPUT_END);
    writeCommand(
      core,
      UNLIMITED,
      options,
      (words) => this.pack(words),
      () => core.exports.writeMethodArguments(dense),
      () => makeRoom(core),
    );
    return takeOutput(core, before);
  }

  /** Sets the arguments from such octets. They are not validated. @throws DecodeError */
  unmarshal(octets: Uint8Array): void {
    const core = currentCore();
    const input = asOctets(octets);
    const { dense, slots, index, attributes } = factsOf(this);
    const { maxDepth, maxFields } = decodeSettings();
    const status = withTape(core, input, () =>
      core.exports.readMethodArguments(dense, input.length, 0, maxDepth, maxFields),
    );
    beginStrings(core);
    if (status === Status.ERROR) {
      const classId = index >>> 16;
      const methodId = index & 0xffff;
      throw decodeFailure(core, { base: 0, names: slots, end: input.length, maxDepth, maxFields, classId, methodId });
    }
    // Arguments stand on the tape as they do behind the four words of a frame's record.
    const decoded = readMethod!(core, core.words, dense, core.tape - 4) as unknown as Record<string, unknown>;
    for (const name of attributes) (this as unknown as Record<string, unknown>)[name] = decoded[name];
  }

  /** Argument names and values in wire order. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: unknown]> {
    for (const name of factsOf(this).attributes) yield [name, (this as unknown as Record<string, unknown>)[name]];
  }

  /** Whether the other is the same command with equal arguments; channels are not compared. */
  equals(other: unknown): boolean {
    if (!(other instanceof Method) || factsOf(other) !== factsOf(this)) return false;
    const theirs = other as unknown as Record<string, unknown>;
    for (const [name, value] of this) if (!equalValues(value, theirs[name])) return false;
    return true;
  }

  /**
   * The arguments as a plain object, secrets and all. For `JSON.stringify`, which hands in a key, they are made fit for JSON: large numbers as text, octets as `{ octets: "00ff" }`,
   * secrets hidden.
   */
  toJSON(key?: string): Record<string, unknown> {
    return key === undefined ? Object.fromEntries(this) : jsonFields(shownArguments(this));
  }

  /** Name and arguments, secrets hidden. */
  toString(): string {
    return described(this.name, shownArguments(this));
  }

  [inspectSymbol](depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    return inspected(this.name, shownArguments(this), depth, options, inspect);
  }
}

/** A command's arguments as they may be shown. */
export function shownArguments(method: Method): Record<string, unknown> {
  const shown = method.toJSON();
  const { secret } = factsOf(method);
  if (secret !== undefined && shown[secret] !== undefined) shown[secret] = HIDDEN;
  return shown;
}

/** Makes room in an output that nobody else can empty: what stands there belongs to a writer, whose octets move along. */
export function makeRoom(core: Core): void {
  const used = core.state(State.OUTPUT_END);
  const kept = core.octets.slice(core.output, core.output + used);
  core.growOutput(core.outputCapacity + 1);
  core.octets.set(kept, core.output);
}

type ReadMethod = (core: Core, words: Int32Array, dense: number, at: number) => Method;
let readMethod: ReadMethod | undefined;

/** The generated table of decoders stands above this room. */
export function provideMethodReader(read: ReadMethod): void {
  readMethod = read;
}
