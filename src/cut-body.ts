import { ContentBody } from "./content-body.js";
import { CutFrame } from "./cut-frame.js";

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
