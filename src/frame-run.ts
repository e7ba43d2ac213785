/** Runs of frames that a cursor passes by in one go. */
import type { Core } from "./core.js";
import * as State from "./generated/state.js";
import { MOST_WINDOW, type InputWindow } from "./input-window.js";
import { DEFAULT_MAX_BODY_SIZE, ENVELOPE, FRAME_MAX_LIMIT, optionInRange, type DecodeSettings } from "./limits.js";

/** What a frame must be to be passed by in a run; others are left to `next`, which says more of them. */
export interface FrameRunLimits {
  /** Largest frame in octets, envelope and all: 8 to 2147483647. Defaults to what the cursor itself takes. */
  frameMax?: number | undefined;
  /** Highest channel: 1 to 65535. Defaults to 65535. */
  channelMax?: number | undefined;
  /** Largest body of a content in octets: 0 to 2147483647. Defaults to 536870912 (512 MiB). */
  maxBodySize?: number | undefined;
}

/** Frames that stand one behind the other. */
export interface FrameRun {
  /** All of them. A view of the chunk. */
  octets: Uint8Array;
  /** How many. */
  frames: number;
  /** How many contents are among them. */
  contents: number;
}

/** Shortest run: an acknowledgement. */
const SHORTEST = 21;

/** The run that begins at `at`; `undefined` where none does. @throws EncodeError where a limit is out of range. */
export function frameRun(
  core: Core,
  settings: DecodeSettings,
  window: InputWindow,
  octets: Uint8Array,
  at: number,
  limits: FrameRunLimits,
): FrameRun | undefined {
  const { strict, maxDepth, maxFields } = settings;
  const frameMax = optionInRange("frameMax", limits.frameMax ?? FRAME_MAX_LIMIT, ENVELOPE, FRAME_MAX_LIMIT) - ENVELOPE;
  const channelMax = optionInRange("channelMax", limits.channelMax ?? 0xffff, 1, 0xffff);
  const maxBodySize = optionInRange("maxBodySize", limits.maxBodySize ?? DEFAULT_MAX_BODY_SIZE, 0, FRAME_MAX_LIMIT);
  const most = Math.min(frameMax, settings.frameMax);
  const from = at;
  let frames = 0;
  let contents = 0;
  while (octets.length - at >= SHORTEST) {
    const offset = window.load(octets, at, at + SHORTEST);
    const length = window.to - window.from;
    const end =
      core.exports.passRun(offset, length, most, channelMax, maxBodySize, strict ? 1 : 0, maxDepth, maxFields) - offset;
    frames += core.state(State.RUN_FRAMES);
    contents += core.state(State.RUN_CONTENTS);
    at += end;
    if (core.state(State.RUN_CUT) === 0 || window.to === octets.length) break;
    // From its beginning on there is more to see, unless there was no more room.
    if (end === 0 && offset === 0 && length >= MOST_WINDOW) break;
    window.drop();
  }
  if (at === from) return undefined;
  return { octets: new Uint8Array(octets.buffer, octets.byteOffset + from, at - from), frames, contents };
}
