import { Field, Timestamp, type FieldInput, type FieldTable, type FieldValue } from "amqp-wasm";
import type { Queue } from "./queue.js";
import { changedProperties, changedTable, keysIn, NO_KEYS, StoredMessage } from "./stored-message.js";

/** Why a message was taken out of its queue without being consumed. */
export type DeathReason = "rejected" | "expired" | "maxlen";

/** One entry of the header `x-death`, as far as it is read. */
type Death = Record<string, FieldValue | undefined>;

/** The message that a queue's dead letter exchange gets, with the headers that RabbitMQ writes. */
export function deadLetter(message: StoredMessage, queue: Queue, reason: DeathReason, now: number): StoredMessage {
  const { deadLetterExchange = "", deadLetterRoutingKey } = queue.arguments;
  const headers = message.headers;
  const deaths = deathsOf(headers);
  const same = deaths.findIndex((death) => death["queue"] === queue.name && death["reason"] === reason);
  const count = same < 0 ? 0 : Number(deaths[same]!["count"] ?? 0);
  const { expiration } = message.properties;
  const latest: FieldInput =
    same >= 0
      ? { ...deathFields(deaths[same]!), count: long(count + 1) }
      : {
          count: long(1),
          reason,
          queue: queue.name,
          time: new Timestamp(Math.floor(now / 1000)),
          exchange: message.exchange,
          "routing-keys": [message.key, ...keysIn(headers, "CC")],
          ...(typeof expiration === "string" ? { "original-expiration": expiration } : {}),
        };
  const others = deaths.filter((_, i) => i !== same).map(deathFields);
  const set: [string, FieldInput][] = [["x-death", [latest, ...others]]];
  if (!headers?.has("x-death")) {
    set.push(["x-first-death-exchange", message.exchange]);
    set.push(["x-first-death-queue", queue.name]);
    set.push(["x-first-death-reason", reason]);
  }
  const table = changedTable(headers, set, deadLetterRoutingKey === undefined ? [] : ["CC"]);
  const properties = changedProperties(message.properties, { headers: table, expiration: undefined });
  return new StoredMessage(
    deadLetterExchange,
    deadLetterRoutingKey ?? message.routingKey,
    properties,
    message.body,
    deadLetterRoutingKey === undefined ? message.moreKeys : NO_KEYS,
  );
}

/**
 * Whether a message that died would go round for ever: it was in this queue before, and nobody rejected it since. RabbitMQ drops it then.
 */
export function goesRound(message: StoredMessage, queue: Queue): boolean {
  const deaths = deathsOf(message.headers);
  const last = deaths.findIndex((death) => death["queue"] === queue.name);
  return last >= 0 && deaths.slice(0, last + 1).every((death) => death["reason"] !== "rejected");
}

function deathsOf(headers: FieldTable | undefined): Death[] {
  const deaths = headers?.get("x-death");
  if (!Array.isArray(deaths)) return [];
  return deaths.filter((death) => typeof death === "object" && death !== null && !Array.isArray(death)) as Death[];
}

/** An entry that goes out again, its counter of the type that it had. */
function deathFields(death: Death): { [key: string]: FieldInput } {
  const { count } = death;
  return { ...death, ...(count === undefined ? {} : { count: long(Number(count)) }) };
}

function long(value: number): Field {
  return new Field("l", value);
}
