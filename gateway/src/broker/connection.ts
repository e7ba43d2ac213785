import {
  Basic,
  Channel as ChannelClass,
  Connection as ConnectionClass,
  DecodeError,
  FrameCursor,
  Heartbeat,
  Method,
  ProtocolHeader,
  type FieldTable,
  type Frame,
  type MethodClass,
  type Table,
} from "amqp-wasm";
import type { Broker } from "./broker.js";
import { Channel } from "./channel.js";
import { channelMethod } from "./channel-methods.js";
import type { Timer } from "./clock.js";
import { Handshake } from "./handshake.js";
import { HeartbeatTimer } from "./heartbeat.js";
import { Outbox, type Handing } from "./outbox.js";
import type { Peer } from "./peer.js";
import { publication } from "./publication.js";
import type { Queue } from "./queue.js";
import { channelError, commandInvalid, notAllowed, Refusal } from "./refusal.js";
import type { Message } from "./message.js";
import type { VirtualHost } from "./virtual-host.js";

/** Frames that wait are encoded when they make so many octets, though the turn goes on. */
const FLUSH_OCTETS = 131_072;
/** Messages of more than so many times the allowed size end the connection. */
const HARD_LIMIT = 4;

/** One client, from its first octet to its last. */
export class Connection {
  readonly broker: Broker;
  readonly capabilities = new Set<string>();
  readonly exclusiveQueues = new Set<Queue>();
  user = "";
  host!: VirtualHost;
  readonly #peer: Peer;
  readonly #cursor: FrameCursor;
  readonly #outbox: Outbox;
  readonly #handshake = new Handshake(this);
  readonly #heartbeat: HeartbeatTimer;
  #timeout: Timer;
  readonly #channels = new Map<number, Channel>();
  readonly #confirming = new Set<Channel>();
  #channelMax = 0;
  /** Whether the client has said that it speaks this protocol. */
  #isGreeted = false;
  /** Open until an error or a close; closing until the client has answered our close. */
  #state: "open" | "closing" | "closed" = "open";
  #writable = true;
  #hasPublished = false;
  #isPaused = false;
  /** Class and method of what is being answered. */
  #current = NO_METHOD;

  constructor(broker: Broker, peer: Peer) {
    const { frameMax, handshakeTimeout, maxBodySize } = broker.limits;
    this.broker = broker;
    this.#peer = peer;
    // A message that is too large is the concern of its channel; one that is larger still is no longer put together.
    const most = Math.min(Number.MAX_SAFE_INTEGER, HARD_LIMIT * maxBodySize);
    this.#cursor = new FrameCursor({ frameMax, tables: "exact", strict: true, messages: true, maxBodySize: most });
    this.#outbox = new Outbox(frameMax);
    this.#heartbeat = new HeartbeatTimer(this, broker.clock);
    this.#timeout = broker.clock.after(handshakeTimeout, () => {
      this.log("the handshake took too long");
      this.end();
    });
  }

  /** Whether the peer takes more octets. */
  get isWritable(): boolean {
    return this.#writable;
  }

  /** Whether so much waits to be sent that nothing should be added without need. */
  get isOverfull(): boolean {
    return this.#outbox.octets > this.broker.limits.maxWaitingOctets;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  log(text: string): void {
    this.broker.log(`${this.#peer.name ?? "connection"}: ${text}`);
  }

  /** Takes octets from the client. */
  push(chunk: Uint8Array): void {
    if (this.#state === "closed") return;
    this.#heartbeat.received();
    // A chunk may be all it takes to fill the broker.
    this.broker.needsFlush(this);
    const cursor = this.#cursor;
    cursor.push(chunk);
    for (;;) {
      try {
        while (!this.isClosed && cursor.next()) {
          if (cursor.name === "Basic.Publish") this.#takePublish(cursor);
          else this.#take(cursor.frame());
        }
        return;
      } catch (error) {
        this.#fail(error);
        if (cursor.error !== undefined) return;
      }
    }
  }

  /** The peer takes octets again. */
  drained(): void {
    if (this.#writable || this.#state === "closed") return;
    this.#writable = true;
    this.broker.needsFlush(this);
    for (const channel of this.#channels.values()) channel.wakeAll();
  }

  send(frame: Frame, channel: number): void {
    if (this.#state === "closed") return;
    this.#outbox.add(frame, channel);
    this.broker.needsFlush(this);
  }

  sendMessage(message: Message, how: Handing): void {
    if (this.#state === "closed") return;
    this.#outbox.addMessage(message, how);
    this.broker.needsFlush(this);
    if (this.#outbox.octets > FLUSH_OCTETS) this.#write();
  }

  /** A channel has confirms to tell at the end of the turn. */
  hasConfirms(channel: Channel): void {
    this.#confirming.add(channel);
    this.broker.needsFlush(this);
  }

  sendHeartbeat(): void {
    this.send(new Heartbeat(), 0);
  }

  peerIsGone(): void {
    this.log("missed heartbeats from client");
    this.end();
  }

  /** Sends what a turn has left to be sent. */
  flush(): void {
    for (const channel of this.#confirming) if (!channel.closing) channel.tellConfirms();
    this.#confirming.clear();
    this.#write();
    this.checkPause();
  }

  /** Whether the peer should keep its octets for now. */
  checkPause(): void {
    const pause = this.isOverfull || (this.#hasPublished && this.broker.isFull);
    if (pause === this.#isPaused) return;
    this.#isPaused = pause;
    this.broker.paused(this, pause);
    if (!pause) this.#peer.resume?.();
  }

  takeClientProperties(properties: Table): void {
    const capabilities = (properties as FieldTable).get("capabilities");
    if (typeof capabilities !== "object" || capabilities === null) return;
    for (const [name, value] of Object.entries(capabilities)) if (value === true) this.capabilities.add(name);
  }

  tune(channelMax: number, frameMax: number, heartbeat: number): void {
    this.#channelMax = channelMax;
    this.#cursor.frameMax = frameMax;
    this.#outbox.frameMax = frameMax;
    this.#heartbeat.start(heartbeat);
  }

  /** Closes the connection in good order, as the broker ends. */
  shutDown(): void {
    if (!this.#handshake.isDone) return this.end();
    if (this.#state === "open") this.#close(320, "CONNECTION_FORCED - broker forced connection closure", 0, 0);
  }

  /** Ends the connection: everything that it held is released. */
  end(): void {
    if (this.#state === "closed") return;
    this.#release();
    this.#state = "closed";
    this.#timeout.stop();
    this.#heartbeat.stop();
    this.#write();
    this.#outbox.clear();
    this.broker.closed(this);
    this.#peer.end();
  }

  #write(): void {
    if (this.#outbox.isEmpty || (!this.#writable && this.#state === "open")) return;
    this.#heartbeat.sent();
    if (this.#peer.write(this.#outbox.take()) === false) this.#writable = false;
  }

  #takePublish(cursor: FrameCursor): void {
    if (this.#state !== "open") return;
    this.#current = PUBLISH;
    const { channel: number } = cursor;
    const channel = this.#channels.get(number);
    if (channel?.closing) return;
    if (!this.#handshake.isDone) throw commandInvalid("unexpected method Basic.Publish");
    if (channel === undefined) throw channelError("expected 'channel.open'");
    this.#hasPublished = true;
    try {
      channel.publish(publication(channel, cursor));
    } catch (error) {
      this.#closeChannel(channel, error);
    }
  }

  #take(frame: Frame): void {
    this.#current = idsOf(frame);
    if (frame instanceof ProtocolHeader) return this.#protocolHeader(frame);
    if (!this.#isGreeted) {
      this.log("no protocol header");
      return this.#offerProtocol();
    }
    if (frame instanceof Heartbeat) return;
    if (this.#state === "closing") {
      if (frame.name === "Connection.CloseOk") this.end();
      if (frame.name !== "Connection.Close") return;
      this.send(new ConnectionClass.CloseOk(), 0);
      return this.end();
    }
    if (frame.channel === 0) this.#connectionFrame(frame);
    else if (!this.#handshake.isDone) this.#handshake.take(frame);
    else this.#channelFrame(frame);
  }

  #protocolHeader({ id, major, minor, revision }: ProtocolHeader): void {
    if (id === 0 && major === 0 && minor === 9 && revision === 1) {
      this.#isGreeted = true;
      return this.#handshake.begin();
    }
    this.log(`protocol header ${id} ${major} ${minor} ${revision} where AMQP 0 0 9 1 is spoken`);
    this.#offerProtocol();
  }

  #offerProtocol(): void {
    this.send(new ProtocolHeader({ major: 0, minor: 9, revision: 1 }), 0);
    this.end();
  }

  #connectionFrame(frame: Frame): void {
    if (frame.name === "Connection.Close") {
      this.send(new ConnectionClass.CloseOk(), 0);
      return this.end();
    }
    if (!this.#handshake.isDone) {
      this.#handshake.take(frame);
      if (this.#handshake.isDone) this.#timeout.stop();
      return;
    }
    if (frame.name === "Connection.UpdateSecret") return this.send(new ConnectionClass.UpdateSecretOk(), 0);
    if (frame.name.startsWith("Connection.")) throw commandInvalid("unimplemented method");
    throw channelError(`${frame.name} on channel 0`);
  }

  #channelFrame(frame: Frame): void {
    const number = frame.channel;
    const channel = this.#channels.get(number);
    if (channel === undefined) return this.#openChannel(frame);
    if (channel.closing) {
      if (frame.name === "Channel.Close") this.send(new ChannelClass.CloseOk(), number);
      if (frame.name === "Channel.Close" || frame.name === "Channel.CloseOk") this.#channels.delete(number);
      return;
    }
    if (frame.name === "Channel.Close") {
      channel.tellConfirms();
      channel.release();
      this.#channels.delete(number);
      this.send(new ChannelClass.CloseOk(), number);
    } else if (frame.name.startsWith("Connection.")) {
      throw commandInvalid("unimplemented method");
    } else {
      try {
        channelMethod(channel, frame);
      } catch (error) {
        this.#closeChannel(channel, error);
      }
    }
  }

  #openChannel(frame: Frame): void {
    const { channel: number, name } = frame;
    if (name === "Channel.CloseOk") return;
    if (name.startsWith("Connection.")) throw commandInvalid("unimplemented method");
    if (name !== "Channel.Open") throw channelError("expected 'channel.open'");
    if (number > this.#channelMax) {
      throw notAllowed(`channel ${number} is over the negotiated channel_max (${this.#channelMax})`);
    }
    this.#channels.set(number, new Channel(this, number));
    this.send(new ChannelClass.OpenOk({ channelId: "" }), number);
  }

  /** Closes a channel for what was refused. @throws what is no matter of a channel. */
  #closeChannel(channel: Channel, error: unknown): void {
    if (!(error instanceof Refusal) || error.hard) throw error;
    this.log(`channel ${channel.number}: ${error.message}`);
    channel.close(error.replyCode, error.message, ...this.#current);
  }

  #fail(error: unknown): void {
    if (error instanceof DecodeError && !this.#isGreeted) {
      this.log(`no AMQP 0-9-1: ${error.message}`);
      return this.#offerProtocol();
    }
    if (error instanceof DecodeError) {
      this.log(`${error.message} at octet ${error.offset}`);
      if (!this.#handshake.isAuthenticated) return this.end();
      const { replyCode, replyText, classId, methodId } = error.toClose();
      return this.#close(replyCode, String(replyText), classId, methodId);
    }
    if (error instanceof Refusal) {
      this.log(error.message);
      const isTold =
        this.#handshake.isAuthenticated ||
        (error.replyCode === 403 && this.capabilities.has("authentication_failure_close"));
      return isTold ? this.#close(error.replyCode, error.message, ...this.#current) : this.end();
    }
    this.log(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    this.#close(541, "INTERNAL_ERROR", ...this.#current);
  }

  #close(replyCode: number, replyText: string, classId: number, methodId: number): void {
    if (this.#state !== "open") return this.end();
    this.#release();
    this.#state = "closing";
    this.send(new ConnectionClass.Close({ replyCode, replyText, classId, methodId }), 0);
    // After wrong octets nothing can be read any more, a client's close-ok neither.
    if (this.#cursor.error !== undefined) return this.end();
    this.#timeout.stop();
    this.#timeout = this.broker.clock.after(this.broker.limits.handshakeTimeout, () => this.end());
  }

  #release(): void {
    for (const channel of this.#channels.values()) if (!channel.closing) channel.release();
    this.#channels.clear();
    for (const queue of this.exclusiveQueues) this.host.deleteQueue(queue);
    this.exclusiveQueues.clear();
  }
}

type MethodIds = readonly [classId: number, methodId: number];
const NO_METHOD: MethodIds = [0, 0];
const PUBLISH: MethodIds = [Basic.Publish.classId, Basic.Publish.methodId];

function idsOf(frame: Frame): MethodIds {
  if (!(frame instanceof Method)) return NO_METHOD;
  const { classId, methodId } = frame.constructor as unknown as MethodClass;
  return [classId, methodId];
}
