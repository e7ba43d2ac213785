/** A broker behind TLS: authority, client certificate and server name. */
import { rmSync } from "node:fs";
import { createServer, type Server } from "node:tls";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { upstreamAt, type TlsSettings } from "../src/upstream.js";
import { hasOpenssl, makeCertificates, type Certificates } from "./support/certificates.js";
import { header, tcpPeer } from "./support/peer.js";
import { startGateway, type Running } from "./support/running.js";
import { scriptedBroker, throughChannel, type ScriptedBroker } from "./support/scripted-broker.js";

describe.skipIf(!hasOpenssl)(`amqps${hasOpenssl ? "" : " (no openssl: skipped)"}`, () => {
  let made: Certificates;
  let broker: ScriptedBroker;
  let front: Server;
  let running: Running;
  let askedFor: (string | false | null)[] = [];

  beforeAll(async () => {
    made = makeCertificates();
    broker = await scriptedBroker();
    const settings = { ca: made.read("ca.pem"), cert: made.read("server.pem"), key: made.read("server.key") };
    front = createServer({ ...settings, requestCert: true, rejectUnauthorized: true }, (socket) => {
      askedFor.push(socket.servername);
      const behind = connect(broker.port, "127.0.0.1");
      socket.pipe(behind).pipe(socket);
      socket.on("error", () => behind.destroy());
      behind.on("error", () => socket.destroy());
    });
    front.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  });

  afterEach(() => running.stop());
  afterAll(async () => {
    front.close();
    await broker.close();
    rmSync(made.folder, { recursive: true });
  });

  async function start(tls: TlsSettings): Promise<void> {
    askedFor = [];
    const { port } = front.address() as { port: number };
    running = await startGateway("", { upstream: upstreamAt(`amqps://127.0.0.1:${port}`, tls) });
  }

  const good = (): TlsSettings => ({
    ca: made.read("ca.pem"),
    cert: made.read("client.pem"),
    key: made.read("client.key"),
    serverName: "broker.test",
  });

  test("with the authority, a client certificate and the server's name a connection opens", async () => {
    await start(good());
    const client = await tcpPeer(running.port);
    await client.open();
    await throughChannel(client, broker.peers.at(-1)!, 1);
    expect(askedFor).toEqual(["broker.test"]);
    client.wire.destroy();
  });

  test.each<[string, () => TlsSettings, RegExp]>([
    ["an unknown authority", () => ({ ...good(), ca: made.read("client.pem") }), /self-signed|unable to|verify/i],
    ["another name than the certificate's", () => ({ ...good(), serverName: "other.test" }), /altnames|Hostname/i],
    [
      "no client certificate",
      () => ({ ca: made.read("ca.pem"), serverName: "broker.test" }),
      /certificate required|alert|ECONNRESET|EPIPE|went away/i,
    ],
  ])("%s: the client gets 320, the log has the reason", async (_, tls, reason) => {
    await start(tls());
    const client = await tcpPeer(running.port);
    client.wire.write(header);
    const close = await client.expect("Connection.Close");
    expect(close.replyCode).toBe(320);
    expect((await running.logged("upstream-gone")).text).toMatch(reason);
    client.wire.destroy();
  });

  test("any certificate will do where that is asked for", async () => {
    await start({ ...good(), ca: made.read("client.pem"), insecure: true });
    const client = await tcpPeer(running.port);
    await client.open();
    client.wire.destroy();
  });
});
