/** What goes out to one side: whole frames, none larger than that side takes. */
import { ContentBody, EncodeError, marshal, type Frame } from "amqp-wasm";
import type { FrameWalk } from "./frame-walk.js";

const ENVELOPE = 8;
const FRAME_HEADER = 7;

export class Outbox {
  /** Largest frame with its envelope, in octets. */
  frameMax: number;
  /** Whether frames that stand beside each other in a chunk may go out as one piece. */
  readonly #join: boolean;
  #pieces: Uint8Array[] = [];

  constructor(frameMax: number, join = true) {
    this.frameMax = frameMax;
    this.#join = join;
  }

  get empty(): boolean {
    return this.#pieces.length === 0;
  }

  /** A frame of the gateway's own. Answers its octets. */
  write(frame: Frame, channel = 0): Uint8Array {
    const octets = marshal(frame, channel);
    this.#pieces.push(octets);
    return octets;
  }

  /** The frame that the walk stands at. @throws EncodeError where it is larger than this side takes and cannot be split. */
  forward(walk: FrameWalk): void {
    const { octets } = walk;
    if (octets.length <= this.frameMax) {
      this.#add(octets);
      return;
    }
    if (walk.name !== "ContentBody") {
      throw new EncodeError(
        `${walk.name} of ${octets.length} octets, where the peer takes frames of ${this.frameMax} octets`,
      );
    }
    const most = this.frameMax - ENVELOPE;
    const end = octets.length - 1;
    for (let at = FRAME_HEADER; at < end; at += most) {
      this.#pieces.push(marshal(new ContentBody(octets.subarray(at, Math.min(end, at + most))), walk.channel));
    }
  }

  #add(octets: Uint8Array): void {
    const pieces = this.#pieces;
    const last = pieces.at(-1);
    if (
      this.#join &&
      last !== undefined &&
      last.buffer === octets.buffer &&
      last.byteOffset + last.length === octets.byteOffset
    ) {
      pieces[pieces.length - 1] = new Uint8Array(last.buffer, last.byteOffset, last.length + octets.length);
    } else pieces.push(octets);
  }

  /** Answers what was gathered since the last time. */
  take(): Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}
