// SPDX-License-Identifier: Apache-2.0
// The built script in Chromium against a recording endpoint: visits, sessions, tabs and the global object.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceOf, ids, open, pause, until } from "./stage.mjs";
import { kAd, pageViews, stage, visitor } from "./visiting.mjs";

const kUuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("a new visit from an ad sends one decided page view", async () => {
  const page = await open(visitor, stage.shop + kAd);
  await pageViews(1);

  const [anonymousId, sessionId] = await ids(page);
  assert.match(sessionId, kUuid7);
  assert.match(anonymousId, kUuid7);
  assert.equal(await page.evaluate(() => window.atOnce), sessionId);
  const [batch] = stage.batches();
  assert.deepEqual([batch.v, batch.rv, batch.site, batch.key], [1, 1, "demo", "wk_demo"]);
  assert.match(batch.pn, /^[0-9a-f]{32}$/);
  assert.deepEqual(batch.ru, { to: 1_800_000, mx: 86_340_000, rc: 1 });
  const [event] = batch.e;
  assert.deepEqual([event.n, event.aid, event.sid, event.seq, event.why], ["page_view", anonymousId, sessionId, 1, "first"]);
  assert.equal(event.ev.u, stage.shop + kAd.replace("&secret=1", ""));
  assert.equal(event.ev.ti, "Käse ☕");
  assert.deepEqual(event.touch, { source: "google", medium: "cpc", campaign: "spring", gclid: "Abc-123" });
  const { first, last } = await page.evaluate(() => Throughline.getAttribution());
  assert.deepEqual(first, last);
  assert.deepEqual(page.errors, []);
});

test("the request is simple, carries no cookies elsewhere and no full referrer", async () => {
  stage.attributes += ` data-endpoint="${stage.elsewhere}"`;
  const page = await open(visitor, stage.shop + kAd);
  await pageViews(1);

  const { headers } = stage.requests[0];
  assert.equal(headers["content-type"], "text/plain;charset=UTF-8");
  assert.equal(headers.origin, stage.shop);
  assert.equal(headers.referer, stage.shop + "/");
  assert.equal(headers.cookie, undefined);
  await until("the token is kept", async () => (await deviceOf(page)).local["tl_tok.demo"] == "token-1");
});

test("on the page's own site the token stays in the server's cookie", async () => {
  stage.setCookie = "tl_tok=abc; HttpOnly; Path=/";
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate(() => Throughline.track("again"));
  await until("a second event", () => stage.events("again").length);

  assert.equal((await deviceOf(page)).local["tl_tok.demo"], undefined);
  assert.equal(stage.requests.at(-1).cookie, "tl_tok=abc");
  assert.equal(stage.batches().at(-1).tok, "token-1");
});

test("a reload keeps the session and makes no touch", async () => {
  const page = await open(visitor, stage.shop + kAd);
  await pageViews(1);
  const before = await ids(page);
  await page.reload();
  await pageViews(2);

  assert.deepEqual(await ids(page), before);
  const event = stage.events("page_view")[1];
  assert.deepEqual([event.why, event.touch, event.ev.nt], ["same", undefined, 1]);
  assert.equal(event.ev.prev.sid, before[1]);
});

test("another campaign starts a session: first touch kept, last touch new", async () => {
  const page = await open(visitor, stage.shop + kAd);
  await pageViews(1);
  const before = await ids(page);
  await page.goto(stage.shop + "/?utm_source=letter&utm_medium=email");
  await pageViews(2);

  const now = await ids(page);
  assert.equal(now[0], before[0]);
  assert.notEqual(now[1], before[1]);
  assert.equal(stage.events("page_view")[1].why, "campaign");
  const { first, last } = await page.evaluate(() => Throughline.getAttribution());
  assert.deepEqual([first.source, last.source], ["google", "letter"]);
});

test("two tabs share the session and never an event id", async () => {
  const one = await open(visitor, stage.shop + kAd);
  const two = await open(visitor, stage.shop + "/other");
  await pageViews(2);
  await Promise.all([one, two].map((page) => page.evaluate(() => Throughline.track("same_name"))));
  await until("both events", () => stage.events("same_name").length == 2);

  assert.deepEqual(await ids(one), await ids(two));
  assert.equal(new Set(stage.events().map(({ id }) => id)).size, stage.events().length);
});

test("tabs that wake after the timeout derive the same new session", async () => {
  const one = await open(visitor, stage.shop + "/");
  const two = await open(visitor, stage.shop + "/other");
  await pageViews(2);
  const [, before] = await ids(one);
  await one.evaluate(() => {
    const fields = localStorage["tl.demo"].split(".");
    fields[3] -= 31 * 60_000;
    fields[2] = fields[3];
    localStorage["tl.demo"] = fields.join(".");
  });
  await Promise.all([one, two].map((page) => page.evaluate(() => Throughline.track("woke"))));
  await until("both events", () => stage.events("woke").length == 2);

  const [first, second] = stage.events("woke").map(({ sid }) => sid);
  assert.equal(first, second);
  assert.notEqual(first, before);
});

test("calls from before the script are kept, in order", async () => {
  stage.before = `<script>Throughline.q.push(["track","early",{n:1}]);Throughline.q.push(["track","later"])</script>`;
  const page = await open(visitor, stage.shop + "/");
  await page.evaluate(() => Throughline.q.push(["track", "after"]));
  await until("three events", () => stage.events("after").length);

  assert.deepEqual(stage.events().slice(1).map(({ n }) => n), ["early", "later", "after"]);
  assert.deepEqual(stage.events("early")[0].p, { n: 1 });
});

test("what is no call costs the calls beside it nothing, and throws nothing", async () => {
  stage.before = `<script>Throughline.q.push(undefined,["nothing"],["consent",{storage:false}])</script>`;
  const page = await open(visitor, stage.shop + kAd);
  await page.evaluate(() => {
    for (const call of [undefined, null, {}, 7, ["track"], [{}]]) Throughline.q.push(call);
    Throughline.q.push();
    Throughline.video(null);
  });

  assert.deepEqual(page.errors, []);
  assert.deepEqual(await page.evaluate(() => Throughline.consent()), { storage: false, marketing: false });
});

test("another site on the same origin goes on with nothing of this one, nor takes anything from it", async () => {
  const page = await open(visitor, stage.shop + kAd);
  await pageViews(1);
  const before = await ids(page);
  stage.respond = () => ({ status: 503 });
  await page.evaluate(() => Throughline.track("secret"));
  await until("the event is kept", async () => (await deviceOf(page)).local["tl_q.demo"]);
  stage.respond = () => ({ status: 202, answer: { token: "token-2" } });
  stage.site = "other";
  stage.requests.length = 0;
  const other = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await other.evaluate(() => Throughline.track("own"));
  await until("its event", () => stage.events("own").length);

  assert.deepEqual(stage.batches().filter(({ site }) => site == "other").flatMap(({ e }) => e.map(({ n }) => n)), ["page_view", "own"]);
  for (const id of before) assert.ok(!JSON.stringify(stage.batches().filter(({ site }) => site == "other")).includes(id));
  await other.evaluate(() => Throughline.consent("denied"));
  stage.site = "demo";
  const back = await open(visitor, stage.shop + "/");
  await until("what could not be sent", () => stage.events("secret").length);
  assert.deepEqual(await ids(back), before);
});

test("the global's name is the site's choice", async () => {
  stage.attributes += ' data-global="HaloTrack"';
  stage.html = "<script>HaloTrack.track('renamed')</script>";
  await open(visitor, stage.shop + "/");
  await until("the event", () => stage.events("renamed").length);
});

test("sites that move over keep their names, before and after the script has loaded", async () => {
  const compat = (more = "") => `<script src="/throughline.compat.js" ${more}></script>`;
  stage.before = `<script>aureaSDK={q:[["trackEvent","from_stub"]]}</script>${compat("data-debug")}
    <script>HaloTrack.trackEvent("early",{n:1});HaloTrack.endSession()</script>`;
  const page = await visitor.newPage();
  const notes = [];
  page.on("console", (message) => notes.push(message.text()));
  await page.goto(stage.shop + "/");
  const [ours, theirs, ended] = await page.evaluate(() => [
    Throughline.getSessionId(), HaloTrack.getSessionId(), (aureaSDK.q.push(["track", "pushed"]), aureaSDK.endSession()),
  ]);
  await until("all events", () => stage.events("pushed").length);

  assert.deepEqual(stage.events().slice(1).map(({ n }) => n), ["from_stub", "early", "pushed"]);
  assert.deepEqual([theirs, ended], [ours, null]);
  assert.match(notes.join(), /endSession\(\) does nothing/);
  assert.equal(await page.evaluate(() => Throughline.getSessionId()), ours);
});
