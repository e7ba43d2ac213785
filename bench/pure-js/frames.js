import { bytes } from "./fields.js";
import { properties } from "./properties.js";

/** What a reader hands out. Each class has all its fields from its constructor on, so that V8 sees one shape of it. */

export class Deliver {
  constructor(channel, consumerTag, deliveryTag, redelivered, exchange, routingKey) {
    this.channel = channel;
    this.consumerTag = consumerTag;
    this.deliveryTag = deliveryTag;
    this.redelivered = redelivered;
    this.exchange = exchange;
    this.routingKey = routingKey;
  }
}

export class Publish {
  constructor(channel, ticket, exchange, routingKey, mandatory, immediate) {
    this.channel = channel;
    this.ticket = ticket;
    this.exchange = exchange;
    this.routingKey = routingKey;
    this.mandatory = mandatory;
    this.immediate = immediate;
  }
}

export class Ack {
  constructor(channel, deliveryTag, multiple) {
    this.channel = channel;
    this.deliveryTag = deliveryTag;
    this.multiple = multiple;
  }
}

/** Any other method: its arguments stay octets. */
export class OtherMethod {
  constructor(channel, classId, methodId, octets) {
    this.channel = channel;
    this.classId = classId;
    this.methodId = methodId;
    this.octets = octets;
  }
}

export class Heartbeat {
  constructor() {
    this.channel = 0;
  }
}

export class Properties {
  constructor(
    contentType,
    contentEncoding,
    headers,
    deliveryMode,
    priority,
    correlationId,
    replyTo,
    expiration,
    messageId,
    timestamp,
    type,
    userId,
    appId,
    clusterId,
  ) {
    this.contentType = contentType;
    this.contentEncoding = contentEncoding;
    this.headers = headers;
    this.deliveryMode = deliveryMode;
    this.priority = priority;
    this.correlationId = correlationId;
    this.replyTo = replyTo;
    this.expiration = expiration;
    this.messageId = messageId;
    this.timestamp = timestamp;
    this.type = type;
    this.userId = userId;
    this.appId = appId;
    this.clusterId = clusterId;
  }
}

export class ContentHeader {
  constructor(channel, bodySize, properties) {
    this.channel = channel;
    this.bodySize = bodySize;
    this.properties = properties;
  }
}

export class ContentBody {
  constructor(channel, value) {
    this.channel = channel;
    this.value = value;
  }
}

const HEAD = 7;
const PROPERTIES = HEAD + 12;

/** A content header that decodes its properties when they are asked for. It knows where its frame stands, and nothing else. */
export class LazyContentHeader {
  constructor(channel, bodySize, source, at) {
    this.channel = channel;
    this.bodySize = bodySize;
    this.source = source;
    this.at = at;
  }

  get properties() {
    if (this.at >= 0) {
      const { octets, view } = this.source;
      const end = this.at + HEAD + view.getInt32(this.at + 3);
      this.source = properties(octets, view, this.at + PROPERTIES, end);
      this.at = -1;
    }
    return this.source;
  }
}

/** A content body that makes its view when it is asked for it. */
export class LazyContentBody {
  constructor(channel, source, at) {
    this.channel = channel;
    this.source = source;
    this.at = at;
  }

  get value() {
    if (this.at >= 0) {
      this.source = payloadAt(this.source, this.at);
      this.at = -1;
    }
    return this.source;
  }

  get length() {
    return this.at >= 0 ? this.source.view.getInt32(this.at + 3) : this.source.length;
  }
}

function payloadAt({ octets, view }, at) {
  return bytes(octets, at + HEAD, view.getInt32(at + 3));
}

/** `at` is the place of the frame that has the body; -1 where `source` is the body. */
export class Message {
  constructor(channel, method, properties, source, at) {
    this.channel = channel;
    this.method = method;
    this.properties = properties;
    this.source = source;
    this.at = at;
  }

  get body() {
    if (this.at >= 0) {
      this.source = payloadAt(this.source, this.at);
      this.at = -1;
    }
    return this.source;
  }
}

export class Timestamp {
  constructor(seconds) {
    this.seconds = seconds;
  }
}

export class Decimal {
  constructor(scale, unscaled) {
    this.scale = scale;
    this.unscaled = unscaled;
  }
}

const names = {
  "Basic.Deliver": Deliver,
  "Basic.Publish": Publish,
  "Basic.Ack": Ack,
  Method: OtherMethod,
  Heartbeat,
  ContentHeader,
  ContentBody,
  Message,
};
for (const [name, type] of Object.entries(names)) Object.defineProperty(type.prototype, "name", { value: name });
Object.defineProperty(LazyContentHeader.prototype, "name", { value: "ContentHeader" });
Object.defineProperty(LazyContentBody.prototype, "name", { value: "ContentBody" });
