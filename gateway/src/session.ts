/** A client's connection and the broker's, from the protocol header to the last octet. One upstream connection each: nobody's fault is another's. */
import { EncodeError, type Connection } from "amqp-wasm";
import type { Clock } from "./clock.js";
import type { Counters, Traffic } from "./counters.js";
import { Endings } from "./endings.js";
import { asRefusal, Fault, replyText as asReplyText } from "./fault.js";
import { checkFrame } from "./frame-rules.js";
import { watchedFrame, type FrameTap, type TapConnection, type TapStream } from "./frame-tap.js";
import { Greeting, protocolHeader, stranger } from "./greeting.js";
import type { From } from "./handshake.js";
import type { Limits } from "./limits.js";
import type { Link } from "./link.js";
import type { Log, LogFields, LogLevel } from "./log.js";
import { Negotiation } from "./negotiation.js";
import { Side } from "./side.js";

export interface SessionContext {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly counters: Counters;
  readonly log: Log;
  readonly tap: FrameTap;
  /** Begins a connection to the broker. Where it fails, its link is told that it is closed. */
  dial: (connected: () => void) => Link;
  /** The session is over. */
  over: (session: Session) => void;
}

const ENVELOPE = 8;
/** What `passRun` takes. */
const MOST_RUN_BODY = 0x7fff_ffff;

export class Session {
  readonly connection: TapConnection;
  readonly negotiation: Negotiation;
  readonly client: Side;
  upstream: Side | undefined;
  readonly #context: SessionContext;
  readonly #greeting = new Greeting();
  readonly #startedAt: number;
  readonly #up: TapStream;
  readonly #down: TapStream;
  readonly #endings: Endings;
  #over = false;

  constructor(link: Link, connection: TapConnection, context: SessionContext) {
    const { clock, limits, tap } = context;
    this.connection = connection;
    this.#context = context;
    this.#startedAt = clock.now();
    this.#up = tap.stream(connection, "up");
    this.#down = tap.stream(connection, "down");
    this.negotiation = new Negotiation(connection, limits);
    const frameMax = connection.transport === "websocket" ? limits.webSocketFrameMax : limits.frameMax;
    this.#endings = new Endings(this, context.counters, (...entry) => this.#log(...entry));
    this.client = new Side({ link, clock, limits, frameMax, strict: true, tap: this.#down });
    link.events = {
      octets: (chunk) => this.#fromClient(chunk),
      drained: () => this.#drained(this.client, this.upstream),
      ended: () => this.#endings.clientGone("the client went away"),
      closed: (error) => {
        this.#endings.clientGone(
          error === undefined ? "the client went away" : `the client went away: ${error.message}`,
        );
        this.client.state = "closed";
        this.#finish();
      },
    };
    tap.opened(connection);
    this.#log("info", "connected", "client connected", { transport: connection.transport });
  }

  /** To be called now and then. */
  tick(): void {
    const { clock, limits } = this.#context;
    const { negotiation, client } = this;
    if (
      !negotiation.running &&
      client.state === "open" &&
      clock.now() - this.#startedAt >= 1000 * limits.handshakeTime
    ) {
      const text = `the handshake was not done after ${limits.handshakeTime} s: waited for the ${negotiation.waitingFor}`;
      this.#log("warning", "handshake-timeout", text);
      if (negotiation.step === "greeting") this.client.link.destroy();
      else this.end(320, text);
    }
    const late = client.tick();
    if (late !== undefined) {
      this.#log("warning", "client-silent", `the client ${late}`);
      this.#endings.clientGone(`the client ${late}`);
      client.link.destroy();
    }
    const lateUpstream = this.upstream?.tick();
    if (lateUpstream !== undefined) {
      this.#endings.upstreamGone(`the broker ${lateUpstream}`);
      this.upstream!.link.destroy();
    }
  }

  /** Closes both sides in an orderly way. */
  end(replyCode: number, text: string): void {
    this.#endings.end(replyCode, text);
  }

  /** Ends it at once. */
  destroy(): void {
    this.client.link.destroy();
    this.upstream?.link.destroy();
  }

  #fromClient(chunk: Uint8Array): void {
    const { client, negotiation } = this;
    this.#context.counters.up.octets += chunk.length;
    client.read();
    if (client.state === "ended" || client.state === "closed") return;
    if (negotiation.step === "greeting" && !this.#greeting.push(chunk)) this.#stranger();
    else this.#walk("client", client, this.upstream, chunk);
  }

  #fromUpstream(chunk: Uint8Array): void {
    const upstream = this.upstream!;
    this.#context.counters.down.octets += chunk.length;
    upstream.read();
    if (upstream.state !== "ended" && upstream.state !== "closed") this.#walk("upstream", upstream, this.client, chunk);
  }

  #stranger(): void {
    const what = stranger(this.#greeting.octets);
    this.#context.counters.strangers += 1;
    this.#endings.reason ??= what;
    this.#log("warning", "stranger", `refused: ${what}`);
    this.client.link.write([protocolHeader]);
    this.client.end(true);
  }

  /** Goes through the frames of a chunk, checks each, and sends it on. */
  #walk(from: From, side: Side, other: Side | undefined, chunk: Uint8Array): void {
    const { cursor } = side;
    const traffic = from === "client" ? this.#context.counters.up : this.#context.counters.down;
    const tap = from === "client" ? this.#up : this.#down;
    const base = cursor.octetsRead;
    let good = base;
    try {
      other?.out.begin(chunk, base);
      // Bodies that chunks cut are put together for those who look into them.
      cursor.joinBodies = tap.active || other === undefined || other.out.needsJoined;
      cursor.push(chunk);
      for (;;) {
        good += this.#pass(side, other, traffic, tap);
        if (!cursor.next()) break;
        traffic.frames += 1;
        const { name } = cursor;
        const channel = name === "ProtocolHeader" ? 0 : cursor.channel;
        if (name === "ContentHeader") cursor.check();
        if (side.state !== "open") this.#endings.whileClosing(from, side, name);
        else if (channel !== 0) {
          const last = checkFrame(this.negotiation, side, other, name, channel);
          if (name === "ContentHeader") traffic.messages += 1;
          if (other?.state === "open") {
            if (name === "ContentBody") other.out.body(cursor, last);
            else other.out.forward(cursor);
          }
        } else if (name !== "Heartbeat") this.#control(from, side, other, name);
        const octets = name === "ProtocolHeader" ? ENVELOPE : cursor.size + ENVELOPE;
        good = cursor.offset + octets;
        if (tap.active) tap.passed(name, channel, octets, watchedFrame(cursor));
      }
    } catch (error) {
      this.#wrong(from, error, tap, chunk.subarray(Math.max(0, good - base)));
      this.#endings.passRest(from, side);
    }
    if (other === undefined) return;
    other.out.end(cursor.octetsPending);
    other.flush();
    if (!side.held && other.state === "open" && side.state === "open" && other.full) {
      this.#context.counters.heldBack += 1;
      side.hold();
    }
  }

  /** Contents and acknowledgements that nobody has to look at one by one go on together. Answers their octets. */
  #pass({ cursor, order, state }: Side, other: Side | undefined, traffic: Traffic, tap: TapStream): number {
    if (!this.negotiation.running || !order.idle || tap.active) return 0;
    if (state !== "open" || other?.state !== "open" || !other.out.takesRuns) return 0;
    const { frameMax } = other.out;
    const { channelMax } = this.negotiation;
    const maxBodySize = Math.min(this.#context.limits.maxBodySize, MOST_RUN_BODY);
    const run = cursor.passRun({ frameMax, channelMax, maxBodySize });
    if (run === undefined) return 0;
    traffic.frames += run.frames;
    traffic.messages += run.contents;
    other.out.run(cursor, run.octets.length);
    return run.octets.length;
  }

  /** A frame of channel 0 other than a heartbeat. @throws Fault */
  #control(from: From, side: Side, other: Side | undefined, name: string): void {
    const { cursor } = side;
    const { negotiation } = this;
    if (name === "ProtocolHeader") {
      if (from === "upstream") throw new Fault(541, "the broker does not speak AMQP 0-9-1");
      if (negotiation.step !== "greeting") throw new Fault(501, "a second protocol header");
      negotiation.step = "dialling";
      this.#dial();
      return;
    }
    if (!name.includes(".")) throw new Fault(505, `${name} on channel 0`);
    if (!name.startsWith("Connection.")) throw new Fault(504, `${name} on channel 0`);
    if (name === "Connection.Close") {
      const close = cursor.frame() as Connection.Close;
      if (from === "client") this.#endings.closedByClient(close);
      else this.#endings.closedByUpstream(close);
      return;
    }
    if (!negotiation.method(from, name, cursor, this.client, this.upstream)) return;
    other!.out.forward(cursor);
    if (name !== "Connection.OpenOk") return;
    const { user, virtualHost, product } = this.connection;
    this.#context.counters.opened += 1;
    this.#context.tap.changed(this.connection);
    this.#log("info", "open", "connection open", { user, virtualHost, product });
  }

  #dial(): void {
    const { clock, limits, dial } = this.#context;
    const link = dial(() => {
      if (this.negotiation.step !== "dialling" || upstream.state !== "open") return;
      this.negotiation.step = "start";
      link.write([protocolHeader]);
    });
    const upstream = new Side({ link, clock, limits, frameMax: limits.upstreamFrameMax, strict: false, tap: this.#up });
    this.upstream = upstream;
    link.events = {
      octets: (chunk) => this.#fromUpstream(chunk),
      drained: () => this.#drained(upstream, this.client),
      ended: () => this.#endings.upstreamGone("the broker went away"),
      closed: (error) => {
        const what = this.negotiation.step === "dialling" ? "the broker cannot be reached" : "the broker went away";
        this.#endings.upstreamGone(error === undefined ? what : `${what} (${error.message})`, what);
        upstream.state = "closed";
        this.#finish();
      },
    };
  }

  #drained(side: Side, other: Side | undefined): void {
    side.drained();
    if (other?.held === true && !side.full) other.release();
  }

  /** Octets or frames that may not be. Only this connection pays for it. */
  #wrong(from: From, thrown: unknown, tap: TapStream, rest: Uint8Array): void {
    const { client, upstream } = this;
    const { cursor } = from === "client" ? client : upstream!;
    const error = asRefusal(thrown, cursor);
    tap.refused(error, rest, !this.negotiation.running);
    const { replyCode, replyText, classId, methodId, code, offset } = error;
    this.#endings.reason ??= `${replyCode} ${replyText}`;
    const { counters } = this.#context;
    if (from === "client") {
      counters.refused.set(replyCode, (counters.refused.get(replyCode) ?? 0) + 1);
      this.#log(
        thrown === error || thrown instanceof Fault ? "warning" : "error",
        "refused",
        `refused: ${error.message}`,
        { replyCode, code, offset },
      );
      client.close(replyCode, replyText, classId, methodId);
      // Behind octets that cannot be read nobody can tell where an answer begins.
      if (cursor.error !== undefined) client.end(true);
      this.#endings.closeUpstream("the client broke the protocol");
      return;
    }
    counters.upstreamFailures += 1;
    this.#log("error", "bad-upstream", `the broker sent what may not be: ${error.message}`, {
      replyCode,
      code,
      offset,
    });
    if (thrown instanceof EncodeError) client.close(replyCode, replyText);
    else client.close(541, asReplyText(541, `the broker sent what may not be: ${error.message}`));
    upstream!.close(replyCode, replyText, classId, methodId);
    if (cursor.error !== undefined) upstream!.end(true);
    this.#endings.letClientGo();
  }

  #finish(): void {
    const { connection, client, upstream } = this;
    if (this.#over || client.state !== "closed" || (upstream !== undefined && upstream.state !== "closed")) return;
    this.#over = true;
    connection.closedAt = Date.now();
    connection.reason = this.#endings.reason ?? "closed";
    const seconds = Math.round((this.#context.clock.now() - this.#startedAt) / 100) / 10;
    this.#log("info", "closed", "connection closed", { reason: connection.reason, seconds });
    this.#context.tap.closed(connection);
    this.#context.over(this);
  }

  #log(level: LogLevel, event: string, text: string, fields: LogFields = {}): void {
    const { id, peer } = this.connection;
    this.#context.log(level, event, text, { connection: id, peer, ...fields });
  }
}
