/** Reading consumers, of which a getter may run anything: what it would write, or have the core read, must not get between a message and its deliveries. */
import type { CommandTape } from "./command-tape.js";
import { consumerWords, type Consumer } from "./consumers.js";
import { EncodeError } from "./errors.js";
import type { InputWindow } from "./input-window.js";

/** Puts consumers of a message that stands in a window to the begin of the command region. @throws EncodeError where one is out of range, or used the core. */
export function putConsumers(
  tape: CommandTape,
  window: InputWindow,
  consumers: readonly Consumer[],
  first: number,
  count: number,
): void {
  const { core } = tape;
  const words = consumerWords(core);
  tape.beginValues();
  try {
    if (first > 0 || !words.putUsual(consumers, count, core.command)) words.put(consumers, first, count);
  } finally {
    tape.endValues();
  }
  if (core.words.length === 0 || core.inputOwner !== window) throw coreWasUsed();
}

export function coreWasUsed(): EncodeError {
  return new EncodeError("a value that is being encoded must not use the core, nor grow its memory");
}
