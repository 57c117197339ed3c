// SPDX-License-Identifier: Apache-2.0
// Without consent there is no identifier: nothing on the device, nothing in any request; a refusal is the
// only thing kept. Accepting later applies what was held, once. Withdrawing takes everything away.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "./report_client.mjs";
import { openStage } from "./opened_stage.mjs";
import { startStage } from "./stage.mjs";
import { AD, newVisitor, newVisitorOfAd } from "./visitor.mjs";

const { stage, browser } = await openStage();

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const EMPTY = { cookies: [], local: {}, session: {} };

// Of all that the browser asked for. The site itself sees the address of its ad's page, nobody else does.
async function assertNoIds(visitor) {
  assert.ok(visitor.requests.some(({ origin }) => origin === stage.server), "the script");
  for (const { origin, path, query, headers, body } of visitor.requests) {
    const text = [origin + path + query, JSON.stringify(await headers), body].join("\n");
    assert.doesNotMatch(text, UUID, text);
    assert.doesNotMatch(text, /"tok"/, text);
    if (origin !== stage.site) assert.doesNotMatch(text, /Cj0KCQiA/, `a click id left the page: ${text}`);
  }
}

test("while the choice is open there is no id, nothing on the device, and nothing is sent", async () => {
  const visitor = await newVisitor(browser, stage);
  await visitor.open(`/${AD}`);
  const answer = await visitor.call("track", "curious", { about: "ids" });
  await visitor.call("identify", { email: "keeper@example.org" });
  const { clientReferenceId, metadata } = await visitor.call("checkoutStarted", { price: 25 });
  await visitor.page.waitForTimeout(1500);

  assert.equal(answer, null);
  assert.equal(clientReferenceId, null);
  assert.deepEqual(metadata, {});
  assert.deepEqual(await visitor.ids(), { anonymousId: null, sessionId: null });
  assert.deepEqual(await visitor.device(), EMPTY);
  await assertNoIds(visitor);
  for (const { origin, path, query } of visitor.requests) {
    if (origin !== stage.site) assert.match(origin + path + query, /^http:..127\.0\.0\.1:\d+\/throughline\.([0-9a-f]{16}\.m\.)?js$/);
  }
  await visitor.open("/watch/");
  await visitor.close();
});

test("leaving without a choice leaves nothing behind", async () => {
  const visitor = await newVisitor(browser, stage);
  await visitor.open(`/${AD}`);
  await visitor.page.click("text=Watch the opening");
  await visitor.page.waitForURL(/watch/);
  assert.deepEqual(await visitor.device(), EMPTY);
  await assertNoIds(visitor);
  await visitor.close();
});

test("a refusal stores exactly one key, sends one coarse count without ids, and survives a reload", async () => {
  const visitor = await newVisitor(browser, stage);
  await visitor.open(`/${AD}`);
  await visitor.refuse();
  await visitor.page.waitForTimeout(1200);

  assert.deepEqual(await visitor.device(), { ...EMPTY, local: { "tl_consent.demo": '{"s":0,"m":0}' } });
  assert.deepEqual(await visitor.ids(), { anonymousId: null, sessionId: null });
  await assertNoIds(visitor);
  const counts = visitor.events();
  assert.equal(counts.length, 1, JSON.stringify(counts));
  assert.deepEqual(counts[0].an.cl, ["gclid"]); // the name says what kind of click it was; no value travels

  await visitor.reload();
  assert.equal(await visitor.hasBanner(), false);
  assert.deepEqual(await visitor.call("consent"), { storage: false, marketing: false });
  assert.equal(await visitor.call("track", "still_curious"), null);
  await visitor.page.waitForTimeout(1200);
  assert.deepEqual(await visitor.device(), { ...EMPTY, local: { "tl_consent.demo": '{"s":0,"m":0}' } });
  await assertNoIds(visitor);
  await visitor.close();
});

test("accepting later is one session that starts at the page's start, with the held touch and one page view", async () => {
  const visitor = await newVisitor(browser, stage);
  await visitor.open(`/${AD}`);
  const pageStart = await visitor.page.evaluate(() => performance.timeOrigin);
  await visitor.call("track", "before_choice");
  await visitor.page.waitForTimeout(700);
  await visitor.accept();
  const first = await visitor.ids();
  await visitor.call("track", "after_choice");
  await visitor.flush();

  const session = await until(async () => {
    const found = await stage.reports.session(first.sessionId).catch(() => null);
    return found?.events.some((event) => event.name === "after_choice") && found;
  }, "the held events");
  assert.deepEqual(session.events.filter((event) => event.name !== "consent").sort((a, b) => a.t - b.t).map((event) => event.name), ["page_view", "before_choice", "after_choice"]);
  assert.equal(session.touches.length, 1);
  assert.equal(session.touches[0].campaign, "spring-premiere");
  assert.ok(Math.abs(Date.parse(session.started_at) - pageStart) < 2000, `${session.started_at} ${pageStart}`);
  await visitor.call("consent", { storage: true, marketing: true });
  assert.deepEqual(await visitor.ids(), first);
  await visitor.close();
});

for (const wait of [0, 700])
  test(`marketing granted ${wait} ms after storage: one view, with its click id and the campaign that it names`, async () => {
    const visitor = await newVisitor(browser, stage);
    await visitor.open("/?gclid=Cj0KCQiA_late&gad_source=1&gad_campaignid=4711");
    await visitor.call("consent", { storage: true });
    if (wait) await visitor.page.waitForTimeout(wait);
    await visitor.call("consent", { marketing: true });
    const { sessionId } = await visitor.ids();
    await visitor.flush();

    const session = await until(async () => {
      const found = await stage.reports.session(sessionId).catch(() => null);
      return found?.touches[0]?.campaign && found;
    }, "the click id");
    assert.deepEqual(session.events.filter(({ name }) => name === "page_view").length, 1);
    assert.equal(session.touches.length, 1);
    assert.deepEqual(session.touches[0].click_ids, { gclid: "Cj0KCQiA_late", gad_source: "1", gad_campaignid: "4711" });
    assert.equal(session.touches[0].campaign, "4711");
    await visitor.close();
  });

test("a grant is kept by the page and repeated at the next load without a banner", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  const first = await visitor.ids();
  await visitor.open("/watch/");
  assert.equal(await visitor.hasBanner(), false);
  assert.deepEqual(await visitor.ids(), first);
  await visitor.close();
});

test("withdrawing takes the ids off the device and out of every later request", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  await visitor.flush();
  await visitor.page.click("[data-open-consent]");
  await visitor.refuse();
  await visitor.page.waitForTimeout(800);
  const device = await visitor.device();
  assert.deepEqual(device.local, { "tl_consent.demo": '{"s":0,"m":0}' });
  assert.deepEqual(device.cookies.map((cookie) => cookie.name), []);
  visitor.requests.length = 0;
  await visitor.call("track", "afterwards");
  await visitor.open("/watch/");
  await visitor.page.waitForTimeout(1200);
  await assertNoIds(visitor);
  await visitor.close();
});

test("what another tab has under way while the visitor withdraws brings nothing back", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  await visitor.flush();
  const { sessionId } = await visitor.ids();
  const tab = await visitor.openTab("/watch/");
  await tab.flush();
  let arrive;
  const arrived = new Promise((done) => (arrive = done));
  await tab.page.route("**/api/events", async (route) => {
    await tab.page.waitForTimeout(2500);
    await route.continue().catch(() => {});
    arrive();
  });
  await tab.call("track", "under_way");
  void tab.flush().catch(() => {});
  await tab.page.waitForTimeout(300);
  await visitor.page.click("[data-open-consent]");
  await visitor.refuse();
  await arrived;
  await tab.page.waitForTimeout(1000);
  const device = await visitor.device();
  assert.deepEqual(device.local, { "tl_consent.demo": '{"s":0,"m":0}' });
  assert.deepEqual(device.cookies, []);
  const { events } = await stage.reports.session(sessionId);
  assert.deepEqual(events.filter(({ name }) => name === "under_way"), []);
  await visitor.close();
});

test("a donation without consent is an order without a match, and is forwarded to nobody", async () => {
  const visitor = await newVisitor(browser, stage);
  await visitor.open("/donate/");
  await visitor.refuse();
  const checkoutId = await visitor.donate({ amount: 12 });
  await visitor.pay();
  await visitor.reference();

  const order = await until(async () => (await stage.reports.conversions()).find((item) => item.amount_minor === 1200), "the order");
  assert.equal(order.match_type, "none");
  assert.equal(order.session_id, null);
  const { session } = stage.sandbox.ledger.payment(checkoutId);
  assert.deepEqual(session.metadata, {});
  const deliveries = await until(async () => {
    const rows = (await stage.reports.deliveries()).filter(({ event_id }) => event_id === order.id);
    return rows.length > 0 && rows.every(({ state }) => !["queued", "sending"].includes(state)) && rows;
  }, "the deliveries");
  assert.deepEqual(deliveries.map(({ destination, state, attempts }) => [destination, state, attempts]).sort(), [["meta", "withheld", 0], ["posthog", "withheld", 0]]);
  await visitor.close();
});

test("after a reset the next visitor of the browser is another one, also to the server", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  await visitor.flush();
  const former = await visitor.ids();
  await visitor.call("reset");
  await visitor.call("track", "next_visitor");
  await visitor.flush();
  const next = await visitor.ids();
  assert.notEqual(next.anonymousId, former.anonymousId);
  await visitor.open("/watch");
  await visitor.flush();

  const cookies = Object.fromEntries((await visitor.context.cookies(stage.server)).map(({ name, value }) => [name, value]));
  assert.equal(cookies["tl_aid.demo"], next.anonymousId);
  const { sessions } = await stage.reports.visitor(next.anonymousId);
  assert.deepEqual(sessions.map(({ id }) => id), [next.sessionId]);
  await visitor.close();
});

test("an order without consent is credited to its channel, and no id is anywhere", async () => {
  const coarse = await startStage({
    site: { scriptTag: { "data-coarse-handover": "true" } },
    extra: 'coarse_handover = true\ncoarse_campaigns = ["spring-premiere"]',
  });
  try {
    const visitor = await newVisitor(browser, coarse);
    await visitor.open(`/donate/${AD}`);
    await visitor.refuse();
    await visitor.page.waitForFunction(() => Throughline.checkoutStarted().clientReferenceId);
    assert.equal(await visitor.page.evaluate(() => Throughline.checkoutStarted().clientReferenceId), "tl0_paid_search_Z29vZ2xl_c3ByaW5nLXByZW1pZXJl");
    assert.deepEqual(await visitor.page.evaluate(() => Throughline.checkoutStarted().metadata),
      { tl_channel: "paid_search", tl_source: "google", tl_campaign: "spring-premiere" });
    await visitor.donate({ amount: 25 });
    const bought = visitor.requests.length;
    await visitor.pay();

    const order = await until(async () => (await coarse.reports.conversions()).find(({ kind }) => kind === "purchase"), "the order");
    assert.equal(order.match_type, "coarse");
    assert.deepEqual([order.session_id, order.anonymous_id], [null, null]);
    const { credits, why } = await coarse.reports.conversion(order.id);
    assert.deepEqual(credits.last_touch.map(({ channel, source, campaign }) => [channel, source, campaign]), [["paid_search", "google", "spring-premiere"]]);
    assert.equal(why.path.length, 1);
    assert.deepEqual(await visitor.device(), { ...EMPTY, local: { "tl_consent.demo": '{"s":0,"m":0}' } });

    // Up to the payment page, which has ids of its own.
    for (const { origin, path, query, headers, body } of visitor.requests.slice(0, bought)) {
      const text = [origin + path + query, JSON.stringify(await headers), body].join("\n");
      if (origin === coarse.server) assert.doesNotMatch(text.replaceAll(/"pn":"[0-9a-f]{32}"/g, ""), UUID, text);
    }
    assert.doesNotMatch(coarse.log(), /Cj0KCQiA|tl1_/);
    assert.deepEqual(await coarse.reports.sessions(), []);
    for (const { state } of await coarse.reports.deliveries()) assert.notEqual(state, "delivered");
    await coarse.stopServer();
    const files = readdirSync(coarse.folder).filter((name) => name.startsWith("throughline.db"));
    for (const name of files) assert.doesNotMatch(readFileSync(join(coarse.folder, name), "latin1"), /Cj0KCQiA|tl1_/, name);
    await visitor.close();
  } finally {
    await coarse.stop();
  }
});
