// SPDX-License-Identifier: Apache-2.0
// Consent in Chromium: what the device holds and what leaves before, after and without it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceOf, ids, open, pause, until } from "./stage.mjs";
import { kAd, kNothing, pageViews, stage, visitor } from "./visiting.mjs";

const kUuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

for (const attribute of ["manual", "auto", "denied"])
  test(`consent ${attribute}: nothing on the device, no id anywhere`, async () => {
    stage.attributes = `data-consent="${attribute}"`;
    stage.html = '<form><input name="tl_session_id" value=""></form>';
    const page = await open(visitor, stage.shop + kAd);
    const returned = await page.evaluate(() => [
      Throughline.track("x"), Throughline.getSessionId(), Throughline.getAnonymousId(),
      Throughline.checkoutStarted({ url: "https://buy.stripe.com/a" }),
    ]);
    await page.evaluate(() => history.pushState({}, "", "/two"));
    await pause(1500);
    const device = await deviceOf(page);
    await page.goto("about:blank");
    await pause(300);

    assert.deepEqual(returned, [null, null, null, { url: "https://buy.stripe.com/a", metadata: {}, clientReferenceId: null }]);
    assert.deepEqual(device, kNothing);
    const sent = stage.requests;
    assert.equal(sent.length, attribute == "denied" ? 1 : 0); // one coarse count when refused
    for (const { body, cookie } of sent) {
      assert.equal(cookie, undefined);
      const { an, t, ...rest } = body.e[0];
      assert.deepEqual(rest, { n: "page_view", seq: 1, c: { s: 0, m: 0 } });
      assert.equal(t % 3_600_000, 0);
      assert.deepEqual(an, { source: "google", medium: "cpc", campaign: "spring", path: "/landing", cl: ["gclid"] });
      assert.equal(body.tok, undefined);
    }
  });

for (const choice of [{ storage: "denied", marketing: "denied" }, { storage: "no", marketing: "no" }, { storage: "false" }, "denied", "revoke", false])
  test(`consent(${JSON.stringify(choice)}) is a refusal`, async () => {
    stage.attributes = 'data-consent="manual"';
    const page = await open(visitor, stage.shop + kAd);
    const said = await page.evaluate((choice) => Throughline.consent(choice), choice);
    await until("the coarse count", () => stage.requests.length);

    assert.deepEqual(said, { storage: false, marketing: false });
    const { local, ...device } = await deviceOf(page);
    assert.deepEqual({ ...device, local: {} }, kNothing);
    assert.deepEqual(Object.keys(local), ["tl_consent.demo"]);
  });

for (const choice of [{ storage: "granted", marketing: true }, "granted", true])
  test(`consent(${JSON.stringify(choice)}) is a grant`, async () => {
    stage.attributes = 'data-consent="manual"';
    const page = await open(visitor, stage.shop + kAd);
    assert.deepEqual(await page.evaluate((choice) => Throughline.consent(choice), choice), { storage: true, marketing: true });
    await pageViews(1);
  });

for (const attribute of ["manual", "denied"])
  test(`data-coarse-handover, consent ${attribute}: checkouts carry what the server says, and no id`, async () => {
    const answer = { token: "tl0_paid_search_Z29vZ2xl_c3ByaW5n", metadata: { tl_channel: "paid_search", tl_source: "google", tl_campaign: "spring" } };
    stage.attributes = `data-consent="${attribute}" data-coarse-handover="true" data-anonymous-pings="off"`;
    stage.html = '<a id="pay" href="https://buy.stripe.com/a">pay</a>';
    stage.respond = (text, path) => (path == "/api/coarse-handover" ? { status: 200, answer } : { status: 202, answer: { token: "token-1" } });
    const page = await open(visitor, stage.shop + kAd);
    await page.evaluate(() => Throughline.decorateCheckout());
    await page.waitForFunction(() => document.querySelector("#pay").search);

    assert.deepEqual(stage.requests.map(({ path }) => path), ["/api/coarse-handover"]);
    const [{ body, cookie }] = stage.requests;
    assert.deepEqual(body, { site: "demo", write_key: "wk_demo",
      an: { source: "google", medium: "cpc", campaign: "spring", path: "/landing", cl: ["gclid"] } });
    assert.equal(cookie, undefined);
    assert.equal(await page.getAttribute("#pay", "href"), "https://buy.stripe.com/a?client_reference_id=" + answer.token);
    const checkout = () => page.evaluate(() => Throughline.checkoutStarted({ url: "https://whop.com/checkout/x" }));
    assert.deepEqual(await checkout(), {
      url: "https://whop.com/checkout/x?" + Object.entries(answer.metadata).map(([name, value]) => `checkout_session_metadata[${name}]=${value}`).join("&"),
      metadata: answer.metadata, clientReferenceId: answer.token });
    assert.deepEqual(await deviceOf(page), kNothing);

    // With consent the ids take its place.
    await page.evaluate(() => Throughline.consent({ storage: true, marketing: true }));
    assert.match((await checkout()).clientReferenceId, /^tl1_/);
    await page.waitForFunction(() => /client_reference_id=tl1_/.test(document.querySelector("#pay").search));
    await pageViews(1);
    assert.deepEqual(page.errors, []);
  });

test("data-coarse-handover where the core is compiled later: the server is asked when it is there", async () => {
  stage.attributes = 'data-consent="manual" data-coarse-handover="true"';
  stage.respond = () => ({ status: 200, answer: { token: "tl0_paid_search", metadata: { tl_channel: "paid_search" } } });
  await visitor.addInitScript(() => {
    const { instantiate } = WebAssembly;
    WebAssembly.Module = function () { throw new RangeError("too large to be compiled at once"); };
    WebAssembly.instantiate = async (bytes) => {
      await new Promise((done) => setTimeout(done, 1500));
      return instantiate(bytes);
    };
  });
  const page = await open(visitor, stage.shop + kAd);
  await until("the question", () => stage.requests.length == 1);
  assert.equal(stage.requests[0].body.an.source, "google");
  await page.waitForFunction(() => Throughline.checkoutStarted({}).clientReferenceId == "tl0_paid_search");
});

test('data-coarse-handover="false" fetches nothing', async () => {
  stage.attributes = 'data-consent="manual" data-coarse-handover="false"';
  const page = await open(visitor, stage.shop + kAd);
  await pause(500);
  assert.deepEqual(await page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".m.js"))), []);
  assert.deepEqual(stage.requests, []);
});

test("pings can be off, or also count undecided pages as they are left", async () => {
  stage.attributes = 'data-consent="denied" data-anonymous-pings="off"';
  let page = await open(visitor, stage.shop + "/");
  await pause(500);
  assert.equal(stage.requests.length, 0);
  stage.attributes = 'data-consent="manual" data-anonymous-pings="always"';
  page = await open(visitor, stage.shop + "/left");
  await page.goto("about:blank");
  await until("the count", () => stage.requests.length == 1);
  assert.equal(stage.events()[0].an.path, "/left");
  assert.deepEqual(stage.events()[0].c, {});
});

test("accepted later: one session from the page's start, held events once, no second page view", async () => {
  stage.attributes = 'data-consent="manual"';
  stage.html = '<form><input name="tl_session_id"><input name="tl_anonymous_id"></form>';
  const page = await open(visitor, stage.shop + kAd);
  const started = Date.now();
  await page.evaluate(() => Throughline.track("played", { at: 1 }));
  await pause(700);
  assert.deepEqual(await deviceOf(page), kNothing);
  const heard = await page.evaluate(() => {
    const states = [];
    Throughline.on("consent", (state) => states.push(state));
    Throughline.consent({ storage: true, marketing: true });
    Throughline.consent({ storage: true, marketing: true });
    return states;
  });
  const [anonymousId, sessionId] = await ids(page);
  await page.evaluate(() => Throughline.track("later"));
  await until("all events", () => stage.events("later").length);

  assert.deepEqual(stage.events().map(({ n, why }) => [n, why]), [["page_view", "consent"], ["played", "same"], ["later", "same"]]);
  assert.deepEqual(new Set(stage.events().map(({ sid }) => sid)), new Set([sessionId]));
  const [view, played] = stage.events();
  assert.ok(view.t <= started && played.t >= view.t && view.ev.ct > played.t);
  assert.deepEqual(view.touch, { source: "google", medium: "cpc", campaign: "spring", gclid: "Abc-123" });
  assert.deepEqual(await page.$$eval("input", (all) => all.map(({ value }) => value)), [sessionId, anonymousId]);
  assert.deepEqual(heard[0], { storage: true, marketing: true });
  await until("one receipt", () => stage.requests.some(({ path }) => path == "/api/consent"));
  await pause(300);
  const receipts = stage.requests.filter(({ path }) => path == "/api/consent");
  assert.equal(receipts.length, 1);
  assert.equal(receipts[0].body.token, "token-1");
  assert.equal(receipts[0].body.anonymous_id, anonymousId);
});

test("a refusal is all that stays, and beats the page's attribute at the next load", async () => {
  const page = await open(visitor, stage.shop + kAd);
  await pageViews(1);
  const [anonymousId] = await ids(page);
  await pause(200);
  await page.evaluate(() => Throughline.consent({ storage: false, marketing: false }));
  await until("the withdrawal", () => stage.requests.some(({ path }) => path == "/api/consent"));

  await until("the server has heard of it", async () => (await deviceOf(page)).local["tl_consent.demo"] == '{"s":0,"m":0}');
  assert.deepEqual(Object.keys((await deviceOf(page)).local), ["tl_consent.demo"]);
  const { body } = stage.requests.find(({ path }) => path == "/api/consent");
  assert.deepEqual([body.token, body.anonymous_id, body.consent], ["token-1", anonymousId, { s: 0, m: 0 }]);
  await page.reload();
  await pause(500);
  assert.deepEqual(await ids(page), [null, null]);
  assert.deepEqual((await deviceOf(page)).local, { "tl_consent.demo": '{"s":0,"m":0}' });
  assert.equal(stage.events().filter(({ id }) => id).length, 1);

  await page.evaluate(() => Throughline.consent({ storage: true, marketing: true }));
  const [again] = await ids(page);
  assert.match(again, kUuid7);
  assert.notEqual(again, anonymousId);
  assert.equal((await deviceOf(page)).local["tl_consent.demo"], undefined);
});

test("a refusal in one tab reaches the other", async () => {
  const one = await open(visitor, stage.shop + "/");
  const two = await open(visitor, stage.shop + "/other");
  await pageViews(2);
  await one.evaluate(() => Throughline.consent({ storage: false }));
  await until("the other tab", async () => (await ids(two))[1] === null);
  assert.deepEqual(await two.evaluate(() => Throughline.consent()), { storage: false, marketing: false });
  assert.equal(stage.requests.filter(({ path }) => path == "/api/consent").length <= 1, true);
});

test("without marketing no click-id value and no vendor cookie leaves", async () => {
  stage.attributes = 'data-consent="manual"';
  await visitor.addCookies([{ name: "_fbp", value: "fb.1.2.3", url: stage.shop }]);
  const page = await open(visitor, stage.shop + kAd);
  await page.evaluate(() => Throughline.consent({ storage: true, marketing: false }));
  await pageViews(1);

  assert.deepEqual(stage.batches()[0].ck, {});
  assert.ok(stage.events()[0].ev.u.includes("gclid=*"));
  assert.ok(!JSON.stringify(stage.requests.map(({ body }) => body)).includes("Abc-123"));
  await page.evaluate(() => Throughline.consent({ marketing: true }));
  await page.evaluate(() => Throughline.track("now"));
  await until("the event", () => stage.events("now").length);
  assert.deepEqual(stage.batches().at(-1).ck, { fbp: "fb.1.2.3" });
});

test("a refusal of marketing leaves no click id on the device, and the session", async () => {
  const page = await open(visitor, stage.shop + kAd);
  await pageViews(1);
  const before = await ids(page);
  assert.ok(JSON.stringify(await deviceOf(page)).includes("Abc-123"));
  await page.evaluate(() => Throughline.consent({ marketing: false }));
  assert.ok(!JSON.stringify(await deviceOf(page)).includes("Abc-123"));
  assert.deepEqual(await ids(page), before);
  assert.deepEqual((await page.evaluate(() => Throughline.getAttribution())).first.campaign, "spring");
});

test("without the file that masks, what a refusal of marketing found unsent waits on the device, and the rest leaves", async () => {
  stage.respond = () => ({ status: 503 });
  await visitor.route(/\.x\.js$/, (route) => route.abort());
  const page = await open(visitor, stage.shop + kAd);
  await until("the queue is kept", async () => (await deviceOf(page)).local["tl_q.demo"]);
  stage.requests.length = 0;
  stage.respond = () => ({ status: 202, answer: { token: "token-1" } });
  await page.evaluate(() => Throughline.consent({ marketing: false }) && Throughline.track("after"));
  await until("the event", () => stage.events("after").length);
  await until("the landing alone to wait", async () => JSON.parse((await deviceOf(page)).local["tl_q.demo"]).length === 1);
  await visitor.unroute(/\.x\.js$/);
  await open(visitor, stage.shop + "/next");
  await until("the landing", () => stage.events("page_view").some(({ ev }) => ev.u.includes("gclid=*")));
  assert.ok(!JSON.stringify(stage.requests.map(({ body }) => body)).includes("Abc-123"));
});

test("the same ad after a choice about marketing is the same arrival, another click is not", async () => {
  const first = await open(visitor, stage.shop + kAd);
  await pageViews(1);
  await first.evaluate(() => Throughline.consent({ marketing: false }));
  const second = await open(visitor, stage.shop + kAd);
  await pageViews(2);
  await second.evaluate(() => Throughline.consent({ marketing: true }));
  await pageViews(3); // the second one again
  await open(visitor, stage.shop + kAd);
  await pageViews(4);
  await open(visitor, stage.shop + kAd.replace("Abc-123", "Abc-124"));
  await pageViews(5);

  const views = stage.events("page_view");
  assert.deepEqual(views.map(({ why }) => why), ["first", "same", "same", "same", "campaign"]);
  assert.deepEqual(views.map(({ touch }) => touch?.gclid), ["Abc-123", undefined, undefined, undefined, "Abc-124"]);
  assert.ok(views[1].ev.u.includes("gclid=*"));
  assert.equal(new Set(views.slice(0, 4).map(({ sid }) => sid)).size, 1);
});

for (const wait of [0, 700])
  test(`marketing granted ${wait} ms after storage: the same view again brings the click id, and the page hears of one`, async () => {
    stage.attributes = 'data-consent="manual"';
    const page = await open(visitor, stage.shop + kAd);
    await page.evaluate(async (wait) => {
      window.heard = [];
      Throughline.on("event", ({ id }) => heard.push(id));
      Throughline.consent({ storage: true });
      if (wait) await new Promise((done) => setTimeout(done, wait));
      Throughline.consent({ marketing: true });
      Throughline.consent({ marketing: true });
    }, wait);
    await pageViews(2);
    await pause(300);

    const [withheld, told, ...more] = stage.events("page_view");
    assert.deepEqual(more, []);
    assert.ok(withheld.ev.u.includes("gclid=*"));
    assert.ok(told.ev.u.includes("gclid=Abc-123"));
    assert.deepEqual([told.id, told.sid, told.t, told.why, told.touch, told.c.m], [withheld.id, withheld.sid, withheld.t, "same", undefined, 1]);
    assert.ok(told.ev.ct >= told.t);
    assert.deepEqual(await page.evaluate(() => heard), [told.id]);
  });

test("Global Privacy Control ends marketing, not storage", async () => {
  await visitor.addInitScript(() => Object.defineProperty(navigator, "globalPrivacyControl", { value: true }));
  const page = await open(visitor, stage.shop + kAd);
  await pageViews(1);
  const [event] = stage.events();
  assert.deepEqual(event.c, { s: 1, m: 1, o: 1 });
  assert.ok(event.sid && event.ev.u.includes("gclid=*"));
  await page.evaluate(() => Throughline.consent({ storage: true, marketing: true }));
  await until("the receipt", () => stage.requests.some(({ path }) => path == "/api/consent"));
  const { body } = stage.requests.find(({ path }) => path == "/api/consent");
  assert.deepEqual(body.consent, { s: 1, m: 1, o: 1 });
  assert.deepEqual(await page.evaluate(() => Throughline.consent()), { storage: true, marketing: false }, "what holds");
});

const receipts = () => stage.requests.filter(({ path }) => path == "/api/consent").map(({ body }) => [body.consent, body.platform, body.text_version]);

test("a choice says whose banner asked and by which text: on a grant, on a withdrawal, and in the queue", async () => {
  stage.attributes = 'data-consent="manual"';
  stage.before = '<script>Throughline.q.push(["consent", { storage: true, marketing: false }, { platform: "own_banner", textVersion: "3" }])</script>';
  const page = await open(visitor, stage.shop + "/");
  await until("the grant", () => receipts().length == 1);
  await page.evaluate(() => Throughline.consent({ storage: true, marketing: true }, { textVersion: 4 }));
  await until("the change", () => receipts().length == 2);
  await page.evaluate(() => Throughline.consent({ storage: false }, { platform: "own_banner", textVersion: "4" }));
  await until("the withdrawal", () => receipts().length == 3);
  assert.deepEqual(receipts(), [
    [{ s: 1, m: 0 }, "own_banner", "3"],
    [{ s: 1, m: 1 }, "api", "4"],
    [{ s: 0, m: 0 }, "own_banner", "4"],
  ]);
});

test("whatever stands beside a refusal, it holds and is told", async () => {
  const junk = ["true", '"x"', "5", "Symbol('s')", "{ platform: Symbol('s') }", "{ platform: document.body, textVersion: {} }",
    "new Proxy({}, { get() { throw new Error('trap'); } })"];
  for (const by of junk) {
    const page = await open(visitor, stage.shop + "/");
    await page.evaluate(() => Throughline.consent(true));
    await page.evaluate(() => Throughline.flush());
    const told = receipts().length;
    await page.evaluate(`Throughline.consent(false, ${by})`);
    await until(`the refusal beside ${by}`, () => receipts().length > told);
    const [consent, platform] = receipts().at(-1);
    assert.deepEqual(consent, { s: 0, m: 0 });
    assert.equal(typeof platform, "string");
    await until("the refusal alone on the device", async () => (await deviceOf(page)).local["tl_consent.demo"] == '{"s":0,"m":0}');
    assert.deepEqual(page.errors, []);
    await page.close();
  }
});
