import type { FieldTable, FrameCursor } from "amqp-wasm";
import type { Channel } from "./channel.js";
import { keysIn, Message, NO_KEYS } from "./message.js";
import { accessRefused, notFound, notImplemented, preconditionFailed } from "./refusal.js";
import { REPLY_TO } from "./reply-to.js";
import { changedTable, rewritten } from "./rewritten-message.js";
import type { Target } from "./routing.js";
import { asKey } from "./routing-key.js";

/** A message that was published and found its way. */
export interface Publication {
  readonly message: Message;
  readonly targets: readonly Target[];
  readonly mandatory: boolean;
}

/**
 * Checks the message under a cursor and finds out where it goes.
 *
 * @throws Refusal where the broker does not take it.
 */
export function publication(channel: Channel, cursor: FrameCursor): Publication {
  const { connection } = channel;
  const { host, broker } = connection;
  if (cursor.immediate) throw notImplemented("immediate=true");
  const name = asKey(cursor.exchange!);
  const size = Number(cursor.bodySize);
  if (size > broker.limits.maxBodySize) {
    throw preconditionFailed(`message size ${size} is larger than configured max size ${broker.limits.maxBodySize}`);
  }
  const exchange = host.exchange(name);
  if (exchange === undefined) throw notFound(`no exchange '${name}' in vhost '${host.name}'`);
  if (exchange.settings.internal) {
    throw accessRefused(`cannot publish to internal exchange '${name}' in vhost '${host.name}'`);
  }
  checkProperties(cursor, connection.user);
  const message = kept(cursor, channel);
  return { message, targets: host.route(message, exchange), mandatory: cursor.mandatory! };
}

function kept(cursor: FrameCursor, channel: Channel): Message {
  const copies = keysIn(cursor, "CC");
  const blindCopies = keysIn(cursor, "BCC");
  const keys = copies.length + blindCopies.length === 0 ? NO_KEYS : [...copies, ...blindCopies];
  const asksForReplies = cursor.is("replyTo", REPLY_TO);
  if (!asksForReplies && cursor.header("BCC") === undefined) return new Message(cursor, keys);
  if (asksForReplies && channel.replies === undefined) throw preconditionFailed("fast reply consumer does not exist");
  const headers = cursor.property("headers") as FieldTable | undefined;
  return rewritten(
    cursor,
    {
      ...(headers === undefined ? {} : { headers: changedTable(headers, [], ["BCC"]) }),
      ...(asksForReplies ? { replyTo: channel.replies!.name } : {}),
    },
    keys,
  );
}

function checkProperties(cursor: FrameCursor, user: string): void {
  const userId = cursor.property("userId");
  if (userId !== undefined && asKey(userId) !== user) {
    throw preconditionFailed(`user_id property set to '${asKey(userId)}' but authenticated user was '${user}'`);
  }
  const deliveryMode = cursor.property("deliveryMode");
  if (deliveryMode !== undefined && deliveryMode !== 1 && deliveryMode !== 2) {
    throw preconditionFailed(`invalid message: {delivery_mode_unknown,${deliveryMode}}`);
  }
}
