/** Where what is encoded goes, and how: what a writer hands on with each message. */
import type { ContentLayout } from "./content-layout.js";
import type { Output } from "./output.js";
import type { EncodeOptions } from "./types.js";

/** What a message is written for, beside its properties. */
export interface Destination {
  /** Undefined where it is taken at once. */
  readonly output: Output | undefined;
  /** Of the output; 0 where there is none. */
  readonly id: number;
  readonly options: EncodeOptions;
  /** Whether keys stay in their order. */
  readonly inserted: boolean;
  /** Whether integers are all of 32 bits or more. */
  readonly wide: boolean;
  /** Largest frame in octets. */
  frameMax: number;
  /** That of the last message which had one. */
  layout: ContentLayout | undefined;
  /** How many messages lately had none that fitted, and how many are not even looked at. */
  misses: number;
  /** The layout of the last message where `layout` is not worth trying, and how often that was another one than before. */
  last: ContentLayout | undefined;
  turns: number;
  pause: number;
}

/** Where frames go with these options. */
export function destination(output: Output | undefined, options: EncodeOptions, frameMax: number): Destination {
  const inserted = options.keyOrder === "insertion";
  const wide = options.integers === "wide";
  return {
    output,
    id: output === undefined ? 0 : output.id,
    options,
    inserted,
    wide,
    frameMax,
    layout: undefined,
    misses: 0,
    pause: 0,
    last: undefined,
    turns: 0,
  };
}
