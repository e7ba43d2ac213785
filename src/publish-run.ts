/** Publishes that stand one behind the other in a chunk, as the core finds them. */
import type { Core } from "./core.js";
import type { CutMessage } from "./cut-message.js";
import type { RunLimits } from "./frame-run.js";
import * as State from "./generated/state.js";
import { MOST_WINDOW, type InputWindow } from "./input-window.js";
import { ENVELOPE, type DecodeSettings } from "./limits.js";

/** Shortest publish with its content header. */
const SHORTEST = 2 * ENVELOPE + 9 + 14;
/** No place in a chunk that is farther than this fits into a word. */
export const FARTHEST = 0x3fffffff;

/** Publishes that stand next in the octets, up to `most` with payloads of `frameMax` octets at most; answers how many. Their places in the octets are in the region for passing. The first may be one that was cut, and goes on with these octets: its beginning then has places below 0. */
export function findPublishes(
  core: Core,
  settings: DecodeSettings,
  window: InputWindow,
  octets: Uint8Array,
  at: number,
  { frameMax, channelMax }: RunLimits,
  maxBodySize: number,
  writerMax: number,
  most: number,
  cut?: CutMessage,
): number {
  const largest = Math.min(frameMax - ENVELOPE, settings.frameMax, writerMax - ENVELOPE);
  const { strict, maxDepth, maxFields } = settings;
  while ((octets.length - at >= SHORTEST || cut !== undefined) && at < FARTHEST) {
    let offset = 0;
    if (cut === undefined) offset = window.load(octets, at, at + SHORTEST);
    else window.loadBehind(cut.octets, cut.length, octets);
    const { from } = window;
    const length = window.to - from;
    // Their places are there.
    window.waiting?.settle();
    const { exports } = core;
    const count = exports.publishes(
      offset,
      length,
      largest,
      channelMax,
      maxBodySize,
      strict ? 1 : 0,
      maxDepth,
      maxFields,
      from,
      most,
    );
    if (count > 0 || cut !== undefined) return count;
    // From its beginning on there is more to see, unless there was no more room.
    if (core.state(State.RUN_CUT) === 0 || window.to === octets.length) return 0;
    if (offset === 0 && length >= MOST_WINDOW) return 0;
    window.drop();
  }
  return 0;
}
