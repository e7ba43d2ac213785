/** The inspector: what the gateway's tap tells, shown to pages. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import type { FrameTap, PageHandler, TapConnection, TapFrame, TapWatcher } from "../frame-tap.js";
import { namesUs, sameOrigin } from "./access.js";
import { withoutSecrets } from "./hiding.js";
import { INSPECTOR_PATH } from "./messages.js";
import { PageFiles } from "./page-files.js";
import { PageSession } from "./page-session.js";
import { RecentFrames } from "./recent-frames.js";
import { Traffic } from "./traffic.js";

export interface InspectorOptions {
  /** The folder of the built page. */
  pageFolder: string;
  /** Whether the bodies of all connections are shown. Defaults to false: a page sees those of its own messages. */
  showBodies?: boolean;
  /** Path of the WebSockets that carry AMQP. Defaults to `/`. */
  path?: string;
  /** Names by which this gateway may be called, beside `localhost` and addresses. */
  hosts?: readonly string[];
  /** How many frames of a second are shown to open pages. Defaults to 2000. */
  framesPerSecond?: number;
  /** How many frames of a second are remembered while no page is open, for one that opens later; 0 leaves the tap alone until then. Defaults to 200. */
  idleFramesPerSecond?: number;
}

const FLUSH_MILLISECONDS = 100;
const BODY_OCTETS = 4096;
const MOST_PAGES = 16;

export class Inspector implements PageHandler {
  readonly #tap: FrameTap;
  readonly #options: Required<InspectorOptions>;
  readonly #files: PageFiles;
  readonly #recent = new RecentFrames();
  readonly #traffic: Traffic;
  readonly #pages = new Set<PageSession>();
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false });
  readonly #seconds: NodeJS.Timeout;
  #flushes: NodeJS.Timeout | undefined;
  #unwatch: () => void = () => undefined;

  constructor(tap: FrameTap, options: InspectorOptions) {
    this.#tap = tap;
    this.#options = {
      showBodies: false,
      path: "/",
      hosts: [],
      framesPerSecond: 2000,
      idleFramesPerSecond: 200,
      ...options,
    };
    this.#files = new PageFiles(options.pageFolder);
    this.#traffic = new Traffic(tap);
    this.#seconds = setInterval(() => this.#second(), 1000).unref();
    this.#watch();
  }

  handle(request: IncomingMessage, response: ServerResponse): boolean {
    if (namesUs(request, this.#options.hosts)) return this.#files.handle(request, response);
    response
      .writeHead(403, { "content-type": "text/plain" })
      .end("The inspector does not know this name of its host.\n");
    return true;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if ((request.url ?? "").replace(/[?#].*$/s, "") !== INSPECTOR_PATH) return false;
    if (!namesUs(request, this.#options.hosts) || !sameOrigin(request) || this.#pages.size >= MOST_PAGES) {
      socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return true;
    }
    this.#server.handleUpgrade(request, socket, head, (page) => this.#open(page));
    return true;
  }

  close(): void {
    clearInterval(this.#seconds);
    this.#unwatch();
    for (const page of this.#pages) page.close();
    this.#server.close();
  }

  #open(socket: WebSocket): void {
    const page = new PageSession(socket, randomBytes(16).toString("hex"), this.#options.showBodies);
    socket.on("close", () => this.#left(page));
    // Errors end in a close, which is enough.
    socket.on("error", () => undefined);
    this.#pages.add(page);
    if (this.#pages.size === 1) this.#watch();
    const { framesPerSecond, path } = this.#options;
    page.hello(
      { path, framesPerSecond, totals: this.#traffic.totals(), seconds: this.#traffic.seconds },
      this.#connections(),
    );
    for (const frame of this.#recent.all()) page.add(frame);
    this.#flushes ??= setInterval(() => this.#flush(), FLUSH_MILLISECONDS);
  }

  #left(page: PageSession): void {
    this.#pages.delete(page);
    if (this.#pages.size > 0) return;
    clearInterval(this.#flushes);
    this.#flushes = undefined;
    this.#watch();
  }

  /** Those that are open, and those that remembered frames are of. */
  #connections(): TapConnection[] {
    return [...new Set([...this.#recent.all().map(({ connection }) => connection), ...this.#tap.connections])];
  }

  /** Takes as much from the tap as there are people to look at it. */
  #watch(): void {
    this.#unwatch();
    this.#unwatch = () => undefined;
    const { framesPerSecond, idleFramesPerSecond } = this.#options;
    const maxFramesPerSecond = this.#pages.size > 0 ? framesPerSecond : idleFramesPerSecond;
    if (maxFramesPerSecond === 0) return;
    const connection = (changed: TapConnection): void => {
      for (const page of this.#pages) page.connection(changed);
    };
    const watcher: TapWatcher = {
      maxFramesPerSecond,
      bodyOctets: BODY_OCTETS,
      opened: connection,
      changed: connection,
      closed: connection,
      frame: (frame) => this.#frame(frame),
    };
    this.#unwatch = this.#tap.watch(watcher);
  }

  #frame(told: TapFrame): void {
    const octets = withoutSecrets(told.octets);
    const frame = octets === told.octets ? told : { ...told, octets, size: octets.length };
    this.#recent.add(frame);
    for (const page of this.#pages) page.add(frame);
  }

  #flush(): void {
    for (const page of this.#pages) page.flush();
  }

  #second(): void {
    const second = this.#traffic.tick(Date.now());
    if (this.#pages.size === 0) return;
    const totals = this.#traffic.totals();
    for (const page of this.#pages) page.send({ kind: "second", second, totals });
  }
}
