import { existsSync } from "node:fs";
import { Basic, ContentBody, ContentHeader, marshal, Queue } from "amqp-wasm";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchOptions } from "../../../bench/chromium-launch.js";
import type { Client, ClientChannel } from "../../../examples/client.js";
import { tcpPeer } from "../support/peer.js";
import { startInspected, type Inspected } from "./inspected.js";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe.skipIf(!existsSync(launchOptions.executablePath))("the inspector page in Chromium", () => {
  let browser: Browser;
  let inspected: Inspected;
  let client: Client;
  let channel: ClientChannel;
  let page: Page;
  /** What the page's console said, and what the gateway's socket brought. */
  let complaints: string[];
  let socketOctets: Buffer[];

  beforeAll(async () => {
    browser = await chromium.launch({ ...launchOptions, headless: true });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    inspected = await startInspected();
    client = await inspected.connect({ clientProperties: { product: "shop", version: "2.1" } });
    channel = await client.openChannel();
    page = await open();
  });
  afterEach(async () => {
    await page.context().close();
    await client.close().catch(() => undefined);
    await inspected.stop();
    expect(complaints).toEqual([]);
  });

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1360, height: 820 }, ...options });
    const opened = await context.newPage();
    complaints = [];
    socketOctets = [];
    opened.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    opened.on("pageerror", (error) => complaints.push(String(error)));
    opened.on("websocket", (socket) => {
      if (!socket.url().endsWith("/inspector")) return;
      socket.on("framereceived", ({ payload }) => socketOctets.push(Buffer.from(payload)));
    });
    await opened.goto(inspected.url);
    await opened.waitForSelector("#status[data-state=live]");
    return opened;
  }

  const rows = (name: string): ReturnType<Page["locator"]> =>
    page.locator(".row:not([hidden])", { has: page.locator(".name", { hasText: name }) });
  const names = (): Promise<string[]> => page.locator(".row:not([hidden]):not(.gap) .name").allTextContents();
  const publish = (body: string, properties: Basic.PropertiesFields = {}): Promise<void> =>
    channel.publish({ exchange: "amq.topic", routingKey: "orders.eu" }, properties, text(body));

  test("frames appear, with what they say", async () => {
    await publish("{}", { contentType: "application/json", headers: { region: "eu", attempt: 2 } });
    await rows("Basic.Publish").waitFor();
    const cells = await rows("Basic.Publish").locator("span").allTextContents();
    expect(cells[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/);
    expect(cells.slice(1)).toEqual(["#1", "→", "1", "Basic.Publish", 'exchange "amq.topic"  routingKey "orders.eu"']);
    const header = await rows("ContentHeader").locator(".line").textContent();
    expect(header).toContain('contentType "application/json"  headers { attempt: 2, region: "eu" }');
    expect(await rows("Basic.Ack").locator(".direction").textContent()).toBe("←");
    await expect.poll(() => page.locator("#rate-connections").textContent(), { timeout: 5000 }).toBe("1");
  });

  test("a page that opens later is shown what came before it", async () => {
    // The handshake went by before the page was there.
    await rows("Connection.StartOk").waitFor();
    expect((await names()).slice(0, 4)).toEqual([
      "ProtocolHeader",
      "Connection.Start",
      "Connection.StartOk",
      "Connection.Tune",
    ]);
  });

  test("filters by connection, channel, name and text", async () => {
    const second = await inspected.connect();
    const other = await second.openChannel();
    const third = await second.openChannel();
    await other.declare({ queue: "filtered", exclusive: true });
    await third.publish({ routingKey: "filtered" }, { type: "needle" }, text("x"));
    await publish("y");
    await expect.poll(names).toContain("Queue.Declare");

    await page.selectOption("#filter-connection", { label: await connectionLabel("#2") });
    await expect
      .poll(async () => new Set(await page.locator(".row:not([hidden]) .connection").allTextContents()))
      .toEqual(new Set(["#2"]));
    await page.fill("#filter-channel", "2");
    await expect
      .poll(async () => new Set(await page.locator(".row:not([hidden]) .channel").allTextContents()))
      .toEqual(new Set(["2"]));
    await page.fill("#filter-name", "basic.");
    await expect.poll(names).toEqual(["Basic.Publish", "Basic.Ack"]);
    expect(await page.locator("#count").textContent()).toMatch(/^2 of \d+$/);
    await page.click("#filters button[type=reset]");
    await page.fill("#filter-text", "NEEDLE");
    await expect.poll(names).toEqual(["ContentHeader"]);
    await page.fill("#filter-text", "no such text");
    await page.locator("#empty-filtered").waitFor();
    await second.close();
  });

  async function connectionLabel(id: string): Promise<string> {
    const option = page.locator("#filter-connection option", { hasText: id });
    await option.first().waitFor({ state: "attached" });
    return (await option.first().textContent())!;
  }

  test("the octets of a frame are annotated, and a field and its octets light each other", async () => {
    await channel.declare({ queue: "q", durable: true, arguments: { "x-max-length": 300 } });
    await rows("Queue.Declare").first().click();
    await page.locator("#frame.chosen").waitFor();
    const octets = marshal(new Queue.Declare({ queue: "q", durable: true, arguments: { "x-max-length": 300 } }), 1);
    expect((await page.locator(".octet").allTextContents()).join("")).toBe(Buffer.from(octets).toString("hex"));

    const fields = await page
      .locator(".field")
      .evaluateAll((found) =>
        found.map((field) =>
          [".place", ".label", ".type", ".value"].map((part) => field.querySelector(part)!.textContent),
        ),
      );
    expect(fields).toEqual([
      ["0", "frame type", "octet", "1 method"],
      ["1", "channel", "short", "1"],
      ["3", "size", "long", String(octets.length - 8)],
      ["7", "class id", "short", "50 Queue"],
      ["9", "method id", "short", "10 Declare"],
      ["11", "ticket", "short", "0"],
      ["13", "queue", "shortstr", '"q"'],
      ["15", "passive, durable, exclusive, autoDelete, noWait", "bits", "0 1 0 0 0"],
      ["16", "arguments", "table", "1 entry"],
      ["16", "length", "long", "16"],
      ["20", "x-max-length", "entry", "300"],
      ["20", "key", "shortstr", '"x-max-length"'],
      ["33", "type", "octet", "s"],
      ["34", "value", "s", "300"],
      ["36", "frame-end", "octet", "206 marks the end of a frame"],
    ]);

    const lit = async (): Promise<string> => (await page.locator(".octet.lit").allTextContents()).join(" ");
    await page.locator(".field", { hasText: 'shortstr"q"' }).hover();
    expect(await lit()).toBe("01 71");
    await page.locator(".field", { hasText: "method id" }).hover();
    expect(await lit()).toBe("00 0a");
    await page.locator(".octet").nth(35).hover();
    expect(await page.locator(".field[aria-selected=true] .label").textContent()).toBe("value");
    expect(await lit()).toBe("01 2c");
    await page.locator("h1").hover();
    expect(await lit()).toBe("");

    // By keyboard: the fields are a list of their own.
    await page.locator(".fields").focus();
    await page.keyboard.press("End");
    expect(await lit()).toBe("ce");
    await page.keyboard.press("ArrowUp");
    expect(await lit()).toBe("01 2c");
  });

  test("a message published from the page arrives, is shown, and is the only one whose body is not hidden", async () => {
    await page.click("#tab-client");
    await page.click("#consume button");
    await page.locator("#consume output", { hasText: /^consuming amq\.gen-/ }).waitFor();
    await page.fill("#body", '{"said":"from the page"}');
    await page.click("#publish button");
    await page.locator("#publish output", { hasText: "the broker has it" }).waitFor();
    await page.locator("#messages li").waitFor();
    expect(await page.locator("#messages pre").textContent()).toBe('{\n  "said": "from the page"\n}');
    expect(await page.locator("#messages .note").textContent()).toContain('headers { from: "inspector" }');

    const own = page.locator(".row:not([hidden]) .line", { hasText: "from the page" });
    await expect.poll(() => own.count()).toBe(2);
    await publish("the secret of others");
    await expect.poll(() => page.locator(".row .line", { hasText: "20 octets, hidden" }).count()).toBe(1);
    await page.locator(".row .line", { hasText: "20 octets, hidden" }).click();
    expect(await page.locator("#frame-shown").textContent()).toContain("--show-bodies");

    const received = Buffer.concat(socketOctets);
    expect(received.includes("from the page")).toBe(true);
    expect(received.includes("the secret of others")).toBe(false);
    expect(received.includes("\0guest\0guest")).toBe(false);
    expect(received.includes("[hidden]")).toBe(true);

    await page.click("#tab-client");
    await page.click("#consume button");
    await page.locator("#consume output", { hasText: "stopped" }).waitFor();
    await page.click("#login button");
    await page.locator("#login output", { hasText: "closed" }).waitFor();
  });

  test("the form says what the broker refuses", async () => {
    await page.click("#tab-client");
    await page.fill("#exchange", "no-such-exchange");
    await page.click("#publish button");
    await page
      .locator("#publish output.error", { hasText: "NotFound: NOT_FOUND - no exchange 'no-such-exchange'" })
      .waitFor();
    // The channel is gone; the next publish has another.
    await page.fill("#exchange", "");
    await page.fill("#routing-key", "nobody");
    await page.click("#publish button");
    await page.locator("#publish output.error", { hasText: "NoRoute" }).waitFor();
    await page.fill("#headers", "{");
    await page.click("#publish button");
    await page.locator("#publish output.error", { hasText: "the headers are no JSON" }).waitFor();
    await page.click("#login button");
    await page.locator("#login output", { hasText: "closed" }).waitFor();
    await page.fill("#password", "wrong");
    await page.click("#login button");
    await page.locator("#login output.error", { hasText: "AccessRefused" }).waitFor();
  });

  test("errors are red and have their reply code", async () => {
    await channel.declare({ queue: "none", passive: true }).catch(() => undefined);
    const row = rows("Channel.Close").first();
    await row.waitFor();
    expect(await row.getAttribute("class")).toContain("error");
    expect(await row.locator(".line").textContent()).toBe(
      "404 NOT_FOUND - no queue 'none' in vhost '/'  in Queue.Declare",
    );
    const red = await row.locator(".name").evaluate((name) => getComputedStyle(name).color);
    const plain = await rows("Queue.Declare")
      .first()
      .locator(".line")
      .evaluate((line) => getComputedStyle(line).color);
    expect(red).not.toBe(plain);
  });

  test("octets that the gateway refuses are shown as far as they can be read", async () => {
    const peer = await tcpPeer(inspected.tcpPort);
    await peer.open();
    const octets = marshal(new Queue.Declare({ queue: "q" }), 1);
    octets[octets.length - 1] = 0;
    peer.wire.write(octets);
    await peer.untilEnd();
    const row = rows("Refused");
    await row.waitFor();
    expect(await row.locator(".line").textContent()).toMatch(/^501 .*frame-end/);
    await row.click();
    expect(await page.locator(".field", { hasText: "frame-end" }).locator(".value").textContent()).toBe(
      "0 should be 206",
    );
    expect(await page.locator("#frame-shown p.error").textContent()).toMatch(/^501 /);
    peer.wire.destroy();
  });

  test("by keyboard: arrows, Enter, Space and the tabs", async () => {
    await publish("one");
    await rows("Basic.Ack").waitFor();
    await page.locator("#filter-text").focus();
    await page.keyboard.press("Tab"); // Clear
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("rows");
    const current = (): Promise<string | null> => page.locator(".row[aria-selected=true] .name").textContent();
    expect(await current()).toBe("Basic.Ack");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await expect.poll(current).toBe("Basic.Publish");
    expect(await page.locator("#rows").getAttribute("aria-activedescendant")).toBe(
      await page.locator(".row[aria-selected=true]").getAttribute("id"),
    );
    await page.keyboard.press("Enter");
    expect(await page.locator("#frame-title").textContent()).toBe("Basic.Publish");

    await page.keyboard.press("Space");
    expect(await page.locator("#pause").getAttribute("aria-pressed")).toBe("true");
    expect(await page.locator("#announcer").textContent()).toBe("Paused");
    const before = await names();
    await publish("two");
    await expect.poll(() => page.locator("#count").textContent()).toBe("Paused, 4 new");
    expect(await names()).toEqual(before);
    await page.keyboard.press("Space");
    await expect.poll(async () => (await names()).filter((name) => name === "Basic.Publish").length).toBe(2);

    await page.locator("#tab-frame").focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.evaluate(() => [document.activeElement?.id, document.body.dataset["tab"]])).toEqual([
      "tab-totals",
      "totals",
    ]);
  });

  test("totals are exact", async () => {
    for (let i = 0; i < 25; i++) await publish(String(i));
    const row = page.locator("#totals-rows tr", { has: page.locator("th", { hasText: "Basic.Publish" }) });
    await expect.poll(() => row.locator("td").first().textContent(), { timeout: 5000 }).toBe("25");
    expect(await page.locator(".chart .up").getAttribute("d")).not.toBe("");
    expect(await page.locator(".chart title").textContent()).toMatch(/last minute/);
  });

  test("at 12,000 frames a second the page stays fluid, says that it samples, and counts all of them", async () => {
    const load = startLoad(inspected, 12_000);
    await page.locator("#sampling").waitFor({ timeout: 5000 });
    const measured = await page.evaluate(async () => {
      const times: number[] = [];
      const long: number[] = [];
      const observer = new PerformanceObserver((list) =>
        long.push(...list.getEntries().map(({ duration }) => duration)),
      );
      observer.observe({ type: "longtask" });
      const end = performance.now() + 4000;
      while (performance.now() < end)
        times.push(await new Promise<number>((resolve) => requestAnimationFrame(resolve)));
      observer.disconnect();
      const waits = times
        .slice(1)
        .map((time, i) => time - times[i]!)
        .sort((a, b) => a - b);
      return {
        frames: waits.length,
        middle: waits[waits.length >> 1]!,
        late: waits[Math.floor(waits.length * 0.95)]!,
        long,
      };
    });
    // Somebody works with the page meanwhile.
    await page.fill("#filter-text", "attempt: 7");
    await expect.poll(() => page.locator("#count").textContent()).toMatch(/^[\d,]+ of [\d,]+$/);
    expect(new Set(await names())).toEqual(new Set(["ContentHeader"]));
    await page.click("#filters button[type=reset]");
    await channel.declare({ queue: "lost in the crowd", passive: true }).catch(() => undefined);
    await page.fill("#filter-name", "Channel.Close");
    await expect.poll(() => names()).toContain("Channel.Close");
    const notice = await page.locator("#sampling").textContent();
    const sent = load.stop();
    console.log(
      `fluid: ${measured.frames} frames of the screen in 4 s, ${measured.middle.toFixed(1)} ms in the middle, 95 % under ${measured.late.toFixed(1)} ms, long tasks ${measured.long.map(Math.round).join(" ") || "none"}`,
    );

    expect(notice).toMatch(/^1\d,\d{3} frames a second: about 1 of [4-9] is shown\. The totals count all of them\.$/);
    expect(measured.middle).toBeLessThan(40);
    expect(measured.late).toBeLessThan(100);
    expect(measured.long.reduce((sum, duration) => sum + duration, 0)).toBeLessThan(400);
    const row = page.locator("#totals-rows tr", { has: page.locator("th", { hasText: "Basic.Deliver" }) });
    await expect
      .poll(() => row.locator("td").nth(1).textContent(), { timeout: 5000 })
      .toBe((sent / 3).toLocaleString("en"));
  });
});

/** Deliveries as the tap of a gateway would tell them: method, header and body. `stop` answers how many frames there were. */
function startLoad({ gateway }: Inspected, framesPerSecond: number): { stop(): number } {
  const connection = { id: 99, transport: "tcp" as const, peer: "127.0.0.1:9", openedAt: Date.now() };
  gateway.tap.opened(connection);
  const stream = gateway.tap.stream(connection, "down");
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - began) / 1000) * framesPerSecond;
    while (sent < due) {
      const attempt = (sent / 3) % 100;
      const body = text(JSON.stringify({ id: sent, total: "12.50" }));
      const deliver = new Basic.Deliver({
        consumerTag: "load",
        deliveryTag: sent / 3 + 1,
        exchange: "events",
        routingKey: "load",
      });
      const header = new ContentHeader({
        bodySize: body.length,
        properties: { contentType: "application/json", headers: { attempt } },
      });
      stream.frame("Basic.Deliver", 7, marshal(deliver, 7));
      stream.frame("ContentHeader", 7, marshal(header, 7));
      stream.frame("ContentBody", 7, marshal(new ContentBody(body), 7));
      sent += 3;
    }
  }, 10);
  return {
    stop: () => {
      clearInterval(timer);
      gateway.tap.closed(connection);
      return sent;
    },
  };
}
