// SPDX-License-Identifier: Apache-2.0
// One visit over two domains of a site: a page on 127.0.0.1, where the server's cookies are first-party, and one
// on localhost, where they are not. Links between them carry what the server sealed.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { until } from "./report_client.mjs";
import { startStage } from "./stage.mjs";
import { AD, launchBrowser } from "./visitor.mjs";

let stage, browser, pages, one, two, context;
const consent = { one: "granted", two: "granted" };

before(async () => {
  pages = createServer((request, reply) => {
    const isTwo = request.headers.host.startsWith("localhost");
    const attributes = `data-consent="${isTwo ? consent.two : consent.one}" data-link-domains="127.0.0.1 localhost"`;
    reply.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    reply.end(`<!doctype html><title>Page</title>
      <script src="${stage.server}/throughline.js" data-site="demo" data-key="wk_demo" ${attributes}></script>
      <a id="over" href="${isTwo ? one : two}/watch?a=1#part">over</a> <a id="here" href="/here">here</a>
      <a id="else" href="https://other.example/">else</a>`);
  });
  await new Promise((done) => pages.listen(0, "127.0.0.1", done));
  const { port } = pages.address();
  one = `http://127.0.0.1:${port}`;
  two = `http://localhost:${port}`;
  stage = await startStage({ quiet: true, origins: [one, two] });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  pages?.closeAllConnections();
  pages?.close();
  await stage?.stop();
});
beforeEach(async () => {
  Object.assign(consent, { one: "granted", two: "granted" });
  context = await browser.newContext();
  context.setDefaultTimeout(10_000);
});
afterEach(() => context.close());

const idsOf = (page) => page.evaluate(() => [Throughline.getAnonymousId(), Throughline.getSessionId()]);
const settled = (page) => page.evaluate(() => new Promise((done) => Throughline.on("ready", done)).then(() => Throughline.flush()));

const handovers = new WeakMap(); // by page: the answer, which may come as soon as a pointer is on the page

async function open(url) {
  const page = await context.newPage();
  const made = page.waitForResponse((reply) => reply.url().endsWith("/api/handover"));
  made.catch(() => {}); // not asked for without consent
  handovers.set(page, made);
  await page.goto(url);
  await settled(page);
  return page;
}
// Moves to the link and waits for the hand-over: as a visitor does who reads before clicking.
async function moveTo(page, selector = "#over") {
  await page.hover(selector);
  await (await handovers.get(page)).finished();
  await page.evaluate(() => new Promise((done) => setTimeout(done)));
}
async function follow(page, selector = "#over") {
  await moveTo(page, selector);
  await Promise.all([page.waitForURL((url) => url.pathname != "/"), page.click(selector)]);
  await settled(page);
}
const handoverIn = (url) => new URL(url).searchParams.get("tl_x");

test("a click takes session and anonymous id to the other domain: one session, one touch", async () => {
  const page = await open(`${one}/${AD}`);
  const ids = await idsOf(page);
  await follow(page);
  assert.deepEqual(await idsOf(page), ids);
  const url = new URL(page.url());
  assert.deepEqual([url.origin, url.pathname, url.searchParams.get("a"), url.hash], [two, "/watch", "1", "#part"]);
  assert.ok(!url.search.includes(ids[0]), "no id can be read in the address");

  const session = await until(async () => {
    const found = await stage.reports.session(ids[1]).catch(() => null);
    return found?.events.filter(({ name }) => name == "page_view").length == 2 && found;
  }, "both page views in one session");
  assert.equal(session.touches.length, 1);
  assert.deepEqual(session.events.filter(({ name }) => name == "page_view").map(({ verdict }) => verdict), ["bootstrap", "verified"]);
  await page.goto(`${two}/later`);
  await settled(page);
  assert.deepEqual(await idsOf(page), ids, "the other domain keeps them");
});

test("back again: the link of the second domain, where cookies are not first-party", async () => {
  const page = await open(`${two}/`);
  const ids = await idsOf(page);
  await follow(page);
  assert.equal(new URL(page.url()).origin, one);
  assert.deepEqual(await idsOf(page), ids);
});

test("a link that came later is decorated too, and stays as it was for whoever copies it", async () => {
  const page = await open(`${one}/`);
  const ids = await idsOf(page);
  await page.evaluate((to) => {
    document.querySelector("#over").remove();
    document.body.insertAdjacentHTML("beforeend", `<p><a id="late" href="${to}/late" target="_blank"><b>late</b></a>`);
  }, two);
  await moveTo(page, "#late");
  const [tab] = await Promise.all([context.waitForEvent("page"), page.click("#late b")]);
  await tab.waitForLoadState();
  await settled(tab);
  assert.ok(handoverIn(tab.url()));
  assert.deepEqual(await idsOf(tab), ids);
  assert.equal(await page.getAttribute("#late", "href"), `${two}/late`);
});

test("a copied address opens as any other: used once, and in one browser only", async () => {
  const page = await open(`${one}/`);
  const ids = await idsOf(page);
  await follow(page);
  const stranger = await browser.newContext({ userAgent: "Mozilla/5.0 Another/1.0" });
  for (const other of [await browser.newContext(), stranger]) {
    const copied = await other.newPage();
    await copied.goto(page.url());
    await settled(copied);
    const [anonymousId, sessionId] = await idsOf(copied);
    assert.ok(anonymousId && sessionId);
    assert.ok(anonymousId != ids[0] && sessionId != ids[1]);
    await other.close();
  }
});

test("what was made up, cut or moved to another page is no one's visit", async () => {
  const page = await open(`${one}/`);
  await follow(page);
  for (const value of ["x", handoverIn(page.url()).slice(0, -2), "%00", "A".repeat(4000)]) {
    const other = await browser.newContext();
    const arrived = await other.newPage();
    await arrived.goto(`${two}/?tl_x=${value}`);
    await settled(arrived);
    assert.ok((await idsOf(arrived))[1], value.slice(0, 9));
    await other.close();
  }
});

test("a running visit of the other domain is never overwritten", async () => {
  const there = await open(`${two}/`);
  const own = await idsOf(there);
  const page = await open(`${one}/`);
  await follow(page);
  assert.ok(handoverIn(page.url()));
  assert.deepEqual(await idsOf(page), own);
});

test("without consent on the page left nothing is asked for and no link changes", async () => {
  consent.one = "denied";
  const page = await open(`${one}/`);
  const asked = [];
  context.on("request", (request) => request.url().endsWith("/api/handover") && asked.push(request.url()));
  await page.hover("#over");
  await page.click("#over");
  await page.waitForURL(/watch/);
  await settled(page);
  assert.deepEqual([handoverIn(page.url()), asked], [null, []]);
});

test("without consent on the page reached nothing is taken over; accepted there, the visit goes on", async () => {
  for (const [choice, isSame] of [[false, false], [true, true]]) {
    consent.two = "manual";
    const page = await open(`${one}/`);
    const ids = await idsOf(page);
    await moveTo(page);
    await page.click("#over");
    await page.waitForURL(/watch/);
    assert.deepEqual(await idsOf(page), [null, null]);
    assert.equal(await page.evaluate(() => localStorage.length), 0);
    await page.evaluate((storage) => Throughline.consent({ storage }), choice);
    await settled(page);
    assert.deepEqual(await idsOf(page), isSame ? ids : [null, null]);
    await context.close();
    context = await browser.newContext();
  }
});

test("links within the page's own domain and to other sites stay as they are", async () => {
  const page = await open(`${one}/`);
  await page.evaluate(() => addEventListener("click", (event) => event.preventDefault()));
  for (const id of ["#here", "#else"]) {
    const during = await page.evaluate((selector) => new Promise((done) => {
      const link = document.querySelector(selector);
      link.addEventListener("click", () => done(link.href), { once: true });
      link.click();
    }), id);
    assert.ok(!during.includes("tl_x"), during);
  }
});
