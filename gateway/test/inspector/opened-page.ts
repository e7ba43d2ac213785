/** A page of the inspector in Chromium for each test, and a client that it can watch. */
import { existsSync } from "node:fs";
import type { Basic } from "amqp-wasm";
import { chromium, type Browser, type Locator, type Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { launchOptions } from "../../../bench/chromium-launch.js";
import type { Client, ClientChannel } from "../../../examples/client.js";
import { startInspected, type Inspected } from "./inspected.js";

export const withoutChromium = !existsSync(launchOptions.executablePath);
export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

export let inspected: Inspected;
export let channel: ClientChannel;
export let page: Page;
/** What the inspector's socket brought to the page. */
export let socketOctets: Buffer[];

/** To be called in the suite that wants them. No test may leave a word on the page's console. */
export function openPages(): void {
  let browser: Browser;
  let client: Client;
  let complaints: string[];

  beforeAll(async () => {
    browser = await chromium.launch({ ...launchOptions, headless: true });
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    inspected = await startInspected();
    client = await inspected.connect({ clientProperties: { product: "shop", version: "2.1" } });
    channel = await client.openChannel();
    const context = await browser.newContext({ viewport: { width: 1360, height: 820 } });
    page = await context.newPage();
    complaints = [];
    socketOctets = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("websocket", (socket) => {
      if (!socket.url().endsWith("/inspector")) return;
      socket.on("framereceived", ({ payload }) => socketOctets.push(Buffer.from(payload)));
    });
    await page.goto(inspected.url);
    await page.waitForSelector("#status[data-state=live]");
  });
  afterEach(async () => {
    await page.context().close();
    await client.close().catch(() => undefined);
    await inspected.stop();
    expect(complaints).toEqual([]);
  });
}

/** The rows of frames with this name. */
export function rows(name: string): Locator {
  return page.locator(".row:not([hidden])", { has: page.locator(".name", { hasText: name }) });
}

/** The names that can be seen in the list. */
export function names(): Promise<string[]> {
  return page.locator(".row:not([hidden]):not(.gap) .name").allTextContents();
}

export function publish(body: string, properties: Basic.PropertiesFields = {}): Promise<void> {
  return channel.publish({ exchange: "amq.topic", routingKey: "orders.eu" }, properties, text(body));
}
