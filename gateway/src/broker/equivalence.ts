import type { FieldTable } from "amqp-wasm";
import { nameOfType } from "./field-types.js";
import { preconditionFailed } from "./refusal.js";

const NUMBERS = "bBsuIilLfdD";

/** Two values for one thing that must be the same. @throws Refusal 406 where they are not. */
export function sameArgument(what: string, key: string, received: unknown, current: unknown): void {
  if (received !== current) throw inequivalent(what, key, `'${String(received)}'`, `'${String(current)}'`);
}

/** What a queue or exchange was declared with, against what it is declared with again. @throws Refusal 406 where they differ in one of these arguments. */
export function sameArguments(what: string, keys: readonly string[], received: FieldTable, current: FieldTable): void {
  for (const key of keys) {
    const [now, before] = [received, current].map((table) => ({ value: table.get(key), type: table.type(key) }));
    const { value, type } = now!;
    if (type === before!.type && value === before!.value) continue;
    if (type === undefined || before!.type === undefined) {
      throw inequivalent(what, key, described(value, type), described(before!.value, before!.type));
    }
    const bothNumbers = NUMBERS.includes(type) && NUMBERS.includes(before!.type);
    if (bothNumbers && Number(value) === Number(before!.value)) continue;
    throw inequivalent(what, key, `'${shown(value)}'`, `'${shown(before!.value)}'`);
  }
}

function inequivalent(what: string, key: string, received: string, current: string): Error {
  return preconditionFailed(`inequivalent arg '${key}' for ${what}: received ${received} but current is ${current}`);
}

function described(value: unknown, type: string | undefined): string {
  return type === undefined ? "none" : `the value '${shown(value)}' of type '${nameOfType(type)}'`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
