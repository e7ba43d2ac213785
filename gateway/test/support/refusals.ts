/** What a broker refuses, with RabbitMQ's words: what a client sends, frame by frame on channel 1, and what comes last. */
import { Basic, Channel, Confirm, Connection, Exchange, Queue, Tx, type Frame } from "amqp-wasm";

export interface Refused {
  readonly name: string;
  /** Sent one after the other, each after the answer to the one before it. */
  readonly frames: readonly Frame[];
  /** What the last of them is answered with. */
  readonly answer: string;
}

const declare = (fields: ConstructorParameters<typeof Queue.Declare>[0] = {}) =>
  new Queue.Declare({ queue: "q", exclusive: false, ...fields });
const table = (fields: Record<string, unknown>) => declare({ arguments: fields as never });
const exchange = (fields: ConstructorParameters<typeof Exchange.Declare>[0] = {}) =>
  new Exchange.Declare({ exchange: "e", type: "direct", ...fields });

export const refused: readonly Refused[] = [
  {
    name: "passive declare of a queue that is not there",
    frames: [declare({ queue: "none", passive: true })],
    answer: "Channel.Close 404 NOT_FOUND - no queue 'none' in vhost '/' (50.10)",
  },
  {
    name: "consume from a queue that is not there",
    frames: [new Basic.Consume({ queue: "none" })],
    answer: "Channel.Close 404 NOT_FOUND - no queue 'none' in vhost '/' (60.20)",
  },
  {
    name: "get from a queue that is not there",
    frames: [new Basic.Get({ queue: "none" })],
    answer: "Channel.Close 404 NOT_FOUND - no queue 'none' in vhost '/' (60.70)",
  },
  {
    name: "purge of a queue that is not there",
    frames: [new Queue.Purge({ queue: "none" })],
    answer: "Channel.Close 404 NOT_FOUND - no queue 'none' in vhost '/' (50.30)",
  },
  {
    name: "delete of a queue that is not there",
    frames: [new Queue.Delete({ queue: "none" })],
    answer: "Queue.DeleteOk 0",
  },
  {
    name: "delete of an exchange that is not there",
    frames: [new Exchange.Delete({ exchange: "none" })],
    answer: "Exchange.DeleteOk",
  },
  {
    name: "bind of a queue that is not there",
    frames: [new Queue.Bind({ queue: "none", exchange: "amq.direct" })],
    answer: "Channel.Close 404 NOT_FOUND - no queue 'none' in vhost '/' (50.20)",
  },
  {
    name: "bind to an exchange that is not there",
    frames: [declare(), new Queue.Bind({ queue: "q", exchange: "none" })],
    answer: "Channel.Close 404 NOT_FOUND - no exchange 'none' in vhost '/' (50.20)",
  },
  {
    name: "bind of nothing to nothing",
    frames: [new Queue.Bind({ queue: "none", exchange: "none" })],
    answer: "Channel.Close 404 NOT_FOUND - no exchange 'none' in vhost '/' (50.20)",
  },
  {
    name: "bind to the default exchange",
    frames: [declare(), new Queue.Bind({ queue: "q", exchange: "" })],
    answer: "Channel.Close 403 ACCESS_REFUSED - operation not permitted on the default exchange (50.20)",
  },
  {
    name: "unbind from the default exchange",
    frames: [declare(), new Queue.Unbind({ queue: "q", exchange: "" })],
    answer: "Channel.Close 403 ACCESS_REFUSED - operation not permitted on the default exchange (50.50)",
  },
  {
    name: "unbind of what is not bound",
    frames: [declare(), new Queue.Unbind({ queue: "q", exchange: "amq.direct" })],
    answer: "Queue.UnbindOk",
  },
  {
    name: "unbind from an exchange that is not there",
    frames: [declare(), new Queue.Unbind({ queue: "q", exchange: "none" })],
    answer: "Queue.UnbindOk",
  },
  {
    name: "unbind of a queue that is not there",
    frames: [new Queue.Unbind({ queue: "none", exchange: "amq.direct" })],
    answer: "Queue.UnbindOk",
  },
  {
    name: "exchange bind with a source that is not there",
    frames: [new Exchange.Bind({ source: "none", destination: "amq.direct" })],
    answer: "Channel.Close 404 NOT_FOUND - no exchange 'none' in vhost '/' (40.30)",
  },
  {
    name: "exchange bind with a destination that is not there",
    frames: [new Exchange.Bind({ destination: "none", source: "amq.direct" })],
    answer: "Channel.Close 404 NOT_FOUND - no exchange 'none' in vhost '/' (40.30)",
  },
  {
    name: "exchange bind of the default exchange",
    frames: [new Exchange.Bind({ destination: "", source: "amq.direct" })],
    answer: "Channel.Close 403 ACCESS_REFUSED - operation not permitted on the default exchange (40.30)",
  },
  {
    name: "declare of the default exchange",
    frames: [exchange({ exchange: "" })],
    answer: "Channel.Close 403 ACCESS_REFUSED - operation not permitted on the default exchange (40.10)",
  },
  {
    name: "passive declare of the default exchange",
    frames: [exchange({ exchange: "", passive: true })],
    answer: "Channel.Close 403 ACCESS_REFUSED - operation not permitted on the default exchange (40.10)",
  },
  {
    name: "delete of the default exchange",
    frames: [new Exchange.Delete({ exchange: "" })],
    answer: "Channel.Close 403 ACCESS_REFUSED - operation not permitted on the default exchange (40.20)",
  },
  {
    name: "delete of a predeclared exchange",
    frames: [new Exchange.Delete({ exchange: "amq.topic" })],
    answer:
      "Channel.Close 403 ACCESS_REFUSED - deletion of system exchange 'amq.topic' in vhost '/' not allowed (40.20)",
  },
  {
    name: "passive declare of an exchange that is not there",
    frames: [exchange({ exchange: "none", passive: true })],
    answer: "Channel.Close 404 NOT_FOUND - no exchange 'none' in vhost '/' (40.10)",
  },
  {
    name: "reserved name of a queue",
    frames: [declare({ queue: "amq.mine" })],
    answer: "Channel.Close 403 ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*' (50.10)",
  },
  {
    name: "passive declare of a reserved name",
    frames: [declare({ queue: "amq.mine", passive: true })],
    answer: "Channel.Close 404 NOT_FOUND - no queue 'amq.mine' in vhost '/' (50.10)",
  },
  {
    name: "reserved name of an exchange",
    frames: [exchange({ exchange: "amq.mine" })],
    answer: "Channel.Close 403 ACCESS_REFUSED - exchange name 'amq.mine' contains reserved prefix 'amq.*' (40.10)",
  },
  {
    name: "predeclared exchange, declared as it is",
    frames: [exchange({ exchange: "amq.topic", type: "topic", durable: true })],
    answer: "Exchange.DeclareOk",
  },
  {
    name: "predeclared exchange, declared otherwise",
    frames: [exchange({ exchange: "amq.topic", type: "topic" })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - inequivalent arg 'durable' for exchange 'amq.topic' in vhost '/': received 'false' but current is 'true' (40.10)",
  },
  {
    name: "unknown type of exchange",
    frames: [exchange({ type: "magic" })],
    answer: "Connection.Close 503 COMMAND_INVALID - unknown exchange type 'magic' (40.10)",
  },
  {
    name: "another type of exchange",
    frames: [exchange(), exchange({ type: "fanout" })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'e' in vhost '/': received 'fanout' but current is 'direct' (40.10)",
  },
  {
    name: "another durability of an exchange",
    frames: [exchange(), exchange({ durable: true })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - inequivalent arg 'durable' for exchange 'e' in vhost '/': received 'true' but current is 'false' (40.10)",
  },
  {
    name: "another auto-delete of an exchange",
    frames: [exchange(), exchange({ autoDelete: true })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - inequivalent arg 'auto_delete' for exchange 'e' in vhost '/': received 'true' but current is 'false' (40.10)",
  },
  {
    name: "another internal of an exchange",
    frames: [exchange(), exchange({ internal: true })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - inequivalent arg 'internal' for exchange 'e' in vhost '/': received 'true' but current is 'false' (40.10)",
  },
  {
    name: "another alternate exchange",
    frames: [exchange(), exchange({ arguments: { "alternate-exchange": "x" } })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - inequivalent arg 'alternate-exchange' for exchange 'e' in vhost '/': received the value 'x' of type 'longstr' but current is none (40.10)",
  },
  {
    name: "alternate exchange that is a number",
    frames: [exchange({ arguments: { "alternate-exchange": 1 } })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid type 'byte' for arg 'alternate-exchange' in exchange 'e' in vhost '/' (40.10)",
  },
  {
    name: "delete of an exchange in use",
    frames: [
      exchange(),
      declare(),
      new Queue.Bind({ queue: "q", exchange: "e" }),
      new Exchange.Delete({ exchange: "e", ifUnused: true }),
    ],
    answer: "Channel.Close 406 PRECONDITION_FAILED - exchange 'e' in vhost '/' in use (40.20)",
  },
  {
    name: "another durability of a queue",
    frames: [declare(), declare({ durable: true })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost '/': received 'true' but current is 'false' (50.10)",
  },
  {
    name: "another auto-delete of a queue",
    frames: [declare(), declare({ autoDelete: true })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - inequivalent arg 'auto_delete' for queue 'q' in vhost '/': received 'true' but current is 'false' (50.10)",
  },
  {
    name: "another exclusive of a queue",
    frames: [declare(), declare({ exclusive: true })],
    answer:
      "Channel.Close 405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration. (50.10)",
  },
  {
    name: "an argument where there was none",
    frames: [declare(), table({ "x-message-ttl": 1000 })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': received the value '1000' of type 'short' but current is none (50.10)",
  },
  {
    name: "no argument where there was one",
    frames: [table({ "x-message-ttl": 1000 }), declare()],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': received none but current is the value '1000' of type 'short' (50.10)",
  },
  {
    name: "another argument",
    frames: [table({ "x-message-ttl": 1000 }), table({ "x-message-ttl": 2000 })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': received '2000' but current is '1000' (50.10)",
  },
  {
    name: "another string argument",
    frames: [table({ "x-dead-letter-exchange": "a" }), table({ "x-dead-letter-exchange": "b" })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - inequivalent arg 'x-dead-letter-exchange' for queue 'q' in vhost '/': received 'b' but current is 'a' (50.10)",
  },
  {
    name: "a string argument where there was none",
    frames: [declare(), table({ "x-dead-letter-exchange": "b" })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - inequivalent arg 'x-dead-letter-exchange' for queue 'q' in vhost '/': received the value 'b' of type 'longstr' but current is none (50.10)",
  },
  {
    name: "an argument that the broker does not know",
    frames: [declare(), table({ "x-mine": 1 })],
    answer: "Queue.DeclareOk 0 0",
  },
  {
    name: "an argument of another integer type",
    frames: [table({ "x-max-length": 100 }), table({ "x-max-length": 100n })],
    answer: "Queue.DeclareOk 0 0",
  },
  {
    name: "negative x-message-ttl",
    frames: [table({ "x-message-ttl": -1 })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-message-ttl' for queue 'q' in vhost '/': {value_negative,-1} (50.10)",
  },
  {
    name: "x-message-ttl as a string",
    frames: [table({ "x-message-ttl": "1000" })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-message-ttl' for queue 'q' in vhost '/': \"expected integer, got longstr\" (50.10)",
  },
  {
    name: "x-message-ttl as a fraction",
    frames: [table({ "x-message-ttl": 1.5 })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-message-ttl' for queue 'q' in vhost '/': \"expected integer, got double\" (50.10)",
  },
  {
    name: "x-message-ttl too large",
    frames: [table({ "x-message-ttl": 2 ** 40 })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-message-ttl' for queue 'q' in vhost '/': {value_too_large,1099511627776} (50.10)",
  },
  { name: "x-message-ttl of 2^32", frames: [table({ "x-message-ttl": 2 ** 32 })], answer: "Queue.DeclareOk 0 0" },
  {
    name: "x-expires of 0",
    frames: [table({ "x-expires": 0 })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-expires' for queue 'q' in vhost '/': {value_zero,0} (50.10)",
  },
  {
    name: "x-expires too large",
    frames: [table({ "x-expires": 2 ** 40 })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-expires' for queue 'q' in vhost '/': {value_too_large,1099511627776} (50.10)",
  },
  {
    name: "x-max-length negative",
    frames: [table({ "x-max-length": -1 })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-max-length' for queue 'q' in vhost '/': {value_negative,-1} (50.10)",
  },
  {
    name: "x-max-length-bytes as a string",
    frames: [table({ "x-max-length-bytes": "a" })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-max-length-bytes' for queue 'q' in vhost '/': \"expected integer, got longstr\" (50.10)",
  },
  {
    name: "x-overflow unknown",
    frames: [table({ "x-overflow": "burn" })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-overflow' for queue 'q' in vhost '/': invalid_overflow (50.10)",
  },
  {
    name: "x-overflow as a number",
    frames: [table({ "x-overflow": 1 })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-overflow' for queue 'q' in vhost '/': {unacceptable_type,byte} (50.10)",
  },
  {
    name: "x-max-priority of 256",
    frames: [table({ "x-max-priority": 256 })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-max-priority' for queue 'q' in vhost '/': {max_value_exceeded,256} (50.10)",
  },
  { name: "x-max-priority of 0", frames: [table({ "x-max-priority": 0 })], answer: "Queue.DeclareOk 0 0" },
  {
    name: "x-dead-letter-exchange as a number",
    frames: [table({ "x-dead-letter-exchange": 1 })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid type 'byte' for arg 'x-dead-letter-exchange' in queue 'q' in vhost '/' (50.10)",
  },
  {
    name: "x-dead-letter-routing-key without exchange",
    frames: [table({ "x-dead-letter-routing-key": "k" })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-dead-letter-routing-key' for queue 'q' in vhost '/': routing_key_but_no_dlx_defined (50.10)",
  },
  {
    name: "x-single-active-consumer as a string",
    frames: [table({ "x-single-active-consumer": "yes" })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-single-active-consumer' for queue 'q' in vhost '/': {unacceptable_type,longstr} (50.10)",
  },
  {
    name: "x-queue-type unknown",
    frames: [table({ "x-queue-type": "odd" })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-queue-type' for queue 'q' in vhost '/': \"unsupported queue type 'odd'\" (50.10)",
  },
  {
    name: "no queue declared before",
    frames: [new Basic.Get()],
    answer: "Channel.Close 404 NOT_FOUND - no previously declared queue (60.70)",
  },
  {
    name: "no queue declared before, consume",
    frames: [new Basic.Consume()],
    answer: "Channel.Close 404 NOT_FOUND - no previously declared queue (60.20)",
  },
  {
    name: "no queue declared before, bind",
    frames: [new Queue.Bind({ exchange: "amq.direct" })],
    answer: "Channel.Close 404 NOT_FOUND - no previously declared queue (50.20)",
  },
  {
    name: "no queue declared before, passive declare",
    frames: [declare({ queue: "", passive: true })],
    answer: "Channel.Close 404 NOT_FOUND - no queue '' in vhost '/' (50.10)",
  },
  {
    name: "a consumer tag again",
    frames: [
      declare(),
      new Basic.Consume({ queue: "q", consumerTag: "c" }),
      new Basic.Consume({ queue: "q", consumerTag: "c" }),
    ],
    answer: "Connection.Close 530 NOT_ALLOWED - attempt to reuse consumer tag 'c' (60.20)",
  },
  {
    name: "exclusive consumer beside another",
    frames: [
      declare(),
      new Basic.Consume({ queue: "q", consumerTag: "c" }),
      new Basic.Consume({ queue: "q", exclusive: true }),
    ],
    answer: "Channel.Close 403 ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use (60.20)",
  },
  {
    name: "consumer beside an exclusive one",
    frames: [declare(), new Basic.Consume({ queue: "q", exclusive: true }), new Basic.Consume({ queue: "q" })],
    answer: "Channel.Close 403 ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use (60.20)",
  },
  {
    name: "x-priority as a string",
    frames: [declare(), new Basic.Consume({ queue: "q", arguments: { "x-priority": "a" } })],
    answer:
      "Channel.Close 406 PRECONDITION_FAILED - invalid arg 'x-priority' for queue 'q' in vhost '/': \"expected integer, got longstr\" (60.20)",
  },
  { name: "cancel of an unknown tag", frames: [new Basic.Cancel({ consumerTag: "none" })], answer: "Basic.CancelOk" },
  {
    name: "delete of a queue in use",
    frames: [declare(), new Basic.Consume({ queue: "q" }), new Queue.Delete({ queue: "q", ifUnused: true })],
    answer: "Channel.Close 406 PRECONDITION_FAILED - queue 'q' in vhost '/' in use (50.40)",
  },
  {
    name: "ack of an unknown tag",
    frames: [new Basic.Ack({ deliveryTag: 7 })],
    answer: "Channel.Close 406 PRECONDITION_FAILED - unknown delivery tag 7 (60.80)",
  },
  {
    name: "ack of tag 0",
    frames: [new Basic.Ack({ deliveryTag: 0 })],
    answer: "Channel.Close 406 PRECONDITION_FAILED - unknown delivery tag 0 (60.80)",
  },
  {
    name: "ack of an unknown tag, multiple",
    frames: [new Basic.Ack({ deliveryTag: 7, multiple: true })],
    answer: "Channel.Close 406 PRECONDITION_FAILED - unknown delivery tag 7 (60.80)",
  },
  {
    name: "ack of 2^64 - 1",
    frames: [new Basic.Ack({ deliveryTag: 2n ** 64n - 1n })],
    answer: "Channel.Close 406 PRECONDITION_FAILED - unknown delivery tag 18446744073709551615 (60.80)",
  },
  {
    name: "nack of an unknown tag",
    frames: [new Basic.Nack({ deliveryTag: 7 })],
    answer: "Channel.Close 406 PRECONDITION_FAILED - unknown delivery tag 7 (60.120)",
  },
  {
    name: "reject of an unknown tag",
    frames: [new Basic.Reject({ deliveryTag: 7 })],
    answer: "Channel.Close 406 PRECONDITION_FAILED - unknown delivery tag 7 (60.90)",
  },
  {
    name: "prefetch size",
    frames: [new Basic.Qos({ prefetchSize: 10 })],
    answer: "Connection.Close 540 NOT_IMPLEMENTED - prefetch_size!=0 (10) (60.10)",
  },
  {
    name: "recover without requeue",
    frames: [new Basic.Recover({ requeue: false })],
    answer: "Connection.Close 540 NOT_IMPLEMENTED - requeue=false (60.110)",
  },
  {
    name: "flow off",
    frames: [new Channel.Flow({ active: false })],
    answer: "Connection.Close 540 NOT_IMPLEMENTED - active=false (20.20)",
  },
  { name: "flow on", frames: [new Channel.Flow({ active: true })], answer: "Channel.FlowOk" },
  {
    name: "commit without transactions",
    frames: [new Tx.Commit()],
    answer: "Channel.Close 406 PRECONDITION_FAILED - channel is not transactional (90.20)",
  },
  {
    name: "rollback without transactions",
    frames: [new Tx.Rollback()],
    answer: "Channel.Close 406 PRECONDITION_FAILED - channel is not transactional (90.30)",
  },
  {
    name: "transactions after confirms",
    frames: [new Confirm.Select(), new Tx.Select()],
    answer: "Channel.Close 406 PRECONDITION_FAILED - cannot switch from confirm to tx mode (90.10)",
  },
  {
    name: "confirms after transactions",
    frames: [new Tx.Select(), new Confirm.Select()],
    answer: "Channel.Close 406 PRECONDITION_FAILED - cannot switch from tx to confirm mode (85.10)",
  },
  { name: "confirms twice", frames: [new Confirm.Select(), new Confirm.Select()], answer: "Confirm.SelectOk" },
  { name: "transactions twice", frames: [new Tx.Select(), new Tx.Select()], answer: "Tx.SelectOk" },
  {
    name: "second open of a channel",
    frames: [new Channel.Open()],
    answer: "Connection.Close 504 CHANNEL_ERROR - second 'channel.open' seen (20.10)",
  },
  {
    name: "method of a broker",
    frames: [new Queue.DeclareOk({ queue: "q", messageCount: 0, consumerCount: 0 })],
    answer: "Connection.Close 503 COMMAND_INVALID - unimplemented method (50.11)",
  },
  {
    name: "cancel-ok from a client",
    frames: [new Basic.CancelOk({ consumerTag: "x" }), new Tx.Select()],
    answer: "Connection.Close 503 COMMAND_INVALID - unimplemented method (60.31)",
  },
  {
    name: "connection method on a channel",
    frames: [new Connection.Open({ virtualHost: "/" })],
    answer: "Connection.Close 503 COMMAND_INVALID - unimplemented method (10.40)",
  },
];
