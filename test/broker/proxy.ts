/** A proxy that puts many clients on one connection to the broker: whole valid messages alone go on, with another channel number. `docs/writing-a-gateway.md` goes through it. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { Channel, ChannelTracker, Connection, DecodeError, FrameCursor, FrameWriter, ProtocolHeader } from "amqp-wasm";
import type { Frame } from "amqp-wasm";

const CHANNEL_MAX = 2047;
const limits = { channelMax: CHANNEL_MAX, frameMax: 131_072, heartbeat: 0 };
const capabilities = { "basic.nack": true, publisher_confirms: true, consumer_cancel_notify: true };
const MAX_WAITING = 64 * 1024 * 1024;

interface Tenant {
  socket: Socket;
  writer: FrameWriter;
  /** The channel at the broker for each of the client's. */
  channels: Map<number, number>;
  tracker: ChannelTracker;
}

const send = ({ socket, writer }: Tenant, frame: Frame): void => void socket.write(writer.write(frame, 0).flush());
const end = ({ socket, writer }: Tenant, frame: Frame): void => void socket.end(writer.write(frame, 0).flush());
const close = (replyCode: number, replyText: string): Frame =>
  new Connection.Close({ replyCode, replyText, classId: 0, methodId: 0 });

export class Proxy {
  readonly server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#accept(socket));
  /** Why clients were sent away. */
  readonly refused: DecodeError[] = [];
  readonly upstream: Socket;
  /** Whose a channel at the broker is; nobody's while it is being closed for a client that is gone. */
  readonly #owners = new Map<number, { tenant?: Tenant; channel: number }>();
  readonly #free = Array.from({ length: CHANNEL_MAX }, (_, i) => CHANNEL_MAX - i);
  readonly #writer = new FrameWriter(limits);
  #ready: () => void = () => {};

  constructor(port: number) {
    this.upstream = connect({ port, host: "127.0.0.1", noDelay: true });
  }

  /** Logs in at the broker, once for all, and begins to listen. */
  async start(): Promise<number> {
    const cursor = new FrameCursor(limits);
    this.upstream.on("data", (chunk) => this.#fromBroker(cursor, chunk));
    this.#up(new ProtocolHeader({ major: 0, minor: 9, revision: 1 }));
    await new Promise<void>((resolve) => (this.#ready = resolve));
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return (this.server.address() as AddressInfo).port;
  }

  #up(frame: Frame, channel = 0): void {
    this.upstream.write(this.#writer.write(frame, channel).flush());
  }

  #accept(socket: Socket): void {
    const tracker = new ChannelTracker({ channelMax: CHANNEL_MAX });
    const tenant: Tenant = { socket, writer: new FrameWriter(limits), channels: new Map(), tracker };
    // Whole messages: half a publish would block a channel that cannot be closed then. Strict: header tables are checked, too.
    const cursor = new FrameCursor({ ...limits, messages: true, strict: true });
    socket.on("data", (chunk) => {
      if (socket.writableEnded) return;
      try {
        cursor.push(chunk);
        while (!socket.writableEnded && cursor.next()) this.#fromClient(tenant, cursor);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        this.refused.push(error);
        end(tenant, close(error.replyCode, error.replyText));
      }
      if (this.upstream.write(this.#writer.flush())) return;
      socket.pause();
      this.upstream.once("drain", () => socket.resume());
    });
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.end());
    socket.on("close", () => this.#leave(tenant));
  }

  #fromClient(tenant: Tenant, cursor: FrameCursor): void {
    const { name } = cursor;
    if (name === "ProtocolHeader" || cursor.channel === 0) return this.#talk(tenant, name);
    const verdict = tenant.tracker.take("client", name, cursor.channel);
    if (verdict.action === "refuse") return end(tenant, close(verdict.replyCode, verdict.replyText));
    if (verdict.action === "discard") return;
    if (name === "Channel.Open") {
      const channel = this.#free.pop();
      if (channel === undefined) return end(tenant, close(530, "NOT_ALLOWED - all channels are in use"));
      tenant.channels.set(cursor.channel, channel);
      this.#owners.set(channel, { tenant, channel: cursor.channel });
    }
    const channel = tenant.channels.get(cursor.channel)!;
    this.#writer.forward(cursor, { channel });
    if (verdict.state === "closed") this.#release(channel);
  }

  /** The connection is between the client and us. */
  #talk(tenant: Tenant, name: string): void {
    const serverProperties = { product: "proxy", capabilities };
    if (name === "ProtocolHeader") {
      send(tenant, new Connection.Start({ serverProperties, mechanisms: "PLAIN", locales: "en_US" }));
    } else if (name === "Connection.StartOk") send(tenant, new Connection.Tune(limits));
    else if (name === "Connection.Open") send(tenant, new Connection.OpenOk());
    else if (name === "Connection.Close") end(tenant, new Connection.CloseOk());
    else if (name !== "Connection.TuneOk" && name !== "Heartbeat") end(tenant, close(503, `COMMAND_INVALID - ${name}`));
  }

  #leave({ channels }: Tenant): void {
    for (const channel of channels.values()) {
      this.#owners.set(channel, { channel: 0 });
      this.#up(new Channel.Close({ replyCode: 200, replyText: "the client left", classId: 0, methodId: 0 }), channel);
    }
  }

  #release(channel: number): void {
    const owner = this.#owners.get(channel);
    owner?.tenant?.channels.delete(owner.channel);
    this.#owners.delete(channel);
    this.#free.push(channel);
  }

  #fromBroker(cursor: FrameCursor, chunk: Uint8Array): void {
    const touched = new Set<Tenant>();
    cursor.push(chunk);
    while (cursor.next()) {
      const { name, channel } = cursor;
      if (channel === 0) this.#logIn(name);
      const { tenant, channel: own } = this.#owners.get(channel) ?? { channel: 0 };
      const state = tenant?.tracker.take("server", name, own).state;
      if (tenant !== undefined) touched.add(tenant);
      tenant?.writer.forward(cursor, { channel: own });
      if (state === "closed" || (tenant === undefined && name === "Channel.CloseOk")) this.#release(channel);
    }
    for (const { socket, writer } of touched) {
      if (socket.writable) socket.write(writer.flush());
      // Others' messages come over the same line: a client that does not read must not hold it up.
      if (socket.writableLength > MAX_WAITING) socket.destroy();
    }
  }

  #logIn(name: string): void {
    const who = { clientProperties: { product: "proxy", capabilities }, mechanism: "PLAIN", locale: "en_US" };
    if (name === "Connection.Start") this.#up(new Connection.StartOk({ ...who, response: "\0guest\0guest" }));
    else if (name === "Connection.Tune") {
      this.#up(new Connection.TuneOk(limits));
      this.#up(new Connection.Open({ virtualHost: "/" }));
    } else if (name === "Connection.OpenOk") this.#ready();
  }
}
