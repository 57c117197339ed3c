// SPDX-License-Identifier: Apache-2.0
// The loader without a browser: consent gate, held events, state line, batches, queue, URL reduction.
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadLoader, settled } from "./loader.mjs";

const options = { site: "demo", key: "wk_demo", endpoint: "https://t.shop.example/" };
const started = async (more = {}, how = {}) => {
  const loader = await loadLoader(how);
  loader.api.init({ ...options, consent: "granted", ...more });
  await new Promise((done) => loader.api.on("ready", done));
  await settled();
  return loader;
};
const stored = ({ page }, key) => page.storage.getItem(key);

test("before init every call is empty and nothing is read or written", async () => {
  const { api, page } = await loadLoader();
  assert.deepEqual([api.getSessionId(), api.getAnonymousId(), api.track("x"), api.page()], [null, null, null, null]);
  assert.deepEqual(api.getAttribution(), { first: null, last: null });
  assert.deepEqual(api.checkoutStarted({ url: "https://a.example" }), { url: "https://a.example", metadata: {}, clientReferenceId: null });
  await api.flush();
  assert.deepEqual([page.sent.length, page.storage.items.size], [0, 0]);
});

test("an opt-out of sale ends marketing, whatever was chosen", async () => {
  const { api, known, permitsStorage, permitsMarketing } = await started({ consent: "manual" });
  assert.deepEqual([permitsStorage(), permitsMarketing()], [false, false]);
  api.consent({ storage: true, marketing: true });
  assert.deepEqual([permitsStorage(), permitsMarketing()], [true, true]);
  known.o = 1;
  assert.deepEqual([permitsStorage(), permitsMarketing()], [true, false]);
});

test("an opt-out site works at once and reports that nothing was chosen", async () => {
  const { api, page } = await started({ consent: "manual", consentDefault: "granted" });
  assert.ok(api.getSessionId());
  assert.deepEqual(page.sent[0].e[0].c, {});
  assert.deepEqual(api.consent(), { storage: null, marketing: null });
});

test("marketing without storage counts as denied", async () => {
  const { api, permitsMarketing } = await started({ consent: "manual" });
  api.consent({ storage: false, marketing: true });
  assert.equal(permitsMarketing(), false);
  assert.deepEqual(api.consent(), { storage: false, marketing: false });
});

test("at most fifty events wait for consent; the oldest are kept", async () => {
  const { api, page } = await started({ consent: "manual" });
  for (let i = 0; i < 80; i++) api.track("held", { i });
  api.consent({ storage: true, marketing: true });
  await settled();
  const events = page.sent.flatMap(({ e }) => e ?? []);
  assert.equal(events.length, 50);
  assert.deepEqual([events[0].n, events[49].p.i], ["page_view", 48]);
});

test("a consent platform that first says unknown costs a returning visitor nothing", async () => {
  const first = await started();
  const [id, session] = [first.api.getAnonymousId(), first.api.getSessionId()];
  const again = await started({ consent: "manual" }, { storage: first.page.storage });
  again.api.consent({ storage: null, marketing: null });
  assert.equal(again.api.getAnonymousId(), null);
  again.api.consent({ storage: true, marketing: true });
  assert.deepEqual([again.api.getAnonymousId(), again.api.getSessionId()], [id, session]);
});

test("a grant is reported once, not at every load", async () => {
  const reply = (_, path) => [202, path == "/api/events" ? { token: "t" } : {}];
  const first = await started({ consent: "manual" }, { reply });
  first.api.consent({ storage: true, marketing: true });
  await settled();
  const again = await started({ consent: "manual" }, { reply, storage: first.page.storage });
  again.api.consent({ storage: true, marketing: true });
  await settled();
  const receipts = ({ page }) => page.sent.filter(({ platform }) => platform).length;
  assert.deepEqual([receipts(first), receipts(again)], [1, 0]);
});

test("a partial refusal survives the load as well, and only tightens", async () => {
  const first = await started();
  first.api.consent({ storage: true, marketing: false });
  assert.equal(stored(first, "tl_consent.demo"), '{"s":1,"m":0}');
  const again = await started({}, { storage: first.page.storage });
  assert.deepEqual(again.api.consent(), { storage: true, marketing: false });
  again.api.consent({ marketing: true });
  assert.equal(stored(again, "tl_consent.demo"), null);
});

for (const [line, queue] of [
  ["", "5"], ["garbage", '{"not":"a list"}'], ["....", "[1,null]"], ["a.b.c.d.e", '["x","1y{}"]'], ["null", "{broken"], ["0.0.0.0.0.0", "null"],
])
  test(`a stored state of ${JSON.stringify(line)} begins anew`, async () => {
    const { storage } = (await loadLoader()).page;
    storage.setItem("tl.demo", line);
    storage.setItem("tl_at.demo", queue);
    storage.setItem("tl_q.demo", queue);
    const { api, page } = await started({}, { storage });
    assert.match(api.getSessionId(), /^[0-9a-f-]{36}$/);
    assert.equal(page.sent[0].e[0].why, "first");
    assert.equal(storage.getItem("tl.demo").split(".").length, 6);
  });

test("the running session's fresher line wins over the cookie, another session's later one over storage", async () => {
  const { readState, page } = await started();
  const line = stored({ page }, "tl.demo");
  const [aid, sid, start, last, index] = line.split(".");
  const cookie = (id, time) => (document.cookie = `x=1; tl.demo=${[aid, id, start, time, index].join(".")}`);
  cookie(sid, +last + 5000);
  assert.equal(readState(), line);
  cookie("01a00000-0000-7000-8000-00000000000a", +last - 5000);
  assert.equal(readState(), line);
  cookie("01a00000-0000-7000-8000-00000000000a", +last + 5000);
  assert.notEqual(readState(), line);
});

test("a readable cookie of the former name, or of a site with a like name, is nobody's here", async () => {
  const running = (id) => `01a00000-0000-4000-8000-00000000000${id}.01a00000-0000-7000-8000-00000000000${id}.${Date.now() - 9e4}.${Date.now() - 6e4}.1`;
  const loader = await loadLoader();
  document.cookie = `tl=${running(1)}; tl_demo=${running(2)}; tl.demo2=${running(3)}`;
  loader.api.init({ ...options, consent: "granted" });
  await settled();
  assert.equal(loader.page.sent[0].e[0].why, "first");
  const known = await loadLoader();
  document.cookie = `tl=${running(1)}; tl_demo=${running(2)}; tl.demo=${running(4)}`;
  known.api.init({ ...options, consent: "granted" });
  assert.equal(known.api.getAnonymousId(), running(4).slice(0, 36));
});

for (const [whose, s, moves] of [["this site's", "demo", true], ["a version's that named no site", undefined, true], ["another site's", "other", false]])
  test(`what was kept under names without the site, ${whose}, ${moves ? "moves" : "stays where it is"}`, async () => {
    const { storage } = (await loadLoader()).page;
    const state = `01a00000-0000-4000-8000-000000000001.01a00000-0000-7000-8000-00000000000a.${Date.now() - 9e4}.${Date.now() - 6e4}.1`;
    const former = { tl: state, tl_at: JSON.stringify({ s, f: { t: 1, source: "first" } }), tl_tok: "theirs", tl_q: JSON.stringify(['1{"n":"unsent","ev":{"u":"https://shop.example/"}}']), tl_consent: '{"s":1,"m":0}' };
    for (const [key, value] of Object.entries(former)) storage.setItem(key, value);
    const { api, page } = await started({ endpoint: "https://t.other.example" }, { storage });
    assert.equal(state.startsWith(api.getAnonymousId()), moves);
    assert.equal(api.getAttribution().first?.source === "first", moves);
    assert.equal(api.consent().marketing, !moves);
    await api.flush();
    assert.equal(page.sent.some(({ e }) => e.some(({ n }) => n == "unsent")), moves);
    assert.equal(stored({ page }, "tl_tok.demo"), moves ? "theirs" : null);
    for (const [key, value] of Object.entries(former)) assert.equal(storage.getItem(key), moves ? null : value);
    api.reset();
    for (const [key, value] of Object.entries(former)) assert.equal(storage.getItem(key), moves ? null : value);
  });

test("of two tabs that start a session at once, the smaller id wins", async () => {
  const { api, reconcile, page } = await started();
  const mine = stored({ page }, "tl.demo");
  const [aid, , ...rest] = mine.split(".");
  const larger = [aid, "ffffffff-ffff-7fff-8fff-ffffffffffff", ...rest].join(".");
  page.storage.setItem("tl.demo", larger);
  reconcile();
  assert.equal(stored({ page }, "tl.demo"), mine);
  const write = page.storage.setItem;
  const smaller = [aid, "00000000-0001-7000-8000-000000000000", ...rest].join(".");
  page.storage.setItem = (key, value) => write(key, key == "tl.demo" ? smaller : value); // the other tab is later
  api.track("x");
  assert.equal(api.getSessionId(), "00000000-0001-7000-8000-000000000000");
});

test("full storage leaves a working page in memory", async () => {
  const { storage } = (await loadLoader()).page;
  storage.isFull = true;
  const { api, page } = await started({}, { storage });
  api.track("x");
  await api.flush();
  assert.equal(new Set(page.sent.flatMap(({ e }) => e).map(({ sid }) => sid)).size, 1);
});

test("the first event leaves alone and at once, later ones together", async (context) => {
  const { api, page } = await started();
  assert.equal(page.sent.length, 1);
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const begun = page.sent.length;
  for (const name of ["a", "b", "c"]) api.track(name);
  assert.equal(page.sent.length, begun);
  context.mock.timers.tick(1000);
  await new Promise(setImmediate);
  assert.deepEqual(page.sent.at(-1).e.map(({ n }) => n), ["a", "b", "c"]);
});

for (const [what, path, act] of [
  ["a refusal that is taken back", "/api/consent", (api) => {
    api.consent({ storage: false });
    api.consent({ storage: true, marketing: true });
  }],
  ["an identification", "/api/identify", (api) => {
    api.consent({ storage: true, marketing: true });
    api.identify({ email: "a@b.example" });
  }],
])
  test(`events that happen while the server considers ${what} leave after it, without another call`, async () => {
    let answer;
    const reply = (_, asked) => {
      const told = [202, { token: "t" }];
      return asked == path && !answer ? new Promise((done) => (answer = () => done(told))) : told;
    };
    const { api, page } = await started({ consent: "manual", anonymousPings: "off" }, { reply });
    act(api);
    await settled();
    api.track("meanwhile");
    void api.flush(); // as the timer does, a second after the event
    answer();
    await settled();
    assert.deepEqual(page.sent.flatMap(({ e }) => e ?? []).map(({ n }) => n), ["page_view", "meanwhile"]);
  });

test("an identification leaves between the events of a page that never stops telling them", async () => {
  const { api, page } = await started({}, { reply: () => [202, { token: "t" }] });
  const count = () => page.sent.flatMap(({ e }) => e ?? []).length;
  page.reply = ({ e }) => {
    if (e && count() < 10) api.track("busy");
    return [202, { token: "t" }];
  };
  api.track("busy");
  api.identify({ email: "a@b.example" });
  await settled();
  assert.ok(page.sent.slice(0, 4).some(({ email }) => email), "after the batch that was under way");
});

for (const [status, stays] of [[202, 0], [400, 0], [401, 0], [413, 0], [408, 1], [429, 1], [500, 1], [503, 1]])
  test(`status ${status} ${stays ? "keeps" : "drops"} the batch`, async () => {
    const loader = await started({}, { reply: () => [status, {}] });
    assert.equal(JSON.parse(stored(loader, "tl_q.demo") ?? "[]").length, stays);
  });

test("the kept queue is capped, keeps the landing and is shared with other tabs", async () => {
  const reply = () => {
    throw new Error("offline");
  };
  const loader = await started({}, { reply });
  const other = '1{"n":"other_tab"}';
  loader.page.storage.setItem("tl_q.demo", JSON.stringify([other]));
  for (let i = 0; i < 300; i++) loader.api.track("many", { text: "x".repeat(2000) });
  await loader.api.flush();
  const kept = stored(loader, "tl_q.demo");
  const names = JSON.parse(kept).map((item) => JSON.parse(item.slice(1)).n);
  assert.ok(names.length <= 200 && kept.length <= 256 * 1024);
  assert.deepEqual(names.slice(0, 2), ["other_tab", "page_view"]);
});

test("withdrawal drops what waits; only the withdrawal itself leaves", async () => {
  let isDown = false;
  const reply = () => {
    if (isDown) throw new Error("offline");
    return [202, { token: "t" }];
  };
  const loader = await started({}, { reply });
  isDown = true;
  loader.api.track("unsent");
  await loader.api.flush();
  loader.api.consent({ storage: false });
  await settled();
  isDown = false;
  await loader.api.flush();
  assert.deepEqual([...loader.page.storage.items], [["tl_consent.demo", '{"s":0,"m":0}']]);
  assert.deepEqual(loader.page.sent.slice(1).map(({ consent, token }) => [consent, token]),
    [[{ s: 0, m: 0 }, "t"]]);
});

test("an answer that arrives after withdrawal stores nothing", async () => {
  let answer;
  const loader = await loadLoader();
  loader.api.init({ ...options, consent: "granted" });
  globalThis.fetch = () => new Promise((done) => (answer = done));
  await settled();
  loader.api.consent({ storage: false });
  answer?.(new Response('{"token":"late","anonymous_id":"a","session_id":"s"}', { status: 202 }));
  await settled();
  assert.deepEqual([...loader.page.storage.items.keys()], ["tl_consent.demo"]);
});

for (const address of [
  "https://s.example/",
  "https://u:p@S.example:8443/a?utm_source=x&q=secret&gclid=G#f",
  "https://s.example/u/jana@x.cz/1234567/ok?plan=pro&mc_eid=E&step=2",
  "https://s.example/0f8fad5b-d9cb-469f-a165-70867728950e/abc123def456ghi789jkl/film-20240101/12345",
  "https://s.example/a%40b/deadbeef00/deadbeefdeadbeef/deadbeefdeadbee1?UTM_SOURCE=x&GCLID=y",
  "https://s.example/?utm_campaign=%C4%8Desk%C3%BD+film&_kx=1&ttclid=E.C.P.abc-_&pk_kwd=a%26b&msclkid=",
])
  test(`a page without a core reduces ${address} as the core does`, async () => {
    const more = { keepQuery: "plan step" };
    const decided = await started(more, { url: address });
    const evidence = await started(more, { url: address, blocked: true });
    const sent = ({ page }) => page.sent[0].e[0].ev.u;
    assert.equal(sent(evidence), sent(decided));
    assert.ok(!sent(evidence).includes("secret"));
  });

test("without marketing a page without a core withholds click ids too", async () => {
  const loader = await loadLoader({ blocked: true, url: "https://s.example/?fbclid=F&utm_source=x" });
  loader.api.init({ ...options, consent: "manual" });
  loader.api.consent({ storage: true, marketing: false });
  await new Promise((done) => loader.api.on("ready", done));
  await settled();
  assert.equal(loader.page.sent[0].e[0].ev.u, "https://s.example/?fbclid=*&utm_source=x");
});

for (const blocked of [false, true])
  test(`of an address the first 8,192 characters are read ${blocked ? "without" : "with"} a core`, async () => {
    const url = "https://s.example/?utm_source=early&pad=";
    const edge = url.padEnd(8192 - "&utm_term=last".length, "x") + "&utm_term=last";
    for (const [more, read] of [["", "utm_source=early&utm_term=last"], ["&utm_medium=beyond&gclid=G", "utm_source=early&utm_term=last"]]) {
      const { page } = await started({}, { url: edge + more, blocked });
      assert.equal(page.sent[0].e[0].ev.u, "https://s.example/?" + read);
    }
  });

const choices = ({ page }) => page.sent.filter(({ platform }) => platform);
const line = "01a00000-0000-4000-8000-000000000001.01a00000-0000-7000-8000-00000000000a.1.2.1";
const hear = (key, value) =>
  window.dispatchEvent(Object.assign(new Event("storage"), { key, newValue: JSON.stringify(value) }));

test("a reset deletes the readable cookie, under its former name too, of the host and of every domain above it", async () => {
  const { api } = await started({}, { url: "https://www.shop.example/" });
  const deleted = [];
  Object.defineProperty(document, "cookie", { get: () => "", set: (text) => deleted.push(text) });
  api.reset();
  for (const name of ["tl", "tl.demo"])
    for (const domain of ["", ";domain=.www.shop.example", ";domain=.shop.example"]) assert.ok(deleted.includes(name + "=;max-age=0;path=/" + domain));
  assert.ok(!deleted.some((text) => text.includes("undefined")));
});

test("an endpoint on a subdomain is same-site from the first request on", async () => {
  assert.deepEqual((await started()).page.requests[0], ["https://t.shop.example/api/events", "include"]);
  assert.deepEqual((await started({ endpoint: "https://t.other.example" })).page.requests[0], ["https://t.other.example/api/events", "omit"]);
});

for (const [how, more, refuse] of [
  ["by a call", { consent: "manual" }, (api) => api.consent({ storage: false })],
  ["by the page", { consent: "denied" }, () => {}],
])
  test(`a returning visitor's refusal ${how} reaches the server without an id`, async () => {
    const { storage } = (await loadLoader()).page;
    storage.setItem("tl.demo", line);
    const loader = await started(more, { storage });
    refuse(loader.api);
    await settled();
    assert.deepEqual(choices(loader).map(({ anonymous_id, token, consent }) => [anonymous_id, token, consent.s]), [[null, "", 0]]);
    const [, credentials] = loader.page.requests.find(([address]) => address.endsWith("/api/consent"));
    assert.equal(credentials, "include");
    assert.equal(stored(loader, "tl.demo"), null);
    loader.api.consent({ storage: false });
    await settled();
    assert.equal(choices(loader).length, 1, "and once");
  });

test("a refusal with nothing to take back is silent, unless a same-site cookie may be there", async () => {
  for (const [endpoint, count] of [["https://t.other.example", 0], ["https://t.shop.example", 1]]) {
    const loader = await started({ consent: "manual", endpoint });
    loader.api.consent({ storage: false });
    await settled();
    assert.equal(choices(loader).length, count);
    const again = await started({ consent: "manual", endpoint }, { storage: loader.page.storage });
    again.api.consent({ storage: false });
    await settled();
    assert.equal(choices(again).length, 0);
  }
});

test("an answer from before a refusal stores nothing even after a new grant", async () => {
  const loader = await loadLoader();
  let answer;
  const answering = globalThis.fetch;
  globalThis.fetch = () => new Promise((done) => (answer = done));
  loader.api.init({ ...options, endpoint: "https://t.other.example", consent: "granted", anonymousPings: "off" });
  await settled();
  loader.api.consent({ storage: false });
  loader.api.consent({ storage: true, marketing: true });
  globalThis.fetch = answering;
  answer(new Response('{"token":"late"}', { status: 202 }));
  await settled();
  assert.equal(stored(loader, "tl_tok.demo"), null);
  assert.deepEqual(loader.page.sent.filter(({ tok }) => tok), []);
});

const elsewhere = { endpoint: "https://t.other.example", anonymousPings: "off" };

test("a withdrawal that met no server is told again as it was by later pages until one answers, with what proves it", async () => {
  for (const [more, proof] of [[elsewhere, "t"], [{ anonymousPings: "off" }, ""]]) {
    let isDown = false;
    const reply = () => [isDown ? 503 : 202, { token: "t" }];
    const first = await started(more, { reply });
    isDown = true;
    first.api.consent({ storage: false });
    await settled();
    const { storage } = first.page;
    const [{ t, platform, text_version }] = choices(first);
    const statement = { consent: { s: 0, m: 0 }, platform, text_version, t, token: proof, again: 1 };
    assert.deepEqual([...storage.items.keys()], ["tl_consent.demo"]);
    assert.deepEqual(JSON.parse(storage.getItem("tl_consent.demo")), { s: 0, m: 0, u: statement });

    const second = await started(more, { reply, storage });
    assert.equal(choices(second).length, 1);
    assert.deepEqual(JSON.parse(storage.getItem("tl_consent.demo")).u, statement);
    isDown = false;
    const third = await started(more, { reply, storage });
    const { site, write_key, sent, ...told } = choices(third)[0];
    assert.deepEqual([choices(third).length, told], [1, statement]);
    assert.ok(sent > statement.t); // which tells the server how long it waited
    assert.deepEqual([...storage.items], [["tl_consent.demo", '{"s":0,"m":0}']]);
    const fourth = await started(more, { reply, storage });
    assert.deepEqual(choices(fourth), []);
  }
});

test("a withdrawal that met no server for 30 days stays on the device no longer, nor does what proves it", async () => {
  const reply = () => [503, {}];
  const kDayMs = 864e5;
  for (const [days, tells] of [[29, 1], [31, 0]])
    for (const consent of ["manual", "granted", "denied"]) {
      const first = await started(elsewhere, { reply });
      const u = { consent: { s: 0, m: 0 }, platform: "api", t: Date.now() - days * kDayMs, token: "theirs", again: 1 };
      first.page.storage.items.clear();
      first.page.storage.setItem("tl_consent.demo", JSON.stringify({ s: 0, m: 0, u }));
      const later = await started({ ...elsewhere, consent }, { reply, storage: first.page.storage });
      assert.equal(choices(later).length, tells, `${days} days, ${consent}`);
      assert.deepEqual(JSON.parse(stored(later, "tl_consent.demo")), { s: 0, m: 0, ...(tells && { u }) });
      assert.equal(later.api.getAnonymousId(), null);
    }
});

test("refused before the first answer: the withdrawal waits for it and takes its proof", async () => {
  const loader = await loadLoader();
  let answer;
  const answering = globalThis.fetch;
  globalThis.fetch = () => new Promise((done) => (answer = done));
  loader.api.init({ ...options, ...elsewhere, consent: "granted" });
  await settled();
  loader.api.consent({ storage: false });
  loader.api.consent({ storage: false });
  globalThis.fetch = answering;
  answer(new Response('{"token":"late"}', { status: 202 }));
  await settled();
  assert.deepEqual(choices(loader).map(({ token, consent }) => [token, consent.s]), [["late", 0]]);
  assert.deepEqual([...loader.page.storage.items], [["tl_consent.demo", '{"s":0,"m":0}']]);
});

test("a refusal of marketing takes click ids out of what is kept and what has not left", async () => {
  let isDown = true;
  const reply = () => [isDown ? 503 : 202, { token: "t" }];
  const url = "https://shop.example/?utm_source=x&gclid=G1CK&fbclid=F1CK&plan=pro";
  const first = await started({ keepQuery: "plan" }, { reply, url });
  first.api.track("asked", { about: "G" });
  const [id, session] = [first.api.getAnonymousId(), first.api.getSessionId()];
  const before = JSON.stringify([...first.page.storage.items]);
  first.api.consent({ marketing: false });
  await settled();
  const after = JSON.stringify([...first.page.storage.items]);
  const { last } = first.api.getAttribution();
  assert.deepEqual([last.source, last.gclid], ["x", undefined]);
  first.page.sent.length = 0;
  isDown = false;
  await first.api.flush();
  await settled();
  assert.equal(before.match(/G1CK/g).length, 4, "the events' addresses and touches, and the touches kept");
  assert.ok(!(after + JSON.stringify(first.page.sent)).match(/[GF]1CK/));
  const [view, asked] = first.page.sent.flatMap(({ e }) => e ?? []);
  assert.deepEqual([view.aid, view.sid, view.c, view.ev.u, view.touch], [id, session, { s: 1, m: 0 }, "https://shop.example/?utm_source=x&gclid=*&fbclid=*&plan=pro", { source: "x" }]);
  assert.deepEqual([asked.n, asked.p, asked.ev.u], ["asked", { about: "G" }, view.ev.u]);
});

const kClicked = "https://shop.example/?utm_source=x&gclid=G1CK";
const offline = async () => {
  const page = await started({}, { reply: () => [503, {}], url: kClicked });
  page.api.track("asked");
  await page.api.flush();
  return page;
};
const goesBy = (event) => window.dispatchEvent(Object.assign(new Event(event), { persisted: true }));
const assertMasked = ({ page }) => {
  assert.ok(!JSON.stringify(page.sent).includes("G1CK"));
  const arrived = page.sent.flatMap(({ e }) => e ?? []).filter(({ ev }) => ev?.u.endsWith("gclid=*")).map(({ n }) => n);
  assert.deepEqual(arrived.slice(0, 2), ["page_view", "asked"]);
};

for (const how of ["a call", "an earlier choice"])
  test(`marketing refused by ${how} before the core is there: what an earlier page kept leaves masked`, async () => {
    const { page } = await offline();
    const loader = await loadLoader({ storage: page.storage, blocked: true }); // the core is waited for
    if (how != "a call") page.storage.setItem("tl_consent.demo", '{"s":1,"m":0}');
    loader.api.init({ ...options, consent: how == "a call" ? "manual" : "granted" });
    if (how == "a call") loader.api.consent({ storage: true, marketing: false });
    await settled();
    assertMasked(loader);
  });

test("a page that goes while its events wait for the masking loses none of them", async () => {
  const { api, page } = await offline();
  api.consent({ marketing: false });
  goesBy("pagehide");
  const [choice, ...events] = JSON.parse(page.storage.getItem("tl_q.demo"));
  assert.match(choice, /^\/api\/consent\{.*"m":0/);
  assert.deepEqual(events.map((item) => JSON.parse(item.slice(1)).n).slice(0, 2), ["page_view", "asked"]);
  page.storage.setItem("tl_consent.demo", '{"s":1,"m":0}');
  const next = await started({}, { storage: page.storage, reply: () => [202, { token: "t" }] });
  assertMasked(next);
  assert.equal(stored(next, "tl_q.demo"), null);
});

test("a page that wakes to a refusal of marketing keeps what it could not send", async () => {
  const loader = await offline();
  goesBy("pagehide");
  loader.page.storage.setItem("tl_consent.demo", '{"s":1,"m":0}');
  loader.page.sent.length = 0;
  loader.page.reply = () => [202, {}];
  goesBy("pageshow");
  await settled();
  assertMasked(loader);
});

for (const how of ["without page views", "with a frozen history"])
  test(`a page ${how} wakes too`, async () => {
    const loader = await loadLoader();
    if (how != "without page views") globalThis.history = Object.freeze({ pushState() {} });
    loader.api.init({ ...options, consent: "granted", ...(how == "without page views" && { capture: "" }) });
    await settled();
    loader.api.track("x");
    assert.ok(loader.api.getSessionId());
    loader.page.storage.setItem("tl_consent.demo", '{"s":0,"m":0}');
    goesBy("pageshow");
    assert.equal(loader.api.getSessionId(), null);
  });

test("a reset here or in another tab is told once", async () => {
  const { api } = await started();
  let told = 0;
  api.on("reset", () => told++);
  api.reset();
  assert.equal(told, 1);
  window.dispatchEvent(Object.assign(new Event("storage"), { key: "tl.demo", newValue: null }));
  assert.equal(told, 2);
});

test("identify before consent waits in memory: told after a grant, gone after a refusal", async () => {
  for (const storage of [true, false]) {
    const loader = await started({ consent: "manual" }, { reply: () => [202, { token: "t" }] });
    loader.api.identify({ email: "a@b.example" });
    await settled();
    assert.deepEqual([loader.page.sent, [...loader.page.storage.items]], [[], []]);
    loader.api.consent({ storage, marketing: storage });
    await settled();
    const claims = loader.page.sent.filter(({ email }) => email);
    assert.deepEqual(claims.map(({ anonymous_id, token }) => [anonymous_id, token]), storage ? [[loader.api.getAnonymousId(), "t"]] : []);
  }
});

test("on an opt-out site a refusal of marketing alone survives the load", async () => {
  const more = { consent: "manual", consentDefault: "granted" };
  const first = await started(more);
  first.api.consent({ marketing: false });
  assert.equal(stored(first, "tl_consent.demo"), '{"m":0}');
  const again = await started(more, { storage: first.page.storage });
  assert.deepEqual(again.api.consent(), { storage: null, marketing: false });
  assert.ok(again.api.getSessionId());
});

test("another tab's refusal holds here, as far as it goes, and is not written again", async () => {
  const { api, page } = await started();
  const hearRefusal = (refusal) => { // the device is shared: it is there when this tab hears of it
    page.storage.setItem("tl_consent.demo", JSON.stringify(refusal));
    hear("tl_consent.demo", refusal);
  };
  hearRefusal({ m: 0 });
  assert.deepEqual(api.consent(), { storage: true, marketing: false });
  hearRefusal({ s: 1 });
  assert.deepEqual(api.consent(), { storage: true, marketing: false });
  hearRefusal({ s: 0, m: 0, u: "theirs" });
  assert.deepEqual(api.consent(), { storage: false, marketing: false });
  assert.deepEqual([...page.storage.items], [["tl_consent.demo", '{"s":0,"m":0,"u":"theirs"}']]);
});

test("checkoutStarted takes odd input and URL objects", async () => {
  const { api } = await started();
  for (const odd of [null, undefined, 7, "x", { url: null }, { url: Object.create(null) }])
    assert.equal(api.checkoutStarted(odd).url, "");
  assert.match(api.checkoutStarted({ url: new URL("https://buy.stripe.com/a") }).url, /client_reference_id=tl1_/);
});

test("decorating checkouts reads attributes, survives a bad one and repeats no field", async () => {
  const { api } = await started();
  const element = (tag, attributes) => ({
    fields: [], attributes,
    matches: (name) => name == tag,
    getAttribute: (name) => attributes[name] ?? null,
    setAttribute: (name, value) => (attributes[name] = value),
    querySelectorAll() { return this.fields; },
    append(field) { this.fields.push(Object.assign(field, { parentNode: this })); },
    // what a field named "action" or "method" makes of these
    action: {}, method: {},
  });
  const bad = element("a", { href: "https://[" });
  const link = element("a", { href: "//buy.stripe.com/a" });
  const form = element("form", { action: "https://buy.stripe.com/a" });
  const posted = element("form", { action: "https://buy.stripe.com/a", method: "POST" });
  document.createElement = () => ({});
  const root = { querySelectorAll: () => [bad, link, form, posted] };
  api.decorateCheckout(root);
  api.decorateCheckout(root);
  await settled();
  assert.match(link.attributes.href, /client_reference_id=tl1_/);
  assert.deepEqual(form.fields.map(({ type, name }) => [type, name]), [["hidden", "client_reference_id"]]);
  assert.match(posted.attributes.action, /client_reference_id=tl1_/);
});

test("identify right before the page goes leaves by beacon, once, with its own visitor's token", async () => {
  const loader = await started({}, { reply: () => [202, { token: "t" }] });
  const answering = globalThis.fetch;
  let answer;
  globalThis.fetch = () => new Promise((done) => (answer = done));
  loader.api.track("busy");
  void loader.api.flush();
  loader.api.identify({ email: "a@b.example" });
  const id = loader.api.getAnonymousId();
  loader.api.reset();
  window.dispatchEvent(new Event("pagehide"));
  const claims = loader.page.beacons.filter(({ email }) => email);
  assert.deepEqual(claims.map(({ token, anonymous_id }) => [token, anonymous_id]), [["t", id]]);
  globalThis.fetch = answering;
  answer(new Response("{}", { status: 202 }));
  await settled();
  assert.ok(!loader.page.sent.some(({ email }) => email));
});

test("what waits for a token at a reset is dropped, for the next token is another visitor's", async () => {
  let token;
  const loader = await started({}, { reply: () => [202, { token }] });
  loader.api.identify({ email: "a@b.example" });
  loader.api.reset();
  token = "next";
  await settled();
  loader.api.track("x");
  await loader.api.flush();
  loader.api.track("y");
  await loader.api.flush();
  assert.equal(loader.page.sent.at(-1).tok, "next");
  assert.ok(!loader.page.sent.some(({ email }) => email));
});

test("a withdrawal made while another post is under way is not lost", async () => {
  const loader = await started({ anonymousPings: "off" }, { reply: () => [202, { token: "t" }] });
  const answering = globalThis.fetch;
  let answer;
  globalThis.fetch = () => new Promise((done) => (answer = done));
  loader.api.identify({ email: "a@b.example" });
  loader.api.consent({ storage: false });
  globalThis.fetch = answering;
  answer(new Response("{}", { status: 202 }));
  await settled();
  assert.deepEqual(choices(loader).map(({ token }) => token), ["t"]);
});

for (const [given, expected] of [["/tl", "https://shop.example/tl"], ["https://t.x.example/a/", "https://t.x.example/a"],
  ["https://[bad", "https://shop.example"], ["ftp://x.example", "https://shop.example"]])
  test(`data-endpoint ${given} means ${expected}`, async () =>
    assert.equal((await started({ endpoint: given })).page.requests[0][0], expected + "/api/events"));
