import { EncodeError } from "./errors.js";
import { kind } from "./kind.js";

/** What is thrown for a value of another type than `what` says: its own kind is told, and the argument's name. */
export function wrongType(what: string, value: unknown, name: string): EncodeError {
  return new EncodeError(`${what} required, received ${kind(value)}`, name);
}
