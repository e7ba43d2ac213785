/**
 * The tape: words that say what a read found, growing up from the region's start, and the offsets and lengths of strings that
 * must be taken from the input one by one, growing down from its end.
 */
import * as Limit from "./generated/limits";
import { tape, tapeCapacity } from "./memory";

/** Where the next word goes. */
export let top: usize = 0;
/** Lowest address that the strings at the far end use. */
export let bottom: usize = 0;

export function resetTape(): void {
  top = tape;
  bottom = tape + ((<usize>tapeCapacity) << 2);
}

export function rewindTape(toTop: usize, toBottom: usize): void {
  top = toTop;
  bottom = toBottom;
}

/** Inlined even where the build favours size: it stands in every loop. */
export class Tape {

  @inline static push(word: u32): void {
    store<u32>(top, word);
    top += 4;
  }

  /** The three words that every frame's record begins with, without moving the top. */

  @inline static head(kind: u32, channel: u32, offset: u32, size: u32): void {
    store<u32>(top, kind | (channel << 16));
    store<u32>(top, offset, 4);
    store<u32>(top, size, 8);
  }

  /** Whether behind `to` is room for what one field may need: its own four words, and the places of its key and value. */

  @inline static hasRoomForField(to: usize): bool {
    return bottom - to >= (Limit.FIELD_WORDS + 4) * 4;
  }

  /** Passes by words that were written past the top. */

  @inline static advance(words: usize): void {
    top += words << 2;
  }
}

/** Words between the two ends. */
export function room(): u32 {
  return (<u32>(bottom - top)) >> 2;
}

/** Index of the next word, counted from the region's start. */
export function index(): u32 {
  return (<u32>(top - tape)) >> 2;
}

/** Remembers a piece of the input and answers its number. */
export function pushDirect(offset: u32, octets: u32): u32 {
  bottom -= 8;
  store<u32>(bottom, offset);
  store<u32>(bottom, octets, 4);
  return (tapeCapacity - ((<u32>(bottom - tape)) >> 2)) / 2 - 1;
}

/** Words that any record may need beside its tables' fields: the fixed words of the longest and its strings' places. */
export function hasRoomForRecord(): bool {
  return room() >= Limit.RECORD_WORDS;
}
