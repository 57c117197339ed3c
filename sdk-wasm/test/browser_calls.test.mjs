// SPDX-License-Identifier: Apache-2.0
// What a page calls: checkout, identify, campaigns, videos, and what it is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ids, open, until } from "./stage.mjs";
import { kAd, pageViews, stage, visitor } from "./visiting.mjs";

test("the checkout hand-over carries the ids and the session goes on", async () => {
  stage.html = `<a id="pay" href="https://buy.stripe.com/test?x=1">pay</a><a id="own" href="/about">us</a>
    <a id="keep" href="https://light.gumroad.com/l/keep">keep</a><a id="far" href="https://notgumroad.com/l/keep">not</a>
    <form id="f" action="https://buy.stripe.com/form" method="get"></form>`;
  const page = await open(visitor, stage.shop + "/");
  const [anonymousId, sessionId] = await ids(page);
  const checkout = await page.evaluate(() =>
    Throughline.checkoutStarted({ productId: "p1", price: 25, currency: "EUR", url: "https://donate.stripe.com/a#b" }));
  await page.evaluate(() => Throughline.decorateCheckout());
  await until("decoration", () => page.evaluate(() => document.querySelector("#f input")));
  const links = await page.evaluate(() => {
    return [document.querySelector("#pay").href, document.querySelector("#own").getAttribute("href"),
      document.querySelector("#f input")?.name, document.querySelector("#far").href, document.querySelector("#keep").href];
  });
  await until("the event", () => stage.events("checkout_started").length);

  const pattern = new RegExp(`^tl1_${anonymousId}_${sessionId}_[0-9a-z]+$`);
  assert.match(checkout.clientReferenceId, pattern);
  assert.match(new URL(checkout.url).searchParams.get("client_reference_id"), pattern);
  assert.equal(new URL(checkout.url).hash, "#b");
  assert.equal(checkout.metadata.session_id, sessionId);
  assert.match(new URL(links[0]).searchParams.get("client_reference_id"), pattern);
  assert.match(new URL(links[4]).searchParams.get("client_reference_id"), pattern);
  assert.deepEqual(links.slice(1, 4), ["/about", "client_reference_id", "https://notgumroad.com/l/keep"]);
  assert.deepEqual(stage.events("checkout_started")[0].p, { product_id: "p1", price: 25, currency: "EUR" });
  assert.equal((await ids(page))[1], sessionId);
});

test("decorated links and forms carry the ids from a late grant on, and none after a withdrawal or a reset", async () => {
  stage.attributes = 'data-consent="manual"';
  stage.html = `<a id="pay" href="https://buy.stripe.com/test">pay</a>
    <form id="get" action="https://buy.stripe.com/form"></form><form id="post" method="post" action="https://buy.stripe.com/form"></form>
    <form id="own" action="https://buy.stripe.com/form"><input type="hidden" name="client_reference_id" value="mine"></form>`;
  const page = await open(visitor, stage.shop + "/");
  const html = () => page.evaluate(() => [...document.querySelectorAll("a,form")].map(({ outerHTML }) => outerHTML).join("\n"));
  const plain = await html();
  await page.evaluate(() => Throughline.decorateCheckout());
  await until("the extras", () => page.evaluate(() => performance.getEntriesByType("resource").some(({ name }) => name.endsWith(".m.js"))));
  await page.evaluate(() => new Promise((done) => setTimeout(done, 200)));
  assert.equal(await html(), plain);

  const shows = async (line) => (await html()).split(`client_reference_id=tl1_${line}`).length + (await page.evaluate((line) =>
    [...document.querySelectorAll("input")].filter(({ value }) => value.startsWith("tl1_" + line)).length, line)) - 1;
  for (const end of [() => Throughline.reset(), () => Throughline.consent({ storage: false })]) {
    await page.evaluate(() => Throughline.consent({ storage: true, marketing: true }) && Throughline.track("x"));
    await until("decoration", async () => (await shows((await ids(page)).join("_"))) == 4);
    await page.evaluate(() => Throughline.decorateCheckout(document.body)); // once more, at another time
    await page.evaluate(() => new Promise((done) => setTimeout(done, 50)));
    await page.evaluate(end);
    assert.equal(await html(), plain);
  }
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

test("a page view by hand is one more, with its properties and the page before it as referrer", async () => {
  stage.attributes += ' data-capture=""';
  const page = await open(visitor, stage.shop + kAd);
  const first = await page.evaluate(() => Throughline.page({ tier: "gold" }));
  const second = await page.evaluate(() => (history.pushState({}, "", "/film"), Throughline.page()));
  await pageViews(2);

  const views = stage.events("page_view");
  assert.deepEqual(views.map(({ id }) => id), [first, second]);
  assert.deepEqual(views.map(({ p, ev }) => [p, ev.nt, new URL(ev.u).pathname]), [[{ tier: "gold" }, undefined, "/landing"], [undefined, 3, "/film"]]);
  assert.equal(new URL(views[1].ev.r).pathname, "/landing");
});

test("debug() explains from then on what is dropped, until debug(false)", async () => {
  const page = await open(visitor, stage.shop + "/");
  const told = [];
  page.on("console", (message) => told.push(message.text()));
  const dropCircle = () => page.evaluate(() => {
    const circle = {};
    circle.self = circle;
    Throughline.track("circle", circle);
  });
  await dropCircle();
  await page.evaluate(() => Throughline.debug());
  await dropCircle();
  await until("the sentence", () => told.length);
  await page.evaluate(() => Throughline.debug(false));
  await dropCircle();
  await pageViews(1);

  assert.equal(told.length, 1, told.join());
  assert.match(told[0], /^Throughline: caught: TypeError.*circular/s);
});

test("a contact that names nobody is not sent; one that is no JSON stops nothing behind it", async () => {
  const page = await open(visitor, stage.shop + "/");
  await pageViews(1);
  await page.evaluate(() => {
    const circle = { email: "jana@mail.example" };
    circle.self = circle;
    for (const contact of [{}, { plan: "pro" }, { email: "" }, null, undefined, 5, circle]) Throughline.identify(contact);
    Throughline.identify({ userId: "u1", note: "\ud800" });
  });
  await until("the claim", () => stage.requests.some(({ path }) => path == "/api/identify"));
  await page.evaluate(() => Throughline.flush());
  const claims = stage.requests.filter(({ path }) => path == "/api/identify").map(({ body }) => body);
  assert.deepEqual(claims.map(({ user_id, traits }) => [user_id, traits]), [["u1", { note: "\ufffd" }]]);
  assert.deepEqual(page.errors, []);
});

test("video() throws at nothing", async () => {
  const page = await open(visitor, stage.shop + "/");
  await page.evaluate(() => {
    const hostile = new Proxy({}, { get() { throw new Error("trap"); }, ownKeys() { throw new Error("trap"); } });
    for (const one of [undefined, null, 5, document.body, hostile])
      for (const options of [undefined, null, 5, hostile]) Throughline.video(one, options);
  });
  await pageViews(1);
  assert.deepEqual(page.errors, []);
});
