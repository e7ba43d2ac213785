import { inspectSymbol } from "./inspection.js";

/** A heartbeat frame: channel 0, no payload (section 4.2.7). */
export class Heartbeat {
  declare readonly name: "Heartbeat";
  /** Always 0. */
  readonly channel = 0;

  equals(other: unknown): boolean {
    return other instanceof Heartbeat;
  }

  toJSON(): Record<string, unknown> {
    return {};
  }

  toString(): string {
    return this.name;
  }

  [inspectSymbol](): string {
    return this.name;
  }
}
Object.defineProperty(Heartbeat.prototype, "name", { value: "Heartbeat" });
// Bundlers call a class otherwise that names itself.
Object.defineProperty(Heartbeat, "name", { value: "Heartbeat" });
