/** Random frames of every kind, with every argument, property and field type, in the reference codec's notation. */
import { fieldTypes } from "../../spec/amqp.js";
import {
  encodeFrame,
  methods,
  properties,
  type NeutralArray,
  type NeutralField,
  type NeutralFrame,
  type NeutralInteger,
  type NeutralScalar,
  type NeutralString,
  type NeutralTable,
  type NeutralValue,
} from "../reference.js";
import { hexOf } from "./octets.js";
import type { Random } from "./random.js";

const fieldLetters = fieldTypes.map(({ octet }) => octet);
const words = [
  "",
  "a",
  "x-death",
  "count",
  "routing.key",
  "__proto__",
  "constructor",
  "0",
  "42",
  "ключ",
  "\u{1f407}",
  "\ufeffbom",
  "é",
  "x".repeat(63),
  "y".repeat(64),
  "z".repeat(65),
];
const binary = ["ff", "c080", "eda080", "f4908080", "00fffe80", "61e282", "f0"];
const doubles = [0, -0, 1, -1, 0.5, 1e308, 5e-324, Infinity, -Infinity, 0.1, 16777217];

function integer(random: Random, bits: 8 | 16 | 32 | 64, signed: boolean): NeutralInteger {
  const wide = (BigInt(random.word()) << 32n) | BigInt(random.word());
  const edge = random.chance(3)
    ? random.pick([0n, 1n, (1n << BigInt(bits - 1)) - 1n, 1n << BigInt(bits - 1), ~0n, (1n << 53n) - 1n, 1n << 53n])
    : wide >> BigInt(random.below(64));
  const value = signed ? BigInt.asIntN(bits, edge) : BigInt.asUintN(bits, edge);
  return Number.isSafeInteger(Number(value)) ? Number(value) : { $bigint: value.toString() };
}

function text(random: Random, most: number): string {
  if (random.chance(2)) return random.pick(words);
  const length = random.chance(20) ? random.below(most + 1) : random.below(20);
  return Array.from({ length }, () => String.fromCharCode(32 + random.below(95))).join("");
}

const anyString = (random: Random, most: number): NeutralString =>
  random.chance(12) ? { $bytes: random.pick(binary) } : text(random, most);

function table(random: Random, depth: number): NeutralTable {
  const count = random.chance(3) ? 0 : random.below(6);
  return Array.from({ length: count }, () => [anyString(random, 255), field(random, depth)]);
}

function field(random: Random, depth: number): NeutralField {
  const type = random.pick(fieldLetters);
  const bits = { b: 8, B: 8, s: 16, u: 16, I: 32, i: 32, l: 64, L: 64 } as const;
  const scalar = (): NeutralScalar => {
    switch (type) {
      case "t":
        return random.chance(10) ? { $true: 2 + random.below(254) } : random.chance(2);
      case "f":
      case "d": {
        if (random.chance(15)) return { $nan: type === "f" ? "7fc00000" : "7ff8000000000000" };
        const value = random.chance(2) ? random.pick(doubles) : (random.word() - 0x80000000) / 1024;
        return type === "f" ? Math.fround(value) : value;
      }
      case "D":
        return { $decimal: [random.below(256), integer(random, 32, true) as number] };
      case "T":
        return { $timestamp: integer(random, 64, false) };
      case "V":
        return null;
      case "S":
        return anyString(random, 600);
      case "x":
        return { $bytes: hexOf(random.octets(random.below(40))) };
      default:
        return integer(random, bits[type as keyof typeof bits], !"Bui".includes(type));
    }
  };
  if (type === "F") return [type, depth < 4 ? table(random, depth + 1) : []];
  if (type === "A") {
    const array: NeutralArray = Array.from({ length: depth < 4 ? random.below(5) : 0 }, () => field(random, depth + 1));
    return [type, array];
  }
  return [type, scalar()];
}

function value(random: Random, type: string, utf8Only: boolean): NeutralValue {
  switch (type) {
    case "bit":
      return random.chance(2);
    case "octet":
      return integer(random, 8, false);
    case "short":
      return integer(random, 16, false);
    case "long":
      return integer(random, 32, false);
    case "longlong":
      return integer(random, 64, false);
    case "timestamp":
      return { $timestamp: integer(random, 64, false) };
    case "shortstr":
      return utf8Only ? text(random, 255) : anyString(random, 255);
    case "longstr":
      return anyString(random, 3000);
    default:
      return table(random, 0);
  }
}

/** A frame that any decoder must take. Offset and size are those that it has as the first of a stream. */
export function randomFrame(random: Random): NeutralFrame {
  const frame = withoutSize(random);
  return { ...frame, size: encodeFrame(frame).length - 8 };
}

/** Such as opens a stream, and stands nowhere else. */
export function randomProtocolHeader(random: Random): NeutralFrame {
  const [id, major, minor, revision] = random.octets(4) as unknown as [number, number, number, number];
  return { offset: 0, type: "protocol-header", channel: 0, size: 8, version: [id, major, minor, revision] };
}

function withoutSize(random: Random): NeutralFrame {
  const envelope = { offset: 0, channel: random.chance(4) ? random.below(65536) : 1, size: 0 };
  const kind = random.below(100);
  if (kind < 55) {
    const method = random.pick(methods);
    const args = Object.fromEntries(
      method.arguments.map(({ name, type }) => [name, value(random, type, !method.content)] as const),
    );
    return { ...envelope, type: 1, name: method.name, args };
  }
  if (kind < 88) {
    const share = 1 + random.below(6);
    const present = properties.filter(() => random.chance(share));
    const values = Object.fromEntries(present.map(({ name, type }) => [name, value(random, type, false)] as const));
    return { ...envelope, type: 2, class: 60, bodySize: integer(random, 64, false), properties: values };
  }
  if (kind < 97) return { ...envelope, type: 3, payload: random.octets(random.below(random.chance(20) ? 5000 : 60)) };
  return { ...envelope, type: 8, channel: 0 };
}

const lies = [
  0, 1, 3, 4, 5, 127, 128, 254, 255, 256, 65535, 131072, 131073, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];

/** The octets with something wrong in them, though not surely: bits turned, lengths that lie, pieces lost, doubled, or from elsewhere. */
export function mutated(random: Random, octets: Uint8Array, other: Uint8Array): Uint8Array {
  const place = (): number => random.below(octets.length + 1);
  const slice = (from: number, length: number): Uint8Array =>
    octets.subarray(from, Math.min(from + length, octets.length));
  const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
  switch (random.below(7)) {
    case 0:
    case 1: {
      const copy = Uint8Array.from(octets);
      for (let flips = 1 + random.below(3); flips > 0; flips--)
        copy[random.below(copy.length)]! ^= 1 << random.below(8);
      return copy;
    }
    case 2: {
      const copy = Uint8Array.from(octets);
      copy[random.below(copy.length)] = random.below(256);
      return copy;
    }
    case 3: {
      if (octets.length < 4) return octets;
      const copy = Uint8Array.from(octets);
      new DataView(copy.buffer).setUint32(random.below(copy.length - 3), random.pick(lies));
      return copy;
    }
    case 4:
      return slice(0, place());
    case 5: {
      const at = place();
      const length = 1 + random.below(8);
      return random.chance(2)
        ? join(slice(0, at), slice(at + length, octets.length))
        : join(slice(0, at), slice(at, length), slice(at, octets.length));
    }
    default: {
      const at = place();
      return join(slice(0, at), other.subarray(random.below(other.length)));
    }
  }
}

/** Octets that pass for a whole frame, so that what is wrong lies within it: the size is put right and the frame-end set. */
export function framed(octets: Uint8Array): Uint8Array {
  if (octets.length < 8) return octets;
  const copy = Uint8Array.from(octets);
  new DataView(copy.buffer).setUint32(3, copy.length - 8);
  copy[copy.length - 1] = 206;
  return copy;
}
