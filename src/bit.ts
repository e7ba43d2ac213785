import { wrongType } from "./wrong-type.js";

/** A bit's value, to be shifted into its run. */
export function bit(value: unknown, name: string): number {
  if (typeof value !== "boolean") throw wrongType("boolean", value, name);
  return value ? 1 : 0;
}
