/** Values as JSON has them: for `JSON.stringify`, which would throw at a bigint and write octets as an object of numbers. */
export function jsonValue(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return { octets: hex(value) };
  if (Array.isArray(value)) return value.map(jsonValue);
  if (value instanceof Map) return jsonFields(Object.fromEntries(value as Map<string, unknown>));
  const prototype: unknown = Object.getPrototypeOf(value);
  // Timestamps, decimals and the like know by themselves what they are as JSON.
  return prototype === null || prototype === Object.prototype ? jsonFields(value) : value;
}

/** The same for all values of an object. */
export function jsonFields(fields: object): Record<string, unknown> {
  const result = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(fields)) result[key] = jsonValue(value);
  return result;
}

function hex(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += octet.toString(16).padStart(2, "0");
  return text;
}
