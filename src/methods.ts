/** What all command classes have in common. */
import { octetsOf, type CommandTape } from "./command-tape.js";
import type { CommandWords } from "./command-words.js";
import { currentCore, type Core } from "./core.js";
import { decodeFailure } from "./decode-failure.js";
import { equalValues } from "./equality.js";
import { CommandKind } from "./generated/command-kinds.js";
import { Status } from "./generated/status.js";
import { asOctets, withTape } from "./input.js";
import { decodeSettings, ENVELOPE } from "./limits.js";
import { jsonFields } from "./json.js";
import { described, HIDDEN, inspected, inspectSymbol } from "./inspection.js";
import { MethodFacts, type ReadRecord } from "./method-facts.js";
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

/** Octets of a method frame without its arguments: the envelope, class and method id. */
export const METHOD_OCTETS = ENVELOPE + 4;
const FACTS = Symbol("facts");

/** The facts of a command's class. */
export function factsOf(method: Method): MethodFacts<Method> {
  return (method as unknown as { [FACTS]: MethodFacts<Method> })[FACTS];
}

/** What is handed to `defineProperty`: one object for all. */
const named = { value: "" };

function factsOfClass(type: { prototype: Method }): MethodFacts<Method> | undefined {
  return factsOf(type.prototype);
}

/** Called once for each class by the generated code: what it does is done 64 times whenever a program begins. What can wait is an accessor of `Method`. */
export function describeMethod(
  type: { prototype: object },
  dense: number,
  name: string,
  index: number,
  text: string,
  read: ReadRecord<Method>,
  replies?: () => readonly unknown[],
  made?: unknown,
): void {
  const prototype = type.prototype as { [FACTS]: MethodFacts<Method> };
  Object.setPrototypeOf(type, Method);
  Object.setPrototypeOf(prototype, Method.prototype);
  prototype[FACTS] = new MethodFacts(dense, name, index, text, read, replies, made);
  named.value = name;
  Object.defineProperty(prototype, "name", named);
  // Bundlers rename classes of one name in several modules.
  Object.defineProperty(type, "name", named);
}

/** Reads methods without arguments: their constructors do no more than they must. */
export function readBare(type: new () => Method): ReadRecord<Method> {
  return (_core, words, at) => {
    const method = new type();
    method.channel = words[at]! >>> 16;
    return method;
  };
}

/**
 * A method of the protocol, with its arguments as properties. Subclasses are generated from the spec table; each knows its literal `name`, so that `switch (frame.name)` tells them apart.
 */
export abstract class Method {
  /** Such as `"Queue.Declare"`. */
  declare readonly name: string;
  /** Channel that it came on or goes out on: 0 to 65535. Defaults to 0. */
  declare channel: number;

  // What each command class states of itself, under the types that it declares. Of this class, which is no command's, there is nothing.

  /** @internal */
  static get classId(): number | undefined {
    return factsOfClass(this)?.classId;
  }

  /** @internal */
  static get methodId(): number | undefined {
    return factsOfClass(this)?.methodId;
  }

  /** @internal */
  static get index(): number | undefined {
    return factsOfClass(this)?.index;
  }

  /** @internal */
  static get commandName(): string | undefined {
    return factsOfClass(this)?.name;
  }

  /** @internal */
  static get synchronous(): boolean | undefined {
    return factsOfClass(this)?.synchronous;
  }

  /** @internal */
  static get validResponses(): readonly unknown[] | undefined {
    return factsOfClass(this)?.validResponses;
  }

  /** @internal */
  static get attributes(): readonly string[] | undefined {
    return factsOfClass(this)?.attributes;
  }

  /** @internal */
  static get secrets(): readonly string[] | undefined {
    return factsOfClass(this)?.secrets;
  }

  /** @internal */
  static get amqpType(): ((attribute: string) => string) | undefined {
    return factsOfClass(this)?.amqpType;
  }

  /** Arguments to command words, in wire order. */
  pack(_words: CommandWords): void {}

  /**
   * Applies the rules of this command.
   *
   * @internal
   */
  check(_names: NameRules): void {}

  /** Checks the arguments by pamqp's rules. @throws ValidationError with pamqp's message for the first that breaks one. */
  validate(): void {}

  /** As `validate`, but lets pass what was decoded: a proxy must be able to send on what brokers accept. */
  validateConstructed(_names?: NameRules): void {}

  /** The arguments as octets, without class and method ids. @throws ValidationError, EncodeError */
  marshal(options: EncodeOptions = {}): Uint8Array {
    this.validateConstructed(options.names);
    const head = CommandKind.ARGUMENTS | (factsOf(this).dense << 8);
    return octetsOf(currentCore(), head, 0, options, (words) => this.pack(words));
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
// Bundlers call a class otherwise that names itself.
Object.defineProperty(Method, "name", { value: "Method" });

/** A command's arguments as they may be shown. */
export function shownArguments(method: Method): Record<string, unknown> {
  const shown = method.toJSON();
  const { secret } = factsOf(method);
  if (secret !== undefined && shown[secret] !== undefined) shown[secret] = HIDDEN;
  return shown;
}

/** A method frame on channel 0. */
export function methodFrame(tape: CommandTape, method: Method, options: EncodeOptions): Uint8Array {
  const head = CommandKind.METHOD | (factsOf(method).dense << 8);
  return tape.alone(head, METHOD_OCTETS, options, (words) => method.pack(words));
}

type ReadMethod = (core: Core, words: Int32Array, dense: number, at: number) => Method;
let readMethod: ReadMethod | undefined;

/** The generated table of decoders stands above this room. */
export function provideMethodReader(read: ReadMethod): void {
  readMethod = read;
}
