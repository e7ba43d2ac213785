import { EncodeError } from "./errors.js";
import { FRAME_HEADER_SIZE, FRAME_MAX_SIZE } from "./generated/constants.js";
import { DEFAULT_MAX_DEPTH, DEFAULT_MAX_FIELDS, MAX_DEPTH } from "./generated/limits.js";
import { kind } from "./kind.js";
import type { DecodeOptions } from "./types.js";

/** Octets of a frame beside its payload: type, channel, size and frame-end. */
export const ENVELOPE = FRAME_HEADER_SIZE + 1;

/** The most that one frame can hold here: linear memory is addressed with 32 bits. */
export const FRAME_MAX_LIMIT = 0x7fffffff;

/** Octets of the largest content that is put together: RabbitMQ's own limit, 512 MiB. */
export const DEFAULT_MAX_BODY_SIZE = 536_870_912;

/** Options of decoding with all defaults in place. */
export interface DecodeSettings {
  readonly frameMax: number;
  readonly maxDepth: number;
  readonly maxFields: number;
  readonly strict: boolean;
  readonly exact: boolean;
}

/** A whole number in a range, or the error that names option and range. */
export function optionInRange(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new EncodeError(`integer of ${min} to ${max} required, received ${kind(value)}`, name);
  }
  return value;
}

/** A frame-max as the standard means it: 0 is no limit. */
export function frameMaxOption(value: number): number {
  return value === 0 ? FRAME_MAX_LIMIT : optionInRange("frameMax", value, 9, FRAME_MAX_LIMIT);
}

/** Checks options and fills in defaults. @throws EncodeError that names the option and its range. */
export function decodeSettings(given?: DecodeOptions | null): DecodeSettings {
  const options = given ?? {};
  const { tables = "objects" } = options;
  if (tables !== "objects" && tables !== "exact") {
    throw new EncodeError(`"objects" or "exact" required, received ${kind(tables)}`, "tables");
  }
  return {
    frameMax: frameMaxOption(options.frameMax ?? FRAME_MAX_SIZE),
    maxDepth: optionInRange("maxDepth", options.maxDepth ?? DEFAULT_MAX_DEPTH, 0, MAX_DEPTH),
    maxFields: optionInRange("maxFields", options.maxFields ?? DEFAULT_MAX_FIELDS, 0, 0xffffffff),
    strict: options.strict ?? false,
    exact: tables === "exact",
  };
}
