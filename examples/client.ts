/** A small AMQP client on the codec, the same for browsers and Node: it needs something that carries octets, and answers promises. */
import * as amqp from "amqp-wasm";
import type { Basic, Frame, Longlong, Method, MethodClass, MessageOrFrame, Queue, TableInput } from "amqp-wasm";
import type { Transport } from "./transport.js";

/** `heartbeat`: seconds between signs of life; the other side counts as gone after twice as many; 0 for none. */
const defaults = { user: "guest", password: "guest", virtualHost: "/", heartbeat: 30, clientProperties: {} as object };
export type ConnectOptions = Partial<typeof defaults>;
type Waiting = { resolve: (answer: never) => void; reject: (error: Error) => void };

export class Client {
  /** Called once when the connection is over, with the error that ended it, if one did. */
  onClosed: (error?: Error) => void = () => undefined;
  readonly #transport: Transport;
  readonly #writer = new amqp.FrameWriter();
  readonly #reader = new amqp.MessageReader();
  readonly #channels = new Map([[0, new ClientChannel(this, 0)]]);
  #timer: ReturnType<typeof setInterval> | undefined;
  #silence = 0;
  #over = false;

  private constructor(transport: Transport) {
    this.#transport = transport;
    transport.received = (octets) => this.#receive(octets);
    transport.closed = (reason) => this.#end(new Error(reason));
  }

  static async connect(transport: Transport, options: ConnectOptions = {}): Promise<Client> {
    const client = new Client(transport);
    const { user, password, virtualHost, heartbeat, clientProperties } = { ...defaults, ...options };
    const control = client.#channels.get(0)!;
    await control.ask(new amqp.ProtocolHeader({ major: 0, minor: 9, revision: 1 }), [amqp.Connection.Start]);
    const properties = { ...clientProperties, capabilities: { authentication_failure_close: true } } as TableInput;
    const response = `\0${user}\0${password}`;
    const startOk = new amqp.Connection.StartOk({ clientProperties: properties, mechanism: "PLAIN", response });
    const tune = await control.ask<amqp.Connection.Tune>(startOk, [amqp.Connection.Tune]);
    const frameMax = Math.min(tune.frameMax || 131072, 131072);
    const seconds = Math.min(tune.heartbeat || heartbeat, heartbeat);
    client.send(0, new amqp.Connection.TuneOk({ channelMax: tune.channelMax, frameMax, heartbeat: seconds }));
    client.#writer.frameMax = client.#reader.frameMax = frameMax;
    if (seconds > 0) client.#timer = setInterval(() => client.#beat(), seconds * 1000);
    await control.ask(new amqp.Connection.Open({ virtualHost }));
    return client;
  }

  /** Every publish on a channel is confirmed. */
  async openChannel(): Promise<ClientChannel> {
    let number = 1;
    while (this.#channels.has(number)) number += 1;
    const channel = new ClientChannel(this, number);
    this.#channels.set(number, channel);
    await channel.ask(new amqp.Channel.Open());
    await channel.ask(new amqp.Confirm.Select());
    return channel;
  }

  async close(): Promise<void> {
    if (!this.#over)
      await this.#channels.get(0)!.ask(new amqp.Connection.Close({ replyCode: 200, classId: 0, methodId: 0 }));
    this.#end();
  }

  /** Sends a frame; where a body is given, a message. */
  send(channel: number, frame: Frame, properties?: Basic.PropertiesFields, body?: Uint8Array): void {
    if (this.#over) throw new Error("the connection is closed");
    if (body === undefined) this.#writer.write(frame, channel);
    else this.#writer.publish(channel, frame as Basic.Publish, properties, body);
    this.#transport.send(this.#writer.flush());
  }

  #receive(octets: Uint8Array): void {
    this.#silence = 0;
    try {
      for (const item of this.#reader.push(octets)) {
        if (item.name === "Connection.Close") {
          this.send(0, new amqp.Connection.CloseOk());
          return this.#end(amqp.exceptionFor(item.replyCode, String(item.replyText)));
        }
        if (this.#channels.get(item.channel)?.take(item) === false) this.#channels.delete(item.channel);
      }
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #beat(): void {
    if ((this.#silence += 1) > 2) this.#end(new Error("no sign of life from the other side"));
    else this.send(0, new amqp.Heartbeat());
  }

  #end(error?: Error): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#timer);
    this.#transport.close();
    for (const channel of this.#channels.values()) channel.fail(error ?? new Error("the connection is closed"));
    this.onClosed(error);
  }
}

export class ClientChannel {
  /** Called once when the channel is over, with the reason. */
  onClosed: (error: Error) => void = () => undefined;
  readonly #client: Client;
  readonly #number: number;
  readonly #questions: (Waiting & { answers: readonly MethodClass[] })[] = [];
  readonly #consumers = new Map<string, (message: amqp.Message) => void>();
  /** Publishes that are not confirmed yet, by delivery tag. */
  readonly #publishes = new Map<number, Waiting & { messageId: unknown }>();
  #published = 0;
  #error: Error | undefined;

  constructor(client: Client, number: number) {
    this.#client = client;
    this.#number = number;
  }

  /** Sends a frame and waits for its answer. Answers come in the order of the questions. */
  ask<T = Method>(frame: Frame, answers = (frame.constructor as unknown as MethodClass).validResponses): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#error !== undefined) throw this.#error;
      this.#client.send(this.#number, frame);
      this.#questions.push({ answers, resolve, reject });
    });
  }

  declare(fields: Queue.DeclareFields = {}): Promise<Queue.DeclareOk> {
    return this.ask(new amqp.Queue.Declare(fields));
  }

  /** Resolves when the broker has taken the message. Rejects where it did not, or returned it for want of a queue (`mandatory`). */
  publish(fields: Basic.PublishFields, properties: Basic.PropertiesFields, body: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#error !== undefined) throw this.#error;
      // A return does not say which publish it returns: the message id does.
      const messageId = properties.messageId ?? `${this.#number}-${this.#published + 1}`;
      this.#client.send(this.#number, new amqp.Basic.Publish(fields), { ...properties, messageId }, body);
      this.#publishes.set((this.#published += 1), { messageId, resolve, reject });
    });
  }

  /** Has the messages of a queue handed over as they come; answers the consumer's tag. */
  async consume(queue: string, deliver: (message: amqp.Message) => void): Promise<string> {
    const consumerTag = `consumer-${this.#consumers.size + 1}`;
    // Known before it is asked for: the first message may come in one piece with the answer.
    this.#consumers.set(consumerTag, deliver);
    await this.ask(new amqp.Basic.Consume({ queue, consumerTag }));
    return consumerTag;
  }

  ack(message: amqp.Message): void {
    this.#client.send(this.#number, new amqp.Basic.Ack({ deliveryTag: (message.method as Basic.Deliver).deliveryTag }));
  }

  async close(): Promise<void> {
    await this.ask(new amqp.Channel.Close({ replyCode: 200, classId: 0, methodId: 0 }));
  }

  /** What came in on this channel. Answers false where the channel is over. */
  take(item: MessageOrFrame): boolean {
    if (item.name === "Message") {
      const { method, properties } = item;
      if (method.name === "Basic.Deliver") this.#consumers.get(String(method.consumerTag))?.(item);
      if (method.name !== "Basic.Return") return true;
      const error = amqp.exceptionFor(method.replyCode, String(method.replyText));
      for (const { messageId, reject } of this.#publishes.values())
        if (messageId === properties.messageId) reject(error);
    } else if (item.name === "Basic.Ack" || item.name === "Basic.Nack") {
      this.#settle(item.deliveryTag, item.multiple, item.name === "Basic.Ack");
    } else if (item.name === "Channel.Close") {
      this.#client.send(this.#number, new amqp.Channel.CloseOk());
      this.fail(amqp.exceptionFor(item.replyCode, String(item.replyText)));
    } else if (this.#questions[0]?.answers.includes(item.constructor as unknown as MethodClass)) {
      this.#questions.shift()!.resolve(item as never);
      if (item.name === "Channel.CloseOk") this.fail(new Error("the channel is closed"));
    }
    return this.#error === undefined;
  }

  #settle(deliveryTag: Longlong, multiple: boolean, taken: boolean): void {
    for (const [tag, { resolve, reject }] of this.#publishes) {
      if (multiple ? tag > deliveryTag : tag !== deliveryTag) continue;
      this.#publishes.delete(tag);
      if (taken) resolve(undefined as never);
      else reject(new Error("the broker did not take the message"));
    }
  }

  /** The channel is over: rejects all that waits. */
  fail(error: Error): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    for (const { reject } of [...this.#questions.splice(0), ...this.#publishes.values()]) reject(error);
    this.#publishes.clear();
    this.onClosed(error);
  }
}
