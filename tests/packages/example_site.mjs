// SPDX-License-Identifier: Apache-2.0
// The stage of the examples: copies with another endpoint, an endpoint that records, a static host, Chromium,
// and the visit that each must stand.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { built, here } from "./package_under_test.mjs";

const kExamples = fileURLToPath(new URL("../../demo-site/examples", import.meta.url));
const kWrittenEndpoint = "http://127.0.0.1:8787";
export const kArrival = "/?utm_source=letter&utm_medium=email";
const kTypes = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".css": "text/css", ".wasm": "application/wasm" };

/** A copy of an example below `home` that speaks to `endpoint`; answers its folder. */
export const copyExample = (name, endpoint, home = here) => {
  const folder = join(home, "build", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(kExamples, name), folder, { recursive: true, filter: (path) => !/node_modules|\.next$/.test(path) });
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(kWrittenEndpoint, endpoint));
  }
  return folder;
};

const listen = async (server) => {
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${server.address().port}`;
};

const closing = (server) => () => {
  server.closeAllConnections();
  server.close();
};

/** Answers like the server, and keeps what arrives in `requests`. */
export const openEndpoint = async () => {
  const requests = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://x");
    const file = join(built, pathname.replace(/\.[0-9a-f]{16}(?=(\.\w)?\.js$)/, "")); // further files carry one hash
    if (request.method == "GET" && /^\/throughline[\w.]*\.js$/.test(pathname) && existsSync(file)) {
      response.writeHead(200, { "content-type": kTypes[".js"], "access-control-allow-origin": "*" });
      return response.end(readFileSync(file));
    }
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    if (text) requests.push({ path: pathname, body: JSON.parse(text), headers: request.headers });
    const { origin } = request.headers;
    response.writeHead(202, { "content-type": "application/json", ...(origin && { "access-control-allow-origin": origin, "access-control-allow-credentials": "true" }) });
    response.end('{"accepted":1,"token":"v1.k.token"}');
  });
  return {
    url: await listen(server),
    requests,
    events: (name) => requests.flatMap(({ body }) => body.e ?? []).filter(({ n }) => !name || n == name),
    close: closing(server),
  };
};

/** A static host; answers its address. */
export const serveFolder = async (folder) => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://x");
    let path = join(folder, pathname);
    if (existsSync(path) && statSync(path).isDirectory()) path = join(path, "index.html");
    if (!existsSync(path)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": kTypes[extname(path)] ?? "application/octet-stream" }).end(readFileSync(path));
  });
  return { url: await listen(server), close: closing(server) };
};

export const openBrowser = () =>
  chromium.launch({ executablePath: process.env.TL_CHROMIUM ?? "/usr/bin/chromium-headless-shell", args: ["--no-sandbox"] });

export const until = async (what, condition, ms = 10_000) => {
  for (const end = Date.now() + ms; Date.now() < end; await new Promise((done) => setTimeout(done, 25)))
    if (await condition()) return;
  throw new Error(`not within ${ms} ms: ${what}`);
};

const deviceOf = (page) =>
  page.evaluate(() => ({ local: Object.keys(localStorage), cookie: document.cookie }));

/** A visit of an example: nothing before consent, the arrival with its campaign after it, an event at a click. */
export async function arrive(browser, site, endpoint, path = kArrival) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() == "error" && errors.push(message.text()));
  await page.goto(site + path);
  await page.click("#choose"); // waits in memory
  assert.deepEqual(await deviceOf(page), { local: [], cookie: "" });
  assert.deepEqual(endpoint.requests, []);

  await page.click("#accept");
  await until("the page view and the event", () => endpoint.events("plan_chosen").length);
  const [view, chosen] = endpoint.events();
  assert.deepEqual([view.n, view.why, view.touch?.source, view.c], ["page_view", "consent", "letter", { s: 1, m: 1 }]);
  assert.deepEqual([chosen.n, chosen.sid, chosen.p], ["plan_chosen", view.sid, { plan: "pro" }]);
  assert.equal(endpoint.requests[0].body.rv, 1);
  await until("the receipt", () => endpoint.requests.some(({ path }) => path == "/api/consent"));
  assert.equal(await page.locator("#banner").isVisible(), false);
  assert.deepEqual(errors.filter((text) => !/favicon|404/.test(text)), []);
  return page;
}
