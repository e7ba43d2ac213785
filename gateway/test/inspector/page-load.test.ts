import { Basic, ContentBody, ContentHeader, marshal } from "amqp-wasm";
import { describe, expect, test } from "vitest";
import type { Inspected } from "./inspected.js";
import { channel, inspected, names, openPages, page, text, withoutChromium } from "./opened-page.js";

describe.skipIf(withoutChromium)("the inspector page in Chromium, under load", () => {
  openPages();

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
