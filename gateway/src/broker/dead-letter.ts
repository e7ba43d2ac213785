import { Field, Timestamp, type FieldInput, type FieldTable, type FieldValue } from "amqp-wasm";
import type { Queue } from "./queue.js";
import { keysIn, NO_KEYS, type Message } from "./message.js";
import { changedTable, rewritten } from "./rewritten-message.js";

/** Why a message was taken out of its queue without being consumed. */
export type DeathReason = "rejected" | "expired" | "maxlen";

/** One entry of the header `x-death`, as far as it is read. */
type Death = Record<string, FieldValue | undefined>;

/** The message that a queue's dead letter exchange gets, with the headers that RabbitMQ writes. */
export function deadLetter(message: Message, queue: Queue, reason: DeathReason, now: number): Message {
  const { deadLetterExchange = "", deadLetterRoutingKey } = queue.arguments;
  const headers = message.headers;
  const deaths = deathsOf(headers);
  const same = deaths.findIndex((death) => death["queue"] === queue.name && death["reason"] === reason);
  const count = same < 0 ? 0 : Number(deaths[same]!["count"] ?? 0);
  const expiration = message.content.property("expiration");
  const latest: FieldInput =
    same >= 0
      ? { ...deathFields(deaths[same]!), count: long(count + 1) }
      : {
          count: long(1),
          reason,
          queue: queue.name,
          time: new Timestamp(Math.floor(now / 1000)),
          exchange: message.exchange,
          "routing-keys": [message.key, ...keysIn(message.content, "CC")],
          ...(typeof expiration === "string" ? { "original-expiration": expiration } : {}),
        };
  const others = deaths.filter((_, i) => i !== same).map(deathFields);
  const set: [string, FieldInput][] = [["x-death", [latest, ...others]]];
  if (!headers?.has("x-death")) {
    set.push(["x-first-death-exchange", message.exchange]);
    set.push(["x-first-death-queue", queue.name]);
    set.push(["x-first-death-reason", reason]);
  }
  const isRenamed = deadLetterRoutingKey !== undefined;
  return rewritten(
    message.content,
    {
      exchange: deadLetterExchange,
      ...(isRenamed ? { routingKey: deadLetterRoutingKey } : {}),
      headers: changedTable(headers, set, isRenamed ? ["CC"] : []),
      withoutExpiration: true,
    },
    isRenamed ? NO_KEYS : message.moreKeys,
  );
}

/**
 * Whether a message that died would go round for ever: it was in this queue before, and nobody rejected it since. RabbitMQ drops it then.
 */
export function goesRound(message: Message, queue: Queue): boolean {
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
