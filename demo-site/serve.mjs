// SPDX-License-Identifier: Apache-2.0
// Serves the static demo site: node serve.mjs [--port 8788] [--endpoint http://127.0.0.1:8787]
// [--sandbox http://127.0.0.1:8789] [--csp POLICY]. Any static host would do; this one puts the Throughline
// server's address into the script tag, says which payment providers the sandbox plays (/providers.json),
// answers byte ranges (video seeking), and can send a Content-Security-Policy so that strict sites are tried.
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import * as PROVIDERS from "./sandbox/providers/index.mjs";

const ROOT = fileURLToPath(new URL("./site/", import.meta.url));
const WRITTEN_ENDPOINT = "http://127.0.0.1:8787";
const TYPES = {
  ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".webp": "image/webp",
  ".svg": "image/svg+xml", ".webm": "video/webm", ".vtt": "text/vtt; charset=utf-8", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
};

// The file for a URL path, or null: nothing outside the root, folders answer their index.
function fileFor(pathname) {
  let path;
  try {
    path = normalize(join(ROOT, decodeURIComponent(pathname)));
  } catch {
    return null;
  }
  if (!(path + sep).startsWith(ROOT) || path.includes("\0")) return null;
  if (existsSync(path) && statSync(path).isDirectory()) path = join(path, "index.html");
  return existsSync(path) ? path : null;
}

function sendRange(request, response, path, headers) {
  const { size } = statSync(path);
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
  if (!range || (range[1] === "" && range[2] === "")) {
    response.writeHead(200, { ...headers, "accept-ranges": "bytes", "content-length": size });
    return createReadStream(path).pipe(response);
  }
  const start = range[1] === "" ? Math.max(0, size - Number(range[2])) : Number(range[1]);
  const end = range[1] === "" || range[2] === "" ? size - 1 : Math.min(size - 1, Number(range[2]));
  if (start > end) return response.writeHead(416, { "content-range": `bytes */${size}` }).end();
  response.writeHead(206, { ...headers, "content-range": `bytes ${start}-${end}/${size}`, "content-length": end - start + 1 });
  return createReadStream(path, { start, end }).pipe(response);
}

// What the donation page offers beside Stripe: where a checkout is opened, and how it takes the ids.
const providersJson = (sandbox) => JSON.stringify(Object.entries(PROVIDERS).map(([name, { title, handOver, isRenewing = false }]) => ({ name, title, handOver, isRenewing, checkout: `${sandbox}/checkout/${name}` })));

// Answers {url, close()}. sandbox: its address; without it the site offers Stripe alone. scriptTag: attributes to add or replace in the tag, for tests ({"data-consent": "granted"}).
export async function startSite({ port = 0, host = "127.0.0.1", endpoint = WRITTEN_ENDPOINT, sandbox, csp, scriptTag = {} } = {}) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://site");
    if (pathname === "/providers.json") return response.writeHead(200, { "content-type": "application/json" }).end(sandbox ? providersJson(sandbox) : "[]");
    const path = fileFor(pathname);
    if (!path || (request.method !== "GET" && request.method !== "HEAD")) {
      return response.writeHead(path ? 405 : 404, { "content-type": "text/plain" }).end(path ? "GET only\n" : "There is nothing here.\n");
    }
    const type = extname(path);
    const headers = { "content-type": TYPES[type] ?? "application/octet-stream", "cache-control": "no-cache", "x-content-type-options": "nosniff" };
    if (type !== ".html") return sendRange(request, response, path, headers);
    let html = readFileSync(path, "utf8").replaceAll(WRITTEN_ENDPOINT, endpoint);
    for (const [name, value] of Object.entries(scriptTag)) {
      html = html.replace(new RegExp(`(data-key="[^"]*"[^>]*?)(?: ${name}="[^"]*")?(?=[ >])`), `$1 ${name}="${value}"`);
    }
    if (csp) headers["content-security-policy"] = csp;
    return response.writeHead(200, headers).end(html);
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  return {
    url: `http://${host}:${server.address().port}`,
    close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { port: { type: "string", default: "8788" }, endpoint: { type: "string", default: WRITTEN_ENDPOINT }, sandbox: { type: "string" }, csp: { type: "string" } } });
  const site = await startSite({ port: Number(values.port), endpoint: values.endpoint, sandbox: values.sandbox, csp: values.csp });
  console.log(site.url);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => site.close().then(() => process.exit(0)));
}
