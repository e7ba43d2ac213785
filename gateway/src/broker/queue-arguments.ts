import type { FieldTable, FieldValue } from "amqp-wasm";
import { LONGEST_WAIT } from "./clock.js";
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

const OVERFLOWS: readonly unknown[] = ["drop-head", "reject-publish", "reject-publish-dlx"];

/**
 * Reads the arguments of `Queue.Declare`; those that the broker does not know are kept and do nothing, as in RabbitMQ.
 *
 * @throws Refusal 406 where a value cannot be.
 */
export function queueArguments(table: FieldTable, name: string): QueueArguments {
  const given = new Arguments(table, name);
  const deadLetterExchange = given.text("x-dead-letter-exchange");
  const deadLetterRoutingKey = given.text("x-dead-letter-routing-key");
  if (deadLetterRoutingKey !== undefined && deadLetterExchange === undefined) {
    given.refuse("x-dead-letter-routing-key", "routing_key_but_no_dlx_defined");
  }
  const overflow = given.value("x-overflow") ?? "drop-head";
  if (!OVERFLOWS.includes(overflow)) given.refuse("x-overflow", `invalid overflow ${JSON.stringify(overflow)}`);
  return {
    messageTtl: given.number("x-message-ttl", 0, LONGEST_WAIT * 2) ?? Infinity,
    expires: given.number("x-expires", 1, LONGEST_WAIT * 2),
    maxLength: given.number("x-max-length", 0) ?? Infinity,
    maxOctets: given.number("x-max-length-bytes", 0) ?? Infinity,
    overflow: overflow as Overflow,
    deadLetterExchange,
    deadLetterRoutingKey,
    maxPriority: given.number("x-max-priority", 0, 255) ?? 0,
    singleActiveConsumer: given.flag("x-single-active-consumer") ?? false,
  };
}

class Arguments {
  readonly #table: FieldTable;
  readonly #queue: string;

  constructor(table: FieldTable, queue: string) {
    this.#table = table;
    this.#queue = queue;
  }

  value(key: string): FieldValue | undefined {
    return this.#table.get(key);
  }

  number(key: string, least: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !Number.isInteger(value))
      this.refuse(key, `{unacceptable_type,${typeName(value)}}`);
    if (value < least) this.refuse(key, `{value_negative,${value}}`);
    if (value > most) this.refuse(key, `{value_too_large,${value}}`);
    return value;
  }

  text(key: string): string | undefined {
    const value = this.value(key);
    if (value === undefined || typeof value === "string") return value;
    return this.refuse(key, `{unacceptable_type,${typeName(value)}}`);
  }

  flag(key: string): boolean | undefined {
    const value = this.value(key);
    if (value === undefined || typeof value === "boolean") return value;
    return this.refuse(key, `{unacceptable_type,${typeName(value)}}`);
  }

  refuse(key: string, why: string): never {
    throw preconditionFailed(`invalid arg '${key}' for queue '${this.#queue}' in vhost '/': ${why}`);
  }
}

function typeName(value: FieldValue): string {
  if (value === null) return "void";
  if (typeof value === "string") return "longstr";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number" || typeof value === "bigint")
    return Number.isInteger(Number(value)) ? "long" : "double";
  return Array.isArray(value) ? "array" : "table";
}
