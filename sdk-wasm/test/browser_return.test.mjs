// SPDX-License-Identifier: Apache-2.0
// Pages that wake up to another state of the device: restored from the back/forward cache, frozen in the
// background, or behind another tab's reset.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceOf, ids, open, pause, until } from "./stage.mjs";
import { kAd, kNothing, pageViews, stage, visitor } from "./visiting.mjs";

const kRefused = { "tl_consent.demo": '{"s":0,"m":0}' };
const kBoth = { storage: true, marketing: true };
const bodies = () => JSON.stringify(stage.requests.map(({ body }) => body));

// The test browser keeps no pages: one that hears nothing of what happens meanwhile stands for those.
const asleep = async (path) => {
  const page = await visitor.newPage();
  await page.addInitScript(() => addEventListener("storage", (event) => window.sleeps && event.stopImmediatePropagation(), true));
  await page.goto(stage.shop + path);
  return page;
};
const sleep = (page) => page.evaluate(() => {
  window.sleeps = true;
  dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
});
const restore = (page) => page.evaluate(() => {
  window.sleeps = false;
  dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
});
const told = () => until("the server has heard of it", async () => stage.requests.some(({ path }) => path == "/api/consent"));

test("withdrawn, then Back: the restored page mints no id and tells of no click", async () => {
  stage.attributes = 'data-consent="manual"';
  const page = await asleep(kAd);
  await page.evaluate((both) => Throughline.consent(both), kBoth);
  await pageViews(1);
  await sleep(page);
  const later = await open(visitor, stage.shop + "/later");
  await later.evaluate(() => Throughline.consent({ storage: false }));
  await told();
  await pause(300);
  stage.requests.length = 0;

  await restore(page);
  await page.evaluate(() => Throughline.track("after"));
  await pause(1200);
  assert.deepEqual(await ids(page), [null, null]);
  assert.deepEqual((await deviceOf(page)).local, kRefused);
  assert.deepEqual(stage.events().filter(({ an }) => !an), []);
  assert.ok(!bodies().includes("Abc-123"));
});

test("refused and accepted anew meanwhile: the restored page goes on as the new person alone", async () => {
  stage.attributes += ` data-endpoint="${stage.elsewhere}"`;
  let tokens = 0;
  stage.respond = () => ({ status: 202, answer: { token: `token-${++tokens}` } });
  const page = await asleep(kAd);
  await until("the token", async () => (await deviceOf(page)).local["tl_tok.demo"]);
  const former = await ids(page);
  const nonce = stage.batches()[0].pn;
  await sleep(page);
  const later = await open(visitor, stage.shop + "/later");
  await later.evaluate(() => Throughline.consent({ storage: false }));
  await later.evaluate((both) => Throughline.consent(both), kBoth);
  await later.evaluate(() => Throughline.track("anew"));
  await later.evaluate(() => Throughline.flush()); // every answer is there: no later one brings another token
  assert.equal(stage.events("anew").length, 1);
  const token = (await deviceOf(later)).local["tl_tok.demo"];
  const now = await ids(later);
  assert.notEqual(now[0], former[0]);
  stage.requests.length = 0;

  await restore(page);
  await pageViews(1);
  assert.deepEqual(await ids(page), now);
  const [batch] = stage.batches();
  assert.deepEqual([batch.e[0].aid, batch.tok, batch.e[0].ev.nt], [now[0], token, 2]);
  assert.ok(!bodies().includes(nonce) && !bodies().includes(former[0]));
});

test("a frozen tab that comes to the front follows a refusal it has not heard", async () => {
  const page = await asleep(kAd);
  await pageViews(1);
  await page.evaluate(() => (window.sleeps = true));
  const later = await open(visitor, stage.shop + "/later");
  await later.evaluate(() => Throughline.consent({ storage: false }));
  // Chromium tells one tab's storage what the other removed, in its own time.
  await until("the refusal in its storage", async () => !(await deviceOf(page)).local["tl.demo"]);
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await page.evaluate(() => Throughline.track("after"));
  assert.deepEqual(await ids(page), [null, null]);
  assert.deepEqual((await deviceOf(page)).local["tl.demo"], undefined);
});

test("a reset in one tab is one in the other: neither random bits nor token of the former person", async () => {
  stage.attributes += ` data-endpoint="${stage.elsewhere}"`;
  stage.respond = (text) => ({ status: 202, answer: { token: text.includes("tab_b") ? "token-b" : "token-a" } });
  const one = await open(visitor, stage.shop + "/");
  await pageViews(1);
  const [former, formerSession] = await ids(one);
  const { pn } = stage.batches()[0];
  const two = await open(visitor, stage.shop + "/two");
  await pageViews(2);
  await pause(200);
  await two.evaluate(() => Throughline.reset());
  await until("the other tab", async () => (await ids(one))[0] === null);
  stage.requests.length = 0;
  await one.evaluate(() => Throughline.track("tab_a"));
  await until("the event", () => stage.events("tab_a").length);
  const [batch] = stage.batches();
  assert.deepEqual([batch.tok, batch.rs], [undefined, 1]);
  assert.notEqual(batch.pn, pn);
  assert.ok(!batch.e[0].aid.endsWith(former.slice(-12)) && batch.e[0].sid != formerSession);

  // and the tab that was reset does not bring the former session back
  await pause(300);
  assert.deepEqual(await ids(two), await ids(one));
  assert.notEqual((await ids(two))[1], formerSession);
});

test("a count and a later grant on the same page share no nonce", async () => {
  for (const [attributes, refuse] of [['data-consent="manual"', true], ['data-consent="denied"', false]]) {
    Object.assign(stage, { attributes, requests: [] });
    const page = await open(visitor, stage.shop + "/");
    if (refuse) await page.evaluate(() => Throughline.consent({ storage: false }));
    await until("the count", () => stage.events().some(({ an }) => an));
    await page.evaluate((both) => Throughline.consent(both), kBoth);
    await until("the view", () => stage.events("page_view").some(({ aid }) => aid));
    const nonces = stage.batches().map(({ pn }) => pn);
    assert.equal(new Set(nonces).size, nonces.length, attributes);
    const counted = stage.batches()[0].pn;
    assert.ok(!stage.events().some(({ pn }) => pn == counted));
    await page.evaluate(() => localStorage.clear());
    await page.close();
  }
});

test("a redirect of the page itself loses no campaign: the first of its pages tells it", async () => {
  stage.html = `<script>if (location.pathname == "/landing") location.replace("/home")</script>`;
  const page = await open(visitor, stage.shop + "/landing?utm_source=google&gclid=Abc-123");
  await page.waitForURL(/home/);
  // The first may arrive twice, for its page is gone before the answer: its id makes it one.
  const byId = () => [...new Map(stage.events("page_view").map((view) => [view.id, view])).values()];
  await until("both pages", () => byId().length == 2);
  const views = byId().sort((a, b) => a.t - b.t);
  assert.deepEqual(views.map(({ ev, touch, why }) => [new URL(ev.u).pathname, touch?.gclid, why]), [["/landing", "Abc-123", "first"], ["/home", undefined, "same"]]);
  assert.equal((await page.evaluate(() => Throughline.getAttribution())).last.gclid, "Abc-123");
  assert.equal(views[0].sid, views[1].sid);
});

for (const global of ["Throughline", "Other"])
  test(`a second tag (data-global="${global}") counts nothing twice and is the same SDK`, async () => {
    stage.html = `<script>window.Other=window.Other||{q:[["track","from_stub"]]}</script>
      <script src="/throughline.js" data-site="demo" data-key="wk_demo" data-consent="granted" data-global="${global}"></script>`;
    const page = await open(visitor, stage.shop + kAd);
    await pageViews(1);
    const isOther = global == "Other";
    if (isOther) await until("its stub's call", () => stage.events("from_stub").length);
    await page.evaluate(() => history.pushState({}, "", "/two"));
    await pageViews(2);
    await pause(1200);
    assert.deepEqual(stage.events().map(({ n }) => n), ["page_view", ...(isOther ? ["from_stub"] : []), "page_view"]);
    assert.equal(await page.evaluate((name) => window[name].getSessionId() == Throughline.getSessionId(), global), true);
  });

test("a prerendered page is nothing until it is looked at", async () => {
  await visitor.addInitScript(() => {
    let isPrerendering = true;
    Object.defineProperty(document, "prerendering", { get: () => isPrerendering });
    window.show = () => {
      isPrerendering = false;
      document.dispatchEvent(new Event("prerenderingchange"));
    };
  });
  const page = await open(visitor, stage.shop + kAd);
  const early = await page.evaluate(() => [Throughline.getSessionId(), Throughline.track("early")]);
  await pause(700);
  const [device, requests] = [await deviceOf(page), stage.requests.length];
  await page.evaluate(() => show());
  await until("what it told", () => stage.events("early").length);

  assert.deepEqual([early, device, requests], [[null, null], kNothing, 0]);
  assert.equal(stage.events("page_view").length, 1);
  assert.ok((await ids(page))[1]);
});
