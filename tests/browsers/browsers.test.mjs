// SPDX-License-Identifier: Apache-2.0
// What the SDK must do in every engine, in Firefox ESR and in WebKitGTK: the built script against the
// recording endpoint of its own tests. Chromium has those tests whole (sdk-wasm/test); these are the
// essential ones. Every test is a visitor of its own: another loopback address is another site.
// tools/setup --browsers installs both; tools/test --browsers runs this among the rest.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { openShop, until } from "../../sdk-wasm/test/shop.mjs";
import { engines } from "./engines.mjs";

const kAd = "/landing?utm_source=google&utm_medium=cpc&utm_campaign=spring&gclid=Abc-123&secret=1";
const kUuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const kCollectErrors = `<script>errors = []; addEventListener("error", (event) => errors.push(event.message));
  addEventListener("unhandledrejection", (event) => errors.push(String(event.reason)))</script>`;
const kNoWasm = "script-src 'self' 'unsafe-inline'";
const kPlain = "/plain"; // the same site without the script

const ids = () => [Throughline.getAnonymousId(), Throughline.getSessionId()];
const device = () => ({ local: { ...localStorage }, session: { ...sessionStorage }, cookie: document.cookie });
const kNothing = { local: {}, session: {}, cookie: "" };

let sites = 1;
for (const [name, engine] of Object.entries(engines))
  describe(name, () => {
    let browser;
    before(async () => {
      assert.ok(engine.isThere(), `${name} is missing: tools/setup --browsers installs it`);
      browser = await engine.start();
    });
    after(() => browser?.close());

    // `visit`: gets the shop, opens a path of it and runs functions there; what the page threw fails the test.
    const visitor = (sentence, visit) =>
      test(sentence, async () => {
        const shop = await openShop(`127.0.0.${++sites}`);
        shop.before = kCollectErrors;
        const page = { open: (path) => browser.open(shop.shop + path), run: browser.run };
        try {
          await visit(shop, page);
          assert.deepEqual(await page.run(() => window.errors ?? []), []);
        } finally {
          await browser.open("about:blank");
          shop.close();
        }
      });
    const arrived = (shop, event, count = 1) => until(`${count} × ${event}`, () => shop.events(event).length >= count);

    visitor("the session is there in the next statement, and the page view carries it", async (shop, page) => {
      await page.open(kAd);
      await arrived(shop, "page_view");
      const [anonymousId, sessionId] = await page.run(ids);
      assert.match(anonymousId, kUuid7);
      assert.match(sessionId, kUuid7);
      assert.equal(await page.run(() => window.atOnce), sessionId);
      const [{ aid, sid, seq, why, ev }] = shop.events();
      assert.deepEqual([aid, sid, seq, why], [anonymousId, sessionId, 1, "first"]);
      assert.deepEqual([ev.u, ev.ti], [shop.shop + kAd.replace("&secret=1", ""), "Käse ☕"]);
      assert.equal(shop.batches()[0].rv, 1);
      assert.equal(shop.requests[0].headers["content-type"], "text/plain;charset=UTF-8"); // no preflight
    });

    visitor("campaign and click id are kept over a reload and a later visit without any", async (shop, page) => {
      await page.open(kAd);
      await arrived(shop, "page_view");
      const first = await page.run(ids);
      await page.open("/other");
      await arrived(shop, "page_view", 2);
      assert.deepEqual(await page.run(ids), first);
      const [landing, other] = shop.events("page_view");
      assert.deepEqual(landing.touch, { source: "google", medium: "cpc", campaign: "spring", gclid: "Abc-123" });
      assert.deepEqual([other.why, other.touch, other.ev.prev.sid], ["same", undefined, first[1]]);
      const touches = await page.run(() => Throughline.getAttribution());
      assert.deepEqual([touches.first.gclid, touches.last.campaign], ["Abc-123", "spring"]);
    });

    visitor("a refusal stores nothing and sends one coarse count without any id", async (shop, page) => {
      shop.attributes = 'data-consent="denied"';
      await page.open(kAd);
      const told = await page.run(() => [Throughline.track("x"), Throughline.getSessionId(), Throughline.getAnonymousId()]);
      await arrived(shop, "page_view");
      assert.deepEqual([told, await page.run(device)], [[null, null, null], kNothing]);
      await page.open(kPlain); // what would leave with the page has left
      await page.run(() => fetch("/api/last", { method: "POST", body: "{}" }).then(() => null));
      assert.deepEqual(await page.run(device), kNothing);
      assert.deepEqual(shop.requests.map(({ path, cookie }) => [path, cookie]), [["/api/events", undefined], ["/api/last", undefined]]);
      const { an, t, ...rest } = shop.events()[0];
      assert.deepEqual(rest, { n: "page_view", seq: 1, c: { s: 0, m: 0 } });
      assert.deepEqual(an.cl, ["gclid"]);
    });

    visitor("accepted later: one session, what waited is sent once, no second page view", async (shop, page) => {
      shop.attributes = 'data-consent="manual"';
      await page.open(kAd);
      await page.run(() => void Throughline.track("played", { at: 1 }));
      assert.deepEqual([await page.run(device), shop.requests], [kNothing, []]);
      await page.run(() => {
        Throughline.consent({ storage: true, marketing: true });
        Throughline.consent({ storage: true, marketing: true });
        Throughline.track("later");
      });
      await arrived(shop, "later");
      const [, sessionId] = await page.run(ids);
      assert.deepEqual(shop.events().map(({ n, sid, why }) => [n, sid, why]), [["page_view", sessionId, "consent"], ["played", sessionId, "same"], ["later", sessionId, "same"]]);
      assert.equal(shop.events()[0].touch.gclid, "Abc-123");
      await until("the receipt", () => shop.requests.some(({ path }) => path == "/api/consent"));
    });

    visitor("a withdrawal leaves the refusal alone, and tells the server whose it is", async (shop, page) => {
      await page.open("/");
      await page.run(() => Throughline.flush().then(() => null));
      const [anonymousId] = await page.run(ids);
      await page.run(() => void Throughline.consent({ storage: false, marketing: false }));
      await until("the withdrawal", () => shop.requests.some(({ path }) => path == "/api/consent"));
      await until("its answer", async () => (await page.run(device)).local["tl_consent.demo"] == '{"s":0,"m":0}');
      assert.deepEqual(Object.keys((await page.run(device)).local), ["tl_consent.demo"]);
      const { body } = shop.requests.find(({ path }) => path == "/api/consent");
      assert.deepEqual([body.anonymous_id, body.consent], [anonymousId, { s: 0, m: 0 }]);
    });

    visitor("a platform on the page is followed (Consent Mode)", async (shop, page) => {
      shop.attributes = 'data-consent="auto"';
      shop.before += `<script>dataLayer = []; function gtag() { dataLayer.push(arguments) }
        gtag("consent", "default", { analytics_storage: "denied", ad_storage: "denied", ad_user_data: "denied" })</script>`;
      await page.open("/");
      assert.deepEqual(await page.run(device), kNothing);
      await page.run(() => void gtag("consent", "update", { analytics_storage: "granted", ad_storage: "granted", ad_user_data: "granted" }));
      await arrived(shop, "page_view");
      assert.deepEqual([shop.events().length, shop.events()[0].why, await page.run(() => Throughline.consent())], [1, "consent", { storage: true, marketing: true }]);
    });

    visitor("route changes are page views whose referrer is the page left", async (shop, page) => {
      await page.open("/landing");
      await page.run(() => {
        history.pushState({}, "", "/film?scene=2#top");
        history.pushState({}, "", "#bottom"); // fragment alone
        history.replaceState({}, "", "/donate");
      });
      await page.run(() => new Promise((done) => (addEventListener("popstate", () => done(1)), history.back())));
      await arrived(shop, "page_view", 4);
      const routes = shop.events("page_view").slice(1);
      assert.deepEqual(routes.map(({ ev }) => [ev.u, ev.r].map((url) => new URL(url).pathname)), [["/film", "/landing"], ["/donate", "/film"], ["/film", "/donate"]]);
    });

    visitor("what was told last leaves with the page, by beacon", async (shop, page) => {
      await page.open("/");
      await arrived(shop, "page_view");
      await page.run(() => void Throughline.track("last_words"));
      await page.open(kPlain);
      await arrived(shop, "page_leave");
      assert.deepEqual(shop.events().map(({ n }) => n), ["page_view", "last_words", "page_leave"]);
    });

    visitor("what could not be sent stays on the device and is sent by the next page, once", async (shop, page) => {
      shop.respond = () => ({ status: 0 });
      await page.open("/first");
      await until("the queue is kept", async () => JSON.parse((await page.run(device)).local["tl_q.demo"] ?? "[]").length > 0);
      await page.open(kPlain);
      shop.respond = () => ({ status: 202, answer: {} });
      await page.open("/second");
      await until("both pages", () => new Set(shop.events("page_view").map(({ ev }) => ev.u)).size == 2);
      await until("an empty queue", async () => (await page.run(device)).local["tl_q.demo"] === undefined);
      // A beacon on its way may tell an event too; the server knows it by its id.
      const views = shop.events("page_view").map(({ id, ev }) => `${id} ${ev.u}`);
      assert.equal(new Set(views).size, 2);
    });

    visitor("a page that blocks WebAssembly decides as any other", async (shop, page) => {
      shop.csp = kNoWasm;
      await page.open(kAd);
      await arrived(shop, "page_view");
      const [anonymousId, sessionId] = await page.run(ids);
      assert.match(sessionId, kUuid7);
      const [{ aid, sid, why, touch }] = shop.events("page_view");
      assert.deepEqual([aid, sid, why, touch.gclid], [anonymousId, sessionId, "first", "Abc-123"]);
      assert.equal(shop.batches()[0].rv, 1);
    });

    visitor("without any core a page works by evidence", async (shop, page) => {
      const [aid, sid] = ["01900000-0000-7000-8000-000000000002", "01a00000-0000-7000-8000-000000000003"];
      shop.csp = kNoWasm;
      shop.named = (path) => (path.endsWith(".j.js") ? "/missing" : path);
      shop.respond = () => ({ status: 202, answer: { token: "t9", anonymous_id: aid, session_id: sid } });
      await page.open(kAd.replace("/landing", "/film/mail%40example.com"));
      await until("the ids", async () => (await page.run(ids))[1] == sid);
      await page.run(() => void Throughline.track("later"));
      await arrived(shop, "later");
      assert.deepEqual(new Set(shop.batches().map(({ rv }) => rv)), new Set([0]));
      const [view] = shop.events("page_view");
      assert.deepEqual([view.sid, view.ev.u], [undefined, `${shop.shop}/film/*?utm_source=google&utm_medium=cpc&utm_campaign=spring&gclid=Abc-123`]);
      assert.deepEqual(shop.events("later")[0].ev.prev.sid, sid);
    });

    visitor("the ids travel into the checkout: links, forms, hidden fields", async (shop, page) => {
      shop.html = `<a href="https://buy.stripe.com/test?x=1">pay</a><form action="https://buy.stripe.com/form"></form><form><input name="tl_session_id"></form>`;
      await page.open("/");
      const [anonymousId, sessionId] = await page.run(ids);
      await page.run(() => Throughline.decorateCheckout());
      await until("decoration", () => page.run(() => Boolean(document.querySelector("form input[type=hidden]"))));
      const [link, field, hidden] = await page.run(() => [document.querySelector("a").href, document.querySelector("[type=hidden]").value, document.querySelector("[name=tl_session_id]").value]);
      const reference = new URL(link).searchParams.get("client_reference_id");
      assert.ok(reference.startsWith(`tl1_${anonymousId}_${sessionId}_`));
      assert.deepEqual([field, hidden], [reference, sessionId]);
    });

    visitor("an e-mail leaves as its hash alone", async (shop, page) => {
      shop.attributes += ' data-hash-contact="true"';
      await page.open("/");
      await page.run(() => void Throughline.identify({ email: " Jana@Example.com " }));
      await until("the claim", () => shop.requests.some(({ path }) => path == "/api/identify"));
      const { body } = shop.requests.find(({ path }) => path == "/api/identify");
      assert.deepEqual([body.email, body.email_sha256], [undefined, createHash("sha256").update("jana@example.com").digest("hex")]);
    });

    visitor("captures tell of links, forms and scrolling", async (shop, page) => {
      shop.attributes += ' data-capture="page outbound form scroll"';
      shop.html = `<a href="https://other.example/a?secret=1">out</a><form id="ask" onsubmit="return false"><input value="secret"><button>send</button></form><div style="height: 5000px"></div>
        <script>document.querySelector("a").onclick = () => false</script>`;
      await page.open("/");
      await until("all three", async () => {
        await page.run(() => {
          scrollTo(0, document.body.scrollHeight);
          document.querySelector("a").click();
          document.querySelector("button").click();
        });
        return shop.events("click").length && shop.events("form_submit").length && shop.events("scroll_depth").length;
      });
      assert.equal(shop.events("click")[0].p.link_url, "https://other.example/a");
      assert.deepEqual(shop.events("form_submit")[0].p, { form_id: "ask" });
      assert.doesNotMatch(JSON.stringify(shop.requests.map((request) => request.body)), /secret/);
    });
  });
