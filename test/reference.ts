/**
 * A second codec for AMQP 0-9-1: plain, slow and obvious, written from the same rules as the core and sharing no code with it.
 * Tests ask it for a second opinion on every input, valid or not; the benchmark runs it as the row that shows what a codec
 * without any care for speed costs.
 *
 * Values are kept exactly, in a notation close to that of the captures:
 *
 *   table     a list of [key, [type octet, value]] in wire order, repeated keys included
 *   array     a list of [type octet, value]
 *   integers  a number, or { $bigint: "…" } beyond 2^53-1
 *   floats    a number; NaN is { $nan: "7fc00000" } with its octets
 *   strings   a string, or { $bytes: "00ff" } where the octets are not UTF-8 (keys too); `x` is always { $bytes }
 *   decimals  { $decimal: [scale, unscaled] }, signed
 *   times     { $timestamp: seconds }
 *   booleans  true, false, or { $true: octet } for a `t` whose octet is neither 0 nor 1
 */
import { classes, domains, fieldTypes } from "../spec/amqp.js";

export type NeutralInteger = number | { $bigint: string };
export type NeutralString = string | { $bytes: string };
export type NeutralScalar =
  | boolean
  | number
  | string
  | null
  | { $bigint: string }
  | { $bytes: string }
  | { $nan: string }
  | { $decimal: [scale: number, unscaled: number] }
  | { $timestamp: NeutralInteger }
  | { $true: number };
export type NeutralField = [type: string, value: NeutralScalar | NeutralTable | NeutralArray];
export type NeutralTable = [key: NeutralString, field: NeutralField][];
export type NeutralArray = NeutralField[];
export type NeutralValue = NeutralScalar | NeutralTable;

interface Envelope {
  /** Of the frame's first octet in the stream. */
  offset: number;
  channel: number;
  /** What the frame's size field says; 8 for a protocol header. */
  size: number;
}
export interface NeutralMethod extends Envelope {
  type: 1;
  name: string;
  args: Record<string, NeutralValue>;
  /** The octets of the runs of bits, kept where one of them has undefined bits set. */
  bits?: number[];
}
export interface NeutralHeader extends Envelope {
  type: 2;
  class: number;
  bodySize: NeutralInteger;
  /** The properties that are present; without `headers` where `headersError` stands. */
  properties: Record<string, NeutralValue>;
  /** What is wrong with the fields of the headers table. */
  headersError?: Fault;
  /** The fields of such a table as they came, in hex. */
  headersOctets?: string;
  /** Bit 1 of the property flags, which means nothing, is set. */
  spareFlag?: true;
}
export interface NeutralBody extends Envelope {
  type: 3;
  payload: Uint8Array;
}
export interface NeutralHeartbeat extends Envelope {
  type: 8;
}
export interface NeutralProtocolHeader extends Envelope {
  type: "protocol-header";
  version: [id: number, major: number, minor: number, revision: number];
}
export type NeutralFrame = NeutralMethod | NeutralHeader | NeutralBody | NeutralHeartbeat | NeutralProtocolHeader;

/** What is wrong with octets, and where. The path is empty where the fault is not in an argument or a property. */
export interface Fault {
  code: string;
  offset: number;
  replyCode: number;
  path: string;
}
export interface DecodeOptions {
  frameMax?: number;
  maxDepth?: number;
  maxFields?: number;
  strict?: boolean;
}
export interface Decoded {
  frames: NeutralFrame[];
  error?: Fault;
  /** Where the first frame begins that is not in `frames`; the length of the input where nothing is left. */
  incompleteFrom: number;
}

export interface ArgumentSpec {
  /** camelCase, as in the library. */
  name: string;
  type: string;
}
export interface MethodSpec {
  name: string;
  classId: number;
  methodId: number;
  content: boolean;
  arguments: ArgumentSpec[];
}

const camelCase = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
const pascalCase = (name: string): string => camelCase("-" + name);

interface ArgumentRow {
  name: string;
  domain: string;
}
interface ClassRow {
  name: string;
  id: number;
  methods: { name: string; id: number; content?: boolean; arguments: ArgumentRow[] }[];
  properties?: ArgumentRow[];
}
const rows: ClassRow[] = classes;
const domainTypes = new Map<string, string>(Object.entries(domains));
const argumentSpec = (row: ArgumentRow): ArgumentSpec => ({
  name: camelCase(row.name),
  type: domainTypes.get(row.domain) ?? row.domain,
});

/** All methods in the order of the specification. */
export const methods: MethodSpec[] = rows.flatMap((amqpClass) =>
  amqpClass.methods.map((method) => ({
    name: `${pascalCase(amqpClass.name)}.${pascalCase(method.name)}`,
    classId: amqpClass.id,
    methodId: method.id,
    content: method.content === true,
    arguments: method.arguments.map(argumentSpec),
  })),
);
const methodsById = new Map(methods.map((method) => [method.classId * 65536 + method.methodId, method]));
const methodsByName = new Map(methods.map((method) => [method.name, method]));

/** The fourteen properties of a content header, in the order of their flags. */
export const properties: ArgumentSpec[] = rows.flatMap((amqpClass) => amqpClass.properties ?? []).map(argumentSpec);

const fieldLayouts = new Map(fieldTypes.map((row) => [row.octet, row.layout]));
const FRAME_END = 206;
const BASIC = 60;

/** Reply codes by error; the second one where the fault lies in the payload of a content header. */
const replyCodes: Record<string, [reply: number, inHeader?: number]> = {
  "protocol-header": [501],
  "frame-type": [501],
  "frame-size": [501],
  "frame-end": [501],
  "heartbeat-channel": [505],
  "heartbeat-payload": [501],
  "method-cut": [501],
  "method-unknown": [540],
  "value-cut": [501, 541],
  "string-length": [501, 541],
  "string-utf8": [501],
  "table-length": [501, 541],
  "octets-left": [501, 541],
  "header-cut": [501],
  "header-class": [505],
  "header-weight": [505],
  "property-flags": [501],
  "field-name": [541],
  "field-type": [541],
  "field-cut": [541],
  "field-length": [541],
  "field-depth": [506],
  "field-count": [506],
};

class FaultError extends Error {
  readonly fault: Fault;
  constructor(code: string, offset: number, path: string, inHeader: boolean) {
    super(`${code} at ${offset} ${path}`);
    const replies = replyCodes[code];
    if (replies === undefined) throw new Error(`no reply code for ${code}`);
    const [reply, replyInHeader = reply] = replies;
    this.fault = { code, offset, replyCode: inHeader ? replyInHeader : reply, path };
  }
}

const hexOf = (octets: Uint8Array): string => {
  let text = "";
  for (const octet of octets) text += octet.toString(16).padStart(2, "0");
  return text;
};
const octetsOf = (hex: string): Uint8Array => {
  const octets = new Uint8Array(hex.length / 2);
  for (let i = 0; i < octets.length; i++) octets[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return octets;
};
const integerOf = (value: bigint): NeutralInteger => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : { $bigint: value.toString() };
};

/** Strict UTF-8: undefined for overlong forms, surrogates, what lies above U+10FFFF, and sequences cut short. */
export function decodeUtf8(octets: Uint8Array): string | undefined {
  let text = "";
  for (let i = 0; i < octets.length;) {
    const first = octets[i++]!;
    let follow: number;
    let least: number;
    let code: number;
    if (first < 0x80) [follow, least, code] = [0, 0, first];
    else if (first >= 0xc0 && first < 0xe0) [follow, least, code] = [1, 0x80, first & 0x1f];
    else if (first >= 0xe0 && first < 0xf0) [follow, least, code] = [2, 0x800, first & 0x0f];
    else if (first >= 0xf0 && first < 0xf8) [follow, least, code] = [3, 0x10000, first & 0x07];
    else return undefined;
    for (; follow > 0; follow--) {
      const next = octets[i++];
      if (next === undefined || next < 0x80 || next >= 0xc0) return undefined;
      code = code * 64 + (next & 0x3f);
    }
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
    text += String.fromCodePoint(code);
  }
  return text;
}
const stringOf = (octets: Uint8Array): NeutralString => decodeUtf8(octets) ?? { $bytes: hexOf(octets) };

/** Octets [position, end) of one frame's payload, or of a table in it. */
class Cursor {
  readonly octets: Uint8Array;
  readonly view: DataView;
  /** Of octet 0 in the stream. */
  readonly base: number;
  readonly inHeader: boolean;
  position: number;
  end: number;

  constructor(octets: Uint8Array, position: number, end: number, inHeader: boolean, base = 0) {
    this.octets = octets;
    this.view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    this.position = position;
    this.end = end;
    this.inHeader = inHeader;
    this.base = base;
  }

  get left(): number {
    return this.end - this.position;
  }

  fail(code: string, path: string, offset = this.position): never {
    throw new FaultError(code, this.base + offset, path, this.inHeader);
  }

  /** Steps over so many octets that are known to be there, and gives where they begin. */
  step(count: number): number {
    const at = this.position;
    this.position += count;
    return at;
  }

  take(count: number): Uint8Array {
    const at = this.step(count);
    return this.octets.subarray(at, at + count);
  }
}

/** One argument or property other than a bit; a table comes out as the cursor's place of its fields. */
function decodeScalar(cursor: Cursor, type: string, path: string, utf8Only: boolean): NeutralValue {
  const need = (count: number): void => {
    if (cursor.left < count) cursor.fail("value-cut", path);
  };
  switch (type) {
    case "octet":
      need(1);
      return cursor.view.getUint8(cursor.step(1));
    case "short":
      need(2);
      return cursor.view.getUint16(cursor.step(2));
    case "long":
      need(4);
      return cursor.view.getUint32(cursor.step(4));
    case "longlong":
      need(8);
      return integerOf(cursor.view.getBigUint64(cursor.step(8)));
    case "timestamp":
      need(8);
      return { $timestamp: integerOf(cursor.view.getBigUint64(cursor.step(8))) };
    case "shortstr": {
      need(1);
      const start = cursor.position;
      const length = cursor.view.getUint8(cursor.step(1));
      if (length > cursor.left) cursor.fail("string-length", path, start);
      const value = stringOf(cursor.take(length));
      if (utf8Only && typeof value !== "string") cursor.fail("string-utf8", path, start);
      return value;
    }
    case "longstr": {
      need(4);
      const start = cursor.position;
      const length = cursor.view.getUint32(cursor.step(4));
      if (length > cursor.left) cursor.fail("string-length", path, start);
      return stringOf(cursor.take(length));
    }
    default:
      throw new Error(`no type ${type}`);
  }
}

/** The span of a table's fields, which are not looked at. */
function tableSpan(cursor: Cursor, path: string): [start: number, end: number] {
  if (cursor.left < 4) cursor.fail("value-cut", path);
  const start = cursor.position;
  const length = cursor.view.getUint32(cursor.step(4));
  if (length > cursor.left) cursor.fail("table-length", path, start);
  cursor.step(length);
  return [start + 4, start + 4 + length];
}

interface Walk {
  maxDepth: number;
  maxFields: number;
  count: number;
}

/** The fields of a table or of an array, whose end is the cursor's. */
function decodeFields(cursor: Cursor, isArray: true, path: string, depth: number, walk: Walk): NeutralArray;
function decodeFields(cursor: Cursor, isArray: false, path: string, depth: number, walk: Walk): NeutralTable;
function decodeFields(
  cursor: Cursor,
  isArray: boolean,
  path: string,
  depth: number,
  walk: Walk,
): NeutralArray | NeutralTable {
  const array: NeutralArray = [];
  const table: NeutralTable = [];
  while (cursor.left > 0) {
    if (walk.count + 1 > walk.maxFields) cursor.fail("field-count", path);
    walk.count++;
    if (isArray) {
      array.push(decodeField(cursor, `${path}[${array.length}]`, depth, walk));
      continue;
    }
    const start = cursor.position;
    const length = cursor.view.getUint8(cursor.step(1));
    if (length > cursor.left) cursor.fail("field-name", path, start);
    const octets = cursor.take(length);
    table.push([stringOf(octets), decodeField(cursor, `${path}.${keyOf(stringOf(octets))}`, depth, walk)]);
  }
  return isArray ? array : table;
}

/** Type octet and value. */
function decodeField(cursor: Cursor, path: string, depth: number, walk: Walk): NeutralField {
  if (cursor.left === 0) cursor.fail("field-cut", path);
  const type = String.fromCharCode(cursor.view.getUint8(cursor.position));
  const layout = fieldLayouts.get(type);
  if (layout === undefined) cursor.fail("field-type", path);
  cursor.step(1);
  const { view } = cursor;
  if (typeof layout === "number") {
    if (cursor.left < layout) cursor.fail("field-cut", path);
    const at = cursor.step(layout);
    switch (type) {
      case "t": {
        const octet = view.getUint8(at);
        return [type, octet > 1 ? { $true: octet } : octet === 1];
      }
      case "b":
        return [type, view.getInt8(at)];
      case "B":
        return [type, view.getUint8(at)];
      case "s":
        return [type, view.getInt16(at)];
      case "u":
        return [type, view.getUint16(at)];
      case "I":
        return [type, view.getInt32(at)];
      case "i":
        return [type, view.getUint32(at)];
      case "l":
      case "L":
        return [type, integerOf(view.getBigInt64(at))];
      case "f":
      case "d": {
        const value = type === "f" ? view.getFloat32(at) : view.getFloat64(at);
        return [type, Number.isNaN(value) ? { $nan: hexOf(cursor.octets.subarray(at, at + layout)) } : value];
      }
      case "D":
        return [type, { $decimal: [view.getUint8(at), view.getInt32(at + 1)] }];
      case "T":
        return [type, { $timestamp: integerOf(view.getBigUint64(at)) }];
      case "V":
        return [type, null];
    }
    throw new Error(`no field type ${type}`);
  }
  if (cursor.left < 4) cursor.fail("field-cut", path);
  const start = cursor.position;
  const length = view.getUint32(cursor.step(4));
  if (length > cursor.left) cursor.fail("field-length", path, start);
  if (type === "S") return [type, stringOf(cursor.take(length))];
  if (type === "x") return [type, { $bytes: hexOf(cursor.take(length)) }];
  if (depth + 1 > walk.maxDepth) cursor.fail("field-depth", path, start);
  const outerEnd = cursor.end;
  cursor.end = cursor.position + length;
  const value =
    type === "A"
      ? decodeFields(cursor, true, path, depth + 1, walk)
      : decodeFields(cursor, false, path, depth + 1, walk);
  cursor.end = outerEnd;
  return [type, value];
}

interface Limits {
  frameMax: number;
  maxDepth: number;
  maxFields: number;
  strict: boolean;
}

/** The fields between two places of a frame, with a cursor of their own. */
function decodeTableAt(cursor: Cursor, [start, end]: [number, number], path: string, limits: Limits): NeutralTable {
  const fields = new Cursor(cursor.octets, start, end, cursor.inHeader, cursor.base);
  return decodeFields(fields, false, path, 0, { ...limits, count: 0 });
}

function decodeMethod(cursor: Cursor, envelope: Envelope, limits: Limits): NeutralMethod {
  if (cursor.left < 4) cursor.fail("method-cut", "");
  const method = methodsById.get(cursor.view.getUint32(cursor.position));
  if (method === undefined) cursor.fail("method-unknown", "");
  cursor.step(4);
  const args: Record<string, NeutralValue> = {};
  const bits: number[] = [];
  let undefinedBits = 0;
  for (let i = 0; i < method.arguments.length;) {
    const { name, type } = method.arguments[i]!;
    if (type === "bit") {
      if (cursor.left < 1) cursor.fail("value-cut", name);
      let octet = cursor.view.getUint8(cursor.step(1));
      bits.push(octet);
      for (; method.arguments[i]?.type === "bit"; i++, octet >>= 1) args[method.arguments[i]!.name] = (octet & 1) === 1;
      undefinedBits |= octet;
      continue;
    }
    i++;
    if (type === "table") args[name] = decodeTableAt(cursor, tableSpan(cursor, name), name, limits);
    else args[name] = decodeScalar(cursor, type, name, !method.content);
  }
  if (cursor.left > 0) cursor.fail("octets-left", "");
  const frame: NeutralMethod = { ...envelope, type: 1, name: method.name, args };
  if (undefinedBits !== 0) frame.bits = bits;
  return frame;
}

function decodeHeader(cursor: Cursor, envelope: Envelope, limits: Limits): NeutralHeader {
  const start = cursor.position;
  if (cursor.left < 12) cursor.fail("header-cut", "");
  const classId = cursor.view.getUint16(start);
  if (classId !== BASIC) cursor.fail("header-class", "");
  if (cursor.view.getUint16(start + 2) !== 0) cursor.fail("header-weight", "", start + 2);
  const bodySize = integerOf(cursor.view.getBigUint64(start + 4));
  cursor.step(12);
  if (cursor.left < 2) cursor.fail("value-cut", "properties");
  const flags = cursor.view.getUint16(cursor.position);
  if ((flags & 1) !== 0) cursor.fail("property-flags", "");
  cursor.step(2);
  const values: Record<string, NeutralValue> = {};
  const frame: NeutralHeader = { ...envelope, type: 2, class: classId, bodySize, properties: values };
  if ((flags & 2) !== 0) frame.spareFlag = true;
  let headers: [number, number] | undefined;
  properties.forEach(({ name, type }, index) => {
    if ((flags & (0x8000 >> index)) === 0) return;
    if (type === "table") headers = tableSpan(cursor, name);
    else values[name] = decodeScalar(cursor, type, name, false);
  });
  if (cursor.left > 0) cursor.fail("octets-left", "");
  if (headers !== undefined) {
    try {
      values["headers"] = decodeTableAt(cursor, headers, "headers", limits);
    } catch (error) {
      if (!(error instanceof FaultError) || limits.strict) throw error;
      frame.headersError = error.fault;
      frame.headersOctets = hexOf(cursor.octets.subarray(...headers));
    }
  }
  return frame;
}

/** Frames in the octets of a stream from its beginning, up to the first that is not whole or is wrong. */
export function decodeStream(octets: Uint8Array, options: DecodeOptions = {}): Decoded {
  const limits: Limits = {
    frameMax: options.frameMax ?? 131072,
    maxDepth: options.maxDepth ?? 32,
    maxFields: options.maxFields ?? 16384,
    strict: options.strict ?? false,
  };
  const frames: NeutralFrame[] = [];
  let position = 0;
  try {
    for (;;) {
      const next = decodeFrame(octets, position, limits);
      if (next === undefined) return { frames, incompleteFrom: position };
      frames.push(next.frame);
      position = next.end;
    }
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    return { frames, error: error.fault, incompleteFrom: position };
  }
}

function decodeFrame(
  octets: Uint8Array,
  start: number,
  limits: Limits,
): { frame: NeutralFrame; end: number } | undefined {
  const fail = (code: string, offset: number): never => {
    throw new FaultError(code, offset, "", false);
  };
  const there = octets.length - start;
  if (there === 0) return undefined;
  const type = octets[start]!;
  if (start === 0 && type === 65) {
    [65, 77, 81, 80].forEach((expected, index) => {
      if (index < there && octets[index] !== expected) fail("protocol-header", index);
    });
    if (there < 8) return undefined;
    const version: NeutralProtocolHeader["version"] = [octets[4]!, octets[5]!, octets[6]!, octets[7]!];
    return { frame: { offset: 0, type: "protocol-header", channel: 0, size: 8, version }, end: 8 };
  }
  if (type !== 1 && type !== 2 && type !== 3 && type !== 8) fail("frame-type", start);
  if (there < 7) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const channel = view.getUint16(start + 1);
  const size = view.getUint32(start + 3);
  if (type === 8 && channel !== 0) fail("heartbeat-channel", start + 1);
  if (type === 8 && size !== 0) fail("heartbeat-payload", start + 3);
  if (limits.frameMax !== 0 && size > limits.frameMax) fail("frame-size", start + 3);
  if (there < size + 8) return undefined;
  const end = start + 7 + size;
  if (octets[end] !== FRAME_END) fail("frame-end", end);
  const envelope: Envelope = { offset: start, channel, size };
  const cursor = new Cursor(octets, start + 7, end, type === 2);
  let frame: NeutralFrame;
  if (type === 1) frame = decodeMethod(cursor, envelope, limits);
  else if (type === 2) frame = decodeHeader(cursor, envelope, limits);
  else if (type === 3) frame = { ...envelope, type: 3, payload: octets.subarray(start + 7, end) };
  else frame = { ...envelope, type: 8 };
  return { frame, end: end + 1 };
}

/** The fields of a table (without its length), or what is wrong with them; offsets count from the first field. */
export function decodeTable(octets: Uint8Array, options: DecodeOptions = {}): NeutralTable {
  const walk = { maxDepth: options.maxDepth ?? 32, maxFields: options.maxFields ?? 16384, count: 0 };
  return decodeFields(new Cursor(octets, 0, octets.length, false), false, "", 0, walk);
}

/** Octets in the order in which they are written. */
class Sink {
  readonly octets: number[] = [];

  unsigned(value: number | bigint, width: number): void {
    const bits = BigInt.asUintN(8 * width, BigInt(value));
    for (let i = width - 1; i >= 0; i--) this.octets.push(Number((bits >> BigInt(8 * i)) & 255n));
  }

  raw(octets: Iterable<number>): void {
    for (const octet of octets) this.octets.push(octet);
  }

  /** What `write` writes, with its length in so many octets before it. */
  counted(width: number, write: (inner: Sink) => void): void {
    const inner = new Sink();
    write(inner);
    this.unsigned(inner.octets.length, width);
    this.raw(inner.octets);
  }
}

const encoder = new TextEncoder();
const isTagged = <Tag extends string>(value: unknown, tag: Tag): value is Record<Tag, unknown> =>
  typeof value === "object" && value !== null && tag in value;
const stringOctets = (value: unknown): Uint8Array =>
  isTagged(value, "$bytes") ? octetsOf(String(value.$bytes)) : encoder.encode(value as string);
const bigintOf = (value: unknown): bigint =>
  isTagged(value, "$bigint") ? BigInt(String(value.$bigint)) : BigInt(value as number);

const widths: Record<string, number> = { octet: 1, short: 2, long: 4, longlong: 8 };
const integerWidths: Record<string, number> = { b: 1, B: 1, s: 2, u: 2, I: 4, i: 4, l: 8, L: 8 };

function encodeValue(sink: Sink, type: string, value: NeutralValue): void {
  if (type === "shortstr") sink.counted(1, (inner) => inner.raw(stringOctets(value)));
  else if (type === "longstr") sink.counted(4, (inner) => inner.raw(stringOctets(value)));
  else if (type === "table") sink.counted(4, (inner) => encodeFields(inner, value as NeutralTable));
  else if (type === "timestamp") sink.unsigned(bigintOf((value as { $timestamp: NeutralInteger }).$timestamp), 8);
  else sink.unsigned(bigintOf(value), widths[type] ?? 0);
}

function encodeFields(sink: Sink, table: NeutralTable): void {
  for (const [key, field] of table) {
    sink.counted(1, (inner) => inner.raw(stringOctets(key)));
    encodeField(sink, field);
  }
}

function encodeField(sink: Sink, [type, value]: NeutralField): void {
  sink.raw(encoder.encode(type));
  const integerWidth = integerWidths[type];
  if (integerWidth !== undefined) return sink.unsigned(bigintOf(value), integerWidth);
  switch (type) {
    case "t":
      return sink.unsigned(isTagged(value, "$true") ? value.$true : Number(value), 1);
    case "f":
    case "d": {
      if (isTagged(value, "$nan")) return sink.raw(octetsOf(String(value.$nan)));
      const view = new DataView(new ArrayBuffer(type === "f" ? 4 : 8));
      if (type === "f") view.setFloat32(0, value as number);
      else view.setFloat64(0, value as number);
      return sink.raw(new Uint8Array(view.buffer));
    }
    case "D": {
      const [scale, unscaled] = (value as { $decimal: [number, number] }).$decimal;
      sink.unsigned(scale, 1);
      return sink.unsigned(unscaled, 4);
    }
    case "T":
      return encodeValue(sink, "timestamp", value as NeutralScalar);
    case "V":
      return;
    case "S":
    case "x":
      return sink.counted(4, (inner) => inner.raw(stringOctets(value)));
    case "A":
      return sink.counted(4, (inner) => (value as NeutralArray).forEach((element) => encodeField(inner, element)));
    case "F":
      return sink.counted(4, (inner) => encodeFields(inner, value as NeutralTable));
    default:
      throw new Error(`no field type ${type}`);
  }
}

function encodeMethod(sink: Sink, frame: NeutralMethod): void {
  const method = methodsByName.get(frame.name);
  if (method === undefined) throw new Error(`no method ${frame.name}`);
  sink.unsigned(method.classId, 2);
  sink.unsigned(method.methodId, 2);
  let runs = 0;
  for (let i = 0; i < method.arguments.length;) {
    const { name, type } = method.arguments[i]!;
    if (type === "bit") {
      let octet = 0;
      for (let bit = 0; method.arguments[i]?.type === "bit"; i++, bit++) {
        if (frame.args[method.arguments[i]!.name] === true) octet |= 1 << bit;
      }
      sink.unsigned(frame.bits?.[runs++] ?? octet, 1);
      continue;
    }
    i++;
    encodeValue(sink, type, frame.args[name]!);
  }
}

function encodeHeader(sink: Sink, frame: NeutralHeader): void {
  sink.unsigned(frame.class, 2);
  sink.unsigned(0, 2);
  sink.unsigned(bigintOf(frame.bodySize), 8);
  const present = (name: string): boolean =>
    name in frame.properties || (name === "headers" && frame.headersOctets !== undefined);
  let flags = frame.spareFlag ? 2 : 0;
  properties.forEach(({ name }, index) => {
    if (present(name)) flags |= 0x8000 >> index;
  });
  sink.unsigned(flags, 2);
  for (const { name, type } of properties.filter(({ name }) => present(name))) {
    const value = frame.properties[name];
    if (value !== undefined) encodeValue(sink, type, value);
    else sink.counted(4, (inner) => inner.raw(octetsOf(frame.headersOctets!)));
  }
}

/** The octets of a frame, the same that it was decoded from. Offset and size are not looked at. */
export function encodeFrame(frame: NeutralFrame): Uint8Array {
  if (frame.type === "protocol-header") return Uint8Array.of(65, 77, 81, 80, ...frame.version);
  let payload: ArrayLike<number>;
  if (frame.type === 3) payload = frame.payload;
  else {
    const sink = new Sink();
    if (frame.type === 1) encodeMethod(sink, frame);
    else if (frame.type === 2) encodeHeader(sink, frame);
    payload = sink.octets;
  }
  const octets = new Uint8Array(payload.length + 8);
  const view = new DataView(octets.buffer);
  view.setUint8(0, frame.type);
  view.setUint16(1, frame.channel);
  view.setUint32(3, payload.length);
  octets.set(payload, 7);
  octets[payload.length + 7] = FRAME_END;
  return octets;
}

/** The octets of a table's fields, without the length. */
export function encodeTable(table: NeutralTable): Uint8Array {
  const sink = new Sink();
  encodeFields(sink, table);
  return Uint8Array.from(sink.octets);
}

/** A key as objects show it: octets that are not UTF-8 are read as Latin-1. */
export function keyOf(key: NeutralString): string {
  return typeof key === "string" ? key : String.fromCharCode(...octetsOf(key.$bytes));
}
