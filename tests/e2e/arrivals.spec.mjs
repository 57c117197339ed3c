// SPDX-License-Identifier: Apache-2.0
// How visitors arrive and come back: touches, sessions, tabs, reloads; told by the browser's getters and
// by what the server stored after replaying every decision.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./report_client.mjs";
import { openStage } from "./opened_stage.mjs";
import { AD, newVisitor, newVisitorOfAd } from "./visitor.mjs";

const { stage, browser } = await openStage();

const stored = (id, check = () => true) => until(async () => {
  const session = await stage.reports.session(id).catch(() => null);
  return session && check(session) && session;
}, `session ${id}`);

test("a first visit from an ad is one session with one touch, told alike by page and server", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  const { anonymousId, sessionId } = await visitor.ids();
  await visitor.flush();
  const told = await visitor.call("getAttribution");

  const session = await stored(sessionId);

  assert.equal(session.anonymous_id, anonymousId);
  assert.equal(session.touches.length, 1);
  const [touch] = session.touches;
  assert.equal(touch.channel, "paid_search");
  assert.equal(touch.source, "google");
  assert.equal(touch.medium, "cpc");
  assert.equal(touch.campaign, "spring-premiere");
  assert.equal(touch.click_ids.gclid, "Cj0KCQiA-demo");
  assert.equal(told.first.channel, "paid_search");
  assert.ok(session.events.length > 0 && session.events.every(({ verdict }) => ["verified", "bootstrap"].includes(verdict)), JSON.stringify(session.events));
  await visitor.close();
});

test("a later visit from another campaign keeps the first touch and gets a new last one", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  const first = await visitor.ids();
  await visitor.open("/?utm_source=newsletter&utm_medium=email&utm_campaign=winter-letter");
  const second = await visitor.ids();
  const { first: firstTouch, last: lastTouch } = await visitor.call("getAttribution");
  await visitor.flush();

  assert.equal(second.anonymousId, first.anonymousId);
  assert.notEqual(second.sessionId, first.sessionId);
  assert.equal(firstTouch.campaign, "spring-premiere");
  assert.equal(lastTouch.campaign, "winter-letter");
  const session = await stored(second.sessionId);
  assert.equal(session.anonymous_id, first.anonymousId);
  assert.equal(session.touches[0].channel, "email");
  await visitor.close();
});

test("a search engine's referrer is an organic touch, a direct visit a direct one", async () => {
  const searching = await newVisitor(browser, stage);
  await searching.page.route("https://www.google.com/**", (route) => route.fulfill({ contentType: "text/html", headers: { "referrer-policy": "unsafe-url" }, body: `<a id="go" href="${stage.site}/">The Long Light</a>` }));
  await searching.page.goto("https://www.google.com/search");
  await Promise.all([searching.page.waitForURL(`${stage.site}/`), searching.page.click("#go")]);
  await searching.page.waitForSelector("[data-consent-accept]");
  await searching.accept();
  await searching.flush();
  const direct = await newVisitor(browser, stage);
  await direct.open("/");
  await direct.accept();
  await direct.flush();

  const [fromSearch, fromNowhere] = [await stored((await searching.ids()).sessionId), await stored((await direct.ids()).sessionId)];

  assert.equal(fromSearch.touches[0].channel, "organic_search");
  assert.match(fromSearch.touches[0].referrer_domain, /(^|\.)google\.com$/);
  assert.equal(fromNowhere.touches[0].channel, "direct");
  await searching.close();
  await direct.close();
});

test("two tabs share a session, and no event of either is lost", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  const tab = await visitor.openTab("/watch/");
  const [mine, theirs] = [await visitor.ids(), await tab.ids()];
  await Promise.all([visitor.call("track", "tab_word", { tab: 1 }), tab.call("track", "tab_word", { tab: 2 })]);
  await Promise.all([visitor.flush(), tab.flush()]);

  assert.deepEqual(theirs, mine);
  const words = (session) => session.events.filter((event) => event.name === "tab_word");
  const session = await stored(mine.sessionId, (s) => words(s).length === 2);
  assert.deepEqual(words(session).map((event) => event.props.tab).sort(), [1, 2]);
  assert.equal(session.events.filter((event) => event.name === "page_view").length, 2);
  assert.equal(session.touches.length, 1);
  await visitor.close();
});

test("reload, back and forward make no touch and no session", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  const before = await visitor.ids();
  await visitor.reload();
  await visitor.open("/watch/");
  await visitor.page.goBack({ waitUntil: "load" });
  await visitor.page.waitForFunction(() => typeof window.Throughline?.getSessionId === "function");
  const after = await visitor.ids();
  await visitor.flush();

  assert.deepEqual(after, before);
  const session = await stored(before.sessionId, (s) => s.events.filter((event) => event.name === "page_view").length >= 4);
  assert.equal(session.touches.length, 1);
  await visitor.close();
});

test("a batch that is sent again is a duplicate, and is counted once everywhere", async () => {
  const visitor = await newVisitorOfAd(browser, stage);
  const { sessionId } = await visitor.ids();
  await visitor.flush();
  await stored(sessionId);
  const batch = visitor.sent.find((request) => request.path === "/api/events");

  const again = await fetch(`${stage.server}/api/events`, { method: "POST", headers: { "content-type": "text/plain", origin: stage.site }, body: batch.body });
  const answer = await again.json();

  assert.equal(again.status, 202);
  assert.equal(answer.accepted, 0);
  assert.equal(answer.duplicate, JSON.parse(batch.body).e.length);
  const session = await stage.reports.session(sessionId);
  assert.equal(session.events.filter((event) => event.name === "page_view").length, 1);
  await visitor.close();
});

test("the film tells its start and its quarters once", async () => {
  const visitor = await newVisitor(browser, stage);
  await visitor.open(`/watch/${AD}`);
  await visitor.accept();
  const { sessionId } = await visitor.ids();
  await visitor.watchFilm();
  await visitor.watchFilm();
  await visitor.flush();

  const film = (s) => s.events.filter((event) => ["content_view", "video_progress"].includes(event.name));
  const session = await stored(sessionId, (s) => film(s).length >= 5);
  assert.deepEqual(film(session).sort((a, b) => a.t - b.t).map((event) => event.props.percent ?? 0), [0, 25, 50, 75, 95]);
  await visitor.close();
});
