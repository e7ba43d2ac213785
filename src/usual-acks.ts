/** Acknowledgements in a row, as a server gets them: made one behind the other with nothing in between. */
import type { Core } from "./core.js";
import type { Frame } from "./frame.js";
import { ACK, readAck } from "./generated/commands.js";
import { Kind } from "./generated/kinds.js";

/** Words of an acknowledgement's record. */
export const ACK_WORDS = 7;
/** What such a record has for its method: the record's length stands above. */
export const ACK_METHOD = ACK | (ACK_WORDS << 8);

/** Takes acknowledgements from the tape at `at` to the array's places from `index` to `end`; answers the first place that is free. Each took `ACK_WORDS` of the tape. */
export function takeAcks(core: Core, at: number, frames: Frame[], index: number, end: number): number {
  const words = core.words;
  for (; index < end; index++, at += ACK_WORDS) {
    if (words[at + 3] !== ACK_METHOD || (words[at]! & 0xff) !== Kind.METHOD) break;
    frames[index] = readAck(core, words, at) as Frame;
  }
  return index;
}
