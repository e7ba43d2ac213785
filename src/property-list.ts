/** What `Basic.Properties` does beside having properties. */
import type { CommandWords } from "./command-words.js";
import { octetsOf, tapeOf, type CommandTape } from "./command-tape.js";
import { currentCore } from "./core.js";
import { equalValues } from "./equality.js";
import { EncodeError } from "./errors.js";
import { CommandKind } from "./generated/command-kinds.js";
import { described, inspected, inspectSymbol } from "./inspection.js";
import { asOctets } from "./input.js";
import { jsonFields } from "./json.js";
import { nameList } from "./method-facts.js";
import type { MethodOptions } from "./methods.js";
import { copyOf } from "./room.js";
import type { EncodeOptions, Longlong, NameRules } from "./types.js";

const NAME = "Basic.Properties";
/** Names and types of the properties, in wire order. */
let facts: { readonly names: readonly string[]; readonly types: readonly string[] };
let attributes: readonly string[] | undefined;
let flags: Readonly<Record<string, number>> | undefined;

/** Octets before a content header's payload, and before its property flags. */
const HEAD = 7;
const LIST = 19;

type ReadList = (head: Uint8Array, octets: Uint8Array) => PropertyList;
let readList: ReadList | undefined;

/** The decoder of properties stands above this room. */
export function providePropertyReader(read: ReadList): void {
  readList = read;
}

/** Of a content header frame: its envelope, class id, weight, body size and property flags. */
export const HEADER_OCTETS = 22;
/** As above, without the body size. */
const COUNTED = 14;

/** Packs a content header with these properties; the command's head is packed. */
function packHeader(words: CommandWords, list: PropertyList, bodySize: Longlong): void {
  const flags = list.propertyFlags;
  const octets = words.hole();
  words.word(0);
  words.longlong(bodySize, "bodySize");
  words.word(flags);
  list.pack(words, flags);
  words.fill(octets, words.octets + COUNTED);
}

/** Writes a content header frame with these properties; answers its octets. */
export function writePropertyList(
  tape: CommandTape,
  list: PropertyList,
  bodySize: Longlong,
  channel: number,
  frameMax: number,
  options: EncodeOptions,
): number {
  list.validateConstructed();
  const head = CommandKind.CONTENT | (channel << 16);
  return tape.record(head, COUNTED, frameMax, options, "ContentHeader", (words) => packHeader(words, list, bodySize));
}

/** A content header frame with these properties. */
function contentHeaderOf(list: PropertyList, options: EncodeOptions): Uint8Array {
  list.validateConstructed();
  return octetsOf(currentCore(), CommandKind.CONTENT, COUNTED, options, (words) => packHeader(words, list, 0));
}

/** What `marshal` answers, for who shows it to nobody. @throws ValidationError, EncodeError */
export function listOctets(list: PropertyList, options: EncodeOptions): Uint8Array {
  list.validateConstructed();
  const tape = tapeOf(currentCore());
  const { core } = tape;
  tape.open(undefined);
  const octets = tape.loose(CommandKind.CONTENT, COUNTED, options, (words) => packHeader(words, list, 0));
  const at = core.output + tape.end;
  return copyOf(core, at + LIST, at + octets - 1);
}

/** A list of nothing: the octets around it are those of any content header. */
function nothing(list: PropertyList): PropertyList {
  return Object.create(list, {
    propertyFlags: { value: 0 },
    validateConstructed: { value: () => undefined },
  }) as PropertyList;
}

/** Properties that came as empty strings: pamqp never sends such, but what came must go out again. */
const empty = new WeakMap<PropertyList, number>();

const BRAND = Symbol("properties");

/** Whether an object is a list of properties: quicker than `instanceof`. */
export function isList(value: object): value is PropertyList {
  return (value as { [BRAND]?: unknown })[BRAND] === true;
}

export function describeProperties(type: { prototype: PropertyList }, names: string[], types: string[]): void {
  facts = { names, types };
  Object.defineProperty(type.prototype, "name", { value: NAME });
  Object.defineProperty(type.prototype, BRAND, { value: true });
}

function amqpType(attribute: string): string {
  const found = facts.types[facts.names.indexOf(attribute)];
  if (found === undefined) throw new EncodeError(`${NAME} has no property of that name`, attribute);
  return found;
}

let anyEmpty = false;

/** Remembers which properties of a decoded list are there though they are empty. */
export function keepEmpty(list: PropertyList, flags: number): void {
  anyEmpty = true;
  empty.set(list, flags);
}

/** Whether a list keeps its rules, and has nothing that is there though it is empty. @throws ValidationError */
export function isPlain(list: PropertyList): boolean {
  list.validateConstructed();
  return !anyEmpty || !empty.has(list);
}

/** Whether a value is to be sent: `flag` is its property's. */
export function present(list: PropertyList, value: unknown, flag: number): number {
  if (value === undefined || value === null) return 0;
  return value !== "" || ((empty.get(list) ?? 0) & flag) !== 0 ? flag : 0;
}

/** A list of optional properties. */
export abstract class PropertyList {
  declare readonly name: string;
  // Only what was constructed is validated; see Method.
  readonly #constructed = true;

  constructor(_options?: MethodOptions) {}

  // What the class states of itself, under the types that it declares: made when somebody asks.

  /** @internal */
  static get attributes(): readonly string[] {
    return (attributes ??= nameList(facts.names));
  }

  /** @internal */
  static get flags(): Readonly<Record<string, number>> {
    return (flags ??= Object.freeze(Object.fromEntries(facts.names.map((name, i) => [name, 0x8000 >> i]))));
  }

  /** @internal */
  static get amqpType(): (attribute: string) => string {
    return amqpType;
  }

  /** Values to command words. */
  abstract pack(words: CommandWords, flags: number): void;

  protected check(_names: NameRules): void {}

  /** Checks the properties by pamqp's rules. @throws ValidationError */
  validate(): void {
    this.check("pamqp");
  }

  /** As `validate`, but lets pass what was decoded. */
  validateConstructed(): void {
    if (#constructed in this && this.#constructed) this.validate();
  }

  /** The property flags of what is present: neither `undefined`, nor `null`, nor an empty string (unless it came as one). */
  abstract get propertyFlags(): number;

  /** Property flags and values as octets: what stands behind the body size in a content header. @throws ValidationError, EncodeError */
  marshal(options: EncodeOptions = {}): Uint8Array {
    const frame = contentHeaderOf(this, options);
    return frame.slice(LIST, frame.length - 1);
  }

  /** Sets the properties from such octets. They are not validated. @throws DecodeError */
  unmarshal(octets: Uint8Array): void {
    const decoded = readList!(contentHeaderOf(nothing(this), {}).subarray(HEAD, LIST), asOctets(octets));
    // All are looked at before the first is set: a header table that cannot be read throws here.
    const values = Object.fromEntries(decoded);
    // What is made by a constructor has an empty one, which its rule asks for.
    if (#constructed in this) values["clusterId"] ??= "";
    Object.assign(this, values);
    const kept = empty.get(decoded);
    if (kept === undefined) empty.delete(this);
    else empty.set(this, kept);
  }

  /** All 14 names and values in wire order; absent ones are `undefined`. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: unknown]> {
    for (const name of facts.names) yield [name, (this as unknown as Record<string, unknown>)[name]];
  }

  /** Whether the same properties are present with equal values. */
  equals(other: unknown): boolean {
    if (!(other instanceof PropertyList)) return false;
    const theirs = other as unknown as Record<string, unknown>;
    for (const [name, value] of this) {
      if (
        !equalValues(
          value === "" ? undefined : (value ?? undefined),
          theirs[name] === "" ? undefined : (theirs[name] ?? undefined),
        )
      )
        return false;
    }
    return true;
  }

  /** What is present, as a plain object. For `JSON.stringify`, which hands in a key, it is made fit for JSON; see `Method.toJSON`. */
  toJSON(key?: string): Record<string, unknown> {
    if (key !== undefined) return jsonFields(shownProperties(this));
    const flags = this.propertyFlags;
    return Object.fromEntries([...this].filter((_, i) => (flags & (0x8000 >> i)) !== 0));
  }

  toString(): string {
    return described(this.name, shownProperties(this));
  }

  [inspectSymbol](depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    return inspected(this.name, shownProperties(this), depth, options, inspect);
  }
}

/** What is present, as it may be shown: a header table that cannot be read as its error, because a log statement must not throw. */
export function shownProperties(list: PropertyList): Record<string, unknown> {
  try {
    return list.toJSON();
  } catch (error) {
    const shown = Object.create(list, { headers: { value: String(error) } }) as PropertyList;
    return shown.toJSON();
  }
}
