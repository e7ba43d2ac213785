import { generateStores } from "./generate-writer.js";
import { copyInto } from "./slab.js";
import { putText, shortOctets } from "./texts.js";
import { EncodeError } from "./errors.js";

const FRAME_END = 0xce;
/** A prefix that is used so often is stored by code of its own, as constants. */
const USES = 32;
const MOST_GENERATED = 256;
const MOST_KEPT = 1024;
/** What a publish frame and the begin of a content header may take. */
export const MOST_PREFIX = 7 + 6 + 256 + 256 + 2 + 11;

/** What stands before the body size: a publish frame, and a content header frame as far as it is the same for all. */
class Prefix {
  constructor(exchange, routingKey, mandatory, immediate) {
    this.exchange = exchange;
    this.routingKey = routingKey;
    this.mandatory = mandatory;
    this.immediate = immediate;
    const octets = Buffer.concat([
      Buffer.of(1, 0, 0, 0, 0, 0, 0, 0, 60, 0, 40, 0, 0),
      shortOctets(exchange),
      shortOctets(routingKey),
      Buffer.of((mandatory ? 1 : 0) | (immediate ? 2 : 0), FRAME_END),
    ]);
    octets.writeInt32BE(octets.length - 8, 3);
    /** Where the content header frame begins. */
    this.header = octets.length;
    this.octets = Buffer.concat([octets, Buffer.of(2, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0)]);
    this.uses = 0;
    this.write = undefined;
  }

  put(writer, at) {
    copyInto(writer.octets, this.octets, at);
    if (++this.uses === USES && generated < MOST_GENERATED) {
      generated += 1;
      this.write = generateStores(this.octets);
    }
  }
}

let generated = 0;
const prefixes = new Map();

export const noPrefix = new Prefix("", "", false, false);

/** What is kept for a publish; undefined where its routing key is seen for the first time. */
export function prefixOf({ exchange, routingKey, mandatory, immediate }) {
  const known = prefixes.get(routingKey);
  if (known === undefined) {
    if (prefixes.size >= MOST_KEPT) prefixes.clear();
    prefixes.set(routingKey, null);
    return undefined;
  }
  if (known !== null && known.exchange === exchange && known.mandatory === mandatory && known.immediate === immediate)
    return known;
  const made = new Prefix(exchange, routingKey, mandatory, immediate);
  prefixes.set(routingKey, made);
  return made;
}

/** Writes what a prefix would be, without keeping it. Answers how far behind `begin` the content header frame begins. */
export function putPrefix(writer, { exchange, routingKey, mandatory, immediate }, begin) {
  const { view } = writer;
  view.setUint8(begin, 1);
  view.setInt32(begin + 7, 0x003c0028);
  view.setInt16(begin + 11, 0);
  let at = putName(writer, exchange, begin + 13);
  at = putName(writer, routingKey, at);
  view.setUint8(at++, (mandatory ? 1 : 0) | (immediate ? 2 : 0));
  view.setInt32(begin + 3, at - begin - 7);
  view.setUint8(at++, FRAME_END);
  view.setUint8(at, 2);
  view.setInt32(at + 7, 0x003c0000);
  return at - begin;
}

function putName(writer, text, at) {
  const n = text.length > 255 ? text.length : putText(writer, text, at + 1);
  if (n > 255) throw new EncodeError("a name of more than 255 octets");
  writer.view.setUint8(at, n);
  return at + 1 + n;
}
