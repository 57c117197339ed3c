// SPDX-License-Identifier: Apache-2.0
// The demo site as files: served safely, seekable, and usable by everybody: no page scrolls sideways on
// a phone, every picture and control has a name, and no script is needed to read.
import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { startSite } from "../../demo-site/serve.mjs";
import { launchBrowser } from "./visitor.mjs";

const PAGES = ["/", "/watch/", "/donate/", "/thanks/"];
let site, browser;
before(async () => {
  site = await startSite({ endpoint: "http://127.0.0.1:9" });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

// fetch() would tidy the path first.
const rawStatus = (path) => new Promise((resolve) => request(site.url, { path }, (reply) => resolve(reply.resume().statusCode)).end());

test("nothing outside the site's folder is served", async () => {
  for (const path of ["/../serve.mjs", "/%2e%2e/serve.mjs", "/..%2fserve.mjs", "/css/../../serve.mjs", "/%00", "/%zz"]) {
    assert.equal(await rawStatus(path), 404, path);
  }
});

test("the film can be seeked", async () => {
  const part = await fetch(`${site.url}/media/the-long-light.webm`, { headers: { range: "bytes=100-199" } });
  assert.equal(part.status, 206);
  assert.equal((await part.arrayBuffer()).byteLength, 100);
  assert.equal((await fetch(`${site.url}/media/the-long-light.webm`, { headers: { range: "bytes=99999999-" } })).status, 416);
});

test("every page names the server once, by the public script tag", async () => {
  for (const path of PAGES) {
    const html = await (await fetch(site.url + path)).text();
    assert.equal(html.match(/<script async src="http:\/\/127\.0\.0\.1:9\/throughline\.js" data-site="demo" data-key="wk_demo"/g)?.length, 1, path);
    assert.doesNotMatch(html.replaceAll("http://127.0.0.1:9/throughline.js", ""), /(src|href)="https?:/, `${path} loads something from elsewhere`);
  }
});

test("no page scrolls sideways on a phone or lacks names for what it shows", async () => {
  const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
  for (const path of PAGES) {
    await page.goto(site.url + path);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, path);
    assert.equal(await page.locator("h1").count(), 1, path);
    assert.equal(await page.locator("img:not([alt])").count(), 0, path);
    const nameless = await page.evaluate(() => [...document.querySelectorAll("a, button, select, input:not([type=hidden])")].filter((e) => !(e.textContent.trim() || e.getAttribute("aria-label") || e.labels?.length)).map((e) => e.outerHTML));
    assert.deepEqual(nameless, [], path);
  }
  await page.close();
});

test("without script the pages can be read and the film played", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  for (const path of PAGES) {
    await page.goto(site.url + path);
    assert.ok(await page.locator("h1").isVisible(), path);
  }
  await context.close();
});
