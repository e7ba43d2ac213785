/** A client of the embedded broker without a socket: octets go in and come out in the same turn. */
import {
  Basic,
  Channel,
  Connection,
  FrameWriter,
  MessageReader,
  ProtocolHeader,
  type Frame,
  type MessageOrFrame,
} from "amqp-wasm";
import type { Broker, BrokerEnd } from "../../src/broker/index.js";
import { summary } from "./raw-client.js";

export class Wire {
  readonly end: BrokerEnd;
  /** What came and was not looked at. */
  readonly items: MessageOrFrame[] = [];
  /** Octets that came. */
  octets = 0;
  ended = false;
  resumed = 0;
  /** Whether the client takes octets. */
  takes = true;
  /** Called for each piece before it is read. */
  onWrite: (() => void) | undefined;
  /** The largest body frame that came, in octets with its envelope. */
  largestBody = 0;
  readonly #reader = new MessageReader({
    frameMax: 0x1000000,
    onFrame: (frame, _offset, octets) => {
      if (frame.name === "ContentBody") this.largestBody = Math.max(this.largestBody, octets);
    },
  });
  readonly #writer = new FrameWriter({ names: "rabbitmq" });

  constructor(broker: Broker) {
    this.end = broker.connect({
      name: "wire",
      write: (octets) => {
        this.octets += octets.length;
        this.onWrite?.();
        this.items.push(...this.#reader.push(octets));
        return this.takes;
      },
      end: () => {
        this.ended = true;
      },
      resume: () => {
        this.resumed += 1;
      },
    });
  }

  /** A connection that is open, with one open channel. */
  static open(broker: Broker, tune: { frameMax?: number; channelMax?: number; heartbeat?: number } = {}): Wire {
    const wire = new Wire(broker);
    const { frameMax = broker.limits.frameMax, channelMax = broker.limits.maxChannels, heartbeat = 0 } = tune;
    wire.greet().send(new Connection.TuneOk({ frameMax, channelMax, heartbeat }), 0);
    wire.send(new Connection.Open({ virtualHost: "/" }), 0).send(new Channel.Open(), 1);
    const last = wire.seen().at(-1);
    if (last !== "Channel.OpenOk") throw new Error(`the connection did not open: ${last}`);
    return wire;
  }

  /** Says who it is. */
  greet(): this {
    const capabilities = { consumer_cancel_notify: true, authentication_failure_close: true };
    const startOk = { clientProperties: { capabilities }, mechanism: "PLAIN", response: "\0guest\0guest" };
    return this.send(new ProtocolHeader({ major: 0, minor: 9, revision: 1 }), 0).send(
      new Connection.StartOk({ ...startOk, locale: "en_US" }),
      0,
    );
  }

  send(frame: Frame, channel = 1): this {
    return this.push(this.#writer.write(frame, channel).flush());
  }

  push(octets: Uint8Array): this {
    this.end.push(octets);
    return this;
  }

  /** The frames of a message to a queue. */
  message(queue: string, body: string | Uint8Array, properties = {}, channel = 1): Uint8Array {
    const octets = typeof body === "string" ? new TextEncoder().encode(body) : body;
    return this.#writer.publish(channel, new Basic.Publish({ routingKey: queue }), properties, octets).flush();
  }

  toQueue(queue: string, body: string | Uint8Array, properties = {}): this {
    return this.push(this.message(queue, body, properties));
  }

  /** What came since the last call, in words. */
  seen(): string[] {
    return this.items.splice(0).map(summary);
  }
}
