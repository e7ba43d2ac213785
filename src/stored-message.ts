import { ContentView } from "./content-view.js";
import type { Core } from "./core.js";
import type { DecodeSettings } from "./limits.js";

/** Where the frames of a message stand in its octets; the method's is the first. */
export interface MessagePlaces {
  readonly origin: number;
  readonly headerShift: number;
  readonly dense: number;
  readonly routing: number;
  readonly headerAt: number;
  readonly bodyFrame: number;
}

/**
 * A message that is kept: the octets of its method, its content header and its body in an array of its own, with the accessors of a cursor. `writer.deliver`, `getOk`, `return` and `forward` take it as often as
 * they are asked to. Made by `cursor.message()`; it holds no memory of the core, and nothing of the chunk.
 */
export class StoredMessage extends ContentView {
  /** @internal */
  constructor(core: Core, settings: DecodeSettings, octets: Uint8Array, places: MessagePlaces) {
    super(core, settings);
    this.held = octets;
    this.view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    this.messageEnd = octets.length;
    this.origin = places.origin;
    this.headerShift = places.headerShift;
    this.dense = places.dense;
    this.routing = places.routing;
    this.headerAt = places.headerAt;
    this.bodyFrame = places.bodyFrame;
  }

  /** All octets of the content. */
  override get body(): Uint8Array {
    return super.body!;
  }

  /** Octets of memory that the message takes: its frames with their envelopes, the body as one. */
  get length(): number {
    return this.messageEnd;
  }

  /** @internal */
  whole(): boolean {
    return true;
  }
}
