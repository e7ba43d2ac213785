import { EncodeError } from "./errors.js";
import { kind } from "./kind.js";

export function wanted(what: string, value: unknown, name: string): EncodeError {
  return new EncodeError(`${what} required, received ${kind(value)}`, name);
}
