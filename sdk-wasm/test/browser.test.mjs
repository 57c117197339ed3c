// SPDX-License-Identifier: Apache-2.0
// The built script in Chromium against a recording endpoint: what a visitor's browser does and sends.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { deviceOf, ids, open, openStage, pause, until } from "./stage.mjs";

const kUuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const kAd = "/landing?utm_source=google&utm_medium=cpc&utm_campaign=spring&gclid=Abc-123&secret=1";
const kNothing = { local: {}, session: {}, cookie: "" };

let stage;
let visitor;
before(async () => (stage = await openStage()));
after(() => stage.close());
beforeEach(async () => {
  visitor = await stage.visitor();
  Object.assign(stage, {
    requests: [], csp: "", html: "", before: "", setCookie: undefined, scriptOrigin: "",
    attributes: 'data-consent="granted"',
    respond: () => ({ status: 202, answer: { token: "token-1" } }),
  });
});
afterEach(() => visitor.close());

const pageViews = (count) =>
  until(`${count} page views`, () => stage.events("page_view").length >= count);

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
  await until("the token is kept", async () => (await deviceOf(page)).local.tl_tok == "token-1");
});

test("on the page's own site the token stays in the server's cookie", async () => {
  stage.setCookie = "tl_tok=abc; HttpOnly; Path=/";
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate(() => Throughline.track("again"));
  await until("a second event", () => stage.events("again").length);

  assert.equal((await deviceOf(page)).local.tl_tok, undefined);
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
    const fields = localStorage.tl.split(".");
    fields[3] -= 31 * 60_000;
    fields[2] = fields[3];
    localStorage.tl = fields.join(".");
  });
  await Promise.all([one, two].map((page) => page.evaluate(() => Throughline.track("woke"))));
  await until("both events", () => stage.events("woke").length == 2);

  const [first, second] = stage.events("woke").map(({ sid }) => sid);
  assert.equal(first, second);
  assert.notEqual(first, before);
});

test("route changes are page views whose referrer is the page left", async () => {
  const page = await open(visitor, stage.shop + kAd);
  await pageViews(1);
  await page.evaluate(() => history.pushState({}, "", "/film?scene=2#top"));
  await page.evaluate(() => history.replaceState({ scroll: 1 }, "", location.href)); // state alone
  await page.evaluate(() => history.pushState({}, "", "#bottom")); // fragment alone
  await page.evaluate(() => history.replaceState({}, "", "/donate"));
  await page.goBack();
  await pageViews(3);
  await pause(1200);

  const routes = stage.events("page_view").slice(1);
  assert.deepEqual(routes.map(({ ev }) => new URL(ev.u).pathname), ["/film", "/donate", "/film"]);
  assert.deepEqual(routes.map(({ ev }) => new URL(ev.r).pathname), ["/landing", "/film", "/donate"]);
  assert.deepEqual(routes.map(({ ev, touch, why }) => [ev.nt, touch, why]), Array(3).fill([3, undefined, "same"]));
});

test("calls from before the script are kept, in order", async () => {
  stage.before = `<script>Throughline.q.push(["track","early",{n:1}]);Throughline.q.push(["track","later"])</script>`;
  const page = await open(visitor, stage.shop + "/");
  await page.evaluate(() => Throughline.q.push(["track", "after"]));
  await until("three events", () => stage.events("after").length);

  assert.deepEqual(stage.events().slice(1).map(({ n }) => n), ["early", "later", "after"]);
  assert.deepEqual(stage.events("early")[0].p, { n: 1 });
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

  assert.deepEqual((await deviceOf(page)).local, { tl_consent: '{"s":0,"m":0}' });
  const { body } = stage.requests.find(({ path }) => path == "/api/consent");
  assert.deepEqual([body.token, body.anonymous_id, body.consent], ["token-1", anonymousId, { s: 0, m: 0 }]);
  await page.reload();
  await pause(500);
  assert.deepEqual(await ids(page), [null, null]);
  assert.deepEqual((await deviceOf(page)).local, { tl_consent: '{"s":0,"m":0}' });
  assert.equal(stage.events().filter(({ id }) => id).length, 1);

  await page.evaluate(() => Throughline.consent({ storage: true, marketing: true }));
  const [again] = await ids(page);
  assert.match(again, kUuid7);
  assert.notEqual(again, anonymousId);
  assert.equal((await deviceOf(page)).local.tl_consent, undefined);
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
});

test("a failing endpoint breaks nothing; the events arrive later, once each", async () => {
  stage.respond = () => ({ status: 0 });
  const page = await open(visitor, stage.shop + kAd);
  await page.evaluate(() => Throughline.track("while_down"));
  await until("the queue is kept", async () => JSON.parse((await deviceOf(page)).local.tl_q ?? "[]").length >= 1);
  stage.respond = () => ({ status: 503 });
  await until("a 503", () => stage.requests.some(() => true));
  stage.requests.length = 0;
  stage.respond = () => ({ status: 202, answer: { token: "t" } });
  await until("both events", () => stage.events("while_down").length);
  await until("an empty queue", async () => (await deviceOf(page)).local.tl_q === undefined);

  assert.deepEqual(stage.events().map(({ n }) => n), ["page_view", "while_down"]);
  assert.deepEqual(page.errors, []);
});

test("another page sends what this one could not", async () => {
  stage.respond = () => ({ status: 0 });
  const page = await open(visitor, stage.shop + "/first");
  await until("the queue is kept", async () => (await deviceOf(page)).local.tl_q);
  await page.goto("about:blank");
  stage.respond = () => ({ status: 202, answer: {} });
  await open(visitor, stage.shop + "/second");
  await until("both pages", () => new Set(stage.events("page_view").map(({ ev }) => new URL(ev.u).pathname)).size == 2);

  const first = stage.events("page_view").find(({ ev }) => ev.u.endsWith("/first"));
  assert.match(first.pn, /^[0-9a-f]{32}$/);
  assert.notEqual(first.pn, stage.batches()[0].pn);
});

test("a refused batch is dropped, not repeated", async () => {
  stage.respond = () => ({ status: 400, answer: { error: { code: "bad" } } });
  const page = await open(visitor, stage.shop + "/");
  await until("the answer", () => stage.requests.length);
  await pause(2500);
  assert.equal(stage.requests.length, 1);
  assert.equal((await deviceOf(page)).local.tl_q, undefined);
});

test("leaving the page sends its last events by beacon", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate(() => Throughline.track("last_words"));
  await page.goto("about:blank");
  await until("the beacon", () => stage.events("page_leave").length);
  assert.deepEqual(stage.batches().at(-1).e.map(({ n }) => n), ["last_words", "page_leave"]);
});

test("more than fifty events travel in several batches", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate(() => {
    for (let i = 0; i < 120; i++) Throughline.track("many", { i, text: "x".repeat(900) });
    return Throughline.flush();
  });
  assert.equal(stage.events("many").length, 120);
  for (const batch of stage.batches()) {
    assert.ok(batch.e.length <= 50);
    assert.ok(Buffer.byteLength(JSON.stringify(batch)) <= 64 * 1024);
  }
});

test("hostile properties never break the batch or the page", async () => {
  const page = await open(visitor, stage.shop + "/");
  const answers = await page.evaluate(() => {
    const circle = {};
    circle.self = circle;
    return [
      Throughline.track("circle", circle),
      Throughline.track("lone", { text: "a\ud800b", path: "\\ud800", nul: "\0" }),
      Throughline.track("a\0b"),
      Throughline.video(null), Throughline.decorateCheckout(7), Throughline.identify(null), Throughline.campaign(null),
    ];
  });
  await until("the event", () => stage.events("lone").length);
  assert.equal(answers[0], null);
  assert.deepEqual(stage.events("lone")[0].p, { text: "a\ufffdb", path: "\\ud800", nul: "\0" });
  assert.deepEqual(page.errors, []);
});

test("storage that throws leaves a working page and one session in memory", async () => {
  await visitor.addInitScript(() => {
    Object.defineProperty(window, "localStorage", { get: () => { throw new Error("no"); } });
    Object.defineProperty(document, "cookie", { get: () => { throw new Error("no"); } });
  });
  const page = await open(visitor, stage.shop + "/");
  await page.evaluate(() => Throughline.track("x"));
  await until("the event", () => stage.events("x").length);
  assert.equal(new Set(stage.events().map(({ sid }) => sid)).size, 1);
  assert.deepEqual(page.errors, []);
});

test("a frozen page is left alone", async () => {
  stage.before = "<script>Object.freeze(history);Object.freeze(window.Throughline);delete window.fetch;window.fetch=()=>{throw 1}</script>";
  const page = await open(visitor, stage.shop + "/");
  await page.evaluate(() => history.pushState({}, "", "/x"));
  assert.match((await ids(page))[1], kUuid7);
  assert.deepEqual(page.errors, []);
});

test("the checkout hand-over carries the ids and the session goes on", async () => {
  stage.html = `<a id="pay" href="https://buy.stripe.com/test?x=1">pay</a><a id="own" href="/about">us</a>
    <form id="f" action="https://buy.stripe.com/form" method="get"></form>`;
  const page = await open(visitor, stage.shop + "/");
  const [anonymousId, sessionId] = await ids(page);
  const checkout = await page.evaluate(() =>
    Throughline.checkoutStarted({ productId: "p1", price: 25, currency: "EUR", url: "https://donate.stripe.com/a#b" }));
  await page.evaluate(() => Throughline.decorateCheckout());
  await until("decoration", () => page.evaluate(() => document.querySelector("#f input")));
  const links = await page.evaluate(() => {
    return [document.querySelector("#pay").href, document.querySelector("#own").getAttribute("href"),
      document.querySelector("#f input")?.name];
  });
  await until("the event", () => stage.events("checkout_started").length);

  const pattern = new RegExp(`^tl1_${anonymousId}_${sessionId}_[0-9a-z]+$`);
  assert.match(checkout.clientReferenceId, pattern);
  assert.match(new URL(checkout.url).searchParams.get("client_reference_id"), pattern);
  assert.equal(new URL(checkout.url).hash, "#b");
  assert.equal(checkout.metadata.session_id, sessionId);
  assert.match(new URL(links[0]).searchParams.get("client_reference_id"), pattern);
  assert.deepEqual(links.slice(1), ["/about", "client_reference_id"]);
  assert.deepEqual(stage.events("checkout_started")[0].p, { product_id: "p1", price: 25, currency: "EUR" });
  assert.equal((await ids(page))[1], sessionId);
});

test("identify waits for the token and can send hashes alone", async () => {
  stage.attributes += ' data-hash-contact="true"';
  const page = await open(visitor, stage.shop + "/");
  await page.evaluate(() => Throughline.identify({ email: " Jana@Example.com ", userId: "u1", plan: "pro" }));
  await until("the claim", () => stage.requests.some(({ path }) => path == "/api/identify"));
  const { body } = stage.requests.find(({ path }) => path == "/api/identify");
  const { createHash } = await import("node:crypto");
  assert.equal(body.email_sha256, createHash("sha256").update("jana@example.com").digest("hex"));
  assert.deepEqual([body.email, body.user_id, body.token, body.traits], [undefined, "u1", "token-1", { plan: "pro" }]);
});

test("a campaign picked on the page is a touch", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate(() => Throughline.campaign({ source: "card", medium: "email", campaign: "wells" }));
  await until("the event", () => stage.events("campaign").length);
  const [event] = stage.events("campaign");
  assert.equal(event.why, "campaign");
  assert.deepEqual(event.touch, { source: "card", medium: "email", campaign: "wells" });
  assert.deepEqual(event.ev.cm, { utm_source: "card", utm_medium: "email", utm_campaign: "wells" });
});

test("a video reports its first play and its quarters", async () => {
  stage.html = `<video data-tl-video="film-1" title="Wells" data-tl-category="film"></video>`;
  const page = await open(visitor, stage.shop + "/");
  await page.evaluate(() => {
    const video = document.querySelector("video");
    let now = 0;
    Object.defineProperty(video, "duration", { value: 100 });
    Object.defineProperty(video, "currentTime", { get: () => now });
    video.dispatchEvent(new Event("play"));
    window.watchOn = () => {
      for (now of [0, 10, 26, 60, 20, 80, 100]) video.dispatchEvent(new Event("timeupdate"));
    };
  });
  // The capture itself is on its way in the extras.
  await until("the end", async () => {
    await page.evaluate(() => window.watchOn());
    return stage.events("video_progress").length == 4;
  });
  assert.deepEqual(stage.events("video_progress").map(({ p }) => p.percent), [25, 50, 75, 95]);
  assert.deepEqual(stage.events("content_view").map(({ p }) => p), [
    { content_id: "film-1", content_type: "video", content_name: "Wells", content_category: "film", duration_s: 100 }]);
});

test("events and readiness are told to the page", async () => {
  const page = await open(visitor, stage.shop + "/");
  const heard = await page.evaluate(() => {
    const all = [];
    Throughline.on("ready", (api) => all.push(["ready", api.getSessionId()]));
    Throughline.on("event", ({ name, id }) => all.push([name, id]));
    Throughline.on("event", () => { throw new Error("the page's own"); });
    return [Throughline.track("told"), all];
  });
  const [, sessionId] = await ids(page);
  assert.deepEqual(heard[1], [["ready", sessionId], ["told", heard[0]]]);
  assert.deepEqual(page.errors, []);
});

test("reset makes a new visitor", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  const before = await ids(page);
  await page.evaluate(() => Throughline.reset());
  assert.deepEqual(await ids(page), [null, null]);
  await page.evaluate(() => Throughline.track("new_one"));
  const now = await ids(page);
  assert.notEqual(now[0], before[0]);
  assert.notEqual(now[1], before[1]);
});

test("a reset is told with every batch until the server has heard of it, also by a later page", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  assert.equal(stage.batches()[0].rs, undefined);
  stage.respond = (text) =>
    text.includes("/next") ? { status: 202, answer: { token: "token-2" } } : { status: 503 };
  await page.evaluate(() => Throughline.reset());
  await page.evaluate(() => Throughline.track("unheard"));
  await until("a try", () => stage.events("unheard").length);
  await page.goto(stage.shop + "/next");
  await until("the token", async () => stage.batches().some(({ e }) => e.some(({ ev }) => ev.u.endsWith("/next"))));
  await page.evaluate(() => Throughline.track("after"));
  await until("a later one", () => stage.events("after").length);

  const flags = (name) => stage.batches().filter(({ e }) => e.some(({ n }) => n == name)).map(({ rs }) => rs);
  assert.ok(flags("unheard").every((flag) => flag === 1));
  assert.deepEqual(flags("after"), [undefined]);
});

test("a refusal right after a reset is not told by the former visitor's cookie", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate(() => Throughline.flush());
  await page.evaluate(() => {
    Throughline.reset();
    Throughline.consent({ storage: false });
  });
  await until("the refusal", () => stage.requests.some(({ path }) => path == "/api/consent"));
  const { body } = stage.requests.find(({ path }) => path == "/api/consent");
  assert.deepEqual([body.rs, body.token, body.anonymous_id], [1, "", null]);
});

test("a page that is left before its first answer gets its token on the next one, by its first nonce", async () => {
  stage.attributes += ` data-endpoint="${stage.elsewhere}"`;
  stage.respond = (text) =>
    text.includes("/two") || text.includes("u1")
      ? { status: 202, answer: JSON.parse(text).pf ? { token: "token-1" } : {} }
      : { status: 0 };
  const page = await open(visitor, stage.shop + kAd);
  await until("an id", async () => (await deviceOf(page)).local.tl);
  await page.goto(stage.shop + "/two");
  await page.evaluate(() => Throughline.identify({ userId: "u1" }));
  await until("the claim", () => stage.requests.some(({ path }) => path == "/api/identify"));

  const [batch] = stage.batches();
  assert.match(batch.pf, /^[0-9a-f]{32}$/);
  assert.notEqual(batch.pf, batch.pn);
  assert.ok(stage.events().some(({ pn }) => pn == batch.pf), "the nonce of the page where the id began");
  assert.equal(stage.requests.find(({ path }) => path == "/api/identify").body.token, "token-1");
  await page.evaluate(() => Throughline.track("proven"));
  await until("the event", () => stage.events("proven").length);
  assert.equal(stage.batches().at(-1).pf, undefined);
});

test("the channel of a touch is the server's word", async () => {
  stage.respond = (text) => ({
    status: 202,
    answer: { channels: Object.fromEntries((JSON.parse(text).e ?? []).filter(({ touch }) => touch).map(({ t }) => [t, "paid_search"])) },
  });
  const page = await open(visitor, stage.shop + kAd);
  await until("the channel", () => page.evaluate(() => Throughline.getAttribution().last?.channel == "paid_search"));
  const { first, last } = await page.evaluate(() => Throughline.getAttribution());
  assert.deepEqual(first, last);
});

test("an older id from the server's cookie is taken by the next session", async () => {
  const older = "01900000-0000-7000-8000-000000000001";
  stage.respond = (text) => ({ status: 202, answer: { token: "t", anonymous_id: older, session_id: JSON.parse(text).e?.[0].sid } });
  const page = await open(visitor, stage.shop + "/");
  await until("the answer is noted", async () => (await deviceOf(page)).local.tl_at?.includes(older));
  const before = await ids(page);
  await page.evaluate(() => Throughline.track("still"));
  assert.deepEqual(await ids(page), before);
  await page.goto(stage.shop + "/?utm_source=new");
  const now = await ids(page);
  assert.equal(now[0], older);
  assert.notEqual(now[1], before[1]);
});

test("the server's cookie brings the session back when storage was emptied", async () => {
  const page = await open(visitor, stage.shop + "/");
  const before = await ids(page);
  await page.evaluate(() => {
    document.cookie = "tl=" + localStorage.tl + ";path=/";
    localStorage.clear();
  });
  await page.goto(stage.shop + "/two");
  assert.deepEqual(await ids(page), before);
});

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
