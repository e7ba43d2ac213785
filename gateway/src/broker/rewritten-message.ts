import { Basic, Field, FieldTable, FrameCursor, FrameWriter, type FieldInput, type StoredMessage } from "amqp-wasm";
import { Message, NO_KEYS } from "./message.js";
import type { Name } from "./routing-key.js";

/** What becomes different in a message that the broker changes. */
export interface Changes {
  readonly exchange?: string;
  readonly routingKey?: Name;
  readonly headers?: FieldTable;
  readonly replyTo?: string;
  /** Whether its own time to wait goes. */
  readonly withoutExpiration?: boolean;
}

/** Headers as they came have to be put together again in another way than new ones: with what no client of ours may send. */
const ENCODING = { keyOrder: "insertion", integers: "wide", allowNonFinite: true, names: "rabbitmq" } as const;

/** A message with some of it changed. Few messages are: dead letters, and those with BCC or a direct reply-to. */
export function rewritten(source: FrameCursor | StoredMessage, changes: Changes, moreKeys = NO_KEYS): Message {
  // Properties as they came are not held against the rules for what is made here.
  const properties = Object.create(Basic.Properties.prototype) as Basic.Properties;
  for (const name of Basic.Properties.attributes) Object.assign(properties, { [name]: source.property(name) });
  if (changes.headers !== undefined) properties.headers = changes.headers;
  if (changes.replyTo !== undefined) properties.replyTo = changes.replyTo;
  if (changes.withoutExpiration === true) properties.expiration = undefined;
  const { exchange = source.exchange!, routingKey = source.routingKey! } = changes;
  const writer = new FrameWriter({ frameMax: 0, ...ENCODING });
  const method = new Basic.Publish({ exchange, routingKey }, { names: "rabbitmq" });
  const octets = writer.publish(1, method, properties, source.body).flush();
  const cursor = new FrameCursor({ messages: true, tables: "exact", frameMax: 0 }).push(octets);
  cursor.next();
  return new Message(cursor, moreKeys);
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
  return FieldTable.from(new Map<string, FieldInput>([...fields, ...set]), ENCODING);
}
