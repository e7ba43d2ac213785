/** Deliveries to consumers that are asked for once for all publishes of a route: the core writes them with tags that it counts itself. */
import type { CommandTape } from "./command-tape.js";
import { MOST_CONSUMERS, consumerWords, type Consumer } from "./consumers.js";
import { assertRun, cursorMoved, type Deliverer, type DeliverRun } from "./deliver-run.js";
import { deliveredRun } from "./delivered-run.js";
import { EncodeError } from "./errors.js";
import type { PublishSource } from "./forward-run.js";
import { runLimits, type FrameRun, type FrameRunLimits } from "./frame-run.js";
import { PLACE_WORDS, ROUTED, ROUTE_WORDS, SAME_ROUTE } from "./generated/limits.js";
import { kind } from "./kind.js";
import { FRAME_MAX_LIMIT, optionInRange } from "./limits.js";
import { longAt } from "./long-at.js";
import { coreWasUsed } from "./put-consumers.js";
import { OneMessage, RoutedWords } from "./routed-words.js";

/** How `FrameWriter.deliverRun` goes about it. */
export interface DeliverRunOptions extends FrameRunLimits {
  /**
   * Whether consumers are asked for once for all publishes with the same exchange and routing key that follow each other, and not for each. They have to be `PreparedConsumer`s, whose `deliveryTag` then counts up by itself. Defaults to false.
   */
  routes?: boolean | undefined;
  /** Most publishes of a run with `routes`: 1 to 2147483647, which it defaults to. */
  maxContents?: number | undefined;
}

/** In a Publish: ids and ticket stand before the exchange, the octet of the bits behind the routing key, the frame-end behind that. */
const BEFORE_EXCHANGE = 13;
const BEHIND_ROUTING = 2;

/** See `FrameWriter.deliverRun`; `writer` has its frame-max, which may be set meanwhile. */
export function runRoutes<Source extends PublishSource>(
  run: DeliverRun,
  tape: CommandTape,
  source: Source,
  consumersOf: (publish: Source) => readonly Consumer[] | undefined,
  options: DeliverRunOptions,
  writer: { readonly frameMax: number },
  deliverer: Deliverer,
): FrameRun | undefined {
  const { core } = tape;
  assertRun(source, consumersOf, core);
  const { maxContents = FRAME_MAX_LIMIT } = options;
  const most = optionInRange("maxContents", maxContents, 1, FRAME_MAX_LIMIT);
  const all = runLimits(options);
  tape.assertIdle();
  const within = run.running;
  let { frameMax } = writer;
  let found = run.search(source, all, frameMax, most);
  if (found === 0) return undefined;
  const { window, position: from } = source;
  const routed = new RoutedWords(core, consumerWords(core));
  let contents = 0;
  let empty = 0;
  let at = from;
  /** Who gets the publishes of the route, and where the last of them stands, which has not been asked about since. */
  let list: readonly Consumer[] | undefined;
  let before = 0;
  try {
    search: for (; found > 0; found = run.search(source, all, frameMax, most - contents)) {
      const { frames, oneRoute } = run;
      for (let i = 0; i < found;) {
        let { words } = core;
        let place = core.passing + i * PLACE_WORDS;
        let body = words[place + 2]!;
        let end = words[place + 3]!;
        const same = i > 0 ? words[place]! < 0 : list !== undefined && sameRoute(source, before, at);
        source.enter(at, words[place + 1]!, body, end);
        if (list === undefined || !same) {
          list = undefined;
          const answer = consumersOf(source);
          if (core.words.length === 0) core.refresh();
          if (!source.stands(at, end)) throw cursorMoved();
          if (answer === undefined) {
            source.leave();
            break search;
          }
          if (!Array.isArray(answer)) throw new EncodeError(`array required, received ${kind(answer)}`, "consumersOf");
          list = answer as readonly Consumer[];
        }
        before = at;
        at = end;
        contents += 1;
        if (body === end) empty += 1;
        const count = list.length;
        let to = run.at;
        // What waits may be of a run that was asked for meanwhile.
        if (to === 0 || to > run.last || window.waiting !== run) to = run.open(window, i);
        if (to === 0 || count > MOST_CONSUMERS || writer.frameMax !== frameMax) {
          const given = frameMax;
          ({ frameMax } = writer);
          const once = new OneMessage(list);
          deliverer.deliver(source, once.consumers, frameMax);
          if (once.count()) list = undefined;
          if (source.position !== at) throw cursorMoved();
          if (contents === most) break search;
          if (window.waiting !== run || frameMax !== given) {
            run.startAnew();
            break;
          }
          i += 1;
          continue;
        }
        ({ words } = core);
        // A getter among them may be what wants to write, or to read.
        tape.busy = true;
        let behind = routed.put(list, count, to + ROUTE_WORDS);
        if (behind < 0) {
          tape.busy = false;
          // Tags that are kept may have to go.
          to = run.open(window, i);
          if (to === 0) throw coreWasUsed();
          tape.busy = true;
          routed.keep(list, count);
          behind = routed.put(list, count, to + ROUTE_WORDS);
        }
        tape.busy = false;
        if (behind < 0 || core.words !== words || words.length === 0 || core.inputOwner !== window) throw coreWasUsed();
        // All of the route that were found.
        const stop = Math.min(found, i + routed.most, i + 1 + most - contents);
        const first = i;
        place = core.passing + i * PLACE_WORDS;
        if (first === 0 && stop === found && oneRoute) {
          i = found;
          contents += i - 1;
          empty += 3 * i - frames - (body === end ? 1 : 0);
          place = core.passing + (i - 1) * PLACE_WORDS;
          if (i > 1) before = words[place]! & ~SAME_ROUTE;
          body = words[place + 2]!;
          at = end = words[place + 3]!;
        } else {
          i += 1;
        }
        for (; i < stop; i++) {
          place += PLACE_WORDS;
          if (words[place]! >= 0) break;
          before = at;
          body = words[place + 2]!;
          at = end = words[place + 3]!;
          contents += 1;
          if (body === end) empty += 1;
        }
        if (i > first + 1) source.enter(before, words[core.passing + (i - 1) * PLACE_WORDS + 1]!, body, end);
        words[to] = ROUTED | count;
        words[to + 1] = i - first;
        words[to + 2] = 0;
        run.at = behind;
        if (routed.count(list, count, i - first)) list = undefined;
        // A setter may have done anything.
        if (source.position !== at) throw cursorMoved();
        if (contents === most) break search;
        if (core.words.length === 0) core.refresh();
        if (window.waiting !== run) {
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

/** Whether exchange and routing key of the Publish at one place are those of the one at another. */
function sameRoute({ chunk, before }: PublishSource, a: number, b: number): boolean {
  const octets = a < 0 ? before : chunk;
  if (a < 0) a = 0;
  const size = longAt(octets, a + 3);
  if (longAt(chunk, b + 3) !== size) return false;
  const end = 8 + size - BEHIND_ROUTING;
  for (let i = BEFORE_EXCHANGE; i < end; i++) if (octets[a + i] !== chunk[b + i]) return false;
  return true;
}
