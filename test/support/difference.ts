/** Compares what the library decoded with what was expected, and tells the first place where they part. */
import {
  Basic,
  ContentBody,
  ContentHeader,
  Decimal,
  DecodeError,
  FieldTable,
  Heartbeat,
  ProtocolHeader,
  Timestamp,
  type Frame,
} from "../../src/index.js";
import {
  encodeTable,
  keyOf,
  methods,
  properties,
  type Fault,
  type NeutralArray,
  type NeutralFrame,
  type NeutralHeader,
  type NeutralInteger,
  type NeutralScalar,
  type NeutralTable,
  type NeutralValue,
} from "../reference.js";
import { hexOf, octetsOf, sameOctets } from "./octets.js";

const argumentTypes = new Map(methods.map((method) => [method.name, method.arguments]));

/** What the library gives for an integer of the reference. */
const integerOf = (value: NeutralInteger): number | bigint =>
  typeof value === "number" ? value : BigInt(value.$bigint);

function scalarOf(value: NeutralScalar): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("$bigint" in value) return BigInt(value.$bigint);
  if ("$bytes" in value) return octetsOf(value.$bytes);
  if ("$nan" in value) return NaN;
  if ("$true" in value) return true;
  if ("$timestamp" in value) return new Timestamp(integerOf(value.$timestamp));
  return new Decimal({ scale: value.$decimal[0], unscaled: value.$decimal[1] });
}

const arrayOf = (array: NeutralArray): unknown[] => array.map(([type, value]) => fieldValue(type, value));

/** A table as an object: the last of repeated keys counts, type octets are dropped. */
export function objectOf(table: NeutralTable): Record<string, unknown> {
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, [type, value]] of table) object[keyOf(key)] = fieldValue(type, value);
  return object;
}

function fieldValue(type: string, value: NeutralScalar | NeutralTable | NeutralArray): unknown {
  if (type === "F") return objectOf(value as NeutralTable);
  if (type === "A") return arrayOf(value as NeutralArray);
  return scalarOf(value as NeutralScalar);
}

/** An argument or property of the reference as the library gives it. */
export function plainOf(value: NeutralValue): unknown {
  return Array.isArray(value) ? objectOf(value) : scalarOf(value);
}

const show = (value: unknown): string => {
  if (value instanceof Uint8Array) return `octets ${hexOf(value.subarray(0, 24))} (${value.length})`;
  if (value instanceof Timestamp) return `Timestamp(${value.seconds})`;
  if (value instanceof Decimal) return `Decimal(${value.scale}, ${value.unscaled})`;
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "number") return String(value);
  return (
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? `${inner}n` : inner)) ?? "undefined"
  ).slice(0, 120);
};

/** Where two values part, or undefined where they do not. Numbers and bigints differ, 0 and -0 differ, NaN is NaN. */
export function differenceOf(actual: unknown, expected: unknown, path: string): string | undefined {
  const differs = (): string => `${path} is ${show(actual)}, not ${show(expected)}`;
  if (typeof expected !== "object" || expected === null) return Object.is(actual, expected) ? undefined : differs();
  if (typeof actual !== "object" || actual === null) return differs();
  if (expected instanceof Uint8Array) {
    return actual instanceof Uint8Array && sameOctets(actual, expected) ? undefined : differs();
  }
  if (expected instanceof Timestamp) {
    return actual instanceof Timestamp && actual.seconds === expected.seconds ? undefined : differs();
  }
  if (expected instanceof Decimal) {
    const same = actual instanceof Decimal && actual.scale === expected.scale && actual.unscaled === expected.unscaled;
    return same ? undefined : differs();
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return differs();
    if (actual.length !== expected.length) return `${path} has ${actual.length} elements, not ${expected.length}`;
    for (let i = 0; i < expected.length; i++) {
      const difference = differenceOf(actual[i], expected[i], `${path}[${i}]`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  if (Object.getPrototypeOf(actual) !== null) return `${path} is an object with a prototype`;
  const keys = Object.keys(expected);
  const actualKeys = Object.keys(actual);
  if (keys.length !== actualKeys.length) return `${path} has the keys ${show(actualKeys)}, not ${show(keys)}`;
  for (const key of keys) {
    if (!Object.hasOwn(actual, key)) return `${path} has no key ${show(key)}`;
    const [a, e] = [actual as Record<string, unknown>, expected as Record<string, unknown>];
    const difference = differenceOf(a[key], e[key], `${path}.${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** A decode error against what the reference says is wrong. */
export function faultDifference(error: unknown, expected: Fault): string | undefined {
  if (!(error instanceof DecodeError)) return `${String(error)} is no DecodeError`;
  const actual = `${error.code} at ${error.offset}, reply ${error.replyCode}, path "${error.path ?? ""}"`;
  const wanted = `${expected.code} at ${expected.offset}, reply ${expected.replyCode}, path "${expected.path}"`;
  return actual === wanted ? undefined : `error is ${actual}, not ${wanted}`;
}

/** Whether decoded tables are objects or keep their octets. */
export type Tables = "objects" | "exact";

function valueDifference(actual: unknown, expected: NeutralValue, path: string, tables: Tables): string | undefined {
  if (tables === "objects" || !Array.isArray(expected)) return differenceOf(actual, plainOf(expected), path);
  if (!(actual instanceof FieldTable)) return `${path} is no FieldTable`;
  const octets = encodeTable(expected);
  if (!sameOctets(actual.octets, octets)) return `${path} has octets ${hexOf(actual.octets)}, not ${hexOf(octets)}`;
  return differenceOf(actual.toObject(), objectOf(expected), path);
}

function headerDifference(actual: ContentHeader, expected: NeutralHeader, tables: Tables): string | undefined {
  const { properties: values } = actual;
  if (!(values instanceof Basic.Properties)) return "properties are no Basic.Properties";
  const envelope = differenceOf(
    [actual.classId, actual.weight, actual.bodySize],
    [expected.class, 0, integerOf(expected.bodySize)],
    "class id, weight and body size",
  );
  if (envelope !== undefined) return envelope;
  for (const { name } of properties) {
    if (name === "headers" && expected.headersError !== undefined) {
      try {
        const { headers } = values;
        // An exact table keeps its octets as they are; it is wrong when its fields are read.
        if (tables === "exact" && headers instanceof FieldTable) headers.toObject();
        return `headers are read though they have ${expected.headersError.code}`;
      } catch (error) {
        const difference = faultDifference(error, expected.headersError);
        if (difference !== undefined) return difference;
        continue;
      }
    }
    const value = expected.properties[name];
    const got = (values as unknown as Record<string, unknown>)[name];
    const difference =
      value === undefined ? differenceOf(got, undefined, name) : valueDifference(got, value, name, tables);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** Where a frame of the library and one of the reference part. */
export function frameDifference(actual: Frame, expected: NeutralFrame, tables: Tables = "objects"): string | undefined {
  if (actual.channel !== expected.channel) return `channel is ${actual.channel}, not ${expected.channel}`;
  if (expected.type === 1) {
    if (actual.name !== expected.name) return `name is ${actual.name}, not ${expected.name}`;
    for (const { name } of argumentTypes.get(expected.name) ?? []) {
      const got = (actual as unknown as Record<string, unknown>)[name];
      const difference = valueDifference(got, expected.args[name]!, name, tables);
      if (difference !== undefined) return `${expected.name}: ${difference}`;
    }
    return undefined;
  }
  if (expected.type === 2) {
    return actual instanceof ContentHeader
      ? headerDifference(actual, expected, tables)
      : `${actual.name} is no content header`;
  }
  if (expected.type === 3) {
    return actual instanceof ContentBody
      ? differenceOf(actual.value, expected.payload, "body")
      : `${actual.name} is no content body`;
  }
  if (expected.type === 8) return actual instanceof Heartbeat ? undefined : `${actual.name} is no heartbeat`;
  if (!(actual instanceof ProtocolHeader)) return `${actual.name} is no protocol header`;
  return differenceOf([actual.id, actual.major, actual.minor, actual.revision], expected.version, "version");
}
