// The load: a client on the codec that publishes and consumes, and waits for nothing but the socket.
import { connect } from "node:net";
import { Basic, Channel, Connection, FrameCursor, FrameWriter, marshal, ProtocolHeader, Queue } from "amqp-wasm";

export class LoadClient {
  #socket;
  #cursor = new FrameCursor();
  #awaited;
  /** Called for each content header. */
  message = () => {};
  /** Called for each body. */
  body = () => {};

  static async open(port) {
    const client = new LoadClient();
    const socket = (client.#socket = connect({ port, host: "127.0.0.1", noDelay: true }));
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    socket.on("data", (chunk) => client.#read(chunk));
    await client.call(new ProtocolHeader({ major: 0, minor: 9, revision: 1 }), "Connection.Start", 0);
    const response = "\0guest\0guest";
    await client.call(
      new Connection.StartOk({ clientProperties: {}, mechanism: "PLAIN", response, locale: "en_US" }),
      "Connection.Tune",
      0,
    );
    client.send(new Connection.TuneOk({ channelMax: 100, frameMax: 131072, heartbeat: 0 }), 0);
    await client.call(new Connection.Open({ virtualHost: "/" }), "Connection.OpenOk", 0);
    await client.call(new Channel.Open(), "Channel.OpenOk");
    return client;
  }

  #read(chunk) {
    const cursor = this.#cursor.push(chunk);
    while (cursor.next()) {
      if (cursor.type === 2) this.message();
      else if (cursor.type === 3) this.body(cursor.body);
      else if (cursor.name === this.#awaited?.name) this.#awaited.resolve(cursor.frame());
      else if (cursor.name.endsWith(".Close")) throw new Error(String(cursor.frame()));
    }
  }

  send(frame, channel = 1) {
    this.#socket.write(marshal(frame, channel));
  }

  call(frame, name, channel = 1) {
    return new Promise((resolve) => {
      this.#awaited = { name, resolve };
      this.send(frame, channel);
    });
  }

  async queue() {
    return (await this.call(new Queue.Declare({ exclusive: true, autoDelete: true }), "Queue.DeclareOk")).queue;
  }

  async consume(queue) {
    await this.call(new Basic.Consume({ queue, consumerTag: "load", noAck: true }), "Basic.ConsumeOk");
  }

  /** As many as there may be, and no more than the socket takes. */
  async publish(octets, times) {
    for (let i = 0; i < times; i++) {
      if (!this.#socket.write(octets)) await new Promise((resolve) => this.#socket.once("drain", resolve));
    }
  }

  close() {
    this.#socket.destroy();
  }
}

/** One publish with properties, as octets; or several, one behind the other. */
export function publishOctets(routingKey, bodyOctets, count = 1) {
  const writer = new FrameWriter();
  const headers = { "x-trace": "4bf92f3577b34da6", attempt: 1, source: "bench" };
  for (let i = 0; i < count; i++) {
    const properties = { contentType: "application/json", headers, messageId: "m-1234" };
    writer.publish(1, new Basic.Publish({ routingKey }), properties, new Uint8Array(bodyOctets).fill(120));
  }
  return writer.flush();
}
