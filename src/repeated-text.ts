/** A short string that may well be that of the message before: a property like the content type. */
import type { CommandTape } from "./command-tape.js";
import { KEPT_LENGTH } from "./kept.js";
import { writeText } from "./strings.js";

export class RepeatedText {
  readonly #tape: CommandTape;
  /** The text that came last and is kept, its word and its octets. */
  #text = "";
  #word = 0;
  #octets = 0;
  /** Word of the short string that was packed last. */
  word = 0;

  constructor(tape: CommandTape) {
    this.#tape = tape;
    tape.kept.onClear(() => {
      this.#text = "";
      this.#octets = 0;
    });
  }

  /** Sets `word` for a value, which belongs on the tape then. Answers its octets with the length's, 0 where there is none, -1 for what is unusual. */
  pack(value: unknown): number {
    if (value !== this.#text) return this.#lookUp(value);
    this.word = this.#word;
    return this.#octets;
  }

  #lookUp(value: unknown): number {
    if (typeof value !== "string" || value.length > KEPT_LENGTH) return -1;
    if (value === "") return 0;
    const { core, kept, text } = this.#tape;
    const known = kept.text(value);
    if (known !== undefined) {
      this.#text = value;
      this.word = this.#word = core.kept + (known >>> 8);
      return (this.#octets = 1 + (known & 0xff));
    }
    const octets = writeText(core, value, text + 1);
    if (octets < 0) return -1;
    core.octets[text] = octets;
    kept.meet(value, text, octets);
    this.#tape.text = text + 1 + octets;
    this.word = text;
    return 1 + octets;
  }
}
