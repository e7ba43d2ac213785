/** One of the two ends that the gateway stands between: a link, what is read from it, what goes out to it, and its heartbeats. */
import { Connection, FrameCursor, Heartbeat, type Frame } from "amqp-wasm";
import type { Clock } from "./clock.js";
import { ContentOrder } from "./content-order.js";
import type { TapStream } from "./frame-tap.js";
import type { Limits } from "./limits.js";
import type { Link } from "./link.js";
import { Outbox } from "./outbox.js";

/**
 * `open`: frames go both ways. `closing`: we sent a close and wait for the answer. `leaving`: the peer sent one and waits for ours. `ended`: nothing more is sent, and
 * what comes is thrown away. `closed`: gone.
 */
export type SideState = "open" | "closing" | "leaving" | "ended" | "closed";

export interface SideOptions {
  link: Link;
  clock: Clock;
  limits: Limits;
  frameMax: number;
  /** Whether header tables that come from this side have to be right, too; else they go on as they came. */
  strict: boolean;
  /** Where the frames that go out to this side are told. */
  tap: TapStream;
}

export class Side {
  readonly link: Link;
  readonly cursor: FrameCursor;
  readonly out: Outbox;
  /** Of what comes in from this side. */
  readonly order: ContentOrder;
  state: SideState = "open";
  /** Seconds; 0: none. */
  heartbeat = 0;
  /** Whether its octets are not read, because the other side has enough of them. */
  held = false;
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #tap: TapStream;
  readonly #frame = new Heartbeat();
  #lastRead: number;
  #lastWritten: number;
  /** When what is written last went somewhere. */
  #lastDrained: number;
  #deadline = Infinity;

  constructor({ link, clock, limits, frameMax, strict, tap }: SideOptions) {
    this.link = link;
    this.#clock = clock;
    this.#limits = limits;
    this.#tap = tap;
    this.cursor = new FrameCursor({ frameMax, strict });
    this.out = new Outbox(frameMax, link.oneFrameAPiece);
    this.order = new ContentOrder(limits.maxBodySize);
    this.#lastRead = this.#lastWritten = this.#lastDrained = clock.now();
  }

  /** What the peers agreed on, on this side. */
  agree(frameMax: number, heartbeat: number): void {
    this.cursor.frameMax = frameMax;
    this.out.frameMax = frameMax;
    this.heartbeat = heartbeat;
  }

  /** Octets came. */
  read(): void {
    this.#lastRead = this.#clock.now();
  }

  drained(): void {
    this.#lastDrained = this.#clock.now();
  }

  get full(): boolean {
    return this.link.buffered > this.#limits.maxBuffered;
  }

  hold(): void {
    this.held = true;
    this.link.pause();
  }

  release(): void {
    this.held = false;
    this.#lastRead = this.#clock.now();
    this.link.resume();
  }

  /** A frame of the gateway's own, at once. */
  send(frame: Frame): void {
    if (this.state === "ended" || this.state === "closed") return;
    const octets = this.out.write(frame);
    this.flush();
    if (this.#tap.active) this.#tap.frame(frame.name, 0, octets, true);
  }

  /** Sends what was gathered. */
  flush(): void {
    const pieces = this.out.take();
    if (pieces.length === 0 || this.state === "ended" || this.state === "closed") return;
    if (this.link.buffered === 0) this.#lastDrained = this.#clock.now();
    this.#lastWritten = this.#clock.now();
    this.link.write(pieces);
  }

  /** Sends a close and waits for the answer; everything else that comes is thrown away. */
  close(replyCode: number, replyText: string, classId = 0, methodId = 0): void {
    if (this.state !== "open") return;
    this.send(new Connection.Close({ replyCode, replyText: shortText(replyText), classId, methodId }));
    this.state = "closing";
    this.#deadline = this.#clock.now() + 1000 * this.#limits.closeTime;
    if (this.held) this.release();
  }

  /** Sends nothing more and lets the other end go, too. `fault` where it broke the rules. */
  end(fault = false): void {
    if (this.state === "ended" || this.state === "closed") return;
    this.flush();
    this.state = "ended";
    this.#deadline = this.#clock.now() + 1000 * this.#limits.closeTime;
    if (this.held) this.release();
    this.link.end(fault);
  }

  /** To be called now and then. Answers what is wrong with the peer, if something is. */
  tick(): string | undefined {
    const now = this.#clock.now();
    if (this.state === "closed") return undefined;
    if (now >= this.#deadline) {
      this.link.destroy();
      return undefined;
    }
    if (this.state !== "open") return undefined;
    const { stallTime } = this.#limits;
    const { buffered } = this.link;
    if (stallTime > 0 && buffered > 0 && now - this.#lastDrained >= 1000 * stallTime) {
      return `took nothing for ${stallTime} s while ${buffered} octets were waiting for it`;
    }
    if (this.heartbeat === 0) return undefined;
    if (!this.held && now - this.#lastRead >= 2000 * this.heartbeat) {
      return `sent nothing for ${2 * this.heartbeat} s, twice the heartbeat interval`;
    }
    // Behind octets that nobody takes a heartbeat tells nothing.
    if (buffered === 0 && now - this.#lastWritten >= 500 * this.heartbeat) this.send(this.#frame);
    return undefined;
  }
}

const encoder = new TextEncoder();

/** What a shortstr takes: 255 octets. */
export function shortText(text: string): string {
  let short = text.slice(0, 255);
  while (encoder.encode(short).length > 255) short = short.slice(0, -1);
  return short.toWellFormed();
}
