/** A gateway with the inspector in front of a broker, for the tests of the page. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type ConnectOptions } from "../../../examples/client.js";
import { tcp } from "../../../examples/socket.js";
import { buildPage } from "../../build-page.js";
import { startBroker } from "../../src/broker/index.js";
import { Gateway } from "../../src/gateway.js";
import { Inspector, type InspectorOptions } from "../../src/inspector/inspector.js";
import { upstreamAt } from "../../src/upstream.js";

export interface Inspected {
  readonly gateway: Gateway;
  readonly inspector: Inspector;
  /** Of the page, with a slash at its end. */
  readonly url: string;
  readonly tcpPort: number;
  /** Of the embedded broker, where there is one. */
  readonly brokerPort: number | undefined;
  /** A client that comes over TCP. */
  connect(options?: ConnectOptions): Promise<Client>;
  stop(): Promise<void>;
}

const host = "127.0.0.1";

/** `upstream`: a broker's address; an embedded one is started where it is left out. */
export async function startInspected(
  options: Partial<InspectorOptions> & { upstream?: string; origins?: string[] } = {},
): Promise<Inspected> {
  const { upstream, origins = [], ...rest } = options;
  const folder = mkdtempSync(join(tmpdir(), "inspector-page-"));
  await buildPage(folder);
  const broker = upstream === undefined ? await startBroker({ log: () => undefined }) : undefined;
  let inspector: Inspector | undefined;
  const gateway = new Gateway({
    tcp: { host, port: 0 },
    web: { host, port: 0 },
    upstream: upstreamAt(upstream ?? broker!.url),
    origins,
    log: () => undefined,
    page: (tap) => (inspector = new Inspector(tap, { pageFolder: folder, ...rest })),
  });
  const { tcp: tcpAt, web } = await gateway.start();
  return {
    gateway,
    inspector: inspector!,
    url: `http://${host}:${web!.port}/`,
    tcpPort: tcpAt!.port,
    brokerPort: broker?.port,
    connect: async (settings) => Client.connect(await tcp(tcpAt!.port), settings),
    stop: async () => {
      await gateway.stop();
      await broker?.close();
      rmSync(folder, { recursive: true });
    },
  };
}
