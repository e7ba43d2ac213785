/** One HTTP server for the inspector page, /metrics, /healthz and the WebSockets that carry AMQP. */
import { createServer, STATUS_CODES, type IncomingMessage, type Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import type { PageHandler } from "./frame-tap.js";
import { stranger } from "./greeting.js";
import type { Log } from "./log.js";
import { originFault } from "./origins.js";
import { peerOf } from "./stream-link.js";

export interface WebServerOptions {
  origins: readonly string[];
  loopback: boolean;
  /** Path of the WebSockets that carry AMQP. */
  path: string;
  maxMessage: number;
  log: Log;
  page: PageHandler | undefined;
  /** Answers why nobody else is let in, or nothing. */
  closedTo: () => string | undefined;
  rejected: () => void;
  connected: (socket: WebSocket, peer: string) => void;
  metrics: () => string;
  healthy: () => boolean;
}

const subProtocols = ["amqp", "amqp091"];

export class WebServer {
  readonly server: Server;
  readonly #sockets: WebSocketServer;
  readonly #options: WebServerOptions;

  constructor(options: WebServerOptions) {
    this.#options = options;
    this.#sockets = new WebSocketServer({
      noServer: true,
      // AMQP's own frames are small and its bodies often packed already; a compressor would hold its own buffers past our bounds.
      perMessageDeflate: false,
      maxPayload: options.maxMessage,
      handleProtocols: (offered) => subProtocols.find((name) => offered.has(name)) ?? false,
    });
    this.server = createServer((request, response) => {
      const pathname = pathOf(request);
      const { page } = options;
      response.setHeader("x-content-type-options", "nosniff");
      if (request.method !== "GET" && request.method !== "HEAD") response.writeHead(405).end();
      else if (pathname === "/metrics") {
        response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }).end(options.metrics());
      } else if (pathname === "/healthz") {
        const healthy = options.healthy();
        response.writeHead(healthy ? 200 : 503, { "content-type": "text/plain" }).end(healthy ? "ok\n" : "stopping\n");
      } else if (page === undefined || !this.#mayLook(request) || !page.handle(request, response)) {
        response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
      }
    });
    this.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
    this.server.on("clientError", (error: HttpFault, socket: Socket) => {
      const what = httpStranger(error);
      if (what !== undefined) {
        options.log("warning", "stranger", `refused: ${what}`, { peer: peerOf(socket) });
        options.rejected();
      }
      const status = error.code === TIMEOUT ? 408 : 400;
      if (socket.writable) socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n\r\n`);
      else socket.destroy();
    });
  }

  /** The page shows what goes on here: it is for those who may open a WebSocket. */
  #mayLook(request: IncomingMessage): boolean {
    return originFault(request, this.#options) === undefined;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { log, page, path, closedTo, rejected, connected } = this.#options;
    const peer = peerOf(request.socket);
    const refuse = (status: number, why: string): void => {
      rejected();
      log("warning", "rejected", `WebSocket refused: ${why}`, { peer, status });
      socket.on("error", () => {});
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    };
    const fault = originFault(request, this.#options);
    if (fault !== undefined) return refuse(403, fault);
    const pathname = pathOf(request);
    if (pathname !== path) {
      if (page?.upgrade?.(request, socket, head) !== true) refuse(404, `no WebSocket at ${JSON.stringify(pathname)}`);
      return;
    }
    const offered = request.headers["sec-websocket-protocol"]?.split(",").map((name) => name.trim()) ?? [];
    if (offered.length > 0 && !offered.some((name) => subProtocols.includes(name))) {
      return refuse(400, `sub-protocols ${JSON.stringify(offered.join(", "))}, where amqp or amqp091 is spoken`);
    }
    const full = closedTo();
    if (full !== undefined) return refuse(503, full);
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => connected(webSocket, peer));
  }

  /** Takes no more requests; open WebSockets go on. */
  close(): void {
    this.#options.page?.close?.();
    this.server.close();
    this.server.closeIdleConnections();
  }
}

/** Not by `URL`: what a client sends as its target need not be part of one. */
const pathOf = ({ url = "/" }: IncomingMessage): string => url.replace(/[?#].*$/s, "");

/** What Node's parser says. */
interface HttpFault extends NodeJS.ErrnoException {
  /** The octets that are wrong. */
  rawPacket?: Buffer;
}
const TIMEOUT = "ERR_HTTP_REQUEST_TIMEOUT";

/** In words for the log; nothing for a line that is gone without a request. */
function httpStranger({ rawPacket: octets, code }: HttpFault): string | undefined {
  if (octets === undefined) {
    if (code === TIMEOUT) return "a request that does not go on, on the HTTP port";
    return code === "HPE_INVALID_EOF_STATE" ? "a request that breaks off, on the HTTP port" : undefined;
  }
  if (octets.subarray(0, 4).toString("latin1") === "AMQP") return "AMQP without a WebSocket on the HTTP port";
  const what = stranger(octets);
  return /^octets|^an HTTP/.test(what) ? "octets that are no HTTP on the HTTP port" : what;
}
