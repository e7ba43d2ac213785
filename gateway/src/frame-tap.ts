/** What the gateway tells those who watch its frames: the inspector page, or a test. It costs nothing while nobody watches. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { DecodeError, FrameCursor } from "amqp-wasm";
import { hideSecrets } from "./secrets.js";

/** Which way a frame goes: `up` from the client to the broker, `down` from the broker to the client. */
export type Direction = "up" | "down";

/** A client's connection, as far as it is known. One object for its whole life; its fields are filled in as the handshake goes on. */
export interface TapConnection {
  /** Counts from 1 in the order in which clients came. */
  readonly id: number;
  readonly transport: "tcp" | "websocket";
  /** Address and port of the client, such as `127.0.0.1:51234`. */
  readonly peer: string;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  /** User that the client named, where the mechanism is PLAIN or AMQPLAIN; never a password. */
  user?: string;
  virtualHost?: string;
  /** The client's `product` and `version` properties. */
  product?: string;
  /** Octets of a frame on each side, once they were negotiated. */
  frameMax?: { client: number; upstream: number };
  /** Milliseconds since 1970, once the connection is over; and why, in words. */
  closedAt?: number;
  reason?: string;
}

/** One frame, or the octets that were none. */
export interface TapFrame {
  /** Counts from 1 over all connections, frames that were left out included. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly connection: TapConnection;
  readonly direction: Direction;
  /** Octets of the whole frame, envelope included. */
  readonly size: number;
  /**
   * The frame as it came: a copy, to be kept as long as one likes, and to be decoded when somebody looks at it (`unmarshal`). Passwords in it are
   * overwritten with `*`. Of a content body it holds the envelope's seven octets and the first `bodyOctets` of the body (see `TapWatcher`): it is shorter than
   * `size` then, and has no frame-end.
   */
  readonly octets: Uint8Array;
  /** Why the frame was refused. `octets` then begin where the refused frame does, and are at most 512, or 11 while the handshake is not done. */
  readonly error?: DecodeError;
  /** The gateway made this frame itself (a heartbeat, a close, its own half of the handshake); it did not come from the other side. */
  readonly own?: boolean;
}

/** Whoever wants to be told. Each call is made in the course of the gateway's own work: take what is needed and return. */
export interface TapWatcher {
  opened?(connection: TapConnection): void;
  /** More is known of the connection: user, virtual host, frame-max. */
  changed?(connection: TapConnection): void;
  closed?(connection: TapConnection): void;
  frame?(frame: TapFrame): void;
  /**
   * How many frames a second this watcher takes, in equal parts for each tenth of it; what is left of a part is kept for a second. Content that is left out is left out whole: method, header and bodies. Methods other than those of
   * the daily load may take the same number once more, so that a close is not lost among publishes; refused frames always come. Defaults to 2000.
   */
  readonly maxFramesPerSecond?: number;
  /** How many octets of a content body are copied. 0 hides bodies. Defaults to 4096. */
  readonly bodyOctets?: number;
}

/** Frames and octets in both directions, by name of the method or kind of frame; counted while somebody watches, and complete where frames are left out. */
export interface TapCount {
  up: number;
  down: number;
  octetsUp: number;
  octetsDown: number;
}

/** What the gateway serves beside its own addresses: the inspector page hangs in here. */
export interface PageHandler {
  /** Answers true where it took the request. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Answers true where it took the socket: for WebSocket paths of its own. The gateway has checked the origin. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** The gateway stops. */
  close?(): void;
}

interface Watching {
  readonly watcher: TapWatcher;
  readonly most: number;
  readonly bodyOctets: number;
  /** Frames that may still be told in this slice of time. */
  left: number;
  slice: number;
}

const DEFAULT_RATE = 2000;
/** Milliseconds: short, so that what is told is spread over the second. */
const SLICE = 100;
/** Slices whose rest is kept: a burst after some quiet is told whole. */
const KEPT = 10;
/** What there is much of where there is much. */
const daily: ReadonlySet<string> = new Set([
  "Basic.Publish",
  "Basic.Deliver",
  "Basic.Ack",
  "Basic.Get",
  "Basic.GetOk",
  "Basic.GetEmpty",
]);
const DEFAULT_BODY_OCTETS = 4096;
const REFUSED_OCTETS = 512;
const HANDSHAKE_OCTETS = 11;
const FRAME_HEADER_OCTETS = 7;
const NOBODY: Watching[] = [];

/** What has the octets of a frame; it need not make them where nobody is told. */
export interface FrameSource {
  readonly octets: Uint8Array;
}

/** The frame under a cursor; of a body that began to come while nobody watched, and of which only the size is known, the head. */
export function watchedFrame(cursor: FrameCursor): FrameSource {
  if (cursor.name !== "ContentBody" || cursor.body !== undefined) return cursor;
  const head = new DataView(new ArrayBuffer(FRAME_HEADER_OCTETS));
  head.setUint8(0, cursor.type);
  head.setUint16(1, cursor.channel);
  head.setUint32(3, cursor.size);
  return { octets: new Uint8Array(head.buffer) };
}

/** Between the gateway, which tells, and those who watch. */
export class FrameTap {
  /** Whether anybody watches: to be asked before anything is prepared for `tell`. */
  active = false;
  /** Frames that were told or left out. */
  frames = 0;
  /** Frames that at least one watcher was not told of. */
  skipped = 0;
  #watchings: Watching[] = [];
  readonly #connections = new Map<number, TapConnection>();
  readonly #counts = new Map<string, TapCount>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Connections that are open. */
  get connections(): TapConnection[] {
    return [...this.#connections.values()];
  }

  /** By the name that the library gives a frame: `Basic.Publish`, `ContentHeader`, `Heartbeat`. */
  get counts(): ReadonlyMap<string, TapCount> {
    return this.#counts;
  }

  /** Begins to watch; the answer ends it. */
  watch(watcher: TapWatcher): () => void {
    const watching: Watching = {
      watcher,
      most: Math.ceil(((watcher.maxFramesPerSecond ?? DEFAULT_RATE) * SLICE) / 1000),
      bodyOctets: watcher.bodyOctets ?? DEFAULT_BODY_OCTETS,
      left: 0,
      slice: -KEPT,
    };
    this.#watchings = [...this.#watchings, watching];
    this.active = true;
    return () => {
      this.#watchings = this.#watchings.filter((other) => other !== watching);
      this.active = this.#watchings.length > 0;
    };
  }

  opened(connection: TapConnection): void {
    this.#connections.set(connection.id, connection);
    for (const { watcher } of this.#watchings) watcher.opened?.(connection);
  }

  changed(connection: TapConnection): void {
    for (const { watcher } of this.#watchings) watcher.changed?.(connection);
  }

  closed(connection: TapConnection): void {
    this.#connections.delete(connection.id);
    for (const { watcher } of this.#watchings) watcher.closed?.(connection);
  }

  /** One stream of one connection; frames are told through it. */
  stream(connection: TapConnection, direction: Direction): TapStream {
    return new TapStream(this, connection, direction);
  }

  /** @internal */
  count(name: string, direction: Direction, octets: number): void {
    let count = this.#counts.get(name);
    if (count === undefined) this.#counts.set(name, (count = { up: 0, down: 0, octetsUp: 0, octetsDown: 0 }));
    if (direction === "up") {
      count.up += 1;
      count.octetsUp += octets;
    } else {
      count.down += 1;
      count.octetsDown += octets;
    }
  }

  /** Who is told of the next content or of a single frame: those whose slice is not used up. @internal */
  takers(name: string): Watching[] {
    const slice = Math.floor(this.#now() / SLICE);
    let takers = NOBODY;
    for (const watching of this.#watchings) {
      if (watching.slice !== slice) {
        const passed = Math.min(KEPT, slice - watching.slice);
        watching.slice = slice;
        watching.left = Math.min(KEPT * watching.most, watching.left + passed * watching.most);
      }
      if (watching.left <= 0 && (watching.left <= -watching.most || daily.has(name))) continue;
      if (takers === NOBODY) takers = [];
      takers.push(watching);
    }
    return takers;
  }

  /** Those who still watch. @internal */
  still(takers: Watching[]): Watching[] {
    if (takers.every((watching) => this.#watchings.includes(watching))) return takers;
    const left = takers.filter((watching) => this.#watchings.includes(watching));
    return left.length === 0 ? NOBODY : left;
  }

  /** A frame that nobody is told of. @internal */
  leaveOut(): void {
    this.frames += 1;
    this.skipped += 1;
  }

  /** @internal */
  tell(
    to: readonly Watching[],
    frame: Omit<TapFrame, "number" | "time" | "octets">,
    octets: Uint8Array,
    body: boolean,
  ): void {
    this.frames += 1;
    const head = { ...frame, number: this.frames, time: this.#now() };
    for (const watching of to) {
      watching.left -= 1;
      // Not with `slice`: that of a Buffer is a view, and hiding would reach the frame that goes on to the broker.
      const copy = body
        ? new Uint8Array(octets.subarray(0, FRAME_HEADER_OCTETS + watching.bodyOctets))
        : hideSecrets(new Uint8Array(octets));
      watching.watcher.frame?.({ ...head, octets: copy });
    }
    if (to.length < this.#watchings.length) this.skipped += 1;
  }

  /** @internal */
  all(): readonly Watching[] {
    return this.#watchings;
  }
}

/** What one direction of one connection tells. A content is told whole or not at all. */
export class TapStream {
  readonly #tap: FrameTap;
  readonly #connection: TapConnection;
  readonly #direction: Direction;
  /** By channel: who was told of the method whose content comes now. */
  readonly #content = new Map<number, Watching[]>();

  constructor(tap: FrameTap, connection: TapConnection, direction: Direction) {
    this.#tap = tap;
    this.#connection = connection;
    this.#direction = direction;
  }

  /** Whether anybody watches. */
  get active(): boolean {
    return this.#tap.active;
  }

  /** A whole valid frame. `name` is the library's, `octets` may be written over afterwards. */
  frame(name: string, channel: number, octets: Uint8Array, own = false): void {
    this.passed(name, channel, octets.length, { octets }, own);
  }

  /** The same, of `size` octets with the envelope, which the source is asked for where somebody is told. */
  passed(name: string, channel: number, size: number, source: FrameSource, own = false): void {
    const tap = this.#tap;
    if (!tap.active) {
      if (this.#content.size > 0) this.#content.clear();
      return;
    }
    tap.count(name, this.#direction, size);
    const body = name === "ContentBody";
    const continued = body || name === "ContentHeader";
    const takers = continued ? tap.still(this.#content.get(channel) ?? NOBODY) : tap.takers(name);
    if (!continued) this.#content.set(channel, takers);
    if (takers === NOBODY) return tap.leaveOut();
    const frame = { connection: this.#connection, direction: this.#direction, size, ...(own ? { own } : {}) };
    tap.tell(takers, frame, source.octets, body);
  }

  /** Octets that were refused, from the beginning of the refused frame on. Of a connection whose handshake is not done only the first few are shown: they may hold a password. */
  refused(error: DecodeError, octets: Uint8Array, handshake: boolean): void {
    const tap = this.#tap;
    if (!tap.active) return;
    const frame = { connection: this.#connection, direction: this.#direction, size: octets.length, error };
    tap.tell(tap.all(), frame, octets.subarray(0, handshake ? HANDSHAKE_OCTETS : REFUSED_OCTETS), false);
  }
}
