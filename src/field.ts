/**
 * A value of a field table with its type octet chosen by hand: `new Field("B", 200)`. Needed only where a receiver insists on a type;
 * otherwise the encoder chooses (section 4.2.5.5 and RabbitMQ's errata list the octets).
 */
export class Field {
  /** One of `t b B s u I i l L f d D T V S x A F`. */
  readonly type: string;
  readonly value: unknown;

  constructor(type: string, value: unknown) {
    this.type = type;
    this.value = value;
  }
}

/** A number that goes out as a 32-bit float, type octet `f`; it is rounded to what 32 bits hold. */
export function float32(value: number): Field {
  return new Field("f", value);
}

const longStrings = new WeakSet<Uint8Array>();

/** Marks octets of a table that go out as a long string, type octet `S`, and not as a byte array, type octet `x`. Answers the same array. */
export function longString(octets: Uint8Array): Uint8Array {
  longStrings.add(octets);
  return octets;
}

/** Whether octets were marked, by `longString` or because they were decoded from a long string that is not UTF-8. */
export function isLongString(octets: Uint8Array): boolean {
  return longStrings.has(octets);
}
