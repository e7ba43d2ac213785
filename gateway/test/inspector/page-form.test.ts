import { describe, expect, test } from "vitest";
import { openPages, page, publish, socketOctets, withoutChromium } from "./opened-page.js";

describe.skipIf(withoutChromium)("publishing and consuming from the inspector page in Chromium", () => {
  openPages();

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
});
