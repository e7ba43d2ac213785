/** A client that is just enough for the demonstration load: one channel, no acknowledgements asked for. */
import { connect, type Socket } from "node:net";
import {
  Basic,
  Channel,
  Connection,
  Exchange,
  FrameWriter,
  marshal,
  Message,
  MessageReader,
  ProtocolHeader,
  Queue,
  type Frame,
} from "amqp-wasm";
import type { Address } from "./gateway.js";

/** Who the demonstration's clients are. */
export interface Credentials {
  user: string;
  password: string;
  virtualHost: string;
}

export class DemoClient {
  readonly #socket: Socket;
  readonly #reader = new MessageReader();
  readonly #writer = new FrameWriter();
  readonly #delivered: (message: Message, client: DemoClient) => void;
  #answer: ((frame: Frame) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(socket: Socket, delivered: (message: Message, client: DemoClient) => void) {
    this.#socket = socket;
    this.#delivered = delivered;
    socket.on("data", (chunk) => {
      for (const item of this.#reader.push(chunk)) this.#take(item);
    });
    socket.on("error", (error) => this.#failed?.(error));
    socket.on("close", () => this.#failed?.(new Error("the connection is closed")));
  }

  static async open(
    { host, port }: Address,
    { user, password, virtualHost }: Credentials,
    name: string,
    delivered: (message: Message, client: DemoClient) => void = () => {},
  ): Promise<DemoClient> {
    const socket = connect({ host, port, noDelay: true });
    const client = new DemoClient(socket, delivered);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    await client.call(new ProtocolHeader({ major: 0, minor: 9, revision: 1 }), 0);
    const capabilities = { authentication_failure_close: true, publisher_confirms: true };
    const clientProperties = { product: name, version: "1", capabilities };
    const tune = (await client.call(
      new Connection.StartOk({
        clientProperties,
        mechanism: "PLAIN",
        response: `\0${user}\0${password}`,
        locale: "en_US",
      }),
      0,
    )) as Connection.Tune;
    client.send(new Connection.TuneOk({ channelMax: tune.channelMax, frameMax: tune.frameMax, heartbeat: 0 }), 0);
    await client.call(new Connection.Open({ virtualHost }), 0);
    await client.call(new Channel.Open(), 1);
    return client;
  }

  send(frame: Frame, channel = 1): void {
    this.#socket.write(marshal(frame, channel));
  }

  /** Sends a method and waits for the next one that comes. */
  call(frame: Frame, channel = 1): Promise<Frame> {
    return new Promise((resolve, reject) => {
      this.#failed = reject;
      this.#answer = resolve;
      this.send(frame, channel);
    });
  }

  publish(exchange: string, routingKey: string, properties: Basic.Properties, body: Uint8Array): void {
    this.#writer.publish(1, new Basic.Publish({ exchange, routingKey }), properties, body);
    this.#socket.write(this.#writer.flush());
  }

  async subscribe(exchange: string, pattern: string, noAck: boolean): Promise<void> {
    await this.call(new Exchange.Declare({ exchange, type: "topic", autoDelete: true }));
    const { queue } = (await this.call(new Queue.Declare({ exclusive: true, autoDelete: true }))) as Queue.DeclareOk;
    await this.call(new Queue.Bind({ queue, exchange, routingKey: pattern }));
    await this.call(new Basic.Qos({ prefetchCount: 100 }));
    await this.call(new Basic.Consume({ queue, consumerTag: "demo", noAck }));
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.end(marshal(new Connection.Close({ replyCode: 200, replyText: "bye", classId: 0, methodId: 0 }), 0));
  }

  #take(item: Frame | Message): void {
    if (item instanceof Message) {
      this.#delivered(item, this);
      return;
    }
    if (item.name === "Connection.Close") this.send(new Connection.CloseOk(), 0);
    if (item.name === "Connection.Close" || item.name === "Channel.Close") {
      this.#failed?.(new Error(`${item.replyCode} ${String(item.replyText)}`));
    } else if (item.name !== "Heartbeat") this.#answer?.(item);
  }
}
