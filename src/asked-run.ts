/** Deliveries to consumers that are asked for with each publish. */
import type { CommandTape } from "./command-tape.js";
import { consumerWords, MOST_CONSUMERS, type Consumer } from "./consumers.js";
import { assertRun, cursorMoved, type Deliverer, type DeliverRun } from "./deliver-run.js";
import { deliveredRun } from "./delivered-run.js";
import type { PublishSource } from "./forward-run.js";
import { runLimits, type FrameRun, type FrameRunLimits } from "./frame-run.js";
import { PLACE_WORDS } from "./generated/limits.js";
import { coreWasUsed } from "./put-consumers.js";

/** See `FrameWriter.deliverRun`; `writer` has its frame-max, which may be set meanwhile. */
export function runAsked<Source extends PublishSource>(
  run: DeliverRun,
  tape: CommandTape,
  source: Source,
  consumersOf: (publish: Source) => readonly Consumer[] | undefined,
  limits: FrameRunLimits,
  writer: { readonly frameMax: number },
  deliverer: Deliverer,
): FrameRun | undefined {
  const { core } = tape;
  assertRun(source, consumersOf, core);
  const all = runLimits(limits);
  tape.assertIdle();
  const within = run.running;
  let { frameMax } = writer;
  let found = run.search(source, all, frameMax);
  if (found === 0) return undefined;
  const { window, position: from } = source;
  const kept = consumerWords(core);
  let contents = 0;
  let empty = 0;
  let at = from;
  try {
    search: for (; found > 0; found = run.search(source, all, frameMax)) {
      for (let i = 0, place = core.passing; i < found; i++, place += PLACE_WORDS) {
        const { words } = core;
        const body = words[place + 2]!;
        const end = words[place + 3]!;
        source.enter(at, words[place + 1]!, body, end);
        const consumers = consumersOf(source);
        if (core.words.length === 0) core.refresh();
        if (!source.stands(at, end)) throw cursorMoved();
        if (consumers === undefined) {
          source.leave();
          break search;
        }
        at = end;
        contents += 1;
        if (body === end) empty += 1;
        const count = consumers.length;
        let to = run.at;
        // What waits may be of a run that was asked for meanwhile.
        if (to === 0 || to > run.last || window.waiting !== run) to = run.open(window, i);
        if (to !== 0 && count <= MOST_CONSUMERS && writer.frameMax === frameMax) {
          const { words } = core;
          // A getter among them may be what wants to write, or to read.
          tape.busy = true;
          let behind = kept.tape(consumers, count, to + 1);
          if (behind < 0) {
            tape.busy = false;
            // Tags that are kept may have to go.
            to = run.open(window, i);
            if (to === 0) throw coreWasUsed();
            tape.busy = true;
            behind = kept.tapeOthers(consumers, count, to + 1);
          }
          tape.busy = false;
          if (core.words !== words || words.length === 0 || core.inputOwner !== window) throw coreWasUsed();
          words[to] = count;
          run.at = behind;
          continue;
        }
        const before = frameMax;
        ({ frameMax } = writer);
        deliverer.deliver(source, consumers, frameMax);
        if (window.waiting !== run || frameMax !== before) {
          run.startAnew();
          break;
        }
      }
    }
  } finally {
    tape.busy = false;
    run.running = within;
    source.separate!();
  }
  return deliveredRun(source, from, at, contents, empty);
}
