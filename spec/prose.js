/**
 * What each class, method, argument and property is for, in words of our own. `generate.js` prints these above what it adds by itself: ids, section,
 * direction, replies, type, range and default.
 *
 * A key is "class", "class.method", "class.method.argument", "class.properties" or "class.properties.property".
 * "*.argument" speaks for every argument of that name which has no key of its own.
 */
export const prose = {
  // Arguments that mean the same wherever they stand

  "*.ticket": "Left over from the access tickets of earlier AMQP versions. Always 0; RabbitMQ ignores it.",
  "*.no-wait":
    "Ask the server not to answer. Whatever goes wrong then closes the channel, and nothing tells when the work is done.",
  "*.class-id": "Class of the method that caused the close; 0 where no method did.",
  "*.method-id": "Method, within its class, that caused the close; 0 where no method did.",
  "*.reply-text": "The reason in words, for people and logs. At most 255 octets; programs decide by the code.",

  // Connection

  connection: "Opening, tuning, guarding and closing a connection. Its methods travel on channel 0 alone.",

  "connection.start":
    "First method of every connection: the server, having seen the protocol header, presents itself and offers ways to log in. The client picks one and answers.",
  "connection.start.version-major": "Major protocol version that the server speaks: 0 for AMQP 0-9-1.",
  "connection.start.version-minor":
    "Minor protocol version that the server speaks: 9 for AMQP 0-9-1. The revision is not told.",
  "connection.start.server-properties":
    'What the server says of itself: product, version, platform. RabbitMQ lists the extensions it supports under "capabilities".',
  "connection.start.mechanisms":
    'SASL mechanisms that the server accepts, separated by spaces, such as "AMQPLAIN PLAIN".',
  "connection.start.locales":
    'Message locales that the server knows, separated by spaces. RabbitMQ knows "en_US" only.',

  "connection.start-ok":
    "The client's choice of mechanism and locale, with the first SASL response. The server goes on with Secure, with Tune, or by closing the connection. Its response is a secret and is not shown when the method is printed.",
  "connection.start-ok.client-properties":
    'What the client says of itself. RabbitMQ reads "capabilities" (consumer_cancel_notify, connection.blocked and others) and shows "connection_name" to operators.',
  "connection.start-ok.mechanism": "The SASL mechanism chosen, one of those that the server offered.",
  "connection.start-ok.response": "First SASL response, opaque octets. For PLAIN: NUL, user name, NUL, password.",
  "connection.start-ok.locale": "The locale chosen, one of those that the server offered.",

  "connection.secure":
    "A further SASL challenge, for mechanisms that need more than one round. PLAIN, AMQPLAIN and EXTERNAL never need it.",
  "connection.secure.challenge": "Challenge of the SASL mechanism, opaque octets.",

  "connection.secure-ok":
    "The client's response to a SASL challenge. The response is a secret and is not shown when the method is printed.",
  "connection.secure-ok.response": "Response of the SASL mechanism, opaque octets.",

  "connection.tune":
    "The server's limits for this connection, sent once the client is logged in. The client answers with limits no wider than these.",
  "connection.tune.channel-max": "Highest channel number that the server allows; 0 sets no limit.",
  "connection.tune.frame-max":
    "Largest frame that the server takes, in octets, with the 8 octets of envelope counted; 0 sets no limit.",
  "connection.tune.heartbeat": "Seconds of silence after which the server would like a heartbeat; 0 asks for none.",

  "connection.tune-ok":
    "The limits that hold from now on, for both peers. Open follows at once. RabbitMQ refuses a channel-max or frame-max wider than it offered.",
  "connection.tune-ok.channel-max":
    "Highest channel number that will be used. 0 means no limit and is fitting only where the server set none.",
  "connection.tune-ok.frame-max":
    "Largest frame that either peer will send, in octets, with the 8 octets of envelope counted. 0 means no limit; RabbitMQ refuses it where it set one.",
  "connection.tune-ok.heartbeat":
    "Heartbeat interval in seconds; 0 turns heartbeats off. A peer that hears nothing for about two intervals may take the connection for dead.",

  "connection.open":
    "Chooses the virtual host to work in. It ends the handshake: channels may be opened once the server has agreed.",
  "connection.open.virtual-host":
    'Name of the virtual host, at most 127 octets. "/" is the one that a fresh RabbitMQ has.',
  "connection.open.capabilities": "Unused since AMQP 0-9-1. Always empty; RabbitMQ ignores it.",
  "connection.open.insist":
    "Unused since AMQP 0-9-1; once it told the server not to redirect the client. Always false; RabbitMQ ignores it.",

  "connection.open-ok": "The virtual host is open and the connection ready for channels.",
  "connection.open-ok.known-hosts": "Unused since AMQP 0-9-1; once a list of further servers. Always empty.",

  "connection.close":
    "Ends the connection, for good or after an error. Whoever sends it drops everything that still arrives except CloseOk. Hard errors are told this way.",
  "connection.close.reply-code":
    "Why the connection ends: 200 for a plain goodbye, 320 where an operator forced it, else one of the hard errors.",

  "connection.close-ok": "Confirms Close. It is the last frame of a connection; both peers drop the socket after it.",

  "connection.blocked":
    'RabbitMQ extension. The server is short of memory or disk and stops reading from connections that publish. Only clients that announced the capability "connection.blocked" are told.',
  "connection.blocked.reason": 'What is short, in words, such as "low on memory".',

  "connection.unblocked": "RabbitMQ extension. The shortage that Blocked told of is over, and publishing goes on.",

  "connection.update-secret":
    "RabbitMQ extension. Hands the server a fresh secret before the old one expires, mostly a renewed OAuth 2 token. The secret is not shown when the method is printed.",
  "connection.update-secret.new-secret": "The new secret, opaque octets.",
  "connection.update-secret.reason": "Why the secret changes, in words, for the server's log.",

  "connection.update-secret-ok":
    "RabbitMQ extension. The server took the new secret. A secret that it does not accept closes the connection instead.",

  // Channel

  channel:
    "Opening and closing channels, the independent conversations that share one connection, and pausing the flow of messages on them.",

  "channel.open":
    "Opens the channel whose number the frame carries. The number must be free, and not above the channel-max agreed.",
  "channel.open.out-of-band":
    'Unused since AMQP 0-9-1. The standard wants the empty string and pamqp sends "0"; both pass here, and RabbitMQ ignores it.',

  "channel.open-ok": "The channel is open.",
  "channel.open-ok.channel-id":
    'Unused since AMQP 0-9-1. RabbitMQ sends the empty string and pamqp "0"; both pass here.',

  "channel.flow":
    "Asks the other peer to pause or to resume sending messages on this channel. RabbitMQ slows publishers by other means and refuses a pause that a client asks for (540); Basic.Qos does what consumers need.",
  "channel.flow.active": "True to let messages flow, false to pause them.",

  "channel.flow-ok": "Confirms Flow.",
  "channel.flow-ok.active": "The state that now holds: true where messages flow.",

  "channel.close":
    "Ends the channel, for good or after an error; the rest of the connection goes on. Soft errors are told this way. Whoever sends it drops everything that still arrives on the channel except CloseOk.",
  "channel.close.reply-code":
    "Why the channel ends: 200 for a plain goodbye, else one of the soft errors, such as 404 for a queue that is not there.",

  "channel.close-ok": "Confirms Close. The channel's number is free again after it.",

  // Exchange

  exchange:
    "Declaring, deleting and linking exchanges, the places where messages are published and from where bindings lead them on to queues.",

  "exchange.declare":
    "Creates an exchange, or checks that it is there with the same settings. Settings that differ from those of an existing exchange close the channel with 406.",
  "exchange.declare.exchange":
    'Name of the exchange, at most 127 octets. Names that begin with "amq." belong to the server, and the default exchange ("") cannot be declared.',
  "exchange.declare.type":
    'How the exchange routes: "direct", "fanout", "topic", "headers", or a type that a plugin brings.',
  "exchange.declare.passive":
    "Only check that the exchange exists, and close the channel with 404 where it does not. Nothing is created.",
  "exchange.declare.durable": "Keep the exchange across a restart of the server.",
  "exchange.declare.auto-delete":
    "Delete the exchange once the last binding that leads out of it is gone. RabbitMQ supports it; the 2008 standard reserves the bit.",
  "exchange.declare.internal":
    "Clients may not publish to the exchange; it is fed by bindings from other exchanges. RabbitMQ supports it; the 2008 standard reserves the bit.",
  "exchange.declare.arguments":
    'Further settings, such as RabbitMQ\'s "alternate-exchange" for messages that no binding takes.',

  "exchange.declare-ok": "The exchange is there.",

  "exchange.delete":
    "Deletes an exchange with all its bindings. RabbitMQ confirms it for an exchange that does not exist as well.",
  "exchange.delete.exchange": 'Name of the exchange to delete. The server\'s own ("" and "amq.…") cannot be deleted.',
  "exchange.delete.if-unused":
    "Delete the exchange only where nothing is bound to it, else close the channel with 406.",

  "exchange.delete-ok": "The exchange is gone.",

  "exchange.bind":
    "RabbitMQ extension. Binds one exchange to another: what the source receives and the binding matches goes on to the destination.",
  "exchange.bind.destination": "Name of the exchange that will receive messages.",
  "exchange.bind.source": "Name of the exchange that messages come from.",
  "exchange.bind.routing-key":
    "Key that the source compares with a message's routing key; a pattern with * and # where the source is a topic exchange.",
  "exchange.bind.arguments":
    'Further conditions of the binding; the source\'s type decides what they mean. A headers exchange reads the headers to match and "x-match".',

  "exchange.bind-ok": "RabbitMQ extension. The binding is in force.",

  "exchange.unbind":
    "RabbitMQ extension. Removes a binding between two exchanges. Source, destination, key and arguments must all be those it was made with.",
  "exchange.unbind.destination": "Name of the exchange that received messages by the binding.",
  "exchange.unbind.source": "Name of the exchange that messages came from.",
  "exchange.unbind.routing-key": "Key that the binding was made with.",
  "exchange.unbind.arguments": "Arguments that the binding was made with.",

  "exchange.unbind-ok": "RabbitMQ extension. The binding is gone.",

  // Queue

  queue: "Declaring, binding, emptying and deleting queues, where messages wait for consumers.",

  "queue.declare":
    "Creates a queue, or checks that it is there with the same settings. The channel remembers the name, and later methods mean this queue where they leave theirs empty. Settings that differ from those of an existing queue close the channel with 406.",
  "queue.declare.queue":
    'Name of the queue, at most 255 octets. With "" the server makes one up and tells it in DeclareOk; names that begin with "amq." belong to the server.',
  "queue.declare.passive":
    "Only check that the queue exists, and close the channel with 404 where it does not. Nothing is created.",
  "queue.declare.durable":
    "Keep the queue across a restart of the server. Whether its messages survive depends on their delivery mode and on the queue's type.",
  "queue.declare.exclusive": "Only this connection may use the queue, and the queue goes when the connection does.",
  "queue.declare.auto-delete":
    "Delete the queue when its last consumer has gone. A queue that never had a consumer stays.",
  "queue.declare.arguments":
    'Further settings. RabbitMQ reads "x-queue-type", "x-message-ttl" and "x-expires" (milliseconds), "x-max-length", "x-dead-letter-exchange" and others.',

  "queue.declare-ok": "The queue is there. Tells its name and how full and how busy it is at this moment.",
  "queue.declare-ok.queue": "Name of the queue, made up by the server where the declaration left it empty.",
  "queue.declare-ok.message-count":
    "Messages ready for delivery. Those delivered and not yet acknowledged are not counted.",
  "queue.declare-ok.consumer-count": "Consumers that the queue has now.",

  "queue.bind":
    "Binds a queue to an exchange: what the exchange receives and the binding matches goes to the queue. Making the same binding twice changes nothing.",
  "queue.bind.queue": 'Name of the queue; "" means the queue that this channel declared last.',
  "queue.bind.exchange":
    "Name of the exchange to take messages from. RabbitMQ refuses bindings to the default exchange (403), which every queue has anyway.",
  "queue.bind.routing-key":
    "Key that the exchange compares with a message's routing key; a pattern with * and # for a topic exchange, unused for fanout and headers. Where key and queue are both empty, the queue declared last gives the key too.",
  "queue.bind.arguments":
    'Further conditions of the binding; the exchange\'s type decides what they mean. A headers exchange reads the headers to match and "x-match".',

  "queue.bind-ok": "The binding is in force.",

  "queue.purge": "Throws away all messages of a queue that are ready. Those delivered and not yet acknowledged stay.",
  "queue.purge.queue": 'Name of the queue; "" means the queue that this channel declared last.',

  "queue.purge-ok": "The queue was emptied.",
  "queue.purge-ok.message-count": "How many messages were thrown away.",

  "queue.delete":
    "Deletes a queue with its messages and bindings, and cancels its consumers. RabbitMQ confirms it for a queue that does not exist as well.",
  "queue.delete.queue": 'Name of the queue; "" means the queue that this channel declared last.',
  "queue.delete.if-unused": "Delete the queue only where it has no consumers, else close the channel with 406.",
  "queue.delete.if-empty": "Delete the queue only where it has no messages, else close the channel with 406.",

  "queue.delete-ok": "The queue is gone.",
  "queue.delete-ok.message-count": "How many messages went with it.",

  "queue.unbind":
    "Removes a binding between a queue and an exchange. Queue, exchange, key and arguments must all be those it was made with. It is the one method of its class that cannot be sent without waiting.",
  "queue.unbind.queue": 'Name of the queue; "" means the queue that this channel declared last.',
  "queue.unbind.exchange": "Name of the exchange that messages came from.",
  "queue.unbind.routing-key": "Key that the binding was made with.",
  "queue.unbind.arguments": "Arguments that the binding was made with.",

  "queue.unbind-ok": "The binding is gone.",

  // Basic

  basic: "Publishing, consuming and acknowledging messages. It is the only class whose methods carry content.",

  "basic.qos":
    "Limits how many messages the server delivers ahead of their acknowledgements. Consumers that need no acknowledgements are not limited.",
  "basic.qos.prefetch-size":
    "Window in octets of content; 0 sets no limit. RabbitMQ supports 0 only and answers anything else with 540.",
  "basic.qos.prefetch-count": "How many messages may be unacknowledged; 0 sets no limit.",
  "basic.qos.global":
    "In RabbitMQ: false limits each new consumer of this channel by itself, true all consumers of the channel together. The standard meant the channel by false and the connection by true.",

  "basic.qos-ok": "The limits are in force.",

  "basic.consume":
    "Starts a consumer: from now on the server delivers messages of a queue on this channel as they come, until the consumer is cancelled or the channel closes.",
  "basic.consume.queue": 'Name of the queue; "" means the queue that this channel declared last.',
  "basic.consume.consumer-tag":
    'Name of the consumer, unique on this channel. With "" the server makes one up and tells it in ConsumeOk.',
  "basic.consume.no-local": "Do not deliver what this same connection published. RabbitMQ ignores it.",
  "basic.consume.no-ack":
    "Expect no acknowledgements: a message counts as done once it is sent. It is lost where the client fails to deal with it.",
  "basic.consume.exclusive":
    "Ask to be the queue's only consumer. Where there is another one the channel closes with 403.",
  "basic.consume.arguments":
    'Further settings. RabbitMQ reads "x-priority", "x-cancel-on-ha-failover", and "x-stream-offset" for streams.',

  "basic.consume-ok": "The consumer is running. Deliveries to it come after this method.",
  "basic.consume-ok.consumer-tag": "Name of the consumer, made up by the server where the request left it empty.",

  "basic.cancel":
    'Ends a consumer. Messages already under way may still arrive, and those not acknowledged stay so. RabbitMQ sends it to a client that announced "consumer_cancel_notify" when it ended the consumer itself, for instance with its queue; no answer is expected then.',
  "basic.cancel.consumer-tag": "Name of the consumer to end.",

  "basic.cancel-ok": "The consumer has ended.",
  "basic.cancel-ok.consumer-tag": "Name of the consumer that ended.",

  "basic.publish":
    "Sends a message to an exchange; a content header and the body follow. Nothing answers unless the channel is in confirm mode. An exchange that does not exist closes the channel with 404.",
  "basic.publish.exchange":
    'Name of the exchange. With "" (the default exchange) the message goes to the queue whose name is the routing key.',
  "basic.publish.routing-key":
    "Key by which the exchange chooses queues. Fanout and headers exchanges do not look at it.",
  "basic.publish.mandatory": "Send the message back with Return where no queue takes it, instead of dropping it.",
  "basic.publish.immediate":
    "Send the message back where no consumer can take it at once. RabbitMQ does not support it and closes the connection with 540.",

  "basic.return":
    "Brings back a message that was published as mandatory and reached no queue; the content header and the body follow. In confirm mode it comes before the message's Ack.",
  "basic.return.reply-code":
    "Why the message came back: 312 where no queue was bound for it, 313 where no consumer was ready.",
  "basic.return.exchange": 'Name of the exchange that it was published to; "" for the default exchange.',
  "basic.return.routing-key": "Routing key that it was published with.",

  "basic.deliver":
    "Hands a message to a consumer; a content header and the body follow. Unless the consumer runs without acknowledgements, Ack, Nack or Reject must come back for it.",
  "basic.deliver.consumer-tag": "Name of the consumer that the message is for.",
  "basic.deliver.delivery-tag":
    "Number of the delivery, counted from 1 on each channel. Acknowledge by it, on the same channel.",
  "basic.deliver.redelivered":
    "True where the message was delivered before and came back to the queue. The client that had it may have worked on it.",
  "basic.deliver.exchange": 'Name of the exchange that it was published to; "" for the default exchange.',
  "basic.deliver.routing-key": "Routing key that it was published with.",

  "basic.get": "Fetches a single message from a queue, if there is one. For steady work a consumer is far cheaper.",
  "basic.get.queue": 'Name of the queue; "" means the queue that this channel declared last.',
  "basic.get.no-ack": "Expect no acknowledgement: the message counts as done once it is sent.",

  "basic.get-ok":
    "Answers Get with a message; a content header and the body follow. Acknowledge it as a delivery, unless Get asked for none.",
  "basic.get-ok.delivery-tag":
    "Number of the delivery, counted from 1 on each channel together with those of consumers.",
  "basic.get-ok.redelivered": "True where the message was delivered before and came back to the queue.",
  "basic.get-ok.exchange": 'Name of the exchange that it was published to; "" for the default exchange.',
  "basic.get-ok.routing-key": "Routing key that it was published with.",
  "basic.get-ok.message-count": "Messages ready in the queue after this one was taken.",

  "basic.get-empty": "Answers Get where the queue has no message ready.",
  "basic.get-empty.cluster-id": "Unused since AMQP 0-9-1. Always empty.",

  "basic.ack":
    "Acknowledges one or more deliveries, which the server then forgets. RabbitMQ sends it too, in confirm mode, to tell that it took charge of published messages.",
  "basic.ack.delivery-tag":
    "Number of the delivery, or in confirm mode of the message published, counted from 1 on the channel. 0 together with multiple means all that are outstanding.",
  "basic.ack.multiple": "True for all outstanding ones up to and including this tag, false for this one alone.",

  "basic.reject": "Turns down one delivery. The message goes back to its queue, or is dropped or dead-lettered.",
  "basic.reject.delivery-tag": "Number of the delivery that is turned down.",
  "basic.reject.requeue":
    "True to put the message back in its queue, false to drop it or, where the queue has a dead-letter exchange, to send it there.",

  "basic.recover-async": "Deprecated: as Recover, but nothing answers. Use Recover.",
  "basic.recover-async.requeue":
    "True to put the messages back in their queues. RabbitMQ supports true only, and answers false with 540.",

  "basic.recover": "Asks the server to deliver again whatever is unacknowledged on this channel.",
  "basic.recover.requeue":
    "True to put the messages back in their queues, so that other consumers may get them; false to deliver them to the same consumers again, which RabbitMQ answers with 540.",

  "basic.recover-ok": "Confirms Recover.",

  "basic.nack":
    "RabbitMQ extension. Turns down one or more deliveries, as Reject does for one. In confirm mode RabbitMQ sends it for published messages that it could not take charge of.",
  "basic.nack.delivery-tag":
    "Number of the delivery, or in confirm mode of the message published, counted from 1 on the channel. 0 together with multiple means all that are outstanding.",
  "basic.nack.multiple": "True for all outstanding ones up to and including this tag, false for this one alone.",
  "basic.nack.requeue":
    "True to put the messages back in their queues, false to drop or dead-letter them. Without meaning where the server sends it.",

  "basic.properties":
    "What a content header tells about a message beside its size. Every property may be left out. RabbitMQ acts on a few and passes the rest on untouched.",
  "basic.properties.content-type": "MIME type of the body, for the application; the server does not look at it.",
  "basic.properties.content-encoding":
    'Encoding of the body, such as "gzip", for the application; the server does not look at it.',
  "basic.properties.headers":
    'Table for the application and for headers exchanges. RabbitMQ reads "CC" and "BCC" and writes "x-death" and others.',
  "basic.properties.delivery-mode": "1 for transient, 2 for persistent: kept on disk where the queue is durable.",
  "basic.properties.priority":
    '0 to 9 by the standard, higher goes first. RabbitMQ honours it in queues declared with "x-max-priority", and up to the maximum given there.',
  "basic.properties.correlation-id": "Ties a reply to its request; for the application.",
  "basic.properties.reply-to":
    'Where a reply should go, mostly the name of a queue. RabbitMQ gives "amq.rabbitmq.reply-to" a meaning of its own.',
  "basic.properties.expiration":
    'How long the message may wait in a queue: milliseconds, as a string of decimal digits. "0" lets it expire unless a consumer can take it at once.',
  "basic.properties.message-id": "Name of the message, given by the application.",
  "basic.properties.timestamp":
    "When the message was made: whole seconds since 1970-01-01 UTC. A Date or a Timestamp is accepted.",
  "basic.properties.type": "Kind of the message, named by the application.",
  "basic.properties.user-id":
    "User who published the message. RabbitMQ closes the channel with 406 where it is set and not the user of the connection.",
  "basic.properties.app-id": "Name of the application that published the message.",
  "basic.properties.cluster-id": "Unused since AMQP 0-9-1. Always empty.",

  // Tx

  tx: "Transactions over publishing and acknowledging on one channel. RabbitMQ keeps them atomic within a single queue only; publisher confirms are faster.",

  "tx.select":
    "Puts the channel in transaction mode, for as long as it lives. A channel in confirm mode cannot enter it.",
  "tx.select-ok": "The channel is in transaction mode.",
  "tx.commit":
    "Carries out all that was published and acknowledged since the last Commit or Rollback, and begins the next transaction.",
  "tx.commit-ok": "The transaction is carried out.",
  "tx.rollback":
    "Drops all that was published and acknowledged since the last Commit or Rollback, and begins the next transaction. Messages delivered meanwhile are not delivered again by it.",
  "tx.rollback-ok": "The transaction is dropped.",

  // Confirm

  confirm:
    "RabbitMQ extension. Publisher confirms: the server tells with Basic.Ack or Basic.Nack what became of each published message.",

  "confirm.select":
    "RabbitMQ extension. Puts the channel in confirm mode, for as long as it lives. Messages published from then on are counted from 1, and that number is the delivery tag of their confirms. A channel in transaction mode cannot enter it.",
  "confirm.select-ok": "RabbitMQ extension. The channel is in confirm mode.",

  // Constants

  "constant.frame-method": "Type octet of a method frame.",
  "constant.frame-header": "Type octet of a content header frame.",
  "constant.frame-body": "Type octet of a content body frame.",
  "constant.frame-heartbeat": "Type octet of a heartbeat frame.",
  "constant.frame-min-size": "Smallest frame-max, in octets, that a peer may offer. RabbitMQ asks for 8192 since 4.1.",
  "constant.frame-end": "The octet that ends every frame: 0xCE.",
  "constant.reply-success": "Reply code of a close without a fault.",
  "constant.frame-header-size": "Octets before a frame's payload: type, channel and size.",
  "constant.frame-max-size": "The frame-max, in octets, that RabbitMQ offers unless it is told otherwise.",
  "constant.default-host": "Where a broker is looked for when nothing else is said.",
  "constant.default-port": "Registered port of AMQP without TLS.",
  "constant.default-user": "User of a fresh RabbitMQ; accepted from its own host alone.",
  "constant.default-pass": "Password of that user.",
  "constant.default-vhost": "Virtual host of a fresh RabbitMQ.",
  "constant.version": "Protocol version: major, minor, revision.",
};
