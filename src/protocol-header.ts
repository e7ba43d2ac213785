import { described, inspected, inspectSymbol } from "./inspection.js";

/** Parts of a protocol header, as its constructor takes them. */
export interface ProtocolHeaderFields {
  /** Protocol id: 0 to 255. Defaults to 0; AMQP 1.0 uses 0, 2 and 3. */
  id?: number;
  /** 0 to 255. Defaults to 0. */
  major?: number;
  /** 0 to 255. Defaults to 9. */
  minor?: number;
  /** 0 to 255. Defaults to 1. */
  revision?: number;
}

/** The eight octets that open a connection: "AMQP", protocol id, major, minor, revision (section 4.2.2). It has no envelope and no channel. */
export class ProtocolHeader {
  declare readonly name: "ProtocolHeader";
  /** Always 0: what opens a connection belongs to none. */
  readonly channel = 0;
  id: number;
  major: number;
  minor: number;
  revision: number;

  constructor({ id = 0, major = 0, minor = 9, revision = 1 }: ProtocolHeaderFields = {}) {
    this.id = id;
    this.major = major;
    this.minor = minor;
    this.revision = revision;
  }

  equals(other: unknown): boolean {
    return other instanceof ProtocolHeader && String(other) === String(this);
  }

  toJSON(): Record<string, unknown> {
    return { id: this.id, major: this.major, minor: this.minor, revision: this.revision };
  }

  toString(): string {
    return described(this.name, this.toJSON());
  }

  [inspectSymbol](depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    return inspected(this.name, this.toJSON(), depth, options, inspect);
  }
}
Object.defineProperty(ProtocolHeader.prototype, "name", { value: "ProtocolHeader" });
// Bundlers call a class otherwise that names itself.
Object.defineProperty(ProtocolHeader, "name", { value: "ProtocolHeader" });

/** A protocol header of its last four octets, most significant first. */
export function protocolHeaderOf(octets: number): ProtocolHeader {
  return new ProtocolHeader({
    id: octets >>> 24,
    major: (octets >>> 16) & 0xff,
    minor: (octets >>> 8) & 0xff,
    revision: octets & 0xff,
  });
}
