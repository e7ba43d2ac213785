/** Equality by value of whatever arguments and tables hold. */
import { Decimal } from "./decimal.js";
import { FieldTable } from "./field-table.js";
import { Timestamp } from "./timestamp.js";

function isOctets(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

function isTime(value: unknown): value is Timestamp | Date {
  return value instanceof Timestamp || value instanceof Date;
}

/** Seconds as they would be sent. */
function secondsOf(time: Timestamp | Date): unknown {
  return time instanceof Date ? Math.trunc(time.getTime() / 1000) : time.seconds;
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

export function equalValues(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (isNumeric(a) && isNumeric(b)) return typeof a !== typeof b && BigInt(a) === BigInt(b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isOctets(a) || isOctets(b)) {
    return isOctets(a) && isOctets(b) && a.length === b.length && a.every((octet, i) => octet === b[i]);
  }
  if (a instanceof FieldTable || b instanceof FieldTable) {
    if (a instanceof FieldTable && b instanceof FieldTable) return a.equals(b);
    return equalValues(a instanceof FieldTable ? a.toObject() : a, b instanceof FieldTable ? b.toObject() : b);
  }
  if (isTime(a) || isTime(b)) return isTime(a) && isTime(b) && equalValues(secondsOf(a), secondsOf(b));
  if (a instanceof Decimal || b instanceof Decimal) {
    return a instanceof Decimal && b instanceof Decimal && a.scale === b.scale && a.unscaled === b.unscaled;
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((value, i) => equalValues(value, b[i]))
    );
  }
  const left = fieldsOf(a);
  const right = fieldsOf(b);
  if (left.size !== right.size) return false;
  for (const [key, value] of left) if (!right.has(key) || !equalValues(value, right.get(key))) return false;
  return true;
}

/** A table's fields, those left out that would not be sent. */
function fieldsOf(table: object): Map<unknown, unknown> {
  const entries = table instanceof Map ? [...(table as Map<unknown, unknown>)] : Object.entries(table);
  return new Map(entries.filter(([, value]) => value !== undefined));
}
