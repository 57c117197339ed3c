// SPDX-License-Identifier: Apache-2.0
// @throughline/web/server: capture without a script in the page, against a recording endpoint.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { edgeWorld } from "./edge_world.mjs";

const folder = process.env.TL_SDK ?? new URL("../../build/sdk", import.meta.url).pathname;
const { init } = await import(`${folder}/web/dist/server.mjs`);

const kAd = "https://shop.example/landing?utm_source=google&utm_medium=cpc&gclid=Abc-123&secret=1";
const kUuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

// An endpoint that records; `answer` may be replaced.
const endpoint = () => {
  const recorder = {
    requests: [],
    answer: () => Response.json({ accepted: 1, token: "v1.k.token" }, { status: 202 }),
    fetch: async (url, { headers, body }) => {
      recorder.requests.push({ path: new URL(url).pathname, headers, body: JSON.parse(body) });
      return recorder.answer(recorder.requests.at(-1).body);
    },
    events: () => recorder.requests.flatMap(({ body }) => body.e ?? []),
  };
  return recorder;
};
const options = (recorder, more) => ({ site: "demo", key: "wk_demo", endpoint: "https://t.shop.example/", fetch: recorder.fetch, ...more });

// A browser as far as requests tell of it: keeps cookies, sends them again.
const browser = (server) => {
  const jar = new Map();
  return {
    jar,
    async open(url, headers = {}, page = () => new Response("page")) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const request = new Request(url, { headers: { "sec-fetch-dest": "document", "user-agent": "Test/1", ...(cookie && { cookie }), ...headers } });
      let visit;
      const answer = await server.middleware(request, (met) => ((visit = met), page(met)));
      await visit.sent;
      this.keep(answer.headers.getSetCookie());
      return { visit, answer, set: answer.headers.getSetCookie() };
    },
    keep(cookies) {
      for (const cookie of cookies) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
        if (value) jar.set(name, value);
        else jar.delete(name);
      }
    },
  };
};

test("a visit from an ad is one decided page view and cookies that no script can read", async () => {
  const recorder = endpoint();
  const { visit, set } = await browser(init(options(recorder, { consent: "granted" }))).open(kAd, { referer: "https://www.google.com/" });

  assert.match(visit.anonymousId, kUuid7);
  assert.match(visit.sessionId, kUuid7);
  const [{ path, headers, body }] = recorder.requests;
  assert.deepEqual([path, headers["user-agent"], body.rv, body.site, body.key], ["/api/events", "Test/1", 1, "demo", "wk_demo"]);
  const [event] = body.e;
  assert.deepEqual([event.n, event.aid, event.sid, event.why, event.c], ["page_view", visit.anonymousId, visit.sessionId, "first", { s: 1, m: 1 }]);
  assert.equal(event.ev.u, kAd.replace("&secret=1", ""));
  assert.equal(event.ev.r, "https://www.google.com/");
  assert.deepEqual(event.touch, { source: "google", medium: "cpc", gclid: "Abc-123" });
  assert.equal(body.pf, body.pn);
  assert.deepEqual(set.map((cookie) => cookie.split("=")[0]), ["tl.demo", "tl_tok.demo"]);
  for (const cookie of set) assert.match(cookie, /; Path=\/; Max-Age=31536000; SameSite=Lax; Secure; HttpOnly$/);
});

test("cookies of former names, without the site, move where they are this site's, and stay where they are another's", async () => {
  const line = "01900000-0000-7000-8000-000000000001.01900000-0000-7000-8000-000000000002." + [Date.now() - 9e5, Date.now() - 6e5].join(".") + ".1";
  for (const isOwn of [true, false]) {
    const recorder = endpoint();
    const own = recorder.answer;
    if (!isOwn) recorder.answer = (body) => (body.tok == "v1.k.former" ? Response.json({ accepted: 1, token: null }, { status: 202, headers: { "x-throughline": "forged" } }) : own(body));
    const visitor = browser(init(options(recorder, { consent: "granted" })));
    for (const [name, value] of [["tl", line], ["tl_tok", "v1.k.former"], ["tl_pf", "ab".repeat(16)]]) visitor.jar.set(name, value);
    const { visit } = await visitor.open("https://shop.example/");
    assert.equal(recorder.requests[0].body.tok, "v1.k.former");
    await visitor.open("https://shop.example/film");

    assert.deepEqual([...visitor.jar.keys()].sort(), isOwn ? ["tl.demo", "tl_tok.demo"] : ["tl", "tl.demo", "tl_pf", "tl_tok", "tl_tok.demo"]);
    assert.equal(visitor.jar.get("tl_tok.demo"), "v1.k.token");
    assert.equal(visit.anonymousId, isOwn ? line.slice(0, 36) : null);
    assert.equal(visitor.jar.get("tl.demo").startsWith(line.slice(0, 36)), isOwn);
  }
});

test("a session's cookie of the former name is nobody's without a token beside it, which tells whose it is", async () => {
  const line = "01900000-0000-7000-8000-000000000001.01900000-0000-7000-8000-000000000002." + [Date.now() - 9e5, Date.now() - 6e5].join(".") + ".1";
  for (const more of [[], [["tl_tok.demo", "v1.k.own"]], [["tl_pf", "ab".repeat(16)]]]) {
    const recorder = endpoint();
    const visitor = browser(init(options(recorder, { consent: "granted" })));
    for (const [name, value] of [["tl", line], ...more]) visitor.jar.set(name, value);
    const { visit } = await visitor.open("https://shop.example/");
    assert.notEqual(visit.anonymousId, line.slice(0, 36));
    assert.ok(!JSON.stringify(recorder.requests[0].body).includes(line.slice(0, 36)));
    assert.equal(visitor.jar.get("tl"), line);
  }
});

test("what an answer without a token has left beside former cookies goes with the next that has one", async () => {
  const recorder = endpoint();
  const answer = recorder.answer;
  const line = "01900000-0000-7000-8000-000000000001.01900000-0000-7000-8000-000000000002." + [Date.now() - 9e5, Date.now() - 6e5].join(".") + ".1";
  const visitor = browser(init(options(recorder, { consent: "granted" })));
  for (const [name, value] of [["tl", line], ["tl_tok", "v1.k.former"]]) visitor.jar.set(name, value);
  recorder.answer = () => Response.json({ accepted: 1, token: null }, { status: 202 });
  await visitor.open("https://shop.example/");
  assert.deepEqual([...visitor.jar.keys()].sort(), ["tl", "tl.demo", "tl_tok"]);
  recorder.answer = answer;
  await visitor.open("https://shop.example/film");
  assert.deepEqual([...visitor.jar.keys()].sort(), ["tl.demo", "tl_tok.demo"]);
  assert.ok(visitor.jar.get("tl.demo").startsWith(line.slice(0, 36)));
});

test("a refusal of a former name stands until the visitor chooses anew", async () => {
  const recorder = endpoint();
  const server = init(options(recorder));
  const visitor = browser(server);
  visitor.jar.set("tl_consent", "%7B%22s%22%3A0%2C%22m%22%3A0%7D");
  const choose = async (state) => {
    const visit = await server.visit(new Request("https://shop.example/", { headers: { cookie: [...visitor.jar].map((pair) => pair.join("=")).join("; ") } }));
    const before = visit.consent();
    visit.consent(state);
    visitor.keep(visit.cookies);
    return before.storage;
  };
  assert.equal(await choose({ storage: false }), false);
  assert.deepEqual([...visitor.jar.keys()], ["tl_consent.demo"]);
  assert.equal(await choose({ storage: true, marketing: true }), false);
  assert.deepEqual([...visitor.jar.keys()].filter((name) => name.includes("consent")), []);
});

test("the next request goes on with the session, makes no touch and brings the token", async () => {
  const recorder = endpoint();
  const visitor = browser(init(options(recorder, { consent: "granted" })));
  const first = (await visitor.open(kAd)).visit;
  const second = (await visitor.open("https://shop.example/film", { referer: kAd })).visit;

  assert.deepEqual([second.anonymousId, second.sessionId], [first.anonymousId, first.sessionId]);
  const [, { body }] = recorder.requests;
  assert.deepEqual([body.tok, body.pf], ["v1.k.token", undefined]);
  assert.deepEqual([body.e[0].why, body.e[0].touch, body.e[0].ev.prev.sid], ["same", undefined, first.sessionId]);
  assert.notEqual(body.e[0].id, recorder.events()[0].id);
});

for (const consent of [undefined, null, { storage: null }, () => undefined, () => { throw new Error("banner"); }])
  test(`consent ${consent ?? String(consent)}: no id, no cookie, no request`, async () => {
    const recorder = endpoint();
    const { visit, set } = await browser(init(options(recorder, { consent }))).open(kAd);
    assert.deepEqual([visit.anonymousId, visit.sessionId, visit.track("x"), visit.consent()], [null, null, null, { storage: null, marketing: null }]);
    assert.deepEqual(visit.checkoutStarted({ url: "https://buy.stripe.com/a" }), { url: "https://buy.stripe.com/a", metadata: {}, clientReferenceId: null });
    assert.deepEqual([set, recorder.requests], [[], []]);
  });

test("refused: one coarse count without any id", async () => {
  const recorder = endpoint();
  const { set } = await browser(init(options(recorder, { consent: "denied" }))).open(kAd);
  assert.deepEqual(set, []);
  const [{ body }] = recorder.requests;
  const [{ t, an, ...rest }] = body.e;
  assert.deepEqual(rest, { n: "page_view", seq: 1, c: { s: 0, m: 0 } });
  assert.equal(t % 3_600_000, 0);
  assert.deepEqual(an, { source: "google", medium: "cpc", path: "/landing", cl: ["gclid"] });
  assert.deepEqual([body.tok, body.pf, body.ck], [undefined, undefined, {}]);
});

test("storage without marketing: click ids lose their values, vendor cookies stay here", async () => {
  const recorder = endpoint();
  const visitor = browser(init(options(recorder, { consent: () => ({ storage: true, marketing: false }) })));
  visitor.jar.set("_fbp", "fb.1.2.3");
  await visitor.open(kAd);
  const [{ body }] = recorder.requests;
  assert.deepEqual([body.e[0].c, body.e[0].touch.gclid, body.ck], [{ s: 1, m: 0 }, "*", {}]);
});

test("with marketing consent the vendor cookies go along; Global Privacy Control ends that", async () => {
  for (const [headers, ck] of [[{}, { fbp: "fb.1.2.3", epik: "dj0y", li_fat_id: "8f2a" }], [{ "sec-gpc": "1" }, {}]]) {
    const recorder = endpoint();
    const visitor = browser(init(options(recorder, { consent: "granted" })));
    for (const [name, value] of [["_fbp", "fb.1.2.3"], ["_epik", "dj0y"], ["li_fat_id", "8f2a"]]) visitor.jar.set(name, value);
    await visitor.open(kAd, headers);
    assert.deepEqual(recorder.requests[0].body.ck, ck);
    assert.equal(recorder.events()[0].c.o, headers["sec-gpc"] && 1);
  }
});

test("a refusal at the site's banner takes the cookies, tells the server, and is kept", async () => {
  const recorder = endpoint();
  const server = init(options(recorder, { consent: "granted" }));
  const visitor = browser(server);
  const { visit: before } = await visitor.open(kAd);
  const { anonymousId } = before;
  const visit = await server.visit(new Request("https://shop.example/consent", { method: "POST", headers: { cookie: [...visitor.jar].map((pair) => pair.join("=")).join("; ") } }));
  assert.deepEqual(visit.consent({ storage: false }, { platform: "banner", textVersion: "3" }), { storage: false, marketing: false });
  visitor.keep(visit.cookies);
  await visit.sent;

  assert.deepEqual([...visitor.jar], [["tl_consent.demo", "%7B%22s%22%3A0%2C%22m%22%3A0%7D"]]);
  assert.deepEqual([visit.anonymousId, visit.track("x")], [null, null]);
  const { path, body } = recorder.requests.at(-1);
  const { t, ...rest } = body;
  assert.equal(path, "/api/consent");
  assert.deepEqual(rest, { site: "demo", write_key: "wk_demo", consent: { s: 0, m: 0 }, platform: "banner", text_version: "3", anonymous_id: anonymousId, token: "v1.k.token" });
  recorder.requests.length = 0;
  await visitor.open(kAd);
  assert.deepEqual(recorder.events().map(({ aid, an }) => [aid, !!an]), [[undefined, true]]);
});

test("only a plain yes is one, at the banner and in the option", async () => {
  const open = async (consent, then) => {
    const recorder = endpoint();
    const visitor = browser(init(options(recorder, { consent })));
    const { visit } = await visitor.open(kAd, {}, (met) => (then?.(met), new Response("page")));
    assert.equal(visitor.jar.size > 0 && recorder.events().some(({ aid }) => aid), visit.consent().storage === true);
    return visit.consent();
  };
  for (const word of ["denied", "no", "false", "", "Granted", 0, 1, {}, []]) {
    const refused = await open(undefined, (visit) => visit.consent({ storage: word, marketing: word }));
    assert.deepEqual(refused, { storage: false, marketing: false }, JSON.stringify(word));
    assert.deepEqual(await open({ storage: word, marketing: word }), refused, JSON.stringify(word));
    if (typeof word != "object") assert.equal((await open(undefined, (visit) => visit.consent(word))).storage, false);
  }
  for (const word of [true, "granted", "true"]) {
    assert.deepEqual(await open(undefined, (visit) => visit.consent({ storage: word, marketing: word })), { storage: true, marketing: true });
    assert.deepEqual(await open(undefined, (visit) => visit.consent(word)), { storage: true, marketing: true });
  }
  assert.deepEqual(await open(() => true), { storage: true, marketing: true });
  assert.deepEqual(await open(() => false), { storage: false, marketing: false });
  for (const unknown of [null, undefined, "Granted", "yes"]) assert.equal((await open(unknown)).storage, null);
  assert.deepEqual(await open("granted", (visit) => visit.consent({ storage: null, marketing: null })), { storage: null, marketing: null });
});

test("a visitor whose choice is refused now loses the cookies of before", async () => {
  const recorder = endpoint();
  let choice = "granted";
  const visitor = browser(init(options(recorder, { consent: () => choice })));
  const { anonymousId } = (await visitor.open(kAd)).visit;
  choice = "denied";
  await visitor.open("https://shop.example/");
  assert.deepEqual([...visitor.jar], []);
  const told = recorder.requests.filter(({ path }) => path == "/api/consent");
  assert.deepEqual(told.map(({ body }) => [body.consent, body.anonymous_id, body.token]), [[{ s: 0, m: 0 }, anonymousId, "v1.k.token"]]);
});

test("accepted at the banner: the page that it stood on is viewed, with its campaign", async () => {
  const recorder = endpoint();
  const server = init(options(recorder));
  const visit = await server.visit(new Request("https://shop.example/consent", { method: "POST", headers: { referer: kAd } }));
  visit.consent({ storage: true, marketing: true });
  await visit.sent;
  const [event] = recorder.events();
  assert.deepEqual([event.n, event.why, event.touch.source, event.ev.r], ["page_view", "first", "google", undefined]);
  assert.equal(visit.anonymousId, event.aid);
  assert.deepEqual(recorder.requests.map(({ path }) => path), ["/api/events", "/api/consent"]);
  assert.equal(recorder.requests[1].body.token, "v1.k.token");
});

test("events and checkouts of a call are about the page that made it", async () => {
  const recorder = endpoint();
  const server = init(options(recorder, { consent: "granted" }));
  const visitor = browser(server);
  const page = (await visitor.open(kAd)).visit;
  const cookie = [...visitor.jar].map((pair) => pair.join("=")).join("; ");
  const visit = await server.visit(new Request("https://shop.example/api/pay", { method: "POST", headers: { cookie, referer: kAd } }));
  const id = visit.track("plan_chosen", { plan: "pro" });
  const checkout = visit.checkoutStarted({ productId: "film", price: 25, url: "https://buy.stripe.com/a" });
  await visit.sent;

  const [, chosen, started] = recorder.events();
  assert.deepEqual([chosen.id, chosen.p, chosen.ev.u], [id, { plan: "pro" }, kAd.replace("&secret=1", "")]);
  assert.deepEqual([started.n, started.p], ["checkout_started", { product_id: "film", price: 25 }]);
  assert.match(checkout.clientReferenceId, new RegExp(`^tl1_${page.anonymousId}_${page.sessionId}_`));
  assert.equal(checkout.url, "https://buy.stripe.com/a?client_reference_id=" + checkout.clientReferenceId);
});

test("only pages that somebody opens are viewed", async () => {
  const recorder = endpoint();
  const server = init(options(recorder, { consent: "granted" }));
  for (const headers of [{ "sec-fetch-dest": "image" }, { accept: "application/json" }, { "sec-fetch-dest": "document", "sec-purpose": "prefetch;prerender" }, { accept: "text/html", purpose: "prefetch" }])
    await server.visit(new Request(kAd, { headers }));
  await server.visit(new Request(kAd, { method: "POST", headers: { "sec-fetch-dest": "document" } }));
  assert.deepEqual(recorder.requests, []);
  await server.visit(new Request(kAd, { headers: { accept: "text/html,*/*" } }));
  assert.equal(recorder.requests.length, 1);
});

const kGoogle = { referer: "https://www.google.com/" };
const sendTo = (to) => () => new Response(null, { status: 302, headers: { location: to } });

test("a redirect that drops the campaign leaves one arrival", async () => {
  const recorder = endpoint();
  const visitor = browser(init(options(recorder, { consent: "granted" })));
  const { visit, set } = await visitor.open(kAd, kGoogle, sendTo("/en"));
  assert.match(set.find((cookie) => cookie.startsWith("tl_rd.demo=")), /^tl_rd\.demo=%2Fen; Path=\/; Max-Age=30; .*HttpOnly$/);
  await visitor.open("https://shop.example/en", kGoogle, sendTo("/en/start?x=1"));
  const last = await visitor.open("https://shop.example/en/start?x=1", kGoogle);

  assert.deepEqual(recorder.events().map(({ sid }) => sid), [visit.sessionId, visit.sessionId, visit.sessionId]);
  assert.deepEqual(recorder.events().map(({ touch }) => touch?.gclid), ["Abc-123", undefined, undefined]);
  assert.deepEqual(recorder.events().map(({ touch }) => !!touch), [true, false, false]);
  assert.equal(last.visit.sessionId, visit.sessionId);
  assert.deepEqual([...visitor.jar.keys()], ["tl.demo", "tl_tok.demo"]);
});

test("a redirect that adds the campaign leaves one arrival, with the campaign and who led to it", async () => {
  const kGo = "https://shop.example/go/spring", kTagged = "/landing?utm_source=letter&utm_campaign=spring";
  for (const isKnown of [false, true]) {
    const recorder = endpoint();
    const visitor = browser(init(options(recorder, { consent: "granted" })));
    const before = isKnown ? (await visitor.open("https://shop.example/", {})).visit.sessionId : null;
    const { set } = await visitor.open(kGo, kGoogle, sendTo(kTagged));
    assert.deepEqual(set, []);
    const { visit } = await visitor.open(`https://shop.example${kTagged}`, kGoogle);

    const events = recorder.events().slice(isKnown ? 1 : 0);
    assert.deepEqual(events.map(({ n, touch, ev }) => [n, touch?.source, touch?.campaign, ev.r]), [["page_view", "letter", "spring", "https://www.google.com/"]]);
    assert.equal(events[0].why, isKnown ? "campaign" : "first");
    assert.notEqual(visit.sessionId, before);
    assert.deepEqual([...visitor.jar.keys()].sort(), ["tl.demo", "tl_tok.demo"]);
  }
});

test("a redirect takes no arrival away that brought a campaign, recorded more, or leads to a plain page", async () => {
  for (const [from, page, expected] of [
    [kAd, sendTo("/landing?utm_source=letter"), ["page_view", "page_view"]],
    ["https://shop.example/go", (visit) => (visit.track("link_followed"), sendTo("/landing?utm_source=letter")()), ["page_view", "link_followed", "page_view"]],
    ["https://shop.example/go", sendTo("/landing?page=2"), ["page_view", "page_view"]],
    ["https://shop.example/go", sendTo("https://other.example/?utm_source=letter"), ["page_view", "page_view"]],
  ]) {
    const recorder = endpoint();
    const visitor = browser(init(options(recorder, { consent: "granted" })));
    await visitor.open(from, kGoogle, page);
    await visitor.open("https://shop.example/landing", kGoogle);
    assert.deepEqual(recorder.events().map(({ n }) => n), expected);
  }
});

test("a page that fails is still viewed", async () => {
  const recorder = endpoint();
  const server = init(options(recorder, { consent: "granted" }));
  const request = new Request(kAd, { headers: { "sec-fetch-dest": "document" } });
  let sent;
  await assert.rejects(server.middleware(request, () => Promise.reject(new Error("no page")), (promise) => (sent = promise)));
  await sent;
  assert.deepEqual(recorder.events().map(({ n }) => n), ["page_view"]);
});

test("a redirect hides no later arrival: at another page, with a campaign, or after the next one", async () => {
  const recorder = endpoint();
  const visitor = browser(init(options(recorder, { consent: "granted" })));
  await visitor.open(kAd, kGoogle, sendTo("/en"));
  await visitor.open("https://shop.example/other", kGoogle);
  await visitor.open("https://shop.example/en", { referer: "https://duckduckgo.com/" });
  await visitor.open(kAd, kGoogle, sendTo("/en"));
  await visitor.open("https://shop.example/en?utm_source=letter", kGoogle);
  assert.deepEqual(recorder.events().map(({ touch }) => touch?.source ?? touch?.ref),
    ["google", "www.google.com", "duckduckgo.com", "google", "letter"]);
});

test("a redirect leaves no cookie without consent, nor to another site", async () => {
  for (const [consent, to] of [["denied", "/en"], [null, "/en"], ["granted", "https://other.example/"], ["granted", "https://%/"]]) {
    const { set } = await browser(init(options(endpoint(), { consent }))).open(kAd, kGoogle, sendTo(to));
    assert.ok(!set.some((cookie) => cookie.startsWith("tl_rd.demo")), `${consent} ${to}`);
  }
});

test("Node's http tells redirects by the head, however it is written", async () => {
  const server = init(options(endpoint(), { consent: "granted" }));
  const ways = [
    (response) => response.writeHead(302, { Location: "/en" }),
    (response) => response.writeHead(302, "Found", ["location", "/en"]),
    (response) => ((response.statusCode = 302), response.setHeader("location", "/en")),
    (response) => response.setHeader("location", "/en"),
  ];
  const shop = createServer((request, response) =>
    server.node(request, response, () => {
      try {
        ways[+request.headers["x-way"]](response);
      } finally {
        response.end();
      }
    }));
  await new Promise((done) => shop.listen(0, "127.0.0.1", done));
  const told = await Promise.all(ways.map(async (_, way) => {
    const answer = await fetch(`http://127.0.0.1:${shop.address().port}/`, { redirect: "manual", headers: { accept: "text/html", "x-way": way } });
    return answer.headers.getSetCookie().some((cookie) => cookie.startsWith("tl_rd.demo=%2Fen;"));
  }));
  shop.closeAllConnections();
  shop.close();
  assert.deepEqual(told, [true, true, true, false]);
});

test("reset() makes the next request a new visitor's", async () => {
  const recorder = endpoint();
  const visitor = browser(init(options(recorder, { consent: "granted" })));
  const { visit } = await visitor.open(kAd);
  const { anonymousId } = visit;
  visit.reset();
  visitor.keep(visit.cookies.length ? visit.cookies : ["tl.demo=", "tl_tok.demo="]);
  const again = await visitor.open("https://shop.example/");
  assert.notEqual(again.visit.anonymousId, anonymousId);
});

test("a server that cannot be reached holds no page up and is tried again", async () => {
  const recorder = endpoint();
  let failures = 2;
  recorder.answer = () => (failures-- > 0 ? new Response("", { status: 503 }) : Response.json({ token: "late" }, { status: 202 }));
  const server = init(options(recorder, { consent: "granted", wait: 50 }));
  const started = performance.now();
  const visit = await server.visit(new Request(kAd, { headers: { accept: "text/html" } }));
  assert.ok(performance.now() - started < 400);
  assert.match(visit.cookies.join(), /^tl\.demo=.*tl_pf\.demo=[0-9a-f]{32};/);
  await visit.sent;
  assert.equal(recorder.requests.length, 3);
  assert.equal(new Set(recorder.events().map(({ id }) => id)).size, 1);
  assert.match(visit.cookies.join(), /tl_tok\.demo=late/);
});

test("wrong options are no exception", async () => {
  for (const wrong of [{}, { endpoint: "no address" }, { site: "demo", key: "k", endpoint: "https://t.shop.example", origin: "%", fetch: () => { throw new Error("network"); } }]) {
    const server = init({ consent: "granted", wait: 10, ...wrong });
    const answer = await server.middleware(new Request(kAd, { headers: { accept: "text/html", cookie: "tl_consent.demo=%; tl.demo=nonsense; tl_pf.demo=zz" } }), () => new Response("page"));
    assert.equal(await answer.text(), "page");
  }
});

test("a shared page is not cached with a visitor's cookies", async () => {
  const server = init(options(endpoint(), { consent: "granted" }));
  const request = () => new Request(kAd, { headers: { accept: "text/html" } });
  const shared = await server.middleware(request(), () => new Response("", { headers: { "cache-control": "public, s-maxage=60" } }));
  assert.equal(shared.headers.get("cache-control"), "private, no-cache");
  const fixed = await server.middleware(request(), () => Response.redirect("https://shop.example/en"));
  assert.deepEqual([fixed.status, fixed.headers.getSetCookie().length], [302, 3]);
});

test("who waits in Node's http for what was sent does not wait for ever, and has the token", async () => {
  const server = init(options(endpoint(), { consent: "granted" }));
  const shop = createServer((request, response) =>
    server.node(request, response, async () => {
      await request.throughline.sent;
      response.end("page");
    }));
  await new Promise((done) => shop.listen(0, "127.0.0.1", done));
  const answer = await fetch(`http://127.0.0.1:${shop.address().port}/`, { headers: { accept: "text/html" } });
  shop.closeAllConnections();
  shop.close();
  assert.deepEqual(answer.headers.getSetCookie().map((cookie) => cookie.split("=")[0]), ["tl.demo", "tl_tok.demo"]);
});

test("in Node's http the cookies go with the head, and the visit is on the request", async () => {
  const recorder = endpoint();
  const server = init(options(recorder, { consent: "granted", origin: "https://shop.example", readable: true, cookieDomain: "shop.example" }));
  let seen;
  const shop = createServer((request, response) =>
    server.node(request, response, () => {
      seen = request.throughline.sessionId;
      response.setHeader("set-cookie", "own=1");
      response.end("page");
    }));
  await new Promise((done) => shop.listen(0, "127.0.0.1", done));
  const open = (headers) => fetch(`http://127.0.0.1:${shop.address().port}/landing?utm_source=letter`, { headers: { accept: "text/html", "x-forwarded-for": "203.0.113.7", ...headers } });
  const answer = await open();
  const cookie = answer.headers.getSetCookie().map((set) => set.split(";")[0]).join("; ");
  const next = await open({ cookie });
  shop.closeAllConnections();
  shop.close();

  assert.equal(await answer.text(), "page");
  const set = answer.headers.getSetCookie();
  assert.deepEqual(set.map((cookie) => cookie.split("=")[0]), ["own", "tl.demo", "tl_pf.demo"]);
  assert.ok(next.headers.getSetCookie().some((set) => set.startsWith("tl_tok.demo=")), "the token comes with the second answer");
  assert.match(set[1], /; Domain=shop.example; Secure$/); // for the page's script
  assert.match(set[2], /; HttpOnly$/);
  assert.equal(recorder.requests[0].headers["x-forwarded-for"], "203.0.113.7, 127.0.0.1");
  assert.deepEqual([recorder.events()[0].ev.u, recorder.events()[0].sid], ["https://shop.example/landing?utm_source=letter", seen]);
});

test("where WebAssembly is blocked the core runs as JavaScript", async () => {
  const recorder = endpoint();
  const { init } = await edgeWorld(`${folder}/web/dist/server.mjs`);
  const { visit } = await browser(init(options(recorder, { consent: "granted" }))).open(kAd);
  const [{ body }] = recorder.requests;
  assert.deepEqual([body.rv, body.e[0].sid, body.e[0].ev.u], [1, visit.sessionId, kAd.replace("&secret=1", "")]);
  assert.match(visit.sessionId, kUuid7);
});

test("where no core runs at all the server decides, from reduced URLs", async () => {
  const recorder = endpoint();
  const aid = "01900000-0000-7000-8000-000000000001";
  const sid = "01900000-0000-7000-8000-000000000002";
  recorder.answer = () => Response.json({ token: "t", anonymous_id: aid, session_id: sid }, { status: 202 });
  const { init } = await edgeWorld(`${folder}/web/dist/server.mjs`, "javascript-core");
  const { visit } = await browser(init(options(recorder, { consent: "granted" }))).open(kAd);
  const [{ body }] = recorder.requests;
  assert.deepEqual([body.rv, body.e[0].id, body.e[0].ev.u], [0, undefined, kAd.replace("&secret=1", "")]);
  assert.deepEqual([visit.anonymousId, visit.sessionId], [aid, sid]);
});

for (const file of ["server.edge.mjs", "server.worker.mjs"])
  test(`${file} decides at the edge with a module compiled beforehand`, async () => {
    const recorder = endpoint();
    const { init } = await edgeWorld(`${folder}/web/dist/${file}`);
    const { visit } = await browser(init(options(recorder, { consent: "granted" }))).open(kAd);
    assert.equal(recorder.requests[0].body.rv, 1);
    assert.match(visit.sessionId, kUuid7);
  });
