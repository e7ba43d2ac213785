/** A broker that does the handshake and nothing more by itself: what the gateway sends to it can be looked at, and anything can be sent back. */
import { createServer, type AddressInfo, type Server } from "node:net";
import { Channel, Connection } from "amqp-wasm";
import { header, Peer, socketWire } from "./peer.js";

export interface ScriptedBroker {
  port: number;
  /** The connections so far, in order. */
  peers: Peer[];
  /** The next connection, when it has come. */
  accepted(): Promise<Peer>;
  close(): Promise<void>;
  server: Server;
}

export interface Script {
  frameMax?: number;
  channelMax?: number;
  heartbeat?: number;
  /** Does nothing after the connection. */
  silent?: boolean;
  port?: number;
}

export const serverStart = new Connection.Start({
  versionMajor: 0,
  versionMinor: 9,
  serverProperties: { product: "scripted", capabilities: { publisher_confirms: true } },
  mechanisms: "PLAIN",
  locales: "en_US",
});

export async function scriptedBroker(script: Script = {}): Promise<ScriptedBroker> {
  const { frameMax = 131_072, channelMax = 2047, heartbeat = 0 } = script;
  const peers: Peer[] = [];
  const waiting: ((peer: Peer) => void)[] = [];
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    const peer = new Peer(socketWire(socket));
    peers.push(peer);
    waiting.shift()?.(peer);
    if (script.silent === true) return;
    void (async () => {
      try {
        await peer.expect("ProtocolHeader");
        peer.send(serverStart);
        await peer.expect("Connection.StartOk");
        peer.send(new Connection.Tune({ frameMax, channelMax, heartbeat }));
        await peer.expect("Connection.TuneOk");
        await peer.expect("Connection.Open");
        peer.send(new Connection.OpenOk());
      } catch {
        // The test looks at what came.
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(script.port ?? 0, "127.0.0.1", resolve));
  return {
    server,
    port: (server.address() as AddressInfo).port,
    peers,
    accepted: () => new Promise((resolve) => waiting.push(resolve)),
    close: () =>
      new Promise((resolve) => {
        for (const peer of peers) peer.wire.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Opens a channel between a client and the broker behind the gateway. */
export async function throughChannel(client: Peer, broker: Peer, channel: number): Promise<void> {
  client.send(new Channel.Open(), channel);
  await broker.expect("Channel.Open");
  broker.send(new Channel.OpenOk(), channel);
  await client.expect("Channel.OpenOk");
}

export { header };
