/** Either end of an AMQP connection, for tests: frames out, frames in, nothing done by itself. */
import { connect, type Socket } from "node:net";
import { Channel, Connection, FrameReader, FrameWriter, marshal, ProtocolHeader, type Frame } from "amqp-wasm";
import { WebSocket } from "ws";

export const header = marshal(new ProtocolHeader({ major: 0, minor: 9, revision: 1 }), 0);

type Named<N extends string> = Extract<Frame, { name: N }>;

/** What octets travel over. */
export interface Wire {
  write(octets: Uint8Array): void;
  end(): void;
  destroy(): void;
  /** Ends it with a reset, as a machine that is switched off and on again would. */
  reset(): void;
  pause(): void;
  resume(): void;
  onOctets(call: (octets: Uint8Array) => void): void;
  onClose(call: () => void): void;
  onEnd(call: () => void): void;
}

export class Peer {
  readonly wire: Wire;
  readonly writer = new FrameWriter({ frameMax: 131_072 });
  /** All octets that came. */
  received: Uint8Array[] = [];
  frames: Frame[] = [];
  ended = false;
  closed = false;
  /** Sizes of the frames that came, envelope included. */
  sizes: number[] = [];
  readonly #reader: FrameReader;
  #taken = 0;
  #wake: (() => void)[] = [];

  constructor(wire: Wire) {
    this.wire = wire;
    this.#reader = new FrameReader({ frameMax: 0, onFrame: (_, __, octets) => this.sizes.push(octets) });
    wire.onOctets((octets) => {
      this.received.push(octets.slice());
      this.frames.push(...this.#reader.push(octets));
      this.#notify();
    });
    wire.onEnd(() => {
      this.ended = true;
      this.#notify();
    });
    wire.onClose(() => {
      this.ended = this.closed = true;
      this.#notify();
    });
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  changed(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  send(frame: Frame, channel = 0): void {
    this.wire.write(marshal(frame, channel));
  }

  /** The next frame; heartbeats are passed over. */
  async next(): Promise<Frame> {
    for (;;) {
      while (this.#taken < this.frames.length) {
        const frame = this.frames[this.#taken++]!;
        if (frame.name !== "Heartbeat") return frame;
      }
      if (this.closed || this.ended) throw new Error(`closed after ${this.frames.map(({ name }) => name).join(", ")}`);
      await this.changed();
    }
  }

  async expect<N extends Frame["name"]>(name: N): Promise<Named<N>> {
    const frame = await this.next();
    if (frame.name !== name) throw new Error(`${name} expected, received ${String(frame)}`);
    return frame as Named<N>;
  }

  async untilEnd(): Promise<void> {
    while (!this.ended) await this.changed();
  }

  async untilClosed(): Promise<void> {
    while (!this.closed) await this.changed();
  }

  /** All octets in one. */
  octets(): Uint8Array {
    return Buffer.concat(this.received);
  }

  /** The client's half of the handshake. */
  async open(
    settings: {
      frameMax?: number;
      channelMax?: number;
      heartbeat?: number;
      password?: string;
      virtualHost?: string;
    } = {},
  ) {
    const { password = "guest" } = settings;
    this.wire.write(header);
    await this.expect("Connection.Start");
    this.send(startOk(password));
    const tune = await this.expect("Connection.Tune");
    const { frameMax = tune.frameMax, channelMax = tune.channelMax, heartbeat = 0 } = settings;
    this.send(new Connection.TuneOk({ frameMax, channelMax, heartbeat }));
    this.writer.frameMax = frameMax;
    this.send(new Connection.Open({ virtualHost: settings.virtualHost ?? "/" }));
    await this.expect("Connection.OpenOk");
    return tune;
  }

  async openChannel(channel: number): Promise<void> {
    this.send(new Channel.Open(), channel);
    await this.expect("Channel.OpenOk");
  }

  async close(): Promise<void> {
    this.send(new Connection.Close({ replyCode: 200, replyText: "bye", classId: 0, methodId: 0 }));
    await this.expect("Connection.CloseOk");
    this.wire.end();
  }
}

export const startOk = (password = "guest"): Connection.StartOk =>
  new Connection.StartOk({
    clientProperties: { product: "test", capabilities: { authentication_failure_close: true, "basic.nack": true } },
    mechanism: "PLAIN",
    response: `\0guest\0${password}`,
    locale: "en_US",
  });

export function socketWire(socket: Socket): Wire {
  socket.on("error", () => {});
  return {
    write: (octets) => void socket.write(octets),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    reset: () => void socket.resetAndDestroy(),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    onOctets: (call) => void socket.on("data", call),
    onClose: (call) => void socket.on("close", call),
    onEnd: (call) => void socket.on("end", call),
  };
}

export async function tcpPeer(port: number, host = "127.0.0.1"): Promise<Peer> {
  const socket = connect({ host, port, noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return new Peer(socketWire(socket));
}

export async function webSocketPeer(
  url: string,
  protocols = ["amqp"],
): Promise<Peer & { socket: WebSocket; messages: number[] }> {
  const socket = new WebSocket(url, protocols);
  socket.binaryType = "nodebuffer";
  const messages: number[] = [];
  const peer = new Peer({
    write: (octets) => socket.send(octets),
    end: () => socket.close(),
    destroy: () => socket.terminate(),
    reset: () => void connection.resetAndDestroy(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    onOctets: (call) =>
      void socket.on("message", (octets: Buffer) => {
        messages.push(octets.length);
        call(octets);
      }),
    onClose: (call) => void socket.on("close", call),
    onEnd: (call) => void socket.on("close", call),
  });
  let connection!: Socket;
  socket.once("upgrade", (response) => (connection = response.socket));
  await new Promise<void>((resolve, reject) => socket.once("open", resolve).once("error", reject));
  socket.on("error", () => {});
  return Object.assign(peer, { socket, messages });
}
