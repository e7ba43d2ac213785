/**
 * AMQP 0-9-1 with RabbitMQ's extensions, as data.
 *
 * Written from the published standard ("AMQP Advanced Message Queuing Protocol, Protocol Specification, Version 0-9-1",
 * 13 November 2008; the classes stand in the Protocol Reference, part 1 of "The Complete AMQP 0-9-1 Reference") and from RabbitMQ's errata page.
 * Defaults and validation rules are those of pamqp 4, whose model this package keeps.
 *
 * A row's keys:
 *   name       the word users see, hyphenated; `generate.js` makes camelCase of it
 *   published  the word of the standard or of RabbitMQ's own copy of it, where that differs (reserved fields, mostly)
 *   from       which peer may send the method: "client", "server" or "either"
 *   replies    the methods that answer a synchronous one
 *   content    a content header and content bodies follow the method
 *   extension  RabbitMQ's own, not in the 2008 standard
 *   validate   the rule that a constructor and `marshal` apply; see `rules`
 *   default    what a constructor fills in; an argument without one must be given before it can be marshalled
 *   orNull     null is taken as the default too, as pamqp does (tables: always)
 *   secret     never shown by consoles and logs
 */

export const version = { major: 0, minor: 9, revision: 1 };

/** Section 4.2.3 (general frame format), 4.2.2 (protocol header), 4.2.7 (heartbeats). */
export const constants = [
  { name: "frame-method", value: 1 },
  { name: "frame-header", value: 2 },
  { name: "frame-body", value: 3 },
  { name: "frame-heartbeat", value: 8 },
  // RabbitMQ raised its own minimum to 8192 in 4.1; the standard's stays the smallest that any peer may offer.
  { name: "frame-min-size", value: 4096 },
  { name: "frame-end", value: 206 },
  { name: "reply-success", value: 200 },
];

/** What pamqp publishes beside the standard's own constants. */
export const conventions = [
  { name: "frame-header-size", value: 7 },
  { name: "frame-max-size", value: 131072 },
  { name: "default-host", value: "localhost" },
  { name: "default-port", value: 5672 },
  { name: "default-user", value: "guest" },
  { name: "default-pass", value: "guest" },
  { name: "default-vhost", value: "/" },
];

/** Section 1.3 of the reference: soft errors close a channel, hard errors a connection. */
export const replyCodes = [
  { name: "content-too-large", code: 311, hard: false },
  { name: "no-route", code: 312, hard: false },
  { name: "no-consumers", code: 313, hard: false },
  { name: "connection-forced", code: 320, hard: true },
  { name: "invalid-path", code: 402, hard: true },
  { name: "access-refused", code: 403, hard: false },
  { name: "not-found", code: 404, hard: false },
  { name: "resource-locked", code: 405, hard: false },
  { name: "precondition-failed", code: 406, hard: false },
  { name: "frame-error", code: 501, hard: true },
  { name: "syntax-error", code: 502, hard: true },
  { name: "command-invalid", code: 503, hard: true },
  { name: "channel-error", code: 504, hard: true },
  { name: "unexpected-frame", code: 505, hard: true },
  { name: "resource-error", code: 506, hard: true },
  { name: "not-allowed", code: 530, hard: true },
  { name: "not-implemented", code: 540, hard: true },
  { name: "internal-error", code: 541, hard: true },
];

/** Elementary types of arguments and properties, section 4.2.5. `octets` is the fixed width, where there is one. */
export const types = [
  { name: "bit" },
  { name: "octet", octets: 1, max: "255" },
  { name: "short", octets: 2, max: "65535" },
  { name: "long", octets: 4, max: "4294967295" },
  { name: "longlong", octets: 8, max: "18446744073709551615" },
  { name: "timestamp", octets: 8, max: "18446744073709551615" },
  { name: "shortstr", max: "255" },
  { name: "longstr", max: "4294967295" },
  { name: "table" },
];

/** Domains: the standard's names for what an argument means, and the elementary type below each. */
export const domains = {
  "class-id": "short",
  "consumer-tag": "shortstr",
  "delivery-tag": "longlong",
  "exchange-name": "shortstr",
  "method-id": "short",
  "no-ack": "bit",
  "no-local": "bit",
  "no-wait": "bit",
  path: "shortstr",
  "peer-properties": "table",
  "queue-name": "shortstr",
  redelivered: "bit",
  "message-count": "long",
  "reply-code": "short",
  "reply-text": "shortstr",
  bit: "bit",
  octet: "octet",
  short: "short",
  long: "long",
  longlong: "longlong",
  shortstr: "shortstr",
  longstr: "longstr",
  timestamp: "timestamp",
  table: "table",
};

/**
 * Field types of a table or an array, with the letters that RabbitMQ's errata give (the standard's own letters were never used
 * by anyone). `layout` is how the payload is laid out: nothing, a fixed number of octets, or a long length and as many octets.
 */
export const fieldTypes = [
  { octet: "t", name: "boolean", layout: 1 },
  { octet: "b", name: "short-short-int", layout: 1, integer: "signed" },
  { octet: "B", name: "short-short-uint", layout: 1, integer: "unsigned" },
  // The standard calls `s` a short string; every peer in use reads and writes a signed 16-bit integer.
  { octet: "s", name: "short-int", layout: 2, integer: "signed" },
  { octet: "u", name: "short-uint", layout: 2, integer: "unsigned" },
  { octet: "I", name: "long-int", layout: 4, integer: "signed" },
  { octet: "i", name: "long-uint", layout: 4, integer: "unsigned" },
  { octet: "l", name: "long-long-int", layout: 8, integer: "signed" },
  // Unsigned by the standard, signed by RabbitMQ and all who talk to it.
  { octet: "L", name: "long-long-int", layout: 8, integer: "signed" },
  { octet: "f", name: "float", layout: 4 },
  { octet: "d", name: "double", layout: 8 },
  // One octet of scale and a signed long: the errata's reading.
  { octet: "D", name: "decimal-value", layout: 5 },
  { octet: "T", name: "timestamp", layout: 8 },
  { octet: "V", name: "no-value", layout: 0 },
  { octet: "S", name: "long-string", layout: "octets" },
  { octet: "x", name: "byte-array", layout: "octets" },
  { octet: "A", name: "field-array", layout: "array" },
  { octet: "F", name: "field-table", layout: "table" },
];

/** pamqp's rules, applied by constructors and by `marshal`, never to what was decoded. Lengths are in octets. */
export const rules = {
  zero: { is: [0], message: "ticket must be 0" },
  "exchange-name": { maxOctets: 127, charset: true },
  "queue-name": { maxOctets: 255, charset: true },
  path: { maxOctets: 127 },
  empty: { is: [""], message: "must be empty" },
  false: { is: [false], message: "must be False" },
  // The standard wants an empty string, pamqp sends "0"; peers ignore the value, so both pass.
  "empty-or-0": { is: ["", "0"], message: "must be 0" },
  "delivery-mode": { is: [1, 2], message: "Invalid delivery_mode value: " },
};

export const classes = [
  {
    name: "connection",
    id: 10,
    section: "1.4",
    methods: [
      {
        name: "start",
        id: 10,
        from: "server",
        replies: ["start-ok"],
        arguments: [
          { name: "version-major", domain: "octet", default: 0 },
          { name: "version-minor", domain: "octet", default: 9 },
          { name: "server-properties", domain: "peer-properties", default: {} },
          { name: "mechanisms", domain: "longstr", default: "PLAIN" },
          { name: "locales", domain: "longstr", default: "en_US" },
        ],
      },
      {
        name: "start-ok",
        id: 11,
        from: "client",
        arguments: [
          { name: "client-properties", domain: "peer-properties", default: {} },
          { name: "mechanism", domain: "shortstr", default: "PLAIN" },
          { name: "response", domain: "longstr", default: "", secret: true },
          { name: "locale", domain: "shortstr", default: "en_US" },
        ],
      },
      {
        name: "secure",
        id: 20,
        from: "server",
        replies: ["secure-ok"],
        arguments: [{ name: "challenge", domain: "longstr" }],
      },
      {
        name: "secure-ok",
        id: 21,
        from: "client",
        arguments: [{ name: "response", domain: "longstr", secret: true }],
      },
      {
        name: "tune",
        id: 30,
        from: "server",
        replies: ["tune-ok"],
        arguments: [
          { name: "channel-max", domain: "short", default: 0 },
          { name: "frame-max", domain: "long", default: 0 },
          { name: "heartbeat", domain: "short", default: 0 },
        ],
      },
      {
        name: "tune-ok",
        id: 31,
        from: "client",
        arguments: [
          { name: "channel-max", domain: "short", default: 0 },
          { name: "frame-max", domain: "long", default: 0 },
          { name: "heartbeat", domain: "short", default: 0 },
        ],
      },
      {
        name: "open",
        id: 40,
        from: "client",
        replies: ["open-ok"],
        arguments: [
          { name: "virtual-host", domain: "path", default: "/", validate: "path" },
          { name: "capabilities", published: "reserved-1", domain: "shortstr", default: "", validate: "empty" },
          { name: "insist", published: "reserved-2", domain: "bit", default: false, validate: "false" },
        ],
      },
      {
        name: "open-ok",
        id: 41,
        from: "server",
        arguments: [
          { name: "known-hosts", published: "reserved-1", domain: "shortstr", default: "", validate: "empty" },
        ],
      },
      {
        name: "close",
        id: 50,
        from: "either",
        replies: ["close-ok"],
        arguments: [
          { name: "reply-code", domain: "reply-code" },
          { name: "reply-text", domain: "reply-text", default: "", orNull: true },
          { name: "class-id", domain: "class-id" },
          { name: "method-id", domain: "method-id" },
        ],
      },
      { name: "close-ok", id: 51, from: "either", arguments: [] },
      {
        name: "blocked",
        id: 60,
        from: "server",
        extension: true,
        arguments: [{ name: "reason", domain: "shortstr", default: "" }],
      },
      { name: "unblocked", id: 61, from: "server", extension: true, arguments: [] },
      {
        name: "update-secret",
        id: 70,
        from: "client",
        extension: true,
        replies: ["update-secret-ok"],
        arguments: [
          { name: "new-secret", domain: "longstr", secret: true },
          { name: "reason", domain: "shortstr" },
        ],
      },
      { name: "update-secret-ok", id: 71, from: "server", extension: true, arguments: [] },
    ],
  },
  {
    name: "channel",
    id: 20,
    section: "1.5",
    methods: [
      {
        name: "open",
        id: 10,
        from: "client",
        replies: ["open-ok"],
        arguments: [
          { name: "out-of-band", published: "reserved-1", domain: "shortstr", default: "0", validate: "empty-or-0" },
        ],
      },
      {
        name: "open-ok",
        id: 11,
        from: "server",
        arguments: [
          { name: "channel-id", published: "reserved-1", domain: "longstr", default: "0", validate: "empty-or-0" },
        ],
      },
      {
        name: "flow",
        id: 20,
        from: "either",
        replies: ["flow-ok"],
        arguments: [{ name: "active", domain: "bit" }],
      },
      {
        name: "flow-ok",
        id: 21,
        from: "either",
        arguments: [{ name: "active", domain: "bit" }],
      },
      {
        name: "close",
        id: 40,
        from: "either",
        replies: ["close-ok"],
        arguments: [
          { name: "reply-code", domain: "reply-code" },
          { name: "reply-text", domain: "reply-text", default: "", orNull: true },
          { name: "class-id", domain: "class-id" },
          { name: "method-id", domain: "method-id" },
        ],
      },
      { name: "close-ok", id: 41, from: "either", arguments: [] },
    ],
  },
  {
    name: "exchange",
    id: 40,
    section: "1.6",
    methods: [
      {
        name: "declare",
        id: 10,
        from: "client",
        replies: ["declare-ok"],
        arguments: [
          { name: "ticket", published: "reserved-1", domain: "short", default: 0, validate: "zero" },
          { name: "exchange", domain: "exchange-name", default: "", validate: "exchange-name" },
          { name: "type", domain: "shortstr", default: "direct" },
          { name: "passive", domain: "bit", default: false },
          { name: "durable", domain: "bit", default: false },
          { name: "auto-delete", domain: "bit", default: false },
          { name: "internal", domain: "bit", default: false },
          { name: "no-wait", domain: "no-wait", default: false },
          { name: "arguments", domain: "table", default: {} },
        ],
      },
      { name: "declare-ok", id: 11, from: "server", arguments: [] },
      {
        name: "delete",
        id: 20,
        from: "client",
        replies: ["delete-ok"],
        arguments: [
          { name: "ticket", published: "reserved-1", domain: "short", default: 0, validate: "zero" },
          { name: "exchange", domain: "exchange-name", default: "", validate: "exchange-name" },
          { name: "if-unused", domain: "bit", default: false },
          { name: "no-wait", domain: "no-wait", default: false },
        ],
      },
      { name: "delete-ok", id: 21, from: "server", arguments: [] },
      {
        name: "bind",
        id: 30,
        from: "client",
        replies: ["bind-ok"],
        extension: true,
        arguments: [
          { name: "ticket", published: "reserved-1", domain: "short", default: 0, validate: "zero" },
          { name: "destination", domain: "exchange-name", default: "", validate: "exchange-name" },
          { name: "source", domain: "exchange-name", default: "", validate: "exchange-name" },
          { name: "routing-key", domain: "shortstr", default: "" },
          { name: "no-wait", domain: "no-wait", default: false },
          { name: "arguments", domain: "table", default: {} },
        ],
      },
      { name: "bind-ok", id: 31, from: "server", extension: true, arguments: [] },
      {
        name: "unbind",
        id: 40,
        from: "client",
        replies: ["unbind-ok"],
        extension: true,
        arguments: [
          { name: "ticket", published: "reserved-1", domain: "short", default: 0, validate: "zero" },
          { name: "destination", domain: "exchange-name", default: "", validate: "exchange-name" },
          { name: "source", domain: "exchange-name", default: "", validate: "exchange-name" },
          { name: "routing-key", domain: "shortstr", default: "" },
          { name: "no-wait", domain: "no-wait", default: false },
          { name: "arguments", domain: "table", default: {} },
        ],
      },
      { name: "unbind-ok", id: 51, from: "server", extension: true, arguments: [] },
    ],
  },
  {
    name: "queue",
    id: 50,
    section: "1.7",
    methods: [
      {
        name: "declare",
        id: 10,
        from: "client",
        replies: ["declare-ok"],
        arguments: [
          { name: "ticket", published: "reserved-1", domain: "short", default: 0, validate: "zero" },
          { name: "queue", domain: "queue-name", default: "", validate: "queue-name" },
          { name: "passive", domain: "bit", default: false },
          { name: "durable", domain: "bit", default: false },
          { name: "exclusive", domain: "bit", default: false },
          { name: "auto-delete", domain: "bit", default: false },
          { name: "no-wait", domain: "no-wait", default: false },
          { name: "arguments", domain: "table", default: {} },
        ],
      },
      {
        name: "declare-ok",
        id: 11,
        from: "server",
        arguments: [
          { name: "queue", domain: "queue-name", validate: "queue-name" },
          { name: "message-count", domain: "message-count" },
          { name: "consumer-count", domain: "long" },
        ],
      },
      {
        name: "bind",
        id: 20,
        from: "client",
        replies: ["bind-ok"],
        arguments: [
          { name: "ticket", published: "reserved-1", domain: "short", default: 0, validate: "zero" },
          { name: "queue", domain: "queue-name", default: "", validate: "queue-name" },
          { name: "exchange", domain: "exchange-name", default: "", validate: "exchange-name" },
          { name: "routing-key", domain: "shortstr", default: "" },
          { name: "no-wait", domain: "no-wait", default: false },
          { name: "arguments", domain: "table", default: {} },
        ],
      },
      { name: "bind-ok", id: 21, from: "server", arguments: [] },
      {
        name: "purge",
        id: 30,
        from: "client",
        replies: ["purge-ok"],
        arguments: [
          { name: "ticket", published: "reserved-1", domain: "short", default: 0, validate: "zero" },
          { name: "queue", domain: "queue-name", default: "", validate: "queue-name" },
          { name: "no-wait", domain: "no-wait", default: false },
        ],
      },
      {
        name: "purge-ok",
        id: 31,
        from: "server",
        arguments: [{ name: "message-count", domain: "message-count" }],
      },
      {
        name: "delete",
        id: 40,
        from: "client",
        replies: ["delete-ok"],
        arguments: [
          { name: "ticket", published: "reserved-1", domain: "short", default: 0, validate: "zero" },
          { name: "queue", domain: "queue-name", default: "", validate: "queue-name" },
          { name: "if-unused", domain: "bit", default: false },
          { name: "if-empty", domain: "bit", default: false },
          { name: "no-wait", domain: "no-wait", default: false },
        ],
      },
      {
        name: "delete-ok",
        id: 41,
        from: "server",
        arguments: [{ name: "message-count", domain: "message-count" }],
      },
      {
        name: "unbind",
        id: 50,
        from: "client",
        replies: ["unbind-ok"],
        arguments: [
          { name: "ticket", published: "reserved-1", domain: "short", default: 0, validate: "zero" },
          { name: "queue", domain: "queue-name", default: "", validate: "queue-name" },
          { name: "exchange", domain: "exchange-name", default: "", validate: "exchange-name" },
          { name: "routing-key", domain: "shortstr", default: "" },
          { name: "arguments", domain: "table", default: {} },
        ],
      },
      { name: "unbind-ok", id: 51, from: "server", arguments: [] },
    ],
  },
  {
    name: "basic",
    id: 60,
    section: "1.8",
    methods: [
      {
        name: "qos",
        id: 10,
        from: "client",
        replies: ["qos-ok"],
        arguments: [
          { name: "prefetch-size", domain: "long", default: 0 },
          { name: "prefetch-count", domain: "short", default: 0 },
          { name: "global", domain: "bit", default: false },
        ],
      },
      { name: "qos-ok", id: 11, from: "server", arguments: [] },
      {
        name: "consume",
        id: 20,
        from: "client",
        replies: ["consume-ok"],
        arguments: [
          { name: "ticket", published: "reserved-1", domain: "short", default: 0, validate: "zero" },
          { name: "queue", domain: "queue-name", default: "", validate: "queue-name" },
          { name: "consumer-tag", domain: "consumer-tag", default: "" },
          { name: "no-local", domain: "no-local", default: false },
          { name: "no-ack", domain: "no-ack", default: false },
          { name: "exclusive", domain: "bit", default: false },
          { name: "no-wait", domain: "no-wait", default: false },
          { name: "arguments", domain: "table", default: {} },
        ],
      },
      {
        name: "consume-ok",
        id: 21,
        from: "server",
        arguments: [{ name: "consumer-tag", domain: "consumer-tag" }],
      },
      {
        name: "cancel",
        id: 30,
        from: "either",
        replies: ["cancel-ok"],
        arguments: [
          { name: "consumer-tag", domain: "consumer-tag" },
          { name: "no-wait", domain: "no-wait", default: false, orNull: true },
        ],
      },
      {
        name: "cancel-ok",
        id: 31,
        from: "either",
        arguments: [{ name: "consumer-tag", domain: "consumer-tag" }],
      },
      {
        name: "publish",
        id: 40,
        from: "client",
        content: true,
        arguments: [
          { name: "ticket", published: "reserved-1", domain: "short", default: 0, validate: "zero" },
          { name: "exchange", domain: "exchange-name", default: "", validate: "exchange-name" },
          { name: "routing-key", domain: "shortstr", default: "" },
          { name: "mandatory", domain: "bit", default: false },
          { name: "immediate", domain: "bit", default: false },
        ],
      },
      {
        name: "return",
        id: 50,
        from: "server",
        content: true,
        arguments: [
          { name: "reply-code", domain: "reply-code" },
          { name: "reply-text", domain: "reply-text", default: "", orNull: true },
          { name: "exchange", domain: "exchange-name", default: "", validate: "exchange-name", orNull: true },
          { name: "routing-key", domain: "shortstr" },
        ],
      },
      {
        name: "deliver",
        id: 60,
        from: "server",
        content: true,
        arguments: [
          { name: "consumer-tag", domain: "consumer-tag" },
          { name: "delivery-tag", domain: "delivery-tag" },
          { name: "redelivered", domain: "redelivered", default: false, orNull: true },
          { name: "exchange", domain: "exchange-name", default: "", validate: "exchange-name", orNull: true },
          { name: "routing-key", domain: "shortstr" },
        ],
      },
      {
        name: "get",
        id: 70,
        from: "client",
        replies: ["get-ok", "get-empty"],
        arguments: [
          { name: "ticket", published: "reserved-1", domain: "short", default: 0, validate: "zero" },
          { name: "queue", domain: "queue-name", default: "", validate: "queue-name" },
          { name: "no-ack", domain: "no-ack", default: false },
        ],
      },
      {
        name: "get-ok",
        id: 71,
        from: "server",
        content: true,
        arguments: [
          { name: "delivery-tag", domain: "delivery-tag" },
          { name: "redelivered", domain: "redelivered", default: false, orNull: true },
          { name: "exchange", domain: "exchange-name", default: "", validate: "exchange-name", orNull: true },
          { name: "routing-key", domain: "shortstr" },
          { name: "message-count", domain: "message-count" },
        ],
      },
      {
        name: "get-empty",
        id: 72,
        from: "server",
        arguments: [
          { name: "cluster-id", published: "reserved-1", domain: "shortstr", default: "", validate: "empty" },
        ],
      },
      {
        name: "ack",
        id: 80,
        from: "either",
        arguments: [
          { name: "delivery-tag", domain: "delivery-tag", default: 0 },
          { name: "multiple", domain: "bit", default: false },
        ],
      },
      {
        name: "reject",
        id: 90,
        from: "client",
        arguments: [
          { name: "delivery-tag", domain: "delivery-tag" },
          { name: "requeue", domain: "bit", default: true, orNull: true },
        ],
      },
      {
        name: "recover-async",
        id: 100,
        from: "client",
        deprecated: true,
        arguments: [{ name: "requeue", domain: "bit", default: false }],
      },
      {
        name: "recover",
        id: 110,
        from: "client",
        replies: ["recover-ok"],
        arguments: [{ name: "requeue", domain: "bit", default: false }],
      },
      { name: "recover-ok", id: 111, from: "server", arguments: [] },
      {
        name: "nack",
        id: 120,
        from: "either",
        extension: true,
        arguments: [
          { name: "delivery-tag", domain: "delivery-tag", default: 0 },
          { name: "multiple", domain: "bit", default: false },
          { name: "requeue", domain: "bit", default: true },
        ],
      },
    ],
    properties: [
      { name: "content-type", domain: "shortstr" },
      { name: "content-encoding", domain: "shortstr" },
      { name: "headers", domain: "table" },
      { name: "delivery-mode", domain: "octet", validate: "delivery-mode" },
      { name: "priority", domain: "octet" },
      { name: "correlation-id", domain: "shortstr" },
      { name: "reply-to", domain: "shortstr" },
      { name: "expiration", domain: "shortstr" },
      { name: "message-id", domain: "shortstr" },
      { name: "timestamp", domain: "timestamp" },
      { name: "type", domain: "shortstr" },
      { name: "user-id", domain: "shortstr" },
      { name: "app-id", domain: "shortstr" },
      { name: "cluster-id", published: "reserved", domain: "shortstr", default: "", validate: "empty" },
    ],
  },
  {
    name: "tx",
    id: 90,
    section: "1.9",
    methods: [
      { name: "select", id: 10, from: "client", replies: ["select-ok"], arguments: [] },
      { name: "select-ok", id: 11, from: "server", arguments: [] },
      { name: "commit", id: 20, from: "client", replies: ["commit-ok"], arguments: [] },
      { name: "commit-ok", id: 21, from: "server", arguments: [] },
      { name: "rollback", id: 30, from: "client", replies: ["rollback-ok"], arguments: [] },
      { name: "rollback-ok", id: 31, from: "server", arguments: [] },
    ],
  },
  {
    name: "confirm",
    id: 85,
    section: "RabbitMQ: publisher confirms",
    methods: [
      {
        name: "select",
        id: 10,
        from: "client",
        replies: ["select-ok"],
        extension: true,
        arguments: [{ name: "no-wait", published: "nowait", domain: "bit", default: false }],
      },
      { name: "select-ok", id: 11, from: "server", extension: true, arguments: [] },
    ],
  },
];
