import { EncodeError } from "./errors.js";
import { putTable } from "./put-tables.js";
import { putSeconds } from "./put-values.js";
import { putShort } from "./texts.js";

/** The properties in wire order, with the bits of their flags. */
export const flags = {
  contentType: 15,
  contentEncoding: 14,
  headers: 13,
  deliveryMode: 12,
  priority: 11,
  correlationId: 10,
  replyTo: 9,
  expiration: 8,
  messageId: 7,
  timestamp: 6,
  type: 5,
  userId: 4,
  appId: 3,
  clusterId: 2,
};
const names = Object.keys(flags);

/** What all properties but the headers may take, with their frame. */
export const MOST_OCTETS = 4096;

/** Property flags and values of any object: the general way, for shapes that are seen for the first times. Answers where they end. */
export function putProperties(writer, properties, at) {
  const start = at - writer.begun;
  at += 2;
  let present = 0;
  for (const name of names) {
    const value = properties[name];
    if (value === undefined || value === null) continue;
    present |= 1 << flags[name];
    if (name === "headers") {
      at = putTable(writer, value, at);
      at = writer.room(at, MOST_OCTETS);
    } else if (name === "deliveryMode" || name === "priority") {
      if ((value & 0xff) !== value) throw new EncodeError(`${name} out of its range`);
      writer.view.setUint8(at++, value);
    } else if (name === "timestamp") {
      putSeconds(writer.view, value, at);
      at += 8;
    } else {
      if (typeof value !== "string") throw new EncodeError(`${name} is no string`);
      if (name === "messageId" || name === "correlationId") at = writer.putId(value, at);
      else at = putShort(writer, value, at, 0);
    }
  }
  writer.view.setInt16(writer.begun + start, present);
  return at;
}
