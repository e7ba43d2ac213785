import { ContentBody } from "./content-body.js";
import { CutFrame } from "./cut-frame.js";
import { FRAME_BODY, FRAME_HEADER_SIZE } from "./generated/constants.js";
import { ENVELOPE } from "./limits.js";
import { longAt } from "./long-at.js";

/** Where no more octets are left than these, to copy them takes less than to look at frames. */
const FEW_OCTETS = 8192;
/** Frames within which the next cut body is looked for: the rest of one content, method and header of the next, and one for another channel. */
const FRAMES_AHEAD = 4;

/** The payload of a body frame that is cut: it goes past the core, which gets the frame-end alone. */
export class CutBody extends CutFrame {
  /** Whether there is one. */
  open = false;
  channel = 0;

  /** Begins one of so many octets, `beyond` which come more of the same content. */
  openBody(channel: number, need: number, beyond: number): void {
    this.open = true;
    this.channel = channel;
    this.begin(need, beyond);
  }

  /** The body, once its end was found. */
  end(): ContentBody {
    this.open = false;
    return new ContentBody(this.take(), this.channel);
  }

  drop(): void {
    this.open = false;
    this.take();
  }
}

/** How many octets of a chunk the core is to get, from the end of a cut body at `at` on: where the next one follows soon, up to its payload. To copy that into the input, too, would cost a third of what it takes to keep it. */
export function octetsForCore(chunk: Uint8Array, at: number): number {
  const { length } = chunk;
  const left = length - at;
  let payload = at + ENVELOPE;
  for (let i = 0; i < FRAMES_AHEAD && left > FEW_OCTETS; i++) {
    const end = payload + longAt(chunk, payload - 4) + 1;
    if (end > length && chunk[payload - FRAME_HEADER_SIZE] === FRAME_BODY) return payload - at;
    payload = end + FRAME_HEADER_SIZE;
    if (payload > length) break;
  }
  return left;
}
