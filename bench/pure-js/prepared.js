import { copyInto } from "./slab.js";
import { MOST_OCTETS, putProperties } from "./put-properties.js";
import { putSeconds } from "./put-values.js";

const FRAME_END = 0xce;
const CORRELATION_ID = 0x400;
const MESSAGE_ID = 0x80;
const TIMESTAMP = 0x40;
/** Names in wire order: what stands before the correlation id, between it and the message id, and behind the timestamp. */
const parts = [
  ["contentType", "contentEncoding", "headers", "deliveryMode", "priority"],
  ["replyTo", "expiration"],
  ["type", "userId", "appId", "clusterId"],
];

/** A publish that was assembled once; each message's ids, timestamp and body are patched in. */
export class Prepared {
  /** `header`: where the content header frame begins in `begin`, which are the octets of a publish as far as its flags. */
  constructor(writer, begin, header, properties) {
    const lists = parts.map((names) => encoded(writer, pick(properties, names)));
    this.writer = writer;
    this.header = header;
    this.flags = lists.reduce((flags, list) => flags | list.readUInt16BE(0), 0);
    this.first = Buffer.concat([begin, lists[0]]);
    this.flagsAt = begin.length;
    this.second = lists[1].subarray(2);
    this.third = lists[2].subarray(2);
    this.messageId = properties.messageId;
    this.correlationId = properties.correlationId;
    this.timestamp = properties.timestamp;
    this.most = this.first.length + this.second.length + this.third.length + 1100;
  }

  publish(
    channel,
    body,
    { messageId = this.messageId, timestamp = this.timestamp, correlationId = this.correlationId },
  ) {
    const { writer } = this;
    const begin = writer.begin(this.most + body.length);
    writer.ids.begin(begin - writer.begun + this.header);
    const dv = writer.view;
    copyInto(writer.octets, this.first, begin);
    const header = begin + this.header;
    dv.setInt16(begin + 1, channel);
    dv.setInt16(header + 1, channel);
    dv.setInt32(header + 15, body.length);
    let { flags } = this;
    let at = begin + this.first.length;
    try {
      if (correlationId !== undefined) {
        flags |= CORRELATION_ID;
        at = writer.putId(correlationId, at);
      }
      if (this.second.length > 0) {
        copyInto(writer.octets, this.second, at);
        at += this.second.length;
      }
      if (messageId !== undefined) {
        flags |= MESSAGE_ID;
        at = writer.putId(messageId, at);
      }
      if (timestamp !== undefined) {
        flags |= TIMESTAMP;
        if ((timestamp | 0) === timestamp && timestamp >= 0) {
          dv.setInt32(at, 0);
          dv.setInt32(at + 4, timestamp);
        } else putSeconds(dv, timestamp, at);
        at += 8;
      }
    } catch (error) {
      writer.ids.takeBack();
      throw error;
    }
    if (this.third.length > 0) {
      copyInto(writer.octets, this.third, at);
      at += this.third.length;
    }
    dv.setInt16(begin + this.flagsAt, flags);
    dv.setInt32(header + 3, at - header - 7);
    dv.setUint8(at, FRAME_END);
    writer.finish(channel, body, at + 1);
  }
}

/** Property flags and values, written where the writer's next message is going to be, and taken from there. */
function encoded(writer, properties) {
  const from = writer.begin(MOST_OCTETS) - writer.begun;
  const end = putProperties(writer, properties, writer.begun + from);
  return Buffer.from(writer.octets.slice(writer.begun + from, end));
}

function pick(properties, names) {
  return Object.fromEntries(names.filter((name) => properties[name] != null).map((name) => [name, properties[name]]));
}
