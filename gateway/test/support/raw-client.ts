/** A client that sends the frames it is told to, good ones and bad ones, and keeps what comes back: a socket and the codec, nothing else. */
import { connect, type Socket } from "node:net";
import {
  Basic,
  Channel,
  Connection,
  DecodeError,
  FrameWriter,
  Message,
  MessageReader,
  ProtocolHeader,
  type Frame,
  type MessageOrFrame,
} from "amqp-wasm";

/** Where a broker listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What came: a frame, a message, or that the line has ended. */
export type Item = MessageOrFrame | { readonly name: "End"; readonly channel: 0 };

export interface Login {
  user?: string;
  password?: string;
  virtualHost?: string;
  mechanism?: string;
  response?: string | Uint8Array;
  frameMax?: number;
  channelMax?: number;
  heartbeat?: number;
  capabilities?: Record<string, boolean>;
}

const ALL_CAPABILITIES = {
  publisher_confirms: true,
  "basic.nack": true,
  consumer_cancel_notify: true,
  authentication_failure_close: true,
};

/** One connection, and one list of what came for each channel. */
export class RawClient {
  readonly socket: Socket;
  readonly #reader = new MessageReader({ frameMax: 0x1000000 });
  readonly #writer = new FrameWriter({ frameMax: 131072, names: "rabbitmq" });
  readonly #items = new Map<number, Item[]>();
  readonly #waiting = new Map<number, ((item: Item) => void)[]>();
  #ended = false;
  /** The broker's close, after which no channel gets anything. */
  #closed: Item | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => {
      try {
        for (const item of this.#reader.push(chunk)) this.#put(item);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        socket.destroy();
      }
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#ended = true;
      for (const waiting of this.#waiting.values()) for (const wake of waiting.splice(0)) wake(END);
    });
  }

  /** A line on which nothing was said. */
  static async dial({ host, port }: Address): Promise<RawClient> {
    const socket = connect({ host, port });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new RawClient(socket);
  }

  /** A connection that is open, with one open channel, 1. */
  static async open(address: Address, login: Login = {}): Promise<RawClient> {
    const client = await RawClient.dial(address);
    const opened = await client.login(login);
    if (opened.name !== "Connection.OpenOk") throw new Error(summary(opened));
    await client.call(new Channel.Open(), 1);
    return client;
  }

  /** Says who it is; answers the last word of the broker. */
  async login(login: Login = {}): Promise<Item> {
    const { user = "guest", password = "guest", virtualHost = "/", mechanism = "PLAIN" } = login;
    await this.call(new ProtocolHeader({ major: 0, minor: 9, revision: 1 }), 0);
    const response = login.response ?? `\0${user}\0${password}`;
    const clientProperties = { capabilities: login.capabilities ?? ALL_CAPABILITIES };
    const tune = await this.call(new Connection.StartOk({ clientProperties, mechanism, response, locale: "en_US" }), 0);
    if (tune.name !== "Connection.Tune") return tune;
    const { frameMax = tune.frameMax, channelMax = tune.channelMax, heartbeat = 0 } = login;
    this.send(new Connection.TuneOk({ frameMax, channelMax, heartbeat }), 0);
    if (frameMax >= 4096) this.#writer.frameMax = frameMax;
    return this.call(new Connection.Open({ virtualHost }), 0);
  }

  send(frame: Frame, channel = 1): this {
    this.#writer.write(frame, channel);
    return this.sendOctets(this.#writer.flush());
  }

  sendOctets(octets: Uint8Array): this {
    if (!this.#ended) this.socket.write(octets);
    return this;
  }

  /** Sends a message. */
  publish(method: Basic.Publish, properties: Basic.Properties, body: string | Uint8Array = "", channel = 1): this {
    this.#writer.publish(channel, method, properties, typeof body === "string" ? new TextEncoder().encode(body) : body);
    return this.sendOctets(this.#writer.flush());
  }

  /** Sends a message to a queue. */
  toQueue(queue: string, body: string | Uint8Array, properties = new Basic.Properties(), channel = 1): this {
    return this.publish(new Basic.Publish({ routingKey: queue }), properties, body, channel);
  }

  /** The next that comes on a channel, or has come. */
  next(channel = 1): Promise<Item> {
    const item = this.#items.get(channel)?.shift();
    if (item !== undefined) return Promise.resolve(item);
    const last = this.#ended ? END : this.#closed;
    if (last !== undefined) return Promise.resolve(channel === 0 && !this.#ended ? this.#wait(0) : last);
    return this.#wait(channel);
  }

  #wait(channel: number): Promise<Item> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(channel);
      if (waiting === undefined) this.#waiting.set(channel, [resolve]);
      else waiting.push(resolve);
    });
  }

  /** Sends a frame and answers the next that comes on its channel. */
  call(frame: Frame, channel = 1): Promise<Item> {
    return this.send(frame, channel).next(channel);
  }

  /** The next message on a channel. */
  async message(channel = 1): Promise<Message> {
    const item = await this.next(channel);
    if (!(item instanceof Message)) throw new Error(`a message was expected, there came ${summary(item)}`);
    return item;
  }

  /** Whatever comes until the line ends; the broker's close is answered. */
  async close(): Promise<void> {
    if (!this.#ended) await this.call(new Connection.Close({ replyCode: 200, classId: 0, methodId: 0 }), 0);
    this.socket.destroy();
  }

  #put(item: MessageOrFrame): void {
    if (item.name === "Connection.Close") {
      this.#closed = item;
      this.send(new Connection.CloseOk(), 0);
      // Somebody may wait on any channel for an answer that will not come.
      for (const [channel, waiting] of this.#waiting) {
        if (channel !== 0) for (const wake of waiting.splice(0)) wake(item);
      }
    }
    if (item.name === "Channel.Close") this.send(new Channel.CloseOk(), item.channel);
    const wake = this.#waiting.get(item.channel)?.shift();
    if (wake !== undefined) return wake(item);
    const items = this.#items.get(item.channel);
    if (items === undefined) this.#items.set(item.channel, [item]);
    else items.push(item);
  }
}

const END: Item = { name: "End", channel: 0 };

/** An item in a few words, to be compared with what was expected. */
export function summary(item: Item): string {
  switch (item.name) {
    case "Message": {
      const { method } = item;
      const redelivered = "redelivered" in method && method.redelivered ? " redelivered" : "";
      const code = method.name === "Basic.Return" ? ` ${method.replyCode} ${String(method.replyText)}` : "";
      return `${method.name}${code}${redelivered} ${JSON.stringify(new TextDecoder().decode(item.body))}`;
    }
    case "Channel.Close":
    case "Connection.Close":
      return `${item.name} ${item.replyCode} ${String(item.replyText)} (${item.classId}.${item.methodId})`;
    case "Basic.Ack":
    case "Basic.Nack":
      return `${item.name} ${item.deliveryTag}`;
    case "Queue.DeclareOk":
      return `${item.name} ${item.messageCount} ${item.consumerCount}`;
    case "Queue.DeleteOk":
    case "Queue.PurgeOk":
      return `${item.name} ${item.messageCount}`;
    case "Basic.Cancel":
      return `${item.name} ${item.consumerTag}`;
    default:
      return item.name;
  }
}
