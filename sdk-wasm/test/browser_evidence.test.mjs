// SPDX-License-Identifier: Apache-2.0
// Pages on which the core cannot run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceOf, ids, open, pause, until } from "./stage.mjs";
import { kAd, kNothing, pageViews, stage, visitor } from "./visiting.mjs";

test("a page that blocks WebAssembly works by evidence", async () => {
  stage.csp = "script-src 'self' 'unsafe-inline'";
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

test("blocked WebAssembly and no consent: nothing at all", async () => {
  stage.csp = "script-src 'self' 'unsafe-inline'";
  stage.attributes = 'data-consent="manual"';
  const page = await open(visitor, stage.shop + kAd);
  await page.evaluate(() => Throughline.track("x"));
  await pause(1200);
  assert.equal(stage.requests.length, 0);
  assert.deepEqual(await deviceOf(page), kNothing);
});

test("a script read in the wrong charset falls back to evidence", async () => {
  await visitor.route("**/throughline.js", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, headers: { "content-type": "text/javascript; charset=windows-1252" } });
  });
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  assert.equal(stage.batches()[0].rv, 0);
  assert.deepEqual(page.errors, []);
});
