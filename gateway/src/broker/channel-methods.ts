import { Channel as ChannelClass, type Frame } from "amqp-wasm";
import * as basic from "./basic-methods.js";
import type { Channel } from "./channel.js";
import * as exchanges from "./exchange-methods.js";
import * as modes from "./mode-methods.js";
import * as queues from "./queue-methods.js";
import { channelError, commandInvalid } from "./refusal.js";

/**
 * What a client asks of a channel, all but its messages and its close.
 *
 * @throws Refusal
 */
export function channelMethod(channel: Channel, frame: Frame): void {
  switch (frame.name) {
    case "Basic.Ack":
      return channel.settle(frame.deliveryTag, frame.multiple, "ack");
    case "Basic.Nack":
      return channel.settle(frame.deliveryTag, frame.multiple, frame.requeue ? "requeue" : "reject");
    case "Basic.Reject":
      return channel.settle(frame.deliveryTag, false, frame.requeue ? "requeue" : "reject");
    case "Basic.Get":
      return basic.get(channel, frame);
    case "Basic.Consume":
      return basic.consume(channel, frame);
    case "Basic.Cancel":
      return basic.cancel(channel, frame);
    case "Basic.Qos":
      return basic.setPrefetch(channel, frame);
    case "Basic.Recover":
    case "Basic.RecoverAsync":
      return basic.recover(channel, frame);
    case "Queue.Declare":
      return queues.declareQueue(channel, frame);
    case "Queue.Bind":
      return queues.bindQueue(channel, frame);
    case "Queue.Unbind":
      return queues.unbindQueue(channel, frame);
    case "Queue.Purge":
      return queues.purgeQueue(channel, frame);
    case "Queue.Delete":
      return queues.deleteQueue(channel, frame);
    case "Exchange.Declare":
      return exchanges.declareExchange(channel, frame);
    case "Exchange.Delete":
      return exchanges.deleteExchange(channel, frame);
    case "Exchange.Bind":
      return exchanges.bindExchange(channel, frame);
    case "Exchange.Unbind":
      return exchanges.unbindExchange(channel, frame);
    case "Confirm.Select":
      return modes.selectConfirms(channel, frame);
    case "Tx.Select":
      return modes.selectTransactions(channel);
    case "Tx.Commit":
      return modes.commit(channel);
    case "Tx.Rollback":
      return modes.rollback(channel);
    case "Channel.Flow":
      channel.flow = frame.active;
      channel.send(new ChannelClass.FlowOk({ active: frame.active }));
      return;
    case "Channel.Open":
      throw channelError("second 'channel.open' seen");
    default:
      // A method that only a broker sends.
      throw commandInvalid("unimplemented method");
  }
}
