import type { Basic, FieldTable } from "amqp-wasm";
import type { Channel } from "./channel.js";
import { accessRefused, notFound, notImplemented, preconditionFailed } from "./refusal.js";
import type { Target } from "./routing.js";
import { REPLY_TO } from "./reply-to.js";
import { asKey } from "./routing-key.js";
import { changedProperties, changedTable, expirationOf, keysIn, StoredMessage } from "./stored-message.js";

/** A message that was published and found its way. */
export interface Publication {
  readonly message: StoredMessage;
  readonly targets: readonly Target[];
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
  channel: Channel,
  method: Basic.Publish,
  properties: Basic.Properties,
  body: Uint8Array,
): Publication {
  const { connection } = channel;
  const { host } = connection;
  const name = asKey(method.exchange);
  const exchange = host.exchange(name);
  if (exchange === undefined) throw notFound(`no exchange '${name}' in vhost '${host.name}'`);
  if (exchange.settings.internal) {
    throw accessRefused(`cannot publish to internal exchange '${name}' in vhost '${host.name}'`);
  }
  checkProperties(properties, connection.user);
  if (properties.replyTo === REPLY_TO) {
    if (channel.replies === undefined) throw preconditionFailed("fast reply consumer does not exist");
    properties = changedProperties(properties, { replyTo: channel.replies.name });
  }
  const message = stored(name, method, properties, body);
  return { message, targets: host.route(message, exchange), mandatory: method.mandatory };
}

function stored(
  exchange: string,
  method: Basic.Publish,
  properties: Basic.Properties,
  body: Uint8Array,
): StoredMessage {
  const headers = properties.headers as FieldTable | undefined;
  const [copies, blindCopies] = [keysIn(headers, "CC"), keysIn(headers, "BCC")];
  const shown = headers?.has("BCC")
    ? changedProperties(properties, { headers: changedTable(headers, [], ["BCC"]) })
    : properties;
  return new StoredMessage(exchange, method.routingKey, shown, body, [...copies, ...blindCopies]);
}

function checkProperties(properties: Basic.Properties, user: string): void {
  const { userId, deliveryMode } = properties;
  if (userId !== undefined && asKey(userId) !== user) {
    throw preconditionFailed(`user_id property set to '${asKey(userId)}' but authenticated user was '${user}'`);
  }
  expirationOf(properties);
  if (deliveryMode !== undefined && deliveryMode !== 1 && deliveryMode !== 2) {
    throw preconditionFailed(`invalid message: {delivery_mode_unknown,${deliveryMode}}`);
  }
}
