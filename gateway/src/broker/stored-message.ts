import { Basic, Field, FieldTable, type FieldInput, type FieldValue } from "amqp-wasm";
import { LONGEST_TTL } from "./queue-arguments.js";
import { asKey, type Name } from "./routing-key.js";

/** A message as the broker keeps it. Never changed: queues, deliveries and dead letters share it. */
export class StoredMessage {
  readonly exchange: string;
  readonly routingKey: Name;
  readonly properties: Basic.Properties;
  readonly body: Uint8Array;
  /** Routing keys beside its own: what the headers CC and BCC said when it was published. */
  readonly moreKeys: readonly string[];
  /** How many queues and deliveries hold it. */
  references = 0;

  constructor(
    exchange: string,
    routingKey: Name,
    properties: Basic.Properties,
    body: Uint8Array,
    moreKeys: readonly string[] = NO_KEYS,
  ) {
    this.exchange = exchange;
    this.routingKey = routingKey;
    this.properties = properties;
    this.body = body;
    this.moreKeys = moreKeys;
  }

  /** The routing key as a string that stands for its octets. */
  get key(): string {
    return asKey(this.routingKey);
  }

  get headers(): FieldTable | undefined {
    // The broker reads tables as they stand on the wire.
    return this.properties.headers as FieldTable | undefined;
  }

  get priority(): number {
    return this.properties.priority ?? 0;
  }

  /** Milliseconds that the message may wait; Infinity for no limit. */
  get ttl(): number {
    return expirationOf(this.properties) ?? Infinity;
  }

  /** Octets of the body, as `x-max-length-bytes` counts them. */
  get size(): number {
    return this.body.length;
  }

  /** Octets that it takes in memory, about. */
  get storedOctets(): number {
    return this.body.length + (this.headers?.octets.length ?? 0) + 512;
  }
}

export const NO_KEYS: readonly string[] = [];

/** The property `expiration` in milliseconds; NaN where it is no number of them. */
export function expirationOf({ expiration }: Basic.Properties): number | undefined {
  if (expiration === undefined || expiration === null) return undefined;
  if (typeof expiration !== "string" || !/^\d{1,12}$/.test(expiration)) return NaN;
  const milliseconds = Number(expiration);
  return milliseconds > LONGEST_TTL ? NaN : milliseconds;
}

/** The routing keys that a header of this name lists; undefined where it is no list of strings. */
export function keysIn(value: FieldValue | undefined): readonly string[] | undefined {
  if (value === undefined) return NO_KEYS;
  if (!Array.isArray(value) || !value.every((key) => typeof key === "string")) return undefined;
  return value;
}

/** A table with some fields set and some left out; the others keep their order and type octets. */
export function changedTable(
  table: FieldTable | undefined,
  set: readonly (readonly [key: string, value: FieldInput])[],
  without: readonly string[] = [],
): FieldTable {
  const gone = new Set([...without, ...set.map(([key]) => key)]);
  const kept = (table?.entries() ?? []).filter(([key]) => !gone.has(key));
  const fields = kept.map(([key, value, type]) => [key, new Field(type, value)] as const);
  return FieldTable.from(new Map<string, FieldInput>([...fields, ...set]), {
    keyOrder: "insertion",
    integers: "wide",
    allowNonFinite: true,
  });
}

/** Properties with some of them changed; what a client sent is not held against the rules for what is made here. */
export function changedProperties(
  properties: Basic.Properties,
  changes: { readonly headers?: FieldTable | undefined; readonly expiration?: undefined; readonly replyTo?: string },
): Basic.Properties {
  const copy = Object.create(Basic.Properties.prototype) as Basic.Properties;
  return Object.assign(copy, properties, changes);
}
