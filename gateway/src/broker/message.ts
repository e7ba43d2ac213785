import type { FieldTable, FrameCursor, StoredMessage } from "amqp-wasm";
import { typeName } from "./field-types.js";
import { LONGEST_TTL } from "./queue-arguments.js";
import { preconditionFailed } from "./refusal.js";
import { asKey, type Name } from "./routing-key.js";

/**
 * A message as the broker keeps it: the octets of its method, header and body, of which nothing is decoded but what the broker acts on. Never changed: queues, deliveries and
 * dead letters share it.
 */
export class Message {
  readonly content: StoredMessage;
  /** Name of the exchange that it was published to. */
  readonly exchange: string;
  /** The routing key as a string that stands for its octets. */
  readonly key: string;
  /** Routing keys beside its own: what the headers CC and BCC said when it was published. */
  readonly moreKeys: readonly string[];
  /** Milliseconds that the message may wait; Infinity for no limit. */
  readonly ttl: number;
  readonly priority: number;
  /** Octets of the body, as `x-max-length-bytes` counts them. */
  readonly size: number;
  /** How many queues and deliveries hold it. */
  references = 0;

  /**
   * Keeps the message under a cursor.
   *
   * @throws Refusal 406 where its expiration is no number of milliseconds.
   */
  constructor(cursor: FrameCursor, moreKeys: readonly string[] = NO_KEYS) {
    this.exchange = asKey(cursor.exchange!);
    this.key = asKey(cursor.routingKey!);
    this.moreKeys = moreKeys;
    const expiration = cursor.property("expiration");
    this.ttl = expiration === undefined ? Infinity : milliseconds(expiration);
    this.priority = cursor.property("priority") ?? 0;
    this.size = Number(cursor.bodySize);
    this.content = cursor.message();
  }

  /** The header table, as it stands on the wire. */
  get headers(): FieldTable | undefined {
    return this.content.property("headers") as FieldTable | undefined;
  }

  /** Octets that it takes in memory, about. */
  get storedOctets(): number {
    return this.content.length + OBJECT_OCTETS;
  }
}

/** What a message takes beside its octets: an estimate. */
const OBJECT_OCTETS = 512;

export const NO_KEYS: readonly string[] = [];

/** The property `expiration`. @throws Refusal 406 where it is no number of milliseconds. */
function milliseconds(expiration: Name): number {
  const text = asKey(expiration);
  const [, digits, rest] = /^([+-]?\d+)?(.*)$/s.exec(text)!;
  const refuse = (why: string) => preconditionFailed(`invalid expiration '${text}': ${why}`);
  if (digits === undefined) throw refuse("no_integer");
  if (rest !== "") throw refuse(`{leftover_string,${JSON.stringify(rest)}}`);
  const value = Number(digits);
  if (value < 0) throw refuse(`{value_negative,${BigInt(digits)}}`);
  if (value > LONGEST_TTL) throw refuse(`{value_too_large,${BigInt(digits)}}`);
  return value;
}

/** The routing keys that the header CC or BCC lists; what is no string in the list does not count. @throws Refusal 406 where it is no list. */
export function keysIn(source: FrameCursor | StoredMessage, name: "CC" | "BCC"): readonly string[] {
  const value = source.header(name);
  if (value === undefined) return NO_KEYS;
  if (Array.isArray(value)) return value.filter((key) => typeof key === "string");
  const table = source.property("headers") as FieldTable;
  throw preconditionFailed(`invalid message: {unacceptable_type_in_header,"${name}",${typeName(table, name)}}`);
}
