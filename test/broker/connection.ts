/** A client just large enough to talk to a broker: a socket, this library's public surface, and nothing else. */
import { connect, type Socket } from "node:net";
import {
  type Basic,
  Channel,
  Connection,
  Heartbeat,
  MessageReader,
  FrameWriter,
  ProtocolHeader,
  type Frame,
  Message,
} from "../../src/index.js";

export type Item = Frame | Message;
type Named<N extends string> = Extract<Frame, { name: N }>;
type ContentName = "Basic.Deliver" | "Basic.GetOk" | "Basic.Return";
type Found<N extends string> = N extends ContentName ? Message & { method: Named<N> } : Named<N>;

export interface Settings {
  host: string;
  port: number;
  user?: string;
  password?: string;
  virtualHost?: string;
  frameMax?: number;
  heartbeat?: number;
}

interface Waiter {
  names: readonly string[];
  resolve(item: Item): void;
  reject(error: Error): void;
}

export const nameOf = (item: Item): string => (item instanceof Message ? item.method.name : item.name);

/** What came in on one channel, and who waits for it. */
class Inbox {
  items: Item[] = [];
  waiters: Waiter[] = [];

  put(item: Item): void {
    const name = nameOf(item);
    const index = this.waiters.findIndex((waiter) => waiter.names.includes(name));
    if (index >= 0) return this.waiters.splice(index, 1)[0]!.resolve(item);
    this.items.push(item);
    // A close that nobody expects: whoever waits for something else here would wait for ever.
    if (name === "Channel.Close" || name === "Connection.Close") {
      const { replyCode, replyText } = item as Channel.Close | Connection.Close;
      this.fail(new Error(`${name}: ${replyCode} ${String(replyText)}`));
    }
  }

  take(names: readonly string[]): Promise<Item> {
    const index = this.items.findIndex((item) => names.includes(nameOf(item)));
    if (index >= 0) return Promise.resolve(this.items.splice(index, 1)[0]!);
    return new Promise((resolve, reject) => this.waiters.push({ names, resolve, reject }));
  }

  fail(error: Error): void {
    for (const waiter of this.waiters.splice(0)) waiter.reject(error);
  }
}

export class BrokerConnection {
  frameMax = 131072;
  serverProperties: Record<string, unknown> = {};
  readonly closed: Promise<void>;
  private readonly socket: Socket;
  private readonly inboxes = new Map<number, Inbox>();
  private writer = new FrameWriter({ frameMax: 131072 });
  private readonly reader = new MessageReader({ frameMax: 131072, maxBodySize: 64 * 1024 * 1024 });
  private ended: Error | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      try {
        for (const item of this.reader.push(chunk)) this.inbox(item.channel).put(item);
      } catch (error) {
        this.end(error as Error);
        socket.destroy();
      }
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.end(new Error("the broker closed the connection"));
        resolve();
      });
    });
    socket.on("error", (error) => this.end(error));
  }

  static async open(settings: Settings): Promise<BrokerConnection> {
    const { host, port, user = "guest", password = "guest", virtualHost = "/", heartbeat = 0 } = settings;
    const socket = connect({ host, port });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    const connection = new BrokerConnection(socket);
    try {
      await connection.handshake(user, password, virtualHost, settings.frameMax ?? 131072, heartbeat);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return connection;
  }

  private async handshake(user: string, password: string, virtualHost: string, frameMax: number, heartbeat: number) {
    const header = new ProtocolHeader({ major: 0, minor: 9, revision: 1 });
    const start = await this.call(header, 0, "Connection.Start");
    this.serverProperties = start.serverProperties as Record<string, unknown>;
    const startOk = new Connection.StartOk({
      clientProperties: {
        product: "amqp-wasm test",
        capabilities: { publisher_confirms: true, "basic.nack": true, authentication_failure_close: true },
      },
      mechanism: "PLAIN",
      response: `\0${user}\0${password}`,
      locale: "en_US",
    });
    const tune = await this.call(startOk, 0, "Connection.Tune");
    this.frameMax = Math.min(frameMax, tune.frameMax);
    this.send(new Connection.TuneOk({ channelMax: tune.channelMax, frameMax: this.frameMax, heartbeat }), 0);
    this.writer = new FrameWriter({ frameMax: this.frameMax });
    await this.call(new Connection.Open({ virtualHost }), 0, "Connection.OpenOk");
  }

  /** Writes a frame and sends it at once. */
  send(frame: Frame, channel: number): void {
    this.writer.write(frame, channel);
    this.flush();
  }

  /** Queues a message; `flush` sends what was queued. */
  publish(channel: number, method: Basic.Publish, properties: Basic.Properties, body: Uint8Array): void {
    this.writer.publish(channel, method, properties, body);
  }

  flush(): void {
    const octets = this.writer.flush();
    if (octets.length > 0) this.socket.write(octets);
  }

  /** The next item of one of these names on the channel, whether it is there already or still to come. */
  take<N extends Frame["name"]>(channel: number, ...names: N[]): Promise<Found<N>> {
    const found = this.inbox(channel).take(names);
    if (this.ended) this.inbox(channel).fail(this.ended);
    return found as Promise<Found<N>>;
  }

  call<N extends Frame["name"]>(frame: Frame, channel: number, ...answers: N[]): Promise<Found<N>> {
    const answer = this.take(channel, ...answers);
    this.send(frame, channel);
    return answer;
  }

  async openChannel(channel: number): Promise<void> {
    await this.call(new Channel.Open(), channel, "Channel.OpenOk");
  }

  heartbeat(): void {
    this.send(new Heartbeat(), 0);
  }

  async close(): Promise<void> {
    const close = new Connection.Close({ replyCode: 200, replyText: "bye", classId: 0, methodId: 0 });
    await this.call(close, 0, "Connection.CloseOk");
    this.socket.end();
    await this.closed;
  }

  private inbox(channel: number): Inbox {
    let inbox = this.inboxes.get(channel);
    if (!inbox) this.inboxes.set(channel, (inbox = new Inbox()));
    return inbox;
  }

  private end(error: Error): void {
    this.ended ??= error;
    for (const inbox of this.inboxes.values()) inbox.fail(this.ended);
  }
}
