type Shown = (octets: Uint8Array) => unknown;

/** Values as JSON has them: for `JSON.stringify`, which would throw at a bigint, lose what is not finite and all that a map holds, and write octets as an object of numbers. */
function jsonValue(value: unknown, shown: Shown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  // Here, since a Buffer would say itself what it is.
  if (value instanceof Uint8Array) return shown(value);
  if (Array.isArray(value)) return value.map((element) => jsonValue(element, shown));
  if (value instanceof Map) return jsonFields(Object.fromEntries(value as Map<string, unknown>), shown);
  // Timestamps, decimals and the like know by themselves what they are as JSON.
  const object = Object.getPrototypeOf(value) === Object.prototype || !("toJSON" in value);
  return object ? jsonFields(value, shown) : value;
}

/** The same for all values of an object. Octets are as `shown` answers: in hexadecimal, unless it is given. */
export function jsonFields(
  fields: object,
  shown: Shown = (octets) => ({ octets: hex(octets) }),
): Record<string, unknown> {
  const result = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(fields)) result[key] = jsonValue(value, shown);
  return result;
}

function hex(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += octet.toString(16).padStart(2, "0");
  return text;
}
