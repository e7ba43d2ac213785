/** Runs of frames that a cursor passes by in one go. */
import type { Core } from "./core.js";
import { BASIC_ACK, FIXED_SIZES } from "./generated/method-arguments.js";
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
  /** All of them. A view of the chunk; of a run that begins with a publish that two chunks had a part of, a copy, which has to be asked for before the next `next`. */
  octets: Uint8Array;
  /** How many. */
  frames: number;
  /** How many contents are among them. */
  contents: number;
}

/** What to do with runs on other channels than they came on. */
export interface ForwardRunOptions extends FrameRunLimits {
  /**
   * Channel that the frames of a channel go out on, 1 to 65535; asked once for all frames of one channel that follow each other. `undefined` ends the run before them. It may use the writer and other cursors, and must not move this one. Left out: the channels stay.
   */
  channelOf?: ((channel: number) => number | undefined) | undefined;
}

/** Which frames make up the run, what channel they get, and who gets them, piece by piece: from one offset in the core's input to another. */
export interface Rewriting {
  /** Largest frame that can be taken, envelope and all. */
  frameMax: number;
  only: number;
  channel: number;
  /** Whether the run goes on with the one before it. */
  goesOn: boolean;
  take(from: number, to: number): void;
}

/** Limits with all defaults in place. */
export type RunLimits = { readonly [N in keyof FrameRunLimits]-?: number };

const ALL: RunLimits = { frameMax: FRAME_MAX_LIMIT, channelMax: 0xffff, maxBodySize: DEFAULT_MAX_BODY_SIZE };

/** Checks limits and fills in defaults: to be done before anything else, because a getter among them may run anything. @throws EncodeError that names the limit and its range. */
export function runLimits({
  frameMax = FRAME_MAX_LIMIT,
  channelMax = 0xffff,
  maxBodySize = DEFAULT_MAX_BODY_SIZE,
}: FrameRunLimits): RunLimits {
  if (frameMax === ALL.frameMax && channelMax === ALL.channelMax && maxBodySize === ALL.maxBodySize) return ALL;
  return {
    frameMax: optionInRange("frameMax", frameMax, ENVELOPE, FRAME_MAX_LIMIT),
    channelMax: optionInRange("channelMax", channelMax, 1, 0xffff),
    maxBodySize: optionInRange("maxBodySize", maxBodySize, 0, FRAME_MAX_LIMIT),
  };
}

/** Shortest run: an acknowledgement. */
const SHORTEST = ENVELOPE + FIXED_SIZES[BASIC_ACK]!;

/** The run that begins at `at`; `undefined` where none does. */
export function frameRun(
  core: Core,
  settings: DecodeSettings,
  window: InputWindow,
  octets: Uint8Array,
  at: number,
  { frameMax, channelMax, maxBodySize }: RunLimits,
  rewriting?: Rewriting,
): FrameRun | undefined {
  const { strict, maxDepth, maxFields } = settings;
  const most = Math.min(frameMax - ENVELOPE, settings.frameMax, (rewriting?.frameMax ?? FRAME_MAX_LIMIT) - ENVELOPE);
  const from = at;
  let frames = 0;
  let contents = 0;
  while (octets.length - at >= SHORTEST) {
    const offset = window.load(octets, at, at + SHORTEST);
    const length = window.to - window.from;
    const { exports } = core;
    const stop = exports.passRun(
      offset,
      length,
      most,
      channelMax,
      rewriting?.only ?? 0,
      rewriting?.channel ?? 0,
      maxBodySize,
      strict ? 1 : 0,
      maxDepth,
      maxFields,
    );
    const end = stop - offset;
    const cut = core.state(State.RUN_CUT);
    frames += core.state(State.RUN_FRAMES);
    contents += core.state(State.RUN_CONTENTS);
    if (end > 0) rewriting?.take(offset, stop);
    at += end;
    if (cut === 0 || window.to === octets.length) break;
    // From its beginning on there is more to see, unless there was no more room.
    if (end === 0 && offset === 0 && length >= MOST_WINDOW) break;
    window.drop();
  }
  if (at === from) return undefined;
  return { octets: new Uint8Array(octets.buffer, octets.byteOffset + from, at - from), frames, contents };
}
