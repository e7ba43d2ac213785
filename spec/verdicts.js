/**
 * What brokers do with frames of a client that break the protocol: accept them, close the channel or the connection with a reply code, or drop the connection without a word.
 *
 * `measured` is what a running broker did (RabbitMQ 3.10.8, as Debian 12 has it; `test/broker/verdicts.node.test.ts` asks it again), `read` is what the source says (RabbitMQ's main branch of August 2026, LavinMQ's of July
 * 2026). A peer without a verdict on a rule: nobody looked, and `judge` passes it by.
 */

const connection = (code) => ({ level: "connection", code });
const channel = (code) => ({ level: "channel", code });
const accepted = { level: "none", code: 0 };
const abrupt = { level: "abrupt", code: 0 };

/** Brokers, and what of their limits matters here. Sizes are in octets; 0 stands for no limit. */
export const peers = [
  {
    name: "rabbitmq-3",
    title: "RabbitMQ 3.10",
    source: "measured",
    // Largest content that is taken when its header comes.
    maxBodySize: 0,
    // Largest message, asked when all of its content is there, or (`sizeAtHeader`) when its header comes.
    maxMessageSize: 134217728,
    sizeAtHeader: false,
    // Whether a content larger than announced is noticed only when a frame comes that is no body.
    lateOverSize: true,
    // Smallest frame-max that is taken.
    minimum: 4096,
  },
  {
    name: "rabbitmq-4",
    title: "RabbitMQ 4",
    source: "read",
    maxBodySize: 536870912,
    maxMessageSize: 16777216,
    sizeAtHeader: false,
    lateOverSize: false,
    minimum: 8192,
  },
  {
    name: "lavinmq",
    title: "LavinMQ",
    source: "read",
    maxBodySize: 0,
    maxMessageSize: 134217728,
    sizeAtHeader: true,
    lateOverSize: true,
    minimum: 4096,
  },
];

/** `both` is RabbitMQ's verdict where 3.10 and 4 agree. */
const row = (rule, text, { both, rabbit3 = both, rabbit4 = both, lavin }) => ({
  rule,
  text,
  verdicts: { "rabbitmq-3": rabbit3, "rabbitmq-4": rabbit4, lavinmq: lavin },
});

/** The rules: name, what is wrong in words, verdicts. */
export const rules = [
  // Envelopes.
  row("frame-type", "unknown frame type", { both: connection(501), lavin: connection(501) }),
  row("protocol-header", "protocol header in mid-stream", { both: connection(501), lavin: connection(501) }),
  row("protocol-version", "protocol header of another version", { both: abrupt, lavin: abrupt }),
  row("frame-size", "payload larger than frame-max", { both: connection(501), lavin: connection(501) }),
  row("frame-end", "frame-end is not 206", { both: connection(501), lavin: connection(501) }),
  row("method-cut", "method frame without class and method ids", { both: connection(501), lavin: connection(541) }),
  row("header-cut", "content header without class, weight and body size", { both: connection(501) }),
  row("heartbeat-channel", "heartbeat on a channel", { both: connection(505), lavin: connection(505) }),
  row("heartbeat-payload", "heartbeat with a payload", { both: connection(501), lavin: connection(501) }),

  // Channels.
  row("channel-0-method", "method of a channel on channel 0", { both: connection(504), lavin: accepted }),
  row("channel-0-content", "content on channel 0", { both: connection(505), lavin: connection(505) }),
  row("connection-on-channel", "method of the connection on a channel", { both: connection(503), lavin: accepted }),
  row("channel-opened-twice", "channel that is open is opened", { both: connection(504), lavin: connection(504) }),
  row("channel-not-open", "method on a channel that is not open", { both: connection(504), lavin: connection(504) }),
  // LavinMQ drops these without a word.
  row("channel-not-open-content", "content or acknowledgement on a channel that is not open", {
    both: connection(504),
    lavin: accepted,
  }),
  row("channel-max", "more channels than channel-max", { both: connection(530), lavin: connection(530) }),
  row("tune-ok", "tune-ok is out of the range that was offered", {
    rabbit3: abrupt,
    rabbit4: connection(530),
    lavin: connection(530),
  }),

  // Content.
  row("content-without-method", "content without a method", { both: connection(505), lavin: channel(505) }),
  row("body-without-header", "content body in place of a content header", {
    both: connection(505),
    lavin: channel(505),
  }),
  row("method-in-content", "method in the midst of a content", { both: connection(505), lavin: channel(505) }),
  row("header-in-content", "content header in the midst of a content", { both: connection(505), lavin: channel(505) }),
  row("header-class", "content header of another class than its method", {
    both: connection(505),
    lavin: channel(505),
  }),
  row("header-weight", "content header of a weight but 0", { both: connection(505), lavin: accepted }),
  // RabbitMQ 3 and LavinMQ wait on until another frame than a body comes.
  row("body-over-size", "content bodies larger than their header says", {
    rabbit3: connection(505),
    rabbit4: connection(501),
    lavin: channel(505),
  }),
  row("body-size", "body size over the broker's limit", { rabbit4: connection(501) }),
  row("message-size", "message over the broker's limit", {
    both: channel(406),
    lavin: channel(406),
  }),

  // Methods.
  row("method-unknown", "unknown class or method", { both: abrupt, lavin: channel(540) }),
  row("connection-state", "method of the connection in another place than its own", { both: connection(504) }),
  row("before-open", "frame on a channel before the connection is open", { both: connection(505) }),
  row("access-request", "method of the class access, which AMQP 0-9-1 has no more", {
    both: accepted,
    lavin: channel(540),
  }),
  row("method-of-server", "method that only a server sends", { both: connection(503) }),
  row("immediate", "publish that is immediate", { both: connection(540), lavin: accepted }),
  row("arguments-cut", "arguments that do not end within the frame", { both: connection(501), lavin: connection(501) }),
  row("arguments-left", "octets behind the arguments", { both: connection(501), lavin: connection(501) }),
  row("method-utf8", "short string of a method that is no UTF-8", { both: connection(501), lavin: channel(406) }),
  row("method-table", "table of a method that cannot be read", { both: abrupt, lavin: connection(541) }),
  row("method-nan", "number of a method's table that is infinite or none", { both: abrupt }),

  // Properties.
  row("properties", "properties that do not end within the frame", { both: connection(541), lavin: connection(501) }),
  row("properties-left", "octets behind the properties", { both: connection(541), lavin: connection(501) }),
  row("flags-continued", "property flags that announce a second word, and none", {
    both: accepted,
    lavin: connection(501),
  }),
  row("flags-continued-word", "property flags of two words", { both: connection(541), lavin: connection(501) }),
  row("flags-reserved", "property flag without a property", { both: accepted, lavin: connection(501) }),
  // LavinMQ reads a table when it has to: the verdict is of that moment.
  row("header-table", "headers that cannot be read", { both: connection(541), lavin: connection(541) }),
  row("header-type-u", "header of type U", { both: connection(541), lavin: accepted }),
  row("header-nan", "header that is an infinite number or none", { both: connection(541) }),
  row("delivery-mode", "delivery mode but 1 and 2", { both: channel(406), lavin: accepted }),
  row("expiration", "expiration that is no number of milliseconds", { both: channel(406), lavin: channel(406) }),
  row("user-id", "user id of another user", { both: channel(406), lavin: channel(406) }),
];

/** Protocol headers that a broker takes for 0-9-1, beside its own. */
export const takenVersions = {
  "rabbitmq-3": ["0-9-1", "0-9", "0-8"],
  "rabbitmq-4": ["0-9-1", "0-9", "0-8", "1.0"],
  lavinmq: ["0-9-1", "0-9"],
};

/**
 * What content in the wrong place costs, by whose rules a reader of messages goes: a frame that may not stand there, bodies larger than their header says, content over the reader's
 * own limit. The standard: sections 4.2.6 of the specification (a hard error), 1.3 of the reference (311 is its word for content that is too large).
 */
export const contentProfiles = {
  standard: { unexpected: connection(505), overAnnounced: connection(501), overLimit: channel(311) },
  rabbitmq: { unexpected: connection(505), overAnnounced: connection(501), overLimit: connection(501) },
  lavinmq: { unexpected: channel(505), overAnnounced: channel(505), overLimit: channel(406) },
};
