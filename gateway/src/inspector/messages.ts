/** What the gateway tells a page beside frames, as JSON text. Both sides use this file. */

export interface ShownConnection {
  readonly id: number;
  readonly transport: "tcp" | "websocket";
  readonly peer: string;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  readonly user?: string;
  readonly virtualHost?: string;
  readonly product?: string;
  readonly frameMax?: { client: number; upstream: number };
  readonly closedAt?: number;
  readonly reason?: string;
  /** It is this page's own: the bodies of its messages are not hidden. */
  readonly mine: boolean;
}

/** Frames and octets of one second, from clients and to them. */
export interface Second {
  /** Seconds since 1970. */
  readonly second: number;
  readonly up: number;
  readonly down: number;
  readonly octetsUp: number;
  readonly octetsDown: number;
}

/** Frames up and down and octets up and down, since somebody watches. */
export type Count = readonly [up: number, down: number, octetsUp: number, octetsDown: number];

export interface Totals {
  /** By the name that the library gives a frame. Exact, whatever the stream leaves out. */
  readonly counts: { readonly [name: string]: Count };
  readonly frames: number;
}

/** The first message. */
export interface Hello {
  readonly kind: "hello";
  /** Whether the bodies of all connections are shown. */
  readonly showBodies: boolean;
  /** What the page names itself by to the gateway when it connects as a client; nobody else learns it. */
  readonly key: string;
  /** Where a WebSocket of this gateway carries AMQP. */
  readonly path: string;
  /** Frames of a second that are shown at most. */
  readonly framesPerSecond: number;
  readonly connections: readonly ShownConnection[];
  readonly totals: Totals;
  /** The last minutes, oldest first. */
  readonly seconds: readonly Second[];
}

export type PageMessage =
  | Hello
  | { readonly kind: "connection"; readonly connection: ShownConnection }
  | { readonly kind: "second"; readonly second: Second; readonly totals: Totals };

/** The path of the page's WebSocket. */
export const INSPECTOR_PATH = "/inspector";
/** What the page calls itself when it connects as a client; its version is the page's key. */
export const PAGE_PRODUCT = "amqp-wasm inspector page";
