/** Headless Chromium through the same files: each row in a fresh page of a loopback server. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { launchOptions } from "./chromium-launch.js";
import { pageBundle } from "./page-bundle.js";
import { SAMPLING_INTERVAL } from "./engines.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const served = ["bench", "dist"];
const types = { ".js": "text/javascript", ".mjs": "text/javascript", ".json": "application/json" };

const page = `<!doctype html>
<title>bench</title>`;

/** Of a page that makes no code, as many have it. */
const CODELESS = "codeless";
const policy = "script-src 'self' 'wasm-unsafe-eval'";

/** The repository's own files; isolated, because a page gets a fine clock only then. */
async function answer(request, response) {
  const head = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
  const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname)).slice(1);
  if (path === "" || path === CODELESS) {
    const forbids = path === CODELESS ? { "Content-Security-Policy": policy } : {};
    return response.writeHead(200, { ...head, ...forbids, "Content-Type": "text/html" }).end(page);
  }
  if (!served.some((folder) => path.startsWith(`${folder}/`))) return response.writeHead(404).end();
  try {
    const octets = (await pageBundle(path)) ?? (await readFile(join(root, path)));
    response
      .writeHead(200, { ...head, "Content-Type": types[extname(path)] ?? "application/octet-stream" })
      .end(octets);
  } catch {
    response.writeHead(404).end();
  }
}

async function listening() {
  const server = createServer(answer);
  await new Promise((resolve, reject) => server.on("error", reject).listen(0, "127.0.0.1", resolve));
  return server;
}

/** A row's result, and when the page's clock had its last rounds. */
const measured = (tab, row, options) =>
  tab.evaluate(
    async ({ row, options }) => {
      const [{ runRow }, { span }] = await Promise.all([import("/bench/run-row.js"), import("/bench/measure.js")]);
      return { result: await runRow(row, options), span };
    },
    { row, options },
  );

/** Takes a hundredth of a second, so that a profile has samples of it: they tell which of its times is which of the page's clock. A message to the page takes longer than a short measurement. */
function clockMark() {
  const from = performance.now();
  while (performance.now() < from + 10);
  return from;
}

/** When a profile has the first sample of a function, in microseconds of its clock; where it has none, when it began. */
function firstSampleOf({ nodes, samples, timeDeltas, startTime }, name) {
  const ids = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === name).map(({ id }) => id));
  const first = samples.findIndex((id) => ids.has(id));
  return timeDeltas.slice(0, first + 1).reduce((sum, delta) => sum + delta, startTime);
}

/** An engine as those of engines.js. @throws Error where there is no Chromium. */
export async function chromiumEngine() {
  const { chromium } = await import("playwright");
  const browser = await chromium.launch({ ...launchOptions, headless: true });
  const server = await listening();
  const inPage = async ({ codeless = false }, work) => {
    // A context of its own is a process of its own: no row sees what another left behind.
    const context = await browser.newContext();
    try {
      const tab = await context.newPage();
      await tab.goto(`http://127.0.0.1:${server.address().port}/${codeless ? CODELESS : ""}`);
      return await work(tab, context);
    } catch (error) {
      throw new Error(error.message.replace(/^page\.evaluate: (Error: )?|\n.*/gs, ""), { cause: error });
    } finally {
      await context.close();
    }
  };
  return {
    id: "chromium",
    title: `Chromium ${browser.version()}`,
    can: ({ host }) => host !== "node",
    run: (row, options) => inPage(row, async (tab) => (await measured(tab, row, options)).result),
    profiled: (row, options) =>
      inPage(row, async (tab, context) => {
        const devTools = await context.newCDPSession(tab);
        await devTools.send("Profiler.enable");
        await devTools.send("Profiler.setSamplingInterval", { interval: SAMPLING_INTERVAL });
        await devTools.send("Profiler.start");
        const began = await tab.evaluate(clockMark);
        const { span, result } = await measured(tab, row, options);
        const { profile } = await devTools.send("Profiler.stop");
        const mark = firstSampleOf(profile, clockMark.name);
        const at = (ms) => mark + (ms - began) * 1000;
        return { profile, result, measured: { from: at(span.from), to: at(span.to) } };
      }),
    async close() {
      await browser.close();
      server.close();
    },
  };
}
