/** Which frames may stand where: channel by channel, in one direction. */
import { Fault } from "./fault.js";
import type { Negotiation } from "./negotiation.js";
import type { Side } from "./side.js";

/** A frame of a channel, which came from `side`. Answers whether it is the last body of a content. @throws Fault where it may not stand here. */
export function checkFrame(
  { running, channelMax }: Negotiation,
  { cursor, order }: Side,
  other: Side | undefined,
  name: string,
  channel: number,
): boolean {
  if (!running) throw new Fault(503, `${name} on channel ${channel} before the connection is open`);
  if (channel > channelMax) throw new Fault(530, `channel ${channel}, where channel-max is ${channelMax}`);
  if (name === "ContentBody") return order.body(channel, cursor.size);
  if (name === "ContentHeader") order.header(channel, cursor.bodySize!);
  else if (name.startsWith("Connection.")) throw new Fault(503, `${name} on channel ${channel}`);
  else {
    order.method(name, channel);
    if (name === "Channel.Close") other?.order.close(channel);
  }
  return false;
}
