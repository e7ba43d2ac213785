import type { FieldTable, FieldValue } from "amqp-wasm";
import { typeName } from "./field-types.js";
import { preconditionFailed } from "./refusal.js";

/** What to do with a message that a full queue gets. */
export type Overflow = "drop-head" | "reject-publish" | "reject-publish-dlx";

/** The arguments of a queue that the broker acts on. */
export interface QueueArguments {
  /** `x-message-ttl`, milliseconds. */
  readonly messageTtl: number;
  /** `x-expires`, milliseconds. */
  readonly expires: number | undefined;
  /** `x-max-length`, messages that wait. */
  readonly maxLength: number;
  /** `x-max-length-bytes`, octets of the bodies that wait. */
  readonly maxOctets: number;
  readonly overflow: Overflow;
  readonly deadLetterExchange: string | undefined;
  readonly deadLetterRoutingKey: string | undefined;
  readonly maxPriority: number;
  readonly singleActiveConsumer: boolean;
}

const OVERFLOWS: readonly string[] = ["drop-head", "reject-publish", "reject-publish-dlx"];
/** Ten years in milliseconds: RabbitMQ waits no longer. */
export const LONGEST_TTL = 315_360_000_000;
/** Types of queues that the broker takes; all of them are one and the same here. */
const QUEUE_TYPES: readonly unknown[] = ["classic", "quorum"];

/**
 * Reads the arguments of `Queue.Declare`; those that the broker does not know are kept and do nothing, as in RabbitMQ.
 *
 * @param what the queue, for the error's text.
 * @throws Refusal 406 where a value cannot be.
 */
export function queueArguments(table: FieldTable, what: string): QueueArguments {
  const given = new Arguments(table, what);
  const deadLetterExchange = given.name("x-dead-letter-exchange");
  const deadLetterRoutingKey = given.name("x-dead-letter-routing-key");
  if (deadLetterRoutingKey !== undefined && deadLetterExchange === undefined) {
    given.refuse("x-dead-letter-routing-key", "routing_key_but_no_dlx_defined");
  }
  const overflow = given.text("x-overflow") ?? "drop-head";
  if (!OVERFLOWS.includes(overflow)) given.refuse("x-overflow", "invalid_overflow");
  const type = given.text("x-queue-type") ?? "classic";
  if (!QUEUE_TYPES.includes(type)) given.refuse("x-queue-type", `"unsupported queue type '${type}'"`);
  const maxPriority = given.number("x-max-priority", 0) ?? 0;
  if (maxPriority > 255) given.refuse("x-max-priority", `{max_value_exceeded,${maxPriority}}`);
  const expires = given.number("x-expires", 0, LONGEST_TTL);
  if (expires === 0) given.refuse("x-expires", "{value_zero,0}");
  return {
    messageTtl: given.number("x-message-ttl", 0, LONGEST_TTL) ?? Infinity,
    expires,
    maxLength: given.number("x-max-length", 0) ?? Infinity,
    maxOctets: given.number("x-max-length-bytes", 0) ?? Infinity,
    overflow: overflow as Overflow,
    deadLetterExchange,
    deadLetterRoutingKey,
    maxPriority,
    singleActiveConsumer: given.flag("x-single-active-consumer") ?? false,
  };
}

class Arguments {
  readonly #table: FieldTable;
  readonly #what: string;

  constructor(table: FieldTable, what: string) {
    this.#table = table;
    this.#what = what;
  }

  number(key: string, least: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !Number.isInteger(value)) {
      return this.refuse(key, `"expected integer, got ${typeName(this.#table, key)}"`);
    }
    if (value < least) this.refuse(key, `{value_negative,${value}}`);
    if (value > most) this.refuse(key, `{value_too_large,${value}}`);
    return value;
  }

  text(key: string): string | undefined {
    const value = this.#value(key);
    return value === undefined || typeof value === "string" ? value : this.#wrongType(key);
  }

  flag(key: string): boolean | undefined {
    const value = this.#value(key);
    return value === undefined || typeof value === "boolean" ? value : this.#wrongType(key);
  }

  /** The name of something else: RabbitMQ has words of its own where it is none. */
  name(key: string): string | undefined {
    const value = this.#value(key);
    if (value === undefined || typeof value === "string") return value;
    throw preconditionFailed(`invalid type '${typeName(this.#table, key)}' for arg '${key}' in ${this.#what}`);
  }

  refuse(key: string, why: string): never {
    throw preconditionFailed(`invalid arg '${key}' for ${this.#what}: ${why}`);
  }

  #wrongType(key: string): never {
    return this.refuse(key, `{unacceptable_type,${typeName(this.#table, key)}}`);
  }

  #value(key: string): FieldValue | undefined {
    return this.#table.get(key);
  }
}
