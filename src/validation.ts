/** The rules that constructors and `marshal` apply to arguments: pamqp's, with lengths in octets, and its messages. */
import { ValidationError } from "./errors.js";
import { utf8Length } from "./strings.js";
import type { NameRules } from "./types.js";

const CHARACTERS = /^[\w\-.:@#,/+ ]*$/;

/** Names that passed: what a program uses again and again is looked at once. Bounded, so that names from outside cannot fill the memory. */
class Passed {
  #names = new Set<string>();
  #last = "";

  has(name: string): boolean {
    if (name === this.#last) return true;
    if (!this.#names.has(name)) return false;
    this.#last = name;
    return true;
  }

  add(name: string): void {
    if (this.#names.size >= 1024) this.#names.clear();
    this.#names.add(name);
    this.#last = name;
  }
}

const passed = { exchange: new Passed(), queue: new Passed(), path: new Passed(), any: new Passed() };

function checkName(
  known: Passed,
  value: unknown,
  snake: string,
  path: string,
  maxOctets: number,
  charset: boolean,
): void {
  if (value === undefined || value === null) return;
  if (typeof value !== "string") {
    throw new ValidationError(`${snake} must be a string, received ${typeof value}`, path);
  }
  if (known.has(value)) return;
  if (utf8Length(value) > maxOctets) throw new ValidationError(`Max length exceeded for ${snake}`, path);
  if (charset && !CHARACTERS.test(value)) throw new ValidationError(`Invalid value for ${snake}`, path);
  known.add(value);
}

/** Exchange names: at most 127 octets of letters, digits and `-_.:@#,/+` and space; with `"rabbitmq"` any text of 255 octets. */
export function exchangeName(value: unknown, snake: string, path: string, names: NameRules): void {
  if (names === "rabbitmq") checkName(passed.any, value, snake, path, 255, false);
  else checkName(passed.exchange, value, snake, path, 127, true);
}

/** Queue names: at most 255 octets of the same characters. */
export function queueName(value: unknown, snake: string, path: string, names: NameRules): void {
  if (names === "rabbitmq") checkName(passed.any, value, snake, path, 255, false);
  else checkName(passed.queue, value, snake, path, 255, true);
}

/** Virtual hosts: at most 127 octets. */
export function virtualHost(value: unknown, snake: string, path: string, names: NameRules): void {
  if (names === "rabbitmq") checkName(passed.any, value, snake, path, 255, false);
  else checkName(passed.path, value, snake, path, 127, false);
}

/** Reserved arguments: one of the values that the model allows. */
export function oneOf(value: unknown, allowed: readonly unknown[], message: string, path: string): void {
  if (!allowed.includes(value)) throw new ValidationError(message, path);
}

/** Delivery modes: 1 (transient) or 2 (persistent), where one is given. */
export function deliveryMode(value: unknown, path: string): void {
  if (value !== undefined && value !== null && value !== 1 && value !== 2) {
    throw new ValidationError(
      `Invalid delivery_mode value: ${typeof value === "number" || typeof value === "string" ? value : typeof value}`,
      path,
    );
  }
}
