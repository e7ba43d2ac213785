type Shown = (octets: Uint8Array) => unknown;

/** Containers in containers. A field table on the wire has far fewer levels; what a program makes may hold itself. */
const MOST_LEVELS = 256;

/** Values as JSON has them: for `JSON.stringify`, which would throw at a bigint and at an object that holds itself, lose what is not finite and all that a map holds, and write octets as an object of numbers. */
function jsonValue(value: unknown, shown: Shown, outer: readonly object[]): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  // Here, since a Buffer would say itself what it is.
  if (value instanceof Uint8Array) return shown(value);
  if (outer.includes(value)) return "[circular]";
  if (outer.length === MOST_LEVELS) return "[too deep]";
  const levels = [...outer, value];
  if (Array.isArray(value)) return value.map((element) => jsonValue(element, shown, levels));
  if (value instanceof Map) return fieldsOf(Object.fromEntries(value as Map<string, unknown>), shown, levels);
  // Timestamps, decimals and the like know by themselves what they are as JSON.
  const object = Object.getPrototypeOf(value) === Object.prototype || !("toJSON" in value);
  return object ? fieldsOf(value, shown, levels) : value;
}

function fieldsOf(fields: object, shown: Shown, levels: readonly object[]): Record<string, unknown> {
  const result = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(fields)) result[key] = jsonValue(value, shown, levels);
  return result;
}

/** The same for all values of an object. Octets are as `shown` answers: in hexadecimal, unless it is given. */
export function jsonFields(
  fields: object,
  shown: Shown = (octets) => ({ octets: hex(octets) }),
): Record<string, unknown> {
  return fieldsOf(fields, shown, [fields]);
}

function hex(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += octet.toString(16).padStart(2, "0");
  return text;
}
