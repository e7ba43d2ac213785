/** What carries a client's octets in Node. */
import { connect } from "node:net";
import type { Transport } from "./transport.js";

/** AMQP over TCP. */
export function tcp(port: number, host = "127.0.0.1"): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host, noDelay: true });
    const transport: Transport = {
      send: (octets) => void socket.write(octets),
      close: () => socket.end(),
      received: () => undefined,
      closed: () => undefined,
    };
    socket.once("connect", () => resolve(transport));
    socket.on("error", reject);
    socket.on("data", (chunk: Buffer) => transport.received(chunk));
    socket.on("close", () => transport.closed("the TCP connection was closed"));
  });
}
