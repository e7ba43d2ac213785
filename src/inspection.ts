/** How objects show themselves: in Node's `console.log`, and as text anywhere else. Secrets are never shown. */

import { jsonFields } from "./json.js";

const secrets = new WeakMap<object, unknown>();

/** The value of an object's secret argument. It is no property of the object, so that no console and no log shows it. */
export function secretOf(holder: object): unknown {
  return secrets.get(holder);
}

export function keepSecret(holder: object, value: unknown): void {
  secrets.set(holder, value);
}

/** Stands for a secret wherever an object is shown. */
export const HIDDEN = "[hidden]";

type Inspect = (value: unknown, options: object) => string;

/** Node's hook. */
export const inspectSymbol = Symbol.for("nodejs.util.inspect.custom");

/** `Queue.Declare { queue: 'orders' }`, by Node's own inspect. */
export function inspected(name: string, fields: object, depth: number, options: object, inspect: Inspect): string {
  if (depth < 0) return `[${name}]`;
  return Object.keys(fields).length === 0 ? name : `${name} ${inspect({ ...fields }, options)}`;
}

/** The same where there is no Node: fields as JSON. */
export function described(name: string, fields: object): string {
  const text = JSON.stringify(jsonFields(fields, (octets) => `<${octets.length} octets>`));
  return text === "{}" ? name : `${name} ${text}`;
}
