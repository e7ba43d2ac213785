import type { Basic } from "amqp-wasm";
import type { Connection } from "./connection.js";
import type { Queue } from "./queue.js";
import { accessRefused, notFound, notImplemented, preconditionFailed } from "./refusal.js";
import { asKey } from "./routing-key.js";
import { changedProperties, changedTable, expirationOf, keysIn, StoredMessage } from "./stored-message.js";

/** A message that was published and found its queues. */
export interface Publication {
  readonly message: StoredMessage;
  readonly queues: readonly Queue[];
  readonly mandatory: boolean;
}

/** What can be said of a publish without its content. @throws Refusal */
export function checkPublish(method: Basic.Publish): void {
  if (method.immediate) throw notImplemented("immediate=true");
}

/**
 * Checks a message and finds its queues.
 *
 * @throws Refusal where the broker does not take it.
 */
export function publication(
  connection: Connection,
  method: Basic.Publish,
  properties: Basic.Properties,
  body: Uint8Array,
): Publication {
  const { host } = connection;
  const name = asKey(method.exchange);
  const exchange = host.exchange(name);
  if (exchange === undefined) throw notFound(`no exchange '${name}' in vhost '${host.name}'`);
  if (exchange.settings.internal) {
    throw accessRefused(`cannot publish to internal exchange '${name}' in vhost '${host.name}'`);
  }
  checkProperties(properties, connection.user);
  const message = stored(name, method, properties, body);
  return { message, queues: host.route(message, exchange), mandatory: method.mandatory };
}

function stored(
  exchange: string,
  method: Basic.Publish,
  properties: Basic.Properties,
  body: Uint8Array,
): StoredMessage {
  const headers = properties.headers as StoredMessage["headers"];
  const [copies, blindCopies] = [headers?.get("CC"), headers?.get("BCC")];
  if (headers === undefined || (copies === undefined && blindCopies === undefined)) {
    return new StoredMessage(exchange, method.routingKey, properties, body);
  }
  const keys = [copies, blindCopies].map((value, i) => {
    const found = keysIn(value);
    if (found !== undefined) return found;
    throw preconditionFailed(`invalid '${i === 0 ? "CC" : "BCC"}' header: a list of strings required`);
  });
  const shown =
    blindCopies === undefined
      ? properties
      : changedProperties(properties, { headers: changedTable(headers, [], ["BCC"]) });
  return new StoredMessage(exchange, method.routingKey, shown, body, keys.flat());
}

function checkProperties(properties: Basic.Properties, user: string): void {
  const { userId, deliveryMode } = properties;
  if (userId !== undefined && asKey(userId) !== user) {
    throw preconditionFailed(`user_id property set to '${asKey(userId)}' but authenticated user was '${user}'`);
  }
  if (Number.isNaN(expirationOf(properties))) {
    throw preconditionFailed(`invalid expiration '${asKey(properties.expiration!)}'`);
  }
  if (deliveryMode !== undefined && deliveryMode !== 1 && deliveryMode !== 2) {
    throw preconditionFailed(`invalid delivery mode ${deliveryMode}`);
  }
}
