// SPDX-License-Identifier: Apache-2.0
// Pages on which WebAssembly cannot run: the core comes as JavaScript, and where that does not come either
// the page sends evidence and the server decides.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { deviceOf, ids, open, pause, until } from "./stage.mjs";
import { kAd, kNothing, pageViews, stage, visitor } from "./visiting.mjs";

const kUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
beforeEach(() => (stage.csp = "script-src 'self' 'unsafe-inline'"));
const isReady = (page) => page.waitForFunction(() => Throughline.getSessionId());
const withoutCoreFile = () => visitor.route("**/*.j.js", (route) => route.abort());

test("a page that blocks WebAssembly decides as any other: ids, touches and event ids, before any answer", async () => {
  let isAnswering = false;
  stage.respond = () => (isAnswering ? { status: 202, answer: { token: "t9" } } : { status: 503 });
  const page = await open(visitor, stage.shop + kAd);
  await page.evaluate(() => Throughline.track("early")); // perhaps before the core is there
  await isReady(page);

  assert.equal(await page.evaluate(() => {
    try {
      return !new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    } catch {
      return "blocked";
    }
  }), "blocked");
  const [anonymousId, sessionId] = await ids(page);
  const { first, last } = await page.evaluate(() => Throughline.getAttribution());
  assert.deepEqual([first.source, first.campaign, last.gclid], ["google", "spring", "Abc-123"]);
  const id = await page.evaluate(() => Throughline.track("later", { a: 1 }));
  assert.match(id, kUuid);
  const { url, clientReferenceId } = await page.evaluate(() => Throughline.checkoutStarted({ url: "https://buy.stripe.com/a" }));
  assert.ok(clientReferenceId.startsWith(`tl1_${anonymousId}_${sessionId}_`));
  assert.equal(new URL(url).searchParams.get("client_reference_id"), clientReferenceId);

  isAnswering = true;
  await until("the events", () => stage.events("later").length);
  const [view] = stage.events("page_view");
  assert.deepEqual([view.why, view.aid, view.sid, view.touch.gclid], ["first", anonymousId, sessionId, "Abc-123"]);
  assert.deepEqual([stage.events("later")[0].id, stage.events("later")[0].sid, stage.events("early").length], [id, sessionId, 1]);
  assert.deepEqual(new Set(stage.batches().map(({ rv }) => rv)), new Set([1]));
  await page.reload();
  await isReady(page);
  assert.deepEqual(await ids(page), [anonymousId, sessionId]);
  assert.deepEqual(page.errors, []);
});

test("blocked WebAssembly and no consent: nothing at all", async () => {
  stage.attributes = 'data-consent="manual"';
  const page = await open(visitor, stage.shop + kAd);
  await page.evaluate(() => Throughline.track("x"));
  await pause(1200);
  assert.equal(stage.requests.length, 0);
  assert.deepEqual(await deviceOf(page), kNothing);
});

test("blocked WebAssembly and a refusal: one coarse count, without a click id's value or any identifier", async () => {
  stage.attributes = 'data-consent="manual"';
  const page = await open(visitor, stage.shop + kAd);
  await page.evaluate(() => Throughline.consent({ storage: false }));
  await until("the count", () => stage.events().length);
  await pause(300);
  const counts = stage.requests.filter(({ path }) => path == "/api/events");
  assert.equal(counts.length, 1);
  const [{ body, cookie }] = counts;
  const { t, ...rest } = body.e[0];
  assert.deepEqual(rest, { n: "page_view", seq: 1, c: { s: 0, m: 0 },
    an: { source: "google", medium: "cpc", campaign: "spring", path: "/landing", cl: ["gclid"] } });
  assert.deepEqual([t % 3_600_000, body.tok, cookie], [0, undefined, undefined]);
  assert.doesNotMatch(JSON.stringify(stage.requests), /Abc-123|-7[0-9a-f]{3}-/); // the refusal itself is told too
  await until("the refusal alone on the device", async () => (await deviceOf(page)).local["tl_consent.demo"] == '{"s":0,"m":0}');
  assert.deepEqual(Object.keys((await deviceOf(page)).local), ["tl_consent.demo"]);
});

test("where the core does not come as JavaScript either, the page works by evidence", async () => {
  await withoutCoreFile();
  const aid = "01900000-0000-7000-8000-000000000002";
  const sid = "01a00000-0000-7000-8000-000000000003";
  stage.respond = () => ({ status: 202, answer: { token: "t9", anonymous_id: aid, session_id: sid } });
  const page = await open(visitor, stage.shop + kAd.replace("/landing", "/film/mail%40example.com"));
  await page.evaluate(() => Throughline.track("early"));
  await until("the ids", async () => (await ids(page))[1] == sid);
  await page.evaluate(() => Throughline.track("later", { a: 1 }));
  await until("the event", () => stage.events("later").length);

  assert.deepEqual(await page.evaluate(() => window.atOnce), null);
  assert.deepEqual(new Set(stage.batches().map(({ rv }) => rv)), new Set([0]));
  const [view] = stage.events("page_view");
  assert.deepEqual([view.id, view.aid, view.sid, view.why, view.touch], Array(5).fill(undefined));
  assert.equal(view.ev.u, stage.shop + "/film/*?utm_source=google&utm_medium=cpc&utm_campaign=spring&gclid=Abc-123");
  const [later] = stage.events("later");
  assert.deepEqual([later.ev.prev.sid, later.ev.prev.aid, later.p], [sid, aid, { a: 1 }]);
  assert.equal(stage.batches().at(-1).tok, "t9");
  const { url, clientReferenceId } = await page.evaluate(() => Throughline.checkoutStarted({ url: "https://buy.stripe.com/a" }));
  assert.equal(new URL(url).searchParams.get("client_reference_id"), clientReferenceId);
  await page.reload();
  assert.deepEqual(await ids(page), [aid, sid]);
  assert.deepEqual(page.errors, []);
});

test("evidence alone and a refusal: nothing is counted", async () => {
  await withoutCoreFile();
  stage.attributes = 'data-consent="denied"';
  await open(visitor, stage.shop + kAd);
  await pause(800);
  assert.equal(stage.requests.length, 0);
});

test("a script read in the wrong charset gets its core as JavaScript", async () => {
  stage.csp = "";
  await visitor.route("**/throughline.js", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, headers: { "content-type": "text/javascript; charset=windows-1252" } });
  });
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  assert.equal(stage.batches()[0].rv, 1);
  assert.match((await ids(page))[1], kUuid);
  assert.deepEqual(page.errors, []);
});
