import { marshal, Queue } from "amqp-wasm";
import { describe, expect, test } from "vitest";
import { tcpPeer } from "../support/peer.js";
import { channel, inspected, names, openPages, page, publish, rows, text, withoutChromium } from "./opened-page.js";

describe.skipIf(withoutChromium)("the inspector page in Chromium", () => {
  openPages();

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

  test("the page says what is hidden, and how to see it", async () => {
    const foot = page.locator("#bodies");
    await foot.waitFor({ state: "visible" });
    expect((await foot.innerText()).replace(/\s+/g, " ")).toBe(
      "Secrets are hidden, and so are the bodies of other connections. To see those, start the gateway with --show-bodies: npm start -- --show-bodies.",
    );
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
      ["36", "frame-end", "octet", "206 as it should be"],
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
});
