/** Content headers (section 4.2.6.1). */
import { Properties, type PropertiesFields } from "./generated/properties.js";
import { described, inspected, inspectSymbol } from "./inspection.js";
import { shownProperties } from "./property-list.js";
import type { Longlong } from "./types.js";

const NO_FIELDS = {};

/** A content header frame: how large the content is, and its properties. */
export class ContentHeader {
  declare readonly name: "ContentHeader";
  /** Class of the content: 60, Basic, is the only one. */
  declare readonly classId: 60;
  /** Reserved by the standard: 0. */
  declare readonly weight: 0;
  /** Channel that it came on or goes out on: 0 to 65535. Defaults to 0. */
  channel: number;
  /** Octets of all bodies together: 0 to 18446744073709551615. Defaults to 0. */
  bodySize: Longlong;
  #properties: Properties;

  /** @throws ValidationError where a property breaks a rule. */
  constructor(
    fields: { bodySize?: Longlong; properties?: Properties | PropertiesFields | null; channel?: number } = NO_FIELDS,
    decoded?: Properties,
    channel = 0,
    bodySize: Longlong = 0,
  ) {
    this.channel = channel;
    this.bodySize = bodySize;
    this.#properties = decoded!;
    if (decoded === undefined) {
      this.channel = fields.channel ?? 0;
      this.bodySize = fields.bodySize ?? 0;
      this.properties = fields.properties ?? {};
    }
  }

  /**
   * The content's properties, decoded when they are first asked for. Where the header table is wrong, its `headers` throw when they are touched, and the other
   * properties are there.
   */
  get properties(): Properties {
    return this.#properties;
  }

  set properties(value: Properties | PropertiesFields) {
    this.#properties = value instanceof Properties ? value : new Properties(value);
  }

  /** Whether the other has the same size and equal properties; channels are not compared. */
  equals(other: unknown): boolean {
    return (
      other instanceof ContentHeader &&
      BigInt(other.bodySize) === BigInt(this.bodySize) &&
      this.properties.equals(other.properties)
    );
  }

  /** As a plain object; for `JSON.stringify` fit for JSON. */
  toJSON(key?: string): Record<string, unknown> {
    const { classId, weight, bodySize } = this;
    const size = key !== undefined && typeof bodySize === "bigint" ? String(bodySize) : bodySize;
    return { classId, weight, bodySize: size, properties: this.properties.toJSON(key) };
  }

  toString(): string {
    return described(this.name, shown(this));
  }

  [inspectSymbol](depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    return inspected(this.name, shown(this), depth, options, inspect);
  }
}

// No private method: each object would hold a word that says it has one.
function shown({ bodySize, properties }: ContentHeader): Record<string, unknown> {
  return { bodySize, properties: shownProperties(properties) };
}

Object.defineProperties(ContentHeader.prototype, {
  name: { value: "ContentHeader" },
  classId: { value: 60 },
  weight: { value: 0 },
});
// Bundlers call a class otherwise that names itself.
Object.defineProperty(ContentHeader, "name", { value: "ContentHeader" });
