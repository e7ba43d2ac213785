/** The workloads, message by message. `next` is a seeded generator of 32-bit numbers, `i` counts from 0. */

const hex = (next, digits) => (next() % 16 ** digits).toString(16).padStart(digits, "0");

/** A unique id of 36 characters. */
const uniqueId = (next) =>
  `${hex(next, 8)}-${hex(next, 4)}-4${hex(next, 3)}-a${hex(next, 3)}-${hex(next, 6)}${hex(next, 6)}`;

const bodies = new Map();
/** One body for each size: only its octets matter, and streams of large ones must fit into memory. */
function body(octets) {
  if (!bodies.has(octets)) bodies.set(octets, new Uint8Array(octets).fill(0x61));
  return bodies.get(octets);
}

const EXCHANGE = "events";
const ROUTING_KEY = "orders.created.eu";
const EPOCH = 1_700_000_000;

const deliver = (i, properties, octets, routingKey = ROUTING_KEY) => ({
  method: "deliver",
  fields: { consumerTag: "ctag-1.Xy", deliveryTag: i + 1, redelivered: false, exchange: EXCHANGE, routingKey },
  properties,
  body: body(octets),
});

const rich = (next, i, headers) => ({
  contentType: "application/json",
  deliveryMode: 2,
  messageId: uniqueId(next),
  timestamp: EPOCH + i,
  headers,
});

const fourHeaders = (i) => ({ attempt: i % 5, replayed: i % 2 === 0, "x-region": "eu-west-1", "x-source": "checkout" });

const among = (next, values) => values[next() % values.length];

/** What RabbitMQ adds where a message was rejected or expired, but for the type of its time. */
const death = (next, i, queue, reason) => ({
  count: 1 + (next() % 9),
  exchange: EXCHANGE,
  queue,
  reason,
  "routing-keys": [ROUTING_KEY],
  time: EPOCH + i,
});

function thirtyHeaders(next, i) {
  return {
    "app-id": "storefront",
    "app-version": "4.18.2-rc.1",
    "cart-items": 1 + (next() % 40),
    "cart-total": (1 + (next() % 99_999)) / 100 + 0.001,
    channel: among(next, ["web", "ios", "android", "kiosk"]),
    country: among(next, ["DE", "FR", "SE", "PL", "IT"]),
    coupon: null,
    currency: "EUR",
    "customer-id": next() % 2_000_000_000,
    environment: "production",
    experiment: { arm: among(next, ["a", "b"]), name: "checkout-2", weight: 0.25 },
    "first-order": next() % 8 === 0,
    "gift-wrap": false,
    host: "node-17.shop.internal",
    language: among(next, ["de", "fr", "sv", "pl", "it"]),
    "loyalty-tier": among(next, ["none", "silver", "gold"]),
    "order-number": 10_000_000 + i,
    partition: next() % 64,
    priority: "normal",
    region: "eu-west-1",
    "retry-after-ms": 30_000,
    sampled: i % 16 === 0,
    "schema-version": 7,
    "span-id": hex(next, 8) + hex(next, 8),
    "trace-id": hex(next, 8) + hex(next, 8) + hex(next, 8) + hex(next, 8),
    warehouse: among(next, ["BER-1", "BER-2", "LYS-1"]),
    "x-death": [death(next, i, "orders.retry", "expired"), death(next, i, "orders", "rejected")],
    "x-first-death-exchange": EXCHANGE,
    "x-first-death-queue": "orders",
    "x-first-death-reason": "rejected",
  };
}

/** W1's four headers and, as the bits of a number say, five more: 32 sequences of keys, which all begin with `attempt`. */
function someHeaders(next, i) {
  const which = next() % 32;
  const headers = fourHeaders(i);
  if (which & 1) headers["cart"] = 1 + (i % 7);
  if (which & 2) headers["priority"] = "normal";
  if (which & 4) headers["tenant"] = "acme";
  if (which & 8) headers["x-canary"] = i % 3 === 0;
  if (which & 16) headers["x-zone"] = "b";
  return headers;
}

export const workloads = {
  W1: {
    title: "small deliveries with headers",
    message: (next, i) => deliver(i, rich(next, i, fourHeaders(i)), 128),
  },
  W2: {
    title: "bare deliveries",
    message: (next, i) => deliver(i, { deliveryMode: 2 }, 12),
  },
  W3: {
    title: "publishes of 1 KiB",
    message: () => ({
      method: "publish",
      fields: { exchange: EXCHANGE, routingKey: ROUTING_KEY, mandatory: false, immediate: false },
      properties: { contentType: "application/json", deliveryMode: 2 },
      body: body(1024),
    }),
  },
  W4: {
    title: "acks",
    message: (next, i) => ({ method: "ack", fields: { deliveryTag: i + 1, multiple: false } }),
  },
  W5: {
    title: "deliveries with large tables",
    message: (next, i) => deliver(i, rich(next, i, thirtyHeaders(next, i)), 64),
  },
  W6: {
    title: "bodies of 128 KiB",
    message: (next, i) => deliver(i, { deliveryMode: 2 }, 131072),
  },
  W7: {
    title: "text beyond ASCII",
    message: (next, i) =>
      deliver(
        i,
        rich(next, i, {
          Größe: among(next, ["klein", "mittel", "groß"]),
          pays: "République française",
          версия: i % 5,
          地域: among(next, ["東京", "大阪", "札幌"]),
        }),
        128,
        "заказы.создан.eu",
      ),
  },
  W8: {
    title: "deliveries with many sequences of header keys",
    message: (next, i) => deliver(i, rich(next, i, someHeaders(next, i)), 128),
  },
};
