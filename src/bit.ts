import { wanted } from "./wanted.js";

/** A bit's value, to be shifted into its run. */
export function bit(value: unknown, name: string): number {
  if (typeof value !== "boolean") throw wanted("boolean", value, name);
  return value ? 1 : 0;
}
