/** @cloudamqp/amqp-client in real browsers, over WebSocket through the gateway: Chromium and Firefox, where they are installed. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chromium } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchOptions } from "../../bench/chromium-launch.js";
import { startGateway, type Running } from "./support/running.js";
import { forEachBroker } from "./support/brokers.js";

const require = createRequire(import.meta.url);
const client = join(dirname(require.resolve("@cloudamqp/amqp-client")), "../../dist/amqp-websocket-client.mjs");
const firefox = ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find((path) => existsSync(path));
const hasChromium = existsSync(launchOptions.executablePath);

const page = (
  port: number,
): string => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">
import { AMQPWebSocketClient } from "/client.mjs";
const told = (result) => fetch("/done", { method: "POST", body: JSON.stringify(result) });
try {
  const connection = await new AMQPWebSocketClient({ url: "ws://127.0.0.1:${port}/", vhost: "/", username: "guest", password: "guest", frameMax: 8192 }).connect();
  const channel = await connection.channel();
  await channel.confirmSelect();
  const queue = await channel.queueDeclare("", { exclusive: true });
  const got = [];
  let wake = () => {};
  await channel.basicConsume(queue.name, { noAck: true }, (message) => { got.push(message); wake(); });
  const large = new Uint8Array(1048576).map((_, i) => i % 251);
  await channel.basicPublish("", queue.name, large, { headers: { large: true } });
  for (let number = 0; number < 500; number++) await channel.basicPublish("", queue.name, "grüße " + number, { contentType: "text/plain", headers: { number } });
  while (got.length < 501) await new Promise((resolve) => (wake = resolve));
  const inOrder = got.slice(1).every((message, i) => message.bodyString() === "grüße " + i && message.properties.headers.number === i);
  const same = got[0].body.length === large.length && got[0].body.every((octet, i) => octet === i % 251);
  await connection.close();
  await told({ count: got.length, inOrder, same });
} catch (error) {
  await told({ error: String(error), stack: error.stack });
}
</script>`;

forEachBroker("@cloudamqp/amqp-client in a browser", (target) => {
  let server: Server;
  let running: Running;
  let done: (result: unknown) => void;
  let origin: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === "/client.mjs")
        response.setHeader("content-type", "text/javascript").end(readFileSync(client));
      else if (request.url === "/done") {
        let text = "";
        request.setEncoding("utf8").on("data", (part: string) => (text += part));
        request.on("end", () => {
          response.end();
          done(JSON.parse(text));
        });
      } else response.setHeader("content-type", "text/html").end(page(running.web));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    running = await startGateway(target.url, { origins: [origin] });
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await running.stop();
  });

  const result = (): Promise<unknown> => new Promise((resolve) => (done = resolve));
  const good = { count: 501, inOrder: true, same: true };

  test.skipIf(!hasChromium)(`Chromium${hasChromium ? "" : " (not installed: skipped)"}`, async () => {
    const told = result();
    const browser = await chromium.launch(launchOptions);
    try {
      const tab = await browser.newPage();
      await tab.goto(origin);
      expect(await told).toEqual(good);
    } finally {
      await browser.close();
    }
  });

  test.skipIf(firefox === undefined)(`Firefox${firefox === undefined ? " (not installed: skipped)" : ""}`, async () => {
    const told = result();
    const folder = mkdtempSync(join(tmpdir(), "amqp-gateway-firefox-"));
    const child = spawn(firefox!, ["--headless", "--no-remote", "--profile", folder, origin], {
      stdio: "ignore",
      env: { ...process.env, HOME: folder },
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    try {
      expect(await told).toEqual(good);
    } finally {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
