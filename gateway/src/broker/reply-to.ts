import { randomBytes } from "node:crypto";
import type { Basic } from "amqp-wasm";
import type { Channel } from "./channel.js";
import { preconditionFailed } from "./refusal.js";
import type { Message } from "./message.js";
import type { Target } from "./routing.js";

/** What a client consumes from, and names in `reply-to`, to get answers without a queue (RabbitMQ's direct reply-to). */
export const REPLY_TO = "amq.rabbitmq.reply-to";

/** A client that waits for answers: they go to its channel as they come, or are lost. */
export class ReplyConsumer implements Target {
  /** What `reply-to` says to those who answer: nobody can guess it. */
  readonly name = `${REPLY_TO}.${randomBytes(16).toString("base64url")}`;
  readonly tag: string;
  readonly #channel: Channel;

  constructor(tag: string, channel: Channel) {
    this.tag = tag;
    this.#channel = channel;
  }

  publish(message: Message): boolean {
    this.#channel.deliverReply(this.tag, message);
    return true;
  }
}

/** Begins to wait for answers. @throws Refusal 406 where the client would acknowledge them, or waits already. */
export function consumeReplies(channel: Channel, method: Basic.Consume, tag: string): void {
  if (!method.noAck) throw preconditionFailed("reply consumer cannot acknowledge");
  if (channel.replies !== undefined) throw preconditionFailed("reply consumer already set");
  channel.replies = new ReplyConsumer(tag, channel);
  channel.connection.host.replies.set(channel.replies.name, channel.replies);
}
