/** Runs of frames from a cursor to a writer, checked by the core in one call for all of them. */
import type { CommandTape } from "./command-tape.js";
import type { Core } from "./core.js";
import { EncodeError } from "./errors.js";
import type { ForwardRun, RunSource } from "./forward-run.js";
import { runLimits, type ForwardRunOptions, type FrameRun, type Rewriting, type RunLimits } from "./frame-run.js";
import { kind } from "./kind.js";
import { optionInRange } from "./limits.js";

/** A cursor. */
interface CursorSource extends RunSource {
  readonly core: Core;
  readonly nextChannel: number;
  readonly nextOffset: number;
  takeRun(limits: RunLimits, rewriting: Rewriting): FrameRun | undefined;
}

/** See `FrameWriter.forwardRun`; `frameMax` is the writer's. */
export function writeRun(
  tape: CommandTape,
  waiting: ForwardRun,
  source: CursorSource,
  options: ForwardRunOptions,
  frameMax: number,
): FrameRun | undefined {
  const { core } = tape;
  if (source.core !== core) throw new EncodeError("cursor and writer belong to different cores");
  const { channelOf } = options;
  if (channelOf !== undefined && typeof channelOf !== "function") {
    throw new EncodeError(`function required, received ${kind(channelOf)}`, "channelOf");
  }
  let from = source.nextChannel;
  if (from <= 0) return undefined;
  const limits = runLimits(options);
  tape.assertIdle();
  const take = (begin: number, end: number): void => {
    waiting.add(source, begin, end);
  };
  let all: FrameRun | undefined;
  for (; from > 0; from = source.nextChannel) {
    let only = 0;
    let channel: number | undefined = 0;
    if (channelOf !== undefined) {
      const offset = source.nextOffset;
      only = from;
      channel = channelOf(from);
      if (source.nextOffset !== offset) throw new EncodeError("channelOf must not move the cursor", "channelOf");
      if (channel === undefined) break;
      optionInRange("channel", channel, 1, 0xffff);
    }
    const run = source.takeRun(limits, { frameMax, only, channel, goesOn: all !== undefined, take });
    if (run === undefined) break;
    all = all === undefined ? run : joined(all, run);
    if (channelOf === undefined) break;
  }
  return all;
}

/** Two runs that stand one behind the other in a chunk. */
function joined(first: FrameRun, second: FrameRun): FrameRun {
  const { buffer, byteOffset, length } = first.octets;
  return {
    octets: new Uint8Array(buffer, byteOffset, length + second.octets.length),
    frames: first.frames + second.frames,
    contents: first.contents + second.contents,
  };
}
