/** Octets put together by hand, without the codec that is tested. */
import { expect } from "vitest";
import { DecodeError, EncodeError } from "../../src/index.js";
import { concat } from "./octets.js";

const encoder = new TextEncoder();

export function ascii(text: string): Uint8Array {
  return encoder.encode(text);
}

/** A number in so many octets, most significant first. */
export function integer(value: number | bigint, octets: number): Uint8Array {
  const big = BigInt(value);
  return Uint8Array.from({ length: octets }, (_, i) => Number((big >> BigInt(8 * (octets - 1 - i))) & 0xffn));
}

export function shortstr(text: string | Uint8Array): Uint8Array {
  const octets = typeof text === "string" ? ascii(text) : text;
  return concat([integer(octets.length, 1), octets]);
}

export function longstr(text: string | Uint8Array): Uint8Array {
  const octets = typeof text === "string" ? ascii(text) : text;
  return concat([integer(octets.length, 4), octets]);
}

/** A field of a table: its name, the letter of its type, the octets of its value. */
export function fieldOf(key: string | Uint8Array, type: string, value: Uint8Array = new Uint8Array(0)): Uint8Array {
  return concat([shortstr(key), elementOf(type, value)]);
}

/** An element of an array. */
export function elementOf(type: string, value: Uint8Array = new Uint8Array(0)): Uint8Array {
  return concat([ascii(type), value]);
}

/** Fields behind their length. */
export function tableOf(...fields: readonly Uint8Array[]): Uint8Array {
  return longstr(concat(fields));
}

export function frameOf(type: number, channel: number, payload: Uint8Array, end = 206): Uint8Array {
  return concat([integer(type, 1), integer(channel, 2), integer(payload.length, 4), payload, Uint8Array.of(end)]);
}

export function methodFrame(channel: number, classId: number, methodId: number, ...values: Uint8Array[]): Uint8Array {
  return frameOf(1, channel, concat([integer(classId, 2), integer(methodId, 2), ...values]));
}

/** A content header frame: property flags, and the values that they announce. */
export function headerFrame(
  channel: number,
  bodySize: number | bigint,
  flags = 0,
  ...values: Uint8Array[]
): Uint8Array {
  return frameOf(
    2,
    channel,
    concat([integer(60, 2), integer(0, 2), integer(bodySize, 8), integer(flags, 2), ...values]),
  );
}

export function bodyFrame(channel: number, body: Uint8Array): Uint8Array {
  return frameOf(3, channel, body);
}

export const heartbeatFrame = frameOf(8, 0, new Uint8Array(0));

/** Octets that tell their place. */
export function counted(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i + from) % 251);
}

/** What a call throws; the test fails where it throws nothing. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return expect.unreachable("should have thrown");
}

/** The `DecodeError` that a call throws. */
export function decodeErrorOf(call: () => unknown): DecodeError {
  const error = thrownBy(call);
  expect(error).toBeInstanceOf(DecodeError);
  return error as DecodeError;
}

/** The `EncodeError` that a call throws. */
export function encodeErrorOf(call: () => unknown): EncodeError {
  const error = thrownBy(call);
  expect(error).toBeInstanceOf(EncodeError);
  return error as EncodeError;
}
