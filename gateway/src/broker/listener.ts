import { createServer, type AddressInfo, type Socket } from "node:net";
import { Broker } from "./broker.js";
import { systemClock } from "./clock.js";
import type { BrokerOptions } from "./limits.js";

/** Where and how a broker listens. */
export interface StartOptions extends BrokerOptions {
  /** TCP port; 0 for any that is free. Defaults to 0. */
  port?: number;
  /** Address to listen on. Defaults to 127.0.0.1. */
  host?: string;
}

/** A broker that listens on TCP. */
export interface RunningBroker {
  readonly host: string;
  readonly port: number;
  /** `amqp://` address to connect to, without user and password. */
  readonly url: string;
  /** The broker itself, to attach clients to without a socket. */
  readonly broker: Broker;
  /** Closes all connections and stops listening. */
  close(): Promise<void>;
}

/** Octets that a socket may have waiting before its client counts as slow. */
const WAITING_OCTETS = 262_144;
/** How long a client may take to end after us, in milliseconds. */
const LINGER = 2000;

/** Starts a broker that listens on TCP. It keeps nothing. */
export async function startBroker(options: StartOptions = {}): Promise<RunningBroker> {
  const { port = 0, host = "127.0.0.1" } = options;
  const broker = new Broker(options);
  const clock = options.clock ?? systemClock;
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true, highWaterMark: WAITING_OCTETS }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    attach(broker, socket, (call) => clock.after(LINGER, call));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return {
    host: address.address,
    port: address.port,
    url: `amqp://${name}:${address.port}`,
    broker,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        broker.shutDown();
        const timer = clock.after(LINGER, () => {
          broker.endAll();
          for (const socket of sockets) socket.destroy();
        });
        server.once("close", () => timer.stop());
      }),
  };
}

function attach(broker: Broker, socket: Socket, later: (call: () => void) => { stop(): void }): void {
  const end = broker.connect({
    name: `${socket.remoteAddress ?? ""}:${socket.remotePort ?? ""}`,
    write: (octets) => socket.destroyed || socket.write(octets),
    end() {
      socket.end();
      // What still comes is read and dropped: octets that nobody reads would make the system reset the line, and our last words with it.
      socket.resume();
      const timer = later(() => socket.destroy());
      socket.once("close", () => timer.stop());
    },
    resume: () => socket.resume(),
  });
  socket.on("data", (chunk) => {
    if (!end.push(chunk)) socket.pause();
  });
  socket.on("drain", () => end.drained());
  socket.on("error", () => end.close());
  socket.on("end", () => end.close());
  socket.on("close", () => end.close());
}
