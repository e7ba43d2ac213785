/** Values of the protocol as a person reads them. */
import { Decimal, FieldTable, Timestamp } from "amqp-wasm";

const FEW_OCTETS = 16;

/** On one line. */
export function valueText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "object":
      return value === null ? "null" : objectText(value);
    default:
      return String(value);
  }
}

function objectText(value: object): string {
  if (value instanceof Uint8Array) return octetsText(value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Decimal) return decimalText(value);
  if (value instanceof FieldTable) return objectText(value.toObject());
  if (Array.isArray(value)) return `[${value.map(valueText).join(", ")}]`;
  const entries = Object.entries(value);
  return entries.length === 0
    ? "{}"
    : `{ ${entries.map(([key, field]) => `${keyText(key)}: ${valueText(field)}`).join(", ")} }`;
}

function keyText(key: string): string {
  return /^[\w.-]+$/.test(key) ? key : JSON.stringify(key);
}

export function hex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join(" ");
}

function octetsText(octets: Uint8Array): string {
  if (octets.length === 0) return "no octets";
  const head = hex(octets.subarray(0, FEW_OCTETS));
  return octets.length > FEW_OCTETS ? `${head} … (${octets.length} octets)` : head;
}

/** Seconds, and the date where JavaScript has one for them. */
function timestampText({ seconds }: Timestamp): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString().replace(".000Z", "Z");
}

function decimalText({ scale, unscaled }: Decimal): string {
  if (scale === 0) return String(unscaled);
  const digits = String(Math.abs(unscaled)).padStart(scale + 1, "0");
  return `${unscaled < 0 ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Octets in the unit that suits them. */
export function sizeText(octets: number): string {
  if (octets < 1024) return `${octets} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let size = octets;
  let unit = -1;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]!}`;
}

const thousands = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
export function countText(count: number): string {
  return thousands.format(count);
}

/** Local time to the millisecond. */
export function timeText(milliseconds: number): string {
  const date = new Date(milliseconds);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}
