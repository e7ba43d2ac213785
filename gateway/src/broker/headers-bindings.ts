import type { FieldTable, FieldValue } from "amqp-wasm";
import type { Binding, Bindings, Visit } from "./bindings.js";
import { typeName } from "./field-types.js";
import { preconditionFailed } from "./refusal.js";
import type { Message } from "./message.js";

interface Pattern {
  readonly fields: readonly (readonly [key: string, value: FieldValue])[];
  readonly any: boolean;
}

const KINDS = ["all", "any", "all-with-x", "any-with-x"];

/** Headers exchange: the arguments of a binding are compared with the headers of a message. */
export class HeadersBindings implements Bindings {
  readonly #patterns = new Map<Binding, Pattern>();

  add(binding: Binding): void {
    this.#patterns.set(binding, patternOf(binding.arguments));
  }

  remove(binding: Binding): void {
    this.#patterns.delete(binding);
  }

  match(_routingKey: string, message: Message, visit: Visit): void {
    if (this.#patterns.size === 0) return;
    const headers = message.headers?.toObject() ?? {};
    for (const [binding, { fields, any }] of this.#patterns) {
      const test = ([key, value]: readonly [string, FieldValue]) => fits(headers[key], value);
      // Nothing to compare with: "all" of it holds, "any" of it does not.
      if (any ? fields.some(test) : fields.every(test)) visit(binding.destination);
    }
  }
}

/** What a binding compares. @throws Refusal where `x-match` is none of its four values. */
export function patternOf(table: FieldTable): Pattern {
  const kind = table.get("x-match") ?? "all";
  if (typeof kind !== "string") {
    const type = typeName(table, "x-match");
    throw preconditionFailed(`Invalid x-match field type ${type} (value ${JSON.stringify(kind)}); expected longstr`);
  }
  if (!KINDS.includes(kind)) {
    const value = `<<${JSON.stringify(kind)}>>`;
    throw preconditionFailed(`Invalid x-match field value ${value}; expected all, any, all-with-x, or any-with-x`);
  }
  const withX = kind.endsWith("-with-x");
  const fields = table.entries().filter(([key]) => (withX ? key !== "x-match" : !key.startsWith("x-")));
  return { fields: fields.map(([key, value]) => [key, value] as const), any: kind.startsWith("any") };
}

/** Whether a header is what a binding wants: the same value, or any at all where the binding has the void value. */
function fits(header: FieldValue | undefined, wanted: FieldValue): boolean {
  if (header === undefined) return false;
  if (wanted === null) return true;
  return same(octets(header), octets(wanted));
}

/** RabbitMQ makes no difference between strings and octets. */
function octets(value: FieldValue): FieldValue {
  return typeof value === "string" ? Buffer.from(value) : value instanceof Uint8Array ? Buffer.from(value) : value;
}

function same(one: FieldValue, other: FieldValue): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (one instanceof Uint8Array || other instanceof Uint8Array) {
    return (
      one instanceof Uint8Array &&
      other instanceof Uint8Array &&
      one.length === other.length &&
      one.every((octet, i) => octet === other[i])
    );
  }
  // Arrays, tables, decimals and timestamps alike have their values in their own keys.
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => {
      const [left, right] = [one, other].map((value) => (value as Record<string, FieldValue>)[key]);
      return left !== undefined && right !== undefined && same(left, right);
    })
  );
}
