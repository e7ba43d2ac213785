import type { FieldTable } from "amqp-wasm";

/** Types of fields in the words of RabbitMQ's errors. */
const TYPES: Readonly<Record<string, string>> = {
  t: "bool",
  b: "byte",
  B: "unsignedbyte",
  s: "short",
  u: "unsignedshort",
  I: "signedint",
  i: "unsignedint",
  l: "long",
  L: "long",
  f: "float",
  d: "double",
  D: "decimal",
  T: "timestamp",
  S: "longstr",
  x: "binary",
  A: "array",
  F: "table",
  V: "void",
};

export function nameOfType(type: string): string {
  return TYPES[type] ?? type;
}

/** What RabbitMQ calls the type of a field that is there. */
export function typeName(table: FieldTable, key: string): string {
  return nameOfType(table.type(key)!);
}
