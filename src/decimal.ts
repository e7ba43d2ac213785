import { EncodeError } from "./errors.js";
import { kind } from "./kind.js";

/**
 * A decimal of a field table, type octet `D`: `unscaled` divided by ten to the power of `scale`. Exact: nothing is rounded.
 * The errata read the number as signed, as we do; section 4.2.5.4 of the standard leaves it open.
 */
export class Decimal {
  /** Digits behind the point: 0 to 255. */
  readonly scale: number;
  /** The number without its point: -2147483648 to 2147483647. */
  readonly unscaled: number;

  /** @throws EncodeError where a part is out of its range. */
  constructor(parts: { scale?: number; unscaled: number }) {
    if (typeof parts !== "object" || parts === null)
      throw new EncodeError(`{ scale, unscaled } required, received ${kind(parts)}`);
    const { scale = 0, unscaled } = parts;
    if (!Number.isInteger(scale) || scale < 0 || scale > 255) {
      throw new EncodeError(`Decimal scale range: 0 to 255, received ${kind(scale)}`);
    }
    if (!Number.isInteger(unscaled) || unscaled < -0x80000000 || unscaled > 0x7fffffff) {
      throw new EncodeError(`Decimal mantissa range: -2147483648 to 2147483647, received ${kind(unscaled)}`);
    }
    this.scale = scale;
    this.unscaled = unscaled;
  }

  /** The nearest number: what arithmetic needs, at the cost of exactness. */
  valueOf(): number {
    return Number(this.toString());
  }

  /** In full, with all digits behind the point: `"3.10"`. */
  toString(): string {
    const digits = String(Math.abs(this.unscaled)).padStart(this.scale + 1, "0");
    const point = digits.length - this.scale;
    return `${this.unscaled < 0 ? "-" : ""}${digits.slice(0, point)}${this.scale > 0 ? `.${digits.slice(point)}` : ""}`;
  }

  /** The text of `toString`. */
  toJSON(): string {
    return this.toString();
  }
}
