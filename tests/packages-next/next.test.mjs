// SPDX-License-Identifier: Apache-2.0
// The Next example, built and served by Next itself: app router, pages router, the server under /tl, and a page
// that proxy.js captures without a script. Next is a third of a gigabyte and costs a minute of processor, so this
// is run before a release: tools/test --next
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { arrive, copyExample, openBrowser, openEndpoint, until } from "../packages/example_site.mjs";
import { install } from "../packages/package_under_test.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const next = join(here, "node_modules/next/dist/bin/next");
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };
let endpoint, browser, server, site, folder;

const start = async () => {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  server = spawn(process.execPath, [next, "start", "-p", String(port), "-H", "127.0.0.1"], { cwd: folder, env, stdio: "ignore" });
  site = `http://127.0.0.1:${port}`;
  await until("Next runs", () => fetch(site).then(({ ok }) => ok, () => false), 30_000);
};
const stop = () => new Promise((done) => (server ? server.once("exit", done).kill() : done()));
const build = () => execFileSync(process.execPath, [next, "build"], { cwd: folder, env, stdio: "pipe" });

before(async () => {
  install(here);
  endpoint = await openEndpoint();
  folder = copyExample("next", endpoint.url, here);
  build();
  await start();
  browser = await openBrowser();
});
after(async () => {
  await stop();
  await browser?.close();
  endpoint.close();
});

test("app router: a rendered page waits for consent; a link's route is a view", async () => {
  const page = await arrive(browser, site, endpoint);
  await page.click("#second");
  await until("the second view", () => endpoint.events("page_view").length == 2);
  const { ev, touch } = endpoint.events("page_view")[1];
  assert.deepEqual([new URL(ev.u).pathname, ev.nt, touch], ["/second", 3, undefined]);
  await page.context().close();
});

test("pages router: the same component", async () => {
  endpoint.requests.length = 0;
  await (await arrive(browser, site, endpoint, "/older?utm_source=letter")).context().close();
});

const captured = async () => {
  endpoint.requests.length = 0;
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site + "/letter?utm_source=letter");
  assert.deepEqual([await context.cookies(), endpoint.requests], [[], []]);
  await context.addCookies([{ name: "choice", value: "yes", url: site }]);
  await page.goto(site + "/letter?utm_source=letter");
  await until("the view", () => endpoint.events("page_view").length == 1);
  assert.equal(endpoint.requests[0].body.rv, 1);
  const [{ touch }] = endpoint.events();
  const kept = (await context.cookies()).filter(({ name }) => name.startsWith("tl"));
  assert.equal(touch.source, "letter");
  assert.deepEqual(kept.map(({ name, httpOnly }) => [name, httpOnly]), [["tl.demo", true], ["tl_tok.demo", true]]);
  assert.equal(await page.evaluate(() => document.scripts.length), 0);
  await context.close();
};

test("proxy.js captures a page without a script", captured);

test("middleware.js does at the edge, with a core compiled beforehand", async () => {
  await stop();
  renameSync(join(folder, "proxy.js"), join(folder, "proxied.js"));
  writeFileSync(join(folder, "middleware.js"), 'export { proxy as middleware } from "./proxied";\nexport const config = { matcher: "/letter" };\n');
  build();
  await start();
  await captured();
});
