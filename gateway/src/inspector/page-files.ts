/** The page's files over HTTP. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Nothing but the page's own files, and WebAssembly for the codec. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
};

/** Answers requests for what stands in a folder; all of it is in memory from the first request on. */
export class PageFiles {
  readonly #folder: string;
  #files: ReadonlyMap<string, Buffer> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Answers true where the request is for one of the files. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    const path = (request.url ?? "/").replace(/[?#].*$/s, "");
    const name = path === "/" ? "index.html" : path.slice(1);
    this.#files ??= read(this.#folder);
    const file = this.#files.get(name);
    if (file === undefined) return false;
    response.writeHead(200, { ...headers, "content-type": types[extname(name)]!, "content-length": file.length });
    response.end(request.method === "HEAD" ? undefined : file);
    return true;
  }
}

function read(folder: string): ReadonlyMap<string, Buffer> {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder).filter((name) => extname(name) in types);
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}
