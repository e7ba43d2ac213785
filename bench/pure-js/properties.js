import { Properties, Timestamp } from "./frames.js";
import { unsigned64 } from "./numbers.js";
import { CORRELATION_ID, gather, MESSAGE_ID } from "./pool.js";
import { intern, string } from "./strings.js";
import { table } from "./tables.js";
import { wrong } from "./errors.js";

function cutShort() {
  wrong("properties that are cut short");
}

/** Property flags, then values, from `at` to `end`. */
export function properties(octets, dv, at, end) {
  if (end - at < 2) cutShort();
  const flags = dv.getUint16(at);
  if ((flags & 3) !== 0) wrong("property flags that are not known");
  at += 2;
  let contentType;
  let contentEncoding;
  let headers;
  let deliveryMode;
  let priority;
  let correlationId;
  let replyTo;
  let expiration;
  let messageId;
  let timestamp;
  let type;
  let userId;
  let appId;
  let clusterId;
  let n;
  if ((flags & 0x8000) !== 0) {
    if (at >= end || (n = dv.getUint8(at++)) > end - at) cutShort();
    contentType = intern(octets, dv, at, n, 0);
    at += n;
  }
  if ((flags & 0x4000) !== 0) {
    if (at >= end || (n = dv.getUint8(at++)) > end - at) cutShort();
    contentEncoding = intern(octets, dv, at, n, 0);
    at += n;
  }
  if ((flags & 0x2000) !== 0) {
    if (end - at < 4 || (n = dv.getInt32(at)) < 0 || n > end - at - 4) cutShort();
    at += 4;
    headers = table(octets, dv, at, at + n, 0);
    at += n;
  }
  if ((flags & 0x1000) !== 0) {
    if (at >= end) cutShort();
    deliveryMode = dv.getUint8(at++);
  }
  if ((flags & 0x800) !== 0) {
    if (at >= end) cutShort();
    priority = dv.getUint8(at++);
  }
  if ((flags & 0x400) !== 0) {
    if (at >= end || (n = dv.getUint8(at++)) > end - at) cutShort();
    correlationId = gather(dv, at, n, CORRELATION_ID) ? "" : string(octets, dv, at, n);
    at += n;
  }
  if ((flags & 0x200) !== 0) {
    if (at >= end || (n = dv.getUint8(at++)) > end - at) cutShort();
    replyTo = intern(octets, dv, at, n, 0);
    at += n;
  }
  if ((flags & 0x100) !== 0) {
    if (at >= end || (n = dv.getUint8(at++)) > end - at) cutShort();
    expiration = intern(octets, dv, at, n, 0);
    at += n;
  }
  if ((flags & 0x80) !== 0) {
    if (at >= end || (n = dv.getUint8(at++)) > end - at) cutShort();
    messageId = gather(dv, at, n, MESSAGE_ID) ? "" : string(octets, dv, at, n);
    at += n;
  }
  if ((flags & 0x40) !== 0) {
    if (end - at < 8) cutShort();
    const high = dv.getInt32(at);
    const low = dv.getInt32(at + 4);
    timestamp = new Timestamp(high === 0 && low >= 0 ? low : unsigned64(high, low));
    at += 8;
  }
  if ((flags & 0x3c) !== 0) {
    if ((flags & 0x20) !== 0) {
      if (at >= end || (n = dv.getUint8(at++)) > end - at) cutShort();
      type = intern(octets, dv, at, n, 0);
      at += n;
    }
    if ((flags & 0x10) !== 0) {
      if (at >= end || (n = dv.getUint8(at++)) > end - at) cutShort();
      userId = intern(octets, dv, at, n, 0);
      at += n;
    }
    if ((flags & 8) !== 0) {
      if (at >= end || (n = dv.getUint8(at++)) > end - at) cutShort();
      appId = intern(octets, dv, at, n, 0);
      at += n;
    }
    if ((flags & 4) !== 0) {
      if (at >= end || (n = dv.getUint8(at++)) > end - at) cutShort();
      clusterId = intern(octets, dv, at, n, 0);
      at += n;
    }
  }
  if (at !== end) wrong("octets behind the properties");
  return new Properties(
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
  );
}
