import { Ack, Deliver, OtherMethod, Publish } from "./frames.js";
import { bytes } from "./fields.js";
import { unsigned64 } from "./numbers.js";
import { intern } from "./strings.js";
import { wrong } from "./errors.js";

const DELIVER = 0x003c003c;
const PUBLISH = 0x003c0028;
const ACK = 0x003c0050;

/** The method whose payload stands from `at` to `end`. */
export function method(octets, dv, at, end, channel) {
  if (end - at < 4) wrong("a method that is cut short");
  const index = dv.getInt32(at);
  if (index === DELIVER) return deliver(octets, dv, at, end, channel);
  if (index === ACK) {
    if (end - at !== 13) wrong("an ack of another size");
    return new Ack(channel, unsigned64(dv.getInt32(at + 4), dv.getInt32(at + 8)), (dv.getUint8(at + 12) & 1) !== 0);
  }
  if (index === PUBLISH) return publish(octets, dv, at, end, channel);
  return new OtherMethod(channel, index >>> 16, index & 0xffff, bytes(octets, at + 4, end - at - 4));
}

/**
 * Methods that were seen are kept as octets, found by their size and some octets, and compared wide: what stands before and behind the delivery tag takes two comparisons instead of three look-ups.
 */
const KEPT = 256;
const WORDS = 64;
const MOST = 120;
const BEFORE = 2;
const BEHIND = 32;
const kept = new Int32Array(KEPT * WORDS);
const consumerTags = new Array(KEPT).fill("");
const exchanges = new Array(KEPT).fill("");
const routingKeys = new Array(KEPT).fill("");

const placeOf = (dv, size, end) =>
  Math.imul(Math.imul(dv.getInt32(end - 3, true), 0x85ebca6b) + dv.getInt32(end - 9, true) + size, 0x9e3779b1) >>> 24;

/** Whether `n` octets at `at` are those kept at `word`; at least four. */
function same(dv, at, n, word) {
  const last = at + n - 4;
  while (at < last) {
    if (dv.getInt32(at, true) !== kept[word++]) return false;
    at += 4;
  }
  return dv.getInt32(last, true) === kept[word];
}

function keep(dv, at, n, word) {
  const last = at + n - 4;
  for (; at < last; at += 4) kept[word++] = dv.getInt32(at, true);
  kept[word] = dv.getInt32(last, true);
}

export function deliver(octets, dv, at, end, channel) {
  const size = end - at;
  // The least has three empty strings.
  if (size < 16) wrong("a method that is cut short");
  const place = placeOf(dv, size, end);
  const words = place * WORDS;
  if (kept[words] === size) {
    const before = kept[words + 1];
    const tag = at + before;
    if (same(dv, at, before, words + BEFORE) && same(dv, tag + 9, size + 1 - before - 9, words + BEHIND)) {
      const high = dv.getInt32(tag);
      const low = dv.getInt32(tag + 4);
      return new Deliver(
        channel,
        consumerTags[place],
        high === 0 && low >= 0 ? low : unsigned64(high, low),
        (dv.getUint8(tag + 8) & 1) !== 0,
        exchanges[place],
        routingKeys[place],
      );
    }
  }
  return deliverWhole(octets, dv, at, end, channel, place);
}

function deliverWhole(octets, dv, at, end, channel, place) {
  const size = end - at;
  let p = at + 4;
  let n = dv.getUint8(p++);
  // Behind it are the delivery tag, a bit and two lengths.
  if (n > end - p - 11) wrong("a method that is cut short");
  const consumerTag = intern(octets, dv, p, n, 0);
  const tag = (p += n);
  p += 9;
  n = dv.getUint8(p++);
  if (n > end - p - 1) wrong("a method that is cut short");
  const exchange = intern(octets, dv, p, n, 0);
  p += n;
  n = dv.getUint8(p++);
  if (n !== end - p) wrong("a method of another size than its arguments");
  const routingKey = intern(octets, dv, p, n, 0);
  const before = tag - at;
  const behind = end + 1 - tag - 9;
  if (before <= MOST && behind >= 4 && behind <= MOST) {
    const words = place * WORDS;
    kept[words] = size;
    kept[words + 1] = before;
    keep(dv, at, before, words + BEFORE);
    keep(dv, tag + 9, behind, words + BEHIND);
    consumerTags[place] = consumerTag;
    exchanges[place] = exchange;
    routingKeys[place] = routingKey;
  }
  return new Deliver(
    channel,
    consumerTag,
    unsigned64(dv.getInt32(tag), dv.getInt32(tag + 4)),
    (dv.getUint8(tag + 8) & 1) !== 0,
    exchange,
    routingKey,
  );
}

function publish(octets, dv, at, end, channel) {
  const size = end - at;
  if (size < 9) wrong("a method that is cut short");
  const place = placeOf(dv, size, end);
  const words = place * WORDS;
  // Its bits are its last octet: all of it is compared but for the ticket, which RabbitMQ ignores and everybody sends as 0.
  if (kept[words] === size && kept[words + 1] === 0 && same(dv, at, size, words + BEFORE)) {
    const bits = dv.getUint8(end - 1);
    return new Publish(channel, 0, exchanges[place], routingKeys[place], (bits & 1) !== 0, (bits & 2) !== 0);
  }
  return publishWhole(octets, dv, at, end, channel, place);
}

function publishWhole(octets, dv, at, end, channel, place) {
  const size = end - at;
  let p = at + 6;
  let n = dv.getUint8(p++);
  if (n > end - p - 2) wrong("a method that is cut short");
  const exchange = intern(octets, dv, p, n, 0);
  p += n;
  n = dv.getUint8(p++);
  if (n !== end - p - 1) wrong("a method of another size than its arguments");
  const routingKey = intern(octets, dv, p, n, 0);
  const ticket = dv.getUint16(at + 4);
  const bits = dv.getUint8(end - 1);
  if (size <= 2 * MOST && ticket === 0) {
    const words = place * WORDS;
    kept[words] = size;
    kept[words + 1] = 0;
    keep(dv, at, size, words + BEFORE);
    exchanges[place] = exchange;
    routingKeys[place] = routingKey;
  }
  return new Publish(channel, ticket, exchange, routingKey, (bits & 1) !== 0, (bits & 2) !== 0);
}
