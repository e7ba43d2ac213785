/** The error that the core found in a frame of its input. */
import type { Core } from "./core.js";
import { decodeFailure } from "./decode-failure.js";
import type { DecodeError } from "./errors.js";
import { commandClass } from "./generated/commands.js";
import { FRAME_HEADER_SIZE } from "./generated/constants.js";
import { Flag } from "./generated/flags.js";
import { Properties } from "./generated/properties.js";
import * as State from "./generated/state.js";
import { Status } from "./generated/status.js";
import { withTape } from "./input.js";
import type { DecodeSettings } from "./limits.js";
import { factsOf } from "./methods.js";
import { beginStrings } from "./strings.js";

/** `base` is the offset in the stream of the input's first octet, `length` its octets; `channel` that of the frame, where the core was not given its head. */
export function frameFailure(
  core: Core,
  settings: DecodeSettings,
  base: number,
  length: number,
  channel?: number,
): DecodeError {
  const { frameMax, maxDepth, maxFields } = settings;
  const method = core.state(State.ERROR_METHOD) | 0;
  const header = core.state(State.ERROR_CLASS_ID) === 60 && core.state(State.ERROR_METHOD_ID) === 0;
  const frame = core.state(State.CONSUMED);
  return decodeFailure(core, {
    base,
    names: header ? Properties.attributes : method < 0 ? [] : factsOf(commandClass(method).prototype).slots,
    frameMax,
    maxDepth,
    maxFields,
    end: frame + FRAME_HEADER_SIZE + (core.exports.longAt(frame + 3) >>> 0),
    header,
    length,
    ...(channel === undefined ? {} : { channel }),
  });
}

/**
 * What the core finds wrong in one frame, or in the beginning of one; `undefined` where it is good so far: then the state word NEED says how many octets the next step wants. `base` is the offset in the stream of the
 * frame's first octet.
 */
export function judgeFrame(
  core: Core,
  settings: DecodeSettings,
  octets: Uint8Array,
  base: number,
): DecodeError | undefined {
  const { frameMax, maxDepth, maxFields, strict } = settings;
  const flags = Flag.ONE | Flag.EXACT | (base === 0 ? Flag.FIRST : 0) | (strict ? Flag.STRICT : 0);
  const status = withTape(core, octets, () => core.exports.read(octets.length, flags, frameMax, maxDepth, maxFields));
  beginStrings(core);
  return status === Status.ERROR ? frameFailure(core, settings, base, octets.length) : undefined;
}
