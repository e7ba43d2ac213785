/** The gateway: listens, joins each client to a broker's connection of its own, and stops in an orderly way. */
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { WebSocket } from "ws";
import { systemClock, type Clock } from "./clock.js";
import { newCounters, type Counters } from "./counters.js";
import { FrameTap, type PageHandler, type TapConnection } from "./frame-tap.js";
import { defaultLimits, type Limits } from "./limits.js";
import type { Link } from "./link.js";
import { createLog, type Log } from "./log.js";
import { metricsText } from "./metrics.js";
import { Session, type SessionContext } from "./session.js";
import { peerOf, StreamLink } from "./stream-link.js";
import type { Upstream } from "./upstream.js";
import { WebServer } from "./web-server.js";
import { WebSocketLink } from "./websocket-link.js";

export interface Address {
  host: string;
  port: number;
}

export interface GatewayOptions {
  /** Where to listen for TCP; `undefined` for nowhere. Port 0: any that is free. */
  tcp?: Address | undefined;
  /** Where to listen for HTTP and WebSocket; `undefined` for nowhere. */
  web?: Address | undefined;
  upstream: Upstream;
  limits?: Partial<Limits>;
  /** Origins whose pages may open a WebSocket, beside our own; `*` for all. */
  origins?: readonly string[];
  /** Path of the WebSocket. Defaults to `/`. */
  path?: string;
  /** Sends each frame in a WebSocket message of its own. Defaults to false: as many as there are. */
  oneFrameAMessage?: boolean;
  log?: Log;
  clock?: Clock;
  /** What is served beside the gateway's own addresses. */
  page?: (tap: FrameTap) => PageHandler;
}

/** How often timeouts are looked at, in milliseconds. */
const TICK = 250;
const KEEP_ALIVE = 60_000;

export class Gateway {
  readonly tap = new FrameTap();
  readonly counters: Counters = newCounters();
  readonly limits: Limits;
  readonly #options: GatewayOptions;
  readonly #log: Log;
  readonly #sessions = new Set<Session>();
  readonly #context: SessionContext;
  readonly #endTicks: () => void;
  readonly #tcp: Server | undefined;
  readonly #web: WebServer | undefined;
  #lastId = 0;
  #stopping = false;
  #empty: (() => void) | undefined;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.limits = { ...defaultLimits, ...options.limits };
    this.#log = options.log ?? createLog();
    const clock = options.clock ?? systemClock;
    this.#context = {
      clock,
      limits: this.limits,
      counters: this.counters,
      log: this.#log,
      tap: this.tap,
      dial: (connected) => options.upstream.dial(connected),
      over: (session) => {
        this.#sessions.delete(session);
        this.counters.connections = this.#sessions.size;
        if (this.#sessions.size === 0) this.#empty?.();
      },
    };
    this.#endTicks = clock.every(TICK, () => {
      for (const session of this.#sessions) session.tick();
    });
    this.#tcp = options.tcp && createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    this.#web = options.web && this.#webServer(options.web);
  }

  /** Octets that are held for peers which read slowly. */
  get buffered(): number {
    let buffered = 0;
    for (const { client, upstream } of this.#sessions) {
      buffered += client.link.buffered + (upstream?.link.buffered ?? 0);
    }
    return buffered;
  }

  /** Begins to listen. Answers where. @throws Error where that fails; then nothing goes on. */
  async start(): Promise<{ tcp: Address | undefined; web: Address | undefined }> {
    const { tcp, web } = this.#options;
    try {
      return {
        tcp: this.#tcp && (await listen(this.#tcp, tcp!)),
        web: this.#web && (await listen(this.#web.server, web!)),
      };
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Closes one client's connection (320), by the id that logs and the tap have for it. Answers whether it was there. */
  disconnect(id: number, text: string): boolean {
    for (const session of this.#sessions) {
      if (session.connection.id !== id) continue;
      session.end(320, text);
      return true;
    }
    return false;
  }

  /** Tells all clients that the connection is closed (320), waits for their answers as long as `closeTime`, and ends. */
  async stop(text = "the gateway stops"): Promise<void> {
    this.#stopping = true;
    this.#tcp?.close();
    this.#web?.close();
    for (const session of this.#sessions) session.end(320, text);
    if (this.#sessions.size > 0) {
      await new Promise<void>((resolve) => {
        this.#empty = resolve;
        // Each side has its own deadline; this one is for what even those do not end.
        setTimeout(
          () => {
            for (const session of this.#sessions) session.destroy();
            resolve();
          },
          1000 * this.limits.closeTime + 1000,
        ).unref();
      });
    }
    this.#endTicks();
    this.#web?.server.closeAllConnections();
    await this.#options.upstream.close?.();
  }

  #accept(socket: Socket): void {
    const peer = peerOf(socket);
    const full = this.#closedTo();
    if (full !== undefined) {
      this.counters.rejected += 1;
      this.#log("warning", "rejected", `client refused: ${full}`, { peer });
      socket.destroy();
      return;
    }
    socket.setKeepAlive(true, KEEP_ALIVE);
    this.counters.tcp += 1;
    this.#join(new StreamLink(socket, peer), "tcp");
  }

  #closedTo(): string | undefined {
    if (this.#stopping) return "the gateway stops";
    const { maxConnections } = this.limits;
    return this.#sessions.size < maxConnections ? undefined : `${maxConnections} connections are open already`;
  }

  #join(link: Link, transport: TapConnection["transport"]): void {
    const connection: TapConnection = { id: ++this.#lastId, transport, peer: link.peer, openedAt: Date.now() };
    this.#sessions.add(new Session(link, connection, this.#context));
    this.counters.connections = this.#sessions.size;
  }

  #webServer({ host }: Address): WebServer {
    const { origins = [], path = "/", oneFrameAMessage = false, page } = this.#options;
    return new WebServer({
      origins,
      loopback: /^(?:localhost|127\.|::1$|\[::1\]$)/.test(host),
      path,
      maxMessage: this.limits.maxWebSocketMessage,
      log: this.#log,
      page: page?.(this.tap),
      closedTo: () => this.#closedTo(),
      rejected: () => (this.counters.rejected += 1),
      connected: (socket: WebSocket, peer: string) => {
        this.counters.webSocket += 1;
        this.#join(new WebSocketLink(socket, peer, oneFrameAMessage), "websocket");
      },
      metrics: () => metricsText(this.counters, this.buffered),
      healthy: () => !this.#stopping,
    });
  }
}

function listen(server: Server, { host, port }: Address): Promise<Address> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const { address, port: bound } = server.address() as AddressInfo;
      resolve({ host: address, port: bound });
    });
  });
}
