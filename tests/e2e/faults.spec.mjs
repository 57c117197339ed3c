// SPDX-License-Identifier: Apache-2.0
// The faults that were measured in other attribution scripts and that ours must not have: fifteen, one test each,
// by the very words in which the fault was noted. From the browser's page to what the server stored.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { until } from "./report_client.mjs";
import { openStage } from "./opened_stage.mjs";
import { AD, newVisitor, newVisitorOfAd } from "./visitor.mjs";

// A shop of the same site, for pages that the demo has not: /go leads on at once, /link renders a link.
const shop = createServer((request, reply) => {
  const tag = `<script src="${stage.server}/throughline.js" data-site="demo" data-key="wk_demo" data-consent="granted"></script>`;
  const scripts = {
    "/go": 'location.replace("/home")',
    "/link": `const { url } = Throughline.checkoutStarted({ url: "https://buy.stripe.com/a" });
      document.write('<a id="pay" href="' + url + '" data-session="' + Throughline.getSessionId() + '">Pay</a>')`,
  };
  const { pathname } = new URL(request.url, "http://shop");
  reply.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(`<!doctype html><title>Shop</title>${tag}<script>${scripts[pathname] ?? ""}</script>`);
});
await new Promise((done) => shop.listen(0, "127.0.0.1", done));
after(() => (shop.closeAllConnections(), shop.close()));
const kShop = `http://127.0.0.1:${shop.address().port}`;

const { stage, browser } = await openStage({ origins: [kShop] });
const kUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const stored = (id, check = () => true) => until(async () => {
  const session = await stage.reports.session(id).catch(() => null);
  return session && check(session) && session;
}, `session ${id}`);
const named = ({ events }, name) => events.filter((event) => event.name === name);
const channelOf = async (path) => {
  const visitor = await newVisitor(browser, stage);
  await visitor.open(path);
  await visitor.accept();
  await visitor.flush();
  const { touches } = await stored((await visitor.ids()).sessionId);
  await visitor.close();
  return touches[0].channel;
};

/** All that the device holds for any site, but for what the demo site itself remembers. */
const heldBy = async (visitor) => {
  const { local, session, cookies } = await visitor.device();
  delete local.film_consent;
  return { local, session, cookies };
};
const kNothing = { local: {}, session: {}, cookies: [] };

// A visitor who has pressed no button yet, has done a few things, and has left the page.
const undecided = async () => {
  const visitor = await newVisitor(browser, stage);
  await visitor.open(`/${AD}`);
  await visitor.call("track", "looked");
  await visitor.call("identify", { email: "keeper@example.org" });
  return visitor;
};

test("device id stored before consent", async () => {
  const visitor = await undecided();
  assert.deepEqual(await visitor.ids(), { anonymousId: null, sessionId: null });
  assert.deepEqual(await heldBy(visitor), kNothing);
  await visitor.open("/watch/");
  assert.deepEqual(await heldBy(visitor), kNothing);
  assert.deepEqual(visitor.sent, []);
  await visitor.close();
});

test("pending events with click ids in localStorage before consent", async () => {
  const visitor = await newVisitor(browser, stage);
  await visitor.context.route(`${stage.server}/api/**`, (route) => route.abort()); // nothing could leave, either
  await visitor.open(`/${AD}`);
  await visitor.call("track", "looked");
  await visitor.flush();
  const held = JSON.stringify(await visitor.device());
  await visitor.open("/watch/"); // a page that goes keeps nothing for the next
  for (const text of [held, JSON.stringify(await visitor.device())]) assert.doesNotMatch(text, /gclid|Cj0KCQiA|looked|tl_q/);
  await visitor.close();
});

test("new session id on accepting cookies", async () => {
  const visitor = await undecided();
  await visitor.accept();
  const accepted = await visitor.ids();
  assert.match(accepted.sessionId, kUuid);
  for (const marketing of [true, false, true]) {
    await visitor.call("consent", { storage: true, marketing });
    assert.deepEqual(await visitor.ids(), accepted);
  }
  await visitor.flush();
  await visitor.reload();
  assert.deepEqual(await visitor.ids(), accepted);
  const session = await stored(accepted.sessionId, (s) => named(s, "page_view").length === 2);
  assert.equal(named(session, "looked").length, 1); // of before the choice
  await visitor.close();
});

test("campaign lost on redirect or when consent comes late", async () => {
  const late = await newVisitor(browser, stage);
  await late.open(`/${AD}`);
  await late.page.evaluate(() => history.pushState({}, "", "/chapter-two")); // the address forgets it
  await late.page.waitForTimeout(600);
  await late.accept();
  await late.flush();
  const { touches } = await stored((await late.ids()).sessionId);
  assert.deepEqual(touches.map(({ campaign, click_ids: { gclid } }) => [campaign, gclid]), [["spring-premiere", "Cj0KCQiA-demo"]]);
  await late.close();

  // A page that leads on to another, which knows nothing of how the visitor came.
  const sent = await newVisitor(browser, { ...stage, site: kShop });
  await sent.page.goto(`${kShop}/go?utm_source=newsletter&utm_medium=email&utm_campaign=letter`);
  await sent.page.waitForURL(`${kShop}/home`);
  await sent.page.waitForFunction(() => window.Throughline?.getSessionId?.());
  await sent.flush();
  const redirected = await stored((await sent.ids()).sessionId, (s) => named(s, "page_view").length === 2);
  assert.deepEqual(redirected.touches.map(({ channel, campaign }) => [channel, campaign]), [["email", "letter"]]);
  await sent.close();
});

test("campaign overwritten by returning from the payment page", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  const ids = await visitor.ids();
  await visitor.context.route("https://checkout.stripe.com/**", (route) =>
    route.fulfill({ contentType: "text/html", headers: { "referrer-policy": "unsafe-url" }, body: `<a id="back" href="${stage.site}/thanks/">back</a>` }));
  await visitor.page.goto("https://checkout.stripe.com/c/pay/cs_1");
  await Promise.all([visitor.page.waitForURL(/thanks/), visitor.page.click("#back")]);
  await visitor.page.waitForFunction(() => window.Throughline?.getSessionId?.());
  assert.match(await visitor.page.evaluate(() => document.referrer), /checkout\.stripe\.com/);
  assert.deepEqual(await visitor.ids(), ids);
  assert.equal((await visitor.call("getAttribution")).last.campaign, "spring-premiere");
  await visitor.flush();
  const session = await stored(ids.sessionId, (s) => named(s, "page_view").length === 2);
  assert.equal(session.touches.length, 1);
  await visitor.close();
});

test("history re-attributed by a later visit", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  await visitor.open("/donate/");
  await visitor.donate({ amount: 31 });
  await visitor.pay({ email: "history@example.org" });
  await visitor.reference();
  const ordered = (minor = 3100) => until(async () => (await stage.reports.conversions()).find((item) => item.amount_minor === minor), "the order");
  const credited = async () => {
    const { id, first_touch, last_touch, touches } = await ordered();
    return { first_touch, last_touch, touches, credits: (await stage.reports.conversion(id)).credits };
  };
  const before = await credited();
  assert.equal(before.last_touch.campaign, "spring-premiere");

  // Stripe tells whole seconds: what comes within the order's own counts as before it.
  const { occurred_at } = await ordered();
  await until(() => Date.now() > Date.parse(occurred_at), "the next second");
  await visitor.open("/?utm_source=newsletter&utm_medium=email&utm_campaign=winter-letter");
  await visitor.call("identify", { email: "history@example.org" });
  await visitor.flush();
  await stored((await visitor.ids()).sessionId);
  assert.deepEqual(await credited(), before);

  // A second order from another browser makes the two one person, whose credits are made again.
  const other = await newVisitor(browser, stage);
  await other.open("/?utm_source=newsletter&utm_medium=email&utm_campaign=winter-letter");
  await other.accept();
  await other.open("/donate/");
  await other.donate({ amount: 32 });
  await other.pay({ email: "history@example.org" });
  await other.reference();
  assert.equal((await ordered(3200)).touches, 3); // of both browsers
  assert.deepEqual(await credited(), before);
  for (const one of [visitor, other]) await one.close();
});

test("gclid-only visits counted as direct", async () => {
  assert.equal(await channelOf("/?gclid=Cj0KCQiA-only"), "paid_search");
});

test("fbclid counted as paid", async () => {
  assert.equal(await channelOf("/?fbclid=IwAR0-only"), "organic_social");
});

test("double counting on route changes and on re-init", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  await visitor.page.evaluate(async () => {
    history.pushState({}, "", "/one");
    history.replaceState({ scroll: 10 }, "", "/one"); // frameworks do so to remember how far was scrolled
    history.pushState({}, "", "/one#part");
    Throughline.init({ site: "demo", key: "wk_demo", consent: "granted" });
    const { src, dataset } = document.querySelector("script[data-site]");
    const tag = document.createElement("script");
    Object.assign(tag.dataset, dataset);
    await new Promise((done) => {
      Object.assign(tag, { src, onload: done });
      document.head.append(tag);
    });
    history.pushState({}, "", "/two");
  });
  await visitor.flush();
  const session = await stored((await visitor.ids()).sessionId, (s) => named(s, "page_view").length >= 3);
  await visitor.page.waitForTimeout(1200); // what comes within a second would come now
  await visitor.flush();
  assert.deepEqual(visitor.events().filter(({ n }) => n === "page_view").map(({ ev }) => new URL(ev.u).pathname), ["/", "/one", "/two"]);
  assert.equal(named(session, "page_view").length, 3);
  await visitor.close();
});

test("request lost when the click navigates away", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  const { sessionId } = await visitor.ids();
  await visitor.flush();
  await visitor.page.evaluate(() => {
    const link = document.createElement("a");
    Object.assign(link, { id: "away", href: "/thanks/", textContent: "away" });
    link.addEventListener("click", () => Throughline.track("went_away"));
    document.querySelector("main").prepend(link);
  });
  await Promise.all([visitor.page.waitForURL(/thanks/), visitor.page.evaluate(() => document.querySelector("#away").click())]);
  await visitor.page.goto("about:blank"); // nor does the next page send it
  assert.equal(named(await stored(sessionId, (s) => named(s, "went_away").length), "went_away").length, 1);
  await visitor.close();
});

test("lost events on a failed POST", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  await visitor.flush();
  const { sessionId } = await visitor.ids();
  let failures = 0;
  await visitor.context.route(`${stage.server}/api/events`, (route) =>
    failures++ === 0 ? route.fulfill({ status: 503, headers: { "access-control-allow-origin": stage.site, "access-control-allow-credentials": "true" } }) : failures === 2 ? route.abort() : route.fallback());
  await visitor.call("track", "kept_1");
  await visitor.flush();
  await visitor.call("track", "kept_2");
  const session = await stored(sessionId, (s) => named(s, "kept_1").length && named(s, "kept_2").length);
  assert.ok(failures >= 3, `${failures} posts`);
  assert.deepEqual([named(session, "kept_1").length, named(session, "kept_2").length], [1, 1]);
  await visitor.close();
});

test("stale sub-domain storage overriding the shared cookie", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  await visitor.flush();
  // The visit went on at another sub-domain, where the cookie was told of it; this one's storage has an older one.
  const ids = await visitor.ids();
  const shared = (await visitor.context.cookies(stage.site)).find(({ name }) => name === "tl.demo");
  assert.ok(shared?.value.includes(ids.sessionId), "the server's cookie is there");
  const [, , start] = shared.value.split(".");
  const old = ["01900000-0000-7000-8000-00000000000a", "01900000-0000-7000-8000-00000000000b", start - 36e5, start - 35e5, 1].join(".");
  await visitor.page.evaluate((line) => localStorage.setItem("tl.demo", line), old);
  await visitor.open("/watch/");
  assert.deepEqual(await visitor.ids(), ids);
  await visitor.flush();
  await stored(ids.sessionId, (s) => named(s, "page_view").length === 2);
  await visitor.close();
});

test("ids undefined when the link is rendered", async () => {
  const visitor = await newVisitor(browser, { ...stage, site: kShop });
  await visitor.open("/link");
  const { sessionId, anonymousId } = await visitor.ids();
  const [href, session] = await visitor.page.locator("#pay").evaluate((link) => [link.href, link.dataset.session]);
  assert.match(session, kUuid);
  assert.equal(session, sessionId);
  assert.ok(new URL(href).searchParams.get("client_reference_id").startsWith(`tl1_${anonymousId}_${sessionId}_`), href);
  await visitor.flush();
  await stored(sessionId);
  await visitor.close();
});

test("identities of two tabs or two people mixed after `reset`", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  await visitor.flush();
  const former = await visitor.ids();
  const tab = await visitor.openTab("/watch/");
  await tab.flush();
  assert.deepEqual(await tab.ids(), former);

  await visitor.call("reset");
  await until(async () => (await tab.ids()).sessionId === null, "the other tab to hear of it");
  await visitor.call("track", "of_next_person", { tab: 1 });
  await visitor.flush();
  const next = await visitor.ids();
  await tab.call("track", "of_next_person", { tab: 2 });
  await tab.flush();
  assert.deepEqual(await tab.ids(), next); // two tabs are still one
  assert.ok(next.anonymousId !== former.anonymousId && next.sessionId !== former.sessionId);

  const theirs = await stored(next.sessionId, (s) => named(s, "of_next_person").length === 2);
  assert.equal(theirs.anonymous_id, next.anonymousId);
  assert.equal(named(await stored(former.sessionId), "of_next_person").length, 0);
  const { sessions } = await stage.reports.visitor(next.anonymousId);
  assert.deepEqual(sessions.map(({ id }) => id), [next.sessionId]);
  await visitor.close();
});

test("referrer of a single-page route being the previous route", async () => {
  const visitor = await newVisitor(browser, stage);
  await visitor.page.route("https://www.google.com/**", (route) => route.fulfill({ contentType: "text/html", headers: { "referrer-policy": "unsafe-url" }, body: `<a id="go" href="${stage.site}/">The Long Light</a>` }));
  await visitor.page.goto("https://www.google.com/search");
  await Promise.all([visitor.page.waitForURL(`${stage.site}/`), visitor.page.click("#go")]);
  await visitor.page.waitForSelector("[data-consent-accept]");
  await visitor.accept();
  await visitor.page.evaluate(() => history.pushState({}, "", "/credits"));
  await visitor.flush();
  const { sessionId } = await visitor.ids();
  const { touches } = await stored(sessionId, (s) => named(s, "page_view").length === 2);
  assert.deepEqual(touches.map(({ channel, referrer_domain: domain }) => [channel, domain]), [["organic_search", "www.google.com"]]);
  const { ev } = visitor.events().findLast(({ n }) => n === "page_view");
  assert.equal(ev.nt, 3); // so neither side takes the page left for a referrer
  // What destinations are told of the route: whoever led to the visit, or nobody.
  const told = await until(() => stage.sandbox.received().posthog.accepted.find(({ event }) => event.properties.$current_url?.endsWith("/credits")), "the view at PostHog");
  assert.deepEqual([told.event.properties.$referring_domain, told.event.properties.$set_once.$initial_referring_domain], ["www.google.com", "www.google.com"]);
  await visitor.close();
});
