/** What the generated code states of a command class. */
import type { Core } from "./core.js";
import { EncodeError } from "./errors.js";

/** Names in wire order, of which one can also ask `"queue" in attributes`, as with pamqp. */
export function nameList(names: readonly string[]): readonly string[] {
  const list = [...names];
  names.forEach((name, i) => Object.defineProperty(list, name, { value: i }));
  return Object.freeze(list);
}

/** Makes a command of the tape record that begins at this word. */
export type ReadRecord<T> = (core: Core, words: Int32Array, at: number) => T;

/** What a class states of its arguments. */
interface Arguments {
  readonly attributes: readonly string[];
  readonly types: readonly string[];
  readonly secrets: readonly string[];
  readonly slots: readonly string[];
  readonly amqpType: (attribute: string) => string;
}

/** Facts of a class that the generated code states. Those of its arguments come as one text, and are read when somebody asks: lists of them for 64 classes would be made at each start of a program. */
export class MethodFacts<T> {
  readonly dense: number;
  readonly name: string;
  readonly index: number;
  readonly read: ReadRecord<T>;
  /** What decoded commands of the class are made with, their arguments one by one; of classes that come in numbers alone. */
  readonly made: unknown;
  /** The classes of the answers: a function, because they are defined behind the class that they answer. Absent where none is due. */
  readonly #replies: (() => readonly unknown[]) | undefined;
  readonly #text: string;
  #arguments: Arguments | undefined;

  /** @param text names and types by turns, `secret` behind those of what is never shown */
  constructor(
    dense: number,
    name: string,
    index: number,
    text: string,
    read: ReadRecord<T>,
    replies?: () => readonly unknown[],
    made?: unknown,
  ) {
    this.dense = dense;
    this.name = name;
    this.index = index;
    this.read = read;
    this.made = made;
    this.#replies = replies;
    this.#text = text;
  }

  get classId(): number {
    return this.index >>> 16;
  }

  get methodId(): number {
    return this.index & 0xffff;
  }

  get synchronous(): boolean {
    return this.#replies !== undefined;
  }

  get validResponses(): readonly unknown[] {
    return this.#replies?.() ?? [];
  }

  get attributes(): readonly string[] {
    return this.#known().attributes;
  }

  get types(): readonly string[] {
    return this.#known().types;
  }

  /** The argument that is never shown. */
  get secret(): string | undefined {
    return this.#known().secrets[0];
  }

  get secrets(): readonly string[] {
    return this.#known().secrets;
  }

  get amqpType(): (attribute: string) => string {
    return this.#known().amqpType;
  }

  /** Names by place in the signature, where a run of bits is one. */
  get slots(): readonly string[] {
    return this.#known().slots;
  }

  #known(): Arguments {
    return (this.#arguments ??= argumentsOf(this.name, this.#text));
  }
}

function argumentsOf(command: string, text: string): Arguments {
  const rows = text === "" ? [] : text.split(",").map((row) => row.split(" ") as [string, string, string?]);
  const names = rows.map(([name]) => name);
  const types = rows.map(([, type]) => type);
  return {
    attributes: nameList(names),
    types,
    secrets: Object.freeze(rows.filter(([, , secret]) => secret !== undefined).map(([name]) => name)),
    slots: names.filter((_, i) => types[i] !== "bit" || types[i - 1] !== "bit"),
    amqpType(attribute) {
      const type = types[names.indexOf(attribute)];
      if (type === undefined) throw new EncodeError(`${command} has no argument of that name`, attribute);
      return type;
    },
  };
}
