/** Pictures of the page, to be looked at. `AMQP_WASM_PICTURES=gateway/docs` puts the README's one there, with a whole minute in its chart. */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchOptions } from "../../../bench/chromium-launch.js";
import type { Client } from "../../../examples/client.js";
import { startInspected, type Inspected } from "./inspected.js";

const root = join(import.meta.dirname, "../../..");
const forReadme = process.env["AMQP_WASM_PICTURES"];
const folder = join(root, "build/inspector");
const seconds = forReadme === undefined ? 3 : 62;

describe.skipIf(!existsSync(launchOptions.executablePath))("pictures of the inspector page in Chromium", () => {
  let browser: Browser;
  let inspected: Inspected;
  const clients: Client[] = [];

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    browser = await chromium.launch({ ...launchOptions, headless: true });
    inspected = await startInspected({ showBodies: true });
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all(clients.map((client) => client.close()));
    await inspected.stop();
  });

  test("empty, light, dark, narrow", { timeout: 120_000 }, async () => {
    const empty = await open("light", 1200, 720);
    await empty.screenshot({ path: join(folder, "empty.png") });
    await empty.context().close();

    const more = await shop();
    for (const scheme of ["light", "dark"] as const) {
      const page = await open(scheme, 1160, 650);
      await page.screenshot({ path: join(folder, `${scheme}-totals.png`) });
      await page.click("#pause");
      await page.locator(".row:not([hidden])", { hasText: "ContentHeader" }).last().click();
      await page.locator(".field", { hasText: "key" }).first().hover();
      await page.screenshot({ path: join(folder, `${scheme}-frame.png`) });
      if (forReadme !== undefined && scheme === "light")
        await page.screenshot({ path: join(root, forReadme, "inspector.png") });
      await page.click("#tab-client");
      await page.click("#consume button");
      await page.locator("#consume output", { hasText: "consuming" }).waitFor();
      await page.click("#publish button");
      await page.locator("#messages li").waitFor();
      await page.screenshot({ path: join(folder, `${scheme}-client.png`) });
      await page.setViewportSize({ width: 390, height: 844 });
      for (const tab of ["client", "totals", "frame", "stream"]) {
        await page.click(`#tab-${tab}`);
        await page.screenshot({ path: join(folder, `${scheme}-narrow-${tab}.png`) });
        expect(await overflowing(page), `${scheme} ${tab}`).toEqual([]);
      }
      await page.context().close();
    }
    await more.stop();
    if (forReadme !== undefined) expect(statSync(join(root, forReadme, "inspector.png")).size).toBeLessThan(200_000);
  });

  async function open(colorScheme: "light" | "dark", width: number, height: number): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const page = await context.newPage();
    await page.goto(inspected.url);
    await page.waitForSelector("#status[data-state=live]");
    await page.waitForTimeout(1300);
    return page;
  }

  /** A shop's messages, with a mistake in between. */
  async function shop(): Promise<{ stop(): Promise<void> }> {
    const [store, billing, stock] = await Promise.all(
      ["shop", "billing", "stock"].map((product) =>
        inspected.connect({ clientProperties: { product, version: "2.1" } }),
      ),
    );
    clients.push(store!, billing!, stock!);
    const orders = await store!.openChannel();
    await orders.declare({ queue: "orders" });
    await orders.declare({ queue: "shipping" });
    for (const [client, queue] of [
      [billing!, "orders"],
      [stock!, "shipping"],
    ] as const) {
      const channel = await client.openChannel();
      await channel.consume(queue, (message) => channel.ack(message));
    }
    const body = (id: number): Uint8Array =>
      new TextEncoder().encode(JSON.stringify({ id, total: "12.50", items: ["tea", "cup"] }));
    for (let round = 0; round < seconds * 4; round++) {
      const wave = Math.round(6 + 5 * Math.sin(round / 15) + 3 * Math.sin(round / 4));
      for (let i = 0; i < Math.max(1, wave); i++) {
        const properties = {
          contentType: "application/json",
          deliveryMode: 2,
          headers: { region: "eu", attempt: 1, trace: "4bf92f3577b34da6" },
        };
        await orders.publish(
          { routingKey: i % 3 === 0 ? "shipping" : "orders" },
          properties,
          body(40_000 + round * 20 + i),
        );
      }
      if (round % 40 === 9) {
        const wrong = await stock!.openChannel();
        await wrong.declare({ queue: "invoices", passive: true }).catch(() => undefined);
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    // Something goes on while the pictures are made.
    let going = true;
    const more = (async () => {
      for (let id = 50_000; going; id++) {
        if (id % 12 === 0) {
          const wrong = await stock!.openChannel();
          await wrong.declare({ queue: "invoices", passive: true }).catch(() => undefined);
        }
        const properties = { contentType: "application/json", headers: { region: "eu", attempt: 2 } };
        await orders.publish({ routingKey: "orders" }, properties, body(id));
        await new Promise((resolve) => setTimeout(resolve, 70));
      }
    })();
    return {
      stop: () => {
        going = false;
        return more;
      },
    };
  }

  /** What is wider than the page, which people would have to scroll sideways for. */
  function overflowing(page: Page): Promise<string[]> {
    return page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("body *")]
        .filter(
          (element) => element.getClientRects().length > 0 && element.getBoundingClientRect().right > innerWidth + 1,
        )
        .filter((element) => element.closest(".row, .unseen, pre") === null)
        .map((element) => `${element.tagName} ${element.id} ${element.className}`),
    );
  }
});
