/** Acknowledgements in a row, as a server gets them: made one behind the other with nothing in between. */
import type { Frame } from "./frame.js";
import { ACK, NewAck } from "./generated/commands.js";
import { Kind } from "./generated/kinds.js";
import { unsignedLonglong } from "./longlong.js";
import type { Longlong } from "./types.js";

/** Words of an acknowledgement's record. */
const ACK_WORDS = 7;
/** What such a record has for its method: the record's length stands above. */
const ACK_METHOD = ACK | (ACK_WORDS << 8);

const Ack = NewAck as new (channel: number, deliveryTag: Longlong, multiple: boolean) => Frame;

/** Whether the record at this word is that of acknowledgements. */
export function areAcks(words: Int32Array, at: number): boolean {
  return words[at + 3] === ACK_METHOD && (words[at]! & 0xff) === Kind.METHOD;
}

/** Where the tape goes on behind the acknowledgements that were taken last. */
export let acksEnd = 0;

/** Takes acknowledgements from the tape at `at` to the array's places from `index` on, which has places for all that are on the tape; answers the first place that is free. */
export function takeAcks(words: Int32Array, at: number, frames: Frame[], index: number, end: number): number {
  while (index < end && areAcks(words, at)) {
    const channel = words[at]! >>> 16;
    const tag = unsignedLonglong(words[at + 4]!, words[at + 5]!);
    const bits = words[at + 6]!;
    const multiple = (bits & 1) !== 0;
    frames[index++] = new Ack(channel, tag, multiple);
    // Of those that follow the tags count up, from one of 31 bits.
    for (let more = bits >>> 8, next = words[at + 5]! + 1; more > 0; more--, next++)
      frames[index++] = new Ack(channel, next, multiple);
    at += ACK_WORDS;
  }
  acksEnd = at;
  return index;
}
